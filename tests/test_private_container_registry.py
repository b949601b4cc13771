"""The construct, used as in somebody's own app: its defaults, its arguments, and its contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsii
import pytest
from cdktf import App, Aspects, IAspect, TerraformOutput, TerraformStack, TerraformVariable, Testing
from cdktf_cdktf_provider_azurerm.container_registry import (
    ContainerRegistry,
    ContainerRegistryEncryption,
    ContainerRegistryGeoreplications,
    ContainerRegistryIdentity,
)
from cdktf_cdktf_provider_azurerm.data_azurerm_container_registry import (
    DataAzurermContainerRegistry,
)
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork
from constructs import IConstruct
from helpers import Json, ids, names, reference, the

from constructs_lib import (
    MANAGED_BY_POLICY,
    Existing,
    PrivateContainerRegistry,
    private_container_registry,
)

ENDPOINT, LINK = "azurerm_private_endpoint", "azurerm_private_dns_zone_virtual_network_link"
REGISTRY, SUBNET, ZONE = (
    "azurerm_container_registry",
    "azurerm_subnet",
    "azurerm_private_dns_zone",
)


def own_app(folder: Path) -> App:
    """An app as somebody makes it; one of ``Testing`` is another object each time it is met."""
    return App(outdir=str(folder))


def own_stack(app: App | None = None, name: str = "own") -> TerraformStack:
    """A stack as somebody else's app has it."""
    stack = TerraformStack(app or Testing.app(), name)
    AzurermProvider(stack, "azurerm", features=[AzurermProviderFeatures()])
    return stack


def looked_up(stack: TerraformStack) -> DataAzurermVirtualNetwork:
    """A network that the stack looks up by name."""
    return DataAzurermVirtualNetwork(stack, "vnet", name="vnet", resource_group_name="network-rg")


def registry(
    stack: TerraformStack, id: str = "acr", network: Any = None, **arguments: Any
) -> PrivateContainerRegistry:
    """The construct with as little said as possible."""
    return PrivateContainerRegistry(
        stack,
        id,
        **{
            "resource_group_name": "rg",
            "location": "westeurope",
            "virtual_network": network or looked_up(stack),
            "container_registry_name": "acr12345",
            "endpoint_subnet_address_prefix": "10.0.8.0/23",
            **arguments,
        },
    )


def synthesized(stack: TerraformStack) -> Json:
    """The stack's JSON, with cdktf's validations run."""
    result: Json = json.loads(Testing.synth(stack, True))
    return result


def only(**arguments: Any) -> Json:
    """The JSON of a stack with one registry."""
    stack = own_stack()
    registry(stack, **arguments)
    return synthesized(stack)


@pytest.fixture(scope="module")
def default() -> Json:
    """One registry with every default."""
    return only()


@pytest.fixture(scope="module")
def changed() -> Json:
    """One registry with every optional argument given."""
    return only(
        endpoint_subnet_name="subnet",
        admin_enabled=True,
        private_dns_zone_virtual_network_link_name="link",
        private_endpoint_name="endpoint",
        private_service_connection_name="connection",
        private_dns_zone_group_name="group",
        deletion_protection=False,
        tags={"team": "platform"},
    )


def test_the_subnet_is_made_in_the_network(default: Json) -> None:
    """It is in the network's resource group, not the registry's, and policies are off as stated."""
    subnet = the(default, SUBNET)
    subnet.pop("lifecycle")
    network = "data.azurerm_virtual_network.vnet"
    assert subnet == {
        "name": "PrivateEndpoint-subnet",
        "resource_group_name": f"${{{network}.resource_group_name}}",
        "virtual_network_name": f"${{{network}.name}}",
        "address_prefixes": ["10.0.8.0/23"],
        "private_endpoint_network_policies": "Disabled",
    }


