"""The make targets that a user runs, in a pipe, with Terraform.

Where make adds nothing, its programs run in this process.
"""

from __future__ import annotations

import json
import re
import sys
from io import StringIO
from pathlib import Path

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, REGISTRY, Deployment
from helpers import ROOT
from lifecycle import Printed, Run
from project import git
from project import run as run_in
from workflows import write_program

from constructs_lib import commands
from standin import VERSION

SYNTHESIZED = ("--old-file", "synth")
"""Options of make for stacks that are synthesized already, which is its longest step."""

(_LINE,) = re.findall(r"^PLATFORMS = (.+)$", (ROOT / "Makefile").read_text(), re.M)
PLATFORMS = _LINE.split()


@pytest.fixture
def succeed(command: Run) -> Printed:
    """A function that runs a command that has to succeed, and returns what it prints."""

    def succeed(name: str, *options: str, stack: str = "", **variables: str) -> str:
        done = command(name, *options, stack=stack, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return succeed


@pytest.fixture
def refused(command: Run) -> Printed:
    """A function that runs a command that has to fail, and returns its errors as one line."""

    def refused(name: str, *options: str, stack: str = "", **variables: str) -> str:
        done = command(name, *options, stack=stack, **variables)
        assert done.returncode == 1, done.stdout + done.stderr
        return " ".join(done.stderr.replace("│", " ").split())

    return refused


def test_diff_deploy_output_and_destroy(
    make: Printed, succeed: Printed, deployment: Deployment, project: Path, environ: dict[str, str]
) -> None:
    """Terraform does it, the stack need not be named, and only the state is left."""
    assert "5 to add, 0 to change, 0 to destroy" in make("diff")
    assert deployment.created() == []
    deployed = make("deploy", "-auto-approve -parallelism=2")
    assert "Apply complete! Resources: 5 added" in deployed
    assert "to perform exactly these actions" not in deployed.lower()
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert "No changes" in succeed("diff")
    outputs = json.loads(succeed("output", "-json"))
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


@pytest.mark.parametrize("target", ["deploy", "destroy"])
def test_without_a_terminal_somebody_has_to_approve(
    refused: Printed, deployment: Deployment, target: str
) -> None:
    """Nothing is planned, and the message names the option."""
    message = refused(target)
    assert f"make {target} asks before it applies" in message
    assert "ARGS=-auto-approve" in message
    assert deployment.cloud.log("register") == []


class Terminal(StringIO):
    """What somebody types on a terminal."""

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return True


@pytest.mark.parametrize("answer", ["no\n", "y\n", "\n", ""])
def test_any_answer_but_yes_changes_nothing(
    command: Run, deployment: Deployment, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Only ``yes`` approves, as in Terraform; Enter and Ctrl-D do not."""
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = command("deploy")
    assert "5 to add, 0 to change, 0 to destroy" in done.stdout
    assert done.stdout.endswith("Nothing has changed: make deploy was cancelled.\n")
    assert done.returncode == 1
    assert deployment.created() == []


def test_a_refused_plan_is_reported_once(
    command: Run,
    deployment: Deployment,
    project: Path,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody is asked about a plan that Terraform refuses, and it is deleted."""
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("10.0.8.0/23", "10.9.8.0/23"))
    monkeypatch.setattr(sys, "stdin", Terminal("yes\n"))
    done = command("deploy")
    printed = " ".join((done.stdout + done.stderr).replace("│", " ").split())
    assert done.returncode == 1
    assert printed.count("is outside the address space of the virtual network") == 1
    assert "Only 'yes'" not in printed
    assert deployment.created() == []
    assert list(Path(environ["TMPDIR"]).iterdir()) == []


def test_the_placeholder_of_the_shipped_file_is_not_deployed(
    refused: Printed, succeed: Printed, deployment: Deployment, project: Path
) -> None:
    """A name that is exported in one shell and forgotten in the next replaces no registry."""
    succeed("deploy", "-auto-approve")
    for name in ("diff", "deploy", "destroy"):
        message = refused(name, "-auto-approve", ACR_NAME="")
        assert "the placeholder 'acr12345', and ACR_NAME is set, but empty: write" in message
    assert deployment.one(REGISTRY)["name"] == "mycompanyacr"
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("${ACR_NAME:-acr12345}", "mycompanyacr"))
    assert "No changes" in succeed("diff", ACR_NAME="")


