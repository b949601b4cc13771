"""The stand-in as the real Terraform sees it: a whole life, imports, replacements and faults."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import standin
from standin import SUBSCRIPTION, Cloud

Json = dict[str, Any]
RG = "network-rg"
REGISTRY = "azurerm_container_registry"
ENDPOINT = "azurerm_private_endpoint"
ZONE = "azurerm_private_dns_zone"
LINK = "azurerm_private_dns_zone_virtual_network_link"
SUBNET = "azurerm_subnet"

GUIDE: Json = {
    SUBNET: {
        "name": "pe",
        "resource_group_name": RG,
        "virtual_network_name": "vnet",
        "address_prefixes": ["10.0.8.0/24"],
    },
    REGISTRY: {
        "name": "MyRegistry",
        "resource_group_name": RG,
        "location": "East US",
        "sku": "Premium",
        "public_network_access_enabled": False,
        "admin_enabled": True,
    },
    ZONE: {"name": "privatelink.azurecr.io", "resource_group_name": RG},
    LINK: {
        "name": "vnet-link",
        "resource_group_name": RG,
        "private_dns_zone_name": f"${{{ZONE}.it.name}}",
        "virtual_network_id": "${data.azurerm_virtual_network.it.id}",
    },
    ENDPOINT: {
        "name": "pe",
        "resource_group_name": RG,
        "location": "${data.azurerm_virtual_network.it.location}",
        "subnet_id": f"${{{SUBNET}.it.id}}",
        "private_service_connection": {
            "name": "pe",
            "is_manual_connection": False,
            "private_connection_resource_id": f"${{{REGISTRY}.it.id}}",
            "subresource_names": ["registry"],
        },
        "private_dns_zone_group": {
            "name": "default",
            "private_dns_zone_ids": [f"${{{ZONE}.it.id}}"],
        },
        "timeouts": {"create": "20m"},
    },
}


class Workspace:
    """A folder in which Terraform runs against a cloud of its own."""

    def __init__(self, folder: Path, plugin: dict[str, str]) -> None:
        """Makes the folder with the guide's configuration in it, initialized."""
        self.folder = folder / "stack"
        self.folder.mkdir()
        self.cloud = Cloud(folder)
        mine = {name: value for name, value in os.environ.items() if not name.startswith("ARM_")}
        self.env = {**mine, **plugin, **self.cloud.env}
        self.write()
        self.run("init")

    def write(self, changes: Json | None = None, /, **sections: Any) -> None:
        """Writes the guide's configuration with changed arguments and further sections."""
        resources = {
            type_: {"it": {**arguments, **(changes or {}).get(type_, {})}}
            for type_, arguments in GUIDE.items()
        }
        network = {"name": "vnet", "resource_group_name": RG}
        config: Json = {
            "terraform": {
                "required_providers": {"azurerm": {"source": "azurerm", "version": "4.55.0"}}
            },
            "provider": {
                "azurerm": {
                    "features": {},
                    "resource_provider_registrations": "none",
                    "resource_providers_to_register": ["Microsoft.ContainerRegistry"],
                }
            },
            "data": {"azurerm_virtual_network": {"it": network}},
            "resource": resources,
            **sections,
        }
        said = {name: section for name, section in config.items() if section}
        (self.folder / "main.tf.json").write_text(json.dumps(said))

    def run(self, *arguments: str, error: str = "") -> str:
        """Runs Terraform; what it says on failure must hold the text given as the error."""
        done = subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        # Terraform breaks lines and frames them.
        said = " ".join(done.stderr.replace("│", " ").split())
        assert bool(done.returncode) == bool(error), done.stdout + done.stderr
        assert error in said
        return done.stdout

    def plan(self) -> Json:
        """The plan as Terraform's JSON: each planned change by its resource's type."""
        self.run("plan", "-out=plan")
        plan: Json = json.loads(self.run("show", "-json", "plan"))
        return {
            each["type"]: each["change"]
            for each in plan["resource_changes"]
            if each["change"]["actions"] != ["no-op"]
        }

    def apply(self, error: str = "") -> str:
        """Applies without asking."""
        return self.run("apply", "-auto-approve", error=error)

    def state(self) -> Json:
        """Each resource in the state, by type."""
        shown = json.loads(self.run("show", "-json"))
        resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
        return {each["type"]: each for each in resources if each["mode"] == "managed"}


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Terraform that knows the stand-in only."""
    return standin.install(tmp_path_factory.mktemp("plugin"))


@pytest.fixture
def workspace(tmp_path: Path, plugin: dict[str, str]) -> Workspace:
    """A workspace in which nothing is applied yet."""
    return Workspace(tmp_path, plugin)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, plugin: dict[str, str]) -> Workspace:
    """One workspace with the guide applied, for tests that only look and plan."""
    workspace = Workspace(tmp_path_factory.mktemp("applied"), plugin)
    workspace.apply()
    return workspace


def test_a_whole_life(workspace: Workspace) -> None:
    """Validated, planned with unknowns, applied, planned empty, and destroyed without a trace."""
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
    assert len(workspace.cloud.log("delete")) == 5


def test_import_of_what_the_guide_made(workspace: Workspace) -> None:
    """What exists is imported by ids in any case, without a change, and is then as if applied."""
    there = workspace.cloud
    registry = there.add(REGISTRY, **GUIDE[REGISTRY])
    subnet = there.add(SUBNET, **GUIDE[SUBNET])
    zone = there.add(ZONE, **GUIDE[ZONE])
    network = {"virtual_network_id": there.network, "private_dns_zone_name": GUIDE[ZONE]["name"]}
    link = there.add(LINK, **{**GUIDE[LINK], **network})
    connection = {**GUIDE[ENDPOINT]["private_service_connection"]}
    connection["private_connection_resource_id"] = registry
    endpoint = there.add(
        ENDPOINT,
        name="pe",
        resource_group_name=RG,
        location="eastus",
        subnet_id=subnet,
        private_service_connection=[connection],
        private_dns_zone_group=[{"name": "default", "private_dns_zone_ids": [zone]}],
    )
    found = {SUBNET: subnet, REGISTRY: registry, ZONE: zone, LINK: link, ENDPOINT: endpoint}
    # A timeout isn't in Azure: to import one is a change.
    workspace.write(
        {ENDPOINT: {"timeouts": None}},
        **{"import": [{"to": f"{type_}.it", "id": id_.upper()} for type_, id_ in found.items()]},
    )
    assert "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy." in workspace.run("plan")
    workspace.apply()
    assert {type_: each["values"]["id"] for type_, each in workspace.state().items()} == found
    assert workspace.plan() == {}


def test_an_id_of_another_type_is_not_imported(workspace: Workspace) -> None:
    """An import block with an id of another shape fails in the plan."""
    workspace.write(**{"import": [{"to": f"{REGISTRY}.it", "id": workspace.cloud.network}]})
    workspace.run("plan", error=f"this is no id of {REGISTRY}")


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
def test_what_forces_replacement(
    applied: Workspace, type_: str, change: Json, path: list[Any]
) -> None:
    """A change that Azure can't make in place is planned as a replacement, and names its cause."""
    applied.write({type_: change})
    planned = applied.plan()[type_]
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
def test_what_is_changed_in_place(applied: Workspace, type_: str, change: Json) -> None:
    """A change that the description doesn't mark is planned as an update."""
    applied.write({type_: change})
    assert {kind: each["actions"] for kind, each in applied.plan().items()} == {type_: ["update"]}


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
def test_what_the_real_schema_refuses(applied: Workspace, changes: Json, error: str) -> None:
    """Unknown, read-only, absent: what the real provider's schema refuses is refused."""
    applied.write(changes)
    applied.run("validate", error=error)


