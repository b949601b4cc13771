"""Terraform in a folder of the simulation: each command's events, and no process that stays."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .stacks import Json, SimulationError, Stack

PROGRAM: Final = os.environ.get("TERRAFORM_BINARY_NAME") or "terraform"
CHANGED: Final = 2
"""The status of a plan that has changes."""
TRIGGERED: Final = "replace_by_triggers"
"""Terraform's reason where ``replace_triggered_by`` replaces a resource."""

WAYS_OUT: Final = {
    **dict.fromkeys(
        (
            "TargetRepositoryAlreadyPresentInRegistry",
            "TargetRepositoryPrefixMatchesExistingRegistries",
        ),
        "give the cache rule another target, or delete the images of this one first. If only its "
        "credential set is another one, deploy that set before the rule names it.",
    ),
    "does not exist in the registry": (
        "a key under credential_sets creates a set with the registry. For a set of somebody else, "
        "deploy the registry without the cache rule, let the set be created, then add the rule."
    ),
    "RoleAssignmentExists": "deploy again: the assignment under the old key is deleted by then.",
    "cannot be linked to multiple zones": (
        "the network's other link goes first. If this deployment has deleted it, deploy again; if "
        "it is somebody else's, they delete it."
    ),
    "a replica cannot be created while": (
        "take private_ip_addresses out, deploy, make this change, and give them again. The first "
        "and the last step replace the endpoint: pulls fail meanwhile."
    ),
}
"""What to do about Azure's refusals, by their codes, or by words that only one of them has."""


@dataclass(frozen=True)
class Outcome:
    """A command that has ended: its status, its events, and what it printed besides."""

    status: int
    events: list[Json]
    text: str

    def of(self, type_: str) -> Iterator[Json]:
        """The events of a type."""
        return (event for event in self.events if event.get("type") == type_)

    @property
    def summary(self) -> Json:
        """How many resources the last plan or apply adds, changes, imports and destroys."""
        return next((event["changes"] for event in reversed([*self.of("change_summary")])), {})

    @property
    def outputs(self) -> Json:
        """The outputs after an apply, as ``terraform output -json`` gives them."""
        return next((event["outputs"] for event in reversed([*self.of("outputs")])), {})

    @property
    def errors(self) -> list[Json]:
        """The errors that Terraform reports, those of Azure among them."""
        found = (event["diagnostic"] for event in self.of("diagnostic"))
        return [each for each in found if each["severity"] == "error"]

    def fail(self, what: str) -> SimulationError:
        """The error for a command that has failed, in its own words."""
        texts = [
            "\n".join(filter(None, (each["summary"], each.get("detail"), _place(each), _way(each))))
            for each in self.errors
        ]
        return SimulationError(f"{what} failed:\n" + ("\n\n".join(texts) or self.text.strip()))


def _place(diagnostic: Json) -> str:
    return f"  with {diagnostic['address']}" if diagnostic.get("address") else ""


def _way(diagnostic: Json) -> str:
    """What to do about a refusal of Azure that does not say it."""
    said = f"{diagnostic['summary']} {diagnostic.get('detail')}"
    ways = (f"  The way out: {way}" for words, way in WAYS_OUT.items() if words in said)
    return next(ways, "")


def _reasons(resource: Json) -> list[str]:
    if resource.get("action_reason") == TRIGGERED:
        return [TRIGGERED]
    change = resource["change"]
    if paths := change.get("replace_paths"):
        return list(dict.fromkeys(str(path[0]) for path in paths))
    before, after = change.get("before") or {}, change.get("after") or {}
    unknown = change.get("after_unknown") or {}
    return [name for name in after if before.get(name) != after[name] or unknown.get(name) is True]


def run(command: list[str], folder: Path, environ: Mapping[str, str]) -> Outcome:
    """Runs a program to its end, or kills it and its children: nothing here is worth saving."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches this program only
        )
    except OSError as error:
        raise SimulationError(f"{command[0]}: {error.strerror or error}") from None
    try:
        text, _ = process.communicate()
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    events, others = [], []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict):
            events.append(event)
        else:
            others.append(line)
    return Outcome(process.returncode, events, "\n".join(others))


class Terraform:
    """Terraform for one stack."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        """Creates the stack's folder, in which its state lies; ``environ`` may change later."""
        self.folder = folder
        self.folder.mkdir(parents=True)
        self.environ = environ
        found = shutil.which(PROGRAM)
        if found is None:
            raise SimulationError(
                f"Terraform 1.5 or later is needed as {PROGRAM}; TERRAFORM_BINARY_NAME names it"
            )
        self.program = str(Path(found).absolute())

    def write(self, stack: Stack) -> None:
        """Writes the stack's JSON for Terraform to read."""
        text = json.dumps(stack.simulated(), indent=2)
        Path(self.folder, "cdk.tf.json").write_text(text, encoding="utf-8")

    def init(self) -> None:
        """Runs ``terraform init``."""
        outcome = self._run("init", "-no-color")
        if outcome.status:
            raise outcome.fail("terraform init")

    def plan(self) -> Outcome:
        """Runs ``terraform plan`` and keeps the plan for ``apply``; the caller looks for errors."""
        Path(self.folder, "plan").unlink(missing_ok=True)
        return self._run("plan", "-json", "-detailed-exitcode", "-out=plan")

    def apply(self) -> Outcome:
        """Runs ``terraform apply`` on the last plan; the caller looks for errors."""
        return self._run("apply", "-json", "plan")

    def destroy(self) -> Outcome:
        """Runs ``terraform destroy``; the caller looks for errors."""
        return self._run("destroy", "-json", "-auto-approve")

    def reasons(self) -> dict[str, list[str]]:
        """The arguments that the last plan changes, or for which it replaces, by address."""
        outcome = self._run("show", "-json", "plan")
        changes = [each for event in outcome.events for each in event.get("resource_changes", [])]
        return {each["address"]: _reasons(each) for each in changes}

    def _run(self, *command: str) -> Outcome:
        return run([self.program, *command], self.folder, self.environ)
