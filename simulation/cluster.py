"""Whether the cluster finds the registry: what its host names resolve to in the network."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from standin import cloud, resource_ids, store
from standin.refusals import AzureError
from standin.resources import images
from standin.resources.endpoints import host_addresses, zones_of
from standin.resources.members import members

from .stacks import CACHE_RULE, ENDPOINT, LINK, Json, Stack

Contents = dict[str, Any]
Names = dict[str, str | None]


def resolved(contents: Contents, *stacks: Stack) -> Names:
    """The address of each host name of the stacks' registries in the cluster's network, or None.

    A name resolves if a zone that is linked to the network has its record. A registry that does
    not exist has no names.
    """
    names: Names = {}
    for stack in stacks:
        for endpoint in stack.of_type(ENDPOINT):
            registry = store.target(endpoint.values)
            network = resource_ids.parent(endpoint.values["subnet_id"])
            records = dict(_records(contents, network))
            for host in members(contents, registry).values():
                names[host] = records.get(host)
    return names


def through_the_cache(contents: Contents, stack: Stack) -> Iterator[tuple[Json, AzureError | None]]:
    """Each cache rule of a stack, and why the cluster pulls nothing through it, or None.

    What it pulls stays in the registry: no later rule may have these repositories as its target.
    """
    for rule in stack.of_type(CACHE_RULE):
        registry = resource_ids.parent(rule.id)
        repository = rule.values["target_repo"].replace("*", "an-image")
        yield rule.values, images.pull(contents, registry, repository)


def only_mirrors(stack: Stack) -> bool:
    """Whether the mirror sets in a stack's output keep the nodes from asking the source."""
    output = stack.config.get("output", {}).get("image_mirrors", {})
    return 'mirrorSourcePolicy = "NeverContactSource"' in str(output.get("value"))


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
