"""A stack's JSON as Terraform reads it: any shape, references, instances and dynamic blocks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY
from constructs_lib.stack_json import Block, StackJson, StackJsonError, without_secrets

STACK: Json = {
    "//": {"metadata": {"version": "1"}},
    "provider": {"azurerm": [{"features": {}}, {"alias": "hub", "subscription_id": "${var.hub}"}]},
    "variable": {
        "hub": {"default": "1"},
        "secret": {"sensitive": True},
        "group": {"default": "rg"},
    },
    "locals": {"name": "acr${local.number}", "number": 12345, "endless": "${local.endless}"},
    "data": {"azurerm_virtual_network": {"vnet": {"name": "vnet"}}},
    "resource": {
        "azurerm_resource_group": {"rg": {"name": "${var.group}", "location": "eastus"}},
    },
}


def blocks(content: Json) -> dict[str, Block]:
    """The blocks of a stack by their addresses."""
    return dict(StackJson(content).blocks())


def resolved(value: Any) -> Any:
    """A value of a registry in ``STACK``, with its references followed."""
    resource = {**STACK["resource"], REGISTRY: {"acr": {"value": value}}}
    return blocks({**STACK, "resource": resource})[f"{REGISTRY}.acr"].attributes["value"]


def addresses(**resource: Any) -> list[str]:
    """The addresses of the instances of a registry."""
    return [*blocks({"resource": {REGISTRY: {"acr": resource}}})]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${azurerm_resource_group.rg.name}", "rg"),
        ("${data.azurerm_virtual_network.vnet.name}", "vnet"),
        ("${local.number}", 12345),
        ("${local.name}", "acr12345"),
        (["${var.group}", {"a": "x-${var.group}-y"}], ["rg", {"a": "x-rg-y"}]),
        (
            "${lower(local.name)}-${title(local.name)}",
            'acr12345-${title("acr12345")}',
        ),
    ],
)
def test_a_reference_is_followed(value: Any, expected: Any) -> None:
    """What the stack states takes the place of a reference: attributes, locals and defaults."""
    assert resolved(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "${azurerm_role_assignment.nameless.id}",
        "${data.azurerm_virtual_network.vnet.guid}",
        "${azurerm_resource_group.other.name}",
        "${azurerm_resource_group.rg}",
        "${var.secret}",
        "${var.missing}",
        "${local.endless}",
        "${data.azurerm_virtual_network.vnet.location}",
        "azurerm_resource_group.rg.name",
    ],
)
def test_a_reference_to_an_unknown_value_stays(value: str) -> None:
    """Only Terraform knows the value, or it is a text."""
    assert resolved(value) == value


def test_a_provider_is_named_by_its_alias() -> None:
    """References in a provider's configuration are followed as well."""
    found = blocks(STACK)
    assert found["provider.azurerm.hub"] == (
        "provider.azurerm",
        {"alias": "hub", "subscription_id": "1"},
        "",
    )


@pytest.mark.parametrize(
    ("resource", "keys"),
    [
        ({}, [""]),
        ({"count": 0}, []),
        ({"count": "0"}, []),
        ({"count": "${local.number == 1 ? 1 : 0}"}, []),
        ({"count": "${length([])}"}, []),
        ({"count": 2}, ["", "[1]"]),
        ({"count": "${var.number}"}, [""]),
        ({"for_each": []}, []),
        ({"for_each": {}}, []),
        ({"for_each": {"a": 1, "b": 2}}, ['["a"]', '["b"]']),
        ({"for_each": ["a"]}, ['["a"]']),
        ({"for_each": {"é": 1}}, ['["é"]']),
        ({"for_each": "${toset([])}"}, []),
        ({"for_each": "${toset([local.number])}"}, ["[12345]"]),
        ({"for_each": "${var.number}"}, ['["${var.number}"]']),
    ],
)
def test_a_resource_has_the_instances_that_terraform_creates(resource: Json, keys: Any) -> None:
    """Terraform moves a resource to the first of several, but not to an instance of a key."""
    stack = {"locals": STACK["locals"], "resource": {REGISTRY: {"acr": resource}}}
    assert [key for key in blocks(stack) if key != "locals"] == [f"{REGISTRY}.acr{k}" for k in keys]


