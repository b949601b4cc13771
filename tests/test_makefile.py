"""What make installs and removes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import INSTALLED, copy_to, tree


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project in a path with a space, with nothing installed."""
    folder = copy_to(tmp_path / "my project")
    for name in INSTALLED:
        (folder / name).unlink()
    return folder


def make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the project."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environ.pop("CDKTF_OUTDIR", None)
    return subprocess.run(
        ["make", *arguments], cwd=project, env=environ, capture_output=True, text=True
    )


def install(project: Path) -> Path:
    """Put a small environment in place, as make records it, and return one of its packages."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    package = project / ".venv" / "lib" / version / "site-packages" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "module.py").touch()
    (project / ".venv" / "bin").mkdir()
    (project / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (project / ".pipenv" / "bin").mkdir(parents=True)
    for name in ("python", "pipenv"):
        (project / ".pipenv" / "bin" / name).touch()
    found = [str(path.relative_to(project)) for path in package.parent.rglob("*")]
    listing = sorted([version, str(package.parent.relative_to(project)), *found])
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
    other = project / "other"
    other.write_text("#!/bin/sh\necho python3.99\n")
    other.chmod(0o755)
    assert "-m venv --clear" in make(project, "--dry-run", "synth", f"PYTHON=./{other.name}").stdout


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
