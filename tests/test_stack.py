"""The stack around the construct: what is said in the settings, and what nobody has to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import EVERY_OPTION, Json, ids, the

Synthesized = Callable[..., Json]
PROVIDER_IDS = ["Microsoft.ContainerRegistry", "Microsoft.Network"]


@pytest.fixture(scope="module")
def changed(synthesized: Synthesized) -> Json:
    """A stack with every optional setting changed."""
    return synthesized(**EVERY_OPTION)


def test_two_resource_providers_are_registered_and_no_others(guide: Json) -> None:
    """The subscription is left to the environment that Terraform runs in."""
    assert guide["provider"]["azurerm"] == [
        {
            "features": [{}],
            "resource_provider_registrations": "none",
            "resource_providers_to_register": PROVIDER_IDS,
        }
    ]


def test_nothing_is_registered_for_an_identity_without_the_right(changed: Json) -> None:
    """And the subscription is the one that was named."""
    assert changed["provider"]["azurerm"] == [
        {
            "features": [{}],
            "resource_provider_registrations": "none",
            "subscription_id": "00000000-0000-0000-0000-000000000001",
        }
    ]


def test_the_network_is_looked_up_in_the_registrys_resource_group(guide: Json) -> None:
    """As in the guide, where there is one group; by name, so a wrong one fails in the plan."""
    assert the({"resource": guide["data"]}, "azurerm_virtual_network") == {
        "name": "aro-rcarrata-vnet",
        "resource_group_name": "aro-mobb-rg",
    }


def test_the_network_may_be_in_a_group_of_its_own(changed: Json) -> None:
    """The registry, its zone, link and endpoint stay in theirs."""
    network = the({"resource": changed["data"]}, "azurerm_virtual_network")
    assert network == {"name": "own", "resource_group_name": "net"}
    for kind in set(changed["resource"]) - {"azurerm_subnet"}:
        assert the(changed, kind)["resource_group_name"] == "aro-mobb-rg"


def test_the_prefix_is_checked_in_the_plan(guide: Json) -> None:
    """The message names the prefix, the network and its address space."""
    (precondition,) = the(guide, "azurerm_subnet")["lifecycle"]["precondition"]
    network = "data.azurerm_virtual_network.virtual_network"
    assert f"in {network}.address_space :" in precondition["condition"]
    assert '"10.0.8.0/23"' in precondition["condition"]
    assert "10.0.8.0/23" in precondition["error_message"]
    assert f"${{{network}.name}}" in precondition["error_message"]
    assert f"{network}.address_space)" in precondition["error_message"]


def test_the_guides_registry_has_no_admin_user_unless_asked(guide: Json) -> None:
    """The shipped file asks for it; a file of somebody's own has azurerm's default."""
    assert the(guide, "azurerm_container_registry")["admin_enabled"] is False
    assert the(guide, "azurerm_container_registry")["lifecycle"] == {"prevent_destroy": True}


def test_each_setting_reaches_its_argument(changed: Json) -> None:
    """One wrong wire between settings and construct shows here."""
    endpoint = the(changed, "azurerm_private_endpoint")
    subnet = the(changed, "azurerm_subnet")
    registry = the(changed, "azurerm_container_registry")
    assert (subnet["name"], subnet["address_prefixes"]) == ("subnet", ["10.1.0.8/29"])
    assert (registry["name"], registry["admin_enabled"]) == ("MyRegistry", True)
    assert registry["location"] == "East US 2"
    assert "lifecycle" not in registry
    link = the(changed, "azurerm_private_dns_zone_virtual_network_link")
    assert link["name"] == "link"
    assert endpoint["name"] == "endpoint"
    assert endpoint["private_service_connection"]["name"] == "connection"
    assert endpoint["private_dns_zone_group"]["name"] == "group"


def test_tags_are_taken_as_they_are(guide: Json, changed: Json) -> None:
    """Terraform would read ``${`` and ``%{`` in JSON as templates; without tags, none are set."""
    tags = the(changed, "azurerm_container_registry")["tags"]
    assert tags == {"team": "platform", "literal": "$${a} %%{ b }"}
    assert "tags" not in the(guide, "azurerm_container_registry")


def test_outputs_are_what_the_guide_looks_up(guide: Json) -> None:
    """Each comes from Terraform's state, has a description and is no secret."""
    outputs = guide["output"]
    assert set(outputs) == {
        "registry_id",
        "registry_fqdn",
        "registry_private_ip",
        "registry_data_endpoints",
        "network_interface_id",
    }
    for output in outputs.values():
        assert output["description"]
        assert "sensitive" not in output
        assert output["value"].startswith("${")


def test_an_address_that_is_not_one_stops_with_a_message(guide: Json) -> None:
    """The preconditions survive synthesis, and say what was found for which host."""
    outputs = guide["output"]
    assert {name for name in outputs if "precondition" in outputs[name]} == {
        "registry_private_ip",
        "registry_data_endpoints",
    }
    precondition = outputs["registry_private_ip"]["precondition"]
    login_server = outputs["registry_fqdn"]["value"].strip("${}")
    assert precondition["condition"].endswith(" == 1}")
    assert f"{login_server}, []" in precondition["condition"]
    assert f"${{{login_server}}}" in precondition["error_message"]


def test_terraform_is_told_which_versions_will_do(guide: Json) -> None:
    """The provider is pinned to what the bindings were made from."""
    terraform = guide["terraform"]
    assert terraform["required_version"] == ">= 1.5"
    assert terraform["required_providers"] == {
        "azurerm": {"source": "azurerm", "version": "4.55.0"}
    }


def test_ids_are_those_of_the_registries_in_use(guide: Json, changed: Json) -> None:
    """No version and no setting may change one: the golden file says what that would do."""
    golden = Path(__file__).with_name("construct_ids.txt").read_text().splitlines()
    assert ids(guide) == [line for line in golden if not line.startswith("#")]
    assert ids(changed) == ids(guide)
