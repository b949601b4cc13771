"""Quick start-up changes how fast a synthesis is, and nothing else."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT
from project import tree

from constructs_lib import fast_bindings

COUNT_MODULES = """
const fs = require("node:fs");
process.on("exit", () => {
  const loaded = Object.keys(require("node:module")._cache);
  const bindings = loaded.filter((file) => /provider-azurerm.*lib.*index\\.js$/.test(file));
  fs.appendFileSync(process.env.COUNT_FILE, `${bindings.length}\\n`);  // the kernel has a parent
});
"""

APP = """
import os, sys
before = dict(os.environ)
from constructs_lib import fast_bindings
from constructs_lib.settings import load
fast_bindings.enable()
assert dict(os.environ) == before, "the environment has changed"
from constructs_lib.stack import synthesize
synthesize(load(sys.argv[1], os.environ).settings)
print(len([name for name in sys.modules if name.startswith(fast_bindings.BINDINGS)]))
"""

ORDINARY = APP.replace("fast_bindings.enable()", "")


def run(folder: Path, code: str, **environ: str) -> str:
    """Run code with the checkout's constructs_lib, or a copy of it, in a folder."""
    return subprocess.run(
        [sys.executable, "-c", code, ROOT / "registries.yaml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_the_json_is_the_same_with_a_fraction_of_the_modules(tmp_path: Path) -> None:
    """Both halves are saved, and what was in NODE_OPTIONS before is heeded and still there."""
    probe = tmp_path / "count modules.cjs"
    probe.write_text(COUNT_MODULES)
    counted = {}
    for name, code in (("quick", APP), ("ordinary", ORDINARY)):
        (tmp_path / name).mkdir()
        count = tmp_path / f"{name}.count"
        python = run(
            tmp_path / name,
            code,
            NODE_OPTIONS=f'--require "{probe}"',
            COUNT_FILE=str(count),
            JSII_NODE=str(fast_bindings.node()),
        )
        counted[name] = int(python), max(int(line) for line in count.read_text().split())
    assert tree(tmp_path / "quick") == tree(tmp_path / "ordinary")
    assert max(counted["quick"]) < 30
    assert min(counted["ordinary"]) > 1000


def test_it_works_from_a_folder_with_any_name(tmp_path: Path) -> None:
    """Spaces, quotes, backslashes and other scripts in the path of the preloaded file."""
    folder = tmp_path / 'a "b" \\c é'
    shutil.copytree(ROOT / "constructs_lib", folder / "constructs_lib")
    assert int(run(folder, APP, PYTHONPATH=str(folder))) < 30
    assert (folder / "cdktf.out" / "manifest.json").is_file()


def test_the_node_that_the_user_names_is_used(tmp_path: Path) -> None:
    """Not the one of the Python environment."""
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ntouch "{tmp_path}/used"\nexec "{fast_bindings.node()}" "$@"\n')
    node.chmod(0o755)
    run(tmp_path, APP, JSII_NODE=str(node))
    assert (tmp_path / "used").exists()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Bindings in the small, which count how often they are executed as a whole."""
    folder = tmp_path / "small_bindings"
    folder.mkdir()
    (folder / "__init__.py").write_text("whole = True\n__all__ = ['part']\nfrom . import part\n")
    (folder / "part.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fast_bindings, "BINDINGS", "small_bindings")
    for name in ("small_bindings", "small_bindings.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "small_bindings"


def test_a_part_is_imported_without_the_whole(package: str) -> None:
    """However it is asked for; what is nowhere is an ordinary error."""
    fast_bindings.enable()
    bindings = importlib.import_module(package)
    assert bindings.part.value == 1
    assert __import__(package, fromlist=["part"]) is bindings
    assert importlib.import_module(f"{package}.part") is bindings.part
    assert "whole" not in vars(bindings)
    with pytest.raises(AttributeError, match="__nothing__"):
        _ = sys.modules[package].__nothing__


def test_what_only_the_whole_defines_executes_the_whole(package: str) -> None:
    """As when the bindings' own modules come to need something of their package."""
    fast_bindings.enable()
    assert sys.modules[package].whole
    assert sys.modules[package].part.value == 1
    with pytest.raises(AttributeError, match="nothing"):
        _ = sys.modules[package].nothing


def test_bindings_that_look_different_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that is no package, one that is not there, and one that is imported already."""
    (tmp_path / "flat_bindings.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("flat_bindings", "no_bindings", "json"):
        monkeypatch.setattr(fast_bindings, "BINDINGS", name)
        before = sys.modules.get(name)
        fast_bindings.enable()
        assert sys.modules.get(name) is before


@pytest.mark.parametrize(
    ("folder", "lazy", "expected"),
    [
        ("node_modules/@cdktf/provider-azurerm/lib", True, "lazy"),
        ("@cdktf/provider-azurerm/14.23.1/0123abcd/lib", True, "lazy"),
        ("node_modules/@cdktf/provider-azurerm/lib", False, "eager"),
        ("node_modules/@cdktf/provider-azurerm/lib/subnet", True, "eager"),
        ("node_modules/@cdktf/provider-other/lib", True, "eager"),
    ],
)
def test_node_takes_the_lazy_index_of_the_bindings(
    folder: str, lazy: bool, expected: str, tmp_path: Path
) -> None:
    """Only theirs, and only where there is one; Windows' separators are another machine's."""
    index = tmp_path / folder / "index.js"
    index.parent.mkdir(parents=True)
    index.write_text("module.exports = 'eager'")
    if lazy:
        index.with_name("lazy-index.js").write_text("module.exports = 'lazy'")
    script = f"console.log(require({json.dumps(str(index))}))"
    node = subprocess.run(
        [str(fast_bindings.node()), "--require", fast_bindings.PRELOAD, "-e", script],
        check=True,
        capture_output=True,
        text=True,
    )
    assert node.stdout == f"{expected}\n"
