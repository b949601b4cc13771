"""The arguments of one private registry, as far as they are known here: input of the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .. import terraform
from ..arguments.additions import (
    CredentialSet,
    LinkedNetwork,
    NewCacheRule,
    PullToken,
    RoleAssignment,
)
from ..arguments.base import UNKNOWN, Arguments
from ..arguments.guide import (
    PARTS,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateDnsZone,
)
from ..arguments.problems import Problem
from ..azure import ids, regions, tagging


@dataclass(frozen=True)
class Network:
    """The names of the cluster's virtual network; empty, where only Terraform knows them."""

    name: str
    resource_group_name: str
    subscription_id: str = ""

    def differences(self, id: str) -> list[tuple[str, str]]:
        """Each name in the id of a network, or of a part of one, that is not this network's."""
        own = (self.subscription_id, self.resource_group_name, self.name)
        pairs = zip(ids.segments(id), own, strict=True)
        return [
            (one, other) for one, other in pairs if other and one.casefold() != other.casefold()
        ]


ON_THE_REGISTRY = ("pull_tokens", "role_assignments", "credential_sets", "cache_rules")
"""What is created on a registry for those that pull and push: arguments of a request."""


@dataclass(frozen=True)
class RegistryRequest:
    """The arguments of one private registry.

    A subnet, a registry or a zone that exists is known by its id; it is none where only Terraform
    knows the id. ``zone_names`` are the names that the private DNS zone may have.
    """

    resource_group_name: str
    virtual_network: Network
    endpoint_subnet: NewSubnet | str | None
    container_registry: NewRegistry | str | None
    private_dns_zone: NewPrivateDnsZone | PrivateDnsZone | str | None
    private_dns_zone_virtual_network_link: NewVirtualNetworkLink | None = None
    private_endpoint: NewPrivateEndpoint = field(default_factory=NewPrivateEndpoint)
    tags: Mapping[str, str] = field(default_factory=dict)
    adopt: Mapping[str, str] = field(default_factory=dict)
    virtual_network_links: Mapping[str, LinkedNetwork] = field(default_factory=dict)
    lock_level: str | None = None
    pull_tokens: Mapping[str, PullToken] = field(default_factory=dict)
    role_assignments: Mapping[str, RoleAssignment] = field(default_factory=dict)
    credential_sets: Mapping[str, CredentialSet] = field(default_factory=dict)
    cache_rules: Sequence[NewCacheRule] = ()
    image_mirror_source_policy: str | None = None
    subscription_id: str = ""
    zone_names: Collection[str] = tuple(regions.PRIVATE_DNS_ZONE_NAMES.values())

    @property
    def new_registry(self) -> NewRegistry | None:
        """The registry, if it is created."""
        registry = self.container_registry
        return registry if isinstance(registry, NewRegistry) else None

    @property
    def new_prefix(self) -> str | None:
        """The address prefix of the subnet, if that is created and the prefix is known here."""
        subnet = self.endpoint_subnet
        prefix = subnet.address_prefix if isinstance(subnet, NewSubnet) else None
        return prefix if terraform.is_known(prefix) else None

    @property
    def link(self) -> NewVirtualNetworkLink | None:
        """The link to the cluster's own network, if one is created: always to a new zone."""
        if self.private_dns_zone_virtual_network_link:
            return self.private_dns_zone_virtual_network_link
        return (
            NewVirtualNetworkLink()
            if isinstance(self.private_dns_zone, NewPrivateDnsZone)
            else None
        )

    def creates(self, part: str) -> bool:
        """Whether a resource of the guide is created, or was given."""
        return isinstance(self._part(part), Arguments)

    def _part(self, part: str) -> object:
        is_link = part == "private_dns_zone_virtual_network_link"
        return self.link if is_link else getattr(self, part)

    def id_of_part(self, part: str) -> str:
        """The id that a resource of the guide has once it is created."""
        name = getattr(self._part(part), "name", "")
        if part == "endpoint_subnet":
            return f"{self.network_id}/subnets/{name}" if self.network_id else UNKNOWN
        if part == "private_dns_zone_virtual_network_link":
            return f"{self.zone_id}/virtualNetworkLinks/{name}" if self.zone_id else UNKNOWN
        return self.id_of(PARTS[part], name) or UNKNOWN

    @property
    def private_dns_tags(self) -> dict[str, str] | None:
        """The tags of zone and links: those that Azure keeps there."""
        return tagging.private_dns_tags(self.tags) or None

    @property
    def registry_tags(self) -> dict[str, str]:
        """The tags of a new registry: its own, and common ones of other names."""
        return tagging.merged_tags(self.tags, self.new_registry.tags if self.new_registry else {})

    @property
    def network_id(self) -> str | None:
        """The id of the cluster's network; without a subscription, where none is stated."""
        network = self.virtual_network
        names = (network.name, network.resource_group_name)
        if not all(names):
            return None
        return ids.resource_id(
            ids.VIRTUAL_NETWORK,
            network.name,
            subscription=network.subscription_id,
            group=network.resource_group_name,
        )

    @property
    def zone_id(self) -> str | None:
        """The id of the zone that the registry's records are in."""
        if isinstance(self.private_dns_zone, NewPrivateDnsZone):
            return self.id_of(ids.PRIVATE_DNS_ZONE, self.private_dns_zone.name)
        return self.private_dns_zone if isinstance(self.private_dns_zone, str) else None

    @property
    def registry_name(self) -> str | None:
        """The registry's name, whether it is created or exists."""
        if isinstance(self.container_registry, str):
            return ids.segments(self.container_registry)[2]
        name = self.new_registry.name if self.new_registry else None
        return name if terraform.is_known(name) else None

    @property
    def locations(self) -> list[str]:
        """The location of a new registry, then those of its replicas; each may be a token.

        They are none where only Terraform knows how many there are.
        """
        if not (registry := self.new_registry) or not isinstance(registry.georeplications, list):
            return []
        return [registry.location, *(each.location for each in registry.georeplications)]

    @property
    def regions(self) -> list[str] | None:
        """The registry's own region, then those of its replicas; none, if they are not known."""
        locations = self.locations
        if not locations or not all(map(terraform.is_known, locations)):
            return None
        return [regions.region(location) for location in locations]

    def id_of(self, kind: str, *names: str) -> str | None:
        """The id of what is created in the registry's resource group, if the names are known."""
        if not all(map(terraform.is_known, (self.resource_group_name, *names))):
            return None
        return ids.resource_id(
            kind, *names, subscription=self.subscription_id, group=self.resource_group_name
        )


Check = Callable[[RegistryRequest], Iterator[Problem]]
"""A check yields what is wrong between the arguments of a request."""
