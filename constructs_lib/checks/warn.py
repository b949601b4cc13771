"""Warnings of what Azure or Terraform do not do, although they take the arguments."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from .. import terraform
from ..arguments.guide import PrivateDnsZone
from ..azure import naming, regions
from .construct_arguments import CheckedArguments
from .known_arguments import RegistryRequest

SOON = 30
"""The days before the end of a password from which on it is warned of."""


def warn(construct: Any, given: CheckedArguments) -> None:
    """Warn of the arguments of a construct."""
    reasons = [*_warnings(given.request), *_late_reads(construct, given)]
    for reason in reasons:
        warnings.warn(f"[{construct.node.path}] {reason}", stacklevel=3)


def warn_of_its_end(construct: Any, token: str, expiry: str | None) -> None:
    """Warn of a token's password that ends soon, or has ended: its change must be possible."""
    if expiry is None or not terraform.is_known(expiry):
        return
    if (days := naming.days_until(expiry)) < SOON:
        when = "has ended, and nobody can pull with it" if days <= 0 else f"ends at {expiry}"
        warnings.warn(
            f"[{construct.node.path}] the password of the token {token} {when}: let another token "
            "take over, as docs/cluster.md describes, and remove this one",
            stacklevel=4,
        )


def _warnings(request: RegistryRequest) -> Iterator[str]:
    """Values that Azure does not know, leaves off or does not act upon."""
    for location in dict.fromkeys([*request.locations, *_of_endpoint(request)]):
        if terraform.is_known(location) and (near := regions.nearest(location)):
            yield (
                f"{location} is not a region of Azure that is known here: did you mean {near}? "
                "(Azure adds regions, so that this is only a warning.)"
            )
    if left_off := sorted(set(request.tags) - set(request.private_dns_tags or {})):
        yield (
            "tags left off the private DNS zone and its links, where Azure keeps none with a space "
            f"or a colon in the name: {', '.join(left_off)}"
        )
    is_requested = request.private_endpoint.request_message is not None
    if is_requested and request.private_dns_zone is PrivateDnsZone.MANAGED_BY_POLICY:
        yield (
            "no DNS record may follow: Azure's built-in policy does not see an endpoint whose "
            "connection the registry's owner has to approve (request_message), and attaches no "
            "zone to it; give the zone's id as private_dns_zone, unless a policy of your own "
            "attaches it"
        )


def _of_endpoint(request: RegistryRequest) -> list[str]:
    """The regions that the endpoint has static addresses for, and its own."""
    endpoint = request.private_endpoint
    members = [each for each in endpoint.private_ip_addresses if each != regions.REGISTRY_MEMBER]
    return [*members, *([endpoint.location] if endpoint.location else [])]


def _late_reads(construct: Any, given: CheckedArguments) -> Iterator[str]:
    """Data sources that Terraform reads only during an apply, and what it then replaces."""
    request = given.request
    endpoint, location = "the private endpoint", request.private_endpoint.location
    replaced = {
        "virtual_network": [
            *([] if location else [f"{endpoint} (NewPrivateEndpoint(location=…) keeps it)"]),
            *(["the virtual network link"] if request.link else []),
        ],
        "endpoint_subnet": [endpoint],
        "container_registry": [f"{endpoint}, with cache rules and a lock"],
    }
    for name, resources in replaced.items():
        source = getattr(given, name)
        if terraform.is_resource(source) or not getattr(source, "depends_on", None):
            continue
        if resources and construct.node.path.startswith(f"{source.cdktf_stack.node.path}/"):
            yield (
                f"{name} is a data source with depends_on: whenever something that it depends on "
                f"changes, Terraform reads it only during the apply, and replaces "
                f"{' and '.join(resources)}. Pulls fail meanwhile: remove depends_on"
            )
