"""The printed report: the values that it shows, the values that it hides, and its length."""

from __future__ import annotations

import re
from typing import Any

from helpers import Json
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.review import printers
from constructs_lib.review.changes import Change
from constructs_lib.review.findings import Report, review
from constructs_lib.review.secrets import Hidden

ADDRESS = f"{REGISTRY}.acr"


def of_one(before: Json, after: Json, **more: Any) -> Report:
    """A report on the change of one registry."""
    change = Change("one", ADDRESS, REGISTRY, before, after, **more)
    return review("x", [change], [])


SPAN = re.compile(r"`[^`|<>&@\n]+`")


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_value_stays_in_its_code_span(name: str, tag: str) -> None:
    """A value can not end its code span or its line, open HTML, or mention a user."""
    report = of_one(
        {"name": name}, {"name": tag, "tags": {name or "x": tag}}, reasons={"name": tag}
    )
    text, _ = printers.markdown(report)
    outside = SPAN.sub("", text)
    assert not set("`|<>&@") & set(outside)
    assert all(line.isprintable() for line in text.split("\n"))
    assert len(outside.splitlines()) == len(text.splitlines())


def test_long_values_are_cut_around_their_difference() -> None:
    """A long value is shown from its first difference on, and ellipses stand for the cut text."""
    before, after = ("x" * 1000 + end + "x" * 1000 for end in "ab")
    (line,) = [
        line
        for line in printers.markdown(of_one({"tags": before}, {"tags": after}))[0].splitlines()
        if line.startswith("  - ")
    ]
    assert re.fullmatch(r"  - `tags`: `…x+ax+…` → `…x+bx+…`", line)
    assert len(line) < 700


def test_an_unset_attribute_is_shown_with_its_default() -> None:
    """The report shows azurerm's default for an attribute that is not set."""
    text, _ = printers.markdown(of_one({"sku": "Premium"}, {"admin_enabled": True}))
    assert "`admin_enabled`: not set, as `false` → `true`" in text
    assert '`sku`: `"Premium"` → not set.' in text


def test_hidden_values_stay_hidden_in_both_formats() -> None:
    """A hidden value is not printed, even if it is an item of a list."""
    report = of_one({"a": Hidden("(sensitive)", "x1")}, {"a": [Hidden("(sensitive)", "x2"), 1]})
    for text in (printers.markdown(report)[0], printers.as_json(report)):
        assert "(sensitive)" in text
        assert not re.search("x[12]", text)


def test_a_long_report_is_cut_and_keeps_its_risks() -> None:
    """The risks of all stacks are cut last, and the report ends with the number of cut lines."""
    many = {f"tag{number}": "x" * 200 for number in range(300)}
    changes = [
        Change(f"stack{number}", ADDRESS, REGISTRY, {"sku": "Premium"}, {"tags": many})
        for number in range(3)
    ]
    text, left_out = printers.markdown(review("x", changes, []))
    assert 60_000 < len(text) < 65_000
    assert text.count("**The SKU must be Premium.**") == 3
    whole, nothing = printers.markdown(review("x", changes, []), 1_000_000)
    missing = len(whole.splitlines()) - len(text.splitlines()) + 2
    assert (left_out, nothing) == (missing, 0)
    assert text.endswith(f"\n\n**{missing} lines of the report did not fit, and are left out.**")
    assert text[:50_000] == whole[:50_000]
    short, _ = printers.markdown(review("x", changes, []), 1100)
    assert len(short) <= 1100
    assert short.count("**The SKU must be Premium.**") == 3


def test_no_reason_and_no_line_pushes_a_risk_out() -> None:
    """Long reasons are cut, and lines of the file are left out before risks and accepted risks."""
    changes = [
        Change("one", f"{ADDRESS}{number}", REGISTRY, {"sku": "Premium"}, {}, reasons=reasons)
        for number, reasons in enumerate([{}, {"sku": "x" * 70_000}])
    ]
    report = review("x", changes, [])
    text, left_out = printers.markdown(report)
    assert (text.count("**The SKU must be Premium.**"), left_out) == (2, 0)
    report.exceptions_added = ["x" * 1000] * 1000
    text, left_out = printers.markdown(report)
    assert text.count("**The SKU must be Premium.**") == 2
    assert left_out > 0
