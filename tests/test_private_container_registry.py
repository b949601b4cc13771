"""The construct in a user's own app: its defaults, its arguments and its attributes."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
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
from cdktf_cdktf_provider_azurerm.resource_group import ResourceGroup
from cdktf_cdktf_provider_azurerm.virtual_network import VirtualNetwork
from helpers import ROOT, Json, ids, names, reference, the
from jsii._kernel.providers import process

from constructs_lib import (
    ArgumentError,
    Encryption,
    Existing,
    FurtherVirtualNetworkLink,
    Georeplication,
    Identity,
    NewAuditLogs,
    NewCacheRule,
    NewCredentialSet,
    NewLock,
    NewPrivateEndpoint,
    NewPullToken,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateContainerRegistry,
    PrivateDnsZone,
)
from constructs_lib.checks.pulls import CacheRules

ENDPOINT, LINK = "azurerm_private_endpoint", "azurerm_private_dns_zone_virtual_network_link"
REGISTRY, SUBNET, ZONE = (
    "azurerm_container_registry",
    "azurerm_subnet",
    "azurerm_private_dns_zone",
)


def own_app(folder: Path) -> App:
    """An ordinary app; jsii returns an app of ``Testing`` as another object each time."""
    return App(outdir=str(folder))


def own_stack(app: App | None = None, name: str = "own") -> TerraformStack:
    """A stack with azurerm's provider, as in an app that uses the library."""
    stack = TerraformStack(app or Testing.app(), name)
    AzurermProvider(stack, "azurerm", features=[AzurermProviderFeatures()])
    return stack


def look_up_network(stack: TerraformStack) -> DataAzurermVirtualNetwork:
    """A data source of a virtual network."""
    return DataAzurermVirtualNetwork(stack, "vnet", name="vnet", resource_group_name="network-rg")


HUB_GROUP = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/hub-rg/providers"
SUBNET_ID = f"{HUB_GROUP}/Microsoft.Network/virtualNetworks/vnet/subnets/subnet".replace(
    "hub-rg", "network-rg"
)
REGISTRY_ID = f"{HUB_GROUP}/Microsoft.ContainerRegistry/registries/theirs"
ZONE_ID = f"{HUB_GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
NETWORK_ID = f"{HUB_GROUP}/Microsoft.Network/virtualNetworks/hub"
WORKSPACE = f"{HUB_GROUP}/Microsoft.OperationalInsights/workspaces/logs"
IDENTITY = f"{HUB_GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"


def new_registry(**arguments: Any) -> NewRegistry:
    """The arguments of a new registry, with a default name and location."""
    return NewRegistry(**{"name": "acr12345", "location": "westeurope", **arguments})


def registry(
    stack: TerraformStack, id: str = "acr", network: Any = None, **arguments: Any
) -> PrivateContainerRegistry:
    """A registry with the required arguments, and others on request."""
    return PrivateContainerRegistry(
        stack,
        id,
        **{
            "resource_group_name": "rg",
            "virtual_network": network or look_up_network(stack),
            "endpoint_subnet": NewSubnet(address_prefix="10.0.8.0/23"),
            "container_registry": new_registry(),
            **arguments,
        },
    )


def hub(**arguments: Any) -> FurtherVirtualNetworkLink:
    """The arguments of a link to one more network."""
    return FurtherVirtualNetworkLink(
        **{"name": "hub", "virtual_network_id": NETWORK_ID, **arguments}
    )


LOCK = NewLock(lock_level="CanNotDelete")
LOGS = NewAuditLogs(log_analytics_workspace_id=WORKSPACE)


def synthesized(stack: TerraformStack) -> Json:
    """The JSON of a stack, after cdktf's validations."""
    result: Json = json.loads(Testing.synth(stack, True))
    return result


def stack_with(**arguments: Any) -> Json:
    """The JSON of a stack with one registry."""
    stack = own_stack()
    registry(stack, **arguments)
    return synthesized(stack)


