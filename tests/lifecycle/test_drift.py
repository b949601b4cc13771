"""A plan undoes the changes that somebody has applied in Azure without Terraform."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, LINK, REGISTRY, SUBNET, Deployment


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
