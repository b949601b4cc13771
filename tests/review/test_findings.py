"""The rules that changes break or meet, and the risks that are accepted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from helpers import Json

from constructs_lib.privacy.attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    LOCK,
    NETWORK,
    NEW_NETWORK,
    REGISTRY,
    RESOURCE_GROUP,
    ROLE,
    SUBNET,
    ZONE,
)
from constructs_lib.review import accepted
from constructs_lib.review.changes import UNKNOWN, Change, of_stacks
from constructs_lib.review.findings import Finding, findings, review
from constructs_lib.review.printers import markdown
from constructs_lib.review.secrets import Hidden

PRIVATE: Json = {
    "name": "acr12345",
    "sku": "Premium",
    "public_network_access_enabled": False,
    "lifecycle": {"prevent_destroy": True},
}
PROVISIONER: Json = {"provisioner": [{"local-exec": {"command": "az acr update"}}]}


def change(before: Json | None, after: Json | None, type: str = REGISTRY, **more: Any) -> Change:
    """A change of one resource."""
    return Change("one", f"{type}.acr", type, before, after, **more)


def verdicts(changed: Change) -> list[tuple[str, str]]:
    """The attribute and the verdict of each rule that a change breaks or meets."""
    return [(each.attribute, each.verdict) for each in findings(changed)]


def edited(**attributes: Any) -> Change:
    """A change of some attributes of a private registry."""
    return change(PRIVATE, {**PRIVATE, **attributes})


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"public_network_access_enabled": True}, [("public_network_access_enabled", "no longer")]),
        ({"public_network_access_enabled": None}, [("public_network_access_enabled", "no longer")]),
        ({"export_policy_enabled": False}, [("export_policy_enabled", "now")]),
        ({"export_policy_enabled": True}, []),
        ({"network_rule_bypass_option": "other"}, [("network_rule_bypass_option", "still not")]),
        ({"data_endpoint_enabled": True}, []),
        ({"anonymous_pull_enabled": False, "tags": {"a": "b"}}, []),
        ({"zone_redundancy_enabled": False}, []),
        ({"network_rule_set": UNKNOWN}, []),  # which Azure may set
        ({"sku": UNKNOWN}, [("sku", "no longer")]),
    ],
)
def test_a_rule_is_checked_before_and_after(
    attributes: Json, expected: list[tuple[str, str]]
) -> None:
    """A rule that was broken before is reported only if its attribute changes."""
    assert verdicts(edited(**attributes)) == expected


def test_a_new_registry_is_compared_with_the_defaults() -> None:
    """A new registry must meet the required rules, and the others that the defaults meet."""
    assert verdicts(change(None, PRIVATE)) == []
    assert verdicts(change(None, {**PRIVATE, "admin_enabled": True})) == [("admin_enabled", "not")]
    assert verdicts(change(None, {})) == [
        ("public_network_access_enabled", "not"),
        ("sku", "not"),
    ]


@pytest.mark.parametrize("type", [REGISTRY, ENDPOINT, ZONE, LINK, LOCK, AUDIT_LOGS])
def test_a_removed_resource_is_a_risk(type: str) -> None:
    """The removal of each of these resources is a risk; that of a subnet is not."""
    before = {"name": "privatelink.azurecr.io"}
    assert verdicts(change(before, None, type)) == [("removed", "no longer")]
    assert verdicts(change({"name": "a"}, None, SUBNET)) == []


@pytest.mark.parametrize(
    ("type", "attributes"),
    [
        (ENDPOINT, {"private_service_connection": [{"subresource_names": ["blob"]}]}),
        (ZONE, {"name": "privatelink.blob.core.windows.net"}),
        (LINK, {"private_dns_zone_name": "privatelink.blob.core.windows.net"}),
        (AUDIT_LOGS, {"target_resource_id": "${azurerm_key_vault.vault.id}"}),
        (ROLE, {"scope": "${azurerm_storage_account.logs.id}"}),
        (ROLE, {"scope": "${id of azurerm_key_vault rg/vault}"}),
        (ROLE, {"scope": "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Web/sites/a"}),
        (RESOURCE_GROUP, {"name": "other"}),
        (NEW_NETWORK, {"name": "other"}),
        (SUBNET, {"private_endpoint_network_policies": "Enabled"}),
        (NETWORK, {"name": "other"}),
    ],
)
def test_what_is_not_the_registrys_has_no_rules(type: str, attributes: Json) -> None:
    """Endpoints, zones, networks and groups of other services may come, change and go."""
    for before, after in ((attributes, None), (attributes, {}), (None, attributes)):
        changed = change(before, after, type, around="")
        assert [each for each in findings(changed) if each.weakens] == []


@pytest.mark.parametrize(
    "scope",
    [
        "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr",
        "/subscriptions/1/resourceGroups/rg",
        "${id of azurerm_resource_group rg}",
        "${data.azurerm_subscription.current.id}",
        "${var.scope}",
    ],
)
def test_a_role_on_a_registry_or_above_it_is_a_risk(scope: str) -> None:
    """A role on a group or a subscription is one on the registries in it."""
    assert verdicts(change(None, {"scope": scope}, ROLE, around="")) == [
        ("role_definition_name", "not")
    ]


@pytest.mark.parametrize(
    ("type", "sides", "around", "expected"),
    [
        (f"{REGISTRY}_task", (None, {"name": "a"}), "touches", [("added", "not")]),
        (f"{REGISTRY}_task", ({"name": "a"}, {"name": "b"}), "touches", [("name", "no longer")]),
        (f"{REGISTRY}_task", ({"name": "a"}, None), "touches", [("removed", "no longer")]),
        (f"{REGISTRY}_webhook", (None, {"name": "a"}), "touches", [("added", "not")]),
        ("azapi_update_resource", (None, {"a": 1}), "touches", [("added", "not")]),
        ("azapi_update_resource", (None, {"a": 1}), "used", []),
        ("azapi_update_resource", (None, {"a": 1}), "", []),
        ("null_resource", (None, PROVISIONER), "", [("provisioner", "not")]),
        (SUBNET, (None, PROVISIONER), "", [("provisioner", "not")]),
        (REGISTRY, (PRIVATE, {**PRIVATE, **PROVISIONER}), "", [("provisioner", "no longer")]),
        ("azurerm_storage_account", (None, {"name": "a"}), "", []),
        ("azurerm_storage_account", ({"a": 1}, {"a": 2}), "used", []),
        ("azurerm_role_definition", (None, {"name": "a"}), "", [("added", "not")]),
        ("azurerm_role_definition", ({"a": 1}, {"a": 2}), "", [("a", "no longer")]),
        ("azurerm_role_definition", ({"name": "a"}, None), "", []),
        ("azurerm_private_dns_resolver", ({"name": "a"}, None), "", [("removed", "no longer")]),
        ("data.external", (None, {"program": []}), "", [("added", "not")]),
        ("azurerm_key_vault", ({"a": 1}, {"a": 2}), "needed", [("a", "no longer")]),
        ("azurerm_key_vault", ({"tags": 1}, {"tags": 2}), "needed", []),
        ("azurerm_key_vault", ({"a": 1}, None), "needed", [("removed", "no longer")]),
        ("azurerm_key_vault", (None, {"a": 1}), "needed", []),
        ("time_rotating", ({"days": 1}, {"days": 2}), "used", [("days", "no longer")]),
        ("data.azurerm_subnet", (None, {"name": "a"}), "used", []),
        ("data.azurerm_subnet", ({"name": "a"}, {"name": "b"}), "used", [("name", "no longer")]),
        ("data.azurerm_subnet", ({"name": "a"}, {"name": "b"}), "", []),
        ("module", (None, {"source": "./a"}), "", [("added", "not")]),
        ("action", ({"config": 1}, {"config": 2}), "", [("config", "no longer")]),
        (REGISTRY, (PRIVATE, {**PRIVATE, "new": 1}), "touches", [("new", "no longer")]),
        (REGISTRY, (PRIVATE, {**PRIVATE, "provider": "a"}), "touches", [("provider", "no longer")]),
        (REGISTRY, (PRIVATE, {**PRIVATE, "tags": {"a": "b"}}), "touches", []),
    ],
)
def test_what_has_no_rule_is_a_risk(
    type: str, sides: tuple[Json | None, Json | None], around: str, expected: list[tuple[str, str]]
) -> None:
    """It is one if it names a registry, or is a way to one, or if nobody knows what it means."""
    assert verdicts(change(*sides, type, around=around)) == expected


def test_what_somebody_changed_is_named_by_its_arguments() -> None:
    """Tags are none; a resource that Terraform replaces may look the same afterwards."""
    sides: tuple[Json, Json] = ({"a": 1, "tags": 1}, {"a": 1, "tags": 2})
    for what in ("changed outside of Terraform", "moved from azurerm_x.y"):
        assert verdicts(change(*sides, "azurerm_x", around="touches", what=what)) == []
    replaced = change(*sides, "azurerm_x", around="touches", replaced=("replaced",))
    assert verdicts(replaced) == [("replaced", "no longer")]
    deferred = change(*sides, "azurerm_x", around="touches", what="deferred")
    assert verdicts(deferred) == [("added", "no longer")]


def test_the_line_of_a_role_states_what_it_grants() -> None:
    """Another principal, role, scope or condition is another line."""
    role = {"principal_id": "a", "role_definition_id": "b", "scope": "/x", "condition": "c"}
    (finding,) = findings(change(None, role, ROLE, around="touches"))
    granted = '{"condition": "c", "principal_id": "a", "role_definition_id": "b", "scope": "/x"}'
    assert finding.risk == f"one {ROLE}.acr role_definition_name = {granted}:"
    line = f"one {ROLE}.acr role_definition_name = null: it pulls"
    assert reviewed(change(None, role, ROLE, around="touches"), line, base=None)[2] == [line]


@pytest.mark.parametrize("type", [LOCK, AUDIT_LOGS])
def test_a_new_lock_or_audit_log_strengthens(type: str) -> None:
    """A new lock and new audit logs strengthen the registry."""
    assert verdicts(change(None, {"name": "a"}, type)) == [("added", "now")]


def test_a_changed_id_is_a_risk_for_every_resource() -> None:
    """A changed construct id is a risk for a resource, but not for a data source."""
    named: Json = {"name": "a"}
    identity = change(named, named, "azurerm_user_assigned_identity", id_before="old")
    assert verdicts(identity) == [("id", "no longer")]
    assert verdicts(change(named, named, "data.azurerm_subnet", id_before="old")) == []


@pytest.mark.parametrize(
    ("type", "path", "expected"),
    [
        (LINK, "replaced", True),
        (ENDPOINT, "replace_triggered_by", True),
        (LOCK, "scope", True),
        (LOCK, "replace_triggered_by", False),
        (LOCK, "notes", False),
        ("azurerm_other", "name", False),
    ],
)
def test_a_replacement_in_a_plan_is_a_risk(type: str, path: str, expected: bool) -> None:
    """Not that of a lock which the same apply creates again, nor of a type without such rules."""
    named: Json = {"name": "a", "notes": "x"}
    found = verdicts(change(named, named, type, replaced=(path,)))
    assert found == ([(path, "no longer")] if expected else [])


LINE = f"one {REGISTRY}.acr sku: Premium comes back in May"


def reviewed(
    changed: Change, *lines: str, base: Sequence[str] | None = ()
) -> tuple[list[str], list[str], list[str]]:
    """The attributes that weaken, the reasons of accepted risks, and the unused lines."""
    report = review("x", [changed], accepted.parse("\n".join(lines)), base)
    weakens: list[Finding] = report.stacks["one"].weakens
    reasons = [reason for _, reason in report.stacks["one"].accepted]
    return [each.attribute for each in weakens], reasons, report.unused


def test_a_risk_is_accepted_by_a_line_with_a_reason() -> None:
    """A line of accepted risks names the stack, the address or type, the attribute and a reason."""
    risky = edited(sku="Standard")
    assert reviewed(risky, LINE) == ([], ["Premium comes back in May"], [])
    by_type = LINE.replace(".acr", "")
    assert reviewed(risky, "# a comment", "", by_type) == ([], ["Premium comes back in May"], [])


@pytest.mark.parametrize(
    "line",
    [LINE.replace("one", "two"), LINE.replace(".acr", ".b"), LINE.replace("sku", "admin_enabled")],
)
def test_a_line_that_names_another_risk_accepts_none(line: str) -> None:
    """A line for another stack, resource or attribute is reported as unused."""
    assert reviewed(edited(sku="Standard"), line) == (["sku"], [], [line])


def test_a_line_for_a_strengthening_change_is_unused() -> None:
    """A change that meets a rule is not a risk that a line could accept."""
    line = LINE.replace("sku", "export_policy_enabled")
    assert reviewed(edited(export_policy_enabled=False), line) == ([], [], [line])


def test_a_changed_id_may_be_accepted_by_its_old_address() -> None:
    """A line may name the address that the resource had before the change."""
    moved = change(PRIVATE, PRIVATE, id_before="azurerm_container_registry.old")
    line = "one azurerm_container_registry.old id: it is empty"
    assert reviewed(moved, line) == ([], ["it is empty"], [])


def test_a_line_accepts_only_the_value_that_it_states() -> None:
    """The value is JSON, and a text is not the number that it looks like."""
    risky = edited(retention_policy_in_days=7)
    line = f"one {REGISTRY} retention_policy_in_days = %s: a test registry"
    assert reviewed(risky, line % 7) == ([], ["a test registry"], [])
    for value in ("8", '"7"', "null", '{"a": [": x"]}'):
        assert reviewed(risky, line % value) == (["retention_policy_in_days"], [], [line % value])
    assert reviewed(edited(sku={"a: b": 1}), f'one {REGISTRY} sku={{"a: b": 1}}: why')[1] == ["why"]
    assert reviewed(edited(sku=1), f"one {REGISTRY} sku = true: why")[1] == []


def test_the_line_of_a_risk_accepts_it() -> None:
    """The line that the report shows needs only a reason, whatever the value is."""
    skus = ('"Basic": @x', UNKNOWN, Hidden("(sensitive)", "x"))
    removed = change(PRIVATE, None)
    moved = change(PRIVATE, PRIVATE, id_before="azurerm_container_registry.old")
    for risky in (*(edited(sku=sku) for sku in skus), removed, moved):
        (finding,) = [each for each in findings(risky) if each.weakens]
        line = f"{finding.risk} why"
        assert reviewed(risky, line) == reviewed(risky, line, base=None) == ([], ["why"], [])


def test_an_old_line_accepts_nothing_new() -> None:
    """A line that the base has was for an earlier change; a plan has no base, but needs a value."""
    risky = edited(sku="Standard")
    assert reviewed(risky, LINE, base=[LINE]) == (["sku"], [], [LINE])
    assert reviewed(risky, LINE, base=None) == (["sku"], [], [LINE])


@pytest.mark.parametrize(
    ("date", "counts"), [("9999-12-31", True), ("2020-01-01", False), ("9999-02-30", False)]
)
def test_a_reason_may_have_a_last_day(date: str, counts: bool) -> None:
    """After that day, neither a line nor a reason in the stack counts, nor with a wrong date."""
    reason = f"the agents need it until {date}, then not"
    expected = ([], [reason]) if counts else (["sku"], [])
    assert reviewed(edited(sku="Basic"), f"one {REGISTRY} sku: {reason}")[:2] == expected
    by_stack = change(PRIVATE, {**PRIVATE, "sku": "Basic"}, reasons={"sku": reason})
    assert reviewed(by_stack)[:2] == expected


def test_a_reason_in_the_stack_accepts_a_risk() -> None:
    """A reason in the stack accepts the risk of its attribute, and no other risk."""
    risky = change(
        PRIVATE, {**PRIVATE, "sku": "Basic", "admin_enabled": True}, reasons={"sku": "x"}
    )
    assert reviewed(risky) == (["admin_enabled"], ["x"], [])


@pytest.mark.parametrize(
    "line",
    [
        *("one", "one registry sku", "one registry sku:", "one registry sku:  ", "one sku: why"),
        *("one registry sku = : why", "one registry sku = 1", "one registry sku = x: why"),
    ],
)
def test_a_line_without_a_reason_is_an_error(line: str) -> None:
    """The error lists all wrong lines of accepted risks with their numbers."""
    with pytest.raises(
        ValueError, match=r"accepted-risks\.txt:2: '.*\n.*:3: '.*' is not an accepted risk"
    ):
        accepted.parse(f"{LINE}\n{line}\n{line}")


def test_a_risk_is_not_listed_again_as_a_change() -> None:
    """Only the attributes that no rule reports are listed as other changes."""
    changed = edited(sku="Basic", tags={"a": "b"}, lifecycle=None)
    ((_, rest),) = review("x", [changed], []).stacks["one"].changes
    assert [each.attribute for each in rest] == ["tags.a"]
    assert review("x", [edited(sku="Basic")], []).stacks["one"].changes == []


def test_a_pull_token_and_a_cache_rule_weaken_nothing(synthesized: Callable[..., Json]) -> None:
    """The settings' own token can only pull, and the report shows nothing of its secret."""
    name = {"name": "acr12345"}
    before = synthesized()
    after = synthesized(
        container_registry={
            **name,
            "pull_tokens": {"aro-pull": {"expiry": "2099-06-30T00:00:00Z"}},
            "cache_rules": [{"source": "quay.io/strimzi/*", "target": "strimzi/*"}],
        }
    )
    report = review("a commit", of_stacks({"one": before}, {"one": after}), [])
    assert report.stacks["one"].weakens == []
    text = markdown(report)[0]
    assert "/scopeMaps/_repositories_pull" in text
    assert "password1[0].value" not in text
