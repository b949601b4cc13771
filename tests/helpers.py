"""What several test files share: the project's folder, and how to look into a stack's JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from constructs_lib.schema import FROM_A_FILE
from constructs_lib.settings import Registry, load

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

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"

EXAMPLES = {
    file.stem: load(str(file), {}).settings.registries
    for file in sorted((ROOT / "examples").glob("*.yaml"))
}
"""The registries of each example, by the names of their stacks."""


def settings_of(**settings: Any) -> Registry:
    """The guide's settings and these, as they are read from a file."""
    return Registry.model_validate({**GUIDE, **settings}, context=FROM_A_FILE)


def the(stack: Json, kind: str) -> Json:
    """The attributes of the stack's one resource of a type, without cdktf's metadata."""
    (resource,) = stack["resource"][kind].values()
    return {name: value for name, value in resource.items() if name != "//"}


def reference(stack: Json, kind: str, attribute: str) -> str:
    """What the JSON says to refer to an attribute of the stack's one resource of a type."""
    (name,) = stack["resource"][kind]
    return f"${{{kind}.{name}.{attribute}}}"


def names(stack: Json, kind: str) -> list[str]:
    """What the stack's resources of a type are called in Azure."""
    return sorted(resource["name"] for resource in stack["resource"].get(kind, {}).values())


def ids(stack: Json) -> list[str]:
    """The address of each of the stack's resources in Terraform's state."""
    return sorted(f"{kind}.{name}" for kind, named in stack["resource"].items() for name in named)
