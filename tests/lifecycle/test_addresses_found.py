"""Terraform stops with an error if a host name has no address or two addresses."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, Deployment


def test_a_missing_address_stops_the_apply(deployed: Deployment) -> None:
    """A rejected connection has no addresses; the outputs keep their values."""
    before = deployed.outputs()
    deployed.change(ENDPOINT, status="Rejected")
    error = deployed.refused("apply", "-auto-approve")
    assert "has 0 addresses for acr12345.azurecr.io ()" in error
    assert "it must have one" in error
    assert deployed.outputs() == before


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (
            "registry",
            "has 2 addresses for acr12345.azurecr.io (10.0.8.5, 10.0.8.9); it must have one",
        ),
        (
            "registry_data_eastus",
            "Each host name of the private endpoint must have one address: "
            '{"acr12345.azurecr.io":["10.0.8.5"],'
            '"acr12345.eastus.data.azurecr.io":["10.0.8.5","10.0.8.9"]}',
        ),
    ],
)
def test_two_addresses_stop_the_apply(deployed: Deployment, member: str, message: str) -> None:
    """A second address of any host name is an error, because one of the two would be wrong."""
    addresses = {"registry_data_eastus": "10.0.8.4", "registry": "10.0.8.5"}
    deployed.change(ENDPOINT, addresses={**addresses, member: "10.0.8.5,10.0.8.9"})
    assert message in deployed.refused("apply", "-auto-approve")
