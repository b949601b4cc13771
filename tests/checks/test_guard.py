"""Errors that stop a synthesis in any app: an exposed registry, or two registries that clash."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsii
import pytest
from cdktf import App, Aspects, IAspect, TerraformStack, TerraformVariable, Testing
from cdktf_cdktf_provider_azurerm.container_registry import ContainerRegistry
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.private_dns_zone import PrivateDnsZone as PrivateDnsZoneResource
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from constructs import IConstruct
from jsii._kernel.providers import process

from constructs_lib import (
    ArgumentError,
    Existing,
    FurtherVirtualNetworkLink,
    NewAuditLogs,
    NewCacheRule,
    NewCredentialSet,
    NewLock,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewPullToken,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateContainerRegistry,
    PrivateDnsZone,
)

SUBSCRIPTION = "00000000-0000-0000-0000-00000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}1/resourceGroups/network-rg/providers"
THEIRS = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
MEMBERS = "private_service_connection.subresource_names"
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet"


def own_stack(app: App, name: str = "own", subscription: str | None = None) -> TerraformStack:
    """A stack with azurerm's provider, as in an app that uses the library."""
    stack = TerraformStack(app, name)
    features = [AzurermProviderFeatures()]
    AzurermProvider(stack, "azurerm", features=features, subscription_id=subscription)
    return stack


def registry(stack: TerraformStack, id: str = "acr", **arguments: Any) -> PrivateContainerRegistry:
    """A registry with the required arguments only, in a network that is looked up."""
    network = stack.node.try_find_child("vnet") or DataAzurermVirtualNetwork(
        stack, "vnet", name="vnet", resource_group_name="network-rg"
    )
    return PrivateContainerRegistry(
        stack,
        id,
        **{
            "resource_group_name": "rg",
            "virtual_network": network,
            "endpoint_subnet": NewSubnet(address_prefix="10.0.8.0/23"),
            "container_registry": NewRegistry(name="acr12345", location="westeurope"),
            **arguments,
        },
    )


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An app that writes to the test's folder."""
    return App(outdir=str(tmp_path))


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """A stack of the app."""
    return own_stack(app)


@pytest.fixture
def acr(stack: TerraformStack) -> PrivateContainerRegistry:
    """A registry in the stack."""
    return registry(stack)


def other_arguments(number: str, **arguments: Any) -> Any:
    """Arguments of another registry that shares only the network with the first one."""
    return {
        "resource_group_name": f"{number}-rg",
        "endpoint_subnet": NewSubnet(name=number, address_prefix=f"10.0.{number}.0/24"),
        "container_registry": NewRegistry(name=f"acr{number}2345", location="westeurope"),
        "private_dns_zone": PrivateDnsZone.MANAGED_BY_POLICY,
        **arguments,
    }


def assert_reported(error: ArgumentError, problems: list[str]) -> None:
    """Each problem is a line that begins with the construct's name."""
    lines = str(error).splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith("PrivateContainerRegistry: ")
        assert problem in line


@pytest.mark.parametrize(
    ("part", "attribute", "value", "title"),
    [
        ("container_registry", "public_network_access_enabled", True, "Public network access must"),
        ("container_registry", "sku", "Standard", "The SKU must be Premium"),
        ("container_registry", "anonymous_pull_enabled", True, "Anonymous pull must be off"),
        ("private_dns_zone", "name", "eastus.data.privatelink.azurecr.io", "The private DNS zone"),
        ("private_endpoint", MEMBERS, ["blob"], "The private endpoint must lead to the registry"),
    ],
)
def test_an_override_that_exposes_the_registry_stops_the_synthesis(
    app: App,
    acr: PrivateContainerRegistry,
    part: str,
    attribute: str,
    value: object,
    title: str,
    tmp_path: Path,
) -> None:
    """The error has the rule's title; ``accept_risk`` allows the override, with its reason."""
    resource = getattr(acr, part)
    resource.add_override(attribute, value)
    with pytest.raises(RuntimeError, match=rf"\[own/acr/{part}\] {title}"):
        app.synth()
    assert not (tmp_path / "stacks" / "own" / "cdk.tf.json").exists()
    acr.accept_risk(attribute, "until Friday")
    app.synth()
    stack = json.loads((tmp_path / "stacks" / "own" / "cdk.tf.json").read_text())
    reasons = {
        name: attributes["//"]["accepted"]
        for resources in stack["resource"].values()
        for name, attributes in resources.items()
        if "accepted" in attributes["//"]
    }
    assert list(reasons) == [resource.friendly_unique_id]
    assert "until Friday" in json.dumps(reasons)


