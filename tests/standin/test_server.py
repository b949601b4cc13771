"""How Terraform gets the provider: as a process of its own, or served by one that already runs."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from pexpect.fdpexpect import fdspawn
from workspace import RG, ZONE, Json, Workspace

from standin import SUBSCRIPTION
from standin.server import _Servicers, served

OTHER = "00000000-0000-0000-0000-000000000002"


@pytest.fixture
def process(tmp_path: Path, plugin: dict[str, str]) -> Workspace:
    """A workspace in which Terraform installs the provider and starts it as a process."""
    return Workspace(tmp_path, plugin)


def test_a_process_is_installed_started_and_told_of_its_cloud(process: Workspace) -> None:
    """Terraform finds it in the mirror, without a network, and gives it its own environment.

    Only here and in a few tests of tests/lifecycle is it a process, since each start takes longer
    than all that Terraform does besides.
    """
    process.run("init")
    process.apply()
    assert len(process.cloud.log("create")) == 6  # the zone group is a request of its own
    process.run("destroy", "-auto-approve")
    assert len(process.cloud.log("delete")) == 6


def of_opentofu(workspace: Workspace) -> None:
    """Names the provider as OpenTofu names one without a host."""
    source = {"source": "registry.opentofu.org/hashicorp/azurerm", "version": "4.55.0"}
    workspace.write(terraform={"required_providers": {"azurerm": source}})


def test_opentofu_finds_the_process_too(process: Workspace) -> None:
    """It looks for a provider without a host in its own registry, which the mirror has as well."""
    of_opentofu(process)
    assert "Installed registry.opentofu.org/hashicorp/azurerm v4.55.0" in process.run("init")


def test_opentofu_finds_the_served_provider_too(workspace: Workspace) -> None:
    """Both registries' names lead to it."""
    of_opentofu(workspace)
    assert "Plan: 5 to add" in workspace.run("plan")


def test_a_port_that_is_used_again_is_another_connection() -> None:
    """A command gets the version that its stack requires, and not that of an earlier command."""
    environ = {"STANDIN_CLOUD": "", "STANDIN_VERSION": "5.2.0"}
    context = SimpleNamespace(peer=lambda: "ipv4:127.0.0.1:40000")
    servicers = _Servicers(environ)
    newer = servicers.GetProviderSchema(None, context)
    environ["STANDIN_VERSION"] = "4.55.0"
    assert servicers.GetProviderSchema(None, context) != newer


def test_a_served_provider_is_not_installed(workspace: Workspace) -> None:
    """`terraform init` writes no lock: what is locked is not this provider."""
    workspace.run("init")
    assert not list(workspace.folder.glob(".terraform*"))


def test_providers_of_one_configuration_are_configured_one_by_one(workspace: Workspace) -> None:
    """One with an alias has another subscription; in whatever order they are configured."""
    configured = {"features": {}, "resource_provider_registrations": "none"}
    other = {**configured, "alias": "other", "subscription_id": OTHER}
    zone = {"resource_group_name": RG, "name": "privatelink.azurecr.io"}
    workspace.cloud.add("azurerm_resource_group", name=RG, location="eastus", subscription=OTHER)
    with workspace.cloud.edit() as contents:
        contents["registered"][OTHER] = ["Microsoft.Network"]
    first: Json = {**zone, "name": "first"}
    theirs: Json = {**zone, "provider": "azurerm.other", "depends_on": [f"{ZONE}.first"]}
    last: Json = {**zone, "name": "last", "depends_on": [f"{ZONE}.theirs"]}
    workspace.write(
        provider={"azurerm": [configured, other]},
        resource={ZONE: {"first": first, "theirs": theirs, "last": last}},
    )
    workspace.apply()
    assert {id_.split("/")[-1]: id_.split("/")[2] for id_ in workspace.cloud.resources(ZONE)} == {
        "first": SUBSCRIPTION,
        "privatelink.azurecr.io": OTHER,
        "last": SUBSCRIPTION,
    }


def test_nothing_is_left_of_a_served_provider(tmp_path: Path, plugin: dict[str, str]) -> None:
    """Not even a request that the cloud holds, whose Terraform goes on without it."""
    before = {*threading.enumerate()}
    workspace = Workspace(tmp_path, plugin)
    os.mkfifo(workspace.cloud.held)
    held = fdspawn(os.open(workspace.cloud.held, os.O_RDWR), timeout=300)
    workspace.cloud.set_faults({"operation": "create", "type": ZONE, "effect": "hold"})
    with served(workspace.env) as variables:
        apply = subprocess.Popen(
            ["terraform", "apply", "-auto-approve"],
            cwd=workspace.folder,
            env={**workspace.env, **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        held.expect("/privatelink.azurecr.io")
        held.close()
    _, errors = apply.communicate()
    assert apply.returncode == 1
    assert "the plugin" in errors.lower()
    assert {*threading.enumerate()} == before
