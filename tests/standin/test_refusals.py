"""Each row in the table of Azure's refusals is refused, with one request that shows it."""

from collections.abc import Callable
from typing import Any

import pytest
from simulated import (
    ENDPOINT,
    GROUP,
    LINK,
    LINK_TYPE,
    REGISTRY,
    REGISTRY_TYPE,
    SUBNET,
    VNET,
    ZONE,
    ZONE_TYPE,
    add_lock,
    guide,
    ip_configuration,
    put,
    refused,
    replicas,
)

from standin.refusals import Refusal
from standin.resources import images
from standin.store import Cloud, connection

Case = Callable[[Cloud], Any]
SET = f"{REGISTRY}/credentialSets/set"
CACHE_RULE_TYPE = f"{REGISTRY_TYPE}_cache_rule"


def changed(operation: str, id_: str, like: str = "", **values: Any) -> Case:
    """Returns a case that needs no other resources than the guide's."""
    return lambda azure: refused(azure, operation, id_, like=like, **values)


def without_namespace(azure: Cloud) -> Any:
    """Creates a zone in a subscription that has registered nothing."""
    azure["registered"].clear()
    return refused(azure, "create", f"{ZONE}.cn", like=ZONE)


def locked(azure: Cloud) -> Any:
    """Deletes a locked registry."""
    add_lock(azure)
    return refused(azure, "delete", REGISTRY)


def second_zone(azure: Cloud) -> Any:
    """Links the network to a zone of the same name in another resource group."""
    zone = ZONE.replace("/rg/", "/other/")
    put(azure, zone.partition("/providers/")[0], type="azurerm_resource_group")
    put(azure, zone, type=ZONE_TYPE)
    return refused(azure, "create", f"{zone}/virtualNetworkLinks/again", like=LINK)


def second_interface(azure: Cloud) -> Any:
    """Creates an endpoint with the name that the first one's network interface has."""
    put(azure, ENDPOINT, custom_network_interface_name="nic")
    values = {"like": ENDPOINT, "custom_network_interface_name": "nic"}
    return refused(azure, "create", f"{ENDPOINT}2", **values)


def group_ids(azure: Cloud) -> Any:
    """Creates an endpoint to the data endpoints of a registry."""
    wrong = {**connection(azure["resources"][ENDPOINT]), "subresource_names": ["registry_data"]}
    return refused(
        azure, "create", f"{ENDPOINT}2", like=ENDPOINT, private_service_connection=[wrong]
    )


def target_is_missing(azure: Cloud) -> Any:
    """Creates an endpoint to a registry that is deleted."""
    del azure["resources"][REGISTRY]
    return refused(azure, "create", f"{ENDPOINT}2", like=ENDPOINT)


def full_subnet(azure: Cloud) -> Any:
    """Creates a second endpoint in a subnet with three addresses."""
    azure["resources"][SUBNET]["address_prefixes"] = ["10.0.8.0/29"]
    return refused(azure, "create", f"{ENDPOINT}2", like=ENDPOINT)


def replica_beside_static_addresses(azure: Cloud) -> Any:
    """Adds a replica to a registry with an endpoint that has static addresses."""
    put(azure, ENDPOINT, ip_configuration=ip_configuration(registry="10.0.8.20"))
    return refused(azure, "update", REGISTRY, georeplications=replicas("westus"))


def second_role(azure: Cloud) -> Any:
    """Assigns a role a second time."""
    role = f"{REGISTRY}/providers/Microsoft.Authorization/roleAssignments/role"
    put(
        azure,
        role,
        type="azurerm_role_assignment",
        principal_id="p",
        role_definition_name="AcrPull",
    )
    return refused(azure, "create", f"{role}2", like=role)


def cached(source: str, target: str, others: int = 0, **more: Any) -> Case:
    """Returns a case that creates a cache rule beside others."""

    def case(azure: Cloud) -> Any:
        for number in range(others):
            azure["resources"][f"{REGISTRY}/cacheRules/{number}"] = {
                "type": CACHE_RULE_TYPE,
                "source_repo": "quay.io/a",
                "target_repo": f"taken{number}",
            }
        values = {"type": CACHE_RULE_TYPE, "source_repo": source, "target_repo": target, **more}
        return refused(azure, "create", f"{REGISTRY}/cacheRules/rule", **values)

    return case


