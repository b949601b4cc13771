"""Tests of tokens and their passwords."""

import pytest
from simulated import REGISTRY, put, read, refused

from standin.cloud import carry_out, known, view
from standin.refusals import Refusal
from standin.store import Contents

PASSWORDS = f"{REGISTRY}/tokens/pull/passwords/password"
TYPE = "azurerm_container_registry_token_password"


def test_a_tokens_passwords_differ_and_do_not_change(azure: Contents) -> None:
    """The two passwords of a token have different values, which do not change between reads."""
    put(azure, PASSWORDS, password1=[{}], password2=[{}])
    first = read(azure, PASSWORDS)["password1"][0]["value"]
    assert first == read(azure, PASSWORDS)["password1"][0]["value"]
    assert first != read(azure, PASSWORDS)["password2"][0]["value"]


@pytest.mark.parametrize(
    ("old", "new", "kept", "left"),
    [
        pytest.param([1], [1, 2], [1], [1, 2], id="a second one"),
        pytest.param([1, 2], [1], [1], [1], id="a second one goes"),
        pytest.param([1, 2], [2], [2], [2], id="the first one goes"),
    ],
)
def test_only_new_passwords_are_generated(
    azure: Contents, old: list[int], new: list[int], kept: list[int], left: list[int]
) -> None:
    """An update generates what Azure lacks, and removes what there is more than it has."""
    block = {"expiry": "2030-01-01T00:00:00Z"}
    put(azure, PASSWORDS, **{f"password{each}": [block] for each in old})
    before = read(azure, PASSWORDS)
    carry_out(
        azure, "update", PASSWORDS, {"type": TYPE, **{f"password{each}": [block] for each in new}}
    )
    after = read(azure, PASSWORDS)
    assert [each for each in (1, 2) if after[f"password{each}"]] == left
    for each in kept:
        assert after[f"password{each}"] == before[f"password{each}"]


def test_a_password_without_an_expiry_is_not_generated_by_an_update(azure: Contents) -> None:
    """Azurerm does not see the block that the update adds, and removes the other password."""
    put(azure, PASSWORDS, password2=[{}])
    carry_out(azure, "update", PASSWORDS, {"type": TYPE, "password1": [{}]})
    assert view(azure, PASSWORDS) is None


def test_only_the_state_has_a_value(azure: Contents) -> None:
    """Azurerm knows a password that it generated now, or that is in its state, and no other one."""
    put(azure, PASSWORDS, password1=[{}])
    azures = read(azure, PASSWORDS)
    assert known({}, {}, azures) == azures
    stale = {"password1": [{"value": "of the state"}]}
    assert known(stale, azures, azures)["password1"] == [
        {**azures["password1"][0], "value": "of the state"}
    ]
    assert known({"password1": []}, azures, azures)["password1"][0]["value"] == ""


@pytest.mark.parametrize("again", ["replaced", "another expiry"])
def test_a_password_that_is_generated_again_has_another_value(azure: Contents, again: str) -> None:
    """A replacement and another expiry both generate a new value."""
    new = {"type": TYPE, "password1": [{}]}
    carry_out(azure, "create", PASSWORDS, new)
    (before,) = read(azure, PASSWORDS)["password1"]
    if again == "replaced":
        carry_out(azure, "delete", PASSWORDS, new)
        carry_out(azure, "create", PASSWORDS, new)
    else:
        new["password1"] = [{"expiry": "2030-01-01T00:00:00Z"}]
        carry_out(azure, "update", PASSWORDS, new)
    (after,) = read(azure, PASSWORDS)["password1"]
    assert after["value"] != before["value"]


@pytest.mark.parametrize(
    ("scope_map", "why"),
    [
        (f"{REGISTRY}/scopeMaps/_repositories_pull", None),
        (f"{REGISTRY}/scopeMaps/team", None),
        (f"{REGISTRY}/scopeMaps/other", Refusal.SCOPE_MAP_IS_MISSING),
        (f"{REGISTRY}2/scopeMaps/_repositories_pull", Refusal.SCOPE_MAP_IS_MISSING),
    ],
)
def test_a_token_has_a_scope_map_of_its_registry(
    azure: Contents, scope_map: str, why: Refusal | None
) -> None:
    """Azure has built-in ones in each registry, and those that were created there."""
    put(azure, f"{REGISTRY}/scopeMaps/team")
    assert refused(azure, "create", f"{REGISTRY}/tokens/pull", scope_map_id=scope_map) is why
