"""Tests of the rules for tags."""

import pytest
from simulated import ENDPOINT, LINK, REGISTRY, ZONE, put, read, refused

from standin.refusals import Refusal
from standin.store import Contents


@pytest.mark.parametrize(
    "tags",
    [{f"a{char}b": "1"} for char in "<>%&\\?/\n"] + [{"Team": "x", "team": "y"}, {"": "x"}],
)
@pytest.mark.parametrize("id_", [REGISTRY, ZONE, ENDPOINT])
def test_azure_refuses_some_tag_names(azure: Contents, id_: str, tags: dict[str, str]) -> None:
    """Azure refuses names with certain characters, and two names that differ only in case."""
    assert refused(azure, "update", id_, tags=tags) is Refusal.TAG_NAMES
    assert refused(azure, "update", id_, tags={"Cost Center": "<1>", "a:b": ""}) is None


def test_azure_refuses_some_tag_names_of_replicas(azure: Contents) -> None:
    """The rules for tags also apply to replicas, which are resources in Azure."""
    tagged = [{"location": "westus", "tags": {"a/b": "1"}}]
    assert refused(azure, "update", REGISTRY, georeplications=tagged) is Refusal.TAG_NAMES


@pytest.mark.parametrize("id_", [ZONE, LINK])
def test_private_dns_accepts_fewer_tags(azure: Contents, id_: str) -> None:
    """Private DNS accepts at most 15 tags, and drops tags with a space or colon in the name."""
    many = {f"t{number}": "v" for number in range(15)}
    assert refused(azure, "update", id_, tags=many) is None
    assert refused(azure, "update", id_, tags={**many, "t15": "v"}) is Refusal.TOO_MANY_DNS_TAGS
    assert refused(azure, "update", REGISTRY, tags={**many, "t15": "v"}) is None
    for each in (id_, REGISTRY):
        put(azure, each, tags={"a": "1", "Cost Center": "2", "a:b": "3"})
    assert read(azure, id_)["tags"] == {"a": "1"}
    assert read(azure, REGISTRY)["tags"] == {"a": "1", "Cost Center": "2", "a:b": "3"}
