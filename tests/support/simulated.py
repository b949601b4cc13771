"""Clouds of the stand-in, with the guide's resources or the network that it starts from."""

from pathlib import Path
from typing import Any

import standin
from standin.cloud import carry_out, refusal, view
from standin.refusals import Refusal
from standin.resource_ids import type_of
from standin.resources.subscriptions import register
from standin.store import Contents

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


def guide() -> Contents:
    """Returns a cloud that contains all resources of the guide."""
    cloud: Contents = {"environment": "public", "registered": {}, "log": [], "resources": {}}
    for namespace in ("Authorization", "ContainerRegistry", "Network"):
        register(cloud, f"{HERE}/providers/Microsoft.{namespace}")
    put(cloud, GROUP, location="eastus")
    put(cloud, VNET, location="eastus", address_space=["10.0.0.0/16"])
    put(cloud, SUBNET, address_prefixes=["10.0.8.0/24"])
    put(cloud, REGISTRY, location="eastus", sku="Premium", public_network_access_enabled=False)
    put(cloud, ZONE)
    put(cloud, LINK, virtual_network_id=VNET)
    put(
        cloud,
        ENDPOINT,
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


def cloud_with_network(folder: Path, group: str, name: str) -> standin.Cloud:
    """Returns a cloud with a file, in which one resource group has one virtual network."""
    cloud = standin.Cloud(folder)
    with cloud.edit() as contents:
        namespaces = ["Microsoft.Authorization", "Microsoft.Insights", "Microsoft.Network"]
        contents["registered"][standin.SUBSCRIPTION] = namespaces
    add_network(cloud, group, name)
    return cloud


def add_network(
    cloud: standin.Cloud, group: str, name: str, *spaces: str, location: str = "eastus"
) -> str:
    """Adds a network in a resource group of its own, and returns its id."""
    cloud.add(GROUP_TYPE, name=group, location=location)
    return cloud.add(
        VNET_TYPE,
        resource_group_name=group,
        name=name,
        location=location,
        address_space=list(spaces or ("10.0.0.0/16",)),
    )


def put(cloud: Contents, id_: str, **values: Any) -> None:
    """Creates or changes a resource and checks nothing; its type is that of its id."""
    old = cloud["resources"].get(id_, {"type": type_of(id_)})
    carry_out(cloud, "create", id_, {**old, **values})


def refused(
    cloud: Contents, operation: str, id_: str, like: str = "", **values: Any
) -> Refusal | None:
    """Returns why Azure refuses an operation, or None.

    The resource has the values of the existing resource `like` (or `id_`), except for `values`.
    """
    resource = {"type": type_of(id_), **cloud["resources"].get(like or id_, {}), **values}
    error = refusal(cloud, operation, id_, resource)
    return error.refusal if error else None


def read(cloud: Contents, id_: str) -> dict[str, Any]:
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


def add_lock(cloud: Contents, level: str = "CanNotDelete", scope: str = REGISTRY) -> str:
    """Adds a lock to a scope, checks nothing, and returns the lock's id."""
    lock = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    cloud["resources"][lock] = {"type": LOCK_TYPE, "lock_level": level}
    return lock
