"""The stacks of a commit: the environment of the synthesis, the worktree, and the errors."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from project import git

from constructs_lib.review import commits
from constructs_lib.review.commits import CommitError

ENVIRON = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
PROGRAM = """\
import json, os, pathlib
folder = pathlib.Path(os.environ["CDKTF_OUTDIR"], "stacks", "one")
folder.mkdir(parents=True)
(folder / "cdk.tf.json").write_text(json.dumps({"environ": dict(os.environ), "cwd": os.getcwd()}))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one commit of a program that writes a stack."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "main.py").write_text(PROGRAM)
    (folder / "registries.yaml").write_text("a: ${ACR_NAME:-acr} $OTHER \n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=base")
    return folder


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "LC_ALL", "JSII_NODE", "NODE_OPTIONS", "REGISTRIES_FILE", "ACR_NAME", "OTHER"],
)
def test_a_synthesis_gets_the_variables_that_it_needs(project: Path, name: str) -> None:
    """A synthesis gets the variables of the machine, and those that the settings name."""
    given = {name: "x"}
    (project / "x").write_text("${ACR_NAME}$OTHER")
    assert commits.environment(given, project) == given


@pytest.mark.parametrize(
    "name",
    [
        *("ARM_CLIENT_SECRET", "ARM_CLIENT_ID", "ARM_SUBSCRIPTION_ID", "AZURE_CLIENT_ID"),
        *("TF_VAR_a", "GITHUB_ENV", "GH_TOKEN", "NODE_AUTH_TOKEN", "AWS_ACCESS_KEY_ID"),
        *("DB_PASSWORD", "MY_SECRET", "CDKTF_OUTDIR", "PYTHONPATH", "GIT_DIR", "UNNAMED"),
    ],
)
def test_a_synthesis_gets_no_other_variables(project: Path, name: str) -> None:
    """Credentials and variables that the settings do not name are left out."""
    assert commits.environment({name: "x"}, project) == {}


def test_settings_can_not_ask_for_a_credential(project: Path) -> None:
    """A credential that the settings name is left out; a subscription's id is not a credential."""
    named = ["ARM_CLIENT_SECRET", "GITHUB_TOKEN", "arm_access_key", "MY_PASSWORD"]
    (project / "registries.yaml").write_text(" ".join(f"${{{name}}}" for name in named))
    assert commits.environment(dict.fromkeys(named, "x"), project) == {}
    (project / "registries.yaml").write_text("${ARM_SUBSCRIPTION_ID:-}")
    given = {"ARM_SUBSCRIPTION_ID": "x"}
    assert commits.environment(given, project) == given


def test_each_tree_has_its_own_settings_file(project: Path) -> None:
    """The path of a settings file in the project becomes relative."""
    given = commits.environment({"REGISTRIES_FILE": str(project / "a.yaml")}, project)
    assert given == {"REGISTRIES_FILE": "a.yaml"}


@pytest.mark.parametrize("path", ["{}", "../a.yaml", "link.yaml"])
def test_settings_outside_the_project_are_an_error(
    project: Path, tmp_path: Path, path: str
) -> None:
    """Both sides of the review would have the same settings, and nothing would change."""
    outside = tmp_path / "a.yaml"
    outside.write_text("")
    (project / "link.yaml").symlink_to(outside)
    with pytest.raises(CommitError, match="is outside the project"):
        commits.environment({"REGISTRIES_FILE": path.format(outside)}, project)


def test_a_commit_is_found_by_each_of_its_names(project: Path) -> None:
    """A branch, ``HEAD``, a full id and a short id are names of one commit."""
    head = git(project, "rev-parse", "HEAD")
    for ref in ("main", "HEAD", "@", head, head[:8]):
        assert commits.commit_id(ref, project, ENVIRON) == head


@pytest.mark.parametrize("ref", ["", "nowhere", "-x", "--all", "a\0b", "HEAD:main.py", "main ."])
def test_a_name_of_no_commit_is_an_error(project: Path, ref: str) -> None:
    """A text that names no commit is an error, also if git would read it as an option."""
    with pytest.raises(CommitError, match="is not one of the commits here"):
        commits.commit_id(ref, project, ENVIRON)