@pytest.fixture(scope="module")
def default() -> Json:
    """The JSON of a stack whose registry has every default."""
    return stack_with()


@pytest.fixture(scope="module")
def customized() -> Json:
    """The JSON of a stack whose registry has other arguments than the defaults."""
    return stack_with(
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


def test_the_subnet_is_created_in_the_network(default: Json) -> None:
    """The subnet is in the network's resource group, and its network policies are disabled."""
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
    """The registry has no admin user, no network rules and no policies."""
    assert the(default, REGISTRY) == {
        "name": "acr12345",
        "resource_group_name": "rg",
        "location": "westeurope",
        "sku": "Premium",
        "public_network_access_enabled": False,
        "admin_enabled": False,
        "lifecycle": {"prevent_destroy": True},
    }


def test_the_zone_has_the_name_that_azure_requires(default: Json) -> None:
    """Pulls would fail with a zone of another name, such as one for a region."""
    assert the(default, ZONE) == {"name": "privatelink.azurecr.io", "resource_group_name": "rg"}


def test_the_link_refers_to_the_zone_and_the_network(default: Json) -> None:
    """Terraform creates and deletes zone, network and link in order because of the references."""
    assert the(default, LINK) == {
        "name": "AcrDNSLink",
        "resource_group_name": "rg",
        "private_dns_zone_name": reference(default, ZONE, "name"),
        "virtual_network_id": "${data.azurerm_virtual_network.vnet.id}",
        "registration_enabled": False,
    }


def test_the_endpoint_refers_to_the_subnet_the_registry_and_the_zone(default: Json) -> None:
    """The endpoint is in the network's region, and its connection needs no manual approval."""
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


def test_the_construct_creates_five_resources(default: Json) -> None:
    """The construct creates no network and no outputs, which belong to the stack."""
    assert set(default["resource"]) == {SUBNET, REGISTRY, ZONE, LINK, ENDPOINT}
    assert "output" not in default
    assert set(default["data"]) == {"azurerm_virtual_network"}


def test_tags_are_set_on_every_resource_that_takes_tags(customized: Json) -> None:
    """A subnet takes no tags in Azure."""
    tagged = {kind for kind in customized["resource"] if "tags" in the(customized, kind)}
    assert tagged == {REGISTRY, ZONE, LINK, ENDPOINT}


def test_tags_are_those_that_azure_keeps() -> None:
    """The registry's own tags replace common ones, and private DNS gets none that Azure drops."""
    with pytest.warns(UserWarning, match=r"^\[own/acr\] tags left off the private DNS .*: a b$"):
        result = stack_with(
            tags={"Team": "a", "a b": "c"}, container_registry=new_registry(tags={"team": "d"})
        )
    assert the(result, REGISTRY)["tags"] == {"a b": "c", "team": "d"}
    assert the(result, ENDPOINT)["tags"] == {"Team": "a", "a b": "c"}
    assert the(result, ZONE)["tags"] == the(result, LINK)["tags"] == {"Team": "a"}


def test_ids_are_accepted_in_any_case() -> None:
    """The JSON contains Azure's spelling, because azurerm compares fixed segments by case."""
    stack = own_stack()

    def lower_case(id: str) -> str:
        for word in ("resourceGroups", "Microsoft", "privateDnsZones", "virtualNetworks"):
            id = id.replace(word, word.lower())
        return id

    acr = registry(
        stack,
        private_dns_zone=lower_case(ZONE_ID),
        container_registry=new_registry(
            identity=Identity(type="UserAssigned", identity_ids=[lower_case(IDENTITY)])
        ),
    )
    acr.add_virtual_network_link("hub", hub(virtual_network_id=lower_case(NETWORK_ID)))
    acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=lower_case(WORKSPACE)))
    result = synthesized(stack)
    logs = the(result, "azurerm_monitor_diagnostic_setting")
    assert the(result, LINK)["virtual_network_id"] == NETWORK_ID
    assert logs["log_analytics_workspace_id"] == WORKSPACE
    assert the(result, REGISTRY)["identity"]["identity_ids"] == [IDENTITY]
    assert the(result, ENDPOINT)["private_dns_zone_group"]["private_dns_zone_ids"] == [ZONE_ID]


