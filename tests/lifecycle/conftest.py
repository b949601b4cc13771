"""Fixtures for stacks that the real Terraform runs against the stand-in's cloud."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from deployment import Deployment
from standin import install


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables that make Terraform take the stand-in for the provider, and no other."""
    assert shutil.which("terraform"), "Terraform 1.5 or later is needed to run these tests"
    return install(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def deployment(
    tmp_path: Path, plugin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Deployment:
    """A project of its own, in a cloud of its own."""
    monkeypatch.chdir(tmp_path)
    return Deployment(tmp_path, plugin)


@pytest.fixture
def deployed(deployment: Deployment) -> Deployment:
    """A registry in use, with every default."""
    deployment.synthesize()
    deployment.apply()
    return deployment
