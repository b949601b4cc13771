"""The stand-in's validation gives the verdicts that were recorded from the real provider."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standin import schema, validation

RECORDED = json.loads(Path(__file__).with_name("validation.json").read_text())


def served() -> list[tuple[str, str]]:
    """Each recorded attribute that the stand-in serves, and whether strings or maps go in."""
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


def _paths(block: schema.Block, above: str) -> Iterator[str]:
    for name, spec in block.items():
        yield f"{above}.{name}"
        yield from _paths(spec.get("block", {}), f"{above}.{name}")


@pytest.mark.parametrize(("attribute", "kind"), served())
def test_a_verdict_is_the_real_providers(attribute: str, kind: str) -> None:
    """For each recorded value, whether it is right or wrong."""
    accepted = set(RECORDED["accepts"][attribute][kind])
    for index, value in enumerate(RECORDED[kind]):
        assert validation.accepts(attribute, value) == (index in accepted), value


def test_every_rule_was_recorded() -> None:
    """A rule for an attribute that the provider does not validate would be an invention."""
    assert set(validation.RULES) == {attribute for attribute, _ in served()}
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
def test_a_configuration_is_refused_by_attribute(configured: Any, refused: Any) -> None:
    """At any depth; what is unknown or not set is not judged."""
    type_ = "azurerm_container_registry"
    expected = ["identity.type", "identity.identity_ids[]"] if refused is None else refused
    found = [
        mistake
        for mistake in schema.mistakes(schema.resource(type_), whole(configured), type_)
        if "is refused" in mistake
    ]
    assert sorted(each.split('"')[1].removeprefix(f"{type_}.") for each in found) == sorted(
        expected
    )


def whole(configured: Any) -> Any:
    """A complete configuration of a registry, null where nothing is said."""

    def complete(block: schema.Block, values: Any) -> Any:
        return {
            name: [complete(spec["block"], item) for item in values[name]]
            if isinstance(values.get(name), list) and "block" in spec
            else values.get(name)
            for name, spec in block.items()
        }

    return complete(schema.resource("azurerm_container_registry"), configured)
