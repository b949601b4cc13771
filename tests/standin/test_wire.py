"""The provider under real Terraform: apply, import, replacement, destroy and faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workspace import ENDPOINT, GUIDE, REGISTRY, RG, SUBNET, ZONE, Json, Workspace

from standin import SUBSCRIPTION

PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RG}/providers"
STATIC = {"name": "registry", "private_ip_address": "10.0.8.20"}
NETWORK = "azurerm_virtual_network"
NETWORK_ID = f"{PROVIDERS}/Microsoft.Network/virtualNetworks/vnet"


def test_the_guide_is_applied_and_destroyed(workspace: Workspace) -> None:
    """Terraform validates, plans and applies the guide, plans no change, and destroys it."""
    workspace.run("validate")
    planned = workspace.plan()
    assert planned[REGISTRY]["after_unknown"]["login_server"] is True
    assert planned[REGISTRY]["after_unknown"]["network_rule_set"] is True
    assert planned[REGISTRY]["after_sensitive"]["admin_password"] is True
    assert planned[ENDPOINT]["after_unknown"]["private_service_connection"][0] == {
        "private_connection_resource_id": True,
        "private_ip_address": True,
        "subresource_names": [False],
    }
    assert workspace.cloud.log("create") == []
    workspace.apply()
    state = workspace.state()
    assert state[REGISTRY]["values"]["login_server"] == "myregistry.azurecr.io"
    assert state[ENDPOINT]["values"]["timeouts"]["create"] == "20m"
    assert workspace.plan() == {}
    workspace.run("destroy", "-auto-approve")
    assert workspace.cloud.resources(SUBNET) == {}
    assert len(workspace.cloud.log("delete")) == 6  # the zone group is a request of its own


def test_existing_resources_are_imported(applied: Workspace) -> None:
    """Terraform imports existing resources by ids in any case, without changes."""
    ids = {type_: each["values"]["id"] for type_, each in applied.state().items()}
    (applied.folder / "terraform.tfstate").unlink()
    blocks = [{"to": f"{type_}.it", "id": id_.upper()} for type_, id_ in ids.items()]
    # Azure stores no timeouts, so a configured timeout would be a change.
    applied.write({ENDPOINT: {"timeouts": None}}, **{"import": blocks})
    assert "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy." in applied.run("plan")
    applied.apply()
    assert {type_: each["values"]["id"] for type_, each in applied.state().items()} == ids
    assert applied.plan() == {}


def test_an_id_of_another_type_is_not_imported(workspace: Workspace) -> None:
    """The plan fails if an import block has the id of another resource type."""
    workspace.write(**{"import": [{"to": f"{REGISTRY}.it", "id": NETWORK_ID}]})
    workspace.run("plan", error=f"this is not an id of {REGISTRY}")


@pytest.mark.parametrize(
    ("type_", "change", "path"),
    [
        (REGISTRY, {"name": "another"}, ["name"]),
        (REGISTRY, {"zone_redundancy_enabled": True}, ["zone_redundancy_enabled"]),
        (REGISTRY, {"location": "westus2"}, ["location"]),
        (ENDPOINT, {"ip_configuration": [STATIC]}, ["ip_configuration", 0, "name"]),
        (REGISTRY, {"sku": "Standard"}, None),
        (REGISTRY, {"tags": {"a": "b"}}, None),
        (ENDPOINT, {"private_dns_zone_group": []}, None),
        (SUBNET, {"address_prefixes": ["10.0.9.0/24"]}, None),
    ],
)
def test_some_changes_force_a_new_resource(
    shared: Workspace, type_: str, change: Json, path: list[Any] | None
) -> None:
    """The plan names an argument that Azure cannot update in place; it updates all others."""
    shared.write({type_: change})
    planned = shared.plan()
    if path:
        assert planned[type_]["actions"] == ["delete", "create"]
        assert path in planned[type_]["replace_paths"]
    else:
        assert {kind: each["actions"] for kind, each in planned.items()} == {type_: ["update"]}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({REGISTRY: {"role_assignment_mode": "x"}}, 'No argument or block type is named "role_'),
        ({REGISTRY: {"login_server": "x"}}, 'configure a value for "login_server"'),
        ({REGISTRY: {"sku": None}}, 'The argument "sku" is required'),
        ({ENDPOINT: {"dns": {}}}, 'No argument or block type is named "dns"'),
        ({ENDPOINT: {"private_service_connection": []}}, "Insufficient private_service_connection"),
        ({ENDPOINT: {"private_service_connection": [{}, {}]}}, "Too many private_service_conn"),
    ],
)
def test_an_invalid_configuration_is_refused(shared: Workspace, changes: Json, error: str) -> None:
    """An unknown, read-only or absent argument or block fails, as in the real provider's schema."""
    shared.write(changes)
    shared.run("validate", error=error)


@pytest.mark.parametrize("type_", ["azurerm_registry", "azurerm_container_registry_webhook"])
def test_an_unknown_type_is_refused(shared: Workspace, type_: str) -> None:
    """Terraform refuses a type that azurerm does not have, or whose ids the stand-in lacks."""
    shared.write(resource={type_: {"it": {}}})
    shared.run("validate", error=f'does not support resource type "{type_}"')


def test_some_blocks_are_attributes(shared: Workspace) -> None:
    """Terraform sees `network_rule_set` as an attribute; the block's defaults still apply."""
    shared.write({REGISTRY: {"network_rule_set": [{"default_action": None, "ip_rule": None}]}})
    after = shared.plan()[REGISTRY]["after"]["network_rule_set"]
    assert [rules["default_action"] for rules in after] == ["Allow"]


