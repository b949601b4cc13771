"""Azure's ids of resources: their form, their spelling, and what their segments name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .patterns import GUID, Pattern, in_any_case

CREDENTIAL_SET = "Microsoft.ContainerRegistry/registries/credentialSets"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
KEY_VAULT = "Microsoft.KeyVault/vaults"
NETWORK_INTERFACE = "Microsoft.Network/networkInterfaces"
PRIVATE_DNS_ZONE = "Microsoft.Network/privateDnsZones"
PRIVATE_ENDPOINT = "Microsoft.Network/privateEndpoints"
REGISTRY = "Microsoft.ContainerRegistry/registries"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
VIRTUAL_NETWORK = "Microsoft.Network/virtualNetworks"
VIRTUAL_NETWORK_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"

_OF_AZURERM = {
    "azurerm_container_registry": (REGISTRY, ("name",)),
    "azurerm_container_registry_scope_map": (
        f"{REGISTRY}/scopeMaps",
        ("container_registry_name", "name"),
    ),
    "azurerm_container_registry_token": (
        f"{REGISTRY}/tokens",
        ("container_registry_name", "name"),
    ),
    "azurerm_private_dns_zone": (PRIVATE_DNS_ZONE, ("name",)),
    "azurerm_private_dns_zone_virtual_network_link": (
        VIRTUAL_NETWORK_LINK,
        ("private_dns_zone_name", "name"),
    ),
    "azurerm_private_endpoint": (PRIVATE_ENDPOINT, ("name",)),
    "azurerm_subnet": (SUBNET, ("virtual_network_name", "name")),
    "azurerm_user_assigned_identity": (IDENTITY, ("name",)),
    "azurerm_virtual_network": (VIRTUAL_NETWORK, ("name",)),
}
"""The kind and the arguments that make the id of a resource of azurerm."""

_SPELLINGS = {
    word.lower(): word
    for kind in (
        "subscriptions/resourceGroups/providers",
        CREDENTIAL_SET,
        IDENTITY,
        KEY_VAULT,
        PRIVATE_ENDPOINT,
        SUBNET,
        VIRTUAL_NETWORK_LINK,
        WORKSPACE,
    )
    for word in kind.split("/")
}

_ID = "/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}"


def resource_id(kind: str, *names: str, subscription: str, group: str) -> str:
    """The id of a resource: ``kind`` as ``Microsoft.Network/privateDnsZones``, with its names.

    A child resource adds one type segment to the kind, and one name.
    """
    namespace, *words = kind.split("/")
    path = "".join(f"/{word}/{name}" for word, name in zip(words, names, strict=True))
    return _ID.format(subscription=subscription, group=group, kind=namespace) + path


def of_arguments(type: str, arguments: Mapping[str, Any], subscription: str) -> str | None:
    """The id of a resource of azurerm by its arguments; none, if its form is not known here."""
    if type == "azurerm_resource_group" and "name" in arguments:
        return f"/subscriptions/{subscription}/resourceGroups/{arguments['name']}"
    if "private_dns_zone_id" in arguments and "name" in arguments:  # a link of azurerm 5
        return f"{arguments['private_dns_zone_id']}/virtualNetworkLinks/{arguments['name']}"
    kind, named = _OF_AZURERM.get(type, ("", ()))
    if not kind or not {"resource_group_name", *named} <= arguments.keys():
        return None
    names = (str(arguments[name]) for name in named)
    group = str(arguments["resource_group_name"])
    return resource_id(kind, *names, subscription=subscription, group=group)


def of_kind(kind: str) -> Pattern:
    """A rule: the id of a resource of one ``kind``, in upper or lower case.

    What it returns has its fixed segments as azurerm wants them; names stay as they are.
    """
    names = ["NAME"] * kind.count("/")
    form = resource_id(kind, *names, subscription="SUBSCRIPTION", group="GROUP")
    named = {"SUBSCRIPTION": GUID, "GROUP": r"[\w.()-]+", "NAME": "[A-Za-z0-9._-]+"}
    pattern = "/".join(named.get(part) or in_any_case(part) for part in form.split("/"))
    return Pattern(pattern, f"an id of the form {form}", then=spelled)


def spelled(id: str) -> str:
    """An id with its fixed segments in Azure's own spelling; any other text stays as it is.

    azurerm tells upper from lower case, and Azure's portal and command line differ in it.
    """
    parts = id.split("/")
    fixed = {*range(1, len(parts), 2), 6}
    return "/".join(
        _SPELLINGS.get(part.lower(), part) if place in fixed else part
        for place, part in enumerate(parts)
    )


def segments(id: str) -> tuple[str, str, str]:
    """The subscription, the resource group, and the first resource that an id names."""
    parts = id.split("/")
    return parts[2], parts[4], parts[8]
