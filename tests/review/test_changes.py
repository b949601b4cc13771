"""One list of changes, whether it comes from two syntheses or from a plan of Terraform."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from helpers import Json

from constructs_lib.review.changes import UNKNOWN, Change, Hidden, of_plan, of_stacks

REGISTRY = "azurerm_container_registry"
ADDRESS = f"{REGISTRY}.acr"


def stack(**attributes: Any) -> Json:
    """A stack of one registry, as cdktf writes it."""
    return {
        "//": {"metadata": {"version": "1"}},
        "resource": {REGISTRY: {"acr": {"name": "acr12345", **attributes}}},
    }


def between(before: Json, after: Json) -> list[Change]:
    """What changes between two JSONs of one stack."""
    return of_stacks({"one": before}, {"one": after})


def told(change: Change) -> list[tuple[str, Any, Any]]:
    """A change's differences as plain tuples."""
    return [tuple(each) for each in change.differences()]


def plan(*resources: Json, **more: Any) -> Json:
    """A plan as ``terraform show -json`` writes it."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "resource_changes": list(resources),
        **more,
    }


def planned(*actions: str, address: str = ADDRESS, mode: str = "managed", **change: Any) -> Json:
    """One resource of a plan, with what Terraform would do with it."""
    return {
        "address": address,
        "mode": mode,
        "type": REGISTRY,
        "name": address.partition(".")[2],
        "change": {
            "actions": list(actions),
            "before": None,
            "after": None,
            "after_unknown": {},
            "before_sensitive": False,
            "after_sensitive": False,
            **change,
        },
    }


def test_what_is_the_same_is_no_change() -> None:
    """Whatever cdktf notes about it, and however empty is said."""
    noted = {"//": {"metadata": {"path": "elsewhere"}}}
    assert between(stack(tags={}), stack(**noted, tags=None, identity=[])) == []


def test_an_attribute_changes() -> None:
    """With its value before and after; the path leads into blocks and through lists."""
    before = stack(sku="Basic", identity={"type": "a"}, georeplications=[{"l": 1}, {"l": 2}])
    after = stack(tags={"a": "b"}, identity=[{"type": "b"}], georeplications=[{"l": 1}, {"l": 3}])
    (change,) = between(before, after)
    assert (change.stack, change.address, change.type) == ("one", ADDRESS, REGISTRY)
    assert change.action == "changed"
    assert told(change) == [
        ("georeplications[1].l", 2, 3),
        ("identity.type", "a", "b"),
        ("sku", "Basic", None),
        ("tags.a", None, "b"),
    ]


def test_a_second_block_is_seen_beside_the_first() -> None:
    """One alone and a list of one are the same."""
    (change,) = between(
        stack(ip_configuration={"name": "a"}),
        stack(ip_configuration=[{"name": "a"}, {"name": "b"}]),
    )
    assert told(change) == [("ip_configuration[1].name", None, "b")]


def test_resources_come_and_go() -> None:
    """Each is whole, with the type that has the rules for it."""
    other = {"resource": {"azurerm_subnet": {"s": {"name": "s"}}}}
    removed, added = between(stack(), other)
    assert (removed.address, removed.action, removed.after) == (ADDRESS, "removed", None)
    assert (added.address, added.action, added.before) == ("azurerm_subnet.s", "added", None)


def test_stacks_come_and_go() -> None:
    """With all that is in them."""
    changes = of_stacks({"one": stack()}, {"two": stack()})
    assert [(each.stack, each.action) for each in changes] == [("one", "removed"), ("two", "added")]


def test_a_changed_construct_id_is_one_change() -> None:
    """What goes and comes under one name; two of a name are not lost."""
    before, after = stack(sku="Basic"), stack(sku="Premium")
    after["resource"][REGISTRY]["other"] = after["resource"][REGISTRY].pop("acr")
    (change,) = between(before, after)
    assert (change.id_before, change.address) == (ADDRESS, f"{REGISTRY}.other")
    assert change.action == "replaced"
    assert told(change) == [("sku", "Basic", "Premium")]

    before["resource"][REGISTRY]["twin"] = {"name": "acr12345"}
    assert [(each.action, each.address) for each in between(before, after)] == [
        ("replaced", f"{REGISTRY}.other"),
        ("removed", f"{REGISTRY}.twin"),
    ]


def test_a_resource_that_is_moved_stays() -> None:
    """Terraform is told where it was: nothing is destroyed."""
    before, after = stack(), stack()
    after["resource"][REGISTRY]["other"] = after["resource"][REGISTRY].pop("acr")
    after["moved"] = [{"from": ADDRESS, "to": f"{REGISTRY}.other"}]
    assert [change.address for change in between(before, after)] == ["moved"]


def test_what_is_no_resource_changes_too() -> None:
    """Providers by their alias, data sources, and all sections."""
    before: Json = {
        "provider": {"azurerm": [{"features": [{}]}, {"alias": "zone", "subscription_id": "a"}]},
        "data": {"azurerm_virtual_network": {"vnet": {"name": "a"}}},
        "output": {"id": {"value": "a"}},
    }
    after = copy.deepcopy(before)
    after["provider"]["azurerm"][1]["subscription_id"] = "b"
    after["data"]["azurerm_virtual_network"]["vnet"]["name"] = "b"
    after["output"]["id"]["value"] = "b"
    after["import"] = [{"to": "x"}]
    assert [(each.type, each.address, told(each)) for each in between(before, after)] == [
        (
            "data.azurerm_virtual_network",
            "data.azurerm_virtual_network.vnet",
            [("name", "a", "b")],
        ),
        ("import", "import", [("import.to", None, "x")]),
        ("output", "output", [("id.value", "a", "b")]),
        ("provider.azurerm", "provider.azurerm.zone", [("subscription_id", "a", "b")]),
    ]


def test_what_is_a_secret_by_its_name_is_hidden() -> None:
    """In whatever a user's own stack says; that it changes is seen."""
    before = {"provider": {"azurerm": {"client_secret": "hunter2"}}}
    after = {"provider": {"azurerm": {"client_secret": "hunter3"}}}
    (change,) = between(before, after)
    assert "hunter" not in repr(change)
    assert [each.attribute for each in change.differences()] == ["client_secret"]


