"""Azure's resource ids: their form and their spelling."""

from __future__ import annotations

import pytest

from constructs_lib.azure import ids

GROUP = "/subscriptions/0123abcd-0000-0000-0000-00000000ABCD/resourceGroups/r.g(1)"
ZONE = f"{GROUP}/providers/Microsoft.Network/privateDnsZones/z"


@pytest.mark.parametrize("text", [ZONE, ZONE.upper(), ZONE.lower()])
def test_an_id_may_be_in_upper_or_lower_case(text: str) -> None:
    """Azure's portal and its command line differ in it."""
    assert ids.of_kind(ids.PRIVATE_DNS_ZONE)(text).lower() == ZONE.lower()


@pytest.mark.parametrize(
    "text",
    [
        ZONE.removeprefix("/"),
        ZONE.replace("0123abcd-0000-0000-0000-00000000ABCD", "mine"),
        ZONE.replace("privateDnsZones", "virtualNetworks"),
        ZONE.removesuffix("/z"),
        f"{ZONE}/a/b",
        ZONE.replace("r.g(1)", "${x}"),
    ],
)
def test_an_id_is_complete_and_has_the_expected_type(text: str) -> None:
    """The error has the form of an id."""
    with pytest.raises(ValueError, match="an id of the form /subscriptions/SUBSCRIPTION/res"):
        ids.of_kind(ids.PRIVATE_DNS_ZONE)(text)


@pytest.mark.parametrize("id", ["", "x", "/", "acr", "/subscriptions", "${TfToken[TOKEN.7]}"])
def test_a_text_that_is_no_id_keeps_its_spelling(id: str) -> None:
    """A text that is not a resource id, such as a token, is returned unchanged."""
    assert ids.spelled(id) == id


def test_a_name_that_equals_a_fixed_segment_keeps_its_case() -> None:
    """Only the fixed segments of an id get Azure's spelling."""
    group = "/subscriptions/s/resourcegroups/PROVIDERS"
    id = f"{group}/providers/microsoft.network/virtualnetworks/SUBNETS"
    assert ids.spelled(id) == (
        "/subscriptions/s/resourceGroups/PROVIDERS/providers/Microsoft.Network"
        "/virtualNetworks/SUBNETS"
    )


def test_an_id_contains_the_type_and_name_of_each_level() -> None:
    """The id of a child resource contains its parent's type and name."""
    names = ("zone", "link")
    assert ids.resource_id(ids.VIRTUAL_NETWORK_LINK, *names, subscription="s", group="g") == (
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
        "/privateDnsZones/zone/virtualNetworkLinks/link"
    )


def test_segments_are_the_subscription_the_group_and_the_name() -> None:
    """The segments of a child resource's id contain the name of its parent."""
    link = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/z"
    assert ids.segments(f"{link}/virtualNetworkLinks/l") == ids.segments(link) == ("s", "g", "z")
