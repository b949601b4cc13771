"""Azure's own rules for names, regions, addresses and tags, as pure functions.

Each takes what a user gave and returns it, or raises ``ValueError`` with what would be right.
Sources: "Naming rules and restrictions for Azure resources" and "Azure Virtual Network FAQ",
Microsoft Learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network

from .patterns import Pattern, in_any_capitals, matching

PRIVATE_DNS_ZONE_NAMES = {
    "public": "privatelink.azurecr.io",
    "usgovernment": "privatelink.azurecr.us",
    "china": "privatelink.azurecr.cn",
}
"""The one zone name that a registry's private endpoint is resolved through, by azurerm's word for
each of Azure's clouds. Source: "Azure Private Endpoint private DNS zone values"."""

RESERVED_ADDRESSES = 5
"""Addresses that Azure keeps in every subnet: the first four and the last."""

REGISTRY_MEMBER = "registry"
"""The member of a private endpoint that stands for the registry itself, and the name of the group
of members: what the guide gives as ``--group-id``."""

RESERVED_SUBNETS = [
    "GatewaySubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "AzureBastionSubnet",
    "RouteServerSubnet",
]
"""Subnets of a virtual network that are for one service each. Source: the pages on VPN Gateway,
Azure Firewall, Azure Bastion and Azure Route Server, Microsoft Learn."""

GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_BYTE = r"(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_NETWORK_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?"
_NETWORK_NAME_WORDS = (
    "letters, digits, '.', '_' and '-', beginning with a letter or digit "
    "and ending with a letter, digit or '_'"
)


def _network_name(shortest: int, longest: int) -> Callable[[Callable[[str], str]], Pattern]:
    return matching(
        rf"(?=.{{{shortest},{longest}}}$){_NETWORK_NAME}",
        f"{shortest} to {longest} {_NETWORK_NAME_WORDS}",
    )


@matching(r"[A-Za-z0-9]{5,50}", "5 to 50 letters and digits, no others")
def registry_name(name: str) -> str:
    """The name of a container registry, unique in all of Azure."""
    return name


@matching(
    r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]",
    "1 to 90 letters (without accents), digits, '.', '_', '-' and parentheses, not ending with '.'",
)
def resource_group_name(name: str) -> str:
    """The name of a resource group; azurerm takes ASCII letters only, where Azure takes others."""
    return name


@_network_name(2, 64)
def virtual_network_name(name: str) -> str:
    """The name of a virtual network."""
    return name


@_network_name(2, 64)
def private_endpoint_name(name: str) -> str:
    """The name of a private endpoint."""
    return name


@matching(
    r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]",
    "1 to 90 letters, digits, '.', '_', '-' and parentheses, not ending with '.'",
)
def lock_name(name: str) -> str:
    """The name of a management lock."""
    return name


@matching(
    r"[^<>*%&:\\?+/\x00-\x1f]{1,260}",
    "1 to 260 bytes in UTF-8, without < > * % & : \\ ? + / and control characters",
    size=260,
)
def diagnostic_setting_name(name: str) -> str:
    """The name of a diagnostic setting."""
    return name


@matching(r"[A-Za-z][A-Za-z0-9-]{4,48}", "5 to 49 letters, digits and '-', a letter first")
def token_name(name: str) -> str:
    """The name of a registry's token."""
    return name


_TIME = "a time with its zone (RFC 3339), as 2027-06-30T00:00:00Z"


@matching(
    r"[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])",
    _TIME,
)
def expiry(text: str) -> str:
    """When the password of a token ends."""
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        raise ValueError(_TIME) from None
    return text


def private_dns_zone_name(name: str) -> str:
    """The name of a private DNS zone for registries."""
    if name.lower() not in PRIVATE_DNS_ZONE_NAMES.values():
        raise ValueError(f"one of {', '.join(PRIVATE_DNS_ZONE_NAMES.values())} is expected")
    return name


@_network_name(1, 80)
def network_part_name(name: str) -> str:
    """The name of a part of the network: link, connection or zone group."""
    return name


@matching(
    rf"(?!(?:{'|'.join(map(in_any_capitals, RESERVED_SUBNETS))})$)[\s\S]*",
    f"another name: Azure reserves {', '.join(RESERVED_SUBNETS)} for its own services",
)
@_network_name(1, 80)
def subnet_name(name: str) -> str:
    """The name of a subnet that takes private endpoints; Azure reserves some for its services."""
    return name


