// The guide's resources as everybody writes them in TypeScript, for a number of registries:
// `node ordinary.ts COUNT` writes `cdktf.out`.
import { createRequire } from "node:module";

// Each class from its own file, as the bindings' documentation recommends.
const require = createRequire(import.meta.url);
const { App, TerraformOutput, TerraformStack } = require("cdktf");
const azurerm = (name: string) => require(`@cdktf/provider-azurerm/lib/${name}`);
const { AzurermProvider } = azurerm("provider");
const { ContainerRegistry } = azurerm("container-registry");
const { DataAzurermVirtualNetwork } = azurerm("data-azurerm-virtual-network");
const { PrivateDnsZone } = azurerm("private-dns-zone");
const { PrivateDnsZoneVirtualNetworkLink } = azurerm("private-dns-zone-virtual-network-link");
const { PrivateEndpoint } = azurerm("private-endpoint");
const { Subnet } = azurerm("subnet");

const app = new App();
for (let number = 0; number < Number(process.argv[2]); number++) {
  const digits = String(number).padStart(4, "0");
  const resourceGroupName = `rg${digits}`;
  const stack = new TerraformStack(app, `registry${digits}`);
  new AzurermProvider(stack, "azurerm", { features: [{}] });
  const vnet = new DataAzurermVirtualNetwork(stack, "vnet", {
    name: `vnet${digits}`,
    resourceGroupName,
  });
  const subnet = new Subnet(stack, "subnet", {
    name: "PrivateEndpoint-subnet",
    resourceGroupName: vnet.resourceGroupName,
    virtualNetworkName: vnet.name,
    addressPrefixes: ["10.0.8.0/23"],
    privateEndpointNetworkPolicies: "Disabled",
  });
  const registry = new ContainerRegistry(stack, "registry", {
    name: `acr${digits}`,
    resourceGroupName,
    location: "eastus",
    sku: "Premium",
    adminEnabled: false,
    publicNetworkAccessEnabled: false,
  });
  const zone = new PrivateDnsZone(stack, "zone", {
    name: "privatelink.azurecr.io",
    resourceGroupName,
  });
  new PrivateDnsZoneVirtualNetworkLink(stack, "link", {
    name: "AcrDNSLink",
    resourceGroupName,
    privateDnsZoneName: zone.name,
    virtualNetworkId: vnet.id,
    registrationEnabled: false,
  });
  const endpoint = new PrivateEndpoint(stack, "endpoint", {
    name: "acrPvtEndpoint",
    resourceGroupName,
    location: vnet.location,
    subnetId: subnet.id,
    privateServiceConnection: {
      name: "acrConnection",
      privateConnectionResourceId: registry.id,
      subresourceNames: ["registry"],
      isManualConnection: false,
    },
    privateDnsZoneGroup: { name: "ACR-ZoneGroup", privateDnsZoneIds: [zone.id] },
  });
  new TerraformOutput(stack, "registry_id", { value: registry.id });
  new TerraformOutput(stack, "registry_fqdn", { value: registry.loginServer });
  new TerraformOutput(stack, "network_interface_id", { value: endpoint.networkInterface.get(0).id });
}
app.synth();
