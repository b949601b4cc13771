"""What a lock in Azure keeps, and that it steps aside for what Terraform has to do."""

from __future__ import annotations

from typing import Any

import pytest
from deployment import ENDPOINT, LINK, LOCK, LOGS, MADE, REGISTRY, SUBNET, ZONE, Deployment
from helpers import GUIDE, SUBSCRIPTION, Json

WORKSPACE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
    "/Microsoft.OperationalInsights/workspaces/logs"
)
REPLICAS = [{"location": "westus"}, {"location": "centralus"}]
REPLACED = ["delete", "create"]


def synthesize(
    deployment: Deployment, endpoint: Json | None = None, tags: Json | None = None, **registry: Any
) -> None:
    """Write the guide's stack with a lock on its registry."""
    deployment.synthesize(
        tags=tags or {},
        private_endpoint=endpoint or {},
        container_registry={**GUIDE["container_registry"], "lock": "CanNotDelete", **registry},
    )


@pytest.fixture
def locked(deployment: Deployment) -> Deployment:
    """A locked registry with replicas and audit logs."""
    synthesize(deployment, georeplications=REPLICAS, log_analytics_workspace_id=WORKSPACE)
    deployment.apply()
    return deployment


def everything_is_there(deployment: Deployment, *regions: str) -> None:
    """The host names resolve, and one lock is on the registry."""
    deployment.apply()
    hosts = ["acr12345", *(f"acr12345.{region}.data" for region in ("eastus", *regions))]
    assert deployment.records() == {f"{host}.privatelink.azurecr.io" for host in hosts}
    (lock,) = deployment.cloud.resources(LOCK)
    (registry,) = deployment.cloud.resources(REGISTRY)
    assert lock.startswith(f"{registry}/")


def test_the_endpoint_of_a_locked_registry_is_replaced(locked: Deployment) -> None:
    """Azure would refuse it under the lock, after its DNS records are gone."""
    addresses = {
        "registry": "10.0.8.20",
        "eastus": "10.0.8.21",
        "westus": "10.0.8.22",
        "centralus": "10.0.8.23",
    }
    synthesize(
        locked,
        {"private_ip_addresses": addresses},
        georeplications=REPLICAS,
        log_analytics_workspace_id=WORKSPACE,
    )
    assert locked.changes() == {ENDPOINT: REPLACED, LOCK: REPLACED}
    everything_is_there(locked, "westus", "centralus")
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
def test_replicas_of_a_locked_registry_come_and_go(
    locked: Deployment, replicas: list[Json], regions: list[str]
) -> None:
    """One whose zone redundancy changes does both."""
    synthesize(locked, georeplications=replicas, log_analytics_workspace_id=WORKSPACE)
    assert locked.changes() == {REGISTRY: ["update"], LOCK: REPLACED}
    locked.terraform("apply", "-auto-approve")
    everything_is_there(locked, *regions)


@pytest.mark.parametrize("logs", [{"log_analytics_workspace_id": WORKSPACE + "2"}, {}])
def test_audit_logs_of_a_locked_registry_change_and_go(locked: Deployment, logs: Json) -> None:
    """Their setting lies in the registry too; a change in place needs nothing."""
    synthesize(locked, georeplications=REPLICAS, **logs)
    assert locked.changes() == ({LOGS: ["update"]} if logs else {LOGS: ["delete"], LOCK: REPLACED})
    everything_is_there(locked, "westus", "centralus")


def test_the_lock_stays_in_all_other_plans(locked: Deployment) -> None:
    """A tag, an option of the registry and a new name for the zone group leave it alone."""
    synthesize(
        locked,
        {"private_dns_zone_group_name": "group"},
        {"team": "platform"},
        georeplications=REPLICAS,
        log_analytics_workspace_id=WORKSPACE,
        data_endpoint_enabled=True,
    )
    assert set(locked.changes()) == {REGISTRY, ENDPOINT, ZONE, LINK}
    everything_is_there(locked, "westus", "centralus")
    assert locked.cloud.log("delete") == []


def test_a_read_only_lock_steps_aside_for_every_change(deployment: Deployment) -> None:
    """Azure lets nothing in the registry change under it."""
    synthesize(deployment, lock="ReadOnly")
    deployment.apply()
    synthesize(deployment, tags={"team": "platform"}, lock="ReadOnly")
    changes = deployment.changes()
    assert (changes[REGISTRY], changes[LOCK]) == (["update"], REPLACED)
    everything_is_there(deployment)
    synthesize(
        deployment,
        tags={"team": "platform"},
        lock="ReadOnly",
        log_analytics_workspace_id=WORKSPACE,
    )
    assert deployment.changes() == {LOGS: ["create"], LOCK: REPLACED}
    everything_is_there(deployment)


def test_the_lock_stops_other_tools(locked: Deployment) -> None:
    """Here one that does not know of it: the registry and its endpoint outlive it."""
    locked.terraform("state", "rm", locked.address(LOCK))
    synthesize(locked, georeplications=REPLICAS[:1], log_analytics_workspace_id=WORKSPACE)
    said = locked.refused("apply", "-auto-approve")
    assert "ScopeLocked" in said
    assert len(locked.one(REGISTRY)["georeplications"]) == 2


@pytest.fixture
def renamed(deployment: Deployment) -> Deployment:
    """A locked registry whose construct id has been changed."""
    synthesize(deployment)
    deployment.apply()
    deployment.synthesize_own_app("registry")
    return deployment


def test_the_lock_does_not_stop_terraform_itself(renamed: Deployment) -> None:
    """A changed construct id destroys lock and registry, as the documentation says."""
    renamed.terraform("apply", "-auto-approve", check=False)
    assert renamed.cloud.resources(LOCK) == {}
    deleted = [kind for kind, status in renamed.cloud.log("delete") if status == 200]
    assert deleted.index(LOCK) < deleted.index(REGISTRY)


def test_a_lock_of_somebody_else_stops_terraform(renamed: Deployment) -> None:
    """One on the resource group, which no stack here knows of."""
    renamed.cloud.add(LOCK, name="theirs", scope=renamed.cloud.group, lock_level="CanNotDelete")
    before = renamed.one(REGISTRY)
    assert "ScopeLocked" in renamed.refused("apply", "-auto-approve")
    assert renamed.one(REGISTRY) == before


def test_a_moved_block_keeps_everything_under_a_changed_id(deployment: Deployment) -> None:
    """Each resource is moved from its old address; Terraform then has nothing to do."""
    synthesize(deployment)
    deployment.apply()
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
    said = deployment.terraform("apply", "-auto-approve").stdout
    assert "has moved to azurerm_container_registry.registry_container_registry_" in said
    assert "0 added, 0 changed, 0 destroyed" in said
    assert deployment.changes() == {}
    assert deployment.cloud.resources(REGISTRY) == before
    assert deployment.made() == sorted(MADE)
    deployment.synthesize_own_app("registry")
    assert deployment.changes() == {}
