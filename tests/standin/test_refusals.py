"""Each of Azure's refusals is tested, and has a source."""

import re
from pathlib import Path

from standin.refusals import Refusal

TESTS = Path(__file__).with_name("resources")


def test_each_refusal_has_a_case_in_the_test_of_its_resource() -> None:
    """What nothing refuses any more, or what nobody has tried, is found by its name."""
    text = "".join(file.read_text() for file in TESTS.glob("test_*.py"))
    assert {*re.findall(r"Refusal\.(\w+)", text)} == {row.name for row in Refusal}


def test_each_refusal_has_a_source() -> None:
    """Nothing is refused from memory: the table says where to read of it."""
    known = ("https://learn.microsoft.com/azure/", "https://github.com/")
    assert [row for row in Refusal if not row.source.startswith(known)] == []
