"""A copy of the project that a test may change, and a function that runs git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from helpers import ROOT

FILES = [
    ".ci",
    "main.py",
    "registries.yaml",
    "cdktf.json",
    "Makefile",
    "Pipfile",
    "Pipfile.lock",
    "package.json",
    "package-lock.json",
    "pipenv.txt",
    "constructs_lib",
    "simulation",
    "standin",
    ".gitignore",
]
INSTALLED = [
    name for name in (".venv", ".pipenv", ".cache", "node_modules") if (ROOT / name).exists()
]


def copy_to(folder: Path) -> Path:
    """Copy the project, and link the folders that make has installed.

    The files keep their times, so that make does not install anything again.
    """
    folder.mkdir(parents=True)
    for name in FILES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    for name in INSTALLED:
        (folder / name).symlink_to(ROOT / name)
    return folder


def commit_to(folder: Path) -> Path:
    """Copy the project as ``copy_to`` does, and commit it."""
    copy_to(folder)
    git(folder, "init", "--quiet")
    exclude = folder / ".git" / "info" / "exclude"
    exclude.write_text("\n".join(INSTALLED))  # which are links here, and not folders
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=project")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """The content of every file in a folder, by its path."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def run(folder: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without the variables of the make that runs the tests."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=folder, env={**env, **environ}, capture_output=True, text=True
    )


def git(folder: Path, *command: str) -> str:
    """Run git with an author and return its output."""
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=no"]
    result = subprocess.run(
        ["git", *author, *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return result.stdout.strip()
