"""The real provider accepts the synthesized stacks.

``make test-provider`` runs this file. ``make test`` does not, because it works without a network.
Terraform downloads the provider from its registry, or takes it from the folder that
``AZURERM_MIRROR`` names and ``terraform providers mirror`` has written: each version that is there.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import versions
from cdktf import App
from helpers import EXAMPLES, settings_of
from mirror import ENVIRON, VERSIONS

from constructs_lib.settings import Registry
from constructs_lib.stack import PrivateContainerRegistryStack


def scenarios() -> Iterator[tuple[str, Registry]]:
    """The required settings and each registry of the examples, with a name for each."""
    yield "required", settings_of()
    for example, registries in EXAMPLES.items():
        for stack, registry in registries.items():
            yield f"{example}-{stack}", registry


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "settings", [pytest.param(settings, id=name) for name, settings in scenarios()]
)
def test_terraform_validates_the_stack(
    settings: Registry, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider knows every argument and every block of the stack."""
    monkeypatch.chdir(tmp_path)
    app = App(outdir=str(tmp_path / "cdktf.out"))
    PrivateContainerRegistryStack(app, "acr", settings)
    app.synth()
    file = Path(app.outdir, "stacks", "acr", "cdk.tf.json")
    file.write_text(json.dumps(versions.required(json.loads(file.read_text()), version)))

    def terraform(*command: str) -> Any:
        return subprocess.run(
            ["terraform", *command],
            cwd=file.parent,
            env=ENVIRON,
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
