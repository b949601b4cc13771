"""Why a text is not YAML, at the line where a person has to look, and what to do there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tokens import ScalarToken

MOST_VALUES = 200_000
"""What the aliases of a file may stand for together: 1,000 registries that share all they have."""

_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_OTHER_VERSION = re.compile(r"%YAML[ \t]+(?!1\.[12]\b)\S*")
_NO_SPACE = re.compile(r"[ \t]*(?:- )?([A-Za-z_][\w.-]*):(?=[^\s:/])")
_QUOTED = re.compile(r"""\"(?:\\.|[^\"\\])*\"|'[^']*'|(?:^|(?<=\s))#.*""")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_ODD = re.compile(
    "[\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff\u2018\u2019\u201c\u201d]"
)
"""Characters that look like a space or like nothing, and the quotes of a word processor."""


class FileError(Exception):
    """What is wrong with a text as a whole: the line, or 0 for the file, and what to do."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


def decoded(content: bytes) -> str:
    """The text of a file.

    Raises:
        FileError: it is not UTF-8, and why.
    """
    if b"\0" in content[:4] or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileError("can't be read as UTF-8: it is UTF-16 or UTF-32; save it as UTF-8", 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = f"byte 0x{content[error.start]:02x} on line {line} is not UTF-8"
        raise FileError(f"can't be read as UTF-8: {wrong}; save the file as UTF-8") from None


def refuse_unread(text: str) -> None:
    """Refuse what YAML would take for something else, or for more than anybody has written.

    Raises:
        FileError: a merge conflict, another version of YAML, an anchor that is there twice, or
            aliases without an end.
    """
    if marker := _MARKER.search(text):
        raise FileError(
            "a merge conflict is not resolved: keep what is right of both sides, and take the "
            f"lines <<<<<<<, ======= and >>>>>>> out ({marker[1]} stands here)",
            text.count("\n", 0, marker.start()) + 1,
        )
    for number, line in enumerate(lines(text), 1):
        if other := _OTHER_VERSION.match(line):
            what = f"{other[0]} is a version of YAML that is not known here: take the line out"
            raise FileError(what, number)
    if "&" in text:
        with suppress(YAMLError, AssertionError):  # which reading it will tell
            _refuse_aliases(YAML(typ="safe", pure=True).parse(text))


def _refuse_aliases(events: Iterator[Event]) -> None:
    sizes: dict[str, int] = {}
    lines: dict[str, int] = {}
    around: list[tuple[str | None, int]] = [(None, 0)]  # anchor and size of each open collection
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, NodeEvent) and not isinstance(event, AliasEvent) and event.anchor:
            if event.anchor in lines:
                first = lines[event.anchor]
                raise FileError(
                    f"the anchor &{event.anchor} is on line {first} already: rename one", line
                )
            lines[event.anchor] = line
        size = 0
        if isinstance(event, CollectionStartEvent):
            around.append((event.anchor, 1))
        elif isinstance(event, CollectionEndEvent):
            anchor, size = around.pop()
            sizes |= {anchor: size} if anchor else {}
        elif isinstance(event, ScalarEvent):
            size = 1
            sizes |= {event.anchor: size} if event.anchor else {}
        elif isinstance(event, AliasEvent):
            if event.anchor in [anchor for anchor, _ in around]:
                raise FileError(
                    f"the alias *{event.anchor} lies inside its own anchor &{event.anchor}, "
                    f"which is on line {lines[event.anchor]}: take it out",
                    line,
                )
            size = sizes.get(event.anchor, 0)
        around[-1] = (around[-1][0], around[-1][1] + size)
        if around[-1][1] > MOST_VALUES:
            raise FileError(
                "aliases of aliases stand for more than "
                f"{MOST_VALUES:,} values here: write what you need without them",
                line,
            )


def explained(error: Exception, text: str) -> FileError:
    """Why a text is not YAML, out of the parser's error, which may be lines further down."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return FileError(
            f"is not YAML: unacceptable character U+{ord(text[error.position]):04X}; take it out",
            line,
        )
    if isinstance(error, RecursionError):
        return FileError("is nested more deeply than settings are")
    if not isinstance(error, MarkedYAMLError):
        return FileError(f"is not YAML: {error}")
    if error.problem_mark is None:  # a text after | begins with an empty line of some spaces
        error.problem_mark = error.context_mark
        return _syntax(error, text)
    return _wrong_quote(error, text) or _wrong_line(error, text) or _syntax(error, text)


def lines(text: str) -> list[str]:
    """The lines of a text, as YAML counts them."""
    return _LINE_END.split(text)


