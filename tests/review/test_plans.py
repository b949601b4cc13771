"""The changes of a stack, read from a Terraform plan."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.review.changes import UNKNOWN, Change, Hidden
from constructs_lib.review.plans import of_plan

ADDRESS = f"{REGISTRY}.acr"


def differences(change: Change) -> list[tuple[str, Any, Any]]:
    """The differences of a change as plain tuples."""
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
    """One resource of a plan, with the actions that Terraform plans for it."""
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


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], "added"),
        (["delete"], "removed"),
        (["forget"], "forgotten"),
        (["update"], "changed"),
        (["delete", "create"], "replaced"),
        (["create", "delete"], "replaced"),
        (["forget", "create"], "replaced"),
    ],
)
def test_the_actions_of_a_plan_are_one_word(actions: list[str], action: str) -> None:
    """A resource that Terraform forgets stays in Azure."""
    sides: Json = {"before": {"name": "a"}, "after": {"name": "b"}}
    for side in {"added": ["before"], "removed": ["after"], "forgotten": ["after"]}.get(action, []):
        sides[side] = None
    (change,) = of_plan("one", plan(planned(*actions, **sides)))
    assert (change.stack, change.address, change.action) == ("one", ADDRESS, action)


def test_reads_and_no_ops_are_no_changes() -> None:
    """A data source that is read and a resource with the action ``no-op`` are left out."""
    same: Json = {"before": {"name": "a"}, "after": {"name": "a"}}
    data = planned("read", mode="data", after={"name": "a"})
    assert of_plan("one", plan(planned("no-op", **same), data)) == []


def test_a_plan_names_the_causes_of_a_replacement() -> None:
    """A replacement has attributes, a tainted resource or ``replace_triggered_by`` as its cause."""
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


def test_a_changed_construct_id_in_a_plan_is_one_change() -> None:
    """A deleted and a created resource of one name are one change."""
    (change,) = of_plan(
        "one",
        plan(
            planned("delete", before={"name": "a"}),
            planned("create", after={"name": "a"}, address=f"{REGISTRY}.b"),
        ),
    )
    assert (change.id_before, change.address) == (ADDRESS, f"{REGISTRY}.b")


def test_a_deposed_object_has_an_address_of_its_own() -> None:
    """A deposed object and its successor have one address, so the object's key is added to it."""
    deposed = planned("delete", before={"name": "a"}) | {"deposed": "cafe"}
    (change,) = of_plan("one", plan(deposed))
    assert change.address == f"{ADDRESS} (deposed cafe)"


def test_a_value_known_after_apply_is_unknown() -> None:
    """A known value that becomes unknown is a change; an unknown one of a new resource is not."""
    sides: Json = {
        "before": {"name": "a", "tags": {"a": "b"}, "list": [{"id": 1}]},
        "after": {"name": "a", "list": [{"name": "n"}]},
        "after_unknown": {"tags": True, "list": [{"id": True}]},
    }
    (change,) = of_plan("one", plan(planned("update", **sides)))
    assert differences(change)[-1] == ("tags", {"a": "b"}, UNKNOWN)
    assert ("list.id", 1, UNKNOWN) in differences(change)
    (new,) = of_plan(
        "one", plan(planned("create", after={"name": "a"}, after_unknown={"id": True}))
    )
    assert differences(new) == [("name", None, "a")]


def test_sensitive_values_of_a_plan_are_hidden() -> None:
    """A value is hidden on both sides, whether it was sensitive before or becomes sensitive."""
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
    """The outputs that change are one change, and a sensitive output is hidden as a whole."""
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
def test_an_incomplete_plan_is_refused(broken: Json) -> None:
    """A state, another format and a plan that Terraform could not complete raise an error."""
    with pytest.raises(ValueError, match="plan"):
        of_plan("one", broken)


OPEN: Json = {"name": "a", "public_network_access_enabled": True}
CLOSED: Json = {"name": "a", "public_network_access_enabled": False}


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ([], [True]),
        ([planned("no-op", before=OPEN, after=OPEN)], [True]),
        ([planned("update", before=OPEN, after=CLOSED)], [False]),
    ],
)
def test_drift_is_a_change_unless_the_plan_undoes_it(later: list[Json], found: list[bool]) -> None:
    """A refresh-only plan takes over what somebody has changed, and so does ``ignore_changes``."""
    drift = planned("update", before=CLOSED, after=OPEN)
    changes = of_plan("one", plan(*later, resource_drift=[drift]))
    assert [change.after == OPEN for change in changes] == found
    assert (changes[-1].what == "changed outside of Terraform") is found[0]


def test_a_resource_that_somebody_has_deleted_is_a_change() -> None:
    """It is drift, unless the plan creates the resource again."""
    drift = planned("delete", before=CLOSED)
    (change,) = of_plan("one", plan(resource_drift=[drift]))
    assert (change.before, change.after) == (CLOSED, None)
    again = planned("create", after=CLOSED)
    assert [each.action for each in of_plan("one", plan(again, resource_drift=[drift]))] == [
        "added"
    ]


def test_imported_moved_and_deferred_resources_are_named() -> None:
    """Their attributes may stay as they are, or change as well."""
    same: Json = {"before": CLOSED, "after": CLOSED}
    imported = planned("no-op", importing={"id": "/a"}, **same)
    moved = planned("no-op", address=f"{REGISTRY}.b", **same) | {"previous_address": ADDRESS}
    deferred = planned("create", address=f"{REGISTRY}.c", after=OPEN)
    content = plan(
        imported,
        moved,
        deferred_changes=[{"reason": "provider_config_unknown", "resource_change": deferred}],
    )
    assert [each.action for each in of_plan("one", content)] == [
        "imported",
        f"moved from {ADDRESS}",
        "deferred",
    ]
