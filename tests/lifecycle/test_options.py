"""From the guide's one cluster to a landing zone: what exists already is used, and only used."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, LINK, MADE, REGISTRY, SUBNET, ZONE, Deployment
from helpers import GUIDE, ROOT, SUBSCRIPTION, Json

from constructs_lib.settings import Registry, load

OTHER = "00000000-0000-0000-0000-000000000002"


def example(name: str) -> dict[str, Registry]:
    """The registries of an example, without the protection that the test would have to undo."""
    registries = load(str(ROOT / "examples" / name), {}).settings.registries
    return {
        stack: registry.model_copy(update={"deletion_protection": False})
        for stack, registry in registries.items()
    }


def test_the_landing_zone_lives_its_life(deployment: Deployment) -> None:
    """Subnet and zone are the platform team's; the lock goes before what it would keep."""
    deployment.network("platform-network-rg", "aro-spoke-vnet", "10.1.0.0/16")
    deployment.cloud.add("azurerm_resource_group", name="platform-acr-rg", location="eastus")
    deployment.cloud.add(
        "azurerm_resource_group", name="hub-dns-rg", location="eastus", subscription=OTHER
    )
    deployment.cloud.add(
        "azurerm_private_dns_zone",
        resource_group_name="hub-dns-rg",
        name="privatelink.azurecr.io",
        subscription=OTHER,
    )
    deployment.cloud.add(
        SUBNET,
        resource_group_name="platform-network-rg",
        virtual_network_name="aro-spoke-vnet",
        name="private-endpoints",
        address_prefixes=["10.1.4.0/24"],
    )
    ((stack, registry),) = example("landing-zone.yaml").items()
    deployment.synthesize_registry(stack, registry)
    changes = deployment.changes(stack)
    assert set(changes) == {
        REGISTRY,
        ENDPOINT,
        "azurerm_management_lock",
        "azurerm_monitor_diagnostic_setting",
    }
    deployment.apply(stack)
    replicas = deployment.one(REGISTRY)["georeplications"]
    assert [each["regional_endpoint_enabled"] for each in replicas] == [True, True]
    assert deployment.outputs(stack)["registry_private_ip"] == "10.1.4.10"
    assert deployment.outputs(stack)["registry_data_endpoints"] == {
        "platformacr12345.eastus.data.azurecr.io": "10.1.4.11",
        "platformacr12345.centralus.data.azurecr.io": "10.1.4.12",
        "platformacr12345.westeurope.data.azurecr.io": "10.1.4.13",
    }
    deployment.terraform("destroy", "-auto-approve", stack=stack)
    assert deployment.made() == sorted([SUBNET, ZONE])


def test_what_the_guides_commands_made_is_adopted(deployment: Deployment) -> None:
    """Nothing is added, changed or destroyed, and the blocks may go afterwards."""
    deployment.synthesize(deletion_protection=False)
    deployment.apply()
    for state in deployment.folder.glob("terraform.acr.tfstate*"):
        state.unlink()  # what is there now is what the commands would have left
    ((stack, registry),) = example("adopt.yaml").items()
    adopted = registry.model_copy(
        update={
            "container_registry": registry.container_registry.model_copy(
                update={"admin_enabled": False}
            )
        }
    )
    deployment.synthesize_registry(stack, adopted)
    plan = deployment.terraform("plan", stack=stack).stdout
    assert "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy." in plan
    deployment.apply(stack)
    assert deployment.made() == sorted(MADE)
    deployment.synthesize_registry(stack, adopted.model_copy(update={"adopt": []}))
    assert deployment.changes(stack) == {}


def test_some_parts_are_adopted_and_the_rest_is_made(deployment: Deployment) -> None:
    """As when somebody stopped half-way through the guide; ids come in any capitals."""
    deployment.cloud.add(ZONE, resource_group_name="ARO-mobb-RG", name="privatelink.azurecr.io")
    deployment.synthesize(subscription_id=SUBSCRIPTION, adopt=["private_dns_zone"])
    plan = deployment.terraform("plan").stdout
    assert "Plan: 1 to import, 4 to add, 0 to change, 0 to destroy." in plan
    deployment.apply()
    assert deployment.made() == sorted(MADE)


def test_a_second_cluster_shares_the_registry(deployment: Deployment) -> None:
    """It gets endpoint, zone and link of its own, and the registry is not in its state."""
    deployment.synthesize(stack="first")
    deployment.apply("first")
    deployment.network("second-cluster-rg", "second-cluster-vnet", "10.2.0.0/16")
    ((stack, registry),) = example("second-cluster.yaml").items()
    deployment.synthesize_registry(stack, registry)
    deployment.apply(stack)
    first, second = deployment.outputs("first"), deployment.outputs(stack)
    assert second["registry_id"] == first["registry_id"]
    assert second["registry_fqdn"] == "acr12345.azurecr.io"
    assert second["registry_private_ip"].startswith("10.2.8.")
    assert (
        second["registry_private_ip"]
        != second["registry_data_endpoints"]["acr12345.eastus.data.azurecr.io"]
    )
    deployment.terraform("destroy", "-auto-approve", stack=stack)
    assert deployment.changes("first") == {}
    assert deployment.made() == sorted(MADE)


