"""Azure's regions: what is near to a name that is not one of them."""

from __future__ import annotations

import pytest

from constructs_lib.azure import regions


@pytest.mark.parametrize(
    ("location", "near"),
    [
        ("weurope", "westeurope"),
        ("West Europ", "westeurope"),
        ("westus", None),
        ("East US 2", None),
        ("usgovvirginia", None),
    ],
)
def test_the_nearest_region_is_named(location: str, near: str | None) -> None:
    """A known one, in either spelling, needs none."""
    assert regions.nearest(location) == near
