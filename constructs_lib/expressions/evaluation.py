"""Reads an expression of Terraform: its value, or its text where it is not known.

What an expression is made of is followed as far as the stack states it: literals, conditions,
loops, and functions that depend on nothing but their arguments. The rest keeps its text, in which
values that are known take the place of references, so that a change of one of them shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from .functions import FILES, FUNCTIONS, OF_PARTS, OPERATORS, are_alike
from .values import (
    Expression,
    Set,
    Unknown,
    braced,
    inner,
    is_known,
    number,
    part_of_text,
    path,
    rendered,
    shown,
)

MISSING: Final = object()
"""What a scope gives for a reference that is not stated."""

Steps = tuple[Any, ...]
Environment = Mapping[str, Any]
REFERENCE: Final = re.compile(
    r"(?<![\w.\"-])(?:data\.\w+|\w+)\.[\w-]+(?:\.[A-Za-z_]\w*)*(?![\w(-])"
)
"""A reference in the text of an expression: what it begins with, and attributes."""
_TOKEN = re.compile(
    r"""(?x) \s+ | \#[^\n]* | //[^\n]* | /\*.*?\*/
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d][\w-]*)
    | (?P<mark>\.\.\.|=>|==|!=|<=|>=|&&|\|\||[-+*/%!<>?:=.,()\[\]{}"])""",
    re.DOTALL,
)
_SPLAT = re.compile(r"\s*(\[\s*\*\s*\]|\.\s*\*)")
_ESCAPE = re.compile(r'\\(?:["\\nrt]|u[0-9a-fA-F]{4})')
_READS_FILE = re.compile(rf"\b({'|'.join(FILES)})\s*\(")
_STATED = re.compile(r"""\s*(local|var|each)(\.[\w-]+|\[\d+\]|\["[^"\\$%]*"\])+\s*[,)]""")
"""A reference that is there for Terraform, too, if it is stated: nothing in it can fail."""


class _UnreadError(Exception):
    """An expression has a form that is not read here, such as a heredoc."""


class Scope(Protocol):
    """What an expression may refer to."""

    def lookup(self, steps: Steps) -> Any:
        """What is stated for a reference, or ``MISSING``."""

    def file(self, function: str, path: str) -> str | None:
        """What a function for files gives for a path; or ``None``, if it is not followed."""

    def digest(self, path: str | None) -> str:
        """A text for a file's content; for a file that is not read, one for each side."""


def evaluate(text: str, scope: Scope, environment: Environment) -> Any:
    """The value of a text that may be a template; an :class:`Expression` where it is not known."""
    if "${" not in text and "%{" not in text:
        return text
    try:
        parts = list(_Reader(text, scope, environment).template(len(text)))
    except (_UnreadError, RecursionError):
        return Expression(_followed(text, scope, environment))
    if len(parts) == 1:
        return shown(parts[0])
    texts = [part_of_text(part) for part in parts]
    stated = all(type(each) is str for each in texts)
    return "".join(texts) if stated else Expression("".join(braced(each) for each in texts))


def _followed(text: str, scope: Scope, environment: Environment) -> str:
    """A text that is not read, with the values of the references in it, and notes of files."""

    def value(reference: re.Match[str]) -> str:
        steps = tuple(reference[0].split("."))
        return rendered(_Reader("", scope, environment).reference(steps))

    notes = ""
    for call in _READS_FILE.finditer(text):
        file = None
        with suppress(_UnreadError, RecursionError):
            file = _Reader(text, scope, environment, call.end()).expression()
        notes += f" /* {scope.digest(file if type(file) is str else None)} */"
    return REFERENCE.sub(value, text) + notes


class _Reader:
    """Reads a template, and gives the value of each part as it goes."""

    def __init__(self, text: str, scope: Scope, environment: Environment, at: int = 0) -> None:
        self._text, self._scope, self._environment, self._at = text, scope, environment, at

    def template(self, end: int, quoted: bool = False) -> Iterator[Any]:
        """The literal texts and the values of a template up to its end, or to the closing quote."""
        literal = ""
        while self._at < end:
            rest = self._text[self._at : self._at + 3]
            if rest in ("$${", "%%{"):  # stays escaped: a literal is never an expression
                literal, self._at = literal + rest, self._at + 3
            elif rest.startswith("${"):
                if literal:
                    yield literal
                literal, self._at = "", self._at + 2
                if self._text.startswith("~", self._at):
                    raise _UnreadError
                yield self.expression()
                self._take("}")
            elif rest.startswith("%{"):
                raise _UnreadError
            elif quoted and rest.startswith('"'):
                break
            elif quoted and rest.startswith("\\"):
                found = _ESCAPE.match(self._text, self._at)
                if not found:
                    raise _UnreadError
                literal, self._at = literal + json.loads(f'"{found[0]}"'), found.end()
            else:
                literal, self._at = literal + rest[0], self._at + 1
        if literal:
            yield literal

    def expression(self) -> Any:
        """The value of the expression that begins here."""
        condition = self._operation(0)
        if not self._taken("?"):
            return condition
        yes = self.expression()
        self._take(":")
        no = self.expression()
        if are_alike((yes, no)) and condition in (True, "true"):
            return yes
        if are_alike((yes, no)) and condition in (False, "false"):
            return no
        return Unknown(f"{rendered(condition)} ? {rendered(yes)} : {rendered(no)}")

    def _operation(self, level: int) -> Any:
        if level == len(OPERATORS):
            return self._unary()
        left = self._operation(level + 1)
        while (mark := self._next()[1]) in OPERATORS[level]:
            self._take(mark)
            right = self._operation(level + 1)
            value: Any = Unknown(f"{rendered(left)} {mark} {rendered(right)}")
            if is_known(left) and is_known(right):
                with suppress(Exception):  # Terraform fails, or converts
                    value = OPERATORS[level][mark](left, right)
            left = value
        return left

    def _unary(self) -> Any:
        for mark in ("!", "-"):
            if self._taken(mark):
                value = self._unary()
                if isinstance(value, bool) and mark == "!":
                    return not value
                is_number = type(value) is int and mark == "-"
                return -value if is_number else Unknown(mark + rendered(value))
        return self._postfix()

    def _postfix(self) -> Any:
        kind, name = self._next()
        if kind != "name" or name in ("true", "false", "null", "for"):
            value = self._applied(self._primary(), self._steps())
        else:
            self._take(name)
            if self._taken("("):
                value = self._applied(self._call(name), self._steps())
            else:
                value = self.reference((name, *self._steps()))
        while splat := _SPLAT.match(self._text, self._at):
            self._at = splat.end()
            value = self._splat(value)
        return value

    def _steps(self) -> list[Any]:
        """The attributes and the indices that follow, up to a splat."""
        steps: list[Any] = []
        while not _SPLAT.match(self._text, self._at):
            if self._taken("."):
                kind, step = self._next()
                if kind == "mark":
                    raise _UnreadError
                self._take(step)
                steps += [int(part) for part in step.split(".")] if kind == "number" else [step]
            elif self._taken("["):
                index = self.expression()
                self._take("]")
                steps.append(index)
            else:
                break
        return steps

    def _splat(self, value: Any) -> Any:
        steps = self._steps()
        if isinstance(value, list):
            return [self._applied(item, steps) for item in value]
        return Unknown(f"{rendered(value)}[*]{path(steps)}")

    def reference(self, steps: Steps) -> Any:
        """The value of a reference."""
        if steps[0] in self._environment:
            return self._applied(inner(self._environment[steps[0]]), list(steps[1:]))
        found = self._scope.lookup(steps) if {*map(type, steps)} <= {str, int} else MISSING
        return Unknown(steps[0] + path(list(steps[1:]))) if found is MISSING else inner(found)

    def _applied(self, value: Any, steps: list[Any]) -> Any:
        """What is under attributes and indices of a value."""
        for place, step in enumerate(steps):
            if isinstance(value, Mapping) and isinstance(step, str) and step in value:
                value = value[step]
            elif type(value) is list and _is_index(step, value):
                value = value[int(step)]
            else:
                return Unknown(rendered(value) + path(steps[place:]))
        return value

    def _call(self, name: str) -> Any:
        arguments: list[Any] = []
        spread, start = False, self._at
        while not self._taken(")"):
            arguments.append(self.expression())
            spread = self._taken("...")
            if not self._taken(","):
                self._take(")")
                break
        if spread and isinstance(arguments[-1], list):
            arguments[-1:] = arguments[-1]
        elif spread:
            return Unknown(f"{name}({', '.join(map(rendered, arguments))}...)")
        if name in FILES:
            file = arguments[0] if arguments and type(arguments[0]) is str else None
            if file is not None and (content := self._scope.file(name, file)) is not None:
                return content
            note = f"/* {self._scope.digest(file)} */"
            return Unknown(f"{name}({', '.join(map(rendered, arguments))} {note})")
        if name in OF_PARTS:
            takes = not any(isinstance(each, Unknown) for each in arguments)
        else:  # Terraform normalizes letters
            takes = all(map(is_known, arguments)) and rendered(arguments).isascii()
        if name == "try" and is_known(arguments[:1]) and _STATED.match(self._text, start):
            return arguments[0]
        if name in FUNCTIONS and takes:
            with suppress(Exception):  # Terraform fails where a function does
                return FUNCTIONS[name](*arguments)
        return Unknown(f"{name}({', '.join(map(rendered, arguments))})")

    def _primary(self) -> Any:
        kind, mark = self._next()
        self._take(mark)
        if kind == "number":
            return int(mark) if mark.isdigit() else number(float(mark))
        if mark in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[mark]
        if mark == "(":
            value = self.expression()
            self._take(")")
            return value
        if mark == '"':
            parts = list(self.template(len(self._text), quoted=True))
            self._take('"')
            return self._text_of(parts)
        if mark == "[":
            return self._loop("]") if self._taken("for") else list(self._items())
        if mark == "{":
            return self._loop("}") if self._taken("for") else dict(self._pairs())
        raise _UnreadError

    def _text_of(self, parts: list[Any]) -> Any:
        """The text between quotes; one expression alone between them keeps its value's type."""
        if len(parts) == 1:
            return parts[0]
        texts = [part_of_text(part) for part in parts]
        if all(type(each) is str for each in texts):
            return "".join(texts)
        quoted = (json.dumps(each, ensure_ascii=False)[1:-1] for each in map(str, texts))
        inside = (
            f"${{{each}}}" if isinstance(each, Unknown) else text
            for each, text in zip(texts, quoted, strict=True)
        )
        return Unknown(f'"{"".join(inside)}"')

    def _items(self) -> Iterator[Any]:
        while not self._taken("]"):
            yield self.expression()
            if not self._taken(","):
                self._take("]")
                return

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        while not self._taken("}"):
            kind, name = self._next()
            if kind == "name":
                self._take(name)
                key: Any = name
            else:
                key = self._primary()
            if not isinstance(key, str) or isinstance(key, Unknown):
                raise _UnreadError
            if not self._taken("="):
                self._take(":")
            yield key, self.expression()
            self._taken(",")

    def _loop(self, end: str) -> Any:
        """A ``for`` expression, read once for each item of what it goes over."""
        start = self._at
        names = [self._name()]
        if self._taken(","):
            names.append(self._name())
        if self._next()[1] != "in":
            raise _UnreadError
        self._take("in")
        over = self.expression()
        self._take(":")
        body, outer = self._at, self._environment
        if isinstance(over, Mapping):
            items = sorted(over.items())
        elif isinstance(over, list):
            items = [*(zip(over, over, strict=True) if type(over) is Set else enumerate(over))]
        else:
            items = []
        results: list[Any] = []
        can_go = isinstance(over, Mapping | list)
        for key, item in items or [(Unknown(names[0]), Unknown(names[-1]))]:
            self._at = body
            bound = zip(names, (key, item) if len(names) > 1 else (item,), strict=True)
            self._environment = {**outer, **{name: shown(each) for name, each in bound}}
            first = self.expression()
            second = self.expression() if end == "}" and self._taken("=>") else None
            is_grouped = self._taken("...")
            chosen = self.expression() if self._taken("if") else True
            is_text = end == "]" or type(first) is str
            if items and (is_grouped or not isinstance(chosen, bool) or not is_text):
                can_go = False
            elif items and chosen:
                results.append(first if end == "]" else (first, second))
        self._environment = outer
        if can_go:
            self._take(end)
            return results if end == "]" else dict(results)
        text = self._skipped(start, end)
        return Unknown(f"{'[' if end == ']' else '{'}for {text}{end}")

    def _skipped(self, start: int, end: str) -> str:
        """The text of a loop as it is written, with its references followed."""
        while self._next()[1] != end:
            self._take(self._next()[1])
        written = self._text[start : self._at].strip()
        self._take(end)
        return _followed(written, self._scope, self._environment)

    def _name(self) -> str:
        kind, name = self._next()
        if kind != "name":
            raise _UnreadError
        self._take(name)
        return name

    def _next(self) -> tuple[str, str]:
        """The next token, which stays there."""
        while found := _TOKEN.match(self._text, self._at):
            if found.lastgroup:
                return found.lastgroup, found[0]
            self._at = found.end()
        return "end", ""

    def _taken(self, mark: str) -> bool:
        """Whether a token is next, which is then passed."""
        if self._next()[1] != mark:
            return False
        self._at += len(mark)
        return True

    def _take(self, mark: str) -> None:
        if not mark or not self._taken(mark):
            raise _UnreadError


def _is_index(step: Any, items: list[Any]) -> bool:
    is_number = isinstance(step, int | str) and not isinstance(step, bool | Unknown)
    return is_number and str(step).isdigit() and int(step) < len(items)
