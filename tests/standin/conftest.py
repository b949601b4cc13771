"""A cloud with the resources of the guide, and real Terraform in a folder with such a cloud."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulated import guide
from workspace import Workspace, serving

from standin.store import Contents


@pytest.fixture
def azure() -> Contents:
    """Returns a cloud that contains all resources of the guide."""
    return guide()


@pytest.fixture
def workspace(tmp_path: Path, plugin: dict[str, str]) -> Iterator[Workspace]:
    """Returns a workspace before the first apply."""
    with serving(tmp_path, plugin) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, plugin: dict[str, str]) -> Iterator[Workspace]:
    """Returns a workspace after an apply, which is shared by tests that only validate and plan."""
    with serving(tmp_path_factory.mktemp("shared"), plugin) as workspace:
        workspace.apply()
        yield workspace


@pytest.fixture
def applied(workspace: Workspace, shared: Workspace) -> Workspace:
    """Returns a workspace of the test's own after the same apply."""
    shutil.copy(shared.cloud.path, workspace.cloud.path)
    shutil.copy(shared.folder / "terraform.tfstate", workspace.folder)
    return workspace
