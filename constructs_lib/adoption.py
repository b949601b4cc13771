"""The ids of what somebody who followed the guide by hand has made, from the settings alone."""

from __future__ import annotations

from functools import partial

from . import azure
from .settings import Part, Registry


def ids(settings: Registry) -> dict[Part, str]:
    """The id of each part that the settings adopt.

    Raises:
        ValueError: something is adopted and ``subscription_id`` is not given.
    """
    if settings.adopt and settings.subscription_id is None:
        raise ValueError("adopt needs subscription_id: the ids of what is adopted begin with it")
    network = settings.virtual_network
    made = partial(
        azure.resource_id,
        subscription=settings.subscription_id or "",
        group=settings.resource_group_name,
    )
    zone = settings.private_dns_zone.id or made(
        azure.PRIVATE_DNS_ZONE, azure.PRIVATE_DNS_ZONE_NAMES[settings.environment]
    )
    all_ids: dict[Part, str] = {
        "endpoint_subnet": made(
            azure.SUBNET,
            network.name,
            settings.endpoint_subnet.name,
            group=network.resource_group_name or settings.resource_group_name,
        ),
        "container_registry": made(azure.REGISTRY, settings.container_registry.name or ""),
        "private_dns_zone": zone,
        "private_dns_zone_virtual_network_link": (
            f"{zone}/virtualNetworkLinks/{settings.private_dns_zone_virtual_network_link.name}"
        ),
        "private_endpoint": made(azure.PRIVATE_ENDPOINT, settings.private_endpoint.name),
    }
    return {part: all_ids[part] for part in settings.adopt}
