"""What stops a synthesis in anybody's app: a registry that is opened, and two that clash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsii
import pytest
from cdktf import App, Aspects, IAspect, TerraformStack, Testing
from cdktf_cdktf_provider_azurerm.container_registry import ContainerRegistry
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from constructs import IConstruct

from constructs_lib import (
    ArgumentError,
    FurtherVirtualNetworkLink,
    NewAuditLogs,
    NewLock,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateContainerRegistry,
    PrivateDnsZone,
)

SUBSCRIPTION = "00000000-0000-0000-0000-00000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}1/resourceGroups/network-rg/providers"
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/vnet"


def own_stack(app: App, name: str = "own", subscription: str | None = None) -> TerraformStack:
    """A stack as somebody else's app has it."""
    stack = TerraformStack(app, name)
    features = [AzurermProviderFeatures()]
    AzurermProvider(stack, "azurerm", features=features, subscription_id=subscription)
    return stack


def registry(stack: TerraformStack, id: str = "acr", **arguments: Any) -> PrivateContainerRegistry:
    """The construct with as little said as possible, in a network that is looked up."""
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


def elsewhere(number: str, **arguments: Any) -> Any:
    """Arguments that share nothing with another registry's but the network."""
    return {
        "resource_group_name": f"{number}-rg",
        "endpoint_subnet": NewSubnet(name=number, address_prefix=f"10.0.{number}.0/24"),
        "container_registry": NewRegistry(name=f"acr{number}2345", location="westeurope"),
        "private_dns_zone": PrivateDnsZone.MANAGED_BY_POLICY,
        **arguments,
    }


@pytest.mark.parametrize(
    ("part", "attribute", "weak", "title"),
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
    part: str, attribute: str, weak: object, title: str, tmp_path: Path
) -> None:
    """With the rule's title, unless a reason is given, which is then in the JSON."""
    app = App(outdir=str(tmp_path))
    acr = registry(own_stack(app))
    resource = getattr(acr, part)
    resource.add_override(attribute, weak)
    with pytest.raises(RuntimeError, match=rf"\[own/acr/{part}\] {title}"):
        app.synth()
    assert not (tmp_path / "stacks" / "own" / "cdk.tf.json").exists()
    acr.accept(attribute, "until Friday")
    app.synth()
    stack = json.loads((tmp_path / "stacks" / "own" / "cdk.tf.json").read_text())
    reasons = {
        address: made["//"]["accepted"]
        for named in stack["resource"].values()
        for address, made in named.items()
        if "accepted" in made["//"]
    }
    assert list(reasons) == [resource.friendly_unique_id]
    assert "until Friday" in json.dumps(reasons)


def test_a_misspelt_attribute_is_not_accepted(tmp_path: Path) -> None:
    """Nothing would come of it, and somebody would believe otherwise."""
    acr = registry(own_stack(App(outdir=str(tmp_path))))
    for attribute in ("public_network_acces_enabled", "admin_enabled"):
        with pytest.raises(ArgumentError, match=rf"{attribute}': one of .*, sku is expected"):
            acr.accept(attribute, "until Friday")


@jsii.implements(IAspect)
class _Opens:
    """An aspect that turns public access on wherever it meets a registry."""

    def visit(self, node: IConstruct) -> None:
        """As cdktf calls it, stack by stack."""
        if isinstance(node, ContainerRegistry):
            node.public_network_access_enabled = True


def test_what_an_aspect_of_a_later_stack_opens_is_not_written(tmp_path: Path) -> None:
    """Though the first stack is all right, and was written before."""
    app = App(outdir=str(tmp_path))
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    registry(second, **elsewhere("20"))
    Aspects.of(second).add(_Opens())
    with pytest.raises(RuntimeError, match=r"/acr/container_registry\] Public network access must"):
        app.synth()
    assert not (tmp_path / "stacks" / "second" / "cdk.tf.json").exists()


def test_what_is_accepted_for_one_registry_is_not_for_another(tmp_path: Path) -> None:
    """And others' registries are not ours to judge."""
    app = App(outdir=str(tmp_path))
    stack = own_stack(app)
    one, two = registry(stack, "one"), registry(stack, "two", **elsewhere("20"))
    for acr in (one, two):
        assert isinstance(acr.container_registry, ContainerRegistry)
        acr.container_registry.add_override("public_network_access_enabled", True)
    one.accept("public_network_access_enabled", "until Friday")
    ContainerRegistry(
        stack, "theirs", name="theirs", resource_group_name="rg", location="eastus", sku="Basic"
    )
    with pytest.raises(RuntimeError) as caught:
        app.synth()
    reported = [line for line in str(caught.value).splitlines() if "must be off" in line]
    assert len(reported) == 1
    assert "[own/two/container_registry]" in reported[0]


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
def test_two_registries_of_an_app_that_create_one_thing_are_refused(
    arguments: Any, claims: list[str], testing: bool, tmp_path: Path
) -> None:
    """In whichever stacks they are, and in an app of cdktf's ``Testing``, too."""
    app = Testing.app() if testing else App(outdir=str(tmp_path))
    first, second = own_stack(app, "first"), own_stack(app, "second")
    registry(first)
    registry(second, **elsewhere("20", **arguments))
    with pytest.raises(RuntimeError) as caught:
        Testing.synth(second, True) if testing else app.synth()
    for claim in claims:
        assert f"[second/acr] {claim}" in str(caught.value)
    assert str(caught.value).count("[first/acr] has it already") == len(claims)


