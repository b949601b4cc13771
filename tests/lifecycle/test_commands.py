"""The make targets that a user runs, with cdktf, the pinned Node and Terraform."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, Deployment
from helpers import ROOT
from project import copy_to

Make = Callable[..., str]


@pytest.fixture
def make(deployment: Deployment, tmp_path: Path) -> Make:
    """A function that runs a make target in a copy of the project, on the deployment's cloud."""
    folder = copy_to(tmp_path / "project")
    settings = (folder / "registries.yaml").read_text()
    unprotected = settings.replace("    location:", "    deletion_protection: false\n    location:")
    (folder / "registries.yaml").write_text(unprotected)
    environ = {**os.environ, **deployment.environ}
    environ = {name: value for name, value in environ.items() if not name.startswith("MAKE")}

    def run(target: str, arguments: str) -> str:
        done = subprocess.run(
            ["make", target, "STACK=aro-private-acr", f"ARGS={arguments}"],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


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


def test_the_locked_hashes_are_checked_by_every_run(deployment: Deployment, tmp_path: Path) -> None:
    """``make lock`` writes the hashes, a synthesis copies them, and a wrong one stops ``init``."""
    folder = copy_to(tmp_path / "project")
    mirror = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).parent / "mirror"
    (program,) = mirror.rglob("terraform-provider-*")

    def make(target: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", target, *arguments],
            cwd=folder,
            env={**os.environ, **deployment.environ},
            capture_output=True,
            text=True,
        )

    missing = make("lock", "ARGS=-fs-mirror=/no/such/mirror")
    assert "The provider's registry is needed, or a mirror: make lock ARGS=-fs-" in missing.stderr
    assert not (folder / ".terraform.lock.hcl").exists()
    locked = make("lock", f"PLATFORMS={program.parent.name}", f"ARGS=-fs-mirror={mirror}")
    assert locked.returncode == 0, locked.stderr
    lock = folder / ".terraform.lock.hcl"
    assert '"h1:' in lock.read_text()
    lock.write_text(lock.read_text().replace('"h1:', '"h1:x'))
    shutil.rmtree(folder / "cdktf.out")
    assert make("synth").returncode == 0
    init = subprocess.run(
        ["terraform", "init"],
        cwd=folder / "cdktf.out" / "stacks" / "aro-private-acr",
        env={**os.environ, **deployment.environ},
        capture_output=True,
        text=True,
    )
    assert init.returncode == 1
    assert "checksum" in init.stderr


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
