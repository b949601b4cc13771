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
from constructs_lib.privacy.attributes import REGISTRY, ROLE, SCOPE_MAP, TOKEN
from constructs_lib.privacy.rule import Rule
from constructs_lib.privacy.rules import RULES
from constructs_lib.review.changes import of_stacks
from constructs_lib.review.findings import review
from constructs_lib.review.printers import markdown

ACR = "container_registry"
ZONE_LINK = "private_dns_zone_virtual_network_link"
LOGIN = "container_registry_token_password"
A_RECORD = "azurerm_private_dns_a_record"
LOGS = "azurerm_monitor_diagnostic_setting"
ZONE = "azurerm_private_dns_zone.acr_private_dns_zone_8F7DBAF8"
REGISTRY_REFERENCE = f"${{{ADDRESS}.id}}"
ZONE_ID = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
IDENTITY_ID = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"
LOGS_ID = f"{GROUP}/Microsoft.OperationalInsights/workspaces/logs"
SUBNET = "${azurerm_subnet.acr_endpoint_subnet_2B291BB7.id}"
DYNAMIC = {"for_each": ["192.0.2.1"], "content": {"ip_range": "${ip_rule.value}"}}
RENAMED = {"name": "other12345"}
ANY_LOCK = "CanNotDelete"
NO_PULLS = [{"location": "centralus", "regional_endpoint_enabled": False}]
NOTHING = "${[for k, v in {b = 1, a = 0} : v][0]}"
PLAIN = "${nonsensitive(a.b)}"
ACTIONS = {"actions": ["action.a.b"]}
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


def section(**sections: object) -> Edit:
    """An edit that adds sections to the JSON."""
    return stack_json(lambda stack: stack.update(sections))


def provider(name: str, **arguments: object) -> Edit:
    """An edit that adds a provider."""
    return stack_json(lambda stack: stack["provider"].update({name: arguments}))


def azurerm(**arguments: object) -> Edit:
    """An edit of azurerm's configuration."""
    return stack_json(lambda stack: stack["provider"]["azurerm"][0].update(arguments))


def on(type: str, path: str, value: object) -> tuple[str, Edit]:
    """An override of one attribute, which the report names."""
    return path, override(type, path, value)


def new(type: str, attribute: str = "added", **arguments: object) -> tuple[str, Edit]:
    """A new resource, and the attribute that the report names."""
    return attribute, added(type, **arguments)


def gone(type: str) -> tuple[str, Edit]:
    """The removal of all resources of a type."""
    return "removed", removed(f"azurerm_{type}")


