"""The settings as tables for the documentation: ``python -m constructs_lib.settings.table``.

With ``--every``, the keys without a default, too; with ``--not-offered``, the keys that are none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args

from pydantic.fields import FieldInfo

from ..arguments import not_offered
from ..arguments.base import Arguments
from .model import Registry


def rows(section: type[Arguments] = Registry, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Each key of a registry, its default, and its meaning."""
    for key, field in section.model_fields.items():
        sections = [each for each in _alternatives(field.annotation) if _is_section(each, field)]
        shown: set[str] = set()
        for each in sections:
            by_id = next((True for other in sections if "id" in other.model_fields), False)
            for inner, default, meaning in rows(each, f"{above}{key}."):
                is_id = inner == f"{above}{key}.id"
                required = default == "required" and by_id
                unless = f"required, unless `{above}{key}.id`" if required else default
                if inner not in shown:  # two classes of a section may share keys
                    yield inner, "" if is_id else unless, meaning
                shown.add(inner)
        if not sections:
            yield f"{above}{key}", _default(field), field.description or ""


def _alternatives(annotation: Any) -> list[Any]:
    return list(get_args(annotation)) if isinstance(annotation, UnionType) else [annotation]


def _is_section(annotation: Any, field: FieldInfo) -> bool:
    """Whether a field is a section, whose keys have rows, and not a block, which has one."""
    is_class = isinstance(annotation, type) and issubclass(annotation, Arguments)
    return is_class and field.description is None


def _default(field: FieldInfo) -> str:
    if isinstance(field.json_schema_extra, dict):
        return f"required, unless `{field.json_schema_extra['unless']}`"
    if field.is_required():
        return "required"
    return "" if field.default in (None, [], {}) else f"`{json.dumps(field.default)}`"


def table(*, every: bool = True) -> str:
    """The keys of a registry as a Markdown table: every one, or those that have a default."""
    lines = [
        f"| `{key}` | {default} | {meaning} |"
        for key, default, meaning in rows()
        if default or every
    ]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *lines])


if __name__ == "__main__":
    left_out = "--not-offered" in sys.argv
    print(not_offered.table() if left_out else table(every="--every" in sys.argv))
