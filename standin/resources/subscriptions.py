"""What a subscription and a resource group must have before Azure creates a resource in them."""

from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, get, name_of, same


def registered(cloud: Contents, id_: str) -> list[str]:
    """Returns the namespaces that are registered in the subscription of an id."""
    namespaces: list[str] = cloud["registered"].setdefault(id_.split("/")[2].lower(), [])
    return namespaces


def register(cloud: Contents, id_: str) -> None:
    """Registers the namespace at the end of an id in the id's subscription."""
    if name_of(id_) not in registered(cloud, id_):
        registered(cloud, id_).append(name_of(id_))


def parent_exists(cloud: Contents, id_: str, _: Resource) -> Errors:
    """A resource's parent must exist: a resource group, virtual network, zone or registry.

    Every subscription exists, and has the namespace of resource groups registered.
    """
    parent = resource_ids.parent(id_)
    kind = parent.split("/")[-2]
    if get(cloud, parent) or same(kind, "subscriptions"):
        return
    if same(kind, "resourceGroups"):
        message = f"Resource group '{name_of(parent)}' could not be found."
        yield Refusal.GROUP_IS_MISSING.error(message)
    else:
        message = f"the parent resource '{parent}' could not be found."
        yield Refusal.PARENT_IS_MISSING.error(message)


def namespace_is_registered(cloud: Contents, id_: str, _: Resource) -> Errors:
    """The subscription must have registered the namespace of the resource."""
    provided = resource_ids.canonical(id_).split("/providers/")[1:]
    namespace = provided[-1].partition("/")[0] if provided else ""
    if provided and namespace not in registered(cloud, id_):
        yield Refusal.NAMESPACE_IS_NOT_REGISTERED.error(
            f"The subscription is not registered to use namespace '{namespace}'."
        )


def group_is_empty(cloud: Contents, id_: str, _: Resource) -> Errors:
    """The provider deletes no resource group with resources in it, unless it is told to."""
    inside = f"{id_}/".lower()
    if any(key.lower().startswith(inside) for key in cloud["resources"]):
        yield Refusal.GROUP_IS_NOT_EMPTY.error(
            f"the Resource Group {name_of(id_)} still contains Resources."
        )


GROUP_BEHAVIOUR: Final = Behaviour(delete=(group_is_empty,))