@pytest.mark.parametrize("on_stack", [True, False])
def test_what_is_written_is_checked(app: App, stack: TerraformStack, on_stack: bool) -> None:
    """An override on the stack stops the synthesis, also one that is added after a synthesis."""
    one, two = registry(stack, "one"), registry(stack, "two", **other_arguments("20"))
    app.synth()
    assert isinstance(two.container_registry, ContainerRegistry)
    id = two.container_registry.friendly_unique_id
    if on_stack:
        stack.add_override(f"resource.azurerm_container_registry.{id}.sku", "Basic")
    else:
        two.container_registry.add_override("sku", "Basic")
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"\[own/two/container_registry\] The SKU must be"):
            app.synth()
    one.accept_risk("sku", "of another registry")
    with pytest.raises(RuntimeError, match="The SKU must be"):
        app.synth()
    two.accept_risk("sku", "until Friday")
    app.synth()


def test_a_resource_that_an_override_adds_may_be_any_registrys(
    app: App, stack: TerraformStack
) -> None:
    """It has no path that says which, and so belongs to each in the stack."""
    registry(stack, "one")
    registry(stack, "two", **other_arguments("20"))
    stack.add_override("resource.azurerm_container_registry.theirs", {"sku": "Basic"})
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    for name in ("one", "two"):
        assert f"[own/{name}/azurerm_container_registry] The SKU must be Prem" in str(caught.value)


@pytest.mark.parametrize(
    ("merged", "error"),
    [
        (True, "Public network access must be off"),
        (False, r"\[own/acr\] azurerm_container_registry.old has the registry's name"),
    ],
)
def test_another_registry_of_its_name_is_refused(
    app: App, stack: TerraformStack, acr: PrivateContainerRegistry, merged: bool, error: str
) -> None:
    """With the registry's logical id, it writes to the registry's own address."""
    old = ContainerRegistry(
        stack,
        "old",
        name="ACR12345",
        resource_group_name="rg",
        location="westeurope",
        sku="Premium",
        public_network_access_enabled=merged,
    )
    if merged:
        assert isinstance(acr.container_registry, ContainerRegistry)
        old.override_logical_id(acr.container_registry.friendly_unique_id)
    with pytest.raises(RuntimeError, match=error):
        app.synth()


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        ({"type": "Microsoft.ContainerRegistry/registries@2023-07-01"}, True),
        ({"type": "microsoft.containerregistry/registries/tokens@2023-07-01"}, True),
        ({"type": "${local.type}"}, True),
        ({"type": "${var.type}"}, True),
        ({"type": "Microsoft.Storage/storageAccounts@2023-01-01"}, False),
    ],
)
def test_azapi_may_not_change_a_registry(
    app: App, stack: TerraformStack, arguments: dict[str, str], refused: bool
) -> None:
    """No rule sees what it sets; other resources of azapi are not looked at."""
    registry(stack)
    stack.add_override("locals.type", "Microsoft.ContainerRegistry/registries@2023-07-01")
    stack.add_override("resource.azapi_update_resource.a", arguments)
    if refused:
        with pytest.raises(RuntimeError, match=r"\[own/acr\] azapi_update_resource.a changes a"):
            app.synth()
    else:
        app.synth()


