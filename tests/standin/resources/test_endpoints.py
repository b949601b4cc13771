"""Tests of private endpoints."""

from typing import Any

import pytest
from simulated import (
    ENDPOINT,
    ENDPOINT_TYPE,
    GROUP,
    REGISTRY,
    SUBNET,
    VNET,
    ZONE,
    add_lock,
    ip_configuration,
    put,
    read,
    refused,
    replicas,
)

from standin.cloud import carry_out, requests
from standin.refusals import Refusal
from standin.store import Contents


def test_data_endpoints_get_the_first_addresses(azure: Contents) -> None:
    """The endpoint's first address, which the provider shows, belongs to a data endpoint."""
    put(azure, REGISTRY, location="East US", georeplications=replicas("West US 2", "centralus"))
    carry_out(azure, "delete", ENDPOINT, endpoint := azure["resources"][ENDPOINT])
    del endpoint["addresses"]
    put(azure, ENDPOINT, **endpoint)
    assert azure["resources"][ENDPOINT]["addresses"] == {
        "registry_data_eastus": "10.0.8.4",
        "registry_data_centralus": "10.0.8.5",
        "registry_data_westus2": "10.0.8.6",
        "registry": "10.0.8.7",
    }
    connection = read(azure, ENDPOINT)["private_service_connection"][0]
    assert connection["private_ip_address"] == "10.0.8.4"


def test_a_zone_group_contains_the_private_names(azure: Contents) -> None:
    """With a zone group, only its record sets contain the names, which are under `privatelink`."""
    endpoint = read(azure, ENDPOINT)
    assert "custom_dns_configs" not in endpoint
    config = endpoint["private_dns_zone_configs"][0]
    assert config["private_dns_zone_id"] == ZONE
    assert [(each["name"], each["fqdn"]) for each in config["record_sets"]] == [
        ("myregistry.eastus.data", "myregistry.eastus.data.privatelink.azurecr.io"),
        ("myregistry", "myregistry.privatelink.azurecr.io"),
    ]
    assert config["record_sets"][1]["ip_addresses"] == ["10.0.8.5"]
    group = endpoint["private_dns_zone_group"][0]
    assert config["id"] == f"{group['id']}/privateDnsZoneConfigs/privatelink.azurecr.io"


def test_an_endpoint_without_a_zone_group_has_public_names(azure: Contents) -> None:
    """Without a zone group, only `custom_dns_configs` contains the names, which are public."""
    put(azure, ENDPOINT, private_dns_zone_group=[])
    endpoint = read(azure, ENDPOINT)
    assert "private_dns_zone_configs" not in endpoint
    assert endpoint["custom_dns_configs"] == [
        {"fqdn": "myregistry.eastus.data.azurecr.io", "ip_addresses": ["10.0.8.4"]},
        {"fqdn": "myregistry.azurecr.io", "ip_addresses": ["10.0.8.5"]},
    ]


def test_a_test_can_reverse_the_order_of_names(azure: Contents) -> None:
    """Azure guarantees no order of record sets, so a test can reverse it."""
    before = read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]
    azure["record_order"] = "reversed"
    after = read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]
    assert after == before[::-1] != before


def test_a_manual_connection_needs_approval(azure: Contents) -> None:
    """A manual connection has no names until the registry's owner approves it."""
    azure["resources"][ENDPOINT]["private_service_connection"][0]["is_manual_connection"] = True
    assert read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"] == []
    azure["resources"][ENDPOINT]["status"] = "Approved"
    assert len(read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]) == 2


def test_an_update_keeps_addresses_and_approval(azure: Contents) -> None:
    """An update contains only the caller's settings; Azure keeps the addresses and the approval."""
    endpoint = azure["resources"][ENDPOINT]
    endpoint["status"] = "Approved"
    endpoint["addresses"]["registry"] = "10.0.8.99"
    settings = {name: endpoint[name] for name in endpoint if name not in ("addresses", "status")}
    carry_out(azure, "update", ENDPOINT, settings)
    assert azure["resources"][ENDPOINT]["status"] == "Approved"
    assert azure["resources"][ENDPOINT]["addresses"]["registry"] == "10.0.8.99"


def test_an_endpoint_of_a_deleted_registry_has_no_names(azure: Contents) -> None:
    """Azure deletes a registry that has an endpoint; the endpoint then has no names."""
    assert refused(azure, "delete", REGISTRY) is None
    carry_out(azure, "delete", REGISTRY, {})
    assert read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"] == []
    put(azure, f"{REGISTRY}2", location="eastus")
    assert "registry" in azure["resources"][ENDPOINT]["addresses"]


