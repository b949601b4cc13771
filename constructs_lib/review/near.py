"""What is around the registries of a stack: what refers to one, and what these use."""

from __future__ import annotations

import json

from ..privacy.attributes import REGISTRY
from ..stack_json import StackJson


def around(stack: StackJson) -> dict[str, str]:
    """What is around the registries, by its address.

    ``touches`` stands for a registry, and for what refers to one; ``used`` for what these refer to.
    """
    targets = {address: stack.references(address) for address in stack.resources}
    own = {address for address in targets if address.startswith(f"{REGISTRY}.")}
    named = {
        address
        for address, attributes in stack.resources.items()
        if "/registries/" in json.dumps(attributes).lower()
    }
    near = own | named | {address for address, to in targets.items() if to & own}
    found = dict.fromkeys(near, "touches")
    while used := {other for address in found for other in targets.get(address, ())} - {*found}:
        found |= dict.fromkeys(used, "used")
    return found
