"""Edits of a program, and what the review says about them.

An edit changes the settings file, or the JSON that is synthesized for it, as an override or an
aspect in a user's own app does. Each settings file is synthesized once, and all edits are compared
with the same base.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable
from typing import Any

from helpers import SUBSCRIPTION, Json

from constructs_lib.arguments.base import FROM_A_FILE
from constructs_lib.privacy.attributes import (
    CACHE_RULE,
    NEW_NETWORK,
    PASSWORD,
    REGISTRY,
    RESOURCE_GROUP,
    TOKEN,
)
from constructs_lib.review.changes import of_stacks
from constructs_lib.review.findings import Report, review
from constructs_lib.settings import Settings

STACK = "aro-private-acr"
ADDRESS = f"{REGISTRY}.acr_container_registry_AC5F9E3B"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers"
BASE: Json = {
    "resource_group_name": "aro-mobb-rg",
    "location": "eastus",
    "subscription_id": SUBSCRIPTION,
    "virtual_network": {"name": "aro-rcarrata-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.8.0/23"},
    "container_registry": {
        "name": "acr12345",
        "encryption": {
            "key_vault_key_id": "https://acr-vault.vault.azure.net/keys/acr",
            "identity_client_id": "00000000-0000-0000-0000-000000000009",
        },
        "georeplications": [{"location": "centralus"}],
        "export_policy_enabled": False,
        "identity": {
            "type": "UserAssigned",
            "identity_ids": [f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"],
        },
        "network_rule_bypass_option": "None",
        "lock": "ReadOnly",
        "log_analytics_workspace_id": f"{GROUP}/Microsoft.OperationalInsights/workspaces/logs",
    },
    "tags": {"team": "platform"},
}
"""Settings of a registry with every option that a weakening change can remove."""


class Program:
    """A settings file, and the edits of the JSON that is synthesized for it.

    Attributes:
        settings: the content of the settings file.
        edits: the edits of each stack, in their order.
    """

    def __init__(self) -> None:
        self.settings: Json = {"registries": {STACK: copy.deepcopy(BASE)}}
        self.edits: list[Callable[[Json], None]] = []
        for edit in OWN_APP:
            edit(self)

    def stacks(self) -> dict[str, Json]:
        """The JSON of each stack, by the stack's name."""
        stacks: dict[str, Json] = json.loads(_synthesized(json.dumps(self.settings)))
        for stack in stacks.values():
            for edit in self.edits:
                edit(stack)
        return stacks

    def review(self) -> Report:
        """The review of this program against one without edits."""
        return review("the edit", of_stacks(Program().stacks(), self.stacks()), [])


Edit = Callable[[Program], None]


@functools.cache
def _synthesized(settings: str) -> str:
    """The JSON of all stacks of a settings file, by their names."""
    from cdktf import Testing

    from constructs_lib.stack import PrivateContainerRegistryStack

    valid = Settings.model_validate(json.loads(settings), context=FROM_A_FILE)
    app = Testing.app()
    stacks = {
        name: PrivateContainerRegistryStack(app, name, registry, valid.backend)
        for name, registry in valid.registries.items()
    }
    return json.dumps({name: json.loads(Testing.synth(each)) for name, each in stacks.items()})


def settings(*without: str, **changed: Any) -> Edit:
    """An edit that merges sections into the settings, and removes keys of the registry."""

    def edit(program: Program) -> None:
        registry = program.settings["registries"][STACK]
        for key, value in changed.items():
            are_sections = isinstance(value, dict) and isinstance(registry.get(key), dict)
            registry[key] = {**registry[key], **value} if are_sections else value
        for key in without:
            registry["container_registry"].pop(key)

    return edit


def existing_registry(id: str) -> Edit:
    """An edit that replaces the new registry of the settings with one that exists."""

    def edit(program: Program) -> None:
        registry = program.settings["registries"][STACK]
        registry["container_registry"] = {"id": id}
        del registry["location"]

    return edit


