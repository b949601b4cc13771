"""Arguments of one private registry that do not go together.

A check takes a request, whose objects are right by themselves, and yields what is wrong between
them. The construct runs the checks before it adds anything to a stack, and the reader of the
settings file runs them for each registry. A value that only Terraform knows passes each check.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import terraform
from ..arguments.bindings import too_new
from ..arguments.guide import PARTS, PrivateDnsZone
from ..arguments.problems import Absent, Key, Problem
from ..azure import ids, prefixes, regions, tagging
from . import pulls
from .known_arguments import Check, RegistryRequest

ADDRESSES: Key = ("private_endpoint", "private_ip_addresses")
PREFIX: Key = ("endpoint_subnet", "address_prefix")
REGISTRY: Key = ("container_registry",)
REPLICAS: Key = (*REGISTRY, "georeplications")
HOME: Key = (*REGISTRY, "location")
LINK: Key = ("private_dns_zone_virtual_network_link",)
BY_POLICY: Key = ("private_dns_zone", "managed_by_policy")


def refusals(request: RegistryRequest) -> list[Problem]:
    """All problems between the arguments."""
    return [problem for check in CHECKS for problem in check(request)]


def only_owners_of_given_registries_are_asked(request: RegistryRequest) -> Iterator[Problem]:
    """A request message goes to the owner of a registry that exists."""
    message = request.private_endpoint.request_message
    if message is not None and request.new_registry:
        reason = "it asks the owner of a registry that exists; the one here is created"
        yield Problem(("private_endpoint", "request_message"), message, reason)


def the_bindings_have_each_argument(request: RegistryRequest) -> Iterator[Problem]:
    """Some arguments of a registry are of a later azurerm than the installed bindings."""
    if request.new_registry:
        for name, value, since in too_new(request.new_registry):
            reason = f"azurerm has it from {since} on; docs/successor.md has newer bindings"
            yield Problem((*REGISTRY, name), value, reason)


def a_policy_attaches_the_zone_alone(request: RegistryRequest) -> Iterator[Problem]:
    """Where Azure Policy attaches the zone, this stack has none to link or to put into a group."""
    if request.private_dns_zone is not PrivateDnsZone.MANAGED_BY_POLICY:
        return
    group = "private_dns_zone_group_name"
    given: dict[Key, object] = {}
    if request.private_dns_zone_virtual_network_link:
        given[LINK] = request.private_dns_zone_virtual_network_link.name
    if request.virtual_network_links:
        given[("virtual_network_links",)] = list(request.virtual_network_links)
    if group in request.private_endpoint.model_fields_set:
        given[("private_endpoint", group)] = request.private_endpoint.private_dns_zone_group_name
    for key, value in given.items():
        reason = "it has no meaning where Azure Policy manages the zone; give one of the two"
        yield Problem(key, value, reason, BY_POLICY)


def adopted_parts_are_created_here(request: RegistryRequest) -> Iterator[Problem]:
    """Terraform imports only resources that it would create otherwise, by ids of their types."""
    for part, id in request.adopt.items():
        if part not in PARTS:
            yield Problem(("adopt",), part, f"one of {', '.join(PARTS)} is expected")
        elif not request.creates(part):
            section = part.removesuffix("_virtual_network_link")  # which hangs on the zone
            by_policy = request.private_dns_zone is PrivateDnsZone.MANAGED_BY_POLICY
            given = BY_POLICY if by_policy and section == BY_POLICY[0] else (section, "id")
            reason = f"{part} is not created here, so that there is nothing to adopt"
            yield Problem(("adopt",), part, reason, given)
        elif terraform.is_known(id):
            try:
                ids.of_kind(PARTS[part])(id)
            except ValueError as error:
                yield Problem(("adopt", part), id, str(error))


def encryption_has_an_identity(request: RegistryRequest) -> Iterator[Problem]:
    """A user-assigned identity reads the encryption key, and exists before the registry."""
    if not (registry := request.new_registry) or not registry.encryption:
        return
    key, url = (*REGISTRY, "encryption"), registry.encryption.key_vault_key_id
    if registry.identity is None:
        yield Problem(key, url, "it needs container_registry.identity, which reads the key")
    elif "UserAssigned" not in registry.identity.type:
        reason = "it needs a user-assigned identity: another one is created after the registry"
        yield Problem(key, url, reason, (*REGISTRY, "identity", "type"))


def user_assigned_identities_are_named(request: RegistryRequest) -> Iterator[Problem]:
    """Identities are named for the type UserAssigned, and only for it."""
    identity = request.new_registry and request.new_registry.identity
    if not identity:
        return
    key = (*REGISTRY, "identity", "identity_ids")
    assigned = "UserAssigned" in identity.type
    if assigned != bool(identity.identity_ids):
        reason = f"it {'is needed for' if assigned else 'has no meaning without'} UserAssigned"
        value: object = identity.identity_ids or Absent.ABSENT
        yield Problem(key, value, reason, (*key[:-1], "type"))


def replicas_are_in_other_regions(request: RegistryRequest) -> Iterator[Problem]:
    """A region holds the registry once: as its home, or as a replica."""
    known = filter(terraform.is_known, request.locations)
    found = [regions.region(location) for location in known]
    for place, region in enumerate(found):
        if region in found[:place]:
            reason = "the registry is in that region already"
            is_home = terraform.is_known(request.locations[0]) and found.index(region) == 0
            yield Problem(REPLICAS, region, reason, HOME if is_home else None)


def the_endpoint_has_room(request: RegistryRequest) -> Iterator[Problem]:
    """The subnet has an address for the registry and one for each region's data endpoint."""
    if not (prefix := request.new_prefix):
        return
    members = 1 + max(1, len(request.locations))
    try:
        prefixes.room_for_endpoint(prefix, members)
    except ValueError as error:
        yield Problem(PREFIX, prefix, str(error), REPLICAS if members > 2 else None)


