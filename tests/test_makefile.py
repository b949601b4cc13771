"""What make installs and removes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from project import INSTALLED, copy_to, run, tree
from workflows import path_with, write_program


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project in a path with a space, with nothing installed."""
    folder = copy_to(tmp_path / "my project")
    for name in INSTALLED:
        (folder / name).unlink()
    return folder


def make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the project."""
    return run(project, "make", *arguments, CDKTF_OUTDIR="")


def install(project: Path) -> Path:
    """Put a small environment in place, as make records it, and return one of its packages."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = project / ".venv" / "lib" / version / "site-packages"
    package = packages / "package"
    package.mkdir(parents=True)
    (project / ".venv" / "bin").mkdir()
    (project / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (project / ".pipenv" / "bin").mkdir(parents=True)
    for name in (".pipenv/bin/python", ".pipenv/bin/pipenv", package / "module.py"):
        (project / name).touch()
    found = [packages, *packages.rglob("*")]
    listing = sorted([version, *(str(path.relative_to(project)) for path in found)])
    (project / ".venv" / ".listing").write_text("\n".join(listing) + "\n")
    for stamp in (".runtime", ".development"):
        (project / ".venv" / stamp).touch()
    return package


def test_an_environment_that_is_whole_stays(project: Path) -> None:
    """What somebody has installed besides does not matter."""
    package = install(project)
    (package.parent / "debugger").mkdir()
    (package / "__pycache__").mkdir()
    assert make(project, "--dry-run", "synth").stdout == ".venv/bin/python main.py\n"


@pytest.mark.parametrize("damage", ["module", "package", "python", "listing"])
def test_an_environment_that_is_damaged_is_made_anew(project: Path, damage: str) -> None:
    """It is half deleted, or its Python has gone, or something else has made it."""
    package = install(project)
    if damage == "module":
        (package / "module.py").unlink()
    elif damage == "package":
        package.rename(project / "moved")
    elif damage == "python":
        (project / ".venv" / "bin" / "python").unlink()
        (project / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    else:
        (project / ".venv" / ".listing").unlink()
    commands = make(project, "--dry-run", "synth").stdout
    assert "-m venv --clear .venv/bin/.." in commands
    assert (
        commands.index("venv --clear") < commands.index("pipenv sync") < commands.index("main.py")
    )


def test_an_environment_of_another_python_is_made_anew(project: Path) -> None:
    """A Python that is named is the one that make installs for."""
    install(project)
    write_program(project, "other", "echo python3.99")
    assert "-m venv --clear" in make(project, "--dry-run", "synth", "PYTHON=./other").stdout


INSTALL = """\
echo $$ >> installed
mkdir .venv/lib/python*/site-packages/package
test -p go && read line < go
true
"""
"""Installs a package; where there is a pipe, when somebody has written into it."""


def test_two_makes_at_once_install_once(project: Path) -> None:
    """The second one waits for the first one, and finds everything in place."""
    programs = project.parent / "programs"
    write_program(programs, "pipenv", INSTALL)
    os.mkfifo(project / "go")
    start = partial(
        subprocess.Popen,
        ["make", ".venv/.runtime"],
        cwd=project,
        env={**os.environ, "PATH": path_with(programs)},
        stderr=subprocess.PIPE,
        text=True,
    )
    go = project / "go"  # open once pipenv reads from it
    with start() as first, go.open("w") as opened, start() as second:
        assert second.stderr
        waiting = second.stderr.readline()
        opened.write("on\n")
        opened.close()
        told = waiting + second.stderr.read()
    assert (first.returncode, second.returncode) == (0, 0), told
    assert "another make is installing in this folder: waiting for it" in told
    assert len((project / "installed").read_text().splitlines()) == 1
    assert "about a minute" not in told


@pytest.mark.parametrize(
    ("printed", "cause"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full: "),
        ("OSError: [Errno 30] Read-only file system: 'x'", "can't be written by this user: copy"),
        ("PermissionError: [Errno 13] Permission denied: '/a/b'", "/a/b can't be written by this"),
        ("ERROR: Max retries exceeded", "(ERROR: Max retries exceeded): behind a proxy, set HTT"),
        ("broken by NewConnectionError", "the package index can't be reached from here: behind"),
        ("no word of it", "it could not be installed (no word of it): behind a proxy"),
    ],
)
def test_the_last_line_is_the_cause(project: Path, printed: str, cause: str) -> None:
    """It comes after all that the program which failed has printed."""
    fails = ["sh", "-c", f'echo "{printed}" >&2; exit 1']
    done = run(project, sys.executable, ".ci/set_up.py", ".venv/.runtime", *fails)
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert first == printed
    assert cause in last


def test_a_folder_that_was_renamed_is_brought_up_to_date(project: Path) -> None:
    """Pipenv is run by its module, since its script names the folder that it was installed in."""
    install(project)
    (project / "Pipfile.lock").touch()
    (project / ".venv" / ".runtime").unlink()
    commands = make(project, "--dry-run", "synth").stdout
    assert "-m pipenv sync" in commands or shutil.which("pipenv")


def test_clean_leaves_the_project_and_its_states(project: Path) -> None:
    """Everything else that make and its tools have written is removed."""
    for folder in project.rglob("__pycache__"):
        shutil.rmtree(folder)
    for name in ("terraform.acr.tfstate", "states/acr.tfstate", ".terraform.lock.hcl"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("kept")
    kept = tree(project)
    install(project)
    for name in (
        "cdktf.out/stacks/acr/cdk.tf.json",
        "cdktf.out/stacks/acr/.terraform/terraform.tfstate",  # which backend it is: no state
        ".cache/jsii/package",
        "node_modules/package",
        "scan/.venv/package",
        ".mypy_cache/x",
        ".pytest_cache/x",
        ".ruff_cache/x",
        ".hypothesis/x",
        "constructs_lib/privacy/__pycache__/x.pyc",
    ):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).touch()
    done = make(project, "clean")
    assert done.returncode == 0, done.stderr
    assert tree(project) == kept


def test_clean_removes_nothing_while_a_state_is_where_it_deletes(project: Path) -> None:
    """A workspace of Terraform keeps the state of a local backend there."""
    state = project / "cdktf.out/stacks/acr/terraform.tfstate.d/test/terraform.acr.tfstate"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    before = tree(project)
    done = make(project, "clean")
    assert done.returncode == 2
    assert "terraform.tfstate.d/test/terraform.acr.tfstate" in done.stderr
    assert tree(project) == before
