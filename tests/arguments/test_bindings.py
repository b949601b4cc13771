"""Arguments as the bindings of azurerm 4 and of azurerm 5 take them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from helpers import ROOT

from constructs_lib import ArgumentError, Georeplication, NewRegistry, NewSubnet
from constructs_lib.arguments import bindings
from constructs_lib.arguments.bindings import SINCE, azurerm_arguments, too_new, zone_of_link
from constructs_lib.settings import SettingsError, load

ZONE = SimpleNamespace(id="/zone", name="privatelink.azurecr.io")


class ReplicaOf4:
    """A replica's struct in the bindings of azurerm 4."""

    def __init__(self, *, location: str, regional_endpoint_enabled: bool) -> None:
        """Take what azurerm 4 takes."""


class ReplicaOf5:
    """A replica's struct in the bindings of azurerm 5."""

    def __init__(self, *, global_endpoint_routing_enabled: bool, location: str) -> None:
        """Take what azurerm 5 takes."""


class LinkOf4:
    """A link in the bindings of azurerm 4."""

    def __init__(self, *, private_dns_zone_name: str, resource_group_name: str) -> None:
        """Take what azurerm 4 takes."""


class LinkOf5:
    """A link in the bindings of azurerm 5."""

    def __init__(self, *, private_dns_zone_id: str) -> None:
        """Take what azurerm 5 takes."""


@pytest.mark.parametrize(
    ("struct", "name"),
    [
        (ReplicaOf4, "regional_endpoint_enabled"),
        (ReplicaOf5, "global_endpoint_routing_enabled"),
    ],
)
@pytest.mark.parametrize("takes_pulls", [True, False])
def test_a_replica_takes_pulls_by_the_name_that_its_struct_has(
    struct: type, name: str, takes_pulls: bool
) -> None:
    """The settings keep their name, and the value its meaning."""
    replica = Georeplication(location="westus", regional_endpoint_enabled=takes_pulls)
    assert azurerm_arguments(struct, replica) == {"location": "westus", name: takes_pulls}


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (LinkOf4, {"private_dns_zone_name": ZONE.name, "resource_group_name": "rg"}),
        (LinkOf5, {"private_dns_zone_id": ZONE.id}),
    ],
)
def test_a_link_names_its_zone_as_its_class_does(link: type, expected: dict[str, str]) -> None:
    """Of azurerm 5, the zone's id is all; its parts would be unknown arguments."""
    assert zone_of_link(link, ZONE, "rg") == expected


def registry(**arguments: Any) -> NewRegistry:
    """A registry with further arguments."""
    return NewRegistry(name="acr12345", location="eastus", **arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("azuread_authentication_as_arm_policy_enabled", False),
        ("network_rule_bypass_for_tasks_enabled", True),
        ("role_assignment_mode", "AbacRepositoryPermissions"),
    ],
)
def test_an_argument_that_the_bindings_lack_is_refused(
    name: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the version that has it; newer bindings take it, and without any nothing is new."""
    assert [*too_new(registry(**{name: value}))] == [(name, value, "4.81.0")]
    assert [*too_new(registry())] == []
    module = tmp_path / f"with_{name}" / "container_registry" / "__init__.py"
    module.parent.mkdir(parents=True)
    module.write_text(f'"{name}": "{name}"')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(bindings, "BINDINGS", f"with_{name}")
    assert [*too_new(registry(**{name: value}))] == []
    monkeypatch.setattr(bindings, "BINDINGS", "not_installed")
    assert [*too_new(registry(**{name: value}))] == [(name, value, "4.81.0")]


def test_the_file_and_an_app_refuse_it_alike(tmp_path: Path) -> None:
    """The file's message has its line; both name the key, the value and the first azurerm."""
    from cdktf import TerraformStack, Testing
    from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork

    from constructs_lib import PrivateContainerRegistry

    file = tmp_path / "registries.yaml"
    text = (ROOT / "registries.yaml").read_text()
    file.write_text(
        text.replace(
            "container_registry:",
            "container_registry:\n      role_assignment_mode: AbacRepositoryPermissions",
        )
    )
    with pytest.raises(SettingsError) as of_file:
        load(str(file), {"ACR_NAME": "acr12345"})
    stack = TerraformStack(Testing.app(), "stack")
    network = DataAzurermVirtualNetwork(stack, "vnet", name="vnet", resource_group_name="rg")
    with pytest.raises(ArgumentError) as of_app:
        PrivateContainerRegistry(
            stack,
            "acr",
            resource_group_name="rg",
            virtual_network=network,
            endpoint_subnet=NewSubnet(address_prefix="10.0.8.0/24"),
            container_registry=registry(role_assignment_mode="AbacRepositoryPermissions"),
        )
    for caught in (of_file, of_app):
        assert "container_registry.role_assignment_mode" in str(caught.value)
        assert "AbacRepositoryPermissions" in str(caught.value)
        assert f"azurerm has it from {SINCE['role_assignment_mode']} on" in str(caught.value)
