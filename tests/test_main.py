"""The program and the make targets, started as a user starts them."""

from __future__ import annotations

import gc
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT
from project import copy_to, run, tree
from workflows import write_program

from constructs_lib import PrivateContainerRegistry


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project in which everything is installed."""
    return copy_to(tmp_path / "project")


Synthesize = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def quickly(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Synthesize]:
    """A function that runs ``main.py`` as ``run`` does, in the process of the tests."""

    def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        status: object = None
        with monkeypatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("always")
            patch.setattr(sys, "argv", ["main.py", *arguments])
            patch.setattr(sys, "unraisablehook", sys.unraisablehook)
            patch.chdir(folder)
            for name, value in environ.items():
                patch.setenv(name, value)
            try:
                runpy.run_path(str(ROOT / "main.py"), run_name="__main__")
            except SystemExit as ended:
                status = ended.code
        printed = capfd.readouterr()
        if isinstance(status, str):  # Python prints it, and ends with 1
            return subprocess.CompletedProcess([], 1, printed.out, f"{printed.err}{status}\n")
        return subprocess.CompletedProcess([], int(bool(status)), printed.out, printed.err)

    yield run
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped settings only."""
    shutil.copy(ROOT / "registries.yaml", tmp_path)
    return tmp_path


def stack_json(folder: Path, name: str = "aro-private-acr") -> str:
    """The JSON of a stack."""
    return (folder / "cdktf.out" / "stacks" / name / "cdk.tf.json").read_text()


def test_the_variables_of_the_settings_are_listed_on_one_line(
    folder: Path, quickly: Synthesize
) -> None:
    """The program lists the variables that it used on standard error."""
    none = quickly(folder)
    assert none.stderr.splitlines() == ["registries.yaml: variables used: none"]
    some = quickly(folder, ACR_NAME="myregistry", ARO_VNET_NAME="net", PREFIX="unused")
    assert some.stderr.splitlines() == ["registries.yaml: variables used: ACR_NAME, ARO_VNET_NAME"]
    assert '"name": "myregistry"' in stack_json(folder)
    by_cdktf = quickly(folder, CDKTF_CONTEXT_JSON="{}")  # which shows standard error as errors
    assert (by_cdktf.stdout, by_cdktf.stderr) == (none.stderr, "")


def test_tags_that_private_dns_does_not_keep_are_listed_on_one_line(
    folder: Path, quickly: Synthesize
) -> None:
    """Azure drops these tags without an error, and each plan would show a change."""
    text = (folder / "registries.yaml").read_text()
    tags = "    tags: {team: a, Cost Center: b, 'a:b': c}\n"
    (folder / "registries.yaml").write_text(text.replace("    location:", f"{tags}    location:"))
    result = quickly(folder)
    assert result.stderr.splitlines() == [
        "registries.yaml: variables used: none",
        "[aro-private-acr/acr] tags left off the private DNS zone and its links, where Azure keeps "
        "none with a space or a colon in the name: Cost Center, a:b",
    ]
    resources = json.loads(stack_json(folder))["resource"]
    for kind in ("azurerm_private_dns_zone", "azurerm_private_dns_zone_virtual_network_link"):
        (resource,) = resources[kind].values()
        assert resource["tags"] == {"team": "a"}


def test_a_variable_selects_another_settings_file(folder: Path, quickly: Synthesize) -> None:
    """The stacks of the other file are written, and those of the shipped file are removed."""
    quickly(folder)
    (folder / "cdktf.out" / "stacks" / ".DS_Store").touch()  # macOS creates such files
    (folder / "cdktf.out" / "stacks" / "notes").mkdir()
    own = (folder / "registries.yaml").read_text().replace("aro-private-acr:", "own:")
    (folder / "own.yaml").write_text(own)
    result = quickly(folder, REGISTRIES_FILE="own.yaml")
    assert result.stderr.splitlines() == ["own.yaml: variables used: none"]
    stacks = (folder / "cdktf.out" / "stacks").iterdir()
    assert {entry.name for entry in stacks} == {"own", "notes", ".DS_Store"}
    assert set(json.loads((folder / "cdktf.out/manifest.json").read_text())["stacks"]) == {"own"}


def test_wrong_settings_are_reported_before_a_node_that_does_not_start(
    folder: Path, quickly: Synthesize
) -> None:
    """All problems are listed with exit status 1, and the last valid synthesis is kept."""
    quickly(folder)
    before = tree(folder / "cdktf.out")
    result = quickly(
        folder, ACR_NAME="my-acr", AZR_RESOURCE_LOCATION="?", JSII_NODE="/no/such/node"
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "registries.yaml:5: registries.aro-private-acr.location is '?' (from "
        "AZR_RESOURCE_LOCATION): an Azure region such as eastus or 'East US'",
        "registries.yaml:12: registries.aro-private-acr.container_registry.name is 'my-acr' (from "
        "ACR_NAME): 5 to 50 letters and digits, no others",
    ]
    assert tree(folder / "cdktf.out") == before