def test_registries_that_share_nothing_that_azure_has_once_are_fine(tmp_path: Path) -> None:
    """Also when only Terraform knows their names, or their subscriptions differ."""
    app = App(outdir=str(tmp_path))
    registry(own_stack(app, "dev", f"{SUBSCRIPTION}1"))
    prod = own_stack(app, "prod", f"{SUBSCRIPTION}2")
    registry(prod, container_registry=NewRegistry(name="prod12345", location="eastus"))
    registry(prod, "other", **elsewhere("20"))
    app.synth()
    assert (tmp_path / "stacks" / "prod" / "cdk.tf.json").exists()


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        (
            {"virtual_network": NETWORK},
            ["VirtualNetwork or DataAzurermVirtualNetwork is expected"],
        ),
        (
            {"endpoint_subnet": NETWORK, "container_registry": "acr", "private_dns_zone": 1},
            [
                "endpoint_subnet is '/subscriptions/00000000",
                "container_registry is 'acr': an id of the form ",
                "private_dns_zone is 1: NewPrivateDnsZone or PrivateDnsZone or PrivateDnsZone or ",
            ],
        ),
        (
            {"resource_group_name": "größe", "tags": {"a/b": "c"}, "private_endpoint": {}},
            [
                "resource_group_name is 'größe': 1 to 90 letters (without accents)",
                "tags.a/b is 'a/b': 1 to 512 characters",
                "private_endpoint is {}: NewPrivateEndpoint is expected",
            ],
        ),
        (
            {"private_endpoint": NewPrivateEndpoint(request_message="please")},
            ["private_endpoint.request_message is 'please': it asks the owner of a registry that"],
        ),
        (
            {
                "private_dns_zone": PrivateDnsZone.MANAGED_BY_POLICY,
                "private_dns_zone_virtual_network_link": NewVirtualNetworkLink(),
            },
            ["private_dns_zone_virtual_network_link is 'AcrDNSLink': it has no meaning where"],
        ),
        (
            {"endpoint_subnet": f"{NETWORK}2/subnets/subnet"},
            ["vnet2 is not vnet: the subnet must lie in virtual_network (see virtual_network)"],
        ),
        (
            {"adopt": {"container_registry": NETWORK, "private_dns_zon": "x"}},
            [
                "adopt.container_registry is '/sub",
                "adopt is 'private_dns_zon': one of endpoint_sub",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_at_once_and_nothing_is_added(
    arguments: Any, problems: list[str], tmp_path: Path
) -> None:
    """Each problem is a line that begins with the construct's name."""
    stack = own_stack(App(outdir=str(tmp_path)))
    with pytest.raises(ArgumentError) as caught:
        registry(stack, **arguments)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith("PrivateContainerRegistry: ")
        assert problem in line
    assert stack.node.try_find_child("acr") is None


def test_what_is_added_later_goes_together_with_what_is_there_or_is_refused(
    tmp_path: Path,
) -> None:
    """With a sentence, and without a trace in the stack."""
    stack = own_stack(App(outdir=str(tmp_path)))
    link = FurtherVirtualNetworkLink(name="hub", virtual_network_id=f"{NETWORK}2")
    acr = registry(
        stack,
        container_registry=NewRegistry(name="acr12345", location="eastus", admin_enabled=True),
    )
    for refused, sentence in (
        (lambda: acr.add_lock(NewLock(lock_level="ReadOnly")), "every later plan fails"),
        (
            lambda: acr.add_virtual_network_link(
                "b", link.model_copy(update={"name": "acrdnslink"})
            ),
            "the link to the cluster's own network has that name",
        ),
        (
            lambda: acr.add_virtual_network_link(
                "c", link.model_copy(update={"virtual_network_id": NETWORK})
            ),
            "it is the cluster's own network, which is linked already",
        ),
    ):
        with pytest.raises(ArgumentError, match=sentence):
            refused()
    created = {child.node.id for child in acr.node.children}
    assert not created & {"lock", "b", "c"}
    acr.add_lock(NewLock(lock_level="CanNotDelete"))
    acr.add_virtual_network_link("b", link)


def test_a_lock_and_logs_are_added_once(tmp_path: Path) -> None:
    """The second one is refused with a sentence, not with an error of cdktf's."""
    acr = registry(own_stack(App(outdir=str(tmp_path))))
    workspace = f"{GROUP}/Microsoft.OperationalInsights/workspaces/logs"
    for add in (
        lambda: acr.add_lock(NewLock(lock_level="CanNotDelete")),
        lambda: acr.add_audit_logs(NewAuditLogs(log_analytics_workspace_id=workspace)),
    ):
        add()
        with pytest.raises(ArgumentError, match="called again': it is called once for a registry"):
            add()


def test_where_azure_policy_has_the_zone_nothing_is_linked(tmp_path: Path) -> None:
    """A lock is fine."""
    acr = registry(
        own_stack(App(outdir=str(tmp_path))), private_dns_zone=PrivateDnsZone.MANAGED_BY_POLICY
    )
    link = FurtherVirtualNetworkLink(name="hub", virtual_network_id=f"{NETWORK}2")
    with pytest.raises(ArgumentError, match="no meaning where Azure Policy manages the zone"):
        acr.add_virtual_network_link("hub", link)
    acr.add_lock(NewLock(lock_level="ReadOnly"))
