"""What lets others pull, and does not go together: tokens, roles, logins and cache rules."""

from __future__ import annotations

from collections.abc import Iterator

from .. import terraform
from ..arguments.additions import CredentialSet, NewCacheRule, NewCredentialSet
from ..arguments.problems import Absent, Key, Problem
from ..azure import caches, ids, naming
from .known_arguments import ON_THE_REGISTRY, Check, RegistryRequest

REGISTRY: Key = ("container_registry",)
TOKENS: Key = (*REGISTRY, "pull_tokens")
CREDENTIAL_SETS: Key = (*REGISTRY, "credential_sets")
CACHE_RULES: Key = (*REGISTRY, "cache_rules")


def a_read_only_lock_leaves_no_admin_user(request: RegistryRequest) -> Iterator[Problem]:
    """Under a ReadOnly lock, Azure refuses to list the admin user's credentials, as plans do."""
    registry = request.new_registry
    if request.lock_level == "ReadOnly" and registry and registry.admin_enabled is True:
        reason = (
            "with the admin user on, every later plan fails: turn admin_enabled off, or lock with "
            "CanNotDelete"
        )
        other = (*REGISTRY, "admin_enabled")
        yield Problem(("lock", "lock_level"), request.lock_level, reason, other)


def a_read_only_lock_leaves_no_pull_token(request: RegistryRequest) -> Iterator[Problem]:
    """Under a ReadOnly lock, Azure refuses to generate a token's password: it is a POST."""
    if request.lock_level == "ReadOnly" and request.pull_tokens:
        reason = (
            "Azure generates no password for a token under it: take pull_tokens out, or lock with "
            "CanNotDelete"
        )
        yield Problem(("lock", "lock_level"), request.lock_level, reason, TOKENS)


def only_owners_let_others_pull(request: RegistryRequest) -> Iterator[Problem]:
    """Who has to ask a registry's owner for a connection can't create anything in the registry."""
    if request.private_endpoint.request_message is None:
        return
    for argument, value in _on_the_registry(request):
        reason = "the registry's owner creates it; take it out, and ask the owner for it"
        yield Problem((*REGISTRY, argument), value, reason, ("private_endpoint", "request_message"))


def _on_the_registry(request: RegistryRequest) -> Iterator[tuple[str, object]]:
    """Each argument whose resources are on the registry, and what names these."""
    for argument in ON_THE_REGISTRY:
        if given := getattr(request, argument):
            yield argument, [getattr(each, "target", each) for each in given]


def children_are_in_the_subscription_of_the_stack(
    request: RegistryRequest,
) -> Iterator[Problem]:
    """Azurerm builds the ids from the provider's subscription; a role's has its whole scope."""
    registry, here = request.container_registry, request.subscription_id
    if not here or not isinstance(registry, str):
        return
    theirs = ids.segments(registry)[0]
    for argument, value in _on_the_registry(request):
        if argument != "role_assignments" and theirs.casefold() != here.casefold():
            reason = (
                f"azurerm creates it in the stack's subscription, {here}; the registry's is "
                f"{theirs}: create it in a stack of that subscription"
            )
            yield Problem((*REGISTRY, argument), value, reason, (*REGISTRY, "id"))


def names_differ_in_more_than_case(request: RegistryRequest) -> Iterator[Problem]:
    """Azure takes two names that differ in case only for one."""
    for argument in ("pull_tokens", "credential_sets"):
        names: dict[str, str] = {}
        for name in getattr(request, argument):
            first = names.setdefault(name.casefold(), name)
            if first != name:
                reason = f"Azure takes it for {first}, in upper or lower case; give another name"
                key = (*REGISTRY, argument)
                yield Problem((*key, name), name, reason, (*key, first))


def nobody_gets_a_role_twice(request: RegistryRequest) -> Iterator[Problem]:
    """Azure refuses a second assignment of a role to somebody in one scope."""
    assigned: dict[tuple[str, str], str] = {}
    key = (*REGISTRY, "role_assignments")
    for name, assignment in request.role_assignments.items():
        principal = assignment.principal_id
        first = assigned.setdefault((assignment.role, principal.casefold()), name)
        if first != name and terraform.is_known(principal):
            reason = f"this principal has the role {assignment.role} already; give it once"
            yield Problem((*key, name, "principal_id"), principal, reason, (*key, first))


def azure_honors_each_role(request: RegistryRequest) -> Iterator[Problem]:
    """Where roles may be limited to repositories, those that cannot be mean nothing.

    Source: https://learn.microsoft.com/azure/container-registry/container-registry-rbac-abac-repository-permissions
    """
    registry, mode = request.new_registry, "AbacRepositoryPermissions"
    if not registry or registry.role_assignment_mode != mode:
        return
    for name, assignment in request.role_assignments.items():
        if assignment.role in ("AcrPull", "AcrPush"):
            reason = (
                f"Azure does not honor it in the mode {mode}: leave the mode out, or assign "
                "Container Registry Repository Reader or Writer yourself"
            )
            key = (*REGISTRY, "role_assignments", name, "role")
            yield Problem(key, assignment.role, reason, (*REGISTRY, "role_assignment_mode"))


