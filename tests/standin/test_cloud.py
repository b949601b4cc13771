"""Tests of the stand-in's rules, computed attributes, requests and faults."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from standin import ids
from standin.cloud import carry_out, read_error, refusal, register, view
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
    """Returns a cloud that contains all resources of the guide."""
    cloud: dict[str, Any] = {"environment": "public", "registered": {}, "log": [], "resources": {}}
    for namespace in ("Authorization", "ContainerRegistry", "Network"):
        register(cloud, f"{HERE}/providers/Microsoft.{namespace}")
    put(cloud, GROUP, type=GROUP_TYPE, location="eastus")
    put(cloud, VNET, type=VNET_TYPE, location="eastus", address_space=["10.0.0.0/16"])
    put(cloud, SUBNET, type=SUBNET_TYPE, address_prefixes=["10.0.8.0/24"])
    put(
        cloud,
        REGISTRY,
        type=REGISTRY_TYPE,
        location="eastus",
        sku="Premium",
        public_network_access_enabled=False,
    )
    put(cloud, ZONE, type=ZONE_TYPE)
    put(cloud, LINK, type=LINK_TYPE, virtual_network_id=VNET)
    put(
        cloud,
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
    return cloud


def put(cloud: dict[str, Any], id_: str, **values: Any) -> None:
    """Creates or changes a resource and checks no rule."""
    carry_out(cloud, "create", id_, {**cloud["resources"].get(id_, {}), **values})


def error_code(
    cloud: dict[str, Any], operation: str, id_: str, like: str = "", **values: Any
) -> str:
    """Returns the code of Azure's error for an operation, or an empty string.

    The resource has the values of the existing resource `like` (or `id_`), except for `values`.
    """
    resource = {**cloud["resources"][like or id_], **values}
    return (refusal(cloud, operation, id_, resource) or "").partition(":")[0]


def read(cloud: dict[str, Any], id_: str) -> dict[str, Any]:
    """Returns an existing resource as Azure shows it."""
    resource = view(cloud, id_)
    assert resource is not None
    return resource


def ip_configuration(**addresses: str) -> list[dict[str, str]]:
    """Returns the argument `ip_configuration` for the static address of each member."""
    return [
        {"name": member, "member_name": member, "private_ip_address": address}
        for member, address in addresses.items()
    ]


def replicas(*locations: str) -> list[dict[str, str]]:
    """Returns the argument `georeplications` for the locations."""
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
def test_an_id_can_be_parsed_and_composed_again(type_: str, id_: str) -> None:
    """`compose` returns the same id from the arguments of `parse`, which ignores case."""
    assert ids.compose(type_, ids.parse(type_, id_), "") == id_
    assert ids.parse(type_, id_.upper()).keys() == ids.parse(type_, id_).keys()


def test_an_id_of_another_type_is_not_parsed() -> None:
    """A subnet's id is not a virtual network's id, although it starts with one."""
    assert ids.parse(VNET_TYPE, SUBNET) == {}


def test_a_name_that_equals_a_fixed_segment_keeps_its_case() -> None:
    """Only fixed segments change their case; a virtual network with the name `SUBNETS` keeps it."""
    id_ = VNET.replace("/vnet", "/SUBNETS").replace("virtualNetworks", "VIRTUALNETWORKS")
    id_ = id_.replace("Microsoft.Network", "microsoft.network")
    assert ids.canonical(id_) == VNET.replace("/vnet", "/SUBNETS")


def test_ids_are_found_in_any_case_and_shown_in_the_providers_case(
    azure: dict[str, Any],
) -> None:
    """Azure may return ids in any case; the provider shows them in its own case, also in blocks."""
    connection = azure["resources"][ENDPOINT]["private_service_connection"][0]
    connection["private_connection_resource_id"] = REGISTRY.replace(
        "resourceGroups", "RESOURCEgroups"
    )
    azure["resources"][ENDPOINT]["subnet_id"] = SUBNET.replace("subnets", "Subnets")
    endpoint = read(azure, ENDPOINT.upper())
    assert endpoint["id"] == ENDPOINT
    assert endpoint["subnet_id"] == SUBNET
    assert endpoint["private_service_connection"][0]["private_connection_resource_id"] == REGISTRY
    azure["resources"][SUBNET.replace("subnets", "Subnets")] = azure["resources"].pop(SUBNET)
    assert read(azure, SUBNET)["id"] == SUBNET


def test_an_update_by_an_id_in_another_case_creates_no_resource(azure: dict[str, Any]) -> None:
    """An update by an id that differs only in case changes the existing resource."""
    ids_before = list(azure["resources"])
    carry_out(azure, "update", ZONE.upper(), {"type": ZONE_TYPE, "tags": {"a": "b"}})
    assert list(azure["resources"]) == ids_before
    assert read(azure, ZONE)["tags"] == {"a": "b"}


# Every resource type


def test_azure_accepts_the_resources_of_the_guide(azure: dict[str, Any]) -> None:
    """No rule refuses an update of a resource of the guide."""
    for id_ in (SUBNET, REGISTRY, ZONE, LINK, ENDPOINT):
        assert error_code(azure, "update", id_) == ""


def test_the_network_must_exist(azure: dict[str, Any]) -> None:
    """Azure creates no subnet in a virtual network that does not exist."""
    elsewhere = SUBNET.replace("/vnet/", "/other/")
    assert error_code(azure, "create", elsewhere, like=SUBNET) == "ParentResourceNotFound"


def test_the_resource_group_or_target_must_exist(azure: dict[str, Any]) -> None:
    """Azure creates no resource whose resource group or target resource does not exist."""
    elsewhere = ZONE.replace("/rg/", "/other/")
    assert error_code(azure, "create", elsewhere, like=ZONE) == "ResourceGroupNotFound"
    setting = f"{REGISTRY}2|audit"
    assert error_code(azure, "create", setting, like=ZONE) == "ParentResourceNotFound"


def test_the_namespace_must_be_registered(azure: dict[str, Any]) -> None:
    """The registry's own subscription must have registered Microsoft.ContainerRegistry."""
    azure["registered"] = {"sub": ["Microsoft.Network"], "other": ["Microsoft.ContainerRegistry"]}
    assert error_code(azure, "create", REGISTRY) == "MissingSubscriptionRegistration"
    assert error_code(azure, "create", ZONE) == ""