def test_a_connection_waits_for_its_owners_approval(deployment: Deployment) -> None:
    """The outputs are null until then, and right afterwards without a change."""
    registry_id = deployment.cloud.add(
        REGISTRY, resource_group_name="aro-mobb-rg", name="theirs", location="eastus", sku="Premium"
    )
    deployment.synthesize(
        location=None,
        container_registry={"id": registry_id},
        private_endpoint={"request_message": "for our cluster, please"},
    )
    deployment.apply()
    outputs = deployment.outputs()
    # Terraform leaves a null output out.
    assert outputs.get("registry_private_ip") is None
    assert outputs.get("registry_fqdn") is None
    assert outputs["registry_data_endpoints"] == {}
    deployment.change(ENDPOINT, status="Approved")
    deployment.terraform("apply", "-auto-approve")
    assert deployment.changes() == {}
    assert deployment.outputs()["registry_fqdn"] == "theirs.azurecr.io"
    assert (
        deployment.outputs()["registry_private_ip"]
        == deployment.one(ENDPOINT)["addresses"]["registry"]
    )


def test_what_azure_policy_attaches_is_no_change(deployment: Deployment) -> None:
    """The outputs are the same before and after."""
    deployment.synthesize(private_dns_zone={"managed_by_policy": True})
    deployment.apply()
    assert deployment.made() == sorted([SUBNET, REGISTRY, ENDPOINT])
    before = deployment.outputs()
    zone = deployment.cloud.add(
        ZONE, resource_group_name="aro-mobb-rg", name="privatelink.azurecr.io"
    )
    group = {"name": "deployedByPolicy", "private_dns_zone_ids": [zone]}
    deployment.change(ENDPOINT, private_dns_zone_group=[group])
    assert deployment.changes() == {}
    deployment.terraform("apply", "-auto-approve")
    assert deployment.outputs() == before
    assert before["registry_private_ip"] == deployment.one(ENDPOINT)["addresses"]["registry"]


@pytest.mark.parametrize("asked", [False, True])
def test_a_zone_in_another_subscription_is_linked_on_request(
    deployment: Deployment, asked: bool
) -> None:
    """By a provider for that subscription, which registers nothing there."""
    deployment.cloud.add(
        "azurerm_resource_group", name="hub-rg", location="eastus", subscription=OTHER
    )
    zone = deployment.cloud.add(
        ZONE, resource_group_name="hub-rg", name="privatelink.azurecr.io", subscription=OTHER
    )
    with deployment.cloud.edit() as there:
        there["registered"].setdefault(OTHER, []).append("Microsoft.Network")
    hub = deployment.network("net", "hub", "10.9.0.0/16")
    links: Json = {
        "private_dns_zone_virtual_network_link": {},
        "virtual_network_links": {"hub": {"virtual_network_id": hub}},
    }
    deployment.synthesize(private_dns_zone={"id": zone}, **(links if asked else {}))
    deployment.apply()
    made = deployment.cloud.resources(LINK)
    assert len(made) == (2 if asked else 0)
    assert all(id_.startswith(f"{zone}/virtualNetworkLinks/") for id_ in made)
    assert deployment.outputs()["registry_private_ip"]


def test_a_replica_added_later_brings_its_data_endpoint(deployment: Deployment) -> None:
    """The registry changes in place, and the next refresh knows the new address."""
    deployment.synthesize()
    deployment.apply()
    deployment.synthesize(
        container_registry={
            **GUIDE["container_registry"],
            "georeplications": [{"location": "westus"}, {"location": "centralus"}],
        }
    )
    assert deployment.changes() == {REGISTRY: ["update"]}
    deployment.terraform("apply", "-auto-approve")
    deployment.apply()  # which refreshes
    assert set(deployment.outputs()["registry_data_endpoints"]) == {
        f"acr12345.{region}.data.azurecr.io" for region in ("centralus", "eastus", "westus")
    }


def test_static_addresses_replace_a_live_endpoint(deployment: Deployment) -> None:
    """As the documentation warns; nothing else is made anew."""
    deployment.synthesize()
    deployment.apply()
    addresses = {"registry": "10.0.8.20", "eastus": "10.0.8.21"}
    deployment.synthesize(private_endpoint={"private_ip_addresses": addresses})
    assert deployment.changes() == {ENDPOINT: ["delete", "create"]}
    deployment.apply()
    assert deployment.outputs()["registry_private_ip"] == "10.0.8.20"


def test_azure_government_lives_its_life(deployment: Deployment) -> None:
    """Its own environment, zone and domain."""
    with deployment.cloud.edit() as there:
        there["environment"] = "usgovernment"
    deployment.synthesize(environment="usgovernment", location="usgovvirginia")
    deployment.apply()
    outputs = deployment.outputs()
    assert outputs["registry_fqdn"] == "acr12345.azurecr.us"
    assert outputs["registry_private_ip"] == deployment.one(ENDPOINT)["addresses"]["registry"]
    assert set(outputs["registry_data_endpoints"]) == {"acr12345.usgovvirginia.data.azurecr.us"}