def test_the_registry_is_private_premium_and_protected(default: Json) -> None:
    """Nothing else is said: no admin user, no network rule, no policy that deletes or blocks."""
    assert the(default, REGISTRY) == {
        "name": "acr12345",
        "resource_group_name": "rg",
        "location": "westeurope",
        "sku": "Premium",
        "public_network_access_enabled": False,
        "admin_enabled": False,
        "lifecycle": {"prevent_destroy": True},
    }


def test_the_zone_is_the_one_that_azure_resolves_registries_in(default: Json) -> None:
    """A zone of another name, such as one for a region, would break pulls."""
    assert the(default, ZONE) == {"name": "privatelink.azurecr.io", "resource_group_name": "rg"}


def test_the_link_joins_zone_and_network(default: Json) -> None:
    """It refers to both, so that Terraform makes and deletes them in order."""
    assert the(default, LINK) == {
        "name": "AcrDNSLink",
        "resource_group_name": "rg",
        "private_dns_zone_name": reference(default, ZONE, "name"),
        "virtual_network_id": "${data.azurerm_virtual_network.vnet.id}",
        "registration_enabled": False,
    }


def test_the_endpoint_joins_subnet_registry_and_zone(default: Json) -> None:
    """It is in the network's region, whatever the registry's, and not approved by hand."""
    assert the(default, ENDPOINT) == {
        "name": "acrPvtEndpoint",
        "resource_group_name": "rg",
        "location": "${data.azurerm_virtual_network.vnet.location}",
        "subnet_id": reference(default, SUBNET, "id"),
        "private_service_connection": {
            "name": "acrConnection",
            "private_connection_resource_id": reference(default, REGISTRY, "id"),
            "subresource_names": ["registry"],
            "is_manual_connection": False,
        },
        "private_dns_zone_group": {
            "name": "ACR-ZoneGroup",
            "private_dns_zone_ids": [reference(default, ZONE, "id")],
        },
    }


def test_nothing_else_is_made(default: Json) -> None:
    """Neither a network nor an output: those are the stack's."""
    assert set(default["resource"]) == {SUBNET, REGISTRY, ZONE, LINK, ENDPOINT}
    assert "output" not in default
    assert set(default["data"]) == {"azurerm_virtual_network"}


def test_each_name_can_be_chosen(changed: Json) -> None:
    """Each reaches its own resource."""
    endpoint = the(changed, ENDPOINT)
    assert the(changed, SUBNET)["name"] == "subnet"
    assert the(changed, LINK)["name"] == "link"
    assert endpoint["name"] == "endpoint"
    assert endpoint["private_service_connection"]["name"] == "connection"
    assert endpoint["private_dns_zone_group"]["name"] == "group"


def test_the_admin_user_can_be_turned_on(changed: Json) -> None:
    """And nothing about the registry's privacy changes with it."""
    assert the(changed, REGISTRY)["admin_enabled"] is True
    assert the(changed, REGISTRY)["public_network_access_enabled"] is False


def test_deletion_protection_can_be_turned_off(changed: Json) -> None:
    """No lifecycle is left then: ``prevent_destroy`` false would say the same in more words."""
    assert "lifecycle" not in the(changed, REGISTRY)


def test_tags_go_on_everything_that_takes_them(changed: Json) -> None:
    """Azure's subnets take none."""
    tagged = {kind for kind in changed["resource"] if "tags" in the(changed, kind)}
    assert tagged == {REGISTRY, ZONE, LINK, ENDPOINT}


def test_tags_are_those_that_azure_keeps() -> None:
    """The registry's own go over the common ones, and private DNS has none that Azure drops."""
    with pytest.warns(UserWarning, match=r"^\[own/acr\] tags left off the private DNS .*: a b$"):
        result = only(tags={"Team": "a", "a b": "c"}, container_registry_tags={"team": "d"})
    assert the(result, REGISTRY)["tags"] == {"a b": "c", "team": "d"}
    assert the(result, ENDPOINT)["tags"] == {"Team": "a", "a b": "c"}
    assert the(result, ZONE)["tags"] == the(result, LINK)["tags"] == {"Team": "a"}


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"a/b": "", "c": "x" * 257}, r"'a/b': 1 to 512 characters.*at most 256 bytes"),
        ({"Team": "", "team": ""}, "Azure knows no capitals"),
        ({f"t{number}": "" for number in range(51)}, "51 tags"),
    ],
)
def test_tags_that_azure_refuses_are_refused(tags: dict[str, str], message: str) -> None:
    """All that is wrong with them at once."""
    with pytest.raises(ValueError, match=message):
        registry(own_stack(), tags=tags)


