"""Tests of what the cloud shows and keeps, of every type."""

from simulated import (
    ENDPOINT,
    LINK,
    REGISTRY,
    REGISTRY_TYPE,
    SUBNET,
    ZONE,
    ZONE_TYPE,
    add_lock,
    put,
    read,
)

from standin.cloud import carry_out, view
from standin.store import Contents


def test_ids_are_found_in_any_case_and_shown_in_the_providers_case(
    azure: Contents,
) -> None:
    """Azure may return ids in any case; the provider shows them in its own case, also in blocks."""
    connection = azure["resources"][ENDPOINT]["private_service_connection"][0]
    connection["private_connection_resource_id"] = REGISTRY.replace(
        "resourceGroups", "RESOURCEgroups"
    )
    azure["resources"][ENDPOINT]["subnet_id"] = SUBNET.replace("subnets", "Subnets")
    endpoint = read(azure, ENDPOINT.upper())
    assert endpoint["id"] == ENDPOINT
    assert endpoint["subnet_id"] == SUBNET
    assert endpoint["private_service_connection"][0]["private_connection_resource_id"] == REGISTRY
    azure["resources"][SUBNET.replace("subnets", "Subnets")] = azure["resources"].pop(SUBNET)
    assert read(azure, SUBNET)["id"] == SUBNET


def test_an_update_by_an_id_in_another_case_creates_no_resource(azure: Contents) -> None:
    """An update by an id that differs only in case changes the existing resource."""
    ids_before = list(azure["resources"])
    carry_out(azure, "update", ZONE.upper(), {"type": ZONE_TYPE, "tags": {"a": "b"}})
    assert list(azure["resources"]) == ids_before
    assert read(azure, ZONE)["tags"] == {"a": "b"}


def test_regions_are_normalised(azure: Contents) -> None:
    """Azure shows the region "East US" as "eastus"."""
    put(azure, REGISTRY, location="East US")
    assert read(azure, REGISTRY)["location"] == "eastus"


def test_a_deleted_resource_is_absent(azure: Contents) -> None:
    """A deleted resource is absent, and a second deletion has no effect."""
    carry_out(azure, "delete", LINK.upper(), {})
    carry_out(azure, "delete", LINK, {})
    assert view(azure, LINK) is None


def test_what_lies_in_a_deleted_resource_is_absent_too(azure: Contents) -> None:
    """Azure deletes a registry's tokens, locks and settings with it, and nothing beside it."""
    inside = [f"{REGISTRY}/tokens/pull", f"{REGISTRY}|audit", add_lock(azure)]
    for id_ in (*inside, f"{REGISTRY}2"):
        azure["resources"].setdefault(id_, {"type": REGISTRY_TYPE, "location": "eastus"})
    carry_out(azure, "delete", REGISTRY, {})
    assert not any(id_ in azure["resources"] for id_ in inside)
    assert f"{REGISTRY}2" in azure["resources"]
