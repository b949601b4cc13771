"""Which passwords the registries take: those of their tokens, and the admin user's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standin import cloud, resource_ids, store
from standin.resources import cache_rules
from standin.resources.scope_maps import pulled_with
from standin.resources.tokens import NAMES

from .stacks import ENDPOINT, LOGIN, Stack


@dataclass(frozen=True)
class Password:
    """A password, and when it ends as Azure says it; an empty text, if it has no end.

    It pulls from repositories, each of which may be a wildcard.
    """

    value: str
    expiry: str
    repositories: tuple[str, ...] = ("*",)

    def pulls(self, repository: str) -> bool:
        """Whether it pulls from a repository, or from all that a wildcard means."""
        return any(cache_rules.holds(each, repository) for each in self.repositories)

    @property
    def has_ended(self) -> bool:
        """Whether Azure takes it no more, at the time of this machine."""
        if not self.expiry:
            return False
        end = datetime.fromisoformat(self.expiry)
        return (end if end.tzinfo else end.replace(tzinfo=UTC)) <= datetime.now(UTC)


Passwords = dict[str, Password]
"""The passwords by whose they are: `token aro-pull`, `the admin user of acr12345`."""


def passwords(contents: dict[str, Any], *stacks: Stack) -> Passwords:
    """The passwords that the registries of the stacks take, and those that have ended."""
    found: Passwords = {}
    for registry_id in _registries(*stacks):
        registry = cloud.view(contents, registry_id) or {}
        if registry.get("admin_enabled"):
            user = f"the admin user of {store.name_of(registry_id)}"
            found[user] = Password(registry["admin_password"], "")
        for id_, _ in store.of_type(contents, LOGIN):
            token_id = resource_ids.parent(id_)
            token = store.get(contents, token_id)
            is_of_registry = store.same(resource_ids.parent(token_id), registry_id)
            if is_of_registry and token.get("enabled", True):
                repositories = pulled_with(contents, token["scope_map_id"])
                resource = cloud.view(contents, id_) or {}
                found |= _of_token(store.name_of(token_id), resource, repositories)
    return found


def _of_token(token: str, resource: dict[str, Any], repositories: tuple[str, ...]) -> Passwords:
    """The passwords in Terraform's resource for them; most tokens have the first one only."""
    return {
        f"token {token}" + (f", {name}" if name != NAMES[0] else ""): Password(
            str(each.get("value", "")), str(each.get("expiry") or ""), repositories
        )
        for name in NAMES
        for each in resource.get(name) or []
    }


def _registries(*stacks: Stack) -> list[str]:
    """The ids of the registries that the stacks' endpoints lead to, each once."""
    ids = [store.target(each.values) for stack in stacks for each in stack.of_type(ENDPOINT)]
    return [*{id_.lower(): id_ for id_ in ids}.values()]
