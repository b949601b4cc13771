"""Secrets: what is not to be printed, and what a change makes plain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..privacy.attributes import PASSWORD, unwrap_block
from ..privacy.conditions import NEVER
from ..stack_json import Json


@dataclass(frozen=True)
class Hidden:
    """A value that is not to be printed; two of them are equal when their values are."""

    text: str
    value: Any = field(default=None, repr=False)


HOLD_SECRETS = (
    "azurerm_api_management_named_value",
    "azurerm_app_configuration_key",
    "azurerm_key_vault_secret",
)
"""Types that are there to hold a secret, which azurerm calls ``value``."""

_SHOWN_SECRET = re.compile(
    r"nonsensitive\(|\.admin_password\b"
    r"|azurerm_container_registry_token_password\.[\w-]+(?![\w-]|(\[[^\]]*\])*\.id\b)"
    r"|azurerm_container_registry\.[\w-]+(?![\w-]|(\[[^\]]*\])*\.\w)"
)
"""A reference to a secret of a registry, or to the whole of what has one."""


def newly_plain(type: str, before: Json | None, after: Json | None) -> tuple[str, ...]:
    """The attributes that newly show a secret of a registry, or hand it to somebody."""
    sides = [dict(_plain(type, side or {})) for side in (before, after)]
    return tuple(name for name, text in sides[1].items() if sides[0].get(name) != text)


def _plain(type: str, attributes: Json) -> Iterator[tuple[str, str]]:
    if type in (*HOLD_SECRETS, PASSWORD, "variable", "moved", "removed", "import"):
        return
    for name, item in attributes.items():
        if name in ("//", "depends_on"):
            continue
        is_marked = isinstance(item, Mapping) and str(item.get("sensitive")).lower() == "true"
        if type == "output" and is_marked:
            continue
        text = json.dumps(item, default=str)
        found = _SHOWN_SECRET.search(text)
        names_only = type == "locals" or name == "lifecycle"
        if found and (not names_only or "nonsensitive(" in text):
            yield name, text


def readable(resource: Json | None, type: str) -> Json | None:
    """A resource as it is compared, without the secret that azurerm calls ``value``.

    A password without an expiry is an empty block, and says so.
    """
    if resource is not None and type == PASSWORD:
        lasting = {name: {"expiry": NEVER} for name in _PASSWORDS if _is_empty(resource.get(name))}
        return {**resource, **lasting}
    if resource is None or type not in HOLD_SECRETS:
        return resource
    return {**resource, "value": Hidden("(sensitive)", resource.get("value"))}


_PASSWORDS = ("password1", "password2")


def _is_empty(block: Any) -> bool:
    return isinstance(unwrap_block(block), Mapping) and not unwrap_block(block).get("expiry")
