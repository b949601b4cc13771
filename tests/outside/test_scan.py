"""Checkov finds exactly the problems that docs/landing-zone.md explains.

``make test-scan`` runs this file. ``make test`` does not, because Checkov needs a large environment
of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT

# Not its program, whose first line would not find Python in a path with a space.
CHECKOV = [str(ROOT / "scan" / ".venv" / "bin" / "python"), "-m", "checkov.main"]
LANDING_ZONE = (ROOT / "docs" / "landing-zone.md").read_text()
EXPLAINED = set(re.findall(r"^\| `(CKV2?_AZURE_\d+)` \|", LANDING_ZONE, re.MULTILINE))


@pytest.mark.parametrize(
    ("example", "expected"), [("landing-zone.yaml", set()), ("guide.yaml", EXPLAINED)]
)
def test_checkov_reports_exactly_the_explained_findings(
    example: str, expected: set[str], tmp_path: Path
) -> None:
    """A landing zone has no findings, and the guide's defaults have exactly those of the table."""
    environ = {**os.environ, "REGISTRIES_FILE": str(ROOT / "examples" / example)}
    environ["CDKTF_OUTDIR"] = str(tmp_path / "cdktf.out")
    subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=environ, check=True)
    environ["CKV_SKIP_PACKAGE_UPDATE_CHECK"] = "true"
    scan = subprocess.run(
        [
            *CHECKOV,
            "--config-file=scan/checkov.yaml",
            "--output=json",
            "-d",
            tmp_path / "cdktf.out",
        ],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    results = json.loads(scan.stdout)
    assert results["summary"]["parsing_errors"] == 0
    assert results["summary"]["passed"] > 0
    assert {check["check_id"] for check in results["results"]["failed_checks"]} == expected
