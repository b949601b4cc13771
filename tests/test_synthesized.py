"""The stacks of the shipped file and of the examples equal the recorded ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import EXAMPLES, ROOT

import constructs_lib

RECORDED = ROOT / "tests" / "synthesized"


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        ("main.py", "registries.yaml"),
        *(("main.py", f"examples/{example}.yaml") for example in EXAMPLES),
        ("examples/own_app.py", ""),
    ],
)
def test_a_stack_equals_the_recorded_one(
    program: str, settings: str, tmp_path: Path, generated: Callable[[Path, str], None]
) -> None:
    """A difference changes the plans of users: it must be intended, and in CHANGELOG.md."""
    environ = {name: value for name, value in os.environ.items() if name != "CDKTF_OUTDIR"}
    environ |= {"PYTHONPATH": str(ROOT), "REGISTRIES_FILE": str(ROOT / settings)}
    subprocess.run([sys.executable, ROOT / program], cwd=tmp_path, env=environ, check=True)
    example = Path(settings or program).stem
    stacks = list((tmp_path / "cdktf.out" / "stacks").iterdir())
    for stack in stacks:
        name = stack.name if len(stacks) > 1 else {"registries": "guide"}.get(example, example)
        # examples/own_app.py has cdktf's default path for the state file, which is absolute.
        text = (stack / "cdk.tf.json").read_text().replace(str(tmp_path), "/folder")
        generated(RECORDED / f"{name}.json", text)


def test_a_stack_tells_which_version_has_written_it() -> None:
    """The version stands beside cdktf's own in the metadata; an app of a user's own has neither."""
    for file in RECORDED.glob("*.json"):
        metadata = json.loads(file.read_text())["//"]["metadata"]
        expected = None if file.stem == "own_app" else constructs_lib.__version__
        assert metadata.get("aro-private-container-registry") == expected, file
