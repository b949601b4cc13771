"""A registry in the settings file: the construct's arguments, and what the stack needs.

A field is a key of the file, and a row in the documentation's table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationInfo, model_validator

from ..arguments.additions import LinkedNetwork
from ..arguments.base import UNKNOWN, Arguments, checked, meaning
from ..arguments.guide import (
    PARTS,
    CommonArguments,
    Location,
    NetworkPartName,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateDnsZone,
    PrivateEndpointOptions,
    RegistryOptions,
    ResourceGroupName,
    Tags,
)
from ..azure import naming, regions
from ..azure.patterns import Pattern
from ..checks.known_arguments import ON_THE_REGISTRY, Network, RegistryRequest
from .backends import Backend, backend_by_name
from .sections import (
    RegistryById,
    RegistrySection,
    SubnetById,
    VirtualNetwork,
    ZoneById,
    ZoneSection,
)

if TYPE_CHECKING:
    Part = str
else:
    Part = Literal[tuple(PARTS)]


_stack_name = Pattern(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?",
    "a stack's name, which names a folder too: 1 to 64 letters, digits, '.', '_' and '-', "
    "beginning with a letter or digit and not ending with '.'",
)
"""A stack's name: it names a folder and a state file on any system."""


def _parts(adopt: object) -> object:
    """All of the guide's parts for ``true``, none for ``false``."""
    if isinstance(adopt, list):
        return adopt
    return list(PARTS) if TypeAdapter(bool).validate_python(adopt) else []


def _by_id(new: type[Arguments], existing: type[Arguments]) -> BeforeValidator:
    """A section is of one class, or of another where it gives an ``id``; empty keys are none."""
    known = {*new.model_fields, *existing.model_fields}

    def read(section: Any, info: ValidationInfo) -> Any:
        if not isinstance(section, dict):
            return section if isinstance(section, Arguments) else new.model_validate(section)
        given = {k: v for k, v in section.items() if v is not None or k not in known}
        return (existing if "id" in given else new).model_validate(given, context=info.context)

    return BeforeValidator(read)