def test_a_zone_may_have_a_name_that_only_terraform_knows(
    app: App, stack: TerraformStack, acr: PrivateContainerRegistry
) -> None:
    """A name that only Terraform knows may be one."""
    assert isinstance(acr.private_dns_zone, PrivateDnsZoneResource)
    zone = TerraformVariable(stack, "zone")
    acr.private_dns_zone.add_override("name", zone.string_value)
    app.synth()


def test_accept_risk_refuses_an_attribute_without_a_rule(acr: PrivateContainerRegistry) -> None:
    """A misspelt attribute is refused, because it would have no effect."""
    for attribute in ("public_network_acces_enabled", "admin_enabled"):
        with pytest.raises(ArgumentError, match=rf"{attribute}': one of .*, sku is expected"):
            acr.accept_risk(attribute, "until Friday")


@jsii.implements(IAspect)
class _PublicAccess:
    """An aspect that enables public network access for every registry."""

    def visit(self, node: IConstruct) -> None:
        """Change one construct; cdktf calls this method stack by stack."""
        if isinstance(node, ContainerRegistry):
            node.public_network_access_enabled = True


def test_a_registry_that_an_aspect_exposes_is_not_written(app: App, tmp_path: Path) -> None:
    """The second stack is not written, although the first one is valid and written before."""
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    registry(second, **other_arguments("20"))
    Aspects.of(second).add(_PublicAccess())
    with pytest.raises(RuntimeError, match=r"/acr/container_registry\] Public network access must"):
        app.synth()
    assert not (tmp_path / "stacks" / "second" / "cdk.tf.json").exists()


def test_an_apps_own_registry_is_not_guarded(app: App, stack: TerraformStack) -> None:
    """The construct answers for what it creates only."""
    registry(stack)
    ContainerRegistry(
        stack, "theirs", name="theirs", resource_group_name="rg", location="eastus", sku="Basic"
    )
    app.synth()


@pytest.mark.parametrize(
    ("arguments", "claims"),
    [
        (
            {"container_registry": NewRegistry(name="ACR12345", location="eastus")},
            ["container_registry.name is 'ACR12345'"],
        ),
        (
            {"resource_group_name": "RG", "private_endpoint": NewPrivateEndpoint(name="other")}
            | {"private_dns_zone": NewPrivateDnsZone()},
            ["resource_group_name is 'RG'", "virtual_network.name is 'vnet'"],
        ),
        ({"resource_group_name": "rg"}, ["private_endpoint.name is 'acrPvtEndpoint'"]),
        (
            {"endpoint_subnet": NewSubnet(address_prefix="10.0.20.0/24")},
            ["endpoint_subnet.name is 'PrivateEndpoint-subnet'"],
        ),
        (
            {"endpoint_subnet": NewSubnet(name="other", address_prefix="10.0.9.0/24")},
            ["endpoint_subnet.address_prefix is '10.0.9.0/24'"],
        ),
    ],
)
@pytest.mark.parametrize("testing", [True, False])
def test_two_registries_that_create_the_same_resource_are_refused(
    arguments: Any, claims: list[str], testing: bool, tmp_path: Path
) -> None:
    """The registries may be in any stacks, also in an app of cdktf's ``Testing``."""
    app = Testing.app() if testing else App(outdir=str(tmp_path))
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    registry(second, **other_arguments("20", **arguments))
    with pytest.raises(RuntimeError) as caught:
        Testing.synth(second, True) if testing else app.synth()
    for claim in claims:
        assert f"[second/acr] {claim}" in str(caught.value)
    assert str(caught.value).count("[first/acr] has it already") == len(claims)


def test_a_later_change_is_checked_by_the_next_synthesis() -> None:
    """Links to one network that are added after a synthesis clash as well."""
    stack = own_stack(Testing.app())
    zone = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    one = registry(stack, "one")
    two = registry(stack, "two", **other_arguments("20", private_dns_zone=zone))
    Testing.synth(stack, True)
    hub = f"{GROUP}/Microsoft.Network/virtualNetworks/hub"
    for each in (one, two):
        each.add_virtual_network_link(
            "hub", FurtherVirtualNetworkLink(name="hub", virtual_network_id=hub)
        )
    with pytest.raises(RuntimeError, match="is 'hub': a virtual network links to one zone"):
        Testing.synth(stack, True)


