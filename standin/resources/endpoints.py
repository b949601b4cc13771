"""Private endpoints to registries: their addresses, network interfaces and DNS zone groups."""

from collections.abc import Iterator
from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..schema import normal_location
from ..store import Contents, Resource, connection, get, name_of, of_type, same, target
from .members import members
from .networks import prefixes

TYPE: Final = "azurerm_private_endpoint"
ZONE_GROUP: Final = "private_dns_zone_group"
"""The argument for the DNS zone group, which is a resource of its own in Azure."""


def of_registry(cloud: Contents, registry_id: str) -> Iterator[tuple[str, Resource]]:
    """Returns the id and the values of each endpoint that connects to a registry."""
    for id_, endpoint in of_type(cloud, TYPE):
        if same(target(endpoint), registry_id):
            yield id_, endpoint


def static_addresses(endpoint: Resource) -> dict[str, str]:
    """Returns the static address of each member for which the caller sets one."""
    return {
        each.get("member_name") or each.get("subresource_name", ""): each["private_ip_address"]
        for each in endpoint.get("ip_configuration", [])
    }


def free_addresses(cloud: Contents, id_: str, endpoint: Resource) -> Iterator[str]:
    """Returns the subnet's addresses that neither Azure nor another endpoint uses, lowest first."""
    used = {
        address
        for other_id, other in of_type(cloud, TYPE)
        if not same(other_id, id_) and same(other["subnet_id"], endpoint["subnet_id"])
        for address in other["addresses"].values()
    }
    for prefix in prefixes(get(cloud, endpoint["subnet_id"])):
        # Azure reserves the first four addresses and the last one.
        for number in range(4, prefix.num_addresses - 1):
            if (address := str(prefix[number])) not in used:
                yield address


def network_interface_of(id_: str, endpoint: Resource) -> str:
    """Returns the id of an endpoint's network interface, which Azure creates with the endpoint."""
    name = endpoint.get("custom_network_interface_name") or f"{name_of(id_)}.nic"
    group = id_.partition("/providers/")[0]
    return f"{group}/providers/Microsoft.Network/networkInterfaces/{name}"


# What Azure checks


def network_interface_is_new(cloud: Contents, id_: str, endpoint: Resource) -> Errors:
    """The network interface of an endpoint must not be that of another one."""
    interface = network_interface_of(id_, endpoint)
    for other_id, other in of_type(cloud, TYPE):
        if same(network_interface_of(other_id, other), interface) and not same(other_id, id_):
            yield Refusal.INTERFACE_IN_USE.error(
                f"{id_} contains custom NIC name {interface} which already exists."
            )


def subnet_is_in_region(cloud: Contents, _: str, endpoint: Resource) -> Errors:
    """A private endpoint must be in the region of its subnet; the registry may be in another."""
    subnet = endpoint["subnet_id"]
    network = get(cloud, resource_ids.parent(subnet))
    if not get(cloud, subnet) or normal_location(network["location"]) != endpoint["location"]:
        yield Refusal.ENDPOINT_OUTSIDE_REGION.error(
            f"Resource {subnet} was not found. Please make sure that the referenced resource "
            "exists, and that both resources are in the same region."
        )


def target_exists(cloud: Contents, _: str, endpoint: Resource) -> Errors:
    """The registry that a private endpoint connects to must exist."""
    if not get(cloud, target(endpoint)):
        yield Refusal.TARGET_IS_MISSING.error(f"The Resource '{target(endpoint)}' was not found.")


def group_id_is_registry(_: Contents, __: str, endpoint: Resource) -> Errors:
    """The only group id of a registry is `registry`."""
    if connection(endpoint).get("subresource_names") != ["registry"]:
        yield Refusal.GROUP_IDS.error("the target has no such group id; it has 'registry'.")


