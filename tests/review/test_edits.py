"""Edits that weaken a registry, and harmless ones: how the review reports each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

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
    output,
    override,
    override_terraform,
    removed,
    renamed,
    settings,
    stack_json,
)
from helpers import SUBSCRIPTION, Json

from constructs_lib.privacy import reach
from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.privacy.rule import Rule
from constructs_lib.privacy.rules import RULES
from constructs_lib.review.changes import of_stacks
from constructs_lib.review.findings import review
from constructs_lib.review.printers import markdown

ZONE_ID = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
IDENTITY_ID = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"
LOGS_ID = f"{GROUP}/Microsoft.OperationalInsights/workspaces/logs"
SUBNET = "${azurerm_subnet.acr_endpoint_subnet_2B291BB7.id}"
DYNAMIC = {"for_each": ["192.0.2.1"], "content": {"ip_range": "${ip_rule.value}"}}
RENAMED = {"name": "other12345"}
OF_THE_PROGRAM = (reach.FURTHER_FILE, reach.STACK_NAME)
ALL_RULES: list[Rule | reach.Reach] = [
    *RULES,
    *(each for each in vars(reach).values() if isinstance(each, Rule)),
    *reach.REACHES,
    *reach.FURTHER.values(),
]
REMEDY = {rule.title: rule.remedy for rule in ALL_RULES if rule not in OF_THE_PROGRAM}


def reported(*edits: Edit) -> tuple[bool, str]:
    """Whether the edits weaken the registry, and the report on them."""
    program = Program()
    for edit in edits:
        edit(program)
    report = program.review()
    text, left_out = markdown(report)
    assert not left_out
    return report.weakens, text


def output_of_a_local(program: Program) -> None:
    """Show a password by the name of a local."""
    local_value(login="${azurerm_container_registry_token_password.pull.password1}")(program)
    output("debug", {"value": "${local.login}"})(program)


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
    *(
        ("The lock should stay", "removed", override("management_lock", "count", count))
        for count in ('${"false" && true ? 1 : 0}', "${[for k, v in {b = 1, a = 0} : v][0]}")
    ),
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
    *(
        (title, "added", added(type, **arguments))
        for title, type, arguments in (
            (
                "The audit logs should go nowhere else",
                "azurerm_monitor_diagnostic_setting",
                {
                    "target_resource_id": f"${{{ADDRESS}.id}}",
                    "log_analytics_workspace_id": f"{GROUP}/Microsoft.X/workspaces/b",
                },
            ),
            (
                "Nothing without a rule should name the registry",
                "azurerm_container_registry_task",
                {"name": "a", "container_registry_id": f"${{{ADDRESS}.id}}"},
            ),
            (
                "Nothing without a rule should name the registry",
                "azurerm_monitor_action_rule",
                {"name": "a", "target": "ACR12345"},
            ),
            (
                "No webhook should tell others what is pushed",
                "azurerm_container_registry_webhook",
                {"registry_name": "acr12345", "service_uri": "https://hooks.example"},
            ),
            (
                "Nobody else should get rights on the registry",
                "azurerm_pim_active_role_assignment",
                {"scope": "/providers/Microsoft.Management/managementGroups/corp"},
            ),
            (
                "Nothing else should change the registry",
                "azurerm_subscription_policy_assignment",
                {"name": "open"},
            ),
            (
                "Names and routes of the network should stay",
                "azurerm_private_dns_resolver_forwarding_rule",
                {"name": "all", "domain_name": "azurecr.io."},
            ),
        )
    ),
    (
        "Nothing else should change the registry",
        "added",
        stack_json(lambda stack: stack.update(module={"a": {"source": "./a"}})),
    ),
    (
        "No program from elsewhere should run",
        "added",
        stack_json(lambda stack: stack.update(check={"a": {"data": {"http": {"b": {}}}}})),
    ),
    (
        "No provisioner should run",
        "provisioner",
        stack_json(
            lambda stack: stack.update(removed=[{"from": "a.b", "provisioner": {"local-exec": {}}}])
        ),
    ),
    (
        "No program should run for a provider",
        "exec",
        stack_json(lambda stack: stack["provider"].update(kubernetes={"exec": {"command": "sh"}})),
    ),
    (
        "No program should run for a provider",
        "postrender",
        added("helm_release", name="a", postrender={"binary_path": "/bin/sh"}),
    ),
    (
        "A provider's version should stay pinned",
        "required_providers",
        override_terraform("required_providers.azurerm.version", ">= 4.0"),
    ),
    (
        "What is not known to be harmless should not change",
        "experiments",
        override_terraform("experiments", ["of_tomorrow"]),
    ),
    (
        "A resource group with resources in it should not be deleted",
        "features.resource_group.prevent_deletion_if_contains_resources",
        stack_json(
            lambda stack: stack["provider"]["azurerm"][0].update(
                features={"resource_group": {"prevent_deletion_if_contains_resources": False}}
            )
        ),
    ),
    *(
        (
            "Nobody else should have a role on the registry",
            "role_definition_name",
            added("azurerm_role_assignment", scope=scope, role_definition_name="Owner"),
        )
        for scope in (ZONE_ID.replace("/hub/", "/aro-mobb-rg/"), IDENTITY_ID, LOGS_ID)
    ),
    *(
        ("Names and routes of the network should stay", "added", added(type, **arguments))
        for type, arguments in (
            ("azurerm_subnet_network_security_group_association", {"subnet_id": SUBNET}),
            ("azurerm_subnet_route_table_association", {"subnet_id": SUBNET}),
        )
    ),
    (
        "No other record should answer for the registry",
        "zone_name",
        added("azurerm_private_dns_a_record", zone_name="${var.of_somebody}"),
    ),
    (
        "The private DNS zone must be the one in which Azure resolves registries",
        "name",
        added("azurerm_private_dns_zone", name="io"),
    ),
    (
        "A secret should not be made plain",
        "debug",
        output("debug", {"value": "${nonsensitive(azurerm_x.y.password)}"}),
    ),
    (
        "A secret should not be made plain",
        "debug",
        output("debug", {"value": f"${{{ADDRESS}.admin_password}}"}),
    ),
    (
        "A secret should not be made plain",
        "debug",
        output_of_a_local,
    ),
    (
        "A password should not be valid for longer",
        "password2",
        override("container_registry_token_password", "password2", {}),
    ),
    (
        "Nobody else should have a role on the registry",
        "role_definition_name",
        added(
            "azurerm_role_assignment",
            scope="${azurerm_private_dns_zone.acr_private_dns_zone_8F7DBAF8.id}",
            role_definition_name="Private DNS Zone Contributor",
        ),
    ),
    (
        "A secret should not be made plain",
        "input",
        added("terraform_data", input=f"${{nonsensitive({ADDRESS}.login_server)}}"),
    ),
    (
        "What is not known to be harmless should not change",
        "of_tomorrow",
        override("container_registry", "of_tomorrow", True),
    ),
    (
        "The registry's provider should stay the same",
        "provider",
        override("container_registry", "provider", "azurerm.other"),
    ),
    (
        "No other provider should change the registry",
        "source",
        override_terraform("required_providers.azurerm.source", "other/azurerm"),
    ),
    (
        "Nothing should trigger a replacement or an action",
        "lifecycle.replace_triggered_by",
        override("container_registry", "lifecycle.replace_triggered_by", ["terraform_data.a"]),
    ),
    (
        "Nothing should trigger a replacement or an action",
        "lifecycle.action_trigger",
        added("azurerm_storage_account", lifecycle={"action_trigger": {"actions": ["action.a.b"]}}),
    ),
    (
        "A secret should not be made plain",
        "lifecycle",
        added("azurerm_x", lifecycle={"precondition": {"error_message": "${nonsensitive(a.b)}"}}),
    ),
    (
        "Terraform should undo what others change",
        "lifecycle.ignore_changes",
        override("container_registry", "lifecycle.ignore_changes", ["${sku}"]),
    ),
    (
        "The network rules should let nobody in",
        "network_rule_set",
        override("container_registry", "network_rule_set.dynamic", {"ip_rule": DYNAMIC}),
    ),
    (
        "Who gets into the registry should stay",
        "trust_policy_enabled",
        override("container_registry", "trust_policy_enabled", True),
    ),
    (
        "Tasks should not bypass the network rules",
        "network_rule_bypass_for_tasks_enabled",
        override("container_registry", "network_rule_bypass_for_tasks_enabled", True),
    ),
    (
        "The network's name servers should stay",
        "dns_servers",
        override("virtual_network", "dns_servers", ["192.0.2.1"]),
    ),
    (
        "What the registry depends on should stay the same",
        "name",
        stack_json(lambda stack: stack["data"]["azurerm_key_vault_key"]["acr"].update(name="b")),
    ),
    (
        "Whoever pulls should still be able to",
        "removed",
        removed("azurerm_container_registry_token"),
    ),
    (
        "A password should not be valid for longer",
        "password1",
        override("container_registry_token_password", "password1.expiry", "2030-01-01T00:00:00Z"),
    ),
    (
        "The cluster should keep the password that it has",
        "password1",
        override("container_registry_token_password", "password1.expiry", "2026-12-24T00:00:00Z"),
    ),
    (
        "A cache rule should log in as it did",
        "credential_set_id",
        override("container_registry_cache_rule", "credential_set_id", f"{ADDRESS}.id/other"),
    ),
    (
        "A cache rule should pull from where it pulled",
        "source_repo",
        override("container_registry_cache_rule", "source_repo", "quay.io/strimzii/*"),
    ),
    (
        "Terraform should log in as it did",
        "metadata_host",
        stack_json(lambda stack: stack["provider"]["azurerm"][0].update(metadata_host="a.example")),
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


REDIRECT = ("resolution_policy", "NxDomainRedirect")
MESSAGE = ("private_service_connection.request_message", "please")
ENDPOINT_IP = "${azurerm_private_endpoint.acr_private_endpoint_D708C3C8.custom_dns_configs}"
X_Y = {"x": {"y": True}}
SECRET = {"value": f"${{{ADDRESS}.admin_password}}", "sensitive": True}
LOGS = "azurerm_monitor_diagnostic_setting"
VAULT = "${azurerm_key_vault.vault.id}"
TWO = [
    {"location": region, "regional_endpoint_enabled": True} for region in ("Central US", "westus")
]


@pytest.mark.parametrize(
    ("type", "meta", "value"),
    [
        ("private_dns_zone", "count", "${var.unknown}"),
        ("management_lock", "for_each", "${toset(var.unknown)}"),
    ],
)
def test_what_only_terraform_knows_to_stay_may_be_removed(type: str, meta: str, value: str) -> None:
    """A count or a for_each that cannot be followed is a risk, until it is as it was."""
    weakens, report = reported(override(type, meta, value))
    assert weakens
    assert report.count("### Weakens") == 1


HARMLESS: list[tuple[str, Edit]] = [
    ('`tags.team`: `"platform"` → `"data"`', settings(tags={"team": "data"})),
    (
        "`anonymous_pull_enabled`: not set, as `false` → `false`",
        override("container_registry", "anonymous_pull_enabled", False),
    ),
    ('`tags.x`: not set → `"1"`', override("container_registry", "tags.x", "1")),
    ("`data_endpoint_enabled`", override("container_registry", "data_endpoint_enabled", True)),
    ("`notes`", override("management_lock", "notes", "ask the platform team")),
    ("`address_prefixes`", override("subnet", "address_prefixes", ["10.0.9.0/24"])),
    ("`resolution_policy`", override("private_dns_zone_virtual_network_link", *REDIRECT)),
    ("`georeplications[1].location`", override("container_registry", "georeplications", TWO)),
    ("`features.x.y`", stack_json(lambda s: s["provider"]["azurerm"][0].update(features=X_Y))),
    ("`private_service_connection.request_message`", override("private_endpoint", *MESSAGE)),
    (
        "`lifecycle.create_before_destroy`",
        override("private_endpoint", "lifecycle.create_before_destroy", True),
    ),
    (
        "azurerm_subnet_route_table_association.added` (added)",
        added("azurerm_subnet_route_table_association", subnet_id="${azurerm_subnet.other.id}"),
    ),
    (
        "azurerm_private_dns_a_record.added` (added)",
        added("azurerm_private_dns_a_record", zone_name="corp.example", records=[ENDPOINT_IP]),
    ),
    (
        "`required_providers.azurerm.version`",
        override_terraform("required_providers.azurerm.version", "4.81.0"),
    ),
    ("provider.helm` (changed)", stack_json(lambda s: s["provider"].update(helm={"a": 1}))),
    ("`debug.value`", output("debug", {"value": f"${{{ADDRESS}.login_server}}"})),
    ("`secret.sensitive`", output("secret", SECRET)),
    ('`name`: not set → `"a"`', local_value(name="a")),
    ("azurerm_storage_account.added` (added)", added("azurerm_storage_account", name="logs")),
    (
        "azurerm_management_lock.added` (added)",
        added("azurerm_management_lock", scope="${azurerm_storage_account.a.id}"),
    ),
    (
        "azurerm_role_assignment.added` (added)",
        added("azurerm_role_assignment", scope="${azurerm_storage_account.a.id}"),
    ),
    (
        "helm_release.added` (added)",
        added("helm_release", set=[{"value": f"${{{ADDRESS}.login_server}}"}]),
    ),
    (
        "kubernetes_namespace.added` (added)",
        added("kubernetes_namespace", depends_on=[ADDRESS], image="acr12345.azurecr.io/a"),
    ),
    ("azurerm_monitor_diagnostic_setting.added` (added)", added(LOGS, target_resource_id=VAULT)),
    ("random_id.added` (added)", added("random_id", byte_length=4)),
    ("azurerm_user_assigned_identity.added` (added)", added("azurerm_user_assigned_identity")),
    (
        "azurerm_container_registry_cache_rule.added` (added)",
        added("azurerm_container_registry_cache_rule", name="b", source_repo="quay.io/b"),
    ),
    (
        "azurerm_private_dns_a_record.added` (added)",
        added("azurerm_private_dns_a_record", zone_name="corp.example", name="acr"),
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


def listed(stack: Json) -> None:
    """Write each block of the stack's JSON as a list of one, as far as names are above them."""
    for section in ("resource", "data"):
        stack[section] = [
            {type: [{name: [block] for name, block in named.items()}]}
            for type, named in stack[section].items()
        ]
    stack["terraform"] = [{name: each} for name, each in stack["terraform"].items()]
    stack["provider"] = [stack["provider"]]