def test_ids_are_taken_in_whatever_capitals_azure_shows() -> None:
    """The provider compares their fixed segments with capitals."""
    stack = own_stack()
    odd = "/subscriptions/s/resourcegroups/hub-rg/providers/microsoft.{0}"
    right = "/subscriptions/s/resourceGroups/hub-rg/providers/Microsoft.{0}"
    network, logs, user, zone = (
        "network/virtualnetworks/hub",
        "operationalinsights/workspaces/logs",
        "managedidentity/userassignedidentities/acr",
        "network/privatednszones/privatelink.azurecr.io",
    )
    acr = registry(
        stack,
        private_dns_zone=Existing(odd.format(zone)),
        identity=ContainerRegistryIdentity(type="UserAssigned", identity_ids=[odd.format(user)]),
    )
    acr.add_virtual_network_link("hub", name="hub", virtual_network_id=odd.format(network))
    acr.add_audit_logs(odd.format(logs))
    result = synthesized(stack)
    assert the(result, LINK)["virtual_network_id"] == right.format("Network/virtualNetworks/hub")
    assert the(result, "azurerm_monitor_diagnostic_setting")[
        "log_analytics_workspace_id"
    ] == right.format("OperationalInsights/workspaces/logs")
    assert the(result, REGISTRY)["identity"]["identity_ids"] == [
        right.format("ManagedIdentity/userAssignedIdentities/acr")
    ]
    assert the(result, ENDPOINT)["private_dns_zone_group"]["private_dns_zone_ids"] == [
        right.format("Network/privateDnsZones/privatelink.azurecr.io")
    ]


def test_one_region_has_one_static_address() -> None:
    """One of the two would silently disappear."""
    with pytest.raises(ValueError, match="one region in two spellings: East US, eastus"):
        only(private_ip_addresses={"East US": "10.0.8.4", "eastus": "10.0.8.5"})


def test_optional_arguments_change_no_id(default: Json, changed: Json) -> None:
    """No setting of a registry in use may replace it."""
    assert ids(default) == ids(changed)


def test_two_registries_live_in_one_stack() -> None:
    """Nothing of one collapses into the other, and each refers to its own parts only."""
    stack = own_stack()
    network = looked_up(stack)
    registry(stack, "one", network)
    registry(stack, "two", network)
    resources = synthesized(stack)["resource"]
    for kind, named in resources.items():
        assert len(named) == 2, kind
        for name, attributes in named.items():
            other = "two" if name.startswith("one_") else "one"
            assert f".{other}_" not in json.dumps(attributes), name


def test_every_string_may_be_a_token() -> None:
    """A variable reaches the JSON as a reference, inside expressions and messages too."""
    names = [
        "resource_group_name",
        "location",
        "container_registry_name",
        "endpoint_subnet_address_prefix",
        "endpoint_subnet_name",
        "private_dns_zone_virtual_network_link_name",
        "private_endpoint_name",
        "private_service_connection_name",
        "private_dns_zone_group_name",
    ]
    stack = own_stack()
    variables = {name: TerraformVariable(stack, f"v_{name}").string_value for name in names}
    registry(stack, **variables, tags={"team": TerraformVariable(stack, "v_tag").string_value})
    text = json.dumps(synthesized(stack)["resource"])
    assert "TfToken" not in text
    for name in [f"v_{name}" for name in names] + ["v_tag"]:
        assert f"${{var.{name}}}" in text
    assert "tostring(var.v_endpoint_subnet_address_prefix)" in text


