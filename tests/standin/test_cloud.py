"""Azure's behaviour as the stand-in has it: plain dict in, Azure's objection or the view out."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from standin import ids
from standin.cloud import carry_out, refusal, register, unreadable, view
from standin.requests import Answer, Request, answer, transaction

HERE = "/subscriptions/sub"
GROUP = f"{HERE}/resourceGroups/rg"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
SUBNET = f"{VNET}/subnets/pe"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/MyRegistry"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
LINK = f"{ZONE}/virtualNetworkLinks/vnet-link"
ENDPOINT = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/pe"
LOCK = f"{REGISTRY}/providers/Microsoft.Authorization/locks/keep"

GROUP_TYPE = "azurerm_resource_group"
VNET_TYPE = "azurerm_virtual_network"
SUBNET_TYPE = "azurerm_subnet"
REGISTRY_TYPE = "azurerm_container_registry"
ZONE_TYPE = "azurerm_private_dns_zone"
LINK_TYPE = "azurerm_private_dns_zone_virtual_network_link"
ENDPOINT_TYPE = "azurerm_private_endpoint"
LOCK_TYPE = "azurerm_management_lock"


@pytest.fixture
def azure() -> dict[str, Any]:
    """A cloud in which everything of the guide is there."""
    there: dict[str, Any] = {"environment": "public", "registered": {}, "log": [], "resources": {}}
    for namespace in ("Authorization", "ContainerRegistry", "Network"):
        register(there, f"{HERE}/providers/Microsoft.{namespace}")
    put(there, GROUP, type=GROUP_TYPE, location="eastus")
    put(there, VNET, type=VNET_TYPE, location="eastus", address_space=["10.0.0.0/16"])
    put(there, SUBNET, type=SUBNET_TYPE, address_prefixes=["10.0.8.0/24"])
    put(
        there,
        REGISTRY,
        type=REGISTRY_TYPE,
        location="eastus",
        sku="Premium",
        public_network_access_enabled=False,
    )
    put(there, ZONE, type=ZONE_TYPE)
    put(there, LINK, type=LINK_TYPE, virtual_network_id=VNET)
    put(
        there,
        ENDPOINT,
        type=ENDPOINT_TYPE,
        location="eastus",
        subnet_id=SUBNET,
        private_service_connection=[
            {
                "name": "pe",
                "is_manual_connection": False,
                "private_connection_resource_id": REGISTRY,
                "subresource_names": ["registry"],
            }
        ],
        private_dns_zone_group=[{"name": "default", "private_dns_zone_ids": [ZONE]}],
    )
    return there


def put(there: dict[str, Any], id_: str, **values: Any) -> None:
    """Makes or changes a resource, past every rule."""
    carry_out(there, "create", id_, {**there["resources"].get(id_, {}), **values})


def objection(
    there: dict[str, Any], operation: str, id_: str, like: str = "", **values: Any
) -> str:
    """The code of what Azure says against an operation on a resource that is there, or like one."""
    resource = {**there["resources"][like or id_], **values}
    return (refusal(there, operation, id_, resource) or "").partition(":")[0]


def shown(there: dict[str, Any], id_: str) -> dict[str, Any]:
    """What Azure shows of a resource that is there."""
    found = view(there, id_)
    assert found is not None
    return found


def static(**addresses: str) -> list[dict[str, str]]:
    """The argument `ip_configuration`, by member."""
    return [
        {"name": member, "member_name": member, "private_ip_address": address}
        for member, address in addresses.items()
    ]


def replicas(*locations: str) -> list[dict[str, str]]:
    """The argument `georeplications`."""
    return [{"location": location} for location in locations]


# Ids


@pytest.mark.parametrize(
    ("type_", "id_"),
    [
        (VNET_TYPE, VNET),
        (SUBNET_TYPE, SUBNET),
        (REGISTRY_TYPE, REGISTRY),
        (ZONE_TYPE, ZONE),
        (LINK_TYPE, LINK),
        (ENDPOINT_TYPE, ENDPOINT),
        (LOCK_TYPE, LOCK),
        ("azurerm_container_registry_token", f"{REGISTRY}/tokens/pull"),
        ("azurerm_container_registry_token_password", f"{REGISTRY}/tokens/a/passwords/password"),
        ("azurerm_container_registry_cache_rule", f"{REGISTRY}/cacheRules/quay"),
        ("azurerm_monitor_diagnostic_setting", f"{REGISTRY}|audit"),
    ],
)
def test_an_id_states_its_arguments_and_follows_from_them(type_: str, id_: str) -> None:
    """The arguments in an id give that id again, whatever the case in which Azure wrote it."""
    assert ids.compose(type_, ids.parse(type_, id_), "") == id_
    assert ids.parse(type_, id_.upper()).keys() == ids.parse(type_, id_).keys()


def test_an_id_of_another_type_states_nothing() -> None:
    """A subnet's id is no network's, though it starts as one."""
    assert ids.parse(VNET_TYPE, SUBNET) == {}


def test_a_name_like_a_word_of_azure_keeps_its_case() -> None:
    """Only Azure's own words change their case: a network called `SUBNETS` stays one."""
    odd = VNET.replace("/vnet", "/SUBNETS").replace("virtualNetworks", "VIRTUALNETWORKS")
    odd = odd.replace("Microsoft.Network", "microsoft.network")
    assert ids.canonical(odd) == VNET.replace("/vnet", "/SUBNETS")


