"""Take out of the lock files where packages are fetched from, and where their authors are paid.

What is left is what is locked: versions and hashes. `make relock` runs it, with the folders of the
environments of Python.
"""

import json
import sys
from pathlib import Path

for folder in sys.argv[1:]:
    file = Path(folder, "Pipfile.lock")
    lock = json.loads(file.read_text())
    lock["_meta"]["sources"] = []
    for package in (*lock["default"].values(), *lock["develop"].values()):
        package.pop("index", None)
    file.write_text(json.dumps(lock, indent=4) + "\n")

for name in ("package-lock.json", "benchmarks/package-lock.json"):
    lock = json.loads(Path(name).read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    Path(name).write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
