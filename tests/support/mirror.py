"""Where Terraform finds the real provider, and which versions are there."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

from standin import VERSION

FOLDER = os.environ.get("AZURERM_MIRROR", "")
"""A folder that `terraform providers mirror` has written, or nothing: the provider's registry."""


def _environ() -> dict[str, str]:
    if not FOLDER:
        return dict(os.environ)
    file = Path(tempfile.mkdtemp()) / "terraformrc"
    path = json.dumps(str(Path(FOLDER).resolve()))
    file.write_text(f"provider_installation {{\n filesystem_mirror {{ path = {path} }}\n}}\n")
    return {**os.environ, "TF_CLI_CONFIG_FILE": str(file)}


def _versions() -> list[str]:
    places = Path(FOLDER, "registry.terraform.io", "hashicorp", "azurerm").glob("*")
    found = {match[0] for place in places if (match := re.search(r"\d+\.\d+\.\d+", place.name))}
    return sorted(found) or [VERSION]  # which Terraform then does not find there


VERSIONS = _versions() if FOLDER else [VERSION]
ENVIRON = _environ()
