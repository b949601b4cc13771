"""The sections of a registry in the settings file, where they differ from the arguments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from ..arguments.additions import NewCacheRule, NewPullToken, WorkspaceId
from ..arguments.base import Arguments, rule
from ..arguments.guide import RegistryOptions, ResourceGroupName
from ..azure import ids, naming

_FLAG = TypeAdapter(bool)


def _switch(pull_token: object) -> object:
    """A token with its defaults for ``true``, none for ``false``."""
    if pull_token is None or isinstance(pull_token, dict | Arguments):
        return pull_token
    try:
        return {} if _FLAG.validate_python(pull_token) else None
    except ValidationError:
        raise ValueError("true, or a mapping of name and expiry, is expected") from None


class VirtualNetwork(Arguments):
    """The cluster's virtual network, which exists already."""

    name: Annotated[str, rule(naming.virtual_network_name)] = Field(
        description="the cluster's existing virtual network"
    )
    resource_group_name: ResourceGroupName | None = Field(
        default=None, description="its resource group (default: the registry's)"
    )


class SubnetById(Arguments):
    """A subnet that exists."""

    id: Annotated[str, rule(ids.of_kind(ids.SUBNET))] = Field(
        description="in the place of the other keys: a subnet that exists in the network"
    )


class _Pulls(Arguments):
    """What a registry has for those that pull, whether it is created or exists."""

    pull_token: Annotated[NewPullToken | None, BeforeValidator(_switch)] = Field(
        default=None,
        description="`true`, or its `name` (default: `aro-pull`) and its `expiry`: a token that "
        "can only pull, whose password is then in Terraform's state, and the output `pull_secret`",
    )
    cache_rules: list[NewCacheRule] = Field(
        default=[],
        description="a pull-through cache: for each rule its `source` (`quay.io/strimzi/*`), its "
        "`target` (`strimzi/*`) and, if wanted, `credential_set_id` and `name`; the output "
        "`image_mirrors` has the cluster use it",
    )


class RegistrySection(_Pulls, RegistryOptions):
    """The registry that is created, with what is on it."""

    lock: Literal["CanNotDelete", "ReadOnly"] | None = Field(
        default=None,
        description="a lock in Azure that stops people and other tools, not Terraform itself: "
        "`CanNotDelete`, or `ReadOnly`, which refuses every change and needs the admin user and "
        "the pull token off",
    )
    log_analytics_workspace_id: WorkspaceId | None = Field(
        default=None, description="where Azure sends the registry's audit logs"
    )


class RegistryById(_Pulls):
    """A registry that exists."""

    id: Annotated[str, rule(ids.of_kind(ids.REGISTRY))] = Field(
        description="in the place of the other keys, except `pull_token` and `cache_rules`: a "
        "registry that exists"
    )


class ZoneSection(Arguments):
    """The zone that is created, or that Azure Policy attaches."""

    managed_by_policy: bool = Field(
        default=False, description="Azure Policy attaches a zone: none is created, and no link"
    )


class ZoneById(Arguments):
    """A zone that exists."""

    id: Annotated[str, rule(ids.of_kind(ids.PRIVATE_DNS_ZONE))] = Field(
        description="a zone that exists; a link to it is created only if you ask for one"
    )
