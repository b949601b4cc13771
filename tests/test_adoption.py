"""The ids of what the guide's commands have made."""

from __future__ import annotations

import pytest
from helpers import GUIDE

from constructs_lib import adoption
from constructs_lib.settings import Registry

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"


def test_ids_are_what_azure_shows_for_the_guide() -> None:
    """Written out as ``az resource show --query id`` prints them."""
    settings = Registry.model_validate({**GUIDE, "subscription_id": SUBSCRIPTION, "adopt": True})
    zone = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    network = f"{GROUP}/Microsoft.Network/virtualNetworks/aro-rcarrata-vnet"
    assert adoption.ids(settings) == {
        "endpoint_subnet": f"{network}/subnets/PrivateEndpoint-subnet",
        "container_registry": f"{GROUP}/Microsoft.ContainerRegistry/registries/acr12345",
        "private_dns_zone": zone,
        "private_dns_zone_virtual_network_link": f"{zone}/virtualNetworkLinks/AcrDNSLink",
        "private_endpoint": f"{GROUP}/Microsoft.Network/privateEndpoints/acrPvtEndpoint",
    }


def test_only_what_is_adopted_has_an_id_here() -> None:
    """The subnet is in the network's group, wherever the registry is."""
    settings = Registry.model_validate(
        {
            **GUIDE,
            "subscription_id": SUBSCRIPTION,
            "virtual_network": {"name": "vnet", "resource_group_name": "network-rg"},
            "adopt": ["endpoint_subnet"],
        }
    )
    (id,) = adoption.ids(settings).values()
    assert "/resourceGroups/network-rg/" in id
    assert adoption.ids(Registry.model_validate(GUIDE)) == {}


def test_a_link_to_a_given_zone_is_where_the_zone_is() -> None:
    """In its subscription and its resource group."""
    zone = (
        "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
        "/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    )
    settings = Registry.model_validate(
        {
            **GUIDE,
            "subscription_id": SUBSCRIPTION,
            "private_dns_zone": {"id": zone},
            "private_dns_zone_virtual_network_link": {"name": "spoke"},
            "adopt": ["private_dns_zone_virtual_network_link"],
        }
    )
    assert list(adoption.ids(settings).values()) == [f"{zone}/virtualNetworkLinks/spoke"]


def test_ids_need_the_subscription() -> None:
    """Settings made in Python are told so as well."""
    with pytest.raises(ValueError, match="adopt needs subscription_id"):
        adoption.ids(Registry.model_validate({**GUIDE, "adopt": True}))
