"""What lets others pull, and does not go together: admin user, pull token and cache rules."""

from __future__ import annotations

from collections.abc import Iterator

from .. import terraform
from ..arguments.additions import NewCacheRule
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
    if request.private_endpoint.request_message is None:
        return
    given: dict[Key, object] = {}
    if request.pull_token:
        given[TOKEN] = request.pull_token.name
    if request.cache_rules:
        given[CACHE_RULES] = [each.target for each in request.cache_rules]
    for key, value in given.items():
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


class CacheRules:
    """The cache rules of a registry, in their order: each is held against those before it."""

    def __init__(self) -> None:
        self._targets: list[str] = []
        self._names: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._below: dict[str, int] = {}

    def refusals(self, rule: NewCacheRule) -> Iterator[Problem]:
        """What is wrong with one more rule."""
        key = (*CACHE_RULES, str(len(self._targets)))
        for check in (
            self._it_has_a_name_of_its_own,
            self._wildcards_are_in_both_or_in_none,
            self._targets_do_not_overlap,
            self._the_upstream_gets_the_credentials_that_it_takes,
        ):
            yield from check(rule, key)

    def add(self, rule: NewCacheRule) -> None:
        """Add a rule, which those after it are held against."""
        place = len(self._targets)
        self._targets.append(rule.target)
        if name := _name(rule):
            self._names.setdefault(name.casefold(), place)
        if terraform.is_known(rule.target):
            self._places.setdefault(rule.target, place)
            for each in caches.wildcards_over(rule.target):
                self._below.setdefault(each, place)

    def _it_has_a_name_of_its_own(self, rule: NewCacheRule, key: Key) -> Iterator[Problem]:
        """Each rule has a name that is made of its target, or a given one, and no other has it."""
        if not (name := _name(rule)):
            reason = "it is needed, since only Terraform knows the target"
            yield Problem((*key, "name"), Absent.ABSENT, reason)
        elif terraform.is_known(name) and (other := self._names.get(name.casefold())) is not None:
            reason = "another rule has this name; give this one a name of its own"
            yield Problem((*key, "name"), name, reason, self._target(other))

    def _wildcards_are_in_both_or_in_none(self, rule: NewCacheRule, key: Key) -> Iterator[Problem]:
        """A rule caches one repository in one, or all under a path under a path."""
        if not (terraform.is_known(rule.source) and terraform.is_known(rule.target)):
            return
        if rule.source.endswith("*") != rule.target.endswith("*"):
            reason = "source and target both end with /*, or neither does"
            yield Problem((*key, "target"), rule.target, reason, (*key, "source"))

    def _targets_do_not_overlap(self, rule: NewCacheRule, key: Key) -> Iterator[Problem]:
        """A repository of the registry has one upstream."""
        if not terraform.is_known(rule.target):
            return
        around = (rule.target, *caches.wildcards_over(rule.target))
        places = [*map(self._places.get, around), self._below.get(rule.target)]
        other = next((each for each in places if each is not None), None)
        if other is not None:
            taken = self._targets[other]
            reason = f"it overlaps {taken}: a repository has one upstream; choose another target"
            yield Problem((*key, "target"), rule.target, reason, self._target(other))

    def _the_upstream_gets_the_credentials_that_it_takes(
        self, rule: NewCacheRule, key: Key
    ) -> Iterator[Problem]:
        """Docker Hub is cached with a login only, Microsoft's and Amazon's without one only."""
        host = caches.upstream(rule.source)
        if host in caches.WITH_CREDENTIALS and rule.credential_set_id is None:
            reason = (
                "Azure caches from Docker Hub only with a login: create a credential set (az acr "
                "credential-set create), and give its id"
            )
            yield Problem((*key, "credential_set_id"), Absent.ABSENT, reason, (*key, "source"))
        elif host in caches.WITHOUT_CREDENTIALS and rule.credential_set_id is not None:
            reason = f"Azure caches from {host} only without a login; take it out"
            credentials = rule.credential_set_id
            yield Problem((*key, "credential_set_id"), credentials, reason, (*key, "source"))

    def _target(self, place: int) -> Key:
        return (*CACHE_RULES, str(place), "target")


def _name(rule: NewCacheRule) -> str | None:
    """The name of a rule, unless it is made of a target that only Terraform knows."""
    if rule.name is None and not terraform.is_known(rule.target):
        return None
    return rule.name or caches.name_for(rule.target)


def refusals_of_the_last(request: Request, before: CacheRules) -> Iterator[Problem]:
    """What is wrong with the last cache rule of a request, of which the others were right."""
    yield from only_owners_let_others_pull(request)
    yield from cache_rules_are_few_enough(request)
    yield from before.refusals(request.cache_rules[-1])


def cache_rules_go_together(request: Request) -> Iterator[Problem]:
    """Each cache rule is right, and goes together with those before it."""
    before = CacheRules()
    for rule in request.cache_rules:
        yield from before.refusals(rule)
        before.add(rule)


RULES: list[Rule] = [
    a_read_only_lock_leaves_no_admin_user,
    a_read_only_lock_leaves_no_pull_token,
    only_owners_let_others_pull,
    the_token_is_in_the_stacks_subscription,
    cache_rules_are_few_enough,
    cache_rules_go_together,
]
