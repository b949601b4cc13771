"""Tests of cache rules."""

from typing import Any

import pytest
from simulated import REGISTRY, put, refused

from standin.refusals import Refusal
from standin.store import Cloud


def cache_rule(source: str, target: str, **more: str) -> dict[str, Any]:
    """Returns the values of a cache rule."""
    type_ = "azurerm_container_registry_cache_rule"
    return {"type": type_, "source_repo": source, "target_repo": target, **more}


@pytest.mark.parametrize(
    ("source", "target", "login", "why"),
    [
        ("quay.io/strimzi/*", "strimzi/*", None, None),
        ("ghcr.io/a/b", "b", "set", None),
        ("docker.io/library/ubuntu", "ubuntu", "set", None),
        ("docker.io/library/ubuntu", "ubuntu", None, Refusal.LOGIN_OF_UPSTREAM),
        ("mcr.microsoft.com/*", "mcr/*", "set", Refusal.LOGIN_OF_UPSTREAM),
        ("public.ecr.aws/a/*", "ecr/*", "set", Refusal.LOGIN_OF_UPSTREAM),
        ("registry.redhat.io/ubi9/*", "ubi9/*", None, Refusal.UPSTREAM_IS_UNKNOWN),
        ("quay.io/strimzi/*", "strimzi", None, Refusal.ONE_WILDCARD),
        ("quay.io/strimzi", "strimzi/*", None, Refusal.ONE_WILDCARD),
        ("quay.io/*/strimzi", "strimzi", None, Refusal.REPOSITORY_NAME),
        ("quay.io/strimzi/*", "Strimzi/*", None, Refusal.REPOSITORY_NAME),
        ("quay.io/b/*", "taken/*", None, Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/b/*", "taken/too/*", None, Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/b/c", "taken/c", None, Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/*", "*", None, Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/b", "taken", None, None),
        ("quay.io/b/*", "taken2/*", None, None),
    ],
)
def test_azure_refuses_some_cache_rules(
    azure: Cloud, source: str, target: str, login: str | None, why: Refusal | None
) -> None:
    """Upstreams, logins, wildcards and overlaps have rules in each registry."""
    put(azure, f"{REGISTRY}/cacheRules/other", **cache_rule("quay.io/a/*", "taken/*"))
    put(azure, f"{REGISTRY}2/cacheRules/theirs", **cache_rule("quay.io/a/*", "*"))
    more = {"credential_set_id": f"{REGISTRY}/credentialSets/{login}"} if login else {}
    rule = cache_rule(source, target, **more)
    assert refused(azure, "create", f"{REGISTRY}/cacheRules/rule", **rule) is why


def test_a_registry_has_at_most_1000_cache_rules(azure: Cloud) -> None:
    """Azure refuses one more rule, and still takes a change of one of them."""
    for number in range(1000):
        rule = cache_rule("quay.io/a", f"a{number}")
        azure["resources"][f"{REGISTRY}/cacheRules/rule{number}"] = rule
    id_ = f"{REGISTRY}/cacheRules/rule999"
    assert refused(azure, "update", id_) is None
    assert refused(azure, "create", f"{id_}9", id_, target_repo="b") is Refusal.TOO_MANY_CACHE_RULES
