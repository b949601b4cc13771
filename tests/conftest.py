"""Fixtures that several test files share."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import Json, settings_of

from constructs_lib import fast_bindings
from constructs_lib.settings import Registry

fast_bindings.enable()  # before any test file imports cdktf

pytest_plugins = ["lifecycle"]

# A job in the background of a shell ignores Ctrl-C, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option ``--generate``, which ``make generate`` uses."""
    description = "write the generated files instead of comparing them"
    parser.addoption("--generate", action="store_true", help=description)


@pytest.fixture
def generated(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """A function that compares a file with the generated text, or writes it on request."""

    def compare(file: Path, text: str) -> None:
        if request.config.getoption("--generate"):
            file.write_text(text)
        assert file.read_text() == text

    return compare


@pytest.fixture(scope="session")
def synthesized() -> Callable[..., Json]:
    """A function that returns the stack's JSON of a registry or of changed guide settings."""
    from constructs_lib.stack import PrivateContainerRegistryStack

    def synthesize(registry: Registry | None = None, **settings: Any) -> Json:
        from cdktf import Testing

        registry = registry or settings_of(**settings)
        stack = PrivateContainerRegistryStack(Testing.app(), "stack", registry)
        result: Json = json.loads(Testing.synth(stack, True))
        return result

    return synthesize


@pytest.fixture(scope="session")
def guide(synthesized: Callable[..., Json]) -> Json:
    """The JSON of a stack with the required settings only."""
    return synthesized()
