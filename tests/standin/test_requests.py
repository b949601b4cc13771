"""Tests of requests to the cloud's file: the log, faults and transactions."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from standin.requests import Answer, Request, answer, transaction


def send_create(log: list[Any], faults: list[Any], name: str = "a") -> tuple[Answer, list[str]]:
    """Returns the answer to a create request, and the ids that the cloud created."""
    created: list[str] = []
    request = Request("create", "azurerm_subnet", name)
    return answer({"log": log}, faults, request, lambda: created.append(name)), created


@pytest.mark.parametrize(
    ("effect", "created", "error", "has_resource"),
    [
        ("fail", [], "gone wrong", False),
        ("lose_answer", ["a"], "gone wrong", False),
        ("taint", ["a"], "gone wrong", True),
    ],
)
def test_faults_differ_in_their_effects(
    effect: str, created: list[str], error: str, has_resource: bool
) -> None:
    """The faults differ in whether the cloud creates the resource and the answer contains it."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "message": error}
    assert send_create([], [fault]) == (Answer(500, error, has_resource), created)


def test_a_fault_applies_to_the_nth_request() -> None:
    """A fault counts only requests of its own operation and type."""
    fault = {"operation": "create", "type": "azurerm_subnet", "nth": 2, "effect": "fail"}
    log: list[Any] = [{"operation": "delete", "type": "azurerm_subnet", "id": "a", "status": 200}]
    assert [send_create(log, [fault])[0].status for _ in range(3)] == [200, 500, 200]
    for other in ({"operation": "delete"}, {"type": "azurerm_private_endpoint"}):
        assert send_create([], [{**fault, "nth": 1, **other}])[0].status == 200


@pytest.mark.parametrize(("effect", "pending"), [("throttle", 429), ("polls", 202)])
def test_a_delayed_request_is_performed_once(effect: str, pending: int) -> None:
    """A throttled or polled request is performed once, even if other requests come in between."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": effect, "times": 2}
    log: list[Any] = []
    answers = [
        send_create(log, [fault]),
        send_create(log, [fault], "b"),
        send_create(log, [fault]),
        send_create(log, [fault]),
    ]
    assert [result.status for result, _ in answers] == [pending, pending, pending, 200]
    assert [created for _, created in answers] == [[], [], [], ["a"]]


def test_each_request_is_delayed_separately() -> None:
    """The delay of an earlier request does not shorten the delay of a later one."""
    fault = {"operation": "create", "type": "azurerm_subnet", "effect": "polls", "times": 2}
    log: list[Any] = []
    statuses = [send_create(log, [fault, {**fault, "nth": 2}])[0].status for _ in range(6)]
    assert statuses == [202, 202, 200] * 2


def test_azures_error_takes_precedence_over_a_lost_answer() -> None:
    """If Azure refuses a request, the answer is Azure's error, and no resource is created."""
    fault = {"operation": "create", "type": "t", "effect": "lose_answer"}
    result = answer({"log": []}, [fault], Request("create", "t", "a"), lambda: "refused")
    assert result == Answer(400, "refused")


def test_concurrent_transactions_lose_no_change(tmp_path: Path) -> None:
    """Each transaction reads the previous one's changes, even if requests are concurrent."""
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps({"count": 0}))

    def add() -> None:
        for _ in range(50):
            with transaction(path) as cloud:
                cloud["count"] += 1

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert json.loads(path.read_text()) == {"count": 200}
