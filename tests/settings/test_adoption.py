"""What a stack adopts: the ids of its resources, and the advice where Azure has them already."""

from __future__ import annotations

import pytest
from helpers import SUBSCRIPTION, Json, settings_of

from constructs_lib.settings import adoption

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/acr12345"
NETWORK = f"{GROUP}/Microsoft.Network"
HUB = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
HUB_ZONE = f"{HUB}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
LOCK = f"{REGISTRY}/providers/Microsoft.Authorization/locks/acr-lock"


def test_ids_are_those_that_azure_shows() -> None:
    """The ids equal those that ``az resource show --query id`` prints for the guide."""
    settings = settings_of(subscription_id=SUBSCRIPTION, adopt=True)
    network = f"{NETWORK}/virtualNetworks/aro-rcarrata-vnet"
    zone = f"{NETWORK}/privateDnsZones/privatelink.azurecr.io"
    assert settings.adopted_ids() == {
        "endpoint_subnet": f"{network}/subnets/PrivateEndpoint-subnet",
        "container_registry": REGISTRY,
        "private_dns_zone": zone,
        "private_dns_zone_virtual_network_link": f"{zone}/virtualNetworkLinks/AcrDNSLink",
        "private_endpoint": f"{NETWORK}/privateEndpoints/acrPvtEndpoint",
    }


def test_only_adopted_parts_have_an_id() -> None:
    """The subnet's id has the network's resource group, which is not the registry's."""
    settings = settings_of(
        subscription_id=SUBSCRIPTION,
        virtual_network={"name": "vnet", "resource_group_name": "network-rg"},
        adopt=["endpoint_subnet"],
    )
    (id,) = settings.adopted_ids().values()
    assert "/resourceGroups/network-rg/" in id
    assert settings_of().adopted_ids() == settings_of(adopt=False).adopted_ids() == {}


def test_the_id_of_a_link_begins_with_its_zones_id() -> None:
    """A link to an existing zone is in the subscription and the resource group of the zone."""
    settings = settings_of(
        subscription_id=SUBSCRIPTION,
        private_dns_zone={"id": HUB_ZONE},
        private_dns_zone_virtual_network_link={"name": "spoke"},
        adopt=["private_dns_zone_virtual_network_link"],
    )
    assert list(settings.adopted_ids().values()) == [f"{HUB_ZONE}/virtualNetworkLinks/spoke"]


@pytest.mark.parametrize("zone", [{"id": HUB_ZONE}, {"managed_by_policy": True}])
def test_adopt_true_adopts_the_parts_that_are_created(zone: Json) -> None:
    """Parts that exist and a zone of Azure Policy are not adopted."""
    settings = settings_of(subscription_id=SUBSCRIPTION, adopt=True, private_dns_zone=zone)
    created = ["endpoint_subnet", "container_registry", "private_endpoint"]
    assert [*settings.adopted_ids()] == created


def error(id_: str) -> str:
    """Terraform's error for a resource that exists, as a terminal of some width shows it."""
    lines = ["Error: A resource with the ID", f'"{id_}" already', "exists - to be managed via …"]
    return "╷\n" + "".join(f"\x1b[31m│\x1b[0m {line}\n" for line in lines) + "╵\n"


def test_the_parts_that_exist_are_to_be_adopted() -> None:
    """In the order of the sections, with those that are adopted already, and the subscription."""
    errors = error(f"{NETWORK}/privateDnsZones/privatelink.azurecr.io") + error(REGISTRY)
    advice = adoption.lines("acr", settings_of(), "registries.yaml", errors)
    assert "acr: Azure has 2 of the resources already, the state has not." in advice
    assert advice[-3:-1] == [
        f"    subscription_id: {SUBSCRIPTION}",
        "    adopt: [container_registry, private_dns_zone]",
    ]
    adopting = settings_of(adopt=["endpoint_subnet"], subscription_id=SUBSCRIPTION)
    advice = adoption.lines("acr", adopting, "registries.yaml", error(REGISTRY.upper()))
    assert advice[-2] == "    adopt: [endpoint_subnet, container_registry]"
    assert not any("subscription_id" in line for line in advice)


def test_what_no_section_adopts_is_imported() -> None:
    """A lock, a token and the like; a registry of another name is none of the stack's."""
    advice = adoption.lines("acr", settings_of(), "registries.yaml", error(LOCK))
    assert advice[-1] == f"    {LOCK}"
    assert not any("adopt:" in line for line in advice)


def test_other_errors_are_left_to_terraform() -> None:
    """Nothing is added to them."""
    assert adoption.lines("acr", settings_of(), "registries.yaml", "Error: quota") == []
