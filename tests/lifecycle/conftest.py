"""Fixtures for stacks that real Terraform applies to the cloud of the stand-in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from deployment import Deployment
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
