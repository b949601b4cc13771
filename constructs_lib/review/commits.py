"""The stacks of a commit, and of the working tree: each synthesized by its own program.

Each gets only the environment that it needs, without variables that look like credentials.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Environ = Mapping[str, str]

_NEEDED = re.compile(
    r"PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_CACHE_HOME|JSII_\w+|NODE_\w+"
    r"|REGISTRIES_FILE|SYSTEMROOT|USERPROFILE|APPDATA|LOCALAPPDATA|PATHEXT"
)
_CREDENTIAL = re.compile(
    r"(?i)(?!ARM_SUBSCRIPTION_ID$)(ARM|AZURE|TF|GH|GITHUB|ACTIONS)_"  # an id lets nobody in
    r"|.*(TOKEN|SECRET|PASSWORD|CREDENTIAL|(ACCESS|API|PRIVATE)_KEY)"
)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


class CommitError(Exception):
    """Why a commit or a working tree has no stacks."""


def environment(environ: Environ, *projects: Path) -> dict[str, str]:
    """The variables that a synthesis needs, and those that the projects' settings name.

    Raises:
        CommitError: the settings are not in each project: both sides would have the same.
    """
    given = dict(environ)
    if settings := given.get("REGISTRIES_FILE"):
        given["REGISTRIES_FILE"] = _inside(settings, projects)
    named: set[str] = set()
    for project in projects:
        file = project / (given.get("REGISTRIES_FILE") or "registries.yaml")
        if file.is_file():
            if not file.resolve().is_relative_to(project.resolve()):
                raise CommitError(
                    f"{file} is outside the project, so that a commit has no version of it: put "
                    "the settings into the project, without a link"
                )
            named |= set(_VARIABLE.findall(file.read_text(encoding="utf-8", errors="replace")))
    return {
        name: value
        for name, value in given.items()
        if (_NEEDED.fullmatch(name) or name in named) and not _CREDENTIAL.match(name)
    }


def _inside(settings: str, projects: tuple[Path, ...]) -> str:
    """A settings file of the working tree by its place in it, so that the commit has its own."""
    for project in projects:
        if Path(settings).is_absolute() and Path(settings).is_relative_to(project):
            return str(Path(settings).relative_to(project))
    return settings


def commit_id(ref: str, project: Path, environ: Environ) -> str:
    """The id of the commit that a name stands for.

    Raises:
        CommitError: there is none.
    """
    named = not ref.startswith("-") and "\0" not in ref
    command = ["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"]
    found = named and _git(project, environ, *command, check=False).strip()
    if not found:
        raise CommitError(f"{ref!r} is no commit here: name a branch or a commit, or fetch it")
    return found


def text_at(commit: str, file: str, project: Path, environ: Environ) -> str:
    """A file of the project as the commit has it; empty, if it has none."""
    return _git(project, environ, "show", f"{commit}:./{file}", check=False)


def text_here(file: str, project: Path) -> str:
    """A file of the working tree; empty, if there is none."""
    path = project / file
    return path.read_text(encoding="utf-8") if path.exists() else ""


@contextmanager
def checked_out(commit: str, project: Path, environ: Environ) -> Iterator[Path]:
    """The project's folder as the commit has it, in a worktree that is gone afterwards."""
    place = _git(project, environ, "rev-parse", "--show-prefix").strip()
    with tempfile.TemporaryDirectory(prefix="review-") as temporary:
        tree = Path(temporary, "base")
        try:
            # Hooks are for trees that people work in, not for this one.
            add = ["-c", f"core.hooksPath={os.devnull}", "worktree", "add", "--quiet", "--detach"]
            _git(project, environ, *add, str(tree), commit)
            yield tree / place
        finally:
            # `worktree prune` would also drop worktrees on unmounted disks.
            _git(project, environ, "worktree", "remove", "--force", str(tree), check=False)


def synthesized(project: Path, environ: Environ, what: str) -> dict[str, Any]:
    """The JSON of each stack that the project's own program writes, by the stack's name.

    Raises:
        CommitError: ``what`` has no program, or its program writes no stack, or fails; with the
            program's message.
    """
    if not (project / "main.py").is_file():
        raise CommitError(f"{what} has no main.py to synthesize it with")
    # In the same place of each tree: paths in the JSON are relative to its folder.
    around = project / "cdktf.out"
    around.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="review-", dir=around))
    try:
        done = subprocess.run(
            [sys.executable, "main.py"],
            cwd=project,
            env={**environ, "CDKTF_OUTDIR": str(folder.relative_to(project))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if done.returncode:
            message = re.split(r"(?m)^(?=[\w.]+(?:Error|Exception)\b)", done.stderr.strip())[-1]
            hint = "variables that look like credentials are not given to it"
            raise CommitError(f"{what} can't be synthesized ({hint}):\n{message[-4000:]}")
        stacks = sorted(folder.glob("stacks/*/cdk.tf.json"))
        if not stacks:
            raise CommitError(
                f"{what} has written no stack to the folder that CDKTF_OUTDIR names: give App() no "
                "outdir, which is the environment's by default"
            )
        # cdktf's own default for the state is an absolute path, which is another one in each tree.
        here = json.dumps(str(project))[1:-1]
        texts = {file.parent.name: file.read_text(encoding="utf-8") for file in stacks}
        return {stack: json.loads(text.replace(here, ".")) for stack, text in texts.items()}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not any(around.iterdir()):
            around.rmdir()


def _git(project: Path, environ: Environ, *command: str, check: bool = True) -> str:
    git = shutil.which("git", path=environ.get("PATH"))
    if git is None:
        raise CommitError("git is needed to look at another commit")
    done = subprocess.run(
        [git, *command],
        cwd=project,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if check and done.returncode:
        raise CommitError(f"git {command[-1]} failed: {done.stderr.strip()}")
    return done.stdout if not done.returncode else ""
