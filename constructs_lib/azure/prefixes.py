"""IPv4 prefixes and addresses, and which of them Azure can assign in a subnet.

Source: "Azure Virtual Network FAQ", Microsoft Learn.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from .patterns import Pattern

RESERVED_ADDRESSES = 5
RESERVED = "the first four addresses and the last are reserved"
"""The addresses that Azure keeps in every subnet."""

_BYTE = r"(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"

_IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"


def _without_host_bits(text: str) -> str:
    network = IPv4Network(text, strict=False)
    address = text.partition("/")[0]
    if address != str(network.network_address):
        raise ValueError(f"it has host bits set; the prefix around it is {network}")
    return text


address_prefix = Pattern(
    rf"{_IPV4}/(?:[0-9]|[12][0-9]|3[0-2])",
    "an IPv4 prefix in CIDR form, such as 10.0.8.0/23",
    then=_without_host_bits,
)
"""An IPv4 address prefix in CIDR form, such as ``10.0.8.0/23``."""

ip_address = Pattern(_IPV4, "an IPv4 address such as 10.0.8.4")
"""An IPv4 address."""


def lies_in(address: str, prefix: str) -> bool:
    """Whether an address is one of a prefix; both are valid by themselves."""
    return IPv4Address(address) in IPv4Network(prefix)


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
