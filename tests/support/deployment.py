"""A project whose stacks real Terraform applies to the cloud of the stand-in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
from helpers import Json, settings_of
from simulated import add_network, cloud_with_network

from constructs_lib import (
    NewLock,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    PrivateContainerRegistry,
    terraform,
)
from constructs_lib.settings import Registry
from constructs_lib.settings.backends import Backend
from constructs_lib.stack import PrivateContainerRegistryStack
from standin import required_version
from standin.server import served

REGISTRY = "azurerm_container_registry"
SUBNET = "azurerm_subnet"
ZONE = "azurerm_private_dns_zone"
LINK = "azurerm_private_dns_zone_virtual_network_link"
ENDPOINT = "azurerm_private_endpoint"
LOCK = "azurerm_management_lock"
LOGS = "azurerm_monitor_diagnostic_setting"
GUIDE_RESOURCES = [SUBNET, REGISTRY, ZONE, LINK, ENDPOINT]


class Deployment:
    """One cloud, one folder of synthesized stacks, and Terraform's commands on them.

    The folder must be the current one: Terraform keeps the state files in it. Without the variable
    ``TF_REATTACH_PROVIDERS``, Terraform starts the provider as a process, from the mirror.
    """

    def __init__(self, folder: Path, plugin: Mapping[str, str]) -> None:
        """Create a cloud in the folder, with the guide's resource group and network."""
        self.folder = folder
        self.program = str(shutil.which("terraform"))
        self.cloud = cloud_with_network(folder, "aro-mobb-rg", "aro-rcarrata-vnet")
        self.environ = {"PATH": os.environ["PATH"], **plugin, **self.cloud.env}
        for command in ("init", "plan", "apply", "destroy"):
            self.environ[f"TF_CLI_ARGS_{command}"] = "-no-color"

    def copy(self, prepared: Path) -> None:
        """Start from the cloud, the stacks and the states of another deployment's folder."""
        shutil.copytree(prepared, self.folder, dirs_exist_ok=True)

    def network(self, group: str, name: str, *spaces: str, location: str = "eastus") -> str:
        """Add a network to the cloud, in a resource group of its own, and return its id."""
        return add_network(self.cloud, group, name, *spaces, location=location)

    def synthesize(self, *, stack: str = "acr", **settings: Any) -> None:
        """Synthesize a stack with the guide's settings and the given ones, and initialize it."""
        self.synthesize_registry(stack, settings_of(**settings))

    def synthesize_registry(self, stack: str, registry: Registry) -> None:
        """Synthesize a stack from complete settings, and initialize it."""
        self._synthesize(stack, registry, Backend())
        self._initialize(stack)

    def synthesize_own_app(
        self,
        id: str,
        moved: Mapping[str, str] | None = None,
        after: str | None = None,
        endpoint: NewPrivateEndpoint | None = None,
    ) -> None:
        """Synthesize the guide's stack in a user's own app, with a locked registry.

        ``id`` is the construct id, and ``moved`` has the old address of each part that moves. With
        ``after``, the network is read after a resource group that has this text as a tag.
        """
        app = App(outdir=str(self.folder / "cdktf.out"))
        stack = TerraformStack(app, "acr")
        LocalBackend(stack, path="../../../terraform.acr.tfstate")
        AzurermProvider(
            stack,
            "azurerm",
            features=[AzurermProviderFeatures()],
            resource_provider_registrations="none",
        )
        network = DataAzurermVirtualNetwork(
            stack, "vnet", name="aro-rcarrata-vnet", resource_group_name="aro-mobb-rg"
        )
        if after:
            group = ResourceGroup(
                stack, "other", name="other-rg", location="eastus", tags={"tag": after}
            )
            network.depends_on = [terraform.reference(group)]
        registry = PrivateContainerRegistry(
            stack,
            id,
            resource_group_name="aro-mobb-rg",
            virtual_network=network,
            private_endpoint=endpoint,
            endpoint_subnet=NewSubnet(address_prefix="10.0.8.0/23"),
            container_registry=NewRegistry(name="acr12345", location="eastus"),
        )
        lock = registry.add_lock(NewLock(lock_level="CanNotDelete"))
        for part, address in (moved or {}).items():
            resource = lock if part == "lock" else getattr(registry, part)
            resource.move_from_id(address)
        app.synth()
        self._initialize("acr")

    def write_backend(self, stack: str, backend: Json) -> None:
        """Synthesize a stack with the guide's settings and a backend, but do not initialize it."""
        self._synthesize(stack, settings_of(), Backend.model_validate(backend))

    def _synthesize(self, stack: str, registry: Registry, backend: Backend) -> None:
        app = App(outdir=str(self.folder / "cdktf.out"))
        PrivateContainerRegistryStack(app, stack, registry, backend)
        app.synth()

    def _initialize(self, stack: str) -> None:
        """Run ``terraform init`` once: the backend and the provider of a stack stay the same."""
        if not (self.folder / "cdktf.out" / "stacks" / stack / ".terraform").exists():
            self.terraform("init", stack=stack)

    def terraform(
        self, *command: str, stack: str = "acr", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a Terraform command in the stack's folder; with ``check``, it must succeed."""
        config = (self.folder / "cdktf.out" / "stacks" / stack / "cdk.tf.json").read_text()
        self.environ["STANDIN_VERSION"] = required_version(json.loads(config))
        done = subprocess.run(
            [self.program, *command],
            cwd=self.folder / "cdktf.out" / "stacks" / stack,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def apply(self, stack: str = "acr") -> None:
        """Apply the stack, and assert that the next plan is empty."""
        self.terraform("apply", "-auto-approve", stack=stack)
        again = self.terraform("plan", "-detailed-exitcode", stack=stack, check=False)
        assert again.returncode == 0, again.stdout + again.stderr

    def refused(self, *command: str, stack: str = "acr") -> str:
        """Run a command that has to fail, and return its error message as one line."""
        done = self.terraform(*command, stack=stack, check=False)
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.replace("│", " ").split())

    def plan(self, *options: str, stack: str = "acr") -> Json:
        """A new plan, in Terraform's JSON format."""
        self.terraform("plan", "-out=plan", *options, stack=stack)
        plan: Json = json.loads(self.terraform("show", "-json", "plan", stack=stack).stdout)
        return plan

    def changes(self, stack: str = "acr") -> dict[str, list[str]]:
        """The actions of a new plan, by the type of the resource."""
        plan = self.plan(stack=stack)
        assert not plan.get("errored")
        return {
            change["type"]: change["change"]["actions"]
            for change in plan.get("resource_changes", [])
            if change["change"]["actions"] not in (["no-op"], ["read"])
        }

    def outputs(self, stack: str = "acr") -> Json:
        """The values of the stack's outputs, by name."""
        outputs = json.loads(self.terraform("output", "-json", stack=stack).stdout)
        return {name: output["value"] for name, output in outputs.items()}

    def state(self, stack: str = "acr") -> list[str]:
        """The addresses of the resources in the state, without data sources."""
        listed = self.terraform("state", "list", stack=stack).stdout.splitlines()
        return [address for address in listed if not address.startswith("data.")]

    def address(self, kind: str, stack: str = "acr") -> str:
        """The Terraform address of the stack's only resource of a type."""
        text = (self.folder / "cdktf.out" / "stacks" / stack / "cdk.tf.json").read_text()
        (name,) = json.loads(text)["resource"][kind]
        return f"{kind}.{name}"

    def one(self, kind: str) -> Json:
        """The cloud's only resource of a type, as Azure shows it."""
        (found,) = self.cloud.resources(kind).values()
        return found

    def created(self) -> list[str]:
        """The sorted types of the guide's resources that the cloud contains."""
        with self.cloud.edit() as content:
            types = [resource["type"] for resource in content["resources"].values()]
        return sorted(type for type in types if type in GUIDE_RESOURCES)

    def records(self) -> set[str]:
        """The host names for which the endpoint's DNS zone group has records in the zone."""
        configs = self.one(ENDPOINT).get("private_dns_zone_configs", [])
        return {each["fqdn"] for config in configs for each in config["record_sets"]}

    def change(self, kind: str, **values: Any) -> None:
        """Change the cloud's only resource of a type, without Terraform."""
        with self.cloud.edit() as content:
            (found,) = [each for each in content["resources"].values() if each["type"] == kind]
            found.update(values)


@contextmanager
def deploying(folder: Path, plugin: Mapping[str, str]) -> Iterator[Deployment]:
    """A deployment in a folder, with a provider that is served in this process meanwhile."""
    deployment = Deployment(folder, plugin)
    with chdir(folder), served(deployment.environ) as variables:
        deployment.environ |= variables
        yield deployment


@cache
def terraform_version() -> tuple[int, ...]:
    """The version of Terraform: the oldest that is promised lacks some features."""
    done = subprocess.run(["terraform", "version", "-json"], capture_output=True, check=True)
    version = json.loads(done.stdout)["terraform_version"]
    return tuple(map(int, version.split("-")[0].split(".")))
