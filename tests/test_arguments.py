"""The arguments: what each takes and refuses, and where it arrives in the JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast, get_args

import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_azurerm.data_azurerm_virtual_network import DataAzurermVirtualNetwork
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider, AzurermProviderFeatures
from helpers import ROOT, Json
from pydantic import BaseModel
from standin import validation

from constructs_lib import ArgumentError, PrivateContainerRegistry, arguments
from constructs_lib.arguments import (
    CommonArguments,
    Encryption,
    FurtherVirtualNetworkLink,
    Georeplication,
    Identity,
    NewAuditLogs,
    NewLock,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateDnsZone,
)
from constructs_lib.schema import FROM_A_FILE, Arguments

RECORDED: Json = json.loads((ROOT / "tests" / "standin" / "validation.json").read_text())
REGISTRY, SUBNET, ZONE, LINK, ENDPOINT = (
    "azurerm_container_registry",
    "azurerm_subnet",
    "azurerm_private_dns_zone",
    "azurerm_private_dns_zone_virtual_network_link",
    "azurerm_private_endpoint",
)
CONNECTION = f"{ENDPOINT}.private_service_connection"
LOGS, LOCK = "azurerm_monitor_diagnostic_setting", "azurerm_management_lock"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers"

BEHIND: dict[tuple[type[Arguments], str], list[str]] = {
    (CommonArguments, "resource_group_name"): [
        f"{kind}.resource_group_name" for kind in (REGISTRY, ZONE, LINK, ENDPOINT, SUBNET)
    ],
    (CommonArguments, "tags"): [f"{kind}.tags" for kind in (REGISTRY, ZONE, LINK, ENDPOINT)],
    (NewSubnet, "name"): ["data.azurerm_subnet.name"],
    (NewSubnet, "address_prefix"): [f"{SUBNET}.address_prefixes[]"],
    (Encryption, "key_vault_key_id"): [f"{REGISTRY}.encryption.key_vault_key_id"],
    (Encryption, "identity_client_id"): [f"{REGISTRY}.encryption.identity_client_id"],
    (Identity, "type"): [f"{REGISTRY}.identity.type"],
    (Identity, "identity_ids"): [f"{REGISTRY}.identity.identity_ids[]"],
    (Georeplication, "location"): [f"{REGISTRY}.georeplications.location"],
    (Georeplication, "tags"): [f"{REGISTRY}.georeplications.tags"],
    (NewRegistry, "name"): [f"{REGISTRY}.name"],
    (NewRegistry, "location"): [f"{REGISTRY}.location"],
    (NewRegistry, "network_rule_bypass_option"): [f"{REGISTRY}.network_rule_bypass_option"],
    (NewRegistry, "tags"): [f"{REGISTRY}.tags"],
    (NewPrivateDnsZone, "name"): [f"{LINK}.private_dns_zone_name"],
    (NewVirtualNetworkLink, "name"): [],  # azurerm does not validate it
    (NewVirtualNetworkLink, "resolution_policy"): [f"{LINK}.resolution_policy"],
    (FurtherVirtualNetworkLink, "name"): [],
    (FurtherVirtualNetworkLink, "virtual_network_id"): [f"{LINK}.virtual_network_id"],
    (FurtherVirtualNetworkLink, "resolution_policy"): [f"{LINK}.resolution_policy"],
    (NewPrivateEndpoint, "name"): [f"{ENDPOINT}.name"],
    (NewPrivateEndpoint, "private_service_connection_name"): [f"{CONNECTION}.name"],
    (NewPrivateEndpoint, "private_dns_zone_group_name"): [
        f"{ENDPOINT}.private_dns_zone_group.name"
    ],
    (NewPrivateEndpoint, "private_ip_addresses"): [
        f"{ENDPOINT}.ip_configuration.private_ip_address"
    ],
    (NewPrivateEndpoint, "request_message"): [f"{CONNECTION}.request_message"],
    (NewLock, "lock_level"): [f"{LOCK}.lock_level"],
    (NewLock, "name"): [f"{LOCK}.name"],
    (NewAuditLogs, "log_analytics_workspace_id"): [f"{LOGS}.log_analytics_workspace_id"],
    (NewAuditLogs, "name"): [f"{LOGS}.name"],
}
"""The attributes that azurerm gets each argument for, where it validates them."""

AN_ID = "an id is complete, begins with / and ends with a name, as Azure shows it"
AS_AZURE = "Azure's own rule is stricter than azurerm's"
STRICTER: dict[tuple[type[Arguments], str], str] = {
    (CommonArguments, "tags"): AS_AZURE,
    (NewSubnet, "name"): AS_AZURE,
    (NewSubnet, "address_prefix"): AS_AZURE,
    (Encryption, "key_vault_key_id"): "a key of a vault, and over https",
    (Identity, "identity_ids"): AN_ID,
    (Georeplication, "location"): "a region has letters and digits, and at most spaces",
    (Georeplication, "tags"): AS_AZURE,
    (NewRegistry, "location"): "a region has letters and digits, and at most spaces",
    (NewRegistry, "tags"): AS_AZURE,
    (NewPrivateDnsZone, "name"): "Azure resolves registries in no other zones",
    (NewVirtualNetworkLink, "name"): AS_AZURE,
    (FurtherVirtualNetworkLink, "name"): AS_AZURE,
    (FurtherVirtualNetworkLink, "virtual_network_id"): AN_ID,
    (NewPrivateEndpoint, "name"): AS_AZURE,
    (NewPrivateEndpoint, "private_ip_addresses"): "Azure assigns IPv4 addresses",
    (NewPrivateEndpoint, "request_message"): "a message is one line",
    (NewLock, "name"): AS_AZURE,
    (NewAuditLogs, "log_analytics_workspace_id"): AN_ID,
    (NewAuditLogs, "name"): "a name is one line",
}
"""Arguments that refuse some of what azurerm takes, and why."""


def classes() -> list[type[Arguments]]:
    """The classes that a user makes objects of."""
    return [
        each
        for each in vars(arguments).values()
        if isinstance(each, type)
        and issubclass(each, Arguments)
        and each not in (Arguments, arguments.RegistryOptions, arguments.LinkedNetwork)
        and each is not arguments.IpConfiguration
    ]


def takes_text(annotation: Any) -> bool:
    """Whether a value of a type is text, texts, or tags, be it one of a few words."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return False
    leaves = get_args(annotation)
    return (
        any(map(takes_text, leaves)) if leaves else annotation is str or isinstance(annotation, str)
    )


