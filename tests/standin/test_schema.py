"""The description read as schema: what a plan holds, what is replaced, what a state shows."""

from typing import Any

import pytest

from standin import schema
from standin.schema import UNKNOWN

BLOCK: schema.Block = {
    "name": {"type": "String", "required": True, "force_new": True},
    "location": {"type": "String", "required": True, "suppresses_some_diffs": True},
    "group": {"type": "String", "optional": True, "suppresses_some_diffs": True},
    "size": {"type": "Int", "optional": True, "default": 3},
    "note": {"type": "String", "optional": True},
    "chosen": {"type": "String", "optional": True, "computed": True},
    "server": {"type": "String", "computed": True},
    "item": {
        "type": "List",
        "optional": True,
        "block": {
            "key": {"type": "String", "required": True, "force_new": True},
            "value": {"type": "String", "computed": True},
        },
    },
    "extra": {"type": "List", "optional": True, "computed": True, "block": {}},
}
CONFIG: dict[str, Any] = {"name": "a", "location": "East US", "group": "rg", "item": [{"key": "k"}]}
STATE: dict[str, Any] = {
    "name": "a",
    "location": "eastus",
    "group": "rg",
    "size": 3,
    "note": None,
    "chosen": "mine",
    "server": "s",
    "item": [{"key": "k", "value": "v"}],
    "extra": [],
}


def planned(**config: Any) -> dict[str, Any]:
    """The plan for a changed configuration of what is there."""
    return schema.plan(BLOCK, {**CONFIG, **config}, STATE)


def replaced(**config: Any) -> list[tuple[str | int, ...]]:
    """The paths that a changed configuration replaces."""
    return list(schema.replacements(BLOCK, STATE, planned(**config)))


def test_a_new_resource_has_its_defaults_and_unknowns() -> None:
    """Absent arguments have their defaults; what Azure computes is known after apply only."""
    assert schema.plan(BLOCK, CONFIG, None) == {
        **STATE,
        "chosen": UNKNOWN,
        "server": UNKNOWN,
        "item": [{"key": "k", "value": UNKNOWN}],
    }


def test_nothing_changed_plans_nothing() -> None:
    """The same configuration again plans the state as it is."""
    assert planned() == STATE
    assert replaced() == []


def test_a_new_block_has_its_own_unknowns() -> None:
    """A block added to what is there has computed values yet to come; its neighbour keeps its."""
    items = planned(item=[{"key": "k"}, {"key": "l"}])["item"]
    assert items == [{"key": "k", "value": "v"}, {"key": "l", "value": UNKNOWN}]


@pytest.mark.parametrize(
    "config", [{"group": "RG"}, {"location": "eastUS"}, {"note": ""}, {"extra": None}]
)
def test_differences_that_the_provider_suppresses(config: dict[str, Any]) -> None:
    """Capitals where Azure has none, and empty for absent, are no change."""
    assert planned(**config) == STATE


@pytest.mark.parametrize("config", [{"note": "n"}, {"size": 0}, {"chosen": "other"}])
def test_differences_that_count(config: dict[str, Any]) -> None:
    """A changed argument is in the plan, and doesn't replace unless the description says so."""
    assert planned(**config) == {**STATE, **config}
    assert replaced(**config) == []


@pytest.mark.parametrize("name", ["b", UNKNOWN])
def test_a_change_that_replaces(name: Any) -> None:
    """A new name replaces, and so does one that isn't known yet."""
    assert replaced(name=name) == [("name",)]


@pytest.mark.parametrize(
    ("items", "path"),
    [
        ([{"key": "other"}], ("item", 0, "key")),
        ([{"key": "k"}, {"key": "l"}], ("item", 1, "key")),
        ([], ("item", 0, "key")),
    ],
)
def test_a_change_inside_a_block_that_replaces(items: list[Any], path: tuple[Any, ...]) -> None:
    """A changed, an added and a removed block replace if something inside it does."""
    assert replaced(item=items) == [path]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"name": None}, 'The argument "name" is required, but no definition was found.'),
        ({"server": "s"}, 'Can\'t configure a value for "server".'),
        ({"item": [{"key": None}]}, 'The argument "key" is required, but no definition was found.'),
        ({"item": [{"key": "k", "value": "v"}]}, 'Can\'t configure a value for "value".'),
    ],
)
def test_mistakes_that_terraform_leaves_to_the_provider(config: Any, said: str) -> None:
    """Null for what is required and a value for what Azure decides, also inside a block."""
    whole = {**dict.fromkeys(BLOCK), **CONFIG, "item": [{"key": "k"}], **config}
    whole["item"] = [{"value": None, **item} for item in whole["item"]]
    assert list(schema.mistakes(BLOCK, whole)) == [said]


def test_settings_are_what_the_caller_said() -> None:
    """The cloud is told neither what is absent, nor what is unknown, nor what it computes."""
    said = schema.settings(BLOCK, {**schema.plan(BLOCK, CONFIG, None), "timeouts": {}})
    assert said == {**CONFIG, "location": "eastus", "size": 3, "item": [{"key": "k"}], "extra": []}
    assert schema.settings(BLOCK, STATE)["item"] == [{"key": "k"}]
    assert "server" not in schema.settings(BLOCK, STATE)
    assert schema.settings({"timeouts": schema.TIMEOUTS}, {"timeouts": {"create": "5m"}}) == {}


def test_a_state_is_complete() -> None:
    """A state has every attribute: defaults where nothing was said, and no other's keys."""
    shown = schema.state(BLOCK, {"name": "a", "addresses": {}, "item": [{"key": "k"}]})
    assert shown == {**dict.fromkeys(BLOCK), "name": "a", "size": 3, "extra": []} | {
        "item": [{"key": "k", "value": None}]
    }
