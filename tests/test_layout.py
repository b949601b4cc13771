"""The imports match CONTRIBUTING.md's table, and files and functions are short."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

from helpers import ROOT

PACKAGE = ROOT / "constructs_lib"
FILES = [
    ROOT / "main.py",
    *sorted(PACKAGE.rglob("*.py")),
    *sorted((ROOT / "simulation").rglob("*.py")),
]
SCREEN = 50
"""The number of lines that fit on a screen."""


def row_of(path: Path) -> str:
    """The table's row for a module: the module itself, or the folder that contains it."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(file: Path) -> Iterator[Path | str]:
    """The imports of a file: modules of the package, and the names of other packages.

    Those of other packages count at run time: a type checker may read the bindings' types.
    """
    tree = ast.parse(file.read_text())
    for_types = {
        node
        for each in tree.body
        if isinstance(each, ast.If) and ast.unparse(each.test) == "TYPE_CHECKING"
        for node in ast.walk(each)
        if not getattr(node, "level", 0)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            module = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            names = [each.name for each in node.names if not each.name.startswith("__")]
            yield from [module / name for name in names] if module.is_dir() else [module]


def imports_by_row() -> dict[str, set[str]]:
    """The rows of the table that each row imports."""
    found: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        if file != PACKAGE / "__init__.py":  # it only exports the public names
            internal = {row_of(each) for each in imports_of(file) if isinstance(each, Path)}
            found.setdefault(row_of(file), set()).update(internal - {row_of(file)})
    return found


def test_the_table_in_contributing_matches_the_imports() -> None:
    """CONTRIBUTING.md's table contains each module, folder and import; no import is circular."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| `(\w+)/?`[^|]*\|[^|]+\|([^|]*)\|$", text, re.MULTILINE)
    assert imports_by_row() == {name: set(re.findall(r"`(\w+)`", names)) for name, names in rows}
    graphlib.TopologicalSorter(imports_by_row()).prepare()


def test_only_the_construct_and_the_stack_import_cdktf() -> None:
    """Only the construct and the stack must change if cdktf is replaced."""
    bindings = {"cdktf", "constructs", "jsii", "cdktf_cdktf_provider_azurerm"}
    importing = {file.name for file in FILES if bindings & set(map(str, imports_of(file)))}
    assert importing == {"private_container_registry.py", "stack.py"}


def test_the_stand_in_is_independent() -> None:
    """Azure's rules are stated a second time there: a mistake in one is found by the other."""
    imported = {str(name) for file in (ROOT / "standin").rglob("*.py") for name in imports_of(file)}
    assert not {name for name in imported if name in ("constructs_lib", "simulation")}


def test_files_and_functions_are_short() -> None:
    """A file has at most 400 lines, and a function fits a screen, except the construct's body."""
    long = {file.name for file in FILES if len(file.read_text().splitlines()) > 400}
    long |= {
        f"{file.name}: {node.name}"
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > SCREEN
    }
    assert long == {"private_container_registry.py: __init__"}