def test_ids_in_other_case_lead_to_the_resource_and_come_back_in_the_providers(
    azure: dict[str, Any],
) -> None:
    """Azure writes segments in any case; the provider shows its own, also inside blocks."""
    connection = azure["resources"][ENDPOINT]["private_service_connection"][0]
    connection["private_connection_resource_id"] = REGISTRY.replace(
        "resourceGroups", "RESOURCEgroups"
    )
    azure["resources"][ENDPOINT]["subnet_id"] = SUBNET.replace("subnets", "Subnets")
    endpoint = shown(azure, ENDPOINT.upper())
    assert endpoint["id"] == ENDPOINT
    assert endpoint["subnet_id"] == SUBNET
    assert endpoint["private_service_connection"][0]["private_connection_resource_id"] == REGISTRY
    azure["resources"][SUBNET.replace("subnets", "Subnets")] = azure["resources"].pop(SUBNET)
    assert shown(azure, SUBNET)["id"] == SUBNET


def test_a_change_by_an_id_in_other_case_changes_what_is_there(azure: dict[str, Any]) -> None:
    """Azure makes no second resource of an id that differs in capitals."""
    before = list(azure["resources"])
    carry_out(azure, "update", ZONE.upper(), {"type": ZONE_TYPE, "tags": {"a": "b"}})
    assert list(azure["resources"]) == before
    assert shown(azure, ZONE)["tags"] == {"a": "b"}


# Every type


def test_everything_of_the_guide_is_accepted_as_it_stands(azure: dict[str, Any]) -> None:
    """No rule speaks against what the guide makes."""
    for id_ in (SUBNET, REGISTRY, ZONE, LINK, ENDPOINT):
        assert objection(azure, "update", id_) == ""


def test_the_network_must_exist(azure: dict[str, Any]) -> None:
    """A subnet can't be made in a network that isn't there."""
    elsewhere = SUBNET.replace("/vnet/", "/other/")
    assert objection(azure, "create", elsewhere, like=SUBNET) == "ParentResourceNotFound"


def test_the_resource_group_must_exist(azure: dict[str, Any]) -> None:
    """Nothing can be made in a resource group that isn't there, nor set on what isn't there."""
    elsewhere = ZONE.replace("/rg/", "/other/")
    assert objection(azure, "create", elsewhere, like=ZONE) == "ResourceGroupNotFound"
    setting = f"{REGISTRY}2|audit"
    assert objection(azure, "create", setting, like=ZONE) == "ParentResourceNotFound"


def test_the_services_must_be_registered(azure: dict[str, Any]) -> None:
    """A registry needs Microsoft.ContainerRegistry in its own subscription."""
    azure["registered"] = {"sub": ["Microsoft.Network"], "other": ["Microsoft.ContainerRegistry"]}
    assert objection(azure, "create", REGISTRY) == "MissingSubscriptionRegistration"
    assert objection(azure, "create", ZONE) == ""


def test_a_lock_counts_for_its_own_service(azure: dict[str, Any]) -> None:
    """A lock on a registry is of Microsoft.Authorization: the last namespace in its id."""
    azure["registered"] = {"sub": ["Microsoft.Authorization"]}
    azure["resources"][LOCK] = {"type": LOCK_TYPE}
    assert objection(azure, "create", LOCK) == ""


def test_registering_twice_is_registering_once(azure: dict[str, Any]) -> None:
    """A namespace is listed once, for the subscription in whichever case."""
    register(azure, "/subscriptions/SUB/providers/Microsoft.Network")
    assert azure["registered"]["sub"].count("Microsoft.Network") == 1


def locked(there: dict[str, Any], level: str = "CanNotDelete", scope: str = REGISTRY) -> str:
    """Puts a lock on a scope, past every rule, and gives its id."""
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    there["resources"][lock] = {"type": LOCK_TYPE, "lock_level": level}
    return lock


@pytest.mark.parametrize("scope", [REGISTRY, GROUP, REGISTRY.upper()])
@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_a_lock_refuses_deletion_in_its_scope(
    azure: dict[str, Any], level: str, scope: str
) -> None:
    """What is locked, itself or by what it lies in, can't be deleted, but the lock can."""
    lock = locked(azure, level, scope)
    assert objection(azure, "delete", REGISTRY) == "ScopeLocked"
    assert objection(azure, "delete", lock) == ""


