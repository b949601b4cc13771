"""What to write into the settings where Azure has what a deployment would create."""

from __future__ import annotations

import re

from ..arguments.guide import PARTS
from .model import Registry

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"^[ \t]*[│╷╵|]", re.MULTILINE)
_EXISTS = re.compile(r'A resource with the ID\s+"([^"]+)"\s+already\s+exists')


def lines(stack: str, registry: Registry, file: str, errors: str) -> list[str]:
    """What to do about the resources that exist already, as Terraform's errors have them.

    It is an empty list where Terraform reports other errors only.
    """
    existing = _EXISTS.findall(_FRAME.sub("", _COLOR.sub("", errors)))
    if not existing:
        return []
    in_group = {_without_subscription(id_) for id_ in existing}
    everything = registry.model_copy(update={"adopt": [*PARTS]}).adopted_ids()
    parts = [
        part
        for part in PARTS
        if part in registry.adopt or _without_subscription(everything.get(part, "")) in in_group
    ]
    known = {_without_subscription(id_) for id_ in everything.values()}
    others = [id_ for id_ in existing if _without_subscription(id_) not in known]
    advice = [
        "",
        f"{stack}: Azure has {len(existing)} of the resources already, the state has not.",
    ]
    if len(others) < len(existing):
        advice += [
            "If an earlier run has created them, such as one that was interrupted, adopt them:",
            f"write this into {file} below {stack}, in the place of these keys, and deploy again:",
            "",
        ]
        if registry.subscription_id is None:
            advice.append(f"    subscription_id: {existing[0].split('/')[2]}")
        advice += [f"    adopt: [{', '.join(parts)}]", ""]
    if others:
        advice.append(
            'With terraform import (docs/operations.md, "When a deployment was interrupted"):'
        )
        advice += [f"    {id_}" for id_ in others]
    return advice


def _without_subscription(id_: str) -> str:
    return id_.lower().partition("/resourcegroups/")[2]
