"""The ids of the resources that the guide's commands have created."""

from __future__ import annotations

from helpers import settings_of

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"


def test_ids_are_those_that_azure_shows() -> None:
    """The ids equal those that ``az resource show --query id`` prints for the guide."""
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


def test_only_adopted_parts_have_an_id() -> None:
    """The subnet's id has the network's resource group, which is not the registry's."""
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


def test_the_id_of_a_link_begins_with_its_zones_id() -> None:
    """A link to an existing zone is in the subscription and the resource group of the zone."""
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


def test_adopt_true_adopts_the_parts_that_are_created() -> None:
    """Parts that exist and a zone of Azure Policy are not adopted."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub-rg/providers"
    zone = f"{group}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    with_zone = settings_of(subscription_id=SUBSCRIPTION, adopt=True, private_dns_zone={"id": zone})
    assert set(with_zone.adopted_ids()) == {
        "endpoint_subnet",
        "container_registry",
        "private_endpoint",
    }
    by_policy = settings_of(
        subscription_id=SUBSCRIPTION, adopt=True, private_dns_zone={"managed_by_policy": True}
    )
    assert set(by_policy.adopted_ids()) == set(with_zone.adopted_ids())
