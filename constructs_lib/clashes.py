"""What Azure lets only one registry make: rules over all registries of a file.

They work on plain data, wrong keys and all, so that a clash is reported together with everything
else that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .azure import PRIVATE_DNS_ZONE_NAME
from .settings import EndpointSubnet, PrivateEndpoint

Key = tuple[str, ...]


class Clash(NamedTuple):
    """Two keys that would make one thing, and why that can't be."""

    key: Key
    first: Key
    value: str
    reason: str


class _Thing(NamedTuple):
    key: Key
    reason: str
    identity: tuple[str, ...]


def clashes(registries: Mapping[str, Any]) -> Iterator[Clash]:
    """Everything that two of the ``registries``, stack by stack, would both make."""
    first: dict[tuple[str, ...], Key] = {}
    for stack, registry in registries.items():
        for key, reason, identity in _made_by(stack, registry):
            same = (reason, *(part.casefold() for part in identity))
            if same in first:
                yield Clash((stack, *key), first[same], identity[-1], reason)
            first.setdefault(same, (stack, *key))


def _made_by(stack: str, registry: object) -> Iterator[_Thing]:
    """What a stack makes; what has no name, or a wrong one, is left out."""

    def said(*key: str) -> str:
        value: object = registry
        for part in key:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else ""

    subscription = said("subscription_id")
    group = said("resource_group_name")
    network = (
        subscription,
        said("virtual_network", "resource_group_name") or group,
        said("virtual_network", "name"),
    )
    subnet = said("endpoint_subnet", "name") or EndpointSubnet.model_fields["name"].default
    endpoint = said("private_endpoint", "name") or PrivateEndpoint.model_fields["name"].default
    yield _Thing((), "a stack's name is a folder's, unique whatever the capitals", (stack,))
    if name := said("container_registry", "name"):
        yield _Thing(
            ("container_registry", "name"),
            "a registry's name is unique in all of Azure, whatever the capitals",
            (name,),
        )
    if group:
        yield _Thing(
            ("resource_group_name",),
            f"a resource group holds one zone {PRIVATE_DNS_ZONE_NAME}",
            (subscription, group),
        )
        yield _Thing(
            ("private_endpoint", "name"),
            "a resource group holds one private endpoint of a name",
            (subscription, group, endpoint),
        )
    if all(network[1:]):
        yield _Thing(
            ("virtual_network", "name"),
            f"a virtual network links to one zone {PRIVATE_DNS_ZONE_NAME}",
            network,
        )
        yield _Thing(
            ("endpoint_subnet", "name"),
            "a virtual network holds one subnet of a name",
            (*network, subnet),
        )
