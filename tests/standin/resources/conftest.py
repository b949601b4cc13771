"""The cloud that the tests of the resources start from."""

import pytest
from simulated import guide

from standin.store import Cloud


@pytest.fixture
def azure() -> Cloud:
    """Returns a cloud that contains all resources of the guide."""
    return guide()
