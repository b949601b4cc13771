"""The provider under real Terraform: apply, import, replacement, destroy and faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from workspace import ENDPOINT, GUIDE, LINK, REGISTRY, RG, SUBNET, ZONE, Json, Workspace

from standin import SUBSCRIPTION

PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{RG}/providers"
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


def test_existing_resources_are_imported(workspace: Workspace) -> None:
    """Terraform imports existing resources by ids in any case, without changes."""
    cloud = workspace.cloud
    registry = cloud.add(REGISTRY, **GUIDE[REGISTRY])
    subnet = cloud.add(SUBNET, **GUIDE[SUBNET])
    zone = cloud.add(ZONE, **GUIDE[ZONE])
    network = {"virtual_network_id": NETWORK_ID, "private_dns_zone_name": GUIDE[ZONE]["name"]}
    link = cloud.add(LINK, **{**GUIDE[LINK], **network})
    connection = {**GUIDE[ENDPOINT]["private_service_connection"]}
    connection["private_connection_resource_id"] = registry
    endpoint = cloud.add(
        ENDPOINT,
        name="pe",
        resource_group_name=RG,
        location="eastus",
        subnet_id=subnet,
        private_service_connection=[connection],
        private_dns_zone_group=[{"name": "default", "private_dns_zone_ids": [zone]}],
    )
    expected_ids = {SUBNET: subnet, REGISTRY: registry, ZONE: zone, LINK: link, ENDPOINT: endpoint}
    # Azure stores no timeouts, so a configured timeout would be a change.
    workspace.write(
        {ENDPOINT: {"timeouts": None}},
        **{
            "import": [
                {"to": f"{type_}.it", "id": id_.upper()} for type_, id_ in expected_ids.items()
            ]
        },
    )
    assert "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy." in workspace.run("plan")
    workspace.apply()
    actual_ids = {type_: each["values"]["id"] for type_, each in workspace.state().items()}
    assert actual_ids == expected_ids
    assert workspace.plan() == {}


def test_an_id_of_another_type_is_not_imported(workspace: Workspace) -> None:
    """The plan fails if an import block has the id of another resource type."""
    workspace.write(**{"import": [{"to": f"{REGISTRY}.it", "id": NETWORK_ID}]})
    workspace.run("plan", error=f"this is not an id of {REGISTRY}")


STATIC = {
    "ip_configuration": [
        {"name": "registry", "private_ip_address": "10.0.8.20"},
    ]
}


@pytest.mark.parametrize(
    ("type_", "change", "path"),
    [
        (REGISTRY, {"name": "another"}, ["name"]),
        (REGISTRY, {"zone_redundancy_enabled": True}, ["zone_redundancy_enabled"]),
        (REGISTRY, {"location": "westus2"}, ["location"]),
        (ENDPOINT, STATIC, ["ip_configuration", 0, "name"]),
    ],
)
def test_some_changes_force_a_new_resource(
    shared: Workspace, type_: str, change: Json, path: list[Any]
) -> None:
    """The plan replaces the resource and names the argument if Azure cannot update it in place."""
    shared.write({type_: change})
    planned = shared.plan()[type_]
    assert planned["actions"] == ["delete", "create"]
    assert path in planned["replace_paths"]


@pytest.mark.parametrize(
    ("type_", "change"),
    [
        (REGISTRY, {"sku": "Standard"}),
        (REGISTRY, {"tags": {"a": "b"}}),
        (ENDPOINT, {"private_dns_zone_group": []}),
        (SUBNET, {"address_prefixes": ["10.0.9.0/24"]}),
    ],
)
def test_other_changes_update_in_place(shared: Workspace, type_: str, change: Json) -> None:
    """The plan updates the resource if the schema does not mark the argument as force-new."""
    shared.write({type_: change})
    assert {kind: each["actions"] for kind, each in shared.plan().items()} == {type_: ["update"]}


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


def test_a_missing_network_fails_the_plan(workspace: Workspace) -> None:
    """A wrong name of the virtual network fails the plan with the real provider's message."""
    network = {"name": "gone", "resource_group_name": RG}
    workspace.write(data={"azurerm_virtual_network": {"it": network}})
    workspace.run(
        "plan",
        error=f'Virtual Network (Subscription: "{SUBSCRIPTION}" Resource Group Name: "{RG}" '
        'Virtual Network Name: "gone") was not found',
    )


