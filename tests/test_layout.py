"""The house is as CONTRIBUTING.md describes it: who imports whom, and who imports cdktf."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

from helpers import ROOT

PACKAGE = ROOT / "constructs_lib"
FILES = [ROOT / "main.py", *sorted(PACKAGE.rglob("*.py"))]
SCREEN = 50
"""The lines of a function that one looks at without scrolling."""


def unit(path: Path) -> str:
    """The row of the table that a module belongs to: the module, or the folder that it is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(file: Path) -> Iterator[Path | str]:
    """What a file imports: modules of the package, and the names of other packages."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            module = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield from [module / each.name for each in node.names] if module.is_dir() else [module]


def imports() -> dict[str, set[str]]:
    """The rows of the table that each row imports."""
    found: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        if file != PACKAGE / "__init__.py":  # which only offers the public names
            of_ours = {unit(each) for each in imported(file) if isinstance(each, Path)}
            found.setdefault(unit(file), set()).update(of_ours - {unit(file)})
    return found


def test_the_table_of_the_house_is_true() -> None:
    """Each module and folder has a row with all that it imports, and no import goes round."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| `(\w+)/?`[^|]*\|[^|]+\|([^|]*)\|$", text, re.MULTILINE)
    assert imports() == {name: set(re.findall(r"`(\w+)`", names)) for name, names in rows}
    graphlib.TopologicalSorter(imports()).prepare()


def test_only_the_construct_and_the_stack_import_cdktf() -> None:
    """Leaving cdktf touches these two files."""
    bindings = {"cdktf", "constructs", "jsii", "cdktf_cdktf_provider_azurerm"}
    importing = {file.name for file in FILES if bindings & set(map(str, imported(file)))}
    assert importing == {"private_container_registry.py", "stack.py"}


def test_files_and_functions_can_be_overlooked() -> None:
    """A file has at most 300 lines, and a function fits a screen, except the construct's body."""
    long = {file.name for file in FILES if len(file.read_text().splitlines()) > 300}
    long |= {
        f"{file.name}: {node.name}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > SCREEN
    }
    assert long == {"private_container_registry.py: __init__"}
