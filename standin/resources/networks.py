"""Virtual networks and their subnets."""

from ipaddress import IPv4Network
from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, children, get, name_of, of_type, same, secret, siblings

ENDPOINT: Final = "azurerm_private_endpoint"
SUBNET: Final = "azurerm_subnet"


def prefixes(values: Resource, key: str = "address_prefixes") -> list[IPv4Network]:
    """Returns the prefixes of a subnet, or those in a network's `address_space`."""
    return [IPv4Network(prefix) for prefix in values.get(key, [])]


def lies_in_network(cloud: Contents, id_: str, subnet: Resource) -> Errors:
    """Each prefix of a subnet must lie in the address space of its virtual network."""
    network = resource_ids.parent(id_)
    spaces = prefixes(get(cloud, network), "address_space")
    if not all(any(prefix.subnet_of(space) for space in spaces) for prefix in prefixes(subnet)):
        yield Refusal.SUBNET_OUTSIDE_NETWORK.error(
            f"Subnet '{name_of(id_)}' is not valid because its IP address range is outside the IP "
            f"address range of virtual network '{name_of(network)}'."
        )


def overlaps_no_other(cloud: Contents, id_: str, subnet: Resource) -> Errors:
    """The subnets of a virtual network must not overlap."""
    others = [prefix for _, other in siblings(cloud, SUBNET, id_) for prefix in prefixes(other)]
    if any(prefix.overlaps(other) for prefix in prefixes(subnet) for other in others):
        yield Refusal.SUBNETS_OVERLAP.error(
            f"Subnet '{name_of(id_)}' is not valid because its IP address range overlaps with that "
            f"of an existing subnet in virtual network '{name_of(resource_ids.parent(id_))}'."
        )


def prefix_is_unused(cloud: Contents, id_: str, subnet: Resource) -> Errors:
    """Azure does not change a prefix of a subnet that has a private endpoint."""
    removed = set(prefixes(get(cloud, id_))) - set(prefixes(subnet))
    if removed and _endpoint_in(cloud, id_):
        yield Refusal.PREFIX_IN_USE.error(
            f"IpPrefix {min(removed)} on Subnet {name_of(id_)} has active allocations and cannot "
            "be deleted."
        )


def is_unused(cloud: Contents, id_: str, _: Resource) -> Errors:
    """Azure does not delete a subnet that has a private endpoint."""
    if endpoint := _endpoint_in(cloud, id_):
        yield Refusal.SUBNET_IN_USE.error(
            f"Subnet {name_of(id_)} is in use by {endpoint} and cannot be deleted."
        )


def _endpoint_in(cloud: Contents, subnet: str) -> str | None:
    endpoints = of_type(cloud, ENDPOINT)
    return next((id_ for id_, each in endpoints if same(each["subnet_id"], subnet)), None)


def subnets_are_unused(cloud: Contents, id_: str, _: Resource) -> Errors:
    """Azure does not delete a virtual network with a private endpoint in one of its subnets."""
    for subnet in children(cloud, SUBNET, id_):
        yield from is_unused(cloud, *subnet)


def compute_network(cloud: Contents, id_: str, _: Resource) -> Resource:
    """Azure lists a network's subnets, and gives it a GUID."""
    subnets = [name_of(key) for key, _ in children(cloud, SUBNET, id_)]
    return {"guid": secret(id_), "subnets": subnets}


def compute_subnet(_: Contents, __: str, subnet: Resource) -> Resource:
    """The data source also shows a subnet's first prefix."""
    return {"address_prefix": next(iter(subnet.get("address_prefixes", [])), "")}


NETWORK_BEHAVIOUR: Final = Behaviour(delete=(subnets_are_unused,), compute=compute_network)
SUBNET_BEHAVIOUR: Final = Behaviour(
    write=(lies_in_network, overlaps_no_other, prefix_is_unused),
    delete=(is_unused,),
    compute=compute_subnet,
)
