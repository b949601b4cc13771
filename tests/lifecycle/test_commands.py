"""The make targets that a user runs, in a pipe, with Terraform and with cdktf's command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, REGISTRY, Deployment
from helpers import ROOT
from project import git

Run = Callable[..., subprocess.CompletedProcess[str]]

(_LINE,) = re.findall(r"^PLATFORMS = (.+)$", (ROOT / "Makefile").read_text(), re.M)
PLATFORMS = _LINE.split()


@pytest.fixture
def run(project: Path, environ: dict[str, str]) -> Run:
    """A function that runs a command in the project, without a terminal."""

    def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=project,
            env={**environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def make(run: Run) -> Callable[..., str]:
    """A function that runs a make target that has to succeed, and returns what it prints."""

    def make(target: str, arguments: str = "", *more: str, **variables: str) -> str:
        done = run("make", target, f"ARGS={arguments}", *more, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return make


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """A function that runs a make target that has to fail, and returns its errors as one line."""

    def refused(*command: str, **variables: str) -> str:
        done = run("make", *command, **variables)
        assert done.returncode == 2, done.stdout + done.stderr
        return " ".join(done.stderr.replace("│", " ").split())

    return refused


def test_diff_deploy_output_and_destroy(
    make: Callable[..., str], deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """Terraform does it, the stack need not be named, and only the state is left."""
    assert "5 to add, 0 to change, 0 to destroy" in make("diff")
    assert deployment.created() == []
    deployed = make("deploy", "-auto-approve -parallelism=2")
    assert "Apply complete! Resources: 5 added" in deployed
    assert "to perform exactly these actions" not in deployed.lower()
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert "No changes" in make("diff")
    outputs = json.loads(make("output", "-json"))
    addresses = deployment.one(ENDPOINT)["addresses"]
    assert outputs["registry_private_ip"]["value"] == addresses["registry"]
    assert make("output", "-raw registry_fqdn") == "mycompanyacr.azurecr.io"
    state = project / "terraform.aro-private-acr.tfstate"
    assert state.stat().st_mode & 0o777 == 0o600
    assert git(project, "status", "--porcelain") == ""
    make("destroy", "-auto-approve")
    assert deployment.created() == []
    assert git(project, "status", "--porcelain") == ""
    assert list(Path(environ["TMPDIR"]).iterdir()) == []


def test_the_command_line_of_cdktf_deploys_as_well(
    make: Callable[..., str], deployment: Deployment, tmp_path: Path
) -> None:
    """On the pinned Node; without the provider's registry it can't lock the provider's hashes."""
    offline = "--skip-provider-lock"
    assert "5 to add, 0 to change, 0 to destroy" in make("cdktf", f"diff {offline}")
    make("cdktf", f"deploy --auto-approve {offline}")
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    make("cdktf", f"output --outputs-file {tmp_path}/outputs.json {offline}")
    outputs = json.loads((tmp_path / "outputs.json").read_text())["aro-private-acr"]
    assert outputs["registry_fqdn"] == "mycompanyacr.azurecr.io"
    assert "No changes" in make("diff")  # both have one state
    make("cdktf", f"destroy --auto-approve {offline}")
    assert deployment.created() == []


@pytest.mark.parametrize("target", ["deploy", "destroy"])
def test_without_a_terminal_somebody_has_to_approve(
    refused: Callable[..., str], deployment: Deployment, target: str
) -> None:
    """Nothing is planned, and the message names the option."""
    message = refused(target)
    assert f"make {target} asks before it applies" in message
    assert "ARGS=-auto-approve" in message
    assert deployment.cloud.log("register") == []


def test_the_placeholder_of_the_shipped_file_is_not_deployed(
    refused: Callable[..., str], make: Callable[..., str], deployment: Deployment, project: Path
) -> None:
    """A name that is exported in one shell and forgotten in the next replaces no registry."""
    make("deploy", "-auto-approve")
    for command in ("diff", "deploy", "destroy"):
        message = refused(command, "ARGS=-auto-approve", ACR_NAME="")
        assert "the placeholder 'acr12345', and ACR_NAME is set, but empty: write" in message
    assert deployment.one(REGISTRY)["name"] == "mycompanyacr"
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("${ACR_NAME:-acr12345}", "mycompanyacr"))
    assert "No changes" in make("diff", ACR_NAME="")


