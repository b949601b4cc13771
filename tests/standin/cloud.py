"""Azure's behaviour, as far as a private registry meets it: small functions over a plain dict.

A rule takes the cloud, an id and the resource that is to be there (or to go), and says what Azure
says against it.
"""

import hashlib
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any, Final

from . import ids, locks, tags
from .schema import normal_location
from .store import Cloud, Resource, Rule, connection, find, get, name_of, of_type, same, target

SUFFIXES: Final = {"public": "azurecr.io", "usgovernment": "azurecr.us", "china": "azurecr.cn"}
# What a registry below Premium must leave as it is.
PREMIUM_ONLY: Final = {
    "data_endpoint_enabled": False,
    "export_policy_enabled": True,
    "georeplications": [],
    "public_network_access_enabled": True,
    "zone_redundancy_enabled": False,
}


# Rules that hold for every type


def parent_exists(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A resource lies in something: a resource group, a network, a zone, a registry."""
    parent = ids.parent(id_)
    if get(cloud, parent):
        return None
    if same(parent.split("/")[-2], "resourceGroups"):
        return f"ResourceGroupNotFound: Resource group '{name_of(parent)}' could not be found."
    return f"ParentResourceNotFound: the parent resource '{parent}' could not be found."


def registered(cloud: Cloud, id_: str) -> list[str]:
    """The namespaces that an id's subscription has registered."""
    namespaces: list[str] = cloud["registered"].setdefault(id_.split("/")[2].lower(), [])
    return namespaces


def register(cloud: Cloud, id_: str) -> None:
    """Registers the namespace at an id's end in its subscription."""
    if name_of(id_) not in registered(cloud, id_):
        registered(cloud, id_).append(name_of(id_))


def namespace_is_registered(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A subscription uses the services it has registered, and no others."""
    namespace = ids.canonical(id_).rpartition("/providers/")[2].partition("/")[0]
    if namespace in registered(cloud, id_):
        return None
    return (
        "MissingSubscriptionRegistration: The subscription is not registered to use namespace "
        f"'{namespace}'."
    )


# Subnets


def _prefixes(values: Resource, key: str = "address_prefixes") -> list[IPv4Network]:
    return [IPv4Network(prefix) for prefix in values.get(key, [])]


def subnet_lies_in_network(cloud: Cloud, id_: str, subnet: Resource) -> str | None:
    """Each of a subnet's prefixes lies in one of its network's."""
    network = ids.parent(id_)
    spaces = _prefixes(get(cloud, network), "address_space")
    if all(any(prefix.subnet_of(space) for space in spaces) for prefix in _prefixes(subnet)):
        return None
    return (
        f"NetcfgSubnetRangeOutsideVnet: Subnet '{name_of(id_)}' is not valid because its IP address"
        f" range is outside the IP address range of virtual network '{name_of(network)}'."
    )


def subnet_overlaps_none(cloud: Cloud, id_: str, subnet: Resource) -> str | None:
    """No two subnets of one network share an address."""
    for other, there in of_type(cloud, "azurerm_subnet"):
        if same(ids.parent(other), ids.parent(id_)) and not same(other, id_):
            for prefix in _prefixes(subnet):
                if any(prefix.overlaps(taken) for taken in _prefixes(there)):
                    return (
                        f"NetcfgSubnetRangesOverlap: Subnet '{name_of(id_)}' is not valid because "
                        f"its IP address range overlaps with that of an existing subnet in virtual "
                        f"network '{name_of(ids.parent(id_))}'."
                    )
    return None


def subnet_is_unused(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A subnet with an endpoint can't be deleted."""
    for endpoint, there in of_type(cloud, "azurerm_private_endpoint"):
        if same(there["subnet_id"], id_):
            return (
                f"InUseSubnetCannotBeDeleted: Subnet {name_of(id_)} is in use by {endpoint} and "
                "cannot be deleted."
            )
    return None


# Registries


def registry_name_is_free(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A registry's name is a host name: one in the world, whatever its capitals."""
    for other, _ in of_type(cloud, "azurerm_container_registry"):
        if same(name_of(other), name_of(id_)):
            return f"AlreadyInUse: The registry DNS name {host(cloud, id_)} is already in use."
    return None


def sku_allows(_: Cloud, __: str, registry: Resource) -> str | None:
    """What makes a registry private is for Premium only."""
    if registry["sku"] == "Premium":
        return None
    for argument, basic in PREMIUM_ONLY.items():
        if registry.get(argument, basic) != basic:
            return f"SkuNotSupported: {argument} is not supported for the SKU {registry['sku']}."
    return None


def export_is_off_in_private_only(_: Cloud, __: str, registry: Resource) -> str | None:
    """Exports are switched off together with public access, not without."""
    if registry.get("export_policy_enabled", True):
        return None
    if not registry.get("public_network_access_enabled", True):
        return None
    return "ExportPolicyInvalid: export can be disabled only with public network access disabled."


def key_has_an_identity(_: Cloud, __: str, registry: Resource) -> str | None:
    """A key of one's own is read by an identity that is there before the registry."""
    types = [identity["type"] for identity in registry.get("identity", [])]
    if not registry.get("encryption") or any("UserAssigned" in type_ for type_ in types):
        return None
    return "IdentityRequired: encryption needs a user-assigned identity on the registry."


def host(cloud: Cloud, registry_id: str) -> str:
    """A registry's login server: lower case, and with a label's hash where the cloud has one."""
    label = cloud.get("domain_name_label")
    name = f"{name_of(registry_id)}-{label}" if label else name_of(registry_id)
    return f"{name}.{SUFFIXES[cloud['environment']]}".lower()


def members(cloud: Cloud, registry_id: str) -> dict[str, str]:
    """An endpoint's members and their host names: each data endpoint first, then the registry."""
    registry = get(cloud, registry_id)
    if not registry:
        return {}
    login_server = host(cloud, registry_id)
    name, _, suffix = login_server.partition(".")
    places = [registry, *registry.get("georeplications", [])]
    home, *replicas = [normal_location(place["location"]) for place in places]
    regions = [home, *sorted(replicas)]
    data = {f"registry_data_{region}": f"{name}.{region}.data.{suffix}" for region in regions}
    return {**data, "registry": login_server}


# Private DNS zones and their links


def zone_has_no_link(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A zone with a link can't be deleted."""
    for link, _ in of_type(cloud, "azurerm_private_dns_zone_virtual_network_link"):
        if same(ids.parent(link), id_):
            return f"CannotDeleteResource: '{id_}' has the nested resource '{link}'."
    return None


def linked_network_exists(cloud: Cloud, _: str, link: Resource) -> str | None:
    """A zone is linked to a network that is there."""
    if get(cloud, link["virtual_network_id"]):
        return None
    return f"BadRequest: The virtual network '{link['virtual_network_id']}' could not be found."


def network_has_no_such_zone(cloud: Cloud, id_: str, link: Resource) -> str | None:
    """A network takes one link to a zone of a given name."""
    zone = name_of(ids.parent(id_))
    for other, there in of_type(cloud, "azurerm_private_dns_zone_virtual_network_link"):
        is_rival = not same(other, id_) and same(name_of(ids.parent(other)), zone)
        if is_rival and same(there["virtual_network_id"], link["virtual_network_id"]):
            return (
                "BadRequest: A virtual network cannot be linked to multiple zones with overlapping "
                f"namespaces. You tried to link virtual network with '{zone}' and '{zone}' zones."
            )
    return None


# Private endpoints


def static_addresses(endpoint: Resource) -> dict[str, str]:
    """The addresses that the caller chose, by member."""
    return {
        chosen.get("member_name") or chosen.get("subresource_name", ""): chosen[
            "private_ip_address"
        ]
        for chosen in endpoint.get("ip_configuration", [])
    }


def free_addresses(cloud: Cloud, id_: str, endpoint: Resource) -> Iterator[str]:
    """The addresses of a subnet that neither Azure nor another endpoint holds, lowest first."""
    taken = {
        address
        for other, there in of_type(cloud, "azurerm_private_endpoint")
        if not same(other, id_) and same(there["subnet_id"], endpoint["subnet_id"])
        for address in there["addresses"].values()
    }
    for prefix in _prefixes(get(cloud, endpoint["subnet_id"])):
        # Azure keeps the first four addresses and the last.
        for number in range(4, prefix.num_addresses - 1):
            if (address := str(prefix[number])) not in taken:
                yield address


def subnet_is_in_region(cloud: Cloud, _: str, endpoint: Resource) -> str | None:
    """An endpoint belongs in its subnet's region, not in the registry's."""
    subnet = endpoint["subnet_id"]
    network = get(cloud, ids.parent(subnet))
    if get(cloud, subnet) and normal_location(network["location"]) == endpoint["location"]:
        return None
    return (
        f"InvalidResourceReference: Resource {subnet} was not found. Please make sure that the "
        "referenced resource exists, and that both resources are in the same region."
    )


def target_exists(cloud: Cloud, _: str, endpoint: Resource) -> str | None:
    """An endpoint leads to a registry that is there."""
    if get(cloud, target(endpoint)):
        return None
    return f"ResourceNotFound: The Resource '{target(endpoint)}' was not found."


def group_id_is_the_targets(_: Cloud, __: str, endpoint: Resource) -> str | None:
    """A registry has one group of members that an endpoint may lead to."""
    if connection(endpoint).get("subresource_names") == ["registry"]:
        return None
    return (
        "PrivateLinkServiceConnectionGroupIdsInvalid: the target resource has no such group id; "
        "it has 'registry'."
    )


def zones_exist(cloud: Cloud, _: str, endpoint: Resource) -> str | None:
    """A zone group writes its records into zones that are there."""
    for group in endpoint.get("private_dns_zone_group", []):
        for zone in group["private_dns_zone_ids"]:
            if not get(cloud, zone):
                return f"InvalidPrivateDnsZoneIds: Call to {zone} failed: it was not found."
    return None


def no_member_is_missing(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """Whoever chooses one address chooses one for each member."""
    chosen = static_addresses(endpoint)
    missing = [member for member in members(cloud, target(endpoint)) if member not in chosen]
    if not chosen or not missing:
        return None
    listed = "; ".join(f"GroupId: registry, MemberName: {member}" for member in missing)
    return (
        "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps: Private Endpoint "
        f"{id_} is missing these membernames/groupids requested by Private Link service [{listed}]."
        " Private Endpoint needs to be reconfigured with missing memberNames."
    )


def chosen_addresses_are_free(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """A chosen address lies in the subnet, and neither Azure nor another endpoint holds it."""
    free = set(free_addresses(cloud, id_, endpoint))
    for address in static_addresses(endpoint).values():
        if address not in free:
            return f"PrivateIPAddressNotAvailable: {address} is outside the subnet or in use."
    return None


def subnet_has_room(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """A subnet needs a free address for each member."""
    needed = len(members(cloud, target(endpoint)))
    if len(list(free_addresses(cloud, id_, endpoint))) >= needed:
        return None
    return f"SubnetIsFull: Subnet {endpoint['subnet_id']} does not have {needed} free addresses."


def replicas_have_room(cloud: Cloud, id_: str, registry: Resource) -> str | None:
    """A new replica takes an address in the subnet of each endpoint that there is."""
    then = {**cloud, "resources": {**cloud["resources"], find(cloud, id_) or id_: registry}}
    for endpoint_id, endpoint in of_type(cloud, "azurerm_private_endpoint"):
        full = subnet_has_room(then, endpoint_id, endpoint)
        if full and same(target(endpoint), id_):
            return full
    return None


def take_addresses(cloud: Cloud, id_: str, endpoint: Resource) -> None:
    """Gives each member the address chosen for it, the one it has, or the next free one."""
    held = {**endpoint.get("addresses", {}), **static_addresses(endpoint)}
    free = (each for each in free_addresses(cloud, id_, endpoint) if each not in held.values())
    endpoint["addresses"] = {
        member: held.get(member) or next(free) for member in members(cloud, target(endpoint))
    }


def follow_replicas(cloud: Cloud, id_: str, _: Resource) -> None:
    """Gives the registry's endpoints a member for each new replica, and takes the old ones'."""
    for endpoint_id, endpoint in of_type(cloud, "azurerm_private_endpoint"):
        if same(target(endpoint), id_):
            take_addresses(cloud, endpoint_id, endpoint)


# What Azure computes


def approved(endpoint: Resource) -> bool:
    """Whether the registry's owner let the endpoint in: a manual connection waits for that."""
    manual = connection(endpoint)["is_manual_connection"]
    return bool(endpoint.get("status", "Pending" if manual else "Approved") == "Approved")


def names(cloud: Cloud, endpoint: Resource) -> list[tuple[str, str]]:
    """An approved endpoint's host names and addresses; no order is promised."""
    hosts = members(cloud, target(endpoint)) if approved(endpoint) else {}
    pairs = [(host_name, endpoint["addresses"][member]) for member, host_name in hosts.items()]
    return pairs[::-1] if cloud.get("record_order") == "reversed" else pairs


def zones_of(endpoint: Resource) -> list[str]:
    """The ids of the zones in which an endpoint's names are written."""
    groups = endpoint.get("private_dns_zone_group", [])
    return [zone for group in groups for zone in group["private_dns_zone_ids"]]


def _record(zone: str, host_name: str, address: str) -> Resource:
    name = host_name.removesuffix("." + zone.removeprefix("privatelink."))
    fqdn = f"{name}.{zone}"
    # A test may write several addresses by hand, with commas, where Azure gives one.
    ips = address.split(",")
    return {"fqdn": fqdn, "ip_addresses": ips, "name": name, "ttl": 10, "type": "A"}


def _zone_group(cloud: Cloud, id_: str, endpoint: Resource) -> Resource:
    there = names(cloud, endpoint)
    if not endpoint.get("private_dns_zone_group"):
        configs = [{"fqdn": name, "ip_addresses": ip.split(",")} for name, ip in there]
        return {"custom_dns_configs": configs}
    group = endpoint["private_dns_zone_group"][0]
    group_id = f"{id_}/privateDnsZoneGroups/{group['name']}"
    return {
        "private_dns_zone_group": [{**group, "id": group_id}],
        "private_dns_zone_configs": [
            {
                "id": f"{group_id}/privateDnsZoneConfigs/{name_of(zone)}",
                "name": name_of(zone),
                "private_dns_zone_id": zone,
                "record_sets": [_record(name_of(zone), *pair) for pair in there],
            }
            for zone in group["private_dns_zone_ids"]
        ],
    }


def _endpoint(cloud: Cloud, id_: str, endpoint: Resource) -> Resource:
    # The first address, as the provider has it, and that is a data endpoint's.
    first = next(iter(endpoint["addresses"].values()), "")
    nic = endpoint.get("custom_network_interface_name") or f"{name_of(id_)}.nic"
    group = id_.partition("/providers/")[0]
    return {
        "ip_configuration": [
            {**chosen, "member_name": member}
            for chosen, member in zip(
                endpoint.get("ip_configuration", []), static_addresses(endpoint), strict=True
            )
        ],
        "network_interface": [
            {"id": f"{group}/providers/Microsoft.Network/networkInterfaces/{nic}", "name": nic}
        ],
        "private_service_connection": [{**connection(endpoint), "private_ip_address": first}],
        **_zone_group(cloud, id_, endpoint),
    }


def secret(*of: str) -> str:
    """A password that is the same each time it is asked for."""
    return hashlib.sha256("/".join(of).lower().encode()).hexdigest()


def _registry(cloud: Cloud, id_: str, registry: Resource) -> Resource:
    *data, login_server = members(cloud, id_).values()
    admin = registry.get("admin_enabled")
    return {
        "admin_password": secret(id_) if admin else "",
        "admin_username": name_of(id_) if admin else "",
        "data_endpoint_host_names": data if registry.get("data_endpoint_enabled") else [],
        "georeplications": sorted(
            (
                {
                    # The provider sends false where nothing is said.
                    "regional_endpoint_enabled": False,
                    **each,
                    "location": normal_location(each["location"]),
                }
                for each in registry.get("georeplications", [])
            ),
            key=lambda replica: replica["location"],
        ),
        "login_server": login_server,
    }


def _network(cloud: Cloud, id_: str, _: Resource) -> Resource:
    subnets = [key for key, _ in of_type(cloud, "azurerm_subnet") if same(ids.parent(key), id_)]
    return {"guid": secret(id_), "subnets": [name_of(key) for key in subnets]}


def _subnet(_: Cloud, __: str, subnet: Resource) -> Resource:
    return {"address_prefix": next(iter(subnet.get("address_prefixes", [])), "")}


def _zone(cloud: Cloud, id_: str, _: Resource) -> Resource:
    written = [
        name
        for _, endpoint in of_type(cloud, "azurerm_private_endpoint")
        if any(same(zone, id_) for zone in zones_of(endpoint))
        for name, _ in names(cloud, endpoint)
    ]
    # A zone starts with one record set, its SOA.
    return {"number_of_record_sets": 1 + len(set(written))}


def _link(_: Cloud, __: str, link: Resource) -> Resource:
    return {"resolution_policy": link.get("resolution_policy", "Default")}


def _token_password(_: Cloud, id_: str, passwords: Resource) -> Resource:
    return {
        key: [{**each, "value": secret(id_, key)} for each in passwords.get(key, [])]
        for key in ("password1", "password2")
    }


# The tables: what holds when, and what follows


ANY_WRITE: Final[tuple[Rule, ...]] = (
    parent_exists,
    namespace_is_registered,
    tags.are_allowed,
    locks.no_read_only_lock,
)
WRITE: Final[dict[str, tuple[Rule, ...]]] = {
    "azurerm_subnet": (subnet_lies_in_network, subnet_overlaps_none),
    "azurerm_container_registry": (
        sku_allows,
        export_is_off_in_private_only,
        key_has_an_identity,
        locks.no_lock_on_replicas,
        replicas_have_room,
    ),
    "azurerm_private_dns_zone_virtual_network_link": (
        linked_network_exists,
        network_has_no_such_zone,
    ),
    "azurerm_private_endpoint": (
        subnet_is_in_region,
        target_exists,
        group_id_is_the_targets,
        zones_exist,
        no_member_is_missing,
        chosen_addresses_are_free,
        subnet_has_room,
    ),
}
CREATE: Final[dict[str, tuple[Rule, ...]]] = {
    "azurerm_container_registry": (registry_name_is_free,),
}
DELETE: Final[dict[str, tuple[Rule, ...]]] = {
    "azurerm_subnet": (subnet_is_unused,),
    "azurerm_private_dns_zone": (zone_has_no_link,),
}
AFTER_WRITE: Final[dict[str, Callable[[Cloud, str, Resource], None]]] = {
    "azurerm_private_endpoint": take_addresses,
    "azurerm_container_registry": follow_replicas,
}
COMPUTED: Final[dict[str, Callable[[Cloud, str, Resource], Resource]]] = {
    "azurerm_container_registry": _registry,
    "azurerm_container_registry_token_password": _token_password,
    "azurerm_private_dns_zone": _zone,
    "azurerm_private_dns_zone_virtual_network_link": _link,
    "azurerm_private_endpoint": _endpoint,
    "azurerm_subnet": _subnet,
    "azurerm_virtual_network": _network,
}


def refusal(cloud: Cloud, operation: str, id_: str, resource: Resource) -> str | None:
    """What Azure says against an operation, or None."""
    type_ = resource["type"]
    rules = {
        "create": (*ANY_WRITE, *CREATE.get(type_, ()), *WRITE.get(type_, ())),
        "update": (*ANY_WRITE, *WRITE.get(type_, ())),
        "delete": (locks.no_lock, *DELETE.get(type_, ())),
    }[operation]
    return next((said for rule in rules if (said := rule(cloud, id_, resource))), None)


def carry_out(cloud: Cloud, operation: str, id_: str, resource: Resource) -> None:
    """Makes, changes or removes a resource, and what follows from that."""
    key = find(cloud, id_) or id_
    old = get(cloud, id_)
    if operation == "delete":
        cloud["resources"].pop(key, None)
        return
    kept: Resource = {own: old[own] for own in ("addresses", "status") if own in old}
    new = tags.kept(resource) | kept
    cloud["resources"][key] = new
    if follow := AFTER_WRITE.get(new["type"]):
        follow(cloud, key, new)


def begin_deletion(cloud: Cloud, id_: str) -> None:
    """What the provider has deleted before it asks for the resource: an endpoint's zone group."""
    endpoint = get(cloud, id_)
    if endpoint.get("private_dns_zone_group"):
        endpoint["private_dns_zone_group"] = []


def unreadable(cloud: Cloud, id_: str) -> str | None:
    """What Azure says against a refresh: a registry's credentials are listed by a POST."""
    registry = get(cloud, id_)
    return locks.no_read_only_lock(cloud, id_, registry) if registry.get("admin_enabled") else None


def view(cloud: Cloud, id_: str) -> Resource | None:
    """A resource as Azure shows it: what was settled, what the id states and what is computed."""
    key = find(cloud, id_)
    if not key:
        return None
    stated = _with_canonical_ids(cloud["resources"][key])
    key = ids.canonical(key)
    if "location" in stated:
        stated["location"] = normal_location(stated["location"])
    compute = COMPUTED.get(stated["type"])
    computed: Resource = compute(cloud, key, stated) if compute else {}
    named = ids.parse(stated["type"], key)
    return {**stated, **named, **computed, "id": key}


def _with_canonical_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_canonical_ids(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_canonical_ids(inner) for inner in value]
    is_id = isinstance(value, str) and value.lower().startswith("/subscriptions/")
    return ids.canonical(value) if is_id else value
