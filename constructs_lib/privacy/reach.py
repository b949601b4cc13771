"""What reaches a registry without a rule for its type: a risk when it comes or changes, as data."""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from . import conditions
from .attributes import AUDIT_LOGS, ENDPOINT, Attributes
from .rule import Rule


class Reach(NamedTuple):
    """A way to a registry.

    Attributes:
        types: a pattern of the types that have it, without ``data.`` or ``ephemeral.``.
        title: the rule as a sentence.
        remedy: what to do.
        goes: whether it is a risk as well when such a resource is removed.
        by: the argument that leads to what a registry uses; without it, every resource has the way.
    """

    types: str
    title: str
    remedy: str
    goes: bool = False
    by: str = ""


_RIGHTS = (
    "Nobody else should get rights on the registry",
    "Take it out, or make sure whom it gives what, also above the registry; then accept it.",
)
_ROUTES = (
    "Names and routes of the network should stay",
    "Take it out, unless you know who answers for the registry's name, who gets a way to its "
    "endpoint, and that the cluster keeps its own.",
)

REACHES = (
    Reach(
        r"azurerm_(pim_.*|role_definition|role_management_policy|marketplace_role_assignment"
        r"|lighthouse_.*|federated_identity_credential|management_group(_subscription_association)?)"
        r"|azuread_.*|msgraph_.*",
        *_RIGHTS,
    ),
    Reach(
        r"azurerm_(.*template_deployment|.*deployment_stack|resource_deployment_script_.*"
        r"|.*policy_(assignment|definition|set_definition|exemption|remediation)|automation_.*"
        r"|blueprint_assignment|virtual_machine(_scale_set)?_(extension|run_command))|module",
        "Nothing else should change the registry",
        "Use a resource of azurerm, for which there are rules, or look at what this one does.",
        goes=True,
    ),
    Reach(
        r"external|http|shell_.*|local_command|null_resource_.*|action",
        "No program from elsewhere should run",
        "Take it out: it runs or asks a program that no plan shows, with Terraform's rights.",
    ),
    Reach(
        r"azurerm_(private_dns_resolver.*|virtual_network_dns_servers|virtual_network_peering"
        r"|virtual_hub_.*|network_manager_.*|route_server.*|private_dns_(mx|ptr|srv|txt)_record)",
        *_ROUTES,
        goes=True,
    ),
    Reach("azurerm_key_vault_access_policy", *_RIGHTS, goes=True, by="key_vault_id"),
    *(
        Reach(types, *_ROUTES, goes=True, by=by)
        for types, by in (
            (r"azurerm_subnet_\w+_association", "subnet_id"),
            (r"azurerm_private_endpoint_\w+_association", "private_endpoint_id"),
            ("azurerm_network_security_rule", "network_security_group_name"),
            ("azurerm_route", "route_table_name"),
        )
    ),
)
"""The ways, in one place: a new one is a row here."""


def _rule(title: str, remedy: str, required: bool = False) -> Rule:
    """A rule that is broken by whatever it is about; the finding names the attribute."""
    return Rule("", "", title, remedy, lambda *_: False, required)


NAMED = _rule(
    "Nothing without a rule should name the registry",
    "Take it out, or look at what it does with the registry; its login server alone is harmless.",
)
"""The rule on what names a registry, and has no rule for its type."""

FOREIGN = _rule(
    "No other provider should change the registry",
    "Use a resource of azurerm, for which there are rules, or look at what this one changes.",
    required=True,
)
"""The rule on a resource of another provider that names a registry, and on a new provider."""

FAMILIAR = ("hashicorp/azurerm", "hashicorp/helm", "hashicorp/kubernetes", "hashicorp/random")
FAMILIAR_PROVIDERS = frozenset((*FAMILIAR, "hashicorp/time", "terraform.io/builtin/terraform"))
"""The providers that may be new to a stack; what names the registry is looked at all the same."""

FURTHER = {
    ENDPOINT: _rule(
        "No second endpoint should lead to the registry",
        "Take it out, unless its network may reach the registry: it needs a zone of its own, too.",
    ),
    AUDIT_LOGS: _rule(
        "The audit logs should go nowhere else",
        "Take it out, unless those who read them there may know who pulls and pushes what.",
    ),
}
"""The rule on a resource that is added beside another one of the same registry."""

PROVISIONER = Rule(
    "",
    "provisioner",
    "No provisioner should run",
    "Take it out: it runs a program with Terraform's rights, and no plan shows what that does.",
    lambda _, after: not (after or {}).get("provisioner"),
)
"""The rule on a resource of any type that runs a program."""


def _provider(resource: Attributes | None) -> object:
    return (resource or {}).get("provider") or "azurerm"


ANOTHER_PROVIDER = Rule(
    "",
    "provider",
    "The registry's provider should stay the same",
    "Set it back: another provider, or another configuration of it, may work somewhere else.",
    lambda *sides: None in sides or len({str(_provider(side)) for side in sides}) == 1,
)
"""The rule on the provider of what is around a registry."""

ACTION, TRIGGER = (
    Rule(
        "",
        f"lifecycle.{attribute}",
        "Nothing should trigger a replacement or an action",
        "Take it out: Terraform replaces the resource, or runs a program, when something else "
        "changes.",
        partial(conditions.nothing_new, "", f"lifecycle.{attribute}"),
    )
    for attribute in ("action_trigger", "replace_triggered_by")
)
"""The rules on a resource of any type, and on what is around a registry, except for a lock."""


PLAIN = _rule(
    "A secret should not be made plain",
    "Mark it as sensitive, without nonsensitive(), or leave it out: whoever sees the output, the "
    "plan or the log may log in.",
)
"""The rule on what shows a secret, or hands it to another resource."""

UNCLASSIFIED = _rule(
    "What is not known to be harmless should not change",
    "Look up what the argument means for the registry; then accept the change, or take it back.",
)
"""The rule on an argument that no other rule reads, and that is not known to be harmless."""

USED = _rule(
    "What the registry depends on should stay the same",
    "Set it back: the registry, or the way to it, would depend on something else.",
)
"""The rule on a data source that a registry depends on."""

FURTHER_FILE = _rule(
    "Terraform should read the program's own file only",
    "Delete the file, and put what it says into the program: Terraform merges it with cdk.tf.json.",
)
"""The rule on another file in a stack's folder that Terraform reads."""

STACK_NAME = _rule(
    "The stack should keep its name",
    "Set it back, or move the state to the new name as docs/backends.md describes: Terraform knows "
    "nothing of what exists, and fails because it exists.",
)
"""The rule on a stack that gets another name."""

CONSTRUCT_ID = _rule(
    "The construct id must stay",
    "Set the id back, or move the resource (move_from_id): Terraform destroys the old address, and "
    "takes off its own lock before.",
)
"""The rule on a resource of any type whose address changes."""


def reach(type: str) -> Reach | None:
    """The way to a registry that resources of a type have, if they have one."""
    name = type.removeprefix("data.").removeprefix("ephemeral.")
    if type.startswith(("data.azurerm_", "data.azuread_")):  # it only reads
        return None
    return next((each for each in REACHES if re.fullmatch(each.types, name)), None)
