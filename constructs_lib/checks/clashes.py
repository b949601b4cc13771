"""Resources that only one registry can create: rules over all registries of an app or a file."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from ipaddress import IPv4Network
from typing import Generic, NamedTuple, TypeVar

from .. import terraform
from ..arguments.guide import NewPrivateDnsZone, NewSubnet
from ..arguments.problems import Key
from ..azure import ids
from .known_arguments import RegistryRequest

Name = TypeVar("Name", bound=Hashable)
"""What stands for a registry."""


class Claim(NamedTuple):
    """A resource that a registry creates, and that there can be only one of.

    Attributes:
        key: the argument that names the resource.
        value: the argument's value.
        reason: why there can be only one.
        kind: what there can be only one of.
        identity: a text that is the same, but for case, for two claims to one resource of a kind.
    """

    key: Key
    value: str
    reason: str
    kind: str
    identity: str


class Clash(NamedTuple, Generic[Name]):
    """Two registries that claim one resource.

    Attributes:
        name: the later registry.
        claim: its claim.
        first: the registry that has the resource already.
        first_key: the argument of that registry.
    """

    name: Name
    claim: Claim
    first: Name
    first_key: Key


class _Subnet(NamedTuple, Generic[Name]):
    """A subnet that a registry creates, with the numbers of its first and last address."""

    name: Name
    prefix: IPv4Network
    first: int
    last: int


def clashes(requests: Mapping[Name, RegistryRequest]) -> Iterator[Clash[Name]]:
    """All clashes between requests, which are given by the names of their registries."""
    first: dict[tuple[str, str], tuple[Name, Key]] = {}
    subnets: dict[str, list[_Subnet[Name]]] = {}
    for name, request in requests.items():
        yield from _overlaps(name, request, subnets)
        for claim in claims(request):
            same = claim.kind, claim.identity.casefold()
            if same in first:
                yield Clash(name, claim, *first[same])
            first.setdefault(same, (name, claim.key))


def _overlaps(
    name: Name, request: RegistryRequest, subnets: dict[str, list[_Subnet[Name]]]
) -> Iterator[Clash[Name]]:
    """Overlaps with the subnets of earlier requests, which ``subnets`` has by their network."""
    if not (given := request.new_prefix) or not request.network_id:
        return
    key, prefix = ("endpoint_subnet", "address_prefix"), IPv4Network(given)
    new = _Subnet(name, prefix, int(prefix.network_address), int(prefix.broadcast_address))
    neighbours = subnets.setdefault(request.network_id.casefold(), [])
    for other in neighbours:
        if other.first <= new.last and new.first <= other.last:
            reason = f"it overlaps {other.prefix} in the same virtual network"
            yield Clash(name, Claim(key, given, reason, "prefix", ""), other.name, key)
    neighbours.append(new)


def claims(request: RegistryRequest) -> Iterator[Claim]:
    """Each resource that a request claims, as far as its names are known."""
    yield from _registry(request)
    yield from _zone(request)
    yield from _endpoint(request)
    yield from _links(request)
    yield from _subnet(request)
    yield from _pulls(request)


def _registry(request: RegistryRequest) -> Iterator[Claim]:
    if request.new_registry and (name := request.registry_name):
        reason = "a registry's name is unique in all of Azure, in upper or lower case"
        yield Claim(("container_registry", "name"), name, reason, "registry", name)


def _zone(request: RegistryRequest) -> Iterator[Claim]:
    if not request.zone_id:
        return
    zone = ids.segments(request.zone_id)[2]
    if isinstance(request.private_dns_zone, NewPrivateDnsZone):
        reason = f"a resource group holds one zone {zone}"
        group = request.resource_group_name
        yield Claim(("resource_group_name",), group, reason, "zone", request.zone_id)
    if name := request.registry_name:
        reason = "two endpoints of one registry overwrite each other's records in one zone"
        key = ("container_registry", "name" if request.new_registry else "id")
        yield Claim(key, name, reason, "records", f"{request.zone_id}/{name}")


def _endpoint(request: RegistryRequest) -> Iterator[Claim]:
    endpoint = request.private_endpoint
    interface = endpoint.custom_network_interface_name
    for argument, name, kind, words in (
        ("name", endpoint.name, ids.PRIVATE_ENDPOINT, "private endpoint"),
        ("custom_network_interface_name", interface, ids.NETWORK_INTERFACE, "network interface"),
    ):
        if name and (id := request.id_of(kind, name)):
            reason = f"a resource group holds one {words} of a name"
            yield Claim(("private_endpoint", argument), name, reason, words, id)


def _links(request: RegistryRequest) -> Iterator[Claim]:
    linked: list[tuple[Key, str, str | None]] = [
        (("virtual_network_links", name, "virtual_network_id"), name, link.virtual_network_id)
        for name, link in request.virtual_network_links.items()
    ]
    if request.link:
        linked.insert(0, (("virtual_network", "name"), request.link.name, request.network_id))
    zone = request.zone_id and ids.segments(request.zone_id)[2]
    for key, name, network in linked:
        if zone and network and terraform.is_known(network):
            reason = f"a virtual network links to one zone {zone}"
            yield Claim(key, network.rpartition("/")[2], reason, f"link to {zone}", network)
        if isinstance(request.private_dns_zone, str) and terraform.is_known(name):
            reason = "a zone holds one link of a name"
            yield Claim(key, name, reason, "link", f"{request.zone_id}/{name}")


def _subnet(request: RegistryRequest) -> Iterator[Claim]:
    subnet = request.endpoint_subnet
    if isinstance(subnet, NewSubnet) and request.network_id and terraform.is_known(subnet.name):
        reason = "a virtual network holds one subnet of a name"
        identity = f"{request.network_id}/{subnet.name}"
        yield Claim(("endpoint_subnet", "name"), subnet.name, reason, "subnet", identity)


def _pulls(request: RegistryRequest) -> Iterator[Claim]:
    """What several stacks create in one registry."""
    if not (registry := request.registry_name):
        return
    for argument, words in (("pull_tokens", "token"), ("credential_sets", "credential set")):
        for name in filter(terraform.is_known, getattr(request, argument)):
            reason = f"a registry holds one {words} of a name; give this one another name"
            key: Key = ("container_registry", argument, name)
            yield Claim(key, name, reason, words, f"{registry}/{name}")
    for place, rule in enumerate(request.cache_rules):
        if terraform.is_known(rule.target):
            reason = "a registry holds one cache rule for a target"
            key = ("container_registry", "cache_rules", str(place), "target")
            yield Claim(key, rule.target, reason, "cache rule", f"{registry}/{rule.target}")
