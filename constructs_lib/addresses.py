"""Terraform expressions about addresses: text in, text out.

Arguments are Terraform expressions themselves, such as ``azurerm_private_endpoint.acr``.
"""

from __future__ import annotations


def by_host_name(endpoint: str) -> str:
    """Map each host name that the private endpoint answers for to the list of its addresses.

    The endpoint's DNS records are the only place in Terraform's state that ties an address to a
    name: in ``record_sets`` once a DNS zone group is attached, in ``custom_dns_configs`` before
    that, and in no promised order. The endpoint's own ``private_ip_address`` is that of its first
    IP configuration: as a rule a data endpoint's, not the registry's.
    """
    records = (
        f"concat(flatten({endpoint}.private_dns_zone_configs[*].record_sets), "
        f"{endpoint}.custom_dns_configs)"
    )
    lists = f'{{for r in {records} : replace(r.fqdn, ".privatelink.", ".") => r.ip_addresses...}}'
    return f"{{for host, lists in {lists} : host => distinct(flatten(lists))}}"


def of_data_endpoints(addresses: str) -> str:
    """Map each data endpoint's host name to its address, out of the map of :func:`by_host_name`.

    Azure names them ``<registry>.<region>.data.azurecr.io``. One without a single address has
    null.
    """
    address = "try(one(ips), null)"
    return f'{{for host, ips in {addresses} : host => {address} if strcontains(host, ".data.")}}'


def registry_host_name(addresses: str) -> str:
    """The registry's own host name in the map of :func:`by_host_name`, or null where it has none.

    For a registry whose resource Terraform does not see: all other host names of an endpoint have
    a region between the registry's name and the domain's two labels.
    """
    return f'one([for host in keys({addresses}) : host if length(split(".", host)) == 3])'


def lies_in(prefix: str, address_space: str) -> str:
    """Whether the address ``prefix`` lies in one of the prefixes of an ``address_space``.

    Terraform has no function for it: a prefix lies in a space when it is no shorter, and when
    cutting it to the space's length gives the space's first address. What can't be compared, such
    as an IPv6 space, does not contain it.
    """
    base, length, space_length = (
        f'split("/", {prefix})[0]',
        f'tonumber(split("/", {prefix})[1])',
        'split("/", space)[1]',
    )
    same_start = f'cidrhost("${{{base}}}/${{{space_length}}}", 0) == cidrhost(space, 0)'
    return (
        f"anytrue([for space in {address_space} : "
        f"try(tonumber({space_length}) <= {length} && {same_start}, false)])"
    )