def test_optional_arguments_change_no_construct_id(default: Json, customized: Json) -> None:
    """Another id would replace the resources of a registry that is in use."""
    assert ids(default) == ids(customized)


def test_two_registries_can_be_in_one_stack() -> None:
    """The registries share a network, a zone and its link, and do not refer to each other."""
    stack = own_stack()
    network = look_up_network(stack)
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
    """A variable is a reference in the JSON, also inside expressions and messages."""
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
    acr.add_pull_token(NewPullToken(name=text("token"), expiry=text("expiry")))
    acr.add_pull_token(NewPullToken(name="team-2027", repositories=[text("repository")]))
    acr.grant_pull("reader", text("principal"))
    acr.add_credential_set(
        NewCredentialSet(
            name="redhat",
            login_server=text("upstream"),
            username_secret_id=text("user"),
            password_secret_id=text("password"),
            key_vault_id=text("vault"),
        )
    )
    acr.add_cache_rule(
        "cache",
        NewCacheRule(
            source=text("source"),
            target=text("target"),
            name=text("rule"),
            credential_set_id=text("credentials"),
        ),
    )
    TerraformOutput(stack, "mirrors", value=acr.image_mirrors)
    TerraformOutput(stack, "secret", value=acr.pull_secrets, sensitive=True)
    result = synthesized(stack)
    mirrors = result["output"]["mirrors"]["value"]
    assert "[[var.v_source, var.v_target]]" in mirrors
    assert "${" not in mirrors.replace("${one(", "")
    used = json.dumps(result["resource"])
    assert "TfToken" not in used
    for name in result["variable"]:
        assert f"var.{name}" in used, name
    assert "tostring(var.v_prefix)" in used


def test_whole_lists_and_maps_may_be_tokens() -> None:
    """The lists of identities and repositories, and the map of tags, may be Terraform's."""
    stack = own_stack()
    ids_, tags = TerraformVariable(stack, "ids"), TerraformVariable(stack, "tags")
    acr = registry(
        stack,
        tags=Token.as_string_map(tags.fqn),
        container_registry=new_registry(
            identity=Identity(type="UserAssigned", identity_ids=ids_.list_value)
        ),
    )
    acr.add_pull_token(NewPullToken(name="team-pull", repositories=ids_.list_value))
    result = synthesized(stack)
    assert the(result, REGISTRY)["identity"]["identity_ids"] == "${var.ids}"
    assert the(result, "azurerm_container_registry_scope_map")["actions"] == (
        '${flatten([for name in distinct(var.ids) : [for what in ["content", "metadata"] : '
        '"repositories/${name}/${what}/read"]])}'
    )
    assert the(result, ENDPOINT)["tags"] == the(result, ZONE)["tags"] == "${var.tags}"


def test_the_network_may_be_a_resource_of_the_same_stack() -> None:
    """Subnet and link refer to the network's attributes, so Terraform creates the network first."""
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


def test_a_network_of_another_stack_is_read_from_its_outputs() -> None:
    """The precondition, which is a raw expression, also refers to the remote state."""
    app = Testing.app()
    theirs, ours = own_stack(app, "theirs"), own_stack(app, "ours")
    registry(ours, network=look_up_network(theirs))
    app.synth()
    text = Path(app.outdir, "stacks", "ours", "cdk.tf.json").read_text()
    assert "data.azurerm_virtual_network" not in text
    (precondition,) = the(json.loads(text), SUBNET)["lifecycle"]["precondition"]
    assert "in data.terraform_remote_state." in precondition["condition"]