def test_the_diagram_shows_no_addresses_of_another_registry(make: Callable[..., str]) -> None:
    """The name in the picture is the stack's, and the addresses are the state's."""
    make("deploy", "-auto-approve")
    assert "10.0.8." in make("diagram")
    assert "10.0.8.5" not in make("diagram", ACR_NAME="another12345")


def test_an_output_of_a_stack_that_is_not_deployed(refused: Callable[..., str]) -> None:
    """The message says so, and the status is not zero."""
    assert "aro-private-acr is not deployed" in refused("output")
    assert "the stacks of registries.yaml are aro-private-acr" in refused("output", "STACK=other")


SECOND = """
  a-second:
    resource_group_name: second-rg
    location: eastus
    deletion_protection: false
    virtual_network:
      name: second
      resource_group_name: second-rg
    endpoint_subnet:
      address_prefix: 10.0.8.0/23
    container_registry:
      name: secondacr
"""


def test_all_stacks_are_deployed_in_the_order_of_the_file(
    make: Callable[..., str],
    refused: Callable[..., str],
    deployment: Deployment,
    project: Path,
) -> None:
    """The first that fails ends it; they are destroyed in the opposite order."""
    file = project / "registries.yaml"
    file.write_text(file.read_text() + SECOND)
    assert "aro-private-acr, a-second: name one as STACK=…, or all" in refused("diff")
    assert "Virtual Network" in refused("deploy", "STACK=all", "ARGS=-auto-approve")
    assert deployment.one(REGISTRY)["name"] == "mycompanyacr"
    deployment.network("second-rg", "second")
    make("deploy", "-auto-approve", "STACK=all")
    make("destroy", "-auto-approve", "STACK=all")
    with deployment.cloud.edit() as content:
        deleted = [each["id"] for each in content["log"] if each["operation"] == "delete"]
    names = [id.rpartition("/")[2] for id in deleted if "registries" in id]
    assert names == ["secondacr", "mycompanyacr"]


def test_a_renamed_stack_is_planned_at_once(make: Callable[..., str], project: Path) -> None:
    """What the earlier name has left in the folder is in nobody's way."""
    make("diff")
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("aro-private-acr:", "renamed:"))
    assert "5 to add" in make("diff")


def test_a_workspace_would_hide_the_state(refused: Callable[..., str]) -> None:
    """Terraform would keep it inside ``cdktf.out``."""
    assert "TF_WORKSPACE is 'test'" in refused("diff", TF_WORKSPACE="test")


RECORDER = """#!/bin/sh
for argument; do case $argument in
  -out=*) umask > "$RECORD.umask" ;;
  */plan) stat -c '%a %n' "$argument" "$(dirname "$argument")" >> "$RECORD" ;;
esac; done
echo "$1" >> "$RECORD.commands"
exec terraform "$@"
"""


def test_a_plan_is_for_its_owner_only(
    make: Callable[..., str], deployment: Deployment, tmp_path: Path
) -> None:
    """The program of ``TERRAFORM_BINARY_NAME`` sees it; ``init`` runs once."""
    program, record = tmp_path / "recorder", tmp_path / "record"
    program.write_text(RECORDER)
    program.chmod(0o755)
    variables = {"TERRAFORM_BINARY_NAME": str(program), "RECORD": str(record)}
    make("diff", **variables)
    make("deploy", "-auto-approve", **variables)
    lines = [line.split() for line in record.read_text().splitlines()]
    assert [mode for mode, _ in lines] == ["600", "700"]
    assert not any(Path(name).exists() for _, name in lines)
    commands = record.with_suffix(".commands").read_text().split()
    assert commands == ["init", "plan", "plan", "apply"]


def test_an_export_is_the_json_and_the_lock(make: Callable[..., str], project: Path) -> None:
    """What a VCS-driven workspace needs, without plans, state or the provider."""
    make("deploy", "-auto-approve")
    make("export", "", "DIR=my stacks")
    exported = {file.name for file in (project / "my stacks" / "aro-private-acr").iterdir()}
    assert exported == {"cdk.tf.json", ".terraform.lock.hcl"}


