"""The parts of a stack's JSON as Terraform reads them: instances, with followed references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..privacy.attributes import REGISTRY, as_list

Json = Mapping[str, Any]

_REFERENCE = re.compile(r"(?<![\w.\"-])(?:data\.\w+|\w+)\.[\w-]+(?:\.\w+)*(?![\w.(-])")
_LITERAL = re.compile(r'\$\{(?:"([^"$\\]*)"|([\d.]+|true|false))\}')
_MISSING = object()
_SECRET = re.compile(
    r"(?i)(secrets?|password\d*|passphrase|token|certificate|credentials?|connection_?string|pfx_blob"
    r"|(access|account|api|primary|private|secondary|shared)_?key|sas_?url|custom_data|user_data"
    r"|protected_settings(_json)?|secure_environment_variables)$"
)
"""Names of secrets: what azurerm marks as sensitive, and what others call so."""
_NAMES = ("resource_group_name", "virtual_network_name", "name")
"""The arguments that are part of a resource's id: with another name, it is another resource."""
_META = ("count", "for_each", "dynamic")


def parts(stack: Json) -> Iterator[tuple[str, tuple[str, Json]]]:
    """Each part of a stack by its address, with its type and its attributes.

    References to what the stack states itself are followed: to attributes of its resources, its
    locals, and the defaults of its variables. An id is the names that are part of it. In an
    expression that cannot be followed as a whole, references are replaced all the same, so that a
    change of one of them shows.
    """
    for section, content in stack.items():
        if section in ("resource", "data"):
            prefix = "data." if section == "data" else ""
            for type, named in content.items():
                for name, attributes in named.items():
                    resolved = _resolve(attributes, stack, ())
                    for key, instance in _instances(resolved):
                        yield f"{prefix}{type}.{name}{key}", (f"{prefix}{type}", instance)
        elif section == "provider":
            for type, configurations in content.items():
                for each in as_list(configurations):
                    address = ".".join(filter(None, ["provider", type, each.get("alias")]))
                    yield address, (f"provider.{type}", _resolve(each, stack, ()))
        elif section != "//":
            attributes = content if isinstance(content, Mapping) else {section: content}
            yield section, (section, attributes)


def around(stack: Json) -> dict[str, str]:
    """What is around the registries, by its address.

    ``touches`` stands for a registry, and for what refers to one; ``used`` for what these refer to.
    """
    texts = {
        f"{prefix}{type}.{name}": json.dumps(attributes)
        for section, prefix in (("resource", ""), ("data", "data."))
        for type, named in stack.get(section, {}).items()
        for name, attributes in named.items()
    }
    texts |= {f"local.{name}": json.dumps(each) for name, each in stack.get("locals", {}).items()}
    targets = {
        address: {_address(reference) for reference in _REFERENCE.findall(text)} & texts.keys()
        for address, text in texts.items()
    }
    own = f"{REGISTRY}."
    found = {
        address: "touches"
        for address, text in texts.items()
        if address.startswith(own) or "/registries/" in text.lower()
    }
    for _ in range(2):  # also through a local
        through = {each for each in found if each.startswith((own, "local."))}
        found |= {each: "touches" for each in texts if targets[each] & through}
    while used := {other for address in found for other in targets[address]} - found.keys():
        found |= dict.fromkeys(used, "used")
    return found


def _address(reference: str) -> str:
    """What a reference leads to, without the attribute."""
    steps = reference.split(".")
    return ".".join(steps[: 3 if steps[0] == "data" else 2])


def _instances(resource: Json) -> Iterator[tuple[str, Json]]:
    """The instances of a resource by their keys: none, if ``count`` or ``for_each`` say so.

    Terraform takes a resource without ``count`` for the first one of several.
    """
    attributes = {name: value for name, value in resource.items() if name not in _META}
    for block, each in (resource.get("dynamic") or {}).items():
        of_each = as_list(each)
        attributes[block] = [
            *as_list(attributes.get(block)),
            *(one.get("content") or {} for one in of_each for _ in _keys(one.get("for_each"))),
        ]
    count, for_each = resource.get("count"), resource.get("for_each")
    if for_each is not None:
        for key in _keys(for_each):
            yield f"[{json.dumps(key)}]", attributes
    elif str(count).isdigit():
        for index in range(int(str(count))):
            yield f"[{index}]" if index else "", attributes
    else:
        yield "", attributes


def _keys(for_each: Any) -> list[str]:
    """The keys of a literal ``for_each``; of an expression, the expression."""
    return (
        [str(key) for key in for_each] if isinstance(for_each, Mapping | list) else [str(for_each)]
    )


def is_secret(name: str) -> bool:
    """Whether an attribute of this name holds a secret."""
    return bool(_SECRET.search(name))


def _resolve(value: Any, stack: Json, seen: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolve(item, stack, seen) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, stack, seen) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = re.fullmatch(rf"\$\{{({_REFERENCE.pattern})\}}", value)
    if whole and (found := _lookup(whole[1], stack, seen)) is not _MISSING:
        return found

    def literal(match: re.Match[str]) -> str:
        found = _lookup(match[0], stack, seen)
        return match[0] if found is _MISSING else json.dumps(found)

    return _LITERAL.sub(r"\1\2", _REFERENCE.sub(literal, value))


def _lookup(reference: str, stack: Json, seen: tuple[str, ...]) -> Any:
    """What the stack states for a reference."""
    start, *path = reference.split(".")
    if reference in seen or is_secret(path[-1]):
        return _MISSING
    if start == "local":
        found: Any = stack.get("locals")
    elif start == "var":
        found = {
            name: variable.get("default", _MISSING)
            for name, variable in (stack.get("variable") or {}).items()
            if not variable.get("sensitive")
        }
    elif start == "data":
        found = stack.get("data")
    else:
        found, path = stack.get("resource"), [start, *path]
    for step in path:
        parent, found = found, found.get(step, _MISSING) if isinstance(found, Mapping) else _MISSING
    if found is _MISSING and path[2:] == ["id"] and isinstance(parent, Mapping):
        names = [
            _resolve(parent[name], stack, (*seen, reference)) for name in _NAMES if name in parent
        ]
        return f"${{id of {start} {'/'.join(map(str, names))}}}" if names else _MISSING
    is_whole_resource = len(path) < 3 and start not in ("local", "var")
    if found is _MISSING or found is None or is_whole_resource:
        return _MISSING
    return _resolve(found, stack, (*seen, reference))
