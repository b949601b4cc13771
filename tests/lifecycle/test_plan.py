"""What is wrong fails before anything is made, as far as Terraform can see it."""

from __future__ import annotations

import pytest
from deployment import MADE, Deployment


@pytest.mark.parametrize("command", [("plan",), ("apply", "-auto-approve")])
def test_a_wrong_network_fails_in_the_plan(deployment: Deployment, command: list[str]) -> None:
    """The provider names it, and nothing is made."""
    deployment.synthesize(virtual_network={"name": "no-such-vnet"})
    said = deployment.refused(*command)
    assert "no-such-vnet" in said
    assert "was not found" in said
    assert deployment.made() == []


@pytest.mark.parametrize("prefix", ["10.1.0.0/23", "10.0.0.0/15", "192.168.0.0/24"])
def test_a_prefix_outside_the_network_fails_in_the_plan(
    deployment: Deployment, prefix: str
) -> None:
    """The message names prefix, network and address space, and nothing is made."""
    deployment.synthesize(endpoint_subnet={"address_prefix": prefix})
    said = deployment.refused("apply", "-auto-approve")
    assert (
        f"The address prefix {prefix} is outside the address space of the virtual network "
        "aro-rcarrata-vnet: 10.0.0.0/16."
    ) in said
    assert deployment.made() == []


def test_a_prefix_that_overlaps_is_found_at_apply_and_a_right_one_finishes(
    deployment: Deployment,
) -> None:
    """Azure names the subnet; what was made meanwhile is kept."""
    deployment.cloud.add(
        "azurerm_subnet",
        resource_group_name="aro-mobb-rg",
        virtual_network_name="aro-rcarrata-vnet",
        name="master-subnet",
        address_prefixes=["10.0.8.0/24"],
    )
    deployment.synthesize()
    said = deployment.refused("apply", "-auto-approve")
    assert "overlaps with that of an existing subnet" in said
    assert "PrivateEndpoint-subnet" in said
    deployment.synthesize(endpoint_subnet={"address_prefix": "10.0.10.0/24"})
    deployment.apply()
    assert deployment.made() == sorted([*MADE, "azurerm_subnet"])


@pytest.mark.parametrize("registers", [True, False])
def test_skipping_registration_by_variable_is_refused_by_the_provider(
    deployment: Deployment, registers: bool
) -> None:
    """As README says: the settings' own way has to be taken."""
    deployment.synthesize(register_resource_providers=registers)
    deployment.environ["ARM_SKIP_PROVIDER_REGISTRATION"] = "true"
    assert "please remove `skip_provider_registration`" in deployment.refused("plan")
