"""``make try``: settings are deployed to a simulated Azure, and nothing is left behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from helpers import ROOT, in_order
from project import commit_to, git, tree
from workflows import write_program

from simulation.__main__ import STOPS, main

PULLS_FAIL = "no name of the registry: pulls fail"
REGISTRY_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
    "/providers/Microsoft.ContainerRegistry/registries/later"
)
ORPHANS = f"""
backend:
  cloud:
    organization: acme
registries:
  first:
    resource_group_name: rg
    virtual_network:
      name: vnet
    endpoint_subnet:
      address_prefix: 10.0.8.0/27
    container_registry:
      id: {REGISTRY_ID}
    subscription_id: 00000000-0000-0000-0000-000000000001
  second:
    resource_group_name: rg
    location: eastus
    virtual_network:
      name: other-vnet
    endpoint_subnet:
      address_prefix: 10.1.8.0/27
    container_registry:
      name: later
    private_dns_zone:
      managed_by_policy: true
    private_endpoint:
      name: another
    subscription_id: 00000000-0000-0000-0000-000000000001
"""


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed copy of the project, which tests copy."""
    return commit_to(tmp_path_factory.mktemp("committed") / "project")


@pytest.fixture
def project(tmp_path: Path, committed: Path) -> Path:
    """A committed copy of the project, in a path with a space."""
    return Path(shutil.copytree(committed, tmp_path / "my project", symlinks=True))


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """The environment of the user's shell, with a folder of its own for temporary files."""
    without = ("MAKE", "ARM_", "TF_", "CDKTF_", "REGISTRIES_FILE")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    with TemporaryDirectory() as temporary:
        yield {**environ, "TMPDIR": temporary}


def files(project: Path) -> dict[str, bytes]:
    """The content of every file of the project but Python's own caches."""
    return {name: text for name, text in tree(project).items() if "__pycache__" not in name}


def left(environ: dict[str, str]) -> list[str]:
    """The temporary files that are left, and the processes whose own such files are there."""
    temporary = environ["TMPDIR"]
    found = [file.name for file in Path(temporary).iterdir()]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = f"STANDIN_CLOUD={temporary}".encode() in (process / "environ").read_bytes()
        except OSError:  # it has ended, or is somebody else's
            continue
        found += [process.name] if is_ours else []
    return found


def simulate(project: Path, environ: dict[str, str], *options: str) -> tuple[int, str]:
    """Run the command in a project, in this process; return its status and all that it prints."""
    printed, handlers, status = StringIO(), {each: signal.getsignal(each) for each in STOPS}, 0
    with pytest.MonkeyPatch.context() as patch, chdir(project), redirect_stdout(printed):
        patch.setattr(os, "environ", environ)
        patch.setattr(sys, "argv", ["simulation", *options])
        patch.setattr(sys, "stderr", printed)
        patch.setattr(tempfile, "tempdir", environ["TMPDIR"])
        try:
            main()
        except SystemExit as error:
            status = int(str(error.code))
    for number, handler in handlers.items():
        signal.signal(number, handler)
    lines = printed.getvalue().splitlines()
    assert lines[0].startswith("This is a simulation: ")
    assert lines[-1].startswith("This was a simulation: nothing was created in Azure")
    assert left(environ) == []
    return status, printed.getvalue()


