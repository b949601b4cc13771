"""Edits that weaken a registry, and harmless ones: how the review reports each."""

from __future__ import annotations

import re

import pytest
from edits import (
    ADDRESS,
    GROUP,
    STACK,
    Edit,
    Program,
    added,
    backend,
    existing_registry,
    local_value,
    override,
    removed,
    renamed,
    settings,
)
from helpers import SUBSCRIPTION

from constructs_lib.privacy.replacements import CONSTRUCT_ID, replacements
from constructs_lib.privacy.rules import RULES
from constructs_lib.privacy.surroundings import FOREIGN, FURTHER_ENDPOINT, PROVISIONER
from constructs_lib.review.printers import markdown

ZONE_ID = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
RENAMED = {"name": "other12345"}
TYPES = {rule.type for rule in RULES}
ALL_RULES = [
    *RULES,
    *(rule for type in TYPES for rule in replacements(type)),
    CONSTRUCT_ID,
    PROVISIONER,
    FOREIGN,
    FURTHER_ENDPOINT,
]
REMEDY = {rule.title: rule.remedy for rule in ALL_RULES}


def reported(*edits: Edit) -> tuple[bool, str]:
    """Whether the edits weaken the registry, and the report on them."""
    program = Program()
    for edit in edits:
        edit(program)
    report = program.review()
    text, left_out = markdown(report)
    assert not left_out
    return report.weakens, text


