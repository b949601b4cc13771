"""What a change does to the registries' privacy and data, before anybody applies it.

The command: changes come from a base commit and the working tree, or from a plan of Terraform; they
are held against the rules, and printed, risks first. Its status is 0, 2 when something weakens, and
1 on an error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from . import privacy
from .changes import Change, Difference, Hidden, of_plan, of_stacks
from .commits import CommitError, checked_out, commit_id, environment, synthesized, text_at
from .findings import EXCEPTIONS, Finding, Report, Stack, exceptions, review

LIMIT = 64_000
"""Characters of a report: a comment on GitHub has room for 65,536."""

_LONG = 300


def markdown(report: Report, limit: int = LIMIT) -> str:
    """The report for people: risks first in each stack, and cut last where it is too long."""
    lines = list(_lines(report))
    size = sum(len(line) + 1 for _, line in lines)
    cut: set[int] = set()
    if size > limit:
        size += 100  # the sentence that says so
        for place in sorted(range(len(lines)), key=lambda place: (-lines[place][0], -place)):
            if size <= limit:
                break
            size -= len(lines[place][1]) + 1
            cut.add(place)
    text = "\n".join(line for place, (_, line) in enumerate(lines) if place not in cut)
    return (
        f"{text}\n\n**{len(cut)} lines of the report did not fit, and are left out.**"
        if cut
        else text
    )


def _lines(report: Report) -> Iterator[tuple[int, str]]:
    """Each line with its rank: the higher it is, the sooner the line is cut."""
    yield 0, f"# Review of {report.of}"
    yield 0, ""
    yield 0, _summary(report)
    for title, lines in (
        (f"This change adds to `{EXCEPTIONS}`", report.exceptions_added),
        (f"This change takes out of `{EXCEPTIONS}`", report.exceptions_removed),
        (f"In `{EXCEPTIONS}`, of no use here", report.unused),
    ):
        rank = 3 if lines is report.unused else 1
        yield from _section(rank, f"**{title}:**", [f"- {code(line)}" for line in lines])
    for name, stack in report.stacks.items():
        yield 0, ""
        yield 0, f"## Stack {code(name)}"
        yield from _section(1, "### Weakens", map(_risk, stack.weakens))
        accepted = (f"{_risk(finding)} Accepted: {code(why)}" for finding, why in stack.accepted)
        yield from _section(2, "### Weakens, accepted", accepted)
        yield from _section(3, "### Strengthens", map(_told, stack.strengthens))
        whole = ("added", "removed")
        changed = [each for each in stack.changes if each[0].action not in whole]
        yield from _section(4, "### Other changes", _changes(changed))
        for action in whole:
            of_action = [each for each in stack.changes if each[0].action == action]
            yield from _section(5, f"### {action.capitalize()}", _changes(of_action))


def _section(rank: int, title: str, lines: Any) -> Iterator[tuple[int, str]]:
    if lines := list(lines):
        yield from ((rank, line) for line in ["", title, "", *lines])


def _summary(report: Report) -> str:
    stacks = report.stacks.values()
    counts = {
        "weakening": sum(len(stack.weakens) for stack in stacks),
        "accepted weakening": sum(len(stack.accepted) for stack in stacks),
        "strengthening": sum(len(stack.strengthens) for stack in stacks),
        "other change": sum(len(stack.changes) for stack in stacks),
    }
    said = ", ".join(f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n)
    return f"**{said}.**" if said else "**Nothing changes in the stacks.**"


def _told(finding: Finding) -> str:
    change = finding.change
    said = f"{finding.said.capitalize()}: {privacy.sentence(finding.rule)}"
    told = f"- **{said}.** {code(change.address)}"
    if finding.attribute in ("added", "removed"):
        return f"{told} is {finding.attribute}."
    before, after = _shown(change, finding.attribute, finding.before, finding.after)
    return f"{told} {code(finding.attribute)}: {before} → {after}."


def _risk(finding: Finding) -> str:
    return f"{_told(finding)} {privacy.remedy(finding.rule)}"


def _changes(changes: list[tuple[Change, list[Difference]]]) -> Iterator[str]:
    for change, differences in changes:
        was = f", was {code(change.id_before)}" if change.id_before else ""
        yield f"- {code(change.address)} ({change.action}{was})"
        for attribute, *sides in differences:
            before, after = _shown(change, attribute, *sides)
            only_after = change.before is None
            yield f"  - {code(attribute)}: {after if only_after else f'{before} → {after}'}"


def _shown(change: Change, attribute: str, before: Any, after: Any) -> tuple[str, str]:
    """Both values, each in a line; of long ones, the part where they begin to differ."""
    texts = [_text(value) for value in (before, after)]
    start = 0
    if max(map(len, texts)) > _LONG:
        places = (place for place, (a, b) in enumerate(zip(*texts, strict=False)) if a != b)
        start = max(0, next(places, min(map(len, texts))) - 40)
    shown = []
    for value, text in zip((before, after), texts, strict=True):
        part = text[start : start + _LONG]
        cut = f"{'…' if start else ''}{part}{'…' if len(text) > start + _LONG else ''}"
        shown.append(code(cut) if value is not None else _unset(change.type, attribute))
    return shown[0], shown[1]


def _unset(type: str, attribute: str) -> str:
    default = privacy.value(type, {}, attribute)
    return "not set" if default is None else f"not set, as {code(_text(default))}"


def _text(value: Any) -> str:
    if isinstance(value, Hidden):
        return value.shown
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda part: part.shown)


def code(text: str) -> str:
    """Text as code, in which nothing ends the code, is Markdown or HTML, or mentions anybody."""
    return "`" + "".join(map(_character, text or " ")) + "`"


def _character(one: str) -> str:
    return one if one.isprintable() and one not in "`|<>&@" else f"\\u{ord(one):04x}"


def as_json(report: Report) -> str:
    """The report for machines; ``version`` counts up when a key changes its meaning."""
    plain = {
        "version": 1,
        "of": report.of,
        "weakens": report.weakens,
        "stacks": {name: _plain_stack(stack) for name, stack in report.stacks.items()},
        "exceptions": {
            "added": report.exceptions_added,
            "removed": report.exceptions_removed,
            "unused": report.unused,
        },
    }
    return json.dumps(plain, indent=2, sort_keys=True, default=lambda value: value.shown)


def _plain_stack(stack: Stack) -> dict[str, Any]:
    return {
        "weakens": [_plain(finding) for finding in stack.weakens],
        "accepted": [{**_plain(finding), "reason": why} for finding, why in stack.accepted],
        "strengthens": [_plain(finding) for finding in stack.strengthens],
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


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "address": finding.change.address,
        "type": finding.change.type,
        "attribute": finding.attribute,
        "before": finding.before,
        "after": finding.after,
        "rule": privacy.sentence(finding.rule),
        "said": finding.said,
        "remedy": privacy.remedy(finding.rule),
    }


def of_commit(ref: str, project: Path) -> Report:
    """Review the working tree of a project's folder against a commit."""
    environ = environment(os.environ, project)
    commit = commit_id(ref, project, environ)
    text = _exceptions_of(project)
    lines = exceptions(text)
    after = synthesized(project, environ, "the working tree")
    with checked_out(commit, project, environ) as tree:
        environ = environment(os.environ, project, tree)
        before = synthesized(tree, environ, f"the base {ref}")
    of = f"the working tree against {code(ref)} ({commit[:12]})"
    report = review(of, of_stacks(before, after), lines)
    now, then = (
        [line.strip() for line in each.splitlines() if line.strip() and line.strip()[0] != "#"]
        for each in (text, text_at(commit, EXCEPTIONS, project, environ))
    )
    report.exceptions_added = [line for line in now if line not in then]
    report.exceptions_removed = [line for line in then if line not in now]
    return report


