"""Arguments of azurerm are offered, or are refused with the reason and with what to do instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, Json

from constructs_lib import ArgumentError
from constructs_lib.arguments import additions, guide
from constructs_lib.arguments.base import Arguments
from constructs_lib.arguments.not_offered import INSTEAD, ROWS
from constructs_lib.settings import SettingsError, load
from standin import schema

CLASSES: dict[str, type[Arguments]] = {
    "azurerm_subnet": guide.NewSubnet,
    "azurerm_container_registry": guide.NewRegistry,
    "azurerm_private_dns_zone": guide.NewPrivateDnsZone,
    "azurerm_private_dns_zone_virtual_network_link": guide.NewVirtualNetworkLink,
    "azurerm_private_endpoint": guide.NewPrivateEndpoint,
    "azurerm_management_lock": additions.NewLock,
    "azurerm_monitor_diagnostic_setting": additions.NewAuditLogs,
    "azurerm_container_registry_token": additions.NewPullToken,
    "azurerm_container_registry_token_password": additions.NewPullToken,
    "azurerm_container_registry_cache_rule": additions.NewCacheRule,
}
"""The class of arguments for each resource that the construct creates."""


def settable(block: Json) -> Iterator[str]:
    """The names of the arguments that a user of azurerm may give, at any depth."""
    for name, argument in block.items():
        if "required" in argument or "optional" in argument:
            yield name
            yield from settable(argument.get("block", {}))


@pytest.mark.parametrize("version", schema.versions())
@pytest.mark.parametrize("resource", CLASSES)
def test_each_argument_of_azurerm_is_offered_or_refused_with_a_reason(
    resource: str, version: str
) -> None:
    """No argument of a resource is unknown: it is there, or says why not, and what instead."""
    cls = CLASSES[resource]
    block = schema.description(version)["resources"][resource]
    top = [name for name in block if {"required", "optional"} & set(block[name])]
    assert top
    for name in (each for each in top if each not in cls.model_fields):
        given: dict[str, Any] = {name: "x"}
        with pytest.raises(ArgumentError) as caught:
            cls(**given)
        problem = f"{cls.__name__}: {name} is 'x': {INSTEAD[name]}"
        assert problem in str(caught.value).splitlines()


def test_each_argument_that_is_not_offered_is_azurerms() -> None:
    """A name that azurerm has dropped leaves the table, and none is there twice."""
    descriptions = [schema.description(version)["resources"] for version in schema.versions()]
    known = {name for blocks in descriptions for each in CLASSES for name in settable(blocks[each])}
    names = [name for row in ROWS for name in row.arguments]
    assert set(names) - known == set()
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("written", "key", "remedy"),
    [
        ("container_registry: {name: acr12345, sku: Basic}", "container_registry.sku", "Premium"),
        (
            "container_registry: {name: acr12345, public_network_access_enabled: true}",
            "container_registry.public_network_access_enabled",
            "virtual_network_links",
        ),
        (
            "container_registry: {name: acr12345, anonymous_pull_enable: true}",
            "container_registry.anonymous_pull_enable",
            "AcrPull",
        ),
        ("retention_policy_in_days: 7", "retention_policy_in_days", "acr purge"),
        ("private_endpoint: {location: eastus}", "private_endpoint.location", "region"),
    ],
)
def test_a_key_that_is_not_offered_says_what_to_do(
    written: str, key: str, remedy: str, tmp_path: Path
) -> None:
    """The settings file reports it on its line, wherever it is, and also when misspelt."""
    text = (ROOT / "examples" / "guide.yaml").read_text()
    if written.startswith("container_registry"):
        text = text.partition("    container_registry:")[0]
    file = tmp_path / "registries.yaml"
    file.write_text(f"{text}    {written}\n")
    with pytest.raises(SettingsError) as caught:
        load(str(file), {})
    (problem,) = caught.value.problems
    assert problem.line == len(file.read_text().splitlines())
    assert problem.text.startswith(f"registries.aro-private-acr.{key} is ")
    assert ": not offered: " in problem.text
    assert remedy in problem.text
