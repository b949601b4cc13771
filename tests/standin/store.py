"""What the cloud holds: a plain dict, `{"resources": {id: {"type": …, argument: value, …}}, …}`."""

from collections.abc import Callable, Iterator
from typing import Any

Cloud = dict[str, Any]
Resource = dict[str, Any]
Rule = Callable[[Cloud, str, Resource], str | None]


def find(cloud: Cloud, id_: str) -> str | None:
    """The id under which the cloud keeps this resource: ids differ in more than capitals."""
    wanted = id_.lower()
    return next((key for key in cloud["resources"] if key.lower() == wanted), None)


def get(cloud: Cloud, id_: str) -> Resource:
    """The resource with this id, or an empty one."""
    key = find(cloud, id_)
    return cloud["resources"][key] if key else {}


def of_type(cloud: Cloud, type_: str) -> Iterator[tuple[str, Resource]]:
    """Each resource of a type with its id."""
    return ((key, item) for key, item in cloud["resources"].items() if item["type"] == type_)


def same(one: str, other: str) -> bool:
    """Whether two ids or names are one to Azure."""
    return one.lower() == other.lower()


def name_of(id_: str) -> str:
    """The resource's own name: the last segment of its id."""
    return id_.rpartition("/")[2]


def connection(endpoint: Resource) -> Resource:
    """An endpoint's one connection."""
    found: Resource = endpoint["private_service_connection"][0]
    return found


def target(endpoint: Resource) -> str:
    """The id of the registry that an endpoint leads to."""
    return str(connection(endpoint)["private_connection_resource_id"])
