"""Azure's own rules for tags.

Source: "Use tags to organize your Azure resources", Microsoft Learn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .patterns import Pattern

MOST_TAGS = 50

MOST_PRIVATE_DNS_TAGS = 15
"""How many tags Azure takes on a resource, and on a private DNS zone or a link of one."""


tag_name = Pattern(
    r"[^<>%&\\?/\x00-\x1f\x7f]{1,512}",
    "1 to 512 characters, without < > % & \\ ? / and control characters",
    size=512,
)
"""The name of a tag. Source: "Use tags to organize your Azure resources", Microsoft Learn."""

tag_value = Pattern(r"[\s\S]{0,256}", "at most 256 bytes in UTF-8", size=256)
"""The value of a tag, which may be empty."""


def wrong_tags(tags: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], object, str]]:
    """What is wrong with a resource's tags together: each part's key, its value, and why."""
    if len(tags) > MOST_TAGS:
        yield (), dict(tags), f"{len(tags)} tags: Azure takes at most {MOST_TAGS} on a resource"
    seen: dict[str, str] = {}
    for name, value in tags.items():
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            yield (name,), value, f"Azure takes it for {other}, in upper or lower case; keep one"


def merged_tags(common: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Common tags with a resource's own over them, in upper or lower case."""
    names = {name.casefold() for name in own}
    return {**{n: common[n] for n in common if n.casefold() not in names}, **own}


def private_dns_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that Azure keeps on a private DNS zone or a link of one.

    Others, with a space or a colon in the name, it drops without a word, and each plan would show
    a change.
    """
    return {name: value for name, value in tags.items() if not set(name) & set(" :")}
