"""The attributes that azurerm replaces a resource for, compared with its description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from helpers import Json

from constructs_lib.privacy.attributes import ENDPOINT, LINK, LOCK, REGISTRY, SUBNET, ZONE
from constructs_lib.privacy.replacements import replacement, replacements
from standin import schema

SCHEMA: dict[str, Any] = schema.description()["resources"]
TYPES = [REGISTRY, ENDPOINT, ZONE, LINK, SUBNET, LOCK]


def force_new(attributes: Json, prefix: str = "") -> Iterator[str]:
    """The paths of the attributes that the provider replaces a resource for."""
    for name, description in attributes.items():
        if description.get("force_new"):
            yield prefix + name
        yield from force_new(description.get("block", {}), f"{prefix}{name}.")


@pytest.mark.parametrize("type", TYPES)
def test_replacements_are_those_of_the_provider(type: str) -> None:
    """The rules are on the provider's attributes, and a block stands for all its attributes."""
    rules = {rule.attribute for rule in replacements(type)}
    blocks = {name for name in rules if "block" in SCHEMA[type].get(name, {})}
    found = {
        next((block for block in blocks if name.startswith(f"{block}.")), name)
        for name in force_new(SCHEMA[type])
    }
    # Another rule checks the lock's level, and new notes are no risk.
    elsewhere = {"lock_level", "notes"} if type == LOCK else set()
    assert found - elsewhere == rules & {*found, *SCHEMA[type]}


@pytest.mark.parametrize("type", TYPES)
def test_only_a_change_breaks_a_rule_on_replacements(type: str) -> None:
    """A rule is met if its attribute stays the same or if the resource is new."""
    for rule in replacements(type):
        before: Json = {}
        after: Json = {}
        for side, value in ((before, "x"), (after, "y")):
            parent = side
            *blocks, last = rule.attribute.split(".")
            for block in blocks:
                parent = parent.setdefault(block, {})
            parent[last] = value
        assert not rule.check(before, after)
        assert rule.check(before, before)
        assert rule.check(None, after)


def test_a_replacement_without_a_changed_attribute_depends_on_the_type() -> None:
    """A tainted or triggered resource is a risk, except a lock, which the apply creates again."""
    for path in ("replaced", "replace_triggered_by"):
        assert replacement(ENDPOINT, path)
        assert replacement(LOCK, path) is None
    assert replacement(LOCK, "notes") is None
    assert replacement(LOCK, "scope")
    assert replacement("azurerm_other", "name") is None


def test_another_spelling_of_a_region_is_no_change() -> None:
    """``East US`` and ``eastus`` are the same region for azurerm."""
    rule = replacement(REGISTRY, "location")
    assert rule
    assert rule.check({"location": "East US"}, {"location": "eastus"})
    assert not rule.check({"location": "East US"}, {"location": "westus"})
