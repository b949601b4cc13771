"""The library: what is in the wheel, and which versions it says it works with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from helpers import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

APP = """
from constructs_lib import PrivateContainerRegistry
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures

app = App()
stack = TerraformStack(app, "own")
AzurermProvider(stack, "azurerm", features=[AzurermProviderFeatures()])
PrivateContainerRegistry(stack, "acr", resource_group_name="rg", location="eastus",
    virtual_network=DataAzurermVirtualNetwork(stack, "v", name="vnet", resource_group_name="rg"),
    container_registry_name="acr12345", endpoint_subnet_address_prefix="10.0.8.0/23")
app.synth()

import constructs_lib.fast_bindings as fast, sys
print(fast.PRELOAD.is_file(), fast.__file__)
print(len([name for name in sys.modules if name.startswith(fast.BINDINGS)]))
"""


def toml(name: str) -> dict[str, Any]:
    """A TOML file of the project."""
    return tomllib.loads((ROOT / name).read_text())


def test_the_wheel_works_in_somebody_elses_app(tmp_path: Path) -> None:
    """From an empty folder, with the file that quick start-up preloads."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    site, app = tmp_path / "site", tmp_path / "app"
    offline = ["--no-deps", "--no-index", "--quiet"]
    wheel = [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*wheel, str(ROOT)], check=True)
    (built,) = tmp_path.glob("*.whl")
    subprocess.run([*pip, "install", *offline, "--target", str(site), str(built)], check=True)
    app.mkdir()
    (app / "app.py").write_text(APP)
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=app,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    where, modules = done.stdout.splitlines()
    assert where == f"True {site}/constructs_lib/fast_bindings.py"
    assert int(modules) < 30
    stack = json.loads((app / "cdktf.out" / "stacks" / "own" / "cdk.tf.json").read_text())
    (registry,) = stack["resource"]["azurerm_container_registry"].values()
    assert registry["public_network_access_enabled"] is False


def test_the_library_and_the_application_agree_on_versions() -> None:
    """The Pipfile pins each of the library's requirements, and no other, within its range."""
    required = [Requirement(text) for text in toml("pyproject.toml")["project"]["dependencies"]]
    pinned = toml("Pipfile")["packages"]
    assert {requirement.name for requirement in required} == set(pinned)
    for requirement in required:
        version = pinned[requirement.name].removeprefix("==")
        assert requirement.specifier.contains(version), requirement


def test_every_dependency_is_pinned_and_locked_with_hashes() -> None:
    """Exactly, and without naming where it is fetched from."""
    pipfile = toml("Pipfile")
    text = (ROOT / "Pipfile.lock").read_text()
    lock = json.loads(text)
    assert set(pipfile) == {"packages", "dev-packages"}
    for group, section in (("packages", "default"), ("dev-packages", "develop")):
        locked = {canonicalize_name(name): package for name, package in lock[section].items()}
        for name, version in pipfile[group].items():
            assert re.fullmatch(r"==\d+(\.\d+)+", version), name
            assert locked[canonicalize_name(name)]["version"] == version
        assert all(package["hashes"] for package in locked.values())
    assert lock["_meta"]["sources"] == []
    assert '"index"' not in text


def test_the_command_line_is_locked_without_naming_where_it_is_fetched_from() -> None:
    """Each package that is fetched has its hash; the others come inside one of those."""
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert lock["node_modules/cdktf-cli"]["version"] == "0.21.0"
    assert not any({"resolved", "funding"} & set(package) for package in lock.values())
    fetched = [package for name, package in lock.items() if name and "inBundle" not in package]
    assert all(package["integrity"].startswith("sha512-") for package in fetched)
    assert len(fetched) > 100


def test_versions_of_cdktf_are_one() -> None:
    """The library, and the command line that calls it."""
    cli = json.loads((ROOT / "package.json").read_text())["dependencies"]["cdktf-cli"]
    assert toml("Pipfile")["packages"]["cdktf"] == f"=={cli}"
