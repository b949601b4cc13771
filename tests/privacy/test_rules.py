"""The rules of privacy and continuity, each with attributes that meet and that break it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from helpers import ROOT, Json

from constructs_lib.privacy import attributes, rules
from constructs_lib.privacy.attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    LOCK,
    NETWORK,
    PASSWORD,
    PROVIDER,
    RECORDS,
    REGISTRY,
    ROLE,
    SCOPE_MAP,
    SUBNET,
    TOKEN,
    ZONE,
)
from constructs_lib.privacy.rule import Rule
from constructs_lib.privacy.rules import RULES

DESCRIPTIONS = [
    json.loads(file.read_text())
    for file in sorted((ROOT / "standin").glob("azurerm-*.json"))
    if "validation" not in file.name
]
EXPRESSION = "${var.somewhere_else}"
DENY: Json = {"default_action": "Deny"}
TAKES_PULLS: Json = {"location": "westus", "regional_endpoint_enabled": True}

LOOSE: list[Any] = [{"azurerm": {"version": "~> 4.0"}}, {"azurerm": {}}, EXPRESSION]
PROGRAMS = [
    ("provider.kubernetes", "exec"),
    ("provider.helm", "kubernetes.exec"),
    ("helm_release", "postrender"),
]
PREVENTS = "features.resource_group.prevent_deletion_if_contains_resources"


def nested(path: str, value: Any) -> Json:
    """The attributes of a resource that sets one."""
    *blocks, last = path.split(".")
    attributes = {last: value}
    for block in reversed(blocks):
        attributes = {block: attributes}
    return attributes


RESOURCES: list[tuple[str, str, Json, Json, bool]] = [
    (
        REGISTRY,
        "public_network_access_enabled",
        {"public_network_access_enabled": False},
        {"public_network_access_enabled": True},
        False,
    ),
    (REGISTRY, "sku", {"sku": "Premium"}, {"sku": "Standard"}, False),
    (
        REGISTRY,
        "anonymous_pull_enabled",
        {"anonymous_pull_enabled": False},
        {"anonymous_pull_enabled": True},
        True,
    ),
    (REGISTRY, "admin_enabled", {"admin_enabled": False}, {"admin_enabled": True}, True),
    (
        REGISTRY,
        "network_rule_bypass_option",
        {"network_rule_bypass_option": "None"},
        {"network_rule_bypass_option": "AzureServices"},
        False,
    ),
    (
        REGISTRY,
        "export_policy_enabled",
        {"export_policy_enabled": False},
        {"export_policy_enabled": True},
        False,
    ),
    *((type, path, {}, nested(path, {"command": "az"}), True) for type, path in PROGRAMS),
    (PROVIDER, PREVENTS, nested(PREVENTS, True), nested(PREVENTS, False), True),
    (
        REGISTRY,
        "network_rule_set",
        {"network_rule_set": DENY},
        {"network_rule_set": [{**DENY, "ip_rule": [{"ip_range": "192.0.2.0/24"}]}]},
        False,
    ),
    (
        REGISTRY,
        "retention_policy_in_days",
        {"retention_policy_in_days": None},
        {"retention_policy_in_days": 7},
        True,
    ),
    (
        REGISTRY,
        "georeplications",
        {"georeplications": [TAKES_PULLS]},
        {"georeplications": [TAKES_PULLS, {"location": "eastus"}]},
        True,
    ),
    (
        REGISTRY,
        "encryption",
        {"encryption": [{"key_vault_key_id": "id"}]},
        {"encryption": []},
        False,
    ),
    (
        REGISTRY,
        "lifecycle.prevent_destroy",
        {"lifecycle": {"prevent_destroy": True}},
        {"lifecycle": {"prevent_destroy": False}},
        False,
    ),
    (
        REGISTRY,
        "lifecycle.ignore_changes",
        {"lifecycle": {"ignore_changes": ["tags"]}},
        {"lifecycle": {"ignore_changes": ["tags", "public_network_access_enabled"]}},
        True,
    ),
    (
        ENDPOINT,
        "private_service_connection.subresource_names",
        {"private_service_connection": {"subresource_names": ["registry"]}},
        {"private_service_connection": [{"subresource_names": ["registry_data_eastus"]}]},
        False,
    ),
    (
        ENDPOINT,
        "private_dns_zone_group",
        {"private_dns_zone_group": [{"name": "group"}]},
        {"private_dns_zone_group": []},
        False,
    ),
    (ZONE, "name", {"name": "privatelink.azurecr.us"}, {"name": "azurecr.io"}, False),
    (
        LINK,
        "registration_enabled",
        {"registration_enabled": False},
        {"registration_enabled": True},
        True,
    ),
    (LOCK, "lock_level", {"lock_level": "ReadOnly"}, {"lock_level": "CanNotDelete"}, False),
    (
        REGISTRY,
        "quarantine_policy_enabled",
        {"quarantine_policy_enabled": False},
        {"quarantine_policy_enabled": True},
        True,
    ),
    *(
        (
            type,
            "lifecycle.ignore_changes",
            {"lifecycle": {"ignore_changes": ["tags", "private_dns_zone_group"]}},
            {"lifecycle": {"ignore_changes": path}},
            True,
        )
        for type, path in (
            (ENDPOINT, ["private_service_connection[0].subresource_names"]),
            (ENDPOINT, ["private_service_connection"]),
            (ZONE, "all"),
            (LINK, ["registration_enabled"]),
            (LOCK, ["lock_level"]),
            (AUDIT_LOGS, ["enabled_log[0].category"]),
        )
    ),
    *(
        (AUDIT_LOGS, name, {name: None}, {name: "somebody's"}, True)
        for name in (
            *("eventhub_authorization_rule_id", "eventhub_name", "partner_solution_id"),
            "storage_account_id",
        )
    ),
    (
        REGISTRY,
        "network_rule_bypass_for_tasks_enabled",
        {"network_rule_bypass_for_tasks_enabled": False},
        {"network_rule_bypass_for_tasks_enabled": True},
        True,
    ),
    *(
        (
            type,
            "zone_name",
            {"zone_name": "corp.example"},
            {"zone_name": "privatelink.azurecr.io"},
            True,
        )
        for type in RECORDS
    ),
    (ROLE, "role_definition_name", {"description": "a"}, {"role_definition_name": "AcrPush"}, True),
    (
        TOKEN,
        "scope_map_id",
        {"scope_map_id": "/scopeMaps/_repositories_pull"},
        {"scope_map_id": "/scopeMaps/_repositories_admin"},
        True,
    ),
    (
        SCOPE_MAP,
        "actions",
        {"actions": ["repositories/a/content/read"]},
        {"actions": ["repositories/a/content/read", "repositories/a/content/write"]},
        True,
    ),
]
"""Rules on a resource: right attributes, wrong ones, and whether the defaults meet the rule."""

OTHER_REPLICA: Json = {**TAKES_PULLS, "location": "East US"}
AZURERM: Json = {"backend": {"azurerm": {"key": "a", "use_azuread_auth": True}}}
CHANGES: list[tuple[str, str, Json, Json]] = [
    (
        REGISTRY,
        "georeplications",
        {"georeplications": [TAKES_PULLS, OTHER_REPLICA]},
        {"georeplications": [{**TAKES_PULLS, "location": "West US"}]},
    ),
    (
        REGISTRY,
        "georeplications",
        {"georeplications": [TAKES_PULLS]},
        {"georeplications": {**TAKES_PULLS, "zone_redundancy_enabled": True}},
    ),
    (
        SUBNET,
        "private_endpoint_network_policies",
        {},
        {"private_endpoint_network_policies": "Enabled"},
    ),
    (
        ENDPOINT,
        "private_dns_zone_group.private_dns_zone_ids",
        {"private_dns_zone_group": [{"private_dns_zone_ids": ["/a", "/b"]}]},
        {"private_dns_zone_group": {"private_dns_zone_ids": ["/A"]}},
    ),
    (
        AUDIT_LOGS,
        "enabled_log",
        {"enabled_log": [{"category": "a"}, {"category_group": "audit"}]},
        {"enabled_log": {"category": "a"}},
    ),
    (
        AUDIT_LOGS,
        "log_analytics_workspace_id",
        {"log_analytics_workspace_id": "a"},
        {"log_analytics_workspace_id": "b"},
    ),
    *(
        ("terraform", kind, {kind: before, "a": 1}, {kind: after, "a": 1})
        for kind, before, after in (
            ("backend", {"local": {"path": "a"}}, {"local": [{"path": "b"}]}),
            ("backend", {"local": {"path": "a"}}, {"azurerm": {"key": "a"}}),
            ("backend", {"azurerm": {"key": "a"}}, {"azurerm": {"key": "b"}}),
            ("backend", {"s3": {"bucket": "a"}}, {"s3": {"bucket": "b"}}),
            ("backend", {"local": {}}, None),
            ("cloud", None, {"organization": "a"}),
            ("cloud", {"workspaces": {"name": "a"}}, {"workspaces": {"name": "b"}}),
        )
    ),
    (
        REGISTRY,
        "encryption",
        {"encryption": {"key_vault_key_id": "ours"}},
        {"encryption": [{"key_vault_key_id": "theirs"}]},
    ),
    (
        TOKEN,
        "scope_map_id",
        {"scope_map_id": "/scopeMaps/_repositories_pull_metadata_read"},
        {"scope_map_id": "/scopeMaps/_repositories_pull"},
    ),
    (
        SCOPE_MAP,
        "actions",
        {"actions": ["repositories/a/content/read"]},
        {"actions": ["repositories/**/content/read"]},
    ),
    *(
        (PASSWORD, "password1", {"password1": before}, {"password1": after})
        for before, after in (
            ({"expiry": "2027-01-01T00:00:00Z"}, {"expiry": "2028-01-01T00:00:00Z"}),
            ({"expiry": "2027-01-01T00:00:00Z"}, [{"expiry": None}]),
            ({"expiry": "2027-01-01T00:00:00Z"}, {"expiry": EXPRESSION}),
        )
    ),
    (PASSWORD, "password2", {}, {"password2": {"expiry": "2027-01-01T00:00:00Z"}}),
    ("terraform", "backend", AZURERM, {"backend": {"azurerm": {"key": "a"}}}),
    ("terraform", "backend", AZURERM, {"backend": {"azurerm": {"key": "a", "access_key": "x"}}}),
    *(
        (
            "terraform",
            "required_providers",
            {"required_providers": {"azurerm": {"version": "4.55.0"}, "helm": "~> 3.0"}},
            {"required_providers": after},
        )
        for after in LOOSE
    ),
    (NETWORK, "name", {"name": "a"}, {"name": "b"}),
    (NETWORK, "resource_group_name", {"resource_group_name": "a"}, {"resource_group_name": "b"}),
    (PROVIDER, "subscription_id", {"subscription_id": "a"}, {"subscription_id": "b"}),
    (PROVIDER, "environment", {}, {"environment": "usgovernment"}),
]
"""Rules on a change: the attributes before, and attributes after that break the rule."""


CHANGES += [
    (rule.type, rule.attribute, nested(rule.attribute, "x"), nested(rule.attribute, "y"))
    for rule in RULES
    if (rule.type, rule.attribute)
    not in {(type, path) for type, path, *_ in [*RESOURCES, *CHANGES, (rule.type, "removed")]}
]


def find(type: str, attribute: str) -> list[Rule]:
    """The rules on an attribute."""
    return [rule for rule in RULES if (rule.type, rule.attribute) == (type, attribute)]


def meets(type: str, attribute: str, before: Json | None, after: Json | None) -> bool:
    """Whether a change meets all rules on an attribute."""
    return all(rule.check(before, after) for rule in find(type, attribute))


@pytest.mark.parametrize(("type", "attribute", "right", "wrong", "unset"), RESOURCES)
def test_attributes_meet_or_break_a_rule(
    type: str, attribute: str, right: Json, wrong: Json, unset: bool
) -> None:
    """An attribute that is not set or null counts as azurerm's default."""
    assert meets(type, attribute, None, right)
    assert not meets(type, attribute, None, wrong)
    assert meets(type, attribute, None, {}) is unset
    assert meets(type, attribute, None, dict.fromkeys(right)) is unset


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.required])
def test_an_expression_breaks_a_required_rule(rule: Rule) -> None:
    """An unknown value breaks the rule, except for a zone, which may be another service's."""
    block, _, last = rule.attribute.rpartition(".")
    of_expression: Json = {last: EXPRESSION}
    resource = {block: of_expression} if block else of_expression
    assert rule.check(None, resource) is (rule.type == ZONE)


