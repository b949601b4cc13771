"""What changes in the stacks between two syntheses, as one list."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, NamedTuple

from ..azure import ids
from ..expressions.evaluation import MISSING
from ..expressions.values import Expression
from ..privacy.attributes import AUDIT_LOGS, CACHE_RULE, ENDPOINT, as_list, unwrap_block, value
from ..privacy.conditions import same
from ..privacy.names import in_azurerm_4
from ..privacy.reach import FAMILIAR_PROVIDERS
from ..stack_json import Block, Json, StackJson, StackJsonError, is_secret
from .near import around
from .secrets import Hidden, newly_plain, readable

FURTHER = {
    ENDPOINT: (
        "added beside another endpoint",
        "private_service_connection.private_connection_resource_id",
    ),
    AUDIT_LOGS: ("added beside other audit logs", "target_resource_id"),
}
"""What a resource is called that is added beside another one, and the attribute of its target."""
MAY_GO = "possibly removed"
"""What happens to a resource of which only Terraform knows whether it stays."""
OUTSIDE = "changed outside of Terraform"
Blocks = Mapping[str, Block]
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
    """What changes of one resource, or of another block of a stack.

    Attributes:
        stack: the stack's name.
        address: its address in Terraform; its last one, if it is removed.
        type: the resource's type; of another block, its section.
        before: all attributes; ``None`` for a resource that is added.
        after: all attributes; ``None`` for a resource that is removed.
        what: what happens to the resource in a word, if its attributes do not show it.
        id_before: its address before, if its construct's id has changed.
        replaced: the attributes that Terraform replaces it for; ``None`` without a plan.
        around: ``touches``, if it refers to a registry; ``used``, if what touches one refers to
            it; otherwise empty. ``None`` in a plan, which does not say.
        plain: the attributes that newly show a secret, or hand it on.
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
    plain: tuple[str, ...] = ()
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
        """Whether it is a resource, and not a data source or another block of a stack."""
        return "_" in self.type and not self.type.startswith(("data.", "provider.", "ephemeral."))

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
    renamed = _renamed(*sides)
    for name in sorted({*before, *after} - {*renamed.values()}):
        was = renamed.get(name, name)
        old, new = sides[0].get(was) or StackJson({}), sides[1].get(name) or StackJson({})
        found = _of_stack(name, old, new, is_there=name in after)
        if was != name:
            sentence = Change(name, "stack", "stack", {"name": was}, {"name": name}, around="")
            found = [sentence, *(each for each in found if each.type != "terraform")]
        changes += found
    return changes


def _renamed(before: Mapping[str, StackJson], after: Mapping[str, StackJson]) -> dict[str, str]:
    """The earlier names of stacks that only have another name: the same resources as before."""
    left = {name: each.resources.keys() for name, each in before.items() if name not in after}
    found: dict[str, str] = {}
    for name, each in after.items():
        was = [old for old, resources in left.items() if resources == each.resources.keys()]
        if name not in before and was and each.resources:
            found[name] = was[0]
            del left[was[0]]
    return found


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
    old, new = dict(before.blocks()), dict(after.blocks())
    moves = {str(each.get("from")): str(each.get("to")) for each in after.section("moved")}
    for _ in moves:  # each may be a step of a chain, in any order
        for start, end in moves.items():
            if start in old and start not in new and end not in old:
                old[end] = old.pop(start)
    forgotten = {
        str(each.get("from"))
        for each in after.section("removed")
        if value("", each, "lifecycle.destroy") is False
    }
    near = _around(before, old) | _around(after, new)
    changes = []
    for address in sorted({*old, *new}):
        blocks = [side.get(address) for side in (old, new)]
        type = next(block.type for block in reversed(blocks) if block)
        a, b = (in_azurerm_4(type, block.attributes) if block else None for block in blocks)
        if type in _SECTIONS or type.startswith("provider."):
            a, b = a or {}, b or {}  # always there: only attributes change
        conditions = [block.condition if block else "" for block in blocks]
        may_go = bool(a is not None and conditions[1] and conditions[0] != conditions[1])
        gone = "forgotten" if b is None and (not is_there or address in forgotten) else ""
        shown = [printable(readable(side, type)) for side in (a, b)]
        sides = (before.followed(a), after.followed(b)) if type == "output" else (a, b)
        change = Change(
            stack,
            address,
            type,
            shown[0],
            shown[1],
            what=MAY_GO if may_go else gone,
            around=near.get(address.partition("[")[0], ""),
            plain=newly_plain(type, *sides),
            reasons=_new_reasons(a, b),
        )
        if a is None or b is None or may_go or change.plain or change.differences():
            changes.append(change)
    changes += of_providers(stack, *(set(_providers(side)) for side in (before, after)))
    return [with_further(change, old, new) for change in with_changed_ids(changes)]


