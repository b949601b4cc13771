"""What is around the registries of a stack."""

from __future__ import annotations

from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.review.near import around
from constructs_lib.stack_json import StackJson

ACR = f"{REGISTRY}.acr"
ROLE = "azurerm_role_assignment"


def near(resources: Json, **sections: Json) -> dict[str, str]:
    """What is around the registries of a stack with these resources, each by its address."""
    stated: Json = {"resource": {}, "data": {}, **sections}
    for address, arguments in resources.items():
        *data, type, name = address.split(".")
        stated["data" if data else "resource"].setdefault(type, {})[name] = arguments
    stack = StackJson(stated)
    known = {place: [each, stack.followed(each)] for place, each in stack.resources.items()}
    return around(known, stack.references)


def touching(resources: Json) -> set[str]:
    """What touches a registry."""
    return {place for place, how in near(resources).items() if how == "touches"}


def test_what_is_around_a_registry_is_found() -> None:
    """Also through a local and by an id; what only belongs to other services is left out."""
    resources: Json = {
        "azurerm_resource_group.rg": {"name": "rg"},
        "azurerm_resource_group.other": {"name": "other"},
        ACR: {"name": "acr12345", "resource_group_name": "${azurerm_resource_group.rg.name}"},
        f"{REGISTRY}_webhook.hook": {"registry_name": "${local.name}"},
        f"{ROLE}.pull": {
            "scope": f"${{{ACR}.id}}",
            "principal_id": "${azuread_group.agents.object_id}",
        },
        f"{ROLE}.other": {"scope": "${azurerm_resource_group.other.id}"},
        "azuread_group.agents": {"display_name": "agents"},
        "azapi_update_resource.by_id": {
            "resource_id": "/x/providers/Microsoft.ContainerRegistry/Registries/acr"
        },
        "helm_release.app": {
            "set": [f"${{{ACR}.login_server}}", "acr12345.azurecr.io"],
            "depends_on": [ACR],
        },
        "helm_release.by_name": {"set": [{"value": "ACR12345"}]},
        "terraform_data.id": {"input": f"${{{ACR}.id}}"},
        "null_resource.on": {"triggers": {"a": "${terraform_data.id.output}"}},
        "azurerm_storage_account.logs": {"name": "logs", "tags": {"for": "acr12345"}},
    }
    assert near(resources, locals={"name": f"${{{ACR}.name}}", "other": 1}) == {
        ACR: "touches",
        f"{REGISTRY}_webhook.hook": "touches",
        f"{ROLE}.pull": "touches",
        "azapi_update_resource.by_id": "touches",
        "helm_release.by_name": "touches",
        "terraform_data.id": "touches",
        "null_resource.on": "touches",
        "azurerm_resource_group.rg": "needed",
        "azuread_group.agents": "used",
    }


def test_a_data_source_of_a_registry_touches_it() -> None:
    """What reads its id names the registry; a role on what the registry uses reaches it."""
    resources = {
        f"data.{REGISTRY}.again": {"name": "acr12345"},
        "azurerm_x.a": {"id": "${data.azurerm_container_registry.again[0].id}"},
        "azurerm_y.b": {"id": "${data.azurerm_container_registry.again.login_server}"},
        ACR: {"name": "other", "identity": "${azurerm_z.pulls.id}"},
        "azurerm_z.pulls": {"name": "pulls"},
        f"{ROLE}.on": {"scope": "${azurerm_z.pulls.id}"},
        f"{ROLE}.of": {"scope": "/x", "principal_id": "${azurerm_z.pulls.principal_id}"},
    }
    assert touching(resources) == {f"data.{REGISTRY}.again", ACR, "azurerm_x.a", f"{ROLE}.on"}


def test_what_leads_to_a_needed_resource_touches_the_registry() -> None:
    """By a reference, by its id, or by what only Terraform knows."""
    subnet = "/subscriptions/1/resourceGroups/rg/x/subnets/endpoints"
    association = "azurerm_subnet_route_table_association"
    policy = "azurerm_key_vault_access_policy"
    resources: Json = {
        ACR: {"encryption": {"key_vault_key_id": "${azurerm_x.vault.id}"}},
        "azurerm_private_endpoint.acr": {"subnet_id": subnet, "registry": f"${{{ACR}.id}}"},
        "azurerm_x.vault": {"name": "ours"},
        "azurerm_x.other": {"name": "theirs"},
        f"{association}.by_id": {
            "subnet_id": subnet.upper(),
            "route_table_id": "${azurerm_y.table.id}",
        },
        f"{association}.unknown": {"subnet_id": "${var.subnet}"},
        f"{association}.elsewhere": {"subnet_id": f"{subnet}-2"},
        "azurerm_y.table": {"name": "table"},
        "azurerm_route.on": {"route_table_name": "table"},
        "azurerm_route.off": {"route_table_name": "b"},
        f"{policy}.on": {"key_vault_id": "${azurerm_x.vault.id}"},
        f"{policy}.off": {"key_vault_id": "${azurerm_x.other.id}"},
    }
    on_the_way = (f"{association}.by_id", f"{association}.unknown", "azurerm_route.on")
    assert near(resources) == {
        **dict.fromkeys((ACR, "azurerm_private_endpoint.acr", f"{policy}.on"), "touches"),
        **dict.fromkeys(on_the_way, "touches"),
        **dict.fromkeys(("azurerm_x.vault", "azurerm_y.table"), "needed"),
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
    resources = {f"azapi_resource.{name}": {"type": type} for name, type in types.items()}
    found = near({**resources, "data.azapi_client_config.current": {}})
    assert set(found) == {
        f"azapi_resource.{name}" for name in ("program", "role", "unknown", "vault")
    }


def test_a_role_at_who_has_a_role_is_another_matter() -> None:
    """Unless it is an identity, whose rights somebody else may then use."""
    cluster, identity = "azurerm_kubernetes_cluster.aks", "azurerm_user_assigned_identity.pulls"
    acr = f"${{{ACR}.id}}"
    resources: Json = {
        ACR: {"name": "acr12345"},
        cluster: {"name": "aks"},
        identity: {"name": "pulls"},
        f"{ROLE}.a": {"scope": acr, "principal_id": f"${{{cluster}.id}}"},
        f"{ROLE}.b": {"scope": acr, "principal_id": f"${{{identity}.id}}"},
        f"{ROLE}.at_cluster": {"scope": f"${{{cluster}.id}}"},
        f"{ROLE}.at_identity": {"scope": f"${{{identity}.id}}"},
        f"{ROLE}.at_unknown": {"scope": "${var.scope}"},
    }
    assert touching(resources) == {
        *(ACR, f"{ROLE}.a", f"{ROLE}.b", f"{ROLE}.at_identity", f"{ROLE}.at_unknown"),
    }
