"""The stacks of a commit, and of the working tree: each synthesized by its own program.

Each gets only the environment that it needs, without variables that look like credentials.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..stack_json import FILE, further_files

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
        _git(project, environ, "rev-parse", "--git-dir")  # or git says why it reads no repository
        remedy = _remedy(project, environ) if ref else "name one, such as BASE=main"
        raise CommitError(f"{ref!r} is not one of the commits here: {remedy}")
    return found


def _remedy(project: Path, environ: Environ) -> str:
    if not _git(project, environ, "rev-parse", "--verify", "--quiet", "HEAD", check=False):
        return "nothing is committed yet; commit what you have first"
    if _git(project, environ, "rev-parse", "--is-shallow-repository").strip() == "true":
        return "this clone has the newest ones only; git fetch --unshallow gets the others"
    return "name a branch or a commit, or fetch it"


def text_at(commit: str, file: str, project: Path, environ: Environ) -> str:
    """A file of the project as the commit has it; empty, if it has none."""
    return _git(project, environ, "show", f"{commit}:./{file}", check=False)


def text_here(file: str, project: Path, plain: bool = False) -> str:
    """A file of the working tree; empty, if there is none.

    Raises:
        CommitError: it has to be a plain file, and is a link or a folder.
    """
    path = project / file
    if plain and (path.is_symlink() or (path.exists() and not path.is_file())):
        raise CommitError(
            f"{file} is not a plain file: write its lines into the project's own file, since the "
            "base has no version of what a link leads to"
        )
    return path.read_text(encoding="utf-8-sig") if path.exists() else ""


@contextmanager
def checked_out(commit: str, project: Path, environ: Environ) -> Iterator[Path]:
    """The project's folder as the commit has it, in a worktree that is gone afterwards."""
    place = _git(project, environ, "rev-parse", "--show-prefix").strip()
    listed = _git(project, environ, "worktree", "list", "--porcelain", check=False)
    for abandoned in re.findall(r"(?m)^worktree (.*/review-\d+-\w+)/base$", listed):
        if _is_abandoned(Path(abandoned)):
            _git(project, environ, "worktree", "remove", "--force", f"{abandoned}/base")
            shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as temporary:
        tree = Path(temporary, "base")
        try:
            # Hooks are for trees that people work in, not for this one.
            add = ["-c", f"core.hooksPath={os.devnull}", "worktree", "add", "--quiet", "--detach"]
            _git(project, environ, *add, str(tree), commit)
            yield tree / place
        finally:
            # `worktree prune` would also drop worktrees on unmounted disks.
            _git(project, environ, "worktree", "remove", "--force", str(tree), check=False)


_PREFIX = f"review-{os.getpid()}-"


def _is_abandoned(folder: Path) -> bool:
    """Whether a review has made a folder, and was killed before it could delete it."""
    try:
        os.kill(int(folder.name.split("-")[1]), 0)
    except (OverflowError, ProcessLookupError):
        return folder.is_dir()
    except PermissionError:
        pass
    return False


class Written(NamedTuple):
    """What a program has written of one stack.

    Attributes:
        json: the content of the program's own file; none, if it has not written it.
        files: each other file of the stack's folder that Terraform reads.
        read: the content of a file by its path from the stack's folder, if it is in the project.
    """

    json: Any
    files: dict[str, str]
    read: Callable[[str], bytes | None]


def synthesized(
    project: Path, environ: Environ, what: str, *, aloud: bool = False
) -> dict[str, Any]:
    """The JSON of each stack that the project's own program writes, by the stack's name.

    Raises:
        CommitError: as :func:`written` does.
    """
    stacks = written(project, environ, what, aloud=aloud)
    return {name: each.json for name, each in stacks.items() if each.json}