def test_an_unknown_type_is_refused(applied: Workspace) -> None:
    """A resource type that isn't served is an error."""
    applied.write(resource={"azurerm_registry": {"it": {}}})
    applied.run("validate", error='does not support resource type "azurerm_registry"')


def test_blocks_that_terraform_sees_as_attributes(applied: Workspace) -> None:
    """`network_rule_set` and the like are attributes of blocks, with defaults inside."""
    applied.write({REGISTRY: {"network_rule_set": [{"default_action": None, "ip_rule": None}]}})
    after = applied.plan()[REGISTRY]["after"]["network_rule_set"]
    assert [rules["default_action"] for rules in after] == ["Allow"]


def test_a_network_that_is_not_there_fails_the_plan(workspace: Workspace) -> None:
    """A wrong VNet name is found before anything is made, in the real provider's words."""
    there = {"name": "gone", "resource_group_name": RG}
    workspace.write(data={"azurerm_virtual_network": {"it": there}})
    workspace.run(
        "plan",
        error=f'Virtual Network (Subscription: "{SUBSCRIPTION}" Resource Group Name: "{RG}" '
        'Virtual Network Name: "gone") was not found',
    )


def test_data_sources_show_what_others_own(workspace: Workspace) -> None:
    """A registry, a zone, a subnet and a network are read by name, each with its id."""
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
    said = json.loads(workspace.run("output", "-json"))
    assert said["ids"]["value"] == [next(iter(workspace.cloud.resources(kind))) for kind in kinds]
    assert said["login_server"]["value"] == "myregistry.azurecr.io"
    assert said["subnets"]["value"] == ["pe"]


