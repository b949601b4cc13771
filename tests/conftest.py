"""Fixtures that several test files share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from helpers import Json, settings_of

from constructs_lib import fast_bindings

fast_bindings.enable()  # before any test file imports cdktf


@pytest.fixture(scope="session")
def synthesized() -> Callable[..., Json]:
    """A function from settings of a registry to its stack's JSON."""
    from constructs_lib.stack import PrivateContainerRegistryStack

    def synthesize(**settings: Any) -> Json:
        from cdktf import Testing

        stack = PrivateContainerRegistryStack(Testing.app(), "stack", settings_of(**settings))
        result: Json = json.loads(Testing.synth(stack, True))
        return result

    return synthesize


@pytest.fixture(scope="session")
def guide(synthesized: Callable[..., Json]) -> Json:
    """The stack of the least settings: every default."""
    return synthesized()
