"""Run a command that installs something for a target of make: one at a time, with a plain cause.

Usage: ``python set_up.py TARGET COMMAND…``. Where two makes run at once, the second one waits, and
finds the target made. Where the command fails, the last line says why: a disk or a folder that
can't be written, a module of Python that is missing, or a download.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROXY = (
    "behind a proxy, set HTTPS_PROXY, and for another package index, PIP_INDEX_URL or "
    "npm_config_registry; then run make again"
)
UNREACHED = re.compile(
    r"NewConnectionError|ProxyError|Connect(ion)?Timeout|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN"
)
SMALL = 50_000_000  # bytes that are left on a disk which is full, in fact


def main() -> None:
    """Run the command, unless another make has done so meanwhile."""
    target, command = sys.argv[1], sys.argv[2:]
    with_lock()
    make = [os.environ.get("MAKE", "make"), "--question", "--silent", target]
    if subprocess.run(make, capture_output=True).returncode == 0:
        return
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", text=True
        )
    except OSError as error:
        sys.exit(cause(f"{error.filename}: {error.strerror}"))
    shown = []
    for line in process.stdout or ():
        shown.append(line)
        if not line.startswith("--hash="):  # of each package, hundreds of them
            sys.stderr.write(line)
    if process.wait():
        sys.exit(cause("".join(shown)))


def with_lock() -> None:
    """Wait for other makes in this folder; the lock is gone with this process."""
    folder = os.open(".", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("another make is installing in this folder: waiting for it", file=sys.stderr)
        fcntl.flock(folder, fcntl.LOCK_EX)


def cause(shown: str) -> str:
    """Why a command failed, out of what it has printed, and what to do."""
    here = Path.cwd()
    if "No space left on device" in shown or shutil.disk_usage(here).free < SMALL:
        free = shutil.disk_usage(here).free // 1_000_000
        return f"the disk is full: {free} MB are free in {here}, and 1.1 GB are needed"
    if "Read-only file system" in shown or not os.access(here, os.W_OK):
        return f"the folder {here} can't be written by this user: copy it to one that can"
    if denied := re.search(r"Permission denied: '([^']+)'", shown):
        return f'{denied[1]} can\'t be written by this user: sudo chown -R "$USER" {here}'
    if re.search("No module named '?(venv|ensurepip)|ensurepip is not available", shown):
        return "Python's venv module is needed (Debian, Ubuntu: apt install python3-venv)"
    if UNREACHED.search(shown):
        return f"the package index can't be reached from here: {PROXY}"
    errors = [line.strip() for line in shown.splitlines() if "error" in line.lower()]
    why = errors[-1][:200] if errors else (shown.strip().splitlines() or ["no reason given"])[-1]
    return f"it could not be installed ({why}): {PROXY}"


if __name__ == "__main__":
    main()
