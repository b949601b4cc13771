"""The GitHub workflows as data, and programs in the place of those that their scripts call."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from helpers import ROOT, Json
from ruamel.yaml import YAML

GITHUB = ROOT / ".github"
PULL_REQUEST = YAML(typ="safe").load(GITHUB / "workflows" / "pull-request.yml")
DEPLOY = YAML(typ="safe").load(GITHUB / "workflows" / "deploy.yml")
SET_UP = YAML(typ="safe").load(GITHUB / "actions" / "set-up" / "action.yml")
DRIFT = YAML(typ="safe").load(GITHUB / "workflows" / "drift.yml")
RELEASE = YAML(typ="safe").load(GITHUB / "workflows" / "release.yml")
WORKFLOWS: dict[str, Json] = {
    "pull-request": PULL_REQUEST,
    "deploy": DEPLOY,
    "drift": DRIFT,
    "release": RELEASE,
}
JOBS: dict[str, Json] = {
    f"{name}/{job}": about
    for name, workflow in WORKFLOWS.items()
    for job, about in workflow["jobs"].items()
}
STEPS: list[Json] = [
    *(step for job in JOBS.values() for step in job["steps"]),
    *SET_UP["runs"]["steps"],
]
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
"""GitHub's own command for a script whose shell is bash."""

GH = """
case "$*" in
  */zip) cat artifact ;;
  "api --paginate --slurp repos/o/r/pulls/5/files?per_page=100") cat files ;;
  *--paginate*) echo "$COMMENTS" ;;
esac
(IFS='|' && echo "$*" >> called)
"""
"""GitHub's command line: it serves files, and keeps the arguments of each call on a line."""


def write_program(folder: Path, name: str, script: str) -> None:
    """Write a program into a folder: a script for ``sh``, which starts quickly."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def path_with(folder: Path) -> str:
    """The PATH of a script: the programs in a folder, and the Python that runs the tests."""
    return os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])
