"""What is around the registries of a stack."""

from __future__ import annotations

from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.review.near import around
from constructs_lib.stack_json import StackJson


def near(content: Json) -> dict[str, str]:
    """What is around the registries of a stack."""
    stack = StackJson(content)
    resources = {place: [each, stack.followed(each)] for place, each in stack.resources.items()}
    return around(resources, stack.references)


def test_what_is_around_a_registry_is_found() -> None:
    """Also through a local and by an id; what only belongs to other services is left out."""
    resources: Json = {
        "azurerm_resource_group": {"rg": {"name": "rg"}, "other": {"name": "other"}},
        REGISTRY: {
            "acr": {
                "name": "acr12345",
                "resource_group_name": "${azurerm_resource_group.rg.name}",
            }
        },
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
    resources |= {
        "helm_release": {
            "app": {
                "set": ["${azurerm_container_registry.acr.login_server}", "acr12345.azurecr.io"],
                "depends_on": ["azurerm_container_registry.acr"],
            },
            "by_name": {"set": [{"value": "ACR12345"}]},
        },
        "terraform_data": {"id": {"input": "${azurerm_container_registry.acr.id}"}},
        "null_resource": {"on": {"triggers": {"a": "${terraform_data.id.output}"}}},
        "azurerm_storage_account": {"logs": {"name": "logs", "tags": {"for": "acr12345"}}},
    }
    locals_ = {"name": "${azurerm_container_registry.acr.name}", "other": 1}
    assert near({"resource": resources, "locals": locals_}) == {
        f"{REGISTRY}.acr": "touches",
        f"{REGISTRY}_webhook.hook": "touches",
        "azurerm_role_assignment.pull": "touches",
        "azapi_update_resource.by_id": "touches",
        "helm_release.by_name": "touches",
        "terraform_data.id": "touches",
        "null_resource.on": "touches",
        "azurerm_resource_group.rg": "needed",
        "azuread_group.agents": "used",
    }


def test_a_data_source_of_a_registry_touches_it() -> None:
    """What reads its id names the registry; a role on what the registry uses reaches it."""
    data = {REGISTRY: {"again": {"name": "acr12345"}}}
    resources = {
        "azurerm_x": {"a": {"id": "${data.azurerm_container_registry.again[0].id}"}},
        "azurerm_y": {"b": {"id": "${data.azurerm_container_registry.again.login_server}"}},
        REGISTRY: {"acr": {"name": "other", "identity": "${azurerm_z.pulls.id}"}},
        "azurerm_z": {"pulls": {"name": "pulls"}},
        "azurerm_role_assignment": {
            "on": {"scope": "${azurerm_z.pulls.id}"},
            "of": {"scope": "/x", "principal_id": "${azurerm_z.pulls.principal_id}"},
        },
    }
    found = near({"data": data, "resource": resources})
    assert {place for place, how in found.items() if how == "touches"} == {
        f"data.{REGISTRY}.again",
        f"{REGISTRY}.acr",
        "azurerm_x.a",
        "azurerm_role_assignment.on",
    }


def test_a_role_at_who_has_a_role_is_another_matter() -> None:
    """Unless it is an identity, whose rights somebody else may then use."""
    acr = f"${{{REGISTRY}.acr.id}}"
    resources: Json = {
        REGISTRY: {"acr": {"name": "acr12345"}},
        "azurerm_kubernetes_cluster": {"aks": {"name": "aks"}},
        "azurerm_user_assigned_identity": {"pulls": {"name": "pulls"}},
        "azurerm_role_assignment": {
            "a": {"scope": acr, "principal_id": "${azurerm_kubernetes_cluster.aks.id}"},
            "b": {"scope": acr, "principal_id": "${azurerm_user_assigned_identity.pulls.id}"},
            "at_cluster": {"scope": "${azurerm_kubernetes_cluster.aks.id}"},
            "at_identity": {"scope": "${azurerm_user_assigned_identity.pulls.id}"},
            "at_unknown": {"scope": "${var.scope}"},
        },
    }
    found = near({"resource": resources})
    assert {place.rpartition(".")[2] for place, how in found.items() if how == "touches"} == {
        *("acr", "a", "b", "at_identity", "at_unknown"),
    }
