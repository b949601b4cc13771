"""What azurerm replaces a resource for, by its own description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from helpers import Json
from standin import schema

from constructs_lib.review.replacements import replacement, replacements
from constructs_lib.rules.attributes import ENDPOINT, LINK, LOCK, REGISTRY, SUBNET, ZONE

SCHEMA: dict[str, Any] = schema.description()["resources"]
TYPES = [REGISTRY, ENDPOINT, ZONE, LINK, SUBNET, LOCK]


def force_new(attributes: Json, above: str = "") -> Iterator[str]:
    """The attributes that the provider replaces a resource for."""
    for name, about in attributes.items():
        if about.get("force_new"):
            yield above + name
        yield from force_new(about.get("block", {}), f"{above}{name}.")


@pytest.mark.parametrize("type", TYPES)
def test_what_replaces_a_resource_is_what_the_provider_says(type: str) -> None:
    """A block stands for all that is in it."""
    rules = {rule.attribute for rule in replacements(type)}
    blocks = {name for name in rules if "block" in SCHEMA[type].get(name, {})}
    found = {
        next((block for block in blocks if name.startswith(f"{block}.")), name)
        for name in force_new(SCHEMA[type])
    }
    # A lock's level is judged by its strength, and its notes are no risk.
    elsewhere = {"lock_level", "notes"} if type == LOCK else set()
    assert found - elsewhere == rules & {*found, *SCHEMA[type]}


@pytest.mark.parametrize("type", TYPES)
def test_a_replacement_is_broken_by_a_change_only(type: str) -> None:
    """Of the attribute that it looks at, in whichever depth."""
    for rule in replacements(type):
        before: Json = {}
        after: Json = {}
        for side, value in ((before, "x"), (after, "y")):
            within = side
            *blocks, last = rule.attribute.split(".")
            for block in blocks:
                within = within.setdefault(block, {})
            within[last] = value
        assert not rule.check(before, after)
        assert rule.check(before, before)
        assert rule.check(None, after)


def test_what_only_terraform_knows_to_replace_is_judged_by_the_type() -> None:
    """Such as a tainted resource; a lock that steps aside is there again after the apply."""
    for path in ("replaced", "replace_triggered_by"):
        assert replacement(ENDPOINT, path)
        assert replacement(LOCK, path) is None
    assert replacement(LOCK, "notes") is None
    assert replacement(LOCK, "scope")
    assert replacement("azurerm_other", "name") is None


def test_one_region_has_two_spellings() -> None:
    """And azurerm takes them for one."""
    rule = replacement(REGISTRY, "location")
    assert rule
    assert rule.check({"location": "East US"}, {"location": "eastus"})
    assert not rule.check({"location": "East US"}, {"location": "westus"})
