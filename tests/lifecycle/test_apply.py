"""A stack's whole life: init, validate, plan, apply, outputs, an empty plan, destroy."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, MADE, REGISTRY, Deployment
from helpers import EXAMPLES, ROOT

from constructs_lib.settings import load

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/aro-mobb-rg"


@pytest.mark.parametrize("order", ["as made", "reversed"])
def test_the_shipped_file_lives_its_life(deployment: Deployment, order: str) -> None:
    """Outputs are what the cloud holds for each member, in whichever order it lists them."""
    shipped = load(str(ROOT / "registries.yaml"), {}).settings.registries["aro-private-acr"]
    settings = {**shipped.model_dump(), "deletion_protection": False}
    with deployment.cloud.edit() as there:
        there["record_order"] = order
    deployment.synthesize(**settings)
    deployment.terraform("validate")
    assert deployment.changes() == {kind: ["create"] for kind in MADE}
    assert deployment.made() == []
    deployment.apply()
    addresses = deployment.one(ENDPOINT)["addresses"]
    assert set(addresses) == {"registry", "registry_data_eastus"}
    assert deployment.outputs() == {
        "registry_id": f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acr12345",
        "registry_fqdn": "acr12345.azurecr.io",
        "registry_private_ip": addresses["registry"],
        "registry_data_endpoints": {
            "acr12345.eastus.data.azurecr.io": addresses["registry_data_eastus"]
        },
        "network_interface_id": (
            f"{GROUP}/providers/Microsoft.Network/networkInterfaces/acrPvtEndpoint.nic"
        ),
    }
    deployment.terraform("destroy", "-auto-approve")
    assert deployment.made() == []


def test_every_option_lives_its_life(deployment: Deployment) -> None:
    """The network is in another group and region, the registry's name has capitals and a label."""
    deployment.network("network-rg", "aro-vnet", "10.8.0.0/16", "10.1.0.0/24", location="westus")
    deployment.cloud.add(
        "azurerm_virtual_network",
        resource_group_name="network-rg",
        name="hub-vnet",
        location="westus",
        address_space=["10.9.0.0/16"],
    )
    with deployment.cloud.edit() as there:
        there["domain_name_label"] = "abc123"
        for namespaces in there["registered"].values():
            namespaces.append("Microsoft.ContainerRegistry")
    deployment.synthesize_registry("acr", EXAMPLES["every-option"]["every-option"])
    del deployment.environ["ARM_SUBSCRIPTION_ID"]
    deployment.apply()
    outputs = deployment.outputs()
    assert outputs["registry_fqdn"] == "mycompanyacr-abc123.azurecr.io"
    assert outputs["registry_private_ip"] == "10.1.0.20"
    assert outputs["registry_data_endpoints"] == {
        "mycompanyacr-abc123.eastus2.data.azurecr.io": "10.1.0.21",
        "mycompanyacr-abc123.centralus.data.azurecr.io": "10.1.0.22",
        "mycompanyacr-abc123.westus.data.azurecr.io": "10.1.0.23",
    }
    tags = {"team": "platform", "literal": "${a} %{ b }"}
    assert deployment.one(ENDPOINT)["tags"] == tags
    assert deployment.one(REGISTRY)["tags"] == {**tags, "env": "prod"}
    assert deployment.one(ENDPOINT)["location"] == "westus"
    deployment.terraform("destroy", "-auto-approve")
    assert deployment.made() == []


def test_tags_of_any_kind_leave_no_change(deployment: Deployment) -> None:
    """Private DNS drops some, and a registry's own tags replace common ones."""
    with pytest.warns(UserWarning, match="Cost Center"):
        deployment.synthesize(
            tags={"Team": "platform", "Cost Center": "12"},
            container_registry={"name": "acr12345", "tags": {"team": "registry"}},
        )
    deployment.apply()
    assert deployment.one(REGISTRY)["tags"] == {"Cost Center": "12", "team": "registry"}


def test_two_stacks_live_side_by_side(deployment: Deployment) -> None:
    """Each has its own state, and what is done to one leaves the other alone."""
    deployment.network("other", "other")
    deployment.synthesize(stack="one", deletion_protection=False)
    deployment.synthesize(
        stack="two",
        resource_group_name="other",
        virtual_network={"name": "other"},
        container_registry={"name": "other12345"},
    )
    deployment.apply("one")
    deployment.apply("two")
    assert deployment.made() == sorted(MADE * 2)
    assert deployment.changes("one") == {}
    one, two = deployment.outputs("one"), deployment.outputs("two")
    assert not set(one["registry_data_endpoints"]) & set(two["registry_data_endpoints"])
    deployment.terraform("destroy", "-auto-approve", stack="one")
    assert deployment.changes("two") == {}


def test_an_identity_without_rights_on_the_subscription_registers_nothing(
    deployment: Deployment,
) -> None:
    """The provider takes no request for it, and Azure says what is missing."""
    deployment.synthesize(register_resource_providers=False)
    assert "not registered to use namespace" in deployment.refused("apply", "-auto-approve")
    assert deployment.cloud.log("register") == []
    with deployment.cloud.edit() as there:
        for namespaces in there["registered"].values():
            namespaces.append("Microsoft.ContainerRegistry")
    deployment.apply()
    assert deployment.cloud.log("register") == []
