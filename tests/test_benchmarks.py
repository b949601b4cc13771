"""The benchmark compares programs that create the same resources."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, Json

from constructs_lib.settings import load
from constructs_lib.stack import synthesize

SAME_AS_OURS = {"//", "lifecycle"}


def resources(stack: Path) -> Json:
    """The arguments of each resource, whatever the resources' ids are."""
    text = re.sub(r"\b(azurerm_\w+)\.\w+\.", r"\1.", stack.read_text())
    found: dict[str, Any] = json.loads(text)["resource"]
    return {
        kind: [
            {name: value for name, value in each.items() if name not in SAME_AS_OURS}
            for each in of_kind.values()
        ]
        for kind, of_kind in found.items()
    }


def ordinary(count: int, folder: Path) -> dict[str, Path]:
    """The stacks of the ordinary program with a number of registries, by their names."""
    quickly = (
        "import runpy, sys; from constructs_lib import fast_bindings; fast_bindings.enable();"
        "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    )
    program = ["-c", quickly, str(ROOT / "benchmarks" / "ordinary.py"), str(count), "cdktf"]
    environ = {"CDKTF_OUTDIR": str(folder), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, *program], check=True, env={**os.environ, **environ})
    return {each.name: each / "cdk.tf.json" for each in (folder / "stacks").iterdir()}


def test_the_ordinary_program_creates_our_resources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It differs in its preconditions and its protection only."""
    registries = [
        f"  registry000{number}:\n"
        f"    resource_group_name: rg000{number}\n"
        "    location: eastus\n"
        f"    virtual_network: {{name: vnet000{number}}}\n"
        "    endpoint_subnet: {address_prefix: 10.0.8.0/23}\n"
        f"    container_registry: {{name: acr000{number}}}\n"
        for number in range(2)
    ]
    file = tmp_path / "registries.yaml"
    file.write_text("registries:\n" + "".join(registries))
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "ours"))
    synthesize(load(str(file), {}).settings)
    theirs = ordinary(2, tmp_path / "ordinary")
    assert theirs.keys() == {each.name for each in (tmp_path / "ours" / "stacks").iterdir()}
    for name, stack in theirs.items():
        found = resources(stack)
        assert found == resources(tmp_path / "ours" / "stacks" / name / "cdk.tf.json")
        assert len(found) == 5


def test_the_empty_app_has_no_resource(tmp_path: Path) -> None:
    """A synthesis is compared with an app that has one stack, and nothing in it."""
    (stack,) = ordinary(0, tmp_path).values()
    assert "resource" not in json.loads(stack.read_text())
