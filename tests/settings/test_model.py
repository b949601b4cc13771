"""The model of the settings: the defaults and the required keys."""

from __future__ import annotations

from helpers import settings_of

from constructs_lib.arguments.guide import PARTS
from constructs_lib.settings.table import rows


def test_missing_settings_have_the_guides_or_azurerms_default() -> None:
    """The registry is protected and has no admin user, and the names are the guide's."""
    registry = settings_of()
    arguments = registry.arguments()
    endpoint = arguments["private_endpoint"]
    assert arguments["endpoint_subnet"].name == "PrivateEndpoint-subnet"
    assert registry.private_dns_zone_virtual_network_link.name == "AcrDNSLink"
    assert endpoint.name == "acrPvtEndpoint"
    assert endpoint.private_service_connection_name == "acrConnection"
    assert endpoint.private_dns_zone_group_name == "ACR-ZoneGroup"
    assert arguments["container_registry"].admin_enabled is False
    assert registry.deletion_protection is True
    assert registry.register_resource_providers is True
    assert registry.subscription_id is None
    assert registry.virtual_network.resource_group_name is None
    assert registry.tags == {}


def test_every_key_is_described_for_the_table() -> None:
    """Each key has a description, and only the keys without a default are required."""
    table = {key: (default, meaning) for key, default, meaning in rows()}
    assert all(meaning for _, meaning in table.values())
    assert {key: default for key, (default, _) in table.items() if "required" in default} == {
        "resource_group_name": "required",
        "location": "required, unless `container_registry.id`",
        "virtual_network.name": "required",
        "endpoint_subnet.address_prefix": "required, unless `endpoint_subnet.id`",
        "container_registry.name": "required, unless `container_registry.id`",
    }


def test_adopt_takes_true_false_or_a_list_of_parts() -> None:
    """``adopt`` stands for all parts, for no part or for the named ones; the default is none."""
    adopted = {
        str(adopt): settings_of(adopt=adopt).adopt for adopt in (True, False, ["private_endpoint"])
    }
    assert adopted == {
        "True": list(PARTS),
        "False": [],
        "['private_endpoint']": ["private_endpoint"],
    }
    assert settings_of().adopt == []
