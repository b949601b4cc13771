"""From the settings file and the environment to settings, or to every problem with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expandvars import ExpandvarsException, UnboundVariable, expand
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from .backends import wrong_backends
from .clashes import clashes
from .combinations import refusals
from .plain import Key, Plain
from .sections import section_of, within
from .settings import Settings


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a settings file, and what would be right.

    ``line`` counts from one and is zero for the file as a whole.
    """

    line: int
    text: str


class SettingsError(Exception):
    """A settings file that can't be used: all that is wrong with it, in order of line."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__(
            "\n".join(
                f"{file}{f':{problem.line}' if problem.line else ''}: {problem.text}"
                for problem in self.problems
            )
        )


@dataclass(frozen=True)
class SettingsFile:
    """What a file says, and the environment variables that it took values from."""

    settings: Settings
    variables: list[str]


def load(file: str, environ: Mapping[str, str]) -> SettingsFile:
    """Read the YAML ``file``, with the variables of ``environ`` expanded in its values.

    Raises:
        SettingsError: with every problem of the file at once.
    """
    text = _text(file)
    values = _Values(environ)
    try:
        document, twice = _document(text)
        data = values.plain(document, ())
    except YAMLError as error:
        raise SettingsError(file, [_syntax_problem(error)]) from None
    except RecursionError:
        raise SettingsError(file, [Problem(0, "an alias lies inside its own anchor")]) from None
    settings, wrong = _validated(data)
    problems = [
        *twice,
        *values.problems,
        *(_problem(error, values) for error in wrong if _key(error) not in values.unexpanded),
        *_backend_problems(data, values),
        *_refusal_problems(data, values),
        *_clash_problems(data, values),
    ]
    if settings is None or problems:
        raise SettingsError(file, problems)
    return SettingsFile(settings, sorted(values.used))


def _text(file: str) -> str:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except FileNotFoundError:
        remedy = "no such file: run from the project's folder, or name a file in REGISTRIES_FILE"
        raise SettingsError(file, [Problem(0, remedy)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(file, [Problem(0, f"can't be read as UTF-8: {error}")]) from None
    if not text.strip():
        raise SettingsError(file, [Problem(0, "is empty: begin with a mapping 'registries:'")])
    return text


def _document(text: str) -> tuple[object, list[Problem]]:
    yaml = YAML()
    # Reported by line below, together with everything else; ruamel.yaml would stop at the first.
    yaml.allow_duplicate_keys = True
    return yaml.load(text), list(_given_twice(YAML().compose(text), ()))


def _syntax_problem(error: YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = (getattr(error, "context", None), getattr(error, "problem", None))
    what = ", ".join(part for part in said if part) or str(error)
    if mark is None:
        return Problem(0, f"is not YAML: {what}")
    return Problem(mark.line + 1, f"is not YAML: {what} (column {mark.column + 1})")


def _given_twice(node: Node, key: Key) -> Iterator[Problem]:
    if not isinstance(node, CollectionNode):
        return
    if not isinstance(node, MappingNode):
        for item in node.value:
            yield from _given_twice(item, key)
        return
    lines: dict[str, int] = {}
    for name, value in node.value:
        path, line = (*key, str(name.value)), name.start_mark.line + 1
        if path[-1] in lines:
            what = "a section" if isinstance(value, CollectionNode) else repr(value.value)
            remedy = f"given twice, first on line {lines[path[-1]]}; keep one"
            yield Problem(line, f"{'.'.join(path)} is {what}: {remedy}")
        lines.setdefault(path[-1], line)
        yield from _given_twice(value, path)


def _validated(data: object) -> tuple[Settings | None, list[ErrorDetails]]:
    try:
        return Settings.model_validate(data), []
    except ValidationError as error:
        return None, error.errors()


class _Environment(dict[str, str]):
    """Variables, and which of them were asked for and set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.pop("EXPANDVARS_RECOVER_NULL", None)  # would give every unset variable its value
        self.used: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:  # as expandvars calls it
        if super().get(name):
            self.used.add(name)
        return super().get(name, default)