def test_a_new_replica_adds_a_member_to_the_endpoint(azure: Contents) -> None:
    """A new replica adds an address, a deleted replica removes its own, and the others stay."""
    put(azure, REGISTRY, georeplications=replicas("westus2"))
    assert azure["resources"][ENDPOINT]["addresses"] == {
        "registry_data_eastus": "10.0.8.4",
        "registry_data_westus2": "10.0.8.6",
        "registry": "10.0.8.5",
    }
    put(azure, REGISTRY, georeplications=[])
    assert "registry_data_westus2" not in azure["resources"][ENDPOINT]["addresses"]


def test_a_new_replica_needs_an_address_in_the_endpoints_subnet(azure: Contents) -> None:
    """A /29 subnet has three usable addresses, which are too few for a second replica."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    one, two = replicas("centralus"), replicas("centralus", "westus2")
    assert refused(azure, "update", REGISTRY, georeplications=one) is None
    assert refused(azure, "update", REGISTRY, georeplications=two) is Refusal.SUBNET_IS_FULL
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/30"]
    another = f"{REGISTRY}2"
    assert refused(azure, "create", another, like=REGISTRY, georeplications=two) is None


def test_an_endpoint_needs_enough_addresses(azure: Contents) -> None:
    """A /29 subnet has too few addresses for two endpoints with two members each."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    assert refused(azure, "create", f"{ENDPOINT}2", like=ENDPOINT) is Refusal.SUBNET_IS_FULL


def test_two_endpoints_have_different_addresses(azure: Contents) -> None:
    """A second endpoint in a subnet gets the next free addresses."""
    put(azure, f"{ENDPOINT}2", **{**azure["resources"][ENDPOINT], "addresses": {}})
    addresses = azure["resources"][f"{ENDPOINT}2"]["addresses"]
    assert list(addresses.values()) == ["10.0.8.6", "10.0.8.7"]


@pytest.mark.parametrize("wrong", [{"location": "westus2"}, {"subnet_id": f"{VNET}/subnets/gone"}])
def test_an_endpoint_must_be_in_its_subnets_region(azure: Contents, wrong: Any) -> None:
    """The subnet must exist in the endpoint's region; the registry may be in another region."""
    assert refused(azure, "update", ENDPOINT, **wrong) is Refusal.ENDPOINT_OUTSIDE_REGION
    azure["resources"][REGISTRY]["location"] = "westus2"
    assert refused(azure, "update", ENDPOINT) is None


def test_an_endpoints_registry_must_exist(azure: Contents) -> None:
    """Azure creates no endpoint for a registry that does not exist."""
    carry_out(azure, "delete", REGISTRY, {})
    assert refused(azure, "create", ENDPOINT) is Refusal.TARGET_IS_MISSING


def test_an_endpoints_zone_must_exist(azure: Contents) -> None:
    """Azure refuses a zone group with a zone that does not exist."""
    group_id = f"{ENDPOINT}/privateDnsZoneGroups/default"
    assert refused(azure, "create", group_id, private_dns_zone_ids=[ZONE]) is None
    carry_out(azure, "delete", ZONE, {})
    why = refused(azure, "create", group_id, private_dns_zone_ids=[ZONE])
    assert why is Refusal.ENDPOINT_ZONE_IS_MISSING


def zone_group(*zones: str, name: str = "default") -> list[dict[str, Any]]:
    """Returns the argument `private_dns_zone_group`."""
    return [{"name": name, "private_dns_zone_ids": list(zones)}]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], ["update pe"]),
        (zone_group(ZONE), zone_group(ZONE.upper()), ["update pe"]),
        ([], zone_group(ZONE), ["update pe", "create default"]),
        (zone_group(ZONE), [], ["update pe", "delete default"]),
        (
            zone_group(ZONE),
            zone_group(f"{ZONE}.cn"),
            ["update pe", "delete default", "create default"],
        ),
        (
            zone_group(ZONE),
            zone_group(ZONE, name="other"),
            ["update pe", "delete default", "create other"],
        ),
        (zone_group(ZONE), zone_group(ZONE, f"{ZONE}.cn"), ["update pe", "update default"]),
    ],
)
def test_a_zone_group_is_written_after_its_endpoint(
    azure: Contents, before: list[Any], after: list[Any], expected: list[str]
) -> None:
    """The provider deletes a group that gets another name or other zones, and creates it anew."""
    put(azure, ENDPOINT, private_dns_zone_group=before)
    new = {**azure["resources"][ENDPOINT], "private_dns_zone_group": after}
    sent = requests(azure, "update", ENDPOINT, new)
    assert [f"{operation} {id_.split('/')[-1]}" for operation, id_, _ in sent] == expected


def test_an_endpoint_has_no_records_while_its_zone_group_is_away(azure: Contents) -> None:
    """The endpoint itself, its addresses and its approval stay all the time."""
    put(azure, f"{ZONE}.cn")
    endpoint = azure["resources"][ENDPOINT]
    new: Any = {"type": ENDPOINT_TYPE, "location": "eastus", "subnet_id": SUBNET}
    new["private_service_connection"] = endpoint["private_service_connection"]
    new["private_dns_zone_group"] = zone_group(f"{ZONE}.cn")
    seen = []
    for operation, id_, values in requests(azure, "update", ENDPOINT, new):
        carry_out(azure, operation, id_, values)
        configs = read(azure, ENDPOINT).get("private_dns_zone_configs", [])
        seen.append([each["private_dns_zone_id"] for each in configs])
        assert azure["resources"][ENDPOINT]["addresses"] == endpoint["addresses"]
    assert seen == [[ZONE], [], [f"{ZONE}.cn"]]


