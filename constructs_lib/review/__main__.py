"""The command: ``python -m constructs_lib.review``.

Its status is 0; 2, if a change weakens a registry and nobody has accepted it; 1, on an error, or if
the report is not whole.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from ..azure.naming import PLACEHOLDER
from ..privacy.attributes import REGISTRY
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
        renamed = _placeholders(before, after, text_here(_settings(environ), tree))
        changes = of_stacks(
            {name: _read(each, name, "the base", renamed) for name, each in before.items()},
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
                *(f"The placeholder {PLACEHOLDER} becomes {code(name)}." for name in renamed),
            ],
        )
    )
    report.exceptions_added = [line for line in now if line not in then]
    report.exceptions_removed = [line for line in then if line not in now]
    return report


def _settings(environ: Mapping[str, str]) -> str:
    return environ.get("REGISTRIES_FILE") or "registries.yaml"


def _placeholders(
    before: Mapping[str, Written], after: Mapping[str, Written], settings: str
) -> list[str]:
    """The name that takes the place of the one in the shipped file, which nobody deploys."""
    if f":-{PLACEHOLDER}}}" not in settings:
        return []
    old, new = (
        {
            str(part.attributes.get("name"))
            for name in before.keys() & after.keys()
            for _, part in _read(side[name], name, "it").blocks()
            if part.type == REGISTRY
        }
        for side in (before, after)
    )
    return [*(new - old)] if PLACEHOLDER in old - new and len(new - old) == 1 else []


def _read(stack_: Written, name: str, side: str, renamed: Sequence[str] = ()) -> StackJson:
    content = stack_.json or {}
    for registry in renamed:
        content = json.loads(json.dumps(content).replace(PLACEHOLDER, registry))
    return stack(content, name, side, stack_.read)


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
