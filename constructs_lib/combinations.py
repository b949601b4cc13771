"""What the keys of one registry may not say together: rules over several keys at once.

They work on plain data, wrong keys and all, so that what they refuse is reported together with
everything else that is wrong. A rule takes a registry's settings and yields what it refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import azure
from .plain import Key, Plain
from .settings import ContainerRegistry


class Refusal(NamedTuple):
    """A key that can't be as it is, why, and the other key that it clashes with, if there is one.

    Where the key says nothing, it is missing.
    """

    key: Key
    reason: str
    other: Key | None = None


Rule = Callable[[Plain], Iterator[Refusal]]

SUBNET_ID = ("endpoint_subnet", "id")
PREFIX = ("endpoint_subnet", "address_prefix")
REGISTRY_ID = ("container_registry", "id")
REPLICAS = ("container_registry", "georeplications")
ZONE_ID = ("private_dns_zone", "id")
BY_POLICY = ("private_dns_zone", "managed_by_policy")
LINK = "private_dns_zone_virtual_network_link"
ADDRESSES = ("private_endpoint", "private_ip_addresses")

EXCLUDED: dict[Key, list[Key]] = {
    SUBNET_ID: [PREFIX, ("endpoint_subnet", "name")],
    REGISTRY_ID: [
        *(("container_registry", name) for name in ContainerRegistry.model_fields if name != "id"),
        ("deletion_protection",),
    ],
    ZONE_ID: [BY_POLICY],
    BY_POLICY: [
        (LINK,),
        ("virtual_network_links",),
        ("private_endpoint", "private_dns_zone_group_name"),
    ],
}
"""What has no meaning beside a key that is given."""

NEEDED: list[tuple[Key, Key, str]] = [
    (PREFIX, SUBNET_ID, "the IPv4 prefix of the subnet that is made"),
    (("container_registry", "name"), REGISTRY_ID, "the name of the registry that is made"),
    (("location",), REGISTRY_ID, "the region of the registry that is made, as eastus"),
]
"""What has to be said unless another key is given."""


def refusals(registry: object) -> Iterator[Refusal]:
    """Everything that the keys of one registry may not say together."""
    said = Plain(registry)
    for rule in RULES:
        yield from rule(said)


def one_or_the_other(said: Plain) -> Iterator[Refusal]:
    """A part is made or given, and what is given has no settings here."""
    for key, others in EXCLUDED.items():
        for other in others:
            if said.get(*key) and said.get(*other) is not None:
                yield Refusal(other, f"it has no meaning beside {'.'.join(key)}; give one", key)


def one_at_least(said: Plain) -> Iterator[Refusal]:
    """A part is made or given, and what is made needs settings."""
    for key, instead, meaning in NEEDED:
        if said.get(*key) is None and said.get(*instead) is None:
            section = said.get(*key[:-1])
            if isinstance(section, dict):  # else the section itself is wrong, and said to be so
                yield Refusal(key, f"{meaning}, unless {'.'.join(instead)} names one that exists")


def manual_connections_are_to_given_registries(said: Plain) -> Iterator[Refusal]:
    """Nobody has to ask for a connection to a registry of one's own."""
    key = ("private_endpoint", "request_message")
    if said.get(*key) is not None and said.get(*REGISTRY_ID) is None:
        yield Refusal(key, "only the owner of a registry given by container_registry.id is asked")


def adopted_parts_are_made_here(said: Plain) -> Iterator[Refusal]:
    """Importing needs ids, which need the subscription, and parts that are made here otherwise."""
    adopt = said.get("adopt")
    if adopt and said.get("subscription_id") is None:
        reason = "the ids of what is adopted need it (az account show --query id)"
        yield Refusal(("subscription_id",), reason, ("adopt",))
    zone = next((key for key in (ZONE_ID, BY_POLICY) if said.get(*key)), None)
    given = {
        "endpoint_subnet": SUBNET_ID if said.get(*SUBNET_ID) else None,
        "container_registry": REGISTRY_ID if said.get(*REGISTRY_ID) else None,
        "private_dns_zone": zone,
        LINK: None if said.get(LINK) is not None else zone,
    }
    for part in adopt if isinstance(adopt, list) else []:
        if isinstance(part, str) and given.get(part):
            yield Refusal(("adopt",), f"{part} is not made here", given[part])


def encryption_has_an_identity(said: Plain) -> Iterator[Refusal]:
    """The identity is what reads the key, and has to be there before the registry."""
    key, identity = ("container_registry", "encryption"), ("container_registry", "identity")
    if said.get(*key) is None:
        return
    if said.get(*identity) is None:
        yield Refusal(key, "it needs container_registry.identity, which reads the key")
    elif "UserAssigned" not in said.text(*identity, "type", default="UserAssigned"):
        reason = "it needs a user-assigned identity: another one is made after the registry"
        yield Refusal(key, reason, (*identity, "type"))


