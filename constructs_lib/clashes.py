"""What Azure lets only one registry make: rules over all registries of a file.

They work on plain data, wrong keys and all, so that a clash is reported together with everything
else that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, NamedTuple

from . import azure
from .plain import Key, Plain
from .settings import EndpointSubnet, PrivateDnsZoneVirtualNetworkLink, PrivateEndpoint


class Clash(NamedTuple):
    """Two keys that would make one thing, and why that can't be."""

    key: Key
    first: Key
    value: str
    reason: str


class _Thing(NamedTuple):
    """What one key makes, and what there can be one of: a name or an id, capitals aside."""

    key: Key
    value: str
    reason: str
    identity: str


def clashes(registries: Mapping[str, Any]) -> Iterator[Clash]:
    """Everything that two of the ``registries``, stack by stack, would both make."""
    first: dict[tuple[str, str], Key] = {}
    subnets: list[tuple[str, IPv4Network, Key]] = []
    for stack, registry in registries.items():
        made = _Registry(stack, registry)
        yield from _overlaps(made, subnets)
        for key, value, reason, identity in made.things():
            same = (reason, identity.casefold())
            if same in first:
                yield Clash((stack, *key), first[same], value, reason)
            first.setdefault(same, (stack, *key))


def _overlaps(made: _Registry, subnets: list[tuple[str, IPv4Network, Key]]) -> Iterator[Clash]:
    """Subnets of one network that would share addresses; those seen so far are in ``subnets``."""
    text = made.said.text("endpoint_subnet", "address_prefix")
    try:
        prefix = IPv4Network(azure.address_prefix(text))
    except ValueError:
        return
    key = (made.stack, "endpoint_subnet", "address_prefix")
    network = made.network.casefold()
    for other, taken, first in subnets:
        if network and network == other and prefix.overlaps(taken):
            yield Clash(key, first, text, f"it overlaps {taken} in the same virtual network")
    subnets.append((network, prefix, key))


class _Registry:
    """What one stack makes; what has no name, or a wrong one, is left out."""

    def __init__(self, stack: str, registry: object) -> None:
        self.stack = stack
        self.said = Plain(registry)
        self.subscription = self.said.text("subscription_id")
        self.group = self.said.text("resource_group_name")
        environment = self.said.text("environment", default="public")
        self.zone_name = azure.PRIVATE_DNS_ZONE_NAMES.get(environment, "")

    def things(self) -> Iterator[_Thing]:
        """Each thing that there can be one of."""
        reason = "a stack's name is a folder's, unique whatever the capitals"
        yield _Thing((), self.stack, reason, self.stack)
        yield from self._registry()
        if self.group:
            yield from self._zone()
            yield from self._endpoint()
        if self.network:
            yield from self._links()
            yield from self._subnet()

    @property
    def network(self) -> str:
        """The id of the virtual network, as far as it is said."""
        name = self.said.text("virtual_network", "name")
        group = self.said.text("virtual_network", "resource_group_name", default=self.group)
        return self._id(azure.VIRTUAL_NETWORK, name, group=group) if name and group else ""

    @property
    def zone(self) -> str:
        """The id of the zone that the registry's records are in, unless Azure Policy knows it."""
        if self.said.get("private_dns_zone", "managed_by_policy") or not self.group:
            return ""
        made = self._id(azure.PRIVATE_DNS_ZONE, self.zone_name)
        return self.said.text("private_dns_zone", "id", default=made)

    def _registry(self) -> Iterator[_Thing]:
        key = ("container_registry", "name")
        if name := self.said.text(*key):
            reason = "a registry's name is unique in all of Azure, whatever the capitals"
            yield _Thing(key, name, reason, name)

    def _zone(self) -> Iterator[_Thing]:
        if self.zone and not self.said.get("private_dns_zone", "id"):
            reason = f"a resource group holds one zone {self.zone_name}"
            yield _Thing(("resource_group_name",), self.group, reason, self.zone)
        given = self.said.text("container_registry", "id").rpartition("/")[2]
        if name := given or self.said.text("container_registry", "name"):
            reason = "two endpoints of one registry overwrite each other's records in one zone"
            key = ("container_registry", "id" if given else "name")
            if self.zone:
                yield _Thing(key, name, reason, f"{self.zone}/{name}")

    def _endpoint(self) -> Iterator[_Thing]:
        key = ("private_endpoint", "name")
        name = self.said.text(*key, default=PrivateEndpoint.model_fields["name"].default)
        reason = "a resource group holds one private endpoint of a name"
        yield _Thing(key, name, reason, self._id(azure.PRIVATE_ENDPOINT, name))

    def _subnet(self) -> Iterator[_Thing]:
        key = ("endpoint_subnet", "name")
        name = self.said.text(*key, default=EndpointSubnet.model_fields["name"].default)
        if not self.said.get("endpoint_subnet", "id"):
            reason = "a virtual network holds one subnet of a name"
            yield _Thing(key, name, reason, f"{self.network}/{name}")

    def _links(self) -> Iterator[_Thing]:
        for key, name, network in self._linked():
            reason = f"a virtual network links to one zone {self.zone_name}"
            yield _Thing(key, network.rpartition("/")[2], reason, network)
            if self.said.get("private_dns_zone", "id"):
                reason = "a zone holds one link of a name"
                yield _Thing(key, name, reason, f"{self.zone}/{name}")

    def _linked(self) -> Iterator[tuple[Key, str, str]]:
        """The key, the name and the network of each link that is made."""
        own = "private_dns_zone_virtual_network_link"
        if not self.zone:
            return
        if not self.said.get("private_dns_zone", "id") or self.said.get(own) is not None:
            default = PrivateDnsZoneVirtualNetworkLink.model_fields["name"].default
            yield (
                ("virtual_network", "name"),
                self.said.text(own, "name", default=default),
                self.network,
            )
        for name, link in self.said.mapping("virtual_network_links").items():
            if network := Plain(link).text("virtual_network_id"):
                yield ("virtual_network_links", name, "virtual_network_id"), name, network

    def _id(self, kind: str, name: str, group: str = "") -> str:
        return azure.resource_id(
            kind, name, subscription=self.subscription, group=group or self.group
        )
