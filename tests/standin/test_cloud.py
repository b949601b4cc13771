"""Tests of ids, of what the cloud shows, and of requests and their faults."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from simulated import (
    ENDPOINT,
    ENDPOINT_TYPE,
    GROUP,
    LINK,
    LINK_TYPE,
    LOCK,
    LOCK_TYPE,
    REGISTRY,
    REGISTRY_TYPE,
    SUBNET,
    SUBNET_TYPE,
    VNET,
    VNET_TYPE,
    ZONE,
    ZONE_TYPE,
    add_lock,
    guide,
    put,
    read,
)

from standin import ids
from standin.cloud import carry_out, view
from standin.requests import Answer, Request, answer, transaction
from standin.store import Cloud


@pytest.fixture
def azure() -> Cloud:
    """Returns a cloud that contains all resources of the guide."""
    return guide()


# Ids


@pytest.mark.parametrize(
    ("type_", "id_"),
    [
        (VNET_TYPE, VNET),
        (SUBNET_TYPE, SUBNET),
        (REGISTRY_TYPE, REGISTRY),
        (ZONE_TYPE, ZONE),
        (LINK_TYPE, LINK),
        (ENDPOINT_TYPE, ENDPOINT),
        (LOCK_TYPE, LOCK),
        ("azurerm_container_registry_token", f"{REGISTRY}/tokens/pull"),
        ("azurerm_container_registry_token_password", f"{REGISTRY}/tokens/a/passwords/password"),
        ("azurerm_container_registry_scope_map", f"{REGISTRY}/scopeMaps/team"),
        ("azurerm_container_registry_cache_rule", f"{REGISTRY}/cacheRules/quay"),
        ("azurerm_container_registry_credential_set", f"{REGISTRY}/credentialSets/hub"),
        ("azurerm_role_assignment", LOCK.replace("/locks/", "/roleAssignments/")),
        (
            "azurerm_user_assigned_identity",
            f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/puller",
        ),
        ("azurerm_monitor_diagnostic_setting", f"{REGISTRY}|audit"),
    ],
)
def test_an_id_can_be_parsed_and_composed_again(type_: str, id_: str) -> None:
    """`compose` returns the same id from the arguments of `parse`, which ignores case."""
    assert ids.compose(type_, ids.parse(type_, id_), "sub") == id_
    assert ids.parse(type_, id_.upper()).keys() == ids.parse(type_, id_).keys()


@pytest.mark.parametrize("kind", ["cache_rule", "credential_set", "scope_map", "token"])
def test_what_lies_in_a_registry_is_created_in_the_providers_subscription(kind: str) -> None:
    """The provider takes the registry's group and name, and a subscription of its own."""
    registry = REGISTRY.replace("/sub/", "/theirs/")
    names = {"resource_group_name": "rg", "container_registry_name": "MyRegistry"}
    values = {"name": "a", "container_registry_id": registry, **names}
    id_ = ids.compose(f"azurerm_container_registry_{kind}", values, "ours")
    assert ids.parent(id_) == REGISTRY.replace("/sub/", "/ours/")


def test_an_id_of_another_type_is_not_parsed() -> None:
    """A subnet's id is not a virtual network's id, although it starts with one."""
    assert ids.parse(VNET_TYPE, SUBNET) == {}


def test_a_name_that_equals_a_fixed_segment_keeps_its_case() -> None:
    """Only fixed segments change their case; a virtual network with the name `SUBNETS` keeps it."""
    id_ = VNET.replace("/vnet", "/SUBNETS").replace("virtualNetworks", "VIRTUALNETWORKS")
    id_ = id_.replace("Microsoft.Network", "microsoft.network")
    assert ids.canonical(id_) == VNET.replace("/vnet", "/SUBNETS")


