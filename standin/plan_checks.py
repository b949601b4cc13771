"""What azurerm itself does with a plan, beyond its schema: the SDK calls it CustomizeDiff.

The messages are azurerm's, of `container_registry_resource.go` in 4.55.0, and of its sibling for
cache rules; `trust_policy_enabled` is not in 5.
"""

from collections.abc import Iterator
from typing import Any, Final

from .schema import UNKNOWN, Step, Values

REGISTRY: Final = "azurerm_container_registry"
CACHE_RULE: Final = "azurerm_container_registry_cache_rule"
ROLE: Final = "azurerm_role_assignment"
# The value that needs the SKU Premium, and what azurerm says of it.
PREMIUM_ONLY: Final[dict[str, tuple[Any, str]]] = {
    "quarantine_policy_enabled": (
        True,
        "an ACR quarantine policy can only be applied when using the Premium Sku. If you are "
        "downgrading from a Premium SKU please unset quarantine_policy_enabled",
    ),
    "trust_policy_enabled": (
        True,
        "an ACR trust policy can only be applied when using the Premium Sku. If you are "
        "downgrading from a Premium SKU please unset `trust_policy_enabled` or set "
        "`trust_policy_enabled = false`",
    ),
    "export_policy_enabled": (
        False,
        "an ACR export policy can only be disabled when using the Premium Sku. If you are "
        "downgrading from a Premium SKU please unset `export_policy_enabled` or set "
        "`export_policy_enabled = true`",
    ),
    "zone_redundancy_enabled": (
        True,
        "ACR zone redundancy can only be applied when using the Premium Sku",
    ),
    "data_endpoint_enabled": (
        True,
        "`data_endpoint_enabled` can only be applied when using the Premium Sku",
    ),
}


def plan_error(type_: str, planned: Values) -> str | None:
    """Returns azurerm's error for a plan, or None."""
    return next(_registry_errors(planned), None) if type_ == REGISTRY else None


def _registry_errors(planned: Values) -> Iterator[str]:
    sku, replicas = planned["sku"], planned["georeplications"] or []
    if sku in ("Basic", "Standard"):
        if replicas:
            yield "an ACR geo-replication can only be applied when using the Premium Sku"
        for argument, (value, message) in PREMIUM_ONLY.items():
            if planned.get(argument) is value:
                yield message
        if planned["retention_policy_in_days"]:
            yield (
                "an ACR retention policy can only be applied when using the Premium Sku. If you "
                "are downgrading from a Premium SKU please unset `retention_policy_in_days`"
            )
        if isinstance(planned["encryption"], list) and planned["encryption"]:
            yield "an ACR encryption can only be applied when using the Premium Sku"
    if sku == "Basic" and planned["anonymous_pull_enabled"] is True:
        yield "`anonymous_pull_enabled` can only be applied when using the Standard/Premium Sku"
    regions = [replica["location"] for replica in replicas]
    if isinstance(planned["location"], str) and planned["location"] in regions:
        yield (
            "the `georeplications` list cannot contain the location where the Container Registry "
            "exists"
        )
    if planned["export_policy_enabled"] is False and planned["public_network_access_enabled"]:
        yield (
            "to disable export of artifacts, `public_network_access_enabled` must also be `false`"
        )


def replaced_too(type_: str, prior: Values, planned: Values) -> Iterator[tuple[Step, ...]]:
    """Returns the paths of changes that azurerm cannot make in place, and that no schema marks.

    azurerm takes an id that is not known yet, such as that of a new credential set, for an empty
    one: seen with 4.55.0.
    """
    name = "credential_set_id"
    if type_ == CACHE_RULE and prior[name] and planned[name] in (None, "", UNKNOWN):
        yield (name,)


def update_error(type_: str, version: str) -> str | None:
    """Returns the SDK's error for an update that azurerm plans and cannot make, or None."""
    cannot = type_ == ROLE and version.startswith("4.")
    return "doesn't support update" if cannot else None
