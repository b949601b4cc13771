"""The stack: what a Terraform configuration needs around the construct."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from cdktf import (
    App,
    AzurermBackend,
    LocalBackend,
    TerraformOutput,
    TerraformProvider,
    TerraformResource,
    TerraformStack,
)
from cdktf_cdktf_provider_azurerm.container_registry import (
    ContainerRegistryEncryption,
    ContainerRegistryGeoreplications,
    ContainerRegistryIdentity,
)
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from constructs import Construct

from . import adoption, azure
from .backends import Backend, Local
from .private_container_registry import MANAGED_BY_POLICY, Existing, PrivateContainerRegistry
from .settings import Registry, Settings

RESOURCE_PROVIDERS = ["Microsoft.ContainerRegistry", "Microsoft.Network"]


LOCK_FILE = ".terraform.lock.hcl"


def synthesize(settings: Settings) -> None:
    """Write a stack for each registry to ``cdktf.out``, or to the folder in ``CDKTF_OUTDIR``.

    A lock file of the provider in the current folder is copied into each, so that every run of
    Terraform checks the provider's hashes.
    """
    app = App()
    for name, registry in settings.registries.items():
        PrivateContainerRegistryStack(app, name, registry, settings.backend)
    app.synth()
    for file in Path(app.outdir, "stacks").glob("*/cdk.tf.json"):
        if file.parent.name not in settings.registries:  # as the CLI does: it is not to be reviewed
            shutil.rmtree(file.parent)
        elif Path(LOCK_FILE).is_file():
            shutil.copy(LOCK_FILE, file.parent)


class PrivateContainerRegistryStack(TerraformStack):
    """Provider, backend, the cluster's network, the private registry, adoption and outputs."""

    def __init__(
        self, scope: Construct, id: str, settings: Registry, backend: Backend | None = None
    ) -> None:
        """Add the stack to the app ``scope``; its ``id`` names its folder and its state."""
        super().__init__(scope, id)
        self._settings = settings
        self._backend(backend or Backend())
        self._provider("azurerm")
        virtual_network = DataAzurermVirtualNetwork(
            self,
            "virtual_network",
            name=settings.virtual_network.name,
            resource_group_name=(
                settings.virtual_network.resource_group_name or settings.resource_group_name
            ),
        )
        registry = self._registry(virtual_network)
        self._links(registry, virtual_network)
        if workspace := settings.container_registry.log_analytics_workspace_id:
            registry.add_audit_logs(workspace)
        if lock := settings.container_registry.lock:
            registry.add_lock(lock)
        self._adopt(registry)
        self._outputs(registry)

    def _backend(self, backend: Backend) -> None:
        stack = self.node.id
        if cloud := backend.cloud:
            # cdktf's own class for it runs Terraform, which a synthesis does without.
            workspaces = {"name": cloud.workspace.replace("{stack}", stack)}
            if cloud.project:
                workspaces["project"] = cloud.project
            block = cloud.model_dump(include={"organization", "hostname"}, exclude_none=True)
            self.add_override("terraform.cloud", {**block, "workspaces": workspaces})
            self.add_override("terraform.backend", None)
        elif azurerm := backend.azurerm:
            environment = self._settings.environment
            AzurermBackend(
                self,
                resource_group_name=azurerm.resource_group_name,
                storage_account_name=azurerm.storage_account_name,
                container_name=azurerm.container_name,
                key=azurerm.key.replace("{stack}", stack),
                subscription_id=azurerm.subscription_id,
                use_azuread_auth=azurerm.use_azuread_auth,
                environment=environment if environment != "public" else None,
            )
        else:
            path = (backend.local or Local()).path.replace("{stack}", stack)
            LocalBackend(self, path=_from_stack(App.of(self).outdir, stack, path))

    def _provider(self, id: str, subscription_id: str | None = None) -> AzurermProvider:
        """One for the registry's subscription, or under an alias for another subscription."""
        settings = self._settings
        registers = settings.register_resource_providers and not subscription_id
        return AzurermProvider(
            self,
            id,
            features=[AzurermProviderFeatures()],
            alias=id if subscription_id else None,
            subscription_id=subscription_id or settings.subscription_id,
            environment=settings.environment if settings.environment != "public" else None,
            # az provider register --namespace Microsoft.ContainerRegistry
            resource_provider_registrations="none",
            resource_providers_to_register=RESOURCE_PROVIDERS if registers else None,
        )

    def _registry(self, virtual_network: DataAzurermVirtualNetwork) -> PrivateContainerRegistry:
        settings = self._settings
        subnet, acr, zone, link, endpoint = (
            settings.endpoint_subnet,
            settings.container_registry,
            settings.private_dns_zone,
            settings.private_dns_zone_virtual_network_link,
            settings.private_endpoint,
        )
        return PrivateContainerRegistry(
            self,
            "acr",
            resource_group_name=settings.resource_group_name,
            virtual_network=virtual_network,
            endpoint_subnet=_existing(subnet.id),
            endpoint_subnet_name=subnet.name,
            endpoint_subnet_address_prefix=subnet.address_prefix,
            container_registry=_existing(acr.id),
            container_registry_name=acr.name,
            location=settings.location,
            admin_enabled=acr.admin_enabled,
            data_endpoint_enabled=acr.data_endpoint_enabled,
            encryption=(
                ContainerRegistryEncryption(**acr.encryption.model_dump())
                if acr.encryption
                else None
            ),
            export_policy_enabled=acr.export_policy_enabled,
            georeplications=[
                ContainerRegistryGeoreplications(
                    location=replica.location,
                    regional_endpoint_enabled=replica.regional_endpoint_enabled,
                    zone_redundancy_enabled=replica.zone_redundancy_enabled,
                    tags=_literal(replica.tags),
                )
                for replica in acr.georeplications
            ],
            identity=(
                ContainerRegistryIdentity(
                    type=acr.identity.type, identity_ids=acr.identity.identity_ids or None
                )
                if acr.identity
                else None
            ),
            network_rule_bypass_option=acr.network_rule_bypass_option,
            zone_redundancy_enabled=acr.zone_redundancy_enabled,
            deletion_protection=settings.deletion_protection,
            private_dns_zone=MANAGED_BY_POLICY if zone.managed_by_policy else _existing(zone.id),
            private_dns_zone_name=azure.PRIVATE_DNS_ZONE_NAMES[settings.environment],
            private_dns_zone_virtual_network_link_name=link.name,
            resolution_policy=link.resolution_policy,
            private_endpoint_name=endpoint.name,
            private_service_connection_name=endpoint.private_service_connection_name,
            private_dns_zone_group_name=endpoint.private_dns_zone_group_name,
            private_ip_addresses=endpoint.private_ip_addresses,
            request_message=endpoint.request_message,
            tags=_literal(settings.tags),
            container_registry_tags=_literal(acr.tags),
        )

    def _links(
        self, registry: PrivateContainerRegistry, virtual_network: DataAzurermVirtualNetwork
    ) -> None:
        """The links of a zone that was given, and of further networks."""
        settings = self._settings
        own = settings.private_dns_zone_virtual_network_link
        zone_id = settings.private_dns_zone.id
        asked = zone_id and "private_dns_zone_virtual_network_link" in settings.model_fields_set
        provider: TerraformProvider | None = None
        if zone_id and (asked or settings.virtual_network_links):
            provider = self._provider("private_dns_zone", subscription_id=zone_id.split("/")[2])
        if asked:
            registry.private_dns_zone_virtual_network_link = registry.add_virtual_network_link(
                "private_dns_zone_virtual_network_link",
                name=own.name,
                virtual_network_id=virtual_network.id,
                resolution_policy=own.resolution_policy,
                provider=provider,
            )
        for name, link in settings.virtual_network_links.items():
            registry.add_virtual_network_link(
                f"virtual_network_link_{name}",
                name=name,
                virtual_network_id=link.virtual_network_id,
                resolution_policy=link.resolution_policy,
                provider=provider,
            )

    def _adopt(self, registry: PrivateContainerRegistry) -> None:
        for part, id in adoption.ids(self._settings).items():
            resource = getattr(registry, part)
            if isinstance(resource, TerraformResource):  # else it was given, not made here
                resource.import_from(id)

    def _outputs(self, registry: PrivateContainerRegistry) -> None:
        pending = self._settings.private_endpoint.request_message is not None
        until = "; null until the registry's owner has approved the connection" if pending else ""
        TerraformOutput(
            self,
            "registry_id",
            value=registry.container_registry.id,
            description="The registry's id in Azure",
        )
        TerraformOutput(
            self,
            "registry_fqdn",
            value=registry.login_server,
            description=f"The host name that images are pushed to and pulled from{until}",
        )
        TerraformOutput(
            self,
            "network_interface_id",
            value=registry.private_endpoint.network_interface.get(0).id,
            description="The private endpoint's network interface",
        )
        registry_private_ip = TerraformOutput(
            self,
            "registry_private_ip",
            value=registry.private_ip_address,
            description=f"The address that registry_fqdn has inside the virtual network{until}",
        )
        registry_data_endpoints = TerraformOutput(
            self,
            "registry_data_endpoints",
            value=registry.data_endpoints.fqn,
            description=f"The address of each data endpoint, which layers are pulled from{until}",
        )
        found = f"try({registry.addresses.fqn}[{registry.login_server}], [])"
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
            f"alltrue([for ips in values({registry.addresses.fqn}) : length(ips) == 1])",
            "Each host name of the private endpoint must have one address: "
            f"${{jsonencode({registry.addresses.fqn})}}. Look at the endpoint's connection and "
            "DNS configuration in Azure, then apply again.",
        )


def _require(output: TerraformOutput, condition: str, error_message: str) -> None:
    """Give the output a precondition; cdktf 0.21 drops the argument of that name."""
    output.add_override(
        "precondition", {"condition": f"${{{condition}}}", "error_message": error_message}
    )


def _from_stack(outdir: str, stack: str, path: str) -> str:
    """A path in the project's root, as Terraform sees it from the stack's folder.

    Relative, so that the JSON is the same on every machine, and outside of ``cdktf.out``, which
    may be deleted at any time.
    """
    return Path(os.path.relpath(path, Path(outdir, "stacks", stack))).as_posix()


def _existing(id: str | None) -> Existing | None:
    return Existing(id) if id else None


def _literal(tags: Mapping[str, str] | None) -> dict[str, str] | None:
    """Tags as Terraform has to read them to take them as they are, not as templates."""

    def literal(text: str) -> str:
        return text.replace("${", "$${").replace("%{", "%%{")

    return {literal(key): literal(value) for key, value in (tags or {}).items()} or None