class _Values:
    """Plain values of a document, with what is known of each: its line and its variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self.unexpanded: set[Key] = set()
        self.used: set[str] = set()
        self._environ = environ
        self._lines: dict[Key, int] = {}
        self._sources: dict[Key, set[str]] = {}

    def plain(self, value: object, key: Key) -> object:
        """The value without its marks, variables expanded; keys are text, as folders are."""
        if isinstance(value, CommentedMap):
            for name, (line, *_) in (value.lc.data or {}).items():
                self._lines[(*key, str(name))] = line + 1
            return {str(k): self.plain(v, (*key, str(k))) for k, v in value.items()}
        if isinstance(value, list):
            return [self.plain(item, (*key, str(i))) for i, item in enumerate(value)]
        return self._expanded(value, key) if isinstance(value, str) else value

    def line(self, key: Key) -> int:
        """The line that the key stands on, or the nearest one around it that has a line."""
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 0)

    def shown(self, value: object, key: Key) -> str:
        """The value as an error message shows it, with the variables that it came from."""
        text = "empty" if value is None else repr(value)
        text = text if len(text) <= 100 else f"{text[:99]}…"
        sources = self._sources.get(key)
        return f"{text} (from {', '.join(sorted(sources))})" if sources else text

    def _expanded(self, text: str, key: Key) -> str:
        environ = _Environment(self._environ)
        try:
            if "$$" in text:  # a shell's process id: another one at each synthesis
                raise ExpandvarsException("'$$' has no meaning here")
            value = str(expand(text, nounset=True, environ=environ))
        except ExpandvarsException as error:
            self.unexpanded.add(key)
            self.problems.append(
                Problem(self.line(key), f"{'.'.join(key)} is {text!r}: {_expansion_remedy(error)}")
            )
            return text
        if environ.used:
            self._sources[key] = environ.used
            self.used |= environ.used
        return value


def _expansion_remedy(error: ExpandvarsException) -> str:
    what = str(error.args[0])
    if isinstance(error, UnboundVariable):
        name = what.partition(":")[0]
        return f"{name} is not set: export it, or give a default, as ${{{name}:-value}}"
    return rf"{what}; for a plain dollar sign write \$"


def _key(error: ErrorDetails) -> Key:
    return tuple(str(part) for part in error["loc"])


def _problem(error: ErrorDetails, values: _Values) -> Problem:
    key = _key(error)
    if key and key[-1] == "[key]":  # the key itself is wrong, not what it holds
        key = key[:-1]
        return _about(key, values, f"is {key[-1]!r}: {_remedy(error)}")
    if error["type"] == "missing":
        return _about(key, values, f"is missing: {_meaning(key)}")
    remedy = _nearest(key) if error["type"] == "extra_forbidden" else _remedy(error)
    return _about(key, values, f"is {values.shown(error['input'], key)}: {remedy}")


def _about(key: Key, values: _Values, text: str) -> Problem:
    return Problem(values.line(key), f"{'.'.join(key) or 'the file'} {text}")


_A_LIST = "a list is expected"
_A_MAPPING = "a mapping of keys to values is expected"
_REMEDIES = {
    "bool_parsing": "true or false is expected",
    "bool_type": "true or false is expected",
    "dict_type": _A_MAPPING,
    "list_type": _A_LIST,
    "model_type": _A_MAPPING,
    "string_type": "text is expected, in quotes if it looks like something else",
    "too_short": "at least one is expected",
}


def _remedy(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "literal_error":
        return f"{error['ctx']['expected']} is expected"
    return _REMEDIES.get(error["type"], error["msg"])


def _type_at(key: Key) -> Any:
    """The type of what a key holds."""
    found: Any = Settings
    for part in key:
        found = within(found, part)
    return found


def _meaning(key: Key) -> str:
    if inner := section_of(_type_at(key)):
        return f"a section of {', '.join(inner.model_fields)}"
    around = section_of(_type_at(key[:-1]))
    return (around and around.model_fields[key[-1]].description) or ""


def _nearest(key: Key) -> str:
    around = section_of(_type_at(key[:-1]))
    known = list(around.model_fields) if around else []
    near = difflib.get_close_matches(key[-1], known, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"known here are {', '.join(known)}"
    return f"an unknown key; {remedy}"


def _backend_problems(data: object, values: _Values) -> Iterator[Problem]:
    for key, reason in wrong_backends(data):
        yield _about(key, values, f"is {values.shown(Plain(data).get(*key), key)}: {reason}")


def _refusal_problems(data: object, values: _Values) -> Iterator[Problem]:
    for stack, registry in Plain(data).mapping("registries").items():
        for refusal in refusals(registry):
            key = ("registries", stack, *refusal.key)
            value = Plain(data).get(*key)
            said = "missing" if value is None else values.shown(value, key)
            text = f"is {said}: {refusal.reason}"
            if refusal.other:
                other = ("registries", stack, *refusal.other)
                text += f" ({'.'.join(other)} is on line {values.line(other)})"
            yield _about(key, values, text)


def _clash_problems(data: object, values: _Values) -> Iterator[Problem]:
    for clash in clashes(Plain(data).mapping("registries")):
        key, first = ("registries", *clash.key), ("registries", *clash.first)
        where = f"{'.'.join(first)} on line {values.line(first)}"
        text = f"is {values.shown(clash.value, key)}: {clash.reason}, and {where} has it already"
        yield _about(key, values, text)
