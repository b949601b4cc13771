"""The arguments of each resource of the guide: one class a resource, one field an argument.

An app of your own creates these objects and passes them to the construct; the settings file is read
into the same classes. Arguments have azurerm's names. Each may be a token.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, Field

from .. import terraform
from ..azure import ids, naming, prefixes, regions, tagging
from .base import Arguments, checked
from .problems import inside


class Token(Protocol):
    """A value that only Terraform knows: what cdktf calls ``IResolvable``."""

    def resolve(self, context: Any, /) -> Any:
        """Give the value to Terraform."""


if TYPE_CHECKING:
    Flag = bool | Token
else:
    Flag = bool


def _taken_together(tags: dict[str, str]) -> dict[str, str]:
    """Tags that one resource takes: few enough, with names that differ."""
    inside("tags", list(tagging.wrong_tags(tags)))
    return tags


def _in_order(replicas: list[Any]) -> list[Any]:
    """In the order of their regions: in any other, azurerm shows a change in each plan."""
    return sorted(replicas, key=lambda replica: regions.region(replica.location))


AddressPrefix = Annotated[str, checked(prefixes.address_prefix)]
IdentityId = Annotated[str, checked(ids.of_kind(ids.IDENTITY))]
IpAddress = Annotated[str, checked(prefixes.ip_address)]
Location = Annotated[str, checked(regions.location)]
MirrorSourcePolicy = Annotated[
    Literal["NeverContactSource", "AllowContactingSource"] | None,
    Field(
        description="`NeverContactSource`: nodes pull what the mirrors cover from the registry "
        "only; by default, they ask the source if that fails"
    ),
]
NetworkPartName = Annotated[str, checked(naming.network_part_name)]
ResolutionPolicy = Annotated[
    Literal["Default", "NxDomainRedirect"] | None,
    Field(description="`NxDomainRedirect`: other registries' names fall back to public DNS"),
]
ResourceGroupName = Annotated[str, checked(naming.resource_group_name)]
TagName = Annotated[str, checked(tagging.tag_name)]
TagValue = Annotated[str, checked(tagging.tag_value)]
Tags = Annotated[dict[TagName, TagValue], AfterValidator(_taken_together)]


PARTS = {
    "endpoint_subnet": ids.SUBNET,
    "container_registry": ids.REGISTRY,
    "private_dns_zone": ids.PRIVATE_DNS_ZONE,
    "private_dns_zone_virtual_network_link": ids.VIRTUAL_NETWORK_LINK,
    "private_endpoint": ids.PRIVATE_ENDPOINT,
}
"""The resources of the guide by the names of their arguments, with their types in Azure."""


class CommonArguments(Arguments):
    """The arguments of a private registry that are not those of one resource."""

    resource_group_name: ResourceGroupName = Field(
        description="the existing resource group of registry, zone, link and endpoint"
    )
    image_mirror_source_policy: MirrorSourcePolicy = None
    tags: Tags = Field(default={}, description="on every resource that takes tags")


class NewSubnet(Arguments):
    """The subnet for private endpoints, created in the virtual network.

    Source: the guide's step ``az network vnet subnet create``.
    """

    name: Annotated[str, checked(naming.subnet_name)] = Field(
        default="PrivateEndpoint-subnet", description="the subnet that is created"
    )
    address_prefix: AddressPrefix = Field(
        description="its IPv4 prefix, inside the network's address space: /29 or larger, and /27 "
        "for a replicated registry",
    )


class Encryption(Arguments):
    """Encryption with your own key."""

    key_vault_key_id: Annotated[str, checked(naming.key_url)] = Field(
        description="the URL of the key, with a version or without"
    )
    identity_client_id: Annotated[str, checked(naming.client_id)] = Field(
        description="the client id of the user-assigned identity that reads the key"
    )


class Identity(Arguments):
    """The registry's managed identity."""

    type: Literal["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"] = Field(
        description="`SystemAssigned`, `UserAssigned`, or both with a comma"
    )
    identity_ids: list[IdentityId] = Field(
        default=[], description="the ids of the user-assigned identities"
    )


class Georeplication(Arguments):
    """A region that the registry is replicated to."""

    location: Location = Field(description="the region")
    regional_endpoint_enabled: Flag = Field(
        default=True, description="the region takes pulls; `false`: it only holds a copy"
    )
    zone_redundancy_enabled: Flag | None = Field(
        default=None,
        description="on in Azure anyway, in regions with zones; a change of it deletes the replica "
        "and creates it anew",
    )
    tags: Tags | None = Field(default=None, description="the replica's tags")


