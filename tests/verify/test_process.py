"""verify.py as a process, as its users start it: by the documented commands, and interrupted."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest
from helpers import ROOT
from loopback import DATA, FQDN, LOOPBACK, PASSWORD, TOKEN, Request, answer
from network import OUTPUTS, PRINTED, PULL, SECRET, TOKENS, Network, drips, has, lacks
from workflows import path_with, write_program

Done = subprocess.CompletedProcess[str]
CLUSTER = (ROOT / "docs" / "cluster.md").read_text()
JQ = ROOT / "tests" / "support" / "programs" / "jq_program.py"


@pytest.fixture
def run(network: Network) -> Callable[..., Done]:
    """A function that runs the program with the network's options, in the user's environment."""

    def run(*arguments: str, stdout: int = subprocess.PIPE) -> Done:
        done = subprocess.run(
            [sys.executable, ROOT / "verify.py", *network.arguments, *arguments],
            env={**os.environ, **network.environ},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,  # far longer than the program may take: it must not hang
        )
        for secret in (PASSWORD, TOKEN, "signature"):
            assert secret not in f"{done.stdout}{done.stderr}"
        return done

    return run


def test_the_environment_is_that_of_the_user(network: Network, run: Callable[..., Done]) -> None:
    """The password comes from there, and the proxy that clients use."""
    network.environ["HTTPS_PROXY"] = "proxy.example:3128"
    done = run("--json", *PULL)
    assert (done.returncode, done.stderr) == (1, "")
    failed = [row for row in json.loads(done.stdout) if row["result"] != "ok"]
    assert [row["name"] for row in failed] == ["no proxy between"]


def test_the_program_does_not_wait_for_what_never_ends(
    network: Network, run: Callable[..., Done]
) -> None:
    """A server that sends a byte from time to time does not hold it."""
    drips(network)
    done = run("--timeout", "1")
    assert (done.returncode, done.stderr) == (1, "")
    assert "no answer within 1 s" in done.stdout


@pytest.mark.parametrize(("make", "status"), [(has(LOOPBACK), 0), (lacks(FQDN), 1)])
def test_a_reader_that_has_gone_does_not_change_the_verdict(
    make: Callable[[Network], object], status: int, network: Network, run: Callable[..., Done]
) -> None:
    """As in ``python3 verify.py | head -n 1``."""
    make(network)
    reading, writing = os.pipe()
    os.close(reading)
    done = run(stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (status, "")


def test_ctrl_c_ends_the_program(network: Network) -> None:
    """The status is the one of a program that was interrupted, and there ends without a traceback.

    The signal comes to a thread that is not the main one: as if that one did not wait yet.
    """
    asked = threading.Event()

    def says_so(request: Request) -> Iterable[bytes]:
        asked.set()
        return answer(401)

    network.options["--timeout"] = "600"
    network.names.answer = lambda _: []
    network.registry.answers[TOKENS] = says_so  # the last check that is started
    with subprocess.Popen(
        [sys.executable, ROOT / "verify.py", *network.arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert asked.wait(60)
        threads = {int(each.name) for each in Path(f"/proc/{process.pid}/task").iterdir()}
        os.kill(min(threads - {process.pid}), signal.SIGINT)  # it waits for the name server
        try:
            assert process.communicate(timeout=60) == (b"", b"")
        finally:
            process.kill()
    assert process.returncode == 130


OC = """
case "$*" in
  get*httpsProxy*) cat https_proxy; exit ;;
  get*noProxy*) cat no_proxy; exit ;;
esac
while [ "$1" != -- ]; do
  [ "$1" != --env ] || export "$2"
  case "$1" in --image=*/openshift/tools:*) image=tools ;; esac
  shift
done
shift
if [ "$image" = tools ] && grep -q "^4\\.1[0-5]$" version; then
  echo "$1: executable file not found in \\$PATH" >&2
  exit 127
fi
exec "$@"
"""
"""An ``oc`` that knows the cluster's proxy and version, and runs a pod's command here.

