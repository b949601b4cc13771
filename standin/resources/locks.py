"""Azure's management locks: the operations that each level blocks, and the resources it covers."""

from typing import Final

from .. import resource_ids
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, get, of_type, target
from .members import replicas

TYPE: Final = "azurerm_management_lock"


def _refusal(cloud: Contents, id_: str, resource: Resource, *levels: str) -> Errors:
    """Returns Azure's error if a lock of one of the levels covers a resource, or None.

    A lock covers every resource in its scope, extension resources included, and each endpoint
    whose target is in its scope, because the endpoint's connection is a child of the target. A
    lock does not cover locks.
    """
    if resource["type"] == TYPE:
        return
    own_ids = [id_]
    if resource["type"] == "azurerm_private_endpoint":
        own_ids.append(target(resource))
    for lock_id, lock in of_type(cloud, TYPE):
        scope = f"{resource_ids.parent(lock_id)}/".lower()
        in_scope = any(f"{each.replace('|', '/')}/".lower().startswith(scope) for each in own_ids)
        if in_scope and lock["lock_level"] in levels:
            yield Refusal.LOCKED.error(
                f"The scope '{id_}' cannot perform it: locked by '{lock_id}'."
            )


def no_lock(cloud: Contents, id_: str, resource: Resource) -> Errors:
    """A lock of either level blocks the deletion of a resource."""
    if resource["type"] == "azurerm_container_registry_token_password":
        # Azure deletes passwords by an update of the token.
        return no_read_only_lock(cloud, id_, resource)
    return _refusal(cloud, id_, resource, "CanNotDelete", "ReadOnly")


def no_read_only_lock(cloud: Contents, id_: str, resource: Resource) -> Errors:
    """A ReadOnly lock blocks each create, update and POST request."""
    return _refusal(cloud, id_, resource, "ReadOnly")


def no_lock_on_replicas(cloud: Contents, id_: str, registry: Resource) -> Errors:
    """A lock blocks a change that creates or deletes a replica; zone redundancy does both."""
    before, after = ({*replicas(each)} for each in (get(cloud, id_), registry))
    if before != after:
        yield from no_lock(cloud, id_, registry)
