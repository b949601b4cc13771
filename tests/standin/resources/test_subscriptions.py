"""Tests of what a subscription and a parent must have before Azure creates a resource."""

from simulated import (
    ENDPOINT,
    GROUP,
    LINK,
    LOCK,
    REGISTRY,
    SUBNET,
    ZONE,
    put,
    refused,
)

from standin.refusals import Refusal
from standin.resources.subscriptions import register
from standin.store import Contents


def test_azure_accepts_the_resources_of_the_guide(azure: Contents) -> None:
    """No rule refuses an update of a resource of the guide."""
    for id_ in (SUBNET, REGISTRY, ZONE, LINK, ENDPOINT):
        assert refused(azure, "update", id_) is None


def test_the_network_must_exist(azure: Contents) -> None:
    """Azure creates no subnet in a virtual network that does not exist."""
    elsewhere = SUBNET.replace("/vnet/", "/other/")
    assert refused(azure, "create", elsewhere, like=SUBNET) is Refusal.PARENT_IS_MISSING


def test_the_resource_group_or_target_must_exist(azure: Contents) -> None:
    """Azure creates no resource whose resource group or target resource does not exist."""
    elsewhere = ZONE.replace("/rg/", "/other/")
    assert refused(azure, "create", elsewhere, like=ZONE) is Refusal.GROUP_IS_MISSING
    setting = f"{REGISTRY}2|audit"
    assert refused(azure, "create", setting, like=ZONE) is Refusal.PARENT_IS_MISSING


def test_the_namespace_must_be_registered(azure: Contents) -> None:
    """The registry's own subscription must have registered Microsoft.ContainerRegistry."""
    azure["registered"] = {"sub": ["Microsoft.Network"], "other": ["Microsoft.ContainerRegistry"]}
    assert refused(azure, "create", REGISTRY) is Refusal.NAMESPACE_IS_NOT_REGISTERED
    assert refused(azure, "create", ZONE) is None


def test_a_lock_needs_only_its_own_namespace(azure: Contents) -> None:
    """A lock on a registry needs only Microsoft.Authorization, the last namespace in its id."""
    azure["registered"] = {"sub": ["Microsoft.Authorization"]}
    assert refused(azure, "create", LOCK) is None


def test_a_resource_group_needs_nothing(azure: Contents) -> None:
    """Azure creates a resource group in any subscription, whatever is registered in it."""
    other = GROUP.replace("/sub/", "/new/")
    assert refused(azure, "create", other, location="eastus") is None


def test_a_namespace_is_registered_only_once(azure: Contents) -> None:
    """A second registration adds no entry, even if the case of the subscription differs."""
    register(azure, "/subscriptions/SUB/providers/Microsoft.Network")
    assert azure["registered"]["sub"].count("Microsoft.Network") == 1


def test_a_group_with_resources_is_not_deleted(azure: Contents) -> None:
    """It is azurerm's default; another group's resources do not count."""
    put(azure, f"{GROUP}2")
    assert refused(azure, "delete", f"{GROUP}2") is None
    assert refused(azure, "delete", GROUP) is Refusal.GROUP_IS_NOT_EMPTY
