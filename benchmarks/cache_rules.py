"""Cache rules of one registry: added to the construct, or as bare resources beside it.

``python cache_rules.py COUNT added`` (or ``bare``) creates them. With ``written`` behind that, it
also writes ``cdktf.out``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from constructs_lib import NewCacheRule, NewRegistry, NewSubnet, fast_bindings

fast_bindings.enable()

from cdktf import App, TerraformStack
from cdktf_cdktf_provider_azurerm.container_registry_cache_rule import ContainerRegistryCacheRule
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures

from constructs_lib.private_container_registry import PrivateContainerRegistry

COUNT, WAY = int(sys.argv[1]), sys.argv[2]

app = App()
stack = TerraformStack(app, "stack")
AzurermProvider(stack, "azurerm", features=[AzurermProviderFeatures()])
acr = PrivateContainerRegistry(
    stack,
    "acr",
    resource_group_name="rg",
    virtual_network=DataAzurermVirtualNetwork(stack, "vnet", name="vnet", resource_group_name="rg"),
    endpoint_subnet=NewSubnet(address_prefix="10.0.8.0/23"),
    container_registry=NewRegistry(name="acr12345", location="eastus"),
)
for number in range(COUNT):
    source, target = f"quay.io/team{number:03}/*", f"team{number:03}/*"
    if WAY == "added":
        acr.add_cache_rule(f"rule{number:03}", NewCacheRule(source=source, target=target))
    else:
        ContainerRegistryCacheRule(
            stack,
            f"rule{number:03}",
            name=f"cache-team{number:03}",
            container_registry_id=acr.registry_id,
            source_repo=source,
            target_repo=target,
        )
if sys.argv[3:] == ["written"]:
    app.synth()
