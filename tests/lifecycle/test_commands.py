"""The make targets that a user runs, with cdktf, the pinned Node and Terraform."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, Deployment
from helpers import ROOT
from project import copy_to

Make = Callable[..., str]
Run = Callable[..., subprocess.CompletedProcess[str]]

(_LINE,) = re.findall(r"^PLATFORMS = (.+)$", (ROOT / "Makefile").read_text(), re.M)
PLATFORMS = _LINE.split()


@pytest.fixture
def run(deployment: Deployment, tmp_path: Path) -> Run:
    """A function that runs a command in a copy of the project, on the deployment's cloud."""
    folder = copy_to(tmp_path / "project")
    environ = {**os.environ, **deployment.environ}
    environ = {name: value for name, value in environ.items() if not name.startswith("MAKE")}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)

    return run


@pytest.fixture
def make(run: Run, tmp_path: Path) -> Make:
    """A function that runs a make target on the shipped stack, whose registry is unprotected."""
    file = tmp_path / "project" / "registries.yaml"
    unprotected = "    deletion_protection: false\n    location:"
    file.write_text(file.read_text().replace("    location:", unprotected))

    def make(target: str, arguments: str) -> str:
        done = run("make", target, "STACK=aro-private-acr", f"ARGS={arguments}")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return make


def test_diff_deploy_output_and_destroy(make: Make, deployment: Deployment, tmp_path: Path) -> None:
    """The targets do not lock the provider's hashes, because that needs the provider's registry."""
    offline = "--skip-provider-lock"
    assert "5 to add, 0 to change, 0 to destroy" in make("diff", offline)
    assert deployment.created() == []
    make("deploy", f"--auto-approve {offline}")
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert "No changes" in make("diff", offline)
    make("output", f"--outputs-file {tmp_path}/outputs.json {offline}")
    outputs = json.loads((tmp_path / "outputs.json").read_text())["aro-private-acr"]
    addresses = deployment.one(ENDPOINT)["addresses"]
    assert outputs["registry_private_ip"] == addresses["registry"]
    assert outputs["registry_fqdn"] == "acr12345.azurecr.io"
    assert (tmp_path / "project" / "terraform.aro-private-acr.tfstate").is_file()
    make("destroy", f"--auto-approve {offline}")
    assert deployment.created() == []


@pytest.fixture
def mirror(deployment: Deployment, tmp_path: Path) -> Path:
    """A mirror of the provider with another package for each platform of the Makefile."""
    source = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).parent / "mirror"
    (program,) = source.rglob("terraform-provider-*")
    for platform in PLATFORMS:
        version = tmp_path / "mirror" / program.parent.parent.relative_to(source)
        (version / platform).mkdir(parents=True)
        other = "" if platform == program.parent.name else f"# {platform}\n"
        (version / platform / program.name).write_text(f"{program.read_text()}{other}")
    return tmp_path / "mirror"


def test_the_locked_hashes_are_checked_by_every_run(run: Run, mirror: Path, tmp_path: Path) -> None:
    """``make lock`` writes the hashes, a synthesis copies them, and a wrong one stops ``init``."""
    locked = run("make", "lock", f"ARGS=-fs-mirror={mirror}")
    assert locked.returncode == 0, locked.stderr
    lock = tmp_path / "project" / ".terraform.lock.hcl"
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
    run: Run, mirror: Path, tmp_path: Path
) -> None:
    """``make lock`` replaces the lock of an older version."""
    lock = tmp_path / "project" / ".terraform.lock.hcl"
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
    run: Run, mirror: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    """The error is Terraform's own, and the lock is as it was in the project and in the stack."""
    project = tmp_path / "project"
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
