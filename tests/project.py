"""A copy of the project that a test may change, set up already."""

from __future__ import annotations

import shutil
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
