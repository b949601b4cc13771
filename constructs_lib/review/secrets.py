"""Secrets of a registry that a change makes plain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from ..privacy.attributes import PASSWORD
from ..stack_json import Json

HOLD_SECRETS = (
    "azurerm_api_management_named_value",
    "azurerm_app_configuration_key",
    "azurerm_key_vault_secret",
)
"""Types that are there to hold a secret, which azurerm calls ``value``."""

_SHOWN_SECRET = re.compile(
    r"nonsensitive\(|azurerm_container_registry_token_password\.[^.]+\.password"
    r"|azurerm_container_registry\.[^.]+\.admin_password"
)


def newly_plain(type: str, before: Json | None, after: Json | None) -> tuple[str, ...]:
    """The attributes that newly show a secret of a registry, or hand it to somebody."""
    sides = [dict(_plain(type, side or {})) for side in (before, after)]
    return tuple(name for name, text in sides[1].items() if sides[0].get(name) != text)


def _plain(type: str, attributes: Json) -> Iterator[tuple[str, str]]:
    if type in (*HOLD_SECRETS, PASSWORD, "variable"):
        return
    for name, item in attributes.items():
        is_marked = isinstance(item, Mapping) and str(item.get("sensitive")).lower() == "true"
        if type == "output" and is_marked:
            continue
        text = json.dumps(item, default=str)
        found = _SHOWN_SECRET.search(text)
        if found and (type != "locals" or found[0] == "nonsensitive("):
            yield name, text