WEAKENING: list[tuple[str, str, Edit]] = [
    (
        "Public network access must be off",
        "public_network_access_enabled",
        override("container_registry", "public_network_access_enabled", True),
    ),
    ("The SKU must be Premium", "sku", override("container_registry", "sku", "Standard")),
    (
        "Anonymous pull must be off",
        "anonymous_pull_enabled",
        override("container_registry", "anonymous_pull_enabled", True),
    ),
    (
        "The admin user should be off",
        "admin_enabled",
        settings(container_registry={"admin_enabled": True, "lock": "CanNotDelete"}),
    ),
    (
        "Azure's trusted services should not bypass the network rules",
        "network_rule_bypass_option",
        settings("network_rule_bypass_option"),
    ),
    (
        "Images should stay in the registry",
        "export_policy_enabled",
        settings("export_policy_enabled"),
    ),
    (
        "The network rules should let nobody in",
        "network_rule_set",
        override("container_registry", "network_rule_set", [{"default_action": "Allow"}]),
    ),
    (
        "Untagged images should be kept",
        "retention_policy_in_days",
        override("container_registry", "retention_policy_in_days", 7),
    ),
    (
        "Each replica should take pulls",
        "georeplications",
        settings(
            container_registry={
                "georeplications": [{"location": "centralus", "regional_endpoint_enabled": False}]
            }
        ),
    ),
    ("Each replica should stay", "georeplications", settings("georeplications")),
    ("Your own key should encrypt the images", "encryption", settings("encryption")),
    (
        "Deletion protection should be on",
        "lifecycle.prevent_destroy",
        settings(deletion_protection=False),
    ),
    (
        "Terraform should undo what others change",
        "lifecycle.ignore_changes",
        override("container_registry", "lifecycle.ignore_changes", ["sku"]),
    ),
    (
        "The private endpoint must lead to the registry",
        "private_service_connection.subresource_names",
        override("private_endpoint", "private_service_connection.subresource_names", ["blob"]),
    ),
    (
        "The private endpoint's addresses should be in the private DNS zone",
        "private_dns_zone_group",
        override("private_endpoint", "private_dns_zone_group", None),
    ),
    (
        "The private DNS zone must be the one in which Azure resolves registries",
        "name",
        override("private_dns_zone", "name", "azurecr.io"),
    ),
    (
        "Virtual machines should not register their names in the private DNS zone",
        "registration_enabled",
        override("private_dns_zone_virtual_network_link", "registration_enabled", True),
    ),
    (
        "The lock should refuse every change",
        "lock_level",
        settings(container_registry={"lock": "CanNotDelete"}),
    ),
    ("The registry must stay", "removed", existing_registry(REGISTRY_ID)),
    (
        "The private endpoint must stay",
        "removed",
        removed("azurerm_private_endpoint"),
    ),
    ("The private DNS zone must stay", "removed", settings(private_dns_zone={"id": ZONE_ID})),
    (
        "The link of the private DNS zone must stay",
        "removed",
        settings(private_dns_zone={"id": ZONE_ID}),
    ),
    ("The lock should stay", "removed", settings("lock")),
    ("The audit logs should stay", "removed", settings("log_analytics_workspace_id")),
    ("The registry should not be replaced", "name", settings(container_registry=RENAMED)),
    ("The registry should not be replaced", "location", settings(location="westus")),
    ("The way to the registry should not be cut", "name", settings(private_endpoint=RENAMED)),
    (
        "The lock should stay on the registry",
        "scope",
        override("management_lock", "scope", "elsewhere"),
    ),
    (
        "The construct id must stay",
        "id",
        renamed("acr_container_registry_AC5F9E3B", "registry_container_registry_1"),
    ),
    (
        "The subnet's network policies should stay as they are",
        "private_endpoint_network_policies",
        override("subnet", "private_endpoint_network_policies", "Enabled"),
    ),
    ("The virtual network should stay the same", "name", settings(virtual_network=RENAMED)),
    *(
        (
            "Terraform should undo what others change",
            "lifecycle.ignore_changes",
            override(type, "lifecycle.ignore_changes", [path]),
        )
        for type, path in (
            ("private_endpoint", "private_dns_zone_group"),
            ("private_dns_zone", "all"),
            ("private_dns_zone_virtual_network_link", "registration_enabled"),
            ("management_lock", "lock_level"),
            ("monitor_diagnostic_setting", "enabled_log[0].category"),
        )
    ),
    (
        "Images should not wait in quarantine",
        "quarantine_policy_enabled",
        override("container_registry", "quarantine_policy_enabled", True),
    ),
    (
        "The private endpoint's records should stay in their zone",
        "private_dns_zone_group.private_dns_zone_ids",
        override("private_endpoint", "private_dns_zone_group.private_dns_zone_ids", [ZONE_ID]),
    ),
    (
        "The audit logs should stay complete",
        "enabled_log",
        override("monitor_diagnostic_setting", "enabled_log", []),
    ),
    (
        "The audit logs should go where they went",
        "log_analytics_workspace_id",
        settings(
            container_registry={
                "log_analytics_workspace_id": f"{GROUP}/Microsoft.OperationalInsights/workspaces/b"
            }
        ),
    ),
    *(
        (title, attribute, added(type, **arguments))
        for title, attribute, type, arguments in (
            (
                "No other record should answer for the registry",
                "zone_name",
                "azurerm_private_dns_a_record",
                {
                    "name": "acr12345",
                    "zone_name": "${azurerm_private_dns_zone.acr_private_dns_zone_8F7DBAF8.name}",
                },
            ),
            (
                "Nobody else should have a role on the registry",
                "role_definition_name",
                "azurerm_role_assignment",
                {"role_definition_name": "AcrPush", "scope": f"${{{ADDRESS}.id}}"},
            ),
            (
                "A token should only pull",
                "scope_map_id",
                "azurerm_container_registry_token",
                {"name": "a", "scope_map_id": "/scopeMaps/_repositories_admin"},
            ),
            (
                "A scope map should only allow pulls",
                "actions",
                "azurerm_container_registry_scope_map",
                {"name": "a", "actions": ["repositories/a/content/write"]},
            ),
            (
                "No provisioner should run",
                "provisioner",
                "terraform_data",
                {"provisioner": {"local-exec": {"command": "az acr update"}}},
            ),
            (
                "No second endpoint should lead to the registry",
                "added",
                "azurerm_private_endpoint",
                {
                    "name": "second",
                    "private_service_connection": {
                        "private_connection_resource_id": f"${{{ADDRESS}.id}}",
                        "subresource_names": ["registry"],
                    },
                    "private_dns_zone_group": {"private_dns_zone_ids": [ZONE_ID]},
                },
            ),
            (
                "No other provider should change the registry",
                "added",
                "azapi_update_resource",
                {"resource_id": f"${{{ADDRESS}.id}}"},
            ),
        )
    ),
    (
        "The registry should not be replaced",
        "resource_group_name",
        local_value(group="other-rg"),
    ),
    (
        "The way to the registry should not be cut",
        "virtual_network_name",
        override("virtual_network", "name", "other-vnet"),
    ),
    (
        "The way to the registry should not be cut",
        "virtual_network_id",
        override("virtual_network", "name", "other-vnet"),
    ),
    *(
        (title, "removed", override(type, meta, nothing))
        for title, type, meta, nothing in (
            ("The registry must stay", "container_registry", "count", 0),
            ("The private endpoint must stay", "private_endpoint", "for_each", {}),
        )
    ),
    *(
        ("Terraform's state should stay where it is", kind, backend(place))
        for kind, place in (
            ("backend", {"local": {"path": "state/{stack}.tfstate"}}),
            ("backend", "cloud"),
            ("cloud", "cloud"),
        )
    ),
    ("The resource group must stay", "removed", removed("azurerm_resource_group")),
    (
        "The cluster's virtual network must stay",
        "removed",
        removed("azurerm_virtual_network"),
    ),
    (
        "The subscription should stay the same",
        "subscription_id",
        settings(subscription_id=SUBSCRIPTION.replace("1", "2")),
    ),
    (
        "Azure's cloud should stay the same",
        "environment",
        settings(environment="usgovernment"),
    ),
]
"""The title and the attribute of each rule, with an edit that breaks the rule."""


