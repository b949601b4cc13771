"""Azure's rules, each stated again here, independently of the code that is tested."""

from __future__ import annotations

import string
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import azure

ALPHANUMERIC = string.ascii_letters + string.digits
ANYTHING = st.text(st.sampled_from(ALPHANUMERIC + "._-() /\\\n\0é٣$"), max_size=100)


def accepts(rule: Callable[[str], str], text: str) -> bool:
    """Whether the rule takes the text; what it takes comes back as it was."""
    try:
        assert rule(text) == text
    except ValueError:
        return False
    return True


def is_network_name(text: str, shortest: int, longest: int) -> bool:
    """The rule of virtual networks, subnets, endpoints and links, in Azure's words."""
    return (
        shortest <= len(text) <= longest
        and set(text) <= set(ALPHANUMERIC + "._-")
        and text[0] in ALPHANUMERIC
        and text[-1] in ALPHANUMERIC + "_"
    )


@given(ANYTHING | st.text(st.sampled_from(ALPHANUMERIC), max_size=60))
def test_a_registry_name_has_5_to_50_ascii_letters_and_digits(text: str) -> None:
    """Neither Arabic digits nor a line's end slip through."""
    expected = 5 <= len(text) <= 50 and set(text) <= set(ALPHANUMERIC)
    assert accepts(azure.registry_name, text) == expected


@given(ANYTHING)
def test_a_resource_group_name_does_not_end_with_a_dot(text: str) -> None:
    """ASCII letters and digits, dots, underscores, hyphens, parentheses; 90 at most."""
    expected = (
        1 <= len(text) <= 90 and set(text) <= set(ALPHANUMERIC + "._-()") and not text.endswith(".")
    )
    assert accepts(azure.resource_group_name, text) == expected


@pytest.mark.parametrize(
    ("rule", "shortest", "longest"),
    [
        (azure.virtual_network_name, 2, 64),
        (azure.private_endpoint_name, 2, 64),
        (azure.network_part_name, 1, 80),
    ],
)
@given(text=ANYTHING | st.text(st.sampled_from(ALPHANUMERIC + "._-"), max_size=90))
def test_a_network_name_begins_and_ends_as_azure_wants(
    rule: Callable[[str], str], shortest: int, longest: int, text: str
) -> None:
    """It has its own length, begins with a letter or digit and does not end with . or -."""
    assert accepts(rule, text) == is_network_name(text, shortest, longest)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("eastus", True),
        ("East US 2", True),
        ("", False),
        ("2eastus", False),
        ("east-us", False),
        ("eastus\n", False),
    ],
)
def test_a_location_is_a_word_or_a_title(text: str, right: bool) -> None:
    """Both of Azure's forms of a region are taken."""
    assert accepts(azure.location, text) == right


@given(st.uuids())
def test_a_subscription_id_is_a_guid(guid: object) -> None:
    """With its hyphens, in either case, and with nothing around it."""
    assert accepts(azure.subscription_id, str(guid))
    assert accepts(azure.subscription_id, str(guid).upper())
    assert not accepts(azure.subscription_id, str(guid).replace("-", ""))
    assert not accepts(azure.subscription_id, f"/subscriptions/{guid}")
    assert not accepts(azure.subscription_id, f"{guid}\n")


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_an_address_prefix_has_no_host_bits(address: int, length: int) -> None:
    """An address with bits past the prefix is refused, and the right one is named."""
    host_bits = address % 2 ** (32 - length)
    text = f"{IPv4Network(address).network_address}/{length}"
    right = f"{IPv4Network(address - host_bits).network_address}/{length}"
    assert accepts(azure.address_prefix, text) == (host_bits == 0)
    if host_bits:
        with pytest.raises(ValueError, match=f"host bits set.* {right}$"):
            azure.address_prefix(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "eastus",
        "fd00::/64",
        "10.0.8.0",
        "10.0.8.0/",
        "10.0.8.0/33",
        "10.0.8.0/-1",
        "10.0.8.0/023",
        "10.0.8.0/255.255.254.0",
        "10.0.8.0/23\n",
        "10.0.8/23",
        "010.0.8.0/23",
    ],
)
def test_an_address_prefix_is_an_ipv4_cidr(text: str) -> None:
    """What Python would read as a network, but Azure would not, is refused too."""
    with pytest.raises(ValueError, match=r"IPv4 prefix in CIDR form, as 10\.0\.8\.0/23"):
        azure.address_prefix(text)


