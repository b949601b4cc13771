"""What two registries may not both make."""

from __future__ import annotations

import copy

import pytest
from helpers import GUIDE, Json

from constructs_lib.clashes import clashes

OTHER: Json = {
    "resource_group_name": "other-rg",
    "location": "eastus",
    "virtual_network": {"name": "other-vnet"},
    "endpoint_subnet": {"address_prefix": "10.0.8.0/23"},
    "container_registry": {"name": "other12345"},
}
"""A registry that shares nothing with the guide's but the names that Azure allows twice."""


def clashing(**changes: object) -> list[str]:
    """The keys of the other registry, so changed, that clash with the guide's."""
    found = clashes({"one": GUIDE, "two": {**copy.deepcopy(OTHER), **changes}})
    return [".".join(clash.key) for clash in found]


def test_two_registries_may_share_names_that_are_not_shared_by_azure() -> None:
    """The same subnet, link and endpoint names in another network and group are fine."""
    assert clashing() == []


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        (
            {"container_registry": {"name": "ACR12345"}},
            ["two.container_registry.name"],
        ),
        (
            {"resource_group_name": "ARO-mobb-rg"},
            ["two.resource_group_name", "two.private_endpoint.name"],
        ),
        (
            {"resource_group_name": "aro-mobb-rg", "private_endpoint": {"name": "other"}},
            ["two.resource_group_name"],
        ),
        (
            {
                "virtual_network": {
                    "name": "ARO-rcarrata-vnet",
                    "resource_group_name": "aro-MOBB-rg",
                }
            },
            ["two.virtual_network.name", "two.endpoint_subnet.name"],
        ),
        (
            {
                "virtual_network": {
                    "name": "aro-rcarrata-vnet",
                    "resource_group_name": "aro-mobb-rg",
                },
                "endpoint_subnet": {"name": "other"},
            },
            ["two.virtual_network.name"],
        ),
    ],
)
def test_one_thing_is_made_by_one_registry(changes: Json, keys: list[str]) -> None:
    """Capitals don't matter to Azure."""
    assert clashing(**changes) == keys


def test_another_subscription_is_another_group_and_network_but_not_another_name() -> None:
    """A registry's name is unique in all of Azure; a group's in its subscription."""
    same = {**GUIDE, "subscription_id": "00000000-0000-0000-0000-000000000001"}
    found = [".".join(clash.key) for clash in clashes({"one": GUIDE, "two": same})]
    assert found == ["two.container_registry.name"]


def test_two_stacks_may_not_share_a_folder() -> None:
    """On a system where capitals don't matter, one would overwrite the other, and its state."""
    found = [clash.key for clash in clashes({"acr": GUIDE, "Acr": OTHER})]
    assert found == [("Acr",)]


@pytest.mark.parametrize("broken", [None, "text", [], {}, {"virtual_network": "x", "tags": 1}])
def test_what_is_not_a_registry_clashes_with_nothing(broken: object) -> None:
    """Other rules say what is wrong with it."""
    assert list(clashes({"one": broken, "two": broken, "three": GUIDE})) == []