@pytest.mark.parametrize(("title", "attribute", "edit"), WEAKENING)
def test_the_report_begins_with_weakening_changes(title: str, attribute: str, edit: Edit) -> None:
    """A broken rule comes first, with its title and its remedy, and the review is red."""
    weakens, report = reported(edit)
    assert weakens
    _, first, rest = re.split(r"### (?:Weakens\n|(?=[A-Z]))", f"{report}\n### End", maxsplit=2)
    what = f" is {attribute}" if attribute in ("added", "removed") else f" `{attribute}`: "
    lines = [line for line in first.splitlines() if f"**{title}.**" in line and what in line]
    assert len(lines) == 1
    assert REMEDY[title] in lines[0]
    assert "Weakens" not in rest


def test_every_rule_has_an_edit_that_breaks_it() -> None:
    """``WEAKENING`` has at least one edit for each rule."""
    assert {title for title, *_ in WEAKENING} == set(REMEDY)


HARMLESS: list[tuple[str, Edit]] = [
    ('`tags.team`: `"platform"` → `"data"`', settings(tags={"team": "data"})),
    (
        "`anonymous_pull_enabled`: not set, as `false` → `false`",
        override("container_registry", "anonymous_pull_enabled", False),
    ),
    (
        "azurerm_private_dns_zone.added` (added)",
        added("azurerm_private_dns_zone", name="corp.example"),
    ),
    (
        "azurerm_private_endpoint.added` (added)",
        added(
            "azurerm_private_endpoint", private_service_connection={"subresource_names": ["blob"]}
        ),
    ),
]
"""Edits that weaken nothing, with what the report shows of them."""


@pytest.mark.parametrize(("shown", "edit"), HARMLESS)
def test_a_harmless_change_passes(shown: str, edit: Edit) -> None:
    """A harmless change is shown, and the review is green."""
    weakens, report = reported(edit)
    assert not weakens
    assert "### Weakens" not in report
    assert shown in report


def test_a_report_without_changes_is_not_empty() -> None:
    """A report without changes states that nothing changes in the stacks."""
    weakens, report = reported()
    assert (weakens, report.splitlines()[2:]) == (False, ["**Nothing changes in the stacks.**"])


def test_a_renamed_stack_is_removed_and_added() -> None:
    """All resources of a renamed stack are removed from the old one and added to the new one."""

    def rename(program: Program) -> None:
        program.settings["registries"] = {"other": program.settings["registries"][STACK]}

    weakens, report = reported(rename)
    assert weakens
    removed, added = report.split("## Stack ")[1:]
    assert f"`{ADDRESS}` is forgotten" in removed
    assert "it stays in Azure, but Terraform no longer looks after it" in removed
    assert f"### Added\n\n- `{ADDRESS}`" in added
    assert "### Weakens" not in added


def test_a_reason_in_the_json_accepts_a_risk() -> None:
    """The report shows the reason that the synthesized JSON contains for the attribute."""
    opened = "public_network_access_enabled"
    weakens, report = reported(
        override("container_registry", opened, True),
        override("container_registry", f"//.accepted.{opened}", "a demo, for a day"),
    )
    assert not weakens
    assert "Accepted: `a demo, for a day`" in report
