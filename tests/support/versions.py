"""What each version of azurerm says of itself, and azurerm 5's names in a stack for azurerm 4."""

from __future__ import annotations

import json

from helpers import ROOT, Json

REGISTRY = "azurerm_container_registry"
LINK = "azurerm_private_dns_zone_virtual_network_link"
ENDPOINT = "azurerm_private_endpoint"

DESCRIPTIONS = [
    json.loads(file.read_text())
    for file in sorted((ROOT / "standin").glob("azurerm-*.json"))
    if "validation" not in file.name
]


def described(type: str) -> list[Json]:
    """The arguments of a type, or of the provider itself, in each version."""
    is_provider = type == "provider.azurerm"
    return [each["provider"] if is_provider else each["resources"][type] for each in DESCRIPTIONS]


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