def odd_character(line: str) -> str:
    """A remedy for the first character of a line that looks like another one, if there is one.

    Texts in quotes and comments may hold any.
    """
    shown = _QUOTED.sub(lambda found: "x" * len(found[0]), line)
    if not (odd := _ODD.search(shown)):
        return ""
    name = unicodedata.name(odd[0], "a character").lower()
    plain = "a plain quote" if "quotation" in name else "a space, or nothing,"
    return (
        f"column {odd.start() + 1} has a {name} (U+{ord(odd[0]):04X}): write {plain} in its place"
    )


def missing_space(text: str) -> str:
    """A remedy for a key whose value follows the colon without a space, if a text is one."""
    found = _NO_SPACE.match(text)
    return f"a space is missing after '{found[1]}:'" if found else ""


def _wrong_line(error: MarkedYAMLError, text: str) -> FileError | None:
    """A fault that a person sees by looking at its line: above that of the error, or the same."""
    mark, around, problem = error.problem_mark, error.context_mark, str(error.problem)
    is_no_key = "could not find expected ':'" in problem
    *_, last = [mark, *(token.start_mark for token in _texts(text[: mark.index]))]
    first = (around if is_no_key and around else last).line  # a text may go over several lines
    for number, line in enumerate(lines(text)[first : mark.line + 1], first):
        if re.match(" *\t", line) or (number == mark.line and "'\\t'" in problem):
            remedy = "a tab stands here, and YAML takes spaces only: write spaces in its place"
        else:
            remedy = odd_character(line) or missing_space(line)
        if remedy:
            return FileError(f"is not YAML: {remedy}", number + 1)
    if is_no_key:
        return FileError("is not YAML: a ':' is missing here, behind a key", first + 1)
    if "mapping values are not allowed" in problem and first < mark.line:
        remedy = f"this line is indented so deep that it continues the text on line {first + 1}"
        return FileError(
            f"is not YAML: {remedy}: begin it where the key there begins", mark.line + 1
        )
    if "<block end>" in problem and not problem.endswith("'-'"):
        what = f"this line is indented by {mark.column} spaces, as no section around it is"
        return FileError(f"is not YAML: {what}: indent it like its section's keys", mark.line + 1)
    return None


def _wrong_quote(error: MarkedYAMLError, text: str) -> FileError | None:
    """Why a text is no YAML, on the line where the quote opens that closes too late or too early.

    A quote that is not closed takes in all lines up to the next one, behind which the error is.
    """
    never_closes = error.context == "while scanning a quoted scalar"
    place = error.context_mark if never_closes else error.problem_mark
    opens, how = place, "never closes"
    for token in _texts(text[: place.index]):
        start, end = token.start_mark, token.end_mark
        if token.style not in ("'", '"'):
            continue
        if start.line < end.line and not text[end.index : place.index].strip():
            opens, how = start, f"closes only on line {end.line + 1}"
        elif end.index == place.index:
            opens, how = start, "closes before its text ends"
    if opens is place and not never_closes:
        return None
    inside = "''" if text[opens.index] == "'" else r"\""
    remedy = f"close it where its text ends, and write {inside} for a quote inside it"
    what = f"is not YAML: a quote opens here and {how} (column {opens.column + 1}): {remedy}"
    return FileError(what, opens.line + 1)


def _texts(text: str) -> Iterator[ScalarToken]:
    with suppress(YAMLError):
        yield from (each for each in YAML().scan(text) if isinstance(each, ScalarToken))


_REMEDIES = {
    "escape character": r"in double quotes write \\ for \, or use single quotes",
    "cannot start any token": "put the text into quotes",
    "undefined alias": "put the text into quotes, or give the anchor above it",
    "expected a single document": "take the line --- out",
    "<document start>": "the file is one mapping, and each of its lines a 'key: value' or an item",
}
"""What to do, by words of the parser's error."""


def _syntax(error: MarkedYAMLError, text: str) -> FileError:
    """Why a text is no YAML, and on which line."""
    mark, around = error.problem_mark, error.context_mark
    what = ", ".join(part for part in (error.context, error.problem) if part)
    what += "".join(f"; {remedy}" for words, remedy in _REMEDIES.items() if words in what)
    if "for merging" in what and around:  # the error is where the anchor is
        merged = text.find("<<", around.index)
        what = "is not YAML: << takes the alias of a mapping, or a list of them"
        return FileError(what, text.count("\n", 0, merged) + 1)
    if "parsing a flow" in what and around and around.line < mark.line:
        opens = text[around.index]
        what = f"a {opens} opens here and does not close before line {mark.line + 1}"
        mark = around
    if text[: mark.index + 1].endswith("${"):
        what += "; put a variable between braces or brackets into quotes"
    return FileError(f"is not YAML: {what} (column {mark.column + 1})", mark.line + 1)
