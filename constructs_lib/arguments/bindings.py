"""Arguments as the installed bindings take them: all that knows in what azurerm 4 and 5 differ.

Arguments have the names of azurerm 4.55.0. What the bindings take is seen in their classes.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .base import Arguments

BINDINGS = "cdktf_cdktf_provider_azurerm"
OLD_NAMES = {"global_endpoint_routing_enabled": "regional_endpoint_enabled"}
"""The names in azurerm 4 of what azurerm 5 calls otherwise. Source: the schema of 5.2.0."""
SINCE = {
    "azuread_authentication_as_arm_policy_enabled": "4.81.0",
    "network_rule_bypass_for_tasks_enabled": "4.81.0",
    "role_assignment_mode": "4.81.0",
}
"""The first azurerm with an argument of the registry that 4.55.0 lacks. Source: its change log."""


def azurerm_arguments(resource: type, arguments: Arguments, **changed: object) -> dict[str, Any]:
    """Those arguments that a class of the bindings has, as it takes them.

    Arguments become structs, which the bindings name after the class and its parameter, and empty
    values nothing.

    Args:
        resource: the class of the bindings: a resource, or a struct.
        arguments: the arguments.
        changed: values in the place of the arguments' own.
    """
    parameters, own = _parameters(resource), dict(arguments)
    old_names = {name: OLD_NAMES.get(name, name) for name in parameters}
    given = {name: own[old_name] for name, old_name in old_names.items() if old_name in own}
    given |= changed
    return {name: _for_bindings(value, resource, parameters[name]) for name, value in given.items()}


def zone_of_link(resource: type, zone: Any, resource_group_name: str) -> dict[str, Any]:
    """How a link names its zone: of azurerm 5 by its id, of 4 by its name and resource group."""
    if "private_dns_zone_id" in _parameters(resource):
        return {"private_dns_zone_id": zone.id}
    return {"private_dns_zone_name": zone.name, "resource_group_name": resource_group_name}


@cache
def _parameters(resource: type) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(vars(resource)["__init__"]).parameters


def _for_bindings(value: Any, resource: type, parameter: inspect.Parameter) -> Any:
    if isinstance(value, Arguments):
        name = resource.__name__ + parameter.name.title().replace("_", "")
        struct = vars(sys.modules[resource.__module__])[name]
        one = struct(**azurerm_arguments(struct, value))
        return [one] if "Sequence" in str(parameter.annotation) else one
    if isinstance(value, list):
        alone = parameter.replace(annotation=None)
        return [_for_bindings(each, resource, alone) for each in value] or None
    return None if value == {} else value


def too_new(registry: Arguments) -> Iterator[tuple[str, object, str]]:
    """What is given to a registry, and the installed bindings lack: name, value, first azurerm."""
    given = {name: value for name, value in registry if name in SINCE and value is not None}
    for name, value in given.items():
        if f'"{name}"' not in _source(BINDINGS):
            yield name, value, SINCE[name]


@cache
def _source(bindings: str) -> str:
    """The code of the registry's bindings, which is not run: whoever reads settings needs no Node.

    It is empty without bindings, so that they have no new argument.
    """
    package = importlib.util.find_spec(bindings)
    folders = (package and package.submodule_search_locations) or []
    files = [Path(folder, "container_registry", "__init__.py") for folder in folders]
    return "".join(file.read_text("utf-8") for file in files if file.is_file())
