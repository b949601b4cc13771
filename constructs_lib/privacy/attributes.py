"""Attributes of a resource, as a stack's JSON or a plan of Terraform has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..azure import regions

Attributes = Mapping[str, Any]

REGISTRY = "azurerm_container_registry"
ENDPOINT = "azurerm_private_endpoint"
ZONE = "azurerm_private_dns_zone"
LINK = "azurerm_private_dns_zone_virtual_network_link"
SUBNET = "azurerm_subnet"
LOCK = "azurerm_management_lock"
AUDIT_LOGS = "azurerm_monitor_diagnostic_setting"
NETWORK = "data.azurerm_virtual_network"
PROVIDER = "provider.azurerm"
RESOURCE_GROUP = "azurerm_resource_group"
NEW_NETWORK = "azurerm_virtual_network"
IDENTITY = "azurerm_user_assigned_identity"
ROLE = "azurerm_role_assignment"
TOKEN = f"{REGISTRY}_token"
PASSWORD = f"{TOKEN}_password"
SCOPE_MAP = f"{REGISTRY}_scope_map"
CACHE_RULE = f"{REGISTRY}_cache_rule"
CREDENTIAL_SET = f"{REGISTRY}_credential_set"
WEBHOOK = f"{REGISTRY}_webhook"
RECORDS = tuple(f"azurerm_private_dns_{kind}_record" for kind in ("a", "aaaa", "cname"))

DEFAULTS: dict[str, dict[str, Any]] = {
    REGISTRY: {
        "admin_enabled": False,
        "anonymous_pull_enabled": False,
        "azuread_authentication_as_arm_policy_enabled": True,
        "export_policy_enabled": True,
        "network_rule_bypass_for_tasks_enabled": False,
        "network_rule_bypass_option": "AzureServices",
        "public_network_access_enabled": True,
        "quarantine_policy_enabled": False,
        "role_assignment_mode": "LegacyRegistryPermissions",
        "trust_policy_enabled": False,
        "zone_redundancy_enabled": False,
    },
    LINK: {"registration_enabled": False},
    PROVIDER: {
        "environment": "public",
        "features.resource_group.prevent_deletion_if_contains_resources": True,
    },
    NEW_NETWORK: {"private_endpoint_vnet_policies": "Disabled"},
    SUBNET: {"private_endpoint_network_policies": "Disabled"},
    TOKEN: {"enabled": True},
    WEBHOOK: {"scope": "", "status": "enabled"},
}
"""What azurerm takes where an attribute is not set, in each version that has it."""


def value(type: str, attributes: Attributes, path: str) -> Any:
    """The value of an attribute, or azurerm's default where it is not set.

    A path with dots leads into blocks that there is one of. Terraform takes the texts ``true`` and
    ``false`` as truth values, and so does this.
    """
    found: Any = attributes
    for part in path.split("."):
        found = unwrap_block(found)
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is None or found in ([], {}):
        found = DEFAULTS.get(type, {}).get(path)
    return {"true": True, "false": False}.get(found, found) if isinstance(found, str) else found


def unwrap_block(found: Any) -> Any:
    """The only block of a list; a block is a list of one in a plan, and itself in a stack."""
    if isinstance(found, list) and len(found) == 1 and isinstance(found[0], Mapping):
        return found[0]
    return found


def as_list(found: Any) -> list[Any]:
    """The items of what JSON holds as a list, as a single value, or not at all."""
    return found if isinstance(found, list) else [] if found is None else [found]


def blocks(attributes: Attributes | None, name: str) -> list[Attributes]:
    """The blocks of a name; an expression in the place of one is a block that sets nothing."""
    return [
        block if isinstance(block, Mapping) else {}
        for block in as_list((attributes or {}).get(name))
    ]


def ignored(attributes: Attributes) -> set[str]:
    """The attributes whose changes Terraform ignores, without positions in lists; or ``all``."""
    paths = map(str, as_list(value("", attributes, "lifecycle.ignore_changes")))
    return {"all" if "${" in path else re.sub(r"\[[^]]*\]", "", path) for path in paths}


def region(attributes: Attributes) -> str:
    """The region of a registry or a replica, in Azure's one spelling."""
    return regions.region(str(attributes.get("location")))