_SECTIONS = ("locals", "output", "variable", "terraform", "moved", "removed", "import", "check")


def _around(stack: StackJson, blocks: Blocks) -> dict[str, str]:
    resources: dict[str, list[Json]] = {place: [each] for place, each in stack.resources.items()}
    for place, block in blocks.items():
        if (base := place.partition("[")[0]) in resources:
            id = stack.id(block.type, block.attributes)
            known = {"id": id} if id is not MISSING else {}
            resources[base].append({**block.attributes, **known})
    return around(resources, stack.references)


def _providers(stack: StackJson) -> Iterator[tuple[str, str]]:
    """The providers of a stack by their names, each with the address that it comes from."""
    stated: dict[str, str] = {}
    for block in stack.section("terraform"):
        for name, each in as_mapping(unwrap_block(block.get("required_providers"))).items():
            source = each.get("source") if isinstance(each, Mapping) else None
            stated[name] = str(source or f"hashicorp/{name}")
    for place in stack.resources:
        type = place.removeprefix("data.").partition(".")[0]
        name = type.partition("_")[0]
        implied = "terraform.io/builtin/terraform" if name == "terraform" else f"hashicorp/{name}"
        stated.setdefault(name, implied)
    for name, source in stated.items():
        yield name, source_of(source)


def source_of(source: str) -> str:
    """A provider's source in its longest form without the public registry's host."""
    source = source.removeprefix("registry.terraform.io/").casefold()
    return source if "/" in source else f"hashicorp/{source}"


def of_providers(
    stack: str, before: set[tuple[str, str]], after: set[tuple[str, str]]
) -> list[Change]:
    """The providers that are new to a stack, or come from another source."""
    old = dict(before)
    return [
        Change(
            stack,
            f"terraform.required_providers.{name}",
            "required_provider",
            {"source": old[name]} if name in old else None,
            {"source": source},
            around="",
        )
        for name, source in sorted(after - before)
        if name in old or source not in FAMILIAR_PROVIDERS
    ]


def of_files(stacks: Mapping[str, Mapping[str, str]]) -> list[Change]:
    """The files of each stack's folder that Terraform reads beside the program's own."""
    return [
        Change(name, f"{name}/{file}", "file", None, {"content": text}, around="")
        for name, files in stacks.items()
        for file, text in files.items()
    ]


def with_further(change: Change, old: Blocks, new: Container[str]) -> Change:
    """The change; an endpoint or audit logs that are added beside others are called so."""
    if change.type not in FURTHER or change.before is not None:
        return change
    what, target = FURTHER[change.type]
    targets = [
        value(change.type, block.attributes, target)
        for address, block in old.items()
        if block.type == change.type and address in new
    ]
    here = value(change.type, change.after or {}, target)
    may_be = change.around == "touches" and isinstance(here, str) and "${" in here
    is_further = any(may_be or same(here, each) for each in targets)
    return replace(change, what=what) if is_further else change


def as_mapping(found: Any) -> Json:
    """An object, or an empty one in the place of anything else."""
    return found if isinstance(found, Mapping) else {}


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


def printable(value: Any, name: str = "") -> Any:
    """A value without cdktf's metadata, and without what is a secret.

    A secret is what has the name of one, also above it, and the value of what is marked sensitive.
    """
    if isinstance(value, Mapping):
        marked = str(value.get("sensitive")).lower() == "true"
        return {
            key: Hidden("(a condition)", item)
            if key in ("precondition", "postcondition")
            else printable(item, "secret" if _is_hidden(marked, name, key) else str(key))
            for key, item in value.items()
            if key != "//"
        }
    if isinstance(value, list):
        return [printable(item, name) for item in value]
    return Hidden("(sensitive)", value) if isinstance(value, str) and is_secret(name) else value


def _is_hidden(marked: bool, name: str, key: object) -> bool:
    """Whether what is in a block is a secret; when a password expires is not."""
    return marked or (is_secret(name) and key != "expiry")


def with_changed_ids(changes: list[Change]) -> list[Change]:
    """The changes; a removed and an added resource that are one in Azure change its id."""
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
    """What is one in Azure: a name, and of cache rules the target, where images are."""
    attributes = change.before or change.after or {}
    name = attributes.get("target_repo" if change.type == CACHE_RULE else "name")
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
