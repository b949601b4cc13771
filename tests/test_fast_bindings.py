"""``fast_bindings`` speeds up a synthesis and does not change its result."""

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
  fs.appendFileSync(process.env.COUNT_FILE, `${bindings.length}\\n`);  // two processes
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
    """Run code in a folder, with the constructs_lib of the checkout or of PYTHONPATH."""
    return subprocess.run(
        [sys.executable, "-c", code, ROOT / "registries.yaml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_the_json_is_the_same_with_far_fewer_modules(tmp_path: Path) -> None:
    """Python and Node load fewer modules, and the user's NODE_OPTIONS still take effect."""
    probe = tmp_path / "count modules.cjs"
    probe.write_text(COUNT_MODULES)
    counts = {}
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
        counts[name] = int(python), max(int(line) for line in count.read_text().split())
    assert tree(tmp_path / "quick") == tree(tmp_path / "ordinary")
    assert max(counts["quick"]) < 30
    assert min(counts["ordinary"]) > 1000


def test_the_library_may_be_in_a_folder_with_any_name(tmp_path: Path) -> None:
    """The path of the preloaded file may contain spaces, quotes, backslashes and accents."""
    folder = tmp_path / 'a "b" \\c é'
    shutil.copytree(ROOT / "constructs_lib", folder / "constructs_lib")
    assert int(run(folder, APP, PYTHONPATH=str(folder))) < 30
    assert (folder / "cdktf.out" / "manifest.json").is_file()


def test_the_users_node_is_used(tmp_path: Path) -> None:
    """``JSII_NODE`` takes precedence over the Node in the Python environment."""
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ntouch "{tmp_path}/used"\nexec "{fast_bindings.node()}" "$@"\n')
    node.chmod(0o755)
    run(tmp_path, APP, JSII_NODE=str(node))
    assert (tmp_path / "used").exists()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small package instead of the bindings, which defines ``whole`` when it is executed."""
    folder = tmp_path / "small_bindings"
    folder.mkdir()
    (folder / "__init__.py").write_text("whole = True\n__all__ = ['part']\nfrom . import part\n")
    (folder / "part.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(fast_bindings, "BINDINGS", "small_bindings")
    for name in ("small_bindings", "small_bindings.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "small_bindings"


def test_a_submodule_is_imported_without_its_package(package: str) -> None:
    """No form of import executes the package, and an unknown name is an AttributeError."""
    fast_bindings.enable()
    bindings = importlib.import_module(package)
    assert bindings.part.value == 1
    assert __import__(package, fromlist=["part"]) is bindings
    assert importlib.import_module(f"{package}.part") is bindings.part
    assert "whole" not in vars(bindings)
    with pytest.raises(AttributeError, match="__nothing__"):
        _ = sys.modules[package].__nothing__


def test_a_name_of_the_package_itself_executes_the_package(package: str) -> None:
    """The package is executed when a module asks for a name that only the package defines."""
    fast_bindings.enable()
    assert sys.modules[package].whole
    assert sys.modules[package].part.value == 1
    with pytest.raises(AttributeError, match="nothing"):
        _ = sys.modules[package].nothing


def test_unexpected_bindings_are_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module is not changed if it is no package, does not exist, or is already imported."""
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
def test_node_loads_the_lazy_index_of_the_bindings(
    folder: str, lazy: bool, expected: str, tmp_path: Path
) -> None:
    """Node loads ``lazy-index.js`` only in the bindings' own folder, and only if it exists."""
    index = tmp_path / folder / "index.js"
    index.parent.mkdir(parents=True)
    index.write_text("module.exports = 'eager'")
    if lazy:
        index.with_name("lazy-index.js").write_text("module.exports = 'lazy'")
    script = f"console.log(require({json.dumps(str(index))}))"
    result = subprocess.run(
        [str(fast_bindings.node()), "--require", fast_bindings.PRELOAD, "-e", script],
        check=True,
        capture_output=True,
        text=True,
    )
    assert result.stdout == f"{expected}\n"
