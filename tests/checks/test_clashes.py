"""Resources that two registries must not both create."""

from __future__ import annotations

import copy
from ipaddress import IPv4Network

import pytest
from helpers import GUIDE, SUBSCRIPTION, Json, settings_of
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.arguments.base import FROM_A_FILE
from constructs_lib.checks.clashes import clashes
from constructs_lib.settings import Registry

OTHER: Json = {
    "resource_group_name": "other-rg",
    "location": "eastus",
    "virtual_network": {"name": "other-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.12.0/23"},
    "container_registry": {"name": "other12345"},
}
"""A registry that does not clash with the guide's registry."""


def clashing(registries: Json) -> list[str]:
    """The arguments that clash with those of an earlier registry."""
    requests = {
        name: Registry.model_validate(registry, context=FROM_A_FILE).request()
        for name, registry in registries.items()
    }
    return [".".join((each.name, *each.claim.key)) for each in clashes(requests)]


def clashing_with_guide(**changes: object) -> list[str]:
    """The arguments of ``OTHER``, with these changes, that clash with the guide's."""
    guide = {**GUIDE, "private_endpoint": {"custom_network_interface_name": "nic"}}
    return clashing({"one": guide, "two": {**copy.deepcopy(OTHER), **changes}})


def test_two_registries_may_use_names_that_azure_allows_twice() -> None:
    """Subnets, links and endpoints in other networks and groups may have the same names."""
    assert clashing_with_guide() == []


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
            {
                "resource_group_name": "aro-mobb-rg",
                "private_endpoint": {"name": "other", "custom_network_interface_name": "NIC"},
            },
            ["two.resource_group_name", "two.private_endpoint.custom_network_interface_name"],
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
def test_a_resource_is_created_by_one_registry_only(changes: Json, keys: list[str]) -> None:
    """Names that differ only in case are one name for Azure."""
    assert clashing_with_guide(**changes) == keys


HUB = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers"
ZONE = {"id": f"{HUB}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"}
LINK = "private_dns_zone_virtual_network_link"


def clashing_with_other(one: Json, two: Json) -> list[str]:
    """The arguments of the guide's registry that clash with ``OTHER``, each with its changes."""
    return clashing(
        {"one": {**copy.deepcopy(OTHER), **one}, "two": {**copy.deepcopy(GUIDE), **two}}
    )


def test_two_registries_may_share_a_zone_and_a_network() -> None:
    """At most one of the registries creates the zone, and each creates its own endpoint."""
    network = {"name": "aro-rcarrata-vnet", "resource_group_name": "aro-mobb-rg"}
    assert (
        clashing_with_other(
            {
                "virtual_network": network,
                "private_dns_zone": ZONE,
                "endpoint_subnet": {"name": "b", "address_prefix": "10.0.12.0/23"},
            },
            {},
        )
        == []
    )
    assert clashing_with_other({"private_dns_zone": ZONE}, {"private_dns_zone": ZONE}) == []
    policy = {"managed_by_policy": True}
    assert clashing_with_other({"private_dns_zone": policy}, {"private_dns_zone": policy}) == []


def test_two_links_to_one_network_or_of_one_name_clash() -> None:
    """Links to the clusters' own networks and links to other networks are compared alike."""
    linked = {"private_dns_zone": ZONE, LINK: {}}
    assert clashing_with_other(linked, linked) == ["two.virtual_network.name"]
    hub = f"{HUB}/Microsoft.Network/virtualNetworks/hub"
    one, two = (
        {"virtual_network_links": {"hub": {"virtual_network_id": id}}} for id in (hub, hub.upper())
    )
    assert clashing_with_other(one, two) == ["two.virtual_network_links.hub.virtual_network_id"]
    first = {"subscription_id": SUBSCRIPTION, "virtual_network": {"name": "vnet"}}
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other-rg/providers"
    second = {
        "virtual_network_links": {
            "x": {"virtual_network_id": f"{group}/Microsoft.Network/virtualNetworks/VNET"}
        }
    }
    assert clashing_with_other(first, second) == ["two.virtual_network_links.x.virtual_network_id"]


def test_two_endpoints_of_one_registry_need_two_zones() -> None:
    """In one zone, two endpoints of a registry would overwrite each other's records."""
    registry = {"id": f"{HUB}/Microsoft.ContainerRegistry/registries/theirs"}
    existing = {"container_registry": registry, "location": None}
    shared = {"private_dns_zone": ZONE, **existing}
    assert clashing_with_other(shared, shared) == ["two.container_registry.id"]
    assert clashing_with_other(existing, existing) == []


def test_two_subnets_of_one_network_must_not_overlap() -> None:
    """The prefixes of subnets in two networks may overlap."""
    network = {"name": "aro-rcarrata-vnet", "resource_group_name": "aro-mobb-rg"}
    inside = {"name": "b", "address_prefix": "10.0.9.0/24"}
    beside = {"name": "b", "address_prefix": "10.0.10.0/24"}
    shared = {"virtual_network": network, "private_dns_zone": ZONE}
    assert clashing_with_other({**shared, "endpoint_subnet": inside}, {}) == [
        "two.endpoint_subnet.address_prefix"
    ]
    assert clashing_with_other({**shared, "endpoint_subnet": beside}, {}) == []
    assert clashing_with_other({"endpoint_subnet": {"address_prefix": "10.0.8.0/23"}}, {}) == []


def test_only_registry_names_clash_across_subscriptions() -> None:
    """A registry's name is unique in all of Azure, and a group's name in its subscription."""
    same = {**GUIDE, "subscription_id": "00000000-0000-0000-0000-000000000001"}
    assert clashing({"one": GUIDE, "two": same}) == ["two.container_registry.name"]


PREFIXES = st.builds(
    lambda address, length: str(IPv4Network((address, length), strict=False)),
    st.integers(0x0A000000, 0x0A0000FF),
    st.sampled_from([8, 23, 24, 25, 26, 27, 28, 29]),
)


@given(st.lists(PREFIXES, max_size=8))
def test_each_overlap_of_two_subnets_is_found(prefixes: list[str]) -> None:
    """Whether one lies in the other or they are the same, and whichever comes first."""
    registries = {
        str(place): settings_of(endpoint_subnet={"address_prefix": prefix, "name": f"s{place}"})
        for place, prefix in enumerate(prefixes)
    }
    found = [
        (clash.first, clash.name, clash.claim.reason)
        for clash in clashes({name: each.request() for name, each in registries.items()})
        if clash.claim.key == ("endpoint_subnet", "address_prefix")
    ]
    assert found == [
        (str(first), str(second), f"it overlaps {prefixes[first]} in the same virtual network")
        for second in range(len(prefixes))
        for first in range(second)
        if IPv4Network(prefixes[first]).overlaps(IPv4Network(prefixes[second]))
    ]