def with_images(case: Case) -> Case:
    """Returns a case in a registry with the repository `team/app`."""

    def with_repository(azure: Cloud) -> Any:
        azure["resources"][REGISTRY]["repositories"] = ["team/app"]
        return case(azure)

    return with_repository


def pulled(
    repository: str, by: Any = images.pull, bypass: str = "AzureServices", **rule: Any
) -> Case:
    """Returns a case that pulls or imports an image, beside a cache rule."""

    def case(azure: Cloud) -> Any:
        put(azure, REGISTRY, network_rule_bypass_option=bypass)
        url = "https://kv.vault.azure.net/secrets/user"
        put(
            azure,
            SET,
            type=f"{REGISTRY_TYPE}_credential_set",
            login_server="quay.io",
            authentication_credentials=[{"username_secret_id": url, "password_secret_id": url}],
        )
        values = {"type": CACHE_RULE_TYPE, "source_repo": "quay.io/*", "target_repo": "strimzi/*"}
        put(azure, f"{REGISTRY}/cacheRules/rule", **values, **rule)
        error = by(azure, REGISTRY, repository)
        return error and error.refusal

    return case


def from_a_registry_without_export(azure: Cloud) -> Any:
    """Imports an image from another registry, which lets nobody export."""
    put(azure, f"{REGISTRY}2", type=REGISTRY_TYPE, repositories=["a"], export_policy_enabled=False)
    error = images.import_image(azure, REGISTRY, "a", f"{REGISTRY}2", "a")
    return error and error.refusal


