"""``fast_bindings`` speeds up a synthesis and does not change its result."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import typing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers import ROOT
from project import tree

from constructs_lib import fast_bindings

NODE = str(fast_bindings.node())

LIST_MODULES = """
const fs = require("node:fs");
process.on("exit", () => {
  const loaded = Object.keys(require("node:module")._cache);
  const bindings = loaded.filter((file) => /@cdktf.provider-.*index\\.js$/.test(file));
  fs.appendFileSync(process.env.LIST_FILE, `${JSON.stringify(bindings)}\\n`);
});
"""

APP = """
import json, os, sys
before = dict(os.environ)
from constructs_lib import fast_bindings
PREPARE
fast_bindings.enable()
assert dict(os.environ) == before, "the environment has changed"
from constructs_lib.settings import load
from jsii._kernel.providers import process
send, requests = process._NodeProcess.send, []
process._NodeProcess.send = lambda *given: requests.append(given) or send(*given)
from constructs_lib.stack import synthesize
synthesize(load(sys.argv[1], os.environ).settings)
modules = [name for name in sys.modules if name.startswith(fast_bindings.BINDINGS)]
import jsii
quick = isinstance(jsii.kernel.provider._process._process, fast_bindings._Node)
print(json.dumps([len(modules), len(requests), quick]))
"""

SMALL_APP = """
import json, os, sys
before = dict(os.environ)
from constructs_lib import fast_bindings
PREPARE
fast_bindings.enable(*sys.argv[1:])
assert dict(os.environ) == before, "the environment has changed"
from cdktf_cdktf_provider_null.resource import Resource
from cdktf_cdktf_provider_null.provider import NullProvider
from cdktf import App, LocalBackend, TerraformStack
app = App()
stack = TerraformStack(app, "stack")
LocalBackend(stack, path="state")
NullProvider(stack, "null")
Resource(stack, "resource", triggers={"a": "b"})
app.synth()
import jsii
unused = "cdktf_cdktf_provider_null.data_null_data_source"
is_ahead = isinstance(jsii.kernel.provider._process._process, fast_bindings._Node)
print(json.dumps([unused in sys.modules, is_ahead]))
"""
"""An app with few bindings, for what does not depend on their number."""

NULL = "cdktf_cdktf_provider_null"

# Each costs a quarter of a millisecond, and each further registry nearly as many.
ROUND_TRIPS = 41

ORDINARY = "fast_bindings.enable = lambda *_: None"


def run(folder: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with the constructs_lib of the checkout or of PYTHONPATH.

    It ends when Node has ended too, which holds the same standard output.
    """
    folder.mkdir(exist_ok=True)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "JSII_NODE": NODE, **environ}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=1000
    )