def of_plan_file(file: Path, project: Path) -> Report:
    """Review a plan as ``terraform show -json`` writes it, from the folder of its stack."""
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(plan, dict):
            raise ValueError("is no JSON object")
        folder = file.resolve().parent
        stack = folder.name if folder.parent.name == "stacks" else file.stem
        changes = of_plan(stack, plan)
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from None
    lines = [line for line in exceptions(_exceptions_of(project)) if line.stack == stack]
    return review(f"the plan {code(str(file))}", changes, lines)


def _exceptions_of(project: Path) -> str:
    file = project / EXCEPTIONS
    return file.read_text(encoding="utf-8") if file.exists() else ""


class _Parser(argparse.ArgumentParser):
    """One whose errors have the status of errors: argparse's own is that of a risk here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: error: {message}\n")


def main() -> None:
    """Review what changes in the stacks of the current folder's project."""
    parser = _Parser(prog="constructs_lib.review", description=main.__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--base", metavar="REF", help="against a commit: a branch, tag or id")
    source.add_argument("--plan", metavar="FILE", type=Path, help="of terraform show -json")
    parser.add_argument("--format", choices=["markdown", "json"], default="markdown")
    asked = parser.parse_args()
    try:
        project = Path.cwd()
        report = of_plan_file(asked.plan, project) if asked.plan else of_commit(asked.base, project)
    except (CommitError, OSError, ValueError) as error:
        sys.exit(str(error))
    print(as_json(report) if asked.format == "json" else markdown(report))
    sys.exit(2 if report.weakens else 0)


if __name__ == "__main__":
    main()
