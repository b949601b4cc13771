"""The checks of the rules, each over the attributes of a resource before and after a change.

Before is none for a resource as it is, and after is none for a resource that is removed. A value
that only Terraform knows fails a check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .. import azure
from .attributes import (
    ENDPOINT,
    PROVIDER,
    REGISTRY,
    ZONE,
    Attributes,
    blocks,
    ignored,
    region,
    unwrap_block,
    value,
)

Check = Callable[[Attributes | None, Attributes | None], bool]


def equals(type: str, path: str, wanted: Any) -> Check:
    """An attribute has one value."""
    return lambda _, after: value(type, after or {}, path) == wanted


def passes(predicate: Callable[[Attributes], bool]) -> Check:
    """A predicate holds of the resource, whatever it was before."""
    return lambda _, after: predicate(after or {})


def unchanged(type: str, path: str) -> Check:
    """An attribute has the value that it had; a region may be spelled in two ways."""

    def check(before: Attributes | None, after: Attributes | None) -> bool:
        if before is None or after is None:
            return True
        if path == "location":
            return region(before) == region(after)
        sides = [unwrap_block(value(type, side, path)) for side in (before, after)]
        return bool(sides[0] == sides[1])

    return check


def exists(_: Attributes | None, after: Attributes | None) -> bool:
    """The resource is not removed."""
    return after is not None


def network_rules_deny(registry: Attributes) -> bool:
    """The network rules deny by default, and have no exception."""
    denies = value(REGISTRY, registry, "network_rule_set.default_action") == "Deny"
    return denies and not value(REGISTRY, registry, "network_rule_set.ip_rule")


def replicas_take_pulls(registry: Attributes) -> bool:
    """The global endpoint routes pulls to each replica."""
    replicas = blocks(registry, "georeplications")
    return all(value("", replica, "regional_endpoint_enabled") is True for replica in replicas)


def replicas_stay(before: Attributes | None, after: Attributes | None) -> bool:
    """No replica is removed; azurerm does so, too, when its zone redundancy changes."""
    sides = (
        {
            region(replica): value("", replica, "zone_redundancy_enabled") is True
            for replica in blocks(registry, "georeplications")
        }
        for registry in (before, after)
    )
    old, new = sides
    return old.items() <= new.items()


def has_a_key(registry: Attributes) -> bool:
    """A key other than Azure's encrypts the images."""
    return isinstance(value(REGISTRY, registry, "encryption.key_vault_key_id"), str)


def ignores_none_of(attributes: Callable[[], set[str]]) -> Check:
    """Terraform ignores changes of none of the attributes; the rules that name them come later."""
    return passes(lambda resource: not ignored(resource) & {"all", *attributes()})


def leads_to_a_registry(endpoint: Attributes) -> bool:
    """The endpoint leads to a registry, or to another type of resource that the stack creates."""
    connection = "private_service_connection"
    target = str(value(ENDPOINT, endpoint, f"{connection}.private_connection_resource_id"))
    names = value(ENDPOINT, endpoint, f"{connection}.subresource_names")
    other = re.fullmatch(r"\$\{(?!data\.)(?!azurerm_container_registry\.)azurerm_.*", target)
    return names == [azure.REGISTRY_MEMBER] or bool(other)


def is_in_a_zone(endpoint: Attributes) -> bool:
    """A DNS zone group writes the endpoint's records; Azure Policy may attach it."""
    by_policy = "private_dns_zone_group" in ignored(endpoint)
    return by_policy or isinstance(
        value(ENDPOINT, endpoint, "private_dns_zone_group"), Mapping | list
    )


def resolves_registries(zone: Attributes) -> bool:
    """The zone has the name for registries, or is not for registries, or has an unknown name."""
    name = str(value(ZONE, zone, "name"))
    return name in azure.PRIVATE_DNS_ZONE_NAMES.values() or not (
        "azurecr" in name or name == "None"
    )


def subscription_stays(before: Attributes | None, after: Attributes | None) -> bool:
    """Terraform works in the same subscription, as far as both are set."""
    sides = [value(PROVIDER, side or {}, "subscription_id") for side in (before, after)]
    return None in sides or sides[0] == sides[1]
