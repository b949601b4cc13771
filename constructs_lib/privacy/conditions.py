"""The checks of the rules, each over the attributes of a resource before and after a change.

Before is none for a resource as it is, and after is none for a resource that is removed. A value
that only Terraform knows fails a check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

from ..azure import regions
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
from .rule import Check


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


def network_rules_let_nobody_else_in(before: Attributes | None, after: Attributes | None) -> bool:
    """Each address that the network rules let in was let in before."""
    old, new = (
        unwrap_block(value(REGISTRY, side or {}, "network_rule_set")) or {}
        for side in (before, after)
    )
    if value("", old, "default_action") != "Deny":
        return True
    if value("", new, "default_action") != "Deny":
        return False
    ranges, wanted = (
        [str(rule.get("ip_range")) for rule in blocks(side, "ip_rule")] for side in (old, new)
    )
    return all(any(_lies_in(one, each) for each in ranges) for one in wanted)


def _lies_in(one: str, other: str) -> bool:
    try:
        a, b = ip_network(one, strict=False), ip_network(other, strict=False)
    except ValueError:
        return one == other
    return a.network_address in b and a.broadcast_address in b


def untagged_images_stay_as_long(before: Attributes | None, after: Attributes | None) -> bool:
    """Azure deletes untagged images later than before."""
    days = [value(REGISTRY, side or {}, "retention_policy_in_days") for side in (before, after)]
    return all(str(each).isdigit() for each in days) and int(days[0]) <= int(days[1])


def no_more(measure: Callable[[Attributes], set[str]]) -> Check:
    """What is measured after the change was there before."""
    return lambda before, after: measure(after or {}) <= measure(before or {})


def no_less(measure: Callable[[Attributes], set[str]]) -> Check:
    """What was measured before the change is still there."""
    return lambda before, after: measure(before or {}) <= measure(after or {})


def replicas_without_pulls(registry: Attributes) -> set[str]:
    """The regions to which the global endpoint does not route pulls."""
    return {
        region(replica)
        for replica in blocks(registry, "georeplications")
        if value("", replica, "regional_endpoint_enabled") is not True
    }


def log_categories(logs: Attributes) -> set[str]:
    """The categories and groups of categories that a diagnostic setting sends."""
    return {
        str(block.get("category_group") or block.get("category"))
        for block in blocks(logs, "enabled_log")
    }


def zones_of_endpoint(endpoint: Attributes) -> set[str]:
    """The zones that hold the endpoint's records."""
    path = "private_dns_zone_group.private_dns_zone_ids"
    found = value(ENDPOINT, endpoint, path)
    return {str(zone).casefold() for zone in (found if isinstance(found, list) else [])}


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


def ignored_of(attributes: Callable[[], set[str]]) -> Callable[[Attributes], set[str]]:
    """Which of the attributes Terraform ignores; the rules that name them come later.

    An endpoint that has no zone group may ignore the one that Azure Policy attaches.
    """

    def measure(resource: Attributes) -> set[str]:
        paths = ignored(resource)
        if not resource.get("private_dns_zone_group"):
            paths -= {"private_dns_zone_group"}
        return {
            attribute
            for attribute in attributes()
            for path in paths
            if path == "all"
            or f"{attribute}.".startswith(f"{path}.")
            or path.startswith(f"{attribute}.")
        }

    return measure


def leads_to_a_registry(endpoint: Attributes) -> bool:
    """The endpoint leads to the registry itself."""
    names = value(ENDPOINT, endpoint, "private_service_connection.subresource_names")
    return bool(names == [regions.REGISTRY_MEMBER])


def is_in_a_zone(endpoint: Attributes) -> bool:
    """A DNS zone group writes the endpoint's records; Azure Policy may attach it."""
    by_policy = "private_dns_zone_group" in ignored(endpoint)
    return by_policy or isinstance(
        value(ENDPOINT, endpoint, "private_dns_zone_group"), Mapping | list
    )


def resolves_registries(zone: Attributes) -> bool:
    """The zone has the name for registries, or a name that only Terraform knows."""
    name = str(value(ZONE, zone, "name"))
    return name in regions.PRIVATE_DNS_ZONE_NAMES.values() or "${" in name


def subscription_stays(before: Attributes | None, after: Attributes | None) -> bool:
    """Terraform works in the same subscription, as far as both are set."""
    sides = [value(PROVIDER, side or {}, "subscription_id") for side in (before, after)]
    return None in sides or sides[0] == sides[1]