def accepted(cls: type[Arguments], name: str, value: Any) -> Any:
    """What becomes of a value for an argument: None if it is refused."""
    wrapped = {"identity_ids": [value], "private_ip_addresses": {"registry": value}}.get(
        name, value
    )
    needed = {key: needs for key, needs in NEEDED.items() if key in cls.model_fields}
    try:
        made = cls.model_validate({**needed, name: wrapped}, context=FROM_A_FILE)
    except ValueError:
        return None
    taken = getattr(made, name)
    return {
        "identity_ids": lambda: taken[0],
        "private_ip_addresses": lambda: taken["registry"],
    }.get(name, lambda: taken)()


NEEDED: Json = {
    "name": "acr12345",
    "resource_group_name": "rg",
    "address_prefix": "10.0.8.0/23",
    "location": "eastus",
    "type": "UserAssigned",
    "key_vault_key_id": "https://kv.vault.azure.net/keys/acr",
    "identity_client_id": "00000000-0000-0000-0000-000000000009",
    "virtual_network_id": f"{GROUP}/Microsoft.Network/virtualNetworks/hub",
    "lock_level": "ReadOnly",
    "log_analytics_workspace_id": f"{GROUP}/Microsoft.OperationalInsights/workspaces/logs",
}


def test_every_argument_that_takes_text_is_looked_at() -> None:
    """One that nobody has thought of would be unchecked."""
    found = {
        (cls, name)
        for cls in classes()
        for name, field in cls.model_fields.items()
        if takes_text(field.annotation)
    }
    assert found == set(BEHIND)
    assert set(STRICTER) <= set(BEHIND)


@pytest.mark.parametrize("argument", BEHIND, ids=lambda each: f"{each[0].__name__}.{each[1]}")
def test_an_argument_takes_nothing_that_the_provider_refuses(
    argument: tuple[type[Arguments], str],
) -> None:
    """Of all recorded values; it is stricter only where there is a reason for it."""
    refused_here_alone = []
    for value in RECORDED["maps" if argument[1] == "tags" else "strings"]:
        if argument == (NewPrivateDnsZone, "name") and value == "":
            continue
        sent = accepted(*argument, value)
        verdicts = [validation.accepts(each, value) for each in BEHIND[argument]]
        if sent is not None:
            for attribute in BEHIND[argument]:
                unescaped = _unescaped(sent)
                assert validation.accepts(attribute, unescaped), (attribute, value, sent)
        elif all(verdicts):
            refused_here_alone.append(value)
    assert bool(refused_here_alone) == (argument in STRICTER), refused_here_alone


