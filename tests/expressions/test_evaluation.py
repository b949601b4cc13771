"""Expressions of Terraform: their values, and their texts where these are not known."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.expressions import Expression
from constructs_lib.stack_json import StackJson

LOCALS = {
    "on": False,
    "names": ["b", "a"],
    "roles": {"build": {"role": "AcrPush"}},
    "some": ["${azurerm_x.y.id}"],
}


def value(text: str) -> Any:
    """The value of a text in a stack with these locals."""
    return StackJson({"locals": LOCALS}).followed(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${local.on ? 1 : 0}", 0),
        ("${!local.on && length(local.names) == 2}", True),
        ("${1 + 2 * 3 - 4}", 3),
        ("${-(2) < 1 || 1 > 2}", True),
        ("${local.names[0]}${local.names[1]}", "ba"),
        ('${local.roles["build"].role}', "AcrPush"),
        ('${local.roles["build"]["role"]}', "AcrPush"),
        ("${toset(local.names)}", ["a", "b"]),
        ('${[for name in local.names : upper(name) if name != "a"]}', ["B"]),
        ("${{for key, each in local.roles : key => each.role}}", {"build": "AcrPush"}),
        ('${{a = 1, "b" : [true, null]}}', {"a": 1, "b": [True, None]}),
        (r'${jsondecode("{\"a\": 1}").a}', 1),
        ('${"x${local.names[0]}y"}', "xby"),
        ("${length(local.some)}", 1),
        ("${[{a = 1}, {a = 2}][*].a}", [1, 2]),
        ("$${local.on} ${local.on}", "$${local.on} false"),
        ("${/* why */ local.on # because\n}", False),
    ],
)
def test_what_is_stated_is_followed(text: str, expected: Any) -> None:
    """Conditions, operators, indices, loops and functions over literals have a value."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${azurerm_x.y.id}", "${azurerm_x.y.id}"),
        ("${azurerm_x.y.list[0].id}-${local.on}", "${azurerm_x.y.list[0].id}-false"),
        ("${timestamp() == local.names ? 1 : 2}", '${timestamp() == ["b", "a"] ? 1 : 2}'),
        ("${nonsensitive(local.names)}", '${nonsensitive(["b", "a"])}'),
        ("${[for n in azurerm_x.y : n if local.on]}", "${[for n in azurerm_x.y : n if false]}"),
        ("${azurerm_x.y[*].id}", "${azurerm_x.y[*].id}"),
        ('${"x${azurerm_x.y.id}"}', '${"x${azurerm_x.y.id}"}'),
        ("${try(azurerm_x.y.id, local.names)}", '${try(azurerm_x.y.id, ["b", "a"])}'),
        ("%{ if local.on }a%{ endif }", "%{ if false }a%{ endif }"),
        ("${range(99999999)}", "${range(99999999)}"),
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