def test_the_zone_group_of_a_deleted_endpoint_goes_first(azure: Contents) -> None:
    """A lock on the registry stops the endpoint's deletion only: its records are lost."""
    add_lock(azure)
    endpoint = azure["resources"][ENDPOINT]
    (group, (_, _, values)) = requests(azure, "delete", ENDPOINT, endpoint)
    assert group[:2] == ("delete", f"{ENDPOINT}/privateDnsZoneGroups/default")
    assert refused(azure, *group[:2], **group[2]) is None
    carry_out(azure, *group)
    assert "private_dns_zone_configs" not in read(azure, ENDPOINT)
    assert refused(azure, "delete", ENDPOINT, **values) is Refusal.LOCKED
    add_lock(azure, scope=GROUP)
    assert refused(azure, *group[:2], **group[2]) is Refusal.LOCKED


def test_every_member_needs_a_static_address_or_none_does(azure: Contents) -> None:
    """Azure refuses a static address for the registry alone, and uses one for each member."""
    configurations = ip_configuration(registry_data_eastus="10.0.8.21", registry="10.0.8.20")
    why = refused(azure, "create", ENDPOINT, ip_configuration=configurations[1:])
    assert why is Refusal.MEMBERS_WITHOUT_ADDRESS
    assert refused(azure, "create", ENDPOINT, ip_configuration=configurations) is None
    put(azure, ENDPOINT, ip_configuration=configurations)
    assert azure["resources"][ENDPOINT]["addresses"]["registry"] == "10.0.8.20"


@pytest.mark.parametrize("address", ["10.0.9.20", "10.0.8.3", "10.0.8.255", "10.0.8.5"])
def test_static_addresses_must_be_free(azure: Contents, address: str) -> None:
    """Azure refuses an address outside the subnet, a reserved one, and another endpoint's."""
    configurations = ip_configuration(registry_data_eastus="10.0.8.21", registry=address)
    why = refused(azure, "create", f"{ENDPOINT}2", like=ENDPOINT, ip_configuration=configurations)
    assert why is Refusal.ADDRESS_IS_NOT_FREE


def test_the_member_name_defaults_to_the_subresource_name(
    azure: Contents,
) -> None:
    """A static address without `member_name` belongs to the member with the subresource's name."""
    configurations = [
        *ip_configuration(registry_data_eastus="10.0.8.21"),
        {"private_ip_address": "10.0.8.20"},
    ]
    configurations[1] |= {"name": "registry", "subresource_name": "registry"}
    put(azure, ENDPOINT, ip_configuration=configurations)
    assert read(azure, ENDPOINT)["ip_configuration"][1]["member_name"] == "registry"


@pytest.mark.parametrize(("custom_name", "name"), [("my-nic", "my-nic"), (None, "pe.nic")])
def test_an_endpoint_has_a_network_interface(
    azure: Contents, custom_name: str | None, name: str
) -> None:
    """The network interface has its custom name, or a default name with the endpoint's name."""
    put(azure, ENDPOINT, custom_network_interface_name=custom_name)
    interface = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{name}"
    assert read(azure, ENDPOINT)["network_interface"] == [{"id": interface, "name": name}]


def test_two_endpoints_have_different_network_interfaces(azure: Contents) -> None:
    """Azure refuses the name of a network interface that another endpoint has in the group."""
    put(azure, ENDPOINT, custom_network_interface_name="nic")
    second = {"like": ENDPOINT, "custom_network_interface_name": "NIC"}
    assert refused(azure, "create", f"{ENDPOINT}2", **second) is Refusal.INTERFACE_IN_USE
    second["custom_network_interface_name"] = "nic2"
    assert refused(azure, "create", f"{ENDPOINT}2", **second) is None
    assert refused(azure, "update", ENDPOINT) is None


@pytest.mark.parametrize("groups", [["registry_data"], ["registry", "registry"], []])
def test_the_only_group_id_of_a_registry_is_registry(azure: Contents, groups: list[str]) -> None:
    """Azure refuses an endpoint whose group ids are not exactly `registry`."""
    (connection,) = azure["resources"][ENDPOINT]["private_service_connection"]
    assert refused(azure, "create", f"{ENDPOINT}2", ENDPOINT) is None
    wrong = [{**connection, "subresource_names": groups}]
    assert (
        refused(azure, "create", f"{ENDPOINT}2", ENDPOINT, private_service_connection=wrong)
        is Refusal.GROUP_IDS
    )
