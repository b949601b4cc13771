"""The changes of a stack, read from a Terraform plan."""

from __future__ import annotations

import re
from typing import Any

import pytest
from helpers import Json
from plans import plan, planned

from constructs_lib.privacy.attributes import ENDPOINT, REGISTRY, TOKEN
from constructs_lib.review.changes import UNKNOWN
from constructs_lib.review.findings import StackReport, review
from constructs_lib.review.plans import of_plan
from constructs_lib.review.secrets import Hidden

ADDRESS = f"{REGISTRY}.acr"


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], "added"),
        (["delete"], "removed"),
        (["forget"], "forgotten"),
        (["update"], "changed"),
        (["delete", "create"], "replaced"),
        (["create", "delete"], "replaced"),
        (["forget", "create"], "replaced"),
    ],
)
def test_the_actions_of_a_plan_are_one_word(actions: list[str], action: str) -> None:
    """A resource that Terraform forgets stays in Azure."""
    sides: Json = {"before": {"name": "a"}, "after": {"name": "b"}}
    for side in {"added": ["before"], "removed": ["after"], "forgotten": ["after"]}.get(action, []):
        sides[side] = None
    (change,) = of_plan("one", plan(planned(*actions, **sides)))
    assert (change.stack, change.address, change.action) == ("one", ADDRESS, action)


def test_reads_and_no_ops_are_no_changes() -> None:
    """A data source that is read and a resource with the action ``no-op`` are left out."""
    same: Json = {"before": {"name": "a"}, "after": {"name": "a"}}
    data = {**planned("read", after={"name": "a"}), "mode": "data"}
    assert of_plan("one", plan(planned("no-op", **same), data)) == []


def test_a_plan_names_the_causes_of_a_replacement() -> None:
    """A replacement has attributes, a tainted resource or ``replace_triggered_by`` as its cause."""
    paths = [["name"], ["ip_configuration", 0, "name"]]
    by_trigger = planned("delete", "create", before={}, after={}, name="c")
    content = plan(
        planned("delete", "create", before={}, after={}, replace_paths=paths),
        planned("delete", "create", before={}, after={}, name="b"),
        {**by_trigger, "action_reason": "replace_by_triggers"},
    )
    assert [each.replaced for each in of_plan("one", content)] == [
        ("ip_configuration.name", "name"),
        ("replaced",),
        ("replace_triggered_by",),
    ]


def test_a_changed_construct_id_in_a_plan_is_one_change() -> None:
    """A deleted and a created resource of one name are one change."""
    both = planned("delete", before={"name": "a"}), planned("create", after={"name": "a"}, name="b")
    (change,) = of_plan("one", plan(*both))
    assert (change.id_before, change.address) == (ADDRESS, f"{REGISTRY}.b")


def test_a_deposed_object_has_an_address_of_its_own() -> None:
    """A deposed object and its successor have one address, so the object's key is added to it."""
    deposed = planned("delete", before={"name": "a"}) | {"deposed": "cafe"}
    (change,) = of_plan("one", plan(deposed))
    assert change.address == f"{ADDRESS} (deposed cafe)"


def test_a_value_known_after_apply_is_unknown() -> None:
    """A known value that becomes unknown is a change; an unknown one of a new resource is not."""
    sides: Json = {
        "before": {"name": "a", "tags": {"a": "b"}, "list": [{"id": 1}]},
        "after": {"name": "a", "list": [{"name": "n"}]},
        "after_unknown": {"tags": True, "list": [{"id": True}]},
    }
    (change,) = of_plan("one", plan(planned("update", **sides)))
    assert change.differences()[-1] == ("tags", {"a": "b"}, UNKNOWN)
    assert ("list.id", 1, UNKNOWN) in change.differences()
    created = planned("create", after={"name": "a"}, after_unknown={"id": True})
    (new,) = of_plan("one", plan(created))
    assert new.differences() == [("name", None, "a")]


def test_sensitive_values_of_a_plan_are_hidden() -> None:
    """A value is hidden on both sides, whether it was sensitive before or becomes sensitive."""
    sides: Json = {
        "before": {"a": "hunter1", "b": {"c": ["x", "hunter2"]}, "same": "hunter5"},
        "after": {"a": "hunter3", "b": {"c": ["x", "hunter4"]}, "same": "hunter5", "new": None},
        "before_sensitive": {"a": True, "same": True},
        "after_sensitive": {"b": {"c": [False, True]}, "new": True},
    }
    (change,) = of_plan("one", plan(planned("update", **sides)))
    assert "hunter" not in repr(change)
    assert [each.attribute for each in change.differences()] == ["a", "b.c"]
    assert change.differences()[0].after == Hidden("(sensitive)", "hunter3")


