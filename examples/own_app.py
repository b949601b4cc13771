"""An app of your own: the registry beside other things, and one of its arguments changed.

Run it where this repository is installed (``pip install``): ``python own_app.py``.
"""

from constructs_lib import fast_bindings

fast_bindings.enable()  # before cdktf is imported: starts in 0.4 s instead of 6 s

from cdktf import App, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork

from constructs_lib import NewAuditLogs, NewLock, NewRegistry, NewSubnet, PrivateContainerRegistry

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
    virtual_network=network,
    endpoint_subnet=NewSubnet(address_prefix="10.0.8.0/24"),
    container_registry=NewRegistry(name="mycompanyacr", location="eastus"),
)
registry.add_lock(NewLock(lock_level="CanNotDelete"))
registry.add_audit_logs(
    NewAuditLogs(
        log_analytics_workspace_id="/subscriptions/00000000-0000-0000-0000-000000000001"
        "/resourceGroups/logs-rg/providers/Microsoft.OperationalInsights/workspaces/logs"
    )
)

# Every argument of azurerm can be changed, also one that the construct does not have.
registry.private_endpoint.add_override("custom_network_interface_name", "acr-nic")

# The cluster's identity may pull. registry.grant_pull("pull", principal_id) does the same, and the
# lock then steps aside when this role goes: for one beside the construct, take the lock off first.
RoleAssignment(
    stack,
    "pull",
    scope=registry.container_registry.id,
    role_definition_name="AcrPull",
    principal_id="00000000-0000-0000-0000-000000000003",
)

TerraformOutput(stack, "registry_ip", value=registry.private_ip_address)
app.synth()
