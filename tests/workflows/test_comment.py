"""The one comment on a pull request: what it lists, and that nothing in it is executed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from helpers import ROOT
from workflows import BASH, GH, JOBS, path_with, write_program

UNZIP = '[ "$1 $3" = "-p review.md" ] && cat "$2"'


def comment(
    folder: Path,
    report: str,
    *names: str,
    comments: str = "",
    artifact: str = "7",
    gh: str = GH,
    unzip: str = UNZIP,
) -> subprocess.CompletedProcess[str]:
    """Run the step that comments, with this report, changed files and ids of earlier comments.

    A name with an arrow stands for a file that had another name.
    """
    keys = ("filename", "previous_filename")
    files = [dict(zip(keys, name.split("←"), strict=False)) for name in names]
    (folder / "files").write_text(json.dumps([files[:100], files[100:]]))
    (step,) = JOBS["pull-request/comment"]["steps"]
    (folder / "artifact").write_text(report)
    write_program(folder / "bin", "gh", gh)
    write_program(folder / "bin", "unzip", unzip)
    constants = {name: value for name, value in step["env"].items() if "${{" not in value}
    return subprocess.run(
        [*BASH, step["run"]],
        cwd=folder,
        env={
            **constants,
            "PATH": path_with(folder / "bin"),
            "ARTIFACT": artifact,
            "COMMENTS": comments,
            "GITHUB_REPOSITORY": "o/r",
            "PULL_REQUEST": "5",
        },
        capture_output=True,
        text=True,
    )


def test_one_comment_is_created_and_then_updated(tmp_path: Path) -> None:
    """The step finds the workflow's earlier comment by its author and a hidden mark."""
    assert comment(tmp_path, "# Review").returncode == 0
    text = (tmp_path / "comment.md").read_text()
    assert text.startswith("<!-- review of the stacks -->\n")
    assert text.endswith("\n\n# Review\n")
    called = (tmp_path / "called").read_text()
    assert "|repos/o/r/actions/artifacts/7/zip\n" in called
    assert '.user.login == "github-actions[bot]"' in called
    assert 'startswith("<!-- review of the stacks -->")' in called
    assert "|POST|--field|body=@comment.md|repos/o/r/issues/5/comments\n" in called
    (tmp_path / "called").unlink()
    assert comment(tmp_path, "# Review", comments="11\n12").returncode == 0
    called = (tmp_path / "called").read_text()
    assert "|PATCH|--field|body=@comment.md|repos/o/r/issues/comments/11\n" in called
    assert "POST" not in called


def test_a_report_is_not_executed_and_fits_in_a_comment(tmp_path: Path) -> None:
    """The step cuts a long report, and says so first; one that is far too long as well."""
    assert comment(tmp_path, "$(touch a) `touch a`\n" + "é" * 70_000).returncode == 0
    text = (tmp_path / "comment.md").read_text()
    assert "**The report is too long for a comment" in text
    assert "\n\n$(touch a) `touch a`\né" in text
    assert 64_000 < len(text) < 65_536
    assert not (tmp_path / "a").exists()
    (tmp_path / "called").unlink()
    assert comment(tmp_path, "x" * 10_000_000, comments="11").returncode == 0
    assert "**The report is too long for a comment" in (tmp_path / "comment.md").read_text()
    assert "|PATCH|" in (tmp_path / "called").read_text()


@pytest.mark.parametrize(
    ("gh", "unzip", "sentence"),
    [
        ('case "$*" in */zip) exit 1 ;; esac\n' + GH, UNZIP, "The report could not be read"),
        (GH, "exit 9", "The report could not be read"),
        (GH.replace("cat files", "exit 1"), UNZIP, "could not be listed"),
    ],
)
def test_a_comment_that_can_not_be_renewed_is_replaced(
    tmp_path: Path, gh: str, unzip: str, sentence: str
) -> None:
    """An earlier comment, which may be green, never stays."""
    done = comment(tmp_path, "# Review", comments="11", gh=gh, unzip=unzip)
    assert done.returncode == 0
    assert sentence in (tmp_path / "comment.md").read_text()
    assert "|PATCH|" in (tmp_path / "called").read_text()


