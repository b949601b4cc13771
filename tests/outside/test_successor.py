"""The program runs on cdktf's successor: docs/successor.md.

``make test-successor`` runs this file. ``make test`` does not, because the successor needs an
environment of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import renamed
from helpers import EXAMPLES, ROOT, Json

from standin import Cloud, install

PYTHON = ROOT / "successor" / ".venv" / "bin" / "python"
RECORDED = ROOT / "tests" / "synthesized"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's copy with the names of the successor."""
    folder = tmp_path_factory.mktemp("successor") / "project"
    folder.mkdir()
    renamed.copy_to(folder)
    return folder


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables with which Terraform uses only the stand-in as the provider."""
    return install(tmp_path_factory.mktemp("plugin"))


def take_versions(stack: Json) -> dict[str, str]:
    """Take the versions of cdktf and of the provider out of a stack, and return them."""
    return {
        "cdktf": stack["//"]["metadata"].pop("version"),
        "azurerm": stack["terraform"]["required_providers"]["azurerm"].pop("version"),
    }


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        ("main.py", "registries.yaml"),
        *(("main.py", f"examples/{example}.yaml") for example in EXAMPLES),
        ("examples/own_app.py", ""),
    ],
)
def test_the_successor_writes_the_same_valid_stacks(
    program: str, settings: str, copy: Path, plugin: dict[str, str], tmp_path: Path
) -> None:
    """Only the two versions differ, and what is written is valid for the provider of today."""
    environ = {name: value for name, value in os.environ.items() if name != "CDKTF_OUTDIR"}
    environ |= {"PYTHONPATH": str(copy), "REGISTRIES_FILE": str(copy / settings)}
    subprocess.run([PYTHON, copy / program], cwd=tmp_path, env=environ, check=True)
    example = Path(settings or program).stem
    cloud = Cloud(tmp_path)
    folders = list((tmp_path / "cdktf.out" / "stacks").iterdir())
    assert folders
    for folder in folders:
        name = folder.name if len(folders) > 1 else {"registries": "guide"}.get(example, example)
        file = folder / "cdk.tf.json"
        stack = json.loads(file.read_text().replace(str(tmp_path), "/folder"))
        expected = json.loads((RECORDED / f"{name}.json").read_text())
        versions, before = take_versions(stack), take_versions(expected)
        assert stack == expected
        assert all(versions[of] != before[of] for of in versions)
        if program != "main.py":
            continue  # the stand-in does not serve all resources of that app
        stack["terraform"]["required_providers"]["azurerm"]["version"] = before["azurerm"]
        file.write_text(json.dumps(stack))
        for command in (["init", "-backend=false"], ["validate"]):
            done = subprocess.run(
                ["terraform", *command, "-no-color"],
                cwd=folder,
                env={"PATH": os.environ["PATH"], **plugin, **cloud.env},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr


def test_the_copy_runs_without_cdktf(copy: Path) -> None:
    """Neither cdktf nor its bindings are installed beside the successor."""
    find = "from importlib.util import find_spec; print([n for n in (%s) if find_spec(n)])"
    names = '"cdktf", "cdktf_cdktf_provider_azurerm"'
    found = subprocess.run([PYTHON, "-c", find % names], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    fast = "from constructs_lib import fast_bindings; fast_bindings.enable();"
    count = (
        f"{fast} import constructs_lib.stack, sys;"
        "print(len([n for n in sys.modules if n.startswith('cdktn_provider_azurerm')]))"
    )
    done = subprocess.run(
        [PYTHON, "-c", count], cwd=copy, capture_output=True, text=True, check=True
    )
    assert 0 < int(done.stdout) < 100, "the start-up is not quick"
