"""The benchmark compares programs that create the same resources."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from helpers import ROOT, Json

from constructs_lib.settings import load
from constructs_lib.stack import synthesize


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("bench", ROOT / "benchmarks" / "bench.py")
    assert spec
    assert spec.loader
    module = sys.modules["bench"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
    bench: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It differs in its preconditions and its protection only."""
    file = tmp_path / "registries.yaml"
    file.write_text(bench.registries(2))
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


def test_the_programs_for_cache_rules_create_the_same_rules(tmp_path: Path) -> None:
    """One adds them to the construct, the other puts them beside it."""
    written = []
    for way in ("added", "bare"):
        program = str(ROOT / "benchmarks" / "cache_rules.py")
        command = [sys.executable, program, "3", way, "written"]
        environ = {**os.environ, "CDKTF_OUTDIR": str(tmp_path / way)}
        subprocess.run(command, check=True, cwd=tmp_path, env=environ)
        stack = resources(tmp_path / way / "stacks" / "stack" / "cdk.tf.json")
        written.append(stack["azurerm_container_registry_cache_rule"])
    assert written[0] == written[1]
    assert len(written[0]) == 3


@pytest.mark.parametrize("slowness", [1, 10])
def test_no_bound_depends_on_the_machine(slowness: int, bench: ModuleType) -> None:
    """Each is a ratio of what was measured on one day: a machine ten times as slow keeps it."""
    cases = []
    for program in bench.COMMANDS:
        for count in (0, 1, 10, 100, 400, 1000):
            for cache in ("warm", "cold"):
                case = bench.Case(program, count, cache)
                for measure in case.measured:
                    case.measured[measure].append((1 + count / 100) * slowness)
                cases.append(case)
    rows = bench.bounds(cases).splitlines()[2:]
    assert len(rows) == len(bench.BOUNDS)
    ratios = [row.split(" | ")[1] for row in rows]
    assert ratios == ["1"] * len(rows)


def test_a_bound_is_missed_or_holds(bench: ModuleType) -> None:
    """What further registries take is the difference of two measurements."""
    cases = []
    for program, takes in ((bench.OURS, {100: 3, 1000: 21}), (bench.ORDINARY, {100: 20, 1000: 29})):
        for count, seconds in takes.items():
            case = bench.Case(program, count)
            case.measured |= {"wall": [seconds], "processor": [seconds]}
            cases.append(case)
    assert bench.bounds(cases).splitlines()[2:] == [
        "| 100 registries: time, of cdktf in Python | 0.15 | 1 | holds |",
        "| 1,000 registries: time, of cdktf in Python | 0.724 | 0.8 | holds |",
        "| each further registry: processor time, of cdktf in Python | 2 | 1 | missed by 100% |",
    ]


def test_the_readme_holds_the_bounds_of_the_program(bench: ModuleType) -> None:
    """A table that was measured before a bound was changed is measured again."""
    text = (ROOT / "benchmarks" / "README.md").read_text()
    table = re.findall(r"^\| (.+) \| [\d.e+-]+ \| ([\d.]+) \| (?:holds|missed.*) \|$", text, re.M)
    assert table == [(bound.what, str(bound.most)) for bound in bench.BOUNDS]