def written(
    project: Path, environ: Environ, what: str, *, aloud: bool = False
) -> dict[str, Written]:
    """What the project's own program writes of each stack, by the stack's name.

    With ``aloud``, what it says is printed: its variables and its warnings.

    Raises:
        CommitError: ``what`` has no program, or its program writes no stack, or fails; with the
            program's message.
    """
    if not (project / "main.py").is_file():
        raise CommitError(f"{what} has no main.py to synthesize it with")
    # In the same place of each tree: paths in the JSON are relative to its folder.
    around = project / "cdktf.out"
    around.mkdir(exist_ok=True)
    for abandoned in filter(_is_abandoned, around.glob("review-[0-9]*-*")):
        shutil.rmtree(abandoned, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=around))
    try:
        done = _run(
            [sys.executable, "main.py"],
            cwd=project,
            env={**environ, "CDKTF_OUTDIR": str(folder.relative_to(project))},
        )
        if done.returncode:
            message = re.split(r"(?m)^(?=[\w.]+(?:Error|Exception)\b)", done.stderr.strip())[-1]
            hint = "variables that look like credentials are not given to it"
            raise CommitError(f"{what} can't be synthesized ({hint}):\n{message[-4000:]}")
        if aloud:
            print(f"\n{done.stderr.strip()}", flush=True)
        if not [*folder.glob(f"stacks/*/{FILE}")]:
            raise CommitError(
                f"{what} has written no stack to the folder that CDKTF_OUTDIR names: give App() no "
                "outdir, which is the environment's by default"
            )
        # Files that are there already, in the place of an earlier synthesis, stay there as well.
        names = {each.name for out in (folder, around) for each in out.glob("stacks/*/")}
        stacks = {name: _written(name, project, folder, what) for name in sorted(names)}
        return {name: each for name, each in stacks.items() if each.json or each.files}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not any(around.iterdir()):
            around.rmdir()


def _written(name: str, project: Path, folder: Path, what: str) -> Written:
    """What is written of a stack. Its folder is gone afterwards, so that its files are kept."""
    own, earlier = folder / "stacks" / name, project / "cdktf.out" / "stacks" / name
    # cdktf's own default for the state is an absolute path, which is another one in each tree.
    here = json.dumps(str(project))[1:-1]
    file = own / FILE
    try:
        text = file.read_text(encoding="utf-8").replace(here, ".") if file.exists() else "null"
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise CommitError(
            f"{what} has written a {FILE} of {name} that is not JSON: {error}"
        ) from None
    further = [each for place in (earlier, own) for each in further_files(place)]
    kept = {
        os.path.relpath(each, own): each.read_bytes()
        for each in own.rglob("*")
        if each.is_file() and each != file
    }

    def read(path: str) -> bytes | None:
        place = os.path.normpath(path)
        if place in kept:
            return kept[place]
        found = Path(os.path.normpath(earlier / path))
        try:
            is_ours = found.resolve().is_relative_to(project.resolve())
            return found.read_bytes() if is_ours and found.is_file() else None
        except (OSError, ValueError):  # a path that no file can have
            return None

    texts = {each.name: each.read_text(encoding="utf-8", errors="replace") for each in further}
    return Written(content, texts, read)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, in which Terraform would read a second block of a name as well."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice} is there twice in one object")
    return found


def changed_files(commit: str, project: Path, environ: Environ) -> list[str]:
    """The files of the project that the working tree has otherwise than a commit."""
    changed = _git(project, environ, "diff", "--name-only", "--relative", "-z", commit, "--", ".")
    new = _git(project, environ, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return sorted({*changed.split("\0"), *new.split("\0")} - {""})


def _run(command: list[str], cwd: Path, env: Environ) -> subprocess.CompletedProcess[str]:
    """Run a program, of which no process is left when the review ends before it does."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=_die_with_the_review if _C else None,
    ) as process:
        try:
            stdout, stderr = process.communicate()
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


# It is loaded here, since a process that was forked beside other threads must not wait for a lock.
_C = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_the_review() -> None:
    """Let the kernel end a program whose review is killed."""
    if _C:
        _C.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _git(project: Path, environ: Environ, *command: str, check: bool = True) -> str:
    git = shutil.which("git", path=environ.get("PATH"))
    if git is None:
        raise CommitError("git is needed to look at another commit")
    done = _run([git, *command], cwd=project, env=environ)
    if check and done.returncode:
        raise CommitError(f"git {command[-1]} failed: {done.stderr.strip()}")
    return done.stdout if not done.returncode else ""
