"""The file of accepted risks: one line for each, with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FILE = "accepted-risks.txt"

_LINE = re.compile(r"(\S+)\s+(\S+)\s+(\S+):\s+(\S.*)")


@dataclass(frozen=True)
class AcceptedRisk:
    """A line of the file.

    Attributes:
        line: the line as it is written.
        stack: the stack's name.
        where: the address of the resource, or its type.
        attribute: the attribute, as the review names it.
        reason: why the risk is accepted.
    """

    line: str
    stack: str
    where: str
    attribute: str
    reason: str


def lines_of(text: str) -> dict[int, str]:
    """The lines that are neither empty nor comments, by their numbers."""
    lines = {number: line.strip() for number, line in enumerate(text.split("\n"), 1)}
    return {number: line for number, line in lines.items() if line and not line.startswith("#")}


def parse(text: str) -> list[AcceptedRisk]:
    """Read lines of the form ``STACK ADDRESS-OR-TYPE ATTRIBUTE: reason``.

    Raises:
        ValueError: with each line that has another form, or no reason.
    """
    matches = {number: (line, _LINE.fullmatch(line)) for number, line in lines_of(text).items()}
    wrong = [
        f"{FILE}:{number}: {line!r} is no accepted risk: "
        "STACK ADDRESS-OR-TYPE ATTRIBUTE: reason is expected"
        for number, (line, match) in matches.items()
        if match is None
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return [AcceptedRisk(line, *match.groups()) for line, match in matches.values() if match]


def text_of(project: Path) -> str:
    """The text of a project's file; empty, if it has none."""
    file = project / FILE
    return file.read_text(encoding="utf-8") if file.exists() else ""
