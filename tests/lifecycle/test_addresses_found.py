"""No address for the registry, or two, and Terraform stops with a message."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, Deployment


def test_no_address_stops(deployed: Deployment) -> None:
    """As when the connection is no longer approved; the outputs keep what they were."""
    before = deployed.outputs()
    deployed.change(ENDPOINT, status="Rejected")
    said = deployed.refused("apply", "-auto-approve")
    assert "has 0 addresses for acr12345.azurecr.io ()" in said
    assert "it must have one" in said
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
def test_two_addresses_stop(deployed: Deployment, member: str, message: str) -> None:
    """Whichever host has them: one of the two would be wrong."""
    addresses = {"registry_data_eastus": "10.0.8.4", "registry": "10.0.8.5"}
    deployed.change(ENDPOINT, addresses={**addresses, member: "10.0.8.5,10.0.8.9"})
    assert message in deployed.refused("apply", "-auto-approve")