@pytest.mark.parametrize(("type", "attribute", "before", "after"), CHANGES)
def test_a_rule_on_changes_is_broken_only_by_a_change(
    type: str, attribute: str, before: Json, after: Json
) -> None:
    """An attribute that stays the same meets the rule, and so does a new resource."""
    assert not meets(type, attribute, before, after)
    for same in (before, after):
        assert meets(type, attribute, same, same)
        assert meets(type, attribute, None, same)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.attribute == "removed"])
def test_a_rule_on_removal_is_broken_only_by_a_removal(rule: Rule) -> None:
    """A resource that changes or is new meets the rule, whatever it sets."""
    assert rule.check({"name": "a"}, {"name": "b"})
    assert rule.check(None, {})
    assert not rule.check({"name": "a"}, None)


def test_only_new_locks_and_audit_logs_are_welcome() -> None:
    """A new resource of another type does not strengthen the registry by itself."""
    assert {rule.type for rule in RULES if rule.is_strengthening} == {LOCK, AUDIT_LOGS}


def test_every_rule_has_a_case() -> None:
    """Each rule has a case here, a title without a function's name, and a remedy."""
    cases = {(type, attribute) for type, attribute, *_ in [*RESOURCES, *CHANGES]}
    removed = {(rule.type, "removed") for rule in RULES if rule.attribute == "removed"}
    assert {(rule.type, rule.attribute) for rule in RULES} == cases | removed
    for rule in RULES:
        assert rule.title[0].isupper()
        assert not rule.title.endswith(".")
        assert "_" not in rule.title
        assert rule.remedy.endswith(".")


