"""The settings as tables for the documentation: ``python -m constructs_lib.settings.table``.

With ``--every``, the keys without a default, too; with ``--not-offered``, the keys that are none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..arguments import not_offered
from ..arguments.problems import classes_at
from .model import Registry


def rows(section: type[BaseModel] = Registry, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Each key of a registry, its default, and its meaning."""
    for key, field in section.model_fields.items():
        # A block has a description and one row; a section is described by its keys' rows.
        sections = classes_at(section, (key,)) if field.description is None else []
        by_id = any("id" in each.model_fields for each in sections)
        shown: set[str] = set()
        for each in sections:
            for inner, default, meaning in rows(each, f"{above}{key}."):
                is_id = inner == f"{above}{key}.id"
                required = default == "required" and by_id
                unless = f"required, unless `{above}{key}.id`" if required else default
                if inner not in shown:  # two classes of a section may share keys
                    yield inner, "" if is_id else unless, meaning
                shown.add(inner)
        if not sections:
            yield f"{above}{key}", _default(field), field.description or ""


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
