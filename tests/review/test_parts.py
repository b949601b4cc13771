"""The parts of a stack as Terraform reads them: references, instances and dynamic blocks."""

from __future__ import annotations

from typing import Any

import pytest
from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.review.parts import around, parts

STACK: Json = {
    "//": {"metadata": {"version": "1"}},
    "provider": {"azurerm": [{"features": {}}, {"alias": "hub", "subscription_id": "${var.hub}"}]},
    "variable": {
        "hub": {"default": "1"},
        "secret": {"sensitive": True},
        "group": {"default": "rg"},
    },
    "locals": {"name": "acr${local.number}", "number": 12345, "endless": "${local.endless}"},
    "data": {"azurerm_virtual_network": {"vnet": {"name": "vnet"}}},
    "resource": {
        "azurerm_resource_group": {"rg": {"name": "${var.group}", "location": "eastus"}},
    },
}


def resolved(value: Any) -> Any:
    """A value of a registry in ``STACK``, with its references followed."""
    resource = {**STACK["resource"], REGISTRY: {"acr": {"value": value}}}
    return dict(parts({**STACK, "resource": resource}))[f"{REGISTRY}.acr"][1]["value"]


def addresses(**resource: Any) -> list[str]:
    """The addresses of the instances of a registry."""
    return [address for address, _ in parts({"resource": {REGISTRY: {"acr": resource}}})]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${azurerm_resource_group.rg.name}", "rg"),
        ("${data.azurerm_virtual_network.vnet.name}", "vnet"),
        ("${local.number}", 12345),
        ("${local.name}", "acr12345"),
        (["${var.group}", {"a": "x-${var.group}-y"}], ["rg", {"a": "x-rg-y"}]),
        (
            '${lower(local.name)}${join(",", [var.group])}',
            '${lower("acr12345")}${join(",", ["rg"])}',
        ),
    ],
)
def test_a_reference_is_followed(value: Any, expected: Any) -> None:
    """What the stack states takes the place of a reference: attributes, locals and defaults."""
    assert resolved(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "${azurerm_role_assignment.nameless.id}",
        "${data.azurerm_virtual_network.vnet.guid}",
        "${azurerm_resource_group.other.name}",
        "${azurerm_resource_group.rg}",
        "${var.secret}",
        "${var.missing}",
        "${local.endless}",
        "${data.azurerm_virtual_network.vnet.location}",
        "azurerm_resource_group.rg.name",
    ],
)
def test_a_reference_to_an_unknown_value_stays(value: str) -> None:
    """Only Terraform knows the value, or it is a text."""
    assert resolved(value) == value


def test_an_id_has_the_names_that_are_part_of_it() -> None:
    """Another name or parent gives another id, and another address the same one."""
    assert resolved("${azurerm_resource_group.rg.id}") == "${id of azurerm_resource_group rg}"
    subnet = {
        "resource_group_name": "${var.group}",
        "virtual_network_name": "${data.azurerm_virtual_network.vnet.name}",
        "name": "subnet",
    }
    for address in ("one", "two"):
        resources = {
            "azurerm_subnet": {address: subnet},
            "a": {"b": {"id": f"${{azurerm_subnet.{address}.id}}"}},
        }
        ids = dict(parts({**STACK, "resource": resources}))["a.b"][1]
        assert ids == {"id": "${id of azurerm_subnet rg/vnet/subnet}"}


def test_what_is_around_a_registry_is_found() -> None:
    """Also through a local and by an id; what only belongs to other services is left out."""
    resources: Json = {
        "azurerm_resource_group": {"rg": {"name": "rg"}, "other": {"name": "other"}},
        REGISTRY: {"acr": {"resource_group_name": "${azurerm_resource_group.rg.name}"}},
        f"{REGISTRY}_webhook": {"hook": {"registry_name": "${local.name}"}},
        "azurerm_role_assignment": {
            "pull": {
                "scope": "${azurerm_container_registry.acr.id}",
                "principal_id": "${azuread_group.agents.object_id}",
            },
            "other": {"scope": "${azurerm_resource_group.other.id}"},
        },
        "azuread_group": {"agents": {"display_name": "agents"}},
        "azapi_update_resource": {
            "by_id": {"resource_id": "/x/providers/Microsoft.ContainerRegistry/Registries/acr"}
        },
    }
    locals_ = {"name": "${azurerm_container_registry.acr.name}", "other": 1}
    assert around({"resource": resources, "locals": locals_}) == {
        f"{REGISTRY}.acr": "touches",
        "local.name": "touches",
        f"{REGISTRY}_webhook.hook": "touches",
        "azurerm_role_assignment.pull": "touches",
        "azapi_update_resource.by_id": "touches",
        "azurerm_resource_group.rg": "used",
        "azuread_group.agents": "used",
    }


def test_a_provider_is_named_by_its_alias() -> None:
    """References in a provider's configuration are followed as well."""
    found = dict(parts(STACK))
    assert found["provider.azurerm.hub"] == (
        "provider.azurerm",
        {"alias": "hub", "subscription_id": "1"},
    )


@pytest.mark.parametrize(
    ("resource", "keys"),
    [
        ({}, [""]),
        ({"count": 0}, []),
        ({"count": "0"}, []),
        ({"count": 2}, ["", "[1]"]),
        ({"count": "${var.number}"}, [""]),
        ({"for_each": []}, []),
        ({"for_each": {}}, []),
        ({"for_each": {"a": 1, "b": 2}}, ['["a"]', '["b"]']),
        ({"for_each": ["a"]}, ['["a"]']),
        ({"for_each": "${toset([])}"}, ['["${toset([])}"]']),
    ],
)
def test_a_resource_has_the_instances_that_terraform_creates(resource: Json, keys: Any) -> None:
    """Terraform moves a resource to the first of several, but not to an instance of a key."""
    assert addresses(**resource) == [f"{REGISTRY}.acr{key}" for key in keys]


def test_dynamic_blocks_are_blocks() -> None:
    """A block is repeated as often as its ``for_each`` says; of an expression, it is there once."""
    dynamic = {
        "identity": {"for_each": [], "content": {"type": "SystemAssigned"}},
        "georeplications": {"for_each": ["a", "b"], "content": {"location": "${each.value}"}},
        "network_rule_set": [{"for_each": "${var.rules}", "content": {"default_action": "Allow"}}],
    }
    resource = {"dynamic": dynamic, "georeplications": {"location": "westus"}}
    ((_, (_, attributes)),) = parts({"resource": {REGISTRY: {"acr": resource}}})
    assert attributes == {
        "identity": [],
        "georeplications": [{"location": "westus"}, *[{"location": "${each.value}"}] * 2],
        "network_rule_set": [{"default_action": "Allow"}],
    }
