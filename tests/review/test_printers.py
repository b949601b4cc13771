"""The report: what it shows of a change, how it hides, and where it is cut."""

from __future__ import annotations

import re
from typing import Any

from helpers import Json
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.review import printers
from constructs_lib.review.changes import Change, Hidden
from constructs_lib.review.findings import Report, review
from constructs_lib.rules.attributes import REGISTRY

ADDRESS = f"{REGISTRY}.acr"


def of_one(before: Json, after: Json, **more: Any) -> Report:
    """A report on one registry."""
    change = Change("one", ADDRESS, REGISTRY, before, after, **more)
    return review("x", [change], [])


SPAN = re.compile(r"`[^`|<>&@\n]+`")


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_value_can_not_leave_its_code(name: str, tag: str) -> None:
    """It ends no code, no line and no cell, opens no HTML, and mentions nobody."""
    report = of_one(
        {"name": name}, {"name": tag, "tags": {name or "x": tag}}, reasons={"name": tag}
    )
    text = printers.markdown(report)
    outside = SPAN.sub("", text)
    assert not set("`|<>&@") & set(outside)
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(outside.splitlines()) == len(text.splitlines())


def test_of_long_values_the_difference_is_shown() -> None:
    """And that there is more on either side."""
    before, after = ("x" * 1000 + end + "x" * 1000 for end in "ab")
    (line,) = [
        line
        for line in printers.markdown(of_one({"a": before}, {"a": after})).splitlines()
        if line.startswith("  - ")
    ]
    assert re.fullmatch(r"  - `a`: `…x+ax+…` → `…x+bx+…`", line)
    assert len(line) < 700


def test_what_is_not_set_is_shown_with_its_default() -> None:
    """Since that is what it counts as."""
    text = printers.markdown(of_one({"sku": "Premium"}, {"admin_enabled": True}))
    assert "`admin_enabled`: not set, as `false` → `true`" in text
    assert '`sku`: `"Premium"` → not set.' in text


def test_what_is_hidden_stays_hidden_in_either_print() -> None:
    """In the middle of a value, too."""
    report = of_one({"a": Hidden("(sensitive)", "x1")}, {"a": [Hidden("(sensitive)", "x2"), 1]})
    for text in (printers.markdown(report), printers.as_json(report)):
        assert "(sensitive)" in text
        assert not re.search("x[12]", text)


def test_a_long_report_is_cut_from_its_end_and_risks_last() -> None:
    """Over all stacks; it says how much is missing."""
    many = {f"tag{number}": "x" * 200 for number in range(300)}
    changes = [
        Change(f"stack{number}", ADDRESS, REGISTRY, {"sku": "Premium"}, {"tags": many})
        for number in range(3)
    ]
    text = printers.markdown(review("x", changes, []))
    assert 60_000 < len(text) < 65_000
    assert text.count("**The SKU must be Premium.**") == 3
    whole = printers.markdown(review("x", changes, []), 1_000_000)
    missing = len(whole.splitlines()) - len(text.splitlines()) + 2
    assert text.endswith(f"\n\n**{missing} lines of the report did not fit, and are left out.**")
    assert text[:50_000] == whole[:50_000]
    short = printers.markdown(review("x", changes, []), 1100)
    assert len(short) <= 1100
    assert short.count("**The SKU must be Premium.**") == 3