def test_a_lock_needs_only_its_own_namespace(azure: dict[str, Any]) -> None:
    """A lock on a registry needs only Microsoft.Authorization, the last namespace in its id."""
    azure["registered"] = {"sub": ["Microsoft.Authorization"]}
    azure["resources"][LOCK] = {"type": LOCK_TYPE}
    assert error_code(azure, "create", LOCK) == ""


def test_a_namespace_is_registered_only_once(azure: dict[str, Any]) -> None:
    """A second registration adds no entry, even if the case of the subscription differs."""
    register(azure, "/subscriptions/SUB/providers/Microsoft.Network")
    assert azure["registered"]["sub"].count("Microsoft.Network") == 1


def add_lock(cloud: dict[str, Any], level: str = "CanNotDelete", scope: str = REGISTRY) -> str:
    """Adds a lock to a scope, checks no rule, and returns the lock's id."""
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    cloud["resources"][lock] = {"type": LOCK_TYPE, "lock_level": level}
    return lock


@pytest.mark.parametrize("scope", [REGISTRY, GROUP, REGISTRY.upper()])
@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_a_lock_blocks_deletion_in_its_scope(azure: dict[str, Any], level: str, scope: str) -> None:
    """A lock on a resource or its parent blocks the resource's deletion, but not the lock's."""
    lock = add_lock(azure, level, scope)
    assert error_code(azure, "delete", REGISTRY) == "ScopeLocked"
    assert error_code(azure, "delete", lock) == ""


def test_a_lock_does_not_cover_other_resources(azure: dict[str, Any]) -> None:
    """A lock on `MyRegistry` does not cover `MyRegistry2`, its endpoint or other resources."""
    add_lock(azure)
    put(azure, f"{REGISTRY}2", type=REGISTRY_TYPE, location="eastus")
    connection = {"private_connection_resource_id": f"{REGISTRY}2"}
    other: Any = {"subnet_id": SUBNET, "private_service_connection": [connection]}
    assert error_code(azure, "delete", f"{REGISTRY}2") == ""
    assert error_code(azure, "delete", ENDPOINT, **other) == ""
    assert error_code(azure, "delete", LINK) == ""


def test_a_lock_covers_the_endpoints_of_its_registry(azure: dict[str, Any]) -> None:
    """A lock covers an endpoint of the registry, because the connection belongs to the registry."""
    add_lock(azure)
    assert error_code(azure, "delete", ENDPOINT) == "ScopeLocked"
    assert error_code(azure, "update", ENDPOINT) == ""
    assert error_code(azure, "create", f"{ENDPOINT}2", ENDPOINT) == ""
    add_lock(azure, "ReadOnly")
    for operation in ("create", "update", "delete"):
        assert error_code(azure, operation, ENDPOINT) == "ScopeLocked"


def test_a_lock_covers_extension_resources(azure: dict[str, Any]) -> None:
    """A diagnostic setting inherits the lock of its target resource."""
    register(azure, f"{HERE}/providers/Microsoft.Insights")
    logs = f"{REGISTRY}|audit"
    put(azure, logs, type="azurerm_monitor_diagnostic_setting")
    add_lock(azure)
    assert error_code(azure, "delete", logs) == "ScopeLocked"
    assert error_code(azure, "update", logs) == ""
    add_lock(azure, "ReadOnly")
    assert error_code(azure, "update", logs) == "ScopeLocked"


@pytest.mark.parametrize(
    "changed",
    [
        replicas("westus"),
        replicas("West US", "centralus", "northeurope"),
        [{"location": "centralus", "zone_redundancy_enabled": True}, *replicas("westus")],
    ],
)
def test_a_lock_blocks_changes_of_replicas(
    azure: dict[str, Any], changed: list[dict[str, Any]]
) -> None:
    """A lock blocks a change that creates or deletes a replica; zone redundancy does both."""
    register(azure, f"{HERE}/providers/Microsoft.ContainerRegistry")
    put(azure, REGISTRY, georeplications=replicas("centralus", "westus"))
    assert error_code(azure, "update", REGISTRY, georeplications=changed) == ""
    add_lock(azure)
    assert error_code(azure, "update", REGISTRY, georeplications=changed) == "ScopeLocked"
    unchanged = [{"location": "Central US", "tags": {"a": "b"}}, *replicas("West US")]
    assert error_code(azure, "update", REGISTRY, georeplications=unchanged, tags={"a": "b"}) == ""


