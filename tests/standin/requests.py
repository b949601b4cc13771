"""Requests to the cloud's file: one at a time, written down, with the faults a test asks for.

A fault is `{"operation": …, "type": …, "nth": 1, "effect": …, "times": 1, "message": …}`: the n-th
such request has the effect. What the effects are is the table `EFFECTS`.
"""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from .store import Cloud

TOO_MANY: Final = 429
IN_PROGRESS: Final = 202
PENDING: Final = (TOO_MANY, IN_PROGRESS)


@dataclass(frozen=True)
class Effect:
    """What a fault does to a request, all of it as data."""

    first: int | None = None  # answered this, `times` times, before anything else
    done: bool = True  # the cloud does what it is asked
    fails: bool = False  # the caller is told of an error
    kept: bool = True  # the caller learns what was made


EFFECTS: Final = {
    "none": Effect(),
    "fail": Effect(done=False, fails=True, kept=False),
    "lose_answer": Effect(fails=True, kept=False),
    "taint": Effect(fails=True),
    "throttle": Effect(first=TOO_MANY),
    "polls": Effect(first=IN_PROGRESS),
}


@dataclass(frozen=True)
class Request:
    """What is asked of the cloud: an operation on one resource."""

    operation: str
    type: str
    id: str


@dataclass(frozen=True)
class Answer:
    """What the cloud says: a status, an error, and whether the caller learns what was made."""

    status: int
    error: str | None = None
    kept: bool = False


@contextmanager
def transaction(path: Path) -> Iterator[Cloud]:
    """The cloud, read from its file and written back, with no one else at it meanwhile."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text()
        cloud = json.loads(before)
        yield cloud
        after = json.dumps(cloud, indent=1) + "\n"
        if after != before:
            # A reader without the lock sees the old file or the new one.
            new = path.with_suffix(".new")
            new.write_text(after)
            new.replace(path)


def answer(
    cloud: Cloud, faults: list[dict[str, Any]], request: Request, act: Callable[[], str | None]
) -> Answer:
    """Carries out a request by `act`, which gives Azure's objection, unless a fault intervenes."""
    log = cloud["log"]
    fault = _due(log, faults, request)
    effect = EFFECTS[fault.get("effect", "none")]
    if effect.first and _tries(log, request) < fault.get("times", 1):
        return _written(log, request, Answer(effect.first))
    error = act() if effect.done else None
    if error:
        return _written(log, request, Answer(400, error))
    if effect.fails:
        message = fault.get("message", "InternalServerError: the request failed.")
        return _written(log, request, Answer(500, message, effect.kept))
    return _written(log, request, Answer(200, kept=True))


def _due(
    log: list[dict[str, Any]], faults: list[dict[str, Any]], request: Request
) -> dict[str, Any]:
    kind = (request.operation, request.type)
    ended = (entry for entry in log if entry["status"] not in PENDING)
    number = 1 + sum((entry["operation"], entry["type"]) == kind for entry in ended)
    for fault in faults:
        if (fault["operation"], fault["type"]) == kind and fault.get("nth", 1) == number:
            return fault
    return {}


def _tries(log: list[dict[str, Any]], request: Request) -> int:
    mine = [
        entry["status"]
        for entry in reversed(log)
        if (entry["operation"], entry["id"]) == (request.operation, request.id)
    ]
    return len(list(takewhile(PENDING.__contains__, mine)))


def _written(log: list[dict[str, Any]], request: Request, given: Answer) -> Answer:
    log.append(
        {
            "operation": request.operation,
            "type": request.type,
            "id": request.id,
            "status": given.status,
        }
    )
    return given