def test_the_network_may_be_a_resource_of_the_same_stack() -> None:
    """Everything that refers to it does so by attribute: Terraform makes the network first."""
    stack = own_stack()
    network = VirtualNetwork(
        stack,
        "vnet",
        name="vnet",
        resource_group_name="network-rg",
        location="westeurope",
        address_space=["10.0.0.0/16"],
    )
    registry(stack, network=network)
    result = synthesized(stack)
    assert the(result, SUBNET)["virtual_network_name"] == "${azurerm_virtual_network.vnet.name}"
    assert the(result, LINK)["virtual_network_id"] == "${azurerm_virtual_network.vnet.id}"
    assert "data" not in result


def test_a_network_of_another_stack_comes_through_its_outputs() -> None:
    """Even the raw expressions of the precondition follow."""
    app = Testing.app()
    theirs, ours = own_stack(app, "theirs"), own_stack(app, "ours")
    registry(ours, network=looked_up(theirs))
    app.synth()
    text = Path(app.outdir, "stacks", "ours", "cdk.tf.json").read_text()
    assert "data.azurerm_virtual_network" not in text
    (precondition,) = the(json.loads(text), SUBNET)["lifecycle"]["precondition"]
    assert "in data.terraform_remote_state." in precondition["condition"]


def test_resources_and_addresses_are_attributes() -> None:
    """What an app adds around the registry, it hangs on these."""
    stack = own_stack()
    acr = registry(stack)
    assert isinstance(acr.container_registry, ContainerRegistry)
    assert acr.private_dns_zone_virtual_network_link
    acr.container_registry.add_override("export_policy_enabled", False)
    for name, value in {
        "login_server": acr.login_server,
        "zone": acr.private_dns_zone.id,
        "link": acr.private_dns_zone_virtual_network_link.id,
        "subnet": acr.endpoint_subnet.id,
        "nic": acr.private_endpoint.network_interface.get(0).id,
        "ip": acr.private_ip_address,
        "data": acr.data_endpoints.fqn,
        "all": acr.addresses.fqn,
    }.items():
        TerraformOutput(stack, name, value=value)
    result = synthesized(stack)
    outputs = {name: output["value"] for name, output in result["output"].items()}
    addresses, data = sorted(result["locals"])
    assert the(result, REGISTRY)["export_policy_enabled"] is False
    assert outputs["zone"] == reference(result, ZONE, "id")
    assert outputs["link"] == reference(result, LINK, "id")
    assert outputs["subnet"] == reference(result, SUBNET, "id")
    assert outputs["all"] == f"${{local.{addresses}}}"
    assert outputs["data"] == f"${{local.{data}}}"
    login_server = outputs["login_server"].strip("${}")
    assert outputs["ip"] == f"${{one(try(local.{addresses}[{login_server}], []))}}"


ZONE_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
    "/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
)


def test_a_registrys_own_options_are_azurerms(default: Json) -> None:
    """Passed through in azurerm's words; what is not given is not there, as shown above."""
    registry = the(
        only(
            data_endpoint_enabled=True,
            encryption=ContainerRegistryEncryption(key_vault_key_id="k", identity_client_id="i"),
            export_policy_enabled=False,
            identity=ContainerRegistryIdentity(type="UserAssigned", identity_ids=["i"]),
            network_rule_bypass_option="None",
            zone_redundancy_enabled=True,
            tags={"team": "platform", "env": "all"},
            container_registry_tags={"env": "prod"},
        ),
        REGISTRY,
    )
    assert {
        name: value for name, value in registry.items() if name not in the(default, REGISTRY)
    } == {
        "data_endpoint_enabled": True,
        "encryption": [{"key_vault_key_id": "k", "identity_client_id": "i"}],
        "export_policy_enabled": False,
        "identity": {"type": "UserAssigned", "identity_ids": ["i"]},
        "network_rule_bypass_option": "None",
        "zone_redundancy_enabled": True,
        "tags": {"team": "platform", "env": "prod"},
    }


