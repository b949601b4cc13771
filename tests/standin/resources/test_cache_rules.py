"""Tests of cache rules."""

from typing import Any

import pytest
from simulated import REGISTRY, put, refused

from standin.refusals import Refusal
from standin.resources.cache_rules import TYPE
from standin.store import Contents


def cache_rule(source: str, target: str, **more: str) -> dict[str, Any]:
    """Returns the values of a cache rule."""
    return {"source_repo": source, "target_repo": target, **more}


SET = f"{REGISTRY}/credentialSets/set"
RULE = f"{REGISTRY}/cacheRules/rule"


@pytest.mark.parametrize(
    ("host", "without", "with_set"),
    [
        ("docker.io", Refusal.DOCKER_WITHOUT_LOGIN, None),
        ("dhi.io", Refusal.LOGIN_IS_NEEDED, None),
        ("registry.redhat.io", Refusal.LOGIN_IS_NEEDED, None),
        ("us-docker.pkg.dev", Refusal.LOGIN_IS_NEEDED, None),
        ("quay.io", None, None),
        ("ghcr.io", None, None),
        ("registry.access.redhat.com", None, Refusal.LOGIN_IS_NOT_TAKEN),
        ("mcr.microsoft.com", None, Refusal.LOGIN_IS_NOT_TAKEN),
        ("public.ecr.aws", None, Refusal.LOGIN_IS_NOT_TAKEN),
        ("other.azurecr.io", Refusal.UPSTREAM_NEEDS_IDENTITY, Refusal.UPSTREAM_NEEDS_IDENTITY),
        ("pkg.dev", Refusal.UPSTREAM_IS_UNKNOWN, Refusal.UPSTREAM_IS_UNKNOWN),
        ("example.org", Refusal.UPSTREAM_IS_UNKNOWN, Refusal.UPSTREAM_IS_UNKNOWN),
    ],
)
def test_an_upstream_needs_takes_or_refuses_a_login(
    azure: Contents, host: str, without: Refusal | None, with_set: Refusal | None
) -> None:
    """Azure's documentation has a table of them."""
    put(azure, SET, login_server=host, authentication_credentials=[])
    rule = cache_rule(f"{host}/a/*", "a/*")
    assert refused(azure, "create", RULE, **rule) is without
    assert refused(azure, "create", RULE, **rule, credential_set_id=SET) is with_set


@pytest.mark.parametrize("elsewhere", [f"{SET}2", f"{REGISTRY}2/credentialSets/set"])
def test_the_credential_set_of_a_rule_is_in_its_registry(azure: Contents, elsewhere: str) -> None:
    """Azure refuses one that does not exist, and one of another registry."""
    put(azure, f"{REGISTRY}2/credentialSets/set")
    rule = cache_rule("quay.io/a", "a", credential_set_id=elsewhere)
    assert refused(azure, "create", RULE, **rule) is Refusal.CREDENTIAL_SET_IS_MISSING


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("quay-1", None),
        ("quay", Refusal.CREDENTIAL_SET_NAME),
        ("quay_1", Refusal.CREDENTIAL_SET_NAME),
        ("q" * 51, Refusal.CREDENTIAL_SET_NAME),
    ],
)
def test_azure_refuses_some_names_of_credential_sets(
    azure: Contents, name: str, why: Refusal | None
) -> None:
    """Azurerm takes each of them."""
    assert refused(azure, "create", f"{REGISTRY}/credentialSets/{name}") is why


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("quay.io/strimzi/*", "strimzi/*", None),
        ("quay.io/strimzi/*", "strimzi", Refusal.ONE_WILDCARD),
        ("quay.io/strimzi", "strimzi/*", Refusal.ONE_WILDCARD),
        ("quay.io/*/strimzi", "strimzi", Refusal.REPOSITORY_NAME),
        ("quay.io/strimzi/*", "Strimzi/*", Refusal.REPOSITORY_NAME),
        ("quay.io/b/*", "taken/*", Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/b/*", "taken/too/*", Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/*", "*", Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/b", "single", Refusal.CACHE_RULES_OVERLAP),
        ("quay.io/b/c", "taken/c", None),
        ("quay.io/b/*", "single/*", None),
        ("quay.io/b", "taken", None),
        ("quay.io/b/*", "taken2/*", None),
    ],
)
def test_azure_refuses_some_cache_rules(
    azure: Contents, source: str, target: str, why: Refusal | None
) -> None:
    """No two wildcards overlap, and no two rules have one target, within a registry."""
    put(azure, f"{REGISTRY}/cacheRules/other", **cache_rule("quay.io/a/*", "taken/*"))
    put(azure, f"{REGISTRY}/cacheRules/single", **cache_rule("quay.io/a", "single"))
    put(azure, f"{REGISTRY}2/cacheRules/theirs", **cache_rule("quay.io/a/*", "*"))
    assert refused(azure, "create", RULE, **cache_rule(source, target)) is why


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("team/app", Refusal.TARGET_HAS_IMAGES),
        ("team/*", Refusal.WILDCARD_HAS_IMAGES),
        ("*", Refusal.WILDCARD_HAS_IMAGES),
        ("team/app2", None),
        ("team/app/*", None),
        ("team2/*", None),
    ],
)
def test_a_new_rules_target_has_no_images(
    azure: Contents, target: str, why: Refusal | None
) -> None:
    """A rule that exists may still be changed, whatever it has cached."""
    put(azure, REGISTRY, repositories=["team/app"])
    rule = cache_rule("quay.io/a/*" if "*" in target else "quay.io/a", target)
    assert refused(azure, "create", RULE, **rule) is why
    assert refused(azure, "update", RULE, **rule) is None


def test_a_registry_has_at_most_1000_cache_rules(azure: Contents) -> None:
    """Azure refuses one more rule, and still takes a change of one of them."""
    for number in range(1000):
        rule = {"type": TYPE, **cache_rule("quay.io/a", f"a{number}")}
        azure["resources"][f"{RULE}{number}"] = rule
    last = f"{RULE}999"
    assert refused(azure, "update", last) is None
    why = refused(azure, "create", f"{RULE}1000", last, target_repo="b")
    assert why is Refusal.TOO_MANY_CACHE_RULES
