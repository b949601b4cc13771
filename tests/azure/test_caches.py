"""Azure's rules for the sources, targets and names of cache rules."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.azure import caches

PATHS = st.lists(st.sampled_from(["a", "b1", "c-d", "e.f", "g__h", "i" * 60]), min_size=1).map(
    "/".join
)
RED_HATS = ["registry.redhat.io/*", "registry.access.redhat.com/ubi9", "us-docker.pkg.dev/a/*"]
TARGETS = st.one_of(PATHS, PATHS.map(lambda path: f"{path}/*"), st.just("*"))


@pytest.mark.parametrize(
    "source", ["quay.io/a", "quay.io/a/b/*", "mcr.microsoft.com/*", "gcr.io/a.b/c", *RED_HATS]
)
def test_a_source_is_a_repository_or_all_under_a_path(source: str) -> None:
    """A valid source stays as it is."""
    assert caches.source(source) == source


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        ("docker.io/nginx", "docker.io/library/nginx"),
        ("docker.io/bitnami/nginx", "docker.io/bitnami/nginx"),
        ("docker.io/library/*", "docker.io/library/*"),
        ("docker.io/*", "docker.io/*"),
        ("quay.io/nginx", "quay.io/nginx"),
    ],
)
def test_an_official_image_of_docker_hub_is_in_library(source: str, stored: str) -> None:
    """Azure adds ``library/`` itself, and nodes ask for it: both know one source."""
    assert caches.source(source) == stored


@pytest.mark.parametrize(
    ("check", "text"),
    [
        *((caches.source, f"quay.io/{path}") for path in ("", "A", "a:1", "a/", "*/a", "a*")),
        *((caches.source, host) for host in ("quay.io", "https://quay.io/a", "Quay.io/a")),
        (caches.source, "notquay.io/a"),
        (caches.source, "notaregistry.redhat.io/ubi9"),
        (caches.source, "pkg.dev/a"),
        (caches.source, "other.azurecr.io/a"),
        *((caches.login_server, host) for host in ("mcr.microsoft.com", "quay.io/a", "azurecr.io")),
        *((caches.target, path) for path in ("", "A", "a:1", "/a", "a/", "**", "a/*/b", "a*")),
        *((caches.rule_name, name) for name in ("abcd", "a" * 50, "-abcde", "a_bcde", "abcde-")),
        *((caches.credential_set_name, name) for name in ("", "quay", "a" * 51, "red_hat")),
    ],
)
def test_what_azure_refuses_is_refused(check: Callable[[str], str], text: str) -> None:
    """A wrong form raises an error with the right one."""
    with pytest.raises(
        ValueError, match=r"as quay.io|caches|as strimzi|5 to 49|5 to 50|logs in|Azure registry"
    ):
        check(text)


@given(TARGETS)
def test_a_name_that_is_made_of_a_target_is_valid_and_stable(target: str) -> None:
    """Azure and azurerm take the name, however long the target is."""
    name = caches.name_for(target)
    assert caches.rule_name(name) == name == caches.name_for(target)


def test_names_of_long_targets_differ() -> None:
    """Two long targets with one beginning get two names."""
    names = {caches.name_for(f"{'a' * 60}/{end}") for end in "bc"}
    assert len(names) == 2


@given(PATHS, TARGETS)
def test_a_path_lies_in_the_wildcards_over_it(path: str, target: str) -> None:
    """A wildcard is over a path exactly if Azure would match the path with it."""
    matched = target.endswith("*") and re.match(re.escape(target[:-1]), path) is not None
    assert (target in caches.wildcards_over(path)) == matched
