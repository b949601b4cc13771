"""The arguments of what is added to a registry on request: further links, lock, logs, pulls."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ..azure import caches, ids, naming
from .base import Arguments, checked
from .guide import NetworkPartName, ResolutionPolicy

VirtualNetworkId = Annotated[str, checked(ids.of_kind(ids.VIRTUAL_NETWORK))]
WorkspaceId = Annotated[str, checked(ids.of_kind(ids.WORKSPACE))]


class LinkedNetwork(Arguments):
    """One more network that the private DNS zone is linked to: a hub's, or a build agent's."""

    virtual_network_id: VirtualNetworkId = Field(
        description="the network, which may be in another subscription"
    )
    resolution_policy: ResolutionPolicy = None


class FurtherVirtualNetworkLink(LinkedNetwork):
    """The link of the private DNS zone to one more network."""

    name: NetworkPartName = Field(description="the link's name in the zone")


class NewLock(Arguments):
    """A lock on the registry in Azure, against people and other tools; not against Terraform."""

    lock_level: Literal["CanNotDelete", "ReadOnly"] = Field(
        description="`CanNotDelete`: Azure refuses to delete the registry, its replicas and its "
        "endpoints; `ReadOnly`: Azure refuses every change as well"
    )
    name: Annotated[str, checked(naming.lock_name)] = Field(
        default="acr-lock", description="the lock's name on the registry"
    )


class NewAuditLogs(Arguments):
    """The registry's audit logs, sent to a Log Analytics workspace."""

    log_analytics_workspace_id: WorkspaceId = Field(
        description="the workspace, which may be in another subscription"
    )
    name: Annotated[str, checked(naming.diagnostic_setting_name)] = Field(
        default="acr-audit", description="the diagnostic setting's name on the registry"
    )


TokenRepository = Annotated[str, checked(naming.token_repository)]
TokenName = Annotated[str, checked(naming.token_name)]


class PullToken(Arguments):
    """A token of the registry that can only pull, with one password."""

    repositories: Annotated[list[TokenRepository], Field(min_length=1)] | None = Field(
        default=None,
        description="the repositories that it pulls from, such as `base/ubi`, or `team/*` for all "
        "under a path; every repository, by default",
    )
    expiry: Annotated[str, checked(naming.expiry)] | None = Field(
        default=None,
        description="when the password ends, such as 2027-06-30T00:00:00Z; never, by default; let "
        "another token take over before, since a change of it replaces the password",
    )


class NewPullToken(PullToken):
    """A token of the registry that can only pull, with its name."""

    name: TokenName = Field(
        default="aro-pull", description="the token's name in the registry: the user that pulls"
    )


IMPORTER: Final = "Container Registry Data Importer and Data Reader"
Role = Literal["AcrPull", "AcrPush", "Container Registry Data Importer and Data Reader"]


class RoleAssignment(Arguments):
    """A role on the registry, for somebody with an identity in Microsoft Entra ID."""

    principal_id: Annotated[str, checked(naming.principal_id)] = Field(
        description="the object id of the user, group, service principal or managed identity"
    )
    role: Role = Field(
        description="`AcrPull`, `AcrPush`, or `Container Registry Data Importer and Data Reader`, "
        "which `az acr import` needs"
    )


class CredentialSet(Arguments):
    """The login to an upstream registry, in two secrets of a key vault, for cache rules.

    Source: "Artifact cache in Azure Container Registry", Microsoft Learn.
    """

    login_server: Annotated[str, checked(caches.login_server)] = Field(
        description="the upstream registry, such as registry.redhat.io"
    )
    username_secret_id: Annotated[str, checked(naming.secret_url)] = Field(
        description="the URL of the secret with the user's name, without a version"
    )
    password_secret_id: Annotated[str, checked(naming.secret_url)] = Field(
        description="the URL of the secret with the password, without a version"
    )
    key_vault_id: Annotated[str, checked(ids.of_kind(ids.KEY_VAULT))] | None = Field(
        default=None,
        description="the vault, on which the set's identity then gets the role `Key Vault Secrets "
        "User`; without it, the vault's owner has to give it",
    )


class NewCredentialSet(CredentialSet):
    """The login to an upstream registry, with its name."""

    name: Annotated[str, checked(caches.credential_set_name)] = Field(
        description="the credential set's name in the registry"
    )


class NewCacheRule(Arguments):
    """A rule by which the registry caches the repositories of another registry.

    Source: "Artifact cache in Azure Container Registry", Microsoft Learn.
    """

    source: Annotated[str, checked(caches.source)] = Field(
        description="the repository of an upstream registry, or all under a path, such as "
        "quay.io/strimzi/*"
    )
    target: Annotated[str, checked(caches.target)] = Field(
        description="where they are in this registry, such as strimzi/*: a path without images; "
        "no second rule may have it"
    )
    credential_set_id: Annotated[str, checked(ids.of_kind(ids.CREDENTIAL_SET))] | None = Field(
        default=None,
        description="the id of the registry's credential set for the upstream; Docker Hub and "
        "registry.redhat.io need one",
    )
    name: Annotated[str, checked(caches.rule_name)] | None = Field(
        default=None, description="the rule's name in the registry (default: made of the target)"
    )

    def as_in_azurerm(self) -> dict[str, Any]:
        """The arguments, by the names that azurerm has for them."""
        return {
            "name": self.name or caches.name_for(self.target),
            "source_repo": self.source,
            "target_repo": self.target,
            "credential_set_id": self.credential_set_id,
        }

    login_key: ClassVar = "credential_set_id"
    login_remedy: ClassVar = "give the id of a credential set, which add_credential_set creates"
    by_name: ClassVar = "give the id of what add_credential_set returns"

    @property
    def login(self) -> tuple[str, str] | None:
        """The key and the value that give the rule a credential set; none, if none does."""
        return ("credential_set_id", self.credential_set_id) if self.credential_set_id else None
