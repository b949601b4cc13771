"""Cache rules: which upstream they read, with which login, and where the images go."""

import re
from enum import Enum
from typing import Final

from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..resource_ids import parent
from ..store import Contents, Resource, get, same, siblings

TYPE: Final = "azurerm_container_registry_cache_rule"
MOST_RULES: Final = 1000


class Login(Enum):
    """Whether an upstream is read with a credential set."""

    NEEDED = "needed"
    POSSIBLE = "possible"
    NOT_TAKEN = "not taken"


UPSTREAMS: Final = {
    "docker.io": Login.NEEDED,
    "dhi.io": Login.NEEDED,
    "*.pkg.dev": Login.NEEDED,
    "registry.redhat.io": Login.NEEDED,
    "gcr.io": Login.POSSIBLE,
    "ghcr.io": Login.POSSIBLE,
    "nvcr.io": Login.POSSIBLE,
    "quay.io": Login.POSSIBLE,
    "registry.k8s.io": Login.POSSIBLE,
    "mcr.microsoft.com": Login.NOT_TAKEN,
    "public.ecr.aws": Login.NOT_TAKEN,
    "registry.access.redhat.com": Login.NOT_TAKEN,
}


def upstream_of(rule: Resource) -> str:
    """Returns the host that a rule reads from."""
    return str(rule["source_repo"]).partition("/")[0]


def login_of(host: str) -> Login | None:
    """Returns whether a host is read with a login, or None if Azure does not cache from it."""
    return UPSTREAMS.get(host) or UPSTREAMS.get(f"*.{host.partition('.')[2]}")


def holds(target: str, repository: str) -> bool:
    """Whether a rule's target is this repository, or a wildcard that this repository matches."""
    is_wildcard = target.endswith("*")
    return repository.startswith(target[:-1]) if is_wildcard else repository == target


def upstream_is_supported(_: Contents, __: str, rule: Resource) -> Errors:
    """Azure caches only from a list of registries."""
    host = upstream_of(rule)
    if host.endswith(".azurecr.io"):
        yield Refusal.UPSTREAM_NEEDS_IDENTITY.error(
            f"'{host}' is read with a user-assigned identity, for which azurerm has no argument."
        )
    elif not login_of(host):
        yield Refusal.UPSTREAM_IS_UNKNOWN.error(f"'{host}' is not a supported upstream registry.")


def login_is_that_of_the_upstream(_: Contents, __: str, rule: Resource) -> Errors:
    """Some upstreams are cached with a login only, and some without one only."""
    host, has_login = upstream_of(rule), bool(rule.get("credential_set_id"))
    if login_of(host) is Login.NEEDED and not has_login:
        needs = Refusal.DOCKER_WITHOUT_LOGIN if host == "docker.io" else Refusal.LOGIN_IS_NEEDED
        yield needs.error(f"a credential set is required for '{host}'.")
    if login_of(host) is Login.NOT_TAKEN and has_login:
        yield Refusal.LOGIN_IS_NOT_TAKEN.error(f"'{host}' takes no credential set.")


def credential_set_exists(cloud: Contents, id_: str, rule: Resource) -> Errors:
    """A rule logs in with a credential set of its own registry."""
    credential_set = str(rule.get("credential_set_id") or "")
    is_here = get(cloud, credential_set) and same(parent(credential_set), parent(id_))
    if credential_set and not is_here:
        yield Refusal.CREDENTIAL_SET_IS_MISSING.error(
            f"the credential set '{credential_set}' does not exist in the registry."
        )


def paths_are_repositories(_: Contents, __: str, rule: Resource) -> Errors:
    """A path has small letters, and its wildcard, if it has one, is its last part in both."""
    paths = (rule["source_repo"].partition("/")[2], rule["target_repo"])
    for path in paths:
        if not re.fullmatch(r"([a-z0-9._-]+/)*([a-z0-9._-]+|\*)", path):
            yield Refusal.REPOSITORY_NAME.error(f"'{path}' is not a repository or a wildcard.")
    if paths[0].endswith("*") != paths[1].endswith("*"):
        yield Refusal.ONE_WILDCARD.error("source and target must both have a wildcard, or neither.")


def target_overlaps_no_other(cloud: Contents, id_: str, rule: Resource) -> Errors:
    """Two rules have two targets; only a single repository may lie in a wildcard."""
    one = rule["target_repo"]
    for other_id, other in siblings(cloud, TYPE, id_):
        two = other["target_repo"]
        are_wildcards = one.endswith("*") and two.endswith("*")
        if one == two or (are_wildcards and (holds(one, two) or holds(two, one))):
            yield Refusal.CACHE_RULES_OVERLAP.error(f"the rule overlaps with '{other_id}'.")


def target_has_no_images(cloud: Contents, id_: str, rule: Resource) -> Errors:
    """A new rule's target must be free of images, also of those that a deleted rule cached."""
    target, registry = rule["target_repo"], get(cloud, parent(id_))
    if not any(holds(target, repository) for repository in registry.get("repositories", [])):
        return
    if target.endswith("*"):
        yield Refusal.WILDCARD_HAS_IMAGES.error(
            "There are one or more target repositories in the registry which match the target "
            f"repository prefix '{target}'."
        )
    else:
        yield Refusal.TARGET_HAS_IMAGES.error(
            f"Conflict: Target repository '{target}' is already present in registry. Cache rules "
            "cannot be created for existing repositories in registry."
        )


def registry_has_room(cloud: Contents, id_: str, _: Resource) -> Errors:
    """A registry has at most 1,000 cache rules."""
    if len([*siblings(cloud, TYPE, id_)]) >= MOST_RULES:
        yield Refusal.TOO_MANY_CACHE_RULES.error(
            f"a registry has at most {MOST_RULES} cache rules."
        )


BEHAVIOUR: Final = Behaviour(
    create=(target_has_no_images,),
    write=(
        upstream_is_supported,
        login_is_that_of_the_upstream,
        credential_set_exists,
        paths_are_repositories,
        target_overlaps_no_other,
        registry_has_room,
    ),
)