def reversed_(stack: Json) -> None:
    """Write everything in another order."""
    text = json.dumps(stack, sort_keys=True)
    stack.clear()
    stack.update(dict(reversed(json.loads(text).items())))


def by_literal(stack: Json) -> None:
    """Name the registry by its id in the place of a reference."""
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
    id = f"{group}/Microsoft.ContainerRegistry/registries/acr12345"
    text = json.dumps(stack)
    assert f"${{{ADDRESS}.id}}" in text
    stack.update(json.loads(text.replace(f"${{{ADDRESS}.id}}", id)))


def through_a_local(stack: Json) -> None:
    """Give the registry's id a name, and its switch a condition."""
    text = json.dumps(stack).replace(f"${{{ADDRESS}.id}}", "${local.registry}")
    stack.update(json.loads(text))
    stack.setdefault("locals", {}).update(registry=f"${{{ADDRESS}.id}}", public="false")
    registry = stack["resource"][REGISTRY][ADDRESS.partition(".")[2]]
    registry["public_network_access_enabled"] = '${local.public == "true"}'


def counted(stack: Json) -> None:
    """Count the link, which Terraform takes for the first of several."""
    for link in stack["resource"]["azurerm_private_dns_zone_virtual_network_link"].values():
        link["count"] = "${local.linked ? 1 : 0}"
    stack.setdefault("locals", {})["linked"] = True


