"""No setting takes a value that the provider refuses of the attribute behind it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from helpers import GUIDE, ROOT, Json
from pydantic import ValidationError
from standin import validation

from constructs_lib.combinations import refusals
from constructs_lib.sections import Section
from constructs_lib.settings import Registry

RECORDED: Json = json.loads((ROOT / "tests" / "standin" / "validation.json").read_text())
REGISTRY, SUBNET, ZONE, LINK, ENDPOINT = (
    "azurerm_container_registry",
    "azurerm_subnet",
    "azurerm_private_dns_zone",
    "azurerm_private_dns_zone_virtual_network_link",
    "azurerm_private_endpoint",
)
CONNECTION = f"{ENDPOINT}.private_service_connection"
NETWORK = "data.azurerm_virtual_network"
LOGS = "azurerm_monitor_diagnostic_setting"

BEHIND: dict[str, list[str]] = {
    "resource_group_name": [
        *(f"{kind}.resource_group_name" for kind in (REGISTRY, ZONE, LINK, ENDPOINT, SUBNET)),
        f"{NETWORK}.resource_group_name",
    ],
    "location": [f"{REGISTRY}.location"],
    "virtual_network.name": [f"{NETWORK}.name"],
    "virtual_network.resource_group_name": [
        f"{NETWORK}.resource_group_name",
        f"{SUBNET}.resource_group_name",
    ],
    "endpoint_subnet.name": ["data.azurerm_subnet.name"],
    "endpoint_subnet.address_prefix": [f"{SUBNET}.address_prefixes[]"],
    "endpoint_subnet.id": [f"{ENDPOINT}.subnet_id"],
    "container_registry.name": [f"{REGISTRY}.name"],
    "container_registry.id": [
        f"{CONNECTION}.private_connection_resource_id",
        f"{LOGS}.target_resource_id",
    ],
    "container_registry.encryption.key_vault_key_id": [f"{REGISTRY}.encryption.key_vault_key_id"],
    "container_registry.encryption.identity_client_id": [
        f"{REGISTRY}.encryption.identity_client_id"
    ],
    "container_registry.georeplications.location": [f"{REGISTRY}.georeplications.location"],
    "container_registry.georeplications.tags": [f"{REGISTRY}.georeplications.tags"],
    "container_registry.identity.type": [f"{REGISTRY}.identity.type"],
    "container_registry.identity.identity_ids": [f"{REGISTRY}.identity.identity_ids[]"],
    "container_registry.network_rule_bypass_option": [f"{REGISTRY}.network_rule_bypass_option"],
    "container_registry.tags": [f"{REGISTRY}.tags"],
    "container_registry.lock": ["azurerm_management_lock.lock_level"],
    "container_registry.log_analytics_workspace_id": [f"{LOGS}.log_analytics_workspace_id"],
    "private_dns_zone.id": [f"{ENDPOINT}.private_dns_zone_group.private_dns_zone_ids[]"],
    "private_dns_zone_virtual_network_link.resolution_policy": [f"{LINK}.resolution_policy"],
    "virtual_network_links.virtual_network_id": [f"{LINK}.virtual_network_id"],
    "virtual_network_links.resolution_policy": [f"{LINK}.resolution_policy"],
    "private_endpoint.name": [f"{ENDPOINT}.name"],
    "private_endpoint.private_service_connection_name": [f"{CONNECTION}.name"],
    "private_endpoint.private_dns_zone_group_name": [f"{ENDPOINT}.private_dns_zone_group.name"],
    "private_endpoint.private_ip_addresses": [f"{ENDPOINT}.ip_configuration.private_ip_address"],
    "private_endpoint.request_message": [f"{CONNECTION}.request_message"],
    "tags": [f"{kind}.tags" for kind in (REGISTRY, ZONE, LINK, ENDPOINT)],
}
"""What azurerm gets of each setting that is text or tags, where the provider validates that."""

UNCHECKED = {
    "subscription_id",
    "environment",
    "private_dns_zone_virtual_network_link.name",
    "adopt",
}
"""Text that goes to no attribute with a validation of its own."""

AN_ID = (
    "an id is complete and in the form that Azure shows, beginning with / and ending with a name"
)
STRICTER: dict[str, str] = {
    "location": "a region has letters and digits only, with or without spaces",
    "container_registry.georeplications.location": "as the registry's own",
    "virtual_network.name": "Azure's rule for the names of networks",
    "endpoint_subnet.name": "Azure's rule for the names of subnets",
    "endpoint_subnet.address_prefix": "Azure takes a prefix in CIDR form without host bits",
    "private_endpoint.private_ip_addresses": "an address in the usual form",
    "private_endpoint.request_message": "a message is one line",
    "private_endpoint.name": "Azure wants two characters at least, and 64 at most",
    "container_registry.encryption.key_vault_key_id": "the URL of a key, over https",
    "container_registry.georeplications.tags": "Azure refuses some names that azurerm takes",
    "container_registry.tags": "Azure refuses some names that azurerm takes",
    "tags": "Azure refuses some names that azurerm takes, and DNS takes fewer",
    **dict.fromkeys(
        [
            "endpoint_subnet.id",
            "container_registry.id",
            "container_registry.identity.identity_ids",
            "container_registry.log_analytics_workspace_id",
            "private_dns_zone.id",
            "virtual_network_links.virtual_network_id",
        ],
        AN_ID,
    ),
}
"""Settings that refuse some of what the provider takes, and why."""


def keys(section: Any = Registry, above: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting that takes text or tags, with the type of its field."""
    for name, field in section.model_fields.items():
        kinds = list(_within(field.annotation))
        sections = [kind for kind in kinds if issubclass(kind, Section)]
        for inner in sections:
            yield from keys(inner, f"{above}{name}.")
        if not sections and str in kinds:
            yield f"{above}{name}", field.annotation


