"""The sentence on changed dependencies in a review."""

from __future__ import annotations

import json

from constructs_lib.review.dependencies import note


def lock(**versions: str) -> str:
    """The text of a Pipfile.lock with these packages."""
    return json.dumps(
        {"default": {name: {"version": version} for name, version in versions.items()}}
    )


def compared(name: str, before: str, after: str) -> str:
    """The sentence on one file that differs."""
    return note(lambda file: {name: before}.get(file, ""), lambda file: {name: after}.get(file, ""))


def test_changed_packages_are_named_with_their_versions() -> None:
    """New, missing and changed packages are listed, and no name can break out of the text."""
    before, after = (
        lock(cdktf="==0.20.0", old="==1", same="==3"),
        lock(cdktf="==0.21.0", same="==3", **{"`x": "==2"}),
    )
    sentence = compared("Pipfile.lock", before, after)
    assert sentence.startswith(
        "The change edits `Pipfile.lock`: `\\u0060x` `none` → `==2`, "
        "`cdktf` `==0.20.0` → `==0.21.0`, `old` `==1` → `none`. Both sides"
    )


def test_a_long_list_is_cut() -> None:
    """The first ten packages are named, and the others counted."""
    many = lock(**{f"p{number:02}": "==1" for number in range(30)})
    assert "`p09` `none` → `==1`, 20 more." in compared("Pipfile.lock", "", many)


def test_another_lock_is_named() -> None:
    """The provider's hashes are a dependency, too, and a broken lock ends without a traceback."""
    assert compared(".terraform.lock.hcl", "a", "b").startswith("The change edits `.terraform")
    assert compared("Pipfile.lock", "[", "{}").startswith("The change edits `Pipfile.lock`. Both")


def test_without_a_change_there_is_no_sentence() -> None:
    """Nothing is said about locks that stay the same."""
    assert compared("Pipfile.lock", "same", "same") == ""
