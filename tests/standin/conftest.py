"""Fixtures for real Terraform in a folder with a cloud of the stand-in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workspace import Workspace, serving


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
