"""Tests of management locks: what they refuse, and what they don't cover."""

from typing import Any

import pytest
from simulated import (
    ENDPOINT,
    GROUP,
    HERE,
    LINK,
    REGISTRY,
    SUBNET,
    add_lock,
    put,
    refused,
    replicas,
)

from standin.cloud import read_error
from standin.refusals import Refusal
from standin.resources.subscriptions import register
from standin.store import Contents


@pytest.mark.parametrize("scope", [REGISTRY, GROUP, REGISTRY.upper()])
@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_a_lock_blocks_deletion_in_its_scope(azure: Contents, level: str, scope: str) -> None:
    """A lock on a resource or its parent blocks the resource's deletion, but not the lock's."""
    lock = add_lock(azure, level, scope)
    assert refused(azure, "delete", REGISTRY) is Refusal.LOCKED
    assert refused(azure, "delete", lock) is None


def test_a_lock_does_not_cover_other_resources(azure: Contents) -> None:
    """A lock on `MyRegistry` does not cover `MyRegistry2`, its endpoint or other resources."""
    add_lock(azure)
    put(azure, f"{REGISTRY}2", location="eastus")
    connection = {"private_connection_resource_id": f"{REGISTRY}2"}
    other: Any = {"subnet_id": SUBNET, "private_service_connection": [connection]}
    assert refused(azure, "delete", f"{REGISTRY}2") is None
    assert refused(azure, "delete", ENDPOINT, **other) is None
    assert refused(azure, "delete", LINK) is None


def test_a_lock_covers_the_endpoints_of_its_registry(azure: Contents) -> None:
    """A lock covers an endpoint of the registry, because the connection belongs to the registry."""
    add_lock(azure)
    assert refused(azure, "delete", ENDPOINT) is Refusal.LOCKED
    assert refused(azure, "update", ENDPOINT) is None
    assert refused(azure, "create", f"{ENDPOINT}2", ENDPOINT) is None
    add_lock(azure, "ReadOnly")
    for operation in ("create", "update", "delete"):
        assert refused(azure, operation, ENDPOINT) is Refusal.LOCKED


def test_a_lock_covers_extension_resources(azure: Contents) -> None:
    """A diagnostic setting inherits the lock of its target resource."""
    register(azure, f"{HERE}/providers/Microsoft.Insights")
    logs = f"{REGISTRY}|audit"
    put(azure, logs)
    add_lock(azure)
    assert refused(azure, "delete", logs) is Refusal.LOCKED
    assert refused(azure, "update", logs) is None
    add_lock(azure, "ReadOnly")
    assert refused(azure, "update", logs) is Refusal.LOCKED


@pytest.mark.parametrize(
    "changed",
    [
        replicas("westus"),
        replicas("West US", "centralus", "northeurope"),
        [{"location": "centralus", "zone_redundancy_enabled": True}, *replicas("westus")],
    ],
)
def test_a_lock_blocks_changes_of_replicas(azure: Contents, changed: list[dict[str, Any]]) -> None:
    """A lock blocks a change that creates or deletes a replica; zone redundancy does both."""
    register(azure, f"{HERE}/providers/Microsoft.ContainerRegistry")
    put(azure, REGISTRY, georeplications=replicas("centralus", "westus"))
    assert refused(azure, "update", REGISTRY, georeplications=changed) is None
    add_lock(azure)
    assert refused(azure, "update", REGISTRY, georeplications=changed) is Refusal.LOCKED
    unchanged = [{"location": "Central US", "tags": {"a": "b"}}, *replicas("West US")]
    assert refused(azure, "update", REGISTRY, georeplications=unchanged, tags={"a": "b"}) is None


def test_a_read_only_lock_blocks_changes(azure: Contents) -> None:
    """A ReadOnly lock on a registry blocks changes of the registry and its children only."""
    add_lock(azure, "ReadOnly")
    token = f"{REGISTRY}/tokens/pull"
    assert refused(azure, "update", REGISTRY) is Refusal.LOCKED
    assert refused(azure, "create", token) is Refusal.LOCKED
    put(azure, token)
    password = f"{token}/passwords/password"
    assert refused(azure, "create", password) is Refusal.LOCKED  # generateCredentials is a POST
    assert refused(azure, "update", SUBNET) is None


def test_a_read_only_lock_blocks_the_list_of_credentials(azure: Contents) -> None:
    """If the admin user is enabled, each refresh sends a POST request, which the lock blocks."""
    add_lock(azure, "ReadOnly")
    assert read_error(azure, REGISTRY) is None
    put(azure, REGISTRY, admin_enabled=True)
    assert str(read_error(azure, REGISTRY)).startswith("ScopeLocked: ")
    add_lock(azure)
    assert read_error(azure, REGISTRY) is None


def test_a_lock_allows_the_deletion_of_passwords(azure: Contents) -> None:
    """Azure deletes passwords by an update of the token, which a CanNotDelete lock allows."""
    add_lock(azure)
    token = f"{REGISTRY}/tokens/pull"
    password = f"{token}/passwords/password"
    put(azure, token)
    put(azure, password, password1=[{}])
    assert refused(azure, "delete", token) is Refusal.LOCKED
    assert refused(azure, "delete", password) is None
    add_lock(azure, "ReadOnly")
    assert refused(azure, "delete", password) is Refusal.LOCKED
