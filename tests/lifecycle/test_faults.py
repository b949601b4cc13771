"""After a failure of Azure, the next apply finishes: no resource is duplicated or lost."""

from __future__ import annotations

import pytest
from deployment import ENDPOINT, GUIDE_RESOURCES, REGISTRY, ZONE, Deployment

APPLY = ("apply", "-auto-approve")
DESTROY = ("destroy", "-auto-approve")


def fault(kind: str, effect: str, operation: str = "create", **more: object) -> dict[str, object]:
    """A fault in the first request for this operation on this type."""
    message = f"{kind} is out of order today"
    return {"operation": operation, "type": kind, "effect": effect, "message": message, **more}


@pytest.mark.parametrize("kind", GUIDE_RESOURCES)
def test_the_next_apply_finishes_after_a_failed_creation(deployment: Deployment, kind: str) -> None:
    """Terraform shows the provider's message, and the state contains all resources that exist."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(kind, "fail"))
    assert f"{kind} is out of order today" in deployment.refused(*APPLY)
    assert (
        sorted(address.partition(".")[0] for address in deployment.state()) == deployment.created()
    )
    assert kind not in deployment.created()
    deployment.apply()
    assert deployment.created() == sorted(GUIDE_RESOURCES)


def test_a_tainted_endpoint_is_replaced(deployment: Deployment) -> None:
    """The next apply replaces an endpoint that failed after its creation."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(ENDPOINT, "taint"))
    assert f"{ENDPOINT} is out of order today" in deployment.refused(*APPLY)
    assert deployment.changes() == {ENDPOINT: ["delete", "create"]}
    deployment.apply()
    assert deployment.created() == sorted(GUIDE_RESOURCES)


def test_a_tainted_registry_is_kept(deployment: Deployment) -> None:
    """Terraform refuses each plan until somebody untaints the registry, as README describes."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(REGISTRY, "taint"))
    assert f"{REGISTRY} is out of order today" in deployment.refused(*APPLY)
    before = deployment.one(REGISTRY)
    assert "Instance cannot be destroyed" in deployment.refused("plan")
    deployment.terraform("untaint", deployment.address(REGISTRY))
    deployment.apply()
    assert deployment.one(REGISTRY) == before
    assert deployment.created() == sorted(GUIDE_RESOURCES)


@pytest.mark.parametrize("kind", [REGISTRY, ZONE])
def test_an_import_repairs_a_lost_answer(deployment: Deployment, kind: str) -> None:
    """The next apply names the resource that exists; an import keeps it, as README describes."""
    deployment.synthesize()
    deployment.cloud.set_faults(fault(kind, "lose_answer"))
    deployment.refused(*APPLY)
    (id_,) = deployment.cloud.resources(kind)
    error = deployment.refused(*APPLY)
    assert f'A resource with the ID "{id_}" already exists - to be managed via Terraform' in error
    deployment.terraform("import", deployment.address(kind), id_)
    deployment.apply()
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    assert list(deployment.cloud.resources(kind)) == [id_]


@pytest.mark.parametrize("effect", ["throttle", "polls"])
def test_slow_requests_succeed(deployment: Deployment, effect: str) -> None:
    """The provider repeats a throttled or unfinished request, and creates each resource once."""
    deployment.synthesize()
    deployment.cloud.set_faults(*(fault(kind, effect, times=3) for kind in GUIDE_RESOURCES))
    deployment.apply()
    answers = deployment.cloud.log("create")
    for kind in GUIDE_RESOURCES:
        assert [status for type, status in answers if type == kind][-4:] == [
            *[{"throttle": 429, "polls": 202}[effect]] * 3,
            200,
        ]
    assert deployment.created() == sorted(GUIDE_RESOURCES)


def test_the_next_destroy_finishes_after_a_failed_deletion(deployment: Deployment) -> None:
    """The state still contains the resources that were not deleted."""
    deployment.synthesize(deletion_protection=False)
    deployment.apply()
    deployment.cloud.set_faults(fault(ENDPOINT, "fail", "delete"))
    assert f"{ENDPOINT} is out of order today" in deployment.refused(*DESTROY)
    assert ENDPOINT in deployment.created()
    assert (
        sorted(address.partition(".")[0] for address in deployment.state()) == deployment.created()
    )
    deployment.terraform(*DESTROY)
    assert deployment.created() == []
