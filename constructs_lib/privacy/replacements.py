"""The attributes that azurerm replaces a resource for, and the rules that such a change breaks."""

from __future__ import annotations

from . import conditions
from .attributes import ENDPOINT, LINK, LOCK, NEW_NETWORK, REGISTRY, RESOURCE_GROUP, SUBNET, ZONE
from .rule import Rule

_REPLACED_REGISTRY = (
    "The registry should not be replaced",
    "Set it back, or copy the images first: Terraform destroys the registry with its images, and "
    "creates an empty one.",
)
_CUT = (
    "The way to the registry should not be cut",
    "Set it back, or expect pulls to fail while Terraform destroys and creates the resource.",
)
_CONNECTION = "private_service_connection"
_REPLACEMENTS: dict[str, tuple[str, str, list[str]]] = {
    REGISTRY: (*_REPLACED_REGISTRY, ["location", "zone_redundancy_enabled"]),
    ENDPOINT: (
        *_CUT,
        [
            *("custom_network_interface_name", "ip_configuration", "location", "subnet_id"),
            f"{_CONNECTION}.is_manual_connection",
            f"{_CONNECTION}.name",
            f"{_CONNECTION}.private_connection_resource_alias",
            f"{_CONNECTION}.private_connection_resource_id",
            f"{_CONNECTION}.subresource_names",
        ],
    ),
    ZONE: (*_CUT, ["soa_record"]),
    LINK: (*_CUT, ["private_dns_zone_name", "virtual_network_id"]),
    SUBNET: (*_CUT, ["virtual_network_name"]),
    RESOURCE_GROUP: (*_REPLACED_REGISTRY, ["location"]),
    NEW_NETWORK: (*_CUT, ["location"]),
    LOCK: (
        "The lock should stay on the registry",
        "Set it back: another scope, or another lock, may leave the registry without one.",
        ["scope"],
    ),
}
"""The attributes that azurerm replaces a resource for, except its name and resource group."""


def replacement(type: str, attribute: str) -> Rule | None:
    """The rule on an attribute for which Terraform replaces a resource of a type.

    A lock is replaced without a risk for its notes and for what triggers it: it steps aside for
    what Azure would refuse under it, and is there again at the end of the same apply.
    """
    if type not in _REPLACEMENTS:
        return None
    title, remedy, attributes = _REPLACEMENTS[type]
    if type == LOCK and attribute not in ("name", *attributes):
        return None
    return Rule(type, attribute, title, remedy, conditions.unchanged(type, attribute))


def replacements(type: str) -> list[Rule]:
    """The rules on all attributes that azurerm replaces a resource of a type for."""
    attributes = _REPLACEMENTS[type][2] if type in _REPLACEMENTS else []
    rules = (replacement(type, each) for each in ("name", "resource_group_name", *attributes))
    return [rule for rule in rules if rule]


CONSTRUCT_ID = Rule(
    "",
    "id",
    "The construct id must stay",
    "Set the id back, or move the resource (move_from_id): Terraform destroys the old address, and "
    "takes off its own lock before.",
    conditions.exists,
)
"""The rule on a resource of any type whose address changes."""