def test_a_registry_that_comes_later_is_checked_with_the_others() -> None:
    """It clashes with one that was found, but not validated, in the synthesis before."""
    app = Testing.app()
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    registry(second, **other_arguments("20"))
    Testing.synth(first, True)
    registry(own_stack(app, "third"), **other_arguments("20", resource_group_name="other"))
    with pytest.raises(RuntimeError, match=r"\[third/acr\] container_registry.name is 'acr202345'"):
        Testing.synth(second, True)


def test_a_registry_that_was_removed_clashes_with_none(app: App, stack: TerraformStack) -> None:
    """A program may take a construct out of its stack again, and create another one."""
    registry(stack)
    stack.node.try_remove_child("acr")
    registry(stack, "another")
    app.synth()


def test_registries_of_two_apps_know_nothing_of_each_other(tmp_path: Path) -> None:
    """What the registries of an app share is found in the app."""
    for name in ("one", "two"):
        app = App(outdir=str(tmp_path / name))
        registry(own_stack(app))
        app.synth()


def test_a_synthesis_reads_each_stack_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many registries are in a stack or in the app, and anew in each synthesis."""
    asked: list[str] = []
    send = process._NodeProcess.send

    def record(self: Any, request: Any, *more: Any) -> Any:
        asked.append(getattr(request, "method", ""))
        return send(self, request, *more)

    monkeypatch.setattr(process._NodeProcess, "send", record)
    for number in range(3):
        stack = own_stack(app, f"stack{number}")
        for each in range(2):
            registry(stack, f"acr{each}", **other_arguments(f"{number + 1}{each}"))
    for _ in range(2):
        asked.clear()
        app.synth()
        assert sorted(filter(None, asked)) == ["findAll", "synth", *["toTerraform"] * 3]


def test_registries_without_a_common_resource_are_synthesized(app: App, tmp_path: Path) -> None:
    """Registries may have the same names in different subscriptions."""
    registry(own_stack(app, "dev", f"{SUBSCRIPTION}1"))
    prod = own_stack(app, "prod", f"{SUBSCRIPTION}2")
    registry(prod, container_registry=NewRegistry(name="prod12345", location="eastus"))
    registry(prod, "other", **other_arguments("20"))
    app.synth()
    assert (tmp_path / "stacks" / "prod" / "cdk.tf.json").exists()


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        (
            {
                "resource_group_name": "größe",
                "virtual_network": NETWORK,
                "endpoint_subnet": NETWORK,
                "container_registry": "acr",
                "private_dns_zone": 1,
                "private_endpoint": {},
                "tags": {"a/b": "c"},
            },
            [
                "resource_group_name is 'größe': 1 to 90 letters (without accents)",
                "tags.a/b is 'a/b': 1 to 512 characters",
                "VirtualNetwork or DataAzurermVirtualNetwork is expected",
                "endpoint_subnet is '/subscriptions/00000000",
                "container_registry is 'acr': an id of the form ",
                "private_dns_zone is 1: NewPrivateDnsZone or PrivateDnsZone or DataAzurermPrivateD",
                "private_endpoint is {}: NewPrivateEndpoint is expected",
            ],
        ),
        (
            {"adopt": {"container_registry": NETWORK, "private_dns_zon": "x"}},
            ["adopt.container_registry is '/sub", "adopt is 'private_dns_zon': one of endpoint_s"],
        ),
        (
            {
                "endpoint_subnet": f"{NETWORK}2/subnets/subnet",
                "private_dns_zone": PrivateDnsZone.MANAGED_BY_POLICY,
                "private_dns_zone_virtual_network_link": NewVirtualNetworkLink(),
                "private_endpoint": NewPrivateEndpoint(request_message="please"),
            },
            [
                "private_endpoint.request_message is 'please': it asks the owner of a registry",
                "private_dns_zone_virtual_network_link is 'AcrDNSLink': it has no meaning where",
                "vnet2 is not vnet: the subnet must lie in virtual_network (see virtual_network)",
            ],
        ),
    ],
)
def test_all_wrong_arguments_are_reported_and_nothing_is_created(
    stack: TerraformStack, arguments: Any, problems: list[str]
) -> None:
    """Each problem is a line that begins with the construct's name."""
    with pytest.raises(ArgumentError) as caught:
        registry(stack, **arguments)
    assert_reported(caught.value, problems)
    assert stack.node.try_find_child("acr") is None