def test_data_sources_read_existing_resources(workspace: Workspace) -> None:
    """Data sources read a registry, a zone, a subnet and a network by name."""
    kinds = (REGISTRY, ZONE, SUBNET, "azurerm_virtual_network")
    for kind in kinds[:3]:
        workspace.cloud.add(kind, **GUIDE[kind])
    network = {"name": "vnet", "resource_group_name": RG}
    names = ("name", "resource_group_name", "virtual_network_name")
    data = {
        kind: {name: GUIDE[kind][name] for name in names if name in GUIDE[kind]}
        for kind in kinds[:3]
    }
    data["azurerm_virtual_network"] = network
    workspace.write(
        resource={},
        data={kind: {"it": arguments} for kind, arguments in data.items()},
        output={
            "ids": {"value": [f"${{data.{kind}.it.id}}" for kind in kinds]},
            "login_server": {"value": f"${{data.{REGISTRY}.it.login_server}}"},
            "subnets": {"value": "${data.azurerm_virtual_network.it.subnets}"},
        },
    )
    workspace.apply()
    outputs = json.loads(workspace.run("output", "-json"))
    ids = [next(iter(workspace.cloud.resources(kind))) for kind in kinds]
    assert outputs["ids"]["value"] == ids
    assert outputs["login_server"]["value"] == "myregistry.azurecr.io"
    assert outputs["subnets"]["value"] == ["pe"]


def test_changes_outside_terraform_are_corrected(applied: Workspace) -> None:
    """Terraform creates a resource that was deleted in Azure again, and reverts a change."""
    with applied.cloud.edit() as contents:
        for id_, each in list(contents["resources"].items()):
            if each["type"] == LINK:
                del contents["resources"][id_]
            if each["type"] == REGISTRY:
                each["admin_enabled"] = False
    planned = applied.plan()
    assert planned[LINK]["actions"] == ["create"]
    assert planned[REGISTRY]["actions"] == ["update"]
    applied.apply()
    assert applied.plan() == {}


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
        (
            {"ARM_SKIP_PROVIDER_REGISTRATION": "true"},
            {"resource_provider_registrations": "none"},
            "unset the `ARM_SKIP_PROVIDER_REGISTRATION` environment variable",
        ),
    ],
)
def test_a_wrong_provider_configuration_fails_the_plan(
    workspace: Workspace, variables: dict[str, str], provider: Json, error: str
) -> None:
    """The plan fails without a subscription, or if the environment or registration is wrong."""
    workspace.env |= variables
    workspace.write(provider={"azurerm": {"features": {}, **provider}})
    workspace.run("plan", error=error)


def test_the_configuration_sets_the_subscription(workspace: Workspace) -> None:
    """`subscription_id` in the configuration takes precedence over the environment variable."""
    workspace.write(
        provider={"azurerm": {"features": {}, "subscription_id": "another"}}, resource={}
    )
    workspace.run("plan", error='Subscription: "another"')


def fault(effect: str, **values: Any) -> Json:
    """Returns a fault for the first request that creates the endpoint."""
    return {"operation": "create", "type": ENDPOINT, "effect": effect, "message": "Oops", **values}


def test_a_create_request_fails(workspace: Workspace) -> None:
    """After a failed create request, the next apply creates the missing resource."""
    workspace.cloud.set_faults(fault("fail"))
    workspace.apply(error="Oops")
    assert workspace.cloud.resources(ENDPOINT) == {}
    assert ENDPOINT not in workspace.state()
    workspace.apply()
    assert workspace.plan() == {}


def test_the_answer_to_a_create_request_is_lost(workspace: Workspace) -> None:
    """The resource exists, but not in the state, so the next apply asks for an import."""
    workspace.cloud.set_faults(fault("lose_answer"))
    workspace.apply(error="Oops")
    (id_,) = workspace.cloud.resources(ENDPOINT)
    assert ENDPOINT not in workspace.state()
    workspace.apply(
        error=f'A resource with the ID "{id_}" already exists - to be managed via Terraform this '
        "resource needs to be imported into the State."
    )


