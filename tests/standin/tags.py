"""Tags as Azure takes them: the provider checks their number and length, and Azure the rest."""

import re
from collections.abc import Mapping
from typing import Final

from .store import Cloud, Resource

PRIVATE_DNS: Final = ("azurerm_private_dns_zone", "azurerm_private_dns_zone_virtual_network_link")
# At most so many are on a private DNS zone or link.
FEWER: Final = 15


def are_allowed(_: Cloud, __: str, resource: Resource) -> str | None:
    """A name is not empty, has none of some characters, and is one whatever its capitals."""
    replicas = resource.get("georeplications", [])
    for tags in (resource.get("tags") or {}, *(each.get("tags") or {} for each in replicas)):
        one = {name.lower() for name in tags}
        if len(one) < len(tags) or any(
            re.search(r"[<>%&\\?/\x00-\x1f]|\A\Z", each) for each in tags
        ):
            return f"InvalidTagNameCharacters: the tags have invalid or ambiguous names: {[*tags]}."
        if resource["type"] in PRIVATE_DNS and len(tags) > FEWER:
            return f"InvalidTags: the number of tags {len(tags)} exceeds {FEWER}."
    return None


def kept(resource: Resource) -> Resource:
    """The resource with the tags that Azure keeps: private DNS drops some without a word."""
    tags: Mapping[str, str] | None = resource.get("tags")
    if not tags or resource["type"] not in PRIVATE_DNS:
        return resource
    return {**resource, "tags": {name: tags[name] for name in tags if not set(name) & set(" :")}}
