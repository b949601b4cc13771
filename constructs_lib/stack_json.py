"""A stack's JSON as Terraform reads it: blocks in any shape, and what expressions stand for.

Terraform takes a block as an object or as a list of objects, and so does this. References to what
the stack states itself are followed: to arguments of its resources, its locals, and the defaults of
its variables. What is not stated stays an
:class:`~.expressions.Expression`.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from .expressions import MISSING, REFERENCE, Expression, Steps, evaluate

Json = Mapping[str, Any]
IdOf = Callable[[str, Json, str | None], Any]

FILE: Final = "cdk.tf.json"
"""The one file of a stack's folder that the program writes and Terraform reads."""
_LABELS: Final = {
    **dict.fromkeys(("resource", "data", "ephemeral", "action"), 2),
    **dict.fromkeys(("provider", "module", "variable", "output", "check"), 1),
    **dict.fromkeys(("locals", "terraform", "moved", "removed", "import"), 0),
}
"""The sections that Terraform reads, with the number of names above each block."""
_SEVERAL: Final = ("provider", "moved", "removed", "import")
"""The sections with several blocks of one name."""
_SECRET: Final = re.compile(
    r"(?i)(secrets?|password\d*|passphrase|token|certificate|credentials?|connection_?string|pfx_blob"
    r"|(access|account|api|primary|private|secondary|shared)_?key|sas_?url|custom_data|user_data"
    r"|protected_settings(_json)?|secure_environment_variables)$"
)
"""Names of secrets: what azurerm marks as sensitive, and what others call so."""
_NOTHING: Final[Json] = MappingProxyType({})
_SALT: Final = secrets.token_bytes()


class StackJsonError(ValueError):
    """What Terraform would not take, with its address."""


class Block(NamedTuple):
    """A part of a stack: an instance of a resource, or another block.

    Attributes:
        type: the type of a resource; ``data.`` or ``provider.`` and the type; or the section.
        attributes: its arguments, with their expressions followed.
        condition: the ``count`` or ``for_each`` that cannot be followed: it may not be there.
    """

    type: str
    attributes: Json
    condition: str = ""


def is_secret(name: str) -> bool:
    """Whether an attribute of this name holds a secret."""
    return bool(_SECRET.search(name))


def further_files(folder: Path) -> list[Path]:
    """The files of a stack's folder that Terraform reads beside the program's own."""
    names = re.compile(r"(?!\.).*(\.tf|\.auto\.tfvars)(\.json)?|terraform\.tfvars(\.json)?")
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [file for file in found if names.fullmatch(file.name) and file.name != FILE]