def test_data_sources_that_terraform_may_read_late_are_warned_of(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Of the network's, the warning names what is replaced; another stack's is read in time."""
    app = Testing.app()
    theirs, ours = own_stack(app, "theirs"), own_stack(app, "ours")
    group = ResourceGroup(ours, "group", name="rg", location="westeurope")
    late: Any = {"depends_on": [group]}
    registry(
        ours,
        network=DataAzurermVirtualNetwork(
            ours, "vnet", name="vnet", resource_group_name="network-rg", **late
        ),
        endpoint_subnet=DataAzurermSubnet(
            ours, "s", name="s", virtual_network_name="v", resource_group_name="rg", **late
        ),
        container_registry=DataAzurermContainerRegistry(
            ours, "r", name="acr12345", resource_group_name="rg", **late
        ),
    )
    told = [str(each.message) for each in recwarn]
    assert [text.split()[1] for text in told] == [
        "virtual_network",
        "endpoint_subnet",
        "container_registry",
    ]
    assert told[0] == (
        "[ours/acr] virtual_network is a data source with depends_on: whenever something that it "
        "depends on changes, Terraform reads it only during the apply, and replaces the private "
        "endpoint (NewPrivateEndpoint(location=…) keeps it) and the virtual network link. Pulls "
        "fail meanwhile: remove depends_on"
    )
    recwarn.clear()
    network = look_up_network(theirs)
    network.depends_on = ["azurerm_resource_group.other"]
    registry(own_stack(app, "third"), network=network)
    kept = DataAzurermVirtualNetwork(
        ours, "kept_vnet", name="vnet", resource_group_name="network-rg", **late
    )
    endpoint = NewPrivateEndpoint(name="kept", location="westeurope")
    registry(ours, "kept", network=kept, private_dns_zone=ZONE_ID, private_endpoint=endpoint)
    assert not recwarn.list


def test_resources_and_addresses_are_attributes() -> None:
    """An app can change the construct's resources and use its attributes as outputs."""
    stack = own_stack()
    acr = registry(stack)
    assert isinstance(acr.container_registry, ContainerRegistry)
    assert acr.private_dns_zone_virtual_network_link
    zone = acr.private_dns_zone
    assert zone is not PrivateDnsZone.MANAGED_BY_POLICY
    acr.container_registry.add_override("export_policy_enabled", False)
    for name, value in {
        "login_server": acr.login_server,
        "zone": zone.id,
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


def test_what_is_read_early_has_what_is_added_later() -> None:
    """Outputs may come before the additions, and are null or empty where nothing is added."""
    stack = own_stack()
    acr = registry(stack)
    for name in ("image_mirrors", "pull_secrets"):
        TerraformOutput(stack, name, value=getattr(acr, name), sensitive=True)
        text = f"--{getattr(acr, name)}--"
        TerraformOutput(stack, f"{name}_in_text", value=text, sensitive=True)

    def outputs() -> dict[str, str]:
        written = synthesized(stack)["output"]
        return {name: output["value"] for name, output in written.items()}

    assert set(outputs().values()) == {"${null}", "--${null}--", "${{}}", "--${{}}--"}
    for name in ("a", "b"):
        acr.add_cache_rule(name, NewCacheRule(source=f"quay.io/{name}", target=name))
    acr.add_pull_token(NewPullToken())
    after = outputs()
    assert '[["quay.io/a", "a"], ["quay.io/b", "b"]]' in after["image_mirrors"]
    assert '["aro-pull"] : name => jsonencode({auths = ' in after["pull_secrets"]
    for name in ("image_mirrors", "pull_secrets"):
        assert after[f"{name}_in_text"] == f"--{after[name]}--"


TYPED_APP = """
from typing import Any
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from constructs_lib import (
    FurtherVirtualNetworkLink, NewAuditLogs, NewCacheRule, NewCredentialSet, NewLock, NewPullToken,
    NewRegistry, NewSubnet, PrivateContainerRegistry,
)

stack = TerraformStack(App(), "own")
registry = PrivateContainerRegistry(
    stack,
    "acr",
    resource_group_name="rg",
    virtual_network=DataAzurermVirtualNetwork(stack, "v", name="v", resource_group_name="rg"),
    endpoint_subnet=NewSubnet(address_prefix="10.0.8.0/23"),
    container_registry=NewRegistry(name="acr12345", location="eastus"),
)
link = FurtherVirtualNetworkLink(name="hub", virtual_network_id="${var.hub}")
reveal_type(registry.endpoint_subnet)
reveal_type(registry.container_registry)
reveal_type(registry.private_dns_zone)
reveal_type(registry.private_dns_zone_virtual_network_link)
reveal_type(registry.private_endpoint)
reveal_type(registry.add_virtual_network_link("hub", link))
reveal_type(registry.add_lock(NewLock(lock_level="CanNotDelete")))
reveal_type(registry.add_audit_logs(NewAuditLogs(log_analytics_workspace_id="${var.logs}")))
reveal_type(registry.add_pull_token(NewPullToken()))
reveal_type(registry.add_cache_rule("quay", NewCacheRule(source="quay.io/a", target="a")))
reveal_type(registry.add_credential_set(NewCredentialSet(
    name="redhat", login_server="registry.redhat.io",
    username_secret_id="${var.user}", password_secret_id="${var.password}",
)))
reveal_type(registry.grant_push("agents", "${var.agents}"))
reveal_type(registry.pull_secrets)
reveal_type(registry.image_mirrors)
"""

REVEALED = [
    "Subnet | DataAzurermSubnet | Existing",
    "ContainerRegistry | DataAzurermContainerRegistry | Existing",
    "PrivateDnsZone | DataAzurermPrivateDnsZone | Existing | PrivateDnsZone",
    "PrivateDnsZoneVirtualNetworkLink | None",
    "PrivateEndpoint",
    "PrivateDnsZoneVirtualNetworkLink",
    "ManagementLock",
    "MonitorDiagnosticSetting",
    "ContainerRegistryToken",
    "ContainerRegistryCacheRule",
    "ContainerRegistryCredentialSet",
    "RoleAssignment",
    "str",
    "str",
]


def test_a_type_checker_knows_the_bindings_classes(tmp_path: Path) -> None:
    """It reads only those modules of the bindings that the construct and the app use."""
    source = Path(inspect.getfile(PrivateContainerRegistry)).read_text()
    used = set(re.findall(r"\bazurerm\.(\w+)", source))
    bindings = "cdktf_cdktf_provider_azurerm"
    sections = [f"[mypy-{bindings}.*]\nfollow_imports = skip"]
    for module in (bindings, *(f"{bindings}.{each}{end}" for each in used for end in ("", ".*"))):
        sections.append(f"[mypy-{module}]\nfollow_imports = normal")
    (tmp_path / "mypy.ini").write_text("\n".join(["[mypy]", *sections]))
    (tmp_path / "app.py").write_text(TYPED_APP)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "app.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    revealed = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert [re.sub(r"(\w+\.)+", "", each) for each in revealed] == REVEALED


def test_help_shows_the_arguments() -> None:
    """Of the construct and of a subclass with arguments of its own."""

    class Own(PrivateContainerRegistry):
        def __init__(self, scope: TerraformStack, *, team: str) -> None:
            raise NotImplementedError

    assert [*inspect.signature(PrivateContainerRegistry).parameters][:3] == [
        "scope",
        "id",
        "resource_group_name",
    ]
    assert [*inspect.signature(Own).parameters] == ["scope", "team"]


def georeplications(*replicas: Georeplication) -> Any:
    """The replicas in the JSON of a registry."""
    return the(stack_with(container_registry=new_registry(georeplications=[*replicas])), REGISTRY)[
        "georeplications"
    ]


def test_replicas_are_in_azurerms_order() -> None:
    """Replicas are sorted by region, because each plan would show a change in another order."""
    replicas = [
        Georeplication(location=name) for name in ("North Europe", "centralus", "Brazil South")
    ]
    assert [each["location"] for each in georeplications(*replicas)] == [
        "Brazil South",
        "centralus",
        "North Europe",
    ]


def test_a_replica_takes_pulls_by_default() -> None:
    """A replica's regional endpoint is on by default; azurerm's own default is false."""
    replicas = [
        Georeplication(location="centralus"),
        Georeplication(location="eastus", regional_endpoint_enabled=False),
        Georeplication(location="westus", regional_endpoint_enabled=True),
    ]
    enabled = [each["regional_endpoint_enabled"] for each in georeplications(*replicas)]
    assert enabled == [True, False, True]


def test_static_addresses_and_replicas_may_be_tokens() -> None:
    """Terraform creates the member's name from a region that only Terraform knows."""
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


def test_an_existing_subnet_is_used_and_none_is_created() -> None:
    """An existing subnet is an id, or a resource or data source of the bindings."""
    result = stack_with(endpoint_subnet=SUBNET_ID)
    assert SUBNET not in result["resource"]
    assert the(result, ENDPOINT)["subnet_id"] == SUBNET_ID
    stack = own_stack()
    theirs = DataAzurermSubnet(
        stack, "s", name="s", virtual_network_name="vnet", resource_group_name="network-rg"
    )
    registry(stack, endpoint_subnet=theirs)
    assert the(synthesized(stack), ENDPOINT)["subnet_id"] == "${data.azurerm_subnet.s.id}"


def test_an_existing_zone_is_used_and_neither_zone_nor_link_is_created() -> None:
    """A link that is added is created in the zone's resource group."""
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


def test_an_existing_zone_is_linked_to_the_clusters_network_on_request() -> None:
    """All links to an existing zone use the provider of the zone's subscription."""
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


def test_a_zone_whose_id_is_a_token_may_be_linked() -> None:
    """Terraform takes the zone's name and resource group from its id."""
    stack = own_stack()
    zone = TerraformVariable(stack, "zone").string_value
    registry(stack, private_dns_zone=zone).add_virtual_network_link("hub", hub())
    link = the(synthesized(stack), LINK)
    assert link["resource_group_name"] == '${element(split("/", var.zone), 4)}'
    assert link["private_dns_zone_name"] == '${element(split("/", var.zone), 8)}'


def test_a_zone_managed_by_azure_policy_is_not_created() -> None:
    """The endpoint has no zone group and ignores the one that Azure Policy attaches."""
    result = stack_with(private_dns_zone=PrivateDnsZone.MANAGED_BY_POLICY)
    assert not {ZONE, LINK} & set(result["resource"])
    endpoint = the(result, ENDPOINT)
    assert "private_dns_zone_group" not in endpoint
    assert endpoint["lifecycle"] == {"ignore_changes": ["private_dns_zone_group"]}


@pytest.mark.parametrize(
    ("days", "message"), [(-1, "has ended, and nobody can pull with it"), (29, "ends at ")]
)
def test_a_password_that_ends_soon_is_warned_of(days: int, message: str) -> None:
    """It has to be changed before; a later one is not warned of, and would be an error here."""
    ends = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
    acr = registry(own_stack())
    acr.add_pull_token(NewPullToken(name="later", expiry="2099-01-01T00:00:00Z"))
    with pytest.warns(
        UserWarning, match=rf"^\[own/acr\] the password of the token soon1 {message}"
    ):
        acr.add_pull_token(NewPullToken(name="soon1", expiry=ends))


def test_a_connection_that_azure_policy_does_not_see_is_warned_of() -> None:
    """No zone follows for one that waits for approval; the zone's own id needs no policy."""
    asking: dict[str, Any] = {
        "container_registry": REGISTRY_ID,
        "private_endpoint": NewPrivateEndpoint(request_message="please"),
    }
    with pytest.warns(UserWarning, match=r"^\[own/acr\] no DNS record may follow: .*built-in pol"):
        stack_with(private_dns_zone=PrivateDnsZone.MANAGED_BY_POLICY, **asking)
    stack_with(private_dns_zone=ZONE_ID, **asking)


def test_a_location_that_azure_may_not_have_is_warned_of() -> None:
    """The registry's own, a replica's and that of a static address; Azure adds regions."""
    with pytest.warns(UserWarning, match="is not a region of Azure that is known here") as told:
        stack_with(
            container_registry=new_registry(
                location="weurope", georeplications=[Georeplication(location="East US2")]
            ),
            private_endpoint=NewPrivateEndpoint(location="uksouht"),
        )
    near = [str(each.message).partition(": did you mean ")[2].partition("?")[0] for each in told]
    assert near == ["westeurope", "uksouth"]


def test_an_existing_registry_gets_only_an_endpoint() -> None:
    """The host name is read from the endpoint, because Terraform does not read the registry."""
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


def test_a_registry_may_be_a_data_source() -> None:
    """The host name is an attribute of the registry's data source."""
    stack = own_stack()
    theirs = DataAzurermContainerRegistry(stack, "r", name="theirs", resource_group_name="rg")
    acr = registry(stack, container_registry=theirs)
    TerraformOutput(stack, "host", value=acr.login_server)
    result = synthesized(stack)
    assert result["output"]["host"]["value"] == "${data.azurerm_container_registry.r.login_server}"
    assert REGISTRY not in result["resource"]


def test_what_exists_may_be_taken_from_another_registry() -> None:
    """What one construct was given by its id is an ``Existing`` for the next."""
    stack = own_stack()
    network = look_up_network(stack)
    one = registry(stack, "one", network, private_dns_zone=ZONE_ID, endpoint_subnet=SUBNET_ID)
    other: Any = {"private_dns_zone": one.private_dns_zone, "endpoint_subnet": one.endpoint_subnet}
    two = registry(
        stack,
        "two",
        network,
        container_registry=new_registry(name="two12345"),
        private_endpoint=NewPrivateEndpoint(name="two"),
        **other,
    )
    assert two.private_dns_zone == Existing(ZONE_ID)
    assert two.endpoint_subnet == Existing(SUBNET_ID)
    with pytest.raises(ArgumentError, match=r"private_dns_zone is '/sub.*an id of the form"):
        registry(stack, "three", network, private_dns_zone=Existing(SUBNET_ID))


def test_existing_resources_are_adopted_on_request() -> None:
    """Terraform imports exactly the resources whose ids are given, in upper or lower case."""
    adopt = {
        "container_registry": REGISTRY_ID.lower(),
        "private_dns_zone_virtual_network_link": f"{ZONE_ID}/virtualNetworkLinks/AcrDNSLink",
    }
    result = stack_with(adopt=adopt)
    assert {block["to"].partition(".")[0]: block["id"] for block in result["import"]} == {
        REGISTRY: REGISTRY_ID.replace("registries/theirs", "registries/theirs"),
        LINK: adopt["private_dns_zone_virtual_network_link"],
    }
    assert "import" not in stack_with()


def test_more_networks_may_be_linked() -> None:
    """Each link, also that of the cluster's network, may have a resolution policy."""
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


def test_the_lock_and_the_diagnostic_setting_may_have_other_names() -> None:
    """An app may name both resources by its own convention."""
    stack = own_stack()
    acr = registry(stack)
    acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=WORKSPACE, name="audit"))
    acr.add_lock(NewLock(lock_level="ReadOnly", name="keep"))
    result = synthesized(stack)
    assert names(result, "azurerm_monitor_diagnostic_setting") == ["audit"]
    assert names(result, "azurerm_management_lock") == ["keep"]


