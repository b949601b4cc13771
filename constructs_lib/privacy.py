"""What keeps a registry private and its images safe: rules over one resource's plain JSON.

A rule is a function whose name is its sentence, whose docstring is the remedy, and which says
whether the sentence is true. An attribute that is not set counts as azurerm's default, and what is
not known, such as an expression, keeps no rule: absence is exposure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Attributes = Mapping[str, Any]
State = Callable[[Attributes], bool]

REGISTRY = "azurerm_container_registry"
ENDPOINT = "azurerm_private_endpoint"
ZONE = "azurerm_private_dns_zone"
LINK = "azurerm_private_dns_zone_virtual_network_link"
SUBNET = "azurerm_subnet"
LOCK = "azurerm_management_lock"

DEFAULTS: dict[str, dict[str, Any]] = {
    REGISTRY: {
        "admin_enabled": False,
        "anonymous_pull_enabled": False,
        "export_policy_enabled": True,
        "network_rule_bypass_option": "AzureServices",
        "public_network_access_enabled": True,
        "zone_redundancy_enabled": False,
    },
    LINK: {"registration_enabled": False},
    SUBNET: {"private_endpoint_network_policies": "Disabled"},
}
"""What azurerm takes where nothing is set."""


def value(type: str, attributes: Attributes, path: str) -> Any:
    """What an attribute counts as; a path with dots leads into blocks that there is one of."""
    found: Any = attributes
    for part in path.split("."):
        if isinstance(found, list) and len(found) == 1:
            found = found[0]  # a block is a list of one in a plan, and itself in a stack's JSON
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is None or found in ([], {}):
        found = DEFAULTS.get(type, {}).get(path)
    # Terraform takes both as a truth value.
    return {"true": True, "false": False}.get(found, found) if isinstance(found, str) else found


def blocks(attributes: Attributes, name: str) -> list[Attributes]:
    """The blocks of a name, of which there may be several; an expression counts as an empty one."""
    found = attributes.get(name)
    listed = found if isinstance(found, list) else [] if found is None else [found]
    return [block if isinstance(block, Mapping) else {} for block in listed]


def _ignored(resource: Attributes) -> set[str]:
    names = value("", resource, "lifecycle.ignore_changes")
    return set(map(str, names if isinstance(names, list) else [names]))


def public_network_access_is_off(registry: Attributes) -> bool:
    """Set public_network_access_enabled to false; link a network that needs the registry."""
    return value(REGISTRY, registry, "public_network_access_enabled") is False


def the_sku_is_premium(registry: Attributes) -> bool:
    """Set sku to Premium: no other one has private endpoints."""
    return bool(value(REGISTRY, registry, "sku") == "Premium")


def nobody_pulls_anonymously(registry: Attributes) -> bool:
    """Leave anonymous_pull_enabled out, and give each reader a token or a managed identity."""
    return value(REGISTRY, registry, "anonymous_pull_enabled") is False


def the_admin_user_is_off(registry: Attributes) -> bool:
    """Set admin_enabled to false, and use a token or a managed identity: the password is shared."""
    return value(REGISTRY, registry, "admin_enabled") is False


def no_azure_service_bypasses_the_network_rules(registry: Attributes) -> bool:
    """Set network_rule_bypass_option to "None", unless a trusted service has to pull or scan."""
    return bool(value(REGISTRY, registry, "network_rule_bypass_option") == "None")


def images_cannot_be_exported(registry: Attributes) -> bool:
    """Set export_policy_enabled to false: nobody copies images to a registry elsewhere."""
    return value(REGISTRY, registry, "export_policy_enabled") is False


def the_network_rules_let_nobody_in(registry: Attributes) -> bool:
    """Take ip_rule out, and set default_action to Deny: the rules count once access is public."""
    denies = value(REGISTRY, registry, "network_rule_set.default_action") == "Deny"
    return denies and not value(REGISTRY, registry, "network_rule_set.ip_rule")


def untagged_images_are_kept(registry: Attributes) -> bool:
    """Leave retention_policy_in_days out: OpenShift pulls by digest, and deleted is deleted."""
    return not value(REGISTRY, registry, "retention_policy_in_days")


def every_replica_takes_pulls(registry: Attributes) -> bool:
    """Set regional_endpoint_enabled to true: a replica without it is paid for and never used."""
    return all(
        value("", replica, "regional_endpoint_enabled") is True
        for replica in blocks(registry, "georeplications")
    )


def a_key_of_ones_own_encrypts_the_images(registry: Attributes) -> bool:
    """Keep encryption with its key_vault_key_id: without it, the key is Azure's."""
    return isinstance(value(REGISTRY, registry, "encryption.key_vault_key_id"), str)


