"""Azure's clouds and regions, and what a registry has in each of them."""

from __future__ import annotations

import difflib

from .patterns import Pattern

PRIVATE_DNS_ZONE_NAMES = {
    "public": "privatelink.azurecr.io",
    "usgovernment": "privatelink.azurecr.us",
    "china": "privatelink.azurecr.cn",
}
"""The one zone name that a registry's private endpoint is resolved through, by azurerm's word for
each of Azure's clouds. Source: "Azure Private Endpoint private DNS zone values"."""

_NAMES = """
australiacentral australiacentral2 australiaeast australiasoutheast austriaeast belgiumcentral
brazilsouth brazilsoutheast canadacentral canadaeast centralindia centralus chilecentral eastasia
eastus eastus2 francecentral francesouth germanynorth germanywestcentral indonesiacentral
israelcentral italynorth japaneast japanwest jioindiacentral jioindiawest koreacentral koreasouth
malaysiawest mexicocentral newzealandnorth northcentralus northeurope norwayeast norwaywest
polandcentral qatarcentral southafricanorth southafricawest southcentralus southeastasia southindia
spaincentral swedencentral swedensouth switzerlandnorth switzerlandwest uaecentral uaenorth uksouth
ukwest westcentralus westeurope westindia westus westus2 westus3
usdodcentral usdodeast usgovarizona usgovtexas usgovvirginia
chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2 chinanorth3
"""

KNOWN = frozenset(_NAMES.split())
"""Azure's regions, as far as they are known here: Azure adds some. Source: "List of Azure regions",
Microsoft Learn, and its pages on Azure Government and Azure China."""

REGISTRY_MEMBER = "registry"
"""The member of a private endpoint that stands for the registry itself, and the name of the group
of members: what the guide gives as ``--group-id``."""


location = Pattern(r"[A-Za-z][A-Za-z0-9 ]*", "an Azure region such as eastus or 'East US'")
"""An Azure region such as ``eastus`` or ``East US``."""


def region(location: str) -> str:
    """A region as Azure writes it in names: ``East US`` and ``eastus`` are one."""
    return location.replace(" ", "").lower()


def nearest(location: str) -> str | None:
    """The known region whose name is nearest to one that is not known; None for a known region."""
    if region(location) in KNOWN:
        return None
    return difflib.get_close_matches(region(location), sorted(KNOWN), n=1, cutoff=0)[0]


def data_endpoint_member(region: str) -> str:
    """The member of a private endpoint that stands for a region's data endpoint."""
    return f"registry_data_{region}"
