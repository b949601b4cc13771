"""The sections of a registry in the settings file, where they differ from the arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from ..arguments.additions import (
    CredentialSet,
    NewCacheRule,
    NewPullToken,
    PullToken,
    RoleAssignment,
    TokenName,
    WorkspaceId,
)
from ..arguments.base import Arguments, checked
from ..arguments.guide import MirrorSourcePolicy, RegistryOptions, ResourceGroupName
from ..azure import caches, ids, naming
from ..azure.patterns import Pattern

_assignment_name = Pattern(
    r"[A-Za-z0-9_.-]{1,64}", "a name of 1 to 64 letters, digits, '.', '_' and '-'"
)
"""The name of a role assignment in the file: Azure gives each a name of its own."""

AssignmentName = Annotated[str, checked(_assignment_name)]
CredentialSetName = Annotated[str, checked(caches.credential_set_name)]


def filled(sections: object) -> object:
    """A mapping of sections, in which one with nothing under it has every default."""
    if not isinstance(sections, dict):
        return sections
    return {name: {} if section is None else section for name, section in sections.items()}


class VirtualNetwork(Arguments):
    """The cluster's virtual network, which exists already."""

    name: Annotated[str, checked(naming.virtual_network_name)] = Field(
        description="the cluster's existing virtual network"
    )
    resource_group_name: ResourceGroupName | None = Field(
        default=None, description="its resource group (default: the registry's)"
    )


class SubnetById(Arguments):
    """A subnet that exists."""

    id: Annotated[str, checked(ids.of_kind(ids.SUBNET))] = Field(
        description="in the place of the other keys: a subnet that exists in the network"
    )


class CacheRule(NewCacheRule):
    """A cache rule, which may name a credential set of the same section."""

    credential_set: str | None = Field(
        default=None, description="the name of one of `credential_sets`, for the upstream's login"
    )

    login_key: ClassVar = "credential_set"
    login_remedy: ClassVar = (
        "name one of credential_sets, or give the id of one that exists as credential_set_id"
    )
    by_name: ClassVar = "give its name as credential_set"

    @property
    def login(self) -> tuple[str, str] | None:
        """The key and the value that give the rule a credential set; none, if none does."""
        return ("credential_set", self.credential_set) if self.credential_set else super().login


def _in_its_place(pull_token: object) -> str:
    """The line to write for a value of the key ``pull_token``."""
    if pull_token in (None, False, "false"):
        return "a registry has any number of tokens: take the key out"
    given = pull_token if isinstance(pull_token, dict) else {}
    name, expiry = given.get("name") or NewPullToken().name, given.get("expiry")
    token = f'{{expiry: "{expiry}"}}' if expiry else "{}"
    moved = "" if name == NewPullToken().name else "; read CHANGELOG.md before you deploy"
    return f"a registry has any number of tokens: write pull_tokens: {{{name}: {token}}}{moved}"


class Pulls(Arguments):
    """What a registry has for those that pull and push, whether it is created or exists."""

    renamed: ClassVar[Mapping[str, Callable[[object], str]]] = {"pull_token": _in_its_place}

    pull_tokens: Annotated[dict[TokenName, PullToken], BeforeValidator(filled)] = Field(
        default={},
        description="tokens that can only pull: each token's name (`aro-pull`), with its "
        "`repositories` (every one, by default) and its `expiry`, or with nothing (`{}`); the "
        "passwords are in Terraform's state, and the output `pull_secrets` has a docker config for "
        "each",
    )
    role_assignments: dict[AssignmentName, RoleAssignment] = Field(
        default={},
        description="roles on the registry: a name of yours, with the `principal_id`, and the "
        "`role` `AcrPull`, `AcrPush` or `Container Registry Data Importer and Data Reader`",
    )
    credential_sets: dict[CredentialSetName, CredentialSet] = Field(
        default={},
        description="logins of cache rules: a credential set's name, with its `login_server` "
        "(`registry.redhat.io`), `username_secret_id`, `password_secret_id` and, if wanted, "
        "`key_vault_id`; without that, the output `credential_set_identities` says who needs the "
        "role `Key Vault Secrets User`",
    )
    cache_rules: list[CacheRule] = Field(
        default=[],
        description="a pull-through cache: for each rule its `source` (`quay.io/strimzi/*`), its "
        "`target` (`strimzi/*`) and, if wanted, `credential_set` (or the `credential_set_id` of "
        "one that exists) and `name`; the output `image_mirrors` has the cluster use it",
    )
    image_mirror_source_policy: MirrorSourcePolicy = None


class RegistrySection(Pulls, RegistryOptions):
    """The registry that is created, with what is on it."""

    lock: Literal["CanNotDelete", "ReadOnly"] | None = Field(
        default=None,
        description="a lock in Azure that stops people and other tools, not Terraform itself: "
        "`CanNotDelete`, or `ReadOnly`, which refuses every change and needs the admin user and "
        "pull tokens off",
    )
    log_analytics_workspace_id: WorkspaceId | None = Field(
        default=None, description="where Azure sends the registry's audit logs"
    )


class RegistryById(Pulls):
    """A registry that exists."""

    id: Annotated[str, checked(ids.of_kind(ids.REGISTRY))] = Field(
        description="in the place of the keys that describe a new registry: one that exists"
    )


class ZoneSection(Arguments):
    """The zone that is created, or that Azure Policy attaches."""

    managed_by_policy: bool = Field(
        default=False, description="Azure Policy attaches a zone: none is created, and no link"
    )


class ZoneById(Arguments):
    """A zone that exists."""

    id: Annotated[str, checked(ids.of_kind(ids.PRIVATE_DNS_ZONE))] = Field(
        description="a zone that exists; a link to it is created only if you ask for one"
    )
