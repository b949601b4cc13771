"""A YAML file as plain data with its variables expanded, and the line of each of its keys."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from expandvars import ExpandvarsException, ParameterNullOrNotSet, UnboundVariable, expand
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, SequenceNode

from ..arguments.problems import Absent, Key, Problem, shown
from . import faults

MOST_BYTES = 8_000_000
"""How long a file may be: a longer one is another file, and takes minutes to read."""

LONGEST_WAIT = 10
"""How many seconds somebody may take to write into a pipe, in the place of a file."""

EMPTY = " (empty)"
"""What follows the name of a variable that is set, but empty: a default takes its place."""


@dataclass(frozen=True)
class FileProblem:
    """One thing that is wrong with a file, and what would be right.

    ``line`` counts from one and is zero for the file as a whole.
    """

    line: int
    text: str


@dataclass
class Document:
    """The content of a YAML file.

    Attributes:
        data: the content as plain data, with variables expanded in texts.
        problems: what is wrong with the YAML and with the variables.
        variables: the variables that it took values from, and those that are set, but empty.
        text: its lines, which are looked at where a value is wrong.
        key_lines: the line of each key, and of each item of a list.
        value_lines: the line of the value at each key, which may begin below it.
    """

    data: object = None
    problems: list[FileProblem] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)
    text: list[str] = field(default_factory=list)
    key_lines: dict[Key, int] = field(default_factory=dict)
    value_lines: dict[Key, int] = field(default_factory=dict)
    _sources: dict[Key, set[str]] = field(default_factory=dict)
    _unset: set[Key] = field(default_factory=set)

    @property
    def stacks(self) -> list[str]:
        """The names of the registries, as far as there are some."""
        registries = self.data.get("registries") if isinstance(self.data, dict) else None
        return list(registries) if isinstance(registries, dict) else []

    def is_unset(self, key: Key) -> bool:
        """Whether the value at a key is only a variable that is not set, which is reported."""
        return key in self._unset

    def line(self, key: Key) -> int:
        """The line that a key stands on, or the nearest one around it that has a line."""
        while key and key not in self.key_lines:
            key = key[:-1]
        return self.key_lines.get(key, 0)

    def problem(self, problem: Problem) -> FileProblem:
        """A problem with its line, with the variables behind its value, and the other line."""
        key = ".".join(problem.key) or "the file"
        text = f"{key} is {shown(problem.value)}"
        if sources := self._sources.get(problem.key):
            text += f" (from {', '.join(sorted(sources)).replace(EMPTY, ', which is empty')})"
        text += f": {problem.reason}"
        if problem.other:
            text += f" ({'.'.join(problem.other)} is on line {self.line(problem.other)})"
        line = self.line(problem.key)
        if isinstance(problem.value, str) and (remedy := faults.missing_space(problem.value)):
            text += f"; {remedy}"
            line = self.value_lines.get(problem.key, line)
        if line and (remedy := faults.odd_character(self.text[line - 1])):
            text += f"; {remedy}"
        return FileProblem(line, text)

    def add_problem(self, key: Key, text: str) -> None:
        """Add what is wrong with the value at a key, which is not looked at any more."""
        self._unset.add(key)
        self.problems.append(FileProblem(self.line(key), f"{'.'.join(key)} is {text}"))

    def expanded(self, text: str, environ: Mapping[str, str], key: Key) -> str:
        """The text at a key, with variables expanded."""
        if "$" not in text and "\\" not in text:
            return text
        used = _Environment(environ)
        try:
            if "$$" in text:  # a shell's process id: another one at each synthesis
                raise ExpandvarsException("'$$' has no meaning here")
            value = str(expand(text, nounset=True, environ=used))
        except ExpandvarsException as error:
            self.add_problem(key, f"{text!r}: {_remedy(error, text, environ)}")
            return text
        if used.read:
            self._sources[key] = used.read
            self.variables |= used.read
        return value


class _Constructor(SafeConstructor):
    """Constructs a document out of its nodes, which know their lines.

    Times stay the texts that they are: azurerm wants them so, and there may be no such day. Keys
    that are given twice are reported by line, together with everything else; ruamel.yaml would
    stop at the first.
    """

    document: Document
    environ: Mapping[str, str]

    def construct_document(self, node: Node) -> None:
        """Fill the document."""
        self.document.problems += _take_repeated_keys_out(node)
        self.document.data = self._take(node)

    def _take(self, node: Node, key: Key = ()) -> object:
        """The plain data of a node, whose keys are the texts that the file has for them."""
        if isinstance(node, MappingNode):
            self.flatten_mapping(node)  # what is merged in comes first
            values: dict[str, Node] = {}
            for name_node, value in node.value:
                if isinstance(name_node, CollectionNode):
                    self.document.key_lines[(*key, "?")] = _line(name_node)
                    self.document.add_problem((*key, "?"), _NO_KEY)
                    continue
                name = str(name_node.value)
                if key or not name.startswith("x-"):  # those are for anchors, as in Compose files
                    self.document.key_lines[(*key, name)] = _line(name_node)
                    values[name] = value
            for name, value in values.items():
                self.document.value_lines[(*key, name)] = _line(value)
            return {name: self._take(value, (*key, name)) for name, value in values.items()}
        if isinstance(node, SequenceNode):
            for place, item in enumerate(node.value):
                self.document.key_lines[(*key, str(place))] = _line(item)
            return [self._take(item, (*key, str(i))) for i, item in enumerate(node.value)]
        value = self._scalar(node, key)
        return self.document.expanded(value, self.environ, key) if isinstance(value, str) else value

    def _scalar(self, node: Node, key: Key) -> object:
        try:
            return self.construct_object(node, deep=True)
        except (LookupError, ValueError, ConstructorError):
            tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
            self.document.add_problem(key, f"{node.value!r}: it is not of the type {tag}")
            return node.value


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


_NO_KEY = "a mapping or a list in the place of a key: write 'key: value'"


class _Environment(dict[str, str]):
    """Environment variables that remember which of them were read, and which are empty."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.pop("EXPANDVARS_RECOVER_NULL", None)  # would give every unset variable its value
        self.read: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:  # as expandvars calls it
        if (value := super().get(name)) is not None:
            self.read.add(name if value else name + EMPTY)
        return super().get(name, default)


