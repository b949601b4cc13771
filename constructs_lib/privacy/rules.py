"""The rules of privacy and continuity as data, a row for each: title, remedy, check, attributes.

The review checks each resource before and after a change. A synthesis checks the required rules on
each resource as it is.
"""

from __future__ import annotations

from functools import partial

from . import conditions as is_
from .attributes import (
    AUDIT_LOGS,
    CACHE_RULE,
    CREDENTIAL_SET,
    ENDPOINT,
    IDENTITY,
    LINK,
    LOCK,
    NETWORK,
    NEW_NETWORK,
    PASSWORD,
    PROVIDER,
    RECORDS,
    REGISTRY,
    RESOURCE_GROUP,
    ROLE,
    SCOPE_MAP,
    SUBNET,
    TOKEN,
    ZONE,
    Attributes,
    value,
)
from .rule import Rule, rows
from .surroundings import PULLS, SURROUNDINGS


def _ignored(type: str, resource: Attributes) -> set[str]:
    """The attributes of a type's rules whose changes Terraform ignores."""
    return is_.ignored_of({rule.attribute for rule in RULES if rule.type == type}, resource)


_CUT = (
    "The way to the registry should not be cut",
    "Set it back, or expect pulls to fail while Terraform destroys and creates the resource.",
)
_REPLACED = (
    "The registry should not be replaced",
    "Set it back, or copy the images first: Terraform destroys the registry with its images, and "
    "creates an empty one.",
)
_CONNECTION = "private_service_connection"

