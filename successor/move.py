"""Moves a checkout from cdktf to its successor: `make leave-cdktf AZURERM=5`; git undoes it.

It renames packages where the program and the examples name them, and requires the versions that
`successor/azurerm-N/Pipfile` has. The target of make then locks anew.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

RENAMED = [
    (r"\bcdktf_cdktf_provider_azurerm\b", "cdktn_provider_azurerm"),  # the bindings in Python
    (r"@cdktf\b", "@cdktn"),  # their scope in Node, whose names are patterns in places
    (r"""(?<=["'])cdktf(?=["'])""", "cdktn"),  # where a package is asked for by its name
    (r"(?m)^(\s*(?:from|import) )cdktf\b", r"\1cdktn"),
    (r"\bcdktf(?=\.[A-Z])", "cdktn"),  # what the imported package has
    (r"(?<=, )cdktf(?=, )", "cdktn"),  # where it is an argument itself
]
"""Patterns of what is renamed in programs, and their replacements."""


def renamed(text: str) -> str:
    """Returns the text of a program with the successor's names."""
    for pattern, replacement in RENAMED:
        text = re.sub(pattern, replacement, text)
    return text


def move(checkout: Path, azurerm: str) -> list[str]:
    """Moves a checkout to the bindings of a major version of azurerm; returns what has changed."""
    pipfile = (checkout / "successor" / f"azurerm-{azurerm}" / "Pipfile").read_text()
    wanted = {name: text.lstrip("=") for name, text in tomllib.loads(pipfile)["packages"].items()}
    packages = pipfile[pipfile.index("[packages]") :]
    program = [*(checkout / "constructs_lib").rglob("*"), *(checkout / "examples").glob("*.py")]
    texts = {
        file: renamed(file.read_text())
        for file in (checkout / "main.py", *program)
        if file.suffix in (".py", ".cjs")
    }
    for name, change in (
        ("Pipfile", lambda text: re.sub(r"(?s)\[packages\].*?(?=\n\[)", lambda _: packages, text)),
        ("pyproject.toml", lambda text: _dependencies(text, wanted)),
        (
            "package.json",
            lambda text: re.sub(r'"cdktf-cli": "[^"]+"', f'"cdktn-cli": "{wanted["cdktn"]}"', text),
        ),
        (
            "Makefile",
            lambda text: text.replace("node_modules/.bin/cdktf", "node_modules/.bin/cdktn"),
        ),
    ):
        if (checkout / name).is_file():
            texts[checkout / name] = change((checkout / name).read_text())
    changed = [file for file, text in texts.items() if text != file.read_text()]
    for file in changed:
        file.write_text(texts[file])
    return sorted(file.relative_to(checkout).as_posix() for file in changed)


def _dependencies(text: str, wanted: dict[str, str]) -> str:
    """Returns the requirements of the library: those versions, and later ones of the same kind."""
    core, bindings, constructs = (
        wanted[name] for name in ("cdktn", "cdktn-provider-azurerm", "constructs")
    )
    for old, new in (
        ("cdktf", f"cdktn>={core},<{_next(core, 2)}"),
        (
            "cdktf-cdktf-provider-azurerm",
            f"cdktn-provider-azurerm>={bindings},<{_next(bindings, 1)}",
        ),
        ("constructs", f"constructs>=10.4.2,<{_next(constructs, 2)}"),
    ):
        text = re.sub(rf'"{old}[<>=][^"]*"', f'"{new}"', text)
    return text


def _next(version: str, length: int) -> str:
    """Returns the version after all that begin with the same numbers."""
    *same, last = map(int, version.split(".")[:length])
    return ".".join(map(str, (*same, last + 1)))


def main() -> None:
    """Moves the checkout in the current folder, in which nothing may be uncommitted."""
    parser = argparse.ArgumentParser(prog="make leave-cdktf", description=__doc__)
    known = sorted(
        each.name.removeprefix("azurerm-") for each in Path("successor").glob("azurerm-*")
    )
    parser.add_argument("azurerm", choices=known, help="the major version of azurerm")
    azurerm = parser.parse_args().azurerm
    status = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if status.returncode or status.stdout:
        sys.exit("nothing is moved: commit or stash your changes first, so that git can undo it")
    for file in move(Path.cwd(), azurerm):
        print(file)


if __name__ == "__main__":
    main()
