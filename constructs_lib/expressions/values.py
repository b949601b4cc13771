"""Values of Terraform's expressions: JSON, and texts of expressions where it is not known."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any


class Expression(str):
    """A text with at least one expression whose value only Terraform knows."""


class Unknown(str):
    """The text of an expression, without the braces around it."""


class Set(list[Any]):
    """A set, in which each item is its own key; its items are in Terraform's order."""


def number(value: float) -> Any:
    """A number as Terraform has it: 1.0 is 1."""
    return int(value) if value.is_integer() else value


def part_of_text(part: Any) -> str:
    """A value as a part of a text; what only Terraform can write as text is unknown."""
    if isinstance(part, bool | int):
        return json.dumps(part)
    return part if isinstance(part, str) else Unknown(rendered(part))


def braced(text: str) -> str:
    """A part of a template: a text, or an expression in its braces."""
    return f"${{{text}}}" if isinstance(text, Unknown) else text


def shown(value: Any) -> Any:
    """A value as JSON, with each unknown part as an expression."""
    if isinstance(value, Unknown):
        return Expression(braced(value))
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    return type(value)(map(shown, value)) if isinstance(value, list) else value


def inner(value: Any) -> Any:
    """A value as it is inside of an expression: the opposite of :func:`shown`."""
    if isinstance(value, Expression):
        whole = value.startswith("${") and value.endswith("}") and value.count("${") == 1
        return Unknown(value[2:-1] if whole else json.dumps(str(value), ensure_ascii=False))
    if isinstance(value, Mapping):
        return {key: inner(item) for key, item in value.items()}
    return type(value)(map(inner, value)) if isinstance(value, list) else value


def rendered(value: Any) -> str:
    """A value as the text of an expression."""
    if isinstance(value, Unknown):
        return str(value)
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(key)} = {rendered(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(rendered, value))}]"
    return json.dumps(value, ensure_ascii=False)


def is_known(value: Any) -> bool:
    """Whether a value is known, with everything in it."""
    if isinstance(value, Mapping):
        return all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, list) else not isinstance(value, Unknown)


def path(steps: list[Any]) -> str:
    """Attributes and indices as they follow a reference."""
    return "".join(
        f".{step}"
        if type(step) is str and re.fullmatch(r"[A-Za-z_][\w-]*", step)
        else f"[{rendered(step)}]"
        for step in steps
    )