def test_a_replica_must_stay_but_may_be_spelled_differently() -> None:
    """Other replicas may be added, but an expression may stand for a list without the replica."""
    (stays,) = [rule for rule in find(REGISTRY, "georeplications") if "stay" in rule.title]
    before: Json = {"georeplications": [{"location": "westus"}]}
    for after, met in (
        ([{"location": "West US", "tags": {"a": "b"}}, {"location": "eastus"}], True),
        ({"location": "westus", "zone_redundancy_enabled": False}, True),
        ([], False),
        ("${var.replicas}", False),
    ):
        assert stays.check(before, {"georeplications": after}) is met


def test_a_subscription_may_become_explicit_or_implicit() -> None:
    """A missing subscription id may stand for the same subscription in Terraform's environment."""
    assert meets(PROVIDER, "subscription_id", {}, {"subscription_id": "one"})
    assert meets(PROVIDER, "subscription_id", {"subscription_id": "one"}, {})


def test_the_login_to_the_state_may_change() -> None:
    """It is not part of the place in which the state is kept; a new stack has no place before."""
    after: Json = {"azurerm": {"key": "a", "use_azuread_auth": True, "use_oidc": True}}
    assert meets("terraform", "backend", AZURERM, {"backend": after})
    assert meets("terraform", "backend", {}, {"backend": after})
    assert meets("terraform", "backend", AZURERM, {})