def listed(folder: Path) -> list[str]:
    """The names in the comment, in the order of their lines, with the sentences before them."""
    lines = (folder / "comment.md").read_text().splitlines()[1:]
    return [line for line in lines if line]


def test_the_comment_lists_changed_files_of_the_program(tmp_path: Path) -> None:
    """Files that can change the report are listed above it, under their old name too."""
    names = ("constructs_lib/a.py", "docs/b.py←main.py", ".github/plan.sh", "GNUmakefile")
    documents = ("README.md", "LICENSE", "SECURITY.md")
    harmless = (*documents, "registries.yaml", "tests/c.py", "examples/d.yaml", "scan/checkov.yaml")
    assert comment(tmp_path, "# Review", *names, *harmless).returncode == 0
    assert listed(tmp_path) == [
        "**Read these changes yourself: the report below depends on them.**",
        "1 file of the workflows:",
        "- `.github/plan.sh`",
        "3 files of the program:",
        "- `GNUmakefile`",
        "- `constructs_lib/a.py`",
        "- `main.py`",
        "# Review",
    ]
    assert comment(tmp_path, "# Review", *harmless).returncode == 0
    assert listed(tmp_path) == ["No file of the workflows or the program changes.", "# Review"]


def test_all_other_files_of_the_repository_are_of_the_program(tmp_path: Path) -> None:
    """Every file is listed if it is not a test, an example, a document or the settings file."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    names = [name for name in files.splitlines() if not name.startswith(("tests/", "constructs_"))]
    assert comment(tmp_path, "", *names, "accepted-risks.txt", "Pipfile").returncode == 0
    shown = set(re.findall("^- `(.*)`$", (tmp_path / "comment.md").read_text(), re.M))
    assert {name.split("/")[0] for name in {*names} - shown} == {
        *("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "registries.yaml"),
        *("LICENSE", "SECURITY.md"),
        *("docs", "examples", "scan", "successor"),
    }
    assert {"Makefile", "cdktf.json", "main.py", "accepted-risks.txt", "Pipfile"} <= shown


def test_the_name_of_a_file_is_only_text(tmp_path: Path) -> None:
    """A name ends neither its line nor its code, so that it mentions nobody and formats nothing."""
    name = "a`@me<b>\r\n# é|\u202e\x7f.py"
    assert comment(tmp_path, "# Review", name, "b" * 3000).returncode == 0
    assert listed(tmp_path)[2:] == [
        "- `a\\u0060@me<b>\\r\\n# \\u00e9|\\u202e\\u007f.py`",
        f"- `{'b' * 200}…`",
        "# Review",
    ]


def test_a_long_report_does_not_cut_the_list(tmp_path: Path) -> None:
    """The list is complete for 100 files of a kind, and says how many more GitHub has counted."""
    names = [f"{folder}/{'é' * 80}{n}" for folder in (".github", "a") for n in range(1500)]
    assert comment(tmp_path, "x" * 70_000, *names).returncode == 0
    text = (tmp_path / "comment.md").read_text()
    assert 64_000 < len(text) < 65_536
    assert listed(tmp_path)[0].startswith("**GitHub lists no more than 3,000 files")
    assert text.count("\n- `") == 200
    assert text.count("\n- and 1,400 more: see the files of the pull request\n") == 2


def test_files_are_listed_without_a_report(tmp_path: Path) -> None:
    """A change that breaks the review gets a comment too, in the place of an earlier one."""
    assert comment(tmp_path, "", "main.py", artifact="", comments="11").returncode == 0
    assert listed(tmp_path)[1:] == [
        "1 file of the program:",
        "- `main.py`",
        "The stacks could not be reviewed: see the log of the job `review`.",
    ]
    assert "|PATCH|" in (tmp_path / "called").read_text()


def test_the_id_of_an_artifact_must_be_a_number(tmp_path: Path) -> None:
    """The artifact's id comes from a job that ran code of the pull request."""
    assert comment(tmp_path, "", artifact="7/../../../x").returncode != 0
    assert not (tmp_path / "called").exists()
