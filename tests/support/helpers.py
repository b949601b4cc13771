"""The project's folder, sample settings, and functions that read a stack's JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.arguments.base import FROM_A_FILE
from constructs_lib.checks.combinations import refusals
from constructs_lib.settings import Registry, SettingsError, SettingsFile, load
from constructs_lib.settings.document import FileProblem

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]

GUIDE: Json = {
    "resource_group_name": "aro-mobb-rg",
    "location": "eastus",
    "virtual_network": {"name": "aro-rcarrata-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.8.0/23"},
    "container_registry": {"name": "acr12345"},
}
"""The required settings of a registry, with the guide's values."""

GOOD = """\
registries:
  acr:
    resource_group_name: rg
    location: eastus
    virtual_network:
      name: vnet
    endpoint_subnet:
      address_prefix: 10.0.8.0/23
    container_registry:
      name: acr12345
"""
"""A settings file without a fault, with a line for each key."""

SUCCESSORS = ("successor/azurerm-4", "successor/azurerm-5")
"""The folders of the environments with cdktf's successor, by the azurerm of their bindings."""

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"

EXAMPLES = {
    file.stem: load(str(file), {}).settings.registries
    for file in sorted((ROOT / "examples").glob("*.yaml"))
}
"""The registries of each example file, by the names of their stacks."""


def settings_of(**settings: Any) -> Registry:
    """The guide's settings with these changes, validated as if they came from a file."""
    return Registry.model_validate({**GUIDE, **settings}, context=FROM_A_FILE)


def refused(**settings: Any) -> list[str]:
    """Each refused key of the guide's settings with changes, such as ``acr.tags > tags``.

    Behind it is the key that it does not go together with, and ``acr`` is ``container_registry``.
    """
    return [
        " > ".join(".".join(key) for key in (each.key, each.other) if key).replace(
            "container_registry.", "acr."
        )
        for each in refusals(settings_of(**settings).request())
    ]


def read(folder: Path, text: str | bytes, **environ: str) -> SettingsFile:
    """What the program loads from a file with this content, with only these variables."""
    file = folder / "registries.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(str(file), environ)


def problems(folder: Path, text: str | bytes, **environ: str) -> list[FileProblem]:
    """The problems that the program reports of such a file."""
    with pytest.raises(SettingsError) as caught:
        read(folder, text, **environ)
    return caught.value.problems


def the(stack: Json, kind: str) -> Json:
    """The attributes of the stack's only resource of a type, without cdktf's metadata."""
    (resource,) = stack["resource"][kind].values()
    return {name: value for name, value in resource.items() if name != "//"}


def reference(stack: Json, kind: str, attribute: str) -> str:
    """The reference to an attribute of the stack's only resource of a type."""
    (name,) = stack["resource"][kind]
    return f"${{{kind}.{name}.{attribute}}}"


def names(stack: Json, kind: str) -> list[str]:
    """The Azure names of the stack's resources of a type."""
    return sorted(resource["name"] for resource in stack["resource"].get(kind, {}).values())


def ids(stack: Json) -> list[str]:
    """The Terraform address of each resource in the stack."""
    return sorted(
        f"{kind}.{name}" for kind, of_type in stack["resource"].items() for name in of_type
    )


def in_order(text: str, *parts: str) -> None:
    """Assert that a text has these parts, in this order."""
    place = 0
    for part in parts:
        place = text.find(part, place)
        assert place != -1, f"{part}\n\n{text}"