def test_the_texts_true_and_false_are_truth_values() -> None:
    """Terraform accepts the texts ``true`` and ``false`` as truth values, and so do the rules."""
    off, on = ({"public_network_access_enabled": text} for text in ("false", "true"))
    assert meets(REGISTRY, "public_network_access_enabled", None, off)
    assert not meets(REGISTRY, "public_network_access_enabled", None, on)


def test_ignoring_all_changes_breaks_the_rule() -> None:
    """The value ``all`` of ``ignore_changes`` includes the attributes of all rules."""
    ignoring = {"lifecycle": {"ignore_changes": "all"}}
    assert not meets(REGISTRY, "lifecycle.ignore_changes", None, ignoring)


def test_azure_policy_may_attach_the_zone_group() -> None:
    """An endpoint without a zone group meets the rule if it ignores changes of the group."""
    ignoring = {"lifecycle": {"ignore_changes": ["private_dns_zone_group"]}}
    assert meets(ENDPOINT, "private_dns_zone_group", None, ignoring)


def test_an_endpoint_must_not_ignore_the_zone_group_that_it_has() -> None:
    """Only an endpoint whose zone group Azure Policy attaches may ignore it."""
    ignoring: Json = {"lifecycle": {"ignore_changes": ["private_dns_zone_group"]}}
    with_group = {**ignoring, "private_dns_zone_group": {"name": "a"}}
    assert meets(ENDPOINT, "lifecycle.ignore_changes", None, ignoring)
    assert not meets(ENDPOINT, "lifecycle.ignore_changes", None, with_group)


OFFICE: Json = {"default_action": "Deny", "ip_rule": [{"ip_range": "192.0.2.0/24"}]}


