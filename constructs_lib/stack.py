"""The stack: what a Terraform configuration needs around the construct."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from constructs import Construct

from .private_container_registry import PrivateContainerRegistry
from .settings import Registry

RESOURCE_PROVIDERS = ["Microsoft.ContainerRegistry", "Microsoft.Network"]


def synthesize(registries: Mapping[str, Registry]) -> None:
    """Write a stack for each registry to ``cdktf.out``, or to the folder in ``CDKTF_OUTDIR``."""
    app = App()
    for name, settings in registries.items():
        PrivateContainerRegistryStack(app, name, settings)
    app.synth()
    for folder in Path(app.outdir, "stacks").iterdir():
        if folder.name not in registries:  # as the CLI does: no stack to review that is no more
            shutil.rmtree(folder)


class PrivateContainerRegistryStack(TerraformStack):
    """Provider, backend, the cluster's network, the private registry, and its outputs."""

    def __init__(self, scope: Construct, id: str, settings: Registry) -> None:
        """Add the stack to the app ``scope``; its ``id`` names its folder and its state file."""
        super().__init__(scope, id)
        self.add_override("terraform.required_version", ">= 1.5")
        LocalBackend(self, path=_state_file(App.of(self).outdir, id))

        # az provider register --namespace Microsoft.ContainerRegistry
        AzurermProvider(
            self,
            "azurerm",
            features=[AzurermProviderFeatures()],
            subscription_id=settings.subscription_id,
            resource_provider_registrations="none",
            resource_providers_to_register=(
                RESOURCE_PROVIDERS if settings.register_resource_providers else None
            ),
        )

        virtual_network = DataAzurermVirtualNetwork(
            self,
            "virtual_network",
            name=settings.virtual_network.name,
            resource_group_name=(
                settings.virtual_network.resource_group_name or settings.resource_group_name
            ),
        )

        registry = PrivateContainerRegistry(
            self,
            "acr",
            resource_group_name=settings.resource_group_name,
            location=settings.location,
            virtual_network=virtual_network,
            container_registry_name=settings.container_registry.name,
            endpoint_subnet_address_prefix=settings.endpoint_subnet.address_prefix,
            endpoint_subnet_name=settings.endpoint_subnet.name,
            admin_enabled=settings.container_registry.admin_enabled,
            private_dns_zone_virtual_network_link_name=(
                settings.private_dns_zone_virtual_network_link.name
            ),
            private_endpoint_name=settings.private_endpoint.name,
            private_service_connection_name=(
                settings.private_endpoint.private_service_connection_name
            ),
            private_dns_zone_group_name=settings.private_endpoint.private_dns_zone_group_name,
            deletion_protection=settings.deletion_protection,
            tags={_literal(key): _literal(value) for key, value in settings.tags.items()} or None,
        )
        self._outputs(registry)

    def _outputs(self, registry: PrivateContainerRegistry) -> None:
        login_server = registry.container_registry.login_server
        TerraformOutput(
            self,
            "registry_id",
            value=registry.container_registry.id,
            description="The registry's id in Azure",
        )
        TerraformOutput(
            self,
            "registry_fqdn",
            value=login_server,
            description="The host name that images are pushed to and pulled from",
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
            description="The address that registry_fqdn has inside the virtual network",
        )
        registry_data_endpoints = TerraformOutput(
            self,
            "registry_data_endpoints",
            value=registry.data_endpoints.fqn,
            description="The address of each data endpoint, which layers are pulled from",
        )
        found = f"lookup({registry.addresses.fqn}, {login_server}, [])"
        _require(
            registry_private_ip,
            f"length({found}) == 1",
            f"The private endpoint has ${{length({found})}} addresses for {login_server} "
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


def _state_file(outdir: str, stack: str) -> str:
    """The stack's state in the project's root, as Terraform sees it from the stack's folder.

    Relative, so that the JSON is the same on every machine, and outside of ``cdktf.out``, which
    may be deleted at any time.
    """
    folder = Path(outdir, "stacks", stack)
    return Path(os.path.relpath(f"terraform.{stack}.tfstate", folder)).as_posix()


def _literal(text: str) -> str:
    """The text as Terraform has to read it to take it as it is, without looking for templates."""
    return text.replace("${", "$${").replace("%{", "%%{")