def test_a_lock_keeps_nothing_else(azure: dict[str, Any]) -> None:
    """A lock on `MyRegistry` leaves `MyRegistry2`, and an endpoint that leads there, free."""
    locked(azure)
    put(azure, f"{REGISTRY}2", type=REGISTRY_TYPE, location="eastus")
    connection = {"private_connection_resource_id": f"{REGISTRY}2"}
    other: Any = {"subnet_id": SUBNET, "private_service_connection": [connection]}
    assert objection(azure, "delete", f"{REGISTRY}2") == ""
    assert objection(azure, "delete", ENDPOINT, **other) == ""
    assert objection(azure, "delete", LINK) == ""


def test_a_lock_keeps_the_endpoints_that_lead_to_its_registry(azure: dict[str, Any]) -> None:
    """Their connections lie in the registry; a ReadOnly lock lets nobody make or change one."""
    locked(azure)
    assert objection(azure, "delete", ENDPOINT) == "ScopeLocked"
    assert objection(azure, "update", ENDPOINT) == ""
    assert objection(azure, "create", f"{ENDPOINT}2", ENDPOINT) == ""
    locked(azure, "ReadOnly")
    for operation in ("create", "update", "delete"):
        assert objection(azure, operation, ENDPOINT) == "ScopeLocked"


def test_a_lock_keeps_extension_resources(azure: dict[str, Any]) -> None:
    """A diagnostic setting inherits the lock of what it is on."""
    register(azure, f"{HERE}/providers/Microsoft.Insights")
    logs = f"{REGISTRY}|audit"
    put(azure, logs, type="azurerm_monitor_diagnostic_setting")
    locked(azure)
    assert objection(azure, "delete", logs) == "ScopeLocked"
    assert objection(azure, "update", logs) == ""
    locked(azure, "ReadOnly")
    assert objection(azure, "update", logs) == "ScopeLocked"


@pytest.mark.parametrize(
    "then",
    [
        replicas("westus"),
        replicas("West US", "centralus", "northeurope"),
        [{"location": "centralus", "zone_redundancy_enabled": True}, *replicas("westus")],
    ],
)
def test_a_lock_keeps_the_replicas_as_they_are(
    azure: dict[str, Any], then: list[dict[str, Any]]
) -> None:
    """None comes, goes, or changes its zone redundancy, for which the provider makes it anew."""
    register(azure, f"{HERE}/providers/Microsoft.ContainerRegistry")
    put(azure, REGISTRY, georeplications=replicas("centralus", "westus"))
    assert objection(azure, "update", REGISTRY, georeplications=then) == ""
    locked(azure)
    assert objection(azure, "update", REGISTRY, georeplications=then) == "ScopeLocked"
    same = [{"location": "Central US", "tags": {"a": "b"}}, *replicas("West US")]
    assert objection(azure, "update", REGISTRY, georeplications=same, tags={"a": "b"}) == ""


def test_a_read_only_lock_lets_nothing_change(azure: dict[str, Any]) -> None:
    """Neither the registry nor what is made in it; what is beside it may change."""
    locked(azure, "ReadOnly")
    token = f"{REGISTRY}/tokens/pull"
    azure["resources"][token] = {"type": "azurerm_container_registry_token"}
    assert objection(azure, "update", REGISTRY) == "ScopeLocked"
    assert objection(azure, "create", token) == "ScopeLocked"
    assert objection(azure, "update", SUBNET) == ""


def test_a_read_only_lock_refuses_to_list_credentials(azure: dict[str, Any]) -> None:
    """That is a POST, which the provider sends at each refresh when the admin user is on."""
    locked(azure, "ReadOnly")
    assert unreadable(azure, REGISTRY) is None
    put(azure, REGISTRY, admin_enabled=True)
    assert str(unreadable(azure, REGISTRY)).startswith("ScopeLocked")
    locked(azure)
    assert unreadable(azure, REGISTRY) is None


def test_a_lock_lets_passwords_go(azure: dict[str, Any]) -> None:
    """A token's passwords go by an update of the token, which no CanNotDelete lock refuses."""
    locked(azure)
    token = f"{REGISTRY}/tokens/pull"
    password = f"{token}/passwords/password"
    put(azure, token, type="azurerm_container_registry_token")
    put(azure, password, type="azurerm_container_registry_token_password")
    assert objection(azure, "delete", token) == "ScopeLocked"
    assert objection(azure, "delete", password) == ""
    locked(azure, "ReadOnly")
    assert objection(azure, "delete", password) == "ScopeLocked"


# Tags


@pytest.mark.parametrize(
    "tags",
    [{f"a{char}b": "1"} for char in "<>%&\\?/\n"] + [{"Team": "x", "team": "y"}, {"": "x"}],
)
@pytest.mark.parametrize("id_", [REGISTRY, ZONE, ENDPOINT])
def test_a_tags_name_is_one_that_azure_takes(
    azure: dict[str, Any], id_: str, tags: dict[str, str]
) -> None:
    """Some characters it does not take, and names are one whatever their capitals."""
    assert objection(azure, "update", id_, tags=tags) == "InvalidTagNameCharacters"
    assert objection(azure, "update", id_, tags={"Cost Center": "<1>", "a:b": ""}) == ""


