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


def test_what_leads_to_a_needed_resource_touches_the_registry() -> None:
    """By a reference, by its id, or by what only Terraform knows."""
    subnet = "/subscriptions/1/resourceGroups/rg/x/subnets/endpoints"
    acr = f"${{{REGISTRY}.acr.id}}"
    resources: Json = {
        REGISTRY: {"acr": {"encryption": {"key_vault_key_id": "${azurerm_x.vault.id}"}}},
        "azurerm_private_endpoint": {"acr": {"subnet_id": subnet, "registry": acr}},
        "azurerm_x": {"vault": {"name": "ours"}, "other": {"name": "theirs"}},
        "azurerm_subnet_route_table_association": {
            "by_id": {"subnet_id": subnet.upper(), "route_table_id": "${azurerm_y.table.id}"},
            "unknown": {"subnet_id": "${var.subnet}"},
            "elsewhere": {"subnet_id": f"{subnet}-2"},
        },
        "azurerm_y": {"table": {"name": "table"}},
        "azurerm_route": {"on": {"route_table_name": "table"}, "off": {"route_table_name": "b"}},
        "azurerm_key_vault_access_policy": {
            "on": {"key_vault_id": "${azurerm_x.vault.id}"},
            "off": {"key_vault_id": "${azurerm_x.other.id}"},
        },
    }
    found = near({"resource": resources})
    assert {place for place, how in found.items() if how == "touches"} == {
        f"{REGISTRY}.acr",
        "azurerm_private_endpoint.acr",
        "azurerm_subnet_route_table_association.by_id",
        "azurerm_subnet_route_table_association.unknown",
        "azurerm_route.on",
        "azurerm_key_vault_access_policy.on",
    }
    assert {place for place, how in found.items() if how == "needed"} == {
        *("azurerm_x.vault", "azurerm_y.table"),
    }


def test_a_resource_of_azures_own_api_is_unrelated_by_its_type() -> None:
    """One of another type, or of a type that only Terraform knows, may be a registry's."""
    types = {
        "storage": "Microsoft.Storage/storageAccounts@2023-01-01",
        "cluster": "Microsoft.RedHatOpenShift/openShiftClusters@2023-11-22",
        "program": "Microsoft.Compute/virtualMachines/runCommands@2023-03-01",
        "vault": "Microsoft.KeyVault/vaults@2023-02-01",
        "role": "Microsoft.Authorization/roleAssignments@2022-04-01",
        "unknown": "${var.type}",
    }
    resources = {name: {"type": type} for name, type in types.items()}
    found = near({"resource": {"azapi_resource": resources}, "data": {"azapi_client_config": {}}})
    assert set(found) == {
        f"azapi_resource.{name}" for name in ("program", "role", "unknown", "vault")
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
