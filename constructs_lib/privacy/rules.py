"""The rules of privacy and continuity as data: a row for each rule.

The review checks each resource before and after a change. A synthesis checks the required rules on
each resource as it is.
"""

from __future__ import annotations

from . import conditions
from .attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    LINK,
    LOCK,
    NETWORK,
    PROVIDER,
    REGISTRY,
    SUBNET,
    ZONE,
    Attributes,
    value,
)
from .rule import Rule
from .surroundings import SURROUNDINGS


def _ignore_changes(type: str) -> Rule:
    ignored = conditions.ignored_of(lambda: {rule.attribute for rule in RULES if rule.type == type})
    return Rule(
        type,
        "lifecycle.ignore_changes",
        "Terraform should undo what others change",
        "Take attributes that keep the registry private out of ignore_changes.",
        conditions.passes(lambda resource: not ignored(resource)),
        no_worse=conditions.no_more(ignored),
    )


RULES: list[Rule] = [
    Rule(
        REGISTRY,
        "public_network_access_enabled",
        "Public network access must be off",
        "Set public_network_access_enabled to false, and link the network that needs the registry.",
        conditions.equals(REGISTRY, "public_network_access_enabled", False),
        required=True,
    ),
    Rule(
        REGISTRY,
        "sku",
        "The SKU must be Premium",
        "Set sku to Premium: no other SKU has private endpoints.",
        conditions.equals(REGISTRY, "sku", "Premium"),
        required=True,
    ),
    Rule(
        REGISTRY,
        "anonymous_pull_enabled",
        "Anonymous pull must be off",
        "Leave anonymous_pull_enabled out, and give each reader a token or a managed identity.",
        conditions.equals(REGISTRY, "anonymous_pull_enabled", False),
        required=True,
    ),
    Rule(
        REGISTRY,
        "admin_enabled",
        "The admin user should be off",
        "Set admin_enabled to false, and use a token or a managed identity: everybody shares the "
        "admin user's password.",
        conditions.equals(REGISTRY, "admin_enabled", False),
    ),
    Rule(
        REGISTRY,
        "network_rule_bypass_option",
        "Azure's trusted services should not bypass the network rules",
        'Set network_rule_bypass_option to "None", unless a trusted service has to pull or scan.',
        conditions.equals(REGISTRY, "network_rule_bypass_option", "None"),
    ),
    Rule(
        REGISTRY,
        "export_policy_enabled",
        "Images should stay in the registry",
        "Set export_policy_enabled to false: nobody can then copy images to a registry elsewhere.",
        conditions.equals(REGISTRY, "export_policy_enabled", False),
    ),
    Rule(
        REGISTRY,
        "network_rule_set",
        "The network rules should let nobody in",
        "Take ip_rule out, and set default_action to Deny: the rules count once access is public.",
        conditions.passes(conditions.network_rules_deny),
        no_worse=conditions.network_rules_let_nobody_else_in,
    ),
    Rule(
        REGISTRY,
        "retention_policy_in_days",
        "Untagged images should be kept",
        "Leave retention_policy_in_days out: OpenShift pulls by digest, and Azure deletes the "
        "images for good.",
        conditions.passes(
            lambda registry: not value(REGISTRY, registry, "retention_policy_in_days")
        ),
        no_worse=conditions.untagged_images_stay_as_long,
    ),
    Rule(
        REGISTRY,
        "quarantine_policy_enabled",
        "Images should not wait in quarantine",
        "Leave quarantine_policy_enabled out: pulls fail until something releases each image.",
        conditions.equals(REGISTRY, "quarantine_policy_enabled", False),
    ),
    Rule(
        REGISTRY,
        "georeplications",
        "Each replica should take pulls",
        "Set regional_endpoint_enabled to true: a replica without it is paid for and never used.",
        conditions.passes(lambda registry: not conditions.replicas_without_pulls(registry)),
        no_worse=conditions.no_more(conditions.replicas_without_pulls),
    ),
    Rule(
        REGISTRY,
        "georeplications",
        "Each replica should stay",
        "Put the replica back, and leave its zone redundancy as it was: while azurerm deletes a "
        "replica, its region's pulls go to another one.",
        conditions.replicas_stay,
    ),
    Rule(
        REGISTRY,
        "encryption",
        "Your own key should encrypt the images",
        "Keep encryption with its key_vault_key_id: without it, the key is Azure's.",
        conditions.passes(conditions.has_a_key),
    ),
    Rule(
        REGISTRY,
        "lifecycle.prevent_destroy",
        "Deletion protection should be on",
        "Set deletion_protection to true: Terraform then refuses to destroy or replace it.",
        conditions.equals(REGISTRY, "lifecycle.prevent_destroy", True),
    ),
    Rule(
        ENDPOINT,
        "private_service_connection.subresource_names",
        "The private endpoint must lead to the registry",
        'Set subresource_names to ["registry"], the only one that a registry has.',
        conditions.passes(conditions.leads_to_a_registry),
        required=True,
    ),
    Rule(
        ENDPOINT,
        "private_dns_zone_group",
        "The private endpoint's addresses should be in the private DNS zone",
        "Keep private_dns_zone_group: without it, names lead to the public address, which refuses.",
        conditions.passes(conditions.is_in_a_zone),
    ),
    Rule(
        ENDPOINT,
        "private_dns_zone_group.private_dns_zone_ids",
        "The private endpoint's records should stay in their zone",
        "Put the zone back: networks that are linked to it only would resolve the public address.",
        conditions.no_less(conditions.zones_of_endpoint),
    ),
    Rule(
        ZONE,
        "name",
        "The private DNS zone must be the one in which Azure resolves registries",
        "Name it privatelink.azurecr.io, or as Azure does in the cloud that you are in.",
        conditions.passes(conditions.resolves_registries),
        required=True,
    ),
    Rule(
        LINK,
        "registration_enabled",
        "Virtual machines should not register their names in the private DNS zone",
        "Leave registration_enabled out: a machine named as the registry would answer for it.",
        conditions.equals(LINK, "registration_enabled", False),
    ),
    Rule(
        LOCK,
        "lock_level",
        "The lock should refuse every change",
        "Keep lock_level at ReadOnly: under CanNotDelete, everybody may change the registry.",
        conditions.equals(LOCK, "lock_level", "ReadOnly"),
    ),
    Rule(
        AUDIT_LOGS,
        "enabled_log",
        "The audit logs should stay complete",
        "Put the category back: nobody would know who pulled and pushed what.",
        conditions.no_less(conditions.log_categories),
    ),
    Rule(
        AUDIT_LOGS,
        "log_analytics_workspace_id",
        "The audit logs should go where they went",
        "Set it back, or tell those who read the logs: new ones are only in the other workspace.",
        conditions.unchanged(AUDIT_LOGS, "log_analytics_workspace_id"),
    ),
    *(_ignore_changes(type) for type in (REGISTRY, ENDPOINT, ZONE, LINK, LOCK, AUDIT_LOGS)),
    *(
        Rule(type, "removed", title, remedy, conditions.exists, welcome=type in (LOCK, AUDIT_LOGS))
        for type, title, remedy in (
            (
                REGISTRY,
                "The registry must stay",
                "Put it back: Terraform destroys it and its images, even with deletion protection.",
            ),
            (
                ENDPOINT,
                "The private endpoint must stay",
                "Put it back, unless another one brings the registry into the network.",
            ),
            (
                ZONE,
                "The private DNS zone must stay",
                "Put it back, unless the network resolves the registry in another zone.",
            ),
            (
                LINK,
                "The link of the private DNS zone must stay",
                "Put it back: the network would resolve the registry's public address.",
            ),
            (
                LOCK,
                "The lock should stay",
                "Put it back: it stops people and other tools from deleting the registry.",
            ),
            (
                AUDIT_LOGS,
                "The audit logs should stay",
                "Put them back: nobody would know who pulled and pushed what.",
            ),
        )
    ),
    Rule(
        SUBNET,
        "private_endpoint_network_policies",
        "The subnet's network policies should stay as they are",
        "Set it back, or look at the subnet's security groups and routes: without policies they do "
        "not hold for the endpoint, and with them they may cut the cluster off.",
        conditions.unchanged(SUBNET, "private_endpoint_network_policies"),
    ),
    *(
        Rule(
            NETWORK,
            attribute,
            "The virtual network should stay the same",
            "Set it back: Terraform would replace subnet, endpoint and link in another network.",
            conditions.unchanged(NETWORK, attribute),
        )
        for attribute in ("name", "resource_group_name")
    ),
    Rule(
        PROVIDER,
        "subscription_id",
        "The subscription should stay the same",
        "Set it back: Terraform still finds what exists by its id, but replaces the link, and "
        "creates everything new in the other subscription.",
        conditions.subscription_stays,
    ),
    Rule(
        PROVIDER,
        "environment",
        "Azure's cloud should stay the same",
        "Set it back: Terraform would not find the registry, and create one elsewhere.",
        conditions.unchanged(PROVIDER, "environment"),
    ),
    *SURROUNDINGS,
]
"""The rules, in the order of a report."""

REQUIRED = [rule for rule in RULES if rule.required]
"""The rules without which nothing is synthesized."""


def broken(type: str, attributes: Attributes) -> list[Rule]:
    """The required rules that one resource of a type breaks as it is."""
    return [rule for rule in REQUIRED if rule.type == type and not rule.check(None, attributes)]