CASES: dict[Refusal, Case] = {
    Refusal.GROUP_IS_MISSING: changed("create", ZONE.replace("/rg/", "/other/"), like=ZONE),
    Refusal.PARENT_IS_MISSING: changed("create", SUBNET.replace("/vnet/", "/other/"), like=SUBNET),
    Refusal.NAMESPACE_IS_NOT_REGISTERED: without_namespace,
    Refusal.LOCKED: locked,
    Refusal.TAG_NAMES: changed("update", REGISTRY, tags={"a/b": "1"}),
    Refusal.TOO_MANY_DNS_TAGS: changed("update", ZONE, tags={f"t{n}": "v" for n in range(16)}),
    Refusal.GROUP_IS_NOT_EMPTY: changed("delete", GROUP),
    Refusal.SUBNET_OUTSIDE_NETWORK: changed("update", SUBNET, address_prefixes=["10.1.0.0/24"]),
    Refusal.SUBNETS_OVERLAP: changed("create", f"{VNET}/subnets/other", like=SUBNET),
    Refusal.PREFIX_IN_USE: changed("update", SUBNET, address_prefixes=["10.0.20.0/24"]),
    Refusal.SUBNET_IN_USE: changed("delete", SUBNET),
    Refusal.REGISTRY_NAME_IN_USE: changed("create", REGISTRY),
    Refusal.NEEDS_PREMIUM: changed("update", REGISTRY, sku="Basic"),
    Refusal.EXPORT_WITHOUT_PRIVACY: changed(
        "update", REGISTRY, export_policy_enabled=False, public_network_access_enabled=True
    ),
    Refusal.KEY_WITHOUT_IDENTITY: changed(
        "create", f"{REGISTRY}2", like=REGISTRY, encryption=[{"key_vault_key_id": "k"}]
    ),
    Refusal.ENCRYPTION_OF_EXISTING: changed(
        "update", REGISTRY, encryption=[{}], identity=[{"type": "UserAssigned"}]
    ),
    Refusal.REPLICA_BESIDE_STATIC_ADDRESSES: replica_beside_static_addresses,
    Refusal.ZONE_WITH_LINK: changed("delete", ZONE),
    Refusal.LINKED_NETWORK_IS_MISSING: changed(
        "create", f"{LINK}2", type=LINK_TYPE, virtual_network_id=f"{VNET}2"
    ),
    Refusal.SECOND_ZONE_OF_A_NAME: second_zone,
    Refusal.INTERFACE_IN_USE: second_interface,
    Refusal.ENDPOINT_OUTSIDE_REGION: changed("update", ENDPOINT, location="westus2"),
    Refusal.TARGET_IS_MISSING: target_is_missing,
    Refusal.GROUP_IDS: group_ids,
    Refusal.ENDPOINT_ZONE_IS_MISSING: changed(
        "create",
        f"{ENDPOINT}/privateDnsZoneGroups/default",
        type="private_dns_zone_group",
        private_dns_zone_ids=[f"{ZONE}.cn"],
    ),
    Refusal.MEMBERS_WITHOUT_ADDRESS: changed(
        "update", ENDPOINT, ip_configuration=ip_configuration(registry="10.0.8.20")
    ),
    Refusal.ADDRESS_IS_NOT_FREE: changed(
        "update",
        ENDPOINT,
        ip_configuration=ip_configuration(registry="10.0.8.3", registry_data_eastus="10.0.8.9"),
    ),
    Refusal.SUBNET_IS_FULL: full_subnet,
    Refusal.ACTION_IS_UNKNOWN: changed(
        "create", f"{REGISTRY}/scopeMaps/team", type=f"{REGISTRY_TYPE}_scope_map", actions=["read"]
    ),
    Refusal.SCOPE_MAP_IS_MISSING: changed(
        "create",
        f"{REGISTRY}/tokens/pull",
        type=f"{REGISTRY_TYPE}_token",
        scope_map_id=f"{REGISTRY}/scopeMaps/team",
    ),
    Refusal.ROLE_IS_ASSIGNED: second_role,
    Refusal.UPSTREAM_IS_UNKNOWN: cached("example.org/a", "a"),
    Refusal.UPSTREAM_NEEDS_IDENTITY: cached("other.azurecr.io/a", "a"),
    Refusal.DOCKER_WITHOUT_LOGIN: cached("docker.io/library/nginx", "nginx"),
    Refusal.LOGIN_IS_NEEDED: cached("registry.redhat.io/ubi9", "ubi9"),
    Refusal.LOGIN_IS_NOT_TAKEN: cached("mcr.microsoft.com/a", "a", credential_set_id=SET),
    Refusal.CREDENTIAL_SET_IS_MISSING: cached("quay.io/a", "a", credential_set_id=SET),
    Refusal.CREDENTIAL_SET_NAME: changed(
        "create", f"{REGISTRY}/credentialSets/quay", type=f"{REGISTRY_TYPE}_credential_set"
    ),
    Refusal.REPOSITORY_NAME: cached("quay.io/a", "A"),
    Refusal.ONE_WILDCARD: cached("quay.io/a/*", "a"),
    Refusal.CACHE_RULES_OVERLAP: cached("quay.io/b", "taken0", others=1),
    Refusal.TOO_MANY_CACHE_RULES: cached("quay.io/b", "b", others=1000),
    Refusal.TARGET_HAS_IMAGES: with_images(cached("quay.io/a", "team/app")),
    Refusal.WILDCARD_HAS_IMAGES: with_images(cached("quay.io/a/*", "team/*")),
    Refusal.IMAGE_IS_MISSING: pulled("team/app"),
    Refusal.CACHE_WITHOUT_TRUSTED_SERVICES: pulled("strimzi/kafka", bypass="None"),
    Refusal.UNHEALTHY_CREDENTIALS: pulled("strimzi/kafka", credential_set_id=SET),
    Refusal.IMPORT_WITHOUT_TRUSTED_SERVICES: pulled("a", by=images.import_image, bypass="None"),
    Refusal.EXPORT_IS_DISABLED: from_a_registry_without_export,
    Refusal.IMPORT_INTO_CACHE: pulled("strimzi/kafka", by=images.import_image),
}


def name_of_row(row: Refusal) -> str:
    """Returns a row's name as a test's id."""
    return row.name.lower()


@pytest.mark.parametrize("row", Refusal, ids=name_of_row)
def test_the_stand_in_refuses_what_the_table_says(row: Refusal) -> None:
    """A row without a case, or a case that is refused for another reason, fails."""
    assert CASES[row](guide()) is row


@pytest.mark.parametrize("row", Refusal, ids=name_of_row)
def test_each_refusal_has_a_source(row: Refusal) -> None:
    """Nothing is refused from memory: the table says where to read of it."""
    assert row.source.startswith(("https://learn.microsoft.com/azure/", "https://github.com/"))
