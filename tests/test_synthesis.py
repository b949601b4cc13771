"""A synthesis writes all files, or none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsii
import pytest
from cdktf import App, Aspects, IAspect, TerraformStack
from cdktf_cdktf_provider_azurerm.container_registry import ContainerRegistry
from constructs import IConstruct
from helpers import ROOT, SUBSCRIPTION, settings_of
from jsii._kernel.providers import process
from project import tree

from constructs_lib import stack
from constructs_lib.arguments.problems import Problem
from constructs_lib.checks import combinations
from constructs_lib.checks.known_arguments import RegistryRequest
from constructs_lib.settings import Settings, load


def settings(location: str, *names: str, **registry: Any) -> Settings:
    """The settings of registries, two by default, in networks and resource groups of their own."""
    return Settings(
        registries={
            name: settings_of(
                location=location,
                resource_group_name=name,
                container_registry={"name": f"acr{name}", **registry},
                virtual_network={"name": name},
            )
            for name in names or ("first", "second")
        }
    )


Fault = Callable[[pytest.MonkeyPatch], None]


def exposing(expose: Callable[[TerraformStack, ContainerRegistry], None]) -> Fault:
    """A fault that exposes the second registry, as a changed program would."""

    def inject(monkeypatch: pytest.MonkeyPatch) -> None:
        create = stack.PrivateContainerRegistryStack.__init__

        def create_and_expose(self: Any, scope: Any, id: str, *arguments: Any) -> None:
            create(self, scope, id, *arguments)
            if id == "second":
                expose(self, self.node.find_child("acr").container_registry)

        monkeypatch.setattr(stack.PrivateContainerRegistryStack, "__init__", create_and_expose)

    return inject


def override(_: TerraformStack, registry: ContainerRegistry) -> None:
    """Override an attribute of the registry."""
    registry.add_override("public_network_access_enabled", True)


def override_on_stack(stack: TerraformStack, registry: ContainerRegistry) -> None:
    """Override it on the stack, of which the registry knows nothing."""
    path = f"{registry.terraform_resource_type}.{registry.friendly_unique_id}"
    stack.add_override(f"resource.{path}.public_network_access_enabled", True)


def another(stack: TerraformStack, _: ContainerRegistry) -> None:
    """Add a registry that no construct has."""
    stack.add_override("resource.azurerm_container_registry.another", {"sku": "Basic"})


@jsii.implements(IAspect)
class _PublicAccess:
    def visit(self, node: IConstruct) -> None:
        """Change a registry."""
        if isinstance(node, ContainerRegistry):
            node.public_network_access_enabled = True


def aspect(stack: TerraformStack, _: ContainerRegistry) -> None:
    """Change the attribute while the stack is synthesized."""
    Aspects.of(stack).add(_PublicAccess())


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
        (exposing(override), r"\[second/acr/container_registry\] Public network access must be"),
        (exposing(override_on_stack), r"\[second/acr/container_registry\] Public network access"),
        (
            exposing(another),
            r"refused:\n  \[second/acr/azurerm_container_registry\] Public network",
        ),
        (exposing(aspect), r"\[second/acr/container_registry\] Public network access must be off"),
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


def test_registries_that_clash_are_refused_with_each_reason_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings need not come from a file, whose reader refuses them earlier."""
    monkeypatch.chdir(tmp_path)
    clashing = settings("eastus", "first", "second", name="acr12345")
    with pytest.raises(
        RuntimeError, match=r"in upper or lower case, and \[first/acr\] has"
    ) as caught:
        stack.synthesize(clashing)
    assert len(str(caught.value).splitlines()) == 2
    assert not tree(tmp_path)