def test_replicas_are_in_azurerms_order() -> None:
    """By region, however the regions are written; in any other, each plan shows a change."""
    replicas = [
        ContainerRegistryGeoreplications(location=location, zone_redundancy_enabled=True)
        for location in ("West Europe", "centralus", "Brazil South")
    ]
    replicated = the(only(georeplications=replicas), REGISTRY)["georeplications"]
    assert [replica["location"] for replica in replicated] == [
        "Brazil South",
        "centralus",
        "West Europe",
    ]


def test_a_replica_takes_pulls_unless_told_not_to() -> None:
    """Where nothing is said, azurerm would send false: paid for, and never used."""
    replicas = [
        ContainerRegistryGeoreplications(location=location, regional_endpoint_enabled=enabled)
        for location, enabled in (("centralus", None), ("eastus", False), ("westus", True))
    ]
    replicated = the(only(georeplications=replicas), REGISTRY)["georeplications"]
    assert [each["regional_endpoint_enabled"] for each in replicated] == [True, False, True]


def test_static_addresses_are_given_by_member() -> None:
    """Regions become the names of their data endpoints' members.

    The order is one, however they are said: another one would replace the endpoint.
    """
    endpoint = the(
        only(private_ip_addresses={"West Europe": "10.0.8.5", "registry": "10.0.8.4"}), ENDPOINT
    )
    assert endpoint["ip_configuration"] == [
        {
            "name": member,
            "member_name": member,
            "subresource_name": "registry",
            "private_ip_address": address,
        }
        for member, address in (
            ("registry", "10.0.8.4"),
            ("registry_data_westeurope", "10.0.8.5"),
        )
    ]


def test_static_addresses_and_replicas_may_be_tokens() -> None:
    """A region that only Terraform knows becomes a member's name there."""
    stack = own_stack()
    region = TerraformVariable(stack, "region").string_value
    address = TerraformVariable(stack, "address").string_value
    registry(
        stack,
        georeplications=[ContainerRegistryGeoreplications(location=region)],
        private_ip_addresses={"registry": address, region: "10.0.8.5"},
    )
    result = synthesized(stack)
    assert the(result, REGISTRY)["georeplications"] == [
        {"location": "${var.region}", "regional_endpoint_enabled": True}
    ]
    members = {
        each["member_name"]: each["private_ip_address"]
        for each in the(result, ENDPOINT)["ip_configuration"]
    }
    assert members == {
        "registry": "${var.address}",
        'registry_data_${lower(replace(var.region, " ", ""))}': "10.0.8.5",
    }


def test_a_given_subnet_is_used_and_none_is_made() -> None:
    """Nothing has to be said of a prefix then."""
    result = only(endpoint_subnet=Existing("subnet-id"), endpoint_subnet_address_prefix=None)
    assert SUBNET not in result["resource"]
    assert the(result, ENDPOINT)["subnet_id"] == "subnet-id"


def test_a_given_zone_is_used_and_neither_zone_nor_link_is_made() -> None:
    """Unless a link is asked for: it is then made where the zone is."""
    stack = own_stack()
    acr = registry(stack, private_dns_zone=Existing(ZONE_ID))
    acr.add_virtual_network_link("hub", name="hub", virtual_network_id="hub-id")
    result = synthesized(stack)
    assert ZONE not in result["resource"]
    assert the(result, ENDPOINT)["private_dns_zone_group"]["private_dns_zone_ids"] == [ZONE_ID]
    assert the(result, LINK) == {
        "name": "hub",
        "resource_group_name": "hub-rg",
        "private_dns_zone_name": "privatelink.azurecr.io",
        "virtual_network_id": "hub-id",
        "registration_enabled": False,
    }
    assert acr.private_dns_zone_virtual_network_link is None


