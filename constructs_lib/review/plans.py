"""What changes in a stack by a plan of Terraform, as one list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from ..privacy.attributes import as_list
from ..privacy.names import PATHS, in_azurerm_4
from ..stack_json import Json
from .changes import UNKNOWN, Change, Hidden, printable, with_changed_ids


def of_plan(stack: str, plan: Json) -> list[Change]:
    """What a plan changes in a stack: the JSON of ``terraform show -json``.

    Raises:
        ValueError: it is no plan, or one that Terraform could not complete.
    """
    if not str(plan.get("format_version")).startswith("1.") or "planned_values" not in plan:
        raise ValueError("is no plan: save one with -out, and write it with terraform show -json")
    if plan.get("errored"):
        raise ValueError(
            "is a plan that Terraform could not complete: correct what it reports, and plan again"
        )
    resources = [each for each in plan.get("resource_changes", []) if each["mode"] == "managed"]
    deferred = [each["resource_change"] for each in plan.get("deferred_changes", [])]
    changes = [_of_resource(stack, each) for each in resources if _does_something(each)]
    changes += [replace(_of_resource(stack, each), what="deferred") for each in deferred]
    changes += _of_drift(stack, plan.get("resource_drift", []), resources)
    outputs = {name: _sides(each) for name, each in plan.get("output_changes", {}).items()}
    sides = ({name: sides[side] for name, sides in outputs.items()} for side in (0, 1))
    before, after = sides
    output = Change(stack, "output", "output", before, after)
    if output.differences():
        changes.append(output)
    return with_changed_ids(sorted(changes, key=lambda change: change.address))


def _does_something(resource: Json) -> bool:
    is_moved = resource.get("previous_address", resource["address"]) != resource["address"]
    change = resource["change"]
    return bool(change["actions"] != ["no-op"] or change.get("importing") or is_moved)


def _of_drift(stack: str, drift: list[Json], resources: list[Json]) -> list[Change]:
    """What was changed outside of Terraform, and what the plan does not undo."""
    planned = {each["address"]: each["change"] for each in resources}
    changes = []
    for resource in drift:
        now = resource["change"]
        later = planned.get(resource["address"]) or now
        keys = ("after", "after_unknown", "after_sensitive")
        change = {**now, **{key: later.get(key) for key in keys}, "actions": ["update"]}
        found = _of_resource(stack, {**resource, "change": change})
        if found.after is None or found.differences():
            changes.append(replace(found, what="changed outside of Terraform"))
    return changes


def _of_resource(stack: str, resource: Json) -> Change:
    change = resource["change"]
    actions = change["actions"]
    before, after = (
        printable(in_azurerm_4(resource["type"], side) if isinstance(side, Mapping) else side)
        for side in _sides(change)
    )
    paths: tuple[str, ...] = ()
    if "create" in actions and len(actions) > 1:
        names = (
            [part for part in path if isinstance(part, str)]
            for path in change.get("replace_paths", [])
        )
        triggered = resource.get("action_reason") == "replace_by_triggers"
        why = "replace_triggered_by" if triggered else "replaced"  # as if tainted
        known = {PATHS.get(path, path) for path in map(".".join, names)}
        paths = tuple(sorted(known)) or (why,)
    what = "forgotten" if actions == ["forget"] else "imported" if change.get("importing") else ""
    if resource.get("previous_address", resource["address"]) != resource["address"] and not what:
        what = f"moved from {resource['previous_address']}"
    deposed = f" (deposed {resource['deposed']})" if "deposed" in resource else ""
    return Change(
        stack,
        resource["address"] + deposed,
        resource["type"],
        before,
        after,
        what=what if not paths else "",
        replaced=paths,
    )


def _sides(change: Json) -> tuple[Any, Any]:
    """Both values of a plan's change, with what is unknown in them, and without secrets."""
    after = _with_unknown(change.get("after"), change.get("after_unknown"))
    masks = (change.get("before_sensitive"), change.get("after_sensitive"))
    return _masked(change.get("before"), *masks), _masked(after, *masks)


def _with_unknown(value: Any, unknown: Any) -> Any:
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, Mapping):
        known = value if isinstance(value, Mapping) else {}
        parts = {name: _with_unknown(known.get(name), part) for name, part in unknown.items()}
        return {**known, **parts} if parts else value
    if isinstance(unknown, list) and unknown:
        return [_with_unknown(*pair) for pair in zip_longest(as_list(value), unknown)]
    return value


def _masked(value: Any, *masks: Any) -> Any:
    if any(mask is True for mask in masks):
        return value if value in (None, UNKNOWN) else Hidden("(sensitive)", value)
    if isinstance(value, Mapping):
        named = [mask for mask in masks if isinstance(mask, Mapping)]
        return {
            key: _masked(item, *(mask.get(key) for mask in named)) for key, item in value.items()
        }
    if isinstance(value, list):
        listed = [mask for mask in masks if isinstance(mask, list)]
        return [
            _masked(item, *(mask[place] for mask in listed if place < len(mask)))
            for place, item in enumerate(value)
        ]
    return value
