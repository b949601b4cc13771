"""The command: ``python -m constructs_lib.review``.

Its status is 0; 2, if a change weakens a registry and nobody has accepted it; 1, on an error, or if
the report is not whole.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from ..azure.naming import PLACEHOLDER
from ..privacy.attributes import NETWORK, REGISTRY, SUBNET
from ..stack_json import StackJson
from . import accepted, dependencies
from .changes import of_files, of_stacks, stack
from .commits import (
    CommitError,
    Written,
    changed_files,
    checked_out,
    commit_id,
    environment,
    text_at,
    text_here,
    written,
)
from .findings import Report, review
from .plans import of_plan
from .printers import as_json, code, markdown


def of_commit(ref: str, project: Path) -> Report:
    """Review the working tree of a project's folder against a commit."""
    environ = environment(os.environ, project)
    commit = commit_id(ref, project, environ)
    text = text_here(accepted.FILE, project, plain=True)
    risks = accepted.parse(text)
    after = written(project, environ, "the working tree")
    with checked_out(commit, project, environ) as tree:
        environ = environment(os.environ, project, tree)
        before = written(tree, environ, f"the base {ref}")
        now = accepted.lines_of(text).values()
        then = accepted.lines_of(text_here(accepted.FILE, tree)).values()
        file = text_here(environ.get("REGISTRIES_FILE") or "registries.yaml", tree)
        renamed = {name: _placeholders(name, before, after, file) for name in before}
        changes = of_stacks(
            {name: _read(each, name, "the base", renamed[name]) for name, each in before.items()},
            {name: _read(each, name, "the change") for name, each in after.items()},
        )
    changes += of_files({name: each.files for name, each in after.items()})
    of = f"the working tree against {code(ref)} ({commit[:12]})"
    report = review(of, changes, risks, then)
    report.note = " ".join(
        filter(
            None,
            [
                dependencies.note(
                    lambda name: text_at(commit, name, project, environ),
                    lambda name: text_here(name, project),
                ),
                dependencies.of_program(changed_files(commit, project, environ)),
                *dict.fromkeys(
                    f"The placeholder {old} becomes {code(new)}."
                    for of_stack in renamed.values()
                    for old, new in of_stack.items()
                ),
            ],
        )
    )
    report.exceptions_added = [line for line in now if line not in then]
    report.exceptions_removed = [line for line in then if line not in now]
    return report


_NAMED = {
    REGISTRY: ("name", "resource_group_name", "location"),
    SUBNET: ("name", "address_prefixes"),
    NETWORK: ("name", "resource_group_name"),
}
"""What the shipped file has a placeholder for, which every user writes over."""


def _placeholders(
    name: str, before: Mapping[str, Written], after: Mapping[str, Written], settings: str
) -> dict[str, str]:
    """What takes the place of the shipped file's values in a stack: nobody has deployed those.

    They are the defaults of the file's variables, in a stack whose registry has the placeholder's
    name before, and a name of its own after.
    """
    if name not in before or name not in after:
        return {}
    old, new = (_values(_read(side[name], name, "it")) for side in (before, after))
    registry = (REGISTRY, "name")
    if old.get(registry) != PLACEHOLDER or new.get(registry) in (None, PLACEHOLDER):
        return {}
    found: dict[str, str] = {}
    for each, value in old.items():
        is_default = f":-{value}}}" in settings and value != new.get(each, value)
        if is_default and found.setdefault(value, new[each]) != new[each]:
            return {}
    return found if PLACEHOLDER in found else {}


def _values(stack_: StackJson) -> dict[tuple[str, str], str]:
    values = {}
    for _, block in stack_.blocks():
        for attribute in _NAMED.get(block.type, ()):
            value = block.attributes.get(attribute)
            values[block.type, attribute] = str(value[0] if isinstance(value, list) else value)
    return values


def _read(
    stack_: Written, name: str, side: str, renamed: Mapping[str, str] | None = None
) -> StackJson:
    text = json.dumps(stack_.json or {})
    if renamed:
        placeholders = "|".join(map(re.escape, renamed))
        text = re.sub(
            rf"(?<![\w-])({placeholders})(?![\w-])",
            lambda old: json.dumps(renamed[old[0]])[1:-1],
            text,
        )
    return stack(json.loads(text), name, side, stack_.read)


def of_plan_file(file: Path, project: Path) -> Report:
    """Review a plan as ``terraform show -json`` writes it, from the folder of its stack."""
    risks = accepted.parse(text_here(accepted.FILE, project))
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(plan, dict):
            raise ValueError("a JSON object is expected")
        folder = file.resolve().parent
        stack = folder.name if folder.parent.name == "stacks" else file.stem
        risks = [risk for risk in risks if risk.stack == stack]
        report = review(f"the plan {code(str(file))}", of_plan(stack, plan), risks, base=None)
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from None
    except (AttributeError, LookupError, RecursionError, TypeError):
        raise ValueError(f"{file}: is not a plan as terraform show -json writes it") from None
    if plan.get("complete") is False:
        report.note = (
            "The plan leaves something out, by -target or by deferred changes: plan again."
        )
    return report


class _Parser(argparse.ArgumentParser):
    """A parser whose errors have the status 1: argparse's own, 2, stands for a risk here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: error: {message}\n")


def main() -> None:
    """Review what changes in the stacks of the current folder's project."""
    parser = _Parser(
        prog="constructs_lib.review",
        description="Review what changes in the stacks of the current folder's project.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--base", metavar="REF", help="compare with a commit: a branch, a tag or an id"
    )
    source.add_argument(
        "--plan",
        metavar="FILE",
        type=Path,
        help="review a plan: the output of terraform show -json",
    )
    parser.add_argument("--format", choices=["markdown", "json"], default="markdown")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):  # the program and the worktree go, too
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        project = Path.cwd()
        report = (
            of_plan_file(options.plan, project)
            if options.plan
            else of_commit(options.base, project)
        )
    except (CommitError, OSError, ValueError) as error:
        sys.exit(str(error))
    if options.format == "json":
        text, left_out = as_json(report), 0
    else:
        text, left_out = markdown(report)
    print(text)
    if left_out:
        sys.exit("the report is not whole: read it with --format json, or change less at once")
    sys.exit(2 if report.weakens else 0)


if __name__ == "__main__":
    main()
