"""Wrong settings fail before any resource is created, if Terraform can detect them."""

from __future__ import annotations

import pytest
from deployment import GUIDE_RESOURCES, Deployment


@pytest.mark.parametrize("command", [("plan",), ("apply", "-auto-approve")])
def test_a_wrong_network_fails_in_the_plan(deployment: Deployment, command: list[str]) -> None:
    """The provider's error names the network, and no resource is created."""
    deployment.synthesize(virtual_network={"name": "no-such-vnet"})
    error = deployment.refused(*command)
    assert 'Resource Group Name: "aro-mobb-rg" Virtual Network Name: "no-such-vnet")' in error
    assert "was not found" in error
    assert deployment.created() == []


@pytest.mark.parametrize("prefix", ["10.1.0.0/23", "10.0.0.0/15", "192.168.0.0/24"])
def test_a_prefix_outside_the_network_fails_in_the_plan(
    deployment: Deployment, prefix: str
) -> None:
    """The error names prefix, network and address space, and no resource is created."""
    deployment.synthesize(endpoint_subnet={"address_prefix": prefix})
    error = deployment.refused("apply", "-auto-approve")
    assert (
        f"The address prefix {prefix} is outside the address space of the virtual network "
        "aro-rcarrata-vnet: 10.0.0.0/16."
    ) in error
    assert deployment.created() == []


def test_an_overlapping_prefix_fails_the_apply_and_can_be_corrected(
    deployment: Deployment,
) -> None:
    """Azure's error names the subnet, and the next apply with another prefix finishes."""
    deployment.cloud.add(
        "azurerm_subnet",
        resource_group_name="aro-mobb-rg",
        virtual_network_name="aro-rcarrata-vnet",
        name="master-subnet",
        address_prefixes=["10.0.8.0/24"],
    )
    deployment.synthesize()
    error = deployment.refused("apply", "-auto-approve")
    assert "overlaps with that of an existing subnet" in error
    assert "PrivateEndpoint-subnet" in error
    deployment.synthesize(endpoint_subnet={"address_prefix": "10.0.10.0/24"})
    deployment.apply()
    assert deployment.created() == sorted([*GUIDE_RESOURCES, "azurerm_subnet"])


@pytest.mark.parametrize("registers", [True, False])
def test_the_provider_refuses_the_variable_that_skips_registration(
    deployment: Deployment, registers: bool
) -> None:
    """Only ``register_resource_providers`` can turn registration off, as README describes."""
    deployment.synthesize(register_resource_providers=registers)
    deployment.environ["ARM_SKIP_PROVIDER_REGISTRATION"] = "true"
    assert "please remove `skip_provider_registration`" in deployment.refused("plan")