@matching(r"[A-Za-z][A-Za-z0-9 ]*", "an Azure region, as eastus or 'East US'")
def location(name: str) -> str:
    """An Azure region, as ``eastus`` or ``East US``."""
    return name


def region(location: str) -> str:
    """A region as Azure writes it in names: ``East US`` and ``eastus`` are one."""
    return location.replace(" ", "").lower()


def data_endpoint_member(region: str) -> str:
    """The member of a private endpoint that stands for a region's data endpoint."""
    return f"registry_data_{region}"


@matching(GUID, "a GUID, as 00000000-0000-0000-0000-000000000000 (az account show --query id)")
def subscription_id(text: str) -> str:
    """The id of a subscription, a GUID in Azure's usual form."""
    return text


@matching(rf"{_IPV4}/(?:[0-9]|[12][0-9]|3[0-2])", "an IPv4 prefix in CIDR form, as 10.0.8.0/23")
def address_prefix(text: str) -> str:
    """An IPv4 address prefix in CIDR form, as ``10.0.8.0/23``."""
    network = IPv4Network(text, strict=False)
    address = text.partition("/")[0]
    if address != str(network.network_address):
        raise ValueError(f"it has host bits set; the prefix around it is {network}")
    return text


@matching(
    r"https://(?!.*\.managedhsm\.)[A-Za-z0-9.-]+/keys/[A-Za-z0-9-]+(/[0-9A-Za-z]+)?",
    "the URL of a vault's key, as https://VAULT.vault.azure.net/keys/KEY, with a version or "
    "without (az keyvault key show --query key.kid)",
)
def key_url(text: str) -> str:
    """The URL of a key in a vault; with a version, the registry does not follow a new one."""
    return text


@matching(GUID, "a GUID (az identity show --query clientId)")
def client_id(text: str) -> str:
    """The client id of a managed identity."""
    return text


_ONE_LINE = "one line of 1 to 140 bytes in UTF-8, where ü takes two"


@matching(r".{1,140}", _ONE_LINE, size=140)
def request_message(text: str) -> str:
    """The message to the owner of a registry, who has to approve the connection."""
    if not text.isprintable():
        raise ValueError(_ONE_LINE)
    return text


@matching(_IPV4, "an IPv4 address, as 10.0.8.4")
def ip_address(text: str) -> str:
    """An IPv4 address."""
    return text


def is_assignable(address: str, prefix: str) -> bool:
    """Whether Azure can assign an address in a subnet; both are valid by themselves."""
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


MOST_TAGS = 50
MOST_PRIVATE_DNS_TAGS = 15
"""How many tags Azure takes on a resource, and on a private DNS zone or a link of one."""


@matching(
    r"[^<>%&\\?/\x00-\x1f\x7f]{1,512}",
    "1 to 512 characters, without < > % & \\ ? / and control characters",
    size=512,
)
def tag_name(name: str) -> str:
    """The name of a tag. Source: "Use tags to organize your Azure resources", Microsoft Learn."""
    return name


@matching(r"[\s\S]{0,256}", "at most 256 bytes in UTF-8", size=256)
def tag_value(value: str) -> str:
    """The value of a tag, which may be empty."""
    return value


def wrong_tags(tags: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], object, str]]:
    """What is wrong with a resource's tags together: each part's key, its value, and why."""
    if len(tags) > MOST_TAGS:
        yield (), dict(tags), f"{len(tags)} tags: Azure takes at most {MOST_TAGS} on a resource"
    seen: dict[str, str] = {}
    for name, value in tags.items():
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            yield (name,), value, f"Azure takes it for {other}, whatever the capitals; keep one"


def merged_tags(common: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Common tags with a resource's own over them, whatever the capitals of their names."""
    names = {name.casefold() for name in own}
    return {**{n: common[n] for n in common if n.casefold() not in names}, **own}


def private_dns_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that Azure keeps on a private DNS zone or a link of one.

    Others, with a space or a colon in the name, it drops without a word, and each plan would show
    a change.
    """
    return {name: value for name, value in tags.items() if not set(name) & set(" :")}
