"""The guide's resources as everybody writes them in Python, for a number of registries.

``python ordinary.py COUNT cdktf`` (or ``cdktn``) writes ``cdktf.out``: an empty app for COUNT 0.
"""

import importlib
import sys
from typing import Any

COUNT, CDK = int(sys.argv[1]), sys.argv[2]
BINDINGS = {"cdktf": "cdktf_cdktf_provider_azurerm", "cdktn": "cdktn_provider_azurerm"}[CDK]

cdk = importlib.import_module(CDK)


def bindings(module: str) -> Any:
    """A module of the bindings."""
    return importlib.import_module(f"{BINDINGS}.{module}")


app = cdk.App()
if not COUNT:
    cdk.TerraformStack(app, "empty")
else:
    network = bindings("data_azurerm_virtual_network").DataAzurermVirtualNetwork
    provider = bindings("provider")
    subnet = bindings("subnet").Subnet
    registry = bindings("container_registry").ContainerRegistry
    zone = bindings("private_dns_zone").PrivateDnsZone
    link = bindings("private_dns_zone_virtual_network_link").PrivateDnsZoneVirtualNetworkLink
    endpoint = bindings("private_endpoint")
for number in range(COUNT):
    group = f"rg{number:04}"
    stack = cdk.TerraformStack(app, f"registry{number:04}")
    provider.AzurermProvider(stack, "azurerm", features=[provider.AzurermProviderFeatures()])
    vnet = network(stack, "vnet", name=f"vnet{number:04}", resource_group_name=group)
    prefix = subnet(
        stack,
        "subnet",
        name="PrivateEndpoint-subnet",
        resource_group_name=vnet.resource_group_name,
        virtual_network_name=vnet.name,
        address_prefixes=["10.0.8.0/23"],
        private_endpoint_network_policies="Disabled",
    )
    acr = registry(
        stack,
        "registry",
        name=f"acr{number:04}",
        resource_group_name=group,
        location="eastus",
        sku="Premium",
        admin_enabled=False,
        public_network_access_enabled=False,
    )
    dns = zone(stack, "zone", name="privatelink.azurecr.io", resource_group_name=group)
    link(
        stack,
        "link",
        name="AcrDNSLink",
        virtual_network_id=vnet.id,
        registration_enabled=False,
        # azurerm 5 takes the zone's id.
        **(
            {"resource_group_name": group, "private_dns_zone_name": dns.name}
            if CDK == "cdktf"
            else {"private_dns_zone_id": dns.id}
        ),
    )
    private = endpoint.PrivateEndpoint(
        stack,
        "endpoint",
        name="acrPvtEndpoint",
        resource_group_name=group,
        location=vnet.location,
        subnet_id=prefix.id,
        private_service_connection=endpoint.PrivateEndpointPrivateServiceConnection(
            name="acrConnection",
            private_connection_resource_id=acr.id,
            subresource_names=["registry"],
            is_manual_connection=False,
        ),
        private_dns_zone_group=endpoint.PrivateEndpointPrivateDnsZoneGroup(
            name="ACR-ZoneGroup", private_dns_zone_ids=[dns.id]
        ),
    )
    cdk.TerraformOutput(stack, "registry_id", value=acr.id)
    cdk.TerraformOutput(stack, "registry_fqdn", value=acr.login_server)
    interface = private.network_interface.get(0).id
    cdk.TerraformOutput(stack, "network_interface_id", value=interface)
app.synth()
