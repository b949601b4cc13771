"""The stack around the construct: what is said in the settings, and what nobody has to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import EXAMPLES, SUBSCRIPTION, Json, ids, names, the

Synthesized = Callable[..., Json]
THEIRS = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
ZONE_ID = f"{THEIRS}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
NETWORK_ID = f"{THEIRS}/Microsoft.Network/virtualNetworks/hub"
REGISTRY_ID = f"{THEIRS}/Microsoft.ContainerRegistry/registries/theirs"
PROVIDER_IDS = ["Microsoft.ContainerRegistry", "Microsoft.Network"]


@pytest.fixture(scope="module")
def changed(synthesized: Synthesized) -> Json:
    """A stack with every option."""
    return synthesized(EXAMPLES["every-option"]["every-option"])


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
    assert network == {"name": "aro-vnet", "resource_group_name": "network-rg"}
    for kind in (
        "azurerm_container_registry",
        "azurerm_private_dns_zone",
        "azurerm_private_endpoint",
    ):
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


def test_tags_are_taken_as_they_are(guide: Json, changed: Json) -> None:
    """Terraform would read ``${`` and ``%{`` in JSON as templates; without tags, none are set."""
    tags = the(changed, "azurerm_container_registry")["tags"]
    assert tags == {"team": "platform", "literal": "$${a} %%{ b }", "env": "prod"}
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
    assert f"[{login_server}], []" in precondition["condition"]
    assert f"coalesce({login_server}," in precondition["error_message"]


def test_the_provider_is_pinned_to_what_the_bindings_were_made_from(guide: Json) -> None:
    """And nothing else stands there that Checkov's reader of such files would stumble over."""
    assert set(guide["terraform"]) == {"backend", "required_providers"}
    assert guide["terraform"]["required_providers"] == {
        "azurerm": {"source": "azurerm", "version": "4.55.0"}
    }


def test_ids_are_those_of_the_registries_in_use(guide: Json, changed: Json) -> None:
    """No version and no setting may change one: the golden file says what that would do."""
    golden = Path(__file__).with_name("construct_ids.txt").read_text()
    always, on_request = (
        [line for line in part.splitlines() if line.startswith("azurerm_")]
        for part in golden.split("# On request")
    )
    assert ids(guide) == always
    assert ids(changed) == sorted([*always, *on_request])


def test_what_exists_is_imported_on_request_only(guide: Json, synthesized: Synthesized) -> None:
    """All of it, or the parts that are named; the blocks change nothing else."""
    assert "import" not in guide
    subscription: Json = {"subscription_id": SUBSCRIPTION}
    every = synthesized(**subscription, adopt=True)
    some = synthesized(**subscription, adopt=["private_endpoint"])
    assert sorted(block["to"] for block in every["import"]) == ids(guide)
    (block,) = some["import"]
    assert block["to"].startswith("azurerm_private_endpoint.")
    assert block["id"].endswith("/privateEndpoints/acrPvtEndpoint")
    assert every["resource"] == some["resource"] == guide["resource"]


def test_only_what_is_made_here_is_imported(synthesized: Synthesized) -> None:
    """A part that is given is not Terraform's."""
    result = synthesized(subscription_id=SUBSCRIPTION, adopt=True, private_dns_zone={"id": ZONE_ID})
    assert sorted(block["to"].partition(".")[0] for block in result["import"]) == [
        "azurerm_container_registry",
        "azurerm_private_endpoint",
        "azurerm_subnet",
    ]


def test_a_given_zone_has_no_link_unless_asked_for(synthesized: Synthesized) -> None:
    """Asked for, it is made in the zone's own subscription, where the zone's provider is."""
    link = "azurerm_private_dns_zone_virtual_network_link"
    silent = synthesized(private_dns_zone={"id": ZONE_ID})
    assert link not in silent["resource"]
    assert len(silent["provider"]["azurerm"]) == 1
    asked = synthesized(
        private_dns_zone={"id": ZONE_ID},
        private_dns_zone_virtual_network_link={},
        virtual_network_links={"hub": {"virtual_network_id": NETWORK_ID}},
    )
    links = asked["resource"][link].values()
    assert {made["name"] for made in links} == {"AcrDNSLink", "hub"}
    assert {made["provider"] for made in links} == {"azurerm.private_dns_zone"}
    assert {made["resource_group_name"] for made in links} == {"hub-rg"}
    ours, theirs = asked["provider"]["azurerm"]
    assert "alias" not in ours
    assert theirs == {
        "alias": "private_dns_zone",
        "features": [{}],
        "resource_provider_registrations": "none",
        "subscription_id": "00000000-0000-0000-0000-000000000002",
    }


def test_a_pending_connection_is_no_error_and_says_so(
    guide: Json, synthesized: Synthesized
) -> None:
    """Its addresses are null, which their descriptions explain; two are still too many."""
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


def test_azure_government_has_its_own_environment_and_zone(synthesized: Synthesized) -> None:
    """Azure's public cloud is azurerm's default, and not said."""
    government = synthesized(environment="usgovernment")
    (provider,) = government["provider"]["azurerm"]
    assert provider["environment"] == "usgovernment"
    assert names(government, "azurerm_private_dns_zone") == ["privatelink.azurecr.us"]
