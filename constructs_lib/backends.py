"""Where Terraform's state is kept: the settings file's key ``backend``.

Nothing here is a secret, and no secret is read: who may read the state is settled where Terraform
runs, by its own variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from . import azure
from .plain import Key, Plain
from .sections import Section

TEMPLATES: dict[str, tuple[str, str]] = {
    "local": ("path", "terraform.{stack}.tfstate"),
    "cloud": ("workspace", "{stack}"),
    "azurerm": ("key", "{stack}.tfstate"),
}
"""The key of each backend that tells the stacks' states apart, and what it is if not said."""


def _template(text: str) -> str:
    """A name with ``{stack}`` in it for the stack's name, and no other braces."""
    if not text or re.search(r"[{}$%\s]", text.replace("{stack}", "")):
        raise ValueError("a name in which {stack} stands for the stack's name, without spaces")
    return text


def _relative(text: str) -> str:
    if text.startswith(("/", "~")) or re.match(r"[A-Za-z]:|\\", text):
        raise ValueError("a path relative to the project's folder, the same on every machine")
    return text


def _matching(pattern: str, expected: str) -> AfterValidator:
    def rule(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return AfterValidator(rule)


Container = Annotated[
    str,
    _matching(
        r"(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*",
        "3 to 63 lower case letters, digits and single '-' between them",
    ),
]
Hostname = Annotated[
    str, _matching(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?", "a host name")
]
Organization = Annotated[
    str, _matching(r"[A-Za-z0-9_-]{3,40}", "3 to 40 letters, digits, '_' and '-'")
]
Project = Annotated[
    str, _matching(r"[A-Za-z0-9 _-]{3,40}", "3 to 40 letters, digits, spaces, '_' and '-'")
]
StorageAccount = Annotated[
    str, _matching(r"[a-z0-9]{3,24}", "3 to 24 lower case letters and digits")
]
Template = Annotated[str, AfterValidator(_template)]


class Local(Section):
    """A file in the project's folder, on the one machine that deploys."""

    path: Annotated[Template, AfterValidator(_relative)] = Field(
        default=TEMPLATES["local"][1], description="the state's file, from the project's folder on"
    )


class Cloud(Section):
    """HCP Terraform, which was Terraform Cloud, or Terraform Enterprise."""

    organization: Organization | None = Field(
        default=None, description="default: `TF_CLOUD_ORGANIZATION` when Terraform runs"
    )
    hostname: Hostname | None = Field(
        default=None, description="default: `TF_CLOUD_HOSTNAME`, else app.terraform.io"
    )
    project: Project | None = Field(default=None, description="default: `TF_CLOUD_PROJECT`")
    workspace: Template = Field(
        default=TEMPLATES["cloud"][1], description="a workspace for each stack"
    )


class Azurerm(Section):
    """A blob in an Azure storage account."""

    resource_group_name: Annotated[str, AfterValidator(azure.resource_group_name)] = Field(
        description="the storage account's resource group"
    )
    storage_account_name: StorageAccount = Field(description="the storage account")
    container_name: Container = Field(description="the container in it")
    key: Template = Field(default=TEMPLATES["azurerm"][1], description="a blob for each stack")
    subscription_id: Annotated[str, AfterValidator(azure.subscription_id)] | None = Field(
        default=None, description="the storage account's, default: `ARM_SUBSCRIPTION_ID`"
    )
    use_azuread_auth: bool = Field(
        default=True, description="Entra ID, instead of the storage account's access key"
    )


class Backend(Section):
    """One of the places where the states of all stacks are kept."""

    local: Local | None = None
    cloud: Cloud | None = None
    azurerm: Azurerm | None = None


def backend_by_name(backend: object) -> object:
    """``backend: cloud`` is short for a backend of which nothing else is said."""
    return {backend: {}} if isinstance(backend, str) else backend


def wrong_backends(settings: object) -> Iterator[tuple[Key, str]]:
    """What can't be, as far as it shows in plain data: a key, and why it can't be as it is."""
    said = Plain(backend_by_name(Plain(settings).get("backend")))
    named = [name for name in TEMPLATES if said.get(name) is not None]
    if len(named) > 1:
        yield ("backend",), f"one backend is expected, not {' and '.join(named)}"
    stacks = list(Plain(settings).mapping("registries"))
    for name in named:
        key, default = TEMPLATES[name]
        template = said.text(name, key, default=default)
        if "{stack}" not in template and len(stacks) > 1:
            yield ("backend", name, key), "all stacks would have one state; put {stack} into it"
        if name == "cloud":
            for workspace in (template.replace("{stack}", stack) for stack in stacks):
                if not re.fullmatch(r"[A-Za-z0-9_-]{1,90}", workspace):
                    reason = (
                        f"{workspace!r} is no workspace's name: 1 to 90 letters, digits, - and _"
                    )
                    yield ("backend", name, key), reason
