"""What the keys of one registry may not say together: rules over several keys at once.

They work on plain data, wrong keys and all, so that what they refuse is reported together with
everything else that is wrong. A rule takes a registry's settings and yields what it refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import azure
from .plain import Key, Plain
from .settings import ContainerRegistry, PrivateDnsZoneVirtualNetworkLink


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
REGISTRY_TAGS = ("container_registry", "tags")
OWN_LINK: str = PrivateDnsZoneVirtualNetworkLink.model_fields["name"].default

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


def static_addresses_are_of_one_spelling(said: Plain) -> Iterator[Refusal]:
    """``East US`` and ``eastus`` are one region, whose data endpoint has one address."""
    seen: dict[str, str] = {}
    for member in said.mapping(*ADDRESSES):
        other = seen.setdefault(azure.region(member), member)
        if other != member:
            reason = f"{member} and {other} are one region; keep one"
            yield Refusal((*ADDRESSES, member), reason, (*ADDRESSES, other))


def tags_are_few_and_distinct(said: Plain) -> Iterator[Refusal]:
    """On each resource that has some, and on the registry together with those of all."""
    replicas = said.get(*REPLICAS)
    places: list[Key] = [("tags",), REGISTRY_TAGS]
    if isinstance(replicas, list):
        places += [(*REPLICAS, str(place), "tags") for place in range(len(replicas))]
    for place in places:
        for name, reason in azure.wrong_tags(said.mapping(*place)):
            yield Refusal((*place, name) if name else place, reason)
    own = said.mapping(*REGISTRY_TAGS)
    merged = azure.merged_tags(said.mapping("tags"), own)
    if len(merged) > azure.MOST_TAGS >= max(len(own), len(said.mapping("tags"))):
        reason = f"with those of all, the registry has {len(merged)}: Azure takes {azure.MOST_TAGS}"
        yield Refusal(REGISTRY_TAGS, reason, ("tags",))


def private_dns_takes_fewer_tags(said: Plain) -> Iterator[Refusal]:
    """On the zone and the links that are made here."""
    kept = azure.private_dns_tags(said.mapping("tags"))
    given = said.get(*ZONE_ID) or said.get(*BY_POLICY)
    links = said.get(LINK) is not None or said.mapping("virtual_network_links")
    if len(kept) > azure.MOST_PRIVATE_DNS_TAGS and (not given or links):
        reason = (
            f"{len(kept)} tags for the private DNS zone and its links: Azure takes at most "
            f"{azure.MOST_PRIVATE_DNS_TAGS} there; put the others under container_registry.tags"
        )
        yield Refusal(("tags",), reason)


def the_subnet_lies_in_the_network(said: Plain) -> Iterator[Refusal]:
    """Else the endpoint is planned in another network's region, or the plan fails."""
    subnet = _valid(azure.id_of(azure.SUBNET), said.text(*SUBNET_ID)).split("/")
    group = said.text("resource_group_name")
    expected = {
        "subscription_id": (2, said.text("subscription_id")),
        "virtual_network.resource_group_name": (
            4,
            said.text("virtual_network", "resource_group_name", default=group),
        ),
        "virtual_network.name": (8, said.text("virtual_network", "name")),
    }
    for key, (place, value) in expected.items():
        if len(subnet) > 8 and value and subnet[place].casefold() != value.casefold():
            reason = f"{subnet[place]} is not {value}: the subnet must lie in virtual_network"
            yield Refusal(SUBNET_ID, reason, _said_key(said, key))


def _said_key(said: Plain, key: str) -> Key:
    """The key, or the one that its value comes from when it is not given."""
    path = tuple(key.split("."))
    return path if said.get(*path) is not None else path[-1:]


def links_are_not_the_clusters_own(said: Plain) -> Iterator[Refusal]:
    """A zone holds one link of a name, and one to a network; the cluster's own is one of them."""
    if said.get(*BY_POLICY) or (said.get(*ZONE_ID) and said.get(LINK) is None):
        return  # the cluster's own link is not made here
    name = said.text(LINK, "name", default=OWN_LINK)
    network = (
        said.text("subscription_id"),
        said.text(
            "virtual_network", "resource_group_name", default=said.text("resource_group_name")
        ),
        said.text("virtual_network", "name"),
    )
    for other, link in said.mapping("virtual_network_links").items():
        key = ("virtual_network_links", other)
        if other.casefold() == name.casefold():
            yield Refusal(key, f"{name} is the link to the cluster's own network; use another name")
        id_key = (*key, "virtual_network_id")
        id = _valid(azure.id_of(azure.VIRTUAL_NETWORK), Plain(link).text("virtual_network_id"))
        parts = [part for place, part in enumerate(id.split("/")) if place in (2, 4, 8)]
        same = [not b or a.casefold() == b.casefold() for a, b in zip(parts, network, strict=False)]
        if id and all(same) and network[2]:
            reason = "it is the cluster's own network, which is linked already"
            if not network[0]:
                reason += "; if it is another subscription's, give subscription_id"
            yield Refusal(id_key, reason, ("virtual_network", "name"))


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
    static_addresses_are_of_one_spelling,
    tags_are_few_and_distinct,
    private_dns_takes_fewer_tags,
    the_subnet_lies_in_the_network,
    links_are_not_the_clusters_own,
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
