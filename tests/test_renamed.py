"""To leave cdktf is to rename packages in a few files."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import renamed
from helpers import ROOT, SUCCESSORS


def test_few_files_name_cdktf(tmp_path: Path) -> None:
    """The construct, the stack, the start-up and the example change, and import cdktf no more."""
    assert renamed.copy_to(tmp_path) == [
        "constructs_lib/arguments/bindings.py",
        "constructs_lib/fast_bindings.cjs",
        "constructs_lib/fast_bindings.py",
        "constructs_lib/private_container_registry.py",
        "constructs_lib/stack.py",
        "examples/own_app.py",
    ]
    for file in tmp_path.rglob("*.py"):
        imports = [
            name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in (getattr(node, "module", None), *(each.name for each in node.names))
        ]
        assert not [name for name in imports if re.match("cdktf(_|$)", name or "")], file
    assert "@cdktn[" in (tmp_path / "constructs_lib" / "fast_bindings.cjs").read_text()


def test_names_of_folders_and_variables_stay() -> None:
    """``cdktf.out`` and ``CDKTF_OUTDIR`` are where Terraform finds the stacks."""
    text = """folder = "cdktf.out", "CDKTF_OUTDIR"  # as cdktf calls it"""
    assert renamed.renamed(text) == text
    assert renamed.renamed("cdktf.Lazy") == "cdktn.Lazy"


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