def static_addresses_are_complete(request: RegistryRequest) -> Iterator[Problem]:
    """Azure refuses an endpoint that has an address for some of its members only."""
    given = _addresses(request)
    members = {regions.region(member) for member in given}
    expected = {regions.REGISTRY_MEMBER, *(request.regions or members)}
    if given and members != expected:
        reason = f"one address for each of {', '.join(sorted(expected))} is needed"
        yield Problem(ADDRESSES, given, reason)


def static_addresses_have_one_spelling(request: RegistryRequest) -> Iterator[Problem]:
    """``East US`` and ``eastus`` are one region, whose data endpoint has one address."""
    seen: dict[str, str] = {}
    for member, address in _addresses(request).items():
        other = seen.setdefault(regions.region(member), member)
        if other != member:
            reason = f"{member} and {other} are one region; keep one"
            yield Problem((*ADDRESSES, member), address, reason, (*ADDRESSES, other))


def static_addresses_are_free(request: RegistryRequest) -> Iterator[Problem]:
    """Each member has a static address of its own that Azure can assign in the subnet."""
    prefix, seen = request.new_prefix, set[str]()
    for member, address in request.private_endpoint.private_ip_addresses.items():
        key = (*ADDRESSES, member)
        if not terraform.is_known(address):
            continue
        if address in seen:
            yield Problem(key, address, "each member needs an address of its own")
        elif prefix and not prefixes.is_assignable(address, prefix):
            why = prefixes.RESERVED if prefixes.lies_in(address, prefix) else "it lies outside"
            reason = f"Azure cannot assign it in {prefix}: {why}"
            yield Problem(key, address, reason, PREFIX)
        seen.add(address)


def _addresses(request: RegistryRequest) -> dict[str, str]:
    """The static addresses, if all members are known."""
    given = request.private_endpoint.private_ip_addresses
    return given if all(map(terraform.is_known, given)) else {}


def the_registry_takes_its_tags_and_the_common_ones(request: RegistryRequest) -> Iterator[Problem]:
    """The registry's own tags and the common ones are few enough together."""
    registry, number = request.new_registry, len(request.registry_tags)
    if registry and registry.tags and number > tagging.MOST_TAGS:
        reason = f"{number} tags with the common ones: Azure takes at most {tagging.MOST_TAGS}"
        yield Problem((*REGISTRY, "tags"), dict(registry.tags), reason, ("tags",))


def private_dns_takes_fewer_tags(request: RegistryRequest) -> Iterator[Problem]:
    """The zone and its links take fewer tags than other resources."""
    number = len(tagging.private_dns_tags(request.tags))
    if number > tagging.MOST_PRIVATE_DNS_TAGS and (request.link or request.virtual_network_links):
        reason = (
            f"{number} tags for the private DNS zone and its links: Azure takes at most "
            f"{tagging.MOST_PRIVATE_DNS_TAGS} there; put others into container_registry.tags"
        )
        yield Problem(("tags",), dict(request.tags), reason)


def the_subnet_lies_in_the_network(request: RegistryRequest) -> Iterator[Problem]:
    """A subnet that exists lies in the network whose region the endpoint gets."""
    subnet = request.endpoint_subnet
    if isinstance(subnet, str):
        for theirs, ours in request.virtual_network.differences(subnet):
            reason = f"{theirs} is not {ours}: the subnet must lie in virtual_network"
            yield Problem(("endpoint_subnet", "id"), subnet, reason, ("virtual_network",))


def links_are_not_the_clusters_own(request: RegistryRequest) -> Iterator[Problem]:
    """A zone has one link of a name and one to a network, the cluster's own link included."""
    if request.link is None:
        return
    own, network = request.link.name, request.virtual_network
    for name, link in request.virtual_network_links.items():
        key = ("virtual_network_links", name)
        if name.casefold() == own.casefold():
            reason = "the link to the cluster's own network has that name; use another one"
            yield Problem(key, name, reason)
        id = link.virtual_network_id
        if network.name and terraform.is_known(id) and not network.differences(id):
            reason = "it is the cluster's own network, which is linked already"
            if not network.subscription_id:
                reason += "; if it is another subscription's, give subscription_id"
            yield Problem((*key, "virtual_network_id"), id, reason, ("virtual_network", "name"))


def a_given_zone_is_for_registries(request: RegistryRequest) -> Iterator[Problem]:
    """Azure resolves registries only in a zone of one name."""
    if isinstance(request.private_dns_zone, str):
        name = ids.segments(request.private_dns_zone)[2]
        if name.lower() not in request.zone_names:
            expected = ", ".join(request.zone_names)
            reason = f"Azure resolves registries in a zone {expected}, and in no other"
            yield Problem(("private_dns_zone", "id"), request.private_dns_zone, reason)


CHECKS: list[Check] = [
    the_bindings_have_each_argument,
    only_owners_of_given_registries_are_asked,
    a_policy_attaches_the_zone_alone,
    adopted_parts_are_created_here,
    encryption_has_an_identity,
    user_assigned_identities_are_named,
    *pulls.CHECKS,
    replicas_are_in_other_regions,
    the_endpoint_has_room,
    static_addresses_are_complete,
    static_addresses_have_one_spelling,
    static_addresses_are_free,
    the_registry_takes_its_tags_and_the_common_ones,
    private_dns_takes_fewer_tags,
    the_subnet_lies_in_the_network,
    links_are_not_the_clusters_own,
    a_given_zone_is_for_registries,
]
