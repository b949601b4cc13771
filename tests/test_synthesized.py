"""The stacks of the shipped file and of the examples are those that users have in their plans."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

RECORDED = ROOT / "tests" / "synthesized"


@pytest.mark.parametrize(
    ("program", "settings", "recorded"),
    [
        ("main.py", "registries.yaml", "guide"),
        ("main.py", "examples/guide.yaml", "guide"),
        ("main.py", "examples/adopt.yaml", "adopt"),
        ("main.py", "examples/landing-zone.yaml", "landing-zone"),
        ("main.py", "examples/second-cluster.yaml", "second-cluster"),
        ("examples/own_app.py", "", "own_app"),
    ],
)
def test_a_stack_is_the_recorded_one_to_the_byte(
    program: str, settings: str, recorded: str, tmp_path: Path
) -> None:
    """What differs here is a change in somebody's plan: it is asked for, and in the changelog.

    A wanted change is recorded by copying the new file over the recorded one.
    """
    environ = {name: value for name, value in os.environ.items() if name != "CDKTF_OUTDIR"}
    environ |= {"PYTHONPATH": str(ROOT), "REGISTRIES_FILE": str(ROOT / settings)}
    subprocess.run([sys.executable, ROOT / program], cwd=tmp_path, env=environ, check=True)
    (stack,) = (tmp_path / "cdktf.out" / "stacks").glob("*/cdk.tf.json")
    # cdktf's own default for the state's place, which the own app leaves as it is, is absolute.
    text = stack.read_text().replace(str(tmp_path), "/folder")
    assert text == (RECORDED / f"{recorded}.json").read_text()


def test_each_example_is_recorded() -> None:
    """A new one has a stack to be kept, too."""
    examples = {file.stem for file in (ROOT / "examples").iterdir() if file.suffix != ".json"}
    assert {file.stem for file in RECORDED.iterdir()} == examples
