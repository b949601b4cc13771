"""What two registries must not both create."""

from __future__ import annotations

import copy

import pytest
from helpers import GUIDE, SUBSCRIPTION, Json

from constructs_lib.rules import clashes as module
from constructs_lib.schema import FROM_A_FILE
from constructs_lib.settings import Registry

OTHER: Json = {
    "resource_group_name": "other-rg",
    "location": "eastus",
    "virtual_network": {"name": "other-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.12.0/23"},
    "container_registry": {"name": "other12345"},
}
"""A registry that shares nothing with the guide's but the names that Azure allows twice."""


def clashes(registries: Json) -> list[str]:
    """The arguments that clash with those of an earlier registry."""
    requests = {
        name: Registry.model_validate(registry, context=FROM_A_FILE).request()
        for name, registry in registries.items()
    }
    return [".".join((each.name, *each.claim.key)) for each in module.clashes(requests)]


def clashing(**changes: object) -> list[str]:
    """The arguments of the other registry, so changed, that clash with the guide's."""
    return clashes({"one": GUIDE, "two": {**copy.deepcopy(OTHER), **changes}})


def test_two_registries_may_share_names_that_are_not_shared_by_azure() -> None:
    """The same subnet, link and endpoint names in another network and group are fine."""
    assert clashing() == []


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        (
            {"container_registry": {"name": "ACR12345"}},
            ["two.container_registry.name"],
        ),
        (
            {"resource_group_name": "ARO-mobb-rg"},
            ["two.resource_group_name", "two.private_endpoint.name"],
        ),
        (
            {"resource_group_name": "aro-mobb-rg", "private_endpoint": {"name": "other"}},
            ["two.resource_group_name"],
        ),
        (
            {
                "virtual_network": {
                    "name": "ARO-rcarrata-vnet",
                    "resource_group_name": "aro-MOBB-rg",
                }
            },
            ["two.virtual_network.name", "two.endpoint_subnet.name"],
        ),
        (
            {
                "virtual_network": {
                    "name": "aro-rcarrata-vnet",
                    "resource_group_name": "aro-mobb-rg",
                },
                "endpoint_subnet": {"name": "other", "address_prefix": "10.0.12.0/23"},
            },
            ["two.virtual_network.name"],
        ),
    ],
)
def test_one_thing_is_created_by_one_registry(changes: Json, keys: list[str]) -> None:
    """Capitals don't matter to Azure."""
    assert clashing(**changes) == keys


HUB = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers"
ZONE = {"id": f"{HUB}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"}
LINK = "private_dns_zone_virtual_network_link"


def of_two(one: Json, two: Json) -> list[str]:
    """The arguments of the second of two registries that clash with the first, otherwise unlike."""
    return clashes({"one": {**copy.deepcopy(OTHER), **one}, "two": {**copy.deepcopy(GUIDE), **two}})


def test_two_registries_may_share_a_zone_and_a_network() -> None:
    """The normal way: one makes the zone, or nobody here, and each its endpoint and records."""
    network = {"name": "aro-rcarrata-vnet", "resource_group_name": "aro-mobb-rg"}
    assert (
        of_two(
            {
                "virtual_network": network,
                "private_dns_zone": ZONE,
                "endpoint_subnet": {"name": "b", "address_prefix": "10.0.12.0/23"},
            },
            {},
        )
        == []
    )
    assert of_two({"private_dns_zone": ZONE}, {"private_dns_zone": ZONE}) == []
    policy = {"managed_by_policy": True}
    assert of_two({"private_dns_zone": policy}, {"private_dns_zone": policy}) == []


def test_two_links_to_one_network_or_of_one_name_in_a_zone_clash() -> None:
    """Whether they are the cluster's own or further ones."""
    asked = {"private_dns_zone": ZONE, LINK: {}}
    assert of_two(asked, asked) == ["two.virtual_network.name"]
    hub = f"{HUB}/Microsoft.Network/virtualNetworks/hub"
    one, two = (
        {"virtual_network_links": {"hub": {"virtual_network_id": id}}} for id in (hub, hub.upper())
    )
    assert of_two(one, two) == ["two.virtual_network_links.hub.virtual_network_id"]
    theirs = {"subscription_id": SUBSCRIPTION, "virtual_network": {"name": "vnet"}}
    to_them = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other-rg/providers"
    more = {
        "virtual_network_links": {
            "x": {"virtual_network_id": f"{to_them}/Microsoft.Network/virtualNetworks/VNET"}
        }
    }
    assert of_two(theirs, more) == ["two.virtual_network_links.x.virtual_network_id"]


def test_two_endpoints_of_one_registry_need_two_zones() -> None:
    """In one zone they would overwrite each other's records."""
    registry = {"id": f"{HUB}/Microsoft.ContainerRegistry/registries/theirs"}
    given = {"container_registry": registry, "location": None}
    shared = {"private_dns_zone": ZONE, **given}
    assert of_two(shared, shared) == ["two.container_registry.id"]
    assert of_two(given, given) == []


def test_two_subnets_may_not_overlap() -> None:
    """In one network; elsewhere the same prefix is another one."""
    network = {"name": "aro-rcarrata-vnet", "resource_group_name": "aro-mobb-rg"}
    inside = {"name": "b", "address_prefix": "10.0.9.0/24"}
    beside = {"name": "b", "address_prefix": "10.0.10.0/24"}
    shared = {"virtual_network": network, "private_dns_zone": ZONE}
    assert of_two({**shared, "endpoint_subnet": inside}, {}) == [
        "two.endpoint_subnet.address_prefix"
    ]
    assert of_two({**shared, "endpoint_subnet": beside}, {}) == []
    assert of_two({"endpoint_subnet": {"address_prefix": "10.0.8.0/23"}}, {}) == []


def test_another_subscription_is_another_group_and_network_but_not_another_name() -> None:
    """A registry's name is unique in all of Azure; a group's in its subscription."""
    same = {**GUIDE, "subscription_id": "00000000-0000-0000-0000-000000000001"}
    assert clashes({"one": GUIDE, "two": same}) == ["two.container_registry.name"]
