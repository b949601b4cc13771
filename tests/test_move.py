"""To leave cdktf is one command, which git undoes."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from helpers import ROOT, SUCCESSORS
from project import commit_to, git, run, tree

from successor.move import move, renamed


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed checkout, with what the move reads and changes."""
    folder = commit_to(tmp_path_factory.mktemp("committed") / "project")
    for name in ("examples", "successor"):
        ignored = shutil.ignore_patterns(".venv", "__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=all")
    return folder


@pytest.fixture
def checkout(committed: Path, tmp_path: Path) -> Path:
    """A checkout of the test's own."""
    return Path(shutil.copytree(committed, tmp_path / "my project", symlinks=True))


def moved(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a checkout."""
    return run(checkout, sys.executable, "successor/move.py", *arguments)


@pytest.mark.parametrize("successor", SUCCESSORS)
def test_few_files_name_cdktf(successor: str, checkout: Path) -> None:
    """What is moved requires what the successor is tried with, and imports cdktf no more."""
    done = moved(checkout, successor[-1])
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Makefile",
        "Pipfile",
        "constructs_lib/arguments/bindings.py",
        "constructs_lib/fast_bindings.cjs",
        "constructs_lib/fast_bindings.py",
        "constructs_lib/private_container_registry.py",
        "constructs_lib/pull_access.py",  # only its types
        "constructs_lib/stack.py",
        "examples/own_app.py",
        "package.json",
        "pyproject.toml",
    ]
    for file in (checkout / "constructs_lib").rglob("*.py"):
        nodes = [*ast.walk(ast.parse(file.read_text()))]
        names = [each.id for each in nodes if isinstance(each, ast.Name)]
        names += [
            name
            for node in nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in (getattr(node, "module", None) or "", *(each.name for each in node.names))
        ]
        assert not [name for name in names if re.match("cdktf(_|$)", name)], file
    assert "@cdktn[" in (checkout / "constructs_lib" / "fast_bindings.cjs").read_text()
    tried, ours = (
        tomllib.loads((folder / "Pipfile").read_text()) for folder in (ROOT / successor, checkout)
    )
    assert ours["packages"] == tried["packages"]
    assert ours["dev-packages"] == tomllib.loads((ROOT / "Pipfile").read_text())["dev-packages"]
    required = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["dependencies"]
    major = tried["packages"]["cdktn-provider-azurerm"].lstrip("=").partition(".")[0]
    assert {re.split("[<>=]", each)[0]: each.partition("<")[2] for each in required} == {
        "cdktn": "0.25",
        "cdktn-provider-azurerm": str(int(major) + 1),
        "constructs": "10.8",
        "pydantic": "3",
    }


def test_git_undoes_the_move(checkout: Path) -> None:
    """Nothing new lies about, and a second move finds nothing to do."""
    before = {name: text for name, text in tree(checkout).items() if not name.startswith(".git/")}
    assert move(checkout, "5")
    assert move(checkout, "5") == []
    git(checkout, "restore", ".")
    after = {name: text for name, text in tree(checkout).items() if not name.startswith(".git/")}
    assert after == before


def test_what_git_could_not_undo_is_not_begun(checkout: Path) -> None:
    """A change of one's own would be undone together with the move."""
    (checkout / "registries.yaml").write_text("registries: {}\n")
    done = moved(checkout, "5")
    assert done.returncode == 1
    assert "commit or stash your changes first" in done.stderr
    assert git(checkout, "status", "--porcelain").split() == ["M", "registries.yaml"]
    assert moved(checkout, "6").returncode == 2


def test_names_of_folders_and_variables_stay() -> None:
    """``cdktf.out`` and ``CDKTF_OUTDIR`` are where Terraform finds the stacks."""
    text = """folder = "cdktf.out", "CDKTF_OUTDIR"  # as cdktf calls it"""
    assert renamed(text) == text
    assert renamed("cdktf.Lazy") == "cdktn.Lazy"


@pytest.mark.parametrize("successor", SUCCESSORS)
def test_the_successor_is_tried_with_the_projects_own_packages(successor: str) -> None:
    """Both Pipfiles pin the same versions, but for cdktf, its bindings and constructs."""
    ours, theirs = (
        tomllib.loads((ROOT / folder / "Pipfile").read_text())["packages"]
        for folder in (".", successor)
    )
    different = {name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)}
    assert different == {
        *("cdktf", "cdktf-cdktf-provider-azurerm"),
        *("cdktn", "cdktn-provider-azurerm", "constructs"),
    }
