"""What stacks presuppose in Azure: each resource that they name and do not create."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, collapse_addresses
from typing import Any, Final

from constructs_lib.azure import prefixes
from standin import Cloud, cloud, resource_ids, schema, store
from standin.resources.endpoints import zones_of

from .stacks import (
    ENDPOINT,
    GROUP,
    LINK,
    NETWORK,
    REGISTRY,
    SUBNET,
    Json,
    Resource,
    Stack,
)

# The guide's commands set these beside what identifies a resource, and what replaces it.
BY_THE_GUIDE: Final = {
    REGISTRY: {"admin_enabled": True, "public_network_access_enabled": False},
}
KEPT: Final = ("address_prefixes", "private_dns_zone_group")
LOCATIONS: Final = {"public": "eastus", "usgovernment": "usgovvirginia"}
KINDS: Final = {
    "resourceGroups": "resource group",
    "virtualNetworks": "virtual network",
    "subnets": "subnet",
    "privateDnsZones": "private DNS zone",
    "virtualNetworkLinks": "virtual network link",
    "registries": "registry",
    "privateEndpoints": "private endpoint",
    "credentialSets": "credential set",
    "workspaces": "Log Analytics workspace",
    "userAssignedIdentities": "user-assigned identity",
    "vaults": "key vault",
    "keys": "encryption key",
}
"""The kinds of resources by their segment in an id; each depends on earlier ones only."""
_KEY: Final = re.compile(r"https://[\w.-]+/keys/[\w-]+")


class Prerequisites:
    """What the stacks of one cloud presuppose, phase by phase.

    The stacks of a phase are deployed one after the other, and the next phase over them. The
    address space of a network and the prefix of a subnet that exist are guessed: they hold what
    the stacks put there.
    """

    def __init__(self, phases: list[list[Stack]]) -> None:
        """Finds what is presupposed; creates nothing."""
        self._stacks = [stack for stacks in phases for stack in stacks]
        self._environment = self._stacks[0].environment
        self._values: dict[str, Json] = {}
        known: set[str] = set()
        for stacks in phases:
            created = known | {
                resource_ids.canonical(each.id).lower()
                for stack in stacks
                for each in stack.resources.values()
            }
            imports = {id_: each for stack in stacks for id_, each in stack.imports.items()}
            created -= {resource_ids.canonical(id_).lower() for id_ in imports} - known
            for id_ in sorted(imports, key=len):  # a zone before its link
                self._add(id_, created, _as_the_guide(imports[id_]))
            new = created - known if stacks is phases[-1] else set()
            for stack in stacks:
                for named in _named(stack):
                    # What lies in a new resource cannot exist before it.
                    within = _ancestors(resource_ids.canonical(named))
                    if not new & {each.lower() for each in within}:
                        self._add(named, created)
            known = created
        self._add_links(phases)
        self._add_addresses()

    def _add(self, id_: str, created: Iterable[str], values: Json | None = None) -> None:
        id_ = resource_ids.canonical(id_)
        for each in (*_ancestors(id_), id_):
            if each.lower() not in created and not self._find(each):
                own = values or {} if each == id_ else {}
                self._values[each] = {"type": resource_ids.type_of(each) or _kind(each), **own}

    def _find(self, id_: str) -> bool:
        return any(store.same(key, resource_ids.canonical(id_)) for key in self._values)

    def _all(self, type_: str) -> Iterator[Resource]:
        for stack in self._stacks:
            yield from stack.of_type(type_)

    def _add_links(self, phases: list[list[Stack]]) -> None:
        """A zone that exists is linked to the endpoint's network by whoever owns it.

        A network has one link to a zone of a name: that of the first phase, which its owner moves.
        """
        created = {_linked(link) for link in self._all(LINK)}
        names: set[tuple[str, str]] = set()
        for stacks in phases:
            of_phase = [_linked(link) for stack in stacks for link in stack.of_type(LINK)]
            names |= {(store.name_of(zone), network) for zone, network in of_phase}
            for endpoint in [each for stack in stacks for each in stack.of_type(ENDPOINT)]:
                network = resource_ids.parent(endpoint.values["subnet_id"])
                for zone in zones_of(endpoint.values):
                    name = (store.name_of(zone).lower(), network.lower())
                    is_linked = name in names or (zone.lower(), network.lower()) in created
                    if self._find(zone) and not is_linked:
                        names.add(name)
                        self._add(link_of(zone, network), (), {"virtual_network_id": network})

    def _add_addresses(self) -> None:
        """Chooses the prefix of each subnet that exists, and the address space of each network."""
        by_network: dict[str, list[IPv4Network]] = {}
        for subnet in self._all(SUBNET):
            of_subnet = map(IPv4Network, subnet.values["address_prefixes"])
            by_network.setdefault(resource_ids.parent(subnet.id).lower(), []).extend(of_subnet)
        static: dict[str, list[IPv4Address]] = {}
        for endpoint in self._all(ENDPOINT):
            block = endpoint.values.get("ip_configuration", [])
            addresses = [IPv4Address(each["private_ip_address"]) for each in block]
            subnet_id = resource_ids.canonical(endpoint.values["subnet_id"]).lower()
            static.setdefault(subnet_id, []).extend(addresses)
        subnets = [key for key, values in self._values.items() if values["type"] == SUBNET]
        for key in sorted(subnets, key=lambda key: not static.get(key.lower())):
            if "address_prefixes" not in self._values[key]:  # those of an import are known
                taken = by_network.setdefault(resource_ids.parent(key).lower(), [])
                prefix = _prefix(taken, static.get(key.lower(), []))
                taken.append(prefix)
                self._values[key]["address_prefixes"] = [str(prefix)]
        for key, values in self._values.items():
            if values["type"] == NETWORK:
                spaces = _spaces(by_network.get(key.lower(), []))
                values["address_space"] = [str(space) for space in spaces]

    @property
    def _location(self) -> str:
        """A region for what exists: the first registry's own, where it is known."""
        regions = (str(registry.values.get("location")) for registry in self._all(REGISTRY))
        default = LOCATIONS.get(self._environment, LOCATIONS["public"])
        return schema.normal_location(next(regions, default))

    def put(self, simulated: Cloud) -> list[str]:
        """Puts everything into a cloud, and returns a line on each."""
        namespaces = self._namespaces()
        found = sorted(self._values, key=lambda id_: [*KINDS, _kind(id_)].index(_kind(id_)))
        with simulated.edit() as contents:
            for subscription, missing in namespaces.items():
                contents["registered"][subscription.lower()] = missing
            for key in found:
                values = self._values[key]
                if values["type"] in (GROUP, NETWORK, REGISTRY, ENDPOINT):
                    given = str(values.get("location", "$"))
                    values["location"] = self._location if given.startswith("$") else given
                if values["type"] == REGISTRY:
                    values.setdefault("sku", "Premium")
                cloud.carry_out(contents, "create", key, values)
        return [*map(self._line, found), *_registrations(namespaces)]

    def _namespaces(self) -> dict[str, list[str]]:
        """The services that somebody has registered, by subscription."""
        found: dict[str, list[str]] = {}
        for stack in self._stacks:
            own = stack.provider.get("resource_providers_to_register", [])
            for resource in stack.resources.values():
                subscription = resource.id.split("/")[2]
                registered = found.setdefault(subscription, ["Microsoft.Authorization"])
                namespace = resource.id.rpartition("/providers/")[2].partition("/")[0]
                by_stack = own if subscription == stack.subscription else []
                if namespace not in (*registered, *by_stack):
                    registered.append(namespace)
        return found

    def _line(self, id_: str) -> str:
        values = self._values[id_]
        parts = id_.split("/")
        about: list[str] = values.get("address_space") or values.get("address_prefixes") or []
        if values["type"] == LINK:
            about = [f"{parts[-3]} to {store.name_of(values['virtual_network_id'])}"]
        about = about or [values[name] for name in ("location",) if name in values]
        line = f"{KINDS.get(_kind(id_), _kind(id_))} {parts[-1]}"
        line += f" ({', '.join(about)})" if about else ""
        own = {stack.subscription.lower() for stack in self._stacks}
        is_elsewhere = parts[1] == "subscriptions" and parts[2].lower() not in own
        return f"{line} in subscription {parts[2]}" if is_elsewhere else line


