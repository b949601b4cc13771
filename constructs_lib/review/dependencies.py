"""What changes in the dependencies: its effect on the stacks is not in a review."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from .printers import code

LOCKS = ("Pipfile.lock", ".terraform.lock.hcl", "package-lock.json")
_MOST = 10


def note(before: Callable[[str], str], after: Callable[[str], str]) -> str:
    """A sentence on the locks that differ, whose texts two functions give; empty, if none does."""
    changed = [name for name in LOCKS if before(name) != after(name)]
    if not changed:
        return ""
    old, new = _versions(before(LOCKS[0])), _versions(after(LOCKS[0]))
    packages = [
        f"{code(name)} {code(old.get(name, 'none'))} → {code(new.get(name, 'none'))}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    listed = f": {_listed(packages)}" if packages else ""
    return (
        f"The change edits {_listed([*map(code, changed)])}{listed}. Both sides were synthesized "
        "with the packages that are installed here: the effect of others is not in this report."
    )


_NOT_THE_PROGRAM = re.compile(
    r"(docs|examples|scan|successor|tests)/.*|(CHANGELOG|CONTRIBUTING|README|SECURITY)\.md|LICENSE"
    r"|registries\.yaml|accepted-risks\.txt"
)


def of_program(files: list[str]) -> str:
    """A sentence on the changed files of the program, on which the report depends."""
    program = [name for name in files if not _NOT_THE_PROGRAM.fullmatch(name)]
    listed = _listed([*map(code, program)])
    return f"Read these changes of the program yourself: {listed}." if program else ""


def _listed(texts: list[str]) -> str:
    more = len(texts) - _MOST
    return ", ".join([*texts[:_MOST], *([f"{more} more"] if more > 0 else [])])


def _versions(lock: str) -> dict[str, str]:
    """The version of each package that the program runs with."""
    try:
        packages = json.loads(lock)["default"]
        return {name: str(package.get("version")) for name, package in packages.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