def test_replicas_have_tags_of_the_same_kind(azure: dict[str, Any]) -> None:
    """Each is a resource of its own in Azure."""
    tagged = [{"location": "westus", "tags": {"a/b": "1"}}]
    assert (
        objection(azure, "update", REGISTRY, georeplications=tagged) == "InvalidTagNameCharacters"
    )


@pytest.mark.parametrize("id_", [ZONE, LINK])
def test_private_dns_takes_fewer_tags(azure: dict[str, Any], id_: str) -> None:
    """At most 15, and without those that have a space or a colon in their names."""
    many = {f"t{number}": "v" for number in range(15)}
    assert objection(azure, "update", id_, tags=many) == ""
    assert objection(azure, "update", id_, tags={**many, "t15": "v"}) == "InvalidTags"
    assert objection(azure, "update", REGISTRY, tags={**many, "t15": "v"}) == ""
    for each in (id_, REGISTRY):
        put(azure, each, tags={"a": "1", "Cost Center": "2", "a:b": "3"})
    assert shown(azure, id_)["tags"] == {"a": "1"}
    assert shown(azure, REGISTRY)["tags"] == {"a": "1", "Cost Center": "2", "a:b": "3"}


# Subnets


@pytest.mark.parametrize("prefix", ["10.1.0.0/24", "10.0.0.0/15"])
def test_a_subnet_lies_in_its_network(azure: dict[str, Any], prefix: str) -> None:
    """A prefix beside the network's address space, or around it, is refused."""
    said = objection(azure, "update", SUBNET, address_prefixes=[prefix])
    assert said == "NetcfgSubnetRangeOutsideVnet"


@pytest.mark.parametrize("prefix", ["10.0.8.128/25", "10.0.0.0/16"])
def test_a_subnet_overlaps_no_other(azure: dict[str, Any], prefix: str) -> None:
    """A prefix inside another subnet's, or around it, is refused; beside it is accepted."""
    other = f"{VNET}/subnets/other"
    said = objection(azure, "create", other, like=SUBNET, address_prefixes=[prefix])
    assert said == "NetcfgSubnetRangesOverlap"
    assert objection(azure, "create", other, like=SUBNET, address_prefixes=["10.0.9.0/24"]) == ""


def test_subnets_of_two_networks_may_overlap(azure: dict[str, Any]) -> None:
    """Networks that aren't connected may use the same addresses."""
    other = VNET.replace("/vnet", "/other")
    put(azure, other, type=VNET_TYPE, location="eastus", address_space=["10.0.0.0/16"])
    assert objection(azure, "create", f"{other}/subnets/pe", like=SUBNET) == ""


def test_a_subnet_with_an_endpoint_stays(azure: dict[str, Any]) -> None:
    """A subnet can be deleted once no endpoint is in it; another's endpoint is no matter."""
    put(azure, f"{VNET}/subnets/other", type=SUBNET_TYPE)
    assert objection(azure, "delete", f"{VNET}/subnets/other") == ""
    assert objection(azure, "delete", SUBNET) == "InUseSubnetCannotBeDeleted"
    carry_out(azure, "delete", ENDPOINT, {})
    assert objection(azure, "delete", SUBNET) == ""


# Registries


def test_a_registrys_name_is_global(azure: dict[str, Any]) -> None:
    """A name is taken whatever its capitals, group and subscription."""
    elsewhere = REGISTRY.replace("sub", "other").replace("MyRegistry", "myregistry")
    azure["registered"]["other"] = ["Microsoft.ContainerRegistry"]
    put(azure, GROUP.replace("sub", "other"), type=GROUP_TYPE)
    assert objection(azure, "create", elsewhere, like=REGISTRY) == "AlreadyInUse"


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("data_endpoint_enabled", True),
        ("export_policy_enabled", False),
        ("georeplications", replicas("westus2")),
        ("public_network_access_enabled", False),
        ("zone_redundancy_enabled", True),
    ],
)
def test_what_makes_a_registry_private_is_for_premium(
    azure: dict[str, Any], argument: str, value: Any
) -> None:
    """A Standard registry takes none of Premium's arguments, and is accepted without."""
    standard: dict[str, Any] = {"sku": "Standard", "public_network_access_enabled": True}
    assert objection(azure, "update", REGISTRY, **standard) == ""
    assert (
        objection(azure, "update", REGISTRY, **{**standard, argument: value}) == "SkuNotSupported"
    )


