"""Each argument of azurerm has a meaning, or is reported as unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from helpers import ROOT, Json

from constructs_lib.privacy.attributes import LOCK, PROVIDER, REGISTRY, ROLE
from constructs_lib.privacy.classification import (
    CLASSIFIED,
    HARMLESS,
    TERRAFORM,
    is_classified,
)
from constructs_lib.privacy.rules import RULES


def described(spec: Json, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """The arguments of a type, and whether somebody may set them."""
    for name, argument in spec.items():
        yield prefix + name, bool({"required", "optional"} & argument.keys())
        yield from described(argument.get("block", {}), f"{prefix}{name}.")


DESCRIPTIONS = [
    json.loads(file.read_text())
    for file in sorted((ROOT / "standin").glob("azurerm-*.json"))
    if "validation" not in file.name
]


def arguments(type: str) -> set[str]:
    """The arguments and attributes of a type, in each described version of azurerm."""
    versions = (
        each["provider"] if type == PROVIDER else each["resources"][type] for each in DESCRIPTIONS
    )
    found = {path for spec in versions for path, _ in described(spec)}
    return {path for path in found if not path.startswith("features.")}


@pytest.mark.parametrize("type", sorted(CLASSIFIED - {TERRAFORM}))
def test_each_argument_is_classified(type: str) -> None:
    """A rule is on it, or reads it, or it is known to be harmless: nothing of azurerm is left."""
    assert arguments(type)
    assert [path for path in arguments(type) if not is_classified(type, path)] == []
    assert not is_classified(type, "an_argument_of_tomorrow")
    assert not is_classified(REGISTRY, "georeplications.an_argument_of_tomorrow")


@pytest.mark.parametrize("type", sorted(HARMLESS))
def test_what_is_harmless_has_no_rule(type: str) -> None:
    """An argument of two meanings would be a mistake."""
    harmless = set(HARMLESS[type].split())
    assert not harmless & {rule.attribute for rule in RULES if rule.type == type}


def test_what_azurerm_replaces_a_resource_for_is_never_harmless() -> None:
    """Except for a lock, which Terraform creates again in the same apply, and a role's name."""
    for type in CLASSIFIED - {PROVIDER, LOCK, ROLE, TERRAFORM}:
        for name, argument in DESCRIPTIONS[0]["resources"][type].items():
            assert not (argument.get("force_new") and name in HARMLESS.get(type, "").split())