class StackJson:
    """The JSON of one stack.

    Args:
        content: the JSON.
        id_of: the id of a resource by its type, its arguments and the subscription of its provider;
            by default, it stays a reference.
        folder: where expressions read files; without it, they are not read.
        side: what tells files that cannot be read from those of another stack.

    Raises:
        StackJsonError: Terraform would not take the JSON.
    """

    def __init__(
        self,
        content: Any,
        id_of: IdOf | None = None,
        folder: Callable[[str], bytes | None] = lambda path: None,
        side: str = "",
    ) -> None:
        self._id_of = id_of or (lambda *_: MISSING)
        self._read = folder
        self._side = side
        self._blocks = {
            section: _labelled(section, content.get(section), _LABELS[section])
            for section in _checked(content)
        }
        for section, blocks in self._blocks.items():
            for labels, several in blocks.items():
                if section not in _SEVERAL and section not in ("locals", "terraform"):
                    _single(several, ".".join((section, *labels)))
        data = {f"data.{address}": each for address, each in self.named("data").items()}
        self.resources: dict[str, Json] = {**self.named("resource"), **data}
        """The arguments of each resource and data source by its address, with their expressions."""
        self._locals = self._merged("locals")
        self._known: dict[Steps, Any] = {}
        self._following: set[Steps] = set()

    def section(self, name: str) -> list[Json]:
        """The blocks of a section that has no names above them, with their expressions."""
        return [each for several in self._blocks.get(name, {}).values() for each in several]

    def named(self, section: str) -> dict[str, Json]:
        """The blocks of a section by their names, such as ``TYPE.NAME``."""
        return {
            ".".join(labels): several[0]
            for labels, several in self._blocks.get(section, {}).items()
        }

    def blocks(self) -> Iterator[tuple[str, Block]]:
        """Each part of the stack by its address, with its expressions followed."""
        for section, blocks in self._blocks.items():
            if section in ("resource", "data", "ephemeral"):
                prefix = "" if section == "resource" else f"{section}."
                for (type, name), (block,) in blocks.items():
                    address = f"{prefix}{type}.{name}"
                    for key, part in self._instances(address, prefix + type, block):
                        yield address + key, part
            elif section in ("provider", "module", "action"):
                for labels, several in blocks.items():
                    for block in several:
                        alias = block.get("alias") if section == "provider" else None
                        named = [*labels, *([str(alias)] if alias else [])]
                        kind = f"provider.{labels[0]}" if section == "provider" else section
                        yield ".".join((section, *named)), Block(kind, self.followed(block))
            else:
                yield section, Block(section, self._whole(section))

    def _whole(self, section: str) -> Json:
        """A section as one object."""
        if section in ("moved", "removed", "import"):
            return {section: self.section(section)}
        if section == "locals":
            return self._locals
        if section == "terraform":
            return {name: _unlisted(value) for name, value in self._merged(section).items()}
        return {name: dict(block) for name, block in self.named(section).items()}

    def _merged(self, section: str) -> dict[str, Any]:
        return {name: value for block in self.section(section) for name, value in block.items()}

    def references(self, value: Any, through: frozenset[str] = frozenset()) -> set[str]:
        """The references in a value, with those of the locals that it refers to."""
        found: set[str] = set()
        text = re.sub(r'(?<=[\w\]])\[(\d+|\\*"[^"\]]*")\]', "", json.dumps(value))
        for reference in REFERENCE.findall(text):
            start, name, *_ = reference.split(".")
            if start == "local" and name not in through:
                found |= self.references(self._locals.get(name), through | {name})
            elif start not in ("local", "var"):
                found.add(reference)
        return found

    def referenced(self, value: Any) -> str | None:
        """The address of the resource that a value refers to, if it is only a reference."""
        text = value if isinstance(value, str) else ""
        found = re.fullmatch(rf"\$\{{({REFERENCE.pattern}(?:\[\d+\]\.\w+)?)\}}", text)
        steps = re.sub(r"\[[^]]*\]", "", found[1]).split(".") if found else []
        address = ".".join(steps[: 3 if steps[0] == "data" else 2]) if steps else ""
        return address if address in self.resources else None

    def followed(self, value: Any, environment: Json = _NOTHING) -> Any:
        """A value with its expressions followed; one that only Terraform knows stays a text."""
        if isinstance(value, Mapping):
            return {key: self.followed(item, environment) for key, item in value.items()}
        if isinstance(value, list):
            return [self.followed(item, environment) for item in value]
        return evaluate(value, self, environment) if isinstance(value, str) else value

    def lookup(self, steps: Steps) -> Any:
        """What the stack states for a reference: no secret, and nothing that only Azure knows."""
        if steps in self._known:
            return self._known[steps]
        if steps in self._following:
            return MISSING
        self._following.add(steps)
        try:
            found = self._found(steps)
        finally:
            self._following.discard(steps)
        if found is not MISSING and is_secret(str(steps[-1])):
            found = Expression(f"${{{'.'.join(map(str, steps))} /* {_secret(found)} */}}")
        if not self._following:  # on the way, another reference may have been a circle
            self._known[steps] = found
        return found

    def _found(self, steps: Steps) -> Any:
        start, *path = steps
        if start == "path" and path in (["module"], ["root"]):
            return "."
        if start == "local" and path:
            return self._within(self._locals, path)
        if start == "var" and path:
            variable = self.named("variable").get(str(path[0]), {})
            found = self._within(variable, ["default", *path[1:]])
            is_hidden = str(variable.get("sensitive")).lower() == "true" and found is not MISSING
            return Expression(f"${{var.{path[0]} /* {_secret(found)} */}}") if is_hidden else found
        kind, place = ("data.", steps[1:]) if start == "data" else ("", steps)
        if len(place) < 3 or not all(isinstance(step, str) for step in place[:2]):
            return MISSING
        resource = self.resources.get(f"{kind}{place[0]}.{place[1]}")
        path = list(place[2:])
        if resource is None:
            return MISSING
        environment: Json = {}
        if path and (not isinstance(path[0], str) or "for_each" in resource):
            over = self.followed(resource.get("for_each"))
            if isinstance(over, Mapping | list) and path[0] in over:
                value = over[path[0]] if isinstance(over, Mapping) else path[0]
                environment = {"each": {"key": path[0], "value": value}}
            path = path[1:]
        if path == ["id"] and "id" not in resource:
            texts = {name: value for name, value in resource.items() if isinstance(value, str)}
            return self.id(place[0], self.followed(texts, environment))
        return self._within(resource, path, environment) if path else MISSING

    def _within(self, found: Any, path: list[Any], environment: Json = _NOTHING) -> Any:
        for place, step in enumerate(path):
            if isinstance(found, list) and len(found) == 1 and isinstance(step, str):
                found = found[0]
            if isinstance(found, Mapping) and step in (0, "0"):  # a block is a list of one
                continue
            if isinstance(found, Mapping) and step in found:
                found = found[step]
            elif isinstance(found, list) and str(step).isdigit() and int(step) < len(found):
                found = found[int(step)]
            elif isinstance(found, str) and "${" in found and place:
                value = self.followed(found, environment)
                return MISSING if isinstance(value, str) else self._within(value, path[place:])
            else:
                return MISSING
        return MISSING if found is None else self.followed(found, environment)

    def id(self, type: str, arguments: Json) -> Any:
        """The id of a resource of a type with these arguments."""
        return self._id_of(type, arguments, self._subscription(arguments))

    def _subscription(self, resource: Json) -> str | None:
        """The subscription of a resource's provider, if the stack states it."""
        wanted = str(resource.get("provider", "azurerm")).strip("${}")
        for block in self._blocks.get("provider", {}).get(("azurerm",), []):
            alias = block.get("alias")
            if wanted == (f"azurerm.{alias}" if alias else "azurerm"):
                found = self.followed(block.get("subscription_id"))
                return found if type(found) is str else None
        return None

    def file(self, function: str, path: str) -> str | None:
        """The text of a file as a literal; other functions for files are not followed."""
        content = self._read(path) if function == "file" else None
        try:
            return None if content is None else content.decode().replace("${", "$${")
        except UnicodeDecodeError:
            return None

    def digest(self, path: str | None) -> str:
        """What tells a file's content from another, and from that of a file that is not read."""
        content = None if path is None else self._read(path)
        return f"not read in {self._side}" if content is None else _digest(content)

    def _instances(self, address: str, type: str, block: Json) -> Iterator[tuple[str, Block]]:
        """The instances of a resource by their keys: none, if ``count`` or ``for_each`` say so.

        Terraform takes a resource without ``count`` for the first one of several.
        """
        count, for_each = (self.followed(block.get(name)) for name in ("count", "for_each"))
        if for_each is not None and not isinstance(for_each, str):
            for key, item in _each(for_each, f"{address}.for_each"):
                name, environment = f"[{json.dumps(key)}]", {"each": {"key": key, "value": item}}
                yield name, Block(type, self._arguments(address, block, environment))
        elif count is not None and not isinstance(count, Expression):
            if isinstance(count, bool) or not re.fullmatch(r"\d{1,4}", str(count)):
                raise StackJsonError(f"{address}.count is {json.dumps(count)}: not a number")
            for index in range(int(count)):
                environment = {"count": {"index": index}}
                key = f"[{index}]" if index else ""
                yield key, Block(type, self._arguments(address, block, environment))
        else:
            condition = str(for_each if for_each is not None else count or "")
            key = f"[{json.dumps(for_each)}]" if for_each is not None else ""
            yield key, Block(type, self._arguments(address, block, {}), condition)

    def _arguments(self, address: str, block: Json, environment: Json) -> Json:
        """The arguments of one instance, with the blocks that ``dynamic`` blocks stand for."""
        own = {
            name: value
            for name, value in block.items()
            if name not in ("count", "for_each", "dynamic")
        }
        arguments: dict[str, Any] = self.followed(own, environment)
        for (name,), several in _labelled(f"{address}.dynamic", block.get("dynamic"), 1).items():
            stated = arguments.get(name)
            blocks = stated if isinstance(stated, list) else [] if stated is None else [stated]
            for dynamic in several:
                over = self.followed(dynamic.get("for_each"), environment)
                if isinstance(over, str | None):
                    arguments[name] = Expression(f"${{dynamic {name} for {over}}}")
                    break
                iterator = str(dynamic.get("iterator") or name).strip("${}")
                for key, item in _each(over, f"{address}.dynamic.{name}.for_each"):
                    inner = {**environment, iterator: {"key": key, "value": item}}
                    contents = _objects(dynamic.get("content"), f"{address}.{name}")
                    content = _single(contents, f"{address}.{name}")
                    blocks.append(self._arguments(address, content, inner))
                arguments[name] = blocks
        return arguments


