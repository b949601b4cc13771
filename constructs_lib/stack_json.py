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

from .expressions.blocks import LABELS, SEVERAL, checked, labelled, objects, single
from .expressions.blocks import Json as Json
from .expressions.blocks import StackJsonError as StackJsonError
from .expressions.evaluation import MISSING, REFERENCE, Steps, evaluate
from .expressions.functions import converted
from .expressions.values import Expression, Set, number
from .expressions.values import path as path_of

IdOf = Callable[[str, Json, str | None], Any]

FILE: Final = "cdk.tf.json"
"""The one file of a stack's folder that the program writes and Terraform reads."""
_SECRET: Final = re.compile(
    r"(?i)(secrets?|password\d*|passphrase|token|certificate|credentials?|connection_?string|pfx_blob"
    r"|(access|account|api|primary|private|secondary|shared)_?key|sas_?url|custom_data|user_data"
    r"|protected_settings(_json)?|secure_environment_variables)$"
)
"""Names of secrets: what azurerm marks as sensitive, and what others call so."""
_NOTHING: Final[Json] = MappingProxyType({})
_SALT: Final = secrets.token_bytes()


class Block(NamedTuple):
    """A block of a stack: an instance of a resource, or another one.

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
            section: labelled(section, content.get(section), LABELS[section])
            for section in checked(content)
        }
        for name, block in self.named("check").items():  # its data source is read as any other
            scoped = labelled(f"check.{name}.data", block.get("data"), 2)
            self._blocks["data"] = {**self._blocks.get("data", {}), **scoped}
        for section, blocks in self._blocks.items():
            for labels, several in blocks.items():
                if section not in SEVERAL and section not in ("locals", "terraform"):
                    single(several, ".".join((section, *labels)))
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
        """Each block of the stack by its address, with its expressions followed."""
        for section, blocks in self._blocks.items():
            if section in ("resource", "data", "ephemeral"):
                prefix = "" if section == "resource" else f"{section}."
                for (type, name), (stated,) in blocks.items():
                    address = f"{prefix}{type}.{name}"
                    for key, block in self._instances(address, prefix + type, stated):
                        yield address + key, block
            elif section in ("provider", "module", "action"):
                for labels, several in blocks.items():
                    for stated in several:
                        alias = stated.get("alias") if section == "provider" else None
                        named = [*labels, *([str(alias)] if alias else [])]
                        kind = f"provider.{labels[0]}" if section == "provider" else section
                        yield ".".join((section, *named)), Block(kind, self.followed(stated))
            else:
                yield section, Block(section, self._whole(section))

    def _whole(self, section: str) -> Json:
        """A section as one object."""
        if section in ("moved", "removed", "import"):
            several = self.section(section)
            programs = [each["provisioner"] for each in several if "provisioner" in each]
            return {section: several, **({"provisioner": programs} if programs else {})}
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
            return {
                str(evaluate(key, self, environment)): self.followed(item, environment)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.followed(item, environment) for item in value]
        if isinstance(value, float):
            return number(value)
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
        if start in ("local", "var") and path:
            base = self._stated(start, str(path[0])) if len(path) == 1 else self.lookup(steps[:2])
            return self._under(base, path[1:])
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
        if not path or (value := resource.get(path[0])) is None:
            return MISSING
        found = self._under(self.followed(value, environment), path[1:], are_blocks=True)
        return MISSING if found is None else found

    def _stated(self, start: str, name: str) -> Any:
        """The value of a local, or the default of a variable, as Terraform converts it."""
        if start == "local":
            return self.followed(self._locals[name]) if name in self._locals else MISSING
        variable = self.named("variable").get(name, {})
        if "default" not in variable:
            return MISSING
        value = self.followed(variable["default"])
        if str(variable.get("sensitive")).lower() == "true":
            return Expression(f"${{var.{name} /* {_secret(value)} */}}")
        return converted(value, str(variable.get("type", "any")))

    def _under(self, value: Any, path: list[Any], are_blocks: bool = False) -> Any:
        """What is under attributes and indices of a value. A block is a list of one as well."""
        for place, step in enumerate(path):
            if are_blocks and isinstance(value, list) and len(value) == 1 and not _is_index(step):
                value = value[0]
            if isinstance(value, Expression):
                name = value[2:-1] if REFERENCE.fullmatch(value[2:-1]) else f"({value[2:-1]})"
                text = f"${{{name}{path_of(path[place:])}}}"
                is_followed = value.startswith(("${local.", "${var."))
                return Expression(text) if is_followed else self.followed(text)
            if isinstance(value, Mapping) and str(step) in value:
                value = value[str(step)]
            elif type(value) is list and _is_index(step) and int(step) < len(value):
                value = value[int(step)]
            elif not (are_blocks and isinstance(value, Mapping) and str(step) == "0"):
                return MISSING
        return value

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
        names_files = content is None or re.search(rb"[$%]\{[^}]*\b(file|template)", content)
        return f"not read in {self._side}" if names_files else _digest(content or b"")

    def _instances(self, address: str, type: str, block: Json) -> Iterator[tuple[str, Block]]:
        """The instances of a resource by their keys: none, if ``count`` or ``for_each`` say so.

        Terraform takes a resource without ``count`` for the first one of several.
        """
        count, for_each = (self.followed(block.get(name)) for name in ("count", "for_each"))
        block = {name: block[name] for name in block if name not in ("count", "for_each")}
        if for_each is not None and not isinstance(for_each, str):
            over = Set(for_each) if isinstance(for_each, list) else for_each
            for key, item in _each(over, f"{address}.for_each"):
                name = f"[{json.dumps(key, ensure_ascii=False)}]"
                environment = {"each": {"key": key, "value": item}}
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
        """The arguments of a block, with the blocks that ``dynamic`` blocks stand for."""
        arguments: dict[str, Any] = {
            str(evaluate(name, self, environment)): self._argument(address, value, environment)
            for name, value in block.items()
            if name != "dynamic"
        }
        for (name,), several in labelled(f"{address}.dynamic", block.get("dynamic"), 1).items():
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
                    contents = objects(dynamic.get("content"), f"{address}.{name}")
                    content = single(contents, f"{address}.{name}")
                    blocks.append(self._arguments(address, content, inner))
                arguments[name] = blocks
        return arguments

    def _argument(self, address: str, value: Any, environment: Json) -> Any:
        if isinstance(value, list):
            return [self._argument(address, each, environment) for each in value]
        if isinstance(value, Mapping) and not isinstance(value.get("dynamic"), str):  # of a map
            return self._arguments(address, value, environment)
        return self.followed(value, environment)


def _is_index(step: Any) -> bool:
    return str(step).isdigit()


def _each(over: Any, address: str) -> list[tuple[Any, Any]]:
    if isinstance(over, Mapping):
        return list(over.items())
    if isinstance(over, list):
        return [*(zip(over, over, strict=True) if isinstance(over, Set) else enumerate(over))]
    raise StackJsonError(f"{address} is {json.dumps(over)}: not a map or a set")


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
