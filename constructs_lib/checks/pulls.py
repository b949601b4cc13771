"""What lets others pull, and does not go together: admin user, pull token and cache rules."""

from __future__ import annotations

from collections.abc import Iterator

from .. import terraform
from ..arguments.guide import NewRegistry
from ..arguments.problems import Absent, Key, Problem
from ..azure import caches, ids
from .known_arguments import Request, Rule

REGISTRY: Key = ("container_registry",)
TOKEN: Key = (*REGISTRY, "pull_token")
CACHE_RULES: Key = (*REGISTRY, "cache_rules")


def a_read_only_lock_leaves_no_admin_user(request: Request) -> Iterator[Problem]:
    """Under a ReadOnly lock, Azure refuses to list the admin user's credentials, as plans do."""
    registry = request.container_registry
    if (
        request.lock_level == "ReadOnly"
        and isinstance(registry, NewRegistry)
        and registry.admin_enabled is True
    ):
        reason = (
            "with the admin user on, every later plan fails: turn admin_enabled off, or lock with "
            "CanNotDelete"
        )
        other = (*REGISTRY, "admin_enabled")
        yield Problem(("lock", "lock_level"), request.lock_level, reason, other)


def a_read_only_lock_leaves_no_pull_token(request: Request) -> Iterator[Problem]:
    """Under a ReadOnly lock, Azure refuses to generate a token's password: it is a POST."""
    if request.lock_level == "ReadOnly" and request.pull_token:
        reason = (
            "Azure generates no password for a token under it: take pull_token out, or lock with "
            "CanNotDelete"
        )
        yield Problem(("lock", "lock_level"), request.lock_level, reason, TOKEN)


def only_owners_let_others_pull(request: Request) -> Iterator[Problem]:
    """Who has to ask a registry's owner for a connection can't create anything in the registry."""
    message = request.private_endpoint.request_message
    given: dict[Key, object] = {}
    if request.pull_token:
        given[TOKEN] = request.pull_token.name
    if request.cache_rules:
        given[CACHE_RULES] = [each.target for each in request.cache_rules]
    for key, value in given.items():
        if message is not None:
            reason = "the registry's owner creates it; take it out, and ask the owner for it"
            yield Problem(key, value, reason, ("private_endpoint", "request_message"))


def the_token_is_in_the_stacks_subscription(request: Request) -> Iterator[Problem]:
    """A token's registry is found by its names, in the subscription of the provider."""
    registry, here = request.container_registry, request.subscription_id
    if not request.pull_token or not here or not isinstance(registry, str):
        return
    theirs = ids.segments(registry)[0]
    if theirs.casefold() != here.casefold():
        reason = (
            f"azurerm creates a token in the stack's subscription, {here}; the registry's is "
            f"{theirs}: create the token in a stack of that subscription"
        )
        yield Problem(TOKEN, request.pull_token.name, reason, (*REGISTRY, "id"))


def cache_rules_are_few_enough(request: Request) -> Iterator[Problem]:
    """Azure takes so many cache rules and no more."""
    number = len(request.cache_rules)
    if number > caches.MOST_RULES:
        reason = f"Azure takes at most {caches.MOST_RULES}; use wildcards, as quay.io/a/*"
        yield Problem(CACHE_RULES, f"{number} rules", reason)


def cache_rules_have_names_of_their_own(request: Request) -> Iterator[Problem]:
    """Each rule has a name that is made of its target, or a given one, and no other rule has it."""
    first: dict[str, int] = {}
    for place, rule in enumerate(request.cache_rules):
        key = (*CACHE_RULES, str(place), "name")
        if rule.name is None and not terraform.is_known(rule.target):
            reason = "it is needed, since only Terraform knows the target"
            yield Problem(key, Absent.ABSENT, reason)
            continue
        name = rule.name or caches.name_for(rule.target)
        other = first.setdefault(name.casefold(), place)
        if other != place and terraform.is_known(name):
            reason = "another rule has this name; give this one a name of its own"
            yield Problem(key, name, reason, (*CACHE_RULES, str(other), "target"))


def wildcards_are_in_both_or_in_none(request: Request) -> Iterator[Problem]:
    """A rule caches one repository in one, or all under a path under a path."""
    for place, rule in enumerate(request.cache_rules):
        if not (terraform.is_known(rule.source) and terraform.is_known(rule.target)):
            continue
        if rule.source.endswith("*") != rule.target.endswith("*"):
            reason = "source and target both end with /*, or neither does"
            key = (*CACHE_RULES, str(place))
            yield Problem((*key, "target"), rule.target, reason, (*key, "source"))


def targets_of_cache_rules_do_not_overlap(request: Request) -> Iterator[Problem]:
    """A repository of the registry has one upstream."""
    targets: dict[str, int] = {}
    above: dict[str, int] = {}
    for place, rule in enumerate(request.cache_rules):
        if not terraform.is_known(rule.target):
            continue
        wildcards = caches.wildcards_over(rule.target)
        others = [targets.get(each) for each in (rule.target, *wildcards)]
        other = next((each for each in (*others, above.get(rule.target)) if each is not None), None)
        if other is not None:
            taken = request.cache_rules[other].target
            reason = f"it overlaps {taken}: a repository has one upstream; choose another target"
            other_key = (*CACHE_RULES, str(other), "target")
            yield Problem((*CACHE_RULES, str(place), "target"), rule.target, reason, other_key)
        targets.setdefault(rule.target, place)
        for each in wildcards:
            above.setdefault(each, place)


def upstreams_get_the_credentials_that_they_take(request: Request) -> Iterator[Problem]:
    """Docker Hub is cached with a login only, and Microsoft's and Amazon's without one only."""
    for place, rule in enumerate(request.cache_rules):
        key = (*CACHE_RULES, str(place), "credential_set_id")
        source = (*CACHE_RULES, str(place), "source")
        host = caches.upstream(rule.source)
        if host in caches.WITH_CREDENTIALS and rule.credential_set_id is None:
            reason = (
                "Azure caches from Docker Hub only with a login: create a credential set (az acr "
                "credential-set create), and give its id"
            )
            yield Problem(key, Absent.ABSENT, reason, source)
        elif host in caches.WITHOUT_CREDENTIALS and rule.credential_set_id is not None:
            reason = f"Azure caches from {host} only without a login; take it out"
            yield Problem(key, rule.credential_set_id, reason, source)


RULES: list[Rule] = [
    a_read_only_lock_leaves_no_admin_user,
    a_read_only_lock_leaves_no_pull_token,
    only_owners_let_others_pull,
    the_token_is_in_the_stacks_subscription,
    cache_rules_are_few_enough,
    cache_rules_have_names_of_their_own,
    wildcards_are_in_both_or_in_none,
    targets_of_cache_rules_do_not_overlap,
    upstreams_get_the_credentials_that_they_take,
]
