"""The arguments of what is added to a registry on request: further links, lock, logs, pulls."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ..azure import caches, ids, naming
from .base import Arguments, rule
from .guide import NetworkPartName, ResolutionPolicy

VirtualNetworkId = Annotated[str, rule(ids.of_kind(ids.VIRTUAL_NETWORK))]
WorkspaceId = Annotated[str, rule(ids.of_kind(ids.WORKSPACE))]


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
    name: Annotated[str, rule(naming.lock_name)] = Field(
        default="acr-lock", description="the lock's name on the registry"
    )


class NewAuditLogs(Arguments):
    """The registry's audit logs, sent to a Log Analytics workspace."""

    log_analytics_workspace_id: WorkspaceId = Field(
        description="the workspace, which may be in another subscription"
    )
    name: Annotated[str, rule(naming.diagnostic_setting_name)] = Field(
        default="acr-audit", description="the diagnostic setting's name on the registry"
    )


class NewPullToken(Arguments):
    """A token of the registry that can only pull, from every repository, with one password."""

    name: Annotated[str, rule(naming.token_name)] = Field(
        default="aro-pull", description="the token's name in the registry: the user that pulls"
    )
    expiry: Annotated[str, rule(naming.expiry)] | None = Field(
        default=None,
        description="when the password ends, as 2027-06-30T00:00:00Z; never, by default; a change "
        "of it replaces the password",
    )


class NewCacheRule(Arguments):
    """A rule by which the registry caches the repositories of another registry.

    Source: "Artifact cache in Azure Container Registry", Microsoft Learn.
    """

    source: Annotated[str, rule(caches.source)] = Field(
        description="the repository of an upstream registry, or all under a path, as "
        "quay.io/strimzi/*"
    )
    target: Annotated[str, rule(caches.target)] = Field(
        description="where they are in this registry, as strimzi/*: a path without images"
    )
    credential_set_id: Annotated[str, rule(ids.of_kind(ids.CREDENTIAL_SET))] | None = Field(
        default=None,
        description="the registry's credential set for the upstream; Docker Hub needs one",
    )
    name: Annotated[str, rule(caches.rule_name)] | None = Field(
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
