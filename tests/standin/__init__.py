"""A stand-in for `hashicorp/azurerm` 4.55.0: Terraform runs it with no network, against a file."""

import json
import platform
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from . import cloud, ids, store
from .requests import transaction

__all__ = ["Cloud", "install"]

ADDRESS: Final = "registry.terraform.io/hashicorp/azurerm"
VERSION: Final = "4.55.0"
SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000001"


def install(folder: Path, *, python: str = sys.executable) -> dict[str, str]:
    """Lays a mirror with the stand-in into a folder; the variables make Terraform use only that."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    target = f"{platform.system()}_{machine}".lower()
    program = (
        folder / "mirror" / ADDRESS / VERSION / target / f"terraform-provider-azurerm_v{VERSION}"
    )
    program.parent.mkdir(parents=True)
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); "
    start += f"from {__name__}.server import main; main()"
    program.write_text(f"#!/bin/sh\nexec {shlex.quote(python)} -c {shlex.quote(start)}\n")
    program.chmod(0o755)
    settings = folder / "terraform.tfrc"
    mirror = json.dumps(str(folder / "mirror"))
    settings.write_text(
        f"provider_installation {{\n  filesystem_mirror {{ path = {mirror} }}\n}}\n"
    )
    home = folder / "home"
    home.mkdir()
    return {
        "CHECKPOINT_DISABLE": "1",
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
    }


class Cloud:
    """What a test sees and does behind Terraform's back."""

    def __init__(
        self,
        folder: Path,
        *,
        group: str = "network-rg",
        network: str = "vnet",
        location: str = "eastus",
        address_space: tuple[str, ...] = ("10.0.0.0/16",),
        environment: str = "public",
    ) -> None:
        """Makes a cloud with one resource group and one VNet in a new file."""
        self.path = folder / "cloud.json"
        self.faults = folder / "faults.json"
        always = ["Microsoft.Authorization", "Microsoft.Insights", "Microsoft.Network"]
        empty = {
            "environment": environment,
            "registered": {SUBSCRIPTION: always},
            "log": [],
            "resources": {},
        }
        self.path.write_text(json.dumps(empty))
        self.env = {
            "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
            "STANDIN_CLOUD": str(self.path),
            "STANDIN_FAULTS": str(self.faults),
        }
        self.group = self.add("azurerm_resource_group", name=group, location=location)
        self.network = self.add(
            "azurerm_virtual_network",
            resource_group_name=group,
            name=network,
            location=location,
            address_space=list(address_space),
        )

    def add(self, type_: str, *, subscription: str = SUBSCRIPTION, **values: Any) -> str:
        """Puts a resource there without Terraform and without a rule, and gives its id."""
        id_ = ids.compose(type_, values, subscription)
        with self.edit() as there:
            cloud.carry_out(there, "create", id_, {"type": type_, **values})
        return id_

    @contextmanager
    def edit(self) -> Iterator[dict[str, Any]]:
        """The cloud's whole file, to change by hand."""
        with transaction(self.path) as there:
            yield there

    def resources(self, type_: str) -> dict[str, dict[str, Any]]:
        """Each resource of a type as Azure shows it, by id."""
        with transaction(self.path) as there:
            found = [id_ for id_, _ in store.of_type(there, type_)]
            return {id_: cloud.view(there, id_) or {} for id_ in found}

    def log(self, operation: str) -> list[tuple[str, int]]:
        """The requests of one kind so far: what each was for, and how it was answered."""
        with transaction(self.path) as there:
            log = [entry for entry in there["log"] if entry["operation"] == operation]
        return [(entry["type"], entry["status"]) for entry in log]

    def set_faults(self, *faults: dict[str, Any]) -> None:
        """Sets the faults to come, in place of any before; see `requests` for their form."""
        self.faults.write_text(json.dumps(faults))
