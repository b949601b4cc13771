"""The arguments: what each takes and refuses, and where it arrives in the JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers import EXAMPLES, ROOT, Json
from standin import schema, validation

from constructs_lib import ArgumentError, arguments
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
)
from constructs_lib.schema import FROM_A_FILE, Arguments
from constructs_lib.settings import Registry
from constructs_lib.settings.model import RegistrySection

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

RESOURCES: dict[type[Arguments], list[str]] = {
    CommonArguments: [REGISTRY, ZONE, LINK, ENDPOINT],
    NewSubnet: [SUBNET],
    Encryption: [f"{REGISTRY}.encryption"],
    Identity: [f"{REGISTRY}.identity"],
    Georeplication: [f"{REGISTRY}.georeplications"],
    NewRegistry: [REGISTRY],
    NewPrivateDnsZone: [ZONE],
    NewVirtualNetworkLink: [LINK],
    FurtherVirtualNetworkLink: [LINK],
    NewPrivateEndpoint: [ENDPOINT],
    NewLock: [LOCK],
    NewAuditLogs: [LOGS],
}
"""The resources, or their blocks, that azurerm gets the arguments of each class for."""

RENAMED: dict[tuple[type[Arguments], str], str] = {
    (NewSubnet, "address_prefix"): "address_prefixes",
    (NewPrivateEndpoint, "private_service_connection_name"): "private_service_connection.name",
    (NewPrivateEndpoint, "private_dns_zone_group_name"): "private_dns_zone_group.name",
    (NewPrivateEndpoint, "private_ip_addresses"): "ip_configuration.private_ip_address",
    (NewPrivateEndpoint, "request_message"): "private_service_connection.request_message",
    (NewRegistry, "deletion_protection"): "",  # Terraform's own
}
"""The attribute of azurerm, where it does not have the argument's name."""

ELSEWHERE = {
    f"{SUBNET}.name": [f"data.{SUBNET}.name"],
    f"{ZONE}.name": [f"{LINK}.private_dns_zone_name"],
}
"""Attributes that azurerm validates where they are looked up or linked to, and not themselves."""

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


def attributes(cls: type[Arguments], name: str) -> list[str]:
    """The attributes that azurerm gets an argument for."""
    attribute = RENAMED.get((cls, name), name)
    return [f"{resource}.{attribute}" for resource in RESOURCES[cls] if attribute]


def validated(cls: type[Arguments], name: str) -> list[str]:
    """Those that azurerm validates the argument's texts by."""
    paths = [each for path in attributes(cls, name) for each in ELSEWHERE.get(path, [path])]
    both = [each for path in paths for each in (path, f"{path}[]")]
    return [each for each in both if each in RECORDED["accepts"]]


def arguments_of(*kinds: type[Arguments]) -> list[tuple[type[Arguments], str]]:
    """Each argument of some classes, or of all."""
    return [(cls, name) for cls in kinds or classes() for name in cls.model_fields]


def by_name(argument: tuple[type[Arguments], str]) -> str:
    """An argument as a test's name has it."""
    return f"{argument[0].__name__}.{argument[1]}"


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


@pytest.mark.parametrize("argument", arguments_of(), ids=by_name)
def test_an_argument_has_azurerms_name(argument: tuple[type[Arguments], str]) -> None:
    """Or the name of its block before that; another one would be a word to learn."""
    resources = schema.description()["resources"]
    for path in attributes(*argument):
        resource, *parts = path.split(".")
        block = resources[resource]
        for part in parts:
            assert part in block
            block = block[part].get("block", {})


VALIDATED = [argument for argument in arguments_of() if validated(*argument)]


@pytest.mark.parametrize("argument", VALIDATED, ids=by_name)
def test_an_argument_takes_nothing_that_the_provider_refuses(
    argument: tuple[type[Arguments], str],
) -> None:
    """Of all recorded values; it is stricter only where there is a reason for it."""
    refused_here_alone = []
    for value in RECORDED["maps" if argument[1] == "tags" else "strings"]:
        if argument == (NewPrivateDnsZone, "name") and value == "":
            continue
        sent = accepted(*argument, value)
        verdicts = [validation.accepts(each, value) for each in validated(*argument)]
        if sent is not None:
            for attribute in validated(*argument):
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


@pytest.mark.parametrize("argument", IDS, ids=by_name)
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


