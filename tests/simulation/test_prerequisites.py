"""What stacks presuppose, read from their JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import ROOT, SUBSCRIPTION, Json

from simulation.prerequisites import Prerequisites
from simulation.stacks import LINK, NETWORK, REGISTRY, SUBNET, ZONE, SimulationError, Stack
from standin import Cloud

OTHER = "00000000-0000-0000-0000-000000000002"
NETWORK_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net-rg/providers/Microsoft.Network"
    "/virtualNetworks/aro"
)
Synthesized = Callable[..., Json]


def put(folder: Path, *phases: list[Stack]) -> tuple[Cloud, list[str]]:
    """A cloud with what the stacks presuppose, and the lines on it."""
    cloud = Cloud(folder)
    return cloud, Prerequisites([*phases]).put(cloud)


def stack_in_network(synthesized: Synthesized, name: str, subnet: Json, **settings: Json) -> Stack:
    """A stack of the guide whose network is in a resource group of its own."""
    network = {"name": "aro", "resource_group_name": "net-rg"}
    settings = {"virtual_network": network, "endpoint_subnet": subnet, **settings}
    return Stack(name, synthesized(**settings))


def test_the_guide_presupposes_a_group_and_a_network(guide: Json, tmp_path: Path) -> None:
    """Nothing that the stack creates is there beforehand."""
    cloud, lines = put(tmp_path, [Stack("acr", guide)])
    assert lines == [
        "resource group aro-mobb-rg (eastus)",
        "virtual network aro-rcarrata-vnet (10.0.0.0/16)",
    ]
    with cloud.edit() as contents:
        assert len(contents["resources"]) == 2
        assert contents["registered"] == {SUBSCRIPTION: ["Microsoft.Authorization"]}


def test_a_network_holds_all_its_subnets(synthesized: Synthesized, tmp_path: Path) -> None:
    """New subnets, one with static addresses, and one of which nothing is known, do not overlap."""
    new = stack_in_network(synthesized, "new", {"address_prefix": "172.16.0.0/24"})
    subnet = f"{NETWORK_ID}/subnets"
    addresses = {"private_ip_addresses": {"registry": "10.9.0.200", "eastus": "10.9.1.20"}}
    static = stack_in_network(
        synthesized, "static", {"id": f"{subnet}/static"}, private_endpoint=addresses
    )
    unknown = stack_in_network(synthesized, "unknown", {"id": f"{subnet}/unknown"})
    cloud, _ = put(tmp_path, [new, unknown, static])
    (network,) = cloud.resources(NETWORK).values()
    assert sorted(network["address_space"]) == ["10.9.0.0/16", "172.16.0.0/16"]
    prefixes = {each["name"]: each["address_prefixes"] for each in cloud.resources(SUBNET).values()}
    assert prefixes == {"static": ["10.9.0.0/23"], "unknown": ["10.9.2.0/24"]}


def test_a_static_address_is_not_a_reserved_one(synthesized: Synthesized, tmp_path: Path) -> None:
    """Azure reserves the first four addresses of a subnet, and the last one."""
    addresses = {"private_ip_addresses": {"registry": "10.9.4.3", "eastus": "10.9.4.9"}}
    subnet = {"id": f"{NETWORK_ID}/subnets/static"}
    stack = stack_in_network(synthesized, "acr", subnet, private_endpoint=addresses)
    cloud, _ = put(tmp_path, [stack])
    (found,) = cloud.resources(SUBNET).values()
    assert found["address_prefixes"] == ["10.9.0.0/21"]


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_zone_that_exists_is_linked_by_its_owner(
    synthesized: Synthesized, tmp_path: Path, is_linked: bool
) -> None:
    """The owner links it to the endpoint's network, unless a stack does."""
    zone = (
        f"/subscriptions/{OTHER}/resourceGroups/hub/providers/Microsoft.Network"
        "/privateDnsZones/privatelink.azurecr.io"
    )
    links: Json = {"private_dns_zone_virtual_network_link": {}} if is_linked else {}
    cloud, lines = put(
        tmp_path, [Stack("acr", synthesized(private_dns_zone={"id": zone}, **links))]
    )
    assert [*cloud.resources(ZONE)] == [zone]
    assert len(cloud.resources(LINK)) == (0 if is_linked else 1)
    registered = f"registration of Microsoft.Network in subscription {OTHER}"
    assert (registered in lines) is is_linked


def test_what_another_stack_creates_is_not_there(guide: Json, tmp_path: Path) -> None:
    """Neither for a stack of the same file, nor for the working tree after a commit."""
    first = Stack("first", guide)
    file = ROOT / "tests" / "synthesized" / "second-cluster.json"
    second = Stack("second", json.loads(file.read_text()))
    for phases in ([first, second],), ([second, first],), ([first], [second]):
        cloud, _ = put(tmp_path, *phases)
        assert cloud.resources(REGISTRY) == {}
    cloud, _ = put(tmp_path, [second], [first])
    (found,) = cloud.resources(REGISTRY).values()
    assert found["name"] == "acr12345"


@pytest.mark.parametrize("before", [False, True])
def test_what_lies_in_a_new_registry_is_not_there(
    synthesized: Synthesized, tmp_path: Path, before: bool
) -> None:
    """Such as a credential set; somebody has created it if a commit has the registry already."""
    guide = Stack("acr", synthesized())
    hub = f"{guide.of_type(REGISTRY)[0].id}/credentialSets/hub"
    rule = {"source": "docker.io/library/nginx", "target": "nginx", "credential_set_id": hub}
    registry = {"name": "acr12345", "cache_rules": [rule]}
    changed = Stack("acr", synthesized(container_registry=registry))
    _, lines = put(tmp_path, *([[guide]] if before else []), [changed])
    assert ("credential set hub" in lines) is before


def test_the_subscription_is_that_of_the_shell(
    synthesized: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings come first, then the shell, then the subnet that exists."""
    subnet = {"id": f"{NETWORK_ID}/subnets/endpoints".replace(SUBSCRIPTION, OTHER)}
    stack = stack_in_network(synthesized, "acr", subnet)
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID", raising=False)
    assert stack.subscription == OTHER
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", OTHER.replace("2", "3"))
    assert stack.subscription == OTHER.replace("2", "3")
    assert Stack("acr", synthesized(subscription_id=SUBSCRIPTION)).subscription == SUBSCRIPTION


def test_an_unknown_type_is_reported(guide: Json) -> None:
    """The stand-in serves what this project creates."""
    stack = {**guide, "data": {"azurerm_key_vault": {"it": {"name": "vault"}}}}
    with pytest.raises(SimulationError, match="acr: the simulated Azure has no azurerm_key_vault"):
        Stack("acr", stack)
