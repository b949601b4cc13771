"""Azure fails half-way: the next apply finishes, and nothing is made twice or forgotten."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, MADE, REGISTRY, ZONE, Deployment

APPLY = ("apply", "-auto-approve")
DESTROY = ("destroy", "-auto-approve")


def fault(kind: str, effect: str, operation: str = "create", **more: object) -> dict[str, object]:
    """A fault in the first such request."""
    message = f"{kind} is out of order today"
    return {"operation": operation, "type": kind, "effect": effect, "message": message, **more}


@pytest.mark.parametrize("kind", MADE)
def test_after_a_creation_that_failed_the_next_apply_finishes(
    deployment: Deployment, kind: str
) -> None:
    """The provider's message is shown, and the state holds all that exists meanwhile."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(kind, "fail"))
    assert f"{kind} is out of order today" in deployment.refused(*APPLY)
    assert sorted(address.partition(".")[0] for address in deployment.state()) == deployment.made()
    assert kind not in deployment.made()
    deployment.apply()
    assert deployment.made() == sorted(MADE)


def test_an_endpoint_that_failed_after_it_was_made_is_made_again(deployment: Deployment) -> None:
    """It is tainted, and nothing hangs on it: Terraform replaces it by itself."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(ENDPOINT, "taint"))
    assert f"{ENDPOINT} is out of order today" in deployment.refused(*APPLY)
    assert deployment.changes() == {ENDPOINT: ["delete", "create"]}
    deployment.apply()
    assert deployment.made() == sorted(MADE)


def test_a_registry_that_failed_after_it_was_made_is_kept(deployment: Deployment) -> None:
    """It is tainted and protected: plans are refused until somebody has looked, as README says."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(REGISTRY, "taint"))
    assert f"{REGISTRY} is out of order today" in deployment.refused(*APPLY)
    before = deployment.one(REGISTRY)
    assert "Instance cannot be destroyed" in deployment.refused("plan")
    deployment.terraform("untaint", deployment.address(REGISTRY))
    deployment.apply()
    assert deployment.one(REGISTRY) == before
    assert deployment.made() == sorted(MADE)


@pytest.mark.parametrize("kind", [REGISTRY, ZONE])
def test_a_lost_answer_is_mended_by_an_import(deployment: Deployment, kind: str) -> None:
    """The next apply names what exists already; imported, as README says, it is kept."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(kind, "lose_answer"))
    deployment.refused(*APPLY)
    (id_,) = deployment.cloud.resources(kind)
    said = deployment.refused(*APPLY)
    assert f'A resource with the ID "{id_}" already exists - to be managed via Terraform' in said
    deployment.terraform("import", deployment.address(kind), id_)
    deployment.apply()
    assert deployment.made() == sorted(MADE)
    assert list(deployment.cloud.resources(kind)) == [id_]


@pytest.mark.parametrize("effect", ["throttle", "polls"])
def test_what_only_takes_longer_is_no_fault(deployment: Deployment, effect: str) -> None:
    """The provider asks again, and each resource is made once."""
    deployment.synthesize()
    deployment.cloud.set_faults(*(fault(kind, effect, times=3) for kind in MADE))
    deployment.apply()
    answers = deployment.cloud.log("create")
    for kind in MADE:
        assert [status for of, status in answers if of == kind][-4:] == [
            *[{"throttle": 429, "polls": 202}[effect]] * 3,
            200,
        ]
    assert deployment.made() == sorted(MADE)


def test_after_a_deletion_that_failed_the_next_destroy_finishes(deployment: Deployment) -> None:
    """What is left is still in the state."""
    deployment.synthesize(deletion_protection=False)
    deployment.apply()
    deployment.cloud.set_faults(fault(ENDPOINT, "fail", "delete"))
    assert f"{ENDPOINT} is out of order today" in deployment.refused(*DESTROY)
    assert ENDPOINT in deployment.made()
    assert sorted(address.partition(".")[0] for address in deployment.state()) == deployment.made()
    deployment.terraform(*DESTROY)
    assert deployment.made() == []