def zones_exist(cloud: Contents, _: str, group: Resource) -> Errors:
    """Each zone in a private DNS zone group must exist."""
    for zone in group["private_dns_zone_ids"]:
        if not get(cloud, zone):
            yield Refusal.ENDPOINT_ZONE_IS_MISSING.error(
                f"Call to {zone} failed: it was not found."
            )


def static_addresses_cover_all_members(cloud: Contents, id_: str, endpoint: Resource) -> Errors:
    """An endpoint with a static address must have one for each member."""
    addresses = static_addresses(endpoint)
    missing = [member for member in members(cloud, target(endpoint)) if member not in addresses]
    if addresses and missing:
        missing_names = "; ".join(f"GroupId: registry, MemberName: {member}" for member in missing)
        yield Refusal.MEMBERS_WITHOUT_ADDRESS.error(
            f"Private Endpoint {id_} is missing these membernames/groupids requested by Private "
            f"Link service [{missing_names}]. Private Endpoint needs to be reconfigured with "
            "missing memberNames."
        )


def static_addresses_are_free(cloud: Contents, id_: str, endpoint: Resource) -> Errors:
    """A static address must lie in the subnet; neither Azure nor another endpoint may use it."""
    free = set(free_addresses(cloud, id_, endpoint))
    for address in static_addresses(endpoint).values():
        if address not in free:
            yield Refusal.ADDRESS_IS_NOT_FREE.error(
                f"{address} is outside the subnet, reserved or in use."
            )


def subnet_has_enough_addresses(cloud: Contents, id_: str, endpoint: Resource) -> Errors:
    """The subnet must have a free address for each member of the endpoint."""
    needed = len(members(cloud, target(endpoint)))
    if len(list(free_addresses(cloud, id_, endpoint))) < needed:
        yield Refusal.SUBNET_IS_FULL.error(
            f"Subnet {endpoint['subnet_id']} does not have {needed} free addresses."
        )


# What azurerm requests, and what follows a write


def zone_group_id(id_: str, group: Resource) -> str:
    """Returns the id of an endpoint's DNS zone group."""
    return f"{id_}/privateDnsZoneGroups/{group['name']}"


def requests(
    operation: str, id_: str, old: Resource, new: Resource
) -> Iterator[tuple[str, str, Resource]]:
    """The provider writes an endpoint before its zone group, and deletes the group first.

    If the group gets another name, or as many other zones, azurerm deletes it and creates it anew:
    meanwhile, the endpoint has no DNS records. See `private_endpoint_resource.go` in 4.55.0.
    """
    before, after = (_zone_group_of(endpoint) for endpoint in (old, new))
    deletion = [("delete", zone_group_id(id_, before), before)] if before else []
    if operation == "delete":
        yield from [*deletion, (operation, id_, new)]
        return
    yield operation, id_, {name: value for name, value in new.items() if name != ZONE_GROUP}
    old_zones, new_zones = ([zone.lower() for zone in zones_of(each)] for each in (old, new))
    is_renamed = before.get("name") != after.get("name")
    if not is_renamed and len(old_zones) != len(new_zones):
        yield "update", zone_group_id(id_, after), after
    elif is_renamed or old_zones != new_zones:
        yield from deletion
        yield from [("create", zone_group_id(id_, after), after)] if after else []


def _zone_group_of(endpoint: Resource) -> Resource:
    return next(({"type": ZONE_GROUP, **each} for each in endpoint.get(ZONE_GROUP, [])), {})


def store_zone_group(
    cloud: Contents, id_: str, _: Resource, new: Resource | None
) -> Resource | None:
    """Writes or deletes the zone group of an endpoint, which is stored with the endpoint."""
    groups = [{name: new[name] for name in ("name", "private_dns_zone_ids")}] if new else []
    get(cloud, resource_ids.parent(id_))[ZONE_GROUP] = groups
    return None


