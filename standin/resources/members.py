"""The members of a registry's private endpoints, and the host name of each."""

from typing import Final

from ..schema import normal_location
from ..store import Contents, Resource, get, name_of

SUFFIXES: Final = {"public": "azurecr.io", "usgovernment": "azurecr.us", "china": "azurecr.cn"}


def login_server_of(cloud: Contents, registry_id: str) -> str:
    """Returns a registry's login server, in lower case and with the domain name label, if any."""
    label = cloud.get("domain_name_label")
    name = f"{name_of(registry_id)}-{label}" if label else name_of(registry_id)
    return f"{name}.{SUFFIXES[cloud['environment']]}".lower()


def replicas(registry: Resource) -> list[tuple[str, bool]]:
    """Returns the region of each replica, and whether it is zone redundant."""
    return [
        (normal_location(each["location"]), bool(each.get("zone_redundancy_enabled")))
        for each in registry.get("georeplications", [])
    ]


def members(cloud: Contents, registry_id: str) -> dict[str, str]:
    """Returns the host name of each member: data endpoints first, then the registry."""
    registry = get(cloud, registry_id)
    if not registry:
        return {}
    login_server = login_server_of(cloud, registry_id)
    name, _, suffix = login_server.partition(".")
    home = normal_location(registry["location"])
    regions = [home, *sorted(region for region, _ in replicas(registry))]
    data_hosts = {f"registry_data_{region}": f"{name}.{region}.data.{suffix}" for region in regions}
    return {**data_hosts, "registry": login_server}
