"""What is wrong with arguments: problems as data, and the sentences that say what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, NamedTuple, get_args

from pydantic import (
    BaseModel,
    ValidationError,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from .not_offered import INSTEAD

Key = tuple[str, ...]


class Absent(Enum):
    """In the place of a value that is not given."""

    ABSENT = "missing"


class Problem(NamedTuple):
    """One thing that is wrong.

    Attributes:
        key: where the value is: the argument, and the way into it.
        value: the wrong value; ``Absent.ABSENT``, if it is missing.
        reason: what is expected, or why the value is refused.
        other: the key of the value that it does not go together with, if there is one.
    """

    key: Key
    value: object
    reason: str
    other: Key | None = None

    def __str__(self) -> str:
        """The problem as a sentence that begins with its key."""
        other = f" (see {'.'.join(self.other)})" if self.other else ""
        return f"{'.'.join(self.key)} is {shown(self.value)}: {self.reason}{other}"


class ArgumentError(ValueError):
    """Wrong arguments: every problem on a line of its own."""

    def __init__(self, what: str, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{what}: {problem}" for problem in problems))


def shown(value: object) -> str:
    """A value as an error message shows it."""
    if value is Absent.ABSENT:
        return "missing"
    words = {"None": "empty", "True": "true", "False": "false"}
    text = words.get(repr(value), repr(value))
    return text if len(text) <= 100 else f"{text[:99]}…"


def inside(title: str, wrong: list[tuple[Key, object, str]]) -> None:
    """Raise what is wrong with parts of a value, each by the part's key in it."""
    if wrong:
        raise ValidationError.from_exception_data(
            title,
            [
                InitErrorDetails(
                    type=PydanticCustomError("value_error", "{reason}", {"reason": reason}),
                    loc=key,
                    input=value,
                )
                for key, value, reason in wrong
            ],
        )


def problems(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """The problems in pydantic's error, whose keys begin in the class ``root``."""
    return [_problem(each, root) for each in error.errors()]


def _problem(error: ErrorDetails, root: type[BaseModel]) -> Problem:
    key = tuple(str(part) for part in error["loc"])
    if key and key[-1] == "[key]":  # the name itself is wrong, not what it holds
        return Problem(key[:-1], key[-2], _reason(error))
    if error["type"] == "missing":
        return Problem(key, Absent.ABSENT, _meaning(root, key))
    if error["type"] == "extra_forbidden":
        return Problem(key, error["input"], _unknown(root, key, error["input"]))
    return Problem(key, error["input"], _reason(error))


_A_LIST = "a list is expected"

_A_MAPPING = "a mapping of keys to values is expected"

_TRUE_OR_FALSE = "true or false is expected"

_REASONS = {
    "bool_parsing": _TRUE_OR_FALSE,
    "bool_type": _TRUE_OR_FALSE,
    "dict_type": _A_MAPPING,
    "list_type": _A_LIST,
    "model_type": _A_MAPPING,
    "string_type": "text is expected, in quotes if it looks like something else",
    "too_short": "at least one is expected",
}


def _reason(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context.get("error") or context.get("reason"))
    if error["type"] == "literal_error":
        return f"{context['expected']} is expected"
    return _REASONS.get(error["type"], error["msg"])


def _meaning(root: type[BaseModel], key: Key) -> str:
    """What is missing at a key: the names of a section's keys, or the key's meaning."""
    if names := [name for each in classes_at(root, key) for name in each.model_fields]:
        return f"a section of {', '.join(dict.fromkeys(names))}"
    around = [each for each in classes_at(root, key[:-1]) if key[-1] in each.model_fields]
    meaning = str(around[0].model_fields[key[-1]].description) if around else ""
    by_id = [each for each in classes_at(root, key[:-1]) if "id" in each.model_fields]
    return f"{meaning}, unless {key[-2]}.id names one that exists" if by_id else meaning


def _unknown(root: type[BaseModel], key: Key, value: object) -> str:
    """What to do about a key that is not known where it stands.

    A class may say it of keys that it had in an earlier version: its attribute ``renamed`` has a
    function for each, which takes the key's value.
    """
    classes = classes_at(root, key[:-1])
    for each in classes:
        if remedy := getattr(each, "renamed", {}).get(key[-1]):
            return str(remedy(value))
    if any(key[-1] in each.model_fields for each in classes):
        return f"it has no meaning beside {key[-2]}.id; give one"
    known = list(dict.fromkeys(name for each in classes for name in each.model_fields))
    others = [name for name in INSTEAD if name not in known]
    if left_out := difflib.get_close_matches(key[-1], others, n=1, cutoff=0.85):
        return INSTEAD[left_out[0]]
    near = difflib.get_close_matches(key[-1], known, n=1)
    sections = [
        name
        for name in known
        if any(key[-1] in each.model_fields for each in classes_at(root, (*key[:-1], name)))
    ]
    remedy = f"did you mean {near[0]}?" if near else f"known here are {', '.join(known)}"
    if sections and not near:
        remedy = f"it belongs below {' or '.join(sections)}, indented more than that"
    return f"an unknown key; {remedy}"


def classes_at(root: type[BaseModel], key: Key) -> list[type[BaseModel]]:
    """The classes of which the value at a key may be an object."""
    found: list[Any] = [root]
    for part in key:
        found = [inner for each in found for inner in _within(each, part)]
    return [each for each in found if isinstance(each, type) and issubclass(each, BaseModel)]


def _within(annotation: Any, part: str) -> Iterator[Any]:
    """The types that a part of a value of a type may have."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if field := annotation.model_fields.get(part):
            yield from _alternatives(field.annotation)
    elif arguments := get_args(annotation):
        yield from _alternatives(arguments[-1])


def _alternatives(annotation: Any) -> list[Any]:
    return list(get_args(annotation)) if isinstance(annotation, UnionType) else [annotation]
