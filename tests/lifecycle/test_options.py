"""Stacks that use or adopt resources that exist, and options of registries and endpoints."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, LINK, REGISTRY, SUBNET, ZONE, Deployment
from helpers import EXAMPLES, GUIDE, SUBSCRIPTION, Json

OTHER = "00000000-0000-0000-0000-000000000002"


def test_some_parts_are_adopted_and_the_others_are_created(deployment: Deployment) -> None:
    """A zone is imported, although the case of its id differs, and the other parts are created."""
    deployment.cloud.add(ZONE, resource_group_name="ARO-mobb-RG", name="privatelink.azurecr.io")
    deployment.synthesize(subscription_id=SUBSCRIPTION, adopt=["private_dns_zone"])
    plan = deployment.terraform("plan").stdout
    assert "Plan: 1 to import, 4 to add, 0 to change, 0 to destroy." in plan
    deployment.apply()
    assert deployment.created() == sorted(GUIDE_RESOURCES)


def test_a_second_cluster_shares_the_registry(deployed: Deployment) -> None:
    """The second cluster's stack creates its own endpoint, zone and link, but no registry."""
    deployed.network("second-cluster-rg", "second-cluster-vnet", "10.2.0.0/16")
    ((stack, registry),) = EXAMPLES["second-cluster"].items()
    deployed.synthesize_registry(stack, registry)
    deployed.apply(stack)
    first, second = deployed.outputs(), deployed.outputs(stack)
    assert second["registry_id"] == first["registry_id"]
    assert second["registry_fqdn"] == "acr12345.azurecr.io"
    assert second["registry_private_ip"].startswith("10.2.8.")
    assert (
        second["registry_private_ip"]
        != second["registry_data_endpoints"]["acr12345.eastus.data.azurecr.io"]
    )
    deployed.terraform("destroy", "-auto-approve", stack=stack)
    assert deployed.changes() == {}
    assert deployed.created() == sorted(GUIDE_RESOURCES)


def test_a_connection_waits_for_its_owners_approval(deployment: Deployment) -> None:
    """The outputs are null until the owner's approval, and the next apply sets them."""
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


def test_a_zone_group_of_azure_policy_is_no_change(deployment: Deployment) -> None:
    """The plan is empty after Azure Policy attaches the zone, and the outputs stay the same."""
    deployment.synthesize(private_dns_zone={"managed_by_policy": True})
    deployment.apply()
    assert deployment.created() == sorted([SUBNET, REGISTRY, ENDPOINT])
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


@pytest.mark.parametrize("requested", [False, True])
def test_a_zone_in_another_subscription_is_linked_on_request(
    deployment: Deployment, requested: bool
) -> None:
    """A provider for the zone's subscription creates the links, and registers nothing there."""
    deployment.cloud.add(
        "azurerm_resource_group", name="hub-rg", location="eastus", subscription=OTHER
    )
    zone = deployment.cloud.add(
        ZONE, resource_group_name="hub-rg", name="privatelink.azurecr.io", subscription=OTHER
    )
    with deployment.cloud.edit() as content:
        content["registered"].setdefault(OTHER, []).append("Microsoft.Network")
    hub = deployment.network("net", "hub", "10.9.0.0/16")
    links: Json = {
        "private_dns_zone_virtual_network_link": {},
        "virtual_network_links": {"hub": {"virtual_network_id": hub}},
    }
    deployment.synthesize(private_dns_zone={"id": zone}, **(links if requested else {}))
    deployment.apply()
    created = deployment.cloud.resources(LINK)
    assert len(created) == (2 if requested else 0)
    assert all(id_.startswith(f"{zone}/virtualNetworkLinks/") for id_ in created)
    assert deployment.outputs()["registry_private_ip"]


def test_a_replica_that_is_added_later_has_a_data_endpoint(deployed: Deployment) -> None:
    """Terraform updates the registry in place, and reads the new address in the next refresh."""
    deployed.synthesize(
        container_registry={
            **GUIDE["container_registry"],
            "georeplications": [{"location": "westus"}, {"location": "centralus"}],
        }
    )
    assert deployed.changes() == {REGISTRY: ["update"]}
    deployed.terraform("apply", "-auto-approve")
    deployed.apply()  # refreshes the outputs
    assert set(deployed.outputs()["registry_data_endpoints"]) == {
        f"acr12345.{region}.data.azurecr.io" for region in ("centralus", "eastus", "westus")
    }


def test_static_addresses_replace_a_live_endpoint(deployed: Deployment) -> None:
    """Terraform replaces the endpoint, as the documentation warns, and no other resource."""
    addresses = {"registry": "10.0.8.20", "eastus": "10.0.8.21"}
    deployed.synthesize(private_endpoint={"private_ip_addresses": addresses})
    assert deployed.changes() == {ENDPOINT: ["delete", "create"]}
    deployed.apply()
    assert deployed.outputs()["registry_private_ip"] == "10.0.8.20"


def test_a_stack_is_applied_in_azure_government(deployment: Deployment) -> None:
    """Azure Government has its own environment, zone and domain."""
    with deployment.cloud.edit() as content:
        content["environment"] = "usgovernment"
    deployment.synthesize(environment="usgovernment", location="usgovvirginia")
    deployment.apply()
    outputs = deployment.outputs()
    assert outputs["registry_fqdn"] == "acr12345.azurecr.us"
    assert outputs["registry_private_ip"] == deployment.one(ENDPOINT)["addresses"]["registry"]
    assert set(outputs["registry_data_endpoints"]) == {"acr12345.usgovvirginia.data.azurecr.us"}
