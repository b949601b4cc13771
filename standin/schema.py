"""Wire types, plans, replacements and states, derived from the real provider's schema."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final

from packaging.version import Version

from . import resource_ids, validation

Spec = dict[str, Any]
Block = dict[str, Spec]
Values = dict[str, Any]
Step = str | int

VERSION: Final = "4.55.0"
"""The version that the project's bindings pin."""
ID: Final[Spec] = {"type": "String", "optional": True, "computed": True}
# "Single" is the SDK's nesting for `timeouts`; no attribute in the description has it.
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
def versions() -> list[str]:
    """Returns the versions of azurerm that are described beside this module, the oldest first."""
    files = Path(__file__).parent.glob("azurerm-*[0-9].json")
    return sorted((file.stem.removeprefix("azurerm-") for file in files), key=Version)


def described(required: str) -> str:
    """Returns the version whose description serves a version of `required_providers`.

    It is the newest one of the same major version that is not newer, or else the oldest one:
    4.55.0 serves 4.60.0, and 5.2.0 serves every 5. Of a constraint, the first version counts.

    Raises:
        ValueError: no version of this major version is described.
    """
    first = re.search(r"\d+\.\d+\.\d+", f"{required}.0.0")
    wanted = Version(first[0] if first else "0")
    same_major = [each for each in versions() if Version(each).major == wanted.major]
    if not same_major:
        raise ValueError(
            f"azurerm {required} is not described: the stand-in has {', '.join(versions())}"
        )
    return max(
        (each for each in same_major if Version(each) <= wanted), key=Version, default=same_major[0]
    )


@cache
def description(version: str = VERSION) -> Any:
    """Returns what a version of azurerm says of its resources, data sources and provider block.

    Its form is that of the file, which `python -m standin.record` writes.
    """
    return json.loads((Path(__file__).parent / f"azurerm-{version}.json").read_text())


@cache
def served(section: str, version: str = VERSION) -> dict[str, Block]:
    """Returns the `resources` or `data_sources` that the stand-in serves: it knows their ids.

    Each block has the `id` and `timeouts` that the SDK adds.
    """
    types = description(version)[section].items()
    own = {"id": ID, "timeouts": TIMEOUTS}
    return {type_: {**block, **own} for type_, block in types if type_ in resource_ids.TEMPLATES}


def is_attribute(spec: Spec) -> bool:
    """Whether Terraform sees an attribute and not a nested block."""
    only_computed = bool(spec.get("computed")) and not spec.get("optional")
    return "block" not in spec or bool(spec.get("attr_mode")) or only_computed


def wire_type(spec: Spec) -> Any:
    """Returns an attribute's type in Terraform's JSON syntax for types."""
    if "block" in spec:
        fields = {name: wire_type(inner) for name, inner in spec["block"].items()}
        return [spec["type"].lower(), ["object", fields]]
    if "element" in spec:
        return [spec["type"].lower(), wire_type({"type": spec["element"]})]
    return {"String": "string", "Bool": "bool", "Int": "number"}[spec["type"]]


def plan(
    block: Block, config: Values, prior: Values | None, *, exists: bool | None = None
) -> Values:
    """Returns the planned values for a configuration and the resource's or block's prior state.

    A block has no prior state if the update of a resource that `exists` adds it. What Azure
    computes in it is null: the SDK marks values as unknown (`SetUnknowns`) only in the plan of a
    new resource.
    """
    exists = prior is not None if exists is None else exists
    return {
        name: _planned(name, spec, config, prior or {}, exists=exists)
        for name, spec in block.items()
    }


