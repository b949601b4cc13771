"""Where Terraform's state is kept: the settings file's key ``backend``.

Nothing here is a secret, and no secret is read: whoever may read the state is in Terraform's own
variables.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..arguments.base import Arguments, checked
from ..arguments.problems import Problem
from ..azure import naming
from ..azure.patterns import Pattern
from .sections import filled

STACK = "{stack}"
"""The text that stands for a stack's name."""

TEMPLATES: dict[str, tuple[str, str]] = {
    "local": ("path", "terraform.{stack}.tfstate"),
    "cloud": ("workspace", "{stack}"),
    "azurerm": ("key", "{stack}.tfstate"),
}
"""The key of each backend that keeps the stacks' states apart, and its default."""


@cache
def cleaned_folders() -> list[str]:
    """The folders that ``make clean`` removes; without a Makefile, there is no such command."""
    makefile = Path(__file__).parents[2] / "Makefile"
    text = makefile.read_text() if makefile.is_file() else ""
    return " ".join(re.findall(r"^CLEANED := (.+)$", text, re.MULTILINE)).split()


_template = Pattern(
    r"(?:\{stack\}|[^{}$%\s\\])+",
    "a name in which {stack} stands for the stack's name, without spaces, '\\', '$', '%' and other "
    "braces",
)
"""A name with ``{stack}`` in it for the stack's name, and no other braces."""

_relative = Pattern(
    r"(?![/~]|[A-Za-z]:)[\s\S]*",
    "a path relative to the project's folder, the same on every machine",
)

_plain = Pattern(
    r"[^/]*[^/.](?:/[^/]*[^/.])*",
    "a path whose parts between '/' are not empty and do not end with '.': leave others out",
)
"""A path that has one spelling, and does not lead out of the folder that it begins in."""

_ignored = Pattern(
    r"[\s\S]*\.tfstate",
    "a name that ends with .tfstate, which git ignores, because a state may hold secrets; a state "
    "that exists has to be renamed too",
)
"""A file that the project's ``.gitignore`` covers."""

_container = Pattern(
    r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*",
    "3 to 63 lower case letters, digits and single '-' between them",
)

_hostname = Pattern(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?", "a host name")

_organization = Pattern(r"[A-Za-z0-9_-]{3,40}", "3 to 40 letters, digits, '_' and '-'")

_project = Pattern(r"[A-Za-z0-9 _-]{3,40}", "3 to 40 letters, digits, spaces, '_' and '-'")

_storage_account = Pattern(r"[a-z0-9]{3,24}", "3 to 24 lower case letters and digits")

Template = Annotated[str, checked(_template)]


class Local(Arguments):
    """A file in the project's folder, on the one machine that deploys."""

    path: Annotated[Template, checked(_relative), checked(_plain), checked(_ignored)] = Field(
        default=TEMPLATES["local"][1], description="the state's file, from the project's folder on"
    )


class Cloud(Arguments):
    """HCP Terraform, which was Terraform Cloud, or Terraform Enterprise."""

    organization: Annotated[str, checked(_organization)] | None = Field(
        default=None, description="default: `TF_CLOUD_ORGANIZATION` when Terraform runs"
    )
    hostname: Annotated[str, checked(_hostname)] | None = Field(
        default=None, description="default: `TF_CLOUD_HOSTNAME`, else app.terraform.io"
    )
    project: Annotated[str, checked(_project)] | None = Field(
        default=None, description="default: `TF_CLOUD_PROJECT`"
    )
    workspace: Template = Field(
        default=TEMPLATES["cloud"][1], description="a workspace for each stack"
    )


class Azurerm(Arguments):
    """A blob in an Azure storage account."""

    resource_group_name: Annotated[str, checked(naming.resource_group_name)] = Field(
        description="the storage account's resource group"
    )
    storage_account_name: Annotated[str, checked(_storage_account)] = Field(
        description="the storage account"
    )
    container_name: Annotated[str, checked(_container)] = Field(description="the container in it")
    key: Annotated[Template, checked(_plain)] = Field(
        default=TEMPLATES["azurerm"][1], description="a blob for each stack"
    )
    subscription_id: Annotated[str, checked(naming.subscription_id)] | None = Field(
        default=None, description="the storage account's, default: `ARM_SUBSCRIPTION_ID`"
    )
    use_azuread_auth: bool = Field(
        default=True, description="Entra ID, instead of the storage account's access key"
    )


class Backend(Arguments):
    """One of the places where the states of all stacks are kept."""

    local: Local | None = None
    cloud: Cloud | None = None
    azurerm: Azurerm | None = None


def backend_by_name(backend: object) -> object:
    """``backend: cloud`` is a backend with every default, and so is ``cloud:`` with no value."""
    return {backend: {}} if isinstance(backend, str) else filled(backend)


def wrong_states(backend: Backend, stacks: Collection[str]) -> Iterator[Problem]:
    """The problems of the stacks' states: several backends, or wrong places."""
    given = [name for name in TEMPLATES if getattr(backend, name) is not None]
    if len(given) > 1:
        reason = f"one backend is expected, not {' and '.join(given)}"
        yield Problem(("backend",), given, reason)
    for name in given:
        key = TEMPLATES[name][0]
        template = getattr(getattr(backend, name), key)
        states = {stack: template.replace(STACK, stack) for stack in stacks}
        for reason in _wrong_places(name, template, states):
            yield Problem(("backend", name, key), template, reason)


def _wrong_places(backend: str, template: str, states: Mapping[str, str]) -> Iterator[str]:
    """Why the stacks' states can't be where the template puts them: ``states``, by stack."""
    if STACK not in template and len(states) > 1:
        yield f"all stacks would have one state; put {STACK} into it"
    if backend == "local":
        for folder in cleaned_folders():
            under = f"{folder}/"
            lost = ", ".join(s for s, path in states.items() if path.lower().startswith(under))
            if lost:
                yield f"'make clean' deletes {under}, with the state of {lost}; use another folder"
    if backend == "cloud":
        for workspace in states.values():
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,90}", workspace):
                expected = "1 to 90 letters, digits, - and _"
                yield f"{workspace!r} can't be the name of a workspace: {expected}"
