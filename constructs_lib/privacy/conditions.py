"""The checks of the rules, each over the attributes of a resource before and after a change.

Before is none for a resource as it is, and after is none for a resource that is removed. A value
that only Terraform knows fails a check.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from ..azure import ids, regions
from .attributes import (
    ENDPOINT,
    REGISTRY,
    ZONE,
    Attributes,
    as_list,
    blocks,
    ignored,
    region,
    unwrap_block,
    value,
)
from .rule import Check, CheckOf


def equals(wanted: Any) -> CheckOf:
    """An attribute has one value."""
    return lambda type, path, _, after: bool(value(type, after or {}, path) == wanted)


def passes(predicate: Callable[[Attributes], bool]) -> CheckOf:
    """A predicate holds of the resource, whatever it was before."""
    return lambda _type, _path, _before, after: predicate(after or {})


def holds(check: Check) -> CheckOf:
    """A check that knows its attribute."""
    return lambda _type, _path, before, after: check(before, after)


def unchanged(type: str, path: str, before: Attributes | None, after: Attributes | None) -> bool:
    """An attribute has the value that it had, in whatever order and spelling."""
    if before is None or after is None:
        return True
    if path == "location":
        return region(before) == region(after)
    return same(value(type, before, path), value(type, after, path))


def kept(type: str, path: str, before: Attributes | None, after: Attributes | None) -> bool:
    """An attribute has the value that it had, if it is set before and after."""
    sides = [value(type, side or {}, path) for side in (before, after)]
    return None in sides or same(*sides)


def nothing_new(type: str, path: str, before: Attributes | None, after: Attributes | None) -> bool:
    """An attribute is not set, or as it was."""
    old, new = (value(type, side or {}, path) for side in (before, after))
    return not new or same(old, new)


def same(before: Any, after: Any) -> bool:
    """Whether two values are one: ids in any case, lists and blocks in any order."""
    return bool(_comparable(before) == _comparable(after))


def _comparable(found: Any) -> Any:
    found = unwrap_block(found)
    if isinstance(found, Mapping):
        items = {key: _comparable(item) for key, item in found.items() if key != "//"}
        return {key: item for key, item in items.items() if item is not None} or None
    if isinstance(found, list):
        return sorted(map(_comparable, found), key=_key) or None
    is_id = isinstance(found, str) and found.startswith("/")
    return ids.spelled(found).casefold() if is_id else found


def _key(found: Any) -> str:
    return json.dumps(found, sort_keys=True, default=str)


def exists(_: Attributes | None, after: Attributes | None) -> bool:
    """The resource is not removed."""
    return after is not None


def network_rules_deny(registry: Attributes) -> bool:
    """The network rules deny by default, and have no exception."""
    denies = value(REGISTRY, registry, "network_rule_set.default_action") == "Deny"
    return denies and not value(REGISTRY, registry, "network_rule_set.ip_rule")


def network_rules_let_nobody_else_in(before: Attributes | None, after: Attributes | None) -> bool:
    """Each address that the network rules let in was let in before."""
    sides = [before or {}, after or {}]
    old, new = (value(REGISTRY, side, "network_rule_set.default_action") for side in sides)
    if old != "Deny":
        return True
    if new != "Deny":
        return False
    rules = [unwrap_block(value(REGISTRY, side, "network_rule_set")) for side in sides]
    ranges, wanted = (
        [str(rule.get("ip_range")) for rule in blocks(side, "ip_rule")] for side in rules
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
    names = ("regional_endpoint_enabled", "global_endpoint_routing_enabled")  # azurerm 4 and 5
    return {
        region(replica)
        for replica in blocks(registry, "georeplications")
        if not any(value("", replica, name) is True for name in names)
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
    old, new = (
        {
            region(replica): value("", replica, "zone_redundancy_enabled") is True
            for replica in blocks(registry, "georeplications")
        }
        for registry in (before, after)
    )
    return old.items() <= new.items()


def has_its_key(before: Attributes | None, after: Attributes | None) -> bool:
    """A key other than Azure's encrypts the images, and it is the one of before.

    Azure takes one only for a registry that it creates.
    """
    key = value(REGISTRY, after or {}, "encryption.key_vault_key_id")
    return isinstance(key, str) and unchanged(REGISTRY, "encryption", before, after)


def ignored_of(attributes: set[str], resource: Attributes) -> set[str]:
    """Which of the attributes Terraform ignores.

    An endpoint that has no zone group may ignore the one that Azure Policy attaches.
    """
    paths = ignored(resource)
    if not resource.get("private_dns_zone_group"):
        paths -= {"private_dns_zone_group"}
    return {
        attribute
        for attribute in attributes
        for path in paths
        if path == "all"
        or f"{attribute}.".startswith(f"{path}.")
        or path.startswith(f"{attribute}.")
    }


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


def only_pulls(before: Attributes | None, after: Attributes | None) -> bool:
    """A token has a scope map that may be for pulls, and the one that it had."""
    old, new = (str((side or {}).get("scope_map_id") or "") for side in (before, after))
    name = new.rpartition("/")[2]
    allowed = ("_repositories_pull", "_repositories_pull_metadata_read")
    # Another rule looks at the actions of a scope map that the stack creates.
    is_one = new == "" or name in allowed or ("/scopeMaps/" in new and not name.startswith("_"))
    return is_one and (before is None or same(old, new))


def only_reads(before: Attributes | None, after: Attributes | None) -> bool:
    """A scope map allows no more than pulls, and nothing that it did not allow."""
    old, new = (
        {str(action).casefold() for action in as_list((side or {}).get("actions"))}
        for side in (before, after)
    )
    reads = all(action.endswith(("/content/read", "/metadata/read")) for action in new)
    return reads and (before is None or new <= old)


NEVER = "never"
"""When a password without an expiry expires."""


def expires_no_later(
    type: str, path: str, before: Attributes | None, after: Attributes | None
) -> bool:
    """A password is not valid for longer, and it is not another one."""
    if before is None or after is None:
        return True
    sides = [value(type, side, path) for side in (before, after)]
    if None in sides:
        return sides[1] is None
    old, new = (value("", side, f"{path}.expiry") for side in (before, after))
    try:
        return old in (new, NEVER) or datetime.fromisoformat(new) <= datetime.fromisoformat(old)
    except (TypeError, ValueError):
        return False


def versions_stay_pinned(before: Attributes | None, after: Attributes | None) -> bool:
    """A provider that had one version still has one, whichever it is."""
    old, new = (value("", side or {}, "required_providers") for side in (before, after))
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return before is None or not old or same(old, new)
    return all(_is_pinned(new[name]) or not _is_pinned(old[name]) for name in old.keys() & new)


def _is_pinned(provider: Any) -> bool:
    version = provider.get("version") if isinstance(provider, Mapping) else provider
    return re.fullmatch(r"\s*=?\s*\d+\.\d+\.\d+[\w.-]*\s*", str(version)) is not None


def state_stays(_: str, kind: str, before: Attributes | None, after: Attributes | None) -> bool:
    """The state is where it was, as far as the stack is there before and after."""
    if not before or not after:
        return True
    old, new = (value("", side, kind) for side in (before, after))
    if kind != "backend" or not isinstance(old, Mapping):
        return same(old, new)
    if not isinstance(new, Mapping) or old.keys() != new.keys():
        return False
    sides = [unwrap_block(side.get("azurerm")) for side in (old, new)]
    if not all(isinstance(side, Mapping) for side in sides):
        return same(old, new)
    places = [{k: v for k, v in side.items() if k not in _LOGIN} for side in sides]
    by_role = [value("", side, "use_azuread_auth") is True for side in sides]
    return same(*places) and by_role[0] <= by_role[1]


_LOGIN = (
    *("resource_group_name", "subscription_id", "use_azuread_auth", "use_aks_workload_identity"),
    *("use_cli", "use_msi", "use_oidc"),
)
"""The arguments of the backend ``azurerm`` that say how to log in, not where the state is."""