def test_a_plans_outputs_are_one_change() -> None:
    """The outputs that change are one change, and a sensitive output is hidden as a whole."""
    outputs = {
        "same": {"actions": ["no-op"], "before": 1, "after": 1},
        "secret": {
            "actions": ["update"],
            "before": "hunter1",
            "after": "hunter2",
            "before_sensitive": True,
            "after_sensitive": True,
        },
        "unknown": {"actions": ["update"], "before": 1, "after_unknown": True},
    }
    (change,) = of_plan("one", plan(output_changes=outputs))
    assert [each.attribute for each in change.differences()] == ["secret", "unknown"]
    assert "hunter" not in repr(change)


@pytest.mark.parametrize(
    "broken", [{}, {"format_version": "1.0"}, plan(format_version="2.0"), plan(errored=True)]
)
def test_an_incomplete_plan_is_refused(broken: Json) -> None:
    """A state, another format and a plan that Terraform could not complete raise an error."""
    with pytest.raises(ValueError, match="plan"):
        of_plan("one", broken)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": True},
        {"change": {"actions": "create", "before": None, "after": None}},
        {"change": {"actions": ["create"], "before": None, "after": "x"}},
        {"change": []},
    ],
)
@pytest.mark.parametrize("key", ["resource_changes", "resource_drift", "deferred_changes"])
def test_a_change_of_another_form_has_an_address(key: str, wrong: Json) -> None:
    """A sentence says which change of a resource is not as Terraform writes it."""
    change = {**planned("create", after={}), **wrong}
    several = [{"resource_change": change}] if key == "deferred_changes" else [change]
    with pytest.raises(ValueError, match=re.escape(f"{key}[0] ({ADDRESS}) is not a change of a")):
        of_plan("one", {**plan(), key: several})


def test_a_change_without_a_mode_is_one_of_a_resource() -> None:
    """Only data sources are left out."""
    change = planned("create", after=OPEN)
    del change["mode"]
    assert [each.action for each in of_plan("one", plan(change))] == ["added"]


OPEN: Json = {"name": "a", "public_network_access_enabled": True}
CLOSED: Json = {"name": "a", "public_network_access_enabled": False}


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ([], [True]),
        ([planned("no-op", before=OPEN, after=OPEN)], [True]),
        ([planned("update", before=OPEN, after=CLOSED)], [False]),
    ],
)
def test_drift_is_a_change_unless_the_plan_undoes_it(later: list[Json], found: list[bool]) -> None:
    """A refresh-only plan takes over what somebody has changed, and so does ``ignore_changes``."""
    drift = planned("update", before=CLOSED, after=OPEN)
    changes = of_plan("one", plan(*later, resource_drift=[drift]))
    assert [change.after == OPEN for change in changes] == found
    assert (changes[-1].what == "changed outside of Terraform") is found[0]


def test_a_resource_that_somebody_has_deleted_is_a_change() -> None:
    """It is drift, unless the plan creates the resource again."""
    drift = planned("delete", before=CLOSED)
    (change,) = of_plan("one", plan(resource_drift=[drift]))
    assert (change.before, change.after) == (CLOSED, None)
    again = plan(planned("create", after=CLOSED), resource_drift=[drift])
    assert [each.action for each in of_plan("one", again)] == ["added"]


def test_imported_moved_and_deferred_resources_are_named() -> None:
    """Their attributes may stay as they are, or change as well."""
    same: Json = {"before": CLOSED, "after": CLOSED}
    imported = planned("no-op", importing={"id": "/a"}, **same)
    moved = planned("no-op", name="b", **same) | {"previous_address": ADDRESS}
    deferred = planned("create", name="c", after=OPEN)
    content = plan(imported, moved, deferred_changes=[{"reason": "", "resource_change": deferred}])
    actions = [each.action for each in of_plan("one", content)]
    assert actions == ["imported", f"moved from {ADDRESS}", "deferred"]


ID = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr12345"


def configured(*resources: Json, **more: Any) -> Json:
    """The configuration of a plan."""
    return {"configuration": {"root_module": {"resources": [*resources], **more}}}


def refers(address: str, **references: list[str]) -> Json:
    """A resource of a configuration, with what its arguments refer to."""
    expressions = {name: {"references": names} for name, names in references.items()}
    return {"address": address, "expressions": expressions}