def a_set_reads_its_secrets_in_its_vault(request: RegistryRequest) -> Iterator[Problem]:
    """The identity of a credential set gets its role on one vault: that of both secrets."""
    for name, each in request.credential_sets.items():
        vault = each.key_vault_id
        if vault is None or not terraform.is_known(vault):
            continue
        given = ids.segments(vault)[2]
        for argument in ("username_secret_id", "password_secret_id"):
            url, key = getattr(each, argument), (*CREDENTIAL_SETS, name)
            if terraform.is_known(url) and naming.vault_of(url).casefold() != given.casefold():
                reason = (
                    f"the set's identity gets its role on the vault {given} only: name a secret of "
                    "that vault, or leave key_vault_id out and give the role yourself"
                )
                yield Problem((*key, argument), url, reason, (*key, "key_vault_id"))


def trusted_services_fill_the_cache(request: RegistryRequest) -> Iterator[Problem]:
    """With public access off, Azure fetches images for the cache as a trusted service."""
    option = request.new_registry and request.new_registry.network_rule_bypass_option
    if request.cache_rules and option == "None":
        reason = (
            "Azure then cannot fill the cache: leave it out, which lets trusted services pass, or "
            "take cache_rules out"
        )
        yield Problem((*REGISTRY, "network_rule_bypass_option"), option, reason, CACHE_RULES)


def cache_rules_are_few_enough(request: RegistryRequest) -> Iterator[Problem]:
    """Azure takes so many cache rules and no more."""
    number = len(request.cache_rules)
    if number > caches.MOST_RULES:
        reason = f"Azure takes at most {caches.MOST_RULES}; use wildcards, such as quay.io/a/*"
        yield Problem(CACHE_RULES, f"{number} rules", reason)


class CacheRules:
    """The cache rules of a registry, in their order: each is held against those before it."""

    def __init__(self) -> None:
        self._targets: list[str] = []
        self._names: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._below: dict[str, int] = {}

    def refusals(
        self, rule: NewCacheRule, request: RegistryRequest, login: NewCredentialSet | None = None
    ) -> Iterator[Problem]:
        """What is wrong with one more rule of a request, which may log in with a set of its own."""
        key = (*CACHE_RULES, str(len(self._targets)))
        yield from self._it_has_a_name_of_its_own(rule, key)
        yield from _wildcards_are_in_both_or_in_none(rule, key)
        yield from self._targets_do_not_overlap(rule, key)
        yield from _the_login_is_one_of_the_sets(rule, key, request)
        yield from _a_set_that_is_created_here_is_not_given_by_its_id(rule, key, request)
        if login:
            place = (*key, "credential_set_id")
            yield from _it_logs_in_to_the_upstream(rule, login, place, login.name)
        yield from _the_upstream_gets_the_login_that_it_takes(rule, key)

    def add(self, rule: NewCacheRule) -> None:
        """Add a rule, which those after it are held against."""
        place = len(self._targets)
        self._targets.append(rule.target)
        if name := _name(rule):
            self._names.setdefault(name.casefold(), place)
        if terraform.is_known(rule.target):
            self._places.setdefault(rule.target, place)
            if rule.target.endswith("*"):
                for each in caches.wildcards_over(rule.target):
                    self._below.setdefault(each, place)

    def _it_has_a_name_of_its_own(self, rule: NewCacheRule, key: Key) -> Iterator[Problem]:
        """Each rule has a name that is made of its target, or a given one, and no other has it."""
        if not (name := _name(rule)):
            reason = "it is needed, since only Terraform knows the target"
            yield Problem((*key, "name"), Absent.ABSENT, reason, (*key, "target"))
        elif terraform.is_known(name) and (other := self._names.get(name.casefold())) is not None:
            reason = "another rule has this name; give this one a name of its own"
            yield Problem((*key, "name"), name, reason, self._target(other))

    def _targets_do_not_overlap(self, rule: NewCacheRule, key: Key) -> Iterator[Problem]:
        """Two rules have two targets, and no wildcard lies in another; a repository may do so."""
        target = rule.target
        if not terraform.is_known(target):
            return
        if (same := self._places.get(target)) is not None:
            reason = "another rule has this target; choose another one"
            yield Problem((*key, "target"), target, reason, self._target(same))
        elif target.endswith("*"):
            places = [
                *map(self._places.get, caches.wildcards_over(target)),
                self._below.get(target),
            ]
            other = next((each for each in places if each is not None), None)
            if other is not None:
                reason = (
                    f"it overlaps {self._targets[other]}: Azure takes no wildcard in another one; "
                    "choose another target"
                )
                yield Problem((*key, "target"), target, reason, self._target(other))

    def _target(self, place: int) -> Key:
        return (*CACHE_RULES, str(place), "target")


