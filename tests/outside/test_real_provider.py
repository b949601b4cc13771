"""The real provider accepts the synthesized stacks.

``make test-provider`` runs this file. ``make test`` does not, because it works without a network.
Terraform downloads the provider from its registry, or takes it from the folder that
``AZURERM_MIRROR`` names and ``terraform providers mirror`` has written.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cdktf import App
from helpers import EXAMPLES, settings_of

from constructs_lib.settings import Registry
from constructs_lib.stack import PrivateContainerRegistryStack


def scenarios() -> Iterator[tuple[str, Registry]]:
    """The required settings and each registry of the examples, with a name for each."""
    yield "required", settings_of()
    for example, registries in EXAMPLES.items():
        for stack, registry in registries.items():
            yield f"{example}-{stack}", registry


@pytest.mark.parametrize(
    "settings", [pytest.param(settings, id=name) for name, settings in scenarios()]
)
def test_terraform_validates_the_stack(
    settings: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider knows every argument and every block of the stack."""
    monkeypatch.chdir(tmp_path)
    app = App(outdir=str(tmp_path / "cdktf.out"))
    PrivateContainerRegistryStack(app, "acr", settings)
    app.synth()
    environ = dict(os.environ)
    if mirror := environ.get("AZURERM_MIRROR"):
        path = json.dumps(str(Path(mirror).resolve()))
        Path("terraformrc").write_text(
            f"provider_installation {{ \n filesystem_mirror {{ path = {path} }} \n }}"
        )
        environ["TF_CLI_CONFIG_FILE"] = str(tmp_path / "terraformrc")

    def terraform(*command: str) -> Any:
        return subprocess.run(
            ["terraform", *command],
            cwd=Path(app.outdir, "stacks", "acr"),
            env=environ,
            capture_output=True,
            text=True,
        )

    init = terraform("init", "-no-color", "-backend=false")
    assert init.returncode == 0, (
        "Terraform can't install the provider: allow access to its registry, or set AZURERM_MIRROR "
        f"to a folder of terraform providers mirror.\n{init.stderr}"
    )
    validation = json.loads(terraform("validate", "-json").stdout)
    assert validation["valid"], validation["diagnostics"]
    assert validation["diagnostics"] == []