def test_a_create_request_leaves_a_tainted_resource(workspace: Workspace) -> None:
    """The resource exists and is tainted in the state, so the next apply replaces it."""
    workspace.cloud.set_faults(fault("taint"))
    workspace.apply(error="Oops")
    assert workspace.state()[ENDPOINT]["tainted"] is True
    assert workspace.plan()[ENDPOINT]["actions"] == ["delete", "create"]
    workspace.apply()
    assert workspace.plan() == {}


def test_a_delete_request_fails(applied: Workspace) -> None:
    """After a failed delete request, the cloud and the state keep the resource and its parents."""
    applied.cloud.set_faults(fault("fail", operation="delete"))
    applied.run("destroy", "-auto-approve", error="Oops")
    assert len(applied.cloud.resources(ENDPOINT)) == 1
    assert set(applied.state()) >= {ENDPOINT, SUBNET, REGISTRY}
    applied.run("destroy", "-auto-approve")
    assert applied.cloud.resources(ENDPOINT) == {}


@pytest.mark.parametrize(("effect", "status"), [("throttle", 429), ("polls", 202)])
def test_a_create_request_is_sent_again(workspace: Workspace, effect: str, status: int) -> None:
    """The provider sends a request again if it is throttled or still in progress."""
    workspace.cloud.set_faults(fault(effect, times=3))
    workspace.apply()
    answers = [answer for type_, answer in workspace.cloud.log("create") if type_ == ENDPOINT]
    assert answers == [status, status, status, 200]


def test_the_provider_stops_after_too_many_attempts(workspace: Workspace) -> None:
    """The apply fails if Azure throttles every attempt."""
    workspace.cloud.set_faults(fault("throttle", times=1000))
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


def test_a_cache_rule_whose_login_goes_is_replaced(workspace: Workspace) -> None:
    """The provider cannot take a login off in place; it can exchange it."""
    rule = {"name": "quay1", "container_registry_id": f"${{{REGISTRY}.it.id}}"}
    rule |= {"source_repo": "quay.io/a/*", "target_repo": "a/*"}
    sets = {
        name: {
            "name": name,
            "container_registry_id": f"${{{REGISTRY}.it.id}}",
            "login_server": "quay.io",
            "identity": {"type": "SystemAssigned"},
            "authentication_credentials": dict.fromkeys(
                ("username_secret_id", "password_secret_id"),
                "https://kv.vault.azure.net/secrets/login",
            ),
        }
        for name in ("first", "other")
    }

    def write(credential_set: str | None) -> None:
        login = credential_set and f"${{{REGISTRY}_credential_set.{credential_set}.id}}"
        workspace.write(
            resource={
                REGISTRY: {"it": GUIDE[REGISTRY]},
                f"{REGISTRY}_credential_set": sets,
                f"{REGISTRY}_cache_rule": {"it": {**rule, "credential_set_id": login}},
            }
        )

    write("first")
    workspace.apply()
    write("other")
    assert workspace.plan()[f"{REGISTRY}_cache_rule"]["actions"] == ["update"]
    write(None)
    assert workspace.plan()[f"{REGISTRY}_cache_rule"]["actions"] == ["delete", "create"]


def test_azure_policy_adds_a_zone_group(workspace: Workspace) -> None:
    """If the configuration ignores the zone group, no plan changes; the state shows its names."""
    arguments = {
        "private_dns_zone_group": [],
        "lifecycle": {"ignore_changes": ["private_dns_zone_group"]},
    }
    workspace.write({ENDPOINT: arguments})
    workspace.apply()
    assert len(workspace.state()[ENDPOINT]["values"]["custom_dns_configs"]) == 2
    with workspace.cloud.edit() as contents:
        (zone,) = (id_ for id_, each in contents["resources"].items() if each["type"] == ZONE)
        (endpoint,) = (each for each in contents["resources"].values() if each["type"] == ENDPOINT)
        group = {"name": "policy", "private_dns_zone_ids": [zone]}
        endpoint["private_dns_zone_group"] = [group]
    assert workspace.plan() == {}
    workspace.apply()
    values = workspace.state()[ENDPOINT]["values"]
    assert values["custom_dns_configs"] == []
    assert len(values["private_dns_zone_configs"][0]["record_sets"]) == 2