def test_a_read_only_lock_blocks_changes(azure: dict[str, Any]) -> None:
    """A ReadOnly lock on a registry blocks changes of the registry and its children only."""
    add_lock(azure, "ReadOnly")
    token = f"{REGISTRY}/tokens/pull"
    azure["resources"][token] = {"type": "azurerm_container_registry_token"}
    assert error_code(azure, "update", REGISTRY) == "ScopeLocked"
    assert error_code(azure, "create", token) == "ScopeLocked"
    password = f"{token}/passwords/password"
    azure["resources"][password] = {"type": "azurerm_container_registry_token_password"}
    assert error_code(azure, "create", password) == "ScopeLocked"  # generateCredentials is a POST
    assert error_code(azure, "update", SUBNET) == ""


def test_a_read_only_lock_blocks_the_list_of_credentials(azure: dict[str, Any]) -> None:
    """If the admin user is enabled, each refresh sends a POST request, which the lock blocks."""
    add_lock(azure, "ReadOnly")
    assert read_error(azure, REGISTRY) is None
    put(azure, REGISTRY, admin_enabled=True)
    assert str(read_error(azure, REGISTRY)).startswith("ScopeLocked")
    add_lock(azure)
    assert read_error(azure, REGISTRY) is None


def test_a_lock_allows_the_deletion_of_passwords(azure: dict[str, Any]) -> None:
    """Azure deletes passwords by an update of the token, which a CanNotDelete lock allows."""
    add_lock(azure)
    token = f"{REGISTRY}/tokens/pull"
    password = f"{token}/passwords/password"
    put(azure, token, type="azurerm_container_registry_token")
    put(azure, password, type="azurerm_container_registry_token_password")
    assert error_code(azure, "delete", token) == "ScopeLocked"
    assert error_code(azure, "delete", password) == ""
    add_lock(azure, "ReadOnly")
    assert error_code(azure, "delete", password) == "ScopeLocked"


# Tags


@pytest.mark.parametrize(
    "tags",
    [{f"a{char}b": "1"} for char in "<>%&\\?/\n"] + [{"Team": "x", "team": "y"}, {"": "x"}],
)
@pytest.mark.parametrize("id_", [REGISTRY, ZONE, ENDPOINT])
def test_azure_refuses_some_tag_names(
    azure: dict[str, Any], id_: str, tags: dict[str, str]
) -> None:
    """Azure refuses names with certain characters, and two names that differ only in case."""
    assert error_code(azure, "update", id_, tags=tags) == "InvalidTagNameCharacters"
    assert error_code(azure, "update", id_, tags={"Cost Center": "<1>", "a:b": ""}) == ""


def test_azure_refuses_some_tag_names_of_replicas(azure: dict[str, Any]) -> None:
    """The rules for tags also apply to replicas, which are resources in Azure."""
    tagged = [{"location": "westus", "tags": {"a/b": "1"}}]
    assert (
        error_code(azure, "update", REGISTRY, georeplications=tagged) == "InvalidTagNameCharacters"
    )


@pytest.mark.parametrize("id_", [ZONE, LINK])
def test_private_dns_accepts_fewer_tags(azure: dict[str, Any], id_: str) -> None:
    """Private DNS accepts at most 15 tags, and drops tags with a space or colon in the name."""
    many = {f"t{number}": "v" for number in range(15)}
    assert error_code(azure, "update", id_, tags=many) == ""
    assert error_code(azure, "update", id_, tags={**many, "t15": "v"}) == "InvalidTags"
    assert error_code(azure, "update", REGISTRY, tags={**many, "t15": "v"}) == ""
    for each in (id_, REGISTRY):
        put(azure, each, tags={"a": "1", "Cost Center": "2", "a:b": "3"})
    assert read(azure, id_)["tags"] == {"a": "1"}
    assert read(azure, REGISTRY)["tags"] == {"a": "1", "Cost Center": "2", "a:b": "3"}


# Subnets


@pytest.mark.parametrize("prefix", ["10.1.0.0/24", "10.0.0.0/15"])
def test_a_subnet_must_be_inside_its_network(azure: dict[str, Any], prefix: str) -> None:
    """Azure refuses a prefix that is outside the network's address space or larger than it."""
    code = error_code(azure, "update", SUBNET, address_prefixes=[prefix])
    assert code == "NetcfgSubnetRangeOutsideVnet"


@pytest.mark.parametrize("prefix", ["10.0.8.128/25", "10.0.0.0/16"])
def test_a_subnet_must_not_overlap_another(azure: dict[str, Any], prefix: str) -> None:
    """Azure refuses a prefix that overlaps another subnet's prefix, and accepts an adjacent one."""
    other = f"{VNET}/subnets/other"
    code = error_code(azure, "create", other, like=SUBNET, address_prefixes=[prefix])
    assert code == "NetcfgSubnetRangesOverlap"
    assert error_code(azure, "create", other, like=SUBNET, address_prefixes=["10.0.9.0/24"]) == ""


def test_subnets_of_two_networks_may_overlap(azure: dict[str, Any]) -> None:
    """Two virtual networks may use the same addresses."""
    other = VNET.replace("/vnet", "/other")
    put(azure, other, type=VNET_TYPE, location="eastus", address_space=["10.0.0.0/16"])
    assert error_code(azure, "create", f"{other}/subnets/pe", like=SUBNET) == ""


