"""What is around the registries of a stack: what names one, and what these use."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..privacy.attributes import IDENTITY, REGISTRY, ROLE
from ..privacy.classification import CLASSIFIED
from ..privacy.reach import reach
from ..stack_json import Json

ROLES = re.compile(r"azurerm_(role_assignment|pim_.*_role_assignment)")
_UNRELATED = re.compile(
    r"microsoft\.(app|cache|cdn|cognitiveservices|containerservice|dashboard|dbfor\w+|documentdb"
    r"|eventhub|monitor|operationalinsights|redhatopenshift|search|servicebus|sql|storage|web)/.*"
)
"""What has nothing to do with a registry, among the types of Azure's own API."""
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
    the name on. The login server alone names nothing. ``needed`` stands for what the registry, and
    the way to it, refer to, and ``used`` for what else these refer to, such as who gets a role.

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
    found = _naming(given, targets)

    def leads(place: str, needed: set[str], ids: set[str]) -> bool:
        """A role or a route on what a registry needs reaches the registry."""
        values = [each.get(by) for each in given[place]] if (by := _leads_by(place)) else []
        return any(
            str(value).casefold() in ids
            or any(address(to) in needed for to in references(value))
            or (re.search(r"\$\{(?!id of )", str(value)) and not references(value))
            for value in values
        )

    while True:
        needed = _needed(found, targets)
        ids = {each for place in needed for each in _ids(given[place])}
        more = {place for place in given.keys() - found if leads(place, needed, ids)}
        if not more:
            break
        found |= more
    return {
        place: "touches" if place in found else "needed" if place in needed else "used"
        for place in _reached(found, targets)
    }


def _naming(given: Mapping[str, list[Json]], targets: Mapping[str, set[str]]) -> set[str]:
    """What names a registry, by itself or by what hands the name on."""
    names = {name.casefold() for name in _names(given)}
    found = {place for place, arguments in given.items() if _is_named(place, arguments, names)}
    while more := {
        place
        for place in given.keys() - found
        if any(_hands_on(to, found) for to in targets[place])
    }:
        found |= more
    return found


def _reached(places: set[str], targets: Mapping[str, set[str]]) -> set[str]:
    """The places, and all that these refer to."""
    found: set[str] = set()
    while places:
        found |= places
        places = {address(to) for place in places for to in targets[place]} & targets.keys() - found
    return found


def _needed(places: set[str], targets: Mapping[str, set[str]]) -> set[str]:
    """What a registry, and the way to it, refer to, and the identities that have a role on it."""
    identities = {each for each in _reached(places, targets) if each.startswith(f"{IDENTITY}.")}
    return identities | _reached({place for place in places if _is_a_part(place)}, targets)


def _is_a_part(place: str) -> bool:
    """Whether a resource is a registry's, or on the way to it, and no right of others."""
    type, _, _ = place.partition(".")
    return type != ROLE and (type in CLASSIFIED or _leads_by(place) not in ("", "scope"))


def _ids(arguments: list[Json]) -> Iterator[str]:
    """The ids in the arguments of a resource, and its name."""
    yield from re.findall(r'"(/[^"$]+)"', json.dumps(arguments, default=str).casefold())
    yield from (str(each["name"]).casefold() for each in arguments if "name" in each)


def _leads_by(place: str) -> str:
    """The argument by which a resource leads to what a registry uses, if it may."""
    type, _, _ = place.partition(".")
    way = reach(type)
    return "scope" if ROLES.fullmatch(type) else way.by if way else ""


def _names(given: Mapping[str, list[Json]]) -> Iterator[str]:
    """The names of the registries that a stack creates, reads or names by an id."""
    for place, arguments in given.items():
        if place.removeprefix("data.").startswith(f"{REGISTRY}."):
            names = (str(each.get("name")) for each in arguments)
            yield from (name for name in names if re.fullmatch(r"\w{5,50}", name))
        yield from re.findall(r"(?i)/registries/(\w{5,50})", json.dumps(arguments, default=str))


def _is_named(place: str, arguments: list[Json], names: set[str]) -> bool:
    if place.removeprefix("data.").startswith((REGISTRY, "azurerm_container_connected_registry")):
        return True
    text = json.dumps(arguments, default=str).casefold()
    kinds = [str(each["type"]) for each in arguments if "type" in each]
    is_azapi = re.match(r"((data|ephemeral)\.)?azapi_", place) and (kinds or place[0] == "a")
    if is_azapi and not all(_UNRELATED.match(kind.casefold()) for kind in kinds or [""]):
        return True
    if "microsoft.containerregistry/" in text:
        return True
    words = re.findall(r"(?<![\w.-])\w{5,50}(?![\w-]|\.[\w.]*azurecr\.)", text)
    return not names.isdisjoint(words)


def _hands_on(reference: str, found: set[str]) -> bool:
    """Whether a reference is to more than the login server of a registry, or of what names one."""
    if reference.endswith(".login_server"):
        return False
    place = reference.removeprefix("data.")
    is_foreign = not place.startswith("azurerm_")
    return place.startswith(REGISTRY) or (is_foreign and address(reference) in found)