def test_a_resource_that_is_gone_is_made_again(workspace: Workspace) -> None:
    """What somebody deleted outside Terraform is planned anew, and what they changed put right."""
    workspace.apply()
    with workspace.cloud.edit() as there:
        for id_, each in list(there["resources"].items()):
            if each["type"] == LINK:
                del there["resources"][id_]
            if each["type"] == REGISTRY:
                each["admin_enabled"] = False
    planned = workspace.plan()
    assert planned[LINK]["actions"] == ["create"]
    assert planned[REGISTRY]["actions"] == ["update"]
    workspace.apply()
    assert workspace.plan() == {}


def test_services_are_registered_during_plan(workspace: Workspace) -> None:
    """A plan registers what it is told to, once, and a refusal of that fails the plan."""
    register = {"operation": "register", "type": "Microsoft.ContainerRegistry", "effect": "fail"}
    workspace.cloud.set_faults({**register, "message": "AuthorizationFailed"})
    workspace.run("plan", error="AuthorizationFailed")
    workspace.cloud.set_faults()
    workspace.run("plan")
    workspace.run("plan")
    assert workspace.cloud.log("register") == [(register["type"], 500), (register["type"], 200)]


def test_services_are_registered_unless_the_configuration_says_none(workspace: Workspace) -> None:
    """Without a word on registration the provider registers by itself."""
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
def test_a_provider_that_cannot_work(
    workspace: Workspace, variables: dict[str, str], provider: Json, error: str
) -> None:
    """No subscription, another cloud's environment, two words on registration: the plan fails."""
    workspace.env |= variables
    workspace.write(provider={"azurerm": {"features": {}, **provider}})
    workspace.run("plan", error=error)


def test_the_configuration_names_the_subscription(workspace: Workspace) -> None:
    """`subscription_id` in the configuration goes before the environment's."""
    workspace.write(
        provider={"azurerm": {"features": {}, "subscription_id": "another"}}, resource={}
    )
    workspace.run("plan", error='Subscription: "another"')


def fault(effect: str, **more: Any) -> Json:
    """A fault of the endpoint's first creation."""
    return {"operation": "create", "type": ENDPOINT, "effect": effect, "message": "Oops", **more}


def test_a_create_that_fails(workspace: Workspace) -> None:
    """The rest stands, and the next apply makes what is missing."""
    workspace.cloud.set_faults(fault("fail"))
    workspace.apply(error="Oops")
    assert workspace.cloud.resources(ENDPOINT) == {}
    assert ENDPOINT not in workspace.state()
    workspace.apply()
    assert workspace.plan() == {}


def test_a_create_whose_answer_is_lost(workspace: Workspace) -> None:
    """The resource is there and the state doesn't know: the next apply asks for an import."""
    workspace.cloud.set_faults(fault("lose_answer"))
    workspace.apply(error="Oops")
    (id_,) = workspace.cloud.resources(ENDPOINT)
    assert ENDPOINT not in workspace.state()
    workspace.apply(
        error=f'A resource with the ID "{id_}" already exists - to be managed via Terraform this '
        "resource needs to be imported into the State."
    )


def test_a_create_that_leaves_its_resource_tainted(workspace: Workspace) -> None:
    """The resource is there and the state has it as tainted: the next apply replaces it."""
    workspace.cloud.set_faults(fault("taint"))
    workspace.apply(error="Oops")
    assert workspace.state()[ENDPOINT]["tainted"] is True
    assert workspace.plan()[ENDPOINT]["actions"] == ["delete", "create"]
    workspace.apply()
    assert workspace.plan() == {}


def test_a_delete_that_is_refused(workspace: Workspace) -> None:
    """The resource and what it lies in stay, in the cloud and in the state."""
    workspace.apply()
    workspace.cloud.set_faults(fault("fail", operation="delete"))
    workspace.run("destroy", "-auto-approve", error="Oops")
    assert len(workspace.cloud.resources(ENDPOINT)) == 1
    assert set(workspace.state()) >= {ENDPOINT, SUBNET, REGISTRY}
    workspace.run("destroy", "-auto-approve")
    assert workspace.cloud.resources(ENDPOINT) == {}


@pytest.mark.parametrize(("effect", "status"), [("throttle", 429), ("polls", 202)])
def test_a_create_that_takes_patience(workspace: Workspace, effect: str, status: int) -> None:
    """The provider asks again on throttling and on an operation of several polls."""
    workspace.cloud.set_faults(fault(effect, times=3))
    workspace.apply()
    answers = [answer for type_, answer in workspace.cloud.log("create") if type_ == ENDPOINT]
    assert answers == [status, status, status, 200]