def _unescaped(sent: Any) -> Any:
    """What Terraform makes of a text that is meant as it stands."""
    if isinstance(sent, dict):
        return {_unescaped(name): _unescaped(value) for name, value in sent.items()}
    return sent.replace("$${", "${").replace("%%{", "%{")


IDS = [argument for argument, reason in STRICTER.items() if reason == AN_ID]


@pytest.mark.parametrize("argument", IDS, ids=lambda each: f"{each[0].__name__}.{each[1]}")
def test_an_id_is_taken_in_whatever_capitals_azure_shows(
    argument: tuple[type[Arguments], str],
) -> None:
    """The fixed segments get Azure's own spelling, and the user's parts stay as they are."""
    rights = [text for text in RECORDED["strings"] if accepted(*argument, text) == text]
    right = next(text for text in rights if "größe" not in text)
    parts = right.split("/")
    fixed = {*range(1, len(parts), 2), 6}
    for change in (str.lower, str.upper, str.title):
        odd = "/".join(change(part) if i in fixed else part for i, part in enumerate(parts))
        odd = odd.replace("/rg/", "/rG/").replace(parts[-1], parts[-1].swapcase())
        expected = right.replace("/rg/", "/rG/").replace(parts[-1], parts[-1].swapcase())
        assert accepted(*argument, odd) == expected


