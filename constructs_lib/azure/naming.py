"""Azure's own rules for names and other texts that a user gives.

Each rule takes a text and returns it, or raises ``ValueError`` with what would be right.
Source: "Naming rules and restrictions for Azure resources", Microsoft Learn.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .patterns import GUID, Pattern, in_any_case
from .regions import PRIVATE_DNS_ZONE_NAMES

PLACEHOLDER = "acr12345"
"""The registry's name in the shipped file until its variable is set: somebody has it already."""

RESERVED_SUBNETS = [
    "GatewaySubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "AzureBastionSubnet",
    "RouteServerSubnet",
]
"""Subnets of a virtual network that are for one service each. Source: the pages on VPN Gateway,
Azure Firewall, Azure Bastion and Azure Route Server, Microsoft Learn."""


def _network_name(shortest: int, longest: int) -> Pattern:
    return Pattern(
        rf"(?=.{{{shortest},{longest}}}$)[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?",
        f"{shortest} to {longest} letters, digits, '.', '_' and '-', beginning with a letter or "
        "digit and ending with a letter, digit or '_'",
    )


registry_name = Pattern(r"[A-Za-z0-9]{5,50}", "5 to 50 letters and digits, no others")
"""The name of a container registry, unique in all of Azure."""

resource_group_name = Pattern(
    r"[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]",
    "1 to 90 letters (without accents), digits, '.', '_', '-' and parentheses, not ending with '.'",
)
"""The name of a resource group; azurerm takes ASCII letters only, where Azure takes others."""

virtual_network_name = _network_name(2, 64)
"""The name of a virtual network."""

private_endpoint_name = _network_name(2, 64)
"""The name of a private endpoint."""

lock_name = Pattern(
    r"(?=.*[A-Za-z0-9_-])[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]",
    "1 to 90 letters, digits, '.', '_', '-' and parentheses, not parentheses and '.' alone, and "
    "not ending with '.'",
)
"""The name of a management lock."""

diagnostic_setting_name = Pattern(
    r"[^<>*%&:\\?+/\x00-\x1f]{1,260}",
    "1 to 260 bytes in UTF-8, without < > * % & : \\ ? + / and control characters",
    size=260,
)
"""The name of a diagnostic setting."""

token_name = Pattern(
    r"[A-Za-z][A-Za-z0-9-]{4,48}", "5 to 49 letters, digits and '-', a letter first"
)
"""The name of a registry's token."""

token_repository = Pattern(
    r"[a-z0-9._-]+(?:/[a-z0-9._-]+)*(?:/\*)?|\*",
    "a repository such as base/ubi, or all under a path such as team/*, in lower case and without "
    "the registry's host name",
)
"""What a scope map names: a repository, or all under a path.

Source: "Token-based repository permissions in Azure Container Registry", Microsoft Learn.
"""

_TIME = "a time with its zone (RFC 3339), such as 2027-06-30T00:00:00Z"


def _existing_time(text: str) -> str:
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        raise ValueError(_TIME) from None
    return text


expiry = Pattern(
    r"[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])",
    _TIME,
    then=_existing_time,
)
"""When the password of a token ends."""


def days_until(expiry: str) -> float:
    """The days until the password of a token ends; fewer than none, if it has ended."""
    return (datetime.fromisoformat(expiry) - datetime.now(UTC)) / timedelta(days=1)


def private_dns_zone_name(name: str) -> str:
    """The name of a private DNS zone for registries."""
    if name.lower() not in PRIVATE_DNS_ZONE_NAMES.values():
        raise ValueError(f"one of {', '.join(PRIVATE_DNS_ZONE_NAMES.values())} is expected")
    return name


network_part_name = _network_name(1, 80)
"""The name of a part of the network: link, connection or zone group."""

subnet_name = Pattern(
    rf"(?!(?:{'|'.join(map(in_any_case, RESERVED_SUBNETS))})$)[\s\S]*",
    f"another name: Azure reserves {', '.join(RESERVED_SUBNETS)} for its own services",
    then=_network_name(1, 80),
)
"""The name of a subnet that takes private endpoints; Azure reserves some for its services."""

subscription_id = Pattern(
    GUID, "a GUID such as 00000000-0000-0000-0000-000000000000 (az account show --query id)"
)
"""The id of a subscription, a GUID in Azure's usual form."""

key_url = Pattern(
    r"https://(?!.*\.managedhsm\.)[A-Za-z0-9.-]+/keys/[A-Za-z0-9-]+(/[0-9A-Za-z]+)?",
    "the URL of a vault's key, as https://VAULT.vault.azure.net/keys/KEY, with a version or "
    "without (az keyvault key show --query key.kid)",
)
"""The URL of a key in a vault; with a version, the registry does not follow a new one."""

secret_url = Pattern(
    r"https://(?!.*\.managedhsm\.)[A-Za-z0-9.-]+/secrets/[A-Za-z0-9-]+",
    "the URL of a vault's secret without a version, such as "
    "https://VAULT.vault.azure.net/secrets/SECRET",
)
"""The URL of a secret in a vault; without a version, Azure follows a new one."""


def vault_of(url: str) -> str:
    """The name of the vault in the URL of a key or a secret."""
    return url.split("/")[2].partition(".")[0]


principal_id = Pattern(
    GUID, "a GUID (az ad sp show --query id, az identity show --query principalId)"
)
"""The object id of somebody who may get a role."""

client_id = Pattern(GUID, "a GUID (az identity show --query clientId)")
"""The client id of a managed identity."""

_ONE_LINE = "one line of 1 to 140 bytes in UTF-8, where ü takes two"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(_ONE_LINE)
    return text


request_message = Pattern(r".{1,140}", _ONE_LINE, size=140, then=_printable)
"""The message to the owner of a registry, who has to approve the connection."""
