"""The command: ``python -m simulation``, which is ``make try``.

Its status is 0; 1, if a step fails or is refused; 128 and the signal's number, if it is stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from constructs_lib.azure.naming import PLACEHOLDER
from constructs_lib.review.commits import (
    CommitError,
    checked_out,
    commit_id,
    environment,
    synthesized,
    text_at,
)
from constructs_lib.settings import SettingsError, load

from .printing import title
from .rehearsal import deploy_over, rehearsing
from .stacks import REGISTRY, Json, SimulationError, Stack
from .terraform_runs import run

FIRST: Final = (
    "This is a simulation: Terraform deploys to a stand-in for Azure on this machine, nothing is "
    "created in Azure, and no login is needed."
)
LAST: Final = (
    "This was a simulation: nothing was created in Azure, nothing is left on this machine, and "
    "names, rights and quotas were not checked."
)
STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whenever somebody stops the simulation."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # until it is known that it is to be deleted
    with tempfile.TemporaryDirectory(prefix="try-") as folder:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        yield Path(folder).resolve()


def _here(folder: Path) -> list[Stack]:
    """The stacks that the working tree's own program writes."""
    environ = {**os.environ, "CDKTF_OUTDIR": str(folder / "synthesized")}
    outcome = run([sys.executable, "main.py"], Path.cwd(), environ)
    if outcome.status:
        raise SimulationError(outcome.text)
    print(f"\n{outcome.text}", flush=True)
    files = Path(folder, "synthesized", "stacks").glob("*/cdk.tf.json")
    return _in_order({file.parent.name: json.loads(file.read_text("utf-8")) for file in files})


def _in_order(stacks: dict[str, Json]) -> list[Stack]:
    """Stacks in the order of the settings file, in which they are deployed; others at the end."""
    names = list(load(_settings_file(), os.environ).settings.registries)
    ordered = [*(name for name in names if name in stacks), *sorted({*stacks} - {*names})]
    return [Stack(name, stacks[name]) for name in ordered]


def _settings_file() -> str:
    return os.environ.get("REGISTRIES_FILE") or "registries.yaml"


def rehearse(folder: Path) -> None:
    """Deploy the stacks of the working tree, from ``init`` to ``destroy``."""
    stacks = _here(folder)
    with rehearsing(folder, [stacks]) as rehearsal:
        for stack in stacks:
            title(stack.name)
            rehearsal.show(stack, rehearsal.deploy(stack))
            rehearsal.check(stack)
        for stack in reversed(stacks):
            if len(stacks) > 1:
                title(f"{stack.name}: destroyed")
            rehearsal.destroy(stack)


def rehearse_change(folder: Path, ref: str) -> None:
    """Deploy the stacks of a commit, then those of the working tree over them."""
    project = Path.cwd()
    environ = environment(os.environ, project)
    commit = commit_id(ref, project, environ)
    with checked_out(commit, project, environ) as tree, ThreadPoolExecutor() as pool:
        of_base = environment(os.environ, project, tree)
        base = pool.submit(synthesized, tree, of_base, f"the base {ref}")  # both at a time
        after = _in_order(synthesized(project, environ, "the working tree", aloud=True))
        before = _in_order(base.result())
        settings = text_at(commit, _settings_file(), project, environ)
    names = f"{ref} ({commit[:12]})"
    if f":-{PLACEHOLDER}}}" in settings and not any(map(_has_placeholder, after)):
        for stack in filter(_has_placeholder, before):
            print(
                f"\n{stack.name}: nobody has deployed {names}, with the placeholder {PLACEHOLDER}"
            )
        before = [stack for stack in before if not _has_placeholder(stack)]
    deploy_over(folder, before, after, names)


def _has_placeholder(stack: Stack) -> bool:
    return any(each.name == PLACEHOLDER for each in stack.of_type(REGISTRY))


def main() -> None:
    """Simulate what the options ask for, and say so at the start and at the end."""
    parser = argparse.ArgumentParser(prog="make try", description=FIRST)
    parser.add_argument("--base", metavar="REF", default="", help="deploy a commit first")
    base = parser.parse_args().base
    for number in STOPS:
        signal.signal(number, _stop)
    try:
        print(FIRST, flush=True)
        with _folder() as folder:
            rehearse_change(folder, base) if base else rehearse(folder)
    except BrokenPipeError:  # nobody reads on, as with `make try | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (SimulationError, CommitError, SettingsError, OSError, ValueError) as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(1)
    finally:
        print("\n" + LAST, flush=True)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """End with everything cleaned up, however often Ctrl-C is pressed meanwhile."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
