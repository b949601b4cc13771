"""The stack around the construct: provider, network, outputs and imports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helpers import EXAMPLES, SUBSCRIPTION, Json, ids, settings_of, the

Synthesize = Callable[..., Json]
HUB_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
ZONE_ID = f"{HUB_GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
NETWORK_ID = f"{HUB_GROUP}/Microsoft.Network/virtualNetworks/hub"
REGISTRY_ID = f"{HUB_GROUP}/Microsoft.ContainerRegistry/registries/theirs"
LINK = "azurerm_private_dns_zone_virtual_network_link"


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


def test_construct_ids_are_those_of_registries_in_use(guide: Json, synthesized: Synthesize) -> None:
    """No version and no setting may change a construct's id; construct_ids.txt explains why."""
    recorded = Path(__file__).with_name("construct_ids.txt").read_text()
    always, on_request = (
        [line for line in part.splitlines() if line.startswith("azurerm_")]
        for part in recorded.split("# On request")
    )
    assert ids(guide) == always
    every_option = synthesized(EXAMPLES["every-option"]["every-option"])
    assert ids(every_option) == sorted([*always, *on_request])


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


def test_an_existing_zone_is_linked_only_on_request(synthesized: Synthesize) -> None:
    """A provider for the zone's subscription creates the links to an existing zone."""
    default = synthesized(private_dns_zone={"id": ZONE_ID})
    assert LINK not in default["resource"]
    assert len(default["provider"]["azurerm"]) == 1
    linked = synthesized(
        private_dns_zone={"id": ZONE_ID},
        private_dns_zone_virtual_network_link={},
        virtual_network_links={"hub": {"virtual_network_id": NETWORK_ID}},
    )
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
