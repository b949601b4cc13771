"""Tests of virtual networks and subnets."""

import pytest
from simulated import ENDPOINT, SUBNET, VNET, put, read, refused

from standin.cloud import carry_out
from standin.refusals import Refusal
from standin.store import Contents


@pytest.mark.parametrize("prefix", ["10.1.0.0/24", "10.0.0.0/15"])
def test_a_subnet_must_be_inside_its_network(azure: Contents, prefix: str) -> None:
    """Azure refuses a prefix that is outside the network's address space or larger than it."""
    why = refused(azure, "update", SUBNET, address_prefixes=[prefix])
    assert why is Refusal.SUBNET_OUTSIDE_NETWORK


@pytest.mark.parametrize("prefix", ["10.0.8.128/25", "10.0.0.0/16"])
def test_a_subnet_must_not_overlap_another(azure: Contents, prefix: str) -> None:
    """Azure refuses a prefix that overlaps another subnet's prefix, and accepts an adjacent one."""
    other = f"{VNET}/subnets/other"
    why = refused(azure, "create", other, like=SUBNET, address_prefixes=[prefix])
    assert why is Refusal.SUBNETS_OVERLAP
    assert refused(azure, "create", other, like=SUBNET, address_prefixes=["10.0.9.0/24"]) is None


def test_subnets_of_two_networks_may_overlap(azure: Contents) -> None:
    """Two virtual networks may use the same addresses."""
    other = VNET.replace("/vnet", "/other")
    put(azure, other, location="eastus", address_space=["10.0.0.0/16"])
    assert refused(azure, "create", f"{other}/subnets/pe", like=SUBNET) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (["10.0.20.0/24"], Refusal.PREFIX_IN_USE),
        (["10.0.8.0/23"], Refusal.PREFIX_IN_USE),
        (["10.0.8.0/24", "10.0.20.0/24"], None),
    ],
)
def test_a_prefix_in_use_stays(azure: Contents, changed: list[str], why: Refusal | None) -> None:
    """Azure changes the prefix of a subnet only while no endpoint is in it."""
    assert refused(azure, "update", SUBNET, address_prefixes=changed) is why
    carry_out(azure, "delete", ENDPOINT, {})
    assert refused(azure, "update", SUBNET, address_prefixes=changed) is None


def test_a_network_with_an_endpoint_cannot_be_deleted(azure: Contents) -> None:
    """A subnet in use keeps its network."""
    assert refused(azure, "delete", VNET) is Refusal.SUBNET_IN_USE
    carry_out(azure, "delete", ENDPOINT, {})
    assert refused(azure, "delete", VNET) is None


def test_a_subnet_with_an_endpoint_cannot_be_deleted(azure: Contents) -> None:
    """Azure deletes a subnet only if no endpoint is in it; other subnets do not count."""
    put(azure, f"{VNET}/subnets/other")
    assert refused(azure, "delete", f"{VNET}/subnets/other") is None
    assert refused(azure, "delete", SUBNET) is Refusal.SUBNET_IN_USE
    carry_out(azure, "delete", ENDPOINT, {})
    assert refused(azure, "delete", SUBNET) is None


def test_a_network_lists_its_own_subnets(azure: Contents) -> None:
    """A virtual network shows the names of its own subnets, and not those of another network."""
    other = VNET.replace("/vnet", "/other")
    put(azure, f"{other}/subnets/theirs")
    assert read(azure, VNET)["subnets"] == ["pe"]
    assert read(azure, VNET)["guid"]


def test_a_subnet_shows_its_first_prefix(azure: Contents) -> None:
    """The data source also has the old attribute `address_prefix`."""
    assert read(azure, SUBNET)["address_prefix"] == "10.0.8.0/24"
