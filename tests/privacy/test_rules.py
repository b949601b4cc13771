"""The rules of privacy and continuity, each with attributes that meet and that break it."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import Json
from versions import DESCRIPTIONS, described

from constructs_lib.privacy import attributes, rules
from constructs_lib.privacy.attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    LOCK,
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

EXPRESSION = "${var.somewhere_else}"
MEMBERS = "private_service_connection.subresource_names"
EXPIRES = {"expiry": "2027-01-01T00:00:00Z"}
PINNED = {"azurerm": {"version": "4.55.0"}, "helm": "~> 3.0"}
DENY: Json = {"default_action": "Deny"}
TAKES_PULLS: Json = {"location": "westus", "regional_endpoint_enabled": True}

LOOSE: list[Any] = [{"azurerm": {"version": "~> 4.0"}}, {"azurerm": {}}, EXPRESSION]
RESOURCE_TYPES = DESCRIPTIONS[0]["resources"].keys()
PREVENTS = "features.resource_group.prevent_deletion_if_contains_resources"
PULL = "/scopeMaps/_repositories_pull"
READ = "repositories/a/content/read"


def nested(path: str, value: Any, in_a_plan: bool = False) -> Json:
    """Attributes with a value under a path with dots; in a plan, each block is in a list."""
    *blocks, last = path.split(".")
    attributes: Json = {last: value}
    for block in reversed(blocks):
        attributes = {block: [attributes] if in_a_plan else attributes}
    return attributes


RESOURCES: list[tuple[str, str, Any, Any, bool]] = [
    (REGISTRY, "public_network_access_enabled", False, True, False),
    (REGISTRY, "public_network_access_enabled", "false", "true", False),
    (REGISTRY, "sku", "Premium", "Standard", False),
    (REGISTRY, "anonymous_pull_enabled", False, True, True),
    (REGISTRY, "admin_enabled", False, True, True),
    (REGISTRY, "network_rule_bypass_option", "None", "AzureServices", False),
    (REGISTRY, "network_rule_bypass_for_tasks_enabled", False, True, True),
    (REGISTRY, "export_policy_enabled", False, True, False),
    (REGISTRY, "quarantine_policy_enabled", False, True, True),
    (
        REGISTRY,
        "network_rule_set",
        DENY,
        [{**DENY, "ip_rule": [{"ip_range": "192.0.2.0/24"}]}],
        False,
    ),
    (REGISTRY, "retention_policy_in_days", None, 7, True),
    (REGISTRY, "georeplications", [TAKES_PULLS], [TAKES_PULLS, {"location": "eastus"}], True),
    (REGISTRY, "encryption", [{"key_vault_key_id": "id"}], [], False),
    (REGISTRY, "lifecycle.prevent_destroy", True, False, False),
    (ENDPOINT, MEMBERS, ["registry"], ["registry_data_eastus"], False),
    (ENDPOINT, "private_dns_zone_group", [{"name": "group"}], [], False),
    (ZONE, "name", "privatelink.azurecr.us", "azurecr.io", False),
    (LINK, "registration_enabled", False, True, True),
    (LOCK, "lock_level", "ReadOnly", "CanNotDelete", False),
    *(
        (type, "lifecycle.ignore_changes", ["tags", "private_dns_zone_group"], paths, True)
        for type, paths in (
            (REGISTRY, ["tags", "public_network_access_enabled"]),
            (ENDPOINT, ["private_service_connection[0].subresource_names"]),
            (ENDPOINT, ["private_service_connection"]),
            (ZONE, "all"),
            (LINK, ["registration_enabled"]),
            (LOCK, ["lock_level"]),
            (AUDIT_LOGS, ["enabled_log[0].category"]),
        )
    ),
    (AUDIT_LOGS, "eventhub_authorization_rule_id", None, "somebody's", True),
    (AUDIT_LOGS, "eventhub_name", None, "somebody's", True),
    (AUDIT_LOGS, "partner_solution_id", None, "somebody's", True),
    (AUDIT_LOGS, "storage_account_id", None, "somebody's", True),
    (PROVIDER, PREVENTS, True, False, True),
    ("provider.kubernetes", "exec", None, {"command": "az"}, True),
    ("provider.helm", "kubernetes.exec", None, {"command": "az"}, True),
    ("helm_release", "postrender", None, {"command": "az"}, True),
    *((type, "zone_name", "corp.example", "privatelink.azurecr.io", True) for type in RECORDS),
    (ROLE, "role_definition_name", None, "AcrPush", True),
    (TOKEN, "scope_map_id", PULL, "/scopeMaps/_repositories_admin", True),
    (SCOPE_MAP, "actions", [READ], [READ, "repositories/a/content/write"], True),
]
"""Rules on a resource: a right value, a wrong one, and whether the default meets the rule."""

OTHER_REPLICA: Json = {**TAKES_PULLS, "location": "East US"}
MOVED: Json = {**TAKES_PULLS, "location": "West US"}
OURS: Json = {"azurerm": {"key": "a", "use_azuread_auth": True}}
CHANGES: list[tuple[str, str, Any, Any]] = [
    (REGISTRY, "georeplications", [TAKES_PULLS, OTHER_REPLICA], [MOVED]),
    (
        REGISTRY,
        "georeplications",
        [TAKES_PULLS],
        {**TAKES_PULLS, "zone_redundancy_enabled": True},
    ),
    (SUBNET, "private_endpoint_network_policies", None, "Enabled"),
    (ENDPOINT, "private_dns_zone_group.private_dns_zone_ids", ["/a", "/b"], ["/A"]),
    (
        AUDIT_LOGS,
        "enabled_log",
        [{"category": "a"}, {"category_group": "audit"}],
        {"category": "a"},
    ),
    ("terraform", "backend", {"local": {"path": "a"}}, {"local": [{"path": "b"}]}),
    ("terraform", "backend", {"local": {"path": "a"}}, {"azurerm": {"key": "a"}}),
    ("terraform", "backend", {"azurerm": {"key": "a"}}, {"azurerm": {"key": "b"}}),
    ("terraform", "backend", {"s3": {"bucket": "a"}}, {"s3": {"bucket": "b"}}),
    ("terraform", "backend", {"local": {}}, None),
    ("terraform", "backend", OURS, {"azurerm": {"key": "a"}}),
    ("terraform", "backend", OURS, {"azurerm": {"key": "a", "access_key": "x"}}),
    ("terraform", "cloud", None, {"organization": "a"}),
    ("terraform", "cloud", {"workspaces": {"name": "a"}}, {"workspaces": {"name": "b"}}),
    *(("terraform", "required_providers", PINNED, after) for after in LOOSE),
    (REGISTRY, "encryption", {"key_vault_key_id": "ours"}, [{"key_vault_key_id": "theirs"}]),
    (TOKEN, "scope_map_id", f"{PULL}_metadata_read", PULL),
    (SCOPE_MAP, "actions", [READ], ["repositories/**/content/read"]),
    (PASSWORD, "password1", EXPIRES, {"expiry": "2028-01-01T00:00:00Z"}),
    (PASSWORD, "password1", EXPIRES, [{"expiry": None}]),
    (PASSWORD, "password1", EXPIRES, {"expiry": EXPRESSION}),
    (PASSWORD, "password2", None, EXPIRES),
    (PROVIDER, "environment", None, "usgovernment"),
]
"""Rules on a change: the value before, and a value after that breaks the rule."""


CHANGES += [
    (rule.type, rule.attribute, "x", "y")
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


def worsens(type: str, attribute: str, before: Json, after: Json) -> bool:
    """Whether a change makes a resource worse that breaks a rule before."""
    rules = [rule for rule in find(type, attribute) if not rule.check(None, before)]
    return any(rule.worsens(before, after) for rule in rules)


@pytest.mark.parametrize(("type", "path", "right", "wrong", "unset"), RESOURCES)
def test_attributes_meet_or_break_a_rule(
    type: str, path: str, right: Any, wrong: Any, unset: bool
) -> None:
    """An attribute that is not set or null counts as azurerm's default."""
    for in_a_plan in (False, True):
        assert meets(type, path, None, nested(path, right, in_a_plan))
        assert not meets(type, path, None, nested(path, wrong, in_a_plan))
    assert meets(type, path, None, {}) is unset
    assert meets(type, path, None, dict.fromkeys(nested(path, right))) is unset


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.required])
def test_an_expression_breaks_a_required_rule(rule: Rule) -> None:
    """An unknown value breaks the rule, except for a zone, which may be another service's."""
    assert rule.check(None, nested(rule.attribute, EXPRESSION)) is (rule.type == ZONE)


