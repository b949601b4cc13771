"""What changes in the stacks between two syntheses, as one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, NamedTuple

from ..azure import ids
from ..expressions import MISSING, Expression
from ..privacy.attributes import ENDPOINT, as_list, unwrap_block, value
from ..stack_json import Json, Part, StackJson, StackJsonError, is_secret
from .near import around


@dataclass(frozen=True)
class Hidden:
    """A value that is not to be printed; two of them are equal when their values are."""

    text: str
    value: Any = field(default=None, repr=False)


_HOLD_SECRETS = (
    "azurerm_api_management_named_value",
    "azurerm_app_configuration_key",
    "azurerm_key_vault_secret",
)
SECOND_ENDPOINT = "added beside another endpoint"
TARGET = "private_service_connection.private_connection_resource_id"
Parts = Mapping[str, Part]
ReadFile = Callable[[str], bytes | None]
_NAMES = ("resource_group_name", "virtual_network_name", "name")
"""The arguments that are part of a resource's id: with another name, it is another resource."""
UNKNOWN = Hidden("(known after apply)")


class Difference(NamedTuple):
    """One attribute before and after; ``None`` where it is not set."""

    attribute: str
    before: Any
    after: Any

    def lies_in(self, attribute: str) -> bool:
        """Whether this is the attribute, or a part of its block."""
        path = self.attribute
        return path == attribute or path.startswith((f"{attribute}.", f"{attribute}["))


@dataclass(frozen=True)
class Change:
    """What changes of one resource, or of another part of a stack.

    Attributes:
        stack: the stack's name.
        address: its address in Terraform; its last one, if it is removed.
        type: the resource's type; of another part, its section.
        before: all attributes; ``None`` for a resource that is added.
        after: all attributes; ``None`` for a resource that is removed.
        what: what happens to the resource in a word, if its attributes do not show it.
        id_before: its address before, if its construct's id has changed.
        replaced: the attributes that Terraform replaces it for; ``None`` without a plan.
        around: ``touches``, if it refers to a registry; ``used``, if what touches one refers to
            it; otherwise empty. ``None`` in a plan, which does not say.
        reasons: the new reasons for which the stack itself accepts a risk, by attribute.
    """

    stack: str
    address: str
    type: str
    before: Json | None
    after: Json | None
    what: str = ""
    id_before: str = ""
    replaced: tuple[str, ...] | None = None
    around: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """What happens to the resource, in one word."""
        if self.what:
            return self.what
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "replaced" if self.replaced or self.id_before else "changed"

    @property
    def is_resource(self) -> bool:
        """Whether it is a resource, and not a data source or another part of a stack."""
        return _is_resource(self.address) and not self.address.startswith("data.")

    def differences(self) -> list[Difference]:
        """The attributes that change.

        Attributes of a new resource that are known only after the apply are left out.
        """
        is_created = self.before is None or self.action == "replaced"
        found = _differences(self.before, self.after, "")
        return [each for each in found if not (is_created and each.after is UNKNOWN)]

    def differs(self, attribute: str) -> bool:
        """Whether an attribute changes, or something in its blocks."""
        return any(difference.lies_in(attribute) for difference in self.differences())