def test_a_commit_that_is_not_here_yet_has_a_remedy(project: Path, tmp_path: Path) -> None:
    """Nothing is committed, the clone is shallow, or no commit is named."""
    for name in ("empty", "other"):
        git(project, "commit", "--quiet", "--allow-empty", f"--message={name}")
    shallow, empty = tmp_path / "shallow", tmp_path / "new"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", str(shallow))
    git(tmp_path, "init", "--quiet", str(empty))
    for folder, ref, remedy in (
        (empty, "HEAD", "nothing is committed yet; commit what you have first"),
        (shallow, "HEAD~1", "the newest ones only; git fetch --unshallow gets the others"),
        (project, "", "name one, such as BASE=main"),
    ):
        with pytest.raises(CommitError) as caught:
            commits.commit_id(ref, folder, ENVIRON)
        assert f"{ref!r} is not one of the commits here: " in str(caught.value)
        assert str(caught.value).endswith(remedy)


def test_git_says_why_it_reads_no_repository(project: Path, tmp_path: Path) -> None:
    """Such as that somebody else owns the folder: in its own words, with its remedy."""
    owner = tmp_path / "programs"
    owner.mkdir()
    (owner / "git").write_text(
        "#!/bin/sh\necho 'fatal: detected dubious ownership' >&2; exit 128\n"
    )
    (owner / "git").chmod(0o755)
    with pytest.raises(CommitError, match="fatal: detected dubious ownership"):
        commits.commit_id("HEAD", project, {**ENVIRON, "PATH": str(owner)})