OpenShift's own image ``tools`` has Python from version 4.16 on.
"""


@pytest.fixture
def shell(network: Network) -> Callable[[str], Done]:
    """A shell with Terraform's outputs, a cluster without a proxy, and the servers."""
    python = shlex.quote(sys.executable)
    for name, value in OUTPUTS.items():
        (network.folder / name).write_text(value if isinstance(value, str) else json.dumps(value))
    for name in ("https_proxy", "no_proxy"):
        (network.folder / name).touch()
    (network.folder / "version").write_text("4.16")
    (network.folder / "all").write_text(json.dumps({**SECRET, **PRINTED}))
    network.leave_out("--fqdn", "--ip", "--data-endpoint")
    programs = {
        "terraform": 'cat "${4:-all}"',
        "jq": f'exec {python} {shlex.quote(str(JQ))} "$@"',
        "oc": OC,
        "python3": f'exec {python} "$@" {" ".join(network.arguments)}',
    }
    for name, script in programs.items():
        write_program(network.folder, name, script)
    shutil.copy(ROOT / "verify.py", network.folder)
    environ = {**os.environ, "PATH": path_with(network.folder)}
    run = partial(subprocess.run, cwd=network.folder, env=environ, capture_output=True, text=True)
    return lambda script: run(["sh", "-c", script])


def block(words: str) -> str:
    """The commands of the documentation that contain these words."""
    (shown,) = [
        each for each in re.findall(r"```sh\n(.*?)```", CLUSTER, re.DOTALL) if words in each
    ]
    return str(shown)


def test_the_documented_command_for_a_pod(shell: Callable[[str], Done]) -> None:
    """It hands all addresses to the program, and it runs."""
    done = shell(block("oc run verify"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[1].startswith(f"{DATA} has {LOOPBACK} ")


def test_the_documented_command_for_a_pod_of_an_older_cluster(
    network: Network, shell: Callable[[str], Done]
) -> None:
    """The page names an image with Python for it."""
    (network.folder / "version").write_text("4.15")
    commands = block("oc run verify")
    assert "python3: executable file not found" in shell(commands).stderr
    done = shell(commands.replace("# before 4.16: ", ""))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_documented_command_for_a_pod_knows_the_clusters_proxy(
    network: Network, shell: Callable[[str], Done]
) -> None:
    """A host that is not in ``noProxy`` of the cluster is pulled from through its proxy."""
    (network.folder / "https_proxy").write_text("of-the-cluster")
    (network.folder / "no_proxy").write_text(f".cluster.local,{FQDN}")
    done = shell(block("oc run verify"))
    assert done.returncode == 1, done.stderr
    assert f"clients use the proxy of HTTPS_PROXY for {DATA}\n" in done.stdout


def test_the_documented_commands_for_hosts(network: Network, shell: Callable[[str], Done]) -> None:
    """A file of outputs, without secrets, serves inside and outside of the network."""
    done = shell(block("> outputs.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[1].startswith(f"{DATA} has {LOOPBACK} ")
    assert PASSWORD not in (network.folder / "outputs.json").read_text()
    done = shell(block("--from-outside"))
    assert done.returncode == 1, done.stderr
    for host in (FQDN, DATA):
        assert f"{host} has public addresses ({network.server})" in done.stdout


def test_a_program_on_standard_input_cannot_read_outputs_there(
    shell: Callable[[str], Done],
) -> None:
    """In a pod, the program says so."""
    done = shell("python3 - --outputs - < verify.py")
    assert done.returncode == 2
    assert "standard input is the program itself" in done.stderr


def test_the_program_stays_one_short_file() -> None:
    """It has at most 700 lines, and each function fits a screen."""
    text = (ROOT / "verify.py").read_text()
    assert len(text.splitlines()) <= 700
    functions = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef)]
    assert max((each.end_lineno or 0) - each.lineno for each in functions) < 50


def test_the_program_needs_python_3_9_and_nothing_else() -> None:
    """The syntax, the modules, and the operator for types are those of Python 3.9."""
    tree = ast.parse((ROOT / "verify.py").read_text(), feature_version=(3, 9))
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import | ast.ImportFrom)]
    imported = {ast.unparse(each).split()[1].partition(".")[0] for each in imports}
    assert imported <= sys.stdlib_module_names - {"tomllib"}
    annotations = {
        id(part)
        for node in ast.walk(tree)
        for name in ("annotation", "returns")
        if (annotation := getattr(node, name, None))
        for part in ast.walk(annotation)
    }
    later = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.BitOr)
            and id(node) not in annotations
        )
        or (isinstance(node, ast.keyword) and node.arg in {"strict", "slots", "kw_only"})
    ]
    assert later == []
