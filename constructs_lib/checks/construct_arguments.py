"""The construct's arguments, checked: each resource is new, or exists already."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, wraps
from types import NoneType, SimpleNamespace
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import Field

from .. import terraform
from ..arguments.base import collect
from ..arguments.existing import Existing
from ..arguments.guide import (
    PARTS,
    CommonArguments,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    PrivateDnsZone,
)
from ..arguments.problems import ArgumentError, Key, Problem
from ..azure import ids
from .combinations import refusals
from .known_arguments import Network, RegistryRequest

Construct = TypeVar("Construct")


@dataclass(frozen=True)
class CheckedArguments:
    """The construct's arguments, checked: resources, and the request that rules look at."""

    virtual_network: Any
    endpoint_subnet: Any
    container_registry: Any
    private_dns_zone: Any
    request: RegistryRequest


class PlainArguments(CommonArguments):
    """The construct's arguments that are texts."""

    adopt: dict[str, str] = Field(default={}, description="an id for each resource, by its name")


def check(construct: type, **arguments: Any) -> CheckedArguments:
    """Check the arguments of the construct, each by its annotation and its rule, then together.

    Args:
        construct: the class of the construct, whose ``__init__`` has the annotations.
        arguments: what ``__init__`` was called with, by its parameters' names.

    Raises:
        ArgumentError: with everything that is wrong.
    """
    wrong: list[Problem] = []
    types = _types(vars(construct)["__init__"])
    plain = {name: arguments[name] for name in PlainArguments.model_fields}
    given = {name: value for name, value in plain.items() if value is not None}
    common = collect(wrong, PlainArguments, **given)
    resolved = {
        name: _resolve(wrong, name, arguments[name], types[name])
        for name in types
        if name not in PlainArguments.model_fields
    }
    if wrong:
        raise ArgumentError(construct.__name__, wrong)
    network = resolved["virtual_network"]
    zone = resolved["private_dns_zone"] or NewPrivateDnsZone()
    request = RegistryRequest(
        resource_group_name=common.resource_group_name,
        virtual_network=Network(text(network.name_input), text(network.resource_group_name_input)),
        endpoint_subnet=_known(resolved["endpoint_subnet"], NewSubnet),
        container_registry=_known(resolved["container_registry"], NewRegistry),
        private_dns_zone=_known(zone, NewPrivateDnsZone, PrivateDnsZone),
        private_dns_zone_virtual_network_link=resolved["private_dns_zone_virtual_network_link"],
        private_endpoint=resolved["private_endpoint"] or NewPrivateEndpoint(),
        adopt={part: ids.spelled(id) for part, id in common.adopt.items()},
        image_mirror_source_policy=common.image_mirror_source_policy,
        tags=common.tags,
    )
    if problems := refusals(request):
        raise ArgumentError(construct.__name__, problems)
    subnet, registry = resolved["endpoint_subnet"], resolved["container_registry"]
    return CheckedArguments(network, subnet, registry, zone, request)


def typed(construct: type[Construct]) -> type[Construct]:
    """Have each public method of a construct refuse arguments of wrong types, all at once."""
    for name, method in [*vars(construct).items()]:
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(construct, name, _typed(method))
    return construct


def _typed(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def checked(construct: object, *given: Any, **named: Any) -> Any:
        arguments = inspect.signature(method).bind(construct, *given, **named).arguments
        types, wrong = _types(method), list[Problem]()
        for name in [each for each in types if each in arguments]:
            _resolve(wrong, name, arguments[name], types[name], (method.__name__,))
        if wrong:
            raise ArgumentError(type(construct).__name__, wrong)
        return method(construct, *given, **named)

    return checked


@cache
def _types(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of a function's parameters, but not of its result, which would be imported."""
    annotations = {**inspect.get_annotations(function)}
    annotations.pop("return", None)
    parameters = SimpleNamespace(__annotations__=annotations)
    return get_type_hints(parameters, vars(sys.modules[function.__module__]))


def _resolve(wrong: list[Problem], name: str, value: Any, types: Any, above: Key = ()) -> Any:
    """The value of an argument, if its type is right; a text may be an id of what exists."""
    classes = tuple(_leaves(types))
    kind = PARTS[name] if Existing in classes else None
    if isinstance(value, Existing):
        value = value.id
    elif isinstance(value, classes) and not (kind and isinstance(value, str)):
        return value
    if kind and isinstance(value, str):
        try:
            return Existing(ids.of_kind(kind)(value) if terraform.is_known(value) else value)
        except ValueError as error:
            wrong.append(Problem((*above, name), value, str(error)))
            return None
    words = {str: "an id" if kind else "text", NoneType: ""}
    names = filter(None, [words.get(each, each.__name__) for each in classes])
    wrong.append(Problem((*above, name), value, f"{' or '.join(names)} is expected"))
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
