"""When the lock of a registry steps aside: only for what Azure would refuse under it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any

from .terraform import is_resource, reference


class Terms:
    """What a lock depends on, what Terraform replaces it for, and its notes.

    Under ``CanNotDelete``, Azure refuses to delete what gets another id, and replicas; under
    ``ReadOnly``, every change. azurerm also replaces a lock whose notes change: by its notes, the
    lock steps aside when something that it holds comes or goes.

    They are asked for when the stack is written: until then, more may be added.
    """

    def __init__(
        self, lock: Any, endpoint: Any, registry: Any, held: Callable[[], Mapping[str, list[Any]]]
    ) -> None:
        """Take what the terms follow from.

        Args:
            lock: the lock. A level that only Terraform knows may be ``ReadOnly``.
            endpoint: the endpoint, which is in the lock's own stack.
            registry: the registry that it is on, which may be of another stack, or no resource.
            held: what else of that stack the lock holds, by words for it.
        """
        self._lock, self._endpoint, self._registry, self._held = lock, endpoint, registry, held
        self._reference = cache(reference)

    def depends_on(self) -> list[str]:
        """References to what the lock holds."""
        return [self._reference(each) for each in self._resources()]

    def replace_triggered_by(self) -> list[str]:
        """References to what Azure would refuse under the lock when it changes."""
        some = str(self._lock.lock_level_input) == "CanNotDelete"
        by_id, by_replicas = (".id", ".georeplications") if some else ("", "")
        triggers = [self._reference(each) + by_id for each in self._resources()]
        if self._is_with_the_registry:
            triggers.append(self._reference(self._registry) + by_replicas)
        return triggers

    def notes(self) -> str:
        """What the registry holds, in words that change with each resource that comes or goes."""
        held = self._held()
        kinds = [words for words, several in held.items() if several]
        words = " and ".join(filter(None, [", ".join(kinds[:-1]), *kinds[-1:]]))
        if rules := held["cache rules"]:  # too many to list, and each of them counts
            several = "/".join(sorted(map(self._reference, rules)))
            words += f" ({len(rules)}, {hashlib.sha256(several.encode()).hexdigest()[:8]})"
        holds = f"holds images and has {words}" if words else "holds images"
        return f"The registry {holds}; remove this lock before you delete it."

    def _resources(self) -> list[Any]:
        return [self._endpoint, *(each for several in self._held().values() for each in several)]

    @cached_property
    def _is_with_the_registry(self) -> bool:
        """Whether the registry is a resource of the lock's own stack."""
        stacks = (self._registry, self._endpoint)
        return is_resource(self._registry) and len({s.cdktf_stack.node.path for s in stacks}) == 1
