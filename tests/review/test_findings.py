"""What changes mean by the rules, and which risks are accepted."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import Json

from constructs_lib.review import accepted
from constructs_lib.review.changes import UNKNOWN, Change
from constructs_lib.review.findings import Finding, findings, review
from constructs_lib.rules.attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    LOCK,
    NETWORK,
    PROVIDER,
    REGISTRY,
    SUBNET,
    ZONE,
)

PRIVATE: Json = {
    "name": "acr12345",
    "sku": "Premium",
    "public_network_access_enabled": False,
    "lifecycle": {"prevent_destroy": True},
}


def change(before: Json | None, after: Json | None, type: str = REGISTRY, **more: Any) -> Change:
    """A change of one resource."""
    return Change("one", f"{type}.acr", type, before, after, **more)


def verdicts(changed: Change) -> list[tuple[str, str]]:
    """What a change does to the rules: by which attribute, and how."""
    return [(each.attribute, each.verdict) for each in findings(changed)]


def edited(**attributes: Any) -> Change:
    """A private registry, with attributes that change."""
    return change(PRIVATE, {**PRIVATE, **attributes})


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"public_network_access_enabled": True}, [("public_network_access_enabled", "no longer")]),
        ({"public_network_access_enabled": None}, [("public_network_access_enabled", "no longer")]),
        ({"export_policy_enabled": False}, [("export_policy_enabled", "now")]),
        ({"export_policy_enabled": True}, [("export_policy_enabled", "still not")]),
        ({"data_endpoint_enabled": True}, []),
        ({"anonymous_pull_enabled": False, "tags": {"a": "b"}}, []),
    ],
)
def test_a_registry_is_judged_before_and_after(
    attributes: Json, said: list[tuple[str, str]]
) -> None:
    """A rule that is broken already is told of when what it looks at is touched."""
    assert verdicts(edited(**attributes)) == said


def test_what_terraform_does_not_know_yet_is_no_change_of_a_broken_rule() -> None:
    """Such as rules that Azure fills in; where a rule was kept, it is no longer known to be."""
    assert verdicts(edited(network_rule_set=UNKNOWN)) == []
    assert verdicts(edited(sku=UNKNOWN)) == [("sku", "no longer")]


def test_a_new_registry_is_compared_with_one_that_says_nothing() -> None:
    """And has to be private; what azurerm's defaults leave open is no news."""
    assert verdicts(change(None, PRIVATE)) == []
    assert verdicts(change(None, {**PRIVATE, "admin_enabled": True})) == [("admin_enabled", "not")]
    assert verdicts(change(None, {})) == [
        ("public_network_access_enabled", "not"),
        ("sku", "not"),
    ]


@pytest.mark.parametrize("type", [REGISTRY, ENDPOINT, ZONE, LINK, LOCK, AUDIT_LOGS])
def test_what_matters_is_missed(type: str) -> None:
    """Whichever it is; a subnet alone is not."""
    assert verdicts(change({"name": "a"}, None, type)) == [("removed", "no longer")]
    assert verdicts(change({"name": "a"}, None, SUBNET)) == []


@pytest.mark.parametrize("type", [LOCK, AUDIT_LOGS])
def test_what_protects_is_welcome(type: str) -> None:
    """A lock, and logs."""
    assert verdicts(change(None, {"name": "a"}, type)) == [("added", "now")]


def test_a_changed_id_is_a_risk_for_all_that_is_made() -> None:
    """What is only read loses nothing."""
    named: Json = {"name": "a"}
    identity = change(named, named, "azurerm_user_assigned_identity", id_before="old")
    assert verdicts(identity) == [("id", "no longer")]
    assert verdicts(change(named, named, "data.azurerm_subnet", id_before="old")) == []


@pytest.mark.parametrize(
    ("type", "attribute"),
    [(REGISTRY, "name"), (ENDPOINT, "subnet_id"), (LINK, "virtual_network_id"), (LOCK, "scope")],
)
def test_a_resource_that_is_replaced_is_a_risk(type: str, attribute: str) -> None:
    """By what changes, where Terraform was not asked."""
    before, after = {attribute: "x"}, {attribute: "y"}
    assert (attribute, "no longer") in verdicts(change(before, after, type))
    assert (attribute, "no longer") not in verdicts(change(before, after, type, replaced=()))


def test_a_zones_name_is_looked_at_twice() -> None:
    """A new name makes it anew, and may be the wrong one."""
    renamed = change({"name": "privatelink.azurecr.io"}, {"name": "azurecr.io"}, ZONE)
    assert verdicts(renamed) == [("name", "no longer"), ("name", "no longer")]


def replicated(*replicas: Json) -> Change:
    """A private registry with two replicas that take pulls, and then with these."""
    both = [{"location": region, "regional_endpoint_enabled": True} for region in ("a", "b")]
    return change({**PRIVATE, "georeplications": both}, {**PRIVATE, "georeplications": [*replicas]})


def test_a_replica_that_stops_taking_pulls_is_a_risk() -> None:
    """Because it goes, or says so; one that is added without saying that it does, too."""
    both: list[Json] = [
        {"location": region, "regional_endpoint_enabled": True} for region in ("a", "b")
    ]
    risk = [("georeplications", "no longer")]
    assert verdicts(replicated(both[0])) == risk
    assert (
        verdicts(replicated(both[0], {"location": "b", "regional_endpoint_enabled": False})) == risk
    )
    assert verdicts(replicated(*both, {"location": "c"})) == risk
    assert verdicts(replicated(*both, {"location": "c", "regional_endpoint_enabled": True})) == []
    new = change(None, {**PRIVATE, "georeplications": [{"location": "c"}]})
    assert verdicts(new) == [("georeplications", "not")]


