"""Tests of Azure's resource ids: composed, parsed, and in the provider's case."""

import pytest
from simulated import (
    ENDPOINT,
    ENDPOINT_TYPE,
    GROUP,
    LINK,
    LINK_TYPE,
    LOCK,
    LOCK_TYPE,
    REGISTRY,
    REGISTRY_TYPE,
    SUBNET,
    SUBNET_TYPE,
    VNET,
    VNET_TYPE,
    ZONE,
    ZONE_TYPE,
)

from standin import resource_ids


@pytest.mark.parametrize(
    ("type_", "id_"),
    [
        (VNET_TYPE, VNET),
        (SUBNET_TYPE, SUBNET),
        (REGISTRY_TYPE, REGISTRY),
        (ZONE_TYPE, ZONE),
        (LINK_TYPE, LINK),
        (ENDPOINT_TYPE, ENDPOINT),
        (LOCK_TYPE, LOCK),
        ("azurerm_container_registry_token", f"{REGISTRY}/tokens/pull"),
        ("azurerm_container_registry_token_password", f"{REGISTRY}/tokens/a/passwords/password"),
        ("azurerm_container_registry_scope_map", f"{REGISTRY}/scopeMaps/team"),
        ("azurerm_container_registry_cache_rule", f"{REGISTRY}/cacheRules/quay"),
        ("azurerm_container_registry_credential_set", f"{REGISTRY}/credentialSets/hub"),
        ("azurerm_role_assignment", LOCK.replace("/locks/", "/roleAssignments/")),
        (
            "azurerm_user_assigned_identity",
            f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller",
        ),
        ("azurerm_monitor_diagnostic_setting", f"{REGISTRY}|audit"),
    ],
)
def test_an_id_can_be_parsed_and_composed_again(type_: str, id_: str) -> None:
    """`compose` returns the same id from the arguments of `parse`, which ignores case."""
    assert resource_ids.compose(type_, resource_ids.parse(type_, id_), "sub") == id_
    assert resource_ids.parse(type_, id_.upper()).keys() == resource_ids.parse(type_, id_).keys()


@pytest.mark.parametrize("kind", ["cache_rule", "credential_set", "scope_map", "token"])
def test_what_lies_in_a_registry_is_created_in_the_providers_subscription(kind: str) -> None:
    """The provider takes the registry's group and name, and a subscription of its own."""
    registry = REGISTRY.replace("/sub/", "/theirs/")
    names = {"resource_group_name": "rg", "container_registry_name": "MyRegistry"}
    values = {"name": "a", "container_registry_id": registry, **names}
    id_ = resource_ids.compose(f"azurerm_container_registry_{kind}", values, "ours")
    assert resource_ids.parent(id_) == REGISTRY.replace("/sub/", "/ours/")


def test_an_id_of_another_type_is_not_parsed() -> None:
    """A subnet's id is not a virtual network's id, although it starts with one."""
    assert resource_ids.parse(VNET_TYPE, SUBNET) == {}


def test_a_name_that_equals_a_fixed_segment_keeps_its_case() -> None:
    """Only fixed segments change their case; a virtual network with the name `SUBNETS` keeps it."""
    id_ = VNET.replace("/vnet", "/SUBNETS").replace("virtualNetworks", "VIRTUALNETWORKS")
    id_ = id_.replace("Microsoft.Network", "microsoft.network")
    assert resource_ids.canonical(id_) == VNET.replace("/vnet", "/SUBNETS")
