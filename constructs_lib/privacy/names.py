"""The arguments of azurerm 5 by their names in azurerm 4, by which the rules know them.

So a review shows no change where only the names changed, and a stack of each is held to one rule.
"""

from __future__ import annotations

import re
from typing import Any

from .attributes import LINK, REGISTRY, Attributes

_ROUTING = ("global_endpoint_routing_enabled", "regional_endpoint_enabled")
_ZONE = ("private_dns_zone_id", "private_dns_zone_name")
_ID = re.compile(r"(?i)/resourceGroups/([^/]+)/.+/privateDnsZones/([^/\"}]+)")
PATHS = {_ZONE[0]: _ZONE[1]}
"""What Terraform may replace a resource for, by its name in azurerm 5: its name in azurerm 4."""


def in_azurerm_4(type: str, attributes: Attributes) -> Attributes:
    """The attributes of a resource of any version, by their names in azurerm 4."""
    if type == LINK and attributes.get(_ZONE[0]) is not None:
        others = {name: each for name, each in attributes.items() if name != _ZONE[0]}
        return {**others, **_zone(attributes[_ZONE[0]])}
    if type == REGISTRY and "georeplications" in attributes:
        return {**attributes, "georeplications": _replicas(attributes["georeplications"])}
    return attributes


def _zone(id: Any) -> dict[str, Any]:
    """A zone by the arguments of azurerm 4; another text names the zone as it is."""
    found = _ID.search(id) if isinstance(id, str) else None
    return {"resource_group_name": found[1], _ZONE[1]: found[2]} if found else {_ZONE[1]: id}


def _replicas(value: Any) -> Any:
    if isinstance(value, list):
        return [_replicas(each) for each in value]
    if isinstance(value, dict) and _ROUTING[0] in value:
        others = {name: each for name, each in value.items() if name != _ROUTING[0]}
        return {**others, _ROUTING[1]: value[_ROUTING[0]]}
    return value