def test_an_output_folder_that_cannot_be_written_is_reported(
    folder: Path, quickly: Synthesize
) -> None:
    """The program exits with status 1 and one message without a traceback."""
    (folder / "file").touch()
    for outdir in ("file", "file/out"):
        result = quickly(folder, CDKTF_OUTDIR=outdir)
        assert result.returncode == 1
        (_, message) = result.stderr.splitlines()
        assert message.startswith("the stacks can't be synthesized: ")
        assert message.endswith(f"{folder}/{outdir}'")


def test_a_full_disk_is_reported_in_one_line(
    folder: Path, quickly: Synthesize, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node writes the stacks, and jsii raises its error as one of the program's."""
    quickly(folder)
    before = tree(folder / "cdktf.out")

    def fail(_: object) -> None:
        raise RuntimeError("Error: ENOSPC: no space left on device, write")

    monkeypatch.setattr("cdktf.App.synth", fail)
    result = quickly(folder, ACR_NAME="another12345")
    assert result.returncode == 1
    assert result.stderr.splitlines()[1:] == [
        "the stacks can't be synthesized: no space left on device, write"
    ]
    assert tree(folder / "cdktf.out") == before


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("JSII_NODE", "/no/such/node", "Node can't start: /no/such/node: No such file"),
        ("JSII_NODE", "/bin/true", "Node can't start: /bin/true: it is not Node; unset JSII_NODE"),
        ("JSII_NODE", "./old", "./old: it is v14.21.3, and Node 22 or later is needed; unset JSII"),
        ("NODE_OPTIONS", "--bogus", "--bogus is not allowed in NODE_OPTIONS; unset JSII_NODE"),
    ],
)
def test_what_keeps_node_from_its_start_is_reported_in_one_line(
    folder: Path, quickly: Synthesize, variable: str, value: str, reason: str
) -> None:
    """The message says what to do, and nothing is written; an old Node says nothing itself."""
    write_program(folder, "old", "test $# = 1 && echo v14.21.3")
    result = quickly(folder, **{variable: value})
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert reason in line
    assert not (folder / "cdktf.out").exists()


def test_an_error_of_jsii_is_reported_in_one_line(folder: Path) -> None:
    """Neither Python nor jsii shows a traceback."""
    program = [sys.executable, str(ROOT / "main.py")]
    result = run(folder, *program, JSII_RUNTIME_PACKAGE_CACHE_ROOT="/dev/null/x")
    assert result.returncode == 1
    used, error = result.stderr.splitlines()
    assert used == "registries.yaml: variables used: none"
    assert "Cannot use the jsii package cache in " in error
    assert not (folder / "cdktf.out" / "manifest.json").exists()


@pytest.mark.parametrize("content", ["raise ImportError('broken')", "VERSION = '1.10'"])
def test_a_package_of_somebody_else_is_named(project: Path, content: str) -> None:
    """Python finds what ``PYTHONPATH`` names before what is installed with the program."""
    foreign = project / "foreign" / "pydantic.py"
    foreign.parent.mkdir()
    foreign.write_text(content)
    result = run(project, sys.executable, "main.py", PYTHONPATH=str(foreign.parent))
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{foreign} is not the pydantic that is installed with the program: ")


