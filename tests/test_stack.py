"""The stack around the construct: provider, network, outputs and imports."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import EXAMPLES, SUBSCRIPTION, Json, ids, names, settings_of, the

Synthesize = Callable[..., Json]
HUB_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
ZONE_ID = f"{HUB_GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
NETWORK_ID = f"{HUB_GROUP}/Microsoft.Network/virtualNetworks/hub"
REGISTRY_ID = f"{HUB_GROUP}/Microsoft.ContainerRegistry/registries/theirs"
LINK = "azurerm_private_dns_zone_virtual_network_link"


@pytest.fixture(scope="module")
def every_option(synthesized: Synthesize) -> Json:
    """The JSON of the example stack that has every option."""
    return synthesized(EXAMPLES["every-option"]["every-option"])


def test_two_resource_providers_are_registered_at_most(guide: Json, every_option: Json) -> None:
    """None are where the identity has no right to. The subscription is the environment's."""
    registered = ["Microsoft.ContainerRegistry", "Microsoft.Network"]
    shared = {"features": [{}], "resource_provider_registrations": "none"}
    assert guide["provider"]["azurerm"] == [
        {**shared, "resource_providers_to_register": registered}
    ]
    assert every_option["provider"]["azurerm"] == [{**shared, "subscription_id": SUBSCRIPTION}]


def test_the_provider_has_the_version_of_the_bindings(guide: Json) -> None:
    """The ``terraform`` block contains nothing else that Checkov can't read."""
    assert set(guide["terraform"]) == {"backend", "required_providers"}
    assert guide["terraform"]["required_providers"] == {
        "azurerm": {"source": "azurerm", "version": "4.55.0"}
    }


def test_azure_government_has_its_own_environment_and_zone(synthesized: Synthesize) -> None:
    """The provider and the private DNS zone are those of Azure Government."""
    government = synthesized(environment="usgovernment")
    assert government["provider"]["azurerm"][0]["environment"] == "usgovernment"
    assert names(government, "azurerm_private_dns_zone") == ["privatelink.azurecr.us"]


def test_settings_that_are_missing_have_the_guides_default(guide: Json) -> None:
    """The registry is protected. The settings have defaults beside those of the construct."""
    registry = the(guide, "azurerm_container_registry")
    assert registry["lifecycle"] == {"prevent_destroy": True}
    assert registry["admin_enabled"] is False
    assert "tags" not in registry
    endpoint = the(guide, "azurerm_private_endpoint")
    assert endpoint["private_service_connection"]["name"] == "acrConnection"
    assert endpoint["private_dns_zone_group"]["name"] == "ACR-ZoneGroup"


def test_the_network_is_looked_up_in_a_resource_group(guide: Json, every_option: Json) -> None:
    """It is the registry's, or one of its own: by name, so that a wrong name fails in the plan."""
    assert the({"resource": guide["data"]}, "azurerm_virtual_network") == {
        "name": "aro-rcarrata-vnet",
        "resource_group_name": "aro-mobb-rg",
    }
    network = the({"resource": every_option["data"]}, "azurerm_virtual_network")
    assert network == {"name": "aro-vnet", "resource_group_name": "network-rg"}
    for kind in ("container_registry", "private_dns_zone", "private_endpoint"):
        assert the(every_option, f"azurerm_{kind}")["resource_group_name"] == "aro-mobb-rg"


def test_the_prefix_is_checked_in_the_plan(guide: Json) -> None:
    """The error message contains the prefix, the network's name and its address space."""
    (precondition,) = the(guide, "azurerm_subnet")["lifecycle"]["precondition"]
    network = "data.azurerm_virtual_network.virtual_network"
    for text in (f"in {network}.address_space :", '"10.0.8.0/23"'):
        assert text in precondition["condition"]
    for text in ("10.0.8.0/23", f"${{{network}.name}}", f"{network}.address_space)"):
        assert text in precondition["error_message"]


def test_outputs_are_the_values_that_the_guide_looks_up(guide: Json) -> None:
    """None is a secret. A missing or ambiguous address is an error, which names the host."""
    outputs = guide["output"]
    checked = ["registry_data_endpoints", "registry_private_ip"]
    assert sorted(outputs) == sorted(
        [*checked, "network_interface_id", "registry_fqdn", "registry_id"]
    )
    for output in outputs.values():
        assert output["description"]
        assert "sensitive" not in output
        assert output["value"].startswith("${")
    assert sorted(name for name in outputs if "precondition" in outputs[name]) == checked
    precondition = outputs["registry_private_ip"]["precondition"]
    login_server = outputs["registry_fqdn"]["value"].strip("${}")
    assert precondition["condition"].endswith(" == 1}")
    assert f"[{login_server}], []" in precondition["condition"]
    assert f"coalesce({login_server}," in precondition["error_message"]


