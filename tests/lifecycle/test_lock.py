"""The lock of the registry in Azure: it stops other tools, and Terraform can replace it."""

from __future__ import annotations

from typing import Any

import pytest
from deployment import (
    ENDPOINT,
    GUIDE_RESOURCES,
    LINK,
    LOCK,
    LOGS,
    REGISTRY,
    SUBNET,
    ZONE,
    Deployment,
)
from helpers import GUIDE, SUBSCRIPTION, Json
from lifecycle import Prepared

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg"
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"
REPLICAS = [{"location": "westus"}, {"location": "centralus"}]
LOGGED: Json = {"log_analytics_workspace_id": WORKSPACE}
WITH_ALL: Json = {"georeplications": REPLICAS, **LOGGED}
REPLACED = ["delete", "create"]


def synthesize(
    deployment: Deployment, endpoint: Json | None = None, tags: Json | None = None, **registry: Any
) -> None:
    """Synthesize the guide's stack with a lock on its registry."""
    deployment.synthesize(
        tags=tags or {},
        private_endpoint=endpoint or {},
        container_registry={**GUIDE["container_registry"], "lock": "CanNotDelete", **registry},
    )


def apply_with_replicas(deployment: Deployment) -> None:
    """Apply the guide's stack with a lock on its registry, with replicas and audit logs."""
    synthesize(deployment, **WITH_ALL)
    deployment.apply()


def apply_alone(deployment: Deployment) -> None:
    """Apply the guide's stack with a lock on its registry, and nothing else."""
    synthesize(deployment)
    deployment.apply()


@pytest.fixture
def locked(deployment: Deployment, prepared: Prepared) -> Deployment:
    """A deployment of a locked registry with replicas and audit logs."""
    deployment.copy(prepared(apply_with_replicas))
    return deployment


def apply_and_check(deployment: Deployment, *regions: str) -> None:
    """Apply the stack, and assert that the host names resolve and the registry has one lock."""
    deployment.apply()
    hosts = ["acr12345", *(f"acr12345.{region}.data" for region in ("eastus", *regions))]
    assert deployment.records() == {f"{host}.privatelink.azurecr.io" for host in hosts}
    (lock,) = deployment.cloud.resources(LOCK)
    (registry,) = deployment.cloud.resources(REGISTRY)
    assert lock.startswith(f"{registry}/")


def test_the_endpoint_of_a_locked_registry_is_replaced(locked: Deployment) -> None:
    """Terraform also replaces the lock, under which Azure would refuse to delete the endpoint."""
    addresses = {
        "registry": "10.0.8.20",
        "eastus": "10.0.8.21",
        "westus": "10.0.8.22",
        "centralus": "10.0.8.23",
    }
    synthesize(locked, {"private_ip_addresses": addresses}, **WITH_ALL)
    assert locked.changes() == {ENDPOINT: REPLACED, LOCK: REPLACED}
    apply_and_check(locked, "westus", "centralus")
    assert locked.outputs()["registry_private_ip"] == "10.0.8.20"


@pytest.mark.parametrize(
    ("replicas", "regions"),
    [
        (REPLICAS[:1], ["westus"]),
        ([], []),
        ([*REPLICAS, {"location": "northeurope"}], ["westus", "centralus", "northeurope"]),
        (
            [{"location": "westus", "zone_redundancy_enabled": True}, REPLICAS[1]],
            ["westus", "centralus"],
        ),
    ],
)
def test_replicas_of_a_locked_registry_are_added_and_removed(
    locked: Deployment, replicas: list[Json], regions: list[str]
) -> None:
    """A replica with another zone redundancy is removed and added."""
    synthesize(locked, georeplications=replicas, **LOGGED)
    assert locked.changes() == {REGISTRY: ["update"], LOCK: REPLACED}
    locked.terraform("apply", "-auto-approve")
    apply_and_check(locked, *regions)


@pytest.mark.parametrize("logs", [{"log_analytics_workspace_id": WORKSPACE + "2"}, {}])
def test_audit_logs_of_a_locked_registry_are_changed(locked: Deployment, logs: Json) -> None:
    """Terraform replaces the lock to delete the audit logs, but not to update them."""
    synthesize(locked, georeplications=REPLICAS, **logs)
    assert locked.changes() == ({LOGS: ["update"]} if logs else {LOGS: ["delete"], LOCK: REPLACED})
    apply_and_check(locked, "westus", "centralus")