def _each(over: Any, address: str) -> list[tuple[Any, Any]]:
    if isinstance(over, Mapping):
        return list(over.items())
    if isinstance(over, list):
        return [(item, item) for item in over]
    raise StackJsonError(f"{address} is {json.dumps(over)}: not a map or a set")


def _checked(content: Any) -> list[str]:
    """The sections of a stack's JSON."""
    if not isinstance(content, Mapping):
        raise StackJsonError("a stack is a JSON object")
    sections = [name for name in content if name != "//"]
    if unknown := [name for name in sections if name not in _LABELS]:
        raise StackJsonError(f"{unknown[0]} is not a section that Terraform reads")
    return sections


def _labelled(address: str, value: Any, labels: int) -> dict[tuple[str, ...], list[Json]]:
    """The blocks in a value by the names above them."""
    if not labels:
        return {(): _objects(value, address)}
    found: dict[tuple[str, ...], list[Json]] = {}
    for each in _objects(value, address):
        for name, inner in each.items():
            for rest, several in _labelled(f"{address}.{name}", inner, labels - 1).items():
                found[(name, *rest)] = [*found.get((name, *rest), []), *several]
    return {names: several for names, several in found.items() if several}


def _objects(value: Any, address: str) -> list[Json]:
    several = value if isinstance(value, list) else [] if value is None else [value]
    for each in several:
        if not isinstance(each, Mapping):
            shown = json.dumps(value)[:60]
            raise StackJsonError(
                f"{address} is {shown}: Terraform expects an object, or a list of objects"
            )
    return several


def _single(several: list[Json], address: str) -> Json:
    if len(several) != 1:
        raise StackJsonError(f"{address} is there {len(several)} times: Terraform expects it once")
    return several[0]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _unlisted(value: Any) -> Any:
    """A block that is written as a list of one; its names above stay as they are."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _secret(value: Any) -> str:
    """What tells a secret from another one in the same run, and says nothing of it."""
    return f"secret {_digest(_SALT + json.dumps(value).encode())[:8]}"


def without_secrets(text: str) -> str:
    """A text without what tells its secrets from others."""
    return re.sub(r" /\* secret \w{8} \*/", "", text)
