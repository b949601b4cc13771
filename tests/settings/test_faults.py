"""What is said of a settings file that is not YAML: the line to look at, and what to do there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from helpers import GOOD, problems, read

from constructs_lib.settings import SettingsError, document, load


@pytest.mark.parametrize(
    ("line", "old", "new", "remedy"),
    [
        (1, "registries:", "a: {b: c}\nregistries:", "which holds anchors, begins with x-: x-a"),
        (4, "    location", "\tlocation", "a tab stands here, and YAML takes spaces only"),
        (6, "      name: vnet", "    \tname: vnet", "write spaces in its place"),
        (4, "location: eastus", "location:\teastus", "a tab stands here"),
        (4, "    location", "   location", "indented by 3 spaces, as no section around it is"),
        (4, "    location", "      location", "it continues the text on line 3"),
        (6, "      name: vnet", "    name: vnet", "belongs below virtual_network or endpoint_sub"),
        (4, "location: eastus", "location:eastus", "a space is missing after 'location:'"),
        (6, "name: vnet", "name:vnet", "a space is missing after 'name:'"),
        (4, "location: eastus", "location = eastus", "a ':' is missing here, behind a key"),
        (4, "    location", "\u00a0\u00a0  location", "column 1 has a no-break space (U+00A0)"),
        (4, ": eastus", ":\u00a0eastus", "column 14 has a no-break space (U+00A0): write a space"),
        (4, "eastus", "eastus\u00a0", "column 21 has a no-break space (U+00A0)"),
        (4, "    location", "    \u200blocation", "column 5 has a zero width space (U+200B)"),
        (4, "eastus", "\u201ceastus\u201d", "a left double quotation mark (U+201C): write a plain"),
        (4, "    location: eastus", "<<<<<<< HEAD\n    location: a", "a merge conflict is not res"),
        (4, "    location: eastus", "=======\n    location: a", "keep what is right of both sides"),
        (4, "    location: eastus", ">>>>>>> other", "(>>>>>>> stands here)"),
        (4, "location: eastus", "tags: &t {a: *t}", "*t lies inside its own anchor &t, which is"),
        (4, "location: eastus", "tags: *acr", "*acr lies inside its own anchor &acr, which is on"),
        (4, "location: eastus", "location: @eastus", "put the text into quotes"),
        (4, "location: eastus", "location: *east", "put the text into quotes, or give the anchor"),
        (4, "location: eastus", "location: {a", "a { opens here and does not close before line 5"),
        (4, "location: eastus", "<<: 1", "<< takes the alias of a mapping, or a list of them"),
        (4, "location: eastus", "<<: [{a: b}, 1]", "<< takes the alias of a mapping"),
        (4, "    location: eastus", "---\n    location: eastus", "take the line --- out"),
        (4, "location: eastus", "? a: b\n    : c", "a mapping or a list in the place of a key"),
        (4, "location: eastus", "? [a]\n    : c", "a mapping or a list in the place of a key"),
        (4, "location: eastus", "~: x", "registries.acr.~ is 'x': an unknown key"),
        (4, "location: eastus", "2030-01-01: x", "registries.acr.2030-01-01 is 'x': an unknown"),
    ],
)
def test_the_line_to_look_at_is_told(
    tmp_path: Path, line: int, old: str, new: str, remedy: str
) -> None:
    """It may be above that of the parser's error, and the remedy is on it."""
    text = GOOD.replace("  acr:", "  acr: &acr").replace(old, new, 1)
    found = problems(tmp_path, text)
    assert [problem.line for problem in found if remedy in problem.text] == [line], found
    assert "ordereddict" not in str(found)