def test_a_lock_that_steps_aside_is_no_risk() -> None:
    """Terraform makes it anew in the same apply, for what it would refuse, or for its notes."""
    named: Json = {"name": "a", "notes": "x"}
    for path in ("replace_triggered_by", "notes"):
        assert verdicts(change(named, named, LOCK, replaced=(path,))) == []
    assert verdicts(change(named, {"name": "a", "notes": "y"}, LOCK)) == []
    assert verdicts(change(named, named, LOCK, replaced=("scope",))) == [("scope", "no longer")]
    triggered = change(named, named, ENDPOINT, replaced=("replace_triggered_by",))
    assert verdicts(triggered) == [("replace_triggered_by", "no longer")]


def test_a_default_that_is_stated_is_no_change() -> None:
    """Neither is a region in its other spelling."""
    assert (
        verdicts(change({**PRIVATE, "location": "East US"}, {**PRIVATE, "location": "eastus"}))
        == []
    )
    assert verdicts(edited(zone_redundancy_enabled=False)) == []


def test_terraform_knows_better_what_is_replaced() -> None:
    """By its plan: whatever it names, of what the rules know."""
    tainted = change({"name": "a"}, {"name": "a"}, LINK, replaced=("replaced",))
    assert verdicts(tainted) == [("replaced", "no longer")]
    other = change({"name": "a"}, {"name": "a"}, "azurerm_other", replaced=("name",))
    assert verdicts(other) == []


def test_the_network_policies_of_the_subnet_stay() -> None:
    """Either way; that the default is said changes nothing."""
    disabled, enabled = (
        {"name": "a", "private_endpoint_network_policies": value}
        for value in ("Disabled", "Enabled")
    )
    changed = [("private_endpoint_network_policies", "no longer")]
    assert verdicts(change(disabled, enabled, SUBNET)) == changed
    assert verdicts(change(enabled, disabled, SUBNET)) == changed
    assert verdicts(change({"name": "a"}, disabled, SUBNET)) == []


def test_network_and_subscription_stay() -> None:
    """All else of them may change."""
    assert verdicts(change({"name": "a"}, {"name": "b"}, NETWORK)) == [("name", "no longer")]
    before, after = {"subscription_id": "a"}, {"subscription_id": "b", "features": {"a": 1}}
    assert verdicts(change(before, after, PROVIDER)) == [("subscription_id", "no longer")]


LINE = f"one {REGISTRY}.acr sku: Premium comes back in May"


def reviewed(changed: Change, *lines: str) -> tuple[list[str], list[str], list[str]]:
    """The attributes that weaken, the reasons of those that may, and the lines of no use."""
    report = review("x", [changed], accepted.parse("\n".join(lines)))
    weakens: list[Finding] = report.stacks["one"].weakens
    reasons = [reason for _, reason in report.stacks["one"].accepted]
    return [each.attribute for each in weakens], reasons, report.unused


def test_a_risk_is_accepted_by_a_line_with_a_reason() -> None:
    """That names its stack, its address or type, and its attribute."""
    risky = edited(sku="Standard")
    assert reviewed(risky, LINE) == ([], ["Premium comes back in May"], [])
    by_type = LINE.replace(".acr", "")
    assert reviewed(risky, "# a comment", "", by_type) == ([], ["Premium comes back in May"], [])


@pytest.mark.parametrize(
    "line",
    [LINE.replace("one", "two"), LINE.replace(".acr", ".b"), LINE.replace("sku", "admin_enabled")],
)
def test_a_line_that_names_another_risk_accepts_none(line: str) -> None:
    """And is told of."""
    assert reviewed(edited(sku="Standard"), line) == (["sku"], [], [line])


def test_a_line_is_of_no_use_to_what_strengthens() -> None:
    """There is nothing to accept."""
    line = LINE.replace("sku", "export_policy_enabled")
    assert reviewed(edited(export_policy_enabled=False), line) == ([], [], [line])


def test_a_changed_id_may_be_accepted_by_either_address() -> None:
    """People know the old one."""
    moved = change(PRIVATE, PRIVATE, id_before="azurerm_container_registry.old")
    line = "one azurerm_container_registry.old id: it is empty"
    assert reviewed(moved, line) == ([], ["it is empty"], [])


def test_a_reason_in_the_stack_accepts_too() -> None:
    """For its attribute alone."""
    risky = change(
        PRIVATE, {**PRIVATE, "sku": "Basic", "admin_enabled": True}, reasons={"sku": "x"}
    )
    assert reviewed(risky) == (["admin_enabled"], ["x"], [])


@pytest.mark.parametrize(
    "line", ["one", "one registry sku", "one registry sku:", "one registry sku:  ", "one sku: why"]
)
def test_a_line_without_a_reason_is_an_error(line: str) -> None:
    """With its number, and all of them at once."""
    with pytest.raises(
        ValueError, match=r"accepted-risks\.txt:2: '.*\n.*:3: '.*' is no accepted risk"
    ):
        accepted.parse(f"{LINE}\n{line}\n{line}")


def test_what_is_told_as_a_risk_is_not_told_again() -> None:
    """What else changed is the rest, attribute by attribute."""
    changed = edited(sku="Basic", tags={"a": "b"}, lifecycle=None)
    ((_, rest),) = review("x", [changed], []).stacks["one"].changes
    assert [each.attribute for each in rest] == ["tags.a"]
    assert review("x", [edited(sku="Basic")], []).stacks["one"].changes == []
