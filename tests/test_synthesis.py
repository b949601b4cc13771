"""A synthesis is written as a whole, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import settings_of
from project import tree

from constructs_lib import stack
from constructs_lib.settings import Settings


def settings(location: str) -> Settings:
    """Two registries, in two networks and two resource groups."""
    return Settings(
        registries={
            name: settings_of(
                location=location,
                resource_group_name=name,
                container_registry={"name": f"acr{name}"},
                virtual_network={"name": name},
            )
            for name in ("first", "second")
        }
    )


Break = Callable[[pytest.MonkeyPatch], None]


def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open the second registry, as an override in a changed program would."""
    create = stack.PrivateContainerRegistryStack.__init__

    def and_open(self: Any, scope: Any, id: str, *arguments: Any) -> None:
        create(self, scope, id, *arguments)
        if id == "second":
            registry = self.node.find_child("acr").container_registry
            registry.add_override("public_network_access_enabled", True)

    monkeypatch.setattr(stack.PrivateContainerRegistryStack, "__init__", and_open)


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no room for a file, once all stacks are written."""

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(shutil, "copy", fail)


def broken_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file get to its place."""

    def fail(*_: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(Path, "replace", fail)


@pytest.mark.parametrize(
    ("break_it", "error"),
    [
        (opened, "Public network access must be off"),
        (full_disk, "no space left on device"),
        (broken_place, "read-only file system"),
    ],
)
def test_a_synthesis_that_fails_leaves_the_earlier_one_as_it_was(
    break_it: Break, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the stack whose own synthesis is right, and nothing is left beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".terraform.lock.hcl").write_text("locked")
    stack.synthesize(settings("eastus"))
    before = tree(tmp_path)
    with monkeypatch.context() as patch:
        break_it(patch)
        with pytest.raises((OSError, RuntimeError), match=error):
            stack.synthesize(settings("westus"))
    assert tree(tmp_path) == before
    stack.synthesize(settings("westus"))
    assert {name for name, text in tree(tmp_path).items() if text != before[name]} == {
        "cdktf.out/stacks/first/cdk.tf.json",
        "cdktf.out/stacks/second/cdk.tf.json",
    }


def test_each_file_gets_to_its_place_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads a stack meanwhile, or after a crash, has the old one or the new one."""
    monkeypatch.chdir(tmp_path)
    replace = Path.replace
    whole: list[Path] = []

    def crash_on_second(self: Path, target: Path) -> Path:
        if target.name == "cdk.tf.json" and whole:
            raise OSError("power is gone")
        whole.append(target)
        return replace(self, target)

    stack.synthesize(settings("eastus"))
    old = tree(tmp_path / "cdktf.out")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash_on_second)
        with pytest.raises(OSError, match="power is gone"):
            stack.synthesize(settings("westus"))
    torn = tree(tmp_path / "cdktf.out")
    stack.synthesize(settings("westus"))
    new = tree(tmp_path / "cdktf.out")
    assert torn.keys() == old.keys()
    assert all(text in (old[name], new[name]) for name, text in torn.items())


def test_what_lies_beside_the_stacks_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform keeps its plugins and its plans there."""
    monkeypatch.chdir(tmp_path)
    stack.synthesize(settings("eastus"))
    plan = tmp_path / "cdktf.out" / "stacks" / "first" / "plan.bin"
    plan.write_text("plan")
    stack.synthesize(settings("westus"))
    assert plan.read_text() == "plan"