def test_ids_are_found_in_any_case_and_shown_in_the_providers_case(
    azure: Cloud,
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


def test_an_update_by_an_id_in_another_case_creates_no_resource(azure: Cloud) -> None:
    """An update by an id that differs only in case changes the existing resource."""
    ids_before = list(azure["resources"])
    carry_out(azure, "update", ZONE.upper(), {"type": ZONE_TYPE, "tags": {"a": "b"}})
    assert list(azure["resources"]) == ids_before
    assert read(azure, ZONE)["tags"] == {"a": "b"}


def test_regions_are_normalised(azure: Cloud) -> None:
    """Azure shows the region "East US" as "eastus"."""
    put(azure, REGISTRY, location="East US")
    assert read(azure, REGISTRY)["location"] == "eastus"


def test_a_deleted_resource_is_absent(azure: Cloud) -> None:
    """A deleted resource is absent, and a second deletion has no effect."""
    carry_out(azure, "delete", LINK.upper(), {})
    carry_out(azure, "delete", LINK, {})
    assert view(azure, LINK) is None


def test_what_lies_in_a_deleted_resource_is_absent_too(azure: Cloud) -> None:
    """Azure deletes a registry's tokens, locks and settings with it, and nothing beside it."""
    inside = [f"{REGISTRY}/tokens/pull", f"{REGISTRY}|audit", add_lock(azure)]
    for id_ in (*inside, f"{REGISTRY}2"):
        azure["resources"].setdefault(id_, {"type": REGISTRY_TYPE, "location": "eastus"})
    carry_out(azure, "delete", REGISTRY, {})
    assert not any(id_ in azure["resources"] for id_ in inside)
    assert f"{REGISTRY}2" in azure["resources"]


# Requests, faults and transactions


def send_create(log: list[Any], faults: list[Any], name: str = "a") -> tuple[Answer, list[str]]:
    """Returns the answer to a create request, and the ids that the cloud created."""
    created: list[str] = []
    request = Request("create", "azurerm_subnet", name)
    return answer({"log": log}, faults, request, lambda: created.append(name)), created


@pytest.mark.parametrize(
    ("effect", "created", "error", "has_resource"),
    [
        ("fail", [], "gone wrong", False),
        ("lose_answer", ["a"], "gone wrong", False),
        ("taint", ["a"], "gone wrong", True),
    ],
)
def test_faults_differ_in_their_effects(
    effect: str, created: list[str], error: str, has_resource: bool
) -> None:
    """The faults differ in whether the cloud creates the resource and the answer contains it."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "message": error}
    assert send_create([], [fault]) == (Answer(500, error, has_resource), created)


def test_a_fault_applies_to_the_nth_request() -> None:
    """A fault counts only requests of its own operation and type."""
    fault = {"operation": "create", "type": "azurerm_subnet", "nth": 2, "effect": "fail"}
    log: list[Any] = [{"operation": "delete", "type": "azurerm_subnet", "id": "a", "status": 200}]
    assert [send_create(log, [fault])[0].status for _ in range(3)] == [200, 500, 200]
    for other in ({"operation": "delete"}, {"type": "azurerm_private_endpoint"}):
        assert send_create([], [{**fault, "nth": 1, **other}])[0].status == 200


@pytest.mark.parametrize(("effect", "pending"), [("throttle", 429), ("polls", 202)])
def test_a_delayed_request_is_performed_once(effect: str, pending: int) -> None:
    """A throttled or polled request is performed once, even if other requests come in between."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "times": 2}
    log: list[Any] = []
    answers = [
        send_create(log, [fault]),
        send_create(log, [fault], "b"),
        send_create(log, [fault]),
        send_create(log, [fault]),
    ]
    assert [result.status for result, _ in answers] == [pending, pending, pending, 200]
    assert [created for _, created in answers] == [[], [], [], ["a"]]


def test_each_request_is_delayed_separately() -> None:
    """The delay of an earlier request does not shorten the delay of a later one."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": "polls", "times": 2}
    log: list[Any] = []
    statuses = [send_create(log, [fault, {**fault, "nth": 2}])[0].status for _ in range(6)]
    assert statuses == [202, 202, 200] * 2


def test_azures_error_takes_precedence_over_a_lost_answer() -> None:
    """If Azure refuses a request, the answer is Azure's error, and no resource is created."""
    fault = {"operation": "create", "type": "t", "effect": "lose_answer"}
    result = answer({"log": []}, [fault], Request("create", "t", "a"), lambda: "refused")
    assert result == Answer(400, "refused")


def test_concurrent_transactions_lose_no_change(tmp_path: Path) -> None:
    """Each transaction reads the previous one's changes, even if requests are concurrent."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"count": 0}))

    def add() -> None:
        for _ in range(50):
            with transaction(path) as cloud:
                cloud["count"] += 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(path.read_text()) == {"count": 200}