def test_exports_are_off_in_a_private_registry_only(azure: dict[str, Any]) -> None:
    """Export can't be disabled while public access is on."""
    off: dict[str, Any] = {"export_policy_enabled": False}
    assert objection(azure, "update", REGISTRY, **off) == ""
    public: dict[str, Any] = {"public_network_access_enabled": True, **off}
    assert objection(azure, "update", REGISTRY, **public) == "ExportPolicyInvalid"


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ([], "IdentityRequired"),
        ([{"type": "SystemAssigned"}], "IdentityRequired"),
        ([{"type": "UserAssigned", "identity_ids": ["i"]}], ""),
        ([{"type": "SystemAssigned, UserAssigned", "identity_ids": ["i"]}], ""),
    ],
)
def test_a_key_is_read_by_a_user_assigned_identity(
    azure: dict[str, Any], identity: list[Any], said: str
) -> None:
    """A system-assigned one does not exist yet when the registry is made."""
    key = [{"key_vault_key_id": "k", "identity_client_id": "c"}]
    made: Any = {"encryption": key, "identity": identity, "like": REGISTRY}
    assert objection(azure, "create", f"{REGISTRY}2", **made) == said


def test_login_servers_are_lower_case(azure: dict[str, Any]) -> None:
    """The login server is lower case whatever the name."""
    assert shown(azure, REGISTRY)["login_server"] == "myregistry.azurecr.io"


def test_a_domain_name_label_is_part_of_the_login_server(azure: dict[str, Any]) -> None:
    """With a label the host isn't the name, neither for the registry nor for its data."""
    azure["domain_name_label"] = "A1b2"
    azure["resources"][REGISTRY]["data_endpoint_enabled"] = True
    registry = shown(azure, REGISTRY)
    assert registry["login_server"] == "myregistry-a1b2.azurecr.io"
    assert registry["data_endpoint_host_names"] == ["myregistry-a1b2.eastus.data.azurecr.io"]


def test_the_government_cloud_has_its_own_suffix(azure: dict[str, Any]) -> None:
    """In another environment the hosts end otherwise."""
    azure["environment"] = "usgovernment"
    assert shown(azure, REGISTRY)["login_server"] == "myregistry.azurecr.us"


def test_data_endpoints_are_listed_when_enabled(azure: dict[str, Any]) -> None:
    """The list of data endpoints is empty unless they are switched on."""
    assert shown(azure, REGISTRY)["data_endpoint_host_names"] == []


def test_the_admin_has_a_name_and_password_when_enabled(azure: dict[str, Any]) -> None:
    """Without the admin user there is no password to keep."""
    assert shown(azure, REGISTRY)["admin_password"] == ""
    assert shown(azure, REGISTRY)["admin_username"] == ""
    azure["resources"][REGISTRY]["admin_enabled"] = True
    assert shown(azure, REGISTRY)["admin_password"]
    assert shown(azure, REGISTRY)["admin_username"] == "MyRegistry"


def test_replicas_come_in_alphabetical_order(azure: dict[str, Any]) -> None:
    """Azure shows replicas sorted and normalised, in whichever order they were given."""
    put(azure, REGISTRY, georeplications=replicas("West US 2", "centralus"))
    shown_ = [each["location"] for each in shown(azure, REGISTRY)["georeplications"]]
    assert shown_ == ["centralus", "westus2"]


def test_a_replica_takes_pulls_only_when_told_to(azure: dict[str, Any]) -> None:
    """The provider sends false where nothing is said, whatever Azure's own default."""
    put(
        azure,
        REGISTRY,
        georeplications=[
            {"location": "centralus"},
            {"location": "westus", "regional_endpoint_enabled": True},
        ],
    )
    enabled = [
        each["regional_endpoint_enabled"] for each in shown(azure, REGISTRY)["georeplications"]
    ]
    assert enabled == [False, True]


# Private DNS zones and links


def test_a_zone_with_a_link_stays(azure: dict[str, Any]) -> None:
    """A zone can be deleted once nothing links to it."""
    assert objection(azure, "delete", ZONE) == "CannotDeleteResource"
    carry_out(azure, "delete", LINK, {})
    assert objection(azure, "delete", ZONE) == ""


def test_a_network_takes_one_link_to_a_zone_of_a_name(azure: dict[str, Any]) -> None:
    """A second zone of that name can't be linked, even from another group; another name can."""
    second = GROUP.replace("/rg", "/rg2")
    put(azure, second, type=GROUP_TYPE)
    zones = f"{second}/providers/Microsoft.Network/privateDnsZones"
    for zone, said in (("PrivateLink.azurecr.io", "BadRequest"), ("example.org", "")):
        put(azure, f"{zones}/{zone}", type=ZONE_TYPE)
        link = f"{zones}/{zone}/virtualNetworkLinks/again"
        assert objection(azure, "create", link, like=LINK) == said


def test_two_networks_may_link_one_zone(azure: dict[str, Any]) -> None:
    """A zone serves every network that is linked to it."""
    other = VNET.replace("/vnet", "/other")
    put(azure, other, type=VNET_TYPE, location="eastus")
    link = f"{ZONE}/virtualNetworkLinks/other"
    assert objection(azure, "create", link, like=LINK, virtual_network_id=other) == ""


