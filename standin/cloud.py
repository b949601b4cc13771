"""The simulated Azure: what it refuses, does and shows, over the cloud's contents as a dict."""

from itertools import chain
from typing import Final

from . import resource_ids
from .behaviour import Behaviour, Check
from .refusals import AzureError
from .resources import (
    cache_rules,
    credential_sets,
    endpoints,
    locks,
    networks,
    registries,
    roles,
    scope_maps,
    subscriptions,
    tags,
    tokens,
    zones,
)
from .resources.subscriptions import namespace_is_registered, parent_exists
from .schema import normal_location
from .store import Contents, Resource, find, get, with_texts

BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "azurerm_container_registry": registries.BEHAVIOUR,
    "azurerm_container_registry_cache_rule": cache_rules.BEHAVIOUR,
    "azurerm_container_registry_credential_set": credential_sets.BEHAVIOUR,
    "azurerm_container_registry_scope_map": scope_maps.BEHAVIOUR,
    "azurerm_container_registry_token": tokens.TOKEN_BEHAVIOUR,
    "azurerm_container_registry_token_password": tokens.PASSWORD_BEHAVIOUR,
    "azurerm_private_dns_zone": zones.ZONE_BEHAVIOUR,
    "azurerm_private_dns_zone_virtual_network_link": zones.LINK_BEHAVIOUR,
    "azurerm_private_endpoint": endpoints.BEHAVIOUR,
    endpoints.ZONE_GROUP: endpoints.GROUP_BEHAVIOUR,
    "azurerm_resource_group": subscriptions.GROUP_BEHAVIOUR,
    "azurerm_role_assignment": roles.ASSIGNMENT_BEHAVIOUR,
    "azurerm_subnet": networks.SUBNET_BEHAVIOUR,
    "azurerm_user_assigned_identity": roles.IDENTITY_BEHAVIOUR,
    "azurerm_virtual_network": networks.NETWORK_BEHAVIOUR,
}
"""How Azure treats each type; of others, it checks what it checks of every type."""
ANY_WRITE: Final[tuple[Check, ...]] = (
    parent_exists,
    namespace_is_registered,
    tags.are_allowed,
    locks.no_read_only_lock,
)


def refusal(cloud: Contents, operation: str, id_: str, resource: Resource) -> AzureError | None:
    """Returns Azure's error for an operation, or None if Azure accepts it."""
    own = _behaviour(resource)
    checks = {
        "create": (*ANY_WRITE, *own.create, *own.write),
        "update": (*ANY_WRITE, *own.write),
        "delete": (locks.no_lock, *own.delete),
    }[operation]
    return next(chain.from_iterable(check(cloud, id_, resource) for check in checks), None)


def carry_out(cloud: Contents, operation: str, id_: str, resource: Resource) -> None:
    """Creates, updates or deletes a resource, and updates the resources that depend on it."""
    key, old = find(cloud, id_) or id_, get(cloud, id_)
    own = _behaviour(resource or old)
    kept = {name: old[name] for name in own.kept if name in old}
    new = own.store(cloud, key, old, None if operation == "delete" else kept | resource)
    if new:
        cloud["resources"][key] = new
        own.after_write(cloud, key, new)
    else:
        _delete(cloud, key)


def _delete(cloud: Contents, key: str) -> None:
    """Deletes a resource with what is in it: its children, locks, roles and settings."""
    inside = (f"{key}/".lower(), f"{key}|".lower())
    for each in [*cloud["resources"]]:
        if each == key or each.lower().startswith(inside):
            del cloud["resources"][each]


def requests(
    cloud: Contents, operation: str, id_: str, resource: Resource
) -> list[tuple[str, str, Resource]]:
    """Returns the requests that the provider sends for one operation of Terraform, in order."""
    return [*_behaviour(resource).requests(operation, id_, get(cloud, id_), resource)]


def read_error(cloud: Contents, id_: str) -> AzureError | None:
    """Returns Azure's error for a read: a ReadOnly lock blocks the POST that lists credentials."""
    registry = get(cloud, id_)
    errors = locks.no_read_only_lock(cloud, id_, registry)
    return next(errors, None) if registry.get("admin_enabled") else None


def view(cloud: Contents, id_: str) -> Resource | None:
    """Returns a resource as Azure shows it: its settings, its id's parts and computed values."""
    key = find(cloud, id_)
    if not key:
        return None
    settings = with_texts(cloud["resources"][key], _canonical)
    key = resource_ids.canonical(key)
    if "location" in settings:
        settings["location"] = normal_location(settings["location"])
    computed = _behaviour(settings).compute(cloud, key, settings)
    id_parts = resource_ids.parse(settings["type"], key)
    return {**settings, **id_parts, **computed, "id": key}


def known(state: Resource, before: Resource, after: Resource) -> Resource:
    """Returns what azurerm knows of a resource, from its state, and from what Azure had and has."""
    return _behaviour(after).known(state, before, after)


def _behaviour(resource: Resource) -> Behaviour:
    return BEHAVIOURS.get(resource.get("type", ""), Behaviour())


def _canonical(text: str) -> str:
    is_id = text.lower().startswith("/subscriptions/")
    return resource_ids.canonical(text) if is_id else text
