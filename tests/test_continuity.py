"""What has to stay as it is: each rule with what stays, what changes, and what is not set."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers import ROOT, Json

from constructs_lib import continuity

SCHEMA: Json = json.loads((ROOT / "tests" / "standin" / "azurerm.json").read_text())["resources"]

LASTING = sorted(continuity.LASTING.items())
CHANGES: list[tuple[Callable[..., bool], Any, Any]] = [
    (continuity.the_registry_is_not_replaced, "acr12345", "renamed"),
    (continuity.the_way_to_the_registry_is_not_cut, "endpoint", "renamed"),
    (continuity.the_lock_is_not_taken_off, "lock", "renamed"),
    (continuity.the_construct_id_stays, "acr", "registry"),
    (
        continuity.the_replicas_stay,
        [{"location": "westus"}, {"location": "East US"}],
        [{"location": "West US"}],
    ),
    (continuity.network_policies_stay, "Disabled", "Enabled"),
    (continuity.the_network_stays, "vnet", "other"),
    (continuity.the_subscription_stays, "one", "two"),
]


@pytest.mark.parametrize(("type", "rule"), LASTING)
def test_a_resource_that_matters_stays(type: str, rule: Callable[..., bool]) -> None:
    """Whatever it says of itself."""
    assert (rule({"name": type}), rule({}), rule(None)) == (True, True, False)


@pytest.mark.parametrize(("rule", "right", "wrong"), CHANGES)
def test_an_attribute_that_matters_stays(rule: Callable[..., bool], right: Any, wrong: Any) -> None:
    """Two values that are the same, two that differ, and two that are not set."""
    assert (rule(right, right), rule(right, wrong), rule(None, None)) == (True, False, True)


def test_a_subscription_that_is_named_is_not_known_to_be_another_one() -> None:
    """Where none was, it was the one that Terraform ran in."""
    assert continuity.the_subscription_stays(None, "one")
    assert continuity.the_subscription_stays("one", None)


@pytest.mark.parametrize(
    ("after", "stay"),
    [
        ([{"location": "West US", "tags": {"a": "b"}}], True),
        ([{"location": "eastus"}, {"location": "westus", "zone_redundancy_enabled": False}], True),
        ({"location": "westus"}, True),
        ([{"location": "westus", "zone_redundancy_enabled": True}], False),
        ([], False),
        ("${var.replicas}", False),
    ],
)
def test_a_replica_goes_for_a_while_when_its_redundancy_changes(after: Any, stay: bool) -> None:
    """The provider makes it anew; another region may come, and an expression may be any."""
    assert continuity.the_replicas_stay([{"location": "westus"}], after) is stay
    assert continuity.the_replicas_stay(None, after)


def test_every_rule_is_tested_and_in_a_table() -> None:
    """A rule that is in none is never asked; a construct's id is no attribute."""
    tables = {
        *continuity.LASTING.values(),
        *(rule for rules in continuity.STEADY.values() for rule in rules.values()),
        *(rule for rule, _ in continuity.REPLACED.values()),
        continuity.the_construct_id_stays,
    }
    assert tables == {rule for _, rule in LASTING} | {rule for rule, *_ in CHANGES}
    functions = {
        name
        for name, function in inspect.getmembers(continuity, inspect.isfunction)
        if function.__module__ == continuity.__name__ and not name.startswith("_")
    }
    assert functions == {rule.__name__ for rule in tables}


def _force_new(attributes: Json, above: str = "") -> Iterator[str]:
    for name, about in attributes.items():
        if about.get("force_new"):
            yield above + name
        yield from _force_new(about.get("block", {}), f"{above}{name}.")


def test_what_replaces_a_resource_is_what_the_provider_says() -> None:
    """In its own description; a block stands for all that is in it."""
    for type, (_, said) in continuity.REPLACED.items():
        blocks = {name for name in said if "block" in SCHEMA[type].get(name, {})}
        found = {
            next((block for block in blocks if name.startswith(f"{block}.")), name)
            for name in _force_new(SCHEMA[type])
        }
        judged_otherwise = {"lock_level"} | continuity.RETURNS.get(type, set())
        assert found - judged_otherwise == {"name", *said} | (found & {"resource_group_name"}), type
