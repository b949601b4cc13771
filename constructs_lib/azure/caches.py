"""Azure's rules for artifact cache, with which a registry is a pull-through cache of others.

Source: "Artifact cache in Azure Container Registry" and "Wildcard support for artifact cache",
Microsoft Learn.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Literal

from .patterns import Pattern, in_any_case

MOST_RULES = 1000
"""How many cache rules Azure takes in a registry."""

Login = Literal["needed", "possible", "refused"]

UPSTREAMS: dict[str, Login] = {
    "dhi.io": "needed",
    "docker.io": "needed",
    "*.pkg.dev": "needed",
    "registry.redhat.io": "needed",
    "gcr.io": "possible",
    "ghcr.io": "possible",
    "nvcr.io": "possible",
    "quay.io": "possible",
    "registry.k8s.io": "possible",
    "mcr.microsoft.com": "refused",
    "public.ecr.aws": "refused",
    "registry.access.redhat.com": "refused",
}
"""The registries that Azure caches from, and whether with a login, by a credential set.

Azure registries (``*.azurecr.io``) are not among them: they are read by a managed identity, for
which azurerm 4.55.0 has no argument.
"""

_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REPOSITORY = rf"{_PART}(?:/{_PART})*(?:/\*)?|\*"


def upstream(source: str) -> str:
    """The registry of a source."""
    return source.partition("/")[0]


def login(host: str) -> Login | None:
    """Whether Azure reads an upstream with a login; none, if it does not cache from it."""
    return UPSTREAMS.get(host) or UPSTREAMS.get(f"*.{host.partition('.')[2]}")


def _any_of(hosts: Iterable[str]) -> str:
    return "|".join(map(re.escape, hosts)).replace(r"\*", "[a-z0-9-]+")


_WITH_LOGIN = [host for host, login in UPSTREAMS.items() if login != "refused"]


login_server = Pattern(
    _any_of(_WITH_LOGIN),
    f"Azure logs in to {', '.join(_WITH_LOGIN)} only: write one of them, without a repository",
)
"""The upstream registry that a credential set is for."""


def _as_nodes_ask_for_it(source: str) -> str:
    host, _, repository = source.partition("/")
    is_official = host == "docker.io" and "/" not in repository and repository != "*"
    return f"{host}/library/{repository}" if is_official else source


_cached = Pattern(
    rf"[^/]*/(?:{_REPOSITORY})",
    "a repository, as quay.io/strimzi/operator, or all under a path, as quay.io/strimzi/*, in "
    "small letters and without a tag",
    then=_as_nodes_ask_for_it,
)

_of_an_upstream = Pattern(
    rf"(?:{_any_of(UPSTREAMS)})(?:/[\s\S]*)?",
    f"Azure caches only from {', '.join(UPSTREAMS)}: begin with one of them, or copy images of "
    "other registries with az acr import",
    then=_cached,
)

source = Pattern(
    rf"(?![^/]*\.{in_any_case('azurecr')}\.)[\s\S]*",
    "another Azure registry is read by a user-assigned identity, for which azurerm 4.55.0 has no "
    "argument: copy its images with az acr import",
    then=_of_an_upstream,
)
"""The source of a cache rule, as nodes ask for it: ``library/`` is Docker Hub's own part."""


target = Pattern(
    _REPOSITORY,
    "a repository, as strimzi/operator, or all under a path, as strimzi/*, in small letters and "
    "without the registry's host name",
)
"""The target of a cache rule: a repository of the registry, or all under a path."""

rule_name = Pattern(
    r"(?=.{5,49}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*",
    "5 to 49 letters and digits, with single '-' between them",
)
"""The name of a cache rule."""

credential_set_name = Pattern(r"[A-Za-z0-9-]{5,50}", "5 to 50 letters, digits and '-'")
"""The name of a credential set, which azurerm does not check.

Source: ``CredentialSet.tsp`` of Microsoft.ContainerRegistry in Azure/azure-rest-api-specs.
"""


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