def with_defaults(stack: Json) -> None:
    """Name azurerm's own provider, and make the registry a local."""
    stack["resource"][REGISTRY][ADDRESS.partition(".")[2]]["provider"] = "azurerm"
    text = json.dumps(stack).replace(f"${{{ADDRESS}.id}}", "${local.registry.id}")
    stack.update(json.loads(text))
    stack.setdefault("locals", {}).update(registry=f"${{{ADDRESS}}}")


REFACTORINGS = [listed, reversed_, by_literal, through_a_local, counted, with_defaults]


@pytest.mark.parametrize("edit", REFACTORINGS)
def test_a_refactoring_changes_nothing_of_a_registry(edit: Callable[[Json], None]) -> None:
    """What Terraform reads as before changes nothing but the text of locals and outputs."""
    weakens, report = reported(stack_json(edit))
    assert not weakens
    changed = {line for line in report.splitlines() if line.startswith("- ")}
    registry = f"- `{ADDRESS}` (changed)" if edit is with_defaults else ""
    assert changed <= {"- `locals` (changed)", "- `output` (changed)", registry}


def needed_key(stack: Json) -> None:
    """Make the key with which the registry is encrypted."""
    stack["resource"]["azurerm_key_vault_key"] = {"acr": {"name": "acr", "key_vault_id": "/ours"}}
    for registry in stack["resource"][REGISTRY].values():
        registry["encryption"] = {"key_vault_key_id": "${azurerm_key_vault_key.acr.id}"}


