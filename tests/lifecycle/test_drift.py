"""What was changed by hand shows in the plan as the change that puts it right."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, LINK, REGISTRY, SUBNET, Deployment


@pytest.mark.parametrize(
    ("kind", "by_hand"),
    [
        (REGISTRY, {"public_network_access_enabled": True}),
        (REGISTRY, {"admin_enabled": True}),
        (SUBNET, {"private_endpoint_network_policies": "Enabled"}),
        (ENDPOINT, {"private_dns_zone_group": []}),
    ],
)
def test_what_was_changed_by_hand_is_changed_back(
    deployed: Deployment, kind: str, by_hand: dict[str, object]
) -> None:
    """In place: the registry is never replaced, and neither is the endpoint."""
    before = deployed.one(kind)
    deployed.change(kind, **by_hand)
    assert deployed.changes() == {kind: ["update"]}
    deployed.apply()
    after = deployed.one(kind)
    assert {name: after[name] for name in by_hand} == {name: before[name] for name in by_hand}


def test_a_deleted_link_is_made_again(deployed: Deployment) -> None:
    """And nothing else is touched."""
    before = deployed.one(LINK)
    with deployed.cloud.edit() as there:
        (id_,) = [id_ for id_, item in there["resources"].items() if item["type"] == LINK]
        del there["resources"][id_]
    assert deployed.changes() == {LINK: ["create"]}
    deployed.apply()
    assert deployed.one(LINK) == before


def test_addresses_are_right_while_the_zone_group_is_missing(deployed: Deployment) -> None:
    """They come from the endpoint's own configuration then."""
    before = deployed.outputs()
    deployed.change(ENDPOINT, private_dns_zone_group=[])
    deployed.terraform("apply", "-refresh-only", "-auto-approve")
    assert deployed.outputs() == before