def _wildcards_are_in_both_or_in_none(rule: NewCacheRule, key: Key) -> Iterator[Problem]:
    """A rule caches one repository in one, or all under a path under a path."""
    if not (terraform.is_known(rule.source) and terraform.is_known(rule.target)):
        return
    if rule.source.endswith("*") != rule.target.endswith("*"):
        reason = "source and target both end with /*, or neither does"
        yield Problem((*key, "target"), rule.target, reason, (*key, "source"))


def _the_login_is_one_of_the_sets(
    rule: NewCacheRule, key: Key, request: RegistryRequest
) -> Iterator[Problem]:
    """A credential set that is given by its name is one of the request, for the rule's upstream."""
    argument, name = rule.login or ("", "")
    if argument != "credential_set":
        return
    if rule.credential_set_id is not None:
        reason = "a rule has one credential set: give it here or as credential_set_id"
        yield Problem((*key, argument), name, reason, (*key, "credential_set_id"))
    elif not (credential_set := request.credential_sets.get(name)):
        known = ", ".join(request.credential_sets) or "none so far"
        reason = f"the name of one of credential_sets is expected: {known}"
        yield Problem((*key, argument), name, reason, CREDENTIAL_SETS)
    else:
        other = (*CREDENTIAL_SETS, name, "login_server")
        yield from _it_logs_in_to_the_upstream(rule, credential_set, (*key, argument), name, other)


def _a_set_that_is_created_here_is_not_given_by_its_id(
    rule: NewCacheRule, key: Key, request: RegistryRequest
) -> Iterator[Problem]:
    """Terraform would not know that it has to create the credential set before the rule."""
    id, registry = rule.credential_set_id, request.registry_name
    if not id or not registry or not terraform.is_known(id):
        return
    names = {name.casefold(): name for name in request.credential_sets if terraform.is_known(name)}
    name = names.get(id.rpartition("/")[2].casefold())
    if name and ids.segments(id)[2].casefold() == registry.casefold():
        reason = f"this credential set is created here, and possibly after the rule: {rule.by_name}"
        yield Problem((*key, "credential_set_id"), id, reason, (*CREDENTIAL_SETS, name))


def _it_logs_in_to_the_upstream(
    rule: NewCacheRule, login: CredentialSet, key: Key, value: object, other: Key | None = None
) -> Iterator[Problem]:
    """A credential set is for one upstream."""
    host = caches.upstream(rule.source)
    are_known = terraform.is_known(host) and terraform.is_known(login.login_server)
    if are_known and login.login_server != host:
        reason = f"it logs in to {login.login_server}, and the rule reads from {host}"
        yield Problem(key, value, reason, other)


def _the_upstream_gets_the_login_that_it_takes(rule: NewCacheRule, key: Key) -> Iterator[Problem]:
    """Docker Hub is cached with a login only, and Microsoft's registry without one only."""
    host = caches.upstream(rule.source)
    taken = caches.login(host)
    if taken == "needed" and not rule.login:
        called = "Docker Hub" if host == "docker.io" else host
        reason = f"Azure caches from {called} only with a login: {rule.login_remedy}"
        yield Problem((*key, rule.login_key), Absent.ABSENT, reason, (*key, "source"))
    elif taken == "refused" and rule.login:
        argument, value = rule.login
        reason = f"Azure caches from {host} only without a login; take it out"
        yield Problem((*key, argument), value, reason, (*key, "source"))


def _name(rule: NewCacheRule) -> str | None:
    """The name of a rule, unless it is made of a target that only Terraform knows."""
    if rule.name is None and not terraform.is_known(rule.target):
        return None
    return rule.name or caches.name_for(rule.target)


def refusals_of_the_last(
    request: RegistryRequest, before: CacheRules, login: NewCredentialSet | None = None
) -> Iterator[Problem]:
    """What is wrong with the last cache rule of a request, of which the others were right.

    Args:
        request: the registry with the rule.
        before: the rules before it.
        login: what its ``credential_set_id`` refers to, if that is created here.
    """
    yield from only_owners_let_others_pull(request)
    yield from children_are_in_the_subscription_of_the_stack(request)
    yield from trusted_services_fill_the_cache(request)
    yield from cache_rules_are_few_enough(request)
    yield from before.refusals(request.cache_rules[-1], request, login)


def cache_rules_go_together(request: RegistryRequest) -> Iterator[Problem]:
    """Each cache rule is right, and goes together with those before it."""
    before = CacheRules()
    for rule in request.cache_rules:
        yield from before.refusals(rule, request)
        before.add(rule)


CHECKS: list[Check] = [
    a_read_only_lock_leaves_no_admin_user,
    a_read_only_lock_leaves_no_pull_token,
    only_owners_let_others_pull,
    children_are_in_the_subscription_of_the_stack,
    names_differ_in_more_than_case,
    nobody_gets_a_role_twice,
    azure_honors_each_role,
    a_set_reads_its_secrets_in_its_vault,
    trusted_services_fill_the_cache,
    cache_rules_are_few_enough,
    cache_rules_go_together,
]
