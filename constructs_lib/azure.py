"""Azure's own rules for names, ids and address prefixes, as pure functions.

Each takes what a user gave and returns it, or raises ``ValueError`` with what would be right.
Sources: "Naming rules and restrictions for Azure resources" and "Azure Virtual Network FAQ",
Microsoft Learn.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

PRIVATE_DNS_ZONE_NAMES = {
    "public": "privatelink.azurecr.io",
    "usgovernment": "privatelink.azurecr.us",
}
"""The one zone name that a registry's private endpoint is resolved through, by azurerm's word for
each of Azure's clouds. Source: "Azure Private Endpoint private DNS zone values"."""

PRIVATE_DNS_ZONE = "Microsoft.Network/privateDnsZones"
PRIVATE_ENDPOINT = "Microsoft.Network/privateEndpoints"
REGISTRY = "Microsoft.ContainerRegistry/registries"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
VIRTUAL_NETWORK = "Microsoft.Network/virtualNetworks"
VIRTUAL_NETWORK_LINK = "Microsoft.Network/privateDnsZones/virtualNetworkLinks"

RESERVED_ADDRESSES = 5
"""Addresses that Azure keeps in every subnet: the first four and the last."""

_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_NETWORK_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_NETWORK_NAME_WORDS = (
    "letters, digits, '.', '_' and '-', beginning with a letter or digit "
    "and ending with a letter, digit or '_'"
)


def registry_name(name: str) -> str:
    """The name of a container registry, unique in all of Azure."""
    return _matching(name, r"[A-Za-z0-9]{5,50}", "5 to 50 letters and digits, no others")


def resource_group_name(name: str) -> str:
    """The name of a resource group; letters and digits of any script count."""
    return _matching(
        name,
        r"[\w.()-]{0,89}[\w()-]",
        "1 to 90 letters, digits, '.', '_', '-' and parentheses, not ending with '.'",
    )


def virtual_network_name(name: str) -> str:
    """The name of a virtual network."""
    return _network_name(name, 2, 64)


def private_endpoint_name(name: str) -> str:
    """The name of a private endpoint."""
    return _network_name(name, 2, 64)


def network_part_name(name: str) -> str:
    """The name of a part of the network: subnet, link, connection or zone group."""
    return _network_name(name, 1, 80)


def location(name: str) -> str:
    """An Azure region, as ``eastus`` or ``East US``."""
    return _matching(name, r"[A-Za-z][A-Za-z0-9 ]*", "an Azure region, as eastus or 'East US'")


def region(location: str) -> str:
    """A region as Azure writes it in names: ``East US`` and ``eastus`` are one."""
    return location.replace(" ", "").lower()


def subscription_id(text: str) -> str:
    """The id of a subscription, a GUID in Azure's usual form."""
    return _matching(
        text,
        _GUID,
        "a GUID, as 00000000-0000-0000-0000-000000000000 (az account show --query id)",
    )


_ID = "/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}"


def resource_id(kind: str, *names: str, subscription: str, group: str) -> str:
    """The id of a resource: ``kind`` as ``Microsoft.Network/privateDnsZones``, with its names.

    A part of a resource has a word more in its kind, and a name more.
    """
    namespace, *words = kind.split("/")
    path = "".join(f"/{word}/{name}" for word, name in zip(words, names, strict=True))
    return _ID.format(subscription=subscription, group=group, kind=namespace) + path


def id_of(kind: str) -> Callable[[str], str]:
    """A rule: the id of a resource of one ``kind``, in whatever capitals Azure shows it."""
    names = ["NAME"] * kind.count("/")
    form = resource_id(kind, *names, subscription="SUBSCRIPTION", group="GROUP")
    pattern = re.escape(form).replace("SUBSCRIPTION", _GUID).replace("GROUP", r"[\w.()-]+")
    pattern = f"(?i:{pattern.replace('NAME', '[A-Za-z0-9._-]+')})"
    return lambda text: _matching(text, pattern, f"an id of the form {form}")


def address_prefix(text: str) -> str:
    """An IPv4 address prefix in CIDR form, as ``10.0.8.0/23``."""
    address, _, length = text.partition("/")
    expected = "an IPv4 prefix in CIDR form, as 10.0.8.0/23"
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise ValueError(expected) from None
    if length != str(network.prefixlen):  # no length, or a mask: Azure takes neither
        raise ValueError(expected)
    if address != str(network.network_address):
        raise ValueError(f"it has host bits set; the prefix around it is {network}")
    return text


def ip_address(text: str) -> str:
    """An IPv4 address."""
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise ValueError("an IPv4 address, as 10.0.8.4") from None


def usable(address: str, prefix: str) -> bool:
    """Whether a valid address is one that a subnet with a valid prefix has to give."""
    network = IPv4Network(prefix)
    number = int(IPv4Address(address)) - int(network.network_address)
    return RESERVED_ADDRESSES - 1 <= number < network.num_addresses - 1


def room_for_endpoint(prefix: str, addresses: int) -> str:
    """A valid ``prefix`` with room for the ``addresses`` of a private endpoint.

    A registry's endpoint takes an address for the registry and one for each region's data
    endpoint.
    """
    needed = addresses + RESERVED_ADDRESSES
    if IPv4Network(prefix).num_addresses < needed:
        longest = 32 - (needed - 1).bit_length()
        raise ValueError(
            f"too small: the endpoint takes {addresses} addresses and Azure reserves "
            f"{RESERVED_ADDRESSES} in every subnet, so /{longest} or larger"
        )
    return prefix


def _network_name(name: str, shortest: int, longest: int) -> str:
    return _matching(
        name,
        rf"(?=.{{{shortest},{longest}}}\Z){_NETWORK_NAME}",
        f"{shortest} to {longest} {_NETWORK_NAME_WORDS}",
    )


def _matching(text: str, pattern: str, expected: str) -> str:
    if not re.fullmatch(pattern, text):
        raise ValueError(expected)
    return text