def test_ctrl_c_ends_a_synthesis_in_one_line(project: Path, quickly: Synthesize) -> None:
    """Node ends as well, since what it writes to ends; the earlier stacks stay as they are."""
    quickly(project)
    before = tree(project / "cdktf.out")
    os.mkfifo(project / "slow.yaml")
    process = subprocess.Popen(
        [sys.executable, "main.py"],
        cwd=project,
        env={**os.environ, "REGISTRIES_FILE": "slow.yaml"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with (project / "slow.yaml").open("w"):  # it is open once the program reads from it
        os.killpg(process.pid, signal.SIGINT)
        _, printed = process.communicate()
    assert process.returncode == 130
    assert printed == "interrupted: the stacks in cdktf.out are as they were\n"
    assert tree(project / "cdktf.out") == before


def test_help_is_shown_and_any_other_argument_refused(folder: Path, quickly: Synthesize) -> None:
    """Neither writes anything."""
    for argument, status, shown in (("--help", 0, "REGISTRIES_FILE"), ("--stack", 1, "--stack")):
        result = quickly(folder, argument)
        assert result.returncode == status
        assert shown in result.stdout + result.stderr
        assert not (folder / "cdktf.out").exists()


def test_the_program_needs_no_docstrings(folder: Path, quickly: Synthesize) -> None:
    """Stacks and messages are the same if Python removes docstrings (``PYTHONOPTIMIZE=2``)."""
    both = """
import os, runpy, sys
program = sys.argv.pop()
for os.environ["ACR_NAME"] in ("my-acr", "acr12345"):
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as ended:
        print(ended, file=sys.stderr)
"""
    command = [sys.executable, "-c", both, str(ROOT / "main.py")]
    done = run(folder, *command, PYTHONOPTIMIZE="2", PYTHONPATH=str(ROOT))
    written = tree(folder / "cdktf.out")
    shutil.rmtree(folder / "cdktf.out")
    printed = [quickly(folder, ACR_NAME=name).stderr for name in ("my-acr", "acr12345")]
    assert done.stderr == "".join(printed)
    assert tree(folder / "cdktf.out") == written


def test_a_stack_that_is_refused_has_no_traceback(
    folder: Path, quickly: Synthesize, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry's name, the rule and the remedy are all that is printed."""

    def opened(*arguments: Any, **more: Any) -> Any:
        registry: Any = PrivateContainerRegistry(*arguments, **more)
        registry.container_registry.add_override("public_network_access_enabled", True)
        return registry

    monkeypatch.setattr("constructs_lib.stack.PrivateContainerRegistry", opened)
    done = quickly(folder)
    lines = done.stderr.splitlines()
    assert (done.returncode, lines[1], len(lines)) == (1, "the stacks are refused:", 3)
    assert "Public network access must be off" in lines[2]
    assert not (folder / "cdktf.out" / "stacks").exists()


def test_the_state_file_is_in_the_projects_root(folder: Path, quickly: Synthesize) -> None:
    """The state file is not in the output folder, which can therefore be deleted."""
    quickly(folder, CDKTF_OUTDIR="deep/out")
    stack = folder / "deep" / "out" / "stacks" / "aro-private-acr"
    backend = json.loads((stack / "cdk.tf.json").read_text())["terraform"]["backend"]
    path = "../../../../terraform.aro-private-acr.tfstate"
    assert backend == {"local": {"path": path}}
    assert (stack / path).resolve() == folder / "terraform.aro-private-acr.tfstate"


def test_a_second_make_installs_nothing(project: Path) -> None:
    """``make synth`` runs only the program if everything is installed."""
    for name in ("pipenv", "npm", "node"):
        write_program(project / ".bin", name, "echo called >&2; exit 1")
    result = run(project, "make", "synth", PATH=f"{project}/.bin:{os.environ['PATH']}")
    assert result.stderr.splitlines() == ["registries.yaml: variables used: none"]
    assert result.returncode == 0
    recorded = (ROOT / "tests" / "synthesized" / "guide.json").read_text()
    assert stack_json(project) == recorded
    written = tree(project / "cdktf.out")
    assert written.keys() == {"manifest.json", "stacks/aro-private-acr/cdk.tf.json"}
    assert str(project).encode() not in written["manifest.json"]


@pytest.mark.parametrize(
    ("target", "python", "message"),
    [
        ("terraform", "python3", "Terraform 1.5 or later is needed as terraform: "),
        (".venv/bin/python", "no-such-python", "Python 3.11 or later is needed as no-such-python"),
        (".venv/bin/python", "false", "Python 3.11 or later is needed as false"),
    ],
)
def test_a_missing_prerequisite_is_reported(
    project: Path, target: str, python: str, message: str
) -> None:
    """The error message contains the program to install and its version."""
    (project / ".venv").unlink()
    (project / ".bin").mkdir()
    for name in ("sh", "dirname", "false"):
        (project / ".bin" / name).symlink_to(str(shutil.which(name)))
    make = str(shutil.which("make"))
    result = run(project, make, target, f"PYTHON={python}", PATH=str(project / ".bin"))
    assert result.returncode == 2
    assert message in result.stderr


def test_make_help_lists_every_target_in_a_group(project: Path) -> None:
    """A target without a description would be missing, as would one outside of a group."""
    (phony,) = re.findall(r"^\.PHONY: (help .+)$", (project / "Makefile").read_text(), re.M)
    groups = run(project, "make").stdout.strip().split("\n\n")
    assert [group.partition("\n")[0] for group in groups[:3]] == [
        "to begin",
        "to deploy",
        "to review",
    ]
    shown = re.findall(r"^  make (\S+) ", "\n".join(groups), re.M)
    assert sorted(shown) == sorted(set(phony.split()) - {"terraform"})
