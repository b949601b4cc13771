"""The make targets that a user runs on a terminal, where they ask, and where Ctrl-C is pressed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from deployment import GUIDE_RESOURCES, REGISTRY, SUBNET, ZONE, Deployment
from pexpect.fdpexpect import fdspawn
from project import git

Terminal = Callable[..., pexpect.spawn]


@pytest.fixture
def terminal(project: Path, environ: dict[str, str]) -> Terminal:
    """A function that starts a make target on a terminal of its own."""

    def start(*arguments: str) -> pexpect.spawn:
        return pexpect.spawn(
            "make",
            list(arguments),
            cwd=str(project),
            env=environ,
            encoding="utf-8",
            timeout=300,  # the bound of a test that hangs: nothing is expected to take so long
            dimensions=(50, 250),
        )

    return start


def finish(child: pexpect.spawn) -> tuple[str, int | None]:
    """What the program prints to its end, without colours, and its status."""
    child.expect(pexpect.EOF)
    child.close()
    return re.sub(r"\x1b\[[0-9;]*m", "", str(child.before)), child.exitstatus


def left(project: Path, environ: dict[str, str]) -> list[str]:
    """What git would commit, and what lies in the folder for temporary files."""
    found = git(project, "status", "--porcelain").splitlines()
    return [*found, *(file.name for file in Path(environ["TMPDIR"]).iterdir())]


def test_a_deployment_is_approved_and_destroyed(
    terminal: Terminal, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """The question follows the plan, and each error and each line of Terraform is printed once."""
    child = terminal("deploy")
    child.expect("Only 'yes' will be accepted: ")
    assert "5 to add, 0 to change, 0 to destroy" in re.sub(r"\x1b\[[0-9;]*m", "", child.before)
    assert deployment.created() == []
    child.sendline("yes")
    printed, status = finish(child)
    assert status == 0
    assert printed.count("Apply complete! Resources: 5 added") == 1
    assert 'registry_fqdn = "mycompanyacr.azurecr.io"' in printed
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert left(project, environ) == []
    child = terminal("destroy")
    child.expect("Do you want to destroy aro-private-acr?")
    child.sendline("yes")
    assert finish(child)[1] == 0
    assert deployment.created() == []
    assert left(project, environ) == []


@pytest.mark.parametrize("answer", ["no", "y", ""])
def test_any_other_answer_changes_nothing(
    terminal: Terminal, deployment: Deployment, project: Path, environ: dict[str, str], answer: str
) -> None:
    """Only ``yes`` approves, as in Terraform."""
    child = terminal("deploy")
    child.expect("Only 'yes' will be accepted: ")
    child.sendline(answer)
    printed, status = finish(child)
    assert "Nothing has changed: make deploy was cancelled." in printed
    assert status == 2
    assert deployment.created() == []
    assert left(project, environ) == []


def test_a_refused_plan_is_reported_once(
    terminal: Terminal, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """Nobody is asked about a plan that Terraform refuses."""
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("10.0.8.0/23", "10.9.8.0/23"))
    git(project, "commit", "--quiet", "--all", "--message=outside")
    printed, status = finish(terminal("deploy"))
    assert status == 2
    assert printed.count("is outside the address space of the virtual network") == 1
    assert "Only 'yes'" not in printed
    assert deployment.created() == []
    assert left(project, environ) == []


def test_ctrl_c_at_the_question_changes_nothing(
    terminal: Terminal, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """The plan is deleted, and no traceback is printed."""
    child = terminal("deploy")
    child.expect("Only 'yes' will be accepted: ")
    child.sendintr()
    printed, status = finish(child)
    assert "Traceback" not in printed
    assert status != 0
    assert deployment.created() == []
    assert left(project, environ) == []


def test_an_interrupted_deployment_is_finished_later(
    terminal: Terminal, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """Terraform writes the state; what azurerm no longer waited for is adopted.

    As the real provider does, the stand-in gives up waiting for a creation that Azure goes on with.
    """
    deployment.cloud.set_faults({"operation": "create", "type": REGISTRY, "effect": "hold"})
    os.mkfifo(deployment.cloud.held)
    held = fdspawn(os.open(deployment.cloud.held, os.O_RDWR), timeout=300)
    child = terminal("deploy", "ARGS=-auto-approve")
    for _ in (ZONE, SUBNET):  # in either order
        child.expect(f"({ZONE}|{SUBNET})[.][^\r]*Creation complete")
    held.expect("/registries/mycompanyacr")
    held.close()
    child.sendintr()
    printed, status = finish(child)
    assert "Interrupt received" in printed
    assert "Gracefully shutting down" in printed
    assert "Traceback" not in printed
    assert status != 0
    assert (project / "terraform.aro-private-acr.tfstate").is_file()
    assert left(project, environ) == []

    deployment.cloud.set_faults()
    printed, status = finish(terminal("deploy", "ARGS=-auto-approve"))
    assert "already exists - to be managed via Terraform" in " ".join(printed.split())
    assert status == 2

    adopt = "    adopt: [container_registry]\n    subscription_id: ${ARM_SUBSCRIPTION_ID}\n"
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("    location:", f"{adopt}    location:"))
    git(project, "commit", "--quiet", "--all", "--message=adopt")
    printed, status = finish(terminal("deploy", "ARGS=-auto-approve"))
    assert "Apply complete! Resources: 1 imported" in printed
    assert status == 0
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert "No changes" in finish(terminal("diff"))[0]
    assert left(project, environ) == []


def test_the_command_line_of_cdktf_shows_the_line_of_variables(terminal: Terminal) -> None:
    """It is no error there, and no check of versions opens the command with a stack trace."""
    printed, status = finish(terminal("cdktf", "ARGS=synth"))
    assert status == 0
    lines = re.sub(r"\x1b\[[?0-9]*[A-Za-z]", "\n", printed).splitlines()
    assert "registries.yaml: variables used: ACR_NAME" in lines
    assert "[ERROR]" not in printed
    assert "version check" not in printed