@pytest.fixture
def mirror(deployment: Deployment, tmp_path: Path) -> Path:
    """A mirror of the provider with another package for each platform of the Makefile."""
    source = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).parent / "mirror"
    (program,) = (source / "registry.terraform.io").rglob("terraform-provider-*")
    for platform in PLATFORMS:
        version = tmp_path / "mirror" / program.parent.parent.relative_to(source)
        (version / platform).mkdir(parents=True)
        other = "" if platform == program.parent.name else f"# {platform}\n"
        (version / platform / program.name).write_text(f"{program.read_text()}{other}")
    return tmp_path / "mirror"


def test_the_locked_hashes_are_checked_by_every_run(run: Run, mirror: Path, project: Path) -> None:
    """``make lock`` writes the hashes, a synthesis copies them, and a wrong one stops ``init``."""
    locked = run("make", "lock", f"ARGS=-fs-mirror={mirror}")
    assert locked.returncode == 0, locked.stderr
    lock = project / ".terraform.lock.hcl"
    right = lock.read_text()
    assert right.count('"h1:') == len(PLATFORMS)
    for text, returncode, message in (
        (right, 0, ""),
        (right.replace('"h1:', '"h1:x'), 1, "checksum"),
    ):
        lock.write_text(text)
        assert run("make", "synth").returncode == 0
        stack = "-chdir=cdktf.out/stacks/aro-private-acr"
        init = run("terraform", stack, "init", "-lockfile=readonly")
        assert init.returncode == returncode, init.stderr
        assert message in init.stderr


def test_the_hashes_of_another_version_of_the_provider_are_locked(
    run: Run, mirror: Path, project: Path
) -> None:
    """``make lock`` replaces the lock of an older version."""
    lock = project / ".terraform.lock.hcl"
    assert run("make", "lock", f"ARGS=-fs-mirror={mirror}").returncode == 0
    locked = lock.read_text()
    lock.write_text(re.sub("h1:..", "h1:xy", locked.replace("4.55.0", "4.54.0")))
    again = run("make", "lock", f"ARGS=-fs-mirror={mirror}")
    assert again.returncode == 0, again.stderr
    assert lock.read_text() == locked


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ARGS=-fs-mirror=/no/such/mirror"], "/no/such/mirror"),
        (["PLATFORMS=plan9_386"], "not available for plan9_386"),
    ],
)
def test_a_lock_that_fails_changes_nothing(
    run: Run, mirror: Path, project: Path, arguments: list[str], reason: str
) -> None:
    """The error is Terraform's own, and the lock is as it was in the project and in the stack."""
    (project / ".terraform.lock.hcl").write_text("# the lock of an older version\n")
    failed = run("make", "lock", f"ARGS=-fs-mirror={mirror}", *arguments)
    assert failed.returncode == 2
    assert reason in " ".join(re.sub(r"\x1b\[\d+m|│", "", failed.stderr).split())
    assert "registry is needed" not in failed.stderr
    for folder in (project, project / "cdktf.out" / "stacks" / "aro-private-acr"):
        lock = (folder / ".terraform.lock.hcl").read_text()
        assert lock == "# the lock of an older version\n"


def test_the_documented_mirror_has_every_locked_platform() -> None:
    """Without these options, ``terraform providers mirror`` fetches only the machine's own."""
    text = (ROOT / "docs" / "backends.md").read_text()
    (command,) = re.findall(r"providers mirror ((?:.*\\\n)*.*)\n", text)
    assert re.findall(r"-platform=(\S+)", command) == PLATFORMS


def test_the_stacks_are_validated_with_a_provider_from_a_mirror(deployment: Deployment) -> None:
    """Without a mirror, ``make test-provider`` names the variable that it needs."""
    mirror = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).parent / "mirror"
    for environ, returncode, message in (
        ({"AZURERM_MIRROR": str(mirror)}, 0, " passed in "),
        ({"AZURERM_MIRROR": "/no/such/mirror"}, 2, "or set AZURERM_MIRROR to a folder"),
    ):
        done = subprocess.run(
            ["make", "test-provider"],
            cwd=ROOT,
            env={**os.environ, **deployment.environ, **environ},
            capture_output=True,
            text=True,
        )
        assert done.returncode == returncode, done.stdout + done.stderr
        assert message in done.stdout
