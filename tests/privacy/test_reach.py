"""What reaches a registry without a rule for its type, by the type's name."""

from __future__ import annotations

import re

import pytest

from constructs_lib.privacy.classification import CLASSIFIED
from constructs_lib.privacy.reach import REACHES, reach


@pytest.mark.parametrize(
    "type",
    [
        "azurerm_pim_eligible_role_assignment",
        "azurerm_lighthouse_assignment",
        "azuread_group_member",
        "azurerm_federated_identity_credential",
        "azurerm_management_group_template_deployment",
        "azurerm_resource_deployment_script_azure_cli",
        "azurerm_subscription_policy_assignment",
        "data.external",
        "data.http",
        "ephemeral.http",
        "module",
        "azurerm_private_dns_resolver_forwarding_rule",
        "azurerm_virtual_network_dns_servers",
        "azurerm_network_manager_admin_rule",
        "azurerm_route_server",
        "azurerm_management_group_subscription_association",
        "azurerm_subnet_nat_gateway_association",
        "azurerm_private_endpoint_application_security_group_association",
        "azurerm_route",
        "azurerm_key_vault_access_policy",
    ],
)
def test_a_way_to_a_registry_is_known(type: str) -> None:
    """Each has a sentence and a remedy."""
    found = reach(type)
    assert found
    assert found.remedy.endswith(".")


@pytest.mark.parametrize(
    "type",
    [
        "azurerm_storage_account",
        "azurerm_key_vault",
        "data.azurerm_role_definition",
        "helm_release",
        "data.azuread_group",
        "random_id",
    ],
)
def test_what_is_no_way_stays_unnamed(type: str) -> None:
    """An unrelated resource stays green, and a data source of azurerm only reads."""
    assert reach(type) is None


def test_no_type_has_a_rule_and_a_way() -> None:
    """A type is in one of the two lists."""
    assert not [type for type in CLASSIFIED for way in REACHES if re.fullmatch(way.types, type)]
