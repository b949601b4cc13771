"""Azure's rules for artifact cache, with which a registry is a pull-through cache of others.

Source: "Artifact cache in Azure Container Registry" and "Wildcard support for artifact cache",
Microsoft Learn.
"""

from __future__ import annotations

import hashlib
import re

from .patterns import in_any_capitals, matching

MOST_RULES = 1000
"""How many cache rules Azure takes in a registry."""

WITH_CREDENTIALS = ["docker.io"]
WITHOUT_CREDENTIALS = ["mcr.microsoft.com", "public.ecr.aws"]
UPSTREAMS = [
    *WITH_CREDENTIALS,
    *WITHOUT_CREDENTIALS,
    "gcr.io",
    "ghcr.io",
    "nvcr.io",
    "quay.io",
    "registry.k8s.io",
]
"""The registries that Azure caches from; from the first only with a credential set, and from the
next two only without one."""

_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = rf"{_PART}(?:/{_PART})*(?:/\*)?|\*"


def upstream(source: str) -> str:
    """The registry of a source."""
    return source.partition("/")[0]


@matching(
    rf"(?!(?:[^/]*\.)?{in_any_capitals('redhat')}\.(?:[Ii][Oo]|[Cc][Oo][Mm])(?:/|$))[\s\S]*",
    "Azure cannot cache Red Hat's registries: copy these images with az acr import, or mirror them "
    f"with oc-mirror; it caches from {', '.join(UPSTREAMS)}",
)
@matching(
    rf"(?:{'|'.join(map(re.escape, UPSTREAMS))})(?:/[\s\S]*)?",
    f"Azure caches only from {', '.join(UPSTREAMS)}: begin with one of them, or copy images of "
    "other registries with az acr import",
)
@matching(
    rf"[^/]*/(?:{_REPOSITORY})",
    "a repository, as quay.io/strimzi/operator, or all under a path, as quay.io/strimzi/*, in "
    "small letters and without a tag",
)
def source(text: str) -> str:
    """The source of a cache rule, as nodes ask for it: ``library/`` is Docker Hub's own part."""
    host, _, repository = text.partition("/")
    is_official = host == "docker.io" and "/" not in repository and repository != "*"
    return f"{host}/library/{repository}" if is_official else text


@matching(
    _REPOSITORY,
    "a repository, as strimzi/operator, or all under a path, as strimzi/*, in small letters and "
    "without the registry's host name",
)
def target(text: str) -> str:
    """The target of a cache rule: a repository of the registry, or all under a path."""
    return text


@matching(
    r"(?=.{5,49}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*",
    "5 to 49 letters and digits, with single '-' between them",
)
def rule_name(name: str) -> str:
    """The name of a cache rule."""
    return name


def name_for(target: str) -> str:
    """A name for the rule of a target, which no other rule has a part in."""
    name = "-".join(["cache", *re.findall("[a-z0-9]+", target)])
    if len(name) <= 49:
        return name
    return f"{name[:40].rstrip('-')}-{hashlib.sha256(target.encode()).hexdigest()[:8]}"


def wildcards_over(target: str) -> list[str]:
    """Each target with a wildcard that a target lies in; with one itself, it is the last."""
    parts = target.split("/")[:-1]
    return ["/".join([*parts[:depth], "*"]) for depth in range(len(parts) + 1)]