def given(registry: Registry) -> dict[str, Arguments]:
    """The objects of a file's registry, by the ids of the constructs that they become."""
    objects = {
        name: value for name, value in registry.arguments().items() if isinstance(value, Arguments)
    }
    for name, link in registry.virtual_network_links.items():
        further = FurtherVirtualNetworkLink.model_construct(name=name, **dict(link))
        objects[f"virtual_network_link_{name}"] = further
    section = registry.container_registry
    if isinstance(section, RegistrySection) and section.lock:
        objects["lock"] = NewLock(lock_level=section.lock)
    if isinstance(section, RegistrySection) and section.log_analytics_workspace_id:
        workspace = section.log_analytics_workspace_id
        objects["audit_logs"] = NewAuditLogs(log_analytics_workspace_id=workspace)
    return objects


EVERY = [
    (stack, id, made)
    for stack, registry in EXAMPLES["every-option"].items()
    for id, made in given(registry).items()
]
"""The objects of the example that has every option, with their stacks and construct ids."""

NOT_IN_A_FILE = {
    (CommonArguments, "resource_group_name"),  # keys of the registry itself
    (CommonArguments, "tags"),
    (NewPrivateDnsZone, "name"),  # follows from the environment
    (NewLock, "name"),
    (NewAuditLogs, "name"),
}


def parts(made: Arguments) -> Iterator[Arguments]:
    """An object, and the objects in it."""
    yield made
    for _, value in made:
        inner = value if isinstance(value, list) else [value]
        yield from (each for each in inner if isinstance(each, Arguments))


@pytest.mark.parametrize(
    "argument", [each for each in arguments_of() if each not in NOT_IN_A_FILE], ids=by_name
)
def test_the_example_has_every_option(argument: tuple[type[Arguments], str]) -> None:
    """With another value than its default: it has a line in examples/every-option.yaml."""
    cls, name = argument
    values = [
        getattr(part, name) for _, _, made in EVERY for part in parts(made) if isinstance(part, cls)
    ]
    assert [value for value in values if value != cls.model_fields[name].default]


ADDRESSES = {
    "registry": "10.1.0.20",
    "registry_data_centralus": "10.1.0.22",
    "registry_data_eastus2": "10.1.0.21",
    "registry_data_westus": "10.1.0.23",
}
IN_JSON: dict[str, Any] = {
    "address_prefix": ["10.1.0.16/28"],
    "deletion_protection": None,
    "encryption": [
        {
            "key_vault_key_id": "https://acr-vault.vault.azure.net/keys/acr",
            "identity_client_id": "00000000-0000-0000-0000-000000000009",
        }
    ],
    "private_ip_addresses": [
        {
            "name": member,
            "member_name": member,
            "subresource_name": "registry",
            "private_ip_address": address,
        }
        for member, address in ADDRESSES.items()
    ],
    "tags": {"team": "platform", "literal": "$${a} %%{ b }", "env": "prod"},
}
"""What becomes of a value that azurerm takes in another form."""


@pytest.mark.parametrize(
    ("stack", "id", "name", "value"),
    [
        pytest.param(stack, id, name, value, id=f"{stack}-{id}-{name}")
        for stack, id, made in EVERY
        for name, value in made
        if value != type(made).model_fields[name].default
    ],
)
def test_every_option_arrives_in_the_json(
    stack: str, id: str, name: str, value: Any, resources: dict[str, Json]
) -> None:
    """At azurerm's name, in the resource that it is given for."""
    paths = {argument: path for (_, argument), path in RENAMED.items()}
    paths |= {"deletion_protection": "lifecycle", "private_ip_addresses": "ip_configuration"}
    found: Any = resources[f"{stack}/{id}"]
    for part in paths.get(name, name).split("."):
        found = found.get(part)
    assert found == IN_JSON.get(name, _as_json(value))


def _as_json(value: Any) -> Any:
    if isinstance(value, Arguments):
        return {name: _as_json(each) for name, each in value if each is not None}
    return [_as_json(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def resources(synthesized: Callable[..., Json]) -> dict[str, Json]:
    """The attributes of each resource of the example, by its stack and its construct's id."""
    return {
        f"{stack}/{name.rpartition('_')[0].removeprefix('acr_')}": attributes
        for stack, registry in EXAMPLES["every-option"].items()
        for named in synthesized(registry)["resource"].values()
        for name, attributes in named.items()
    }


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


@pytest.mark.parametrize("argument", arguments_of(), ids=by_name)
def test_every_argument_is_explained_by_help(argument: tuple[type[Arguments], str]) -> None:
    """In the words that the documentation has for it."""
    cls, name = argument
    assert f"    {name}: {cls.model_fields[name].description}." in str(cls.__doc__)
    assert cls.model_fields[name].description
