"""What a change of each argument means: a rule reads it, or it is harmless, or nobody knows."""

from __future__ import annotations

from collections.abc import Mapping

from .attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    LOCK,
    NEW_NETWORK,
    PROVIDER,
    RECORDS,
    REGISTRY,
    RESOURCE_GROUP,
    ROLE,
    SCOPE_MAP,
    SUBNET,
)
from .rules import RULES

TERRAFORM = "terraform"
_CONNECTION = "private_service_connection"
HARMLESS: Mapping[str, str] = {
    REGISTRY: "data_endpoint_enabled georeplications.tags",
    ENDPOINT: f"{_CONNECTION}.request_message",
    LINK: "resolution_policy",
    LOCK: "notes",
    SUBNET: "address_prefixes default_outbound_access_enabled delegation ip_address_pool "
    "private_link_service_network_policies_enabled service_endpoint service_endpoints "
    "service_endpoint_policy_ids",
    NEW_NETWORK: "address_space bgp_community ddos_protection_plan encryption "
    "flow_timeout_in_minutes ip_address_pool subnet",
    RESOURCE_GROUP: "managed_by",
    AUDIT_LOGS: "enabled_metric log_analytics_destination_type metric enabled_log.retention_policy",
    SCOPE_MAP: "description",
    ROLE: "name description principal_type skip_service_principal_aad_check",
    **dict.fromkeys(RECORDS, "ttl"),
    PROVIDER: "alias disable_correlation_request_id disable_terraform_partner_id features "
    "partner_id resource_provider_registrations resource_providers_to_register "
    "use_aks_workload_identity use_cli use_msi use_oidc",
    TERRAFORM: "required_version",
}
"""Arguments whose change is not a risk, and which no rule reads; ``tags`` is one everywhere."""

_READ: Mapping[str, str] = {
    REGISTRY: "georeplications.location georeplications.regional_endpoint_enabled "
    "georeplications.global_endpoint_routing_enabled georeplications.zone_redundancy_enabled "
    "network_rule_set.default_action network_rule_set.ip_rule",
    AUDIT_LOGS: "enabled_log.category enabled_log.category_group",
    ROLE: "condition condition_version delegated_managed_identity_resource_id principal_id "
    "role_definition_id scope",
    **dict.fromkeys(RECORDS, "name record records resource_group_name private_dns_zone_id"),
    ENDPOINT: f"private_dns_zone_group.id {_CONNECTION} {_CONNECTION}.private_ip_address",
}
"""Arguments that a rule on another attribute reads, or on the whole block that they are in."""
_BLOCKS = (
    *("georeplications", "network_rule_set", "enabled_log", "private_dns_zone_group", _CONNECTION),
)
"""Blocks of which a rule reads some arguments only: each of these is classified by itself."""
_COMPUTED = (
    *("admin_password", "admin_username", "client_id", "custom_dns_configs", "fqdn", "guid"),
    *("data_endpoint_host_names", "id", "login_server", "max_number_of_record_sets"),
    *("max_number_of_virtual_network_links", "network_interface", "network_security_group_id"),
    *("max_number_of_virtual_network_links_with_registration", "number_of_record_sets"),
    *("principal_id", "private_dns_zone_configs", "route_table_id", "tenant_id"),
)
"""What azurerm computes, and nobody sets where no rule reads it."""
_META = ("depends_on", "lifecycle", "provisioner", "connection", "timeouts", "provider")


def is_harmless(type: str, path: str) -> bool:
    """Whether a change of an argument is not a risk; a path has no positions in lists."""
    return _is_in(path, {*HARMLESS.get(type, "").split(), "tags", *_META, *_COMPUTED} - _read(type))


def is_classified(type: str, path: str) -> bool:
    """Whether a change of an argument is known to be harmless, or is what a rule is about.

    What is in a block that is classified as a whole is classified as well.
    """
    return is_harmless(type, path) or _is_in(path, _read(type))


def _read(type: str) -> set[str]:
    named = {rule.attribute for rule in RULES if rule.type == type}
    return named | set(_READ.get(type, "").split())


def _is_in(path: str, named: set[str]) -> bool:
    steps = path.split(".")
    wholes = (".".join(steps[:place]) for place in range(1, len(steps) + 1))
    return any(whole in named and (whole not in _BLOCKS or whole == path) for whole in wholes)


CLASSIFIED = {
    rule.type for rule in RULES if rule.type.startswith(("azurerm_", PROVIDER, TERRAFORM))
}
"""The types of which each argument is classified."""
