"""The program runs on cdktf's successor, with azurerm 4 and 5: docs/successor.md.

``make test-successor`` runs this file. ``make test`` does not, because each successor needs an
environment of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import versions
from helpers import EXAMPLES, ROOT, SUCCESSORS, Json

from simulation.prerequisites import Prerequisites
from simulation.stacks import Stack
from simulation.terraform_runs import CHANGED, Terraform
from standin import Cloud, install, required_version, schema
from standin.server import served
from successor.move import move

RECORDED = ROOT / "tests" / "synthesized"
PROGRAMS = [
    ("main.py", "registries.yaml"),
    *(("main.py", f"examples/{example}.yaml") for example in EXAMPLES),
    ("examples/own_app.py", ""),
]
Stacks = Callable[[str, str, str], dict[str, Json]]


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that is moved: the names are the same for both versions of azurerm."""
    folder = tmp_path_factory.mktemp("successor") / "project"
    ignored = shutil.ignore_patterns(".venv", "__pycache__")
    for name in ("constructs_lib", "examples", "successor"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("main.py", "registries.yaml"):
        shutil.copy(ROOT / name, folder)
    move(folder, "5")
    return folder


@pytest.fixture(scope="session")
def synthesized(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """A function that runs a program in the environment of a successor: its stacks, by name."""

    @cache
    def run(successor: str, program: str, settings: str) -> dict[str, Json]:
        folder = tmp_path_factory.mktemp("synthesized")
        environ = {name: value for name, value in os.environ.items() if name != "CDKTF_OUTDIR"}
        environ |= {"PYTHONPATH": str(copy), "REGISTRIES_FILE": str(copy / settings)}
        python = ROOT / successor / ".venv" / "bin" / "python"
        subprocess.run([python, copy / program], cwd=folder, env=environ, check=True)
        files = list((folder / "cdktf.out" / "stacks").glob("*/cdk.tf.json"))
        only = {"registries": "guide"}.get(Path(settings).stem, Path(settings or program).stem)
        return {
            file.parent.name if len(files) > 1 else only: json.loads(
                file.read_text().replace(str(folder), "/folder")
            )
            for file in files
        }

    return run


def recorded(name: str) -> Json:
    """A stack as cdktf writes it with the bindings of azurerm 4.55.0."""
    stack: Json = json.loads((RECORDED / f"{name}.json").read_text())
    return stack


@pytest.mark.parametrize("successor", SUCCESSORS)
@pytest.mark.parametrize(("program", "settings"), PROGRAMS)
def test_the_successor_writes_the_same_stacks(
    program: str, settings: str, successor: str, synthesized: Stacks
) -> None:
    """Only the two versions differ, and of azurerm 5 the names of two arguments."""
    stacks = synthesized(successor, program, settings)
    assert stacks
    for name, stack in stacks.items():
        before = recorded(name)
        assert required_version(stack).startswith(successor[-1])
        assert required_version(stack) != required_version(before)
        expected = versions.required(before, required_version(stack))
        versions_of_cdktf = [each["//"]["metadata"].pop("version") for each in (stack, expected)]
        assert len(set(versions_of_cdktf)) == 2
        assert stack == expected


class Deployed:
    """One stack that several versions of azurerm deploy, each over the state of the others."""

    def __init__(self, folder: Path, environ: dict[str, str], stacks: list[Stack]) -> None:
        """Put what the stacks presuppose into a cloud of their own."""
        cloud = Cloud(folder, environment=stacks[0].environment)
        Prerequisites([[stack] for stack in stacks]).put(cloud)
        environ.update(cloud.env, ARM_SUBSCRIPTION_ID=stacks[0].subscription)
        self.environ = environ
        self.terraform = Terraform(folder / "stack", environ)

    def deploy(self, stack: Stack, *, is_new: bool) -> None:
        """Apply the stack; if it is not new, its plan is empty."""
        self.environ["STANDIN_VERSION"] = stack.version
        self.terraform.write(stack)
        if is_new:
            self.terraform.init()
        plan = self.terraform.plan()
        changes = [event["change"] for event in plan.of("planned_change")]
        expected = CHANGED if is_new else 0
        assert plan.status == expected, (stack.version, plan.errors, changes)
        done = self.terraform.apply()
        assert done.status == 0, (stack.version, done.errors)


@pytest.mark.parametrize("order", [(0, 1, 2, 0), (2, 1, 0, 2)], ids=["later", "back"])
@pytest.mark.parametrize(("program", "settings"), PROGRAMS)
def test_each_version_deploys_over_the_state_of_the_others(
    program: str, settings: str, order: tuple[int, ...], synthesized: Stacks, tmp_path: Path
) -> None:
    """None changes what another made: cdktf with azurerm 4.55.0, and cdktn with 4.81.0 and 5."""
    later = [synthesized(successor, program, settings) for successor in SUCCESSORS]
    for name in later[0]:
        folder = tmp_path / name
        folder.mkdir()
        configs = [recorded(name), *(stacks[name] for stacks in later)]
        stacks = [Stack(name, config) for config in configs]
        assert [stack.version for stack in stacks] == schema.versions()
        environ = {"PATH": os.environ["PATH"], **install(folder)}
        with served(environ) as variables:
            environ |= variables
            deployed = Deployed(folder, environ, stacks)
            for step, number in enumerate(order):
                deployed.deploy(stacks[number], is_new=step == 0)


@pytest.mark.parametrize("successor", SUCCESSORS)
def test_the_copy_runs_without_cdktf(successor: str, copy: Path) -> None:
    """Neither cdktf nor its bindings are installed beside the successor."""
    python = ROOT / successor / ".venv" / "bin" / "python"
    find = "from importlib.util import find_spec; print([n for n in (%s) if find_spec(n)])"
    names = '"cdktf", "cdktf_cdktf_provider_azurerm"'
    found = subprocess.run([python, "-c", find % names], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    fast = "from constructs_lib import fast_bindings; fast_bindings.enable();"
    count = (
        f"{fast} import constructs_lib.stack, sys;"
        "print(len([n for n in sys.modules if n.startswith('cdktn_provider_azurerm')]))"
    )
    done = subprocess.run(
        [python, "-c", count], cwd=copy, capture_output=True, text=True, check=True
    )
    assert 0 < int(done.stdout) < 100, "the start-up is not quick"
