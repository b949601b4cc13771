"""The stand-in's validation accepts the same values as the real provider."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import standin
from standin import schema, validation
from standin.record.__main__ import in_lines

FOLDER = Path(standin.__file__).parent
VERSIONS = sorted(file.stem.removeprefix("azurerm-") for file in FOLDER.glob("azurerm-*[0-9].json"))
RECORDED = {
    version: json.loads((FOLDER / f"azurerm-{version}-validation.json").read_text())
    for version in VERSIONS
}


def validated_attributes() -> list[tuple[str, str, str]]:
    """Returns each recorded attribute that the stand-in serves, and the kind of its values."""
    attributes = {
        (version, path)
        for version in VERSIONS
        for section, prefix in (("resources", ""), ("data_sources", "data."))
        for type_, block in schema.served(section, version).items()
        for path in _paths(block, prefix + type_)
    }
    return [
        (version, attribute, next(iter(accepted)))
        for version in VERSIONS
        for attribute, accepted in RECORDED[version]["accepts"].items()
        if (version, attribute.removesuffix("[]")) in attributes
    ]


def _paths(block: schema.Block, prefix: str) -> Iterator[str]:
    for name, spec in block.items():
        yield f"{prefix}.{name}"
        yield from _paths(spec.get("block", {}), f"{prefix}.{name}")


@pytest.mark.parametrize(("version", "attribute", "kind"), validated_attributes())
def test_the_same_values_are_accepted(version: str, attribute: str, kind: str) -> None:
    """The stand-in accepts a recorded value if and only if the real provider accepts it."""
    accepted = set(RECORDED[version]["accepts"][attribute][kind])
    for index, value in enumerate(RECORDED[version][kind]):
        assert validation.accepts(attribute, value, version) == (index in accepted), value


@pytest.mark.parametrize("version", VERSIONS)
def test_every_validator_is_recorded(version: str) -> None:
    """The stand-in has one for exactly the attributes that the real provider validates."""
    recorded = {attribute for of, attribute, _ in validated_attributes() if of == version}
    assert set(validation.validators(version)) == recorded
    assert len(recorded) > 90


@pytest.mark.parametrize("version", VERSIONS)
def test_the_recorded_files_have_what_the_generator_is_asked_for(version: str) -> None:
    """Nobody edits them by hand: types and values are those in `wanted.json`, in its order."""
    wanted = json.loads((FOLDER / "record" / "wanted.json").read_text())
    description = schema.description(version)
    verdicts = json.loads((FOLDER / f"azurerm-{version}-validation.json").read_text())
    for section in ("resources", "data_sources", "provider"):
        assert list(description[section]) == wanted[section]
    assert [verdicts[kind] for kind in ("strings", "maps")] == [wanted["strings"], wanted["maps"]]
    assert f"azurerm {version} " in description["about"]
    assert f"azurerm {version}:" in verdicts["about"]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("azurerm-*.json")), ids=lambda file: file.name)
def test_the_generator_would_write_the_recorded_files_alike(file: Path) -> None:
    """A new version's difference shows what azurerm changed, and not how JSON is written."""
    depth = 2 if file.stem.endswith("validation") else 3
    assert in_lines(json.loads(file.read_text()), depth) + "\n" == file.read_text()


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
    block = schema.served("resources")[type_]
    config = schema.state(block, configured, with_defaults=False)
    found = [
        error.split('"')[1].removeprefix(f"{type_}.")
        for error in schema.config_errors(block, config, type_)
        if "is refused" in error
    ]
    assert sorted(found) == sorted(expected)