def test_a_subnet_with_an_endpoint_cannot_be_deleted(azure: dict[str, Any]) -> None:
    """Azure deletes a subnet only if no endpoint is in it; other subnets do not count."""
    put(azure, f"{VNET}/subnets/other", type=SUBNET_TYPE)
    assert error_code(azure, "delete", f"{VNET}/subnets/other") == ""
    assert error_code(azure, "delete", SUBNET) == "InUseSubnetCannotBeDeleted"
    carry_out(azure, "delete", ENDPOINT, {})
    assert error_code(azure, "delete", SUBNET) == ""


# Registries


def test_a_registrys_name_is_globally_unique(azure: dict[str, Any]) -> None:
    """A name is in use even if the case, resource group and subscription differ."""
    elsewhere = REGISTRY.replace("sub", "other").replace("MyRegistry", "myregistry")
    azure["registered"]["other"] = ["Microsoft.ContainerRegistry"]
    put(azure, GROUP.replace("sub", "other"), type=GROUP_TYPE)
    assert error_code(azure, "create", elsewhere, like=REGISTRY) == "AlreadyInUse"


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
def test_some_arguments_need_the_premium_sku(
    azure: dict[str, Any], argument: str, value: Any
) -> None:
    """Azure refuses Premium's arguments for a Standard registry, and accepts it without them."""
    standard: dict[str, Any] = {"sku": "Standard", "public_network_access_enabled": True}
    assert error_code(azure, "update", REGISTRY, **standard) == ""
    assert (
        error_code(azure, "update", REGISTRY, **{**standard, argument: value}) == "SkuNotSupported"
    )


def test_only_a_private_registry_can_disable_export(azure: dict[str, Any]) -> None:
    """Azure refuses to disable export while public network access is enabled."""
    export_off: dict[str, Any] = {"export_policy_enabled": False}
    assert error_code(azure, "update", REGISTRY, **export_off) == ""
    public: dict[str, Any] = {"public_network_access_enabled": True, **export_off}
    assert error_code(azure, "update", REGISTRY, **public) == "ExportPolicyInvalid"


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ([], "IdentityRequired"),
        ([{"type": "SystemAssigned"}], "IdentityRequired"),
        ([{"type": "UserAssigned", "identity_ids": ["i"]}], ""),
        ([{"type": "SystemAssigned, UserAssigned", "identity_ids": ["i"]}], ""),
    ],
)
def test_encryption_needs_a_user_assigned_identity(
    azure: dict[str, Any], identity: list[Any], code: str
) -> None:
    """A system-assigned identity is not enough: it does not exist before the registry does."""
    encryption = [{"key_vault_key_id": "k", "identity_client_id": "c"}]
    values: Any = {"encryption": encryption, "identity": identity, "like": REGISTRY}
    assert error_code(azure, "create", f"{REGISTRY}2", **values) == code


def test_login_servers_are_lower_case(azure: dict[str, Any]) -> None:
    """The login server is in lower case even if the registry's name is not."""
    assert read(azure, REGISTRY)["login_server"] == "myregistry.azurecr.io"


def test_a_domain_name_label_is_part_of_the_login_server(azure: dict[str, Any]) -> None:
    """The hosts of the registry and its data endpoints contain the domain name label."""
    azure["domain_name_label"] = "A1b2"
    azure["resources"][REGISTRY]["data_endpoint_enabled"] = True
    registry = read(azure, REGISTRY)
    assert registry["login_server"] == "myregistry-a1b2.azurecr.io"
    assert registry["data_endpoint_host_names"] == ["myregistry-a1b2.eastus.data.azurecr.io"]


def test_the_government_cloud_has_its_own_suffix(azure: dict[str, Any]) -> None:
    """The login server's suffix depends on the environment."""
    azure["environment"] = "usgovernment"
    assert read(azure, REGISTRY)["login_server"] == "myregistry.azurecr.us"


def test_data_endpoints_are_listed_only_if_enabled(azure: dict[str, Any]) -> None:
    """The list of data endpoints is empty if they are not enabled."""
    assert read(azure, REGISTRY)["data_endpoint_host_names"] == []


def test_the_admin_user_has_credentials_only_if_enabled(azure: dict[str, Any]) -> None:
    """The user name and password are empty if the admin user is not enabled."""
    assert read(azure, REGISTRY)["admin_password"] == ""
    assert read(azure, REGISTRY)["admin_username"] == ""
    azure["resources"][REGISTRY]["admin_enabled"] = True
    assert read(azure, REGISTRY)["admin_password"]
    assert read(azure, REGISTRY)["admin_username"] == "MyRegistry"


def test_replicas_are_in_alphabetical_order(azure: dict[str, Any]) -> None:
    """Azure sorts replicas and normalises their locations."""
    put(azure, REGISTRY, georeplications=replicas("West US 2", "centralus"))
    locations = [each["location"] for each in read(azure, REGISTRY)["georeplications"]]
    assert locations == ["centralus", "westus2"]


def test_a_replicas_regional_endpoint_is_off_by_default(azure: dict[str, Any]) -> None:
    """The provider sends false if `regional_endpoint_enabled` is not set."""
    put(
        azure,
        REGISTRY,
        georeplications=[
            {"location": "centralus"},
            {"location": "westus", "regional_endpoint_enabled": True},
        ],
    )
    enabled = [
        each["regional_endpoint_enabled"] for each in read(azure, REGISTRY)["georeplications"]
    ]
    assert enabled == [False, True]


