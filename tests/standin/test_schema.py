"""Tests of the plans, replacements, errors and states that `schema` derives from a schema."""

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


def plan(**config: Any) -> dict[str, Any]:
    """Returns the plan for a changed configuration of the resource with the state `STATE`."""
    return schema.plan(BLOCK, {**CONFIG, **config}, STATE)


def replacement_paths(**config: Any) -> list[tuple[str | int, ...]]:
    """Returns the paths that force a new resource in a changed configuration."""
    return list(schema.replacement_paths(BLOCK, STATE, plan(**config)))


def test_a_new_resource_has_defaults_and_unknown_values() -> None:
    """An absent argument has its default; an attribute that Azure computes is unknown."""
    assert schema.plan(BLOCK, CONFIG, None) == {
        **STATE,
        "chosen": UNKNOWN,
        "server": UNKNOWN,
        "item": [{"key": "k", "value": UNKNOWN}],
        "extra": UNKNOWN,
    }


def test_an_unchanged_configuration_plans_no_change() -> None:
    """The plan for an unchanged configuration equals the state."""
    assert plan() == STATE
    assert replacement_paths() == []


def test_a_block_that_an_update_adds_has_null_for_computed_values() -> None:
    """The SDK marks them as unknown only in a new resource; configured values may be unknown."""
    items = plan(item=[{"key": "k"}, {"key": UNKNOWN}])["item"]
    assert items == [{"key": "k", "value": "v"}, {"key": UNKNOWN, "value": None}]


@pytest.mark.parametrize(("configured", "planned"), [(False, False), (None, None)])
def test_an_added_block_has_what_is_configured(configured: Any, planned: Any) -> None:
    """An empty value is not taken for an absent one, since there was none."""
    block: schema.Block = {
        "item": {
            "type": "List",
            "optional": True,
            "block": {"flag": {"type": "Bool", "optional": True}},
        }
    }
    config = {"item": [{"flag": configured}]}
    assert schema.plan(block, config, {"item": []}) == {"item": [{"flag": planned}]}


@pytest.mark.parametrize(
    ("prior", "configured", "planned"),
    [
        ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00+01:00", "2030-01-01T00:00:00Z"),
        ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00Z", "2030-01-01T01:00:00Z"),
        ("", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
        ("", None, ""),
    ],
)
def test_one_time_in_two_zones_is_no_change(
    prior: str, configured: str | None, planned: str
) -> None:
    """The provider compares times, and not texts."""
    block: schema.Block = {
        "expiry": {"type": "String", "optional": True, "suppresses_some_diffs": True}
    }
    assert schema.plan(block, {"expiry": configured}, {"expiry": prior}) == {"expiry": planned}


@pytest.mark.parametrize(
    "config", [{"group": "RG"}, {"location": "eastUS"}, {"note": ""}, {"extra": None}]
)
def test_the_provider_suppresses_some_differences(config: dict[str, Any]) -> None:
    """A difference in case, or between an empty and an absent value, is not a change."""
    assert plan(**config) == STATE


@pytest.mark.parametrize("config", [{"note": "n"}, {"size": 0}, {"chosen": "other"}])
def test_a_changed_argument_updates_in_place(config: dict[str, Any]) -> None:
    """A changed argument without `force_new` is in the plan and forces no new resource."""
    assert plan(**config) == {**STATE, **config}
    assert replacement_paths(**config) == []


@pytest.mark.parametrize("name", ["b", UNKNOWN])
def test_a_new_or_unknown_name_forces_a_new_resource(name: Any) -> None:
    """A changed name forces a new resource, and so does an unknown name."""
    assert replacement_paths(name=name) == [("name",)]


@pytest.mark.parametrize(
    ("items", "path"),
    [
        ([{"key": "other"}], ("item", 0, "key")),
        ([{"key": "k"}, {"key": "l"}], ("item", 1, "key")),
        ([], ("item", 0, "key")),
    ],
)
def test_a_change_in_a_block_forces_a_new_resource(items: list[Any], path: tuple[Any, ...]) -> None:
    """A changed, added or removed block forces a new resource if one of its arguments does."""
    assert replacement_paths(item=items) == [path]


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ({"name": None}, 'The argument "name" is required, but no definition was found.'),
        ({"server": "s"}, 'Can\'t configure a value for "server".'),
        ({"item": [{"key": None}]}, 'The argument "key" is required, but no definition was found.'),
        ({"item": [{"key": "k", "value": "v"}]}, 'Can\'t configure a value for "value".'),
    ],
)
def test_the_provider_refuses_some_configurations(config: Any, error: str) -> None:
    """Null for a required argument and a value for a computed attribute are errors."""
    complete = {**dict.fromkeys(BLOCK), **CONFIG, "item": [{"key": "k"}], **config}
    complete["item"] = [{"value": None, **item} for item in complete["item"]]
    assert list(schema.config_errors(BLOCK, complete)) == [error]


def test_settings_are_the_values_that_the_caller_sets() -> None:
    """The settings contain no absent, unknown or only computed values."""
    settings = schema.settings(BLOCK, {**schema.plan(BLOCK, CONFIG, None), "timeouts": {}})
    changed = {"location": "eastus", "size": 3, "item": [{"key": "k"}]}
    assert settings == {**CONFIG, **changed}
    assert schema.settings(BLOCK, STATE)["item"] == [{"key": "k"}]
    assert "server" not in schema.settings(BLOCK, STATE)
    assert schema.settings({"timeouts": schema.TIMEOUTS}, {"timeouts": {"create": "5m"}}) == {}


def test_a_state_is_complete() -> None:
    """A state has every attribute of the schema, with defaults, and no other keys."""
    state = schema.state(BLOCK, {"name": "a", "addresses": {}, "item": [{"key": "k"}]})
    assert state == {**dict.fromkeys(BLOCK), "name": "a", "size": 3, "extra": []} | {
        "item": [{"key": "k", "value": None}]
    }
