"""What an apply does to the names of the registries, while it goes on."""

from __future__ import annotations

import copy

import pytest
from simulated import ENDPOINT, ENDPOINT_TYPE, REGISTRY, SUBNET, ZONE, guide

from simulation.cluster import carried_out, resolved
from simulation.stacks import Stack
from standin.cloud import requests

STACK = Stack(
    "acr",
    {
        "provider": {"azurerm": [{"subscription_id": "sub"}]},
        "resource": {
            ENDPOINT_TYPE: {
                "it": {
                    "name": "pe",
                    "resource_group_name": "rg",
                    "subnet_id": SUBNET,
                    "private_service_connection": [{"private_connection_resource_id": REGISTRY}],
                }
            }
        },
    },
)


@pytest.mark.parametrize(("name", "status"), [("other", 200), ("other", 400), ("default", 200)])
def test_a_zone_group_with_another_name_interrupts_pulls(name: str, status: int) -> None:
    """Azurerm deletes it first; a request that is refused changes no name, and takes none away."""
    before = guide()
    endpoint = copy.deepcopy(before["resources"][ENDPOINT])
    endpoint["private_dns_zone_group"] = [{"name": name, "private_dns_zone_ids": [ZONE]}]
    after = copy.deepcopy(before)
    for operation, id_, values in requests(before, "update", ENDPOINT, endpoint):
        entry = {"operation": operation, "id": id_, "resource": values, "status": status}
        after["log"].append(entry)
    found = [
        (operation, id_.split("/")[-1], set(resolved(contents, STACK).values()))
        for operation, id_, contents in carried_out(before, after)
    ]
    addresses = set(before["resources"][ENDPOINT]["addresses"].values())
    written = [("update", "pe", addresses)]
    interruption = [("delete", "default", {None}), ("create", "other", addresses)]
    expected = written + (interruption if name == "other" else [])
    assert found == (expected if status == 200 else [])
