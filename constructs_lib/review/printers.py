"""The report of a review, printed for people as Markdown and for machines as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..privacy.attributes import value as attribute_value
from . import accepted
from .changes import Change, Difference
from .findings import Finding, Report, StackReport, as_text
from .secrets import Hidden

LIMIT = 64_000
"""Characters of a report: a comment on GitHub has room for 65,536."""

_LONG = 300
"""Characters that are shown of a value, a reason or a line."""


def markdown(report: Report, limit: int = LIMIT) -> tuple[str, int]:
    """The report for people, and how many of its lines did not fit.

    Risks come first in each stack. They are cut last, and accepted risks just before them.
    """
    lines = list(_lines(report))
    size = sum(len(line) + 1 for _, line in lines)
    cut: set[int] = set()
    if size > limit:
        size += 100  # the sentence about the lines that are left out
        for place in sorted(range(len(lines)), key=lambda place: (-lines[place][0], -place)):
            if size <= limit:
                break
            size -= len(lines[place][1]) + 1
            cut.add(place)
    text = "\n".join(line for place, (_, line) in enumerate(lines) if place not in cut)
    if cut:
        text += f"\n\n**{len(cut)} lines of the report did not fit, and are left out.**"
    return text, len(cut)


def _lines(report: Report) -> Iterator[tuple[int, str]]:
    """Each line with its rank: lines of the highest rank are cut first."""
    yield 0, f"# Review of {report.of}"
    yield 0, ""
    yield 0, _summary(report)
    if report.note:
        yield from ((0, line) for line in ("", f"**{report.note}**"))
    for rank, title, lines in (
        (3, f"This change adds to `{accepted.FILE}`", report.exceptions_added),
        (3, f"This change takes out of `{accepted.FILE}`", report.exceptions_removed),
        (4, f"These lines of `{accepted.FILE}` accept nothing here", report.unused),
    ):
        yield from _section(rank, f"**{title}:**", [f"- {_short(line)}" for line in lines])
    for name, stack in report.stacks.items():
        yield 0, ""
        yield 0, f"## Stack {code(name)}"
        yield from _section(1, "### Weakens", _open_risks(stack.weakens))
        risks = (f"{_risk(finding)} Accepted: {_short(why)}" for finding, why in stack.accepted)
        yield from _section(2, "### Weakens, accepted", risks)
        yield from _section(4, "### Strengthens", map(_finding, stack.strengthenings))
        whole = ("added", "removed", "forgotten")
        changed = [each for each in stack.changes if each[0].action not in whole]
        yield from _section(5, "### Other changes", _changes(changed))
        for action in whole:
            of_action = [each for each in stack.changes if each[0].action == action]
            yield from _section(6, f"### {action.capitalize()}", _changes(of_action))


def _section(rank: int, title: str, lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    if listed := list(lines):
        yield from ((rank, line) for line in ["", title, "", *listed])


def _summary(report: Report) -> str:
    stacks = report.stacks.values()
    counts = {
        "weakening": sum(len(stack.weakens) for stack in stacks),
        "accepted weakening": sum(len(stack.accepted) for stack in stacks),
        "strengthening": sum(len(stack.strengthenings) for stack in stacks),
        "other change": sum(len(stack.changes) for stack in stacks),
    }
    counted = ", ".join(f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n)
    return f"**{counted}.**" if counted else "**Nothing changes in the stacks.**"


def _finding(finding: Finding) -> str:
    """The rule's title, and what the change does: an attribute changes, or a whole resource."""
    change = finding.change
    sentence = f"- **{finding.rule.title}.** {code(change.address)}"
    if finding.attribute in ("added", "removed"):
        return f"{sentence} is {change.what or finding.attribute}."
    if change.what:
        sentence += f", which is {change.what},"
    before, after = _both(change, finding.attribute, finding.before, finding.after)
    return f"{sentence} {code(finding.attribute)}: {before} → {after}."