WEAKENING: dict[str, list[tuple[str, Edit]]] = {
    "Public network access must be off": [on(ACR, "public_network_access_enabled", True)],
    "The SKU must be Premium": [on(ACR, "sku", "Standard")],
    "Anonymous pull must be off": [on(ACR, "anonymous_pull_enabled", True)],
    "The admin user should be off": [
        ("admin_enabled", settings(container_registry={"admin_enabled": True, "lock": ANY_LOCK})),
    ],
    "Azure's trusted services should not bypass the network rules": [
        ("network_rule_bypass_option", settings("network_rule_bypass_option")),
    ],
    "Images should stay in the registry": [
        ("export_policy_enabled", settings("export_policy_enabled")),
    ],
    "The network rules should let nobody in": [
        on(ACR, "network_rule_set", [{"default_action": "Allow"}]),
        ("network_rule_set", override(ACR, "network_rule_set.dynamic", {"ip_rule": DYNAMIC})),
    ],
    "Untagged images should be kept": [on(ACR, "retention_policy_in_days", 7)],
    "Each replica should take pulls": [
        ("georeplications", settings(container_registry={"georeplications": NO_PULLS})),
    ],
    "Each replica should stay": [("georeplications", settings("georeplications"))],
    "Your own key should encrypt the images": [("encryption", settings("encryption"))],
    "Deletion protection should be on": [
        ("lifecycle.prevent_destroy", settings(deletion_protection=False)),
    ],
    "Terraform should undo what others change": [
        *(on(ACR, "lifecycle.ignore_changes", [path]) for path in ("sku", "${sku}")),
        on("private_endpoint", "lifecycle.ignore_changes", ["private_dns_zone_group"]),
        on("private_dns_zone", "lifecycle.ignore_changes", ["all"]),
        on(ZONE_LINK, "lifecycle.ignore_changes", ["registration_enabled"]),
        on("management_lock", "lifecycle.ignore_changes", ["lock_level"]),
        on("monitor_diagnostic_setting", "lifecycle.ignore_changes", ["enabled_log[0].category"]),
    ],
    "The private endpoint must lead to the registry": [
        on("private_endpoint", "private_service_connection.subresource_names", ["blob"]),
    ],
    "The private endpoint's addresses should be in the private DNS zone": [
        on("private_endpoint", "private_dns_zone_group", None),
    ],
    "The private DNS zone must be the one in which Azure resolves registries": [
        on("private_dns_zone", "name", "azurecr.io"),
        new("azurerm_private_dns_zone", "name", name="io"),
    ],
    "Virtual machines should not register their names in the private DNS zone": [
        on(ZONE_LINK, "registration_enabled", True),
    ],
    "The lock should refuse every change": [
        ("lock_level", settings(container_registry={"lock": ANY_LOCK})),
    ],
    "The registry must stay": [
        ("removed", existing_registry(REGISTRY_ID)),
        ("removed", override(ACR, "count", 0)),
    ],
    "The private endpoint must stay": [
        gone("private_endpoint"),
        ("removed", override("private_endpoint", "for_each", {})),
    ],
    "The private DNS zone must stay": [("removed", settings(private_dns_zone={"id": ZONE_ID}))],
    "The link of the private DNS zone must stay": [
        ("removed", settings(private_dns_zone={"id": ZONE_ID})),
    ],
    "The lock should stay": [
        ("removed", settings("lock")),
        ("removed", override("management_lock", "count", '${"false" && true ? 1 : 0}')),
        ("removed", override("management_lock", "count", NOTHING)),
    ],
    "The audit logs should stay": [("removed", settings("log_analytics_workspace_id"))],
    "The registry should not be replaced": [
        ("name", settings(container_registry=RENAMED)),
        ("location", settings(location="westus")),
        ("resource_group_name", local_value(group="other-rg")),
    ],
    "The way to the registry should not be cut": [
        ("name", settings(private_endpoint=RENAMED)),
        ("virtual_network_name", override("virtual_network", "name", "other-vnet")),
        ("virtual_network_id", override("virtual_network", "name", "other-vnet")),
    ],
    "The lock should stay on the registry": [on("management_lock", "scope", "elsewhere")],
    "The construct id must stay": [
        ("id", renamed("acr_container_registry_AC5F9E3B", "registry_container_registry_1")),
    ],
    "The subnet's network policies should stay as they are": [
        on("subnet", "private_endpoint_network_policies", "Enabled"),
    ],
    "The virtual network should stay the same": [
        ("name", settings(virtual_network=RENAMED)),
        ("resource_group_name", settings(virtual_network={"resource_group_name": "other-rg"})),
    ],
    "Images should not wait in quarantine": [on(ACR, "quarantine_policy_enabled", True)],
    "The private endpoint's records should stay in their zone": [
        on("private_endpoint", "private_dns_zone_group.private_dns_zone_ids", [ZONE_ID]),
    ],
    "The audit logs should stay complete": [on("monitor_diagnostic_setting", "enabled_log", [])],
    "The audit logs should go where they went": [
        (
            "log_analytics_workspace_id",
            settings(container_registry={"log_analytics_workspace_id": f"{LOGS_ID}2"}),
        ),
    ],
    "No other record should answer for the registry": [
        new(A_RECORD, "zone_name", name="acr12345", zone_name=f"${{{ZONE}.name}}"),
        new(A_RECORD, "zone_name", zone_name="${var.of_somebody}"),
    ],
    "Nobody else should have a role on the registry": [
        new(ROLE, "role_definition_name", role_definition_name="AcrPush", scope=REGISTRY_REFERENCE),
        *(
            new(ROLE, "role_definition_name", role_definition_name="Owner", scope=scope)
            for scope in (ZONE_ID.replace("/hub/", "/aro-mobb-rg/"), IDENTITY_ID, LOGS_ID)
        ),
        new(ROLE, "role_definition_name", role_definition_name="a", scope=f"${{{ZONE}.id}}"),
    ],
    "A token should only pull": [
        new(TOKEN, "scope_map_id", name="a", scope_map_id="/scopeMaps/_repositories_admin"),
    ],
    "A scope map should only allow pulls": [
        new(SCOPE_MAP, "actions", name="a", actions=["repositories/a/content/write"]),
    ],
    "No provisioner should run": [
        new("terraform_data", "provisioner", provisioner={"local-exec": {"command": "az"}}),
        ("provisioner", section(removed=[{"from": "a.b", "provisioner": {"local-exec": {}}}])),
    ],
    "No second endpoint should lead to the registry": [
        new(
            "azurerm_private_endpoint",
            private_service_connection={
                "private_connection_resource_id": REGISTRY_REFERENCE,
                "subresource_names": ["registry"],
            },
            private_dns_zone_group={"private_dns_zone_ids": [ZONE_ID]},
        ),
    ],
    "No other provider should change the registry": [
        new("azapi_update_resource", resource_id=REGISTRY_REFERENCE),
        ("source", override_terraform("required_providers.azurerm.source", "other/azurerm")),
    ],
    "The audit logs should go nowhere else": [
        new(LOGS, target_resource_id=REGISTRY_REFERENCE, log_analytics_workspace_id="/theirs"),
    ],
    "Nothing without a rule should name the registry": [
        new("azurerm_container_registry_task", container_registry_id=REGISTRY_REFERENCE),
        new("azurerm_monitor_action_rule", target="ACR12345"),
    ],
    "No webhook should tell others what is pushed": [
        new("azurerm_container_registry_webhook", registry_name="acr12345"),
    ],
    "Nobody else should get rights on the registry": [
        new("azurerm_pim_active_role_assignment", scope="/providers/managementGroups/corp"),
    ],
    "Nothing else should change the registry": [
        new("azurerm_subscription_policy_assignment", name="open"),
        ("added", section(module={"a": {"source": "./a"}})),
    ],
    "Names and routes of the network should stay": [
        new("azurerm_private_dns_resolver_forwarding_rule", domain_name="azurecr.io."),
        new("azurerm_subnet_network_security_group_association", subnet_id=SUBNET),
        new("azurerm_subnet_route_table_association", subnet_id=SUBNET),
    ],
    "No program from elsewhere should run": [
        ("added", section(check={"a": {"data": {"http": {"b": {}}}}})),
    ],
    "No program should run for a provider": [
        ("exec", provider("kubernetes", exec={"command": "sh"})),
        new("helm_release", "postrender", name="a", postrender={"binary_path": "/bin/sh"}),
    ],
    "A provider's version should stay pinned": [
        (
            "required_providers",
            override_terraform("required_providers.azurerm.version", ">= 4.0"),
        ),
    ],
    "What is not known to be harmless should not change": [
        ("experiments", override_terraform("experiments", ["of_tomorrow"])),
        on(ACR, "of_tomorrow", True),
    ],
    "A resource group with resources in it should not be deleted": [
        (
            "features.resource_group.prevent_deletion_if_contains_resources",
            azurerm(features={"resource_group": {"prevent_deletion_if_contains_resources": False}}),
        ),
    ],
    "A secret should not be made plain": [
        ("debug", output("debug", {"value": "${nonsensitive(azurerm_x.y.password)}"})),
        ("debug", output("debug", {"value": f"${{{ADDRESS}.admin_password}}"})),
        ("debug", output_of_a_local),
        new("terraform_data", "input", input=f"${{nonsensitive({ADDRESS}.login_server)}}"),
        new("azurerm_x", "lifecycle", lifecycle={"precondition": {"error_message": PLAIN}}),
    ],
    "A password should not be valid for longer": [
        on(LOGIN, "password2", {}),
        ("password1", override(LOGIN, "password1.expiry", "2030-01-01T00:00:00Z")),
    ],
    "The registry's provider should stay the same": [on(ACR, "provider", "azurerm.other")],
    "Nothing should trigger a replacement or an action": [
        on(ACR, "lifecycle.replace_triggered_by", ["terraform_data.a"]),
        new("azurerm_x", "lifecycle.action_trigger", lifecycle={"action_trigger": ACTIONS}),
    ],
    "Who gets into the registry should stay": [on(ACR, "trust_policy_enabled", True)],
    "Tasks should not bypass the network rules": [
        on(ACR, "network_rule_bypass_for_tasks_enabled", True),
    ],
    "The network's name servers should stay": [on("virtual_network", "dns_servers", ["192.0.2.1"])],
    "What the registry depends on should stay the same": [
        (
            "name",
            stack_json(
                lambda stack: stack["data"]["azurerm_key_vault_key"]["acr"].update(name="b")
            ),
        ),
    ],
    "Whoever pulls should still be able to": [gone("container_registry_token")],
    "The cluster should keep the password that it has": [
        ("password1", override(LOGIN, "password1.expiry", "2026-12-24T00:00:00Z")),
    ],
    "A cache rule should log in as it did": [
        on("container_registry_cache_rule", "credential_set_id", f"{ADDRESS}.id/other"),
    ],
    "A cache rule should pull from where it pulled": [
        on("container_registry_cache_rule", "source_repo", "quay.io/strimzii/*"),
    ],
    "Terraform should log in as it did": [("metadata_host", azurerm(metadata_host="a.example"))],
    "Terraform's state should stay where it is": [
        ("backend", backend({"local": {"path": "state/{stack}.tfstate"}})),
        ("backend", backend("cloud")),
        ("cloud", backend("cloud")),
    ],
    "The resource group must stay": [gone("resource_group")],
    "The cluster's virtual network must stay": [gone("virtual_network")],
    "The subscription should stay the same": [
        ("subscription_id", settings(subscription_id=SUBSCRIPTION.replace("1", "2"))),
    ],
    "Azure's cloud should stay the same": [("environment", settings(environment="usgovernment"))],
}
"""The title of each rule, with the attribute that the report names, and edits that break it."""


