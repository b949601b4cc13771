"""The command: ``python -m constructs_lib.review``.

Its status is 0; 2, if a change weakens a registry and nobody has accepted it; 1, on an error, or if
the report is not whole.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

from . import accepted, dependencies
from .changes import of_stacks
from .commits import (
    CommitError,
    checked_out,
    commit_id,
    environment,
    synthesized,
    text_at,
    text_here,
)
from .findings import Report, review
from .plans import of_plan
from .printers import as_json, code, markdown


def of_commit(ref: str, project: Path) -> Report:
    """Review the working tree of a project's folder against a commit."""
    environ = environment(os.environ, project)
    commit = commit_id(ref, project, environ)
    text = text_here(accepted.FILE, project)
    risks = accepted.parse(text)
    after = synthesized(project, environ, "the working tree")
    with checked_out(commit, project, environ) as tree:
        environ = environment(os.environ, project, tree)
        before = synthesized(tree, environ, f"the base {ref}")
    of = f"the working tree against {code(ref)} ({commit[:12]})"
    now = accepted.lines_of(text).values()
    then = accepted.lines_of(text_at(commit, accepted.FILE, project, environ)).values()
    report = review(of, of_stacks(before, after), risks, then)
    report.note = dependencies.note(
        lambda name: text_at(commit, name, project, environ), lambda name: text_here(name, project)
    )
    report.exceptions_added = [line for line in now if line not in then]
    report.exceptions_removed = [line for line in then if line not in now]
    return report


def of_plan_file(file: Path, project: Path) -> Report:
    """Review a plan as ``terraform show -json`` writes it, from the folder of its stack."""
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(plan, dict):
            raise ValueError("a JSON object is expected")
        folder = file.resolve().parent
        stack = folder.name if folder.parent.name == "stacks" else file.stem
        changes = of_plan(stack, plan)
    except (OSError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from None
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"{file}: is no plan as terraform show -json writes it") from None
    risks = [
        risk for risk in accepted.parse(text_here(accepted.FILE, project)) if risk.stack == stack
    ]
    report = review(f"the plan {code(str(file))}", changes, risks, base=None)
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
