"""Azure's ids of resources: their form and their spelling."""

from __future__ import annotations

import pytest

from constructs_lib import ids


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "/subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/z",
            1,
        ),
        (
            "/SUBSCRIPTIONS/{guid}/resourcegroups/r.g(1)/PROVIDERS/microsoft.network/PRIVATEDNSZONES/z",
            1,
        ),
        ("subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/z", 0),
        ("/subscriptions/mine/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/z", 0),
        (
            "/subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/z",
            0,
        ),
        ("/subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones", 0),
        (
            "/subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/z/a/b",
            0,
        ),
        (
            "/subscriptions/{guid}/resourceGroups/${x}/providers/Microsoft.Network/privateDnsZones/z",
            0,
        ),
    ],
)
def test_an_id_is_one_of_its_kind(text: str, right: int) -> None:
    """In whatever capitals Azure shows it, and complete."""
    text = text.replace("{guid}", "0123abcd-0000-0000-0000-00000000ABCD")
    rule = ids.of_kind(ids.PRIVATE_DNS_ZONE)
    if right:
        assert rule(text).lower() == text.lower()
    else:
        with pytest.raises(ValueError, match="an id of the form /subscriptions/SUBSCRIPTION/res"):
            rule(text)


@pytest.mark.parametrize("id", ["", "x", "/", "acr", "/subscriptions", "${TfToken[TOKEN.7]}"])
def test_a_text_that_is_no_id_keeps_its_spelling(id: str) -> None:
    """Such as one that only Terraform knows."""
    assert ids.spelled(id) == id


def test_a_name_that_is_a_word_of_azures_keeps_its_capitals() -> None:
    """Only the fixed segments have Azure's spelling."""
    group = "/subscriptions/s/resourcegroups/PROVIDERS"
    odd = f"{group}/providers/microsoft.network/virtualnetworks/SUBNETS"
    assert ids.spelled(odd) == (
        "/subscriptions/s/resourceGroups/PROVIDERS/providers/Microsoft.Network"
        "/virtualNetworks/SUBNETS"
    )


def test_an_id_has_a_type_segment_and_a_name_for_each_level() -> None:
    """As Azure's portal shows it."""
    names = ("zone", "link")
    assert ids.resource_id(ids.VIRTUAL_NETWORK_LINK, *names, subscription="s", group="g") == (
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
        "/privateDnsZones/zone/virtualNetworkLinks/link"
    )


def test_the_segments_of_an_id_are_named() -> None:
    """Those of a child resource's id name its parent."""
    link = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/z"
    assert ids.segments(f"{link}/virtualNetworkLinks/l") == ids.segments(link) == ("s", "g", "z")
