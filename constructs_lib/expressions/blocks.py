"""Reads the blocks of Terraform's JSON, each of which is an object or a list of objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

Json = Mapping[str, Any]

LABELS: Final = {
    **dict.fromkeys(("resource", "data", "ephemeral", "action"), 2),
    **dict.fromkeys(("provider", "module", "variable", "output", "check"), 1),
    **dict.fromkeys(("locals", "terraform", "moved", "removed", "import"), 0),
}
"""The sections that Terraform reads, with the number of names above each block."""
SEVERAL: Final = ("provider", "moved", "removed", "import")
"""The sections with several blocks of one name."""


class StackJsonError(ValueError):
    """What Terraform would not take, with its address."""


def checked(content: Any) -> list[str]:
    """The sections of a stack's JSON."""
    if not isinstance(content, Mapping):
        raise StackJsonError("a stack is a JSON object")
    sections = [name for name in content if name != "//"]
    if unknown := [name for name in sections if name not in LABELS]:
        raise StackJsonError(f"{unknown[0]} is not a section that Terraform reads")
    return sections


def labelled(address: str, value: Any, labels: int) -> dict[tuple[str, ...], list[Json]]:
    """The blocks in a value by the names above them."""
    if not labels:
        return {(): objects(value, address)}
    found: dict[tuple[str, ...], list[Json]] = {}
    for each in objects(value, address):
        for name, inner in each.items():
            for rest, several in labelled(f"{address}.{name}", inner, labels - 1).items():
                found[(name, *rest)] = [*found.get((name, *rest), []), *several]
    return {names: several for names, several in found.items() if several}


def objects(value: Any, address: str) -> list[Json]:
    """The objects that a value is or has."""
    several = value if isinstance(value, list) else [] if value is None else [value]
    for each in several:
        if not isinstance(each, Mapping):
            shown = json.dumps(value)[:60]
            raise StackJsonError(
                f"{address} is {shown}: Terraform expects an object, or a list of objects"
            )
    return several


def single(several: list[Json], address: str) -> Json:
    """The only block of several."""
    if len(several) != 1:
        raise StackJsonError(f"{address} is there {len(several)} times: Terraform expects it once")
    return several[0]