def test_an_instance_has_its_own_values() -> None:
    """Its key, its value and its index are followed; what it may depend on is told."""
    for_each = {"for_each": {"a": {"role": "AcrPull"}}, "name": "${each.key}-${each.value.role}"}
    count = {"count": 2, "name": "n${count.index}"}
    unknown = {"count": "${var.number}", "name": "x"}
    found = blocks({"resource": {"azurerm_x": {"e": for_each, "c": count, "u": unknown}}})
    assert {address: block.attributes["name"] for address, block in found.items()} == {
        'azurerm_x.e["a"]': "a-AcrPull",
        "azurerm_x.c": "n0",
        "azurerm_x.c[1]": "n1",
        "azurerm_x.u": "x",
    }
    assert [block.condition for block in found.values()] == ["", "", "", "${var.number}"]


def test_dynamic_blocks_are_blocks() -> None:
    """A block is repeated as often as its ``for_each`` says, or it is unknown."""
    dynamic = {
        "identity": {"for_each": [], "content": {"type": "SystemAssigned"}},
        "georeplications": {
            "for_each": ["a", "b"],
            "iterator": "each",
            "content": {"location": "${each.value}"},
        },
        "network_rule_set": [{"for_each": "${var.rules}", "content": {"default_action": "Allow"}}],
    }
    resource = {"dynamic": dynamic, "georeplications": {"location": "westus"}}
    ((_, attributes, _),) = blocks({"resource": {REGISTRY: {"acr": resource}}}).values()
    assert attributes == {
        "identity": [],
        "georeplications": [{"location": region} for region in ("westus", "a", "b")],
        "network_rule_set": "${dynamic network_rule_set for ${var.rules}}",
    }


def test_a_dynamic_block_may_be_in_a_block() -> None:
    """The key of a list's item is its place; a map may have a key of that name."""
    inner = {"for_each": ["1.2.3.4"], "content": {"ip": "${ip_rule.value}", "at": "${ip_rule.key}"}}
    rules = [{"default_action": "Deny", "dynamic": {"ip_rule": inner}}]
    resource = {"network_rule_set": rules, "tags": {"dynamic": "yes", "count": "${local.a}"}}
    ((_, attributes, _),) = blocks({"resource": {REGISTRY: {"acr": resource}}}).values()
    assert attributes == {
        "network_rule_set": [
            {"default_action": "Deny", "ip_rule": [{"ip": "1.2.3.4", "at": 0}]},
        ],
        "tags": {"dynamic": "yes", "count": "${local.a}"},
    }


def test_the_data_source_of_a_check_is_one() -> None:
    """Terraform reads it in each plan."""
    check = {"data": {"http": {"a": {"method": "POST"}}}, "assert": []}
    found = blocks({"check": {"c": check}})
    assert found["data.http.a"] == ("data.http", {"method": "POST"}, "")


def listed(value: Any) -> Any:
    """JSON in which each block is a list of one, as far down as Terraform has names above them."""
    return (
        [{key: listed(item) for key, item in value.items()}] if isinstance(value, dict) else value
    )