RULES: list[Rule] = [
    *rows(
        "Public network access must be off",
        "Set public_network_access_enabled to false, and link the network that needs the registry.",
        is_.equals(False),
        {REGISTRY: "public_network_access_enabled"},
        required=True,
    ),
    *rows(
        "The SKU must be Premium",
        "Set sku to Premium: no other SKU has private endpoints.",
        is_.equals("Premium"),
        {REGISTRY: "sku"},
        required=True,
    ),
    *rows(
        "Anonymous pull must be off",
        "Leave anonymous_pull_enabled out, and give each reader a token or a managed identity.",
        is_.equals(False),
        {REGISTRY: "anonymous_pull_enabled"},
        required=True,
    ),
    *rows(
        "The admin user should be off",
        "Set admin_enabled to false, and use a token or a managed identity: everybody shares the "
        "admin user's password.",
        is_.equals(False),
        {REGISTRY: "admin_enabled"},
    ),
    *rows(
        "Azure's trusted services should not bypass the network rules",
        'Set network_rule_bypass_option to "None", unless a trusted service has to pull or scan.',
        is_.equals("None"),
        {REGISTRY: "network_rule_bypass_option"},
    ),
    *rows(
        "Tasks should not bypass the network rules",
        "Leave network_rule_bypass_for_tasks_enabled out: a task's identity would get in.",
        is_.equals(False),
        {REGISTRY: "network_rule_bypass_for_tasks_enabled"},
    ),
    *rows(
        "Images should stay in the registry",
        "Set export_policy_enabled to false: nobody can then copy images to a registry elsewhere.",
        is_.equals(False),
        {REGISTRY: "export_policy_enabled"},
    ),
    *rows(
        "The network rules should let nobody in",
        "Take ip_rule out, and set default_action to Deny: the rules count once access is public.",
        is_.passes(is_.network_rules_deny),
        {REGISTRY: "network_rule_set"},
        no_worse=is_.network_rules_let_nobody_else_in,
    ),
    *rows(
        "Untagged images should be kept",
        "Leave retention_policy_in_days out: OpenShift pulls by digest, and Azure deletes the "
        "images for good.",
        is_.passes(lambda registry: not value(REGISTRY, registry, "retention_policy_in_days")),
        {REGISTRY: "retention_policy_in_days"},
        no_worse=is_.untagged_images_stay_as_long,
    ),
    *rows(
        "Images should not wait in quarantine",
        "Leave quarantine_policy_enabled out: pulls fail until something releases each image.",
        is_.equals(False),
        {REGISTRY: "quarantine_policy_enabled"},
    ),
    *rows(
        "Each replica should take pulls",
        "Set regional_endpoint_enabled to true: a replica without it is paid for and never used.",
        is_.passes(lambda registry: not is_.replicas_without_pulls(registry)),
        {REGISTRY: "georeplications"},
        no_worse=is_.no_more(is_.replicas_without_pulls),
    ),
    *rows(
        "Each replica should stay",
        "Put the replica back, and leave its zone redundancy as it was: while azurerm deletes a "
        "replica, its region's pulls go to another one.",
        is_.holds(is_.replicas_stay),
        {REGISTRY: "georeplications"},
    ),
    *rows(
        "Your own key should encrypt the images",
        "Keep encryption with its key_vault_key_id and identity: without it, the key is Azure's, "
        "and whoever has the key can lock everybody out. A registry that exists cannot get a first "
        "key from Azure: create another one with it, and copy the images.",
        is_.holds(is_.has_its_key),
        {REGISTRY: "encryption"},
    ),
    *rows(
        "Who gets into the registry should stay",
        "Set it back, unless you know who gets in by it: as whom the registry acts, how it takes "
        "tokens and roles, and whether clients verify what they pull.",
        is_.unchanged,
        {
            REGISTRY: "identity role_assignment_mode azuread_authentication_as_arm_policy_enabled "
            "trust_policy_enabled"
        },
    ),
    *rows(
        "Deletion protection should be on",
        "Set deletion_protection to true: Terraform then refuses to destroy or replace it.",
        is_.equals(True),
        {REGISTRY: "lifecycle.prevent_destroy"},
    ),
    *rows(
        "The private endpoint must lead to the registry",
        'Set subresource_names to ["registry"], the only one that a registry has.',
        is_.passes(is_.leads_to_a_registry),
        {ENDPOINT: f"{_CONNECTION}.subresource_names"},
        required=True,
    ),
    *rows(
        "The private endpoint's addresses should be in the private DNS zone",
        "Keep private_dns_zone_group: without it, names lead to the public address, which refuses.",
        is_.passes(is_.is_in_a_zone),
        {ENDPOINT: "private_dns_zone_group"},
        no_worse=lambda *_: True,
    ),
    *rows(
        "The private endpoint's records should stay in their zone",
        "Put the zone back: networks that are linked to it only would resolve the public address.",
        is_.holds(is_.no_less(is_.zones_of_endpoint)),
        {ENDPOINT: "private_dns_zone_group.private_dns_zone_ids"},
    ),
    *rows(
        "The private DNS zone must be the one in which Azure resolves registries",
        "Name it privatelink.azurecr.io, or as Azure does in the cloud that you are in.",
        is_.passes(is_.resolves_registries),
        {ZONE: "name"},
        required=True,
    ),
    *rows(
        "Virtual machines should not register their names in the private DNS zone",
        "Leave registration_enabled out: a machine named as the registry would answer for it.",
        is_.equals(False),
        {LINK: "registration_enabled"},
    ),
    *rows(
        "The lock should refuse every change",
        "Keep lock_level at ReadOnly: under CanNotDelete, everybody may change the registry.",
        is_.equals("ReadOnly"),
        {LOCK: "lock_level"},
    ),
    *rows(
        "The lock should stay on the registry",
        "Set it back: another scope, or another lock, may leave the registry without one.",
        is_.unchanged,
        {LOCK: "name scope"},
    ),
    *rows(
        "The audit logs should stay complete",
        "Put the category back: nobody would know who pulled and pushed what.",
        is_.holds(is_.no_less(is_.log_categories)),
        {AUDIT_LOGS: "enabled_log"},
    ),
    *rows(
        "The audit logs should go where they went",
        "Set it back, or tell those who read the logs: new ones are only in the other workspace.",
        is_.unchanged,
        {AUDIT_LOGS: "name target_resource_id log_analytics_workspace_id"},
    ),
    *rows(
        "The audit logs should go nowhere else",
        "Take it out, unless those who read them there may know who pulls and pushes what.",
        is_.equals(None),
        {
            AUDIT_LOGS: "eventhub_authorization_rule_id eventhub_name partner_solution_id "
            "storage_account_id"
        },
    ),
    *(
        rule
        for type in (REGISTRY, ENDPOINT, ZONE, LINK, LOCK, AUDIT_LOGS)
        for rule in rows(
            "Terraform should undo what others change",
            "Take attributes that keep the registry private out of ignore_changes.",
            lambda type, *sides: not _ignored(type, sides[-1] or {}),
            {type: "lifecycle.ignore_changes"},
            no_worse=is_.no_more(partial(_ignored, type)),
        )
    ),
    *rows(
        *_REPLACED,
        is_.unchanged,
        {
            REGISTRY: "name resource_group_name location zone_redundancy_enabled",
            RESOURCE_GROUP: "name location",
        },
    ),
    *rows(
        *_CUT,
        is_.unchanged,
        {
            ENDPOINT: "name resource_group_name custom_network_interface_name ip_configuration "
            f"location subnet_id edge_zone {_CONNECTION}.is_manual_connection {_CONNECTION}.name "
            f"{_CONNECTION}.private_connection_resource_alias "
            f"{_CONNECTION}.private_connection_resource_id",
            ZONE: "name resource_group_name soa_record",
            LINK: "name resource_group_name private_dns_zone_id private_dns_zone_name "
            "virtual_network_id",
            SUBNET: "name resource_group_name virtual_network_name",
            NEW_NETWORK: "name resource_group_name location edge_zone",
        },
    ),
    *rows(*_CUT, is_.kept, {ENDPOINT: "private_dns_zone_group.name"}),
    *rows(
        "The subnet's network policies should stay as they are",
        "Set it back, or look at the subnet's security groups and routes: without policies they do "
        "not hold for the endpoint, and with them they may cut the cluster off.",
        is_.unchanged,
        {
            SUBNET: "private_endpoint_network_policies network_security_group_id_wo "
            "network_security_group_id_wo_version route_table_id_wo route_table_id_wo_version "
            "sharing_scope",
            NEW_NETWORK: "private_endpoint_vnet_policies",
        },
    ),
    *rows(
        "The network's name servers should stay",
        "Set it back: whoever answers for the registry's name decides where pulls and logins go.",
        is_.unchanged,
        {NEW_NETWORK: "dns_servers"},
    ),
    *rows(
        "The virtual network should stay the same",
        "Set it back: Terraform would replace subnet, endpoint and link in another network.",
        is_.unchanged,
        {NETWORK: "name resource_group_name"},
    ),
    *rows(
        "The subscription should stay the same",
        "Set it back: Terraform still finds what exists by its id, but replaces the link, and "
        "creates everything new in the other subscription.",
        is_.kept,
        {PROVIDER: "subscription_id"},
    ),
    *rows(
        "A resource group with resources in it should not be deleted",
        "Set prevent_deletion_if_contains_resources back: a group is deleted with all that is in "
        "it, also what Terraform does not know.",
        is_.equals(True),
        {PROVIDER: "features.resource_group.prevent_deletion_if_contains_resources"},
    ),
    *rows(
        "Azure's cloud should stay the same",
        "Set it back: Terraform would not find the registry, and create one elsewhere.",
        is_.unchanged,
        {PROVIDER: "environment"},
    ),
    *rows(
        "Terraform should log in as it did",
        "Set it back, unless you know whom Terraform asks for tokens, and as whom it then works.",
        is_.unchanged,
        {
            PROVIDER: "ado_pipeline_service_connection_id auxiliary_tenant_ids client_certificate "
            "client_certificate_password client_certificate_path client_id client_id_file_path "
            "client_secret client_secret_file_path metadata_host msi_api_version msi_endpoint "
            "oidc_request_token oidc_request_url oidc_token oidc_token_file_path "
            "storage_use_azuread tenant_id"
        },
    ),
    *SURROUNDINGS,
    *(
        Rule(
            type, "removed", title, remedy, is_.exists, is_strengthening=type in (LOCK, AUDIT_LOGS)
        )
        for type, (title, remedy) in {
            REGISTRY: (
                "The registry must stay",
                "Put it back: Terraform destroys it and its images, even with deletion protection.",
            ),
            ENDPOINT: (
                "The private endpoint must stay",
                "Put it back, unless another one brings the registry into the network.",
            ),
            ZONE: (
                "The private DNS zone must stay",
                "Put it back, unless the network resolves the registry in another zone.",
            ),
            LINK: (
                "The link of the private DNS zone must stay",
                "Put it back: the network would resolve the registry's public address.",
            ),
            LOCK: (
                "The lock should stay",
                "Put it back: it stops people and other tools from deleting the registry.",
            ),
            AUDIT_LOGS: (
                "The audit logs should stay",
                "Put them back: nobody would know who pulled and pushed what.",
            ),
            RESOURCE_GROUP: (
                "The resource group must stay",
                "Put it back: Terraform destroys it with all that is in it.",
            ),
            NEW_NETWORK: (
                "The cluster's virtual network must stay",
                "Put it back: without it, nothing reaches the registry.",
            ),
            **dict.fromkeys(
                (
                    *(ROLE, TOKEN, PASSWORD, SCOPE_MAP, CACHE_RULE, CREDENTIAL_SET, IDENTITY),
                    *RECORDS,
                ),
                PULLS,
            ),
        }.items()
    ),
]
"""The rules, in the order of a report."""

REQUIRED = [rule for rule in RULES if rule.required]
"""The rules without which nothing is synthesized."""


def broken(type: str, attributes: Attributes) -> list[Rule]:
    """The required rules that one resource of a type breaks as it is."""
    return [rule for rule in REQUIRED if rule.type == type and not rule.check(None, attributes)]
