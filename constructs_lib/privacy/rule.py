"""What a rule is: a title, a remedy, an attribute, and a check before and after a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from .attributes import Attributes, value

Check = Callable[[Attributes | None, Attributes | None], bool]
CheckOf = Callable[[str, str, Attributes | None, Attributes | None], bool]
"""The check of an attribute: it gets the resource's type and the attribute as well."""


@dataclass(frozen=True)
class Rule:
    """One rule of privacy or continuity.

    Attributes:
        type: the type of the resources that the rule is for.
        attribute: the attribute; ``added``, ``removed`` and ``id`` stand for the whole resource.
        title: the rule as a sentence.
        remedy: what to do about a resource that breaks the rule.
        check: whether a resource meets the rule, from its attributes before and after.
        required: whether a synthesis stops at a resource that breaks the rule.
        is_strengthening: whether adding such a resource strengthens the registry.
        no_worse: whether a change of a resource that broke the rule before makes it no worse. By
            default, the attribute has to stay as it was.
        shown: what the report shows, and what is accepted: by default, the attribute's value.
    """

    type: str
    attribute: str
    title: str
    remedy: str
    check: Check
    required: bool = False
    is_strengthening: bool = False
    no_worse: Check | None = None
    shown: Callable[[Attributes], Any] | None = None

    def worsens(self, before: Attributes, after: Attributes) -> bool:
        """Whether a change makes a resource worse that breaks the rule before and after it."""
        if self.no_worse is not None:
            return not self.no_worse(before, after)
        sides = [value(self.type, side, self.attribute) for side in (before, after)]
        return bool(sides[0] != sides[1])

    def value(self, side: Attributes | None) -> Any:
        """What the report shows of one side."""
        return (self.shown or (lambda each: value("", each, self.attribute)))(side or {})


def rows(title: str, remedy: str, check: CheckOf, on: Mapping[str, str], **more: Any) -> list[Rule]:
    """A rule for each of the attributes, whose names are separated by spaces, of each type."""
    return [
        Rule(type, attribute, title, remedy, partial(check, type, attribute), **more)
        for type, attributes in on.items()
        for attribute in attributes.split()
    ]
