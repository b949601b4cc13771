"""A stand-in for the program `jq`: the same language, with the options that the docs use."""

import argparse
import json
import sys
from pathlib import Path

import jq

parser = argparse.ArgumentParser()
parser.add_argument("--raw-output", action="store_true")
parser.add_argument("--slurp", action="store_true")
parser.add_argument("--arg", nargs=2, action="append", default=[])
parser.add_argument("--argjson", nargs=2, action="append", default=[])
parser.add_argument("filter")
parser.add_argument("files", nargs="*")
given = parser.parse_args()

values = {name: json.loads(text) for name, text in given.argjson}
program = jq.compile(given.filter, args=dict(given.arg) | values)
text = "\n".join(Path(file).read_text() for file in given.files) or sys.stdin.read()
try:
    results = (
        program.input_text(text, slurp=given.slurp).all() if text.strip() or given.slurp else []
    )
except ValueError as error:
    sys.exit(f"jq: error: {error}")
for result in results:
    raw = given.raw_output and isinstance(result, str)
    print(result if raw else json.dumps(result, indent=2))