@pytest.mark.parametrize(
    ("title", "attribute", "edit"),
    [(title, *case) for title, cases in WEAKENING.items() for case in cases],
)
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
    assert WEAKENING.keys() == REMEDY.keys()


MESSAGE = ("private_service_connection.request_message", "please")
ENDPOINT_IP = "${azurerm_private_endpoint.acr_private_endpoint_D708C3C8.custom_dns_configs}"
SECRET = {"value": f"${{{ADDRESS}.admin_password}}", "sensitive": True}
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


def harmless(type: str, **arguments: object) -> tuple[str, Edit]:
    """A new resource, which the report shows."""
    return f"{type}.added` (added)", added(type, **arguments)


HARMLESS: list[tuple[str, Edit]] = [
    ('`tags.team`: `"platform"` → `"data"`', settings(tags={"team": "data"})),
    (
        "`anonymous_pull_enabled`: not set, as `false` → `false`",
        override(ACR, "anonymous_pull_enabled", False),
    ),
    ('`tags.x`: not set → `"1"`', override(ACR, "tags.x", "1")),
    ("`data_endpoint_enabled`", override(ACR, "data_endpoint_enabled", True)),
    ("`notes`", override("management_lock", "notes", "ask the platform team")),
    ("`address_prefixes`", override("subnet", "address_prefixes", ["10.0.9.0/24"])),
    ("`resolution_policy`", override(ZONE_LINK, "resolution_policy", "NxDomainRedirect")),
    ("`georeplications[1].location`", override(ACR, "georeplications", TWO)),
    ("`features.x.y`", azurerm(features={"x": {"y": True}})),
    ("`private_service_connection.request_message`", override("private_endpoint", *MESSAGE)),
    (
        "`lifecycle.create_before_destroy`",
        override("private_endpoint", "lifecycle.create_before_destroy", True),
    ),
    harmless("azurerm_subnet_route_table_association", subnet_id="${azurerm_subnet.other.id}"),
    harmless(A_RECORD, zone_name="corp.example", records=[ENDPOINT_IP]),
    (
        "`required_providers.azurerm.version`",
        override_terraform("required_providers.azurerm.version", "4.81.0"),
    ),
    ("provider.helm` (changed)", provider("helm", a=1)),
    ("`debug.value`", output("debug", {"value": f"${{{ADDRESS}.login_server}}"})),
    ("`secret.sensitive`", output("secret", SECRET)),
    ('`name`: not set → `"a"`', local_value(name="a")),
    harmless("azurerm_storage_account", name="logs"),
    harmless("azurerm_management_lock", scope="${azurerm_storage_account.a.id}"),
    harmless(ROLE, scope="${azurerm_storage_account.a.id}"),
    harmless("helm_release", set=[{"value": f"${{{ADDRESS}.login_server}}"}]),
    harmless("kubernetes_namespace", depends_on=[ADDRESS], image="acr12345.azurecr.io/a"),
    harmless(LOGS, target_resource_id="${azurerm_key_vault.vault.id}"),
    harmless("random_id", byte_length=4),
    harmless("azurerm_user_assigned_identity"),
    harmless("azurerm_container_registry_cache_rule", name="b", source_repo="quay.io/b"),
    harmless(A_RECORD, zone_name="corp.example", name="acr"),
    harmless("azurerm_private_dns_zone", name="corp.example"),
    harmless(
        "azurerm_private_endpoint", private_service_connection={"subresource_names": ["blob"]}
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


@pytest.mark.parametrize(("argument", "expected"), [("key_vault_id", True), ("tags", False)])
def test_what_a_registry_needs_should_stay(argument: str, expected: bool) -> None:
    """The text of the registry stays the same, and its key is another one."""
    (before,) = Program().stacks().values()
    needed_key(before)
    after = json.loads(json.dumps(before))
    after["resource"]["azurerm_key_vault_key"]["acr"][argument] = "another"
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