EVERY: dict[str, Arguments] = {
    "endpoint_subnet": NewSubnet(name="another", address_prefix="10.0.10.0/24"),
    "container_registry": NewRegistry(
        name="another12345",
        location="westus",
        admin_enabled=True,
        data_endpoint_enabled=True,
        encryption=Encryption(
            key_vault_key_id=NEEDED["key_vault_key_id"],
            identity_client_id=NEEDED["identity_client_id"],
        ),
        export_policy_enabled=False,
        georeplications=[
            Georeplication(
                location="eastus",
                regional_endpoint_enabled=False,
                zone_redundancy_enabled=True,
                tags={"another": "replica"},
            )
        ],
        identity=Identity(
            type="UserAssigned",
            identity_ids=[f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"],
        ),
        network_rule_bypass_option="None",
        zone_redundancy_enabled=True,
        tags={"another": "registry"},
        deletion_protection=False,
    ),
    "private_dns_zone": NewPrivateDnsZone(name="privatelink.azurecr.us"),
    "private_dns_zone_virtual_network_link": NewVirtualNetworkLink(
        name="own", resolution_policy="NxDomainRedirect"
    ),
    "private_endpoint": NewPrivateEndpoint(
        name="another",
        private_service_connection_name="another",
        private_dns_zone_group_name="another",
        private_ip_addresses={
            "registry": "10.0.10.4",
            "westus": "10.0.10.5",
            "eastus": "10.0.10.6",
        },
        request_message="please",
    ),
    "virtual_network_link": FurtherVirtualNetworkLink(
        name="another",
        virtual_network_id=NEEDED["virtual_network_id"],
        resolution_policy="Default",
    ),
    "lock": NewLock(lock_level="CanNotDelete", name="another"),
    "audit_logs": NewAuditLogs(
        name="another", log_analytics_workspace_id=NEEDED["log_analytics_workspace_id"]
    ),
}
"""Every argument of every resource, with a value that is not its default."""

ELSEWHERE: dict[str, tuple[str, Any]] = {
    "address_prefix": ("address_prefixes", ["10.0.10.0/24"]),
    "deletion_protection": ("lifecycle", None),
    "encryption": (
        "encryption",
        [{name: NEEDED[name] for name in ("key_vault_key_id", "identity_client_id")}],
    ),
    "private_dns_zone_group_name": ("private_dns_zone_group.name", "another"),
    "private_ip_addresses": (
        "ip_configuration",
        [
            {
                "name": member,
                "member_name": member,
                "subresource_name": "registry",
                "private_ip_address": address,
            }
            for member, address in (
                ("registry", "10.0.10.4"),
                ("registry_data_eastus", "10.0.10.6"),
                ("registry_data_westus", "10.0.10.5"),
            )
        ],
    ),
    "private_service_connection_name": ("private_service_connection.name", "another"),
    "request_message": ("private_service_connection.request_message", "please"),
}
"""What is in the JSON for an argument that azurerm has no argument of the same name for."""


@pytest.fixture(scope="module")
def resources() -> Json:
    """The resources of a registry with every argument, by the names of their construct ids.

    A message goes with a registry that exists, so that there are two.
    """
    stack = TerraformStack(Testing.app(), "own")
    AzurermProvider(stack, "azurerm", features=[AzurermProviderFeatures()])
    network = DataAzurermVirtualNetwork(stack, "v", name="vnet", resource_group_name="rg")
    given: Any = {name: EVERY[name] for name in list(EVERY)[:5]}
    asking = given.pop("private_endpoint")
    registry = PrivateContainerRegistry(
        stack,
        "one",
        resource_group_name="rg",
        virtual_network=network,
        private_endpoint=asking.model_copy(update={"request_message": None}),
        **given,
    )
    registry.add_virtual_network_link(
        "virtual_network_link", cast(Any, EVERY["virtual_network_link"])
    )
    registry.add_lock(cast(NewLock, EVERY["lock"]))
    registry.add_audit_logs(cast(NewAuditLogs, EVERY["audit_logs"]))
    PrivateContainerRegistry(
        stack,
        "two",
        resource_group_name="two-rg",
        virtual_network=network,
        endpoint_subnet=NewSubnet(name="two", address_prefix="10.0.11.0/24"),
        container_registry=f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs",
        private_dns_zone=PrivateDnsZone.MANAGED_BY_POLICY,
        private_endpoint=NewPrivateEndpoint(request_message="please"),
    )
    synthesized = json.loads(Testing.synth(stack, True))["resource"]
    return {
        name.rpartition("_")[0]: attributes
        for named in synthesized.values()
        for name, attributes in named.items()
    }


@pytest.mark.parametrize(
    ("resource", "argument"),
    [(resource, name) for resource, made in EVERY.items() for name in type(made).model_fields],
)
def test_every_argument_arrives_in_the_json(resources: Json, resource: str, argument: str) -> None:
    """At its own name, or where azurerm has it."""
    value = getattr(EVERY[resource], argument)
    assert value != type(EVERY[resource]).model_fields[argument].default
    path, expected = ELSEWHERE.get(argument, (argument, _as_json(value)))
    found = resources[f"{'two' if argument == 'request_message' else 'one'}_{resource}"]
    for part in path.split("."):
        found = found.get(part)
    assert found == expected


def _as_json(value: Any) -> Any:
    if isinstance(value, Arguments):
        return {name: _as_json(each) for name, each in value}
    return [_as_json(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("make", "problems"),
    [
        (
            lambda: NewRegistry(name="my-acr", loction="eastus"),  # type: ignore[call-arg]
            [
                "NewRegistry: name is 'my-acr': 5 to 50 letters and digits, no others",
                "NewRegistry: location is missing: the registry's region; the endpoint is in the ",
                "NewRegistry: loction is 'eastus': an unknown key; did you mean location?",
            ],
        ),
        (
            lambda: NewSubnet(address_prefix="10.0.8.1/23", name="GatewaySubnet"),
            [
                "NewSubnet: name is 'GatewaySubnet': another name: Azure reserves GatewaySubnet, ",
                "NewSubnet: address_prefix is '10.0.8.1/23': it has host bits set; the prefix arou",
            ],
        ),
        (
            lambda: NewRegistry(name="acr12345", location="eastus", tags={"Team": "", "team": ""}),
            ["NewRegistry: tags.team is '': Azure takes it for Team, whatever the capitals; keep"],
        ),
        (
            lambda: NewPrivateEndpoint(private_ip_addresses={"east-us": "10.0.8.4"}),
            ["NewPrivateEndpoint: private_ip_addresses.east-us is 'east-us': an Azure region, as "],
        ),
    ],
)
def test_what_is_wrong_is_said_where_the_object_is_made(make: Any, problems: list[str]) -> None:
    """All of it at once, each argument with its value and what is expected."""
    with pytest.raises(ArgumentError) as caught:
        make()
    for line, problem in zip(str(caught.value).splitlines(), problems, strict=True):
        assert line.startswith(problem)


def described() -> Iterator[tuple[type[Arguments], str]]:
    """Each argument of each class."""
    for cls in classes():
        for name in cls.model_fields:
            yield cls, name


@pytest.mark.parametrize("argument", list(described()), ids=lambda e: f"{e[0].__name__}.{e[1]}")
def test_every_argument_is_explained_by_help(argument: tuple[type[Arguments], str]) -> None:
    """In the words that the documentation has for it."""
    cls, name = argument
    assert f"    {name}: {cls.model_fields[name].description}." in str(cls.__doc__)
    assert cls.model_fields[name].description
