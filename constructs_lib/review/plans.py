"""What changes in a stack by a plan of Terraform, as one list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from ..privacy.attributes import ENDPOINT, REGISTRY, SCOPE_MAP, TOKEN, as_list, value
from ..privacy.names import PATHS, in_azurerm_4
from ..privacy.reach import reach
from ..stack_json import Block, Json, StackJson
from .changes import (
    FURTHER,
    OUTSIDE,
    UNKNOWN,
    Change,
    as_mapping,
    of_providers,
    printable,
    source_of,
    with_changed_ids,
    with_further,
)
from .findings import may_be_of_a_registry
from .near import address, around
from .secrets import Hidden, newly_plain


def of_plan(stack: str, plan: Json) -> list[Change]:
    """What a plan changes in a stack: the JSON of ``terraform show -json``.

    Raises:
        ValueError: it is not a plan, or has no configuration, or Terraform could not complete it.
    """
    if not str(plan.get("format_version")).startswith("1.") or "planned_values" not in plan:
        raise ValueError(
            "is not a plan: save one with -out, and write it with terraform show -json"
        )
    if plan.get("errored"):
        raise ValueError(
            "is a plan that Terraform could not complete: correct what it reports, and plan again"
        )
    if "root_module" not in (plan.get("configuration") or {}):
        raise ValueError(
            "has no configuration, which says what names the registry: write the plan with "
            "terraform show -json, and leave nothing out"
        )
    configured = _configured(plan["configuration"]["root_module"])
    changes_of = _checked("resource_changes", plan.get("resource_changes"))
    resources = [each for each in changes_of if each.get("mode") != "data"]
    later = [as_mapping(each) for each in as_list(plan.get("deferred_changes"))]
    deferred = _checked("deferred_changes", [each.get("resource_change") for each in later])
    changes = [_of_resource(stack, each) for each in resources if _does_something(each)]
    changes += [replace(_of_resource(stack, each), what="deferred") for each in deferred]
    drift = _checked("resource_drift", plan.get("resource_drift"))
    changes += _of_drift(stack, drift, resources)
    changes = with_changed_ids(sorted(changes, key=lambda change: change.address))
    changes = [*_in_their_surroundings(changes, resources, configured)]
    changes += _of_outputs(stack, plan)
    changes += _of_programs(stack, plan, configured)
    changes += _of_destroying(stack, resources, configured)
    providers = (plan["configuration"].get("provider_config") or {}).values()
    sources = {(each["name"], source_of(each.get("full_name", ""))) for each in providers}
    known = {source_of(source) for source in _sources_before(plan)}
    before = {("azurerm", "hashicorp/azurerm"), *(each for each in sources if each[1] in known)}
    return changes + of_providers(stack, before, sources)


def _checked(key: str, value: Any) -> list[Json]:
    """The changes of resources, in the form in which Terraform writes them."""
    for place, each in enumerate(as_list(value)):
        resource = as_mapping(each)
        change = as_mapping(resource.get("change"))
        actions = change.get("actions")
        texts = [resource.get("address"), resource.get("type"), *as_list(actions)]
        sides = [change.get("before"), change.get("after")]
        if not (
            all(isinstance(text, str) for text in texts)
            and isinstance(actions, list)
            and all(isinstance(side, Mapping | None) for side in sides)
        ):
            raise ValueError(
                f"{key}[{place}] ({resource.get('address')}) is not a change of a resource as "
                "terraform show -json writes it"
            )
    return as_list(value)


def _sources_before(plan: Json) -> Iterator[str]:
    """Where the providers come from whose resources there are already."""
    for each in plan.get("resource_changes", []):
        if each["change"].get("before") is not None:
            yield str(each.get("provider_name"))
    modules = [((plan.get("prior_state") or {}).get("values") or {}).get("root_module") or {}]
    for module in modules:  # a list that grows
        modules += module.get("child_modules", [])
        yield from (str(each.get("provider_name")) for each in module.get("resources", []))


def _configured(module: Json, prefix: str = "") -> dict[str, Json]:
    """The arguments of each resource by its address, as far as the plan has them, as texts."""
    found: dict[str, Json] = {
        prefix + each["address"]: {
            **_texts(each.get("expressions") or {}),
            **({"provisioner": each["provisioners"]} if each.get("provisioners") else {}),
        }
        for each in module.get("resources", [])
    }
    for name, call in (module.get("module_calls") or {}).items():
        found |= _configured(call.get("module") or {}, f"{prefix}module.{name}.")
    return found


def _texts(expression: Any) -> Any:
    """Arguments of which a plan has the constant values, and the references of all others.

    Terraform lists a reference with everything that it is in: only the whole of it is one.
    """
    if isinstance(expression, list):
        return [_texts(each) for each in expression]
    if not isinstance(expression, Mapping):
        return expression
    if "constant_value" in expression:
        return expression["constant_value"]
    if isinstance(names := expression.get("references"), list):
        whole = (
            name for name in names if not any(o.startswith((f"{name}.", f"{name}[")) for o in names)
        )
        return " ".join(f"${{{name}}}" for name in whole)
    return {name: _texts(each) for name, each in expression.items()}


def _in_their_surroundings(
    changes: list[Change], resources: list[Json], configured: Mapping[str, Json]
) -> Iterator[Change]:
    """The changes, with what the configuration says about the resources."""
    given: dict[str, list[Json]] = {place: [each] for place, each in configured.items()}
    for resource in resources:
        values = [resource["change"].get(side) for side in ("before", "after")]
        base = resource["address"].partition("[")[0]
        given.setdefault(base, []).extend(each for each in values if isinstance(each, Mapping))
    near = around(given, StackJson({}).references)
    created = {
        each["address"].partition("[")[0]
        for each in resources
        if each["change"]["actions"] == ["create"]
    }
    blocks = {
        each["address"]: Block(each["type"], each["change"]["before"])
        for each in resources
        if each["change"].get("before")
    }
    stays = blocks.keys() - _gone(resources)
    for change in changes:
        base = change.address.partition("[")[0]
        stated = configured.get(base, {})
        hides = any(text in str(stated) for text in ("${local.", "${module.", "${each.", "${var."))
        is_open = base.startswith("module.") or base not in configured
        unknown = hides and UNKNOWN.text in str(change.after)
        found = near.get(base, None if is_open or unknown else "")
        if found == "" and may_be_of_a_registry(change, stated):
            found = "touches"
        after = change.after
        runs = after is not None and (change.before is None or change.replaced)
        if runs and "provisioner" in stated:
            after = {**(after or {}), "provisioner": stated["provisioner"]}
        if change.type == TOKEN and after and after.get("scope_map_id") is UNKNOWN and not hides:
            refers = {address(each) for each in StackJson({}).references(stated)}
            own = {each for each in refers if each.startswith((f"{REGISTRY}.", f"{SCOPE_MAP}."))}
            if own and own <= created:  # whose name only Terraform knows until they are there
                after = {**after, "scope_map_id": "/scopeMaps/known-after-apply"}
        plain = newly_plain(change.type, None, stated) if change.after else ()
        names = {name for name in plain if change.before is None or change.differs(name)}
        after = after and {
            name: Hidden("(a secret)", each) if name in names else each
            for name, each in after.items()
        }
        change = replace(change, around=found, after=after, plain=tuple(sorted(names)))
        yield _with_further_endpoint(with_further(change, blocks, stays), created)


def _gone(resources: list[Json]) -> set[str]:
    return {each["address"] for each in resources if "delete" in each["change"]["actions"]}


def _with_further_endpoint(change: Change, created: set[str]) -> Change:
    """The change; an endpoint to a registry that is there already is one more of it."""
    if change.type != ENDPOINT or change.action != "added":
        return change
    what, path = FURTHER[ENDPOINT]
    target = value(ENDPOINT, change.after or {}, path)
    is_there = isinstance(target, str) and "/registries/" in target.lower()
    is_there = is_there or (target is UNKNOWN and change.around == "touches")
    is_new = any(each.startswith(f"{REGISTRY}.") for each in created)
    return replace(change, what=what) if is_there and not is_new else change


def _of_outputs(stack: str, plan: Json) -> list[Change]:
    """The outputs that change, as one; one that shows a secret is hidden here."""
    outputs = {name: _sides(each) for name, each in plan.get("output_changes", {}).items()}
    stated = plan["configuration"]["root_module"].get("outputs") or {}
    changed = {name: each for name, each in outputs.items() if each[0] != each[1]}
    texts = {
        name: {
            "sensitive": stated.get(name, {}).get("sensitive"),
            "value": _texts(stated.get(name, {}).get("expression", {})),
        }
        for name in changed
    }
    plain = tuple(sorted({*newly_plain("output", None, texts), *_shown(plan)}))
    sides = [
        {
            name: Hidden("(a secret)", each[side]) if name in plain else each[side]
            for name, each in outputs.items()
        }
        for side in (0, 1)
    ]
    change = Change(stack, "output", "output", sides[0], sides[1], around="", plain=plain)
    return [change] if plain or change.differences() else []


def _shown(plan: Json) -> Iterator[str]:
    """The outputs that are not sensitive any more, or have a secret of a resource."""
    sides = [side for each in plan.get("resource_changes", []) for side in _sides(each["change"])]
    secrets = {text for side in sides for text in _hidden(side) if len(text) >= _LONG}
    for name, each in plan.get("output_changes", {}).items():
        has_one = any(text in str(each.get("after")) for text in secrets)
        if not each.get("after_sensitive") and (each.get("before_sensitive") or has_one):
            yield name


_LONG = 8
"""The length of a text that is not in others by chance."""


def _hidden(value: Any) -> Iterator[str]:
    if isinstance(value, Hidden):
        yield str(value.value)
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _hidden(item)


def _of_programs(stack: str, plan: Json, configured: Mapping[str, Json]) -> Iterator[Change]:
    """The actions that Terraform invokes, and the data that it reads from programs."""
    for key in ("action_invocations", "deferred_action_invocations"):
        for each in plan.get(key, []):
            each = each.get("action_invocation", each)
            after = {"config": printable(each.get("config_values"))}
            yield Change(stack, str(each.get("address")), "action", None, after, around="")
    for place, arguments in configured.items():
        found = re.search(r"(?:^|\.)((?:data|ephemeral)\.\w+)\.", place)
        if found and reach(found[1]):
            yield Change(stack, place, found[1], None, printable(arguments), around="")


def _of_destroying(
    stack: str, resources: list[Json], configured: Mapping[str, Json]
) -> Iterator[Change]:
    """The programs that Terraform runs for what it destroys."""
    for place in sorted(_gone(resources)):
        programs = configured.get(place.partition("[")[0], {}).get("provisioner", [])
        if any(each.get("when") == "destroy" for each in programs):
            yield Change(stack, place, "action", None, {"provisioner": programs}, around="")


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
            changes.append(replace(found, what=OUTSIDE))
    return changes


def _of_resource(stack: str, resource: Json) -> Change:
    change = resource["change"]
    actions = change["actions"]
    before, after = (
        printable(in_azurerm_4(resource["type"], side) if isinstance(side, Mapping) else side)
        for side in _sides(change)
    )
    before = None if change.get("importing") else before  # nobody has looked at it before
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
        inner = {name: _with_unknown(known.get(name), each) for name, each in unknown.items()}
        return {**known, **inner} if inner else value
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
