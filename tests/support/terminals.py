"""Make on a terminal of its own, on which somebody types."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import termios
from pathlib import Path

import pexpect
from pexpect.fdpexpect import fdspawn

CTRL_C = "\x03"
LOG_IN = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"
"""A program that makes its standard input the terminal of a session of its own, and then runs
another. It stands in for ``pexpect.spawn``, which forks: gRPC's threads do not survive that."""


class Terminal:
    """A make target that runs on a terminal."""

    def __init__(self, project: Path, environ: dict[str, str], *arguments: str) -> None:
        """Start make in a project."""
        ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (50, 250))
        self._process = subprocess.Popen(
            [sys.executable, "-c", LOG_IN, "make", *arguments],
            cwd=project,
            env=environ,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        # The bound of a test that hangs: nothing is expected to take so long.
        self._screen = fdspawn(ours, encoding="utf-8", timeout=300)

    def wait_for(self, pattern: str) -> str:
        """Wait until a text is shown, and return what was shown before it."""
        self._screen.expect(pattern)
        return self._shown()

    def type(self, text: str) -> None:
        """Type a text."""
        self._screen.send(text)

    def finish(self) -> tuple[str, int]:
        """What is printed to the end, and the status."""
        self._screen.expect(pexpect.EOF)
        self._screen.close()
        return self._shown(), self._process.wait()

    def _shown(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", str(self._screen.before))