class RegistryOptions(Arguments):
    """The arguments of a container registry, except its region."""

    name: Annotated[str, checked(naming.registry_name)] = Field(
        description="the registry, unique in all of Azure"
    )
    admin_enabled: Flag = Field(
        default=False, description="the admin user, whose password is then in Terraform's state"
    )
    azuread_authentication_as_arm_policy_enabled: Flag | None = Field(
        default=None,
        description="`false`: Entra tokens for Azure Resource Manager do not log in, only those "
        "for registries; from azurerm 4.81.0 on",
    )
    data_endpoint_enabled: Flag | None = Field(
        default=None,
        description="`true` states what Azure does anyway once a registry has a private endpoint, "
        "and lists the host names of the data endpoints",
    )
    encryption: Encryption | None = Field(
        default=None,
        description="your own key, only for a registry that is created: its URL as "
        "`key_vault_key_id`, and the `identity_client_id` of the user-assigned identity that reads "
        "it",
    )
    export_policy_enabled: Flag | None = Field(
        default=None,
        description="`false`: nobody can export images from the registry, nor import them from it "
        "into another one",
    )
    georeplications: Annotated[list[Georeplication], AfterValidator(_in_order)] = Field(
        default=[],
        description="regions, in any order, each with `location` and, if wanted, "
        "`zone_redundancy_enabled`, `regional_endpoint_enabled` (default: `true`, the region "
        "takes pulls) and `tags`",
    )
    identity: Identity | None = Field(
        default=None,
        description="a managed identity: `type` (`SystemAssigned`, `UserAssigned`, or both with a "
        "comma) and `identity_ids`",
    )
    network_rule_bypass_for_tasks_enabled: Flag | None = Field(
        default=None,
        description="`true`: tasks with a system-assigned identity pass the closed network; from "
        "azurerm 4.81.0 on",
    )
    network_rule_bypass_option: Literal["AzureServices", "None"] | None = Field(
        default=None,
        description="`None`: Azure's trusted services cannot pass either, among them imports and "
        "the cache",
    )
    role_assignment_mode: (
        Literal["AbacRepositoryPermissions", "LegacyRegistryPermissions"] | None
    ) = Field(
        default=None,
        description="`AbacRepositoryPermissions`: roles may be limited to repositories, and "
        "`AcrPull` and `AcrPush` mean nothing; from azurerm 4.81.0 on",
    )
    zone_redundancy_enabled: Flag | None = Field(
        default=None,
        description="on in Azure anyway, in regions with zones; a change of it replaces the "
        "registry",
    )
    tags: Tags = Field(
        default={}, description="the registry's own tags, which replace common ones of their names"
    )


class NewRegistry(RegistryOptions):
    """The container registry, created with the SKU Premium and without public network access.

    Source: the guide's step ``az acr create``.
    """

    location: Location = Field(
        description="the registry's Azure region; the endpoint is in the network's"
    )
    deletion_protection: bool = Field(
        default=True, description="Terraform refuses a plan that destroys or replaces the registry"
    )


class NewPrivateDnsZone(Arguments):
    """The private DNS zone that the registry's host names resolve in.

    Source: the guide's step ``az network private-dns zone create``.
    """

    name: Annotated[str, checked(naming.private_dns_zone_name)] = Field(
        default=regions.PRIVATE_DNS_ZONE_NAMES["public"],
        description="the zone in which Azure resolves registries; each of Azure's clouds has one",
    )


class PrivateDnsZone(Enum):
    """A value in the place of a private DNS zone: Azure Policy creates and attaches one."""

    MANAGED_BY_POLICY = "managed by policy"


class NewVirtualNetworkLink(Arguments):
    """The link of the private DNS zone to the cluster's own network.

    Source: the guide's step ``az network private-dns link vnet create``.
    """

    name: NetworkPartName = Field(
        default="AcrDNSLink", description="the link from the private DNS zone to the network"
    )
    resolution_policy: ResolutionPolicy = None


class PrivateEndpointOptions(Arguments):
    """The arguments of a private endpoint, except its region."""

    name: Annotated[str, checked(naming.private_endpoint_name)] = Field(
        default="acrPvtEndpoint", description="the private endpoint"
    )
    private_service_connection_name: NetworkPartName = Field(
        default="acrConnection", description="its connection to the registry"
    )
    private_dns_zone_group_name: NetworkPartName = Field(
        default="ACR-ZoneGroup", description="its group of private DNS zones"
    )
    custom_network_interface_name: NetworkPartName | None = Field(
        default=None,
        description="the name of its network interface; without it, Azure chooses one; a change "
        "replaces the endpoint",
    )
    private_ip_addresses: dict[Location, IpAddress] = Field(
        default={},
        description="a static address for `registry` and for each region's data endpoint; given to "
        "a live endpoint, they replace it",
    )
    request_message: Annotated[str, checked(naming.request_message)] | None = Field(
        default=None,
        description="for a registry that exists: its owner is asked to approve the connection, "
        "which Azure's built-in policy for zones does not see",
    )

    @property
    def addresses(self) -> list[IpConfiguration]:
        """The static addresses as azurerm wants them: in one order, since another one replaces."""
        members = {
            name
            if name == regions.REGISTRY_MEMBER
            else regions.data_endpoint_member(terraform.region(name)): address
            for name, address in self.private_ip_addresses.items()
        }
        return [
            IpConfiguration(name=member, member_name=member, private_ip_address=address)
            for member, address in sorted(members.items())
        ]


class NewPrivateEndpoint(PrivateEndpointOptions):
    """The registry's private endpoint in the subnet.

    Source: the guide's steps ``az network private-endpoint create`` and ``dns-zone-group create``.
    """

    location: Location | None = Field(
        default=None,
        description="the network's region, which is taken from the network by default; needed only "
        "where Terraform reads the network during the apply",
    )


class IpConfiguration(Arguments):
    """The static address of one member of a private endpoint."""

    name: str
    member_name: str
    subresource_name: str = regions.REGISTRY_MEMBER
    private_ip_address: str