def _within(annotation: Any) -> Iterator[type]:
    if get_args(annotation):
        for argument in get_args(annotation):
            yield from _within(argument)
    else:
        yield annotation if isinstance(annotation, type) else type(annotation)


def accepted(key: str, value: Any) -> Any:
    """What becomes of a value for a setting: None if the setting refuses it."""
    said = copy.deepcopy(GUIDE)
    *sections, last = key.split(".")
    within = said
    for section in sections:
        within = within.setdefault(section, {})
        if section == "georeplications":
            within = _in_list(said["container_registry"], section)
        if section == "virtual_network_links":
            within = within.setdefault("hub", {})
    siblings: dict[str, Json] = {
        "key_vault_key_id": {"identity_client_id": "00000000-0000-0000-0000-000000000001"},
        "identity_client_id": {"key_vault_key_id": "https://kv.vault.azure.net/keys/acr"},
        "identity_ids": {"type": "UserAssigned"},
        "resolution_policy": {"virtual_network_id": RECORDED["strings"][12]}
        if "links" in key
        else {},
        "tags": {"location": "westus"} if "georeplications" in key else {},
    }
    within.update(siblings.get(last, {}))
    within[last] = {"identity_ids": [value], "private_ip_addresses": {"registry": value}}.get(
        last, value
    )
    try:
        read: Any = Registry.model_validate(said).model_dump()
    except ValidationError:
        return None
    if last == "tags" and any("tags" in refusal.key for refusal in refusals(said)):
        return None
    for part in key.split("."):
        read = next(iter(read.values())) if part == "hub" else read[part]
        if part in ("georeplications", "identity_ids"):
            (read,) = read
        if part in ("virtual_network_links", "private_ip_addresses"):
            (read,) = read.values()
    return read


def _in_list(section: Json, name: str) -> Json:
    section[name] = [{}]
    item: Json = section[name][0]
    return item


def test_every_setting_is_looked_at() -> None:
    """One that takes text or tags, and that nobody has thought of, would be unchecked."""
    assert {key for key, _ in keys()} == {*BEHIND, *UNCHECKED}
    assert set(STRICTER) <= set(BEHIND)


@pytest.mark.parametrize("key", BEHIND)
def test_a_setting_takes_nothing_that_the_provider_refuses(key: str) -> None:
    """Of all recorded values; the setting is stricter only where there is a reason for it."""
    kind = "maps" if key.endswith("tags") else "strings"
    outcomes = {"refused by the provider": 0, "refused here alone": 0}
    for value in RECORDED[kind]:
        sent = accepted(key, value)
        takes = all(validation.accepts(attribute, value) for attribute in BEHIND[key])
        if sent is None:
            outcomes["refused here alone"] += takes
        else:
            for attribute in BEHIND[key]:
                assert validation.accepts(attribute, sent), (attribute, value, sent)
    assert bool(outcomes["refused here alone"]) == (key in STRICTER), key


@pytest.mark.parametrize("key", [key for key, reason in STRICTER.items() if reason == AN_ID])
def test_an_id_is_taken_in_whatever_capitals_azure_shows(key: str) -> None:
    """The fixed segments get Azure's own spelling, and the user's parts stay as they are."""
    (right,) = [
        text
        for text in RECORDED["strings"][:113]
        if accepted(key, text) == text and "größe" not in text
    ]
    parts = right.split("/")
    for change in (str.lower, str.upper, str.title):
        fixed = {*range(1, len(parts), 2), 6}
        odd = "/".join(change(part) if i in fixed else part for i, part in enumerate(parts))
        odd = odd.replace("/rg/", "/rG/").replace(parts[-1], parts[-1].swapcase())
        expected = right.replace("/rg/", "/rG/").replace(parts[-1], parts[-1].swapcase())
        assert accepted(key, odd) == expected