def test_a_commit_needs_git_and_a_repository(tmp_path: Path) -> None:
    """A folder outside a repository and a missing git are errors."""
    with pytest.raises(CommitError, match="not a git repository"):
        commits.commit_id("main", tmp_path, ENVIRON | {"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    with pytest.raises(CommitError, match="git is needed"):
        commits.commit_id("main", tmp_path, {"PATH": str(tmp_path)})


def test_a_commit_is_checked_out_temporarily(project: Path) -> None:
    """A commit's worktree has its files, runs no hooks, and is removed afterwards."""
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {project}/hooked\n")
    hook.chmod(0o755)
    (project / "main.py").write_text("changed")
    worktrees = git(project, "worktree", "list")
    with commits.checked_out("HEAD", project, ENVIRON) as tree:
        assert (tree / "main.py").read_text() == PROGRAM
    assert not tree.exists()
    assert git(project, "worktree", "list") == worktrees
    assert not (project / "hooked").exists()


def test_the_worktree_is_removed_after_an_error(project: Path) -> None:
    """The worktree is removed after an exception in the block and after a failed checkout."""
    worktrees = git(project, "worktree", "list")
    with (
        pytest.raises(KeyboardInterrupt),
        commits.checked_out("HEAD", project, ENVIRON) as tree,
    ):
        raise KeyboardInterrupt
    assert not tree.exists()
    assert git(project, "worktree", "list") == worktrees
    with pytest.raises(CommitError, match="git 0000 failed"):
        commits.checked_out("0000", project, ENVIRON).__enter__()
    assert git(project, "worktree", "list") == worktrees


def test_the_worktree_of_a_killed_review_is_removed(project: Path, tmp_path: Path) -> None:
    """That of a review that still runs stays, and so does one of a disk that is away."""
    with subprocess.Popen(["true"]) as gone:
        pass
    folders = [tmp_path / f"review-{pid}-abc" for pid in (gone.pid, os.getpid(), gone.pid * 10**9)]
    for folder in folders:
        git(project, "worktree", "add", "--quiet", "--detach", str(folder / "base"))
    shutil.rmtree(folders[2])
    with commits.checked_out("HEAD", project, ENVIRON):
        pass
    assert [folder.exists() for folder in folders] == [False, True, False]
    listed = git(project, "worktree", "list")
    assert [str(folder) in listed for folder in folders] == [False, True, True]


def test_a_project_may_be_a_folder_of_a_repository(project: Path) -> None:
    """The checkout and the text are those of the project's folder in the commit."""
    inner = project / "inner"
    inner.mkdir()
    (inner / "main.py").write_text("inner")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message=inner")
    (inner / "main.py").write_text("changed")
    with commits.checked_out("HEAD", inner, ENVIRON) as tree:
        assert (tree / "main.py").read_text() == "inner"
    assert commits.text_at("HEAD", "main.py", inner, ENVIRON) == "inner"
    assert commits.text_at("HEAD", "missing", inner, ENVIRON) == ""


def test_a_synthesis_runs_in_its_folder_and_leaves_nothing(project: Path) -> None:
    """A synthesis writes into a new folder of cdktf.out, which is removed afterwards."""
    stacks = commits.synthesized(project, ENVIRON, "it")
    assert stacks["one"]["cwd"] == "."  # not another path in each tree
    assert Path(stacks["one"]["environ"]["CDKTF_OUTDIR"]).parent == Path("cdktf.out")
    assert not (project / "cdktf.out").exists()
    (project / "cdktf.out").mkdir()
    (project / "cdktf.out" / "manifest.json").write_text("kept")
    commits.synthesized(project, ENVIRON, "it")
    assert [file.name for file in (project / "cdktf.out").iterdir()] == ["manifest.json"]


def test_other_files_that_terraform_reads_are_found(project: Path) -> None:
    """Whether the program has written them, or they were there; others are read on demand."""
    write = "(folder / 'x_override.tf').write_text('resource')\n"
    (project / "main.py").write_text(f"{PROGRAM}{write}")
    earlier = project / "cdktf.out" / "stacks" / "one"
    earlier.mkdir(parents=True)
    for name in ("terraform.tfvars", "b.auto.tfvars.json", "cdk.tf.json", "plan.bin"):
        (earlier / name).write_text(name)
    (project / "flags.json").write_text("{}")
    written = commits.written(project, ENVIRON, "it")["one"]
    assert written.files == {
        "b.auto.tfvars.json": "b.auto.tfvars.json",
        "terraform.tfvars": "terraform.tfvars",
        "x_override.tf": "resource",
    }
    assert written.read("./../../../flags.json") == b"{}"
    assert written.read("x_override.tf") == b"resource"
    for path in ("../../../../outside", "/etc/hostname", "missing", "a\0b", "a" * 5000):
        assert written.read(path) is None


def test_changed_files_are_named(project: Path) -> None:
    """Files that are changed, and files that are new."""
    (project / "main.py").write_text("")
    (project / "new.py").write_text("")
    assert commits.changed_files("HEAD", project, ENVIRON) == ["main.py", "new.py"]


def test_a_plain_file_is_no_link(project: Path) -> None:
    """What a link leads to may be something else in each commit."""
    (project / "a").symlink_to("main.py")
    assert commits.text_here("a", project) == PROGRAM
    with pytest.raises(CommitError, match="a is not a plain file"):
        commits.text_here("a", project, plain=True)


def test_a_file_may_begin_with_a_byte_order_mark(project: Path) -> None:
    """Some editors write one, and the first line is read all the same."""
    (project / "a").write_text("a line", encoding="utf-8-sig")
    assert commits.text_here("a", project) == "a line"


WRITES = "(folder / 'cdk.tf.json').write_text"


@pytest.mark.parametrize(
    ("program", "error"),
    [
        (PROGRAM.replace("json.dumps(", "str("), r"a cdk\.tf\.json of one that is not JSON"),
        (f'{PROGRAM}{WRITES}(\'{{"a": 1, "a": 2}}\')\n', "a is there twice in one object"),
        (
            "import sys\nsys.exit('a.yaml:3: wrong')",
            r"it can't be synthesized .*:\na.yaml:3: wrong$",
        ),
        ("def f():\n    raise ValueError('two\\nlines')\nf()", r":\nValueError: two\nlines$"),
        ("", "it has written no stack"),
        (None, r"it has no main.py"),
    ],
)
def test_a_program_that_writes_no_stacks_is_an_error(
    project: Path, program: str | None, error: str
) -> None:
    """The error has the program's message without a traceback, and its files are removed."""
    (project / "main.py").unlink()
    if program is not None:
        (project / "main.py").write_text(program)
    with pytest.raises(CommitError, match=error):
        commits.synthesized(project, ENVIRON, "it")
    assert not (project / "cdktf.out").exists()
    assert git(project, "status", "--short") in ("M main.py", "D main.py")
