"""Azure's rules for names, regions, addresses and tags, stated independently of the code."""

from __future__ import annotations

import string
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.azure import naming, prefixes, regions, tagging

ALPHANUMERIC = string.ascii_letters + string.digits
WRONG_LENGTHS = ["", "33", "-1", "023", "255.255.254.0", "23\n"]
ANYTHING = st.text(st.sampled_from(ALPHANUMERIC + "._-() /\\\n\0é٣$"), max_size=100)


def accepts(rule: Callable[[str], str], text: str) -> bool:
    """Whether the rule accepts the text, which it must then return unchanged."""
    try:
        assert rule(text) == text
    except ValueError:
        return False
    return True


def is_network_name(text: str, shortest: int, longest: int) -> bool:
    """Azure's rule for the names of virtual networks, subnets, endpoints and links."""
    return (
        shortest <= len(text) <= longest
        and set(text) <= set(ALPHANUMERIC + "._-")
        and text[0] in ALPHANUMERIC
        and text[-1] in ALPHANUMERIC + "_"
    )


@given(ANYTHING | st.text(st.sampled_from(ALPHANUMERIC), max_size=60))
def test_a_registry_name_has_5_to_50_ascii_letters_and_digits(text: str) -> None:
    """Arabic digits and line breaks are refused in a registry's name."""
    expected = 5 <= len(text) <= 50 and set(text) <= set(ALPHANUMERIC)
    assert accepts(naming.registry_name, text) == expected


@given(ANYTHING)
def test_a_resource_group_name_does_not_end_with_a_dot(text: str) -> None:
    """A resource group's name has at most 90 ASCII letters, digits and ``._-()``."""
    expected = (
        1 <= len(text) <= 90 and set(text) <= set(ALPHANUMERIC + "._-()") and not text.endswith(".")
    )
    assert accepts(naming.resource_group_name, text) == expected


@given(ANYTHING | st.text(st.sampled_from("()._-a"), max_size=4))
def test_a_lock_name_has_more_than_parentheses(text: str) -> None:
    """Azurerm wants a letter, a digit, ``_`` or ``-`` in it; all else is as for a group."""
    expected = accepts(naming.resource_group_name, text) and bool({*text} - {*"()."})
    assert accepts(naming.lock_name, text) == expected


@pytest.mark.parametrize(
    ("rule", "shortest", "longest"),
    [
        (naming.virtual_network_name, 2, 64),
        (naming.private_endpoint_name, 2, 64),
        (naming.network_part_name, 1, 80),
    ],
)
@given(text=ANYTHING | st.text(st.sampled_from(ALPHANUMERIC + "._-"), max_size=90))
def test_a_network_name_has_a_valid_length_beginning_and_end(
    rule: Callable[[str], str], shortest: int, longest: int, text: str
) -> None:
    """A network's name begins with a letter or digit and does not end with ``.`` or ``-``."""
    assert accepts(rule, text) == is_network_name(text, shortest, longest)


SUBNET, KEY = naming.subnet_name, naming.key_url
GOVERNMENT = "https://kv.vault.usgovcloudapi.net/keys/acr/fdf067c93bbb4b22bff4d8b7a9a56217"


@pytest.mark.parametrize(
    ("rule", "taken", "refused"),
    [
        (regions.location, ["eastus", "East US 2"], ["", "2eastus", "east-us", "eastus\n"]),
        (tagging.tag_value, ["", "a\n", "a" * 256], ["é" * 129]),
        (SUBNET, ["GatewaySubnet2"], ["GatewaySubnet", "azurebastionsubnet", "RouteServerSUBNET"]),
        (KEY, ["https://kv.vault.azure.net/keys/acr", GOVERNMENT], ["kv", "https://kv/keys/"]),
        (
            KEY,
            [],
            ["http://kv/keys/acr", "https://kv/secrets/acr", "https://kv.managedhsm.x/keys/a"],
        ),
        (prefixes.address_prefix, [], ["", "eastus", "10.0.8/23", "010.0.8.0/23", "fd00::/64"]),
        (prefixes.address_prefix, [], ["10.0.8.0", *(f"10.0.8.0/{end}" for end in WRONG_LENGTHS)]),
    ],
)
def test_a_text_is_taken_if_azure_takes_it(
    rule: Callable[[str], str], taken: list[str], refused: list[str]
) -> None:
    """Reserved names are so in any case; Python alone would take some of the prefixes."""
    assert [text for text in [*taken, *refused] if accepts(rule, text)] == taken