def test_reasons_come_with_the_resource() -> None:
    """By attribute, as the construct's ``accept`` writes them."""
    reasons = {"sku": "a", "private_service_connection": {"subresource_names": "b"}}
    (change,) = between(stack(), stack(**{"//": {"accepted": reasons}}, sku="Basic"))
    assert change.reasons == {"sku": "a", "private_service_connection.subresource_names": "b"}


@pytest.mark.parametrize("broken", [None, "text", [], {"accepted": None}])
def test_metadata_that_says_no_reason_says_none(broken: object) -> None:
    """Whatever it is."""
    (change,) = between(stack(), stack(**{"//": broken}, sku="Basic"))
    assert change.reasons == {}


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], "added"),
        (["delete"], "removed"),
        (["forget"], "removed"),
        (["update"], "changed"),
        (["delete", "create"], "replaced"),
        (["create", "delete"], "replaced"),
        (["forget", "create"], "replaced"),
    ],
)
def test_a_plan_says_what_is_done(actions: list[str], action: str) -> None:
    """What is forgotten is not destroyed, but nobody looks after it any more."""
    sides: Json = {"before": {"name": "a"}, "after": {"name": "b"}}
    for side in {"added": ["before"], "removed": ["after"]}.get(action, []):
        sides[side] = None
    (change,) = of_plan("one", plan(planned(*actions, **sides)))
    assert (change.stack, change.address, change.action) == ("one", ADDRESS, action)


def test_a_plan_without_changes_has_none() -> None:
    """What is read, or only looked at, does not change."""
    same: Json = {"before": {"name": "a"}, "after": {"name": "a"}}
    data = planned("read", mode="data", after={"name": "a"})
    assert of_plan("one", plan(planned("no-op", **same), data)) == []


