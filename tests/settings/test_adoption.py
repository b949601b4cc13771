"""The ids of what the guide's commands have made."""

from __future__ import annotations

from helpers import settings_of

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"


def test_ids_are_what_azure_shows_for_the_guide() -> None:
    """Written out as ``az resource show --query id`` prints them."""
    settings = settings_of(subscription_id=SUBSCRIPTION, adopt=True)
    zone = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    network = f"{GROUP}/Microsoft.Network/virtualNetworks/aro-rcarrata-vnet"
    assert settings.adopted_ids() == {
        "endpoint_subnet": f"{network}/subnets/PrivateEndpoint-subnet",
        "container_registry": f"{GROUP}/Microsoft.ContainerRegistry/registries/acr12345",
        "private_dns_zone": zone,
        "private_dns_zone_virtual_network_link": f"{zone}/virtualNetworkLinks/AcrDNSLink",
        "private_endpoint": f"{GROUP}/Microsoft.Network/privateEndpoints/acrPvtEndpoint",
    }


def test_only_what_is_adopted_has_an_id_here() -> None:
    """The subnet is in the network's group, wherever the registry is."""
    settings = settings_of(
        **{
            "subscription_id": SUBSCRIPTION,
            "virtual_network": {"name": "vnet", "resource_group_name": "network-rg"},
            "adopt": ["endpoint_subnet"],
        }
    )
    (id,) = settings.adopted_ids().values()
    assert "/resourceGroups/network-rg/" in id
    assert settings_of().adopted_ids() == {}


def test_a_link_to_a_given_zone_is_where_the_zone_is() -> None:
    """In its subscription and its resource group."""
    zone = (
        "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
        "/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    )
    settings = settings_of(
        **{
            "subscription_id": SUBSCRIPTION,
            "private_dns_zone": {"id": zone},
            "private_dns_zone_virtual_network_link": {"name": "spoke"},
            "adopt": ["private_dns_zone_virtual_network_link"],
        }
    )
    assert list(settings.adopted_ids().values()) == [f"{zone}/virtualNetworkLinks/spoke"]


def test_all_is_all_that_is_created_here() -> None:
    """What is given is somebody else's."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub-rg/providers"
    zone = f"{group}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    given = settings_of(subscription_id=SUBSCRIPTION, adopt=True, private_dns_zone={"id": zone})
    assert set(given.adopted_ids()) == {"endpoint_subnet", "container_registry", "private_endpoint"}
    by_policy = settings_of(
        subscription_id=SUBSCRIPTION, adopt=True, private_dns_zone={"managed_by_policy": True}
    )
    assert set(by_policy.adopted_ids()) == set(given.adopted_ids())
