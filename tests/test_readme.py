"""The README is true: its table, its code, its commands and its settings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from helpers import ROOT

from constructs_lib.settings import table
from constructs_lib.settings_file import load

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The README's code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_table_of_settings_is_generated_from_the_fields() -> None:
    """Write it anew with ``.venv/bin/python -m constructs_lib.settings``."""
    assert f"\n{table()}\n" in README


def test_the_settings_that_are_shown_work(tmp_path: Path) -> None:
    """With the one variable that they ask for."""
    (shown,) = blocks("yaml")
    file = tmp_path / "registries.yaml"
    file.write_text(shown)
    assert load(str(file), {"ACR_NAME": "mycompanyacr"}).variables == ["ACR_NAME"]


def test_the_app_that_is_shown_works(tmp_path: Path) -> None:
    """Somebody copies it and synthesizes it."""
    (shown,) = blocks("python")
    subprocess.run(
        [sys.executable, "-c", shown],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    stack = json.loads((tmp_path / "cdktf.out" / "stacks" / "platform" / "cdk.tf.json").read_text())
    assert "azurerm_private_endpoint" in stack["resource"]


def test_each_command_that_is_named_is_there() -> None:
    """Targets of the Makefile, variables of the shipped settings, and outputs of the stack."""
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([a-z]+)", README)) | {"synth", "deploy", "diff"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    shipped = (ROOT / "registries.yaml").read_text()
    for name in re.findall(r"(\w+)=", " ".join(re.findall(r"^export (.*)$", README, re.MULTILINE))):
        assert f"${{{name}:-" in shipped, name


def test_each_output_is_explained(guide: dict[str, dict[str, object]]) -> None:
    """In the table that names the guide's steps."""
    assert set(re.findall(r"^\| `(\w+)` \| `az", README, re.MULTILINE)) == set(guide["output"])


def test_it_is_short() -> None:
    """A reader gives it two hundred lines."""
    assert len(README.splitlines()) <= 200