@given(st.integers(0, 32), st.integers(1, 100))
def test_room_for_an_endpoint_leaves_five_addresses_to_azure(length: int, addresses: int) -> None:
    """The smallest prefix that has room is accepted, and it is the one that the error names."""
    prefix = f"0.0.0.0/{length}"
    fits = 2 ** (32 - length) - 5 >= addresses
    assert accepts(lambda text: azure.room_for_endpoint(text, addresses), prefix) == fits
    if not fits:
        longest = max(bits for bits in range(33) if 2 ** (32 - bits) - 5 >= addresses)
        with pytest.raises(ValueError, match=f"so /{longest} or larger"):
            azure.room_for_endpoint(prefix, addresses)


@pytest.mark.parametrize("name", ["GatewaySubnet", "azurebastionsubnet", "RouteServerSUBNET"])
def test_a_subnet_of_azures_own_is_not_for_endpoints(name: str) -> None:
    """In whatever capitals; a name that only begins so is anybody's."""
    with pytest.raises(ValueError, match="another name: Azure reserves GatewaySubnet, Azure"):
        azure.subnet_name(name)
    assert azure.subnet_name(f"{name}2") == f"{name}2"


TAG_CHARACTERS = st.text(st.sampled_from("aZ0é: .-_<>%&\\?/\n\x7f"), max_size=8)


@given(TAG_CHARACTERS | st.integers(500, 520).map("a".__mul__))
def test_the_name_of_a_tag_is_not_empty_and_has_some_characters_only(name: str) -> None:
    """At most 512 of them."""
    expected = 1 <= len(name) <= 512 and not set(name) & set("<>%&\\?/\n\x7f")
    assert accepts(azure.tag_name, name) == expected


@pytest.mark.parametrize(("value", "right"), [("", 1), ("a\n", 1), ("a" * 256, 1), ("é" * 129, 0)])
def test_the_value_of_a_tag_has_256_bytes(value: str, right: int) -> None:
    """In UTF-8, as azurerm counts."""
    assert accepts(azure.tag_value, value) == bool(right)


def test_tags_of_a_resource_are_few_and_differ_in_more_than_capitals() -> None:
    """Everything that is wrong is reported at once."""
    most = {f"t{number}": "" for number in range(50)}
    assert list(azure.wrong_tags(most)) == []
    wrong = azure.wrong_tags({**most, "T1": "", "Straße": "", "STRASSE": ""})
    assert [(key, reason.partition(":")[0].partition(",")[0]) for key, _, reason in wrong] == [
        ((), "53 tags"),
        (("T1",), "Azure takes it for t1"),
        (("STRASSE",), "Azure takes it for Straße"),
    ]


def test_own_tags_go_over_common_ones_whatever_their_capitals() -> None:
    """The name is then spelled as the resource's own."""
    assert azure.merged_tags({"Team": "a", "env": "b"}, {"team": "c"}) == {"env": "b", "team": "c"}


def test_private_dns_keeps_no_tag_with_a_space_or_colon() -> None:
    """In its name; in its value, they are fine."""
    tags = {"Cost Center": "1", "a:b": "2", "c": "3 : 4"}
    assert azure.private_dns_tags(tags) == {"c": "3 : 4"}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("https://kv.vault.azure.net/keys/acr", True),
        ("https://kv.vault.usgovcloudapi.net/keys/acr/fdf067c93bbb4b22bff4d8b7a9a56217", True),
        ("http://kv.vault.azure.net/keys/acr", False),
        ("https://kv.vault.azure.net/secrets/acr", False),
        ("https://kv.managedhsm.azure.net/keys/acr", False),
        ("https://kv.vault.azure.net/keys/", False),
        ("kv", False),
    ],
)
def test_a_key_has_a_url(text: str, right: bool) -> None:
    """Of a vault, over https."""
    assert accepts(azure.key_url, text) == right


def test_a_region_is_one_in_both_of_azures_spellings() -> None:
    """Azure's portal shows a title; names have a word."""
    assert azure.region("West Europe") == azure.region("westeurope") == "westeurope"


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_ipv4(address: int) -> None:
    """And nothing else."""
    text = str(IPv4Address(address))
    assert accepts(azure.ip_address, text)
    assert not accepts(azure.ip_address, f"{text}.1")
    assert not accepts(azure.ip_address, f"{text}/32")
    assert not accepts(azure.ip_address, f"::ffff:{text}")


@given(st.integers(20, 32), st.integers(-10, 5000))
def test_a_subnet_gives_all_addresses_but_azures_five(length: int, offset: int) -> None:
    """The first four and the last are Azure's."""
    prefix = IPv4Network((int(IPv4Address("10.0.0.0")), length))
    address = IPv4Address(int(prefix.network_address) + offset)
    hosts = list(prefix)[4:-1]
    assert azure.is_assignable(str(address), str(prefix)) == (address in hosts)
