"""A copy of the program that runs on cdktf's successor: the names of packages are replaced."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from helpers import ROOT

RENAMED = [
    (r"\bcdktf_cdktf_provider_azurerm\b", "cdktn_provider_azurerm"),  # the bindings in Python
    (r"@cdktf\b", "@cdktn"),  # their scope in Node, whose names are patterns in places
    (r"""(?<=["'])cdktf(?=["'])""", "cdktn"),  # where a package is asked for by its name
    (r"(?m)^(\s*(?:from|import) )cdktf\b", r"\1cdktn"),
    (r"\bcdktf(?=\.[A-Z])", "cdktn"),  # what the imported package has
]
"""Patterns of what is renamed, and their replacements."""


def renamed(text: str) -> str:
    """The text of a program with the successor's names."""
    for pattern, replacement in RENAMED:
        text = re.sub(pattern, replacement, text)
    return text


def copy_to(folder: Path) -> list[str]:
    """Copy what a synthesis runs, and return which files have changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("constructs_lib", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("main.py", "registries.yaml"):
        shutil.copy(ROOT / name, folder)
    changed = []
    for file in sorted(file for file in folder.rglob("*") if file.suffix in (".py", ".cjs")):
        before = file.read_text()
        after = renamed(before)
        if after != before:
            file.write_text(after)
            changed.append(file.relative_to(folder).as_posix())
    return changed
