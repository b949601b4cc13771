"""What may be said of a registry: sections are resources, keys are azurerm's arguments.

One field here is one key of the settings file and one row of the table of settings. What several
keys may not say together is not here: see ``combinations`` and ``clashes``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.fields import FieldInfo

from . import azure
from .backends import Backend, backend_by_name
from .sections import Section

Part = Literal[
    "endpoint_subnet",
    "container_registry",
    "private_dns_zone",
    "private_dns_zone_virtual_network_link",
    "private_endpoint",
]
"""The resources of the guide, by the names of their sections and of the construct's attributes."""

PARTS: tuple[Part, ...] = get_args(Part)


def _stack_name(name: str) -> str:
    """A stack's name: it names a folder and a state file on any system."""
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?", name):
        raise ValueError(
            "a stack's name, which names a folder too: 1 to 64 letters, digits, '.', '_' and '-', "
            "beginning with a letter or digit and not ending with '.'"
        )
    return name


def _parts(adopt: object) -> object:
    """All of the guide's parts for ``true``, none for ``false``."""
    return {True: list(PARTS), False: []}[adopt] if isinstance(adopt, bool) else adopt


AddressPrefix = Annotated[str, AfterValidator(azure.address_prefix)]
ClientId = Annotated[str, AfterValidator(azure.client_id)]
IpAddress = Annotated[str, AfterValidator(azure.ip_address)]
Location = Annotated[str, AfterValidator(azure.location)]
KeyUrl = Annotated[str, AfterValidator(azure.key_url)]
Message = Annotated[str, AfterValidator(azure.request_message)]
NetworkPartName = Annotated[str, AfterValidator(azure.network_part_name)]
PrivateEndpointName = Annotated[str, AfterValidator(azure.private_endpoint_name)]
RegistryName = Annotated[str, AfterValidator(azure.registry_name)]
ResolutionPolicy = Literal["Default", "NxDomainRedirect"]
ResourceGroupName = Annotated[str, AfterValidator(azure.resource_group_name)]
StackName = Annotated[str, AfterValidator(_stack_name)]
SubnetName = Annotated[str, AfterValidator(azure.subnet_name)]
SubscriptionId = Annotated[str, AfterValidator(azure.subscription_id)]
Tags = dict[
    Annotated[str, AfterValidator(azure.tag_name)], Annotated[str, AfterValidator(azure.tag_value)]
]
VirtualNetworkName = Annotated[str, AfterValidator(azure.virtual_network_name)]

IdentityId = Annotated[str, AfterValidator(azure.id_of(azure.IDENTITY))]
RegistryId = Annotated[str, AfterValidator(azure.id_of(azure.REGISTRY))]
SubnetId = Annotated[str, AfterValidator(azure.id_of(azure.SUBNET))]
VirtualNetworkId = Annotated[str, AfterValidator(azure.id_of(azure.VIRTUAL_NETWORK))]
WorkspaceId = Annotated[str, AfterValidator(azure.id_of(azure.WORKSPACE))]
ZoneId = Annotated[str, AfterValidator(azure.id_of(azure.PRIVATE_DNS_ZONE))]


class VirtualNetwork(Section):
    """The cluster's virtual network, which exists already."""

    name: VirtualNetworkName = Field(description="the cluster's existing virtual network")
    resource_group_name: ResourceGroupName | None = Field(
        default=None, description="its resource group (default: the registry's)"
    )


class EndpointSubnet(Section):
    """The subnet for private endpoints, made in the virtual network unless one is given."""

    name: SubnetName = Field(
        default="PrivateEndpoint-subnet", description="the subnet made for private endpoints"
    )
    address_prefix: AddressPrefix | None = Field(
        default=None,
        description="its IPv4 prefix, inside the network's address space, /29 or larger",
        json_schema_extra={"unless": "endpoint_subnet.id"},
    )
    id: SubnetId | None = Field(
        default=None, description="in the place of the two above: a subnet that exists"
    )


class Encryption(Section):
    """A key of one's own."""

    key_vault_key_id: KeyUrl
    identity_client_id: ClientId


class Identity(Section):
    """The registry's managed identity."""

    type: Literal["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"]
    identity_ids: list[IdentityId] = Field(default=[])


class Georeplication(Section):
    """A region that the registry is replicated to."""

    location: Location
    regional_endpoint_enabled: bool = True
    zone_redundancy_enabled: bool | None = None
    tags: Tags | None = None


class ContainerRegistry(Section):
    """The container registry, made unless one is given."""

    name: RegistryName | None = Field(
        default=None,
        description="the registry, unique in all of Azure",
        json_schema_extra={"unless": "container_registry.id"},
    )
    id: RegistryId | None = Field(
        default=None, description="in the place of all other keys of the section: one that exists"
    )
    admin_enabled: bool = Field(
        default=False, description="the admin user, whose password is then in Terraform's state"
    )
    data_endpoint_enabled: bool | None = Field(
        default=None,
        description="`true` states what Azure does anyway once a registry has a private endpoint, "
        "and lists the host names of the data endpoints",
    )
    encryption: Encryption | None = Field(
        default=None,
        description="a key of your own: its URL as `key_vault_key_id`, and the "
        "`identity_client_id` of the user-assigned identity that reads it",
    )
    export_policy_enabled: bool | None = Field(
        default=None, description="`false`: images can't be exported from the registry"
    )
    georeplications: list[Georeplication] = Field(
        default=[],
        description="regions, each with `location` and, if wanted, `zone_redundancy_enabled`, "
        "`regional_endpoint_enabled` (`true` unless you say `false`: the region takes pulls) and "
        "`tags`",
    )
    identity: Identity | None = Field(
        default=None,
        description="a managed identity: `type` (`SystemAssigned`, `UserAssigned` or both, with a "
        "comma) and `identity_ids`",
    )
    network_rule_bypass_option: Literal["AzureServices", "None"] | None = Field(
        default=None, description="`None`: Azure's trusted services may not pass either"
    )
    zone_redundancy_enabled: bool | None = Field(
        default=None,
        description="on in Azure anyway, in regions with zones; a change of it replaces the "
        "registry",
    )
    tags: Tags = Field(default={}, description="on the registry, over those of all")
    lock: Literal["CanNotDelete", "ReadOnly"] | None = Field(
        default=None,
        description="a lock in Azure that stops people and other tools, not Terraform itself: "
        "`CanNotDelete`, or `ReadOnly`, which refuses every change and needs the admin user off",
    )
    log_analytics_workspace_id: WorkspaceId | None = Field(
        default=None, description="where the registry's audit logs are sent"
    )


