"""Terraform's functions that depend on nothing but their arguments, as far as they are followed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .values import Expression, Set, Unknown, rendered

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
_EXACT = 2**53
"""Below it, Python and Terraform count alike."""


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) >= _EXACT:  # what Terraform converts is not followed
        raise TypeError
    return value


def _boolean(value: Any) -> bool:
    return {True: True, False: False, "true": True, "false": False}[value]


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are one; a branch of a condition may have become a text in Terraform."""
    if None not in (one, other) and type(one) is not type(other):
        raise TypeError
    if isinstance(one, float | list | dict) or isinstance(other, float | list | dict):
        raise TypeError
    if one != other and not f"{one}{other}".isascii():  # Terraform normalizes letters
        raise ValueError
    return bool(one == other)


def _quotient(one: Any, other: Any) -> int:
    if _whole(one) % _whole(other):
        raise ValueError
    return int(one // other)


def _remainder(one: Any, other: Any) -> int:
    if min(_whole(one), _whole(other)) < 0:  # the sign is another one than Python's
        raise ValueError
    return int(one % other)


OPERATORS: list[dict[str, Callable[[Any, Any], Any]]] = [
    {"||": lambda a, b: _boolean(a) or _boolean(b)},
    {"&&": lambda a, b: _boolean(a) and _boolean(b)},
    {"==": _equal, "!=": lambda a, b: not _equal(a, b)},
    {
        "<": lambda a, b: _whole(a) < _whole(b),
        ">": lambda a, b: _whole(a) > _whole(b),
        "<=": lambda a, b: _whole(a) <= _whole(b),
        ">=": lambda a, b: _whole(a) >= _whole(b),
    },
    {"+": lambda a, b: _whole(a) + _whole(b), "-": lambda a, b: _whole(a) - _whole(b)},
    {"*": lambda a, b: _whole(a) * _whole(b), "/": _quotient, "%": _remainder},
]
"""Terraform's operators, from those that bind least. With an exception, one is not followed."""


def _kinds(value: Any) -> frozenset[type]:
    if isinstance(value, Mapping | list):
        items = value.values() if isinstance(value, Mapping) else value
        return frozenset[type]().union(*map(_kinds, items))
    return frozenset() if value is None or isinstance(value, Unknown) else frozenset({type(value)})


def are_alike(values: Iterable[Any]) -> bool:
    """Whether values have one type, so that Terraform converts none of them to another's."""
    items = [each for each in values if each is not None and not isinstance(each, Unknown)]
    first = items[0] if items else None
    if isinstance(first, Mapping) and all(
        isinstance(each, Mapping) and each.keys() == first.keys() for each in items
    ):
        return all(are_alike(each[key] for each in items) for key in first)
    if isinstance(first, list) and all(
        isinstance(each, list) and len(each) == len(first) for each in items
    ):
        return all(map(are_alike, zip(*items, strict=True)))
    return len(_kinds(items)) <= 1


def _alike(items: Iterable[Any]) -> list[Any]:
    if not are_alike(found := list(items)):
        raise TypeError
    return found


_TYPE = re.compile(r"(?:(list|map|set)\()?(string|number|bool)\)?")
_KINDS = {"string": str, "number": int, "bool": bool}


def converted(value: Any, type_: str) -> Any:
    """The default of a variable of a type; an expression, where Terraform may convert it."""
    if value is None or type_ == "any":
        return value
    if kind := _TYPE.fullmatch(type_.strip("${}")):
        items = value.values() if isinstance(value, Mapping) else value
        are_several = isinstance(value, Mapping if kind[1] == "map" else list)
        if kind[1] and are_several and {type(item) for item in items} <= {_KINDS[kind[2]]}:
            return value if kind[1] != "set" else Set(sorted({*value}))
        if not kind[1] and type(value) is _KINDS[kind[2]]:
            return value
    return Expression(f"${{convert({rendered(value)}, {type_})}}")


def _texts(items: list[Any]) -> list[str]:
    if not all(type(item) is str for item in items):
        raise TypeError
    return items


def _set(items: list[Any]) -> Set:
    """The items in the order in which Terraform goes over a set of them, each once."""
    if not {*map(type, items)} <= {int}:
        _texts(items)
    return Set(sorted({*items}))


def _distinct(items: list[Any]) -> list[Any]:
    return list({json.dumps(item): item for item in _alike(items)}.values())


def _flat(items: list[Any]) -> list[Any]:
    return [each for item in items for each in (_flat(item) if isinstance(item, list) else [item])]


def _text(value: Any) -> str:
    if not isinstance(value, str | bool | int):
        raise TypeError
    return value if isinstance(value, str) else json.dumps(value)


def _ascii(text: str) -> str:
    if not text.isascii():  # Terraform normalizes letters, and counts what people see as one
        raise ValueError
    return text


def _one(items: list[Any]) -> Any:
    (found,) = items or [None]
    return found


def _replaced(text: str, old: str, new: str) -> str:
    if old.startswith("/") and old.endswith("/"):  # a regular expression
        raise ValueError
    return text.replace(old, new)


def _range(*bounds: int) -> list[int]:
    numbers = range(*bounds)
    start, end, step = numbers.start, numbers.stop, numbers.step
    if len(numbers) > _MOST or start > end or step < 1:  # Terraform may count down
        raise ValueError
    return list(numbers)


def _looked_up(found: Mapping[str, Any], key: str, *default: Any) -> Any:
    _alike([*found.values(), *default])
    return found[key] if key in found else default[0]


def _formatted(text: str, *values: Any) -> str:
    parts = text.split("%s")
    if "%" in "".join(parts) or len(parts) != len(values) + 1:
        raise ValueError
    return "".join(map("".join, zip(parts, (*map(_text, values), ""), strict=True)))


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=_not_followed, parse_constant=_not_followed)