def test_wrong_types_of_any_argument_are_reported_together(stack: TerraformStack) -> None:
    """Each problem names what is expected, also where the value is empty."""
    existing: Any = Existing
    construct: Any = PrivateContainerRegistry
    wrong: dict[str, Any] = {
        "resource_group_name": None,
        "virtual_network": None,
        "endpoint_subnet": 5,
        "container_registry": existing(None),
        "private_dns_zone": [],
        "private_dns_zone_virtual_network_link": "link",
        "private_dns_zone_provider": "azurerm",
        "private_endpoint": 0,
        "adopt": True,
        "tags": [],
    }
    with pytest.raises(ArgumentError) as caught:
        construct("stack", 1, **wrong)
    told = dict(str(each).split(" is ", 1) for each in caught.value.problems)
    assert told.keys() == {"scope", "id", *wrong}
    assert told["scope"] == "'stack': Construct is expected"
    assert told["id"] == "1: text is expected"
    assert told["container_registry"] == (
        "empty: NewRegistry or ContainerRegistry or DataAzurermContainerRegistry or Existing or "
        "an id is expected"
    )
    assert told["adopt"] == "true: a mapping of keys to values is expected"
    with pytest.raises(ArgumentError) as caught:
        registry(stack, adopt={"container_registry": 1, "private_endpoint": Path("x")})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("method", "given", "problems"),
    [
        ("add_lock", ("CanNotDelete",), ["add_lock.lock is 'CanNotDelete': NewLock is expected"]),
        ("add_audit_logs", (None,), ["add_audit_logs.audit_logs is empty: NewAuditLogs is exp"]),
        ("add_pull_token", ([NewPullToken()],), ["add_pull_token.pull_token is [NewPullToken("]),
        (
            "add_cache_rule",
            (NewCacheRule(source="quay.io/a", target="a"), "rule"),
            ["add_cache_rule.id is NewCacheRule(", "add_cache_rule.cache_rule is 'rule': NewCach"],
        ),
        (
            "add_virtual_network_link",
            (None, {}),
            ["link.id is empty: text is", "link.link is {}: FurtherVirtualNetworkLink is exp"],
        ),
        ("accept_risk", (["sku"], 1), ["accept_risk.attribute is ['sku']: text is", "k.reason is"]),
        ("accept_risk", ("sku", " "), ["reason is ' ': say why it has to be so"]),
    ],
)
def test_wrong_types_are_reported_by_each_method(
    acr: PrivateContainerRegistry, method: str, given: Any, problems: list[str]
) -> None:
    """Nothing is added."""
    before = len(acr.node.children)
    with pytest.raises(ArgumentError) as caught:
        getattr(acr, method)(*given)
    assert_reported(caught.value, problems)
    assert len(acr.node.children) == before


