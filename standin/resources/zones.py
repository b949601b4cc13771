"""Private DNS zones, and their links to virtual networks."""

from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, children, get, name_of, of_type, same
from . import endpoints, tags

LINK: Final = "azurerm_private_dns_zone_virtual_network_link"


def has_no_link(cloud: Contents, id_: str, _: Resource) -> Errors:
    """Azure does not delete a private DNS zone that has a virtual network link."""
    for link, _ in children(cloud, LINK, id_):
        yield Refusal.ZONE_WITH_LINK.error(f"'{id_}' has the nested resource '{link}'.")


def linked_network_exists(cloud: Contents, _: str, link: Resource) -> Errors:
    """The virtual network of a link must exist."""
    network = link["virtual_network_id"]
    if not get(cloud, network):
        yield Refusal.LINKED_NETWORK_IS_MISSING.error(
            f"The virtual network '{network}' could not be found."
        )


def network_has_one_link_per_zone_name(cloud: Contents, id_: str, link: Resource) -> Errors:
    """A virtual network must not have links to two zones of the same name."""
    zone = name_of(resource_ids.parent(id_))
    for other_id, other in of_type(cloud, LINK):
        has_same_zone_name = not same(other_id, id_) and same(
            name_of(resource_ids.parent(other_id)), zone
        )
        if has_same_zone_name and same(other["virtual_network_id"], link["virtual_network_id"]):
            yield Refusal.SECOND_ZONE_OF_A_NAME.error(
                "A virtual network cannot be linked to multiple zones with overlapping namespaces. "
                f"You tried to link virtual network with '{zone}' and '{zone}' zones."
            )


def compute_zone(cloud: Contents, id_: str, _: Resource) -> Resource:
    """A zone has one SOA record set, and those that endpoints write into it."""
    record_names = [
        name
        for _, endpoint in of_type(cloud, endpoints.TYPE)
        if any(same(zone, id_) for zone in endpoints.zones_of(endpoint))
        for name, _ in endpoints.host_addresses(cloud, endpoint)
    ]
    return {"number_of_record_sets": 1 + len(set(record_names))}


def compute_link(_: Contents, id_: str, link: Resource) -> Resource:
    """Azure has a default for the resolution policy, and azurerm has none."""
    return {
        "private_dns_zone_id": resource_ids.parent(id_),
        "resolution_policy": link.get("resolution_policy", "Default"),
    }


ZONE_BEHAVIOUR: Final = Behaviour(delete=(has_no_link,), store=tags.store, compute=compute_zone)
LINK_BEHAVIOUR: Final = Behaviour(
    write=(linked_network_exists, network_has_one_link_per_zone_name),
    store=tags.store,
    compute=compute_link,
)
