"""The construct: Microsoft's guide to a private registry for an ARO cluster, step by step."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import Fn, Precondition, TerraformLocal, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_azurerm.container_registry import ContainerRegistry
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.private_dns_zone import PrivateDnsZone
from cdktf_cdktf_provider_azurerm.private_dns_zone_virtual_network_link import (
    PrivateDnsZoneVirtualNetworkLink,
)
from cdktf_cdktf_provider_azurerm.private_endpoint import (
    PrivateEndpoint,
    PrivateEndpointPrivateDnsZoneGroup,
    PrivateEndpointPrivateServiceConnection,
)
from cdktf_cdktf_provider_azurerm.subnet import Subnet
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork
from constructs import Construct

from . import addresses
from .azure import PRIVATE_DNS_ZONE_NAME


class PrivateContainerRegistry(Construct):
    """A Premium container registry that is reachable only from inside a virtual network.

    Creates the resources of the guide and nothing else: no provider, no outputs, no virtual
    network. Every string may be a token. Two registries may live in one stack.

    The ids of the resources are a contract: Terraform destroys a registry whose id changes, with
    all its images, whatever ``deletion_protection`` says.

    Attributes:
        endpoint_subnet: the subnet of the private endpoint.
        container_registry: the registry; its ``login_server`` is the name that pods pull from.
        private_dns_zone: the zone that its host names resolve in.
        private_dns_zone_virtual_network_link: what makes the network use the zone.
        private_endpoint: the registry's network interface in the subnet.
        private_ip_address: the address of the registry itself; null while it has none, an error
            when it has several.
        data_endpoints: a map from each data endpoint's host name to its address.
        addresses: a map from each host name of the registry to the list of its addresses, which
            the two above are read from.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        resource_group_name: str,
        location: str,
        virtual_network: DataAzurermVirtualNetwork | VirtualNetwork,
        container_registry_name: str,
        endpoint_subnet_address_prefix: str,
        endpoint_subnet_name: str = "PrivateEndpoint-subnet",
        admin_enabled: bool = False,
        private_dns_zone_virtual_network_link_name: str = "AcrDNSLink",
        private_endpoint_name: str = "acrPvtEndpoint",
        private_service_connection_name: str = "acrConnection",
        private_dns_zone_group_name: str = "ACR-ZoneGroup",
        deletion_protection: bool = True,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add the resources to ``scope``.

        Args:
            scope: the stack, or a construct in it, that has an azurerm provider.
            id: the construct's id in ``scope``, part of the id of every resource: never change it.
            resource_group_name: the existing resource group of registry, zone, link and endpoint.
            location: the registry's Azure region. The endpoint is in the network's region.
            virtual_network: the cluster's network, a resource or data source of the bindings.
            container_registry_name: 5 to 50 letters and digits, unique in all of Azure.
            endpoint_subnet_address_prefix: an IPv4 prefix in CIDR form inside the network's
                address space, /29 or larger; one outside it fails in the plan.
            endpoint_subnet_name: the subnet that is made in the network.
            admin_enabled: turns on the admin user. Off by default: its password is in Terraform's
                state, and each plan needs the right to list credentials.
            private_dns_zone_virtual_network_link_name: the zone's link to the network.
            private_endpoint_name: the private endpoint.
            private_service_connection_name: the endpoint's connection to the registry.
            private_dns_zone_group_name: the endpoint's group of DNS zones.
            deletion_protection: Terraform refuses a plan that destroys or replaces the registry
                (``prevent_destroy``). On by default.
            tags: go on every resource that takes tags. None by default.
        """
        super().__init__(scope, id)

        # az network vnet subnet create --disable-private-endpoint-network-policies
        self.endpoint_subnet = Subnet(
            self,
            "endpoint_subnet",
            name=endpoint_subnet_name,
            resource_group_name=virtual_network.resource_group_name,
            virtual_network_name=virtual_network.name,
            address_prefixes=[endpoint_subnet_address_prefix],
            private_endpoint_network_policies="Disabled",
            lifecycle=_prefix_inside(virtual_network, endpoint_subnet_address_prefix),
        )

        # az acr create --sku Premium --public-network-enabled false
        self.container_registry = ContainerRegistry(
            self,
            "container_registry",
            name=container_registry_name,
            resource_group_name=resource_group_name,
            location=location,
            sku="Premium",  # the only one with private endpoints
            public_network_access_enabled=False,
            admin_enabled=admin_enabled,
            tags=tags,
            lifecycle=(
                TerraformResourceLifecycle(prevent_destroy=True) if deletion_protection else None
            ),
        )

        # az network private-dns zone create
        self.private_dns_zone = PrivateDnsZone(
            self,
            "private_dns_zone",
            name=PRIVATE_DNS_ZONE_NAME,
            resource_group_name=resource_group_name,
            tags=tags,
        )

        # az network private-dns link vnet create --registration-enabled false
        self.private_dns_zone_virtual_network_link = PrivateDnsZoneVirtualNetworkLink(
            self,
            "private_dns_zone_virtual_network_link",
            name=private_dns_zone_virtual_network_link_name,
            resource_group_name=resource_group_name,
            private_dns_zone_name=self.private_dns_zone.name,
            virtual_network_id=virtual_network.id,
            registration_enabled=False,
            tags=tags,
        )

        # az network private-endpoint create --group-id registry
        # az network private-endpoint dns-zone-group create
        self.private_endpoint = PrivateEndpoint(
            self,
            "private_endpoint",
            name=private_endpoint_name,
            resource_group_name=resource_group_name,
            location=virtual_network.location,  # Azure wants the network's region here
            subnet_id=self.endpoint_subnet.id,
            private_service_connection=PrivateEndpointPrivateServiceConnection(
                name=private_service_connection_name,
                private_connection_resource_id=self.container_registry.id,
                subresource_names=["registry"],
                is_manual_connection=False,
            ),
            private_dns_zone_group=PrivateEndpointPrivateDnsZoneGroup(
                name=private_dns_zone_group_name,
                private_dns_zone_ids=[self.private_dns_zone.id],
            ),
            tags=tags,
        )

        # az network nic show: the address of a member by its name, never by its position
        by_host_name = addresses.by_host_name(self.private_endpoint.fqn)
        self.addresses = TerraformLocal(self, "addresses", _expression(by_host_name))
        of_data_endpoints = addresses.of_data_endpoints(self.addresses.fqn)
        self.data_endpoints = TerraformLocal(self, "data_endpoints", _expression(of_data_endpoints))
        login_server = self.container_registry.login_server
        self.private_ip_address = Token.as_string(
            Fn.one(Fn.lookup(self.addresses.fqn, login_server, []))
        )


def _expression(terraform: str) -> str:
    return f"${{{terraform}}}"


def _prefix_inside(
    virtual_network: DataAzurermVirtualNetwork | VirtualNetwork, address_prefix: str
) -> TerraformResourceLifecycle:
    """Fail the plan, before anything is made, when the prefix is outside the network.

    Azure would say so too, but only at apply, with the registry already being made.
    """
    space = f"{virtual_network.fqn}.address_space"
    return TerraformResourceLifecycle(
        precondition=[
            Precondition(
                condition=_expression(addresses.lies_in(Fn.tostring(address_prefix), space)),
                error_message=f"The address prefix {address_prefix} is outside the address space "
                f'of the virtual network {virtual_network.name}: ${{join(", ", {space})}}.',
            )
        ]
    )