def python(
    folder: Path, app: str, *arguments: str, prepare: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run an app in a folder, which prepares something first."""
    code = app.replace("PREPARE", prepare)
    return run(folder, sys.executable, "-c", code, *arguments, **environ)


def result(folder: Path, app: str, *arguments: str, **environ: str) -> list[int]:
    """What an app prints, which succeeds and reports nothing."""
    done = python(folder, app, *arguments, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    printed: list[int] = json.loads(done.stdout)
    return printed


def small(folder: Path, prepare: str = "", *bindings: str, **environ: str) -> list[int]:
    """Whether the small app imports a module that it does not use, and whether Node starts early.

    It prepares something first, and enables these bindings, by default those that it uses.
    """
    return result(folder, SMALL_APP, *(bindings or [NULL]), prepare=prepare, **environ)


def script(file: Path, text: str) -> str:
    """A program in the place of Node."""
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def listing(folder: Path) -> dict[str, str]:
    """The environment in which each Node lists the modules of bindings that it has loaded."""
    probe = folder / "list modules.cjs"
    probe.write_text(LIST_MODULES)
    return {"NODE_OPTIONS": f'--require "{probe}"', "LIST_FILE": str(folder / "modules")}


def listed(folder: Path) -> list[list[str]]:
    """What they have listed."""
    return [json.loads(line) for line in (folder / "modules").read_text().splitlines()]


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the small app writes without quick start-up."""
    folder = tmp_path_factory.mktemp("ordinary") / "app"
    assert small(folder, ORDINARY) == [True, False]
    return folder


def test_the_json_is_the_same_with_far_fewer_modules(tmp_path: Path) -> None:
    """One Node loads few modules with few requests; the user's NODE_OPTIONS still take effect."""
    printed = {}
    for name, prepare in (("quick", ""), ("ordinary", ORDINARY)):
        (tmp_path / name).mkdir()
        settings, environ = str(ROOT / "registries.yaml"), listing(tmp_path / name)
        printed[name] = result(tmp_path / name / "app", APP, settings, prepare=prepare, **environ)
    assert tree(tmp_path / "quick" / "app") == tree(tmp_path / "ordinary" / "app")
    modules, requests, is_ahead = printed["quick"]
    assert is_ahead
    assert modules < 30
    assert requests <= ROUND_TRIPS
    (loaded,) = listed(tmp_path / "quick")
    assert len(loaded) < 30
    by_node = listed(tmp_path / "ordinary")
    assert len(max(by_node, key=len)) > 1000
    assert len(by_node) == 2


def test_node_starts_before_the_settings_are_read(tmp_path: Path) -> None:
    """Node works while Python imports what reads the settings; jsii is imported afterwards."""
    shutil.copy(ROOT / "registries.yaml", tmp_path)
    observe = """
import runpy, sys
def hook(event, arguments):
    if event == "subprocess.Popen" and "program.js" in str(arguments):
        print("node")
    if event == "import" and arguments[0].partition(".")[0] in ("pydantic", "jsii"):
        print(arguments[0].partition(".")[0])
    if event == "open" and arguments[0] == "registries.yaml":
        print(arguments[0])
sys.addaudithook(hook)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    done = python(tmp_path, observe, str(ROOT / "main.py"))
    order = list(dict.fromkeys(done.stdout.split()))
    assert order == ["node", "pydantic", "registries.yaml", "jsii"]


def test_the_list_of_types_is_read_before_the_first_resource(tmp_path: Path) -> None:
    """Node is asked for the type of one resource while it waits; jsii does not see the answer."""
    code = """
from constructs_lib import fast_bindings
fast_bindings.enable("cdktf_cdktf_provider_null")
import cdktf, cdktf_cdktf_provider_null.resource, jsii
cdktf.App()
print(*jsii.kernel.provider._process._process._answers.values())
"""
    done = python(tmp_path, code)
    assert done.stdout.endswith('b\'{"ok":{"value":"null"}}\\n\'\n')


def test_bad_settings_leave_no_node(tmp_path: Path) -> None:
    """The Node that waits is ended, and has ended when the program has."""
    (tmp_path / "registries.yaml").write_text("registries: {}\n")
    node = script(tmp_path / "node", f'echo $$ > "{tmp_path}/pid"\nexec "{NODE}" "$@"')
    done = run(tmp_path, sys.executable, str(ROOT / "main.py"), JSII_NODE=node)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_node_that_is_not_needed_leaves_no_files(tmp_path: Path) -> None:
    """The files of a Node that is ended while it loads the bindings are removed."""
    os.mkfifo(tmp_path / "loading")
    (tmp_path / "tmp").mkdir()
    probe = tmp_path / "loading.cjs"
    probe.write_text(
        "const m = require('module'), f = m._load; m._load = (name, ...more) => {"
        "if (/provider-null/.test(name)) require('fs').writeFileSync('loading', '');"
        "return f(name, ...more); };"
    )
    code = (
        "from constructs_lib import fast_bindings\n"
        f"fast_bindings.enable('{NULL}')\nopen('loading').read()"
    )
    options = {"NODE_OPTIONS": f"--require {probe}", "TMPDIR": str(tmp_path / "tmp")}
    assert python(tmp_path, code, **options).returncode == 0
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("used", ["", "import constructs"])
def test_no_node_outlives_python(sent: signal.Signals, used: str, tmp_path: Path) -> None:
    """Node ends with Python, whatever ends Python, and whether jsii has taken it or not."""
    code = f"from constructs_lib import fast_bindings\nfast_bindings.enable('constructs')\n{used}\n"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}print('ready', flush=True)\ninput()"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as python:
        assert python.stdout
        assert python.stdout.readline() == b"ready\n"
        python.send_signal(sent)
        python.communicate(timeout=60)  # Node holds the same standard output
        assert python.returncode == -sent
    assert not [each for each in tmp_path.iterdir() if each.name.startswith("jsii-")]


def test_what_node_prints_is_kept(tmp_path: Path) -> None:
    """Node writes to Python's standard output and error until its end."""
    probe = tmp_path / "words.cjs"
    probe.write_text(
        "if (require('node:worker_threads').isMainThread)"  # a worker writes jsii's index once
        " process.on('exit', () => {console.log('last'); console.error('words')})"
    )
    done = python(tmp_path, SMALL_APP, NULL, NODE_OPTIONS=f"--require {probe}")
    assert "last" in done.stdout.splitlines()  # Python may print its own later
    assert done.stderr == "words\n"


OTHER_METHOD = """
import jsii._kernel.providers.process as process
process._NodeProcess._next_message = lambda self: process.json.loads(
    next(iter(self._process.stdout)), object_hook=process.ohook)
"""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("JAVASCRIPT", {"lib__program.js": (b"no such text",)}, id="another jsii"),
        pytest.param("JAVASCRIPT", {"lib__other.js": ()}, id="a jsii with other files"),
        pytest.param("LOADS", re.compile("other()()()"), id="other bindings"),
        pytest.param("_folder", lambda _: Path("no such package"), id="no bindings"),
        pytest.param("os", SimpleNamespace(**{**vars(os), "name": "nt"}), id="Windows"),
    ],
)
def test_node_starts_early_only_where_all_is_as_expected(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where something differs, it is left to jsii to start Node."""
    started: list[object] = []
    monkeypatch.setattr(fast_bindings, "_runs", lambda: False)
    monkeypatch.setattr(fast_bindings, "_Node", lambda *given: started.append(given))
    fast_bindings.start(NULL)
    assert len(started) == 1
    monkeypatch.setattr(fast_bindings, name, value)
    fast_bindings.start(NULL)
    assert len(started) == 1


def test_jsiis_index_is_written_the_first_time(tmp_path: Path) -> None:
    """Here, its workers begin only when Node is told to end: Node ends when they are done."""
    probe = tmp_path / "late.cjs"
    probe.write_text(
        "if (!require('worker_threads').isMainThread) while (!require('fs').existsSync('ends'));"
    )
    prepare = """
close = fast_bindings._Node.close
def close_and_tell(self):
    close(self)
    open("ends", "w").close()
fast_bindings._Node.close = close_and_tell
"""
    environ = {"JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(tmp_path / "cache")}
    small(tmp_path / "app", prepare, NODE_OPTIONS=f"--require {probe}", **environ)
    packages = {each.parents[2].name for each in (tmp_path / "cache").rglob(".jsii.runtime.v*")}
    assert packages == {"constructs", "cdktf", "provider-null"}


def warnings_of(folder: Path, program: str) -> list[str]:
    """The warnings of a program that begins with imports of ``fast_bindings`` and what it names."""
    code = f"from constructs_lib import fast_bindings\n{program}"
    lines = python(folder, code).stderr.splitlines()
    return [line.partition("UserWarning: ")[2] for line in lines if "UserWarning" in line]


@pytest.mark.parametrize(
    ("program", "warning"),
    [
        (f"fast_bindings.enable('{NULL}')\nimport cdktf", None),
        (f"for _ in range(2): fast_bindings.enable('{NULL}')\nimport {NULL}.resource", None),
        (
            f"fast_bindings.enable('{NULL}')\nimport {NULL}.resource\n"
            f"fast_bindings.enable('{NULL}')",
            None,
        ),
        (
            f"import cdktf\nfast_bindings.enable('{NULL}')",
            "cdktf was imported before, so that only Python's half of the time is saved; call it",
        ),
        (
            f"import {NULL}\nfast_bindings.enable('{NULL}')",
            f"{NULL} was imported before, which takes the time; call it before anything imports",
        ),
    ],
)
def test_a_call_that_comes_too_late_is_warned_of(
    program: str, warning: str | None, tmp_path: Path
) -> None:
    """The warning says what is lost and what to do; a second call is not too late."""
    shown = warnings_of(tmp_path, program)
    assert len(shown) == bool(warning)
    if warning:
        assert shown[0].startswith(f"fast_bindings.enable() comes too late: {warning}")


def test_names_of_packages_are_texts() -> None:
    """A list of names is not taken for one."""
    enable: Any = fast_bindings.enable
    with pytest.raises(TypeError, match=r"such as 'cdktf_.*', and not \[\['a'\], None\]"):
        enable(["a"], None)


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(OTHER_METHOD, id="another jsii in Python"),
        pytest.param("fast_bindings._start = lambda _: None", id="something else"),
        pytest.param(
            "import cdktf, warnings\nwarnings.simplefilter('ignore')",
            id="cdktf was imported before",
        ),
    ],
)
def test_jsii_starts_node_where_something_differs(
    prepare: str, tmp_path: Path, ordinary: Path
) -> None:
    """The result is the same, and Python's half of the time is still saved."""
    assert small(tmp_path / "app", prepare) == [False, False]
    assert tree(tmp_path / "app") == tree(ordinary)


def test_the_users_node_is_started_once(tmp_path: Path, ordinary: Path) -> None:
    """``JSII_NODE`` takes precedence; a second call of ``enable`` finds the Node of the first."""
    node = script(tmp_path / "node", f'echo >> "{tmp_path}/started"\nexec "{NODE}" "$@"')
    small(tmp_path / "app", "fast_bindings.enable(*sys.argv[1:])", JSII_NODE=node)
    assert (tmp_path / "started").read_text() == "\n"
    assert tree(tmp_path / "app") == tree(ordinary)


def test_a_node_that_dies_at_once_is_started_again(tmp_path: Path, ordinary: Path) -> None:
    """Node starts as jsii starts it where it does not start directly."""
    dies = f'case "$*" in *--require*) exit 1 ;; esac\nexec "{NODE}" "$@"'
    small(tmp_path / "app", JSII_NODE=script(tmp_path / "node", dies))
    assert tree(tmp_path / "app") == tree(ordinary)


@pytest.mark.parametrize("prepare", ["fast_bindings.PYTHON['send'] = {'unknown'}", ""])
@pytest.mark.parametrize("node", ["/no/such/node", "{folder}/node"])
def test_a_node_that_cannot_start_is_one_sentence(tmp_path: Path, prepare: str, node: str) -> None:
    """By itself, jsii would end in a traceback about its own process, twice."""
    program = node.format(folder=tmp_path)
    script(tmp_path / "node", "exit 127")
    done = python(tmp_path, SMALL_APP, NULL, prepare=prepare, JSII_NODE=program)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Node can't start: {program}: ")
    assert line.endswith(
        "unset JSII_NODE and NODE_OPTIONS for the Node that is installed with the program"
    )


def test_jsiis_banner_is_not_shown(tmp_path: Path, ordinary: Path) -> None:
    """Where jsii starts Node itself, it warns of some versions in eleven lines."""
    probe = tmp_path / "version.cjs"
    probe.write_text("Object.defineProperty(process, 'version', { value: 'v20.1.0' });")
    prepare = "fast_bindings.PYTHON['send'] = {'unknown'}"
    small(tmp_path / "app", prepare, NODE_OPTIONS=f"--require {probe}")
    assert tree(tmp_path / "app") == tree(ordinary)


def test_a_node_that_dies_later_is_an_error(tmp_path: Path) -> None:
    """Python does not wait for an answer that never comes."""
    probe = tmp_path / "dies.cjs"
    probe.write_text(
        "const m = require('module'), f = m._load;"
        "m._load = (name, ...more) => /cdktf/.test(name) ? process.exit(3) : f(name, ...more);"
    )
    done = python(tmp_path, SMALL_APP, NULL, NODE_OPTIONS=f"--require {probe}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "ConnectionError: Node has ended without an answer"


def test_an_answer_that_is_an_error_is_raised_where_it_belongs(tmp_path: Path) -> None:
    """The error for an archive that Node can't load is jsii's own; other bindings work."""
    (tmp_path / "broken" / "_jsii").mkdir(parents=True)
    (tmp_path / "broken" / "__init__.py").touch()
    (tmp_path / "broken" / "_jsii" / "__init__.py").write_text(
        "import cdktf._jsii\n\nimport jsii\n"
        'jsii.JSIIAssembly.load("broken", "1.0.0", __name__[0:-6], "broken.tgz")\n'
    )
    code = """
from constructs_lib import fast_bindings
fast_bindings.enable("broken", "cdktf_cdktf_provider_null")
from cdktf_cdktf_provider_null.provider import NullProvider
from jsii.errors import JSIIError
try:
    import broken._jsii
except (JSIIError, RuntimeError) as error:
    print("broken.tgz" in str(error))
"""
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    assert python(tmp_path, code, PYTHONPATH=path).stdout == "True\n"


def test_other_bindings_start_as_quickly(tmp_path: Path, ordinary: Path) -> None:
    """Bindings are named by their package, several at once, and may be used in any order."""
    environ = listing(tmp_path)
    assert small(tmp_path / "app", "", fast_bindings.BINDINGS, NULL, **environ) == [False, True]
    assert tree(tmp_path / "app") == tree(ordinary)
    (files,) = listed(tmp_path)
    loaded = [file for file in files if "provider-null" in file]
    assert any(file.endswith("lazy-index.js") for file in loaded)
    assert not any("data-null-data-source" in file for file in loaded)


def test_the_library_may_be_in_a_folder_with_any_name(tmp_path: Path, ordinary: Path) -> None:
    """Spaces, quotes, backslashes and accents may be in the paths, also where jsii starts Node."""
    folder = tmp_path / 'a "b" \\c é'
    shutil.copytree(ROOT / "constructs_lib", folder / "constructs_lib")
    temporary = tmp_path / "é 'c'"  # Node has no modules in a folder with a backslash
    temporary.mkdir()
    paths = {"PYTHONPATH": str(folder), "TMPDIR": str(temporary)}
    for name, prepare, is_ahead in (("app", "", True), ("as always", OTHER_METHOD, False)):
        assert small(folder / name, prepare, **paths) == [False, is_ahead]
        assert tree(folder / name) == tree(ordinary)
    assert not tree(temporary)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small package instead of the bindings, which defines ``whole`` when it is executed."""
    folder = tmp_path / "small_bindings"
    folder.mkdir()
    (folder / "__init__.py").write_text("whole = True\n__all__ = ['part']\nfrom . import part\n")
    (folder / "part.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("small_bindings", "small_bindings.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "small_bindings"


def test_a_submodule_is_imported_without_its_package(package: str) -> None:
    """No form of import executes the package, and an unknown name is an AttributeError."""
    fast_bindings.enable(package)
    bindings = importlib.import_module(package)
    assert bindings.part.value == 1
    assert __import__(package, fromlist=["part"]) is bindings
    assert importlib.import_module(f"{package}.part") is bindings.part
    assert "whole" not in vars(bindings)
    with pytest.raises(AttributeError, match="__nothing__"):
        _ = sys.modules[package].__nothing__


def test_a_name_of_the_package_itself_executes_the_package(package: str) -> None:
    """The package is executed when a module asks for a name that only the package defines."""
    fast_bindings.enable(package)
    assert sys.modules[package].whole
    assert sys.modules[package].part.value == 1
    with pytest.raises(AttributeError, match="nothing"):
        _ = sys.modules[package].nothing


def test_unexpected_bindings_are_not_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module is not changed if it is not a package, does not exist, or is already imported."""
    (tmp_path / "flat_bindings.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("flat_bindings", "no_bindings", "json"):
        before = sys.modules.get(name)
        fast_bindings.enable(name)
        assert sys.modules.get(name) is before


CHECKED = """\
import typing

asked, checked = [], []


def check_type(argname, value, expected_type):
    checked.append(argname)
    if not isinstance(value, int):
        raise TypeError(argname)


def create(one, two=None, three=None):
    hints = typing.get_type_hints(_stub)
    asked.append(hints)
    for name, value in {"one": one, "two": two, "three": three}.items():
        check_type(argname=name, value=value, expected_type=hints[name])


def _stub(one: int, two: typing.Optional[int], three: typing.List[None]): ...
"""


def test_types_of_arguments_are_worked_out_once(package: str, tmp_path: Path) -> None:
    """A value is checked in each call, but not that nothing is given where nothing is expected."""
    (tmp_path / package / "checked.py").write_text(CHECKED)
    python_s_own = typing.get_type_hints
    fast_bindings.enable(package)
    module = importlib.import_module(f"{package}.checked")
    for arguments, checked in (
        ((1, None, 3), ["one", "three"]),
        ((1, 2, 3), ["one", "two", "three"]),
    ):
        module.checked.clear()
        module.create(*arguments)
        assert module.checked == checked
    with pytest.raises(TypeError, match="one"):
        module.create(None)
    with pytest.raises(TypeError, match="three"):
        module.create(1)
    assert len({id(hints) for hints in module.asked}) == 1
    assert typing.get_type_hints is python_s_own
    assert module.typing.get_origin is typing.get_origin


def test_wrong_arguments_are_the_same_errors(tmp_path: Path) -> None:
    """A program gets the error that it gets without quick checks."""
    app = """
from constructs_lib import fast_bindings
PREPARE
fast_bindings.enable()
import cdktf
stack = cdktf.TerraformStack(cdktf.App(), "stack")
for arguments in (
    (stack, 1), (None, "x"), (stack, "a", 1, 2, 3),
    dict(scope=stack, id="b", value=1, description=1),
    dict(scope=stack, id="c", value=1, depends_on=["x"]),
    dict(scope=stack, id="d", value=1, depends_on=None, sensitive="yes"),
    dict(scope=stack, id="e", value=1, precondition=dict(condition=1)),
):
    try:
        if isinstance(arguments, dict):
            cdktf.TerraformOutput(arguments.pop("scope"), arguments.pop("id"), **arguments)
        else:
            cdktf.TerraformLocal(*arguments)
        print("no error")
    except Exception as error:
        print(type(error), error)
"""
    ordinary = "fast_bindings._QuickChecks.find_spec = lambda *_: None"
    said = python(tmp_path, app).stdout
    assert said == python(tmp_path, app, prepare=ordinary).stdout
    assert said.count("TypeError") == 6


def test_an_error_shows_no_javascript_that_created_a_token(tmp_path: Path) -> None:
    """All else of cdktf's error stays."""
    app = """
from constructs_lib import fast_bindings
PREPARE
fast_bindings.enable()
import cdktf, jsii
@jsii.implements(cdktf.IAnyProducer)
class Producer:
    def produce(self, context):
        raise ValueError("no value")
stack = cdktf.TerraformStack(cdktf.App(), "stack")
cdktf.TerraformLocal(stack, "local", cdktf.Lazy.any_value(Producer()))
try:
    cdktf.Testing.synth(stack)
except RuntimeError as error:
    print(error)
"""
    quick, ordinary = (python(tmp_path, app, prepare=each).stdout for each in ("", ORDINARY))
    kept, _, creation = ordinary.partition("Object creation stack:")
    assert "at new LazyBase" in creation
    assert quick.strip() == kept.strip()
    assert "no value" in quick


def preloaded(expression: str) -> Any:
    """The value of an expression in a Node with the preload."""
    script = f"console.log(JSON.stringify({expression}))"
    command = [NODE, "--require", str(fast_bindings.PRELOAD), "-e", script]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("cdktf/lib/tokens/private/stack-trace.js", []),
        ("other/lib/tokens/private/stack-trace.js", ["frame"]),
        ("cdktf/lib/tokens/private/token-map.js", ["frame"]),
    ],
)
def test_node_keeps_no_stack_of_a_token(file: str, expected: list[str], tmp_path: Path) -> None:
    """Only cdktf's own module is changed, after it was loaded as it is."""
    module = tmp_path / file
    module.parent.mkdir(parents=True)
    module.write_text("exports.captureStackTrace = () => ['frame']; exports.other = 1")
    value = "(({captureStackTrace, other}) => [captureStackTrace(), other])"
    assert preloaded(f"{value}(require({json.dumps(str(module))}))") == [expected, 1]


@pytest.mark.parametrize(
    ("folder", "lazy", "expected"),
    [
        ("node_modules/@cdktf/provider-azurerm/lib", True, "lazy"),
        ("@cdktf/provider-azurerm/14.23.1/0123abcd/lib", True, "lazy"),
        ("node_modules/@cdktf/provider-azurerm/lib", False, "eager"),
        ("node_modules/@cdktf/provider-azurerm/lib/subnet", True, "eager"),
        ("node_modules/@cdktf/provider-null/lib", True, "lazy"),
        ("node_modules/@other/provider-azurerm/lib", True, "eager"),
    ],
)
def test_node_loads_the_lazy_index_of_the_bindings(
    folder: str, lazy: bool, expected: str, tmp_path: Path
) -> None:
    """Node loads ``lazy-index.js`` only in the bindings' own folder, and only if it exists."""
    index = tmp_path / folder / "index.js"
    index.parent.mkdir(parents=True)
    index.write_text("module.exports = 'eager'")
    if lazy:
        index.with_name("lazy-index.js").write_text("module.exports = 'lazy'")
    assert preloaded(f"require({json.dumps(str(index))})") == expected


@pytest.mark.parametrize(
    "file",
    [
        r"C:\Users\a b\jsii-kernel-1\node_modules\@cdktf\provider-azurerm\lib\index.js",
        "/private/var/folders/1/T/jsii-kernel-1/node_modules/@cdktf/provider-azurerm/lib/index.js",
    ],
)
def test_paths_of_other_systems_are_recognized(file: str) -> None:
    """Windows separates folders with backslashes."""
    code = f"""
const found = {json.dumps(file)};
require("node:module")._resolveFilename = () => found;
require("node:fs").existsSync = (file) => file !== found;
new Function("require", {json.dumps(fast_bindings.PRELOAD.read_text())})(require);
console.log(require("node:module")._resolveFilename("any"));
"""
    done = subprocess.run([NODE, "-e", code], check=True, capture_output=True, text=True)
    assert done.stdout == file.replace("index.js", "lazy-index.js") + "\n"
