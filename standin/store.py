"""The cloud's contents as a dict: `{"resources": {id: {"type": …, argument: value, …}}, …}`."""

import hashlib
import uuid as uuids
from collections.abc import Callable, Iterator
from typing import Any

from . import resource_ids

Contents = dict[str, Any]
Resource = dict[str, Any]


def find(cloud: Contents, id_: str) -> str | None:
    """Returns the stored id that equals this id in any case, or None."""
    return next((key for key in cloud["resources"] if same(key, id_)), None)


def get(cloud: Contents, id_: str) -> Resource:
    """Returns the resource with this id, or an empty dict."""
    key = find(cloud, id_)
    return cloud["resources"][key] if key else {}


def of_type(cloud: Contents, type_: str) -> Iterator[tuple[str, Resource]]:
    """Returns the id and the values of each resource of a type."""
    return ((key, item) for key, item in cloud["resources"].items() if item["type"] == type_)


def children(cloud: Contents, type_: str, id_: str) -> Iterator[tuple[str, Resource]]:
    """Returns the resources of a type whose parent is the resource with this id."""
    found = of_type(cloud, type_)
    return ((key, item) for key, item in found if same(resource_ids.parent(key), id_))


def siblings(cloud: Contents, type_: str, id_: str) -> Iterator[tuple[str, Resource]]:
    """Returns the other resources of a type that have the same parent as this id."""
    found = children(cloud, type_, resource_ids.parent(id_))
    return ((key, item) for key, item in found if not same(key, id_))


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Returns a value in which each text is changed, at any depth."""
    if isinstance(value, dict):
        return {name: with_texts(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def same(one: str, other: str) -> bool:
    """Whether two ids or names are equal in Azure, which ignores case."""
    return one.lower() == other.lower()


def name_of(id_: str) -> str:
    """Returns a resource's name, which is the last segment of its id."""
    return id_.rpartition("/")[2]


def connection(endpoint: Resource) -> Resource:
    """Returns the only connection of a private endpoint."""
    found: Resource = endpoint["private_service_connection"][0]
    return found


def target(endpoint: Resource) -> str:
    """Returns the id of the registry that a private endpoint connects to."""
    return str(connection(endpoint)["private_connection_resource_id"])


def secret(*parts: str) -> str:
    """Returns what Azure generates at random: here, always the same for the same parts."""
    return hashlib.sha256("/".join(parts).lower().encode()).hexdigest()


def uuid(*parts: str) -> str:
    """Returns a UUID that is always the same for the same parts, as `secret` does."""
    return str(uuids.uuid5(uuids.NAMESPACE_URL, "/".join(parts).lower()))
