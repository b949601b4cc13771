"""Keys of one registry that must not be combined."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import SUBSCRIPTION, Json, refused

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
ZONES = f"{GROUP}/Microsoft.Network/privateDnsZones"
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/aro-rcarrata-vnet"
SUBNET = f"{NETWORK}/subnets/subnet"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
LINK = "private_dns_zone_virtual_network_link"
ADDRESSES = "private_endpoint.private_ip_addresses"

POLICY: Json = {"private_dns_zone": {"managed_by_policy": True}}
GIVEN_ZONE: Json = {"private_dns_zone": {"id": f"{ZONES}/privatelink.azurecr.io"}}
NETWORK_OF_NET = {"name": "aro-rcarrata-vnet", "resource_group_name": "net"}
GIVEN_REGISTRY: Json = {"location": None, "container_registry": {"id": REGISTRY}}
KEY = {
    "key_vault_key_id": "https://kv.vault.azure.net/keys/acr",
    "identity_client_id": "00000000-0000-0000-0000-000000000009",
}
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"
REPLICATED: Json = {
    "container_registry": {
        "name": "acr12345",
        "georeplications": [{"location": "West US"}, {"location": "centralus"}],
    }
}


def container_registry(**more: Any) -> Json:
    """Settings of the guide's registry with more arguments."""
    return {"container_registry": {"name": "acr12345", **more}}


def tags(number: int, **more: str) -> Json:
    """The given number of tags, and more tags by their names."""
    return {**{f"t{place}": "v" for place in range(number)}, **more}


def linked(name: str = "hub", id: str = f"{NETWORK}2", **more: Any) -> Json:
    """Settings with a link to another network."""
    return {"virtual_network_links": {name: {"virtual_network_id": id}}, **more}


