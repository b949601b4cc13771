"""The versions of azurerm that the stand-in serves, each over the state of the others."""

from __future__ import annotations

import pytest
from workspace import LINK, REGISTRY, ZONE, Json, Workspace

from standin import schema

NEW = {
    "azuread_authentication_as_arm_policy_enabled": True,
    "network_rule_bypass_for_tasks_enabled": False,
    "role_assignment_mode": "LegacyRegistryPermissions",
}
"""What later versions know of each registry, with Azure's defaults."""


def arguments(version: str, *, takes_pulls: bool = True) -> Json:
    """Returns the arguments of the guide that have other names in azurerm 5, and a replica."""
    is_5 = version.startswith("5.")
    routing = "global_endpoint_routing_enabled" if is_5 else "regional_endpoint_enabled"
    link: Json = {"private_dns_zone_id": f"${{{ZONE}.it.id}}"} if is_5 else {}
    absent = {"private_dns_zone_name": None, "resource_group_name": None} if is_5 else {}
    replica = {"location": "westus", routing: takes_pulls, "tags": {"a": "b"}}
    return {LINK: {**link, **absent}, REGISTRY: {"georeplications": [replica]}}


@pytest.mark.parametrize(
    ("required", "described"),
    [
        ("4.55.0", "4.55.0"),
        ("4.60.0", "4.55.0"),
        ("4.81.0", "4.81.0"),
        ("4.99.1", "4.81.0"),
        ("4.1.0", "4.55.0"),
        ("5.0.0", "5.2.0"),
        ("5.10.0", "5.2.0"),
        ("~> 5.1", "5.2.0"),
        (">= 4.60.0, < 5.0.0", "4.55.0"),
    ],
)
def test_a_version_is_served_by_the_nearest_description(required: str, described: str) -> None:
    """It is the newest one of the same major version that is not newer."""
    assert schema.described(required) == described


@pytest.mark.parametrize("required", ["3.117.0", "6.0.0", "", "latest"])
def test_a_version_without_description_is_refused(required: str) -> None:
    """The message names those that are described."""
    with pytest.raises(ValueError, match=r"4\.55\.0, 4\.81\.0, 5\.2\.0"):
        schema.described(required)


@pytest.mark.parametrize("before", schema.versions())
def test_another_version_plans_nothing_over_a_state(before: str, workspace: Workspace) -> None:
    """Neither a later one nor an earlier one does, with the arguments that it knows."""
    workspace.write(arguments(before), before)
    workspace.apply()
    for version in (*schema.versions(), before):
        workspace.write(arguments(version), version)
        assert workspace.plan() == {}, version
        workspace.apply()
        known = workspace.state()[REGISTRY]["values"]
        assert {name: known[name] for name in NEW if name in known} == (
            {} if version == "4.55.0" else NEW
        )


def test_an_old_version_leaves_what_only_a_new_one_knows(workspace: Workspace) -> None:
    """It does not send these arguments, so that its update does not change them."""
    changed = {"role_assignment_mode": "AbacRepositoryPermissions"}
    new = arguments("5.2.0")
    workspace.write({**new, REGISTRY: new[REGISTRY] | changed}, "5.2.0")
    workspace.apply()
    workspace.write(arguments("4.55.0", takes_pulls=False))
    assert [*workspace.plan()] == [REGISTRY]
    workspace.apply()
    (registry,) = workspace.cloud.resources(REGISTRY).values()
    assert registry["role_assignment_mode"] == "AbacRepositoryPermissions"
    workspace.write(arguments("5.2.0"), "5.2.0")
    change = workspace.plan()[REGISTRY]
    assert change["actions"] == ["update"]
    assert change["before"]["georeplications"][0]["global_endpoint_routing_enabled"] is False
    assert change["after"]["role_assignment_mode"] == "LegacyRegistryPermissions"


def test_each_version_refuses_the_arguments_of_another_one(workspace: Workspace) -> None:
    """Terraform says so before anything is planned."""
    for version, other in (("4.55.0", "5.2.0"), ("5.2.0", "4.55.0")):
        workspace.write(arguments(other), version)
        workspace.run("plan", error="Extraneous JSON object property")