def assign_addresses(cloud: Contents, id_: str, endpoint: Resource) -> None:
    """Assigns each member its static address, its current address or the next free one."""
    assigned = {**endpoint.get("addresses", {}), **static_addresses(endpoint)}
    free = (each for each in free_addresses(cloud, id_, endpoint) if each not in assigned.values())
    endpoint["addresses"] = {
        member: assigned.get(member) or next(free) for member in members(cloud, target(endpoint))
    }


# What Azure shows


def is_approved(endpoint: Resource) -> bool:
    """Whether the connection is approved: a manual one is pending until the owner approves it."""
    manual = connection(endpoint)["is_manual_connection"]
    return bool(endpoint.get("status", "Pending" if manual else "Approved") == "Approved")


def host_addresses(cloud: Contents, endpoint: Resource) -> list[tuple[str, str]]:
    """Returns the host names and addresses of an approved endpoint, in no guaranteed order."""
    hosts = members(cloud, target(endpoint)) if is_approved(endpoint) else {}
    pairs = [(host_name, endpoint["addresses"][member]) for member, host_name in hosts.items()]
    return pairs[::-1] if cloud.get("record_order") == "reversed" else pairs


def zones_of(endpoint: Resource) -> list[str]:
    """Returns the ids of the zones in which the endpoint's DNS records are."""
    return [
        zone for group in endpoint.get(ZONE_GROUP, []) for zone in group["private_dns_zone_ids"]
    ]


def _record(zone: str, host_name: str, address: str) -> Resource:
    name = host_name.removesuffix("." + zone.removeprefix("privatelink."))
    fqdn = f"{name}.{zone}"
    # Azure assigns one address; a test may store several, separated by commas.
    ips = address.split(",")
    return {"fqdn": fqdn, "ip_addresses": ips, "name": name, "ttl": 10, "type": "A"}


def _zone_group(cloud: Contents, id_: str, endpoint: Resource) -> Resource:
    hosts = host_addresses(cloud, endpoint)
    if not endpoint.get(ZONE_GROUP):
        configs = [{"fqdn": name, "ip_addresses": ip.split(",")} for name, ip in hosts]
        return {"custom_dns_configs": configs}
    group = endpoint[ZONE_GROUP][0]
    group_id = zone_group_id(id_, group)
    return {
        ZONE_GROUP: [{**group, "id": group_id}],
        "private_dns_zone_configs": [
            {
                "id": f"{group_id}/privateDnsZoneConfigs/{name_of(zone)}",
                "name": name_of(zone),
                "private_dns_zone_id": zone,
                "record_sets": [_record(name_of(zone), *pair) for pair in hosts],
            }
            for zone in group["private_dns_zone_ids"]
        ],
    }


def compute(cloud: Contents, id_: str, endpoint: Resource) -> Resource:
    """Azure gives an endpoint a network interface, addresses and DNS records."""
    # The provider also shows the first address, which is the address of a data endpoint.
    first_address = next(iter(endpoint["addresses"].values()), "")
    interface = network_interface_of(id_, endpoint)
    return {
        "ip_configuration": [
            {**configuration, "member_name": member}
            for configuration, member in zip(
                endpoint.get("ip_configuration", []), static_addresses(endpoint), strict=True
            )
        ],
        "network_interface": [{"id": interface, "name": name_of(interface)}],
        "private_service_connection": [
            {**connection(endpoint), "private_ip_address": first_address}
        ],
        **_zone_group(cloud, id_, endpoint),
    }


BEHAVIOUR: Final = Behaviour(
    write=(
        network_interface_is_new,
        subnet_is_in_region,
        target_exists,
        group_id_is_registry,
        static_addresses_cover_all_members,
        static_addresses_are_free,
        subnet_has_enough_addresses,
    ),
    kept=("addresses", "status", ZONE_GROUP),
    compute=compute,
    after_write=assign_addresses,
    requests=requests,
)
GROUP_BEHAVIOUR: Final = Behaviour(write=(zones_exist,), store=store_zone_group)