def test_a_linked_network_must_exist(azure: dict[str, Any]) -> None:
    """A link to a network that isn't there is refused."""
    gone = VNET.replace("/vnet", "/gone")
    assert objection(azure, "update", LINK, virtual_network_id=gone) == "BadRequest"


def test_a_link_has_a_resolution_policy(azure: dict[str, Any]) -> None:
    """Azure states the policy that nobody chose, and keeps the one somebody did."""
    assert shown(azure, LINK)["resolution_policy"] == "Default"
    azure["resources"][LINK]["resolution_policy"] = "NxDomainRedirect"
    assert shown(azure, LINK)["resolution_policy"] == "NxDomainRedirect"


def test_a_zone_counts_its_records(azure: dict[str, Any]) -> None:
    """A zone holds its SOA and what endpoints write there: a name once, whoever wrote it last."""
    put(azure, f"{ZONE}.cn", type=ZONE_TYPE)
    assert shown(azure, f"{ZONE}.cn")["number_of_record_sets"] == 1
    assert shown(azure, ZONE)["number_of_record_sets"] == 3
    azure["resources"][f"{ENDPOINT}2"] = azure["resources"][ENDPOINT]
    assert shown(azure, ZONE)["number_of_record_sets"] == 3


# Private endpoints


def test_data_endpoints_take_their_addresses_first(azure: dict[str, Any]) -> None:
    """The first address, which the provider shows as the endpoint's, isn't the registry's."""
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
    connection = shown(azure, ENDPOINT)["private_service_connection"][0]
    assert connection["private_ip_address"] == "10.0.8.4"


def test_names_move_to_the_zone_group(azure: dict[str, Any]) -> None:
    """With a zone group the names stand in its record sets, under `privatelink`, and only there."""
    endpoint = shown(azure, ENDPOINT)
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


def test_names_are_public_without_a_zone_group(azure: dict[str, Any]) -> None:
    """Without a zone group the public names stand in `custom_dns_configs`, and only there."""
    put(azure, ENDPOINT, private_dns_zone_group=[])
    endpoint = shown(azure, ENDPOINT)
    assert "private_dns_zone_configs" not in endpoint
    assert endpoint["custom_dns_configs"] == [
        {"fqdn": "myregistry.eastus.data.azurecr.io", "ip_addresses": ["10.0.8.4"]},
        {"fqdn": "myregistry.azurecr.io", "ip_addresses": ["10.0.8.5"]},
    ]


def test_the_order_of_names_can_be_turned_round(azure: dict[str, Any]) -> None:
    """No order is promised: whoever takes the first or last record gets another one."""
    before = shown(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]
    azure["record_order"] = "reversed"
    after = shown(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]
    assert after == before[::-1] != before


