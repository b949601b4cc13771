"""Terraform's functions that depend on nothing but their arguments, as far as they are followed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

FILES = frozenset(
    {
        *("file", "fileexists", "fileset", "templatefile"),
        *(f"file{kind}" for kind in ("base64", "base64sha256", "base64sha512", "md5", "sha1")),
        *("filesha256", "filesha512"),
    }
)
"""The functions that read files."""


_MOST = 10_000
"""The numbers of a range that are followed."""


def _set(items: list[Any]) -> list[Any]:
    """The items in the order in which Terraform goes over a set of texts, each once."""
    return sorted({json.dumps(item): item for item in items}.values(), key=json.dumps)


def _flat(items: list[Any]) -> list[Any]:
    return [each for item in items for each in (_flat(item) if isinstance(item, list) else [item])]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _merged(maps: tuple[Any, ...]) -> dict[str, Any]:
    return {key: value for each in maps for key, value in (each or {}).items()}


def _one(items: list[Any]) -> Any:
    (found,) = items or [None]
    return found


def _boolean(value: Any) -> bool:
    return {True: True, False: False, "true": True, "false": False}[value]


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) else json.loads(value)


def _replaced(text: str, old: str, new: str) -> str:
    if old.startswith("/") and old.endswith("/"):  # a regular expression
        raise ValueError
    return text.replace(old, new)


def _range(*bounds: int) -> list[int]:
    numbers = range(*bounds)
    if len(numbers) > _MOST:
        raise ValueError
    return list(numbers)


def _contains(items: list[Any], item: Any) -> bool:
    return item in items


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "alltrue": lambda items: all(map(_boolean, items)),
    "anytrue": lambda items: any(map(_boolean, items)),
    "base64decode": lambda text: base64.b64decode(text).decode(),
    "base64encode": lambda text: base64.b64encode(text.encode()).decode(),
    "coalesce": lambda *values: next(value for value in values if value not in (None, "")),
    "compact": lambda items: [item for item in items if item not in (None, "")],
    "concat": lambda *lists: [item for items in lists for item in items],
    "contains": _contains,
    "distinct": lambda items: list({json.dumps(item): item for item in items}.values()),
    "element": lambda items, place: items[place % len(items)],
    "endswith": lambda text, end: text.endswith(end),
    "flatten": _flat,
    "join": lambda between, *lists: between.join(map(_text, _flat([*lists]))),
    "jsondecode": json.loads,
    "keys": sorted,
    "length": len,
    "lookup": lambda found, key, *default: found[key] if key in found else default[0],
    "lower": lambda text: text.lower(),
    "max": max,
    "merge": lambda *maps: _merged(maps),
    "min": min,
    "one": _one,
    "range": _range,
    "replace": _replaced,
    "reverse": lambda items: items[::-1],
    "setunion": lambda *lists: _set(_flat([*lists])),
    "slice": lambda items, start, end: items[start:end],
    "sort": sorted,
    "split": lambda between, text: text.split(between),
    "startswith": lambda text, start: text.startswith(start),
    "strcontains": lambda text, part: part in text,
    "tobool": _boolean,
    "tolist": lambda items: items,
    "tomap": lambda found: found,
    "tonumber": _number,
    "toset": _set,
    "tostring": _text,
    "trimprefix": lambda text, start: text.removeprefix(start),
    "trimspace": lambda text: text.strip(),
    "trimsuffix": lambda text, end: text.removesuffix(end),
    "try": lambda *values: values[0],
    "upper": lambda text: text.upper(),
    "values": lambda found: [found[key] for key in sorted(found)],
    "zipmap": lambda keys, values: dict(zip(keys, values, strict=True)),
}
"""Each function by its name. An exception stands for a failure, which is not followed."""

OF_PARTS = frozenset(
    {"concat", "element", "flatten", "keys", "length", "lookup", "merge", "one", "reverse", "slice"}
    | {"tolist", "tomap", "values", "zipmap"}
)
"""The functions that do not look at the values of what they are given, but put them elsewhere."""
