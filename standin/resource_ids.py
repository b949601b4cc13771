"""Azure's resource ids: the parts of each type's id, whose fixed segments may be in any case."""

import re
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

_GROUP: Final = "/subscriptions/{subscription_id}/resourceGroups/{resource_group_name}"
_NETWORK: Final = _GROUP + "/providers/Microsoft.Network"
_REGISTRY: Final = _GROUP + "/providers/Microsoft.ContainerRegistry/registries"
# The format is the one in the import section of each type's documentation.
TEMPLATES: Final = {
    "azurerm_resource_group": "/subscriptions/{subscription_id}/resourceGroups/{name}",
    "azurerm_virtual_network": _NETWORK + "/virtualNetworks/{name}",
    "azurerm_subnet": _NETWORK + "/virtualNetworks/{virtual_network_name}/subnets/{name}",
    "azurerm_private_endpoint": _NETWORK + "/privateEndpoints/{name}",
    "private_dns_zone_group": _NETWORK
    + "/privateEndpoints/{private_endpoint_name}/privateDnsZoneGroups/{name}",
    "azurerm_private_dns_zone": _NETWORK + "/privateDnsZones/{name}",
    "azurerm_private_dns_zone_virtual_network_link": _NETWORK
    + "/privateDnsZones/{private_dns_zone_name}/virtualNetworkLinks/{name}",
    "azurerm_user_assigned_identity": _GROUP
    + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}",
    "azurerm_container_registry": _REGISTRY + "/{name}",
    "azurerm_container_registry_scope_map": _REGISTRY
    + "/{container_registry_name}/scopeMaps/{name}",
    "azurerm_container_registry_token": _REGISTRY + "/{container_registry_name}/tokens/{name}",
    "azurerm_container_registry_token_password": "{container_registry_token_id}/passwords/password",
    "azurerm_container_registry_cache_rule": "{container_registry_id}/cacheRules/{name}",
    "azurerm_container_registry_credential_set": "{container_registry_id}/credentialSets/{name}",
    "azurerm_management_lock": "{scope}/providers/Microsoft.Authorization/locks/{name}",
    "azurerm_role_assignment": "{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
    "azurerm_monitor_diagnostic_setting": "{target_resource_id}|{name}",
}
IN_OWN_SUBSCRIPTION: Final = (
    "azurerm_container_registry_cache_rule",
    "azurerm_container_registry_credential_set",
)
"""The types that azurerm creates in its own subscription, whatever registry their argument names.

See `container_registry_cache_rule_resource.go` in azurerm 4.55.0, and its sibling."""
_SEGMENTS: Final = {
    segment.lower(): segment
    for template in TEMPLATES.values()
    for segment in re.findall(r"(?<=[/}])[A-Za-z.]+", template)
}


@cache
def _pattern(type_: str) -> re.Pattern[str]:
    # A field at the start of a template is a whole id.
    whole = re.sub(r"^{(\w+)}", r"(?P<\1>/.+)", TEMPLATES[type_].replace("|", "[|]"))
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/|]+)", whole), re.IGNORECASE)


def compose(type_: str, values: Mapping[str, Any], subscription: str) -> str:
    """Returns the id of a resource of this type with these arguments."""
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    # Of azurerm 5, a link names its zone's id, and not its zone's name and resource group.
    zone = parse("azurerm_private_dns_zone", texts.get("private_dns_zone_id", ""))
    if zone:
        texts = {**zone, "private_dns_zone_name": zone["name"], "name": texts["name"]}
    # azurerm names a role assignment at random; here, by what it assigns.
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(texts.values())))
    id_ = TEMPLATES[type_].format_map({"subscription_id": subscription, "name": name, **texts})
    if type_ in IN_OWN_SUBSCRIPTION:
        return re.sub(r"^/subscriptions/[^/]+", f"/subscriptions/{subscription}", id_)
    return id_


def parse(type_: str, id_: str) -> dict[str, str]:
    """Returns the arguments in an id of this type, or none if the id is of another type."""
    match = _pattern(type_).fullmatch(canonical(id_))
    return match.groupdict() if match else {}


def type_of(id_: str) -> str | None:
    """Returns the type whose ids look like this one, or None."""
    return next((type_ for type_ in TEMPLATES if parse(type_, id_)), None)


def canonical(id_: str) -> str:
    """Returns the id with its fixed segments in the case that the provider uses."""
    parts = id_.split("/")
    for index in range(1, len(parts)):
        # Each segment with an odd index is fixed, and so is the namespace after `providers`.
        if index % 2 or parts[index - 1] == "providers":
            parts[index] = _SEGMENTS.get(parts[index].lower(), parts[index])
    return "/".join(parts)


def parent(id_: str) -> str:
    """Returns the id of a resource's parent: another resource, a scope or a resource group."""
    if "|" in id_:
        return id_.rpartition("|")[0]
    parts = canonical(id_).split("/")
    return "/".join(parts[:-4] if parts[-4] == "providers" else parts[:-2])


def describe(type_: str, id_: str) -> str:
    """Returns the text for a resource in the provider's messages: its kind and its id's parts."""
    kind = type_.removeprefix("azurerm_").replace("_", " ").title()
    labels = {"subscription_id": "Subscription", "name": f"{kind} Name"}
    parts = [
        f'{labels.get(key, key.replace("_", " ").title())}: "{value}"'
        for key, value in parse(type_, id_).items()
    ]
    return kind + " (" + "\n".join(parts) + ")"
