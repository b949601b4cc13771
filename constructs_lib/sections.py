"""Sections of the settings file, and what is known of their keys."""

from __future__ import annotations

from types import UnionType
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Keys that are known, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def within(annotation: Any, key: str) -> Any:
    """The type of what a key, or an item, of a value of this type holds."""
    if section := section_of(annotation):
        return section.model_fields[key].annotation if key in section.model_fields else None
    return get_args(annotation)[-1] if get_args(annotation) else None


def section_of(annotation: Any) -> type[Section] | None:
    """The section that a field of this type holds, required or not, if it does."""
    for type_ in get_args(annotation) if isinstance(annotation, UnionType) else [annotation]:
        if isinstance(type_, type) and issubclass(type_, Section):
            return type_
    return None
