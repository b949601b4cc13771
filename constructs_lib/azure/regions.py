"""Azure's clouds and regions, and what a registry has in each of them."""

from __future__ import annotations

from .patterns import matching

PRIVATE_DNS_ZONE_NAMES = {
    "public": "privatelink.azurecr.io",
    "usgovernment": "privatelink.azurecr.us",
    "china": "privatelink.azurecr.cn",
}
"""The one zone name that a registry's private endpoint is resolved through, by azurerm's word for
each of Azure's clouds. Source: "Azure Private Endpoint private DNS zone values"."""

REGISTRY_MEMBER = "registry"
"""The member of a private endpoint that stands for the registry itself, and the name of the group
of members: what the guide gives as ``--group-id``."""


@matching(r"[A-Za-z][A-Za-z0-9 ]*", "an Azure region, as eastus or 'East US'")
def location(name: str) -> str:
    """An Azure region, as ``eastus`` or ``East US``."""
    return name


def region(location: str) -> str:
    """A region as Azure writes it in names: ``East US`` and ``eastus`` are one."""
    return location.replace(" ", "").lower()


def data_endpoint_member(region: str) -> str:
    """The member of a private endpoint that stands for a region's data endpoint."""
    return f"registry_data_{region}"