def test_each_public_method_checks_the_types_of_its_arguments() -> None:
    """A new method is checked without a line of its own."""
    methods = {
        name
        for name, method in vars(PrivateContainerRegistry).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    assert methods >= {"add_lock", "accept_risk", "validate"}
    assert all(hasattr(getattr(PrivateContainerRegistry, name), "__wrapped__") for name in methods)


def test_an_addition_that_contradicts_the_registry_is_refused(stack: TerraformStack) -> None:
    """The refused lock or link is not in the stack, and a valid one can still be added."""
    link = FurtherVirtualNetworkLink(name="hub", virtual_network_id=f"{NETWORK}2")
    acr = registry(
        stack,
        container_registry=NewRegistry(name="acr12345", location="eastus", admin_enabled=True),
    )
    of_its_name = link.model_copy(update={"name": "acrdnslink"})
    of_its_network = link.model_copy(update={"virtual_network_id": NETWORK})
    with pytest.raises(ArgumentError, match="every later plan fails"):
        acr.add_lock(NewLock(lock_level="ReadOnly"))
    with pytest.raises(ArgumentError, match="the link to the cluster's own network has that name"):
        acr.add_virtual_network_link("b", of_its_name)
    with pytest.raises(ArgumentError, match="it is the cluster's own network, which is linked"):
        acr.add_virtual_network_link("c", of_its_network)
    created = {child.node.id for child in acr.node.children}
    assert not created & {"lock", "b", "c"}
    acr.add_lock(NewLock(lock_level="CanNotDelete"))
    acr.add_virtual_network_link("b", link)


def test_a_lock_and_audit_logs_can_be_added_only_once(acr: PrivateContainerRegistry) -> None:
    """A second one raises an ArgumentError, not an error of cdktf."""
    workspace = f"{GROUP}/Microsoft.OperationalInsights/workspaces/logs"
    add: Callable[[], object]
    for add in (
        lambda: acr.add_lock(NewLock(lock_level="CanNotDelete")),
        lambda: acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=workspace)),
    ):
        add()
        with pytest.raises(ArgumentError, match="called again': it is called once for a registry"):
            add()


def test_two_of_one_name_are_refused(acr: PrivateContainerRegistry) -> None:
    """Also a second token whose name only Terraform knows, since the ids are made of the names."""
    secrets = {
        f"{each}_secret_id": f"https://vault1.vault.azure.net/secrets/{each}"
        for each in ("username", "password")
    }
    login = NewCredentialSet(name="redhat", login_server="registry.redhat.io", **secrets)
    add: Callable[[], object]
    for add in (
        lambda: acr.add_pull_token(NewPullToken()),
        lambda: acr.add_pull_token(NewPullToken(name="password")),
        lambda: acr.grant_pull("agents", "00000000-0000-0000-0000-000000000009"),
        lambda: acr.add_credential_set(login),
    ):
        add()
        with pytest.raises(ArgumentError, match="there is one of this name already"):
            add()
    with pytest.raises(ArgumentError, match="a part of the ids"):
        acr.add_pull_token(NewPullToken(name="${var.token}"))
    with pytest.raises(ArgumentError, match="a part of the ids"):
        acr.add_credential_set(login.model_copy(update={"name": "${var.set}"}))


def test_an_app_is_held_to_the_rules_of_the_file(app: App, acr: PrivateContainerRegistry) -> None:
    """What is refused of roles, logins and the cache, each with what goes together before it."""
    principal = "00000000-0000-0000-0000-00000000000a"
    acr.grant_pull("agents", principal)
    vault = f"{GROUP}/Microsoft.KeyVault/vaults/another"
    url = "https://vault1.vault.azure.net/secrets/user"
    login = {"login_server": "ghcr.io", "username_secret_id": url, "password_secret_id": url}
    github = NewCredentialSet(name="github", key_vault_id=vault, **login)
    with pytest.raises(ArgumentError, match="has the role AcrPull already"):
        acr.grant_pull("again", principal.upper())
    with pytest.raises(ArgumentError, match="principal_id is 'me': a GUID"):
        acr.grant_push("me", "me")
    with pytest.raises(ArgumentError, match="gets its role on the vault another only"):
        acr.add_credential_set(github)
    closed = NewRegistry(name="closed12345", location="eastus", network_rule_bypass_option="None")
    other = registry(own_stack(app, "closed"), container_registry=closed)
    with pytest.raises(ArgumentError, match="Azure then cannot fill the cache"):
        other.add_cache_rule("quay", NewCacheRule(source="quay.io/a/*", target="a/*"))
    with pytest.raises(ArgumentError, match="image_mirror_source_policy is 'Never': 'NeverContact"):
        registry(own_stack(app, "wrong"), image_mirror_source_policy="Never")


