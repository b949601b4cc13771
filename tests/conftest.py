"""Fixtures that several test files share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from constructs_lib import fast_bindings
from constructs_lib.settings import Registry

fast_bindings.enable()  # before any test file imports cdktf

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent

GUIDE: Json = {
    "resource_group_name": "aro-mobb-rg",
    "location": "eastus",
    "virtual_network": {"name": "aro-rcarrata-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.8.0/23"},
    "container_registry": {"name": "acr12345"},
}
"""The least that has to be said of a registry, with the guide's values."""


@pytest.fixture(scope="session")
def synthesized() -> Callable[..., Json]:
    """A function from settings of a registry to its stack's JSON."""
    from constructs_lib import PrivateContainerRegistryStack

    def synthesize(**settings: Any) -> Json:
        from cdktf import Testing

        registry = Registry.model_validate({**GUIDE, **settings})
        stack = PrivateContainerRegistryStack(Testing.app(), "stack", registry)
        result: Json = json.loads(Testing.synth(stack, True))
        return result

    return synthesize


@pytest.fixture(scope="session")
def guide(synthesized: Callable[..., Json]) -> Json:
    """The stack of the least settings: every default."""
    return synthesized()


def the(stack: Json, kind: str) -> Json:
    """The attributes of the stack's one resource of a type, without cdktf's metadata."""
    (resource,) = stack["resource"][kind].values()
    return {name: value for name, value in resource.items() if name != "//"}


def reference(stack: Json, kind: str, attribute: str) -> str:
    """What the JSON says to refer to an attribute of the stack's one resource of a type."""
    (name,) = stack["resource"][kind]
    return f"${{{kind}.{name}.{attribute}}}"


def ids(stack: Json) -> list[str]:
    """The address of each of the stack's resources in Terraform's state."""
    return sorted(f"{kind}.{name}" for kind, named in stack["resource"].items() for name in named)
