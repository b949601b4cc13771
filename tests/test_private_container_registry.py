"""The construct, used as in somebody's own app: its defaults, its arguments, and its contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, TerraformOutput, TerraformStack, TerraformVariable, Testing, Token
from cdktf_cdktf_provider_azurerm.container_registry import ContainerRegistry
from cdktf_cdktf_provider_azurerm.data_azurerm_container_registry import (
    DataAzurermContainerRegistry,
)
from cdktf_cdktf_provider_azurerm.data_azurerm_subnet import DataAzurermSubnet
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork
from helpers import Json, ids, names, reference, the

from constructs_lib import (
    Encryption,
    FurtherVirtualNetworkLink,
    Georeplication,
    Identity,
    NewAuditLogs,
    NewLock,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateContainerRegistry,
    PrivateDnsZone,
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


THERE = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
SUBNET_ID = f"{THERE}/Microsoft.Network/virtualNetworks/vnet/subnets/subnet".replace(
    "hub-rg", "network-rg"
)
REGISTRY_ID = f"{THERE}/Microsoft.ContainerRegistry/registries/theirs"
ZONE_ID = f"{THERE}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
NETWORK_ID = f"{THERE}/Microsoft.Network/virtualNetworks/hub"
WORKSPACE = f"{THERE}/Microsoft.OperationalInsights/workspaces/logs"
IDENTITY = f"{THERE}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"
KEY = "https://kv.vault.azure.net/keys/acr"
CLIENT = "00000000-0000-0000-0000-000000000009"


def new_registry(**arguments: Any) -> NewRegistry:
    """A registry with as little said as possible."""
    return NewRegistry(**{"name": "acr12345", "location": "westeurope", **arguments})


def registry(
    stack: TerraformStack, id: str = "acr", network: Any = None, **arguments: Any
) -> PrivateContainerRegistry:
    """The construct with as little said as possible."""
    return PrivateContainerRegistry(
        stack,
        id,
        **{
            "resource_group_name": "rg",
            "virtual_network": network or looked_up(stack),
            "endpoint_subnet": NewSubnet(address_prefix="10.0.8.0/23"),
            "container_registry": new_registry(),
            **arguments,
        },
    )


def hub(**arguments: Any) -> FurtherVirtualNetworkLink:
    """A link to one more network."""
    return FurtherVirtualNetworkLink(
        **{"name": "hub", "virtual_network_id": NETWORK_ID, **arguments}
    )


LOCK = NewLock(lock_level="CanNotDelete")
LOGS = NewAuditLogs(log_analytics_workspace_id=WORKSPACE)


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
        endpoint_subnet=NewSubnet(name="subnet", address_prefix="10.0.8.0/23"),
        container_registry=new_registry(admin_enabled=True, deletion_protection=False),
        private_dns_zone_virtual_network_link=NewVirtualNetworkLink(name="link"),
        private_endpoint=NewPrivateEndpoint(
            name="endpoint",
            private_service_connection_name="connection",
            private_dns_zone_group_name="group",
        ),
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
        result = only(
            tags={"Team": "a", "a b": "c"}, container_registry=new_registry(tags={"team": "d"})
        )
    assert the(result, REGISTRY)["tags"] == {"a b": "c", "team": "d"}
    assert the(result, ENDPOINT)["tags"] == {"Team": "a", "a b": "c"}
    assert the(result, ZONE)["tags"] == the(result, LINK)["tags"] == {"Team": "a"}


def test_ids_are_taken_in_whatever_capitals_azure_shows() -> None:
    """The provider compares their fixed segments with capitals."""
    stack = own_stack()

    def odd(id: str) -> str:
        for word in ("resourceGroups", "Microsoft", "privateDnsZones", "virtualNetworks"):
            id = id.replace(word, word.lower())
        return id

    acr = registry(
        stack,
        private_dns_zone=odd(ZONE_ID),
        container_registry=new_registry(
            identity=Identity(type="UserAssigned", identity_ids=[odd(IDENTITY)])
        ),
    )
    acr.add_virtual_network_link("hub", hub(virtual_network_id=odd(NETWORK_ID)))
    acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=odd(WORKSPACE)))
    result = synthesized(stack)
    logs = the(result, "azurerm_monitor_diagnostic_setting")
    assert the(result, LINK)["virtual_network_id"] == NETWORK_ID
    assert logs["log_analytics_workspace_id"] == WORKSPACE
    assert the(result, REGISTRY)["identity"]["identity_ids"] == [IDENTITY]
    assert the(result, ENDPOINT)["private_dns_zone_group"]["private_dns_zone_ids"] == [ZONE_ID]


def test_optional_arguments_change_no_id(default: Json, changed: Json) -> None:
    """No setting of a registry in use may replace it."""
    assert ids(default) == ids(changed)


def test_two_registries_live_in_one_stack() -> None:
    """Nothing of one collapses into the other; they share a network, and so a zone and its link."""
    stack = own_stack()
    network = looked_up(stack)
    one = registry(stack, "one", network)
    registry(
        stack,
        "two",
        network,
        endpoint_subnet=NewSubnet(name="two", address_prefix="10.0.10.0/24"),
        container_registry=new_registry(name="two12345"),
        private_dns_zone=one.private_dns_zone,
        private_endpoint=NewPrivateEndpoint(name="two"),
    )
    resources = synthesized(stack)["resource"]
    assert {kind: len(named) for kind, named in resources.items()} == {
        **dict.fromkeys([SUBNET, REGISTRY, ENDPOINT], 2),
        **dict.fromkeys([ZONE, LINK], 1),
    }
    for kind, named in resources.items():
        for name, attributes in named.items():
            text = json.dumps(attributes).replace(".one_private_dns_zone_", "")
            other = "two" if name.startswith("one_") else "one"
            assert f".{other}_" not in text, (kind, name)


def test_every_value_may_be_a_token() -> None:
    """A variable reaches the JSON as a reference, inside expressions and messages too."""
    stack = own_stack()

    def text(name: str) -> str:
        return TerraformVariable(stack, f"v_{name}").string_value

    def flag(name: str) -> Any:
        return TerraformVariable(stack, f"v_{name}").boolean_value

    acr = registry(
        stack,
        resource_group_name=text("group"),
        endpoint_subnet=NewSubnet(name=text("subnet"), address_prefix=text("prefix")),
        container_registry=NewRegistry(
            name=text("name"),
            location=text("location"),
            admin_enabled=flag("admin"),
            export_policy_enabled=flag("export"),
            encryption=Encryption(key_vault_key_id=text("key"), identity_client_id=text("client")),
            identity=Identity(type="UserAssigned", identity_ids=[text("identity")]),
            tags={text("tag_name"): text("tag_value")},
        ),
        private_dns_zone_virtual_network_link=NewVirtualNetworkLink(name=text("link")),
        private_endpoint=NewPrivateEndpoint(
            name=text("endpoint"),
            private_service_connection_name=text("connection"),
            private_dns_zone_group_name=text("zone_group"),
        ),
        tags={"team": text("team")},
    )
    acr.add_virtual_network_link("hub", hub(name=text("hub"), virtual_network_id=text("network")))
    acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=text("workspace")))
    acr.add_lock(NewLock(lock_level="CanNotDelete", name=text("lock")))
    result = synthesized(stack)
    used = json.dumps(result["resource"])
    assert "TfToken" not in used
    for name in result["variable"]:
        assert f"var.{name}" in used, name
    assert "tostring(var.v_prefix)" in used


def test_whole_lists_and_maps_may_be_tokens() -> None:
    """Identities and tags that only Terraform knows."""
    stack = own_stack()
    ids_, tags = TerraformVariable(stack, "ids"), TerraformVariable(stack, "tags")
    registry(
        stack,
        tags=Token.as_string_map(tags.fqn),
        container_registry=new_registry(
            identity=Identity(type="UserAssigned", identity_ids=ids_.list_value)
        ),
    )
    result = synthesized(stack)
    assert the(result, REGISTRY)["identity"]["identity_ids"] == "${var.ids}"
    assert the(result, ENDPOINT)["tags"] == the(result, ZONE)["tags"] == "${var.tags}"


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
    """What an app adds around the registry, it hangs on these; each may be an output as it is."""
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
        "data": acr.data_endpoints,
        "all": acr.addresses,
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


def test_the_encryption_key_is_a_block(default: Json) -> None:
    """Azurerm's attribute is a list of one; the identity that reads the key is given with it."""
    encrypted = the(
        only(
            container_registry=new_registry(
                encryption=Encryption(key_vault_key_id=KEY, identity_client_id=CLIENT),
                identity=Identity(type="UserAssigned", identity_ids=[IDENTITY]),
            )
        ),
        REGISTRY,
    )
    assert {k: v for k, v in encrypted.items() if k not in the(default, REGISTRY)} == {
        "encryption": [{"key_vault_key_id": KEY, "identity_client_id": CLIENT}],
        "identity": {"type": "UserAssigned", "identity_ids": [IDENTITY]},
    }


