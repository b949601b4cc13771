"""Expressions of Terraform: their values, and their texts where these are not known."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.expressions.values import Expression
from constructs_lib.stack_json import StackJson

LOCALS = {
    "on": False,
    "names": ["b", "a"],
    "roles": {"build": {"role": "AcrPush"}},
    "role": "${local.roles.build}",
    "set": "${toset(local.names)}",
    "nothing": None,
    "some": ["${azurerm_x.y.id}"],
    "whole": "${azurerm_x.y}",
}
VARIABLES = {
    "number": {"type": "string", "default": 1},
    "texts": {"type": "list(string)", "default": ["1"]},
}


def value(text: Any) -> Any:
    """The value of a text in a stack with these locals."""
    return StackJson({"locals": LOCALS, "variable": VARIABLES}).followed(text)


FOLLOWED: list[tuple[Any, Any]] = [
    ("${local.on ? 1 : 0}", 0),
    ("${!local.on && length(local.names) == 2}", True),
    ("${1 + 2 * 3 - 4}", 3),
    ("${-(2) < 1 || 1 > 2}", True),
    ('${"false" && true}', False),
    ("${4 / 2} ${7 % 3} ${1.0}", "2 1 1"),
    ("${local.names[0]}${local.names[1]}", "ba"),
    ('${local.roles["build"].role}', "AcrPush"),
    ('${local.roles["build"]["role"]}', "AcrPush"),
    ("${local.role.role}", "AcrPush"),
    ("${toset(local.names)}", ["a", "b"]),
    ('${[for name in local.names : upper(name) if name != "a"]}', ["B"]),
    ("${{for key, each in local.roles : key => each.role}}", {"build": "AcrPush"}),
    ("${[for key, each in {b = 1, a = 2} : each]}", [2, 1]),
    ("${[for key, each in local.set : key]}", ["a", "b"]),
    ("${[for place, each in local.names : place]}", [0, 1]),
    ('${{a = 1, "b" : [true, null]}}', {"a": 1, "b": [True, None]}),
    ({"${local.names[0]}": 1.0}, {"b": 1}),
    (r'${jsondecode("{\"a\": 1}").a}', 1),
    ('${"x${local.names[0]}y"}', "xby"),
    ('${format("%s-%s", "a", 1)}', "a-1"),
    ("${length(local.some)}", 1),
    ("${local.nothing == null}", True),
    ("${try(local.names[1], 2)}", "a"),
    ("${var.texts[0]}", "1"),
    ("${[{a = 1}, {a = 2}][*].a}", [1, 2]),
    ("$${local.on} ${local.on}", "$${local.on} false"),
    ("${/* why */ local.on # because\n}", False),
]
"""Texts, and the values that Terraform has for them."""


@pytest.mark.parametrize(("text", "expected"), FOLLOWED)
def test_what_is_stated_is_followed(text: Any, expected: Any) -> None:
    """Conditions, operators, indices, loops and functions over literals have a value."""
    assert value(text) == expected


def test_terraform_has_the_same_values(tmp_path: Path) -> None:
    """Each value above is Terraform's own."""
    outputs = {f"o{place}": {"value": text} for place, (text, _) in enumerate(FOLLOWED)}
    stated = {**LOCALS, "some": ["x"], "whole": "x"}
    stack = {"locals": stated, "variable": VARIABLES, "output": outputs}
    (tmp_path / "main.tf.json").write_text(json.dumps(stack))
    environ = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    for command in (["plan", "-out=plan"], ["show", "-json", "plan"]):
        terraform = ["terraform", f"-chdir={tmp_path}", *command]
        done = subprocess.run(terraform, check=True, capture_output=True, env=environ)
    values = json.loads(done.stdout)["planned_values"]["outputs"]
    found = [values[name]["value"] for name in outputs]
    assert found == json.loads(json.dumps([each for _, each in FOLLOWED]).replace("$${", "${"))


@pytest.mark.parametrize(
    "text",
    [
        '"10" < "9"',
        "1 == true",
        'tolist(["a"]) == ["a"]',
        '(true ? 1 : "a") == 1',
        "-7 % 3",
        "1 / 3",
        "0.1 + 0.2",
        "max(local.names...)",
        "sort([10, 9])",
        'toset([1, "1"])',
        'length("e\u0301")',
        '"\u00e9" == "e\u0301"',
        "range(1, 0)",
        "try(length(keys([])), 1)",
        "try(local.some.x, 1)",
        "tostring(null)",
        "tonumber(local.on)",
        'replace("a", "/a/", "b")',
        'format("%d", 1)',
        'jsondecode("1.0")',
        'coalesce(1, "a")',
        'coalesce(null, 1, "a")',
        'concat([[]], [["a"]], [[1]])',
        'tolist([{a = null}, {a = 1}, {a = "b"}])',
        'zipmap(["a", 1], [1, 2])',
        'lookup({a = 1}, "a", "b")',
        "compact([1])",
        "var.number == 1",
        'contains([1], "1")',
    ],
)
def test_what_terraform_converts_is_not_followed(text: str) -> None:
    """Python counts, compares and orders other types in another way."""
    assert isinstance(value(f"${{{text}}}"), Expression)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${azurerm_x.y.id}", "${azurerm_x.y.id}"),
        ("${local.whole.id}", "${azurerm_x.y.id}"),
        ("${var.number}", "${convert(1, string)}"),
        ("${azurerm_x.y.list[0].id}-${local.on}", "${azurerm_x.y.list[0].id}-false"),
        ("${timestamp() == local.names ? 1 : 2}", '${timestamp() == ["b", "a"] ? 1 : 2}'),
        ("${nonsensitive(local.names)}", '${nonsensitive(["b", "a"])}'),
        ("${[for n in azurerm_x.y : n if local.on]}", "${[for n in azurerm_x.y : n if false]}"),
        ("${azurerm_x.y[*].id}", "${azurerm_x.y[*].id}"),
        ('${"x${azurerm_x.y.id}"}', '${"x${azurerm_x.y.id}"}'),
        ("${try(azurerm_x.y.id, local.names)}", '${try(azurerm_x.y.id, ["b", "a"])}'),
        ("%{ if local.on }a%{ endif }", "%{ if false }a%{ endif }"),
        ("${range(99999999)}", "${range(99999999)}"),
        ("${local.names[[0]]}", "${local.names[[0]]}"),
        ("${", "${"),
        ("${1 +}", "${1 +}"),
        ("${local.names[7]}", "${local.names[7]}"),
    ],
)
def test_what_only_terraform_knows_stays_a_text(text: str, expected: str) -> None:
    """What is known in it takes the place of references, so that a change of it shows."""
    found = value(text)
    assert found == expected
    assert isinstance(found, Expression)


def test_a_list_may_have_parts_that_only_terraform_knows() -> None:
    """Its length is known, and each part is an expression of its own."""
    assert value("${concat(local.some, [1])}") == ["${azurerm_x.y.id}", 1]
