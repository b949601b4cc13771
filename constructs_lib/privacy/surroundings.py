"""The rules on what is around a registry: its group and network, records, roles and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import conditions
from .attributes import (
    ENDPOINT,
    NEW_NETWORK,
    REGISTRY,
    RESOURCE_GROUP,
    Attributes,
    as_list,
    unwrap_block,
)
from .rule import Check, Rule

ROLE = "azurerm_role_assignment"
SCOPE_MAP = f"{REGISTRY}_scope_map"
TOKEN = f"{REGISTRY}_token"
RECORDS = ("azurerm_private_dns_a_record", "azurerm_private_dns_cname_record")

_GRANT = ("principal_id", "role_definition_id", "role_definition_name", "scope")


def _is_elsewhere(record: Attributes) -> bool:
    """The record is in no zone of registries."""
    return "azurecr" not in str(record.get("zone_name"))


def _same_grant(before: Attributes | None, after: Attributes | None) -> bool:
    return all((before or {}).get(name) == (after or {}).get(name) for name in _GRANT)


def _only_pulls(token: Attributes) -> bool:
    """The token has one of Azure's own scope maps for pulls, or one that the stack creates."""
    scope_map = str(token.get("scope_map_id") or "/_repositories_pull")
    is_own = "/scopemaps/_" not in scope_map.lower() and "/scopemaps/" in scope_map.lower()
    return is_own or scope_map.endswith(
        ("/_repositories_pull", "/_repositories_pull_metadata_read")
    )


def _only_reads(scope_map: Attributes) -> bool:
    actions = as_list(scope_map.get("actions"))
    return all(str(action).endswith(("/content/read", "/metadata/read")) for action in actions)


_PLACE = {
    "azurerm": ("storage_account_name", "container_name", "key"),
    "cloud": ("hostname", "organization", "workspaces"),
}
"""The arguments of a backend that say where the state is; of another backend, all do."""


def _state_stays(kind: str) -> Check:
    """The state is where it was, as far as the stack is there before and after."""

    def place(settings: Attributes) -> object:
        block = settings.get(kind)
        if kind == "cloud":
            return _part(block, _PLACE["cloud"])
        named = block if isinstance(block, Mapping) else {}
        return {name: _part(each, _PLACE.get(name)) for name, each in named.items()}

    return lambda before, after: not before or not after or place(before) == place(after)


def _part(block: Any, names: tuple[str, ...] | None) -> object:
    block = unwrap_block(block)
    if names is None or not isinstance(block, Mapping):
        return block
    return {name: unwrap_block(block.get(name)) for name in names}


SURROUNDINGS: list[Rule] = [
    *(
        Rule(
            "terraform",
            kind,
            "Terraform's state should stay where it is",
            "Set it back, or move the state as docs/backends.md describes: without its state, "
            "Terraform creates everything anew, or fails because it exists.",
            _state_stays(kind),
        )
        for kind in ("backend", "cloud")
    ),
    Rule(
        RESOURCE_GROUP,
        "removed",
        "The resource group must stay",
        "Put it back: Terraform destroys it with all that is in it.",
        conditions.exists,
    ),
    Rule(
        NEW_NETWORK,
        "removed",
        "The cluster's virtual network must stay",
        "Put it back: without it, nothing reaches the registry.",
        conditions.exists,
    ),
    *(
        Rule(
            type,
            "zone_name",
            "No other record should answer for the registry",
            "Take the record out: the endpoint's DNS zone group writes the registry's records.",
            conditions.passes(_is_elsewhere),
            no_worse=lambda before, after: before == after,
        )
        for type in RECORDS
    ),
    Rule(
        ROLE,
        "role_definition_name",
        "Nobody else should have a role on the registry",
        "Make sure who gets the role, and what it allows; then accept it with that as the reason.",
        conditions.passes(lambda role: not any(role.get(name) for name in _GRANT)),
        no_worse=_same_grant,
    ),
    Rule(
        TOKEN,
        "scope_map_id",
        "A token should only pull",
        "Give it the scope map _repositories_pull: whoever has its password has its rights.",
        conditions.passes(_only_pulls),
    ),
    Rule(
        SCOPE_MAP,
        "actions",
        "A scope map should only allow pulls",
        "Leave only actions on content/read and metadata/read.",
        conditions.passes(_only_reads),
    ),
]
"""Rows of the table of rules."""

FURTHER_ENDPOINT = Rule(
    ENDPOINT,
    "added",
    "No second endpoint should lead to the registry",
    "Take it out, unless its network may reach the registry: it needs a zone of its own, too.",
    lambda _, after: after is None,
    required=True,
)
"""The rule on an endpoint that is added beside another one to the same registry."""

PROVISIONER = Rule(
    "",
    "provisioner",
    "No provisioner should run",
    "Take it out: it runs a program with Terraform's rights, and no plan shows what that does.",
    conditions.passes(lambda resource: not resource.get("provisioner")),
)
"""The rule on a resource of any type that runs a program."""

FOREIGN = Rule(
    "",
    "added",
    "No other provider should change the registry",
    "Use a resource of azurerm, for which there are rules, or look at what this one changes.",
    lambda _, after: after is None,
    required=True,
)
"""The rule on a resource of another provider that refers to the registry."""