def replicated(*replicas: Georeplication) -> Any:
    """The replicas of a registry, as they are in the JSON."""
    return the(only(container_registry=new_registry(georeplications=[*replicas])), REGISTRY)[
        "georeplications"
    ]


def test_replicas_are_in_azurerms_order() -> None:
    """By region, however the regions are written; in any other, each plan shows a change."""
    given = [
        Georeplication(location=name) for name in ("North Europe", "centralus", "Brazil South")
    ]
    assert [each["location"] for each in replicated(*given)] == [
        "Brazil South",
        "centralus",
        "North Europe",
    ]


def test_a_replica_takes_pulls_unless_told_not_to() -> None:
    """Where nothing is said, azurerm would send false: paid for, and never used."""
    given = [
        Georeplication(location="centralus"),
        Georeplication(location="eastus", regional_endpoint_enabled=False),
        Georeplication(location="westus", regional_endpoint_enabled=True),
    ]
    assert [each["regional_endpoint_enabled"] for each in replicated(*given)] == [True, False, True]


def test_static_addresses_are_given_by_member() -> None:
    """Regions become the names of their data endpoints' members.

    The order is one, however they are given: another one would replace the endpoint.
    """
    addresses = {"West Europe": "10.0.8.5", "registry": "10.0.8.4"}
    endpoint = the(
        only(private_endpoint=NewPrivateEndpoint(private_ip_addresses=addresses)), ENDPOINT
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
        container_registry=new_registry(georeplications=[Georeplication(location=region)]),
        private_endpoint=NewPrivateEndpoint(
            private_ip_addresses={"registry": address, region: "10.0.8.5"}
        ),
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


def test_a_given_subnet_is_used_and_none_is_created() -> None:
    """By its id, or as a resource or data source of the bindings."""
    result = only(endpoint_subnet=SUBNET_ID)
    assert SUBNET not in result["resource"]
    assert the(result, ENDPOINT)["subnet_id"] == SUBNET_ID
    stack = own_stack()
    theirs = DataAzurermSubnet(
        stack, "s", name="s", virtual_network_name="vnet", resource_group_name="network-rg"
    )
    registry(stack, endpoint_subnet=theirs)
    assert the(synthesized(stack), ENDPOINT)["subnet_id"] == "${data.azurerm_subnet.s.id}"


def test_a_given_zone_is_used_and_neither_zone_nor_link_is_created() -> None:
    """Unless a link is asked for: it is then created where the zone is."""
    stack = own_stack()
    acr = registry(stack, private_dns_zone=ZONE_ID)
    assert acr.private_dns_zone_virtual_network_link is None
    acr.add_virtual_network_link("hub", hub())
    result = synthesized(stack)
    assert ZONE not in result["resource"]
    assert the(result, ENDPOINT)["private_dns_zone_group"]["private_dns_zone_ids"] == [ZONE_ID]
    assert the(result, LINK) == {
        "name": "hub",
        "resource_group_name": "hub-rg",
        "private_dns_zone_name": "privatelink.azurecr.io",
        "virtual_network_id": NETWORK_ID,
        "registration_enabled": False,
    }


def test_the_clusters_own_link_to_a_given_zone_is_asked_for_at_once() -> None:
    """With the provider of the zone's subscription."""
    stack = own_stack()
    theirs = AzurermProvider(stack, "theirs", features=[AzurermProviderFeatures()], alias="theirs")
    acr = registry(
        stack,
        private_dns_zone=ZONE_ID,
        private_dns_zone_virtual_network_link=NewVirtualNetworkLink(name="spoke"),
        private_dns_zone_provider=theirs,
    )
    acr.add_virtual_network_link("hub", hub())
    links = synthesized(stack)["resource"][LINK].values()
    assert {link["name"]: link["provider"] for link in links} == {
        "spoke": "azurerm.theirs",
        "hub": "azurerm.theirs",
    }


def test_a_zone_that_only_terraform_knows_the_id_of_may_be_linked() -> None:
    """Its name and group are taken out of the id by Terraform."""
    stack = own_stack()
    zone = TerraformVariable(stack, "zone").string_value
    registry(stack, private_dns_zone=zone).add_virtual_network_link("hub", hub())
    link = the(synthesized(stack), LINK)
    assert link["resource_group_name"] == '${element(split("/", var.zone), 4)}'
    assert link["private_dns_zone_name"] == '${element(split("/", var.zone), 8)}'


def test_a_zone_of_azure_policy_is_left_to_it() -> None:
    """Neither zone, link nor zone group, and what the policy attaches is no change."""
    result = only(private_dns_zone=PrivateDnsZone.MANAGED_BY_POLICY)
    assert not {ZONE, LINK} & set(result["resource"])
    endpoint = the(result, ENDPOINT)
    assert "private_dns_zone_group" not in endpoint
    assert endpoint["lifecycle"] == {"ignore_changes": ["private_dns_zone_group"]}


def test_a_given_registry_gets_an_endpoint_and_nothing_else() -> None:
    """Its host name is read from the endpoint, since Terraform sees nothing else of it."""
    stack = own_stack()
    acr = registry(
        stack,
        container_registry=REGISTRY_ID,
        private_endpoint=NewPrivateEndpoint(request_message="please"),
    )
    TerraformOutput(stack, "host", value=acr.login_server)
    result = synthesized(stack)
    assert REGISTRY not in result["resource"]
    assert the(result, ENDPOINT)["private_service_connection"] == {
        "name": "acrConnection",
        "private_connection_resource_id": REGISTRY_ID,
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


def test_what_exists_already_is_adopted_on_request() -> None:
    """By the ids that are given, in whatever capitals, and nothing else is imported."""
    adopt = {
        "container_registry": REGISTRY_ID.lower(),
        "private_dns_zone_virtual_network_link": f"{ZONE_ID}/virtualNetworkLinks/AcrDNSLink",
    }
    result = only(adopt=adopt)
    assert {block["to"].partition(".")[0]: block["id"] for block in result["import"]} == {
        REGISTRY: REGISTRY_ID.replace("registries/theirs", "registries/theirs"),
        LINK: adopt["private_dns_zone_virtual_network_link"],
    }
    assert "import" not in only()


def test_more_networks_may_be_linked() -> None:
    """With a policy for names that the zone does not hold; the cluster's own has one too."""
    stack = own_stack()
    acr = registry(
        stack,
        private_dns_zone_virtual_network_link=NewVirtualNetworkLink(
            resolution_policy="NxDomainRedirect"
        ),
        tags={"team": "platform"},
    )
    acr.add_virtual_network_link("hub", hub(resolution_policy="Default"))
    result = synthesized(stack)
    links = {link["name"]: link for link in result["resource"][LINK].values()}
    assert {name: link["resolution_policy"] for name, link in links.items()} == {
        "AcrDNSLink": "NxDomainRedirect",
        "hub": "Default",
    }
    assert links["hub"]["private_dns_zone_name"] == reference(result, ZONE, "name")
    assert links["hub"]["resource_group_name"] == "rg"
    assert links["hub"]["tags"] == {"team": "platform"}


def test_lock_and_log_setting_may_have_other_names() -> None:
    """Where a convention wants them."""
    stack = own_stack()
    acr = registry(stack)
    acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=WORKSPACE, name="audit"))
    acr.add_lock(NewLock(lock_level="ReadOnly", name="keep"))
    result = synthesized(stack)
    assert names(result, "azurerm_monitor_diagnostic_setting") == ["audit"]
    assert names(result, "azurerm_management_lock") == ["keep"]