def deletion_protection_is_on(registry: Attributes) -> bool:
    """Set deletion_protection to true: Terraform then refuses to destroy or replace the images."""
    return value(REGISTRY, registry, "lifecycle.prevent_destroy") is True


def terraform_mends_what_is_changed_by_hand(registry: Attributes) -> bool:
    """Take attributes that keep the registry private out of ignore_changes."""
    return not _ignored(registry) & {"all", *STATES[REGISTRY]}


def the_endpoint_leads_to_the_registry(endpoint: Attributes) -> bool:
    """Set subresource_names to ["registry"], the only one that a registry has."""
    connection = "private_service_connection"
    target = str(value(ENDPOINT, endpoint, f"{connection}.private_connection_resource_id"))
    names = value(ENDPOINT, endpoint, f"{connection}.subresource_names")
    other = re.fullmatch(r"\$\{(?!data\.)(?!azurerm_container_registry\.)azurerm_.*", target)
    return names == ["registry"] or bool(other)  # a stack may have endpoints of other things


def the_endpoint_puts_its_addresses_into_the_zone(endpoint: Attributes) -> bool:
    """Keep private_dns_zone_group: without it, names lead to the public address, which refuses."""
    group = value(ENDPOINT, endpoint, "private_dns_zone_group")
    by_policy = "private_dns_zone_group" in _ignored(endpoint)
    return by_policy or isinstance(group, Mapping | list)


def the_zone_is_the_one_that_registries_resolve_in(zone: Attributes) -> bool:
    """Name it privatelink.azurecr.io, or as Azure does in the cloud that you are in."""
    name = str(value(ZONE, zone, "name"))
    if "azurecr" not in name and name != "None":
        return True  # a stack may have zones of other things, and a name may be an expression
    return bool(re.fullmatch(r"privatelink\.azurecr\.(io|us|cn)", name))


def no_machine_registers_its_name_in_the_zone(link: Attributes) -> bool:
    """Leave registration_enabled out: a machine named as the registry would answer in its place."""
    return value(LINK, link, "registration_enabled") is False


def the_lock_forbids_changes_too(lock: Attributes) -> bool:
    """Keep lock_level at ReadOnly: under CanNotDelete, everybody may change the registry."""
    return bool(value(LOCK, lock, "lock_level") == "ReadOnly")


STATES: dict[str, dict[str, State]] = {
    REGISTRY: {
        "public_network_access_enabled": public_network_access_is_off,
        "sku": the_sku_is_premium,
        "anonymous_pull_enabled": nobody_pulls_anonymously,
        "admin_enabled": the_admin_user_is_off,
        "network_rule_bypass_option": no_azure_service_bypasses_the_network_rules,
        "export_policy_enabled": images_cannot_be_exported,
        "network_rule_set": the_network_rules_let_nobody_in,
        "retention_policy_in_days": untagged_images_are_kept,
        "georeplications": every_replica_takes_pulls,
        "encryption": a_key_of_ones_own_encrypts_the_images,
        "lifecycle.prevent_destroy": deletion_protection_is_on,
        "lifecycle.ignore_changes": terraform_mends_what_is_changed_by_hand,
    },
    ENDPOINT: {
        "private_service_connection.subresource_names": the_endpoint_leads_to_the_registry,
        "private_dns_zone_group": the_endpoint_puts_its_addresses_into_the_zone,
    },
    ZONE: {"name": the_zone_is_the_one_that_registries_resolve_in},
    LINK: {"registration_enabled": no_machine_registers_its_name_in_the_zone},
    LOCK: {"lock_level": the_lock_forbids_changes_too},
}
"""Rules over a resource as it is, by the attribute that they look at."""

REQUIRED: set[State] = {
    public_network_access_is_off,
    the_sku_is_premium,
    nobody_pulls_anonymously,
    the_endpoint_leads_to_the_registry,
    the_zone_is_the_one_that_registries_resolve_in,
}
"""Those that no private registry is one without; of the others, only a change is seen."""


class Broken(NamedTuple):
    """A rule that isn't kept, by the attribute that it looks at."""

    attribute: str
    sentence: str
    remedy: str


def broken(type: str, attributes: Attributes) -> Iterator[Broken]:
    """The required rules that one resource of a type breaks."""
    for attribute, rule in STATES.get(type, {}).items():
        if rule in REQUIRED and not rule(attributes):
            yield Broken(attribute, sentence(rule), remedy(rule))


def sentence(rule: Callable[..., bool]) -> str:
    """What a rule says: its name, as people write it."""
    return rule.__name__.replace("_", " ")


def remedy(rule: Callable[..., bool]) -> str:
    """What to do where a rule isn't kept: its docstring, in one line."""
    return " ".join((rule.__doc__ or "").split())
