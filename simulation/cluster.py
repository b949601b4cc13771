"""What clusters find and pull: the registry's names in their networks, its cache and its roles."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from standin import cloud, resource_ids, store
from standin.resources import images
from standin.resources.endpoints import host_addresses, zones_of
from standin.resources.members import members
from standin.store import Contents

from .stacks import CACHE_RULE, ENDPOINT, LINK, ROLE, Resource, Stack

Names = dict[tuple[str, str], str | None]
"""The address of a host name in a network: both are the key, the network by its id."""

Pulls = dict[tuple[str, str], str | None]
"""Why nothing new is pulled through a cache rule: its source and its target are the key."""


def resolved(contents: Contents, *stacks: Stack) -> Names:
    """The address of each host name of the stacks' registries in each of their networks, or None.

    These are the endpoint's network, and those that the stack links to its zone. A name resolves
    if a zone that is linked to the network has its record. A registry that does not exist has no
    names.
    """
    names: Names = {}
    for stack in stacks:
        for endpoint in stack.of_type(ENDPOINT):
            registry = store.target(endpoint.values)
            for network in _networks(stack, endpoint):
                records = dict(_records(contents, network))
                for host in members(contents, registry).values():
                    names[network, host] = records.get(host)
    return names


def _networks(stack: Stack, endpoint: Resource) -> list[str]:
    zones = {zone.lower() for zone in zones_of(endpoint.values)}
    linked = [
        str(link.values["virtual_network_id"])
        for link in stack.of_type(LINK)
        if resource_ids.parent(link.id).lower() in zones
    ]
    return [*dict.fromkeys([resource_ids.parent(endpoint.values["subnet_id"]), *linked])]


def through_the_cache(contents: Contents, *stacks: Stack) -> Pulls:
    """Whether the clusters pull what they have not pulled yet through the stacks' cache rules."""
    rules = [rule for stack in stacks for rule in stack.of_type(CACHE_RULE)]
    return {
        (rule.values["source_repo"], rule.values["target_repo"]): _fault_of(contents, rule)
        for rule in rules
    }


def _fault_of(contents: Contents, rule: Resource) -> str | None:
    registry, repository = resource_ids.parent(rule.id), _repository(rule)
    found = images.rule_of(contents, registry, repository) or {}
    if found.get("source_repo") != rule.values["source_repo"]:
        return "no cache rule fetches it."
    error = images.fetching_error(contents, registry, repository)
    return None if error is None else str(error)


def fill_the_cache(contents: Contents, stack: Stack) -> None:
    """Pulls through each cache rule of a stack.

    What is pulled stays in the registry: no later rule may have these repositories as its target.
    """
    for rule in stack.of_type(CACHE_RULE):
        images.pull(contents, resource_ids.parent(rule.id), _repository(rule))


def _repository(rule: Resource) -> str:
    return str(rule.values["target_repo"]).replace("*", "an-image")


def assigned(contents: Contents, *stacks: Stack) -> set[str]:
    """The roles in the stacks' registries: which principal has which one."""
    return {
        f"{assignment['principal_id']}: the role {assignment.get('role_definition_name')}"
        for stack in stacks
        for endpoint in stack.of_type(ENDPOINT)
        for _, assignment in store.children(contents, ROLE, store.target(endpoint.values))
    }


def only_mirrors(stack: Stack) -> bool:
    """Whether the mirror sets in a stack's output keep the nodes from asking the source."""
    return 'mirrorSourcePolicy = "NeverContactSource"' in mirrors(stack)


def mirrors(stack: Stack) -> str:
    """The mirror sets in a stack's output, which somebody applies to the cluster."""
    output = stack.config.get("output", {}).get("image_mirrors", {})
    return str(output.get("value") or "")


def _records(contents: Contents, network: str) -> Iterator[tuple[str, str]]:
    linked = {
        resource_ids.parent(id_).lower()
        for id_, link in store.of_type(contents, LINK)
        if store.same(link["virtual_network_id"], network)
    }
    for _, endpoint in store.of_type(contents, ENDPOINT):
        if linked & {zone.lower() for zone in zones_of(endpoint)}:
            yield from host_addresses(contents, endpoint)


def carried_out(before: Contents, after: Contents) -> Iterator[tuple[str, str, Contents]]:
    """What Azure did between two states, in the order in which it received the requests.

    Each item is an operation, the id of its resource, and the contents of the cloud after it.
    """
    contents = copy.deepcopy(before)
    for entry in after["log"][len(before["log"]) :]:
        if entry["status"] == 200 and entry["operation"] != "register":
            cloud.carry_out(contents, entry["operation"], entry["id"], entry["resource"])
            yield entry["operation"], entry["id"], contents
