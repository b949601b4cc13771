"""Locks as Azure holds them: what each level refuses, and where."""

from . import ids
from .schema import normal_location
from .store import Cloud, Resource, get, of_type, target


def _locking(cloud: Cloud, id_: str, resource: Resource, *levels: str) -> str | None:
    """The lock of one of the levels that holds a resource, if one does.

    It holds all that lies in its scope, extension resources too, and the endpoints that lead there,
    whose connections lie there. It does not hold itself.
    """
    ends = [id_]
    if resource["type"] == "azurerm_private_endpoint":
        ends.append(target(resource))
    for lock, there in of_type(cloud, "azurerm_management_lock"):
        scope = f"{ids.parent(lock)}/".lower()
        held = any(f"{end.replace('|', '/')}/".lower().startswith(scope) for end in ends)
        if held and resource["type"] != "azurerm_management_lock" and there["lock_level"] in levels:
            return lock
    return None


def _locked(id_: str, lock: str | None) -> str | None:
    return lock and f"ScopeLocked: The scope '{id_}' cannot perform it: locked by '{lock}'."


def no_lock(cloud: Cloud, id_: str, resource: Resource) -> str | None:
    """Nothing is deleted under a lock."""
    if resource["type"] == "azurerm_container_registry_token_password":
        return no_read_only_lock(cloud, id_, resource)  # they go by an update of the token
    return _locked(id_, _locking(cloud, id_, resource, "CanNotDelete", "ReadOnly"))


def no_read_only_lock(cloud: Cloud, id_: str, resource: Resource) -> str | None:
    """Nothing is made or changed under a ReadOnly lock, and nothing is asked for by a POST."""
    return _locked(id_, _locking(cloud, id_, resource, "ReadOnly"))


def no_lock_on_replicas(cloud: Cloud, id_: str, registry: Resource) -> str | None:
    """No replica comes or goes under a lock; the provider makes one anew for its redundancy."""
    before, after = (
        {
            (normal_location(each["location"]), bool(each.get("zone_redundancy_enabled")))
            for each in registry_.get("georeplications", [])
        }
        for registry_ in (get(cloud, id_), registry)
    )
    return no_lock(cloud, id_, registry) if before != after else None
