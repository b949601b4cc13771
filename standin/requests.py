"""Requests to the cloud's file: they run one at a time, are logged, and can have a test's faults.

A fault is `{"operation": …, "type": …, "nth": 1, "effect": …, "times": 1, "message": …}`: the n-th
request of this operation and type has the effect. The table `EFFECTS` defines each effect.
"""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from .store import Contents, Resource

TOO_MANY: Final = 429
IN_PROGRESS: Final = 202
PENDING: Final = (TOO_MANY, IN_PROGRESS)


@dataclass(frozen=True)
class Effect:
    """The effect of a fault on a request."""

    pending_status: int | None = None  # the status of the first answers, `times` in number
    performed: bool = True  # the cloud performs the request
    fails: bool = False  # the answer has an error
    has_resource: bool = True  # the answer has the resource
    held: bool = False  # the answer does not come before Terraform stops the provider


EFFECTS: Final = {
    "none": Effect(),
    "fail": Effect(performed=False, fails=True, has_resource=False),
    "lose_answer": Effect(fails=True, has_resource=False),
    "taint": Effect(fails=True),
    "throttle": Effect(pending_status=TOO_MANY),
    "polls": Effect(pending_status=IN_PROGRESS),
    "hold": Effect(held=True),
}


@dataclass(frozen=True)
class Request:
    """A request to the cloud: one operation on one resource, with what is written."""

    operation: str
    type: str
    id: str
    resource: Resource = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The cloud's answer: a status, an error, whether it has the resource, and whether it waits."""

    status: int
    error: str | None = None
    has_resource: bool = False
    held: bool = False


@contextmanager
def transaction(path: Path) -> Iterator[Contents]:
    """Reads the cloud from its file and writes it back; a lock keeps out every other reader.

    The lock belongs to the opened file, so that it keeps out threads as well as processes.
    """
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        old_text = path.read_text()
        cloud = json.loads(old_text)
        yield cloud
        new_text = json.dumps(cloud)
        if new_text != old_text:
            # A reader without the lock sees the old file or the new one, and never a part.
            new_file = path.with_suffix(".new")
            new_file.write_text(new_text)
            new_file.replace(path)


def answer(
    cloud: Contents,
    faults: list[dict[str, Any]],
    request: Request,
    perform: Callable[[], str | None],
) -> Answer:
    """Answers a request: applies its fault, if any, and `perform`, which returns Azure's error."""
    log = cloud["log"]
    fault = _find_fault(log, faults, request)
    effect = EFFECTS[fault.get("effect", "none")]
    if effect.pending_status and _count_pending(log, request) < fault.get("times", 1):
        return _log_answer(log, request, Answer(effect.pending_status))
    error = perform() if effect.performed else None
    if error:
        return _log_answer(log, request, Answer(400, error))
    if effect.fails:
        message = fault.get("message", "InternalServerError: the request failed.")
        return _log_answer(log, request, Answer(500, message, effect.has_resource))
    return _log_answer(log, request, Answer(200, has_resource=True, held=effect.held))


def _find_fault(
    log: list[dict[str, Any]], faults: list[dict[str, Any]], request: Request
) -> dict[str, Any]:
    kind = (request.operation, request.type)
    finished = (entry for entry in log if entry["status"] not in PENDING)
    number = 1 + sum((entry["operation"], entry["type"]) == kind for entry in finished)
    for fault in faults:
        if (fault["operation"], fault["type"]) == kind and fault.get("nth", 1) == number:
            return fault
    return {}


def _count_pending(log: list[dict[str, Any]], request: Request) -> int:
    statuses = [
        entry["status"]
        for entry in reversed(log)
        if (entry["operation"], entry["id"]) == (request.operation, request.id)
    ]
    return len(list(takewhile(PENDING.__contains__, statuses)))


def _log_answer(log: list[dict[str, Any]], request: Request, result: Answer) -> Answer:
    log.append({**vars(request), "status": result.status})
    return result