# Private DNS zones and links


def test_a_zone_with_a_link_cannot_be_deleted(azure: dict[str, Any]) -> None:
    """Azure deletes a zone only if it has no virtual network link."""
    assert error_code(azure, "delete", ZONE) == "CannotDeleteResource"
    carry_out(azure, "delete", LINK, {})
    assert error_code(azure, "delete", ZONE) == ""


def test_a_network_has_one_link_per_zone_name(azure: dict[str, Any]) -> None:
    """Azure refuses a link to a second zone of the same name, even in another resource group."""
    second = GROUP.replace("/rg", "/rg2")
    put(azure, second, type=GROUP_TYPE)
    zones = f"{second}/providers/Microsoft.Network/privateDnsZones"
    for zone, code in (("PrivateLink.azurecr.io", "BadRequest"), ("example.org", "")):
        put(azure, f"{zones}/{zone}", type=ZONE_TYPE)
        link = f"{zones}/{zone}/virtualNetworkLinks/again"
        assert error_code(azure, "create", link, like=LINK) == code


def test_a_zone_may_have_links_to_two_networks(azure: dict[str, Any]) -> None:
    """Azure accepts a second link of a zone if it is to another virtual network."""
    other = VNET.replace("/vnet", "/other")
    put(azure, other, type=VNET_TYPE, location="eastus")
    link = f"{ZONE}/virtualNetworkLinks/other"
    assert error_code(azure, "create", link, like=LINK, virtual_network_id=other) == ""


def test_a_linked_network_must_exist(azure: dict[str, Any]) -> None:
    """Azure refuses a link to a virtual network that does not exist."""
    missing = VNET.replace("/vnet", "/gone")
    assert error_code(azure, "update", LINK, virtual_network_id=missing) == "BadRequest"


def test_a_link_has_a_resolution_policy(azure: dict[str, Any]) -> None:
    """A link's resolution policy is `Default` if the caller does not set it."""
    assert read(azure, LINK)["resolution_policy"] == "Default"
    azure["resources"][LINK]["resolution_policy"] = "NxDomainRedirect"
    assert read(azure, LINK)["resolution_policy"] == "NxDomainRedirect"


def test_a_zone_counts_its_record_sets(azure: dict[str, Any]) -> None:
    """A zone has its SOA record set and one for each name, even if two endpoints write the name."""
    put(azure, f"{ZONE}.cn", type=ZONE_TYPE)
    assert read(azure, f"{ZONE}.cn")["number_of_record_sets"] == 1
    assert read(azure, ZONE)["number_of_record_sets"] == 3
    azure["resources"][f"{ENDPOINT}2"] = azure["resources"][ENDPOINT]
    assert read(azure, ZONE)["number_of_record_sets"] == 3


# Private endpoints


def test_data_endpoints_get_the_first_addresses(azure: dict[str, Any]) -> None:
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


def test_a_zone_group_contains_the_private_names(azure: dict[str, Any]) -> None:
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


def test_an_endpoint_without_a_zone_group_has_public_names(azure: dict[str, Any]) -> None:
    """Without a zone group, only `custom_dns_configs` contains the names, which are public."""
    put(azure, ENDPOINT, private_dns_zone_group=[])
    endpoint = read(azure, ENDPOINT)
    assert "private_dns_zone_configs" not in endpoint
    assert endpoint["custom_dns_configs"] == [
        {"fqdn": "myregistry.eastus.data.azurecr.io", "ip_addresses": ["10.0.8.4"]},
        {"fqdn": "myregistry.azurecr.io", "ip_addresses": ["10.0.8.5"]},
    ]


def test_a_test_can_reverse_the_order_of_names(azure: dict[str, Any]) -> None:
    """Azure guarantees no order of record sets, so a test can reverse it."""
    before = read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]
    azure["record_order"] = "reversed"
    after = read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]
    assert after == before[::-1] != before