def test_a_zone_that_only_terraform_knows_the_id_of_may_be_linked() -> None:
    """Its name and group are taken out of the id by Terraform."""
    stack = own_stack()
    zone = TerraformVariable(stack, "zone").string_value
    acr = registry(stack, private_dns_zone=Existing(zone))
    acr.add_virtual_network_link("hub", name="hub", virtual_network_id="hub-id")
    link = the(synthesized(stack), LINK)
    assert link["resource_group_name"] == '${element(split("/", var.zone), 4)}'
    assert link["private_dns_zone_name"] == '${element(split("/", var.zone), 8)}'


def test_a_zone_of_azure_policy_is_left_to_it() -> None:
    """Neither zone, link nor zone group, and what the policy attaches is no change."""
    result = only(private_dns_zone=MANAGED_BY_POLICY)
    assert not {ZONE, LINK} & set(result["resource"])
    endpoint = the(result, ENDPOINT)
    assert "private_dns_zone_group" not in endpoint
    assert endpoint["lifecycle"] == {"ignore_changes": ["private_dns_zone_group"]}


def test_a_given_registry_gets_an_endpoint_and_nothing_is_made_of_it() -> None:
    """Its host name is read from the endpoint, since Terraform sees nothing else of it."""
    stack = own_stack()
    acr = registry(
        stack,
        container_registry=Existing("registry-id"),
        container_registry_name=None,
        location=None,
        request_message="please",
    )
    TerraformOutput(stack, "host", value=acr.login_server)
    result = synthesized(stack)
    assert REGISTRY not in result["resource"]
    assert the(result, ENDPOINT)["private_service_connection"] == {
        "name": "acrConnection",
        "private_connection_resource_id": "registry-id",
        "subresource_names": ["registry"],
        "is_manual_connection": True,
        "request_message": "please",
    }
    host = result["output"]["host"]["value"].strip("${}").removeprefix("local.")
    assert 'length(split(".", host)) == 3' in result["locals"][host]


def test_a_registry_of_the_bindings_may_be_given() -> None:
    """A data source tells its host name itself."""
    stack = own_stack()
    theirs = DataAzurermContainerRegistry(stack, "r", name="theirs", resource_group_name="rg")
    acr = registry(stack, container_registry=theirs)
    TerraformOutput(stack, "host", value=acr.login_server)
    result = synthesized(stack)
    assert result["output"]["host"]["value"] == "${data.azurerm_container_registry.r.login_server}"
    assert REGISTRY not in result["resource"]


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("endpoint_subnet_address_prefix", "a prefix for the subnet is needed, or one that exists"),
        ("container_registry_name", "a name for the registry is needed, or one that exists"),
        ("location", "a location for the registry is needed, or one that exists"),
    ],
)
def test_what_is_made_needs_its_arguments(left_out: str, message: str) -> None:
    """And the error says what."""
    with pytest.raises(ValueError, match=message):
        registry(own_stack(), "acr", None, **{left_out: None})


def test_more_networks_may_be_linked() -> None:
    """With a policy for names that the zone does not hold; the cluster's own has one too."""
    stack = own_stack()
    acr = registry(stack, resolution_policy="NxDomainRedirect", tags={"team": "platform"})
    acr.add_virtual_network_link(
        "hub", name="hub", virtual_network_id="hub-id", resolution_policy="Default"
    )
    result = synthesized(stack)
    links = {link["name"]: link for link in result["resource"][LINK].values()}
    assert {name: link["resolution_policy"] for name, link in links.items()} == {
        "AcrDNSLink": "NxDomainRedirect",
        "hub": "Default",
    }
    assert links["hub"]["private_dns_zone_name"] == reference(result, ZONE, "name")
    assert links["hub"]["resource_group_name"] == "rg"
    assert links["hub"]["tags"] == {"team": "platform"}