_DOLLAR_SIGN = r"for a plain dollar sign write \$, and \\$ in double quotes"


def _remedy(error: ExpandvarsException, text: str, environ: Mapping[str, str]) -> str:
    what = str(error.args[0])
    if isinstance(error, UnboundVariable):
        name = what.partition(":")[0]
        state = "set, but empty" if name in environ else "not set"
        literal = f"; {_DOLLAR_SIGN}" if f"${name}" in text else ""
        return f"{name} is {state}: export it, or give a default, as ${{{name}:-value}}{literal}"
    if isinstance(error, ParameterNullOrNotSet):  # of ${NAME:?message}
        state = "set, but empty" if what.partition(":")[0] in environ else "not set"
        return f"{what} (it is {state})"
    return f"{what}; {_DOLLAR_SIGN}"


def read(file: str, environ: Mapping[str, str]) -> Document:
    """Read a file. A file that is no YAML has no data, and a problem with the reason."""
    document = Document()
    try:
        text = faults.decoded(_content(Path(file)))
        if not text.strip():
            return _unusable("is empty: begin with a mapping 'registries:'")
        faults.refuse_unread(text)
        document.text = faults.lines(text)
        yaml = YAML(typ="safe", pure=True)
        yaml.Constructor = _Constructor
        yaml.constructor.document, yaml.constructor.environ = document, dict(environ)
        yaml.load(text)
    except FileNotFoundError:
        remedy = "no such file: run from the project's folder, or name a file in REGISTRIES_FILE"
        return _unusable(remedy)
    except IsADirectoryError:
        return _unusable("is a folder: name a file in REGISTRIES_FILE")
    except PermissionError:
        return _unusable(f"can't be read: {_rights(file)}: chmod u+r, or sudo chown")
    except OSError as error:
        return _unusable(f"can't be read: {error.strerror or error}")
    except faults.FileError as error:
        return _unusable(error.text, error.line)
    except (YAMLError, AssertionError, RecursionError) as error:
        fault = faults.explained(error, text)
        return _unusable(fault.text, fault.line)
    return document


def _content(file: Path) -> bytes:
    about = file.stat()
    if stat.S_ISCHR(about.st_mode):
        raise faults.FileError("is a device: name a file in REGISTRIES_FILE")
    if about.st_size > MOST_BYTES:
        size = f"{about.st_size // 1_000_000} MB, and 1,000 registries need less than 8"
        raise faults.FileError(f"has {size}: name the settings file in REGISTRIES_FILE")
    return _of_pipe(file) if stat.S_ISFIFO(about.st_mode) else file.read_bytes()


def _of_pipe(pipe: Path) -> bytes:
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
        if not select.select([opened], [], [], LONGEST_WAIT)[0]:
            wait = f"nobody has written into it for {LONGEST_WAIT} seconds"
            raise faults.FileError(f"is a pipe, and {wait}: name a file in REGISTRIES_FILE")
        os.set_blocking(opened.fileno(), True)
        return opened.read()


def _rights(file: str) -> str:
    try:
        return f"its rights are {stat.filemode(Path(file).stat().st_mode)}"
    except PermissionError:
        return "the rights of a folder on its path forbid it"


def _unusable(text: str, line: int = 0) -> Document:
    return Document(Absent.ABSENT, [FileProblem(line, text)])


def _take_repeated_keys_out(node: Node, key: Key = ()) -> Iterator[FileProblem]:
    """Take keys out that were given before in their section, and report them."""
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _take_repeated_keys_out(item, key)
    if not isinstance(node, MappingNode):
        return
    lines: dict[str, int] = {}
    for name, value in [*node.value]:
        if isinstance(name, CollectionNode):
            continue
        path, line = (*key, str(name.value)), _line(name)
        if path[-1] in lines:
            what = "a section" if isinstance(value, CollectionNode) else repr(value.value)
            remedy = f"given twice, first on line {lines[path[-1]]}; keep one"
            yield FileProblem(line, f"{'.'.join(path)} is {what}: {remedy}")
            node.value.remove((name, value))
        lines.setdefault(path[-1], line)
        yield from _take_repeated_keys_out(value, path)
