"""The stand-in's validation accepts the same values as the real provider."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standin import schema, validation

RECORDED = json.loads(Path(validation.__file__).with_suffix(".json").read_text())


def validated_attributes() -> list[tuple[str, str]]:
    """Returns each recorded attribute that the stand-in serves, and the kind of its values."""
    kinds = {"resources": schema.resource, "data_sources": schema.data_source}
    attributes = {
        path
        for section, block in kinds.items()
        for type_ in schema.description()[section]
        for path in _paths(block(type_), "data." * (section == "data_sources") + type_)
    }
    return [
        (attribute, next(iter(accepted)))
        for attribute, accepted in RECORDED["accepts"].items()
        if attribute.removesuffix("[]") in attributes
    ]


def _paths(block: schema.Block, prefix: str) -> Iterator[str]:
    for name, spec in block.items():
        yield f"{prefix}.{name}"
        yield from _paths(spec.get("block", {}), f"{prefix}.{name}")


@pytest.mark.parametrize(("attribute", "kind"), validated_attributes())
def test_the_same_values_are_accepted(attribute: str, kind: str) -> None:
    """The stand-in accepts a recorded value if and only if the real provider accepts it."""
    accepted = set(RECORDED["accepts"][attribute][kind])
    for index, value in enumerate(RECORDED[kind]):
        assert validation.accepts(attribute, value) == (index in accepted), value


def test_every_rule_is_recorded() -> None:
    """The stand-in has a rule for exactly the attributes that the real provider validates."""
    assert set(validation.RULES) == {attribute for attribute, _ in validated_attributes()}
    assert len(validation.RULES) > 60


@pytest.mark.parametrize(
    ("configured", "refused"),
    [
        ({"name": "my-acr"}, ["name"]),
        ({"georeplications": [{"location": ""}]}, ["georeplications.location"]),
        ({"identity": [{"type": "x", "identity_ids": ["y"]}]}, None),
        ({"tags": {"a": "v" * 257}}, ["tags"]),
        ({"name": schema.UNKNOWN, "sku": None}, []),
    ],
)
def test_an_error_names_the_attribute(configured: Any, refused: Any) -> None:
    """The error names the attribute at any depth; an unknown or absent value has no error."""
    type_ = "azurerm_container_registry"
    expected = ["identity.type", "identity.identity_ids[]"] if refused is None else refused
    config = complete_config(configured)
    found = [
        error.split('"')[1].removeprefix(f"{type_}.")
        for error in schema.config_errors(schema.resource(type_), config, type_)
        if "is refused" in error
    ]
    assert sorted(found) == sorted(expected)


def complete_config(configured: Any) -> Any:
    """Returns a complete configuration of a registry; an absent argument is null."""

    def complete(block: schema.Block, values: Any) -> Any:
        return {
            name: [complete(spec["block"], item) for item in values[name]]
            if isinstance(values.get(name), list) and "block" in spec
            else values.get(name)
            for name, spec in block.items()
        }

    return complete(schema.resource("azurerm_container_registry"), configured)
