"""Each argument of azurerm has a meaning, or is reported as unknown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers import Json
from versions import described

from constructs_lib.privacy.attributes import LOCK, PROVIDER, REGISTRY, ROLE
from constructs_lib.privacy.classification import (
    CLASSIFIED,
    HARMLESS,
    TERRAFORM,
    is_classified,
)
from constructs_lib.privacy.rules import RULES


def paths(spec: Json, prefix: str = "") -> Iterator[str]:
    """The arguments and attributes of a type, also those in its blocks."""
    for name, argument in spec.items():
        yield prefix + name
        yield from paths(argument.get("block", {}), f"{prefix}{name}.")


def arguments(type: str) -> set[str]:
    """The arguments and attributes of a type, in each described version of azurerm."""
    found = {path for spec in described(type) for path in paths(spec)}
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
        for name, argument in described(type)[0].items():
            assert not (argument.get("force_new") and name in HARMLESS.get(type, "").split())
