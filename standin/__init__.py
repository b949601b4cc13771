"""A stand-in for `hashicorp/azurerm` that needs no network: a JSON file replaces Azure."""

import json
import platform
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final

from . import cloud, resource_ids, store
from .requests import transaction
from .schema import VERSION, versions

__all__ = ["VERSION", "Cloud", "install", "required_version"]

# Terraform's registry and OpenTofu's: where each looks for a provider whose source names none.
REGISTRIES: Final = ("registry.terraform.io", "registry.opentofu.org")
SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000001"


def install(folder: Path, *, python: str = sys.executable) -> dict[str, str]:
    """Creates a provider mirror in the folder and returns the variables for Terraform to use it.

    The mirror has each version of azurerm that is described. Terraform installs the provider from
    there, and starts it as a process; a provider that `server.served` serves takes its place.
    """
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    target = f"{platform.system()}_{machine}".lower()
    start = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); "
    start += f"from {__name__}.server import main; "
    for registry, version in product(REGISTRIES, versions()):
        place = folder / "mirror" / registry / "hashicorp" / "azurerm" / version / target
        place.mkdir(parents=True)
        program = place / f"terraform-provider-azurerm_v{version}"
        command = shlex.join([python, "-c", f"{start}main({version!r})"])
        program.write_text(f"#!/bin/sh\nexec {command}\n")
        program.chmod(0o755)
    cli_config = folder / "terraform.tfrc"
    mirror = json.dumps(str(folder / "mirror"))
    cli_config.write_text(
        f"provider_installation {{\n  filesystem_mirror {{ path = {mirror} }}\n}}\n"
    )
    home = folder / "home"
    home.mkdir()
    return {
        "CHECKPOINT_DISABLE": "1",
        "GOGC": "400",  # Terraform ends so soon that collecting garbage is a fifth of its time
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(cli_config),
        "TF_IN_AUTOMATION": "1",
    }


def required_version(config: Mapping[str, Any]) -> str:
    """Returns the version of azurerm that a configuration requires, or the default one."""
    required = config.get("terraform", {}).get("required_providers", {})
    return str(required.get("azurerm", {}).get("version", VERSION))


class Cloud:
    """A cloud without resources, which its owner reads and changes without Terraform."""

    def __init__(self, folder: Path, *, environment: str = "public") -> None:
        """Creates a new file with an empty cloud."""
        self.path = folder / "cloud.json"
        self.faults = folder / "faults.json"
        self.held = folder / "held"
        empty = {"environment": environment, "registered": {}, "log": [], "resources": {}}
        self.path.write_text(json.dumps(empty))
        self.env = {
            "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
            "STANDIN_CLOUD": str(self.path),
            "STANDIN_FAULTS": str(self.faults),
            "STANDIN_HELD": str(self.held),
        }

    def add(self, type_: str, *, subscription: str = SUBSCRIPTION, **values: Any) -> str:
        """Adds a resource without Terraform, checks nothing, and returns the resource's id."""
        id_ = resource_ids.compose(type_, values, subscription)
        with self.edit() as contents:
            cloud.carry_out(contents, "create", id_, {"type": type_, **values})
        return id_

    @contextmanager
    def edit(self) -> Iterator[dict[str, Any]]:
        """Opens the contents of the cloud's file; changes to them are written back."""
        with transaction(self.path) as contents:
            yield contents

    def resources(self, type_: str) -> dict[str, dict[str, Any]]:
        """Returns each resource of a type, by id, with the values that Azure shows."""
        with transaction(self.path) as contents:
            found = [id_ for id_, _ in store.of_type(contents, type_)]
            return {id_: cloud.view(contents, id_) or {} for id_ in found}

    def log(self, operation: str) -> list[tuple[str, int]]:
        """Returns the type and the response status of each request of one operation so far."""
        with transaction(self.path) as contents:
            log = [entry for entry in contents["log"] if entry["operation"] == operation]
        return [(entry["type"], entry["status"]) for entry in log]

    def set_faults(self, *faults: dict[str, Any]) -> None:
        """Replaces the faults for later requests; the module `requests` describes their format."""
        self.faults.write_text(json.dumps(faults))