def link_of(zone: str, network: str) -> str:
    """The id of the link by which the owner of a zone links it to a network."""
    return f"{zone}/virtualNetworkLinks/{store.name_of(network)}"


def _linked(link: Resource) -> tuple[str, str]:
    """The zone and the network of a link."""
    return resource_ids.parent(link.id).lower(), str(link.values["virtual_network_id"]).lower()


def _as_the_guide(resource: Resource) -> Json:
    """An imported resource as the guide's commands made it: the rest of the settings is a change.

    What identifies the resource, and what azurerm would replace it for, is as the settings say.
    """
    block = schema.served("resources", resource.version)[resource.type]
    kept = {
        name: value
        for name, value in resource.values.items()
        if block[name].get("required") or block[name].get("force_new") or name in KEPT
    }
    return schema.settings(block, schema.state(block, kept)) | BY_THE_GUIDE.get(resource.type, {})


def _named(stack: Stack) -> Iterator[str]:
    """The id of each resource that a stack names, and of the parent of each that it creates."""
    for source in stack.data_sources:
        yield source.id
    for resource in stack.resources.values():
        yield resource_ids.parent(resource.id)
        yield from _ids_in(resource.values)


def _ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name != "tags":
                yield from _ids_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids_in(inner)
    elif isinstance(value, str) and "${" not in value:
        if value.lower().startswith("/subscriptions/"):
            yield value
        elif found := _KEY.match(value):
            yield found[0]


def _ancestors(id_: str) -> list[str]:
    """The ids of what a resource lies in, from the resource group on."""
    found: list[str] = []
    while id_.startswith("/") and len(id_.split("/")) > 5:  # a resource group has no parent here
        id_ = resource_ids.parent(id_)
        found.insert(0, id_)
    return found


def _kind(id_: str) -> str:
    return id_.split("/")[-2]


def _prefix(taken: list[IPv4Network], addresses: list[IPv4Address]) -> IPv4Network:
    """A prefix for a subnet that holds its addresses and overlaps no other one; a /24 at best."""
    if addresses:
        lengths = (24, 25, 26, 27, 28, 29, *range(23, 7, -1))
        candidates = [IPv4Network((addresses[0], length), strict=False) for length in lengths]
    else:
        spaces = _spaces(taken)
        candidates = [
            each for space in spaces for each in space.subnets(new_prefix=max(24, space.prefixlen))
        ]
    for prefix in candidates:
        inside = all(prefixes.is_assignable(str(each), str(prefix)) for each in addresses)
        if inside and not any(prefix.overlaps(other) for other in taken):
            return prefix
    return candidates[0]


def _spaces(prefixes: list[IPv4Network]) -> list[IPv4Network]:
    """The address space of a network: the /16 around each prefix."""
    around = [each.supernet(new_prefix=16) if each.prefixlen > 16 else each for each in prefixes]
    return list(collapse_addresses(around)) or [IPv4Network("10.0.0.0/16")]


def _registrations(namespaces: dict[str, list[str]]) -> Iterator[str]:
    for subscription, registered in namespaces.items():
        if registered[1:]:
            yield f"registration of {', '.join(registered[1:])} in subscription {subscription}"
