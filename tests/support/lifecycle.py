"""Fixtures for stacks and for copies of the project, which real Terraform applies to a cloud.

It is a plugin of pytest, since the tests of several folders need it: tests/conftest.py names it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from project import commit_to, git

from standin import install

if TYPE_CHECKING:  # it imports cdktf, which takes longer than most tests
    from deployment import Deployment

Prepared = Callable[[Callable[["Deployment"], None]], Path]
Run = Callable[..., subprocess.CompletedProcess[str]]
Printed = Callable[..., str]
"""Runs a command, and returns what it prints."""


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables with which Terraform uses only the stand-in as the provider."""
    assert shutil.which("terraform"), "Terraform 1.5 or later is needed to run these tests"
    return install(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def deployment(tmp_path: Path, plugin: dict[str, str]) -> Iterator[Deployment]:
    """A project in a temporary folder, with a cloud of its own and a provider in this process."""
    from deployment import deploying

    with deploying(tmp_path, plugin) as deployment:
        yield deployment


@pytest.fixture
def provider_process(deployment: Deployment) -> None:
    """Let Terraform install the provider from the mirror and start it, as a user's Terraform does.

    A test that uses this says why: a plan starts three processes, which take longer than all else.
    """
    del deployment.environ["TF_REATTACH_PROVIDERS"]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, plugin: dict[str, str]) -> Prepared:
    """A function that prepares a deployment once, and returns its folder, which tests copy."""
    from deployment import deploying

    @cache
    def prepared(prepare: Callable[[Deployment], None]) -> Path:
        folder = tmp_path_factory.mktemp("prepared")
        with deploying(folder, plugin) as deployment:
            prepare(deployment)
        return folder

    return prepared


@pytest.fixture
def deployed(deployment: Deployment, prepared: Prepared) -> Deployment:
    """A deployment of the guide's stack, which is applied with every default."""
    deployment.copy(prepared(apply_the_guide))
    return deployment


def apply_the_guide(deployment: Deployment) -> None:
    """Apply the guide's stack, with every default."""
    deployment.synthesize()
    deployment.apply()


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed copy of the project, which tests copy. The shipped registry is unprotected."""
    folder = commit_to(tmp_path_factory.mktemp("committed") / "project")
    file = folder / "registries.yaml"
    unprotected = "    deletion_protection: false\n    location:"
    file.write_text(file.read_text().replace("    location:", unprotected))
    git(folder, "commit", "--quiet", "--all", "--message=unprotected")
    return folder


@pytest.fixture
def project(deployment: Deployment, committed: Path) -> Path:
    """A committed copy of the project, in a path with a space, for the deployment's cloud."""
    return Path(shutil.copytree(committed, deployment.folder / "my project", symlinks=True))


@pytest.fixture
def environ(deployment: Deployment) -> Iterator[dict[str, str]]:
    """The environment of the user's shell, with a folder of its own for temporary files.

    Its path is short, since a process of the stand-in has a socket there.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    with TemporaryDirectory() as temporary:
        names = {
            "ACR_NAME": "mycompanyacr",
            "AZR_RESOURCE_GROUP": "aro-mobb-rg",
            "ARO_VNET_NAME": "aro-rcarrata-vnet",
        }
        environ |= {**names, "TMPDIR": temporary, **deployment.environ}
        del environ["TF_IN_AUTOMATION"]  # which the program sets where it wants it
        yield environ


@pytest.fixture
def run(project: Path, environ: dict[str, str]) -> Run:
    """A function that runs a command in the project, without a terminal."""

    def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=project,
            env={**environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def make(run: Run) -> Printed:
    """A function that runs a make target that has to succeed, and returns what it prints."""

    def make(target: str, arguments: str = "", *more: str, **variables: str) -> str:
        done = run("make", target, f"ARGS={arguments}", *more, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return make


@pytest.fixture
def command(
    project: Path,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """A function that does in this process what a make target does in two of its own.

    It synthesizes, and runs a command of ``constructs_lib.commands``, unless it is ``synth``.
    """
    from constructs_lib import commands
    from constructs_lib.settings import load
    from constructs_lib.stack import synthesize

    def command(
        name: str, *options: str, stack: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        with monkeypatch.context() as patch, chdir(project), _process_restored():
            needed = {**environ, **variables}
            for each in {*os.environ} - {*needed}:
                patch.delenv(each)
            for each, value in needed.items():
                patch.setenv(each, value)
            patch.setattr(sys, "argv", ["", name, stack, *options])
            synthesize(load("registries.yaml", os.environ).settings)
            status = 0
            try:
                if name != "synth":
                    commands.main()
            except SystemExit as error:
                if isinstance(error.code, str):  # as Python does it
                    print(error.code, file=sys.stderr)
                status = error.code if isinstance(error.code, int) else 1
        printed, errors = capfd.readouterr()
        return subprocess.CompletedProcess([name], status, printed, errors)

    return command


@contextmanager
def _process_restored() -> Iterator[None]:
    """Undo what a command does to its process: the rights of new files, and what signals do."""
    mask = os.umask(0)
    os.umask(mask)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        os.umask(mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
