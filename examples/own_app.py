"""An app of one's own: the registry beside other things, and one of its arguments changed.

Run it where this repository is installed (``pip install``): ``python own_app.py``.
"""

from constructs_lib import PrivateContainerRegistry  # first: quick start-up

from cdktf import App, TerraformOutput, TerraformStack  # isort: skip
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork

app = App()
stack = TerraformStack(app, "platform")
AzurermProvider(stack, "azurerm", features=[AzurermProviderFeatures()])

network = VirtualNetwork(
    stack,
    "network",
    name="aro-vnet",
    resource_group_name="platform-rg",
    location="eastus",
    address_space=["10.0.0.0/16"],
)
registry = PrivateContainerRegistry(
    stack,
    "acr",  # never change it: a changed id destroys the registry
    resource_group_name="platform-rg",
    location="eastus",
    virtual_network=network,
    container_registry_name="mycompanyacr",
    endpoint_subnet_address_prefix="10.0.8.0/24",
)
registry.add_audit_logs(
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/logs-rg/providers"
    "/Microsoft.OperationalInsights/workspaces/logs"
)

# Whatever an argument of azurerm the construct does not have: the resources are attributes.
registry.private_endpoint.add_override("custom_network_interface_name", "acr-nic")

# And whatever hangs on them.
RoleAssignment(
    stack,
    "pull",
    scope=registry.container_registry.id,
    role_definition_name="AcrPull",
    principal_id="00000000-0000-0000-0000-000000000003",
)
registry.add_lock("CanNotDelete")  # last

TerraformOutput(stack, "registry_ip", value=registry.private_ip_address)
app.synth()