def addresses(**by_member: Any) -> Json:
    """Settings of an endpoint with static addresses."""
    return {"private_endpoint": {"private_ip_addresses": by_member}}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="the guide"),
        pytest.param({"endpoint_subnet": {"id": SUBNET}}, id="a given subnet"),
        pytest.param(GIVEN_REGISTRY, id="a given registry"),
        pytest.param(
            {
                "private_dns_zone": {"id": f"{ZONES}/PrivateLink.azurecr.io"},
                "private_dns_zone_virtual_network_link": {"name": "link"},
                **linked(),
            },
            id="a given zone, with links",
        ),
        pytest.param(POLICY, id="a policy's zone"),
        pytest.param(
            {
                "environment": "usgovernment",
                "private_dns_zone": {"id": f"{ZONES}/privatelink.azurecr.us"},
            },
            id="another cloud's zone",
        ),
        pytest.param(
            {**GIVEN_REGISTRY, "private_endpoint": {"request_message": "please"}},
            id="a message to the registry's owner",
        ),
        pytest.param({"adopt": True, "subscription_id": SUBSCRIPTION}, id="adopting all"),
        pytest.param(
            {
                "adopt": ["private_dns_zone_virtual_network_link"],
                "subscription_id": SUBSCRIPTION,
                **GIVEN_ZONE,
                "private_dns_zone_virtual_network_link": {},
            },
            id="adopting a link to a given zone",
        ),
        pytest.param(
            {"adopt": True, "subscription_id": SUBSCRIPTION, "endpoint_subnet": {"id": SUBNET}},
            id="adopting all that is created here",
        ),
        pytest.param(
            container_registry(
                encryption=KEY, identity={"type": "UserAssigned", "identity_ids": [IDENTITY]}
            ),
            id="encryption with an identity",
        ),
        pytest.param(
            container_registry(identity={"type": "SystemAssigned"}), id="a system-assigned identity"
        ),
        pytest.param(
            container_registry(lock="CanNotDelete", admin_enabled=True),
            id="a CanNotDelete lock with the admin user",
        ),
        pytest.param(
            container_registry(lock="ReadOnly", admin_enabled=False),
            id="a ReadOnly lock without the admin user",
        ),
        pytest.param(
            {**REPLICATED, "endpoint_subnet": {"address_prefix": "10.0.8.0/28"}},
            id="a /28 prefix with replicas",
        ),
        pytest.param(
            {"endpoint_subnet": {"address_prefix": "10.0.8.0/29"}},
            id="a /29 prefix without replicas",
        ),
        pytest.param(addresses(registry="10.0.8.4", eastus="10.0.9.254"), id="all addresses"),
        pytest.param(
            {
                **REPLICATED,
                **addresses(
                    registry="10.0.8.4",
                    westus="10.0.8.5",
                    centralus="10.0.8.6",
                    **{"East US": "10.0.8.7"},
                ),
            },
            id="all regions' addresses",
        ),
        pytest.param(
            {
                "endpoint_subnet": {"id": SUBNET.replace("aro", "ARO")},
                "subscription_id": SUBSCRIPTION,
            },
            id="a given subnet in another case",
        ),
        pytest.param(
            {
                "endpoint_subnet": {"id": SUBNET.replace("aro-mobb-rg", "net")},
                "virtual_network": NETWORK_OF_NET,
            },
            id="a given subnet in the network's group",
        ),
        pytest.param(linked(), id="a link to another network"),
        pytest.param(
            linked(id=NETWORK, subscription_id=SUBSCRIPTION.replace("1", "2")),
            id="a network of the same name in another subscription",
        ),
        pytest.param(
            linked("AcrDNSLink", NETWORK, **GIVEN_ZONE),
            id="a link to the cluster's own network, which has no other link",
        ),
        pytest.param(
            {
                "tags": tags(15, **{"Cost Center": "1"}),
                **container_registry(tags={"T1": "v", **{f"r{n}": "v" for n in range(34)}}),
            },
            id="many tags",
        ),
        pytest.param({"tags": tags(50), **POLICY}, id="tags without a zone"),
        pytest.param(
            {**GIVEN_REGISTRY, **addresses(registry="10.0.8.4", anywhere="10.0.8.5")},
            id="addresses of a registry with unknown regions",
        ),
    ],
)
def test_valid_combinations_are_accepted(settings: Json) -> None:
    """No argument is refused where it has a meaning."""
    assert refused(**settings) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {
                **POLICY,
                LINK: {},
                **linked(),
                "private_endpoint": {"private_dns_zone_group_name": "g"},
            },
            [
                f"{LINK} > private_dns_zone.managed_by_policy",
                "virtual_network_links > private_dns_zone.managed_by_policy",
                "private_endpoint.private_dns_zone_group_name > private_dns_zone.managed_by_policy",
            ],
        ),
        ({"private_endpoint": {"request_message": "please"}}, ["private_endpoint.request_message"]),
        (
            {
                "adopt": ["endpoint_subnet", "private_dns_zone"],
                "subscription_id": SUBSCRIPTION,
                "endpoint_subnet": {"id": SUBNET},
                **POLICY,
            },
            ["adopt > endpoint_subnet.id", "adopt > private_dns_zone.managed_by_policy"],
        ),
        (
            {
                "adopt": ["private_dns_zone_virtual_network_link", "container_registry"],
                "subscription_id": SUBSCRIPTION,
                **GIVEN_ZONE,
                **GIVEN_REGISTRY,
            },
            ["adopt > private_dns_zone.id", "adopt > acr.id"],
        ),
        (container_registry(encryption=KEY), ["acr.encryption"]),
        (
            container_registry(encryption=KEY, identity={"type": "SystemAssigned"}),
            ["acr.encryption > acr.identity.type"],
        ),
        (
            container_registry(lock="ReadOnly", admin_enabled=True),
            ["lock.lock_level > acr.admin_enabled"],
        ),
        (
            container_registry(identity={"type": "SystemAssigned", "identity_ids": [IDENTITY]}),
            ["acr.identity.identity_ids > acr.identity.type"],
        ),
        (
            container_registry(identity={"type": "SystemAssigned, UserAssigned"}),
            ["acr.identity.identity_ids > acr.identity.type"],
        ),
        (
            container_registry(georeplications=[{"location": "East US"}]),
            ["acr.georeplications > acr.location"],
        ),
        (
            container_registry(georeplications=[{"location": "westus"}, {"location": "West US"}]),
            ["acr.georeplications"],
        ),
        (
            {"endpoint_subnet": {"address_prefix": "10.0.8.0/30"}},
            ["endpoint_subnet.address_prefix"],
        ),
        (
            {**REPLICATED, "endpoint_subnet": {"address_prefix": "10.0.8.0/29"}},
            ["endpoint_subnet.address_prefix > acr.georeplications"],
        ),
        (addresses(registry="10.0.8.4"), [ADDRESSES]),
        (addresses(registry="10.0.8.4", eastus="10.0.8.5", westus="10.0.8.6"), [ADDRESSES]),
        ({**GIVEN_REGISTRY, **addresses(anywhere="10.0.8.5")}, [ADDRESSES]),
        (addresses(registry="10.0.8.4", eastus="10.0.8.4"), [f"{ADDRESSES}.eastus"]),
        (
            addresses(registry="10.0.8.3", eastus="10.0.9.255"),
            [
                f"{ADDRESSES}.registry > endpoint_subnet.address_prefix",
                f"{ADDRESSES}.eastus > endpoint_subnet.address_prefix",
            ],
        ),
        (
            addresses(registry="10.0.8.4", eastus="10.0.8.5", **{"East US": "10.0.8.6"}),
            [f"{ADDRESSES}.East US > {ADDRESSES}.eastus"],
        ),
        (
            {"endpoint_subnet": {"id": SUBNET.replace("rcarrata", "other")}},
            ["endpoint_subnet.id > virtual_network"],
        ),
        (
            {"endpoint_subnet": {"id": SUBNET.replace("mobb", "other")}},
            ["endpoint_subnet.id > virtual_network"],
        ),
        (
            {
                "endpoint_subnet": {"id": SUBNET},
                "virtual_network": NETWORK_OF_NET,
                "subscription_id": SUBSCRIPTION.replace("1", "2"),
            },
            2 * ["endpoint_subnet.id > virtual_network"],
        ),
        (linked("acrDNSlink"), ["virtual_network_links.acrDNSlink"]),
        (linked("own", **GIVEN_ZONE) | {LINK: {"name": "own"}}, ["virtual_network_links.own"]),
        (
            linked(id=NETWORK.upper()),
            ["virtual_network_links.hub.virtual_network_id > virtual_network.name"],
        ),
        (
            linked(id=NETWORK, subscription_id=SUBSCRIPTION),
            ["virtual_network_links.hub.virtual_network_id > virtual_network.name"],
        ),
        (
            {"tags": tags(15), **container_registry(tags={f"r{n}": "v" for n in range(36)})},
            ["acr.tags > tags"],
        ),
        ({"tags": tags(16)}, ["tags"]),
        (linked(tags=tags(16), **GIVEN_ZONE), ["tags"]),
        (
            {"private_dns_zone": {"id": f"{ZONES}/eastus.data.privatelink.azurecr.io"}},
            ["private_dns_zone.id"],
        ),
        ({"environment": "usgovernment", **GIVEN_ZONE}, ["private_dns_zone.id"]),
    ],
)
def test_invalid_combinations_are_refused_with_both_keys(
    settings: Json, expected: list[str]
) -> None:
    """Each refusal has the refused key and the other key, and no further key is refused."""
    assert refused(**settings) == expected
