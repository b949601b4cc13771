"""The stack: what a Terraform configuration needs around the construct."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cdktf import App, AzurermBackend, LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from constructs import Construct

from . import __version__, terraform
from .arguments.additions import (
    FurtherVirtualNetworkLink,
    NewAuditLogs,
    NewCredentialSet,
    NewLock,
    NewPullToken,
)
from .arguments.base import literal
from .azure import ids
from .checks.guard import JudgedByFile, Registries, judge
from .private_container_registry import PrivateContainerRegistry
from .settings import Registry, Settings
from .settings.backends import STACK, Backend, Local
from .settings.sections import Pulls, RegistrySection, ZoneById

RESOURCE_PROVIDERS = ["Microsoft.ContainerRegistry", "Microsoft.Network"]

LOCK_FILE = ".terraform.lock.hcl"


class RefusedError(RuntimeError):
    """Why the stacks of a program must not be used."""


def synthesize(settings: Settings) -> None:
    """Write a stack for each registry to ``cdktf.out``, or to the folder in ``CDKTF_OUTDIR``.

    Everything is written to a folder inside that folder first, and put in place file by file at the
    end: after a synthesis that is refused or fails, the earlier one is as it was. A lock file of
    the provider in the current folder is copied into each stack, so that every run of Terraform
    checks the provider's hashes.

    Raises:
        RefusedError: what was written breaks a rule, for example by an override in this file.
    """
    outdir = _outdir()
    outdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=outdir, prefix=".new-") as folder:
        app = App(outdir=folder)
        stacks = {
            Path(folder, "stacks", name): _SynthesizedStack(app, name, registry, settings.backend)
            for name, registry in settings.registries.items()
        }
        app.synth()
        if reasons := judge(_written(stacks)):
            raise RefusedError("\n  ".join(["the stacks are refused:", *reasons]))
        for file in Path(folder, "stacks").iterdir():
            if Path(LOCK_FILE).is_file():
                shutil.copy(LOCK_FILE, file)
        _put_in_place(Path(folder), outdir)
    for file in Path(outdir, "stacks").glob("*/cdk.tf.json"):
        if file.parent.name not in settings.registries:  # as the CLI does: it is not to be reviewed
            _remove(file.parent)


def _outdir() -> Path:
    return Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out").absolute()


def _written(stacks: Mapping[Path, _SynthesizedStack]) -> Iterator[tuple[_SynthesizedStack, Any]]:
    """Each stack with the JSON that was written of it into its folder."""
    for folder, stack in stacks.items():
        try:
            yield stack, json.loads((folder / "cdk.tf.json").read_bytes())
        except FileNotFoundError:  # HCL was asked for
            yield stack, stack.to_terraform()


def _put_in_place(folder: Path, outdir: Path) -> None:
    """Move each file of a folder to its place, each as a whole; other files there stay."""
    for file in [each for each in folder.rglob("*") if each.is_file()]:
        place = outdir / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)


def _remove(stack: Path) -> None:
    """Remove what a synthesis and ``terraform init`` have written, and never a state."""
    for name in ("cdk.tf.json", LOCK_FILE):
        (stack / name).unlink(missing_ok=True)
    shutil.rmtree(stack / ".terraform", ignore_errors=True)
    with contextlib.suppress(OSError):  # something else is in it
        stack.rmdir()


class PrivateContainerRegistryStack(TerraformStack):
    """Provider, backend, the cluster's network, the private registry and outputs.

    The texts of the settings are literal: none is a template of Terraform's.
    """

    def __init__(
        self, scope: Construct, id: str, settings: Registry, backend: Backend | None = None
    ) -> None:
        """Add the stack to the app ``scope``; its ``id`` names its folder and its state."""
        super().__init__(scope, id)
        # "version" there is cdktf's.
        self.add_override("//.metadata.aro-private-container-registry", __version__)
        self._settings = settings = literal(settings)
        # azurerm's default is left out.
        self._environment = settings.environment if settings.environment != "public" else None
        self._backend(id, literal(backend or Backend()))
        self._provider("azurerm")
        zone = settings.private_dns_zone
        is_linked = "private_dns_zone_virtual_network_link" in settings.model_fields_set
        registry = PrivateContainerRegistry(
            self,
            "acr",
            virtual_network=DataAzurermVirtualNetwork(
                self,
                "virtual_network",
                name=settings.virtual_network.name,
                resource_group_name=(
                    settings.virtual_network.resource_group_name or settings.resource_group_name
                ),
            ),
            private_dns_zone_provider=(
                self._provider("private_dns_zone", subscription_id=ids.segments(zone.id)[0])
                if isinstance(zone, ZoneById) and (is_linked or settings.virtual_network_links)
                else None
            ),
            **settings.arguments(),
        )
        for name, link in settings.virtual_network_links.items():
            registry.add_virtual_network_link(
                f"virtual_network_link_{name}",
                FurtherVirtualNetworkLink.model_construct(name=name, **dict(link)),
            )
        if isinstance(section := settings.container_registry, RegistrySection):
            if workspace := section.log_analytics_workspace_id:
                registry.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=workspace))
            if level := section.lock:
                registry.add_lock(NewLock(lock_level=level))
        self._pulls(registry, settings.container_registry)
        self._outputs(registry)
        self._outputs_for_the_cluster(registry)

    def _backend(self, stack: str, backend: Backend) -> None:
        if cloud := backend.cloud:
            # cdktf's own class for it runs Terraform, which a synthesis does without.
            workspaces = {"name": cloud.workspace.replace(STACK, stack)}
            if cloud.project:
                workspaces["project"] = cloud.project
            block = cloud.model_dump(include={"organization", "hostname"}, exclude_none=True)
            self.add_override("terraform.cloud", {**block, "workspaces": workspaces})
            self.add_override("terraform.backend", None)
        elif azurerm := backend.azurerm:
            AzurermBackend(
                self,
                resource_group_name=azurerm.resource_group_name,
                storage_account_name=azurerm.storage_account_name,
                container_name=azurerm.container_name,
                key=azurerm.key.replace(STACK, stack),
                subscription_id=azurerm.subscription_id,
                use_azuread_auth=azurerm.use_azuread_auth,
                environment=self._environment,
            )
        else:
            path = (backend.local or Local()).path.replace(STACK, stack)
            LocalBackend(self, path=_from_stack(stack, path))

    def _provider(self, id: str, subscription_id: str | None = None) -> AzurermProvider:
        """Add a provider: for the registry's subscription, or with an alias for another one."""
        settings = self._settings
        registers = settings.register_resource_providers and not subscription_id
        return AzurermProvider(
            self,
            id,
            features=[AzurermProviderFeatures()],
            alias=id if subscription_id else None,
            subscription_id=subscription_id or settings.subscription_id,
            environment=self._environment,
            # az provider register --namespace Microsoft.ContainerRegistry
            resource_provider_registrations="none",
            resource_providers_to_register=RESOURCE_PROVIDERS if registers else None,
        )

    def _outputs(self, registry: PrivateContainerRegistry) -> None:
        output = partial(TerraformOutput, self)
        pending = self._settings.private_endpoint.request_message is not None
        until = "; null until the registry's owner has approved the connection" if pending else ""
        output("registry_id", value=registry.registry_id, description="The registry's id in Azure")
        output(
            "registry_fqdn",
            value=registry.login_server,
            description=f"The host name that images are pushed to and pulled from{until}",
        )
        output(
            "network_interface_id",
            value=registry.network_interface_id,
            description="The private endpoint's network interface",
        )
        registry_private_ip = output(
            "registry_private_ip",
            value=registry.private_ip_address,
            description=f"The address that registry_fqdn has inside the virtual network{until}",
        )
        registry_data_endpoints = output(
            "registry_data_endpoints",
            value=registry.data_endpoints,
            description=f"The address of each data endpoint, which layers are pulled from{until}",
        )
        addresses = registry.addresses
        found = f"try({addresses}[{registry.login_server}], [])"
        host = f'${{coalesce({registry.login_server}, "the registry")}}'  # null while it has none
        _require(
            registry_private_ip,
            f"length({found}) {'<=' if pending else '=='} 1",
            f"The private endpoint has ${{length({found})}} addresses for {host} "
            f'(${{join(", ", {found})}}); it must have one. Look at the endpoint\'s connection and '
            "DNS configuration in Azure, then apply again.",
        )
        _require(
            registry_data_endpoints,
            f"alltrue([for ips in values({addresses}) : length(ips) == 1])",
            "Each host name of the private endpoint must have one address: "
            f"${{jsonencode({addresses})}}. Look at the endpoint's connection and "
            "DNS configuration in Azure, then apply again.",
        )

    def _pulls(self, registry: PrivateContainerRegistry, section: Pulls) -> None:
        """Add what lets others pull from the registry and push to it."""
        for name, token in section.pull_tokens.items():
            registry.add_pull_token(NewPullToken.model_construct(name=name, **dict(token)))
        grants = {
            "AcrPull": registry.grant_pull,
            "AcrPush": registry.grant_push,
            "Container Registry Data Importer and Data Reader": registry.grant_import,
        }
        for name, each in section.role_assignments.items():
            grants[each.role](f"role_assignment_{name}", each.principal_id)
        sets = {
            name: registry.add_credential_set(
                NewCredentialSet.model_construct(name=name, **dict(each))
            )
            for name, each in section.credential_sets.items()
        }
        for rule in section.cache_rules:
            login = sets[rule.credential_set].id if rule.credential_set else rule.credential_set_id
            given = rule.model_copy(update={"credential_set_id": login, "credential_set": None})
            registry.add_cache_rule(f"cache_rule_{rule.target}", given)

    def _outputs_for_the_cluster(self, registry: PrivateContainerRegistry) -> None:
        output = partial(TerraformOutput, self)
        section = self._settings.container_registry
        if section.pull_tokens:
            output(
                "pull_secrets",
                value=registry.pull_secrets,
                sensitive=True,
                description="A docker config for each pull token, with its password",
            )
        if any(each.key_vault_id is None for each in section.credential_sets.values()):
            output(
                "credential_set_identities",
                value=registry.credential_set_identities,
                description="The principal id of each credential set whose vault is not given: it "
                "needs the role Key Vault Secrets User there",
            )
        if section.cache_rules:
            output(
                "image_mirrors",
                value=registry.image_mirrors,
                description="An ImageDigestMirrorSet and an ImageTagMirrorSet, for oc apply -f -",
            )


class _SynthesizedStack(PrivateContainerRegistryStack, JudgedByFile):
    """A stack that ``synthesize`` judges, before anybody else sees it."""

    def __init__(self, *arguments: Any) -> None:
        """Take the arguments of a stack."""
        self.registries = Registries()
        super().__init__(*arguments)


def _require(output: TerraformOutput, condition: str, error_message: str) -> None:
    """Give the output a precondition; cdktf 0.21 drops the argument of that name."""
    precondition = {"condition": terraform.expression(condition), "error_message": error_message}
    output.add_override("precondition", precondition)


def _from_stack(stack: str, path: str) -> str:
    """A path in the project's root, as Terraform sees it from the stack's folder.

    Relative, so that the JSON is the same on every machine, and outside of ``cdktf.out``, which
    may be deleted at any time.
    """
    return Path(os.path.relpath(path, Path(_outdir(), "stacks", stack))).as_posix()
