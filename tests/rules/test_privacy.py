"""The rules of privacy and continuity: each with what it takes and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import Json
from standin import schema

from constructs_lib.rules import attributes, privacy
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
from constructs_lib.rules.privacy import RULES, Rule

EXPRESSION = "${var.somewhere_else}"
DENY: Json = {"default_action": "Deny"}
TAKES_PULLS: Json = {"location": "westus", "regional_endpoint_enabled": True}

AS_IT_IS: list[tuple[str, str, Json, Json, bool]] = [
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
]
"""Rules on a resource as it is: right, wrong, and whether one that sets nothing keeps the rule."""

OTHER: Json = {**TAKES_PULLS, "location": "East US"}
CHANGES: list[tuple[str, str, Json, Json]] = [
    (
        REGISTRY,
        "georeplications",
        {"georeplications": [TAKES_PULLS, OTHER]},
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
    (NETWORK, "name", {"name": "a"}, {"name": "b"}),
    (NETWORK, "resource_group_name", {"resource_group_name": "a"}, {"resource_group_name": "b"}),
    (PROVIDER, "subscription_id", {"subscription_id": "a"}, {"subscription_id": "b"}),
    (PROVIDER, "environment", {}, {"environment": "usgovernment"}),
]
"""Rules on a change: what a resource was, and what it must not become."""


def find(type: str, attribute: str) -> list[Rule]:
    """The rules on an attribute."""
    return [rule for rule in RULES if (rule.type, rule.attribute) == (type, attribute)]


def keeps(type: str, attribute: str, before: Json | None, after: Json | None) -> bool:
    """Whether a change keeps all rules on an attribute."""
    return all(rule.check(before, after) for rule in find(type, attribute))


@pytest.mark.parametrize(("type", "attribute", "right", "wrong", "unset"), AS_IT_IS)
def test_a_rule_is_kept_or_broken(
    type: str, attribute: str, right: Json, wrong: Json, unset: bool
) -> None:
    """What is not set, or null, counts as azurerm's default."""
    assert keeps(type, attribute, None, right)
    assert not keeps(type, attribute, None, wrong)
    assert keeps(type, attribute, None, {}) is unset
    assert keeps(type, attribute, None, dict.fromkeys(right)) is unset


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.required])
def test_an_expression_keeps_no_rule_that_a_synthesis_requires(rule: Rule) -> None:
    """What only Terraform knows is not known to be private; a zone may be another thing's."""
    block, _, last = rule.attribute.rpartition(".")
    of_expression: Json = {last: EXPRESSION}
    resource = {block: of_expression} if block else of_expression
    assert rule.check(None, resource) is (rule.type == ZONE)


@pytest.mark.parametrize(("type", "attribute", "before", "after"), CHANGES)
def test_a_change_keeps_or_breaks_a_rule(
    type: str, attribute: str, before: Json, after: Json
) -> None:
    """What stays is fine, whichever of the two it is; a resource as it is breaks none."""
    assert not keeps(type, attribute, before, after)
    for same in (before, after):
        assert keeps(type, attribute, same, same)
        assert keeps(type, attribute, None, same)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.attribute == "removed"])
def test_a_resource_that_matters_stays(rule: Rule) -> None:
    """Whatever it sets."""
    kept = rule.check({"name": "a"}, {"name": "b"}), rule.check(None, {})
    assert (*kept, rule.check({"name": "a"}, None)) == (True, True, False)


def test_what_protects_is_welcome() -> None:
    """A lock, and logs; to add anything else is no strengthening by itself."""
    assert {rule.type for rule in RULES if rule.welcome} == {LOCK, AUDIT_LOGS}


def test_every_rule_has_a_case() -> None:
    """And is written for people: sentences without a name of a function."""
    cases = {(type, attribute) for type, attribute, *_ in [*AS_IT_IS, *CHANGES]}
    removed = {(rule.type, "removed") for rule in RULES if rule.attribute == "removed"}
    assert {(rule.type, rule.attribute) for rule in RULES} == cases | removed
    for rule in RULES:
        assert rule.title[0].isupper()
        assert not rule.title.endswith(".")
        assert "_" not in rule.title
        assert rule.remedy.endswith(".")


def test_a_replica_may_come_and_be_spelled_otherwise() -> None:
    """One that only Terraform knows is not known to stay."""
    (stays,) = [rule for rule in find(REGISTRY, "georeplications") if "stay" in rule.title]
    before: Json = {"georeplications": [{"location": "westus"}]}
    for after, kept in (
        ([{"location": "West US", "tags": {"a": "b"}}, {"location": "eastus"}], True),
        ({"location": "westus", "zone_redundancy_enabled": False}, True),
        ([], False),
        ("${var.replicas}", False),
    ):
        assert stays.check(before, {"georeplications": after}) is kept


def test_a_subscription_that_is_named_is_not_known_to_be_another_one() -> None:
    """Where none was, it was the one that Terraform ran in."""
    assert keeps(PROVIDER, "subscription_id", {}, {"subscription_id": "one"})
    assert keeps(PROVIDER, "subscription_id", {"subscription_id": "one"}, {})


def test_terraforms_words_for_true_and_false_count_as_such() -> None:
    """It takes text for a truth value."""
    off, on = ({"public_network_access_enabled": text} for text in ("false", "true"))
    assert keeps(REGISTRY, "public_network_access_enabled", None, off)
    assert not keeps(REGISTRY, "public_network_access_enabled", None, on)


def test_whoever_ignores_everything_ignores_privacy_too() -> None:
    """Terraform's word for it is no list."""
    ignoring = {"lifecycle": {"ignore_changes": "all"}}
    assert not keeps(REGISTRY, "lifecycle.ignore_changes", None, ignoring)


def test_a_zone_group_that_azure_policy_attaches_is_one() -> None:
    """The stack then says that it ignores it."""
    ignoring = {"lifecycle": {"ignore_changes": ["private_dns_zone_group"]}}
    assert keeps(ENDPOINT, "private_dns_zone_group", None, ignoring)


def test_endpoints_and_zones_of_other_things_are_let_alone() -> None:
    """A user's own stack may have some."""
    connection: Json = {
        "private_connection_resource_id": "${azurerm_storage_account.logs.id}",
        "subresource_names": ["blob"],
    }
    storage = {"private_service_connection": connection}
    assert keeps(ENDPOINT, "private_service_connection.subresource_names", None, storage)
    assert keeps(ZONE, "name", None, {"name": "privatelink.blob.core.windows.net"})


def test_a_registry_that_is_as_it_should_be_breaks_nothing(guide: Json) -> None:
    """And so do its other parts, and what there are no rules for."""
    for type, resources in guide["resource"].items():
        for resource in resources.values():
            assert privacy.broken(type, resource) == []
    assert privacy.broken("azurerm_virtual_network", {}) == []


def test_a_synthesis_requires_what_makes_a_registry_private() -> None:
    """A registry that sets nothing is public, and has no SKU; the admin user is a choice."""
    broken = privacy.broken(REGISTRY, {"admin_enabled": True})
    assert [rule.attribute for rule in broken] == ["public_network_access_enabled", "sku"]


def test_defaults_are_those_of_the_provider() -> None:
    """It gives none for anonymous pull, and does not send it."""
    described: dict[str, Any] = schema.description()["resources"]
    for type, defaults in attributes.DEFAULTS.items():
        for name, default in defaults.items():
            assert described[type][name].get("default", False) == default, name
