"""The make targets that a user runs on a terminal, where they ask, and where Ctrl-C is pressed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from deployment import GUIDE_RESOURCES, REGISTRY, SUBNET, ZONE, Deployment
from lifecycle import Run
from pexpect.fdpexpect import fdspawn
from project import git
from terminals import CTRL_C, Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def terminal(project: Path, environ: dict[str, str]) -> Start:
    """A function that starts a make target on a terminal of its own."""
    return partial(Terminal, project, environ)


def left(project: Path, environ: dict[str, str]) -> list[str]:
    """What git would commit, and what lies in the folder for temporary files."""
    found = git(project, "status", "--porcelain").splitlines()
    return [*found, *(file.name for file in Path(environ["TMPDIR"]).iterdir())]


@pytest.mark.usefixtures("provider_process")
def test_a_deployment_is_approved_and_destroyed(
    terminal: Start, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """The question follows the plan, and each error and each line of Terraform is printed once.

    The provider is a process, so that a deployment is seen as a whole, with all that it leaves.
    """
    shown = terminal("deploy")
    plan = shown.wait_for("Only 'yes' will be accepted: ")
    assert "5 to add, 0 to change, 0 to destroy" in plan
    assert deployment.created() == []
    shown.type("yes\n")
    printed, status = shown.finish()
    assert status == 0
    assert printed.count("Apply complete! Resources: 5 added") == 1
    assert 'registry_fqdn = "mycompanyacr.azurecr.io"' in printed
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert left(project, environ) == []
    shown = terminal("destroy")
    shown.wait_for("Do you want to destroy aro-private-acr?")
    shown.type("yes\n")
    assert shown.finish()[1] == 0
    assert deployment.created() == []
    assert left(project, environ) == []


def test_ctrl_c_at_the_question_changes_nothing(
    terminal: Start, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """The plan is deleted, and no traceback is printed."""
    shown = terminal("deploy")
    shown.wait_for("Only 'yes' will be accepted: ")
    shown.type(CTRL_C)
    printed, status = shown.finish()
    assert "Traceback" not in printed
    assert status != 0
    assert deployment.created() == []
    assert left(project, environ) == []


def test_an_interrupted_deployment_is_finished_later(
    terminal: Start, command: Run, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """Terraform writes the state; what azurerm no longer waited for is adopted.

    As the real provider does, the stand-in gives up waiting for a creation that Azure goes on with.
    It is a process until then, since Ctrl-C reaches the provider's process, too.
    """
    served = environ.pop("TF_REATTACH_PROVIDERS")
    deployment.cloud.set_faults({"operation": "create", "type": REGISTRY, "effect": "hold"})
    os.mkfifo(deployment.cloud.held)
    held = fdspawn(os.open(deployment.cloud.held, os.O_RDWR), timeout=300)
    shown = terminal("deploy", "ARGS=-auto-approve")
    for _ in (ZONE, SUBNET):  # in either order
        shown.wait_for(f"({ZONE}|{SUBNET})[.][^\r]*Creation complete")
    held.expect("/registries/mycompanyacr")
    held.close()
    shown.type(CTRL_C)
    printed, status = shown.finish()
    assert "Interrupt received" in printed
    assert "Gracefully shutting down" in printed
    assert "context canceled" in printed
    assert "Traceback" not in printed
    assert status != 0
    assert (project / "terraform.aro-private-acr.tfstate").is_file()
    assert left(project, environ) == []

    environ["TF_REATTACH_PROVIDERS"] = served
    deployment.cloud.set_faults()
    again = command("deploy", "-auto-approve")
    assert "already exists - to be managed via Terraform" in " ".join(again.stderr.split())
    assert again.returncode == 1

    told = again.stderr.splitlines()
    (place,) = [number for number, line in enumerate(told) if line.startswith("    adopt: ")]
    adopt = f"{told[place - 1]}\n{told[place]}\n"
    id_ = deployment.environ["ARM_SUBSCRIPTION_ID"]
    assert adopt == f"    subscription_id: {id_}\n    adopt: [container_registry]\n"
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("    location:", f"{adopt}    location:"))
    git(project, "commit", "--quiet", "--all", "--message=adopt")
    adopted = command("deploy", "-auto-approve")
    assert "Apply complete! Resources: 1 imported" in adopted.stdout
    assert adopted.returncode == 0
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert "No changes" in command("diff").stdout
    assert left(project, environ) == []