@pytest.mark.parametrize("first", ["lock", "logs"])
def test_a_lock_is_made_last_and_goes_first(first: str) -> None:
    """It would keep the endpoint's connection and the log setting from being deleted.

    In whichever order they are added: Terraform is to do the same.
    """
    stack = own_stack()
    acr = registry(stack)
    if first == "lock":
        acr.add_lock("CanNotDelete")
    acr.add_audit_logs("workspace-id")
    if first == "logs":
        acr.add_lock("CanNotDelete")
    result = synthesized(stack)
    registry_id = reference(result, REGISTRY, "id")
    endpoint, logs, locked = (
        f"{kind}.{next(iter(result['resource'][kind]))}"
        for kind in (ENDPOINT, "azurerm_monitor_diagnostic_setting", REGISTRY)
    )
    assert the(result, "azurerm_management_lock") == {
        "name": "acr-lock",
        "scope": registry_id,
        "lock_level": "CanNotDelete",
        "notes": (
            "The registry holds images and has audit logs; remove this lock before you delete it."
        ),
        "depends_on": [endpoint, logs],
        "lifecycle": {
            "replace_triggered_by": [f"{endpoint}.id", f"{logs}.id", f"{locked}.georeplications"]
        },
    }
    assert the(result, "azurerm_monitor_diagnostic_setting") == {
        "name": "acr-audit",
        "target_resource_id": registry_id,
        "log_analytics_workspace_id": "workspace-id",
        "enabled_log": [{"category_group": "audit"}],
    }


@pytest.mark.parametrize("level", ["ReadOnly", "${var.level}"])
def test_a_lock_that_may_be_read_only_steps_aside_for_every_change(level: str) -> None:
    """A level that only Terraform knows may be that one."""
    stack = own_stack()
    TerraformVariable(stack, "level")
    registry(stack).add_lock(level)
    result = synthesized(stack)
    assert the(result, "azurerm_management_lock")["lifecycle"]["replace_triggered_by"] == [
        f"{kind}.{next(iter(result['resource'][kind]))}" for kind in (ENDPOINT, REGISTRY)
    ]


def test_a_lock_on_a_registry_of_another_stack_refers_to_nothing_there(tmp_path: Path) -> None:
    """Neither does one on a registry that is known by its id: Terraform would refuse it."""
    app = own_app(tmp_path)
    theirs, ours, by_id = (own_stack(app, name) for name in ("theirs", "ours", "by_id"))
    shared = registry(theirs).container_registry
    for stack, given in ((ours, shared), (by_id, Existing("registry-id"))):
        registry(stack, container_registry=given).add_lock("CanNotDelete")
    app.synth()
    for name in ("ours", "by_id"):
        result = json.loads(Path(app.outdir, "stacks", name, "cdk.tf.json").read_text())
        (endpoint,) = result["resource"][ENDPOINT]
        lifecycle = the(result, "azurerm_management_lock")["lifecycle"]
        assert lifecycle == {"replace_triggered_by": [f"{ENDPOINT}.{endpoint}.id"]}


def test_a_read_only_lock_is_refused_with_the_admin_user() -> None:
    """Both arguments are named; either alone is fine."""
    with pytest.raises(ValueError, match=r"lock_level is 'ReadOnly' and admin_enabled is True"):
        registry(own_stack(), admin_enabled=True).add_lock("ReadOnly")
    registry(own_stack(), admin_enabled=True).add_lock("CanNotDelete")
    registry(own_stack()).add_lock("ReadOnly")


def test_lock_and_log_setting_may_have_other_names() -> None:
    """Where a convention wants them."""
    stack = own_stack()
    acr = registry(stack)
    acr.add_audit_logs("workspace-id", name="audit")
    acr.add_lock("ReadOnly", name="keep")
    result = synthesized(stack)
    assert names(result, "azurerm_monitor_diagnostic_setting") == ["audit"]
    assert names(result, "azurerm_management_lock") == ["keep"]


