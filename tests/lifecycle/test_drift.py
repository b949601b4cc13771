"""A plan undoes the changes that somebody has applied in Azure without Terraform."""

from __future__ import annotations

import json

import pytest
from deployment import ENDPOINT, LINK, REGISTRY, SUBNET, ZONE, Deployment, terraform_version

from constructs_lib.review.findings import findings
from constructs_lib.review.plans import of_plan


@pytest.mark.parametrize(
    ("kind", "manual"),
    [
        (REGISTRY, {"public_network_access_enabled": True}),
        (REGISTRY, {"admin_enabled": True}),
        (SUBNET, {"private_endpoint_network_policies": "Enabled"}),
        (ENDPOINT, {"private_dns_zone_group": []}),
    ],
)
def test_a_manual_change_is_undone(
    deployed: Deployment, kind: str, manual: dict[str, object]
) -> None:
    """Terraform updates the resource in place, and replaces neither registry nor endpoint."""
    before = deployed.one(kind)
    deployed.change(kind, **manual)
    assert deployed.changes() == {kind: ["update"]}
    deployed.apply()
    after = deployed.one(kind)
    assert {name: after[name] for name in manual} == {name: before[name] for name in manual}


def test_a_deleted_link_is_created_again(deployed: Deployment) -> None:
    """The plan creates a deleted link, and changes no other resource."""
    before = deployed.one(LINK)
    with deployed.cloud.edit() as content:
        (id_,) = [id_ for id_, each in content["resources"].items() if each["type"] == LINK]
        del content["resources"][id_]
    assert deployed.changes() == {LINK: ["create"]}
    deployed.apply()
    assert deployed.one(LINK) == before


def test_the_outputs_are_right_without_a_zone_group(deployed: Deployment) -> None:
    """Without a zone group, the addresses come from the endpoint's own configuration."""
    before = deployed.outputs()
    deployed.change(ENDPOINT, private_dns_zone_group=[])
    deployed.terraform("apply", "-refresh-only", "-auto-approve")
    assert deployed.outputs() == before


@pytest.mark.parametrize(
    ("manual", "changes", "weakens"),
    [
        ({}, 0, []),
        ({"network_rule_set": [{"default_action": "Allow"}]}, 0, ["network_rule_set"]),
        ({"public_network_access_enabled": True}, 2, ["public_network_access_enabled"]),
    ],
)
def test_two_plans_show_all_that_differs_from_the_program(
    deployed: Deployment, manual: dict[str, object], changes: int, weakens: list[str]
) -> None:
    """drift.yml needs both: an apply would not undo everything that weakens the registry."""
    deployed.change(REGISTRY, network_rule_set=[{"default_action": "Deny"}])
    deployed.terraform("apply", "-refresh-only", "-auto-approve")
    deployed.change(REGISTRY, **manual)
    deployed.change(ZONE, max_number_of_record_sets=9)  # only Azure sets it
    plan = deployed.terraform("plan", "-detailed-exitcode", "-lock=false", check=False)
    assert plan.returncode == changes
    outside = of_plan("acr", deployed.plan("-refresh-only", "-lock=false"))
    assert ZONE in [change.type for change in outside]
    found = [finding for change in outside for finding in findings(change)]
    assert [each.attribute for each in found if each.weakens] == weakens


@pytest.mark.parametrize(("options", "weakens"), [(["-refresh-only"], True), ([], False)])
def test_the_review_judges_a_manual_change_that_a_plan_keeps(
    deployed: Deployment, options: list[str], weakens: bool
) -> None:
    """A refresh-only plan keeps the opened registry; another plan closes it again."""
    deployed.change(REGISTRY, public_network_access_enabled=True)
    plan = deployed.plan(*options)
    found = [finding for change in of_plan("acr", plan) for finding in findings(change)]
    assert [(each.attribute, each.weakens) for each in found] == [
        ("public_network_access_enabled", weakens)
    ]


@pytest.mark.parametrize(
    ("removed", "action"),
    [({}, "removed"), ({"destroy": True}, "removed"), ({"destroy": False}, "forgotten")],
    ids=["taken-out", "destroyed", "forgotten"],
)
def test_the_review_says_what_happens_to_a_resource_that_is_taken_out(
    deployed: Deployment, removed: dict[str, bool], action: str
) -> None:
    """Terraform forgets it instead of destroying it, if its ``removed`` block says so."""
    (file,) = deployed.folder.glob("cdktf.out/stacks/acr/cdk.tf.json")
    stack = json.loads(file.read_text())
    link = deployed.address(LINK)
    del stack["resource"][LINK]
    if removed:
        stack["removed"] = [{"from": link, "lifecycle": removed}]
    file.write_text(json.dumps(stack))
    if removed and terraform_version() < (1, 7):  # no plan of it can say "forgotten"
        assert 'No argument or block type is named "removed"' in deployed.refused("plan")
        return
    plan = deployed.plan()
    changes = {change.address: change for change in of_plan("acr", plan)}
    assert changes[link].action == action
    assert [each.attribute for each in findings(changes[link])] == ["removed"]


def test_terraform_calls_a_targeted_plan_incomplete(deployed: Deployment) -> None:
    """The review names such a plan by this, and no other plan; before 1.8, nothing tells it."""
    for options, complete in (([f"-target={deployed.address(LINK)}"], False), ([], True)):
        plan = deployed.plan(*options)
        assert plan.get("complete") is (complete if terraform_version() >= (1, 8) else None)