def a_read_only_lock_leaves_no_admin_user(said: Plain) -> Iterator[Refusal]:
    """Under it, Azure refuses to list the admin user's credentials, which each plan asks for."""
    key, admin = ("container_registry", "lock"), ("container_registry", "admin_enabled")
    if said.get(*key) == "ReadOnly" and str(said.get(*admin)).lower() == "true":
        reason = "every later plan fails with the admin user on: turn it off, or use CanNotDelete"
        yield Refusal(key, reason, admin)


def user_assigned_identities_are_named(said: Plain) -> Iterator[Refusal]:
    """And only those."""
    key = ("container_registry", "identity", "identity_ids")
    assigned = "UserAssigned" in said.text("container_registry", "identity", "type")
    if assigned != bool(said.get(*key)) and said.text("container_registry", "identity", "type"):
        reason = "is needed for" if assigned else "has no meaning without"
        yield Refusal(key, f"it {reason} the type UserAssigned", (*key[:-1], "type"))


def replicas_are_in_other_regions(said: Plain) -> Iterator[Refusal]:
    """Each region holds the registry once."""
    seen = {azure.region(said.text("location"))}
    for region in _replicas(said):
        if region in seen:
            yield Refusal(REPLICAS, f"the registry is in {region} already", ("location",))
        seen.add(region)


def the_endpoint_has_room(said: Plain) -> Iterator[Refusal]:
    """An address for the registry, one for each region's data endpoint, beside Azure's five."""
    prefix = _valid(azure.address_prefix, said.text(*PREFIX))
    if prefix:
        try:
            azure.room_for_endpoint(prefix, 2 + len(_replicas(said)))
        except ValueError as error:
            yield Refusal(PREFIX, str(error), REPLICAS if _replicas(said) else None)


def static_addresses_are_complete(said: Plain) -> Iterator[Refusal]:
    """Azure refuses an endpoint with an address for some of its members only."""
    members = {key if key == "registry" else azure.region(key) for key in said.mapping(*ADDRESSES)}
    expected = {"registry", *_replicas(said)} | {azure.region(said.text("location"))} - {""}
    if members and said.get(*REGISTRY_ID) is not None:  # nobody here knows its regions
        expected = {"registry", *members}
    if members and members != expected:
        yield Refusal(ADDRESSES, f"one address for each of {', '.join(sorted(expected))} is needed")


def static_addresses_are_free(said: Plain) -> Iterator[Refusal]:
    """Each is one that the subnet has to give, and given once."""
    prefix = _valid(azure.address_prefix, said.text(*PREFIX))
    seen: set[object] = set()
    for member, address in said.mapping(*ADDRESSES).items():
        key = (*ADDRESSES, member)
        valid = _valid(azure.ip_address, address)
        if address in seen:
            yield Refusal(key, "each member needs an address of its own")
        elif prefix and valid and not azure.usable(valid, prefix):
            yield Refusal(key, f"not one that the subnet {prefix} has to give", PREFIX)
        seen.add(address)


def a_given_zone_is_the_clouds(said: Plain) -> Iterator[Refusal]:
    """Registries are resolved in the zone of one name, and in no other."""
    zone = _valid(azure.id_of(azure.PRIVATE_DNS_ZONE), said.text(*ZONE_ID))
    environment = said.text("environment", default="public")
    wanted = azure.PRIVATE_DNS_ZONE_NAMES.get(environment)
    if zone and wanted and zone.rpartition("/")[2].lower() != wanted:
        yield Refusal(ZONE_ID, f"registries are resolved in a zone {wanted}, and in no other")


RULES: list[Rule] = [
    one_or_the_other,
    one_at_least,
    manual_connections_are_to_given_registries,
    adopted_parts_are_made_here,
    encryption_has_an_identity,
    a_read_only_lock_leaves_no_admin_user,
    user_assigned_identities_are_named,
    replicas_are_in_other_regions,
    the_endpoint_has_room,
    static_addresses_are_complete,
    static_addresses_are_free,
    a_given_zone_is_the_clouds,
]


def _replicas(said: Plain) -> list[str]:
    """The regions that the registry is replicated to, as far as they are said."""
    replicas = said.get(*REPLICAS)
    each = replicas if isinstance(replicas, list) else []
    locations = [Plain(replica).text("location") for replica in each]
    return [azure.region(location) for location in locations if location]


def _valid(rule: Callable[[str], str], text: object) -> str:
    """The text if the rule takes it, else nothing: that it is wrong is said elsewhere."""
    try:
        return rule(text) if isinstance(text, str) else ""
    except ValueError:
        return ""