def test_the_shipped_settings_are_tried(
    project: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    """Terraform does all steps, and leaves nothing anywhere.

    Of the user's shell, it gets the subscription only.
    """
    used = tmp_path / "used"
    tofu = tmp_path / "tofu"
    script = f'echo "$@" >> {used}\nexec {shutil.which("terraform")} "$@"'
    write_program(tmp_path, "tofu", script)
    (project / ".terraform.lock.hcl").write_text("a lock of the real provider")
    before = files(project)
    done = subprocess.run(
        ["make", "try"],
        cwd=project,
        env={
            **environ,
            "ARM_ENVIRONMENT": "china",
            "ARM_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000009",
            "HOME": "/nonexistent",
            "TERRAFORM_BINARY_NAME": str(tofu),
            "TF_CLI_ARGS_plan": "-destroy",
            "TF_CLI_CONFIG_FILE": "/nonexistent",
            "TF_DATA_DIR": str(project),
            "TF_WORKSPACE": "other",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [
        "virtual network aro-rcarrata-vnet (10.0.0.0/16)",
        "terraform init",
        "terraform plan     5 to add, 0 to change, 0 to destroy",
        "terraform apply    5 added, 0 changed, 0 destroyed",
        "registry_private_ip = 10.0.8.5",
        "registry_id = /subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/",
        "the picture        make diagram STACK=aro-private-acr prints it as Mermaid, which",
        "acr12345.azurecr.io at 10.0.8.5",
        "terraform plan     no changes",
        "terraform destroy  refused, as with Azure: deletion_protection is on",
        "terraform destroy  0 added, 0 changed, 5 destroyed",
    ]
    in_order(done.stdout, *steps)
    assert "flowchart" not in done.stdout
    commands = [line.split()[0] for line in used.read_text().splitlines()]
    assert commands == ["init", "plan", "apply", "plan", "destroy", "destroy"]
    assert files(project) == before
    assert left(environ) == []


@pytest.mark.parametrize(
    "example", ["adopt", "all-images", "every-option", "landing-zone", "second-cluster"]
)
def test_each_example_is_tried(project: Path, environ: dict[str, str], example: str) -> None:
    """All stacks of a file are deployed, each to its own cloud, and destroyed."""
    shown = (ROOT / "examples" / f"{example}.yaml").read_text()
    file = project / f"{example}.yaml"
    file.write_text(re.sub("        - source: docker.io/library/nginx\n( {10}.*\n)+", "", shown))
    status, printed = simulate(project, {**environ, "REGISTRIES_FILE": str(file)})
    assert status == 0, printed
    expected = {
        "adopt": ["5 to import, 0 to add, 0 to change, 0 to destroy"],
        "all-images": [
            "key vault aro-images-vault",
            "registry.redhat.io/* into redhat/*",
            "docker.io/* into docker/*",
        ],
        "every-option": [
            "encryption key acr",
            "pull_secrets = (sensitive)",
            "key vault acr-vault",
            "registry.redhat.io/* into redhat/*",
            "the same in hub-vnet",
            '                     "kind": "ImageTagMirrorSet"',
            "user-assigned identity acr",
            "registration of Microsoft.ContainerRegistry, Microsoft.Network",
            "the simulated Azure (usgovernment) has",
            "mycompanyacr.azurecr.io at 10.1.0.20",
            "the owner          approves the connection",
            "registry_fqdn = theirs.azurecr.us",
            "Azure Policy attaches the zone",
            "registry_fqdn = policyacr12345.azurecr.io",
        ],
        "landing-zone": [
            "subnet private-endpoints (10.1.4.0/24)",
            "Log Analytics workspace hub-logs in subscription 00000000-0000-0000-0000-000000000002",
            "virtual network link aro-spoke-vnet (privatelink.azurecr.io to aro-spoke-vnet)",
            "4 to add, 0 to change, 0 to destroy",
            "registry_private_ip = 10.1.4.10",
            "registry_data_endpoints[platformacr12345.eastus.data.azurecr.io] = 10.1.4.11",
            "registry_data_endpoints[platformacr12345.centralus.data.azurecr.io] = 10.1.4.12",
            "registry_data_endpoints[platformacr12345.westeurope.data.azurecr.io] = 10.1.4.13",
            "0 added, 0 changed, 4 destroyed",
        ],
        "second-cluster": ["registry acr12345", "acr12345.azurecr.io at 10.2.8.5"],
    }
    assert [text for text in expected[example] if text not in printed] == [], printed
    assert "no changes" in printed


def test_what_azure_refuses_fails_with_its_message(
    project: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    """A registry that a later stack creates does not exist yet; the file is the user's own.

    The warnings of ``make synth`` are there, too.
    """
    file = tmp_path / "own.yaml"
    file.write_text(ORPHANS.replace("location: eastus", "location: eastuss"))
    status, printed = simulate(project, {**environ, "REGISTRIES_FILE": str(file)})
    assert status == 1
    assert "eastuss is not a region of Azure that is known here: did you mean eastus" in printed
    assert "a temporary file, and not in the backend cloud" in printed
    assert "terraform apply failed:" in printed
    assert "ResourceNotFound: The Resource '/subscriptions/" in printed
    assert "Traceback" not in printed


def test_wrong_settings_are_reported(project: Path, environ: dict[str, str]) -> None:
    """The message is that of ``make synth``, and Terraform is not started."""
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("10.0.8.0/23", "10.0.8.1/23"))
    status, printed = simulate(project, environ)
    assert status == 1
    assert "endpoint_subnet.address_prefix is '10.0.8.1/23': " in printed
    assert "terraform" not in printed


def test_a_change_is_rehearsed_over_a_commit(project: Path, environ: dict[str, str]) -> None:
    """While Terraform replaces the endpoint, pulls fail; the addresses are others afterwards."""
    file = project / "registries.yaml"
    addresses = (
        "    private_endpoint: {private_ip_addresses: {registry: 10.0.8.20, eastus: 10.0.8.21}}"
    )
    file.write_text(f"{file.read_text()}{addresses}\n")
    status, printed = simulate(project, environ, "--base", "HEAD")
    assert status == 0, printed
    _, _, change = printed.partition("aro-private-acr: the working tree")
    steps = [
        "-/+ azurerm_private_endpoint acrPvtEndpoint: replaced for ip_configuration",
        "acr12345.azurecr.io at 10.0.8.5",
        "privateDnsZoneGroups/ACR-ZoneGroup is deleted:",
        PULLS_FAIL,
        "privateDnsZoneGroups/ACR-ZoneGroup is created:",
        "acr12345.azurecr.io at 10.0.8.20",
        "no changes",
    ]
    in_order(change, *steps)
    assert change.count(PULLS_FAIL) == 1
    assert "DESTROYS" not in printed
    assert git(project, "status", "--porcelain") == "M registries.yaml"
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_a_rehearsed_change_has_its_warnings(project: Path, environ: dict[str, str]) -> None:
    """Azure may have no such region, which the simulated one takes."""
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("location:", "location: weurope #"))
    _, printed = simulate(project, environ, "--base", "HEAD")
    assert "weurope is not a region of Azure that is known here: did you mean west" in printed
    assert printed.count("variables used: none") == 1


def test_the_name_in_the_place_of_the_placeholder_is_a_first_deployment(
    project: Path, environ: dict[str, str]
) -> None:
    """As the README says: nobody can have deployed the placeholder, so that nothing is replaced."""
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("${ACR_NAME:-acr12345}", "mycompanyacr"))
    status, printed = simulate(project, environ, "--base", "HEAD")
    assert status == 0, printed
    assert "aro-private-acr: nobody has deployed HEAD (" in printed
    assert "5 to add, 0 to change, 0 to destroy" in printed
    assert "DESTROY" not in printed


def test_a_commit_that_does_not_exist_is_reported(project: Path, environ: dict[str, str]) -> None:
    """The message is that of the review."""
    status, printed = simulate(project, environ, "--base", "nothing")
    assert status == 1
    assert "'nothing' is not one of the commits here" in printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_simulation_leaves_nothing(
    project: Path, environ: dict[str, str], number: signal.Signals
) -> None:
    """Ctrl-C during a plan ends every process, and deletes the temporary folder."""
    before = files(project)
    with subprocess.Popen(
        [sys.executable, "-m", "simulation"],
        cwd=project,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if "terraform init" in line:
                break
        os.killpg(process.pid, number)
        rest = process.stdout.read()
    assert process.returncode == 128 + number
    assert "This was a simulation" in rest
    assert "Traceback" not in rest
    assert files(project) == before
    assert left(environ) == []
