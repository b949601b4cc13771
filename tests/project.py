"""A copy of the project that a test may change, with everything installed, and git in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from helpers import ROOT

FILES = [
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
]
MADE = [name for name in (".venv", ".pipenv", "node_modules") if (ROOT / name).exists()]


def copy_to(folder: Path) -> Path:
    """Copy the project with its times, so that make redoes nothing, and share what make made."""
    folder.mkdir(parents=True)
    for name in FILES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    for name in MADE:
        (folder / name).symlink_to(ROOT / name)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def git(folder: Path, *command: str) -> str:
    """Run git as somebody."""
    somebody = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=no"]
    done = subprocess.run(
        ["git", *somebody, *command], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
