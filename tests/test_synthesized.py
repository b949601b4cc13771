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
from constructs_lib.settings import load
from constructs_lib.stack import synthesize

RECORDED = ROOT / "tests" / "synthesized"


@pytest.mark.parametrize(
    "settings", ["registries.yaml", *(f"examples/{example}.yaml" for example in EXAMPLES)]
)
def test_a_stack_equals_the_recorded_one(
    settings: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    generated: Callable[[Path, str], None],
) -> None:
    """A difference changes the plans of users: it must be intended, and in CHANGELOG.md."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    synthesize(load(str(ROOT / settings), {}).settings)
    stacks = sorted((tmp_path / "cdktf.out" / "stacks").iterdir())
    for stack in stacks:
        example = {"registries": "guide"}.get(Path(settings).stem, Path(settings).stem)
        name = stack.name if len(stacks) > 1 else example
        generated(RECORDED / f"{name}.json", (stack / "cdk.tf.json").read_text())


def test_an_own_apps_stack_equals_the_recorded_one(
    tmp_path: Path, generated: Callable[[Path, str], None]
) -> None:
    """The construct alone, in examples/own_app.py, is as stable as the stacks of the file."""
    environ = {name: value for name, value in os.environ.items() if name != "CDKTF_OUTDIR"}
    app = [sys.executable, str(ROOT / "examples" / "own_app.py")]
    subprocess.run(app, cwd=tmp_path, env={**environ, "PYTHONPATH": str(ROOT)}, check=True)
    text = (tmp_path / "cdktf.out" / "stacks" / "platform" / "cdk.tf.json").read_text()
    # cdktf's default path for the state file is absolute.
    generated(RECORDED / "own_app.json", text.replace(str(tmp_path), "/folder"))


def test_a_stack_tells_which_version_has_written_it() -> None:
    """The version stands beside cdktf's own in the metadata; an app of a user's own has neither."""
    for file in RECORDED.glob("*.json"):
        metadata = json.loads(file.read_text())["//"]["metadata"]
        expected = None if file.stem == "own_app" else constructs_lib.__version__
        assert metadata.get("aro-private-container-registry") == expected, file