@pytest.mark.parametrize("first", ["lock", "logs"])
def test_a_lock_is_created_last_and_deleted_first(first: str) -> None:
    """The lock would prevent the deletion of the connection and the diagnostic setting.

    The order in which an app adds them has no effect.
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
    endpoint, logs, target = (
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
            "replace_triggered_by": [f"{endpoint}.id", f"{logs}.id", f"{target}.georeplications"]
        },
    }
    assert the(result, "azurerm_monitor_diagnostic_setting") == {
        "name": "acr-audit",
        "target_resource_id": registry_id,
        "log_analytics_workspace_id": WORKSPACE,
        "enabled_log": [{"category_group": "audit"}],
    }


def test_a_lock_steps_aside_for_what_is_added_after_a_synthesis() -> None:
    """Its terms are those of the moment in which the stack is written."""
    stack = own_stack()
    acr = registry(stack)
    acr.add_lock(LOCK)
    before = the(synthesized(stack), "azurerm_management_lock")
    rule = acr.add_cache_rule("a", NewCacheRule(source="quay.io/a/*", target="a/*"))
    rule.override_logical_id("renamed")
    after = the(synthesized(stack), "azurerm_management_lock")
    address = "azurerm_container_registry_cache_rule.renamed"
    assert set(after["depends_on"]) - set(before["depends_on"]) == {address}
    triggers = [each["lifecycle"]["replace_triggered_by"] for each in (before, after)]
    assert set(triggers[1]) - set(triggers[0]) == {f"{address}.id"}
    assert before["notes"].startswith("The registry holds images; remove")
    assert after["notes"].startswith("The registry holds images and has cache rules (1, ")


@pytest.mark.parametrize("locked", [False, True])
def test_each_further_cache_rule_costs_the_same(
    locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request to Node, and two more in a synthesis that refers to it from a lock.

    A rule is checked once, however many there are.
    """

    def counted(method: Any, calls: list[object]) -> Any:
        def call(*given: object) -> object:
            calls.append(given)
            return method(*given)

        return call

    requests: list[object] = []
    checked: list[object] = []
    send, refusals = process._NodeProcess.send, CacheRules.refusals
    monkeypatch.setattr(process._NodeProcess, "send", counted(send, requests))
    monkeypatch.setattr(CacheRules, "refusals", counted(refusals, checked))
    added, written = [], []
    for number in (1, 2, 3, 30):
        stack = own_stack()
        acr = registry(stack)
        if locked:
            acr.add_lock(LOCK)
        requests.clear()
        checked.clear()
        for each in range(number):
            acr.add_cache_rule(
                f"rule{each}", NewCacheRule(source=f"quay.io/a{each}", target=f"a{each}")
            )
        assert len(checked) == number
        added.append(len(requests))
        requests.clear()
        Testing.synth(stack)
        written.append(len(requests))
        assert len(checked) == number
    assert added == [1, 2, 3, 30]
    assert written == [written[0] + 2 * locked * further for further in (0, 1, 2, 29)]


