"""What changes mean: held against the rules for privacy, and against what is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import continuity, privacy
from .changes import UNKNOWN, Change, Difference, Json

EXCEPTIONS = "accepted-risks.txt"

_ADDING_STRENGTHENS = {privacy.LOCK, continuity.AUDIT_LOGS}


class Finding(NamedTuple):
    """A rule that a change breaks, or keeps from now on."""

    change: Change
    attribute: str
    rule: Callable[..., bool]
    said: str
    before: Any = None
    after: Any = None

    @property
    def weakens(self) -> bool:
        """Whether the rule is broken."""
        return self.said != "now"


def findings(change: Change) -> Iterator[Finding]:
    """What a change means, by the rules for its type."""
    type, before, after = change.type, change.before, change.after
    if after is None and type in continuity.LASTING:
        yield Finding(change, "removed", continuity.LASTING[type], "no longer")
    if before is None and type in _ADDING_STRENGTHENS:
        yield Finding(change, "added", continuity.LASTING[type], "now")
    if change.id_before and not type.startswith("data."):
        ids = change.id_before, change.address
        yield Finding(change, "id", continuity.the_construct_id_stays, "no longer", *ids)
    if after is not None:
        yield from _states(change, after)
    if before is not None and after is not None:
        yield from _comparisons(change, before, after)


def _states(change: Change, after: Json) -> Iterator[Finding]:
    for attribute, rule in privacy.STATES.get(change.type, {}).items():
        now = rule(after)
        sides = (privacy.value("", each or {}, attribute) for each in (change.before, after))
        before, value = sides
        if change.before is None:  # as if it had said nothing, and had been private
            if not now and (rule in privacy.REQUIRED or rule({})):
                yield Finding(change, attribute, rule, "not", None, value)
        elif rule(change.before) != now:
            said = "now" if now else "no longer"
            yield Finding(change, attribute, rule, said, before, value)
        elif not now and _differs(change, attribute) and value is not UNKNOWN:
            yield Finding(change, attribute, rule, "still not", before, value)


def _comparisons(change: Change, before: Json, after: Json) -> Iterator[Finding]:
    type = change.type
    rules = dict(continuity.STEADY.get(type, {}))
    rule, attributes = continuity.REPLACED.get(type, (None, []))
    asked = change.replaced is not None or change.id_before
    if rule and not asked:
        rules |= dict.fromkeys(["name", "resource_group_name", *attributes], rule)
    for attribute, steady in rules.items():
        values = privacy.value(type, before, attribute), privacy.value(type, after, attribute)
        same = attribute == "location" and _region(values[0]) == _region(values[1])
        if _differs(change, attribute) and not same and not steady(*values):
            yield Finding(change, attribute, steady, "no longer", *values)
    for attribute in change.replaced or ():
        if rule and attribute not in continuity.RETURNS.get(type, ()):
            sides = (privacy.value("", each, attribute) for each in (before, after))
            yield Finding(change, attribute, rule, "no longer", *sides)


def _region(location: Any) -> str:
    return str(location).replace(" ", "").casefold()  # azurerm takes East US and eastus for one


def _differs(change: Change, attribute: str) -> bool:
    return any(_within(each.attribute, attribute) for each in change.differences())


def _within(path: str, attribute: str) -> bool:
    return path == attribute or path.startswith((f"{attribute}.", f"{attribute}["))


class Accepted(NamedTuple):
    """A line of the file of exceptions: a risk that is taken, and why."""

    line: str
    stack: str
    where: str
    attribute: str
    reason: str


def exceptions(text: str) -> list[Accepted]:
    """What the file of exceptions says, line by line: ``STACK ADDRESS ATTRIBUTE: reason``.

    Raises:
        ValueError: lines that say something else, or give no reason.
    """
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    said = {n: line for n, line in lines.items() if line and not line.startswith("#")}
    found = {n: re.fullmatch(r"(\S+)\s+(\S+)\s+(\S+):\s+(\S.*)", said[n]) for n in said}
    form = "STACK ADDRESS-OR-TYPE ATTRIBUTE: reason is expected"
    if wrong := [f"{EXCEPTIONS}:{n}: is {said[n]!r}: {form}" for n in said if not found[n]]:
        raise ValueError("\n".join(wrong))
    return [Accepted(match[0], *match.groups()) for match in found.values() if match]


@dataclass
class Stack:
    """What is to be said of one stack."""

    weakens: list[Finding] = field(default_factory=list)
    accepted: list[tuple[Finding, str]] = field(default_factory=list)
    strengthens: list[Finding] = field(default_factory=list)
    changes: list[tuple[Change, list[Difference]]] = field(default_factory=list)


@dataclass
class Report:
    """What is to be said of all: the stacks by name, and lines of the file of exceptions."""

    of: str
    stacks: dict[str, Stack]
    unused: list[str]
    exceptions_added: list[str] = field(default_factory=list)
    exceptions_removed: list[str] = field(default_factory=list)

    @property
    def weakens(self) -> bool:
        """Whether anything weakens that nobody has accepted."""
        return any(stack.weakens for stack in self.stacks.values())


def review(of: str, changes: list[Change], lines: list[Accepted]) -> Report:
    """Hold changes against the rules and the exceptions."""
    stacks: dict[str, Stack] = {}
    used: set[str] = set()
    for change in changes:
        stack = stacks.setdefault(change.stack, Stack())
        found = list(findings(change))
        for finding in found:
            matching = [line for line in lines if _accepts(line, finding)]
            used |= {line.line for line in matching}
            reason = change.reasons.get(finding.attribute) or next(iter(matching), None)
            if not finding.weakens:
                stack.strengthens.append(finding)
            elif reason:
                said = reason if isinstance(reason, str) else reason.reason
                stack.accepted.append((finding, said))
            else:
                stack.weakens.append(finding)
        told = [finding.attribute for finding in found]
        rest = [
            each
            for each in change.differences()
            if change.action != "removed" and not any(_within(each.attribute, a) for a in told)
        ]
        if rest or change.action != "changed":
            stack.changes.append((change, rest))
    return Report(of, stacks, [line.line for line in lines if line.line not in used])


def _accepts(line: Accepted, finding: Finding) -> bool:
    where = {finding.change.address, finding.change.type, finding.change.id_before}
    return (
        line.stack == finding.change.stack
        and line.where in where
        and line.attribute == finding.attribute
        and finding.weakens
    )
