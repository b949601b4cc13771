"""Checkov finds exactly the problems that docs/landing-zone.md explains.

``make test-scan`` runs this file. ``make test`` does not, because Checkov needs a large environment
of its own.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from helpers import ROOT
from project import run

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
    folder = str(tmp_path / "cdktf.out")
    settings = str(ROOT / "examples" / example)
    done = run(ROOT, sys.executable, "main.py", REGISTRIES_FILE=settings, CDKTF_OUTDIR=folder)
    assert done.returncode == 0, done.stderr
    options = ("--config-file=scan/checkov.yaml", "--output=json", "-d", folder)
    scan = run(ROOT, *CHECKOV, *options, CKV_SKIP_PACKAGE_UPDATE_CHECK="true")
    results = json.loads(scan.stdout)
    assert results["summary"]["parsing_errors"] == 0
    assert results["summary"]["passed"] > 0
    assert {check["check_id"] for check in results["results"]["failed_checks"]} == expected
