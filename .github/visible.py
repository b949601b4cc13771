r"""Copy text so that no value in it can hide or leave its line: what does not print becomes \u001b.

Newlines and tabs stay. In a "log", no line is a command to GitHub's runner. A "summary" that is too
long is cut, because GitHub would show nothing of it.
"""

import signal
import sys
import uuid

LIMIT = 1024 * 1024
"""The bytes of a step's summary. GitHub drops a longer one."""

CUT = """
**The summary ends here, since GitHub shows no more than 1 MiB. The step's log has all plans.**
"""


def visible(line: bytes) -> str:
    """A line in which every character prints, except for tabs and the newline."""
    text = line.decode(errors="backslashreplace")
    return "".join(
        one if one.isprintable() or one in "\t\n" else f"\\u{ord(one):04x}" for one in text
    )


def log() -> None:
    """Copy each line as it comes, between commands that stop all other commands."""
    # It ends with its input, not with a signal: when a job is cancelled, Terraform still writes the
    # state, and would die of a closed pipe.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    token = uuid.uuid4()
    print(f"::stop-commands::{token}", flush=True)
    for line in sys.stdin.buffer:
        print(visible(line).removesuffix("\n"), flush=True)
    print(f"::{token}::")


def summary() -> None:
    """Copy whole lines, as many as fit."""
    text = "".join(map(visible, sys.stdin.buffer)).encode()
    if len(text) > LIMIT:
        end = text.rfind(b"\n", 0, LIMIT - len(CUT)) + 1
        text = text[:end] + CUT.encode()
    sys.stdout.buffer.write(text)


sys.stdout.reconfigure(encoding="utf-8")
{"log": log, "summary": summary}[sys.argv[1]]()