def _not_followed(_: str) -> Any:
    raise ValueError


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "alltrue": lambda items: all(map(_boolean, items)),
    "anytrue": lambda items: any(map(_boolean, items)),
    "base64decode": lambda text: base64.b64decode(text).decode(),
    "base64encode": lambda text: base64.b64encode(text.encode()).decode(),
    "coalesce": lambda *values: next(each for each in _alike(values) if each not in (None, "")),
    "compact": lambda items: [item for item in _texts(items) if item],
    "concat": lambda *lists: _alike(item for items in lists for item in items),
    "contains": lambda items, item: True in [_equal(each, item) for each in items],
    "distinct": _distinct,
    "element": lambda items, place: items[place % len(items)],
    "endswith": lambda text, end: text.endswith(end),
    "flatten": _flat,
    "format": _formatted,
    "join": lambda between, *lists: between.join(map(_text, _flat([*lists]))),
    "jsondecode": _parsed,
    "keys": lambda found: sorted(found.keys()),
    "length": lambda found: len(_ascii(found) if isinstance(found, str) else found),
    "lookup": _looked_up,
    "lower": str.lower,
    "max": lambda *numbers: max(map(_whole, numbers)),
    "merge": lambda *maps: {key: item for each in maps for key, item in (each or {}).items()},
    "min": lambda *numbers: min(map(_whole, numbers)),
    "one": _one,
    "range": _range,
    "replace": _replaced,
    "reverse": lambda items: items[::-1],
    "setunion": lambda *lists: _set(_flat([*lists])),
    "slice": lambda items, start, end: items[start:end],
    "sort": lambda items: sorted(_texts(items)),
    "split": lambda between, text: text.split(between),
    "startswith": lambda text, start: text.startswith(start),
    "strcontains": lambda text, part: part in text,
    "tobool": _boolean,
    "tolist": _alike,
    "tomap": lambda found: dict(zip(found, _alike(found.values()), strict=True)),
    "tonumber": lambda value: _whole(value if isinstance(value, int) else json.loads(value)),
    "toset": _set,
    "tostring": _text,
    "trimprefix": str.removeprefix,
    "trimspace": lambda text: text.strip(" \t\n\v\f\r"),
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
    "values": lambda found: [found[key] for key in sorted(found)],
    "zipmap": lambda keys, values: dict(zip(_texts(keys), values, strict=True)),
}
"""Each function by its name. An exception stands for a failure, which is not followed."""

OF_PARTS = frozenset(
    {"concat", "element", "flatten", "keys", "length", "lookup", "merge", "one", "reverse", "slice"}
    | {"tolist", "tomap", "values", "zipmap"}
)
"""The functions that do not look at the values of what they are given, but put them elsewhere."""