def test_data_sources_read_existing_resources(applied: Workspace) -> None:
    """Data sources read a registry, a zone, a subnet and a network by name."""
    (applied.folder / "terraform.tfstate").unlink()
    kinds = (REGISTRY, ZONE, SUBNET, NETWORK)
    named = {**GUIDE, NETWORK: {"name": "vnet", "resource_group_name": RG}}
    names = ("name", "resource_group_name", "virtual_network_name")
    applied.write(
        resource={},
        data={
            kind: {"it": {name: named[kind][name] for name in names if name in named[kind]}}
            for kind in kinds
        },
        output={
            "ids": {"value": [f"${{data.{kind}.it.id}}" for kind in kinds]},
            "login_server": {"value": f"${{data.{REGISTRY}.it.login_server}}"},
            "subnets": {"value": f"${{data.{NETWORK}.it.subnets}}"},
        },
    )
    applied.apply()
    outputs = json.loads(applied.run("output", "-json"))
    ids = [next(iter(applied.cloud.resources(kind))) for kind in kinds]
    assert outputs["ids"]["value"] == ids
    assert outputs["login_server"]["value"] == "myregistry.azurecr.io"
    assert outputs["subnets"]["value"] == ["pe"]


def test_namespaces_are_registered_during_plan(workspace: Workspace) -> None:
    """A plan registers the configured namespaces once, and fails if Azure refuses."""
    refusal = {"operation": "register", "type": "Microsoft.ContainerRegistry", "effect": "fail"}
    workspace.cloud.set_faults({**refusal, "message": "AuthorizationFailed"})
    workspace.run("plan", error="AuthorizationFailed")
    workspace.cloud.set_faults()
    workspace.run("plan")
    workspace.run("plan")
    assert workspace.cloud.log("register") == [(refusal["type"], 500), (refusal["type"], 200)]


def test_namespaces_are_registered_by_default(workspace: Workspace) -> None:
    """The provider registers namespaces if the configuration does not set registration."""
    workspace.write(provider={"azurerm": {"features": {}}})
    workspace.run("plan")
    assert workspace.cloud.log("register") == [("Microsoft.ContainerRegistry", 200)]


@pytest.mark.parametrize(
    ("variables", "provider", "error"),
    [
        ({"ARM_SUBSCRIPTION_ID": ""}, {}, "`subscription_id` is a required provider property"),
        ({}, {"environment": "usgovernment"}, "AADSTS900382"),
        ({"ARM_ENVIRONMENT": "usgovernment"}, {}, "AADSTS900382"),
    ],
)
def test_a_wrong_provider_configuration_fails_the_plan(
    workspace: Workspace, variables: dict[str, str], provider: Json, error: str
) -> None:
    """The plan fails without a subscription, or if the environment is wrong."""
    workspace.env |= variables
    workspace.write(provider={"azurerm": {"features": {}, **provider}})
    workspace.run("plan", error=error)


def test_the_configuration_sets_the_subscription(workspace: Workspace) -> None:
    """`subscription_id` in the configuration takes precedence over the environment variable."""
    workspace.write(
        provider={"azurerm": {"features": {}, "subscription_id": "another"}}, resource={}
    )
    workspace.run("plan", error='Subscription: "another"')


def test_the_provider_stops_after_too_many_attempts(workspace: Workspace) -> None:
    """The apply fails if Azure throttles every attempt."""
    fault = {"operation": "create", "type": ENDPOINT, "effect": "throttle", "times": 1000}
    workspace.cloud.set_faults(fault)
    workspace.apply(error="no end: 429")


def test_the_providers_error_contains_azures_error(workspace: Workspace) -> None:
    """The apply fails with a message that names the resource and contains Azure's error."""
    workspace.write({SUBNET: {"address_prefixes": ["10.9.0.0/24"]}})
    workspace.apply(error='creating Subnet (Subscription: "')
    workspace.apply(error="NetcfgSubnetRangeOutsideVnet: Subnet 'pe' is not valid")


def test_an_endpoint_whose_zone_group_fails_is_tainted(workspace: Workspace) -> None:
    """The provider creates the endpoint first, which stays when Azure refuses the zone group."""
    gone = f"{PROVIDERS}/Microsoft.Network/privateDnsZones/gone"
    group = {"name": "default", "private_dns_zone_ids": [gone]}
    workspace.write({ENDPOINT: {"private_dns_zone_group": group}})
    workspace.apply(error="creating Private Dns Zone Group")
    assert len(workspace.cloud.resources(ENDPOINT)) == 1
    workspace.write()
    assert workspace.plan()[ENDPOINT]["actions"] == ["delete", "create"]
    workspace.apply()
    assert workspace.plan() == {}


def test_azurerms_own_checks_fail_the_plan(workspace: Workspace) -> None:
    """They are not in its schema: azurerm makes them once it knows the whole plan."""
    workspace.write({REGISTRY: {"sku": "Basic", "data_endpoint_enabled": True}})
    workspace.run("plan", error="`data_endpoint_enabled` can only be applied when using the")


def test_a_plan_fails_if_a_lock_blocks_the_list_of_credentials(applied: Workspace) -> None:
    """The refresh of a registry with an admin user fails if the registry has a ReadOnly lock."""
    (registry,) = applied.cloud.resources(REGISTRY)
    applied.cloud.add("azurerm_management_lock", name="keep", scope=registry, lock_level="ReadOnly")
    applied.run("plan", error="ScopeLocked")
    applied.write({REGISTRY: {"admin_enabled": False}})
    applied.run("plan", error="ScopeLocked")
