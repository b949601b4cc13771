"""Azure's behaviour for a private registry and its resources, as functions over a plain dict.

A rule takes the cloud, an id and the resource to write or delete. It returns Azure's error, or None
if Azure accepts the operation.
"""

import hashlib
from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from typing import Any, Final

from . import artifact_cache, ids, locks, passwords, tags
from .schema import normal_location
from .store import Cloud, Resource, Rule, connection, find, get, name_of, of_type, same, target

SUFFIXES: Final = {"public": "azurecr.io", "usgovernment": "azurecr.us", "china": "azurecr.cn"}
# These arguments must have these defaults if the SKU is not Premium.
PREMIUM_ONLY: Final = {
    "data_endpoint_enabled": False,
    "export_policy_enabled": True,
    "georeplications": [],
    "public_network_access_enabled": True,
    "zone_redundancy_enabled": False,
}


# Rules for every resource type


def parent_exists(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A resource's parent must exist: a resource group, virtual network, zone or registry."""
    parent = ids.parent(id_)
    if get(cloud, parent):
        return None
    if same(parent.split("/")[-2], "resourceGroups"):
        return f"ResourceGroupNotFound: Resource group '{name_of(parent)}' could not be found."
    return f"ParentResourceNotFound: the parent resource '{parent}' could not be found."


def registered(cloud: Cloud, id_: str) -> list[str]:
    """Returns the namespaces that are registered in the subscription of an id."""
    namespaces: list[str] = cloud["registered"].setdefault(id_.split("/")[2].lower(), [])
    return namespaces


def register(cloud: Cloud, id_: str) -> None:
    """Registers the namespace at the end of an id in the id's subscription."""
    if name_of(id_) not in registered(cloud, id_):
        registered(cloud, id_).append(name_of(id_))


def namespace_is_registered(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """The subscription must have registered the namespace of the resource."""
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
    """Each prefix of a subnet must lie in the address space of its virtual network."""
    network = ids.parent(id_)
    spaces = _prefixes(get(cloud, network), "address_space")
    if all(any(prefix.subnet_of(space) for space in spaces) for prefix in _prefixes(subnet)):
        return None
    return (
        f"NetcfgSubnetRangeOutsideVnet: Subnet '{name_of(id_)}' is not valid because its IP address"
        f" range is outside the IP address range of virtual network '{name_of(network)}'."
    )


def subnet_overlaps_no_other(cloud: Cloud, id_: str, subnet: Resource) -> str | None:
    """The subnets of a virtual network must not overlap."""
    for other_id, other in of_type(cloud, "azurerm_subnet"):
        if same(ids.parent(other_id), ids.parent(id_)) and not same(other_id, id_):
            for prefix in _prefixes(subnet):
                if any(prefix.overlaps(other_prefix) for other_prefix in _prefixes(other)):
                    return (
                        f"NetcfgSubnetRangesOverlap: Subnet '{name_of(id_)}' is not valid because "
                        f"its IP address range overlaps with that of an existing subnet in virtual "
                        f"network '{name_of(ids.parent(id_))}'."
                    )
    return None


def subnet_is_unused(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """Azure does not delete a subnet that has a private endpoint."""
    for endpoint_id, endpoint in of_type(cloud, "azurerm_private_endpoint"):
        if same(endpoint["subnet_id"], id_):
            return (
                f"InUseSubnetCannotBeDeleted: Subnet {name_of(id_)} is in use by {endpoint_id} "
                "and cannot be deleted."
            )
    return None


# Registries


def registry_name_is_free(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """A registry's name must be unique in all of Azure; case does not count."""
    for other, _ in of_type(cloud, "azurerm_container_registry"):
        if same(name_of(other), name_of(id_)):
            login_server = login_server_of(cloud, id_)
            return f"AlreadyInUse: The registry DNS name {login_server} is already in use."
    return None


def sku_supports_arguments(_: Cloud, __: str, registry: Resource) -> str | None:
    """Only the Premium SKU supports the arguments in `PREMIUM_ONLY`."""
    if registry["sku"] == "Premium":
        return None
    for argument, default in PREMIUM_ONLY.items():
        if registry.get(argument, default) != default:
            return f"SkuNotSupported: {argument} is not supported for the SKU {registry['sku']}."
    return None


def export_is_off_only_if_private(_: Cloud, __: str, registry: Resource) -> str | None:
    """A registry may disable export only if its public network access is disabled."""
    if registry.get("export_policy_enabled", True):
        return None
    if not registry.get("public_network_access_enabled", True):
        return None
    return "ExportPolicyInvalid: export can be disabled only with public network access disabled."


def encryption_has_identity(_: Cloud, __: str, registry: Resource) -> str | None:
    """A registry with a customer-managed key must have a user-assigned identity."""
    types = [identity["type"] for identity in registry.get("identity", [])]
    if not registry.get("encryption") or any("UserAssigned" in type_ for type_ in types):
        return None
    return "IdentityRequired: encryption needs a user-assigned identity on the registry."


def login_server_of(cloud: Cloud, registry_id: str) -> str:
    """Returns a registry's login server, in lower case and with the domain name label, if any."""
    label = cloud.get("domain_name_label")
    name = f"{name_of(registry_id)}-{label}" if label else name_of(registry_id)
    return f"{name}.{SUFFIXES[cloud['environment']]}".lower()


def members(cloud: Cloud, registry_id: str) -> dict[str, str]:
    """Returns the host name of each endpoint member: data endpoints first, then the registry."""
    registry = get(cloud, registry_id)
    if not registry:
        return {}
    login_server = login_server_of(cloud, registry_id)
    name, _, suffix = login_server.partition(".")
    locations = [registry, *registry.get("georeplications", [])]
    home, *replicas = [normal_location(each["location"]) for each in locations]
    regions = [home, *sorted(replicas)]
    data_hosts = {f"registry_data_{region}": f"{name}.{region}.data.{suffix}" for region in regions}
    return {**data_hosts, "registry": login_server}


# Private DNS zones and their links


def zone_has_no_link(cloud: Cloud, id_: str, _: Resource) -> str | None:
    """Azure does not delete a private DNS zone that has a virtual network link."""
    for link, _ in of_type(cloud, "azurerm_private_dns_zone_virtual_network_link"):
        if same(ids.parent(link), id_):
            return f"CannotDeleteResource: '{id_}' has the nested resource '{link}'."
    return None


def linked_network_exists(cloud: Cloud, _: str, link: Resource) -> str | None:
    """The virtual network of a link must exist."""
    if get(cloud, link["virtual_network_id"]):
        return None
    return f"BadRequest: The virtual network '{link['virtual_network_id']}' could not be found."


def network_has_one_link_per_zone_name(cloud: Cloud, id_: str, link: Resource) -> str | None:
    """A virtual network must not have links to two zones of the same name."""
    zone = name_of(ids.parent(id_))
    for other_id, other in of_type(cloud, "azurerm_private_dns_zone_virtual_network_link"):
        has_same_zone_name = not same(other_id, id_) and same(name_of(ids.parent(other_id)), zone)
        if has_same_zone_name and same(other["virtual_network_id"], link["virtual_network_id"]):
            return (
                "BadRequest: A virtual network cannot be linked to multiple zones with overlapping "
                f"namespaces. You tried to link virtual network with '{zone}' and '{zone}' zones."
            )
    return None


# Private endpoints


def static_addresses(endpoint: Resource) -> dict[str, str]:
    """Returns the static address of each member for which the caller sets one."""
    return {
        each.get("member_name") or each.get("subresource_name", ""): each["private_ip_address"]
        for each in endpoint.get("ip_configuration", [])
    }


def free_addresses(cloud: Cloud, id_: str, endpoint: Resource) -> Iterator[str]:
    """Returns the subnet's addresses that neither Azure nor another endpoint uses, lowest first."""
    used = {
        address
        for other_id, other in of_type(cloud, "azurerm_private_endpoint")
        if not same(other_id, id_) and same(other["subnet_id"], endpoint["subnet_id"])
        for address in other["addresses"].values()
    }
    for prefix in _prefixes(get(cloud, endpoint["subnet_id"])):
        # Azure reserves the first four addresses and the last one.
        for number in range(4, prefix.num_addresses - 1):
            if (address := str(prefix[number])) not in used:
                yield address


def network_interface_of(id_: str, endpoint: Resource) -> str:
    """Returns the id of an endpoint's network interface, which Azure creates with the endpoint."""
    name = endpoint.get("custom_network_interface_name") or f"{name_of(id_)}.nic"
    group = id_.partition("/providers/")[0]
    return f"{group}/providers/Microsoft.Network/networkInterfaces/{name}"


def network_interface_is_new(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """The network interface of an endpoint must not be that of another one."""
    interface = network_interface_of(id_, endpoint)
    for other_id, other in of_type(cloud, "azurerm_private_endpoint"):
        if same(network_interface_of(other_id, other), interface) and not same(other_id, id_):
            return f"BadRequest: {id_} contains custom NIC name {interface} which already exists."
    return None


def subnet_is_in_region(cloud: Cloud, _: str, endpoint: Resource) -> str | None:
    """A private endpoint must be in the region of its subnet; the registry may be in another."""
    subnet = endpoint["subnet_id"]
    network = get(cloud, ids.parent(subnet))
    if get(cloud, subnet) and normal_location(network["location"]) == endpoint["location"]:
        return None
    return (
        f"InvalidResourceReference: Resource {subnet} was not found. Please make sure that the "
        "referenced resource exists, and that both resources are in the same region."
    )


def target_exists(cloud: Cloud, _: str, endpoint: Resource) -> str | None:
    """The registry that a private endpoint connects to must exist."""
    if get(cloud, target(endpoint)):
        return None
    return f"ResourceNotFound: The Resource '{target(endpoint)}' was not found."


def group_id_is_registry(_: Cloud, __: str, endpoint: Resource) -> str | None:
    """The only group id of a registry is `registry`."""
    if connection(endpoint).get("subresource_names") == ["registry"]:
        return None
    return (
        "PrivateLinkServiceConnectionGroupIdsInvalid: the target resource has no such group id; "
        "it has 'registry'."
    )


def zones_exist(cloud: Cloud, _: str, endpoint: Resource) -> str | None:
    """Each zone in a private DNS zone group must exist."""
    for group in endpoint.get("private_dns_zone_group", []):
        for zone in group["private_dns_zone_ids"]:
            if not get(cloud, zone):
                return f"InvalidPrivateDnsZoneIds: Call to {zone} failed: it was not found."
    return None


def static_addresses_cover_all_members(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """An endpoint with a static address must have one for each member."""
    addresses = static_addresses(endpoint)
    missing = [member for member in members(cloud, target(endpoint)) if member not in addresses]
    if not addresses or not missing:
        return None
    missing_names = "; ".join(f"GroupId: registry, MemberName: {member}" for member in missing)
    return (
        "PrivateEndpointIpConfigurationMissingMemberNamesRequiredByFps: Private Endpoint "
        f"{id_} is missing these membernames/groupids requested by Private Link service "
        f"[{missing_names}]. Private Endpoint needs to be reconfigured with missing memberNames."
    )


def static_addresses_are_free(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """A static address must lie in the subnet; neither Azure nor another endpoint may use it."""
    free = set(free_addresses(cloud, id_, endpoint))
    for address in static_addresses(endpoint).values():
        if address not in free:
            return f"PrivateIPAddressNotAvailable: {address} is outside the subnet or in use."
    return None


def subnet_has_enough_addresses(cloud: Cloud, id_: str, endpoint: Resource) -> str | None:
    """The subnet must have a free address for each member of the endpoint."""
    needed = len(members(cloud, target(endpoint)))
    if len(list(free_addresses(cloud, id_, endpoint))) >= needed:
        return None
    return f"SubnetIsFull: Subnet {endpoint['subnet_id']} does not have {needed} free addresses."


def replicas_have_addresses(cloud: Cloud, id_: str, registry: Resource) -> str | None:
    """A new replica needs a free address in the subnet of each endpoint of the registry."""
    cloud_after = {**cloud, "resources": {**cloud["resources"], find(cloud, id_) or id_: registry}}
    for endpoint_id, endpoint in of_type(cloud, "azurerm_private_endpoint"):
        error = subnet_has_enough_addresses(cloud_after, endpoint_id, endpoint)
        if error and same(target(endpoint), id_):
            return error
    return None


def assign_addresses(cloud: Cloud, id_: str, endpoint: Resource) -> None:
    """Assigns each member its static address, its current address or the next free one."""
    assigned = {**endpoint.get("addresses", {}), **static_addresses(endpoint)}
    free = (each for each in free_addresses(cloud, id_, endpoint) if each not in assigned.values())
    endpoint["addresses"] = {
        member: assigned.get(member) or next(free) for member in members(cloud, target(endpoint))
    }


def update_endpoint_members(cloud: Cloud, id_: str, _: Resource) -> None:
    """Adds members for new replicas to the registry's endpoints, and removes those of old ones."""
    for endpoint_id, endpoint in of_type(cloud, "azurerm_private_endpoint"):
        if same(target(endpoint), id_):
            assign_addresses(cloud, endpoint_id, endpoint)


# Attributes that Azure computes


def is_approved(endpoint: Resource) -> bool:
    """Whether the connection is approved: a manual one is pending until the owner approves it."""
    manual = connection(endpoint)["is_manual_connection"]
    return bool(endpoint.get("status", "Pending" if manual else "Approved") == "Approved")


def host_addresses(cloud: Cloud, endpoint: Resource) -> list[tuple[str, str]]:
    """Returns the host names and addresses of an approved endpoint, in no guaranteed order."""
    hosts = members(cloud, target(endpoint)) if is_approved(endpoint) else {}
    pairs = [(host_name, endpoint["addresses"][member]) for member, host_name in hosts.items()]
    return pairs[::-1] if cloud.get("record_order") == "reversed" else pairs


def zones_of(endpoint: Resource) -> list[str]:
    """Returns the ids of the zones in which the endpoint's DNS records are."""
    groups = endpoint.get("private_dns_zone_group", [])
    return [zone for group in groups for zone in group["private_dns_zone_ids"]]


def _record(zone: str, host_name: str, address: str) -> Resource:
    name = host_name.removesuffix("." + zone.removeprefix("privatelink."))
    fqdn = f"{name}.{zone}"
    # Azure assigns one address; a test may store several, separated by commas.
    ips = address.split(",")
    return {"fqdn": fqdn, "ip_addresses": ips, "name": name, "ttl": 10, "type": "A"}


def _zone_group(cloud: Cloud, id_: str, endpoint: Resource) -> Resource:
    hosts = host_addresses(cloud, endpoint)
    if not endpoint.get("private_dns_zone_group"):
        configs = [{"fqdn": name, "ip_addresses": ip.split(",")} for name, ip in hosts]
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
                "record_sets": [_record(name_of(zone), *pair) for pair in hosts],
            }
            for zone in group["private_dns_zone_ids"]
        ],
    }


def _endpoint(cloud: Cloud, id_: str, endpoint: Resource) -> Resource:
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


def secret(*parts: str) -> str:
    """Returns a secret that is always the same for the same parts."""
    return hashlib.sha256("/".join(parts).lower().encode()).hexdigest()


def _registry(cloud: Cloud, id_: str, registry: Resource) -> Resource:
    *data_hosts, login_server = members(cloud, id_).values()
    has_admin = registry.get("admin_enabled")
    return {
        "admin_password": secret(id_) if has_admin else "",
        "admin_username": name_of(id_) if has_admin else "",
        "data_endpoint_host_names": data_hosts if registry.get("data_endpoint_enabled") else [],
        "georeplications": sorted(
            (
                {
                    # The provider sends false if the argument is not set.
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
    record_names = [
        name
        for _, endpoint in of_type(cloud, "azurerm_private_endpoint")
        if any(same(zone, id_) for zone in zones_of(endpoint))
        for name, _ in host_addresses(cloud, endpoint)
    ]
    # Each zone has one SOA record set.
    return {"number_of_record_sets": 1 + len(set(record_names))}


def _link(_: Cloud, __: str, link: Resource) -> Resource:
    return {"resolution_policy": link.get("resolution_policy", "Default")}


def _token_password(_: Cloud, id_: str, resource: Resource) -> Resource:
    return passwords.shown(lambda *parts: secret(id_, *parts), resource)


# The rules for each operation, the actions after a write, and the computed attributes


ANY_WRITE: Final[tuple[Rule, ...]] = (
    parent_exists,
    namespace_is_registered,
    tags.are_allowed,
    locks.no_read_only_lock,
)
WRITE: Final[dict[str, tuple[Rule, ...]]] = {
    "azurerm_subnet": (subnet_lies_in_network, subnet_overlaps_no_other),
    "azurerm_container_registry": (
        sku_supports_arguments,
        export_is_off_only_if_private,
        encryption_has_identity,
        locks.no_lock_on_replicas,
        replicas_have_addresses,
    ),
    "azurerm_container_registry_cache_rule": artifact_cache.RULES,
    "azurerm_private_dns_zone_virtual_network_link": (
        linked_network_exists,
        network_has_one_link_per_zone_name,
    ),
    "azurerm_private_endpoint": (
        network_interface_is_new,
        subnet_is_in_region,
        target_exists,
        group_id_is_registry,
        zones_exist,
        static_addresses_cover_all_members,
        static_addresses_are_free,
        subnet_has_enough_addresses,
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
    "azurerm_private_endpoint": assign_addresses,
    "azurerm_container_registry": update_endpoint_members,
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
    """Returns Azure's error for an operation, or None if Azure accepts it."""
    type_ = resource["type"]
    rules = {
        "create": (*ANY_WRITE, *CREATE.get(type_, ()), *WRITE.get(type_, ())),
        "update": (*ANY_WRITE, *WRITE.get(type_, ())),
        "delete": (locks.no_lock, *DELETE.get(type_, ())),
    }[operation]
    return next((error for rule in rules if (error := rule(cloud, id_, resource))), None)


def carry_out(cloud: Cloud, operation: str, id_: str, resource: Resource) -> None:
    """Creates, updates or deletes a resource, and updates the resources that depend on it."""
    key = find(cloud, id_) or id_
    old = get(cloud, id_)
    if operation == "delete":
        cloud["resources"].pop(key, None)
        return
    internal: Resource = {name: old[name] for name in ("addresses", "status") if name in old}
    new = tags.with_stored_tags(resource) | internal
    if new["type"] == "azurerm_container_registry_token_password":
        new |= passwords.generate(cloud, old, new)
    cloud["resources"][key] = new
    if after_write := AFTER_WRITE.get(new["type"]):
        after_write(cloud, key, new)


def begin_deletion(cloud: Cloud, id_: str) -> None:
    """Deletes an endpoint's DNS zone group, which the provider deletes before the endpoint."""
    endpoint = get(cloud, id_)
    if endpoint.get("private_dns_zone_group"):
        endpoint["private_dns_zone_group"] = []


def read_error(cloud: Cloud, id_: str) -> str | None:
    """Returns Azure's error for a read: a ReadOnly lock blocks the POST that lists credentials."""
    registry = get(cloud, id_)
    return locks.no_read_only_lock(cloud, id_, registry) if registry.get("admin_enabled") else None


def view(cloud: Cloud, id_: str) -> Resource | None:
    """Returns a resource as Azure shows it: its settings, its id's parts and computed values."""
    key = find(cloud, id_)
    if not key:
        return None
    settings = _with_canonical_ids(cloud["resources"][key])
    key = ids.canonical(key)
    if "location" in settings:
        settings["location"] = normal_location(settings["location"])
    compute = COMPUTED.get(settings["type"])
    computed: Resource = compute(cloud, key, settings) if compute else {}
    id_parts = ids.parse(settings["type"], key)
    return {**settings, **id_parts, **computed, "id": key}


def _with_canonical_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_canonical_ids(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_canonical_ids(inner) for inner in value]
    is_id = isinstance(value, str) and value.lower().startswith("/subscriptions/")
    return ids.canonical(value) if is_id else value