def risks(content: Json) -> list[tuple[str, str]]:
    """The type and the attribute of each risk of a plan."""
    (stack,) = review("x", of_plan("one", content), []).stacks.values() or [StackReport()]
    return [(each.change.type, each.attribute) for each in stack.weakens]


def created(type: str, unknown: Json | None = None, **after: Any) -> Json:
    """A resource ``new`` that a plan creates."""
    return planned("create", type=type, name="new", after=after, after_unknown=unknown or {})


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        ([f"{REGISTRY}.acr.id", f"{REGISTRY}.acr"], True),
        ([f"data.{REGISTRY}.acr.id", f"data.{REGISTRY}.acr"], True),
        ([f"{REGISTRY}.acr.login_server", f"{REGISTRY}.acr"], False),
        (["azurerm_storage_account.logs.id"], False),
        ([], False),
    ],
)
def test_the_configuration_says_what_names_a_registry(
    references: list[str], expected: bool
) -> None:
    """The value is not known before the apply, but the reference is."""
    task = created("azurerm_x", {"target": True})
    content = plan(task, **configured(refers("azurerm_x.new", target=references)))
    assert bool(risks(content)) is expected


def test_what_only_terraform_knows_may_be_a_registry() -> None:
    """A plan does not say what a local or a module stands for."""
    role = created("azurerm_role_assignment", {"scope": True}, principal_id="a")
    for name, expected in (("local.scope", True), ("azurerm_storage_account.a.id", False)):
        of_scope = refers("azurerm_role_assignment.new", scope=[name])
        assert bool(risks(plan(role, **configured(of_scope)))) is expected


def test_a_secret_is_not_made_plain_by_a_plan() -> None:
    """An output or a resource that gets a secret is a risk, and does not show it."""
    secret = [f"{REGISTRY}_token_password.p.password1[0].value", f"{REGISTRY}_token_password.p"]
    change = {"debug": {"actions": ["create"], "before": None, "after": "hunter2"}}
    for sensitive in (False, True):
        output = {"expression": {"references": secret}, "sensitive": sensitive}
        content = plan(output_changes=change, **configured(outputs={"debug": output}))
        found = risks(content)
        assert found == ([] if sensitive else [("output", "debug")])
        assert sensitive or "hunter" not in repr(of_plan("one", content))
    data = created("terraform_data", input="hunter2")
    content = plan(data, **configured(refers("terraform_data.new", input=secret)))
    assert ("terraform_data", "input") in risks(content)
    assert "hunter" not in repr(of_plan("one", content))


def test_programs_that_a_plan_runs_are_risks() -> None:
    """Actions, and data that is read from a program."""
    invoked = {"address": "action.local_command.a", "config_values": {"command": "az"}}
    assert risks(plan(action_invocations=[invoked])) == [("action", "added")]
    external = refers("data.external.a", program=[])
    assert risks(plan(**configured(external))) == [("data.external", "added")]
    runs = {**refers("azurerm_x.new"), "provisioners": [{"type": "local-exec"}]}
    assert risks(plan(created("azurerm_x"), **configured(runs))) == [("azurerm_x", "provisioner")]


def test_what_a_plan_destroys_may_run_a_program() -> None:
    """A provisioner runs before Terraform destroys its resource."""
    program = {"type": "local-exec", "when": "destroy"}
    of_x = {**refers("azurerm_x.acr"), "provisioners": [program]}
    removed = planned("delete", type="azurerm_x", before={})
    found = risks(plan(removed, **configured(of_x, refers("ephemeral.http.a"))))
    assert found == [("ephemeral.http", "added"), ("action", "added")]


def test_a_data_source_without_arguments_is_one() -> None:
    """It is read from a program all the same."""
    inner = configured(refers("data.external.a"))["configuration"]["root_module"]
    content = plan(configuration={"root_module": {"module_calls": {"m": {"module": inner}}}})
    assert risks(content) == [("data.external", "added")]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"before": "hunter22", "before_sensitive": True, "after": "hunter22"}, True),
        ({"before": None, "after": "login:hunter22"}, True),
        ({"before": None, "after": "hunter22", "after_sensitive": True}, False),
        ({"before": None, "after": "hunter"}, False),
    ],
)
def test_an_output_has_no_secret_of_a_resource(output: Json, expected: bool) -> None:
    """The configuration does not say what a local stands for, but the plan has its value."""
    same: Json = {"before": {"a": ["hunter22"]}, "after": {"a": ["hunter22"]}}
    secret = planned("no-op", **same, before_sensitive={"a": [True]}, after_sensitive={})
    content = plan(secret, output_changes={"debug": {"actions": ["update"], **output}})
    assert (("output", "debug") in risks(content)) is expected