@pytest.mark.parametrize(("type", "path", "before", "after"), CHANGES)
def test_a_rule_on_changes_is_broken_only_by_a_change(
    type: str, path: str, before: Any, after: Any
) -> None:
    """An attribute that stays the same meets the rule, and so does a new resource."""
    for in_a_plan in (False, True):
        sides = [nested(path, value, in_a_plan) for value in (before, after)]
        assert not meets(type, path, *sides)
        for same in sides:
            assert meets(type, path, same, same)
            assert meets(type, path, None, same)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.attribute == "removed"])
def test_a_rule_on_removal_is_broken_only_by_a_removal(rule: Rule) -> None:
    """A resource that changes or is new meets the rule, whatever it sets."""
    assert rule.check({"name": "a"}, {"name": "b"})
    assert rule.check(None, {})
    assert not rule.check({"name": "a"}, None)


def test_only_new_locks_and_audit_logs_are_welcome() -> None:
    """A new resource of another type does not strengthen the registry by itself."""
    assert {rule.type for rule in RULES if rule.is_strengthening} == {LOCK, AUDIT_LOGS}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_a_sentence_with_a_remedy(rule: Rule) -> None:
    """The title has no function's name."""
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert "_" not in rule.title
    assert rule.remedy.endswith(".")


def test_a_region_must_stay_but_may_be_spelled_differently() -> None:
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
    assert meets(REGISTRY, "location", {"location": "East US"}, {"location": "eastus"})


