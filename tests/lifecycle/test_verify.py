"""``make verify`` hands Terraform's outputs to verify.py, or says why it cannot."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import ROOT, Json
from project import run
from workflows import write_program

from constructs_lib import commands

SETTINGS = """
registries:
  blue: &registry
    resource_group_name: blue-rg
    location: eastus
    virtual_network: {name: blue, resource_group_name: blue-rg}
    endpoint_subnet: {address_prefix: 10.0.8.0/23}
    container_registry: {name: acr12345}
"""
SECOND = """
  green:
    <<: *registry
    resource_group_name: green-rg
    virtual_network: {name: green, resource_group_name: green-rg}
    container_registry: {name: acr54321}
"""
OUTPUTS: Json = {
    "pull_secrets": {"value": "secret", "type": "string", "sensitive": True},
    "registry_data_endpoints": {
        "value": {"acr12345.eastus.data.azurecr.io": "10.0.8.4"},
        "type": ["map", "string"],
    },
    "registry_fqdn": {"value": "acr12345.azurecr.io", "type": "string"},
    "registry_private_ip": {"value": "10.0.8.5", "type": "string"},
}
RECORDER = "import sys; print(sys.argv[1:], sys.stdin.read(), flush=True); sys.exit(1)"


class Project:
    """A synthesized project, its states, and the command that ``make verify`` runs in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write one stack, and a verify.py that prints its arguments and standard input."""
        self.folder, self._monkeypatch = folder, monkeypatch
        (folder / "registries.yaml").write_text(SETTINGS)
        (folder / "verify.py").write_text(RECORDER)
        self.synthesize("blue")

    def synthesize(self, stack: str) -> None:
        """Write the JSON of a stack without resources, with its state in a local file."""
        path = self.folder / "cdktf.out" / "stacks" / stack
        path.mkdir(parents=True)
        local = {"path": f"../../../terraform.{stack}.tfstate"}
        (path / "cdk.tf.json").write_text(json.dumps({"terraform": {"backend": {"local": local}}}))

    def deploy(self, stack: str) -> None:
        """Write the state of a stack that is deployed."""
        state = {"version": 4, "terraform_version": "1.5.0", "outputs": OUTPUTS, "resources": []}
        (self.folder / f"terraform.{stack}.tfstate").write_text(json.dumps(state))

    def run(self, command: str, stack: str, *options: str) -> object:
        """Run a command as make does, and return the status, or the message, with which it ends."""
        self._monkeypatch.setattr(sys, "argv", ["commands", command, stack, *options])
        try:
            commands.main()
        except SystemExit as end:
            return end.code
        return 0


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project in the current folder; what the command changes in its process is undone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "CHECKPOINT_DISABLE", "1"
    )  # as the Makefile does: it asks for no new version
    monkeypatch.setattr(os, "umask", lambda mask: mask)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield Project(tmp_path, monkeypatch)
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_program_gets_three_outputs_of_real_terraform(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    """The outputs that it reads, and no other, which may be secret; and its status counts."""
    project.deploy("blue")
    assert project.run("verify", "", "--timeout", "3") == 1
    arguments, _, text = capfd.readouterr().out.partition("] ")
    assert arguments == "['--outputs', '-', '--timeout', '3'"
    outputs = {name: output["value"] for name, output in json.loads(text).items()}
    assert outputs == {
        name: output["value"] for name, output in OUTPUTS.items() if name.startswith("registry_")
    }


def test_before_a_deployment_it_says_so(project: Project) -> None:
    """As ``make output`` does."""
    message = project.run("verify", "")
    assert message == "blue is not deployed: its state has no outputs; run make deploy"


def test_a_stack_is_named_as_for_make_diff(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong stack, and none of several, give the same message."""
    with (project.folder / "registries.yaml").open("a") as file:
        file.write(SECOND)
    for stack in ("", "gren"):
        message = project.run("verify", stack)
        assert message == project.run("diff", stack)
        assert "the stacks of registries.yaml are blue, green" in str(message)


def test_all_stacks_are_proved_in_order(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Up to the first that is not private."""
    with (project.folder / "registries.yaml").open("a") as file:
        file.write(SECOND)
    project.synthesize("green")
    outputs = "echo '{\"registry_fqdn\": {}}'"
    script = f"if [ $1 = init ]; then mkdir -p .terraform; else {outputs}; fi"
    write_program(project.folder, "terraform", script)
    monkeypatch.setattr(commands, "TERRAFORM", str(project.folder / "terraform"))
    assert project.run("verify", "all") == 1
    assert re.findall("── (.*)", capfd.readouterr().err) == ["blue"]
    (project.folder / "verify.py").write_text("")
    assert project.run("verify", "all") == 0
    assert re.findall("── (.*)", capfd.readouterr().err) == ["blue", "green"]


def test_the_target_runs_the_command() -> None:
    """With the stack and the arguments that the user names."""
    without = ["-o", "terraform", "-o", "synth"]
    given = ("AZURE=echo", "STACK=all", "ARGS=--timeout 3")
    done = run(ROOT, "make", "-s", *without, "verify", *given)
    assert (done.stdout, done.stderr) == ("verify all --timeout 3\n", "")
