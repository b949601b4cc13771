"""The changes of stacks between two syntheses."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from helpers import Json

from constructs_lib.review.changes import Change, of_stacks

REGISTRY = "azurerm_container_registry"
ADDRESS = f"{REGISTRY}.acr"


def stack(**attributes: Any) -> Json:
    """A stack of one registry, as cdktf writes it."""
    return {
        "//": {"metadata": {"version": "1"}},
        "resource": {REGISTRY: {"acr": {"name": "acr12345", **attributes}}},
    }


def changes_between(before: Json, after: Json) -> list[Change]:
    """The changes between two versions of one stack's JSON."""
    return of_stacks({"one": before}, {"one": after})


def test_metadata_and_empty_values_are_no_change() -> None:
    """The metadata of cdktf and the different forms of an empty value are not compared."""
    metadata = {"//": {"metadata": {"path": "elsewhere"}}}
    assert changes_between(stack(tags={}), stack(**metadata, tags=None, identity=[])) == []
    of_another_version = {"metadata": {"version": "2", "aro-private-container-registry": "2"}}
    assert changes_between(stack(), {**stack(), "//": of_another_version}) == []


def test_a_changed_attribute_has_a_path_and_both_values() -> None:
    """Each difference has the path of the attribute, through blocks and lists, and both values."""
    before = stack(sku="Basic", identity={"type": "a"}, georeplications=[{"l": 1}, {"l": 2}])
    after = stack(tags={"a": "b"}, identity=[{"type": "b"}], georeplications=[{"l": 1}, {"l": 3}])
    (change,) = changes_between(before, after)
    assert (change.stack, change.address, change.type) == ("one", ADDRESS, REGISTRY)
    assert change.action == "changed"
    assert change.differences() == [
        ("georeplications[1].l", 2, 3),
        ("identity.type", "a", "b"),
        ("sku", "Basic", None),
        ("tags.a", None, "b"),
    ]


def test_a_block_equals_a_list_of_one_block() -> None:
    """A block equals a list of one block, so only the second block is a difference."""
    (change,) = changes_between(
        stack(ip_configuration={"name": "a"}),
        stack(ip_configuration=[{"name": "a"}, {"name": "b"}]),
    )
    assert change.differences() == [("ip_configuration[1].name", None, "b")]


def test_a_resource_is_added_or_removed_as_a_whole() -> None:
    """A resource that only one of the two stacks has is one change, with its type."""
    other = {"resource": {"azurerm_subnet": {"s": {"name": "s"}}}}
    removed, added = changes_between(stack(), other)
    assert (removed.address, removed.action, removed.after) == (ADDRESS, "removed", None)
    assert (added.address, added.action, added.before) == ("azurerm_subnet.s", "added", None)


@pytest.mark.parametrize(
    ("lifecycle", "action"), [({"destroy": False}, "forgotten"), ({"destroy": True}, "removed")]
)
def test_a_removed_block_decides_what_happens(lifecycle: Json, action: str) -> None:
    """Terraform forgets a resource if its ``removed`` block says so, and destroys it otherwise."""
    after = {"removed": [{"from": ADDRESS, "lifecycle": lifecycle}]}
    changes = {change.address: change for change in changes_between(stack(), after)}
    assert changes[ADDRESS].action == action


def test_all_resources_of_a_stack_are_added_or_removed() -> None:
    """A new stack adds all its resources; those of a missing one stay in Azure."""
    other = {"resource": {"azurerm_subnet": {"s": {"name": "s"}}}}
    changes = of_stacks({"one": stack()}, {"two": other})
    assert [(each.stack, each.action) for each in changes] == [
        ("one", "forgotten"),
        ("two", "added"),
    ]


def test_a_stack_of_another_name_is_one_change() -> None:
    """With the same resources, it is the stack of before, and its name is a change of its own."""
    (change,) = of_stacks({"one": stack()}, {"two": stack()})
    assert (change.stack, change.type) == ("two", "stack")
    assert change.differences() == [("name", "one", "two")]