def _open_risks(findings: list[Finding]) -> Iterator[str]:
    """Each risk, and the line that accepts it; a longer line is in the JSON report only."""
    for finding in findings:
        yield _risk(finding)
        if len(finding.risk) <= _LONG:
            yield f"  - to accept it: {code(f'{finding.risk} REASON')}"


def _risk(finding: Finding) -> str:
    return f"{_finding(finding)} {finding.rule.remedy}"


def _changes(changes: list[tuple[Change, list[Difference]]]) -> Iterator[str]:
    for change, differences in changes:
        was = f", was {code(change.id_before)}" if change.id_before else ""
        yield f"- {code(change.address)} ({change.action}{was})"
        for attribute, *sides in differences:
            before, after = _both(change, attribute, *sides)
            only_after = change.before is None
            yield f"  - {code(attribute)}: {after if only_after else f'{before} → {after}'}"


def _both(change: Change, attribute: str, before: Any, after: Any) -> tuple[str, str]:
    """Both values, each in a line; of long ones, the part where they begin to differ."""
    texts = [_text(value) for value in (before, after)]
    start = 0
    if max(map(len, texts)) > _LONG:
        places = (place for place, (a, b) in enumerate(zip(*texts, strict=False)) if a != b)
        start = max(0, next(places, min(map(len, texts))) - 40)
    shown = []
    for value, text in zip((before, after), texts, strict=True):
        middle = text[start : start + _LONG]
        cut = f"{'…' if start else ''}{middle}{'…' if len(text) > start + _LONG else ''}"
        shown.append(code(cut) if value is not None else _unset(change.type, attribute))
    return shown[0], shown[1]


def _unset(type: str, attribute: str) -> str:
    default = attribute_value(type, {}, attribute)
    return "not set" if default is None else f"not set, as {code(_text(default))}"


def _text(value: Any) -> str:
    return value.text if isinstance(value, Hidden) else as_text(value)


def _short(text: str) -> str:
    """The beginning of a text, as code."""
    return code(text if len(text) <= _LONG else f"{text[:_LONG]}…")


def code(text: str) -> str:
    """Text as code, in which nothing ends the code, is Markdown or HTML, or mentions anybody."""
    return "`" + "".join(map(_character, text or " ")) + "`"


def _character(one: str) -> str:
    return one if one.isprintable() and one not in "`|<>&@" else f"\\u{ord(one):04x}"


def as_json(report: Report) -> str:
    """The report for machines; ``version`` counts up when a key changes its meaning."""
    content = {
        "version": 1,
        "of": report.of,
        "note": report.note,
        "weakens": report.weakens,
        "stacks": {name: _stack_as_json(stack) for name, stack in report.stacks.items()},
        "exceptions": {
            "added": report.exceptions_added,
            "removed": report.exceptions_removed,
            "unused": report.unused,
        },
    }
    return json.dumps(content, indent=2, sort_keys=True, default=lambda each: each.text)


def _stack_as_json(stack: StackReport) -> dict[str, Any]:
    return {
        "weakens": [
            {**_finding_as_json(finding), "accept": f"{finding.risk} REASON"}
            for finding in stack.weakens
        ],
        "accepted": [
            {**_finding_as_json(finding), "reason": why} for finding, why in stack.accepted
        ],
        "strengthens": [_finding_as_json(finding) for finding in stack.strengthenings],
        "changes": [
            {
                "action": change.action,
                "address": change.address,
                "address_before": change.id_before or change.address,
                "type": change.type,
                "attributes": [difference._asdict() for difference in differences],
            }
            for change, differences in stack.changes
        ],
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:
    return {
        "address": finding.change.address,
        "type": finding.change.type,
        "attribute": finding.attribute,
        "before": finding.before,
        "after": finding.after,
        "rule": finding.rule.title,
        "said": finding.verdict,
        "remedy": finding.rule.remedy,
    }
