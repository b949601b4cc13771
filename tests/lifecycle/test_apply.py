"""The life cycle of a stack: init, validate, plan, apply, outputs, an empty plan, destroy."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, REGISTRY, Deployment
from helpers import EXAMPLES, ROOT

from constructs_lib.settings import load

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/aro-mobb-rg"


@pytest.mark.parametrize("order", ["as created", "reversed"])
def test_the_shipped_file_is_applied_and_destroyed(deployment: Deployment, order: str) -> None:
    """The outputs are the cloud's address of each member, in whatever order it lists them."""
    shipped = load(str(ROOT / "registries.yaml"), {}).settings.registries["aro-private-acr"]
    settings = {**shipped.model_dump(), "deletion_protection": False}
    with deployment.cloud.edit() as content:
        content["record_order"] = order
    deployment.synthesize(**settings)
    deployment.terraform("validate")
    assert deployment.changes() == {kind: ["create"] for kind in GUIDE_RESOURCES}
    assert deployment.created() == []
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
    assert deployment.created() == []


def test_every_option_is_applied_and_destroyed(deployment: Deployment) -> None:
    """The network is in another group and region; the registry's name has capitals and a label."""
    deployment.network("network-rg", "aro-vnet", "10.8.0.0/16", "10.1.0.0/24", location="westus")
    deployment.cloud.add(
        "azurerm_virtual_network",
        resource_group_name="network-rg",
        name="hub-vnet",
        location="westus",
        address_space=["10.9.0.0/16"],
    )
    with deployment.cloud.edit() as content:
        content["domain_name_label"] = "abc123"
        for namespaces in content["registered"].values():
            namespaces.append("Microsoft.ContainerRegistry")
    settings = EXAMPLES["every-option"]["every-option"]
    section = settings.container_registry
    with deployment.cloud.edit() as content:  # what the settings name and do not create
        for id_ in (each.credential_set_id for each in section.cache_rules):
            if id_:
                content["resources"][id_] = {"type": "azurerm_container_registry_credential_set"}
        for id_ in (each.key_vault_id for each in section.credential_sets.values()):
            if id_:
                content["resources"][id_] = {"type": "vaults"}
    deployment.synthesize_registry("acr", settings)
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
    assert deployment.created() == []


def test_tags_leave_an_empty_plan(deployment: Deployment) -> None:
    """Tags that private DNS drops or that the registry replaces are no change."""
    with pytest.warns(UserWarning, match="Cost Center"):
        deployment.synthesize(
            tags={"Team": "platform", "Cost Center": "12"},
            container_registry={"name": "acr12345", "tags": {"team": "registry"}},
        )
    deployment.apply()
    assert deployment.one(REGISTRY)["tags"] == {"Cost Center": "12", "team": "registry"}


def test_two_stacks_are_independent(deployment: Deployment) -> None:
    """Each stack has its own state, and the destruction of one does not change the other."""
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
    assert deployment.created() == sorted(GUIDE_RESOURCES * 2)
    assert deployment.changes("one") == {}
    one, two = deployment.outputs("one"), deployment.outputs("two")
    assert not set(one["registry_data_endpoints"]) & set(two["registry_data_endpoints"])
    deployment.terraform("destroy", "-auto-approve", stack="one")
    assert deployment.changes("two") == {}


def test_no_resource_provider_is_registered_if_registration_is_off(
    deployment: Deployment,
) -> None:
    """The provider sends no request to register, and Azure reports the missing registration."""
    deployment.synthesize(register_resource_providers=False)
    assert "not registered to use namespace" in deployment.refused("apply", "-auto-approve")
    assert deployment.cloud.log("register") == []
    with deployment.cloud.edit() as content:
        for namespaces in content["registered"].values():
            namespaces.append("Microsoft.ContainerRegistry")
    deployment.apply()
    assert deployment.cloud.log("register") == []