class Registry(Arguments):
    """One private registry: one stack."""

    resource_group_name: ResourceGroupName = Field(
        description="the existing resource group in which everything is created"
    )
    location: Location | None = Field(
        description=meaning(NewRegistry, "location"),
        json_schema_extra={"unless": "container_registry.id"},
    )
    subscription_id: Annotated[str, checked(naming.subscription_id)] | None = Field(
        default=None, description="default: `ARM_SUBSCRIPTION_ID` when Terraform runs"
    )
    environment: Literal["public", "usgovernment"] = Field(
        default="public", description="Azure's cloud: `public` or `usgovernment`"
    )
    virtual_network: VirtualNetwork
    endpoint_subnet: Annotated[NewSubnet | SubnetById, _by_id(NewSubnet, SubnetById)]
    container_registry: Annotated[
        RegistrySection | RegistryById, _by_id(RegistrySection, RegistryById)
    ]
    private_dns_zone: Annotated[ZoneSection | ZoneById, _by_id(ZoneSection, ZoneById)] = (
        ZoneSection()
    )
    private_dns_zone_virtual_network_link: NewVirtualNetworkLink = NewVirtualNetworkLink()
    virtual_network_links: dict[NetworkPartName, LinkedNetwork] = Field(
        default={},
        description="further networks: a link's name, with its `virtual_network_id` and, if "
        "wanted, its `resolution_policy`",
    )
    private_endpoint: PrivateEndpointOptions = PrivateEndpointOptions()
    adopt: Annotated[list[Part], BeforeValidator(_parts)] = Field(
        default=[],
        description="`true`, or a list of sections: import what the guide's commands have created",
    )
    deletion_protection: bool = Field(
        default=True, description=meaning(NewRegistry, "deletion_protection")
    )
    register_resource_providers: bool = Field(
        default=True,
        description="Terraform registers Microsoft.ContainerRegistry and Microsoft.Network; "
        "`false` for an identity without that right",
    )
    tags: Tags = Field(default={}, description=meaning(CommonArguments, "tags"))

    @model_validator(mode="before")
    @classmethod
    def _location(cls, registry: Any) -> Any:
        """Require a region only for a registry that is created."""
        if not isinstance(registry, dict):
            return registry
        section = registry.get("container_registry")
        if isinstance(section, dict) and section.get("id") is not None:
            return {"location": None, **registry}
        return {k: value for k, value in registry.items() if k != "location" or value is not None}

    @property
    def zone_name(self) -> str:
        """The name of the private DNS zone in the registry's cloud."""
        return regions.PRIVATE_DNS_ZONE_NAMES.get(self.environment, UNKNOWN)

    def arguments(self) -> dict[str, Any]:
        """The construct's arguments, but for the virtual network, which the stack looks up."""
        return {**self._resources(), "adopt": self.adopted_ids()}

    def _resources(self) -> dict[str, Any]:
        acr, zone, endpoint = self.container_registry, self.private_dns_zone, self.private_endpoint
        options = {name: getattr(acr, name, None) for name in RegistryOptions.model_fields}
        link = "private_dns_zone_virtual_network_link"
        return {
            "resource_group_name": self.resource_group_name,
            "endpoint_subnet": getattr(self.endpoint_subnet, "id", self.endpoint_subnet),
            "container_registry": (
                acr.id
                if isinstance(acr, RegistryById)
                else NewRegistry.model_construct(
                    **options,
                    location=self.location,
                    deletion_protection=self.deletion_protection,
                )
            ),
            "private_dns_zone": (
                zone.id
                if isinstance(zone, ZoneById)
                else PrivateDnsZone.MANAGED_BY_POLICY
                if zone.managed_by_policy
                else NewPrivateDnsZone(name=self.zone_name)
            ),
            link: getattr(self, link) if link in self.model_fields_set else None,
            "private_endpoint": NewPrivateEndpoint.model_construct(
                endpoint.model_fields_set, **dict(endpoint)
            ),
            "image_mirror_source_policy": acr.image_mirror_source_policy,
            "tags": self.tags,
        }

    def adopted_ids(self) -> dict[str, str]:
        """The ids of what is adopted, which follow from the names alone.

        Where everything is adopted, that is everything that is created here.
        """
        if not self.adopt:
            return {}
        stated = self.subscription_id if self.subscription_id is not UNKNOWN else None
        request = self._request(stated or "00000000-0000-0000-0000-000000000000")
        is_all = self.adopt == list(PARTS)
        parts = [part for part in self.adopt if not is_all or request.creates(part)]
        return {part: request.id_of_part(part) for part in parts}

    def request(self) -> RegistryRequest:
        """The registry as the rules look at it, in which values may be unknown."""
        return replace(self._request(self.subscription_id or ""), adopt=self.adopted_ids())

    def _request(self, subscription: str) -> RegistryRequest:
        network, zone, resources = self.virtual_network, self.zone_name, self._resources()
        group = network.resource_group_name or self.resource_group_name
        names = [network.name, group, subscription]
        known = [name if name is not UNKNOWN else "" for name in names]
        for part in ("endpoint_subnet", "container_registry", "private_dns_zone"):
            if resources[part] is UNKNOWN:
                resources[part] = None
        return RegistryRequest(
            **resources,
            virtual_network=Network(*known),
            virtual_network_links=self.virtual_network_links,
            lock_level=getattr(self.container_registry, "lock", None),
            **{name: getattr(self.container_registry, name) for name in ON_THE_REGISTRY},
            subscription_id=known[2],
            zone_names=[zone] if zone is not UNKNOWN else regions.PRIVATE_DNS_ZONE_NAMES.values(),
        )


class Settings(Arguments):
    """The whole file."""

    backend: Annotated[Backend, BeforeValidator(backend_by_name)] = Field(
        default=Backend(), description="where Terraform's state is kept"
    )
    registries: dict[Annotated[str, checked(_stack_name)], Registry] = Field(
        min_length=1, description="a mapping from each stack's name to its registry"
    )