def test_the_lock_stays_in_all_other_plans(locked: Deployment) -> None:
    """A tag, an option of the registry and a new name of the zone group do not replace the lock.

    azurerm deletes the zone group to rename it, which a lock on the registry does not stop.
    """
    endpoint, tags = {"private_dns_zone_group_name": "group"}, {"team": "platform"}
    synthesize(locked, endpoint, tags, data_endpoint_enabled=True, **WITH_ALL)
    assert set(locked.changes()) == {REGISTRY, ENDPOINT, ZONE, LINK}
    apply_and_check(locked, "westus", "centralus")
    assert locked.cloud.log("delete") == [("private_dns_zone_group", 200)]


def test_a_read_only_lock_is_replaced_for_every_change(deployment: Deployment) -> None:
    """Azure refuses every change under a ReadOnly lock, so that Terraform replaces the lock."""
    synthesize(deployment, lock="ReadOnly")
    deployment.apply()
    synthesize(deployment, tags={"team": "platform"}, lock="ReadOnly")
    changes = deployment.changes()
    assert (changes[REGISTRY], changes[LOCK]) == (["update"], REPLACED)
    apply_and_check(deployment)
    synthesize(deployment, tags={"team": "platform"}, lock="ReadOnly", **LOGGED)
    assert deployment.changes() == {LOGS: ["create"], LOCK: REPLACED}
    apply_and_check(deployment)


def test_the_lock_stops_other_tools(locked: Deployment) -> None:
    """Without the lock in its state, Terraform is like another tool, and removes no replica."""
    locked.terraform("state", "rm", locked.address(LOCK))
    synthesize(locked, georeplications=REPLICAS[:1], **LOGGED)
    error = locked.refused("apply", "-auto-approve")
    assert "ScopeLocked" in error
    assert len(locked.one(REGISTRY)["georeplications"]) == 2


@pytest.fixture
def renamed(deployment: Deployment, prepared: Prepared) -> Deployment:
    """A deployment of a locked registry, synthesized again with another construct id."""
    deployment.copy(prepared(apply_alone))
    deployment.synthesize_own_app("registry")
    return deployment


def test_the_lock_does_not_stop_terraform_itself(renamed: Deployment) -> None:
    """After a change of the construct id, Terraform destroys the lock and then the registry."""
    renamed.terraform("apply", "-auto-approve", check=False)
    assert renamed.cloud.resources(LOCK) == {}
    deleted = [kind for kind, status in renamed.cloud.log("delete") if status == 200]
    assert deleted.index(LOCK) < deleted.index(REGISTRY)


def test_a_lock_of_somebody_else_stops_terraform(renamed: Deployment) -> None:
    """A lock on the resource group that no stack creates keeps the registry."""
    renamed.cloud.add(LOCK, name="theirs", scope=GROUP, lock_level="CanNotDelete")
    before = renamed.one(REGISTRY)
    assert "ScopeLocked" in renamed.refused("apply", "-auto-approve")
    assert renamed.one(REGISTRY) == before


def test_a_moved_block_keeps_everything_under_a_changed_id(
    deployment: Deployment, prepared: Prepared
) -> None:
    """Terraform moves each resource from its old address, and changes none of them."""
    deployment.copy(prepared(apply_alone))
    before = deployment.cloud.resources(REGISTRY)
    parts = {
        "endpoint_subnet": SUBNET,
        "container_registry": REGISTRY,
        "private_dns_zone": ZONE,
        "private_dns_zone_virtual_network_link": LINK,
        "private_endpoint": ENDPOINT,
        "lock": LOCK,
    }
    moved = {part: deployment.address(kind) for part, kind in parts.items()}
    deployment.synthesize_own_app("registry", moved)
    output = deployment.terraform("apply", "-auto-approve").stdout
    assert "has moved to azurerm_container_registry.registry_container_registry_" in output
    assert "0 added, 0 changed, 0 destroyed" in output
    assert deployment.changes() == {}
    assert deployment.cloud.resources(REGISTRY) == before
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    deployment.synthesize_own_app("registry")
    assert deployment.changes() == {}