def test_unsorted_replicas_are_a_change_in_each_plan(workspace: Workspace) -> None:
    """Azure returns sorted replicas, so an unsorted configuration has a change in each plan."""
    replicas = [{"location": "centralus"}, {"location": "westus2"}]
    workspace.write({REGISTRY: {"georeplications": replicas}})
    workspace.apply()
    assert workspace.plan() == {}
    workspace.write({REGISTRY: {"georeplications": replicas[::-1]}})
    workspace.apply()
    assert list(workspace.plan()) == [REGISTRY]


def test_secondary_resources(workspace: Workspace) -> None:
    """Terraform applies and destroys a token, password, cache rule, lock and diagnostic setting."""
    registry = f"${{{REGISTRY}.it.id}}"
    types: Json = {
        "azurerm_container_registry_token": {
            "name": "aro-pull",
            "container_registry_name": f"${{{REGISTRY}.it.name}}",
            "resource_group_name": RG,
            "scope_map_id": f"{registry}/scopeMaps/_repositories_pull",
        },
        "azurerm_container_registry_token_password": {
            "container_registry_token_id": "${azurerm_container_registry_token.it.id}",
            "password1": {},
        },
        "azurerm_container_registry_cache_rule": {
            "name": "quay-strimzi",
            "container_registry_id": registry,
            "source_repo": "quay.io/strimzi/*",
            "target_repo": "strimzi/*",
        },
        "azurerm_management_lock": {
            "name": "keep",
            "scope": registry,
            "lock_level": "CanNotDelete",
            # Terraform deletes the lock first, because it would block these deletions too.
            "depends_on": [
                "azurerm_container_registry_cache_rule.it",
                "azurerm_container_registry_token.it",
                "azurerm_monitor_diagnostic_setting.it",
            ],
        },
        "azurerm_monitor_diagnostic_setting": {
            "name": "audit",
            "target_resource_id": registry,
            "log_analytics_workspace_id": f"{PROVIDERS}/Microsoft.OperationalInsights"
            "/workspaces/logs",
            "enabled_log": [{"category": "Two"}, {"category": "One"}],
        },
    }
    resources = {type_: {"it": arguments} for type_, arguments in types.items()}
    resources[REGISTRY] = {"it": GUIDE[REGISTRY]}
    workspace.write(resource=resources)
    workspace.apply()
    passwords = workspace.state()["azurerm_container_registry_token_password"]
    assert passwords["values"]["password1"][0]["value"]
    assert passwords["sensitive_values"]["password1"] == [{"value": True}]
    assert workspace.plan() == {}
    workspace.run("destroy", "-auto-approve")
    assert workspace.cloud.resources(REGISTRY) == {}


def test_a_locked_registry_is_not_destroyed(applied: Workspace) -> None:
    """`terraform destroy` fails and the registry stays in Azure if it has a CanNotDelete lock."""
    (id_,) = applied.cloud.resources(REGISTRY)
    applied.cloud.add("azurerm_management_lock", name="keep", scope=id_, lock_level="CanNotDelete")
    applied.run("destroy", "-auto-approve", error="ScopeLocked")
    assert list(applied.cloud.resources(REGISTRY)) == [id_]


def test_an_endpoint_of_a_locked_registry_loses_only_its_records(
    applied: Workspace,
) -> None:
    """The provider deletes the DNS zone group first; then Azure refuses to delete the endpoint."""
    (registry,) = applied.cloud.resources(REGISTRY)
    applied.cloud.add(
        "azurerm_management_lock", name="keep", scope=registry, lock_level="CanNotDelete"
    )
    applied.write({ENDPOINT: {"custom_network_interface_name": "nic"}})
    applied.apply(error="ScopeLocked")
    (endpoint,) = applied.cloud.resources(ENDPOINT).values()
    assert endpoint["private_dns_zone_group"] == []
    (zone,) = applied.cloud.resources(ZONE).values()
    assert zone["number_of_record_sets"] == 1


def test_a_plan_fails_if_a_lock_blocks_the_list_of_credentials(applied: Workspace) -> None:
    """The refresh of a registry with an admin user fails if the registry has a ReadOnly lock."""
    (registry,) = applied.cloud.resources(REGISTRY)
    applied.cloud.add("azurerm_management_lock", name="keep", scope=registry, lock_level="ReadOnly")
    applied.run("plan", error="ScopeLocked")
    applied.write({REGISTRY: {"admin_enabled": False}})
    applied.run("plan", error="ScopeLocked")
