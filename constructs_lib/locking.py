"""When the lock of a registry steps aside: only for what Azure would refuse under it."""

from __future__ import annotations

from typing import Any, NamedTuple

from .terraform import is_resource, reference


class Terms(NamedTuple):
    """What a lock depends on, what Terraform replaces it for, and its notes."""

    depends_on: list[str]
    replace_triggered_by: list[str]
    notes: str


def terms(level: str, held: list[Any], registry: Any) -> Terms:
    """The terms of a lock.

    Under ``CanNotDelete``, Azure refuses to delete what gets another id, and replicas; under
    ``ReadOnly``, every change. azurerm also replaces a lock whose notes change: by its notes, the
    lock steps aside when audit logs come or go.

    Args:
        level: the lock's level; one that only Terraform knows may be ``ReadOnly``.
        held: the resources of the lock's own stack that it holds, first the endpoint.
        registry: the registry that it is on, which may be of another stack, or no resource.
    """
    by_id, by_replicas = (".id", ".georeplications") if level == "CanNotDelete" else ("", "")
    triggers = [reference(each, by_id) for each in held]
    if is_resource(registry) and registry.cdktf_stack.node.path == held[0].cdktf_stack.node.path:
        triggers.append(reference(registry, by_replicas))
    holds = "holds images and has audit logs" if len(held) > 1 else "holds images"
    notes = f"The registry {holds}; remove this lock before you delete it."
    return Terms([reference(each) for each in held], triggers, notes)
