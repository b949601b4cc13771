"""The settings file as a JSON Schema, for editors: ``registries.schema.json``.

It accepts every file that the program accepts, with variables in the place of any value. It marks
what is wrong with one key; rules over several keys are the program's.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from ..azure import tagging
from ..azure.patterns import Pattern, in_any_case
from .backends import TEMPLATES
from .model import Settings

_VARIABLE = r"\$"
"""The pattern of a text with a variable, which stands for a value of any kind."""

_TRUTHS = ["true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "1", "0"]
"""The texts that pydantic takes for true or false, in upper or lower case."""


class _Generator(GenerateJsonSchema):
    """The schema of each kind of value, as it may be written in the file."""

    def bool_schema(self, schema: Any) -> JsonSchemaValue:
        """True or false: also as a text, since a variable's value is one, or as 1 and 0."""
        return {
            "type": ["boolean", "string", "integer"],
            **_form("|".join(map(in_any_case, _TRUTHS)), "true or false is expected"),
            "minimum": 0,
            "maximum": 1,
        }

    def literal_schema(self, schema: Any) -> JsonSchemaValue:
        """One of several words."""
        return _one_of(schema["expected"])

    def function_after_schema(self, schema: Any) -> JsonSchemaValue:
        """A value with the patterns of its rule."""
        inner = self.generate_inner(schema["schema"])
        check = getattr(schema["function"]["function"], "check", None)
        forms = [_form(*form) for form in check.forms] if isinstance(check, Pattern) else []
        if len(forms) == 1 and "pattern" not in inner:
            return {**inner, **forms[0]}
        return {**inner, "allOf": [*inner.get("allOf", []), *forms]} if forms else inner

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        """A mapping whose keys have a form, too; variables in keys are not expanded."""
        names = self.generate_inner(schema["keys_schema"])
        names["pattern"] = names["pattern"].removesuffix(f"|{_VARIABLE}")
        mapping: JsonSchemaValue = {
            "type": "object",
            "propertyNames": names,
            "additionalProperties": self.generate_inner(schema["values_schema"]),
        }
        if "min_length" in schema:
            mapping["minProperties"] = schema["min_length"]
        if schema["keys_schema"]["function"]["function"].check is tagging.tag_name:
            mapping["maxProperties"] = tagging.MOST_TAGS
        return mapping

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        """A key that may be empty."""
        return _nullable(self.generate_inner(schema["schema"]))

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """A key with its default, if that is a value to be written."""
        inner, default = self.generate_inner(schema["schema"]), schema.get("default")
        return {**inner, "default": default} if isinstance(default, bool | str) else inner

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        """A section, which its class describes; its arguments describe themselves."""
        section = super().model_schema(schema)
        del section["title"]
        section["description"] = section["description"].partition("\n\n")[0].replace("\n", " ")
        return section

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Whether a key gets a title besides its name: none does."""
        return False


def _form(regex: str, expected: str) -> JsonSchemaValue:
    """A pattern, and what editors show where a text does not match it."""
    portable = regex.replace(r"[\w.()-]", "[^/]")  # as JavaScript's \w is ASCII only
    return {"pattern": f"^(?:{portable})$|{_VARIABLE}", "patternErrorMessage": expected}


def _one_of(words: list[Any]) -> JsonSchemaValue:
    return {"type": "string", "anyOf": [{"enum": words}, {"pattern": _VARIABLE}]}


def _nullable(value: JsonSchemaValue) -> JsonSchemaValue:
    """A value that may also be empty."""
    if "type" in value:
        types = value["type"] if isinstance(value["type"], list) else [value["type"]]
        return {**value, "type": [*types, *([] if "null" in types else ["null"])]}
    empty = {"type": "null"}
    return value if empty in value.get("anyOf", []) else {"anyOf": [value, empty]}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the settings file."""
    schema = Settings.model_json_schema(schema_generator=_Generator)
    sections = schema["$defs"]
    registry = sections["Registry"]
    for section in registry["properties"].values():
        if "anyOf" in section and "type" not in section:
            _choose_by_id(section, [sections[each["$ref"][8:]] for each in section["anyOf"]])
    for pulls in (sections["RegistrySection"], sections["RegistryById"]):
        tokens = pulls["properties"]["pull_tokens"]
        tokens["additionalProperties"] = _nullable(tokens["additionalProperties"])
    _require_location(registry)
    adopt = registry["properties"]["adopt"]
    adopt["anyOf"] = [
        _Generator().bool_schema({}),
        {key: adopt.pop(key) for key in ("type", "items")},
    ]
    _choose_backend(sections["Backend"], schema["properties"]["backend"])
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",  # which every editor knows
        **schema,
        "patternProperties": {"^x-": {"description": "anything, with anchors for further down"}},
    }


def _choose_by_id(section: dict[str, Any], classes: list[dict[str, Any]]) -> None:
    """A section that has an id or creates something, and in which an empty key is none."""
    section["description"] = classes[0]["description"]
    for each, other in zip(classes, reversed(classes), strict=True):
        own, required = each["properties"], each.get("required", [])
        for key in [*own, *other["properties"]]:
            if key not in required:
                own[key] = _nullable(own[key]) if key in own else {"type": "null"}


def _require_location(registry: dict[str, Any]) -> None:
    """A registry that is created has a region, and one that exists has none here."""
    del registry["properties"]["location"]["unless"]
    registry["required"].remove("location")
    by_id = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    registry["if"] = {
        "required": ["container_registry"],
        "properties": {"container_registry": by_id},
    }
    registry["then"] = {"properties": {"location": {"type": "null"}}}
    registry["else"] = {"required": ["location"], "properties": {"location": {"type": "string"}}}


def _choose_backend(backend: dict[str, Any], key: dict[str, Any]) -> None:
    """One backend: a section, or the name of one that needs no key.

    With a greatest number of keys, the YAML language server completes none in an empty section.
    """
    backend["properties"]["azurerm"] = {"$ref": "#/$defs/Azurerm"}
    backend["dependencies"] = {
        name: {"not": {"anyOf": [{"required": [other]} for other in TEMPLATES if other != name]}}
        for name in TEMPLATES
    }
    words = _one_of([name for name in TEMPLATES if name != "azurerm"])
    key["anyOf"] = [{"$ref": key.pop("$ref")}, words]


def text() -> str:
    """The schema as the text of its file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
