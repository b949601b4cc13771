"""A synthesis writes all files, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import settings_of
from project import tree

from constructs_lib import stack
from constructs_lib.settings import Settings


def settings(location: str) -> Settings:
    """The settings of two registries in two networks and two resource groups."""
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


Fault = Callable[[pytest.MonkeyPatch], None]


def expose_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expose the second registry, as an override in a changed program would."""
    create = stack.PrivateContainerRegistryStack.__init__

    def create_and_expose(self: Any, scope: Any, id: str, *arguments: Any) -> None:
        create(self, scope, id, *arguments)
        if id == "second":
            registry = self.node.find_child("acr").container_registry
            registry.add_override("public_network_access_enabled", True)

    monkeypatch.setattr(stack.PrivateContainerRegistryStack, "__init__", create_and_expose)


def fill_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the copy of a file fail, after all stacks are written."""

    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(shutil, "copy", fail)


def refuse_replacement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the replacement of a file fail."""

    def fail(*_: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(Path, "replace", fail)


@pytest.mark.parametrize(
    ("inject", "error"),
    [
        (expose_registry, "Public network access must be off"),
        (fill_disk, "no space left on device"),
        (refuse_replacement, "read-only file system"),
    ],
)
def test_a_failed_synthesis_keeps_all_earlier_files(
    inject: Fault, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed synthesis changes no file of any stack, and adds no file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".terraform.lock.hcl").write_text("locked")
    stack.synthesize(settings("eastus"))
    before = tree(tmp_path)
    with monkeypatch.context() as patch:
        inject(patch)
        with pytest.raises((OSError, RuntimeError), match=error):
            stack.synthesize(settings("westus"))
    assert tree(tmp_path) == before
    stack.synthesize(settings("westus"))
    assert {name for name, text in tree(tmp_path).items() if text != before[name]} == {
        "cdktf.out/stacks/first/cdk.tf.json",
        "cdktf.out/stacks/second/cdk.tf.json",
    }


def test_each_file_is_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader finds each file with its old or its new content, also after a crash."""
    monkeypatch.chdir(tmp_path)
    replace = Path.replace
    replaced: list[Path] = []

    def crash_on_second(self: Path, target: Path) -> Path:
        if target.name == "cdk.tf.json" and replaced:
            raise OSError("power is gone")
        replaced.append(target)
        return replace(self, target)

    stack.synthesize(settings("eastus"))
    old = tree(tmp_path / "cdktf.out")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash_on_second)
        with pytest.raises(OSError, match="power is gone"):
            stack.synthesize(settings("westus"))
    after_crash = tree(tmp_path / "cdktf.out")
    stack.synthesize(settings("westus"))
    new = tree(tmp_path / "cdktf.out")
    assert after_crash.keys() == old.keys()
    assert all(text in (old[name], new[name]) for name, text in after_crash.items())


def test_other_files_beside_the_stacks_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform keeps its plugins and its plans in the folders of the stacks."""
    monkeypatch.chdir(tmp_path)
    stack.synthesize(settings("eastus"))
    plan = tmp_path / "cdktf.out" / "stacks" / "first" / "plan.bin"
    plan.write_text("plan")
    stack.synthesize(settings("westus"))
    assert plan.read_text() == "plan"


def test_the_state_in_a_removed_stack_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace of Terraform keeps it there; what init has installed goes."""
    monkeypatch.chdir(tmp_path)
    stack.synthesize(settings("eastus"))
    folder = tmp_path / "cdktf.out" / "stacks" / "old"
    for name in ("cdk.tf.json", ".terraform.lock.hcl", ".terraform/provider", "d/x.tfstate"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    stack.synthesize(settings("eastus"))
    assert list(tree(folder)) == ["d/x.tfstate"]


def test_only_the_output_folder_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's folder may be read-only."""
    monkeypatch.chdir(tmp_path)
    made: list[Path] = []
    mkdtemp = tempfile.mkdtemp

    def record(suffix: str | None, prefix: str | None, dir: str) -> str:
        made.append(Path(dir))
        return mkdtemp(suffix, prefix, dir)

    monkeypatch.setattr(tempfile, "mkdtemp", record)
    stack.synthesize(settings("eastus"))
    assert made[0] == tmp_path / "cdktf.out"
    assert {path.name for path in (tmp_path / "cdktf.out").iterdir()} == {"manifest.json", "stacks"}
