"""Take out of the lock files where packages are fetched from, and where their authors are paid.

What is left is what is locked: versions and hashes. `make relock` runs it.
"""

import json
from pathlib import Path

for name in (
    "Pipfile.lock",
    "scan/Pipfile.lock",
    "successor/Pipfile.lock",
    "benchmarks/Pipfile.lock",
):
    lock = json.loads(Path(name).read_text())
    lock["_meta"]["sources"] = []
    for package in (*lock["default"].values(), *lock["develop"].values()):
        package.pop("index", None)
    Path(name).write_text(json.dumps(lock, indent=4) + "\n")

for name in ("package-lock.json", "benchmarks/package-lock.json"):
    lock = json.loads(Path(name).read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    Path(name).write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
