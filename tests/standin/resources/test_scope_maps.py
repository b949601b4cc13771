"""Tests of scope maps: which actions Azure knows."""

import pytest
from simulated import REGISTRY, refused

from standin.refusals import Refusal
from standin.store import Contents


@pytest.mark.parametrize(
    ("action", "is_known"),
    [
        ("repositories/team/app/content/read", True),
        ("repositories/team/app/metadata/write", True),
        ("repositories/*/content/read", True),
        ("repositories/team/*/content/read", True),
        ("gateway/edge/config/read", True),
        ("repositories/**/content/read", False),
        ("repositories/*/app/content/read", False),
        ("repositories/te*/content/read", False),
        ("repositories/Team/content/read", False),
        ("repositories/team/app/content/pull", False),
        ("repositories//content/read", False),
        ("repositories/team/*/*/content/read", False),
        ("repositories/team/app/content/read/all", False),
        ("my/repositories/team/app/content/read", False),
        ("content/read", False),
    ],
)
def test_an_action_is_one_that_azure_knows(azure: Contents, action: str, is_known: bool) -> None:
    """A wildcard is the whole name of a repository, or ends it."""
    actions = ["repositories/a/content/read", action]
    why = refused(azure, "create", f"{REGISTRY}/scopeMaps/team", actions=actions)
    assert why is (None if is_known else Refusal.ACTION_IS_UNKNOWN)