@pytest.mark.parametrize("level", ["ReadOnly", "${var.level}"])
def test_a_lock_that_may_be_read_only_is_replaced_with_every_change(level: Any) -> None:
    """A level that only Terraform knows is treated as ``ReadOnly``."""
    stack = own_stack()
    TerraformVariable(stack, "level")
    registry(stack).add_lock(NewLock(lock_level=level))
    result = synthesized(stack)
    assert the(result, "azurerm_management_lock")["lifecycle"]["replace_triggered_by"] == [
        f"{kind}.{next(iter(result['resource'][kind]))}" for kind in (ENDPOINT, REGISTRY)
    ]


def test_a_lock_on_another_stacks_registry_refers_only_to_its_own_stack(tmp_path: Path) -> None:
    """Terraform refuses a trigger in another stack, and one on a registry given by its id."""
    app = own_app(tmp_path)
    theirs, ours, by_id = (own_stack(app, name) for name in ("theirs", "ours", "by_id"))
    shared = registry(theirs).container_registry
    for stack, existing in ((ours, shared), (by_id, REGISTRY_ID)):
        group = stack.node.id
        registry(stack, container_registry=existing, resource_group_name=group).add_lock(LOCK)
    for stack in (ours, by_id):
        result: Json = json.loads(Testing.synth(stack))
        (endpoint,) = result["resource"][ENDPOINT]
        lifecycle = the(result, "azurerm_management_lock")["lifecycle"]
        assert lifecycle == {"replace_triggered_by": [f"{ENDPOINT}.{endpoint}.id"]}