def test_a_manual_connection_waits_for_approval(azure: dict[str, Any]) -> None:
    """A manual connection has no names until the registry's owner approves it."""
    azure["resources"][ENDPOINT]["private_service_connection"][0]["is_manual_connection"] = True
    assert shown(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"] == []
    azure["resources"][ENDPOINT]["status"] = "Approved"
    assert len(shown(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]) == 2


def test_an_update_keeps_what_azure_gave(azure: dict[str, Any]) -> None:
    """An update says what the caller settles: the addresses and the approval are Azure's."""
    there = azure["resources"][ENDPOINT]
    there["status"] = "Approved"
    there["addresses"]["registry"] = "10.0.8.99"
    settled = {name: there[name] for name in there if name not in ("addresses", "status")}
    carry_out(azure, "update", ENDPOINT, settled)
    assert azure["resources"][ENDPOINT]["status"] == "Approved"
    assert azure["resources"][ENDPOINT]["addresses"]["registry"] == "10.0.8.99"


def test_an_endpoint_of_a_deleted_registry_has_no_names(azure: dict[str, Any]) -> None:
    """Azure lets a registry go while its endpoint stands; what is left leads nowhere."""
    assert objection(azure, "delete", REGISTRY) == ""
    carry_out(azure, "delete", REGISTRY, {})
    assert shown(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"] == []
    put(azure, f"{REGISTRY}2", type=REGISTRY_TYPE, location="eastus")
    assert "registry" in azure["resources"][ENDPOINT]["addresses"]


def test_a_new_replica_gives_the_endpoint_a_member(azure: dict[str, Any]) -> None:
    """A replica takes a further address; those that were there stay, and a removed one's goes."""
    put(azure, REGISTRY, georeplications=replicas("westus2"))
    assert azure["resources"][ENDPOINT]["addresses"] == {
        "registry_data_eastus": "10.0.8.4",
        "registry_data_westus2": "10.0.8.6",
        "registry": "10.0.8.5",
    }
    put(azure, REGISTRY, georeplications=[])
    assert "registry_data_westus2" not in azure["resources"][ENDPOINT]["addresses"]


def test_a_new_replica_needs_room_in_the_endpoints_subnet(azure: dict[str, Any]) -> None:
    """A /29 has three addresses to give: a second replica finds none left."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    one, two = replicas("centralus"), replicas("centralus", "westus2")
    assert objection(azure, "update", REGISTRY, georeplications=one) == ""
    assert objection(azure, "update", REGISTRY, georeplications=two) == "SubnetIsFull"
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/30"]
    another = f"{REGISTRY}2"
    assert objection(azure, "create", another, like=REGISTRY, georeplications=two) == ""


def test_an_endpoint_needs_room(azure: dict[str, Any]) -> None:
    """Two endpoints of two members each don't fit into a /29."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    assert objection(azure, "create", f"{ENDPOINT}2", like=ENDPOINT) == "SubnetIsFull"


def test_two_endpoints_share_no_address(azure: dict[str, Any]) -> None:
    """A second endpoint in a subnet takes the next free addresses."""
    put(azure, f"{ENDPOINT}2", **{**azure["resources"][ENDPOINT], "addresses": {}})
    taken = azure["resources"][f"{ENDPOINT}2"]["addresses"]
    assert list(taken.values()) == ["10.0.8.6", "10.0.8.7"]


@pytest.mark.parametrize("wrong", [{"location": "westus2"}, {"subnet_id": f"{VNET}/subnets/gone"}])
def test_an_endpoint_belongs_in_its_subnets_region(azure: dict[str, Any], wrong: Any) -> None:
    """The subnet must be there, and in the endpoint's region; the registry may be in another."""
    assert objection(azure, "update", ENDPOINT, **wrong) == "InvalidResourceReference"
    azure["resources"][REGISTRY]["location"] = "westus2"
    assert objection(azure, "update", ENDPOINT) == ""


def test_an_endpoints_registry_must_exist(azure: dict[str, Any]) -> None:
    """An endpoint can't lead to a registry that isn't there."""
    carry_out(azure, "delete", REGISTRY, {})
    assert objection(azure, "create", ENDPOINT) == "ResourceNotFound"


def test_an_endpoints_zone_must_exist(azure: dict[str, Any]) -> None:
    """A zone group can't write into a zone that isn't there."""
    carry_out(azure, "delete", ZONE, {})
    assert objection(azure, "update", ENDPOINT) == "InvalidPrivateDnsZoneIds"


def test_static_addresses_are_for_every_member(azure: dict[str, Any]) -> None:
    """An address for the registry alone is refused; one for each member is taken as given."""
    chosen = static(registry_data_eastus="10.0.8.21", registry="10.0.8.20")
    some = objection(azure, "create", ENDPOINT, ip_configuration=chosen[1:])
    assert some == "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps"
    assert objection(azure, "create", ENDPOINT, ip_configuration=chosen) == ""
    put(azure, ENDPOINT, ip_configuration=chosen)
    assert azure["resources"][ENDPOINT]["addresses"]["registry"] == "10.0.8.20"


@pytest.mark.parametrize("address", ["10.0.9.20", "10.0.8.3", "10.0.8.255", "10.0.8.5"])
def test_static_addresses_are_free_ones_of_the_subnet(azure: dict[str, Any], address: str) -> None:
    """Refused: outside the subnet, Azure's first four or last, or another endpoint's."""
    chosen = static(registry_data_eastus="10.0.8.21", registry=address)
    said = objection(azure, "create", f"{ENDPOINT}2", like=ENDPOINT, ip_configuration=chosen)
    assert said == "PrivateIPAddressNotAvailable"


def test_a_static_address_is_the_subresources_unless_it_names_a_member(
    azure: dict[str, Any],
) -> None:
    """The member's name, left out, is that of the subresource."""
    chosen = [*static(registry_data_eastus="10.0.8.21"), {"private_ip_address": "10.0.8.20"}]
    chosen[1] |= {"name": "registry", "subresource_name": "registry"}
    put(azure, ENDPOINT, ip_configuration=chosen)
    assert shown(azure, ENDPOINT)["ip_configuration"][1]["member_name"] == "registry"


@pytest.mark.parametrize(("chosen", "name"), [("my-nic", "my-nic"), (None, "pe.nic")])
def test_an_endpoint_has_a_network_interface(
    azure: dict[str, Any], chosen: str | None, name: str
) -> None:
    """The interface has the name chosen for it, or one after the endpoint's."""
    put(azure, ENDPOINT, custom_network_interface_name=chosen)
    interface = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{name}"
    assert shown(azure, ENDPOINT)["network_interface"] == [{"id": interface, "name": name}]


# What data sources and secondary resources show


def test_a_network_lists_its_own_subnets(azure: dict[str, Any]) -> None:
    """A network shows the names of its subnets, not of another network's."""
    other = VNET.replace("/vnet", "/other")
    put(azure, f"{other}/subnets/theirs", type=SUBNET_TYPE)
    assert shown(azure, VNET)["subnets"] == ["pe"]
    assert shown(azure, VNET)["guid"]


def test_a_subnet_shows_its_first_prefix(azure: dict[str, Any]) -> None:
    """The data source has the old singular attribute too."""
    assert shown(azure, SUBNET)["address_prefix"] == "10.0.8.0/24"


def test_a_tokens_passwords_differ_and_last(azure: dict[str, Any]) -> None:
    """Each of a token's passwords has a value of its own, the same at each look."""
    token = f"{REGISTRY}/tokens/pull/passwords/password"
    kind = "azurerm_container_registry_token_password"
    put(azure, token, type=kind, password1=[{}], password2=[{}])
    one = shown(azure, token)["password1"][0]["value"]
    assert one == shown(azure, token)["password1"][0]["value"]
    assert one != shown(azure, token)["password2"][0]["value"]


def test_regions_come_back_normalised(azure: dict[str, Any]) -> None:
    """A region is shown as "eastus", even if somebody wrote "East US"."""
    put(azure, REGISTRY, location="East US")
    assert shown(azure, REGISTRY)["location"] == "eastus"


def test_what_is_gone_is_not_shown(azure: dict[str, Any]) -> None:
    """A deleted resource is absent, and deleting it again does no harm."""
    carry_out(azure, "delete", LINK.upper(), {})
    carry_out(azure, "delete", LINK, {})
    assert view(azure, LINK) is None


# Requests: faults, and one at a time


def asked(log: list[Any], faults: list[Any], name: str = "a") -> tuple[Answer, list[str]]:
    """The answer to a create under faults, and what the cloud did for it."""
    done: list[str] = []
    request = Request("create", "azurerm_subnet", name)
    return answer({"log": log}, faults, request, lambda: done.append(name)), done


@pytest.mark.parametrize(
    ("effect", "done", "error", "kept"),
    [
        ("fail", [], "gone wrong", False),
        ("lose_answer", ["a"], "gone wrong", False),
        ("taint", ["a"], "gone wrong", True),
    ],
)
def test_a_fault_decides_what_is_done_and_what_is_told(
    effect: str, done: list[str], error: str, kept: bool
) -> None:
    """The three ways to fail differ in what the cloud did and what the caller learns of it."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "message": error}
    assert asked([], [fault]) == (Answer(500, error, kept), done)


def test_the_nth_request_of_a_kind_meets_the_fault() -> None:
    """Requests of one operation and type are counted, whatever happens to others."""
    fault = {"operation": "create", "type": "azurerm_subnet", "nth": 2, "effect": "fail"}
    log: list[Any] = [{"operation": "delete", "type": "azurerm_subnet", "id": "a", "status": 200}]
    assert [asked(log, [fault])[0].status for _ in range(3)] == [200, 500, 200]
    for other in ({"operation": "delete"}, {"type": "azurerm_private_endpoint"}):
        assert asked([], [{**fault, "nth": 1, **other}])[0].status == 200


@pytest.mark.parametrize(("effect", "first"), [("throttle", 429), ("polls", 202)])
def test_throttling_and_polling_end(effect: str, first: int) -> None:
    """A request is put off so many times, and then is done: once, whatever others ask meanwhile."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "times": 2}
    log: list[Any] = []
    answers = [
        asked(log, [fault]),
        asked(log, [fault], "b"),
        asked(log, [fault]),
        asked(log, [fault]),
    ]
    assert [given.status for given, _ in answers] == [first, first, first, 200]
    assert [done for _, done in answers] == [[], [], [], ["a"]]


def test_a_second_operation_on_a_resource_is_put_off_anew() -> None:
    """What an earlier request had to wait for doesn't shorten a later one."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": "polls", "times": 2}
    log: list[Any] = []
    given = [asked(log, [fault, {**fault, "nth": 2}])[0].status for _ in range(6)]
    assert given == [202, 202, 200] * 2


def test_azures_objection_comes_before_a_lost_answer() -> None:
    """What Azure refuses is refused, and no resource is made and lost."""
    fault = {"operation": "create", "type": "t", "effect": "lose_answer"}
    given = answer({"log": []}, [fault], Request("create", "t", "a"), lambda: "refused")
    assert given == Answer(400, "refused")


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """Terraform sends requests side by side: each sees what the one before it wrote."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"count": 0}))

    def add() -> None:
        for _ in range(50):
            with transaction(path) as there:
                there["count"] += 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(path.read_text()) == {"count": 200}


@pytest.mark.parametrize("groups", [["registry_data"], ["registry", "registry"], []])
def test_an_endpoint_leads_to_the_one_group_of_a_registry(
    azure: dict[str, Any], groups: list[str]
) -> None:
    """Azure knows no other group id of a registry."""
    (connection,) = azure["resources"][ENDPOINT]["private_service_connection"]
    assert objection(azure, "create", f"{ENDPOINT}2", ENDPOINT) == ""
    wrong = [{**connection, "subresource_names": groups}]
    assert (
        objection(azure, "create", f"{ENDPOINT}2", ENDPOINT, private_service_connection=wrong)
        == "PrivateLinkServiceConnectionGroupIdsInvalid"
    )