def test_a_subscription_may_become_explicit_or_implicit() -> None:
    """A missing subscription id may stand for the same subscription in Terraform's environment."""
    assert meets(PROVIDER, "subscription_id", {}, {"subscription_id": "one"})
    assert meets(PROVIDER, "subscription_id", {"subscription_id": "one"}, {})


def test_a_default_may_become_explicit_or_implicit() -> None:
    """It is what azurerm takes anyway."""
    for type, path, default in (
        (SUBNET, "private_endpoint_network_policies", "Disabled"),
        (PROVIDER, "environment", "public"),
    ):
        assert meets(type, path, {}, {path: default})
        assert meets(type, path, {path: default}, {})


def test_the_login_to_the_state_may_change() -> None:
    """It is not part of the place in which the state is kept; a new stack has no place before."""
    before = {"backend": OURS}
    after = {"backend": {"azurerm": {"key": "a", "use_azuread_auth": True, "use_oidc": True}}}
    assert meets("terraform", "backend", before, after)
    assert meets("terraform", "backend", {}, after)
    assert meets("terraform", "backend", before, {})


IGNORED = "lifecycle.ignore_changes"


def test_azure_policy_may_attach_the_zone_group() -> None:
    """An endpoint without a group may ignore it; one that has a group must not."""
    ignoring = nested(IGNORED, ["private_dns_zone_group"])
    assert meets(ENDPOINT, "private_dns_zone_group", None, ignoring)
    assert meets(ENDPOINT, IGNORED, None, ignoring)
    assert not meets(ENDPOINT, IGNORED, None, {**ignoring, "private_dns_zone_group": {"name": "a"}})


OFFICE: Json = {"default_action": "Deny", "ip_rule": [{"ip_range": "192.0.2.0/24"}]}


@pytest.mark.parametrize(
    ("path", "before", "after", "worse"),
    [
        ("admin_enabled", True, "true", False),
        ("export_policy_enabled", None, True, False),
        ("sku", "Standard", "Basic", True),
        ("network_rule_set", None, {"default_action": "Allow"}, False),
        ("network_rule_set", None, OFFICE, False),
        ("network_rule_set", OFFICE, None, True),
        *(
            ("network_rule_set", [OFFICE], {**OFFICE, "ip_rule": [{"ip_range": ip_range}]}, worse)
            for ip_range, worse in (
                ("192.0.2.128/25", False),
                ("192.0.2.7", False),
                ("192.0.0.0/16", True),
                ("0.0.0.0/0", True),
                ("2001:db8::/32", True),
                (EXPRESSION, True),
            )
        ),
        ("retention_policy_in_days", 7, 30, False),
        ("retention_policy_in_days", 7, "30", False),
        ("retention_policy_in_days", 7, 6, True),
        ("retention_policy_in_days", 7, EXPRESSION, True),
        (
            "georeplications",
            [{"location": "East US"}],
            [{"location": "eastus"}, TAKES_PULLS],
            False,
        ),
        ("georeplications", [{"location": "a"}], [{"location": "a"}, {"location": "b"}], True),
        (IGNORED, ["sku", "admin_enabled"], ["sku"], False),
        (IGNORED, ["all"], ["sku", "tags"], False),
        (IGNORED, ["sku"], ["sku", "encryption"], True),
        ("encryption", None, {"key_vault_key_id": "the first"}, True),
    ],
)
def test_a_broken_rule_may_become_worse(path: str, before: Any, after: Any, worse: bool) -> None:
    """Both sides break the rule; a default that is stated and a smaller exposure are no worse."""
    assert worsens(REGISTRY, path, nested(path, before), nested(path, after)) is worse


def test_another_grant_of_a_role_is_worse() -> None:
    """A description is none."""
    grant = {"scope": "a", "principal_id": "a"}
    assert not worsens(ROLE, "role_definition_name", grant, {**grant, "description": "b"})
    assert worsens(ROLE, "role_definition_name", grant, {**grant, "principal_id": "b"})


def test_the_guides_stack_breaks_no_required_rule(guide: Json) -> None:
    """The guide's resources break no required rule, and neither does a type without rules."""
    for type, resources in guide["resource"].items():
        for resource in resources.values():
            assert rules.broken(type, resource) == []
    assert rules.broken("azurerm_virtual_network", {}) == []


def test_defaults_are_those_of_the_provider() -> None:
    """Each default is the provider's, or false where the provider describes none."""
    for type, defaults in attributes.DEFAULTS.items():
        for name, default in defaults.items():
            given = [spec[name] for spec in described(type) if name in spec]
            assert all(each.get("default", default or False) == default for each in given), name


@pytest.mark.parametrize("rule", [each for each in RULES if each.type in RESOURCE_TYPES])
def test_stating_the_providers_default_is_no_change(rule: Rule) -> None:
    """Whoever writes down what azurerm does anyway is not told of a risk."""
    for spec in described(rule.type):
        if (default := spec.get(rule.attribute, {}).get("default")) is not None:
            assert attributes.value(rule.type, {}, rule.attribute) == default