@given(st.uuids())
def test_a_subscription_id_is_a_guid(guid: object) -> None:
    """A subscription id contains hyphens, may be in either case, and has no text around it."""
    assert accepts(naming.subscription_id, str(guid))
    assert accepts(naming.subscription_id, str(guid).upper())
    assert not accepts(naming.subscription_id, str(guid).replace("-", ""))
    assert not accepts(naming.subscription_id, f"/subscriptions/{guid}")
    assert not accepts(naming.subscription_id, f"{guid}\n")


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_an_address_prefix_has_no_host_bits(address: int, length: int) -> None:
    """A prefix with host bits is refused, and the error contains the correct prefix."""
    host_bits = address % 2 ** (32 - length)
    text = f"{IPv4Network(address).network_address}/{length}"
    expected = f"{IPv4Network(address - host_bits).network_address}/{length}"
    assert accepts(prefixes.address_prefix, text) == (host_bits == 0)
    if host_bits:
        with pytest.raises(ValueError, match=f"host bits set.* {expected}$"):
            prefixes.address_prefix(text)


@given(st.integers(0, 32), st.integers(1, 100))
def test_a_subnet_has_room_for_the_endpoint_and_azures_five_addresses(
    length: int, addresses: int
) -> None:
    """The error for a prefix that is too small contains the smallest prefix with enough room."""
    prefix = f"0.0.0.0/{length}"
    fits = 2 ** (32 - length) - 5 >= addresses
    assert accepts(lambda text: prefixes.room_for_endpoint(text, addresses), prefix) == fits
    if not fits:
        longest = max(bits for bits in range(33) if 2 ** (32 - bits) - 5 >= addresses)
        with pytest.raises(ValueError, match=f"so /{longest} or larger"):
            prefixes.room_for_endpoint(prefix, addresses)


TAG_CHARACTERS = st.text(st.sampled_from("aZ0é: .-_<>%&\\?/\n\x7f"), max_size=8)


@given(TAG_CHARACTERS | st.integers(500, 520).map("a".__mul__))
def test_a_tag_name_has_1_to_512_valid_characters(name: str) -> None:
    """A tag's name contains no control characters and none that Azure reserves."""
    expected = 1 <= len(name) <= 512 and not set(name) & set("<>%&\\?/\n\x7f")
    assert accepts(tagging.tag_name, name) == expected


def test_a_resource_has_at_most_50_tags_that_differ_in_more_than_case() -> None:
    """All problems of the tags are reported at once."""
    most = {f"t{number}": "" for number in range(50)}
    assert list(tagging.wrong_tags(most)) == []
    wrong = tagging.wrong_tags({**most, "T1": "", "Straße": "", "STRASSE": ""})
    assert [(key, reason.partition(":")[0].partition(",")[0]) for key, _, reason in wrong] == [
        ((), "53 tags"),
        (("T1",), "Azure takes it for t1"),
        (("STRASSE",), "Azure takes it for Straße"),
    ]


def test_a_resources_own_tag_replaces_the_common_tag() -> None:
    """Tag names are compared case-insensitively, and the resource's own spelling is kept."""
    assert tagging.merged_tags({"Team": "a", "env": "b"}, {"team": "c"}) == {
        "env": "b",
        "team": "c",
    }


def test_private_dns_has_no_tag_with_a_space_or_colon_in_its_name() -> None:
    """Spaces and colons are allowed in a tag's value."""
    tags = {"Cost Center": "1", "a:b": "2", "c": "3 : 4"}
    assert tagging.private_dns_tags(tags) == {"c": "3 : 4"}


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_ipv4(address: int) -> None:
    """IPv6 addresses and addresses with a prefix length are refused."""
    text = str(IPv4Address(address))
    assert accepts(prefixes.ip_address, text)
    assert not accepts(prefixes.ip_address, f"{text}.1")
    assert not accepts(prefixes.ip_address, f"{text}/32")
    assert not accepts(prefixes.ip_address, f"::ffff:{text}")


@given(st.integers(20, 32), st.integers(-10, 5000))
def test_azure_assigns_all_addresses_of_a_subnet_except_its_own_five(
    length: int, offset: int
) -> None:
    """Azure reserves the first four addresses and the last one of each subnet."""
    prefix = IPv4Network((int(IPv4Address("10.0.0.0")), length))
    address = IPv4Address(int(prefix.network_address) + offset)
    assignable = list(prefix)[4:-1]
    assert prefixes.is_assignable(str(address), str(prefix)) == (address in assignable)


@pytest.mark.parametrize(
    ("location", "near"),
    [
        ("weurope", "westeurope"),
        ("West Europ", "westeurope"),
        ("westus", None),
        ("East US 2", None),
        ("usgovvirginia", None),
    ],
)
def test_the_region_nearest_to_an_unknown_one_is_named(location: str, near: str | None) -> None:
    """A known one, in either spelling, needs none."""
    assert regions.nearest(location) == near
