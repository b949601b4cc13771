"""What is around the registries of a stack."""

from __future__ import annotations

from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.review.near import around
from constructs_lib.stack_json import StackJson


def test_what_is_around_a_registry_is_found() -> None:
    """Also through a local and by an id; what only belongs to other services is left out."""
    resources: Json = {
        "azurerm_resource_group": {"rg": {"name": "rg"}, "other": {"name": "other"}},
        REGISTRY: {"acr": {"resource_group_name": "${azurerm_resource_group.rg.name}"}},
        f"{REGISTRY}_webhook": {"hook": {"registry_name": "${local.name}"}},
        "azurerm_role_assignment": {
            "pull": {
                "scope": "${azurerm_container_registry.acr.id}",
                "principal_id": "${azuread_group.agents.object_id}",
            },
            "other": {"scope": "${azurerm_resource_group.other.id}"},
        },
        "azuread_group": {"agents": {"display_name": "agents"}},
        "azapi_update_resource": {
            "by_id": {"resource_id": "/x/providers/Microsoft.ContainerRegistry/Registries/acr"}
        },
    }
    locals_ = {"name": "${azurerm_container_registry.acr.name}", "other": 1}
    assert around(StackJson({"resource": resources, "locals": locals_})) == {
        f"{REGISTRY}.acr": "touches",
        f"{REGISTRY}_webhook.hook": "touches",
        "azurerm_role_assignment.pull": "touches",
        "azapi_update_resource.by_id": "touches",
        "azurerm_resource_group.rg": "used",
        "azuread_group.agents": "used",
    }
