"""Tests of what azurerm itself refuses in a plan, or replaces, beyond its schema."""

from typing import Any

import pytest

from standin import schema
from standin.plan_checks import CACHE_RULE, REGISTRY, plan_error, replaced_too

REPLICA = {"location": "West US"}


def planned(**configured: Any) -> Any:
    """Returns the plan of a new registry in West US 2."""
    block = schema.served("resources")[REGISTRY]
    given = {"name": "acr12345", "location": "westus2", "sku": "Premium", **configured}
    return schema.plan(block, {**dict.fromkeys(block), **given}, None)


@pytest.mark.parametrize(
    ("configured", "error"),
    [
        ({"georeplications": [REPLICA]}, "geo-replication can only be"),
        ({"zone_redundancy_enabled": True}, "zone redundancy can only be"),
        ({"data_endpoint_enabled": True}, "`data_endpoint_enabled` can only be"),
        ({"quarantine_policy_enabled": True}, "quarantine policy can only be"),
        ({"trust_policy_enabled": True}, "trust policy can only be"),
        ({"retention_policy_in_days": 7}, "retention policy can only be"),
        ({"encryption": [{}]}, "encryption can only be"),
        ({"export_policy_enabled": False}, "export policy can only be"),
        ({"anonymous_pull_enabled": True}, "`anonymous_pull_enabled` can only be"),
    ],
)
def test_some_arguments_need_another_sku(configured: Any, error: str) -> None:
    """The plan fails for Basic, and not for Premium, nor for Basic without the argument."""
    assert error in str(plan_error(REGISTRY, planned(sku="Basic", **configured)))
    private = {"public_network_access_enabled": False}
    assert plan_error(REGISTRY, planned(**configured, **private)) is None
    assert plan_error(REGISTRY, planned(sku="Basic")) is None


def test_a_replica_is_elsewhere() -> None:
    """The registry's own region may be written in two ways; an unknown one is not compared."""
    here = [{"location": "West US 2"}]
    assert "cannot contain the location" in str(
        plan_error(REGISTRY, planned(georeplications=[REPLICA, *here]))
    )
    assert plan_error(REGISTRY, planned(georeplications=[REPLICA])) is None
    unknown = schema.UNKNOWN
    for replica in (*here, {"location": unknown}):
        values = planned(georeplications=[replica], location=unknown)
        assert plan_error(REGISTRY, values) is None


@pytest.mark.parametrize(("is_public", "is_refused"), [(True, True), (None, True), (False, False)])
def test_export_is_off_only_without_public_access(is_public: Any, is_refused: bool) -> None:
    """Public access is azurerm's default."""
    values = {"export_policy_enabled": False, "public_network_access_enabled": is_public}
    assert bool(plan_error(REGISTRY, planned(**values))) is is_refused


@pytest.mark.parametrize(
    ("prior", "new", "is_replaced"),
    [
        ("/set", None, True),
        ("/set", "", True),
        ("/set", "/other", False),
        ("/set", schema.UNKNOWN, True),
        (None, schema.UNKNOWN, False),
        (None, "/set", False),
        (None, None, False),
    ],
)
def test_a_cache_rule_whose_login_goes_is_replaced(
    prior: str | None, new: Any, is_replaced: bool
) -> None:
    """Another login is an update in place, if its id is known, and so is a first one."""
    rules = [{"credential_set_id": each} for each in (prior, new)]
    assert [*replaced_too(CACHE_RULE, *rules)] == [("credential_set_id",)] * is_replaced
    assert [*replaced_too(REGISTRY, *rules)] == []
