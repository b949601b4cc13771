"""When the lock of a registry steps aside: only for what Azure would refuse under it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from .terraform import is_resource, reference


class Terms(NamedTuple):
    """What a lock depends on, what Terraform replaces it for, and its notes."""

    depends_on: list[str]
    replace_triggered_by: list[str]
    notes: str


def terms(level: str, endpoint: Any, held: Mapping[str, list[Any]], registry: Any) -> Terms:
    """The terms of a lock.

    Under ``CanNotDelete``, Azure refuses to delete what gets another id, and replicas; under
    ``ReadOnly``, every change. azurerm also replaces a lock whose notes change: by its notes, the
    lock steps aside when something that it holds comes or goes.

    Args:
        level: the lock's level; one that only Terraform knows may be ``ReadOnly``.
        endpoint: the endpoint, which is in the lock's own stack.
        held: what else of that stack the lock holds, by words for it.
        registry: the registry that it is on, which may be of another stack, or no resource.
    """
    by_id, by_replicas = (".id", ".georeplications") if level == "CanNotDelete" else ("", "")
    resources = [endpoint, *(each for several in held.values() for each in several)]
    triggers = [reference(each, by_id) for each in resources]
    if is_resource(registry) and registry.cdktf_stack.node.path == endpoint.cdktf_stack.node.path:
        triggers.append(reference(registry, by_replicas))
    notes = f"The registry {_holds(held)}; remove this lock before you delete it."
    return Terms([reference(each) for each in resources], triggers, notes)


def _holds(held: Mapping[str, list[Any]]) -> str:
    """What a registry holds, in words that change with each resource that comes or goes."""
    kinds = [words for words, several in held.items() if several]
    if not kinds:
        return "holds images"
    words = " and ".join(filter(None, [", ".join(kinds[:-1]), kinds[-1]]))
    if rules := held["cache rules"]:  # too many to list, and each of them counts
        several = "/".join(sorted(map(reference, rules)))
        words += f" ({len(rules)}, {hashlib.sha256(several.encode()).hexdigest()[:8]})"
    return f"holds images and has {words}"