def pulling_cluster(stack: Json) -> None:
    """Give a cluster a role, which it has as long as it is there."""
    stack["resource"]["azurerm_kubernetes_cluster"] = {"aks": {"name": "aks", "node_count": 3}}
    role = {"scope": f"${{{ADDRESS}.id}}", "principal_id": "${azurerm_kubernetes_cluster.aks.id}"}
    stack["resource"]["azurerm_role_assignment"] = {"aks": role}


@pytest.mark.parametrize(
    ("base", "type", "argument", "expected"),
    [
        (needed_key, "azurerm_key_vault_key", "key_vault_id", True),
        (needed_key, "azurerm_key_vault_key", "tags", False),
        (pulling_cluster, "azurerm_kubernetes_cluster", "node_count", False),
    ],
)
def test_what_a_registry_needs_should_stay(
    base: Callable[[Json], None], type: str, argument: str, expected: bool
) -> None:
    """Its text stays the same; what somebody with a role needs is another matter."""
    (before,) = Program().stacks().values()
    base(before)
    after = json.loads(json.dumps(before))
    next(iter(after["resource"][type].values()))[argument] = "another"
    report = review("the edit", of_stacks({STACK: before}, {STACK: after}), [])
    assert report.weakens is expected


def test_a_report_without_changes_is_not_empty() -> None:
    """A report without changes states that nothing changes in the stacks."""
    weakens, report = reported()
    assert (weakens, report.splitlines()[2:]) == (False, ["**Nothing changes in the stacks.**"])


def test_a_renamed_stack_is_one_sentence() -> None:
    """Its resources are compared with those of the stack's earlier name."""

    def rename(program: Program) -> None:
        program.settings["registries"] = {"other": program.settings["registries"][STACK]}

    weakens, report = reported(rename)
    assert weakens
    assert "**1 weakening.**" in report
    assert f'**The stack should keep its name.** `stack` `name`: `"{STACK}"` → `"other"`' in report


def test_a_removed_stack_is_forgotten() -> None:
    """Its resources stay in Azure; those of another stack are added."""

    def replaced(program: Program) -> None:
        settings = program.settings["registries"].pop(STACK)
        settings["container_registry"].pop("lock")
        program.settings["registries"]["other"] = settings

    weakens, report = reported(replaced)
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