def test_a_provider_is_new_or_comes_from_elsewhere() -> None:
    """The providers that need no look are named by their whole source; one may be implied."""

    def sources(providers: Json, **resource: Any) -> list[tuple[str, Any]]:
        after = {
            "terraform": {"required_providers": providers},
            "resource": {**stack()["resource"], **resource},
        }
        found = changes_between(stack(), after)
        return [
            (each.address.rpartition(".")[2], (each.after or {})["source"])
            for each in found
            if each.type == "required_provider"
        ]

    assert sources({"helm": {"source": "hashicorp/helm", "version": "2"}}) == []
    assert sources({"azurerm": {"source": "registry.terraform.io/hashicorp/AzureRM"}}) == []
    assert sources({"azurerm": {"source": "evil/azurerm"}}) == [("azurerm", "evil/azurerm")]
    assert sources({"helm": {"source": "evil/helm"}}) == [("helm", "evil/helm")]
    assert sources({}, local_file={"a": {}}) == [("local", "hashicorp/local")]
    assert sources({}, terraform_data={"a": {}}) == []


def test_a_changed_construct_id_is_one_change() -> None:
    """A removed and an added resource of one name are one change; a second one stays separate."""
    before, after = stack(sku="Basic"), stack(sku="Premium")
    after["resource"][REGISTRY]["other"] = after["resource"][REGISTRY].pop("acr")
    (change,) = changes_between(before, after)
    assert (change.id_before, change.address) == (ADDRESS, f"{REGISTRY}.other")
    assert change.action == "replaced"
    assert change.differences() == [("sku", "Basic", "Premium")]

    before["resource"][REGISTRY]["twin"] = {"name": "acr12345"}
    assert [(each.action, each.address) for each in changes_between(before, after)] == [
        ("replaced", f"{REGISTRY}.other"),
        ("removed", f"{REGISTRY}.twin"),
    ]


def test_two_cache_rules_of_one_target_are_one_change() -> None:
    """Azure refuses the second one, where images of the first one are, whatever its name is."""

    def rules(**names: str) -> Json:
        given = {
            id: {"name": name, "source_repo": "quay.io/a/*", "target_repo": "a/*"}
            for id, name in names.items()
        }
        return {"resource": {f"{REGISTRY}_cache_rule": given}}

    (change,) = changes_between(rules(first="cache-a"), rules(second="cache-b"))
    assert (change.action, change.id_before) == ("replaced", f"{REGISTRY}_cache_rule.first")
    assert change.differences() == [("name", "cache-a", "cache-b")]


def test_a_second_endpoint_of_a_registry_is_called_so() -> None:
    """A registry's first endpoint is not, and neither is one that takes the place of another."""

    def endpoints(**targets: str) -> Json:
        connections = {
            name: {"private_service_connection": {"private_connection_resource_id": target}}
            for name, target in targets.items()
        }
        return {"resource": {"azurerm_private_endpoint": connections}}

    before = endpoints(a="acr")
    (second,) = changes_between(before, endpoints(a="acr", b="acr"))
    assert second.what == "added beside another endpoint"
    for after in (endpoints(a="acr", b="other"), endpoints(b="acr")):
        assert [each.what for each in changes_between(before, after) if each.after] == [""]


def test_a_moved_resource_is_no_change() -> None:
    """With a ``moved`` block, Terraform keeps the resource, so only the block is a change."""
    before, after = stack(), stack()
    after["resource"][REGISTRY]["other"] = after["resource"][REGISTRY].pop("acr")
    after["moved"] = [{"from": ADDRESS, "to": f"{REGISTRY}.other"}]
    assert [change.address for change in changes_between(before, after)] == ["moved"]
    after["moved"] = [
        {"from": f"{REGISTRY}.second", "to": f"{REGISTRY}.other"},
        {"from": ADDRESS, "to": f"{REGISTRY}.second"},
    ]
    assert [change.address for change in changes_between(before, after)] == ["moved"]