def test_the_guides_group_and_network_are_not_taken_without_a_word(
    refused: Printed, succeed: Printed, project: Path
) -> None:
    """They are taken if somebody asks for them: by a variable, or in the file itself."""
    unset = {"AZR_RESOURCE_GROUP": "", "ARO_VNET_NAME": ""}
    for name in ("diff", "deploy", "destroy"):
        message = refused(name, "-auto-approve", **unset)
        assert "the resource group is still the placeholder 'aro-mobb-rg', and AZR_RE" in message
        assert "in the place of ${ARO_VNET_NAME:-aro-rcarrata-vnet}, so that it is the" in message
    file = project / "registries.yaml"
    text = file.read_text().replace("${AZR_RESOURCE_GROUP:-aro-mobb-rg}", "aro-mobb-rg")
    file.write_text(text.replace("${ARO_VNET_NAME:-aro-rcarrata-vnet}", "aro-rcarrata-vnet"))
    assert "5 to add" in succeed("diff", **unset)


def test_a_password_that_has_ended_is_not_deployed(
    refused: Printed, succeed: Printed, project: Path, deployment: Deployment
) -> None:
    """It is removed by another deployment or a destruction, which is only warned of it."""
    file = project / "registries.yaml"
    guide = file.read_text()
    registry = "    container_registry:\n"
    ended = "      pull_tokens: {aro-pull: {}, old-pull: {expiry: 2020-01-01T00:00:00Z}}\n"
    file.write_text(guide.replace(registry, registry + ended))
    for name in ("diff", "deploy"):
        with pytest.warns(UserWarning, match="the password of the token old-pull has ended"):
            message = refused(name, "-auto-approve")
        assert "the password of the token old-pull has ended: take the token out" in message
        assert "aro-pull" not in message
    assert deployment.created() == []
    with pytest.warns(UserWarning, match="the password of the token old-pull has ended"):
        succeed("destroy", "-auto-approve")


def test_the_diagram_shows_no_addresses_of_another_registry(
    make: Printed, succeed: Printed
) -> None:
    """The name in the picture is the stack's, and the addresses are the state's."""
    succeed("deploy", "-auto-approve")
    assert "10.0.8." in make("diagram", "", *SYNTHESIZED)
    succeed("synth", ACR_NAME="another12345")
    assert "10.0.8.5" not in make("diagram", "", *SYNTHESIZED)


def test_an_output_of_a_stack_that_is_not_deployed(refused: Printed) -> None:
    """The message says so, and the status is not zero."""
    assert "aro-private-acr is not deployed" in refused("output")


@pytest.mark.parametrize("target", ["diff", "deploy", "destroy", "output"])
def test_a_stack_that_the_file_does_not_have(
    command: Run, run: Run, deployment: Deployment, target: str
) -> None:
    """Every target passes on which stack is meant, and the message names those that there are."""
    command("synth")
    done = run("make", *SYNTHESIZED, target, "STACK=other", "ARGS=-auto-approve")
    assert done.returncode == 2
    assert "no stack other: the stacks of registries.yaml are aro-private-acr" in done.stderr
    assert deployment.cloud.log("register") == []


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
    succeed: Printed, refused: Printed, deployment: Deployment, project: Path
) -> None:
    """The first that fails ends it; they are destroyed in the opposite order."""
    file = project / "registries.yaml"
    file.write_text(file.read_text() + SECOND)
    assert "aro-private-acr, a-second: name one as STACK=…, or all" in refused("diff")
    assert "Virtual Network" in refused("deploy", "-auto-approve", stack="all")
    assert deployment.one(REGISTRY)["name"] == "mycompanyacr"
    deployment.network("second-rg", "second")
    succeed("deploy", "-auto-approve", stack="all")
    succeed("destroy", "-auto-approve", stack="all")
    with deployment.cloud.edit() as content:
        deleted = [each["id"] for each in content["log"] if each["operation"] == "delete"]
    names = [id.rpartition("/")[2] for id in deleted if "registries" in id]
    assert names == ["secondacr", "mycompanyacr"]


def test_a_renamed_stack_is_planned_at_once(succeed: Printed, project: Path) -> None:
    """What the earlier name has left in the folder is in nobody's way."""
    succeed("diff")
    file = project / "registries.yaml"
    file.write_text(file.read_text().replace("aro-private-acr:", "renamed:"))
    assert "5 to add" in succeed("diff")


def test_a_workspace_would_hide_the_state(refused: Printed) -> None:
    """Terraform would keep it inside ``cdktf.out``."""
    assert "TF_WORKSPACE is 'test'" in refused("diff", TF_WORKSPACE="test")


RECORDER = """
for argument; do case $argument in
  -out=*) umask > "$RECORD.umask" ;;
  */plan) stat -c '%a %n' "$argument" "$(dirname "$argument")" >> "$RECORD" ;;
esac; done
echo "$1" >> "$RECORD.commands"
exec terraform "$@"
"""