@pytest.mark.parametrize(
    ("source", "known", "expected"),
    [
        ("registry.terraform.io/azure/azapi", False, True),
        ("registry.terraform.io/azure/azapi", True, False),
        ("registry.terraform.io/other/azurerm", False, True),
        ("registry.terraform.io/hashicorp/helm", False, False),
    ],
)
def test_a_provider_that_no_resource_had_is_new(source: str, known: bool, expected: bool) -> None:
    """The state before the plan has each resource's provider, in modules as well."""
    providers = {"provider_config": {"a": {"name": "a", "full_name": source}}, "root_module": {}}
    module = {"child_modules": [{"resources": [{"provider_name": source}] if known else []}]}
    content = plan(configuration=providers, prior_state={"values": {"root_module": module}})
    assert bool(risks(content)) is expected


@pytest.mark.parametrize(
    ("type", "argument", "reference", "expected"),
    [
        ("azurerm_role_assignment", "scope", "azurerm_management_group.new.id", True),
        ("azurerm_role_assignment", "scope", "azurerm_key_vault.new.id", False),
        ("azurerm_private_dns_a_record", "zone_name", "azurerm_private_dns_zone.new.name", True),
    ],
)
def test_an_unknown_target_is_known_by_its_reference(
    type: str, argument: str, reference: str, expected: bool
) -> None:
    """What is above a registry, and a zone in which its names may be."""
    resource = created(type, {argument: True}, principal_id="a")
    content = plan(resource, **configured(refers(f"{type}.new", **{argument: [reference]})))
    assert bool(risks(content)) is expected


def test_an_imported_registry_is_judged_as_a_new_one() -> None:
    """Nobody has looked at it before."""
    content = plan(planned("no-op", importing={"id": ID}, before=OPEN, after=OPEN))
    assert (REGISTRY, "public_network_access_enabled") in risks(content)


def test_a_deleted_token_is_a_risk() -> None:
    """Whoever pulls with it no longer can."""
    token = planned("delete", type=TOKEN, before={"name": "a"})
    assert risks(plan(token)) == [(TOKEN, "removed")]


@pytest.mark.parametrize(
    ("registry", "expected"), [("create", []), ("no-op", [(TOKEN, "scope_map_id")])]
)
def test_the_scope_map_of_a_new_registry_is_not_known_yet(
    registry: str, expected: list[tuple[str, str]]
) -> None:
    """Its id follows from the registry's, which is created in the same plan."""
    private = {"name": "a", "sku": "Premium", "public_network_access_enabled": False}
    sides: Json = {"before": None if registry == "create" else private, "after": private}
    token = created(TOKEN, {"scope_map_id": True}, name="pull")
    of_map = refers(f"{TOKEN}.new", scope_map_id=[f"{ADDRESS}.id", ADDRESS])
    content = plan(planned(registry, **sides), token, **configured(refers(ADDRESS), of_map))
    assert risks(content) == expected


def test_drift_sees_what_the_program_does_not_state() -> None:
    """Network rules that somebody has added, but not those that Azure answers by default."""
    office = [{"default_action": "Deny", "ip_rule": [{"ip_range": "192.0.2.0/24"}]}]
    allow = [{"default_action": "Allow", "ip_rule": []}]
    private = {"sku": "Premium", "public_network_access_enabled": False}
    for rules, expected in ((office, [(REGISTRY, "network_rule_set")]), (allow, [])):
        before, after = ({**private, "network_rule_set": each} for each in ([], rules))
        drift = planned("update", before=before, after=after)
        assert risks(plan(resource_drift=[drift])) == expected


def test_a_second_endpoint_leads_to_a_registry_that_is_there() -> None:
    """The registry's own endpoint is created with it."""
    connection = {"private_connection_resource_id": ID, "subresource_names": ["registry"]}
    endpoint = created(
        ENDPOINT, private_service_connection=[connection], private_dns_zone_group=[{"name": "a"}]
    )
    assert risks(plan(endpoint)) == [(ENDPOINT, "added")]
    new = {"private_connection_resource_id": True}
    first = created(
        ENDPOINT,
        {"private_service_connection": [new]},
        private_service_connection=[{"subresource_names": ["registry"]}],
        private_dns_zone_group=[{"name": "a"}],
    )
    assert risks(plan(first)) == []
