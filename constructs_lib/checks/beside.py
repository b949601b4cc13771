"""What a stack writes beside its constructs that would change their registries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..privacy.attributes import REGISTRY
from ..stack_json import StackJson

_TYPES = re.compile(
    r"(?i)Microsoft\.(ContainerRegistry/registries|Network/(privateEndpoints|privateDnsZones))\b"
)


def namesakes(stack: StackJson) -> dict[str, list[str]]:
    """The addresses of the registries that have one name, by each of them."""
    resources = stack.named("resource")
    addresses = [each for each in resources if each.startswith(f"{REGISTRY}.")]
    if len(addresses) < 2:
        return {}
    names = {
        each: str(stack.followed(resources[each].get("name"))).casefold() for each in addresses
    }
    return {
        each: [other for other in addresses if other != each and names[other] == names[each]]
        for each in addresses
    }


def by_azapi(stack: StackJson) -> Iterator[str]:
    """The addresses of resources of azapi that change a registry, or the way to one."""
    for address, attributes in stack.named("resource").items():
        if address.startswith("azapi_"):
            type = stack.followed(attributes.get("type"))
            is_known = type is None or (isinstance(type, str) and "${" not in type)
            text = str(type) if type is not None else json.dumps(attributes)
            if not is_known or _TYPES.search(text):
                yield address