def test_other_blocks_of_a_stack_are_compared() -> None:
    """Provider configurations, data sources and other sections are compared like resources."""
    before: Json = {
        "provider": {"azurerm": [{"features": [{}]}, {"alias": "zone", "subscription_id": "a"}]},
        "data": {"azurerm_virtual_network": {"vnet": {"name": "a"}}},
        "output": {"id": {"value": "a"}},
    }
    after = copy.deepcopy(before)
    after["provider"]["azurerm"][1]["subscription_id"] = "b"
    after["data"]["azurerm_virtual_network"]["vnet"]["name"] = "b"
    after["output"]["id"]["value"] = "b"
    after["import"] = [{"to": "x"}]
    vnet = "data.azurerm_virtual_network"
    assert [
        (each.type, each.address, each.differences()) for each in changes_between(before, after)
    ] == [
        (vnet, f"{vnet}.vnet", [("name", "a", "b")]),
        ("import", "import", [("import.to", None, "x")]),
        ("output", "output", [("id.value", "a", "b")]),
        ("provider.azurerm", "provider.azurerm.zone", [("subscription_id", "a", "b")]),
    ]


@pytest.mark.parametrize(
    "section",
    [
        {"provider": {"azurerm": {"client_secret": "%s"}}},
        {"output": {"pull": {"sensitive": True, "value": "%s"}}},
        {"variable": {"pull": {"sensitive": True, "default": "%s"}}},
        {"resource": {"azurerm_app": {"a": {"Admin_Password": "%s"}}}},
        {"resource": {"azurerm_app": {"a": {"secure_environment_variables": {"A": "%s"}}}}},
        {"resource": {"azurerm_key_vault_secret": {"a": {"name": "a", "value": "%s"}}}},
        {"resource": {"azurerm_app": {"a": {"secret": [{"name": "a", "value": "%s"}]}}}},
        {
            "variable": {"pull": {"sensitive": True, "default": "%s"}},
            "resource": {"azurerm_app": {"a": {"setting": "x-${var.pull}"}}},
        },
        {
            "resource": {
                "azurerm_app": {
                    "a": {"setting": "${azurerm_app.b.password}"},
                    "b": {"password": "%s"},
                }
            }
        },
    ],
)
def test_secrets_are_hidden(section: Json) -> None:
    """Whatever is marked sensitive, has the name of a secret, or refers to one of these."""
    before, after = (json.loads(json.dumps(section) % secret) for secret in ("hunter1", "hunter2"))
    changes = changes_between(before, after)
    assert "hunter" not in repr(changes)
    assert changes


def test_a_change_has_the_reasons_of_its_resource() -> None:
    """The reasons that the construct's ``accept`` writes into the JSON are read by attribute."""
    reasons = {"sku": "a", "private_service_connection": {"subresource_names": "b"}}
    (change,) = changes_between(stack(), stack(**{"//": {"accepted": reasons}}, sku="Basic"))
    assert change.reasons == {"sku": "a", "private_service_connection.subresource_names": "b"}


def test_an_old_reason_is_no_reason_for_a_new_value() -> None:
    """A reason that the base has as well was for the value that the base has."""
    accepted = {"accepted": {"sku": "a demo"}}
    (change,) = changes_between(stack(**{"//": accepted}, sku="Basic"), stack(**{"//": accepted}))
    assert change.reasons == {}
    again = {"accepted": {"sku": "a demo, too"}}
    (change,) = changes_between(stack(**{"//": accepted}, sku="Basic"), stack(**{"//": again}))
    assert change.reasons == {"sku": "a demo, too"}


@pytest.mark.parametrize("metadata", [None, "text", [], {"accepted": None}])
def test_other_metadata_contains_no_reasons(metadata: object) -> None:
    """Metadata of any other form gives a change without reasons."""
    (change,) = changes_between(stack(), stack(**{"//": metadata}, sku="Basic"))
    assert change.reasons == {}