@pytest.mark.parametrize(
    ("part", "attribute", "weak", "sentence"),
    [
        (
            "container_registry",
            "public_network_access_enabled",
            True,
            "Public network access must be off",
        ),
        ("container_registry", "sku", "Standard", "The SKU must be Premium"),
        ("container_registry", "anonymous_pull_enabled", True, "Anonymous pull must be off"),
        (
            "private_dns_zone",
            "name",
            "eastus.data.privatelink.azurecr.io",
            "The private DNS zone must be the one",
        ),
        (
            "private_endpoint",
            "private_service_connection.subresource_names",
            ["blob"],
            "The private endpoint must lead to the registry",
        ),
    ],
)
def test_an_override_that_opens_the_registry_stops_the_synthesis(
    part: str, attribute: str, weak: object, sentence: str, tmp_path: Path
) -> None:
    """With the rule's sentence, unless a reason is given, which is then in the JSON."""
    app = own_app(tmp_path)
    acr = registry(own_stack(app))
    resource = getattr(acr, part)
    resource.add_override(attribute, weak)
    with pytest.raises(RuntimeError, match=rf"\[own/acr/{part}\] {sentence}"):
        app.synth()
    acr.accept(attribute, "until Friday")
    app.synth()
    text = Path(app.outdir, "stacks", "own", "cdk.tf.json").read_text()
    (made,) = json.loads(text)["resource"][resource.terraform_resource_type].values()
    assert "until Friday" in json.dumps(made["//"]["accepted"])
    assert text.count("until Friday") == 1


def test_what_is_refused_is_not_written_over_an_earlier_synthesis(tmp_path: Path) -> None:
    """Of any stack, whichever holds the registry that an override opens."""
    app = own_app(tmp_path)
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    acr = registry(second)
    app.synth()
    files = [Path(app.outdir, "stacks", name, "cdk.tf.json") for name in ("first", "second")]
    before = [file.read_bytes() for file in files]
    assert isinstance(acr.container_registry, ContainerRegistry)
    acr.container_registry.add_override("public_network_access_enabled", True)
    with pytest.raises(
        RuntimeError, match=r"\[second/acr/container_registry\] Public network access must be off"
    ):
        app.synth()
    assert [file.read_bytes() for file in files] == before


@jsii.implements(IAspect)
class _Opens:
    """An aspect that turns public access on wherever it meets a registry."""

    def visit(self, node: IConstruct) -> None:
        """As cdktf calls it, stack by stack."""
        if isinstance(node, ContainerRegistry):
            node.public_network_access_enabled = True


def test_what_an_aspect_opens_in_a_later_stack_is_refused_too(tmp_path: Path) -> None:
    """Though the first stack was all right when it was asked."""
    app = own_app(tmp_path)
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    registry(second)
    Aspects.of(second).add(_Opens())
    with pytest.raises(
        RuntimeError, match=r"\[second/acr/container_registry\] Public network access must be off"
    ):
        app.synth()


def test_each_registry_of_an_app_is_judged_once(tmp_path: Path) -> None:
    """What is accepted for one is not for the other, and others' registries are not ours."""
    app = own_app(tmp_path)
    stack = own_stack(app)
    network = looked_up(stack)
    one, two = registry(stack, "one", network), registry(stack, "two", network)
    for acr in (one, two):
        assert isinstance(acr.container_registry, ContainerRegistry)
        acr.container_registry.add_override("public_network_access_enabled", True)
    one.accept("public_network_access_enabled", "until Friday")
    ContainerRegistry(
        stack, "theirs", name="theirs", resource_group_name="rg", location="eastus", sku="Basic"
    )
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    message = str(caught.value)
    assert message.count("must be off") == 1
    assert "[own/two/container_registry]" in message


def test_an_app_asks_once_for_all_its_registries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question from Node to Python takes 10 ms."""
    asked: list[object] = []
    judge = private_container_registry._StaysPrivate

    def validate(judging: object) -> list[str]:
        asked.append(judging)
        return []

    monkeypatch.setattr(judge, "validate", validate)
    app = own_app(tmp_path)
    stack = own_stack(app)
    network = looked_up(stack)
    for id in ("one", "two", "three"):
        registry(stack, id, network)
    app.synth()
    assert len(asked) == 2, "the stack and the app"
    assert asked[0] is asked[1]
