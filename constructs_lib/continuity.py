"""What has to stay as it is: rules over a resource before and after a change.

As those of ``privacy``, with which they share their form: a name that is a sentence, a remedy for
docstring. A synthesis knows no before, so the review alone asks them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .privacy import ENDPOINT, LINK, LOCK, REGISTRY, SUBNET, ZONE, Attributes, blocks, value

Lasting = Callable[[Attributes | None], bool]
Steady = Callable[[Any, Any], bool]

AUDIT_LOGS = "azurerm_monitor_diagnostic_setting"
NETWORK = "data.azurerm_virtual_network"
PROVIDER = "provider.azurerm"


def the_registry_stays(registry: Attributes | None) -> bool:
    """Put it back: its images go with it, whatever its deletion protection says."""
    return registry is not None


def the_endpoint_stays(endpoint: Attributes | None) -> bool:
    """Put it back, or say who else brings the registry into the network."""
    return endpoint is not None


def the_zone_stays(zone: Attributes | None) -> bool:
    """Put it back, unless the network resolves the registry in another zone."""
    return zone is not None


def the_link_stays(link: Attributes | None) -> bool:
    """Put it back: the network would resolve the registry's public address."""
    return link is not None


def the_lock_stays(lock: Attributes | None) -> bool:
    """Put it back: it stops people and other tools from deleting the registry and its replicas."""
    return lock is not None


def the_audit_logs_stay(logs: Attributes | None) -> bool:
    """Put them back: nobody would know who pulled and pushed what."""
    return logs is not None


def the_registry_is_not_replaced(before: Any, after: Any) -> bool:
    """Set the attribute back, or copy the images first: the registry is made anew, and empty."""
    return bool(before == after)


def the_way_to_the_registry_is_not_cut(before: Any, after: Any) -> bool:
    """Set the attribute back, or expect pulls to fail while it is destroyed and made anew."""
    return bool(before == after)


def the_lock_is_not_taken_off(before: Any, after: Any) -> bool:
    """Set the attribute back: another scope leaves the registry without a lock."""
    return bool(before == after)


def the_construct_id_stays(before: Any, after: Any) -> bool:
    """Set the id back, or move the resource (move_from_id): Terraform destroys the old address.

    It takes off its own lock first.
    """
    return bool(before == after)


def the_replicas_stay(before: Any, after: Any) -> bool:
    """Put the replica back, and leave its zone redundancy: pulls move to another region meanwhile.

    azurerm deletes a replica and makes it anew when its zone redundancy changes.
    """
    kept = {_region(replica): _is_redundant(replica) for replica in _replicas(after)}
    return all(
        kept.get(_region(replica)) == _is_redundant(replica) for replica in _replicas(before)
    )


def _replicas(value: Any) -> list[Attributes]:
    return blocks({"replicas": value}, "replicas")


def _region(replica: Attributes) -> str:
    return str(replica.get("location")).replace(" ", "").casefold()


def _is_redundant(replica: Attributes) -> bool:
    return value("", replica, "zone_redundancy_enabled") is True


def network_policies_stay(before: Any, after: Any) -> bool:
    """Set it back, or look at the subnet's security groups and routes.

    Without policies they don't hold for the endpoint; with them they may cut the cluster off.
    """
    return bool(before == after)


def the_network_stays(before: Any, after: Any) -> bool:
    """Set it back: subnet, endpoint and link would be made anew in another network."""
    return bool(before == after)


def the_subscription_stays(before: Any, after: Any) -> bool:
    """Set it back: Terraform would not find the registry, and make one in another subscription."""
    return not before or not after or bool(before == after)  # where unset, nobody here knows it


LASTING: dict[str, Lasting] = {
    REGISTRY: the_registry_stays,
    ENDPOINT: the_endpoint_stays,
    ZONE: the_zone_stays,
    LINK: the_link_stays,
    LOCK: the_lock_stays,
    AUDIT_LOGS: the_audit_logs_stay,
}
"""Rules over a resource that may be none any more."""

STEADY: dict[str, dict[str, Steady]] = {
    REGISTRY: {"georeplications": the_replicas_stay},
    SUBNET: {"private_endpoint_network_policies": network_policies_stay},
    NETWORK: dict.fromkeys(["name", "resource_group_name"], the_network_stays),
    PROVIDER: dict.fromkeys(["subscription_id", "environment"], the_subscription_stays),
}
"""Rules over an attribute before and after."""

_CONNECTION = [
    f"private_service_connection.{name}"
    for name in (
        *("is_manual_connection", "name", "subresource_names"),
        *("private_connection_resource_alias", "private_connection_resource_id"),
    )
]
REPLACED: dict[str, tuple[Steady, list[str]]] = {
    REGISTRY: (the_registry_is_not_replaced, ["location", "zone_redundancy_enabled"]),
    ENDPOINT: (
        the_way_to_the_registry_is_not_cut,
        [
            "location",
            "subnet_id",
            "custom_network_interface_name",
            "ip_configuration",
            *_CONNECTION,
        ],
    ),
    ZONE: (the_way_to_the_registry_is_not_cut, ["soa_record"]),
    LINK: (the_way_to_the_registry_is_not_cut, ["private_dns_zone_name", "virtual_network_id"]),
    SUBNET: (the_way_to_the_registry_is_not_cut, ["virtual_network_name"]),
    LOCK: (the_lock_is_not_taken_off, ["scope"]),
}
"""Rules over resources that azurerm makes anew for a new name or group, or one of the attributes.

A lock's level does so too, and is judged by its strength; so do its notes, and see ``RETURNS``.
"""

RETURNS: dict[str, set[str]] = {LOCK: {"notes", "replace_triggered_by"}}
"""What makes a resource anew without a risk: a lock steps aside for what it would refuse, and is
there again at the end of the same apply."""
