"""A folder in which real Terraform applies the guide's resources to a cloud of the stand-in."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulated import cloud_with_network

from standin import VERSION, required_version
from standin.server import served

Json = dict[str, Any]
RG = "network-rg"
REGISTRY = "azurerm_container_registry"
ENDPOINT = "azurerm_private_endpoint"
ZONE = "azurerm_private_dns_zone"
LINK = "azurerm_private_dns_zone_virtual_network_link"
SUBNET = "azurerm_subnet"

GUIDE: Json = {
    SUBNET: {
        "name": "pe",
        "resource_group_name": RG,
        "virtual_network_name": "vnet",
        "address_prefixes": ["10.0.8.0/24"],
    },
    REGISTRY: {
        "name": "MyRegistry",
        "resource_group_name": RG,
        "location": "East US",
        "sku": "Premium",
        "public_network_access_enabled": False,
        "admin_enabled": True,
    },
    ZONE: {"name": "privatelink.azurecr.io", "resource_group_name": RG},
    LINK: {
        "name": "vnet-link",
        "resource_group_name": RG,
        "private_dns_zone_name": f"${{{ZONE}.it.name}}",
        "virtual_network_id": "${data.azurerm_virtual_network.it.id}",
    },
    ENDPOINT: {
        "name": "pe",
        "resource_group_name": RG,
        "location": "${data.azurerm_virtual_network.it.location}",
        "subnet_id": f"${{{SUBNET}.it.id}}",
        "private_service_connection": {
            "name": "pe",
            "is_manual_connection": False,
            "private_connection_resource_id": f"${{{REGISTRY}.it.id}}",
            "subresource_names": ["registry"],
        },
        "private_dns_zone_group": {
            "name": "default",
            "private_dns_zone_ids": [f"${{{ZONE}.it.id}}"],
        },
        "timeouts": {"create": "20m"},
    },
}


class Workspace:
    """A folder in which Terraform runs, with its own cloud."""

    def __init__(self, folder: Path, plugin: dict[str, str]) -> None:
        """Creates the folder with the guide's configuration."""
        self.folder = folder / "stack"
        self.folder.mkdir()
        self.cloud = cloud_with_network(folder, RG, "vnet")
        others = {name: value for name, value in os.environ.items() if not name.startswith("ARM_")}
        self.env = {**others, **plugin, **self.cloud.env}
        self.write()

    def write(
        self, changes: Json | None = None, version: str = VERSION, /, **sections: Any
    ) -> None:
        """Writes the guide's configuration with changed arguments and additional sections.

        `version` is the required one of azurerm; an argument that is None is absent.
        """
        changed = {
            type_: {**arguments, **(changes or {}).get(type_, {})}
            for type_, arguments in GUIDE.items()
        }
        resources = {
            type_: {"it": {name: value for name, value in of.items() if value is not None}}
            for type_, of in changed.items()
        }
        network = {"name": "vnet", "resource_group_name": RG}
        config: Json = {
            "terraform": {
                "required_providers": {"azurerm": {"source": "azurerm", "version": version}}
            },
            "provider": {
                "azurerm": {
                    "features": {},
                    "resource_provider_registrations": "none",
                    "resource_providers_to_register": ["Microsoft.ContainerRegistry"],
                }
            },
            "data": {"azurerm_virtual_network": {"it": network}},
            "resource": resources,
            **sections,
        }
        non_empty = {name: section for name, section in config.items() if section}
        (self.folder / "main.tf.json").write_text(json.dumps(non_empty))
        self.env["STANDIN_VERSION"] = required_version(non_empty)

    def run(self, *arguments: str, error: str = "") -> str:
        """Runs Terraform; with `error`, it must fail with a message that contains this text."""
        process = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        # Terraform wraps the lines of an error and draws a frame around them.
        message = " ".join(process.stderr.replace("│", " ").split())
        assert bool(process.returncode) == bool(error), process.stdout + process.stderr
        assert error in message
        return process.stdout

    def plan(self) -> Json:
        """Returns the planned changes in Terraform's JSON format, by resource type."""
        self.run("plan", "-out=plan")
        plan: Json = json.loads(self.run("show", "-json", "plan"))
        return {
            each["type"]: each["change"]
            for each in plan["resource_changes"]
            if each["change"]["actions"] != ["no-op"]
        }

    def apply(self, error: str = "") -> str:
        """Runs `terraform apply` without a prompt."""
        return self.run("apply", "-auto-approve", error=error)

    def state(self) -> Json:
        """Returns the resources in the state, by type."""
        output = json.loads(self.run("show", "-json"))
        resources = output.get("values", {}).get("root_module", {}).get("resources", [])
        return {each["type"]: each for each in resources if each["mode"] == "managed"}


@contextmanager
def serving(folder: Path, plugin: dict[str, str]) -> Iterator[Workspace]:
    """Returns a workspace with a provider in this process, so that nothing is to be installed."""
    workspace = Workspace(folder, plugin)
    with served(workspace.env) as variables:
        workspace.env |= variables
        yield workspace
