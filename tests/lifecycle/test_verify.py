"""``make verify`` hands Terraform's outputs to verify.py."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from deployment import Deployment
from helpers import ROOT


@pytest.fixture
def recorder(tmp_path: Path) -> Path:
    """A Python that prints its arguments and its standard input."""
    file = tmp_path / "recorder"
    file.write_text('#!/bin/sh\necho "$@"\ncat\n')
    file.chmod(0o755)
    return file


def make(folder: Path, environ: dict[str, str], *arguments: str) -> list[str]:
    """The lines that ``make verify`` prints in a folder."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", ROOT / "Makefile", "verify", *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
    )
    return (done.stdout + done.stderr).splitlines()


def test_the_program_gets_three_outputs_of_real_terraform(
    deployed: Deployment, recorder: Path
) -> None:
    """The outputs that it reads, in this order, and no other, which may be secret."""
    options, *values = make(
        deployed.folder, deployed.environ, f"PYTHON={recorder}", "ARGS=--timeout 3"
    )
    assert options == "verify.py --outputs - --timeout 3"
    text = "".join(values)
    found: list[object] = []
    while text:
        value, end = json.JSONDecoder().raw_decode(text)
        found, text = [*found, value], text[end:]
    outputs = deployed.outputs()
    names = ["registry_fqdn", "registry_private_ip", "registry_data_endpoints"]
    assert found == [outputs[name] for name in names]


def test_one_stack_must_be_meant(tmp_path: Path, recorder: Path) -> None:
    """Of several stacks one must be named, and there must be one."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    message, *_ = make(tmp_path, environ, f"PYTHON={recorder}")
    assert message.startswith("Name one deployed stack, make verify STACK=...: ls: ")
    for stack in ("blue", "green"):
        (tmp_path / "cdktf.out" / "stacks" / stack).mkdir(parents=True)
    message, *_ = make(tmp_path, environ, f"PYTHON={recorder}")
    assert message == "Name one deployed stack, make verify STACK=...: blue green"
    options, *_ = make(tmp_path, environ, f"PYTHON={recorder}", "STACK=green")
    assert options == "verify.py --outputs -"
