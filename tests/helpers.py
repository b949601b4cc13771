"""What several test files share: the project's folder, and how to look into a stack's JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from constructs_lib.schema import FROM_A_FILE
from constructs_lib.settings import Registry

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent

GUIDE: Json = {
    "resource_group_name": "aro-mobb-rg",
    "location": "eastus",
    "virtual_network": {"name": "aro-rcarrata-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.8.0/23"},
    "container_registry": {"name": "acr12345"},
}
"""The least that has to be said of a registry, with the guide's values."""

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"

EVERY_OPTION: Json = {
    "resource_group_name": "aro-mobb-rg",
    "location": "East US 2",
    "subscription_id": SUBSCRIPTION,
    "virtual_network": {"name": "own", "resource_group_name": "net"},
    "endpoint_subnet": {"name": "subnet", "address_prefix": "10.1.0.16/28"},
    "container_registry": {
        "name": "MyRegistry",
        "admin_enabled": True,
        "data_endpoint_enabled": True,
        "encryption": {
            "key_vault_key_id": "https://acr-vault.vault.azure.net/keys/acr",
            "identity_client_id": "00000000-0000-0000-0000-000000000009",
        },
        "export_policy_enabled": False,
        "georeplications": [
            {
                "location": "westus",
                "regional_endpoint_enabled": False,
                "zone_redundancy_enabled": True,
                "tags": {"a": "${b}"},
            },
            {"location": "Central US", "regional_endpoint_enabled": True},
        ],
        "identity": {
            "type": "UserAssigned",
            "identity_ids": [
                f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
                "/Microsoft.ManagedIdentity/userAssignedIdentities/acr"
            ],
        },
        "network_rule_bypass_option": "None",
        "zone_redundancy_enabled": True,
        "tags": {"env": "prod"},
        "lock": "CanNotDelete",
        "log_analytics_workspace_id": (
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
            "/Microsoft.OperationalInsights/workspaces/logs"
        ),
    },
    "private_dns_zone_virtual_network_link": {
        "name": "link",
        "resolution_policy": "NxDomainRedirect",
    },
    "virtual_network_links": {
        "hub": {
            "virtual_network_id": (
                f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers"
                "/Microsoft.Network/virtualNetworks/hub"
            ),
            "resolution_policy": "Default",
        }
    },
    "private_endpoint": {
        "name": "endpoint",
        "private_service_connection_name": "connection",
        "private_dns_zone_group_name": "group",
        "private_ip_addresses": {
            "registry": "10.1.0.20",
            "eastus2": "10.1.0.21",
            "Central US": "10.1.0.22",
            "westus": "10.1.0.23",
        },
    },
    "deletion_protection": False,
    "register_resource_providers": False,
    "tags": {"team": "platform", "literal": "${a} %{ b }"},
}
"""Every setting that can be said of a registry that is made, none of them its default."""


def settings_of(**settings: Any) -> Registry:
    """The guide's settings and these, as they are read from a file."""
    return Registry.model_validate({**GUIDE, **settings}, context=FROM_A_FILE)


def the(stack: Json, kind: str) -> Json:
    """The attributes of the stack's one resource of a type, without cdktf's metadata."""
    (resource,) = stack["resource"][kind].values()
    return {name: value for name, value in resource.items() if name != "//"}


def reference(stack: Json, kind: str, attribute: str) -> str:
    """What the JSON says to refer to an attribute of the stack's one resource of a type."""
    (name,) = stack["resource"][kind]
    return f"${{{kind}.{name}.{attribute}}}"


def names(stack: Json, kind: str) -> list[str]:
    """What the stack's resources of a type are called in Azure."""
    return sorted(resource["name"] for resource in stack["resource"].get(kind, {}).values())


def ids(stack: Json) -> list[str]:
    """The address of each of the stack's resources in Terraform's state."""
    return sorted(f"{kind}.{name}" for kind, named in stack["resource"].items() for name in named)
