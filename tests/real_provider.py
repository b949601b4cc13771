"""The synthesized stacks, initialized and validated with the real provider.

Not part of ``make test``, which needs no network: ``make test-provider`` runs it. The provider
comes from its registry, or from the mirror that ``AZURERM_MIRROR`` names: a folder as
``terraform providers mirror`` writes it.
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
    """The least settings, and the examples."""
    yield "least", settings_of()
    for example, registries in EXAMPLES.items():
        for stack, registry in registries.items():
            yield f"{example}-{stack}", registry


@pytest.mark.parametrize(
    "settings", [pytest.param(settings, id=name) for name, settings in scenarios()]
)
def test_the_provider_takes_the_stack(
    settings: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every argument and block is one that it knows."""
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
        "The provider can't be had: make its registry reachable, or name a mirror of it in "
        f"AZURERM_MIRROR (terraform providers mirror FOLDER).\n{init.stderr}"
    )
    validated = json.loads(terraform("validate", "-json").stdout)
    assert validated["valid"], validated["diagnostics"]
    assert validated["diagnostics"] == []