def test_quotes_and_comments_may_hold_any_space(tmp_path: Path) -> None:
    """Only what is outside of them is taken for a mistake."""
    text = GOOD.replace("eastus", '"east\u00a0us" # \u201cus\u201d')
    (problem,) = problems(tmp_path, text)
    assert "U+00A0" not in problem.text
    assert "U+201C" not in problem.text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    """With or without a mark of its order of bytes; a byte that is wrong has its line."""
    (problem,) = problems(tmp_path, GOOD.replace("vnet", "vnét").encode(encoding))
    assert problem.text.startswith("can't be read as UTF-8: ")
    is_latin = encoding == "latin-1"
    remedy = "byte 0xe9 on line 6 is not UTF-8" if is_latin else "it is UTF-16 or UTF-32; save it"
    assert remedy in problem.text


def test_a_mark_of_utf_8_is_taken(tmp_path: Path) -> None:
    """Editors of Windows write it."""
    loaded = read(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())
    assert [*loaded.settings.registries] == ["acr"]


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ("read_bytes", "its rights are --w-------: chmod"),
        ("stat", "the rights of a folder on its path forbid it"),
    ],
)
def test_a_file_that_may_not_be_read_has_its_rights_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str, why: str
) -> None:
    """The user can't be denied anything here, where tests may run as root."""
    file = tmp_path / "registries.yaml"
    file.write_text(GOOD)
    file.chmod(0o200)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, refused, refuse)
    with pytest.raises(SettingsError) as caught:
        load(str(file), {})
    assert str(caught.value).startswith(f"{file}: can't be read: {why}")


def test_an_anchor_that_is_there_twice_is_told(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    """The YAML library would only print a warning, with its own path."""
    anchors = "x-a: &a {location: eastus}\nx-b: &a {location: westus}\n"
    (problem,) = problems(tmp_path, anchors + GOOD.replace("location: eastus", "<<: *a"))
    assert (problem.line, problem.text) == (2, "the anchor &a is on line 1 already: rename one")
    assert not recwarn.list


@pytest.mark.parametrize("use", ["tags: *x9", "<<: *x9", "location: eastus"])
def test_aliases_of_aliases_are_refused_at_once(tmp_path: Path, use: str) -> None:
    """Nine of nine of nine: more values than there is memory, whether they are used or not."""
    nine = [f"x-{n + 1}: &x{n + 1} [{', '.join([f'*x{n}'] * 9)}]\n" for n in range(9)]
    bomb = "".join(["x-0: &x0 [l, l, l, l, l, l, l, l, l]\n", *nine])
    (problem,) = problems(tmp_path, bomb + GOOD.replace("location: eastus", use))
    assert problem.line == 6
    assert "aliases of aliases stand for more than 200,000 values here" in problem.text


def test_many_registries_may_share_much(tmp_path: Path) -> None:
    """A thousand that merge one section are no mistake."""
    names = [f"n{n:04}" for n in range(300)]
    shared = "x-shared: &shared\n" + "\n".join(GOOD.splitlines()[2:6]).replace("    ", "  ") + "\n"
    each = """  {0}:
    <<: *shared
    resource_group_name: {0}
    virtual_network: {{name: {0}}}
    endpoint_subnet: {{address_prefix: 10.0.8.0/23}}
    container_registry: {{name: acr{0}}}
"""
    loaded = read(tmp_path, shared + "registries:\n" + "".join(map(each.format, names)))
    assert [*loaded.settings.registries] == names


def test_a_pipe_is_not_waited_for_forever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may ever write into it; what somebody writes is read."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f'printf %s "$0" > {pipe}', GOOD]):
        assert [*load(str(pipe), {}).settings.registries] == ["acr"]
    monkeypatch.setattr(document, "LONGEST_WAIT", 0.1)
    with pytest.raises(SettingsError, match="is a pipe, and nobody has written into it"):
        load(str(pipe), {})
    with pytest.raises(SettingsError, match="is a device"):
        load("/dev/zero", {})


def test_a_file_that_is_much_too_long_is_not_read(tmp_path: Path) -> None:
    """It is another file, and would be read for hours."""
    file = tmp_path / "registries.yaml"
    with file.open("w") as opened:
        opened.truncate(2_000_000_000)
    with pytest.raises(SettingsError, match="has 2000 MB, and 1,000 registries need less than 8"):
        load(str(file), {})
