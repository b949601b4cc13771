"""The construct's arguments, checked: each resource is new, or exists already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from .. import terraform
from ..arguments.base import collect
from ..arguments.guide import (
    CommonArguments,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    PrivateDnsZone,
)
from ..arguments.problems import ArgumentError, Problem
from ..azure import ids
from .combinations import refusals
from .known_arguments import Network, Request

CHECKED = [
    "virtual_network",
    "endpoint_subnet",
    "container_registry",
    "private_dns_zone",
    "private_dns_zone_virtual_network_link",
    "private_endpoint",
]
"""The arguments that are resources."""

KINDS = {
    "endpoint_subnet": ids.SUBNET,
    "container_registry": ids.REGISTRY,
    "private_dns_zone": ids.PRIVATE_DNS_ZONE,
}
"""The type in Azure of what may be given by its id."""


@dataclass(frozen=True)
class Existing:
    """A resource that exists already, in this subscription or another one, known by its id."""

    id: str

    @property
    def name(self) -> str:
        """The last segment of its id."""
        return self._segment(8)

    @property
    def resource_group_name(self) -> str:
        """The resource group in its id."""
        return self._segment(4)

    def _segment(self, number: int) -> str:
        """By Terraform, where the id is known only to it."""
        if terraform.is_known(self.id):
            return self.id.split("/")[number]
        return terraform.segment(self.id, number)


@dataclass(frozen=True)
class Given:
    """The construct's arguments, checked: resources, and the request that rules look at."""

    virtual_network: Any
    endpoint_subnet: Any
    container_registry: Any
    private_dns_zone: Any
    request: Request


def check(construct: type, **arguments: Any) -> Given:
    """Check the arguments of the construct, each by its annotation and its rule, then together.

    Args:
        construct: the class of the construct, whose ``__init__`` has the annotations.
        arguments: what ``__init__`` was called with, by its parameters' names.

    Raises:
        ArgumentError: with everything that is wrong.
    """
    wrong: list[Problem] = []
    common = collect(
        wrong,
        CommonArguments,
        resource_group_name=arguments["resource_group_name"],
        tags=arguments["tags"] or {},
    )
    adopt = arguments["adopt"] or {}
    types = _types(construct)
    resolved = {name: _resolve(wrong, name, arguments[name], types[name]) for name in CHECKED}
    if wrong:
        raise ArgumentError(construct.__name__, wrong)
    network = resolved["virtual_network"]
    zone = resolved["private_dns_zone"] or NewPrivateDnsZone()
    request = Request(
        resource_group_name=common.resource_group_name,
        virtual_network=Network(text(network.name_input), text(network.resource_group_name_input)),
        endpoint_subnet=_known(resolved["endpoint_subnet"], NewSubnet),
        container_registry=_known(resolved["container_registry"], NewRegistry),
        private_dns_zone=_known(zone, NewPrivateDnsZone, PrivateDnsZone),
        private_dns_zone_virtual_network_link=resolved["private_dns_zone_virtual_network_link"],
        private_endpoint=resolved["private_endpoint"] or NewPrivateEndpoint(),
        adopt={part: ids.spelled(id) for part, id in adopt.items()},
        tags=common.tags,
    )
    if problems := refusals(request):
        raise ArgumentError(construct.__name__, problems)
    subnet, registry = resolved["endpoint_subnet"], resolved["container_registry"]
    return Given(network, subnet, registry, zone, request)


@cache
def _types(construct: type) -> dict[str, Any]:
    """The types of the construct's arguments."""
    return get_type_hints(vars(construct)["__init__"])


def _resolve(wrong: list[Problem], name: str, value: Any, types: Any) -> Any:
    classes = tuple(each for each in _leaves(types) if each is not str)
    if isinstance(value, Existing):
        value = value.id
    elif isinstance(value, classes):
        return value
    if name in KINDS and isinstance(value, str):
        try:
            return Existing(ids.of_kind(KINDS[name])(value) if terraform.is_known(value) else value)
        except ValueError as error:
            wrong.append(Problem((name,), value, str(error)))
            return None
    names = " or ".join(each.__name__ for each in classes if each is not type(None))
    reason = f"{names}{', or an id' if name in KINDS else ''} is expected"
    wrong.append(Problem((name,), value, reason))
    return None


def _leaves(types: Any) -> Iterator[type]:
    """The classes of a union."""
    if arguments := get_args(types):
        for each in arguments:
            yield from _leaves(each)
    else:
        yield types


def _known(value: Any, *classes: type) -> Any:
    """A resource as the rules look at it: new, or an id that is known here, or nothing."""
    if isinstance(value, Existing):
        return value.id if terraform.is_known(value.id) else None
    return value if isinstance(value, classes) else None


def text(value: Any) -> str:
    """A name that is known here; empty, if only Terraform knows it."""
    return value if isinstance(value, str) and terraform.is_known(value) else ""
