"""The provider's own validation of attribute values, which runs before any request to Azure.

`azurerm-VERSION-validation.json` has each real provider's verdicts, with which these agree.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from packaging.version import Version

Validator = Callable[[Any], bool]

_UUID: Final = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"


def _matching(pattern: str) -> Validator:
    return lambda text: re.fullmatch(pattern, text, re.ASCII | re.DOTALL) is not None


def _one_of(*values: str) -> Validator:
    return lambda text: text in values


def _id(type_: str) -> Validator:
    """Accepts an id of a type: its fixed segments are case-sensitive, and its names are free."""
    namespace, *kinds = type_.split("/")
    path = "".join(f"/{kind}/[^/]+" for kind in kinds)
    return _matching(f"/?subscriptions/[^/]+/resourceGroups/[^/]+/providers/{namespace}{path}/?")


def _any_id(text: str) -> bool:
    """Whether the text is an id of any type: it has pairs of segments and starts exactly."""
    return text.startswith("/subscriptions/") and len(text.strip("/").split("/")) % 2 == 0


def _bytes(shortest: int, longest: int) -> Validator:
    return lambda text: shortest <= len(text.encode()) <= longest


def _lock_name(name: str) -> bool:
    return len(name.encode()) < 260 and re.search("[A-Za-z0-9_-]", name) is not None


def _diagnostic_setting_name(name: str) -> bool:
    return 1 <= len(name.encode()) <= 260 and not set(name) & set(r"<>*%&:\?+/")


def _vault_url(
    *lengths: int,
    kinds: tuple[str, ...] = ("keys", "secrets", "certificates", "storage"),
    in_hsm: bool = False,
) -> Validator:
    """Accepts the URL of what is in a Key Vault, whose path has one of these numbers of parts.

    azurerm 4 does not distinguish keys, secrets and certificates; 4.55.0 takes no managed HSM.
    """

    def accept(text: str) -> bool:
        url = urlsplit(text)
        kind, *names = url.path.strip("/").split("/")
        is_vault = in_hsm or ".managedhsm." not in url.netloc.lower()
        is_whole = bool(url.scheme and url.netloc) and 1 + len(names) in lengths
        return is_vault and is_whole and kind in kinds

    return accept


def _tags(tags: Mapping[str, str]) -> bool:
    return len(tags) <= 50 and all(
        len(name.encode()) <= 512 and len(value.encode()) <= 256 for name, value in tags.items()
    )


_not_empty = _matching(".+")
_management_group_id = _matching("/providers/Microsoft.Management/managementGroups/[^/]+")
_resource_group_name = _matching(r"[\w.()-]{0,89}[\w()-]")
_registry_name = _matching("[A-Za-z0-9]{5,50}")
_token_name = _matching("[A-Za-z][A-Za-z0-9-]{4,48}")
_network_name = _matching(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?")
_time = _matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_REGISTRY_ID: Final = "Microsoft.ContainerRegistry/registries"
_SUBNET: Final[dict[str, Validator]] = {
    "address_prefixes[]": _not_empty,
    # The provider has a list of services, and one of their actions.
    "delegation.service_delegation.actions[]": _matching(r"[A-Z]\w+\.\w+(/[\w*]+)+"),
    "delegation.service_delegation.name": _matching(r"[A-Z]\w+\.\w+(/\w+)+"),
    "private_endpoint_network_policies": _one_of(
        "Disabled", "Enabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"
    ),
    "service_endpoint_policy_ids[]": _id("Microsoft.Network/serviceEndpointPolicies"),
}
_ADDRESS_POOL: Final[dict[str, Validator]] = {
    "ip_address_pool.id": _id("Microsoft.Network/networkManagers/ipamPools"),
    "ip_address_pool.number_of_ip_addresses": _matching(r"[1-9]\d*"),
}

_BY_TYPE: Final[dict[str, dict[str, Validator]]] = {
    "azurerm_container_registry": {
        "encryption.identity_client_id": _matching(_UUID),
        "encryption.key_vault_key_id": _vault_url(2, 3),
        "georeplications.location": _not_empty,
        "georeplications.tags": _tags,
        "identity.identity_ids[]": _id("Microsoft.ManagedIdentity/userAssignedIdentities"),
        "identity.type": _one_of("SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"),
        "location": _not_empty,
        "name": _registry_name,
        "network_rule_bypass_option": _one_of("AzureServices", "None"),
        "network_rule_set.default_action": _one_of("Allow", "Deny"),
        "network_rule_set.ip_rule.action": _one_of("Allow"),
        "network_rule_set.ip_rule.ip_range": _matching(
            r"(\d{1,3}\.){3}\d{1,3}(/([12]?\d|3[0-2]))?"
        ),
        "resource_group_name": _resource_group_name,
        "sku": _one_of("Basic", "Standard", "Premium"),
        "tags": _tags,
    },
    "azurerm_container_registry_cache_rule": {
        "container_registry_id": _id(_REGISTRY_ID),
        "credential_set_id": _id(f"{_REGISTRY_ID}/credentialSets"),
        "name": _matching(r"(?=.{5,49}\Z)[A-Za-z0-9]+(-[A-Za-z0-9]+)*"),
    },
    "azurerm_container_registry_credential_set": {
        "authentication_credentials.password_secret_id": _vault_url(2),
        "authentication_credentials.username_secret_id": _vault_url(2),
        "container_registry_id": _id(_REGISTRY_ID),
        "identity.type": _one_of("SystemAssigned"),
    },
    "azurerm_container_registry_scope_map": {
        "actions[]": _not_empty,
        "container_registry_name": _registry_name,
        "description": _bytes(1, 256),
        "name": _matching("[A-Za-z0-9-]{5,49}"),
        "resource_group_name": _resource_group_name,
    },
    "azurerm_container_registry_token": {
        "container_registry_name": _registry_name,
        "name": _token_name,
        "resource_group_name": _resource_group_name,
        "scope_map_id": _id(f"{_REGISTRY_ID}/scopeMaps"),
    },
    "azurerm_container_registry_token_password": {
        "container_registry_token_id": _id(f"{_REGISTRY_ID}/tokens"),
        "password1.expiry": _time,
        "password2.expiry": _time,
    },
    "azurerm_management_lock": {
        "lock_level": _one_of("CanNotDelete", "ReadOnly"),
        "name": _lock_name,
        "notes": _bytes(0, 512),
    },
    "azurerm_monitor_diagnostic_setting": {
        "enabled_log.category": _not_empty,
        "enabled_log.category_group": _not_empty,
        "enabled_metric.category": _not_empty,
        "eventhub_authorization_rule_id": _id("Microsoft.EventHub/namespaces/authorizationRules"),
        "eventhub_name": _matching(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,254}[A-Za-z0-9])?"),
        "log_analytics_destination_type": _one_of("AzureDiagnostics", "Dedicated"),
        "log_analytics_workspace_id": _id("Microsoft.OperationalInsights/workspaces"),
        "metric.category": _not_empty,
        "name": _diagnostic_setting_name,
        "partner_solution_id": _any_id,
        "storage_account_id": _id("Microsoft.Storage/storageAccounts"),
        "target_resource_id": lambda text: _any_id(text) or _management_group_id(text),
    },
    "azurerm_private_dns_zone": {
        "resource_group_name": _resource_group_name,
        "soa_record.email": _matching(r"[\w-]{1,63}(\.[\w-]{1,63}){1,33}"),
        "soa_record.tags": _tags,
        "tags": _tags,
    },
    "azurerm_private_dns_zone_virtual_network_link": {
        "private_dns_zone_name": _not_empty,
        "resolution_policy": _one_of("Default", "NxDomainRedirect"),
        "resource_group_name": _resource_group_name,
        "tags": _tags,
        "virtual_network_id": _id("Microsoft.Network/virtualNetworks"),
    },
    "azurerm_private_endpoint": {
        "ip_configuration.member_name": _not_empty,
        "ip_configuration.name": _network_name,
        "ip_configuration.private_ip_address": _not_empty,
        "ip_configuration.subresource_name": _not_empty,
        "location": _not_empty,
        "name": _network_name,
        "private_dns_zone_group.name": _network_name,
        "private_dns_zone_group.private_dns_zone_ids[]": _id("Microsoft.Network/privateDnsZones"),
        "private_service_connection.name": _network_name,
        "private_service_connection.private_connection_resource_alias": _matching(
            r".+\.azure\.privatelinkservice"
        ),
        "private_service_connection.private_connection_resource_id": _any_id,
        "private_service_connection.request_message": _bytes(1, 140),
        "private_service_connection.subresource_names[]": _matching(
            "|[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]"
        ),
        "resource_group_name": _resource_group_name,
        "subnet_id": _id("Microsoft.Network/virtualNetworks/subnets"),
        "tags": _tags,
    },
    "azurerm_resource_group": {
        "location": _not_empty,
        "managed_by": _not_empty,
        "name": _resource_group_name,
        "tags": _tags,
    },
    "azurerm_role_assignment": {
        "condition": _not_empty,
        "condition_version": _one_of("1.0", "2.0"),
        "delegated_managed_identity_resource_id": _any_id,
        "description": _not_empty,
        "name": _matching(_UUID),
        "principal_type": _one_of("Group", "ServicePrincipal", "User"),
        "role_definition_name": _not_empty,
        "scope": _matching(".*/.*"),
    },
    "azurerm_subnet": {
        **_SUBNET,
        **_ADDRESS_POOL,
        "resource_group_name": _resource_group_name,
        "sharing_scope": _one_of("Tenant"),
    },
    "azurerm_user_assigned_identity": {
        "location": _not_empty,
        "resource_group_name": _resource_group_name,
        "tags": _tags,
    },
    "azurerm_virtual_network": {
        **{f"subnet.{name}": validator for name, validator in _SUBNET.items()},
        **_ADDRESS_POOL,
        "address_space[]": _not_empty,
        "bgp_community": _matching(r"\d+:\d+"),
        "ddos_protection_plan.id": _id("Microsoft.Network/ddosProtectionPlans"),
        "dns_servers[]": _not_empty,
        "edge_zone": _not_empty,
        "encryption.enforcement": _one_of("AllowUnencrypted", "DropUnencrypted"),
        "location": _not_empty,
        "name": _not_empty,
        "private_endpoint_vnet_policies": _one_of("Basic", "Disabled"),
        "resource_group_name": _resource_group_name,
        "subnet.name": _not_empty,
        "subnet.route_table_id": _id("Microsoft.Network/routeTables"),
        "tags": _tags,
    },
    "data.azurerm_container_registry": {
        "name": _registry_name,
        "resource_group_name": _resource_group_name,
    },
    "data.azurerm_container_registry_scope_map": {
        "container_registry_name": _registry_name,
        "resource_group_name": _resource_group_name,
    },
    "data.azurerm_container_registry_token": {
        "container_registry_name": _registry_name,
        "name": _token_name,
        "resource_group_name": _resource_group_name,
    },
    "data.azurerm_private_dns_zone": {"tags": _tags},
    "data.azurerm_resource_group": {"name": _resource_group_name},
    "data.azurerm_subnet": {
        "name": _not_empty,
        "resource_group_name": _resource_group_name,
        "virtual_network_name": _not_empty,
    },
    "data.azurerm_virtual_network": {
        "name": _not_empty,
        "resource_group_name": _resource_group_name,
    },
}
_SERVICE_ENDPOINT: Final[dict[str, Validator]] = {
    "service_endpoint.network_identifier": _any_id,
    "service_endpoint.service": _matching(r"Microsoft\.\w+(\.\w+)?"),
}
_SINCE: Final[dict[str, Mapping[str, Mapping[str, Validator | None]]]] = {
    "4.55.0": _BY_TYPE,
    "4.81.0": {
        "azurerm_container_registry": {
            "encryption.key_vault_key_id": _vault_url(2, 3, in_hsm=True),
            "role_assignment_mode": _one_of(
                "AbacRepositoryPermissions", "LegacyRegistryPermissions"
            ),
        },
        "azurerm_container_registry_credential_set": {
            "authentication_credentials.password_secret_id": _vault_url(2, in_hsm=True),
            "authentication_credentials.username_secret_id": _vault_url(2, in_hsm=True),
        },
        "azurerm_private_endpoint": {"edge_zone": _not_empty},
        "azurerm_user_assigned_identity": {"isolation_scope": _one_of("Regional")},
    },
    "5.2.0": {
        "azurerm_container_registry": {
            "encryption.key_vault_key_id": _vault_url(2, 3, kinds=("keys",), in_hsm=True),
        },
        "azurerm_container_registry_credential_set": {
            "authentication_credentials.password_secret_id": _vault_url(2, kinds=("secrets",)),
            "authentication_credentials.username_secret_id": _vault_url(2, kinds=("secrets",)),
        },
        "azurerm_monitor_diagnostic_setting": {"metric.category": None},
        "azurerm_private_dns_zone_virtual_network_link": {
            "private_dns_zone_id": _id("Microsoft.Network/privateDnsZones"),
            "private_dns_zone_name": None,
            "resource_group_name": None,
        },
        "azurerm_subnet": {
            "network_security_group_id_wo": _id("Microsoft.Network/networkSecurityGroups"),
            "route_table_id_wo": _id("Microsoft.Network/routeTables"),
            **_SERVICE_ENDPOINT,
        },
        "azurerm_virtual_network": {
            f"subnet.{name}": validator for name, validator in _SERVICE_ENDPOINT.items()
        },
    },
}
"""What a version validates, and the later ones: None if they do not validate it any more."""


@cache
def validators(version: str) -> dict[str, Validator]:
    """Returns the validator of each attribute that has one; `[]` stands for the items of a list."""
    found = {
        f"{type_}.{attribute}": validator
        for since, by_type in _SINCE.items()
        if Version(since) <= Version(version)
        for type_, of_type in by_type.items()
        for attribute, validator in of_type.items()
    }
    return {attribute: validator for attribute, validator in found.items() if validator}


def accepts(attribute: str, value: Any, version: str) -> bool:
    """Whether this version accepts the value; without a validator, it accepts every value."""
    validator = validators(version).get(attribute)
    return validator is None or validator(value)
