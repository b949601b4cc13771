"""The arguments of a lock that follow from what it protects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from ..terraform import is_resource, reference

PROTECTED_KINDS = (
    "audit logs",
    "a pull token",
    "further pull tokens",
    "role assignments",
    "credential sets",
    "cache rules",
)
"""What a lock on a registry protects beside it and its endpoint, in the words of its notes."""
_COUNTED = PROTECTED_KINDS[2:]
"""The kinds that a registry may have several of: the notes have their number."""


class LockArguments:
    """What a lock depends on, what Terraform replaces it for, and its notes.

    Terraform removes the lock before it does what Azure would refuse under it, and creates it again
    afterwards. Under ``CanNotDelete``, Azure refuses to delete what gets another id, and replicas;
    under ``ReadOnly``, every change. azurerm also replaces a lock whose notes change: they name
    what is protected, so that they change when something comes or goes.

    They are asked for when the stack is written: until then, more may be added.
    """

    def __init__(
        self, lock: Any, endpoint: Any, registry: Any, more: Mapping[str, Sequence[Any]]
    ) -> None:
        """Take what the arguments follow from.

        Args:
            lock: the lock. A level that only Terraform knows may be ``ReadOnly``.
            endpoint: the endpoint, which is in the lock's own stack.
            registry: the registry that it is on, which may be of another stack, or no resource.
            more: what else of that stack the lock protects, by its kind.
        """
        self._lock, self._endpoint, self._registry, self._more = lock, endpoint, registry, more
        self._reference = cache(reference)

    def depends_on(self) -> list[str]:
        """References to what the lock protects."""
        return [self._reference(each) for each in self._protected()]

    def replace_triggered_by(self) -> list[str]:
        """References to what Azure would refuse to change under the lock."""
        some = str(self._lock.lock_level_input) == "CanNotDelete"
        by_id, by_replicas = (".id", ".georeplications") if some else ("", "")
        triggers = [self._reference(each) + by_id for each in self._protected()]
        if self._is_with_the_registry:
            triggers.append(self._reference(self._registry) + by_replicas)
        return triggers

    def notes(self) -> str:
        """What the registry holds, in words that change with each resource that comes or goes."""
        kinds = [words for words, several in self._more.items() if several]
        words = " and ".join(filter(None, [", ".join(kinds[:-1]), *kinds[-1:]]))
        counted = [each for kind in _COUNTED for each in self._more[kind]]
        if counted:  # too many to list, and each of them counts
            several = "/".join(sorted(map(self._reference, counted)))
            words += f" ({len(counted)}, {hashlib.sha256(several.encode()).hexdigest()[:8]})"
        holds = f"holds images and has {words}" if words else "holds images"
        return f"The registry {holds}; remove this lock before you delete it."

    def _protected(self) -> list[Any]:
        return [self._endpoint, *(each for several in self._more.values() for each in several)]

    @cached_property
    def _is_with_the_registry(self) -> bool:
        """Whether the registry is a resource of the lock's own stack."""
        stacks = (self._registry, self._endpoint)
        return is_resource(self._registry) and len({s.cdktf_stack.node.path for s in stacks}) == 1
