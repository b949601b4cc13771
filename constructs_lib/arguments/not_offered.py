"""Arguments of azurerm that are not offered, each with the reason and with what to do instead.

Both are shown when one is given, in the settings file or in a program, and in the documentation.
"""

from __future__ import annotations

from typing import NamedTuple


class NotOffered(NamedTuple):
    """Arguments that are not offered for the same reason.

    Attributes:
        arguments: their names in azurerm, at whatever resource.
        reason: why they are not offered.
        instead: what to do.
    """

    arguments: tuple[str, ...]
    reason: str
    instead: str


_REACH = "link further networks with virtual_network_links, or give them an endpoint of their own"
_OWN_SUBNET = "create another subnet yourself, and give its id as the subnet"
_OWN_SETTING = "create a diagnostic setting of your own beside this one"

ROWS = (
    NotOffered(
        ("public_network_access_enabled",),
        "it is always off, since it opens the registry to the internet",
        _REACH,
    ),
    NotOffered(("network_rule_set",), "its rules are for public access, which is off", _REACH),
    NotOffered(
        ("sku",), "it is always Premium, the only SKU with private endpoints", "leave it out"
    ),
    NotOffered(
        ("anonymous_pull_enabled",),
        "everybody in the network could read every image",
        "give each cluster a pull secret, of a token or of an identity with the role AcrPull",
    ),
    NotOffered(
        ("trust_policy_enabled",),
        "Azure does not let new registries turn content trust on",
        "sign images with sigstore's cosign, whose signatures OpenShift's image policies verify",
    ),
    NotOffered(
        ("quarantine_policy_enabled",),
        "pulls fail until something releases each image",
        "scan images before they are pushed",
    ),
    NotOffered(
        ("retention_policy_in_days",),
        "it deletes untagged manifests for good, and OpenShift pulls by digest",
        "delete what no cluster uses any more with the ACR CLI's 'acr purge', on a host in the "
        "network",
    ),
    NotOffered(
        ("location",),
        "what is created has the registry's region, or its network's",
        "give the registry's region, beside resource_group_name in the settings file",
    ),
    NotOffered(
        ("resource_group_name",),
        "what is created has one resource group, and a subnet has its network's",
        "give it once, for the whole registry",
    ),
    NotOffered(
        ("tags",),
        "all resources of a registry have the same tags, and only the registry and its replicas "
        "may have more",
        "give them once, for the whole registry",
    ),
    NotOffered(("address_prefixes",), "the subnet has one prefix", "give address_prefix"),
    NotOffered(
        ("virtual_network_name",),
        "the subnet is created in the cluster's network",
        "give the network as virtual_network",
    ),
    NotOffered(
        ("private_endpoint_network_policies", "private_link_service_network_policies_enabled"),
        "network policies are off for endpoints, as in the guide",
        _OWN_SUBNET,
    ),
    NotOffered(
        (
            "default_outbound_access_enabled",
            "delegation",
            "ip_address_pool",
            "network_security_group_id_wo",
            "network_security_group_id_wo_version",
            "route_table_id_wo",
            "route_table_id_wo_version",
            "service_endpoint",
            "service_endpoint_policy_ids",
            "service_endpoints",
            "sharing_scope",
        ),
        "the subnet is for private endpoints only, which do not need it",
        _OWN_SUBNET,
    ),
    NotOffered(
        ("global_endpoint_routing_enabled",),
        "it is the name in azurerm 5",
        "give regional_endpoint_enabled, which has the same meaning",
    ),
    NotOffered(
        ("edge_zone",),
        "the endpoint is in its network's region",
        "create an endpoint of your own beside this one",
    ),
    NotOffered(
        ("soa_record",),
        "Azure's own record is right for endpoints",
        "create the zone yourself, and give its id as private_dns_zone",
    ),
    NotOffered(
        ("registration_enabled",),
        "it writes the names of the network's machines into the registries' zone",
        "register them in a zone of their own",
    ),
    NotOffered(
        ("private_dns_zone_id", "private_dns_zone_name"),
        "all links are in the registry's zone, whose name follows from Azure's cloud",
        "give the zone's id as private_dns_zone",
    ),
    NotOffered(
        ("virtual_network_id",),
        "this is the link to the cluster's own network",
        "give another network in virtual_network_links",
    ),
    NotOffered(
        ("subnet_id",), "the endpoint is in endpoint_subnet", "give the id as endpoint_subnet"
    ),
    NotOffered(
        (
            "private_service_connection",
            "is_manual_connection",
            "private_connection_resource_alias",
            "private_connection_resource_id",
            "subresource_names",
        ),
        "the endpoint leads to container_registry",
        "give a registry's id as container_registry, request_message if its owner has to approve, "
        "and private_service_connection_name",
    ),
    NotOffered(
        ("ip_configuration",),
        "its names follow from the regions",
        "give the addresses in private_ip_addresses, by region",
    ),
    NotOffered(
        ("private_dns_zone_group", "private_dns_zone_ids"),
        "the group has one zone, the registry's",
        "give the zone's id as private_dns_zone, and private_dns_zone_group_name",
    ),
    NotOffered(
        ("container_registry_id", "container_registry_name", "scope", "target_resource_id"),
        "it is the registry's own",
        "leave it out",
    ),
    NotOffered(
        ("notes",), "a change of it replaces the lock", "write them into the registry's tags"
    ),
    NotOffered(
        (
            "eventhub_authorization_rule_id",
            "eventhub_name",
            "log_analytics_destination_type",
            "partner_solution_id",
            "storage_account_id",
        ),
        "audit logs go to a Log Analytics workspace",
        _OWN_SETTING,
    ),
    NotOffered(("enabled_log", "enabled_metric", "metric"), "it sends audit logs", _OWN_SETTING),
    NotOffered(
        ("scope_map_id",),
        "the token has Azure's own scope map, to pull from every repository",
        "create a token of your own beside this one",
    ),
    NotOffered(("enabled",), "a token that is off cannot pull", "take the token out"),
    NotOffered(
        ("container_registry_token_id", "password1", "password2"),
        "the token has one password",
        "give its expiry",
    ),
    NotOffered(
        ("source_repo", "target_repo"),
        "a rule has them by the names source and target",
        "give source and target",
    ),
)

INSTEAD = {
    name: f"not offered: {row.reason}; {row.instead}" for row in ROWS for name in row.arguments
}
"""What is said about each argument when it is given."""


def table() -> str:
    """The arguments as a Markdown table."""
    lines = [
        f"| {', '.join(f'`{name}`' for name in row.arguments)} | {row.reason} | {row.instead} |"
        for row in ROWS
    ]
    return "\n".join(["| argument | reason | instead |", "|---|---|---|", *lines])