def backend(backend: str | Json) -> Edit:
    """An edit that keeps the state in another place."""

    def edit(program: Program) -> None:
        program.settings["backend"] = backend

    return edit


def stack_json(edit: Callable[[Json], None]) -> Edit:
    """An edit of the synthesized JSON by a function."""
    return lambda program: program.edits.append(edit)


def override(type: str, path: str, value: object) -> Edit:
    """An edit that overrides an attribute in each resource of a type, if there is one."""

    def edit(stack: Json) -> None:
        for resource in stack["resource"].get(f"azurerm_{type}", {}).values():
            _set(resource, path, value)

    return stack_json(edit)


def _set(within: Json, path: str, value: object) -> None:
    *blocks, last = path.split(".")
    for block in blocks:
        within = within.setdefault(block, {})
    within[last] = copy.deepcopy(value)


def added(type: str, **arguments: object) -> Edit:
    """An edit that adds a resource, whose id is ``added``."""

    def edit(stack: Json) -> None:
        stack["resource"].setdefault(type, {})["added"] = copy.deepcopy(arguments)

    return stack_json(edit)


def output(name: str, content: Json) -> Edit:
    """An edit that adds an output."""
    return stack_json(lambda stack: stack.setdefault("output", {}).update({name: content}))


def override_terraform(path: str, value: object) -> Edit:
    """An edit that overrides a setting of Terraform itself."""
    return stack_json(lambda stack: _set(stack["terraform"], path, value))


def removed(type: str) -> Edit:
    """An edit that removes all resources of a type."""
    return stack_json(lambda stack: stack["resource"].pop(type))


def renamed(old: str, new: str) -> Edit:
    """An edit that gives a resource another id, wherever the JSON names it."""

    def edit(stack: Json) -> None:
        text = json.dumps(stack)
        assert old in text
        stack.update(json.loads(text.replace(old, new)))

    return stack_json(edit)


def local_value(**values: str) -> Edit:
    """An edit that sets local values."""
    return stack_json(lambda stack: stack.setdefault("locals", {}).update(values))


def use_key(stack: Json) -> None:
    """Encrypt with the key of a data source, where the registry has a key of its own."""
    for registry in stack["resource"].get(REGISTRY, {}).values():
        for encryption in registry.get("encryption") or []:
            encryption["key_vault_key_id"] = "${data.azurerm_key_vault_key.acr.id}"


NAME = f"${{{ADDRESS}.name}}"
OWN_APP: list[Edit] = [
    local_value(group="aro-mobb-rg"),
    added(RESOURCE_GROUP, name="${local.group}", location="eastus"),
    added(
        NEW_NETWORK,
        name="aro-vnet",
        resource_group_name=f"${{{RESOURCE_GROUP}.added.name}}",
        location="eastus",
    ),
    stack_json(
        lambda stack: stack["resource"].update(
            {
                TOKEN: {"pull": {"name": "pull", "container_registry_name": NAME}},
                PASSWORD: {
                    "pull": {
                        "container_registry_token_id": f"${{{TOKEN}.pull.id}}",
                        "password1": {"expiry": "2027-01-01T00:00:00Z"},
                    }
                },
                CACHE_RULE: {
                    "quay": {
                        "container_registry_id": f"${{{ADDRESS}.id}}",
                        "source_repo": "quay.io/strimzi/*",
                        "target_repo": "strimzi/*",
                    }
                },
            }
        )
    ),
    stack_json(
        lambda stack: stack["data"].update({"azurerm_key_vault_key": {"acr": {"name": "acr"}}})
    ),
    stack_json(use_key),
    override("container_registry", "network_rule_set", {"default_action": "Deny"}),
    override("container_registry", "resource_group_name", f"${{{RESOURCE_GROUP}.added.name}}"),
    override("subnet", "virtual_network_name", f"${{{NEW_NETWORK}.added.name}}"),
    override(
        "private_dns_zone_virtual_network_link",
        "virtual_network_id",
        f"${{{NEW_NETWORK}.added.id}}",
    ),
]
"""Edits of the base: it creates its group and its network, as a user's own app may do."""