def test_patience_ends(workspace: Workspace) -> None:
    """Throttling without an end is an error."""
    workspace.cloud.set_faults(fault("throttle", times=1000))
    workspace.apply(error="no end: 429")


def test_azures_objection_is_the_providers_error(workspace: Workspace) -> None:
    """What Azure refuses fails the apply, with the resource's kind and name and Azure's words."""
    workspace.write({SUBNET: {"address_prefixes": ["10.9.0.0/24"]}})
    workspace.apply(error='creating Subnet (Subscription: "')
    workspace.apply(error="NetcfgSubnetRangeOutsideVnet: Subnet 'pe' is not valid")


def test_a_zone_group_that_azure_policy_attached(workspace: Workspace) -> None:
    """Ignored in the configuration it changes no plan, and the names move in the state."""
    ignored = {
        "private_dns_zone_group": [],
        "lifecycle": {"ignore_changes": ["private_dns_zone_group"]},
    }
    workspace.write({ENDPOINT: ignored})
    workspace.apply()
    assert len(workspace.state()[ENDPOINT]["values"]["custom_dns_configs"]) == 2
    with workspace.cloud.edit() as there:
        (zone,) = (id_ for id_, each in there["resources"].items() if each["type"] == ZONE)
        (endpoint,) = (each for each in there["resources"].values() if each["type"] == ENDPOINT)
        group = {"name": "policy", "private_dns_zone_ids": [zone]}
        endpoint["private_dns_zone_group"] = [group]
    assert workspace.plan() == {}
    workspace.apply()
    values = workspace.state()[ENDPOINT]["values"]
    assert values["custom_dns_configs"] == []
    assert len(values["private_dns_zone_configs"][0]["record_sets"]) == 2


def test_replicas_out_of_order_never_come_to_rest(workspace: Workspace) -> None:
    """Replicas are shown sorted: given otherwise, each plan has a change."""
    sort = [{"location": "centralus"}, {"location": "westus2"}]
    workspace.write({REGISTRY: {"georeplications": sort}})
    workspace.apply()
    assert workspace.plan() == {}
    workspace.write({REGISTRY: {"georeplications": sort[::-1]}})
    workspace.apply()
    assert list(workspace.plan()) == [REGISTRY]


def test_secondary_resources(workspace: Workspace) -> None:
    """Token, password, cache rule, lock and diagnostic setting live and leave no change behind."""
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
            # Destroyed before them: it would refuse their deletion too.
            "depends_on": [
                "azurerm_container_registry_cache_rule.it",
                "azurerm_container_registry_token.it",
                "azurerm_monitor_diagnostic_setting.it",
            ],
        },
        "azurerm_monitor_diagnostic_setting": {
            "name": "audit",
            "target_resource_id": registry,
            "log_analytics_workspace_id": f"{workspace.cloud.group}/providers"
            "/Microsoft.OperationalInsights/workspaces/logs",
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


def test_a_lock_keeps_its_registry(workspace: Workspace) -> None:
    """A registry taken out of the configuration under a lock stays in Azure."""
    workspace.apply()
    (id_,) = workspace.cloud.resources(REGISTRY)
    workspace.cloud.add(
        "azurerm_management_lock", name="keep", scope=id_, lock_level="CanNotDelete"
    )
    workspace.run("destroy", "-auto-approve", error="ScopeLocked")
    assert list(workspace.cloud.resources(REGISTRY)) == [id_]


def test_an_endpoint_of_a_locked_registry_loses_its_records_and_stays(
    workspace: Workspace,
) -> None:
    """The provider deletes the DNS zone group first; then Azure refuses to delete the endpoint."""
    workspace.apply()
    (registry,) = workspace.cloud.resources(REGISTRY)
    workspace.cloud.add(
        "azurerm_management_lock", name="keep", scope=registry, lock_level="CanNotDelete"
    )
    workspace.write({ENDPOINT: {"custom_network_interface_name": "nic"}})
    workspace.apply(error="ScopeLocked")
    (endpoint,) = workspace.cloud.resources(ENDPOINT).values()
    assert endpoint["private_dns_zone_group"] == []
    (zone,) = workspace.cloud.resources(ZONE).values()
    assert zone["number_of_record_sets"] == 1


def test_a_plan_fails_where_credentials_can_not_be_listed(workspace: Workspace) -> None:
    """The guide's admin user is on, and a ReadOnly lock refuses the request."""
    workspace.apply()
    (registry,) = workspace.cloud.resources(REGISTRY)
    workspace.cloud.add(
        "azurerm_management_lock", name="keep", scope=registry, lock_level="ReadOnly"
    )
    workspace.run("plan", error="ScopeLocked")
    workspace.write({REGISTRY: {"admin_enabled": False}})
    workspace.run("plan", error="ScopeLocked")
