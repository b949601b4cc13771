"""Tests of private DNS zones and links."""

from simulated import (
    ENDPOINT,
    GROUP,
    LINK,
    VNET,
    ZONE,
    put,
    read,
    refused,
)

from standin.cloud import carry_out
from standin.refusals import Refusal
from standin.store import Contents


def test_a_zone_with_a_link_cannot_be_deleted(azure: Contents) -> None:
    """Azure deletes a zone only if it has no virtual network link."""
    assert refused(azure, "delete", ZONE) is Refusal.ZONE_WITH_LINK
    carry_out(azure, "delete", LINK, {})
    assert refused(azure, "delete", ZONE) is None


def test_a_network_has_one_link_per_zone_name(azure: Contents) -> None:
    """Azure refuses a link to a second zone of the same name, even in another resource group."""
    second = GROUP.replace("/rg", "/rg2")
    put(azure, second)
    zones = f"{second}/providers/Microsoft.Network/privateDnsZones"
    for zone, why in (
        ("PrivateLink.azurecr.io", Refusal.SECOND_ZONE_OF_A_NAME),
        ("example.org", None),
    ):
        put(azure, f"{zones}/{zone}")
        link = f"{zones}/{zone}/virtualNetworkLinks/again"
        assert refused(azure, "create", link, like=LINK) is why


def test_a_zone_may_have_links_to_two_networks(azure: Contents) -> None:
    """Azure accepts a second link of a zone if it is to another virtual network."""
    other = VNET.replace("/vnet", "/other")
    put(azure, other, location="eastus")
    link = f"{ZONE}/virtualNetworkLinks/other"
    assert refused(azure, "create", link, like=LINK, virtual_network_id=other) is None


def test_a_linked_network_must_exist(azure: Contents) -> None:
    """Azure refuses a link to a virtual network that does not exist."""
    missing = VNET.replace("/vnet", "/gone")
    why = refused(azure, "update", LINK, virtual_network_id=missing)
    assert why is Refusal.LINKED_NETWORK_IS_MISSING


def test_a_link_has_a_resolution_policy(azure: Contents) -> None:
    """A link's resolution policy is `Default` if the caller does not set it."""
    assert read(azure, LINK)["resolution_policy"] == "Default"
    azure["resources"][LINK]["resolution_policy"] = "NxDomainRedirect"
    assert read(azure, LINK)["resolution_policy"] == "NxDomainRedirect"


def test_a_zone_counts_its_record_sets(azure: Contents) -> None:
    """A zone has its SOA record set and one for each name, even if two endpoints write the name."""
    put(azure, f"{ZONE}.cn")
    assert read(azure, f"{ZONE}.cn")["number_of_record_sets"] == 1
    assert read(azure, ZONE)["number_of_record_sets"] == 3
    azure["resources"][f"{ENDPOINT}2"] = azure["resources"][ENDPOINT]
    assert read(azure, ZONE)["number_of_record_sets"] == 3
