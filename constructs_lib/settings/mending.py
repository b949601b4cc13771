"""Settings as far as they are right: an unknown value in the place of each that is wrong.

Rules over several values take a value that only Terraform knows for one that breaks no rule. So
they hold for the rest of a registry whose settings are wrong in one place.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ..arguments.base import FROM_A_FILE, UNKNOWN, Arguments
from ..arguments.problems import Key, Problem, classes_at

_Arguments = TypeVar("_Arguments", bound=Arguments)

ROUNDS = 3
"""How often a section is mended: what takes the place of a section may itself be mended."""


@dataclass
class Wrong:
    """What is wrong by itself, at its keys in the file.

    Attributes:
        keys: of the wrong values.
        incomplete: of the lists and mappings that lack a wrong value now.
    """

    keys: list[Key] = field(default_factory=list)
    incomplete: set[Key] = field(default_factory=set)

    def causes(self, problem: Problem) -> bool:
        """Whether a problem is one of a wrong value, or may be one of a value that is taken out."""
        keys = [problem.key, *([problem.other] if problem.other else [])]
        inside = any(key[: len(each)] == each for key in keys for each in self.keys)
        return inside or bool(self.incomplete & {*keys})


def mended(cls: type[_Arguments], given: Any, key: Key, wrong: Wrong) -> _Arguments | None:
    """Arguments of a class with unknown values in the place of wrong ones.

    They are none where nothing is known, such as of a text in the place of a registry.

    Args:
        cls: the class.
        given: the arguments as they are in the file.
        key: where they are in the file.
        wrong: gets the keys of what is wrong.
    """
    data = copy.deepcopy(given)
    for _ in range(ROUNDS):
        try:
            return cls.model_validate(data, context=FROM_A_FILE)
        except ValidationError as error:
            details = error.errors()
        if not isinstance(data, dict):
            break
        for detail in reversed(details):  # of a list, the last items go first
            path = (*key, *map(str, _path(detail)))
            wrong.keys.append(path)
            is_taken_out = _mend(cls, data, detail)
            if is_taken_out and detail["type"] != "extra_forbidden":
                wrong.incomplete.add(path[:-1])
    return None


def _path(detail: ErrorDetails) -> tuple[int | str, ...]:
    path = detail["loc"]
    return path[:-1] if path and path[-1] == "[key]" else path


def _mend(cls: type[BaseModel], data: Any, detail: ErrorDetails) -> bool:
    """Put an unknown value into data, or take out what cannot be unknown; whether it did that."""
    *around, last = _path(detail) or ("",)
    for part in around:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):  # what it lay in is taken out already
            return True
    key = tuple(map(str, around))
    value = _unknown(cls, (*key, str(last)))
    is_key = bool(detail["loc"]) and detail["loc"][-1] == "[key]"
    if value is not None and not is_key and detail["type"] != "extra_forbidden":
        data[last] = value
        return False
    if isinstance(data, dict):
        data.pop(last, None)
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        del data[last]
    return True


def _unknown(cls: type[BaseModel], key: Key) -> Any:
    """An unknown value for a key: a section of them, or nothing where it is to be taken out."""
    if sections := classes_at(cls, key):
        fields = sections[0].model_fields.items()
        return {name: _unknown(sections[0], (name,)) for name, each in fields if each.is_required()}
    classes = [each for each in classes_at(cls, key[:-1]) if key[-1] in each.model_fields]
    if not classes:
        return None
    annotation = classes[0].model_fields[key[-1]].annotation
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return None if {get_origin(each) for each in kinds} & {list, dict} else UNKNOWN