def test_a_manual_connection_needs_approval(azure: dict[str, Any]) -> None:
    """A manual connection has no names until the registry's owner approves it."""
    azure["resources"][ENDPOINT]["private_service_connection"][0]["is_manual_connection"] = True
    assert read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"] == []
    azure["resources"][ENDPOINT]["status"] = "Approved"
    assert len(read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"]) == 2


def test_an_update_keeps_addresses_and_approval(azure: dict[str, Any]) -> None:
    """An update contains only the caller's settings; Azure keeps the addresses and the approval."""
    endpoint = azure["resources"][ENDPOINT]
    endpoint["status"] = "Approved"
    endpoint["addresses"]["registry"] = "10.0.8.99"
    settings = {name: endpoint[name] for name in endpoint if name not in ("addresses", "status")}
    carry_out(azure, "update", ENDPOINT, settings)
    assert azure["resources"][ENDPOINT]["status"] == "Approved"
    assert azure["resources"][ENDPOINT]["addresses"]["registry"] == "10.0.8.99"


def test_an_endpoint_of_a_deleted_registry_has_no_names(azure: dict[str, Any]) -> None:
    """Azure deletes a registry that has an endpoint; the endpoint then has no names."""
    assert error_code(azure, "delete", REGISTRY) == ""
    carry_out(azure, "delete", REGISTRY, {})
    assert read(azure, ENDPOINT)["private_dns_zone_configs"][0]["record_sets"] == []
    put(azure, f"{REGISTRY}2", type=REGISTRY_TYPE, location="eastus")
    assert "registry" in azure["resources"][ENDPOINT]["addresses"]


def test_a_new_replica_adds_a_member_to_the_endpoint(azure: dict[str, Any]) -> None:
    """A new replica adds an address, a deleted replica removes its own, and the others stay."""
    put(azure, REGISTRY, georeplications=replicas("westus2"))
    assert azure["resources"][ENDPOINT]["addresses"] == {
        "registry_data_eastus": "10.0.8.4",
        "registry_data_westus2": "10.0.8.6",
        "registry": "10.0.8.5",
    }
    put(azure, REGISTRY, georeplications=[])
    assert "registry_data_westus2" not in azure["resources"][ENDPOINT]["addresses"]


def test_a_new_replica_needs_an_address_in_the_endpoints_subnet(azure: dict[str, Any]) -> None:
    """A /29 subnet has three usable addresses, which are too few for a second replica."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    one, two = replicas("centralus"), replicas("centralus", "westus2")
    assert error_code(azure, "update", REGISTRY, georeplications=one) == ""
    assert error_code(azure, "update", REGISTRY, georeplications=two) == "SubnetIsFull"
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/30"]
    another = f"{REGISTRY}2"
    assert error_code(azure, "create", another, like=REGISTRY, georeplications=two) == ""


def test_an_endpoint_needs_enough_addresses(azure: dict[str, Any]) -> None:
    """A /29 subnet has too few addresses for two endpoints with two members each."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    assert error_code(azure, "create", f"{ENDPOINT}2", like=ENDPOINT) == "SubnetIsFull"


def test_two_endpoints_have_different_addresses(azure: dict[str, Any]) -> None:
    """A second endpoint in a subnet gets the next free addresses."""
    put(azure, f"{ENDPOINT}2", **{**azure["resources"][ENDPOINT], "addresses": {}})
    addresses = azure["resources"][f"{ENDPOINT}2"]["addresses"]
    assert list(addresses.values()) == ["10.0.8.6", "10.0.8.7"]


@pytest.mark.parametrize("wrong", [{"location": "westus2"}, {"subnet_id": f"{VNET}/subnets/gone"}])
def test_an_endpoint_must_be_in_its_subnets_region(azure: dict[str, Any], wrong: Any) -> None:
    """The subnet must exist in the endpoint's region; the registry may be in another region."""
    assert error_code(azure, "update", ENDPOINT, **wrong) == "InvalidResourceReference"
    azure["resources"][REGISTRY]["location"] = "westus2"
    assert error_code(azure, "update", ENDPOINT) == ""


def test_an_endpoints_registry_must_exist(azure: dict[str, Any]) -> None:
    """Azure creates no endpoint for a registry that does not exist."""
    carry_out(azure, "delete", REGISTRY, {})
    assert error_code(azure, "create", ENDPOINT) == "ResourceNotFound"


def test_an_endpoints_zone_must_exist(azure: dict[str, Any]) -> None:
    """Azure refuses a zone group with a zone that does not exist."""
    carry_out(azure, "delete", ZONE, {})
    assert error_code(azure, "update", ENDPOINT) == "InvalidPrivateDnsZoneIds"


def test_every_member_needs_a_static_address_or_none_does(azure: dict[str, Any]) -> None:
    """Azure refuses a static address for the registry alone, and uses one for each member."""
    configurations = ip_configuration(registry_data_eastus="10.0.8.21", registry="10.0.8.20")
    code = error_code(azure, "create", ENDPOINT, ip_configuration=configurations[1:])
    assert code == "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps"
    assert error_code(azure, "create", ENDPOINT, ip_configuration=configurations) == ""
    put(azure, ENDPOINT, ip_configuration=configurations)
    assert azure["resources"][ENDPOINT]["addresses"]["registry"] == "10.0.8.20"


@pytest.mark.parametrize("address", ["10.0.9.20", "10.0.8.3", "10.0.8.255", "10.0.8.5"])
def test_static_addresses_must_be_free(azure: dict[str, Any], address: str) -> None:
    """Azure refuses an address outside the subnet, a reserved one, and another endpoint's."""
    configurations = ip_configuration(registry_data_eastus="10.0.8.21", registry=address)
    code = error_code(
        azure, "create", f"{ENDPOINT}2", like=ENDPOINT, ip_configuration=configurations
    )
    assert code == "PrivateIPAddressNotAvailable"


def test_the_member_name_defaults_to_the_subresource_name(
    azure: dict[str, Any],
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
    azure: dict[str, Any], custom_name: str | None, name: str
) -> None:
    """The network interface has its custom name, or a default name with the endpoint's name."""
    put(azure, ENDPOINT, custom_network_interface_name=custom_name)
    interface = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/{name}"
    assert read(azure, ENDPOINT)["network_interface"] == [{"id": interface, "name": name}]


def test_two_endpoints_have_different_network_interfaces(azure: dict[str, Any]) -> None:
    """Azure refuses the name of a network interface that another endpoint has in the group."""
    put(azure, ENDPOINT, custom_network_interface_name="nic")
    second = {"like": ENDPOINT, "custom_network_interface_name": "NIC"}
    assert error_code(azure, "create", f"{ENDPOINT}2", **second) == "BadRequest"
    second["custom_network_interface_name"] = "nic2"
    assert error_code(azure, "create", f"{ENDPOINT}2", **second) == ""
    assert error_code(azure, "update", ENDPOINT) == ""


# Data sources and secondary resources


def test_a_network_lists_its_own_subnets(azure: dict[str, Any]) -> None:
    """A virtual network shows the names of its own subnets, and not those of another network."""
    other = VNET.replace("/vnet", "/other")
    put(azure, f"{other}/subnets/theirs", type=SUBNET_TYPE)
    assert read(azure, VNET)["subnets"] == ["pe"]
    assert read(azure, VNET)["guid"]


def test_a_subnet_shows_its_first_prefix(azure: dict[str, Any]) -> None:
    """The data source also has the old attribute `address_prefix`."""
    assert read(azure, SUBNET)["address_prefix"] == "10.0.8.0/24"


def test_a_tokens_passwords_differ_and_do_not_change(azure: dict[str, Any]) -> None:
    """The two passwords of a token have different values, which do not change between reads."""
    passwords = f"{REGISTRY}/tokens/pull/passwords/password"
    type_ = "azurerm_container_registry_token_password"
    put(azure, passwords, type=type_, password1=[{}], password2=[{}])
    first = read(azure, passwords)["password1"][0]["value"]
    assert first == read(azure, passwords)["password1"][0]["value"]
    assert first != read(azure, passwords)["password2"][0]["value"]


@pytest.mark.parametrize(
    ("old", "new", "kept", "left"),
    [
        pytest.param([1], [1, 2], [1], [1, 2], id="a second one"),
        pytest.param([1, 2], [1], [1], [1], id="a second one goes"),
        pytest.param([2], [1], [2], [1, 2], id="the first one anew, in place"),
        pytest.param([1, 2], [2], [2], [2], id="the first one goes"),
    ],
)
def test_only_new_passwords_are_generated(
    azure: dict[str, Any], old: list[int], new: list[int], kept: list[int], left: list[int]
) -> None:
    """An update generates what Azure lacks, and removes what there is more than it has."""
    id_ = f"{REGISTRY}/tokens/pull/passwords/password"
    type_ = "azurerm_container_registry_token_password"
    put(azure, id_, type=type_, **{f"password{each}": [{}] for each in old})
    before = read(azure, id_)
    carry_out(azure, "update", id_, {"type": type_, **{f"password{each}": [{}] for each in new}})
    after = read(azure, id_)
    assert [each for each in (1, 2) if after[f"password{each}"]] == left
    for each in kept:
        assert after[f"password{each}"] == before[f"password{each}"]


@pytest.mark.parametrize("again", ["replaced", "another expiry"])
def test_a_password_that_is_generated_again_has_another_value(
    azure: dict[str, Any], again: str
) -> None:
    """A replacement and another expiry both generate a new value."""
    id_ = f"{REGISTRY}/tokens/pull/passwords/password"
    new = {"type": "azurerm_container_registry_token_password", "password1": [{}]}
    carry_out(azure, "create", id_, new)
    (before,) = read(azure, id_)["password1"]
    if again == "replaced":
        carry_out(azure, "delete", id_, new)
        carry_out(azure, "create", id_, new)
    else:
        new["password1"] = [{"expiry": "2030-01-01T00:00:00Z"}]
        carry_out(azure, "update", id_, new)
    (after,) = read(azure, id_)["password1"]
    assert after["value"] != before["value"]


def cache_rule(source: str, target: str, **more: str) -> dict[str, Any]:
    """Returns the values of a cache rule."""
    type_ = "azurerm_container_registry_cache_rule"
    return {"type": type_, "source_repo": source, "target_repo": target, **more}


@pytest.mark.parametrize(
    ("source", "target", "login", "code"),
    [
        ("quay.io/strimzi/*", "strimzi/*", None, ""),
        ("ghcr.io/a/b", "b", "set", ""),
        ("docker.io/library/ubuntu", "ubuntu", "set", ""),
        ("docker.io/library/ubuntu", "ubuntu", None, "CredentialSetInvalid"),
        ("mcr.microsoft.com/*", "mcr/*", "set", "CredentialSetInvalid"),
        ("public.ecr.aws/a/*", "ecr/*", "set", "CredentialSetInvalid"),
        ("registry.redhat.io/ubi9/*", "ubi9/*", None, "UpstreamNotSupported"),
        ("quay.io/strimzi/*", "strimzi", None, "WildcardInvalid"),
        ("quay.io/strimzi", "strimzi/*", None, "WildcardInvalid"),
        ("quay.io/*/strimzi", "strimzi", None, "RepositoryInvalid"),
        ("quay.io/strimzi/*", "Strimzi/*", None, "RepositoryInvalid"),
        ("quay.io/b/*", "taken/*", None, "CacheRuleOverlap"),
        ("quay.io/b/*", "taken/too/*", None, "CacheRuleOverlap"),
        ("quay.io/b/c", "taken/c", None, "CacheRuleOverlap"),
        ("quay.io/*", "*", None, "CacheRuleOverlap"),
        ("quay.io/b", "taken", None, ""),
        ("quay.io/b/*", "taken2/*", None, ""),
    ],
)
def test_azure_refuses_some_cache_rules(
    azure: dict[str, Any], source: str, target: str, login: str | None, code: str
) -> None:
    """Upstreams, logins, wildcards and overlaps have rules in each registry."""
    put(azure, f"{REGISTRY}/cacheRules/other", **cache_rule("quay.io/a/*", "taken/*"))
    put(azure, f"{REGISTRY}2/cacheRules/theirs", **cache_rule("quay.io/a/*", "*"))
    more = {"credential_set_id": f"{REGISTRY}/credentialSets/{login}"} if login else {}
    rule = cache_rule(source, target, **more)
    error = refusal(azure, "create", f"{REGISTRY}/cacheRules/rule", rule) or ""
    assert error.partition(":")[0] == code


def test_a_registry_has_at_most_1000_cache_rules(azure: dict[str, Any]) -> None:
    """Azure refuses one more rule, and still takes a change of one of them."""
    for number in range(1000):
        rule = cache_rule("quay.io/a", f"a{number}")
        azure["resources"][f"{REGISTRY}/cacheRules/rule{number}"] = rule
    id_ = f"{REGISTRY}/cacheRules/rule999"
    assert error_code(azure, "update", id_) == ""
    assert error_code(azure, "create", f"{id_}9", id_, target_repo="b") == "CacheRuleLimitReached"


def test_regions_are_normalised(azure: dict[str, Any]) -> None:
    """Azure shows the region "East US" as "eastus"."""
    put(azure, REGISTRY, location="East US")
    assert read(azure, REGISTRY)["location"] == "eastus"


def test_a_deleted_resource_is_absent(azure: dict[str, Any]) -> None:
    """A deleted resource is absent, and a second deletion has no effect."""
    carry_out(azure, "delete", LINK.upper(), {})
    carry_out(azure, "delete", LINK, {})
    assert view(azure, LINK) is None


# Requests, faults and transactions


def send_create(log: list[Any], faults: list[Any], name: str = "a") -> tuple[Answer, list[str]]:
    """Returns the answer to a create request, and the ids that the cloud created."""
    created: list[str] = []
    request = Request("create", "azurerm_subnet", name)
    return answer({"log": log}, faults, request, lambda: created.append(name)), created


@pytest.mark.parametrize(
    ("effect", "created", "error", "has_resource"),
    [
        ("fail", [], "gone wrong", False),
        ("lose_answer", ["a"], "gone wrong", False),
        ("taint", ["a"], "gone wrong", True),
    ],
)
def test_faults_differ_in_their_effects(
    effect: str, created: list[str], error: str, has_resource: bool
) -> None:
    """The faults differ in whether the cloud creates the resource and the answer contains it."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "message": error}
    assert send_create([], [fault]) == (Answer(500, error, has_resource), created)


def test_a_fault_applies_to_the_nth_request() -> None:
    """A fault counts only requests of its own operation and type."""
    fault = {"operation": "create", "type": "azurerm_subnet", "nth": 2, "effect": "fail"}
    log: list[Any] = [{"operation": "delete", "type": "azurerm_subnet", "id": "a", "status": 200}]
    assert [send_create(log, [fault])[0].status for _ in range(3)] == [200, 500, 200]
    for other in ({"operation": "delete"}, {"type": "azurerm_private_endpoint"}):
        assert send_create([], [{**fault, "nth": 1, **other}])[0].status == 200


@pytest.mark.parametrize(("effect", "pending"), [("throttle", 429), ("polls", 202)])
def test_a_delayed_request_is_performed_once(effect: str, pending: int) -> None:
    """A throttled or polled request is performed once, even if other requests come in between."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "times": 2}
    log: list[Any] = []
    answers = [
        send_create(log, [fault]),
        send_create(log, [fault], "b"),
        send_create(log, [fault]),
        send_create(log, [fault]),
    ]
    assert [result.status for result, _ in answers] == [pending, pending, pending, 200]
    assert [created for _, created in answers] == [[], [], [], ["a"]]


def test_each_request_is_delayed_separately() -> None:
    """The delay of an earlier request does not shorten the delay of a later one."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": "polls", "times": 2}
    log: list[Any] = []
    statuses = [send_create(log, [fault, {**fault, "nth": 2}])[0].status for _ in range(6)]
    assert statuses == [202, 202, 200] * 2


def test_azures_error_takes_precedence_over_a_lost_answer() -> None:
    """If Azure refuses a request, the answer is Azure's error, and no resource is created."""
    fault = {"operation": "create", "type": "t", "effect": "lose_answer"}
    result = answer({"log": []}, [fault], Request("create", "t", "a"), lambda: "refused")
    assert result == Answer(400, "refused")


def test_concurrent_transactions_lose_no_change(tmp_path: Path) -> None:
    """Each transaction reads the previous one's changes, even if requests are concurrent."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"count": 0}))

    def add() -> None:
        for _ in range(50):
            with transaction(path) as cloud:
                cloud["count"] += 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(path.read_text()) == {"count": 200}


@pytest.mark.parametrize("groups", [["registry_data"], ["registry", "registry"], []])
def test_the_only_group_id_of_a_registry_is_registry(
    azure: dict[str, Any], groups: list[str]
) -> None:
    """Azure refuses an endpoint whose group ids are not exactly `registry`."""
    (connection,) = azure["resources"][ENDPOINT]["private_service_connection"]
    assert error_code(azure, "create", f"{ENDPOINT}2", ENDPOINT) == ""
    wrong = [{**connection, "subresource_names": groups}]
    assert (
        error_code(azure, "create", f"{ENDPOINT}2", ENDPOINT, private_service_connection=wrong)
        == "PrivateLinkServiceConnectionGroupIdsInvalid"
    )