def ignoring(*paths: str) -> Json:
    """A resource that ignores changes."""
    return {"lifecycle": {"ignore_changes": list(paths)}}


@pytest.mark.parametrize(
    ("type", "attribute", "before", "after", "worse"),
    [
        (REGISTRY, "admin_enabled", {"admin_enabled": True}, {"admin_enabled": "true"}, False),
        (REGISTRY, "export_policy_enabled", {}, {"export_policy_enabled": True}, False),
        (REGISTRY, "sku", {"sku": "Standard"}, {"sku": "Basic"}, True),
        (
            REGISTRY,
            "network_rule_set",
            {},
            {"network_rule_set": {"default_action": "Allow"}},
            False,
        ),
        (REGISTRY, "network_rule_set", {}, {"network_rule_set": OFFICE}, False),
        (REGISTRY, "network_rule_set", {"network_rule_set": OFFICE}, {}, True),
        *(
            (
                REGISTRY,
                "network_rule_set",
                {"network_rule_set": [OFFICE]},
                {"network_rule_set": {**OFFICE, "ip_rule": [{"ip_range": ip_range}]}},
                worse,
            )
            for ip_range, worse in (
                ("192.0.2.128/25", False),
                ("192.0.2.7", False),
                ("192.0.0.0/16", True),
                ("0.0.0.0/0", True),
                ("2001:db8::/32", True),
                (EXPRESSION, True),
            )
        ),
        *(
            (
                REGISTRY,
                "retention_policy_in_days",
                {"retention_policy_in_days": 7},
                {"retention_policy_in_days": days},
                worse,
            )
            for days, worse in ((30, False), ("30", False), (6, True), (EXPRESSION, True))
        ),
        (
            REGISTRY,
            "georeplications",
            {"georeplications": [{"location": "East US"}]},
            {"georeplications": [{"location": "eastus"}, TAKES_PULLS]},
            False,
        ),
        (
            REGISTRY,
            "georeplications",
            {"georeplications": [{"location": "eastus"}]},
            {"georeplications": [{"location": "eastus"}, {"location": "westus"}]},
            True,
        ),
        (
            REGISTRY,
            "lifecycle.ignore_changes",
            ignoring("sku", "admin_enabled"),
            ignoring("sku"),
            False,
        ),
        (REGISTRY, "lifecycle.ignore_changes", ignoring("all"), ignoring("sku", "tags"), False),
        (
            REGISTRY,
            "lifecycle.ignore_changes",
            ignoring("sku"),
            ignoring("sku", "encryption"),
            True,
        ),
        (REGISTRY, "encryption", {}, {"encryption": {"key_vault_key_id": "the first"}}, True),
        (ROLE, "role_definition_name", {"scope": "a"}, {"scope": "a", "description": "b"}, False),
        (ROLE, "role_definition_name", {"principal_id": "a"}, {"principal_id": "b"}, True),
    ],
)
def test_a_broken_rule_may_become_worse(
    type: str, attribute: str, before: Json, after: Json, worse: bool
) -> None:
    """Both sides break the rule; a default that is stated and a smaller exposure are no worse."""
    rules = [rule for rule in find(type, attribute) if not rule.check(None, before)]
    assert any(rule.worsens(before, after) for rule in rules) is worse


def test_the_guides_stack_breaks_no_required_rule(guide: Json) -> None:
    """The guide's resources break no required rule, and neither does a type without rules."""
    for type, resources in guide["resource"].items():
        for resource in resources.values():
            assert rules.broken(type, resource) == []
    assert rules.broken("azurerm_virtual_network", {}) == []


def test_a_synthesis_requires_a_private_registry() -> None:
    """A registry without settings breaks two required rules; the admin user breaks none."""
    broken = rules.broken(REGISTRY, {"admin_enabled": True})
    assert [rule.attribute for rule in broken] == ["public_network_access_enabled", "sku"]


def test_defaults_are_those_of_the_provider() -> None:
    """Each default is the provider's, or false where the provider describes none."""
    for type, defaults in attributes.DEFAULTS.items():
        specs = [
            each["provider"] if type == PROVIDER else each["resources"][type]
            for each in DESCRIPTIONS
        ]
        for name, default in defaults.items():
            stated = [spec[name].get("default", default or False) for spec in specs if name in spec]
            assert all(each == default for each in stated), name
