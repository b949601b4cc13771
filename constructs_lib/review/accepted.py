"""The file of accepted risks: one line for each, with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from json import JSONDecoder
from typing import Any, Final

FILE = "accepted-risks.txt"
ANY: Final = object()
"""The value of a line that states none."""

_RISK = re.compile(r"(\S+)\s+(\S+)\s+([^\s:=]+)\s*(=\s*)?")
_REASON = re.compile(r"\s*:\s+(\S.*)")
_UNTIL = re.compile(r"\buntil (\d{4}-\d\d-\d\d)\b")


@dataclass(frozen=True)
class AcceptedRisk:
    """A line of the file.

    Attributes:
        line: the line as it is written.
        stack: the stack's name.
        where: the address of the resource, or its type.
        attribute: the attribute, as the review names it.
        value: the value that is accepted, or ``ANY``.
        reason: why the risk is accepted.
    """

    line: str
    stack: str
    where: str
    attribute: str
    value: Any
    reason: str


def lines_of(text: str) -> dict[int, str]:
    """The lines that are neither empty nor comments, by their numbers."""
    lines = {number: line.strip() for number, line in enumerate(text.split("\n"), 1)}
    return {number: line for number, line in lines.items() if line and not line.startswith("#")}


def parse(text: str) -> list[AcceptedRisk]:
    """Read lines of the form ``STACK ADDRESS-OR-TYPE ATTRIBUTE = VALUE: reason``.

    The value is JSON, as the review shows it; it may be left out with its ``=``.

    Raises:
        ValueError: with each line that has another form, or no reason.
    """
    risks = {number: (line, _risk(line)) for number, line in lines_of(text).items()}
    wrong = [
        f"{FILE}:{number}: {line!r} is not an accepted risk: "
        "STACK ADDRESS-OR-TYPE ATTRIBUTE = VALUE: reason is expected"
        for number, (line, risk) in risks.items()
        if risk is None
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return [risk for _, risk in risks.values() if risk]


def _risk(line: str) -> AcceptedRisk | None:
    start = _RISK.match(line)
    if start is None:
        return None
    value, end = ANY, start.end()
    if start[4]:
        try:
            value, end = JSONDecoder().raw_decode(line, end)
        except ValueError:
            return None
    reason = _REASON.fullmatch(line, end)
    return AcceptedRisk(line, start[1], start[2], start[3], value, reason[1]) if reason else None


def is_over(reason: str) -> bool:
    """Whether a reason has a date, as ``until 2027-05-31``, that has passed or does not exist."""
    try:
        return any(date.fromisoformat(day) < date.today() for day in _UNTIL.findall(reason))
    except ValueError:
        return True
