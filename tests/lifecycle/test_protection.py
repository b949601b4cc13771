"""Deletion protection: Terraform refuses plans that would destroy the registry."""

from __future__ import annotations

import pytest
from deployment import REGISTRY, ZONE, Deployment
from helpers import Json

REFUSED = "Instance cannot be destroyed"


@pytest.mark.parametrize(
    "change",
    [
        {"container_registry": {"name": "renamed12345"}},
        {"location": "westus"},
    ],
)
def test_a_change_that_would_replace_the_registry_is_refused(
    deployed: Deployment, change: Json
) -> None:
    """Terraform refuses the plan and the apply, and the registry stays unchanged."""
    before = deployed.one(REGISTRY)
    deployed.synthesize(**change)
    assert REFUSED in deployed.refused("plan")
    assert REFUSED in deployed.refused("apply", "-auto-approve")
    assert deployed.one(REGISTRY) == before


def test_a_destroy_is_refused(deployed: Deployment) -> None:
    """Terraform destroys no resource, not even one without protection of its own."""
    before = deployed.created()
    assert REFUSED in deployed.refused("destroy", "-auto-approve")
    assert deployed.created() == before


def test_without_protection_a_rename_replaces_the_registry(deployed: Deployment) -> None:
    """Turning the protection off is not a change, but a new name then replaces the registry."""
    deployed.synthesize(deletion_protection=False)
    assert deployed.changes() == {}
    deployed.synthesize(deletion_protection=False, container_registry={"name": "renamed12345"})
    assert deployed.changes()[REGISTRY] == ["delete", "create"]


def test_the_protection_does_not_cover_a_changed_construct_id(deployed: Deployment) -> None:
    """Terraform plans to destroy the registry, which ``tests/construct_ids.txt`` must prevent."""
    file = deployed.folder / "cdktf.out" / "stacks" / "acr" / "cdk.tf.json"
    name = deployed.address(REGISTRY).partition(".")[2]
    file.write_text(file.read_text().replace(name, "another_id"))
    plan = deployed.plan()
    actions = {
        change["address"]: change["change"]["actions"]
        for change in plan["resource_changes"]
        if change["type"] == REGISTRY
    }
    assert actions == {f"{REGISTRY}.{name}": ["delete"], f"{REGISTRY}.another_id": ["create"]}


def test_tags_and_the_admin_user_change_in_place(deployed: Deployment) -> None:
    """New tags and the admin user update the resources, and replace none of them."""
    deployed.synthesize(
        tags={"team": "platform"}, container_registry={"name": "acr12345", "admin_enabled": True}
    )
    changes = deployed.changes()
    assert changes[REGISTRY] == changes[ZONE] == ["update"]
    assert all(actions == ["update"] for actions in changes.values())
    deployed.apply()
