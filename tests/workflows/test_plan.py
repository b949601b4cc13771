"""plan.sh and the steps around it: what is planned, shown, approved and applied."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from workflows import BASH, GITHUB, JOBS, path_with, write_program

from constructs_lib.stack_json import further_files

TERRAFORM = """
folder=${1#-chdir=}
folder=${folder%/}
shift
echo "${folder##*/} $*" >> called
case $* in
  init*) exit "${INIT:-0}" ;;
  "show -json"*) echo "{}" ;;
  show*) cat text ;;
  plan*-refresh-only*) cat text; exit "${REFRESH:-0}" ;;
  plan*) cat text; exit "${PLAN:-0}" ;;
  apply*) cat text; exit "${APPLY:-0}" ;;
esac
"""
REVIEW = """
echo "reviewed $*"
exit "${REVIEW:-0}"
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
        """Add a stack with this JSON, or give a stack another one."""
        (self.folder / "cdktf.out" / "stacks" / name).mkdir(parents=True, exist_ok=True)
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
                "PATH": path_with(self.folder / "bin"),
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
    """A project with the stack a."""
    project = Project(tmp_path)
    project.add_stack("a")
    return project


@pytest.mark.parametrize("backend", ['"backend": {"local": {"path": "x"}}', '"backend": {}', ""])
def test_a_state_in_a_local_file_is_refused(project: Project, backend: str) -> None:
    """No stack is planned if one has a local state, which is Terraform's default."""
    project.add_stack("b", f'{{"terraform": {{{backend}}}}}')
    assert project.plan() == 1
    assert "::error::The state of cdktf.out/stacks/b is a local file" in project.log
    assert "docs/pipelines.md" in project.log
    assert project.terraform_calls() == []
    assert project.outputs == ""


@pytest.mark.parametrize(
    "name",
    [
        *("main.tf", "x_override.tf.json", "terraform.tfvars", "terraform.tfvars.json"),
        *("a.auto.tfvars", "a.auto.tfvars.json"),
    ],
)
def test_another_file_that_terraform_reads_is_refused(project: Project, name: str) -> None:
    """Terraform would merge it with the program's own, and no review has seen it."""
    file = project.folder / "cdktf.out" / "stacks" / "a" / name
    file.write_text("")
    assert further_files(file.parent) == [file]
    assert project.plan() == 1
    assert f"::error::cdktf.out/stacks/a/{name} is not of the program" in project.log
    assert project.terraform_calls() == []


def test_a_provider_whose_hashes_are_not_locked_is_refused(project: Project) -> None:
    """A job with a login runs only a provider whose hashes are in the repository."""
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
    assert project.plan(status=0) == 0
    assert project.outputs.startswith("changes=false\n")
    assert JOBS["deploy/apply"]["if"] == "needs.plan.outputs.changes == 'true'"


def test_the_digest_depends_on_the_plans_of_all_stacks(project: Project) -> None:
    """The digest is the same for the same plans, and differs for another plan or stack."""
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
    """A failed plan.sh has no outputs; a review that finds a weaker registry is not a failure."""
    assert project.plan(status=1) == 1
    assert project.outputs == ""
    assert project.plan(review=1) == 1
    assert project.outputs == ""
    assert project.plan(review=2) == 0
    assert project.outputs.startswith("changes=true\n")
    assert project.outputs.endswith("\nweakens=true\n")


def test_a_value_cannot_leave_its_line_of_the_plan(project: Project) -> None:
    """Log and summary show control characters, line separators and marks of direction as text."""
    characters = "\r\x1b\b\f\v\x85\u2028\u2029\u200b\u202e\u2066"
    lines = [f"\té{character}# Approved" for character in characters]
    shown = [f"\té\\u{ord(character):04x}# Approved" for character in characters]
    assert project.plan(text="\n".join(lines)) == 0
    assert "\n".join(["", *shown, ""]) in project.log
    assert "\n    ".join(["", *shown]) in project.summary
    assert not set(characters) & set(project.log + project.summary)
    digest = project.outputs
    project.plan(text="\n".join(shown))
    assert project.outputs != digest


def test_a_value_is_no_command_to_the_runner(project: Project) -> None:
    """Neither a plan that succeeds, nor one that fails, nor an apply may command the runner."""
    texts = ["::error::x", "<<EOT\n  ::add-mask::a", "a\r::debug::", "a ##[b]"]
    statuses = []
    for run in (project.plan, project.apply):
        for status in (0, 1):
            statuses.append(run(text="\n".join(texts), status=status))
            assert all(text.split("\r")[0] in project.log for text in texts)
            assert project.commands() == []
    assert statuses == [0, 1, 0, 1]


def test_a_long_plan_is_cut_in_the_summary_only(project: Project) -> None:
    """GitHub drops a summary of more than 1 MiB; no review is cut, and the digest covers all."""
    project.add_stack("b")
    line = f"+ {'é' * 1000}"
    digests = []
    for last in ("first", "second"):
        assert project.plan(text=f"{line}\n" * 300 + last) == 0
        assert len(project.summary.encode()) <= 1024 * 1024
        assert "--plan cdktf.out/stacks/b/plan.json\n" in project.summary
        before, _, sentence = project.summary.partition("\n\n**")
        assert before.endswith(f"\n    {line}")
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
    for step in JOBS["drift/drift"]["steps"][-3:-1]:
        assert "if" not in step
        for failure in ("INIT", "PLAN", "REFRESH", "REVIEW"):
            status = project.run([*BASH, step["run"]], "", **{failure: 1})
            is_other = failure == ("PLAN" if "-refresh-only" in step["run"] else "REFRESH")
            assert status == (0 if is_other else 1), failure
