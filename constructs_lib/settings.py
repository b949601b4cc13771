"""What may be said of a registry: sections are resources, keys are azurerm's arguments.

One field here is one key of the settings file and one row of the README's table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from . import azure

ENDPOINT_ADDRESSES = 2
"""What a private endpoint takes: an address for the registry, one for its data endpoint."""


def _stack_name(name: str) -> str:
    """A stack's name: it names a folder and a state file on any system."""
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?", name):
        raise ValueError(
            "a stack's name, which names a folder too: 1 to 64 letters, digits, '.', '_' and '-', "
            "beginning with a letter or digit and not ending with '.'"
        )
    return name


def _room(prefix: str) -> str:
    return azure.room_for_endpoint(prefix, ENDPOINT_ADDRESSES)


AddressPrefix = Annotated[str, AfterValidator(azure.address_prefix), AfterValidator(_room)]
Location = Annotated[str, AfterValidator(azure.location)]
NetworkPartName = Annotated[str, AfterValidator(azure.network_part_name)]
PrivateEndpointName = Annotated[str, AfterValidator(azure.private_endpoint_name)]
RegistryName = Annotated[str, AfterValidator(azure.registry_name)]
ResourceGroupName = Annotated[str, AfterValidator(azure.resource_group_name)]
StackName = Annotated[str, AfterValidator(_stack_name)]
SubscriptionId = Annotated[str, AfterValidator(azure.subscription_id)]
VirtualNetworkName = Annotated[str, AfterValidator(azure.virtual_network_name)]


class Section(BaseModel):
    """Keys that are known, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VirtualNetwork(Section):
    """The cluster's virtual network, which exists already."""

    name: VirtualNetworkName = Field(description="the cluster's existing virtual network")
    resource_group_name: ResourceGroupName | None = Field(
        default=None, description="its resource group (default: the registry's)"
    )


class EndpointSubnet(Section):
    """The subnet for private endpoints, made in the virtual network."""

    name: NetworkPartName = Field(
        default="PrivateEndpoint-subnet", description="the subnet made for private endpoints"
    )
    address_prefix: AddressPrefix = Field(
        description="its IPv4 prefix, inside the network's address space, /29 or larger"
    )


class ContainerRegistry(Section):
    """The container registry."""

    name: RegistryName = Field(description="the registry, unique in all of Azure")
    admin_enabled: bool = Field(
        default=False, description="the admin user, whose password is then in Terraform's state"
    )


class PrivateDnsZoneVirtualNetworkLink(Section):
    """The link of the private DNS zone to the virtual network."""

    name: NetworkPartName = Field(
        default="AcrDNSLink", description="the link from the private DNS zone to the network"
    )


class PrivateEndpoint(Section):
    """The registry's private endpoint in the subnet."""

    name: PrivateEndpointName = Field(default="acrPvtEndpoint", description="the private endpoint")
    private_service_connection_name: NetworkPartName = Field(
        default="acrConnection", description="its connection to the registry"
    )
    private_dns_zone_group_name: NetworkPartName = Field(
        default="ACR-ZoneGroup", description="its group of private DNS zones"
    )


class Registry(Section):
    """One private registry: one stack."""

    resource_group_name: ResourceGroupName = Field(
        description="the existing resource group that everything is made in"
    )
    location: Location = Field(
        description="the registry's Azure region; the endpoint is in the network's"
    )
    subscription_id: SubscriptionId | None = Field(
        default=None, description="default: `ARM_SUBSCRIPTION_ID` when Terraform runs"
    )
    virtual_network: VirtualNetwork
    endpoint_subnet: EndpointSubnet
    container_registry: ContainerRegistry
    private_dns_zone_virtual_network_link: PrivateDnsZoneVirtualNetworkLink = (
        PrivateDnsZoneVirtualNetworkLink()
    )
    private_endpoint: PrivateEndpoint = PrivateEndpoint()
    deletion_protection: bool = Field(
        default=True, description="Terraform refuses a plan that destroys or replaces the registry"
    )
    register_resource_providers: bool = Field(
        default=True,
        description="Terraform registers Microsoft.ContainerRegistry and Microsoft.Network; "
        "`false` for an identity without that right",
    )
    tags: dict[str, str] = Field(default={}, description="on every resource that takes tags")


class Settings(Section):
    """The whole file."""

    registries: dict[StackName, Registry] = Field(
        min_length=1, description="a mapping from each stack's name to its registry"
    )


def section_of(annotation: Any) -> type[Section] | None:
    """The section that a field of this type holds, if it does."""
    return annotation if isinstance(annotation, type) and issubclass(annotation, Section) else None


def rows(section: type[Section] = Registry, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Each key of a registry, its default (or ``required``), and its meaning."""
    for key, field in section.model_fields.items():
        if inner := section_of(field.annotation):
            yield from rows(inner, f"{above}{key}.")
        else:
            default = "required" if field.is_required() else _shown(field.default)
            yield f"{above}{key}", default, field.description or ""


def _shown(default: object) -> str:
    return "" if default is None else f"`{json.dumps(default)}`"


def table() -> str:
    """All keys of a registry as a Markdown table."""
    lines = [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in rows()]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *lines])


if __name__ == "__main__":
    print(table())