def test_registries_may_have_the_same_names_in_two_subscriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider with an alias, as for a zone elsewhere, does not say where the registry is."""
    monkeypatch.chdir(tmp_path)
    ids = [SUBSCRIPTION, SUBSCRIPTION.replace("1", "2")]
    hub = f"/subscriptions/{SUBSCRIPTION.replace('1', '3')}/resourceGroups/hub"
    zone = "providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    registries = {
        f"acr{place}": settings_of(
            subscription_id=subscription,
            container_registry={"name": f"acr{place}2345"},
            private_dns_zone={"id": f"{hub}{place}/{zone}"},
            private_dns_zone_virtual_network_link={"name": "link"},
        )
        for place, subscription in enumerate(ids)
    }
    stack.synthesize(Settings(registries=registries))
    same = {"acr1": registries["acr1"].model_copy(update={"subscription_id": SUBSCRIPTION})}
    with pytest.raises(RuntimeError, match="a virtual network holds one subnet of a name"):
        stack.synthesize(Settings(registries={**registries, **same}))


def test_a_stack_in_an_app_of_ones_own_is_validated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only ``synthesize`` judges what is written; elsewhere, cdktf asks before it writes."""
    exposing(override)(monkeypatch)
    app = App(outdir=str(tmp_path))
    stack.PrivateContainerRegistryStack(app, "second", settings_of())
    with pytest.raises(RuntimeError, match="Public network access must be off"):
        app.synth()
    assert not (tmp_path / "stacks" / "second" / "cdk.tf.json").exists()


@pytest.mark.parametrize("opened", [True, False])
def test_hcl_is_judged_as_well(opened: bool, tmp_path: Path) -> None:
    """Node is told to write HCL when it starts; there is no JSON to judge then."""
    program = f"""
from constructs_lib import fast_bindings
fast_bindings.enable()
from constructs_lib import stack
from constructs_lib.settings import load
class Changed(stack.PrivateContainerRegistry):
    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.container_registry.add_override("public_network_access_enabled", {opened})
stack.PrivateContainerRegistry = Changed
stack.synthesize(load({str(ROOT / "registries.yaml")!r}, {{}}).settings)
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "SYNTH_HCL_OUTPUT": "true"}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    refused = "RefusedError: the stacks are refused" in result.stderr
    assert (refused, result.returncode) == (opened, int(opened)), result.stderr
    assert any(name.endswith("/cdk.tf") for name in tree(tmp_path)) == (not opened)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests that are made to Node, each by what is asked for."""
    made: list[str] = []
    send = process._NodeProcess.send

    def record(self: Any, request: Any, *more: Any) -> Any:
        names = ("method", "property", "fqn")
        made.append(next(filter(None, (getattr(request, each, None) for each in names)), ""))
        return send(self, request, *more)

    monkeypatch.setattr(process._NodeProcess, "send", record)
    return made


def test_each_further_registry_costs_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requests: list[str]
) -> None:
    """What is asked of Node grows by as much with each registry, and not with their number."""
    monkeypatch.chdir(tmp_path)
    counts = []
    for number in (1, 2, 3, 9):
        requests.clear()
        stack.synthesize(settings("eastus", *(f"stack{each}" for each in range(number))))
        counts.append(len(requests))
    each = counts[1] - counts[0]
    assert counts == [counts[0] + each * further for further in (0, 1, 2, 8)]
    assert each <= 36
    assert "toTerraform" not in requests  # the JSON that is judged is the one that is written


def test_rules_over_one_registry_are_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader and the construct ask them, for each can be used without the other."""
    asked: list[str] = []

    def rule(request: RegistryRequest) -> Iterator[Problem]:
        asked.append(request.resource_group_name)
        return iter([])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(combinations, "CHECKS", [rule])
    names = [f"acr{number}" for number in range(3)]
    registries = "".join(
        f"""
  {name}:
    resource_group_name: {name}
    location: eastus
    virtual_network: {{name: {name}}}
    endpoint_subnet: {{address_prefix: 10.0.8.0/23}}
    container_registry: {{name: {name}0000, cache_rules: [{{source: quay.io/a, target: a}}]}}"""
        for name in names
    )
    (tmp_path / "registries.yaml").write_text(f"registries:{registries}\n")
    stack.synthesize(load("registries.yaml", {}).settings)
    assert sorted(asked) == sorted([*names, *names])


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
