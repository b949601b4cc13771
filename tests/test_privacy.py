"""The rules that keep a registry private and its images safe: each right, wrong and unset."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable

import pytest
from helpers import ROOT, Json

from constructs_lib import privacy

SCHEMA: Json = json.loads((ROOT / "tests" / "standin" / "azurerm.json").read_text())["resources"]
EXPRESSION = "${var.said_elsewhere}"
RULES_SET: Json = {"default_action": "Deny"}

STATES: list[tuple[Callable[..., bool], Json, Json, bool]] = [
    (
        privacy.public_network_access_is_off,
        {"public_network_access_enabled": False},
        {"public_network_access_enabled": True},
        False,
    ),
    (privacy.the_sku_is_premium, {"sku": "Premium"}, {"sku": "Standard"}, False),
    (
        privacy.nobody_pulls_anonymously,
        {"anonymous_pull_enabled": False},
        {"anonymous_pull_enabled": True},
        True,
    ),
    (privacy.the_admin_user_is_off, {"admin_enabled": False}, {"admin_enabled": True}, True),
    (
        privacy.no_azure_service_bypasses_the_network_rules,
        {"network_rule_bypass_option": "None"},
        {"network_rule_bypass_option": "AzureServices"},
        False,
    ),
    (
        privacy.images_cannot_be_exported,
        {"export_policy_enabled": False},
        {"export_policy_enabled": True},
        False,
    ),
    (
        privacy.the_network_rules_let_nobody_in,
        {"network_rule_set": RULES_SET},
        {"network_rule_set": [{**RULES_SET, "ip_rule": [{"ip_range": "192.0.2.0/24"}]}]},
        False,
    ),
    (
        privacy.untagged_images_are_kept,
        {"retention_policy_in_days": None},
        {"retention_policy_in_days": 7},
        True,
    ),
    (
        privacy.every_replica_takes_pulls,
        {"georeplications": [{"location": "westus", "regional_endpoint_enabled": True}]},
        {
            "georeplications": [
                {"location": "eastus", "regional_endpoint_enabled": True},
                {"location": "westus"},
            ]
        },
        True,
    ),
    (
        privacy.a_key_of_ones_own_encrypts_the_images,
        {"encryption": [{"key_vault_key_id": "id"}]},
        {"encryption": []},
        False,
    ),
    (
        privacy.deletion_protection_is_on,
        {"lifecycle": {"prevent_destroy": True}},
        {"lifecycle": {"prevent_destroy": False}},
        False,
    ),
    (
        privacy.terraform_mends_what_is_changed_by_hand,
        {"lifecycle": {"ignore_changes": ["tags"]}},
        {"lifecycle": {"ignore_changes": ["tags", "public_network_access_enabled"]}},
        True,
    ),
    (
        privacy.the_endpoint_leads_to_the_registry,
        {"private_service_connection": {"subresource_names": ["registry"]}},
        {"private_service_connection": [{"subresource_names": ["registry_data_eastus"]}]},
        False,
    ),
    (
        privacy.the_endpoint_puts_its_addresses_into_the_zone,
        {"private_dns_zone_group": [{"name": "group"}]},
        {"private_dns_zone_group": []},
        False,
    ),
    (
        privacy.the_zone_is_the_one_that_registries_resolve_in,
        {"name": "privatelink.azurecr.us"},
        {"name": "azurecr.io"},
        False,
    ),
    (
        privacy.no_machine_registers_its_name_in_the_zone,
        {"registration_enabled": False},
        {"registration_enabled": True},
        True,
    ),
    (
        privacy.the_lock_forbids_changes_too,
        {"lock_level": "ReadOnly"},
        {"lock_level": "CanNotDelete"},
        False,
    ),
]
"""Each rule over a resource as it is: right, wrong, and whether it is kept where nothing is set."""


@pytest.mark.parametrize(("rule", "right", "wrong", "unset"), STATES)
def test_a_rule_is_kept_or_broken(
    rule: Callable[..., bool], right: Json, wrong: Json, unset: bool
) -> None:
    """What is not set, or null, counts as azurerm's default."""
    assert (rule(right), rule(wrong)) == (True, False)
    assert rule({}) is unset
    assert rule(dict.fromkeys(right)) is unset


@pytest.mark.parametrize(("rule", "right"), [(rule, right) for rule, right, *_ in STATES[:6]])
def test_an_expression_keeps_no_rule(rule: Callable[..., bool], right: Json) -> None:
    """What only Terraform knows is not known to be right."""
    assert not rule(dict.fromkeys(right, EXPRESSION))


def test_terraforms_words_for_true_and_false_count_as_such() -> None:
    """It takes text for a truth value."""
    assert privacy.public_network_access_is_off({"public_network_access_enabled": "false"})
    assert not privacy.nobody_pulls_anonymously({"anonymous_pull_enabled": "true"})


def test_whoever_ignores_everything_ignores_privacy_too() -> None:
    """Terraform's word for it is no list."""
    ignoring = {"lifecycle": {"ignore_changes": "all"}}
    assert not privacy.terraform_mends_what_is_changed_by_hand(ignoring)


def test_a_zone_group_that_azure_policy_attaches_is_one() -> None:
    """The stack then says that it ignores it."""
    ignoring = {"lifecycle": {"ignore_changes": ["private_dns_zone_group"]}}
    assert privacy.the_endpoint_puts_its_addresses_into_the_zone(ignoring)


def test_endpoints_and_zones_of_other_things_are_let_alone() -> None:
    """A user's own stack may have some; a name that only Terraform knows may be right."""
    storage = {
        "private_connection_resource_id": "${azurerm_storage_account.logs.id}",
        "subresource_names": ["blob"],
    }
    assert privacy.the_endpoint_leads_to_the_registry({"private_service_connection": storage})
    for name in ("privatelink.blob.core.windows.net", EXPRESSION):
        assert privacy.the_zone_is_the_one_that_registries_resolve_in({"name": name})


def test_every_rule_is_tested_and_in_a_table() -> None:
    """A rule that is in none is never asked."""
    tables = {rule for rules in privacy.STATES.values() for rule in rules.values()}
    assert tables == {rule for rule, *_ in STATES}
    assert tables >= privacy.REQUIRED
    helpers = {"value", "blocks", "broken", "sentence", "remedy"}
    functions = {
        name
        for name, function in inspect.getmembers(privacy, inspect.isfunction)
        if function.__module__ == privacy.__name__ and not name.startswith("_")
    }
    assert functions - helpers == {rule.__name__ for rule in tables}


def test_a_registry_that_is_as_it_should_be_breaks_nothing(guide: Json) -> None:
    """And so do its other parts, and what there are no rules for."""
    for type, resources in guide["resource"].items():
        for attributes in resources.values():
            assert list(privacy.broken(type, attributes)) == []
    assert list(privacy.broken("azurerm_virtual_network", {})) == []


def test_what_is_broken_is_said_with_its_remedy() -> None:
    """A registry that says nothing is public, and has no SKU; the admin user is a choice."""
    broken = list(privacy.broken(privacy.REGISTRY, {"admin_enabled": True}))
    assert [rule.attribute for rule in broken] == ["public_network_access_enabled", "sku"]
    assert broken[0].sentence == "public network access is off"
    assert broken[0].remedy.startswith("Set public_network_access_enabled to false")


def test_defaults_are_those_of_the_provider() -> None:
    """It gives none for anonymous pull, and does not send it."""
    for type, defaults in privacy.DEFAULTS.items():
        for name, default in defaults.items():
            assert SCHEMA[type][name].get("default", False) == default, name
