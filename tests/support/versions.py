"""What azurerm 5 calls the arguments of a stack that is synthesized for azurerm 4."""

from __future__ import annotations

import json

from helpers import Json

REGISTRY = "azurerm_container_registry"
LINK = "azurerm_private_dns_zone_virtual_network_link"
ENDPOINT = "azurerm_private_endpoint"


def required(stack: Json, version: str) -> Json:
    """The stack as the bindings for this version of azurerm write it."""
    stack = json.loads(json.dumps(stack))
    stack["terraform"]["required_providers"]["azurerm"]["version"] = version
    resources = stack["resource"]
    if version.startswith("4."):
        return stack
    for link in resources.get(LINK, {}).values():
        (endpoint,) = resources[ENDPOINT].values()
        del link["private_dns_zone_name"], link["resource_group_name"]
        (link["private_dns_zone_id"],) = endpoint["private_dns_zone_group"]["private_dns_zone_ids"]
    for registry in resources.get(REGISTRY, {}).values():
        for replica in registry.get("georeplications", []):
            takes_pulls = replica.pop("regional_endpoint_enabled")
            replica["global_endpoint_routing_enabled"] = takes_pulls
    return stack
