"""The real provider's description read as schema: wire types, plans, replacements and states."""

import json
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

from . import validation

Spec = dict[str, Any]
Block = dict[str, Spec]
Values = dict[str, Any]
Step = str | int

ID: Final[Spec] = {"type": "String", "optional": True, "computed": True}
# "Single" is the SDK's nesting for `timeouts`, which no described attribute has.
TIMEOUTS: Final[Spec] = {
    "type": "Single",
    "optional": True,
    "block": {
        name: {"type": "String", "optional": True}
        for name in ("create", "delete", "read", "update")
    },
}


class Unknown(Enum):
    """A value that Terraform will know only after apply."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@cache
def description() -> Any:
    """The served part of azurerm 4.55.0, as its own SDK describes it."""
    return json.loads((Path(__file__).parent / "azurerm.json").read_text())


def resource(type_: str) -> Block:
    """A resource's block with the `id` and `timeouts` that the SDK adds to each."""
    return {**description()["resources"][type_], "id": ID, "timeouts": TIMEOUTS}


def data_source(type_: str) -> Block:
    """A data source's block with the `id` and `timeouts` that the SDK adds to each."""
    return {**description()["data_sources"][type_], "id": ID, "timeouts": TIMEOUTS}


def is_attribute(spec: Spec) -> bool:
    """Whether Terraform sees an attribute, where the alternative is a nested block."""
    only_computed = bool(spec.get("computed")) and not spec.get("optional")
    return "block" not in spec or bool(spec.get("attr_mode")) or only_computed


def wire_type(spec: Spec) -> Any:
    """An attribute's type as Terraform writes types in JSON."""
    if "block" in spec:
        fields = {name: wire_type(inner) for name, inner in spec["block"].items()}
        return [spec["type"].lower(), ["object", fields]]
    if "element" in spec:
        return [spec["type"].lower(), wire_type({"type": spec["element"]})]
    return {"String": "string", "Bool": "bool", "Int": "number"}[spec["type"]]


def plan(block: Block, config: Values, prior: Values | None) -> Values:
    """The values to expect after apply, from the configuration and what there was before."""
    before = prior or {}
    return {
        name: _planned(name, spec, config.get(name), before.get(name), is_new=prior is None)
        for name, spec in block.items()
    }


def _planned(name: str, spec: Spec, config: Any, prior: Any, *, is_new: bool) -> Any:
    if config in (None, []) and spec.get("computed"):
        return prior if not is_new else UNKNOWN if is_attribute(spec) else []
    if isinstance(config, list) and "block" in spec:
        before = [*(prior or []), *[None] * len(config)]
        return [plan(spec["block"], item, before[index]) for index, item in enumerate(config)]
    value = spec.get("default") if config is None else config
    if spec.get("suppresses_some_diffs") and isinstance(value, str):
        value = normal_location(value) if name == "location" else value
        return prior if prior is not None and prior.lower() == value.lower() else value
    # To the SDK an absent value and an empty one are the same.
    return prior if not is_new and not value and not prior else value


def normal_location(location: str) -> str:
    """A region's name as the provider keeps it: "East US" and "eastus" are one."""
    return "".join(location.split()).lower()


def replacements(
    block: Block, prior: Values, planned: Values, path: tuple[Step, ...] = ()
) -> Iterator[tuple[Step, ...]]:
    """The paths of the changes that can't be made to the resource as it stands."""
    for name, spec in block.items():
        before, after = prior.get(name), planned.get(name)
        here = (*path, name)
        if spec.get("force_new") and before != after:
            yield here
        elif "block" in spec and isinstance(before, list) and isinstance(after, list):
            for index in range(max(len(before), len(after))):
                pair = [items[index] if index < len(items) else {} for items in (before, after)]
                yield from replacements(spec["block"], pair[0], pair[1], (*here, index))


def mistakes(block: Block, config: Values, above: str = "") -> Iterator[str]:
    """What the SDK finds wrong where Terraform doesn't, in the configuration of the type `above`.

    Null for what is required, a value for what Azure computes, and what the provider refuses.
    """
    for name, spec in block.items():
        value, path = config[name], f"{above}.{name}"
        if spec.get("required") and value is None:
            yield f'The argument "{name}" is required, but no definition was found.'
        elif not (spec.get("required") or spec.get("optional")) and value is not None:
            yield f'Can\'t configure a value for "{name}".'
        elif "block" in spec and isinstance(value, list):
            for item in value:
                yield from mistakes(spec["block"], item, path)
        else:
            yield from _refused(path, value)


def _refused(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _refused(f"{path}[]", item)
    elif isinstance(value, dict):
        if Unknown.UNKNOWN not in value.values() and not validation.accepts(path, value):
            yield f'"{path}" is refused: {value!r}'
    elif isinstance(value, str) and not validation.accepts(path, value):
        yield f'"{path}" is refused: {value!r}'


def settings(block: Block, values: Values) -> Values:
    """What the caller settled of a resource: neither absent, nor unknown, nor only computed."""
    return {
        name: [settings(spec["block"], item) for item in value] if "block" in spec else value
        for name, spec in block.items()
        if (value := values.get(name)) is not None
        and value is not UNKNOWN
        and spec.get("type") != "Single"
        and (spec.get("optional") or spec.get("required"))
    }


def state(block: Block, values: Values) -> Values:
    """A complete state: defaults where nothing was said, null or empty where nothing is known."""
    return {name: _stated(spec, values.get(name)) for name, spec in block.items()}


def _stated(spec: Spec, value: Any) -> Any:
    if "block" in spec and spec["type"] != "Single":
        return [state(spec["block"], item) for item in value or []]
    return spec.get("default") if value is None else value
