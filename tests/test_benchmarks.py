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


@pytest.mark.parametrize("count", [0, 2])
def test_the_ordinary_program_creates_our_resources(count: int, tmp_path: Path) -> None:
    """It differs in its preconditions and its protection only, and so does the empty app."""
    registries = [
        f"  registry000{number}:\n"
        f"    resource_group_name: rg000{number}\n"
        "    location: eastus\n"
        f"    virtual_network: {{name: vnet000{number}}}\n"
        "    endpoint_subnet: {address_prefix: 10.0.8.0/23}\n"
        f"    container_registry: {{name: acr000{number}}}\n"
        for number in range(count)
    ]
    (tmp_path / "registries.yaml").write_text("registries:\n" + "".join(registries))
    quickly = (
        "import runpy, sys; from constructs_lib import fast_bindings; fast_bindings.enable();"
        "runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    )
    ordinary = ["-c", quickly, str(ROOT / "benchmarks" / "ordinary.py"), str(count), "cdktf"]
    programs = {"ordinary": ordinary, **({"ours": [str(ROOT / "main.py")]} if count else {})}
    written = {}
    for name, program in programs.items():
        environ = {"CDKTF_OUTDIR": str(tmp_path / name), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, *program]
        subprocess.run(command, check=True, cwd=tmp_path, env={**os.environ, **environ})
        stacks = sorted(Path(tmp_path, name, "stacks").iterdir())
        written[name] = {each.name: each / "cdk.tf.json" for each in stacks}
    if not count:
        assert "resource" not in json.loads(written["ordinary"]["empty"].read_text())
        return
    assert written["ordinary"].keys() == written["ours"].keys()
    for stack, file in written["ordinary"].items():
        assert resources(file) == resources(written["ours"][stack])
        assert len(resources(file)) == 5