def test_a_list_of_objects_is_read_as_an_object() -> None:
    """Terraform takes both for a section, a type, a name and a block."""
    names = {"azurerm_resource_group": {"rg": {"name": "rg"}}}
    wanted = {"azurerm_resource_group.rg": ("azurerm_resource_group", {"name": "rg"}, "")}
    for resource in (names, listed(names), [names]):
        assert blocks({"resource": resource}) == wanted
    assert blocks({"locals": [{"a": 1}, {"b": 2}]})["locals"].attributes == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("stack", "error"),
    [
        ([], "a stack is a JSON object"),
        ({"resources": {}}, "resources is not a section that Terraform reads"),
        ({"resource": "x"}, 'resource is "x": Terraform expects an object, or a list of objects'),
        ({"resource": {"azurerm_x": {"a": 1}}}, "resource.azurerm_x.a is 1: Terraform expects"),
        ({"resource": {"azurerm_x": {"a": [{}, {}]}}}, "resource.azurerm_x.a is there 2 times"),
        ({"resource": {"azurerm_x": {"a": {"count": -1}}}}, "azurerm_x.a.count is -1: not a"),
        ({"resource": {"azurerm_x": {"a": {"for_each": 1}}}}, "azurerm_x.a.for_each is 1: not a"),
        ({"resource": {"azurerm_x": {"a": {"dynamic": 1}}}}, "azurerm_x.a.dynamic is 1: "),
    ],
)
def test_what_terraform_would_not_take_has_an_address(stack: Any, error: str) -> None:
    """The error says where, what is there, and what is expected."""
    with pytest.raises(StackJsonError, match=re.escape(error)):
        blocks(stack)


def test_a_secret_is_not_followed_and_yet_its_change_shows() -> None:
    """The text of an expression tells one secret from another, and says nothing of it."""

    def value(secret: str) -> str:
        variable = {"key": {"default": secret, "sensitive": True}}
        resource = {"azurerm_x": {"a": {"v": "x-${var.key}"}}}
        found = blocks({"variable": variable, "resource": resource})["azurerm_x.a"]
        return str(found.attributes["v"])

    assert value("hunter1") == value("hunter1") != value("hunter2")
    assert "hunter" not in value("hunter1")
    assert without_secrets(value("hunter1")) == "x-${var.key}"


def test_files_are_read_for_expressions() -> None:
    """A text is followed; what else is made of a file changes with its content."""

    def read(files: dict[str, bytes], side: str = "") -> tuple[Any, ...]:
        resource = {"a": '${jsondecode(file("flags.json")).on}', "b": '${filemd5("flags.json")}'}
        stack = StackJson({"resource": {"azurerm_x": {"a": resource}}}, None, files.get, side)
        return tuple(dict(stack.blocks())["azurerm_x.a"].attributes.values())

    on, off = (read({"./flags.json": b, "flags.json": b}) for b in (b'{"on": 1}', b'{"on": 0}'))
    assert (on[0], off[0]) == (1, 0)
    assert on[1] != off[1]
    assert read({}, "before") != read({}, "after")


@pytest.mark.parametrize(
    "text",
    [
        '%{ if jsondecode(file("flags.json")).on }1%{ endif }',
        '${length([for each in var.none : each if jsondecode(file("flags.json")).on])}',
        '%{ if true }${each.value["role"]}%{ endif }',
        "%{ if file(flags) }1%{ endif }",
    ],
)
def test_a_text_that_is_not_read_changes_with_what_it_names(text: str) -> None:
    """A file, or what each instance has."""

    def read(content: bytes, role: str) -> Any:
        resource = {"for_each": {"a": {"role": role}}, "name": text}
        files = {"flags.json": content}
        content_ = {"resource": {"azurerm_x": {"a": resource}}}
        found = dict(StackJson(content_, None, files.get, role).blocks())
        return found['azurerm_x.a["a"]'].attributes["name"]

    assert read(b'{"on": 1}', "AcrPull") != read(b'{"on": 0}', "AcrPush")


def test_a_template_that_names_a_file_is_not_read() -> None:
    """Its digest would not change with that file."""
    files = {"a": b"${upper(file(b))}", "b": b"1"}
    assert StackJson({}, None, files.get, "it").digest("a") == "not read in it"
    assert StackJson({}, None, files.get, "it").digest("b") != "not read in it"