def test_a_login_that_is_created_here_is_for_the_upstream_of_its_rule(
    stack: TerraformStack, acr: PrivateContainerRegistry
) -> None:
    """Only Terraform knows the id of a credential set, and the construct knows which set it is."""
    url = "https://vault1.vault.azure.net/secrets/user"
    secrets = {"username_secret_id": url, "password_secret_id": url}
    github = acr.add_credential_set(
        NewCredentialSet(name="github", login_server="ghcr.io", **secrets)
    )
    upstream = str(TerraformVariable(stack, "upstream", default="quay.io").fqn)
    any_upstream = acr.add_credential_set(
        NewCredentialSet(name="any-upstream", login_server=upstream, **secrets)
    )

    def add(source: str, login: str) -> None:
        rule = NewCacheRule(source=f"{source}/a", target=f"{source}/a", credential_set_id=login)
        acr.add_cache_rule(f"rule_{source}", rule)

    with pytest.raises(ArgumentError) as caught:
        add("quay.io", github.id)
    assert str(caught.value) == (
        "PrivateContainerRegistry: container_registry.cache_rules.0.credential_set_id is 'github': "
        "it logs in to ghcr.io, and the rule reads from quay.io"
    )
    own = f"{GROUP}/Microsoft.ContainerRegistry/registries/acr12345/credentialSets/github"
    with pytest.raises(ArgumentError, match="give the id of what add_credential_set returns"):
        add("ghcr.io", own)
    add("ghcr.io", github.id)
    add("quay.io", any_upstream.id)
    add("nvcr.io", upstream)


def test_a_token_and_cache_rules_that_azure_refuses_are_refused(
    acr: PrivateContainerRegistry,
) -> None:
    """An app is held to the rules of the file, and a refused rule is not in the stack."""
    acr.add_lock(NewLock(lock_level="ReadOnly"))
    acr.add_cache_rule("quay", NewCacheRule(source="quay.io/a/*", target="a/*"))
    hub = NewCacheRule(source="docker.io/nginx/*", target="a/nginx/*")
    with pytest.raises(ArgumentError) as caught:
        acr.add_pull_token(NewPullToken())
    assert_reported(caught.value, ["no password for a token"])
    with pytest.raises(ArgumentError) as caught:
        acr.add_cache_rule("hub", hub)
    assert_reported(caught.value, ["it overlaps a/*", "only with a login"])
    created = {child.node.id for child in acr.node.children}
    assert "quay" in created
    assert not created & {"hub", "pull_token", "pull_token_password"}


def test_a_token_in_another_subscription_stops_the_synthesis(app: App) -> None:
    """The provider finds the token's registry by its names, in its own subscription."""
    stack = own_stack(app, subscription=f"{SUBSCRIPTION}9")
    registry(stack, container_registry=THEIRS).add_pull_token(NewPullToken())
    with pytest.raises(RuntimeError, match="creates it in the stack's subscription"):
        app.synth()


def test_a_provider_with_an_alias_is_not_the_registrys(app: App, stack: TerraformStack) -> None:
    """Its subscription is that of other resources."""
    features = [AzurermProviderFeatures()]
    other = f"{SUBSCRIPTION}9"
    AzurermProvider(stack, "hub", features=features, alias="hub", subscription_id=other)
    registry(stack, container_registry=THEIRS).add_pull_token(NewPullToken())
    app.synth()


def test_a_zone_managed_by_azure_policy_has_no_links(stack: TerraformStack) -> None:
    """A link is refused if Azure Policy manages the zone, but a lock is allowed."""
    acr = registry(stack, private_dns_zone=PrivateDnsZone.MANAGED_BY_POLICY)
    link = FurtherVirtualNetworkLink(name="hub", virtual_network_id=f"{NETWORK}2")
    with pytest.raises(ArgumentError, match="no meaning where Azure Policy manages the zone"):
        acr.add_virtual_network_link("hub", link)
    acr.add_lock(NewLock(lock_level="ReadOnly"))
