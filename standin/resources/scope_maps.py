"""Scope maps: what a token may do in a registry."""

import re
from typing import Final

from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, get, name_of

TYPE: Final = "azurerm_container_registry_scope_map"
BUILT_IN: Final = (
    "_repositories_admin",
    "_repositories_pull",
    "_repositories_pull_metadata_read",
    "_repositories_push",
    "_repositories_push_metadata_write",
)
"""The names of the scope maps that each registry has from the start."""
PULL: Final = "/content/read"
_REPOSITORY: Final = r"repositories/(\*|[a-z0-9._-]+(/[a-z0-9._-]+)*(/\*)?)"
_ACTION: Final = re.compile(
    rf"{_REPOSITORY}/(content/(read|write|delete)|metadata/(read|write))"
    r"|gateway/[\w-]+/(config|message)/(read|write)"
)


def actions_are_known(_: Contents, __: str, scope_map: Resource) -> Errors:
    """An action names a repository or a gateway; a wildcard is the whole name, or ends it."""
    for action in scope_map["actions"]:
        if not _ACTION.fullmatch(action):
            yield Refusal.ACTION_IS_UNKNOWN.error(f"'{action}' is not an action of a scope map.")


def pulled_with(cloud: Contents, scope_map: str) -> tuple[str, ...]:
    """Returns the repositories from which a token with a scope map pulls; each may be a wildcard.

    Each built-in one is taken for one that pulls from all.
    """
    if name_of(scope_map) in BUILT_IN:
        return ("*",)
    pulls = (each for each in get(cloud, scope_map).get("actions", []) if each.endswith(PULL))
    return tuple(each.removeprefix("repositories/").removesuffix(PULL) for each in pulls)


BEHAVIOUR: Final = Behaviour(write=(actions_are_known,))
