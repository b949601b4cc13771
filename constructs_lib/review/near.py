"""What is around the registries of a stack: what names one, and what these use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..privacy.attributes import REGISTRY
from ..stack_json import Json

ROLES = re.compile(r"azurerm_(role_assignment|pim_.*_role_assignment)")
_ACTS = re.compile(
    r"microsoft\.(authorization|containerregistry|insights|managedidentity|managedservices|network"
    r"|policyinsights|resources)/",
)
"""Namespaces in which a resource of Azure's own API may be one of a registry's, or get rights."""
_BESIDE = ("//", "depends_on", "lifecycle", "provider", "tags")
"""Arguments that name nothing that a resource works on."""


def address(reference: str) -> str:
    """What a reference leads to, without an attribute, a key or an index."""
    steps = re.sub(r"\[[^]]*\]", "", reference).split(".")
    return ".".join(steps[: 3 if steps[0] == "data" else 2])


def around(
    resources: Mapping[str, list[Json]], references: Callable[[Any], Iterable[str]]
) -> dict[str, str]:
    """What is around the registries, by its address.

    ``touches`` stands for a registry, and for what names one by a reference, an id or a name.
    Whatever else refers to such a resource without being of azurerm touches it as well: it hands
    the name on. The login server alone names nothing. ``used`` stands for what these refer to.

    Args:
        resources: the arguments of each resource and data source by its address: as they are
            written, and as each instance has them.
        references: the references in a value.
    """
    given: dict[str, list[Json]] = {
        place: [{name: one[name] for name in one if name not in _BESIDE} for one in several]
        for place, several in resources.items()
    }
    targets = {place: set(references(arguments)) for place, arguments in given.items()}
    names = {name.casefold() for name in _names(given)}
    found = {place for place, arguments in given.items() if _is_named(place, arguments, names)}
    while True:
        hand_on = {place for place in found if _hands_on(place)}
        more = {
            place
            for place in given.keys() - found
            if any(
                _reads_more(each) and (address(each) in hand_on or _is_of_a_registry(each))
                for each in targets[place]
            )
        }
        if not more:
            break
        found |= more
    near = dict.fromkeys(found, "touches")
    while (
        used := {to for place in near for to in map(address, targets[place]) if to in given}
        - near.keys()
    ):
        near |= dict.fromkeys(used, "used")
    for place, arguments in given.items():  # a role on what a registry uses reaches the registry
        scopes = [each.get("scope") for each in arguments]
        if ROLES.match(place) and any(address(each) in near for each in references(scopes)):
            near[place] = "touches"
    return near


def _names(given: Mapping[str, list[Json]]) -> Iterator[str]:
    """The names of the registries that a stack creates, reads or names by an id."""
    for place, arguments in given.items():
        if place.removeprefix("data.").startswith(f"{REGISTRY}."):
            names = (str(each.get("name")) for each in arguments)
            yield from (name for name in names if re.fullmatch(r"\w{5,50}", name))
        yield from re.findall(r"(?i)/registries/(\w{5,50})", json.dumps(arguments))


def _is_named(place: str, arguments: list[Json], names: set[str]) -> bool:
    if place.removeprefix("data.").startswith((REGISTRY, "azurerm_container_connected_registry")):
        return True
    text = json.dumps(arguments).casefold()
    if "microsoft.containerregistry/" in text or (place.startswith("azapi") and _ACTS.search(text)):
        return True
    words = re.findall(r"(?<![\w.-])\w{5,50}(?![\w-]|\.[\w.]*azurecr\.)", text)
    return not names.isdisjoint(words)


def _hands_on(place: str) -> bool:
    return _is_of_a_registry(place) or not place.removeprefix("data.").startswith("azurerm_")


def _is_of_a_registry(place: str) -> bool:
    """Whether an address or a reference leads to a registry, or to a part of one."""
    return place.removeprefix("data.").startswith(REGISTRY)


def _reads_more(reference: str) -> bool:
    """Whether a reference is to more than a registry's login server."""
    return not reference.endswith(".login_server")