def of_stacks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What changes between stacks, each by its name: their JSON, or what :func:`stack` gave.

    Raises:
        StackJsonError: Terraform would not take one of them.
    """
    sides = [
        {
            name: each if isinstance(each, StackJson) else stack(each, name, side)
            for name, each in stacks.items()
        }
        for stacks, side in ((before, "the base"), (after, "the change"))
    ]
    changes: list[Change] = []
    for name in sorted({*before, *after}):
        old, new = (side.get(name) or StackJson({}) for side in sides)
        changes += _of_stack(name, old, new, is_there=name in after)
    return changes


def stack(content: Any, name: str, side: str, read: ReadFile = lambda path: None) -> StackJson:
    """The JSON of a stack on one side of a review, with the ids that Azure gives its resources.

    Raises:
        StackJsonError: Terraform would not take it.
    """

    def id_of(type: str, arguments: Json, subscription: str | None) -> Any:
        known = ids.of_arguments(type, arguments, subscription or "${subscription}")
        if known is not None:
            return known if "${" not in known else Expression(known)
        names = [str(arguments[name]) for name in _NAMES if name in arguments]
        return Expression(f"${{id of {type} {'/'.join(names)}}}") if names else MISSING

    try:
        return StackJson(content, id_of, read, side)
    except StackJsonError as error:
        raise StackJsonError(f"{side}, {name}: {error}") from None


def _of_stack(stack: str, before: StackJson, after: StackJson, is_there: bool) -> list[Change]:
    old, new = dict(before.parts()), dict(after.parts())
    moves = {str(each.get("from")): str(each.get("to")) for each in after.section("moved")}
    for _ in moves:  # each may be a step of a chain, in any order
        for start, end in moves.items():
            if start in old and start not in new and end not in old:
                old[end] = old.pop(start)
    forgotten = {
        str(block.get("from"))
        for block in after.section("removed")
        if value("", block, "lifecycle.destroy") is False
    }
    near = around(before) | around(after)
    changes = []
    for address in sorted({*old, *new}):
        type = (new.get(address) or old[address]).type
        a, b = (side[address].attributes if address in side else None for side in (old, new))
        if not _is_resource(address):  # a section is always there: only its attributes change
            a, b = a or {}, b or {}
        shown = [printable(_without_value(side, type)) for side in (a, b)]
        change = Change(
            stack,
            address,
            type,
            shown[0],
            shown[1],
            what="forgotten" if b is None and (not is_there or address in forgotten) else "",
            around=near.get(address.partition("[")[0], ""),
            reasons=_new_reasons(a, b),
        )
        if a is None or b is None or change.differences():
            changes.append(change)
    return [_with_second_endpoint(change, old, new) for change in with_changed_ids(changes)]


def _with_second_endpoint(change: Change, old: Parts, new: Parts) -> Change:
    """The change; an endpoint to a registry that keeps another one is called so."""
    if change.type != ENDPOINT or change.before is not None:
        return change
    targets = {
        str(value(ENDPOINT, part.attributes, TARGET))
        for address, part in old.items()
        if part.type == ENDPOINT and address in new
    }
    is_second = str(value(ENDPOINT, change.after or {}, TARGET)) in targets
    return replace(change, what=SECOND_ENDPOINT) if is_second else change


def _is_resource(address: str) -> bool:
    return "." in address and not address.startswith("provider.")


def _new_reasons(before: Json | None, after: Json | None) -> dict[str, str]:
    """The reasons that a change adds: earlier ones were for what was seen then."""
    old = _reasons(before or {}).items()
    return {
        name: reason for name, reason in _reasons(after or {}).items() if (name, reason) not in old
    }


def _reasons(resource: Json) -> dict[str, str]:
    metadata = resource.get("//")
    reasons = metadata.get("accepted") if isinstance(metadata, Mapping) else None
    return {each.attribute: str(each.after) for each in _differences(None, reasons, "")}


def _without_value(resource: Json | None, type: str) -> Json | None:
    """A resource; one that is there to hold a secret, as azurerm calls ``value``, without it."""
    if resource is None or type not in _HOLD_SECRETS:
        return resource
    return {**resource, "value": Hidden("(sensitive)", resource.get("value"))}


def printable(value: Any, name: str = "") -> Any:
    """A value without cdktf's metadata, and without what is a secret.

    A secret is what has the name of one, also above it, and the value of what is marked sensitive.
    """
    if isinstance(value, Mapping):
        marked = str(value.get("sensitive")).lower() == "true"
        return {
            key: printable(item, "secret" if marked or is_secret(name) else str(key))
            for key, item in value.items()
            if key != "//"
        }
    if isinstance(value, list):
        return [printable(item, name) for item in value]
    return Hidden("(sensitive)", value) if isinstance(value, str) and is_secret(name) else value


def with_changed_ids(changes: list[Change]) -> list[Change]:
    """The changes; a removed and an added resource of one name are one change of its id."""
    added = [change for change in changes if change.action == "added" and _name(change)]
    again: dict[str, Change] = {}
    for old in [change for change in changes if change.action == "removed"]:
        if new := next((each for each in added if _name(each) == _name(old)), None):
            added.remove(new)
            again[new.address] = old
    return [
        replace(
            change, before=again[change.address].before, id_before=again[change.address].address
        )
        if change.action == "added" and change.address in again
        else change
        for change in changes
        if change not in again.values()
    ]


def _name(change: Change) -> tuple[str, str] | None:
    attributes = change.before or change.after or {}
    name = attributes.get("name")
    return (change.type, name) if isinstance(name, str) else None


def _differences(before: Any, after: Any, path: str) -> Iterator[Difference]:
    a, b = _comparable(before), _comparable(after)
    if a == b:
        return
    if all(side is None or isinstance(side, Mapping) for side in (a, b)):
        for key in sorted({*(a or {}), *(b or {})}):
            within = f"{path}.{key}" if path else str(key)
            yield from _differences((a or {}).get(key), (b or {}).get(key), within)
    elif _has_blocks(a) or _has_blocks(b):
        for place, pair in enumerate(zip_longest(as_list(a), as_list(b))):
            yield from _differences(*pair, f"{path}[{place}]")
    else:
        yield Difference(path, a, b)


def _comparable(value: Any) -> Any:
    """A value to compare: nothing if it is empty, and the block of a list of one block."""
    unwrapped = unwrap_block(value)
    return None if unwrapped in ([], {}) else unwrapped


def _has_blocks(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
