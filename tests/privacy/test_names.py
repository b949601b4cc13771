"""The rules know a resource of azurerm 5 by the names of azurerm 4."""

from __future__ import annotations

import json
from typing import Any

import pytest
import versions
from helpers import ROOT, Json
from plans import plan, planned

from constructs_lib.diagram import diagram
from constructs_lib.privacy.attributes import LINK, REGISTRY, SUBNET
from constructs_lib.privacy.names import in_azurerm_4
from constructs_lib.review.changes import UNKNOWN, of_stacks
from constructs_lib.review.findings import findings, review
from constructs_lib.review.plans import of_plan
from simulation.stacks import Stack

RECORDED = {
    file.stem: json.loads(file.read_text()) for file in (ROOT / "tests/synthesized").glob("*.json")
}
ZONE = "/subscriptions/1/resourceGroups/dns-rg/providers/Microsoft.Network/privateDnsZones/zone"


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("version", ["4.81.0", "5.10.0"])
def test_a_move_to_another_version_changes_the_version_only(name: str, version: str) -> None:
    """The review and the diagram show nothing else, and the simulated ids stay."""
    before, after = RECORDED[name], versions.required(RECORDED[name], version)
    for old, new in ((before, after), (after, before)):
        changes = of_stacks({name: old}, {name: new})
        differences = [each.attribute for change in changes for each in change.differences()]
        assert differences == ["required_providers.azurerm.version"]
        assert not review("the move", changes, []).weakens
    assert diagram(after) == diagram(before)
    resources = [Stack(name, stack).resources for stack in (before, after)]
    ids = [{address: each.id for address, each in of.items()} for of in resources]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            {"name": "a", "private_dns_zone_id": ZONE},
            {"name": "a", "private_dns_zone_name": "zone", "resource_group_name": "dns-rg"},
        ),
        (
            {"private_dns_zone_id": f'${{"{ZONE.replace("/1/", "/${subscription}/")}"}}'},
            {"private_dns_zone_name": "zone", "resource_group_name": "dns-rg"},
        ),
        ({"private_dns_zone_id": UNKNOWN}, {"private_dns_zone_name": UNKNOWN}),
        ({"private_dns_zone_id": "${var.zone}"}, {"private_dns_zone_name": "${var.zone}"}),
        ({"private_dns_zone_id": None, "name": "a"}, {"private_dns_zone_id": None, "name": "a"}),
    ],
)
def test_a_link_has_its_zones_name_and_group(attributes: Json, expected: Json) -> None:
    """An id that is not known names the zone as it is."""
    assert in_azurerm_4(LINK, attributes) == expected
    assert in_azurerm_4(SUBNET, attributes) == attributes


@pytest.mark.parametrize("wrap", [lambda block: block, lambda block: [block]])
def test_a_replica_says_by_one_name_whether_it_takes_pulls(wrap: Any) -> None:
    """A block may be itself or in a list; any other value stays."""
    registry = {"georeplications": wrap({"location": "a", "global_endpoint_routing_enabled": True})}
    expected = {"georeplications": wrap({"location": "a", "regional_endpoint_enabled": True})}
    assert in_azurerm_4(REGISTRY, registry) == expected
    assert in_azurerm_4(REGISTRY, {"georeplications": "${var.all}"})["georeplications"] != []


def test_a_replica_of_azurerm_5_is_held_to_the_rules() -> None:
    """One that takes no pulls any more is a risk, and one that does is none."""

    def found(*takes_pulls: bool) -> list[tuple[str, str]]:
        replicas = (
            {"location": "westus", "global_endpoint_routing_enabled": each} for each in takes_pulls
        )
        registries = ({REGISTRY: {"acr": {"georeplications": [each]}}} for each in replicas)
        stacks = [{"stack": {"resource": each}} for each in registries]
        changes = of_stacks(*stacks)
        return [(each.attribute, each.verdict) for change in changes for each in findings(change)]

    assert found(True, False) == [("georeplications", "no longer")]
    assert found(False, True) == [("georeplications", "now")]
    assert found(True, True) == []


def test_a_plan_of_azurerm_5_that_replaces_a_link_is_a_risk() -> None:
    """Terraform names the attribute of azurerm 5, and the rule is on that of azurerm 4."""
    link = planned(
        *("delete", "create"),
        type=LINK,
        before={"private_dns_zone_id": ZONE.replace("zone", "privatelink.azurecr.io")},
        after={"private_dns_zone_id": f"{ZONE}.azurecr.io"},
        replace_paths=[["private_dns_zone_id"]],
    )
    found = [each for change in of_plan("stack", plan(link)) for each in findings(change)]
    assert [(each.attribute, each.verdict) for each in found] == [
        ("private_dns_zone_name", "no longer")
    ]
