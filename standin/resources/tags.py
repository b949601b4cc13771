"""Azure's rules for tags; the provider itself checks only their number and length."""

import re
from typing import Final

from ..refusals import Errors, Refusal
from ..store import Contents, Resource

PRIVATE_DNS: Final = ("azurerm_private_dns_zone", "azurerm_private_dns_zone_virtual_network_link")
# The limit is Azure's, and is lower than for other resources.
PRIVATE_DNS_MAX_TAGS: Final = 15


def are_allowed(_: Contents, __: str, resource: Resource) -> Errors:
    """Tag names must be valid, and must differ in more than case; private DNS takes fewer tags."""
    replicas = resource.get("georeplications", [])
    for tags in (resource.get("tags") or {}, *(each.get("tags") or {} for each in replicas)):
        unique_names = {name.lower() for name in tags}
        if len(unique_names) < len(tags) or any(
            re.search(r"[<>%&\\?/\x00-\x1f]|\A\Z", each) for each in tags
        ):
            yield Refusal.TAG_NAMES.error(f"the tags have invalid or ambiguous names: {[*tags]}.")
        if resource["type"] in PRIVATE_DNS and len(tags) > PRIVATE_DNS_MAX_TAGS:
            yield Refusal.TOO_MANY_DNS_TAGS.error(
                f"the number of tags {len(tags)} exceeds {PRIVATE_DNS_MAX_TAGS}."
            )


def store(_: Contents, __: str, ___: Resource, new: Resource | None) -> Resource | None:
    """Returns a zone or a link with the tags that Azure stores: it drops some silently."""
    if not new or not (tags := new.get("tags")):
        return new
    return {**new, "tags": {name: tags[name] for name in tags if not set(name) & set(" :")}}