def test_a_plan_is_for_its_owner_only(
    make: Printed, succeed: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program of ``TERRAFORM_BINARY_NAME`` sees it; ``init`` runs once."""
    program, record = tmp_path / "recorder", tmp_path / "record"
    write_program(tmp_path, "recorder", RECORDER)
    make("deploy", "-auto-approve", TERRAFORM_BINARY_NAME=str(program), RECORD=str(record))
    monkeypatch.setattr(commands, "TERRAFORM", str(program))
    succeed("diff", RECORD=str(record))
    lines = [line.split() for line in record.read_text().splitlines()]
    assert [mode for mode, _ in lines] == ["600", "700"]
    assert not any(Path(name).exists() for _, name in lines)
    recorded = record.with_suffix(".commands").read_text().split()
    assert recorded == ["init", "plan", "apply", "plan"]


@pytest.mark.usefixtures("provider_process")
def test_an_export_is_the_json_and_the_lock(make: Printed, refused: Printed, project: Path) -> None:
    """What a VCS-driven workspace needs, without plans, state or the provider.

    Terraform locks a provider that it starts, and has a copy of it.
    """
    assert "is not deployed" in refused("output")  # it is initialized
    make("export", "", "DIR=my stacks", *SYNTHESIZED)
    exported = {file.name for file in (project / "my stacks" / "aro-private-acr").iterdir()}
    assert exported == {"cdk.tf.json", ".terraform.lock.hcl"}


@pytest.fixture
def mirror(deployment: Deployment, tmp_path: Path) -> Path:
    """A mirror of the provider with another package for each platform of the Makefile."""
    source = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).parent / "mirror"
    (program,) = (source / "registry.terraform.io").rglob(f"terraform-provider-*{VERSION}")
    for platform in PLATFORMS:
        version = tmp_path / "mirror" / program.parent.parent.relative_to(source)
        (version / platform).mkdir(parents=True)
        other = "" if platform == program.parent.name else f"# {platform}\n"
        (version / platform / program.name).write_text(f"{program.read_text()}{other}")
    return tmp_path / "mirror"


@pytest.mark.usefixtures("provider_process")
def test_the_locked_hashes_are_checked_by_every_run(
    run: Run, succeed: Printed, mirror: Path, project: Path
) -> None:
    """``make lock`` writes the hashes, a synthesis copies them, and a wrong one stops ``init``.

    It replaces the lock of another version. Terraform checks a provider that it installs.
    """
    lock = project / ".terraform.lock.hcl"
    locked = run("make", "lock", f"ARGS=-fs-mirror={mirror}")
    assert locked.returncode == 0, locked.stderr
    right = lock.read_text()
    assert right.count('"h1:') == len(PLATFORMS)
    lock.write_text(re.sub("h1:..", "h1:xy", right.replace("4.55.0", "4.54.0")))
    again = run("make", "lock", f"ARGS=-fs-mirror={mirror}", *SYNTHESIZED)
    assert again.returncode == 0, again.stderr
    assert lock.read_text() == right
    for text, returncode, message in (
        (right, 0, ""),
        (right.replace('"h1:', '"h1:x'), 1, "checksum"),
    ):
        lock.write_text(text)
        succeed("synth")
        stack = "-chdir=cdktf.out/stacks/aro-private-acr"
        init = run("terraform", stack, "init", "-lockfile=readonly")
        assert init.returncode == returncode, init.stderr
        assert message in init.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ARGS=-fs-mirror=/no/such/mirror"], "/no/such/mirror"),
        (["PLATFORMS=plan9_386"], "not available for plan9_386"),
    ],
)
def test_a_lock_that_fails_changes_nothing(
    run: Run, succeed: Printed, mirror: Path, project: Path, arguments: list[str], reason: str
) -> None:
    """The error is Terraform's own, and the lock is as it was in the project and in the stack."""
    (project / ".terraform.lock.hcl").write_text("# the lock of an older version\n")
    succeed("synth")
    failed = run("make", "lock", f"ARGS=-fs-mirror={mirror}", *arguments, *SYNTHESIZED)
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


@pytest.mark.usefixtures("provider_process")
@pytest.mark.parametrize(
    ("mirror", "returncode", "message"),
    [("mirror", 0, " passed"), ("no/such/mirror", 2, "or set AZURERM_MIRROR to a folder")],
)
def test_the_stacks_are_validated_with_a_provider_from_a_mirror(
    deployment: Deployment, mirror: str, returncode: int, message: str
) -> None:
    """Without a mirror, ``make test-provider`` names the variable that it needs."""
    folder = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).parent
    environ = {**deployment.environ, "AZURERM_MIRROR": str(folder / mirror)}
    done = run_in(ROOT, "make", "test-provider", "ARGS=-k required", **environ)
    assert done.returncode == returncode, done.stdout + done.stderr
    assert message in done.stdout
