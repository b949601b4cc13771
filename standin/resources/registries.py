"""Container registries and their replicas."""

from collections.abc import Iterator
from typing import Final

from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..schema import normal_location
from ..store import Contents, Resource, find, get, name_of, of_type, same, secret
from . import endpoints, locks, roles
from .members import login_server_of, members, replicas

TYPE: Final = "azurerm_container_registry"
# These arguments must have these defaults if the SKU is not Premium.
PREMIUM_ONLY: Final = {
    "data_endpoint_enabled": False,
    "export_policy_enabled": True,
    "georeplications": [],
    "public_network_access_enabled": True,
    "zone_redundancy_enabled": False,
}
ROUTING: Final = ("global_endpoint_routing_enabled", "regional_endpoint_enabled")
"""What azurerm 5 and azurerm 4 call it that a replica takes pulls; 4 sends false by default."""
SINCE_4_81: Final = (
    "azuread_authentication_as_arm_policy_enabled",
    "network_rule_bypass_for_tasks_enabled",
    "role_assignment_mode",
)
"""Arguments that older versions neither send nor change."""


def name_is_free(cloud: Contents, id_: str, _: Resource) -> Errors:
    """A registry's name must be unique in all of Azure; case does not count."""
    if any(same(name_of(other), name_of(id_)) for other, _ in of_type(cloud, TYPE)):
        yield Refusal.REGISTRY_NAME_IN_USE.error(
            f"The registry DNS name {login_server_of(cloud, id_)} is already in use."
        )


def sku_supports_arguments(_: Contents, __: str, registry: Resource) -> Errors:
    """Only the Premium SKU supports the arguments in `PREMIUM_ONLY`."""
    for argument, default in PREMIUM_ONLY.items():
        if registry["sku"] != "Premium" and registry.get(argument, default) != default:
            yield Refusal.NEEDS_PREMIUM.error(
                f"{argument} is not supported for the SKU {registry['sku']}."
            )


def export_is_off_only_if_private(_: Contents, __: str, registry: Resource) -> Errors:
    """A registry may disable export only if its public network access is disabled."""
    is_public = registry.get("public_network_access_enabled", True)
    if is_public and not registry.get("export_policy_enabled", True):
        yield Refusal.EXPORT_WITHOUT_PRIVACY.error(
            "public network access is not supported because the registry has exports disabled."
        )


def encryption_has_identity(_: Contents, __: str, registry: Resource) -> Errors:
    """A registry with a customer-managed key must have a user-assigned identity."""
    types = [identity["type"] for identity in registry.get("identity", [])]
    if registry.get("encryption") and not any("UserAssigned" in type_ for type_ in types):
        yield Refusal.KEY_WITHOUT_IDENTITY.error(
            "encryption needs a user-assigned identity on the registry."
        )


def encryption_stays(cloud: Contents, id_: str, registry: Resource) -> Errors:
    """A registry has a customer-managed key from its creation on, or never."""
    old = get(cloud, id_)
    if old and bool(old.get("encryption")) != bool(registry.get("encryption")):
        yield Refusal.ENCRYPTION_OF_EXISTING.error(
            "encryption with a customer-managed key is turned on only when a registry is created, "
            "and is not turned off."
        )


def no_new_replica_beside_static_addresses(cloud: Contents, id_: str, registry: Resource) -> Errors:
    """Azure adds no replica while an endpoint of the registry has static addresses."""
    regions, old_regions = ({*dict(replicas(each))} for each in (registry, get(cloud, id_)))
    for endpoint_id, endpoint in endpoints.of_registry(cloud, id_):
        if endpoint.get("ip_configuration") and not regions <= old_regions:
            yield Refusal.REPLICA_BESIDE_STATIC_ADDRESSES.error(
                f"a replica cannot be created while {endpoint_id} has static addresses."
            )


def replicas_have_addresses(cloud: Contents, id_: str, registry: Resource) -> Errors:
    """A new replica needs a free address in the subnet of each endpoint of the registry."""
    cloud_after = {**cloud, "resources": {**cloud["resources"], find(cloud, id_) or id_: registry}}
    for endpoint_id, endpoint in endpoints.of_registry(cloud, id_):
        yield from endpoints.subnet_has_enough_addresses(cloud_after, endpoint_id, endpoint)


def requests(
    operation: str, id_: str, old: Resource, new: Resource
) -> Iterator[tuple[str, str, Resource]]:
    """The provider writes the replicas before the registry: each is a resource of its own.

    A replica whose zone redundancy changes is deleted, and then created anew. See
    `applyGeoReplicationLocations` in `container_registry_resource.go` in 4.55.0.
    """
    before, wanted = dict(replicas(old)), new.get("georeplications", [])
    kept = [
        each
        for each, (region, is_redundant) in zip(wanted, replicas(new), strict=True)
        if before.get(region, is_redundant) is is_redundant
    ]
    if operation == "update" and kept != wanted:
        yield operation, id_, {**old, "georeplications": kept}
    yield operation, id_, new


def update_members(cloud: Contents, id_: str, _: Resource) -> None:
    """Adds members for new replicas to the registry's endpoints, and removes those of old ones."""
    for endpoint_id, endpoint in endpoints.of_registry(cloud, id_):
        endpoints.assign_addresses(cloud, endpoint_id, endpoint)


def compute(cloud: Contents, id_: str, registry: Resource) -> Resource:
    """Azure names the hosts and the admin user, and sorts the replicas.

    It creates the registry's own identity, unless it has only those of others.
    """
    *data_hosts, login_server = members(cloud, id_).values()
    has_admin, own = registry.get("admin_enabled"), roles.principal(id_)
    shown = [
        {
            **each,
            **dict.fromkeys(ROUTING, any(each.get(name) for name in ROUTING)),
            "location": normal_location(each["location"]),
        }
        for each in registry.get("georeplications", [])
    ]
    return {
        "admin_password": secret(id_) if has_admin else "",
        "admin_username": name_of(id_) if has_admin else "",
        "data_endpoint_host_names": data_hosts if registry.get("data_endpoint_enabled") else [],
        "identity": [
            {**each, **(own if "SystemAssigned" in each["type"] else dict.fromkeys(own, ""))}
            for each in registry.get("identity", [])
        ],
        "georeplications": sorted(shown, key=lambda replica: replica["location"]),
        "login_server": login_server,
    }


BEHAVIOUR: Final = Behaviour(
    create=(name_is_free,),
    write=(
        sku_supports_arguments,
        export_is_off_only_if_private,
        encryption_has_identity,
        encryption_stays,
        locks.no_lock_on_replicas,
        no_new_replica_beside_static_addresses,
        replicas_have_addresses,
    ),
    kept=("repositories", *SINCE_4_81),
    compute=compute,
    after_write=update_members,
    requests=requests,
)