def _planned(name: str, spec: Spec, of_config: Values, of_prior: Values, *, exists: bool) -> Any:
    config, prior, is_new = of_config.get(name), of_prior.get(name), name not in of_prior
    if config in (None, []) and spec.get("computed"):
        if is_new and exists and not of_prior:
            return None if is_attribute(spec) else []
        return UNKNOWN if is_new else prior
    if isinstance(config, list) and "block" in spec:
        prior_items = [*(prior or []), *[None] * len(config)]
        return [
            plan(spec["block"], item, prior_items[index], exists=exists)
            for index, item in enumerate(config)
        ]
    value = spec.get("default") if config is None else config
    if spec.get("suppresses_some_diffs") and isinstance(value, str):
        value = normal_location(value) if name == "location" else value
        return prior if prior is not None and _is_same(name, prior, value) else value
    # The SDK treats an absent value and an empty one as equal, where there was one of the two.
    return prior if not is_new and not value and not prior else value


def _is_same(name: str, prior: str, value: str) -> bool:
    """Whether the provider sees no difference: in case, or between one time in two zones."""
    if name == "expiry" and prior:
        return datetime.fromisoformat(prior) == datetime.fromisoformat(value)
    return prior.lower() == value.lower()


def normal_location(location: str) -> str:
    """Returns a region's name as the provider stores it: "East US" becomes "eastus"."""
    return "".join(location.split()).lower()


def replacement_paths(
    block: Block, prior: Values, planned: Values, path: tuple[Step, ...] = ()
) -> Iterator[tuple[Step, ...]]:
    """Returns the paths of the changes that force a new resource."""
    for name, spec in block.items():
        before, after = prior.get(name), planned.get(name)
        attribute_path = (*path, name)
        if spec.get("force_new") and before != after:
            yield attribute_path
        elif "block" in spec and isinstance(before, list) and isinstance(after, list):
            for index in range(max(len(before), len(after))):
                old, new = (items[index] if index < len(items) else {} for items in (before, after))
                yield from replacement_paths(spec["block"], old, new, (*attribute_path, index))


def config_errors(
    block: Block, config: Values, prefix: str = "", version: str = VERSION
) -> Iterator[str]:
    """Returns the errors in a configuration that the SDK reports and Terraform itself does not.

    The SDK refuses null for a required argument, a value for an attribute that Azure computes, and
    a value that fails the validation of this version. `prefix` is the resource type.
    """
    for name, spec in block.items():
        value, path = config[name], f"{prefix}.{name}"
        if spec.get("required") and value is None:
            yield f'The argument "{name}" is required, but no definition was found.'
        elif not (spec.get("required") or spec.get("optional")) and value is not None:
            yield f'Can\'t configure a value for "{name}".'
        elif "block" in spec and isinstance(value, list):
            for item in value:
                yield from config_errors(spec["block"], item, path, version)
        else:
            yield from _validation_errors(path, value, version)


def _validation_errors(path: str, value: Any, version: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _validation_errors(f"{path}[]", item, version)
    elif isinstance(value, dict):
        if Unknown.UNKNOWN not in value.values() and not validation.accepts(path, value, version):
            yield f'"{path}" is refused: {value!r}'
    elif isinstance(value, str) and not validation.accepts(path, value, version):
        yield f'"{path}" is refused: {value!r}'


def settings(block: Block, values: Values) -> Values:
    """Returns the values that the caller sets: known ones that are not only computed."""
    return {
        name: [settings(spec["block"], item) for item in value] if "block" in spec else value
        for name, spec in block.items()
        if (value := values.get(name)) is not None
        and value is not UNKNOWN
        and spec.get("type") != "Single"
        and (spec.get("optional") or spec.get("required"))
    }


def state(block: Block, values: Values, *, with_defaults: bool = True) -> Values:
    """Returns a complete state: an absent value becomes its default, null or an empty list.

    Without defaults, it is another version's state for this one, as the SDK upgrades it before
    Terraform reads: what only the other version has is dropped.
    """

    def value_of(spec: Spec, value: Any) -> Any:
        if "block" in spec and spec["type"] != "Single":
            inner = value or []
            return [state(spec["block"], item, with_defaults=with_defaults) for item in inner]
        return spec.get("default") if value is None and with_defaults else value

    return {name: value_of(spec, values.get(name)) for name, spec in block.items()}
