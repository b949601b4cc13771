"""Fixtures for stacks that real Terraform applies to the cloud of the stand-in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from deployment import Deployment
from project import INSTALLED, copy_to, git

from standin import install


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables with which Terraform uses only the stand-in as the provider."""
    assert shutil.which("terraform"), "Terraform 1.5 or later is needed to run these tests"
    return install(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def deployment(
    tmp_path: Path, plugin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Deployment:
    """A project in a temporary folder, with a cloud of its own."""
    monkeypatch.chdir(tmp_path)
    return Deployment(tmp_path, plugin)


@pytest.fixture
def deployed(deployment: Deployment) -> Deployment:
    """A deployment of the guide's stack, which is applied with every default."""
    deployment.synthesize()
    deployment.apply()
    return deployment


@pytest.fixture
def project(deployment: Deployment, tmp_path: Path) -> Path:
    """A committed copy of the project, in a path with a space, for the deployment's cloud.

    The shipped registry is unprotected.
    """
    folder = copy_to(tmp_path / "my project")
    file = folder / "registries.yaml"
    unprotected = "    deletion_protection: false\n    location:"
    file.write_text(file.read_text().replace("    location:", unprotected))
    git(folder, "init", "--quiet")
    exclude = folder / ".git" / "info" / "exclude"
    exclude.write_text("\n".join(INSTALLED))  # which are links here, and not folders
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=project")
    return folder


@pytest.fixture
def environ(deployment: Deployment) -> Iterator[dict[str, str]]:
    """The environment of the user's shell, with a folder of its own for temporary files.

    Its path is short, since the stand-in has a socket there.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with TemporaryDirectory() as temporary:
        environ |= {"ACR_NAME": "mycompanyacr", "TMPDIR": temporary}
        yield {**environ, **deployment.environ}
