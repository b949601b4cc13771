"""A look into plain data, wrong keys and all, for rules over several keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Key = tuple[str, ...]


class Plain:
    """Settings of one registry as the file says them, whatever they are."""

    def __init__(self, data: object) -> None:
        """Look into ``data``, which may be anything at all."""
        self._data = data

    def get(self, *key: str) -> Any:
        """What the file says there: None if nothing, or if the way there is no mapping."""
        value = self._data
        for part in key:
            if isinstance(value, list) and part.isdecimal():
                value = dict(enumerate(value)).get(int(part))
            else:
                value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def text(self, *key: str, default: str = "") -> str:
        """What the file says there, if it is text."""
        value = self.get(*key)
        return value if isinstance(value, str) else default

    def mapping(self, *key: str) -> Mapping[str, Any]:
        """What the file says there, if it is a mapping."""
        value = self.get(*key)
        return value if isinstance(value, Mapping) else {}