@pytest.mark.parametrize("first", ["lock", "logs"])
def test_a_lock_is_created_last_and_goes_first(first: str) -> None:
    """It would keep the endpoint's connection and the log setting from being deleted.

    In whichever order they are added: Terraform is to do the same.
    """
    stack = own_stack()
    acr = registry(stack)
    if first == "lock":
        acr.add_lock(LOCK)
    acr.add_audit_logs(LOGS)
    if first == "logs":
        acr.add_lock(LOCK)
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
        "log_analytics_workspace_id": WORKSPACE,
        "enabled_log": [{"category_group": "audit"}],
    }


@pytest.mark.parametrize("level", ["ReadOnly", "${var.level}"])
def test_a_lock_that_may_be_read_only_steps_aside_for_every_change(level: Any) -> None:
    """A level that only Terraform knows may be that one."""
    stack = own_stack()
    TerraformVariable(stack, "level")
    registry(stack).add_lock(NewLock(lock_level=level))
    result = synthesized(stack)
    assert the(result, "azurerm_management_lock")["lifecycle"]["replace_triggered_by"] == [
        f"{kind}.{next(iter(result['resource'][kind]))}" for kind in (ENDPOINT, REGISTRY)
    ]


def test_a_lock_on_a_registry_of_another_stack_refers_to_nothing_there(tmp_path: Path) -> None:
    """Neither does one on a registry that is known by its id: Terraform would refuse it."""
    app = own_app(tmp_path)
    theirs, ours, by_id = (own_stack(app, name) for name in ("theirs", "ours", "by_id"))
    shared = registry(theirs).container_registry
    for stack, given in ((ours, shared), (by_id, REGISTRY_ID)):
        registry(stack, container_registry=given, resource_group_name=stack.node.id).add_lock(LOCK)
    for stack in (ours, by_id):
        result: Json = json.loads(Testing.synth(stack))
        (endpoint,) = result["resource"][ENDPOINT]
        lifecycle = the(result, "azurerm_management_lock")["lifecycle"]
        assert lifecycle == {"replace_triggered_by": [f"{ENDPOINT}.{endpoint}.id"]}