def test_a_plan_says_what_it_replaces_for() -> None:
    """By attribute; a tainted resource is replaced for none, and another by what triggers it."""
    paths = [["name"], ["ip_configuration", 0, "name"]]
    by_trigger = planned("delete", "create", before={}, after={}, address=f"{REGISTRY}.c")
    change, tainted, triggered = of_plan(
        "one",
        plan(
            planned("delete", "create", before={}, after={}, replace_paths=paths),
            planned("delete", "create", before={}, after={}, address=f"{REGISTRY}.b"),
            {**by_trigger, "action_reason": "replace_by_triggers"},
        ),
    )
    assert change.replaced == ("ip_configuration.name", "name")
    assert tainted.replaced == ("replaced",)
    assert triggered.replaced == ("replace_triggered_by",)


def test_a_plan_knows_a_changed_construct_id_too() -> None:
    """It destroys and makes what has one name."""
    (change,) = of_plan(
        "one",
        plan(
            planned("delete", before={"name": "a"}),
            planned("create", after={"name": "a"}, address=f"{REGISTRY}.b"),
        ),
    )
    assert (change.id_before, change.address) == (ADDRESS, f"{REGISTRY}.b")


def test_an_object_that_was_left_over_is_told_apart() -> None:
    """Terraform destroys it under the address of the one that took its place."""
    left = planned("delete", before={"name": "a"}) | {"deposed": "cafe"}
    (change,) = of_plan("one", plan(left))
    assert change.address == f"{ADDRESS} (deposed cafe)"


def test_what_a_plan_does_not_know_is_unknown() -> None:
    """What a new resource will know is no news; a known one that changes is."""
    sides: Json = {
        "before": {"name": "a", "tags": {"a": "b"}, "list": [{"id": 1}]},
        "after": {"name": "a", "list": [{"name": "n"}]},
        "after_unknown": {"tags": True, "list": [{"id": True}]},
    }
    (change,) = of_plan("one", plan(planned("update", **sides)))
    assert told(change)[-1] == ("tags", {"a": "b"}, UNKNOWN)
    assert ("list.id", 1, UNKNOWN) in told(change)
    (new,) = of_plan(
        "one", plan(planned("create", after={"name": "a"}, after_unknown={"id": True}))
    )
    assert told(new) == [("name", None, "a")]


def test_what_a_plan_holds_to_be_secret_is_hidden() -> None:
    """On either side: what was sensitive still is, and what becomes so is."""
    sides: Json = {
        "before": {"a": "hunter1", "b": {"c": ["x", "hunter2"]}, "same": "hunter5"},
        "after": {"a": "hunter3", "b": {"c": ["x", "hunter4"]}, "same": "hunter5", "new": None},
        "before_sensitive": {"a": True, "same": True},
        "after_sensitive": {"b": {"c": [False, True]}, "new": True},
    }
    (change,) = of_plan("one", plan(planned("update", **sides)))
    assert "hunter" not in repr(change)
    assert [each.attribute for each in change.differences()] == ["a", "b.c"]
    assert change.differences()[0].after == Hidden("(sensitive)", "hunter3")


def test_a_plans_outputs_are_one_change() -> None:
    """Those that change; a sensitive one is hidden as a whole."""
    outputs = {
        "same": {"actions": ["no-op"], "before": 1, "after": 1},
        "secret": {
            "actions": ["update"],
            "before": "hunter1",
            "after": "hunter2",
            "before_sensitive": True,
            "after_sensitive": True,
        },
        "unknown": {"actions": ["update"], "before": 1, "after_unknown": True},
    }
    (change,) = of_plan("one", plan(output_changes=outputs))
    assert [each.attribute for each in change.differences()] == ["secret", "unknown"]
    assert "hunter" not in repr(change)


@pytest.mark.parametrize(
    "broken", [{}, {"format_version": "1.0"}, plan(format_version="2.0"), plan(errored=True)]
)
def test_what_is_no_whole_plan_is_refused(broken: Json) -> None:
    """A state, another format, or a plan that Terraform could not complete."""
    with pytest.raises(ValueError, match="plan"):
        of_plan("one", broken)
