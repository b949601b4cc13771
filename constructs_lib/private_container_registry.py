"""The construct: Red Hat's guide to a private registry for an ARO cluster, a statement a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import cdktf_cdktf_provider_azurerm as azurerm
import jsii
from cdktf import (
    IAnyProducer,
    IResolveContext,
    Lazy,
    Precondition,
    TerraformLocal,
    TerraformProvider,
    Token,
)
from cdktf import TerraformResourceLifecycle as Lifecycle
from cdktf_cdktf_provider_azurerm.data_azurerm_private_dns_zone import DataAzurermPrivateDnsZone
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from constructs import Construct, IValidation

from . import terraform
from .additions import Added, Additions, azurerm_arguments
from .arguments import guide as new
from .azure import regions
from .checks.construct_arguments import Existing, check
from .checks.guard import warn, warn_of_late_reads

acr = azurerm.container_registry
endpoints = azurerm.private_endpoint
registries = azurerm.data_azurerm_container_registry
zones = azurerm.private_dns_zone
AnyNetwork = azurerm.virtual_network.VirtualNetwork | DataAzurermVirtualNetwork
AnySubnet = new.NewSubnet | azurerm.subnet.Subnet | azurerm.data_azurerm_subnet.DataAzurermSubnet
AnyRegistry = new.NewRegistry | acr.ContainerRegistry | registries.DataAzurermContainerRegistry
AnyZone = (
    new.NewPrivateDnsZone | new.PrivateDnsZone | zones.PrivateDnsZone | DataAzurermPrivateDnsZone
)
STRUCTS: dict[type, Any] = {
    new.Encryption: lambda **key: [acr.ContainerRegistryEncryption(**key)],  # azurerm has a list
    new.Georeplication: acr.ContainerRegistryGeoreplications,
    new.Identity: acr.ContainerRegistryIdentity,
    new.IpConfiguration: endpoints.PrivateEndpointIpConfiguration,
}
_arguments = partial(azurerm_arguments, structs=STRUCTS)


@jsii.implements(IAnyProducer)
class _Later:
    """A value that cdktf asks for when it writes the stack."""

    def __init__(self, value: Callable[[], Any]) -> None:
        self._value = value

    def produce(self, context: IResolveContext) -> Any:
        """The value."""
        return self._value()

    @classmethod
    def list_value(cls, value: Callable[[], list[str]]) -> list[str]:
        """A list in the place of which cdktf asks."""
        return Token.as_list(Lazy.any_value(cls(value)))

    @classmethod
    def string_value(cls, value: Callable[[], str]) -> str:
        """A text in the place of which cdktf asks."""
        return Token.as_string(Lazy.any_value(cls(value)))


@jsii.implements(IValidation)
class PrivateContainerRegistry(Additions, Construct):
    """A Premium container registry that is reachable only from inside a virtual network.

    It creates the resources of the guide and nothing else: no provider, no outputs, no virtual
    network. Every value may be a token, and two registries may be in one stack.

    The ids of the resources are a contract: Terraform destroys a registry whose id changes, with
    all its images, even with ``deletion_protection``.

    Attributes:
        endpoint_subnet: the subnet of the private endpoint.
        container_registry: the registry.
        private_dns_zone: the zone that its host names resolve in, or ``MANAGED_BY_POLICY``.
        private_dns_zone_virtual_network_link: the zone's link to the network, if one is created.
        private_endpoint: the registry's network interface in the subnet.
        registry_id: the registry's id in Azure.
        network_interface_id: the private endpoint's network interface.
        login_server: the host name that images are pushed to and pulled from.
        private_ip_address: its address in the network; null while it has none.
        data_endpoints: a map from each data endpoint's host name to its address.
        addresses: a map from each host name of the registry to the list of its addresses.
        pull_secret: a docker config for the pull token, a secret; none before ``add_pull_token``.
        image_mirrors: YAML of the mirror sets that have OpenShift's nodes pull through the cache;
            none before ``add_cache_rule``.
    """

    _azurerm = azurerm
    _lifecycle = Lifecycle
    _later = _Later

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        resource_group_name: str,
        virtual_network: AnyNetwork,
        endpoint_subnet: AnySubnet | str,
        container_registry: AnyRegistry | str,
        private_dns_zone: AnyZone | str | None = None,
        private_dns_zone_virtual_network_link: new.NewVirtualNetworkLink | None = None,
        private_dns_zone_provider: TerraformProvider | None = None,
        private_endpoint: new.NewPrivateEndpoint | None = None,
        adopt: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add the resources to ``scope``.

        In the place of a new subnet, registry or zone, one that exists may be given: a resource or
        a data source of the bindings, or an id, in whatever capitals Azure shows it.

        Args:
            scope: the stack, or a construct in it, that has an azurerm provider.
            id: the construct's id in ``scope``, part of the id of every resource: never change it.
            resource_group_name: the existing resource group of registry, zone, link and endpoint.
            virtual_network: the cluster's network.
            endpoint_subnet: the subnet for private endpoints, which lies in the network.
            container_registry: the registry, which may be in another subscription.
            private_dns_zone: the zone, or ``PrivateDnsZone.MANAGED_BY_POLICY``. A new one with
                Azure's name by default.
            private_dns_zone_virtual_network_link: the zone's link to the network. By default, a new
                zone is linked, and one that exists is not.
            private_dns_zone_provider: for links of a zone that is in another subscription.
            private_endpoint: the private endpoint. The guide's names by default.
            adopt: the ids of resources that exist already and that Terraform imports instead of
                creating them, by the names of the attributes above. None by default.
            tags: on every resource that takes tags. None by default.

        Raises:
            ArgumentError: with everything that is wrong; nothing is added to ``scope`` then.
        """
        given = check(PrivateContainerRegistry, **locals())
        super().__init__(scope, id)
        request = self._request = given.request
        network, subnet, registry = virtual_network, given.endpoint_subnet, given.container_registry
        zone, link, endpoint = given.private_dns_zone, request.link, request.private_endpoint
        self._zone_provider = private_dns_zone_provider
        self._added = Added()
        warn(self, request)
        warn_of_late_reads(
            self,
            request,
            virtual_network=network,
            endpoint_subnet=subnet,
            container_registry=registry,
        )

        # az network vnet subnet create --disable-private-endpoint-network-policies
        self.endpoint_subnet = (
            azurerm.subnet.Subnet(
                self,
                "endpoint_subnet",
                name=subnet.name,
                resource_group_name=network.resource_group_name,
                virtual_network_name=network.name,
                address_prefixes=[subnet.address_prefix],
                private_endpoint_network_policies="Disabled",
                lifecycle=Lifecycle(
                    precondition=[Precondition(**terraform.inside(subnet, network))]
                ),
            )
            if isinstance(subnet, new.NewSubnet)
            else subnet
        )

        # az acr create --sku Premium --public-network-enabled false
        self.container_registry = (
            acr.ContainerRegistry(
                self,
                "container_registry",
                **_arguments(acr.ContainerRegistry, registry, tags=request.registry_tags),
                resource_group_name=resource_group_name,
                sku="Premium",  # the only one with private endpoints
                public_network_access_enabled=False,
                lifecycle=Lifecycle(prevent_destroy=True) if registry.deletion_protection else None,
            )
            if isinstance(registry, new.NewRegistry)
            else registry
        )

        # az acr show --query id
        self.registry_id: str = self.container_registry.id

        # az network private-dns zone create
        self.private_dns_zone = (
            zones.PrivateDnsZone(
                self,
                "private_dns_zone",
                name=zone.name,
                resource_group_name=resource_group_name,
                tags=request.private_dns_tags,
            )
            if isinstance(zone, new.NewPrivateDnsZone)
            else zone
        )

        # az network private-dns link vnet create --registration-enabled false
        self.private_dns_zone_virtual_network_link = (
            self._link("private_dns_zone_virtual_network_link", link, network.id) if link else None
        )

        # az network private-endpoint create --group-id registry
        # az network private-endpoint dns-zone-group create
        by_policy = zone is new.PrivateDnsZone.MANAGED_BY_POLICY
        self.private_endpoint = endpoints.PrivateEndpoint(
            self,
            "private_endpoint",
            **_arguments(
                endpoints.PrivateEndpoint,
                endpoint,
                location=endpoint.location or network.location,  # Azure wants the network's region
                ip_configuration=endpoint.addresses,
            ),
            resource_group_name=resource_group_name,
            subnet_id=self.endpoint_subnet.id,
            private_service_connection=endpoints.PrivateEndpointPrivateServiceConnection(
                name=endpoint.private_service_connection_name,
                private_connection_resource_id=self.registry_id,
                subresource_names=[regions.REGISTRY_MEMBER],
                is_manual_connection=endpoint.request_message is not None,
                request_message=endpoint.request_message,
            ),
            private_dns_zone_group=(
                None
                if by_policy
                else endpoints.PrivateEndpointPrivateDnsZoneGroup(
                    name=endpoint.private_dns_zone_group_name,
                    private_dns_zone_ids=[self.private_dns_zone.id],
                )
            ),
            tags=request.tags or None,
            lifecycle=Lifecycle(ignore_changes=["private_dns_zone_group"]) if by_policy else None,
        )

        # az network private-endpoint show --query networkInterfaces[0].id
        created = self.private_endpoint.fqn
        self.network_interface_id = terraform.attribute(created, "network_interface[0].id")

        # az network nic show: the address of a member by its name, never by its position
        addresses = terraform.by_host_name(created)
        self.addresses: str = TerraformLocal(self, "addresses", addresses).fqn
        data_endpoints = terraform.of_data_endpoints(self.addresses)
        self.data_endpoints: str = TerraformLocal(self, "data_endpoints", data_endpoints).fqn
        registry_host_name = terraform.registry_host_name(self.addresses)
        self.login_server: str = (
            TerraformLocal(self, "login_server", registry_host_name).fqn
            if isinstance(registry, Existing)
            else self.container_registry.login_server
        )
        self.private_ip_address = terraform.address_of(self.login_server, self.addresses)

        for part, adopted_id in request.adopt.items():
            getattr(self, part).import_from(adopted_id)
        self._guard(scope, self.container_registry, self.private_dns_zone, self.private_endpoint)
