"""Azure's rules for the cache rules of a registry."""

import re
from typing import Final

from ..behaviour import Behaviour
from ..refusals import AzureError, Refusal
from ..store import Cloud, Resource, siblings

TYPE: Final = "azurerm_container_registry_cache_rule"
MOST_RULES: Final = 1000
# Whether an upstream is cached with a login: always, never, or as the caller likes.
UPSTREAMS: Final = {
    "docker.io": True,
    "mcr.microsoft.com": False,
    "public.ecr.aws": False,
    "gcr.io": None,
    "ghcr.io": None,
    "nvcr.io": None,
    "quay.io": None,
    "registry.k8s.io": None,
}


def upstream_is_supported(_: Cloud, __: str, rule: Resource) -> AzureError | None:
    """Azure caches only from a list of registries."""
    host = rule["source_repo"].split("/")[0]
    if host in UPSTREAMS:
        return None
    return Refusal.UPSTREAM_IS_UNKNOWN.error(f"'{host}' is not a supported upstream registry.")


def login_is_that_of_the_upstream(_: Cloud, __: str, rule: Resource) -> AzureError | None:
    """Some upstreams are cached with a login only, and some without one only."""
    host = rule["source_repo"].split("/")[0]
    has_login = bool(rule.get("credential_set_id"))
    if UPSTREAMS[host] in (None, has_login):
        return None
    needed = "not supported" if has_login else "required"
    return Refusal.LOGIN_OF_UPSTREAM.error(f"a credential set for '{host}' is {needed}.")


def paths_are_repositories(_: Cloud, __: str, rule: Resource) -> AzureError | None:
    """A path has small letters, and its wildcard, if it has one, is its last part in both."""
    paths = (rule["source_repo"].partition("/")[2], rule["target_repo"])
    for path in paths:
        if not re.fullmatch(r"([a-z0-9._-]+/)*([a-z0-9._-]+|\*)", path):
            return Refusal.REPOSITORY_NAME.error(f"'{path}' is not a repository or a wildcard.")
    if paths[0].endswith("*") != paths[1].endswith("*"):
        return Refusal.ONE_WILDCARD.error(
            "source and target must both have a wildcard, or neither."
        )
    return None


def target_overlaps_no_other(cloud: Cloud, id_: str, rule: Resource) -> AzureError | None:
    """No repository may be in the targets of two rules of a registry."""
    for other_id, other in siblings(cloud, TYPE, id_):
        one, two = rule["target_repo"], other["target_repo"]
        if one == two or _holds(one, two) or _holds(two, one):
            return Refusal.CACHE_RULES_OVERLAP.error(f"the rule overlaps with '{other_id}'.")
    return None


def _holds(target: str, other: str) -> bool:
    return target.endswith("*") and other.startswith(target[:-1])


def registry_has_room(cloud: Cloud, id_: str, _: Resource) -> AzureError | None:
    """A registry has at most 1,000 cache rules."""
    if len([*siblings(cloud, TYPE, id_)]) < MOST_RULES:
        return None
    return Refusal.TOO_MANY_CACHE_RULES.error(f"a registry has at most {MOST_RULES} cache rules.")


BEHAVIOUR: Final = Behaviour(
    write=(
        upstream_is_supported,
        login_is_that_of_the_upstream,
        paths_are_repositories,
        target_overlaps_no_other,
        registry_has_room,
    ),
)