class PrivateDnsZone(Section):
    """The zone that the registry's names resolve in, made unless one is given."""

    id: ZoneId | None = Field(
        default=None, description="a zone that exists; no link is made unless one is asked for"
    )
    managed_by_policy: bool = Field(
        default=False, description="Azure Policy attaches a zone: none is made, and no link"
    )


class PrivateDnsZoneVirtualNetworkLink(Section):
    """The link of the private DNS zone to the virtual network."""

    name: NetworkPartName = Field(
        default="AcrDNSLink", description="the link from the private DNS zone to the network"
    )
    resolution_policy: ResolutionPolicy | None = Field(
        default=None,
        description="`NxDomainRedirect`: other registries' names fall back to public DNS",
    )


class VirtualNetworkLink(Section):
    """The link of the private DNS zone to one more network."""

    virtual_network_id: VirtualNetworkId = Field(description="a network that shall resolve too")
    resolution_policy: ResolutionPolicy | None = None


class PrivateEndpoint(Section):
    """The registry's private endpoint in the subnet."""

    name: PrivateEndpointName = Field(default="acrPvtEndpoint", description="the private endpoint")
    private_service_connection_name: NetworkPartName = Field(
        default="acrConnection", description="its connection to the registry"
    )
    private_dns_zone_group_name: NetworkPartName = Field(
        default="ACR-ZoneGroup", description="its group of private DNS zones"
    )
    private_ip_addresses: dict[str, IpAddress] = Field(
        default={}, description="a static address for `registry` and for each region's name"
    )
    request_message: Message | None = Field(
        default=None, description="for a registry given by its id: its owner is asked to approve"
    )


class Registry(Section):
    """One private registry: one stack."""

    resource_group_name: ResourceGroupName = Field(
        description="the existing resource group that everything is made in"
    )
    location: Location | None = Field(
        default=None,
        description="the registry's Azure region; the endpoint is in the network's",
        json_schema_extra={"unless": "container_registry.id"},
    )
    subscription_id: SubscriptionId | None = Field(
        default=None, description="default: `ARM_SUBSCRIPTION_ID` when Terraform runs"
    )
    environment: Literal["public", "usgovernment"] = Field(
        default="public", description="Azure's cloud: `public` or `usgovernment`"
    )
    virtual_network: VirtualNetwork
    endpoint_subnet: EndpointSubnet
    container_registry: ContainerRegistry
    private_dns_zone: PrivateDnsZone = PrivateDnsZone()
    private_dns_zone_virtual_network_link: PrivateDnsZoneVirtualNetworkLink = (
        PrivateDnsZoneVirtualNetworkLink()
    )
    virtual_network_links: dict[NetworkPartName, VirtualNetworkLink] = Field(
        default={},
        description="further networks: a link's name, with its `virtual_network_id` and, if "
        "wanted, its `resolution_policy`",
    )
    private_endpoint: PrivateEndpoint = PrivateEndpoint()
    adopt: Annotated[list[Part], BeforeValidator(_parts)] = Field(
        default=[],
        description="`true`, or a list of sections: import what the guide's commands have made",
    )
    deletion_protection: bool = Field(
        default=True, description="Terraform refuses a plan that destroys or replaces the registry"
    )
    register_resource_providers: bool = Field(
        default=True,
        description="Terraform registers Microsoft.ContainerRegistry and Microsoft.Network; "
        "`false` for an identity without that right",
    )
    tags: Tags = Field(default={}, description="on every resource that takes tags")


class Settings(Section):
    """The whole file."""

    backend: Annotated[Backend, BeforeValidator(backend_by_name)] = Field(
        default=Backend(), description="where Terraform's state is kept"
    )
    registries: dict[StackName, Registry] = Field(
        min_length=1, description="a mapping from each stack's name to its registry"
    )


def rows(section: type[Section] = Registry, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Each key of a registry, what holds when it is not said, and its meaning."""
    for key, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from rows(field.annotation, f"{above}{key}.")
        else:
            yield f"{above}{key}", _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict):
        return f"required, unless `{field.json_schema_extra['unless']}`"
    if field.is_required():
        return "required"
    return "" if field.default in (None, [], {}) else f"`{json.dumps(field.default)}`"


def table(*, every: bool = True) -> str:
    """The keys of a registry as a Markdown table: every one, or those that always have a say."""
    lines = [
        f"| `{key}` | {default} | {meaning} |"
        for key, default, meaning in rows()
        if default or every
    ]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *lines])


if __name__ == "__main__":
    print(table(every="--every" in sys.argv))
