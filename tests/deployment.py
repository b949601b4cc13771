"""A project whose stacks the real Terraform runs against the stand-in's cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from helpers import Json, settings_of
from standin import Cloud

from constructs_lib import NewLock, NewRegistry, NewSubnet, PrivateContainerRegistry
from constructs_lib.settings import Registry
from constructs_lib.settings.backends import Backend
from constructs_lib.stack import PrivateContainerRegistryStack

REGISTRY = "azurerm_container_registry"
SUBNET = "azurerm_subnet"
ZONE = "azurerm_private_dns_zone"
LINK = "azurerm_private_dns_zone_virtual_network_link"
ENDPOINT = "azurerm_private_endpoint"
LOCK = "azurerm_management_lock"
LOGS = "azurerm_monitor_diagnostic_setting"
MADE = [SUBNET, REGISTRY, ZONE, LINK, ENDPOINT]


class Deployment:
    """One cloud, one folder of synthesized stacks, and Terraform's commands on them.

    The folder has to be the current one: state files are kept in it.
    """

    def __init__(self, folder: Path, plugin: dict[str, str]) -> None:
        """Make a cloud in the folder with the guide's resource group and network."""
        self.folder = folder
        self.program = str(shutil.which("terraform"))
        self.cloud = Cloud(folder, group="aro-mobb-rg", network="aro-rcarrata-vnet")
        self.environ = {"PATH": os.environ["PATH"], **plugin, **self.cloud.env}
        for command in ("init", "plan", "apply", "destroy"):
            self.environ[f"TF_CLI_ARGS_{command}"] = "-no-color"

    def network(self, group: str, name: str, *spaces: str, location: str = "eastus") -> str:
        """Put one more network into the cloud, in a resource group of its own, and give its id."""
        self.cloud.add("azurerm_resource_group", name=group, location=location)
        return self.cloud.add(
            "azurerm_virtual_network",
            resource_group_name=group,
            name=name,
            location=location,
            address_space=list(spaces or ("10.0.0.0/16",)),
        )

    def synthesize(self, *, stack: str = "acr", **settings: Any) -> None:
        """Write a stack with the guide's settings and these, and initialize it."""
        self.synthesize_registry(stack, settings_of(**settings))

    def synthesize_registry(self, stack: str, registry: Registry) -> None:
        """Write a stack with settings that are complete, and initialize it."""
        self._write(stack, registry, Backend())
        self.terraform("init", stack=stack)

    def synthesize_own_app(self, id: str, moved: Mapping[str, str] | None = None) -> None:
        """Write the guide's stack as an app of one's own, its registry locked and with this id.

        Each part that is ``moved`` was at another address before.
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
        registry = PrivateContainerRegistry(
            stack,
            id,
            resource_group_name="aro-mobb-rg",
            virtual_network=DataAzurermVirtualNetwork(
                stack, "vnet", name="aro-rcarrata-vnet", resource_group_name="aro-mobb-rg"
            ),
            endpoint_subnet=NewSubnet(address_prefix="10.0.8.0/23"),
            container_registry=NewRegistry(name="acr12345", location="eastus"),
        )
        lock = registry.add_lock(NewLock(lock_level="CanNotDelete"))
        for part, address in (moved or {}).items():
            resource = lock if part == "lock" else getattr(registry, part)
            resource.move_from_id(address)
        app.synth()
        self.terraform("init")

    def write_backend(self, stack: str, backend: Json) -> None:
        """Write a stack with the guide's settings and a backend, without initializing it."""
        self._write(stack, settings_of(), Backend.model_validate(backend))

    def _write(self, stack: str, registry: Registry, backend: Backend) -> None:
        app = App(outdir=str(self.folder / "cdktf.out"))
        PrivateContainerRegistryStack(app, stack, registry, backend)
        app.synth()

    def terraform(
        self, *command: str, stack: str = "acr", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the stack's folder; it may only fail where the test looks at that."""
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
        """Apply the stack, and see that a second plan has nothing to do."""
        self.terraform("apply", "-auto-approve", stack=stack)
        again = self.terraform("plan", "-detailed-exitcode", stack=stack, check=False)
        assert again.returncode == 0, again.stdout + again.stderr

    def refused(self, *command: str, stack: str = "acr") -> str:
        """Run a command that has to fail, and give what it says, with its lines joined."""
        done = self.terraform(*command, stack=stack, check=False)
        assert done.returncode == 1, done.stdout
        return " ".join(done.stderr.replace("│", " ").split())

    def changes(self, stack: str = "acr") -> dict[str, list[str]]:
        """What a plan would do, by type of resource."""
        self.terraform("plan", "-out=plan", stack=stack)
        plan = json.loads(self.terraform("show", "-json", "plan", stack=stack).stdout)
        assert not plan.get("errored")
        return {
            change["type"]: change["change"]["actions"]
            for change in plan.get("resource_changes", [])
            if change["change"]["actions"] not in (["no-op"], ["read"])
        }

    def outputs(self, stack: str = "acr") -> Json:
        """The stack's outputs."""
        outputs = json.loads(self.terraform("output", "-json", stack=stack).stdout)
        return {name: output["value"] for name, output in outputs.items()}

    def state(self, stack: str = "acr") -> list[str]:
        """The addresses of what the state holds, data sources aside."""
        listed = self.terraform("state", "list", stack=stack).stdout.splitlines()
        return [address for address in listed if not address.startswith("data.")]

    def address(self, kind: str, stack: str = "acr") -> str:
        """The address in Terraform of the stack's resource of a type."""
        text = (self.folder / "cdktf.out" / "stacks" / stack / "cdk.tf.json").read_text()
        (name,) = json.loads(text)["resource"][kind]
        return f"{kind}.{name}"

    def one(self, kind: str) -> Json:
        """The one resource of a type that the cloud holds, as Azure shows it."""
        (found,) = self.cloud.resources(kind).values()
        return found

    def made(self) -> list[str]:
        """The types of all that has been made in the cloud, one for each resource."""
        with self.cloud.edit() as there:
            return sorted(
                item["type"] for item in there["resources"].values() if item["type"] in MADE
            )

    def records(self) -> set[str]:
        """The host names that the zone resolves, by the endpoint's DNS zone group."""
        configs = self.one(ENDPOINT).get("private_dns_zone_configs", [])
        return {each["fqdn"] for config in configs for each in config["record_sets"]}

    def change(self, kind: str, **values: Any) -> None:
        """Change the one resource of a type by hand, behind Terraform's back."""
        with self.cloud.edit() as there:
            (found,) = [item for item in there["resources"].values() if item["type"] == kind]
            found.update(values)
