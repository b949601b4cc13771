"""The release: which tag gets one, and what is attached to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from workflows import BASH, GH, JOBS, RELEASE, path_with, write_program


@pytest.mark.parametrize(
    ("tag", "merged", "is_released"),
    [
        ("v1.2.3", True, True),
        ("v1.2", True, False),
        ("1.2.3", True, False),
        ("v1.2.3", False, False),
    ],
)
def test_a_release_is_of_main_and_of_its_version(
    tmp_path: Path, tag: str, merged: bool, is_released: bool
) -> None:
    """The tag is the version of the package, and the tests of the commit have passed before."""
    _, _, stop, *others = JOBS["release/build"]["steps"]
    assert [step["run"] for step in others[:2]] == ["make lint", "make test"]
    assert JOBS["release/publish"]["needs"] == "build"
    assert not [step for job in RELEASE["jobs"].values() for step in job["steps"] if "if" in step]
    write_program(tmp_path / ".venv" / "bin", "python", "echo 1.2.3")
    is_ancestor = '[ "$*" = "merge-base --is-ancestor abc origin/main" ]'
    write_program(tmp_path / "bin", "git", f"{is_ancestor} && {str(merged).lower()}")
    environ = {"PATH": path_with(tmp_path / "bin"), "GITHUB_SHA": "abc"}
    environ["GITHUB_REF_NAME"] = tag
    done = subprocess.run([*BASH, stop["run"]], cwd=tmp_path, env=environ)
    assert done.returncode == int(not is_released)


@pytest.mark.parametrize("change", ["", "wheel", "artifact"])
def test_a_release_has_the_wheel_and_its_checksum(tmp_path: Path, change: str) -> None:
    """The job that may write publishes only files that match the checksum, and runs none."""
    *_, build, _ = JOBS["release/build"]["steps"]
    made = tmp_path / "made"
    wheel = 'mkdir dist && echo "$SOURCE_DATE_EPOCH" > dist/a-1.2.3-py3-none-any.whl'
    write_program(
        made / ".venv" / "bin", "python", f'case "$*" in *"--wheel-dir dist .") {wheel}; esac'
    )
    write_program(tmp_path / "bin", "git", "echo 1")
    environ = {"PATH": path_with(tmp_path / "bin")}
    subprocess.run([*BASH, build["run"]], cwd=made, env=environ, check=True)
    if change == "wheel":
        next((made / "dist").glob("*.whl")).write_text("other")
    (tmp_path / "artifact").write_text("an archive")
    unzip = f'[ "$*" = "-q release.zip -d dist" ] && cp -r "{made}/dist" dist'
    write_program(tmp_path / "bin", "unzip", unzip)
    write_program(tmp_path / "bin", "gh", GH)
    (step,) = JOBS["release/publish"]["steps"]
    environ |= {"ARTIFACT": "7/../8" if change == "artifact" else "7", "GITHUB_REPOSITORY": "o/r"}
    done = subprocess.run(
        [*BASH, step["run"]], cwd=tmp_path, env=environ | {"GITHUB_REF_NAME": "v1"}
    )
    called = [file for file in (tmp_path / "dist" / "called",) if file.exists()]
    assert done.returncode == int(bool(change))
    assert len(called) == int(not change)
    for file in called:
        command = file.read_text().strip().split("|")
        assert command[:3] == ["release", "create", "v1"]
        assert {"--verify-tag", "o/r"} <= set(command)
        assert command[-2:] == ["a-1.2.3-py3-none-any.whl", "SHA256SUMS"]