def test_no_text_of_the_settings_is_a_template(synthesized: Synthesize) -> None:
    """However the settings were made: they are escaped where the stack is written."""
    settings = settings_of(
        location=None,
        container_registry={"id": REGISTRY_ID},
        private_endpoint={"request_message": "for ${us}"},
    )
    changed = settings.model_copy(update={"tags": {"${a}": "${b} $${c}"}})
    endpoint = the(synthesized(changed), "azurerm_private_endpoint")
    assert endpoint["private_service_connection"]["request_message"] == "for $${us}"
    assert endpoint["tags"] == {"$${a}": "$${b} $$${c}"}


def test_construct_ids_are_those_of_registries_in_use(guide: Json, every_option: Json) -> None:
    """No version and no setting may change a construct's id; construct_ids.txt explains why."""
    recorded = Path(__file__).with_name("construct_ids.txt").read_text()
    always, on_request = (
        [line for line in part.splitlines() if line.startswith("azurerm_")]
        for part in recorded.split("# On request")
    )
    assert ids(guide) == always
    assert ids(every_option) == sorted([*always, *on_request])


def test_a_lock_steps_aside_for_each_thing_that_it_protects(every_option: Json) -> None:
    """Azure deletes none of them under it, whichever goes.

    Passwords go by an update of their token, and a credential set's role is in the vault.
    """
    kinds = ("container_registry_", "monitor_", "private_endpoint.", "role_assignment.")
    protected = [
        each
        for each in ids(every_option)
        if each.removeprefix("azurerm_").startswith(kinds)
        and not re.search("_token_password|_credential_set_role_", each)
    ]
    lock = the(every_option, "azurerm_management_lock")
    assert sorted(lock["depends_on"]) == protected
    *by_id, replicas = lock["lifecycle"]["replace_triggered_by"]
    assert sorted(by_id) == [f"{each}.id" for each in protected]
    assert replicas.endswith(".georeplications")


def test_existing_resources_are_imported_only_on_request(
    guide: Json, synthesized: Synthesize
) -> None:
    """Terraform imports all resources or those in a list, and nothing else changes."""
    everything, one = (
        synthesized(subscription_id=SUBSCRIPTION, adopt=adopt)
        for adopt in (True, ["private_endpoint"])
    )
    assert sorted(block["to"] for block in everything["import"]) == ids(guide)
    (block,) = one["import"]
    assert block["to"].startswith("azurerm_private_endpoint.")
    assert block["id"].endswith("/privateEndpoints/acrPvtEndpoint")
    assert everything["resource"] == one["resource"] == guide["resource"]
    assert "import" not in guide


def test_an_existing_zone_is_linked_only_on_request(synthesized: Synthesize) -> None:
    """A provider for the zone's subscription creates the links to an existing zone."""
    default = synthesized(private_dns_zone={"id": ZONE_ID})
    assert LINK not in default["resource"]
    assert len(default["provider"]["azurerm"]) == 1
    own: Json = {"private_dns_zone_virtual_network_link": {}}
    further: Json = {"virtual_network_links": {"hub": {"virtual_network_id": NETWORK_ID}}}
    for one in (own, further):
        alone = synthesized(private_dns_zone={"id": ZONE_ID}, **one)
        assert the(alone, LINK)["provider"] == "azurerm.private_dns_zone"
    linked = synthesized(private_dns_zone={"id": ZONE_ID}, **own, **further)
    links = linked["resource"][LINK].values()
    assert {link["name"] for link in links} == {"AcrDNSLink", "hub"}
    assert {link["provider"] for link in links} == {"azurerm.private_dns_zone"}
    assert {link["resource_group_name"] for link in links} == {"hub-rg"}
    ours, zones = linked["provider"]["azurerm"]
    assert "alias" not in ours
    assert zones == {
        "alias": "private_dns_zone",
        "features": [{}],
        "resource_provider_registrations": "none",
        "subscription_id": "00000000-0000-0000-0000-000000000002",
    }


def test_a_pending_connection_is_no_error(guide: Json, synthesized: Synthesize) -> None:
    """The addresses of a pending connection are null, which their descriptions explain."""
    pending = synthesized(
        location=None,
        container_registry={"id": REGISTRY_ID},
        private_endpoint={"request_message": "please"},
    )["output"]
    until = "null until the registry's owner has approved the connection"
    assert {name for name in pending if until in pending[name]["description"]} == {
        "registry_fqdn",
        "registry_private_ip",
        "registry_data_endpoints",
    }
    assert pending["registry_private_ip"]["precondition"]["condition"].endswith(" <= 1}")
    assert pending["registry_id"]["value"] == REGISTRY_ID
    assert not any(until in output["description"] for output in guide["output"].values())
