"""Each argument's name and validation, and its place in the stack's JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from helpers import EXAMPLES, ROOT, Json

from constructs_lib import ArgumentError
from constructs_lib.arguments import additions, guide
from constructs_lib.arguments.additions import (
    FurtherVirtualNetworkLink,
    NewAuditLogs,
    NewCacheRule,
    NewCredentialSet,
    NewLock,
    NewPullToken,
    RoleAssignment,
)
from constructs_lib.arguments.base import FROM_A_FILE, Arguments
from constructs_lib.arguments.bindings import SINCE
from constructs_lib.arguments.guide import (
    CommonArguments,
    Encryption,
    Georeplication,
    Identity,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
)
from constructs_lib.settings import Registry
from constructs_lib.settings.sections import RegistrySection
from standin import schema, validation

VERDICTS: dict[str, Json] = {
    version: json.loads((ROOT / "standin" / f"azurerm-{version}-validation.json").read_text())
    for version in schema.versions()
}
RECORDED = VERDICTS[schema.VERSION]
REGISTRY, SUBNET, ZONE, LINK, ENDPOINT = (
    "azurerm_container_registry",
    "azurerm_subnet",
    "azurerm_private_dns_zone",
    "azurerm_private_dns_zone_virtual_network_link",
    "azurerm_private_endpoint",
)
LOGS, LOCK = "azurerm_monitor_diagnostic_setting", "azurerm_management_lock"
TOKEN, CACHE_RULE = f"{REGISTRY}_token", f"{REGISTRY}_cache_rule"
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
    NewPullToken: [TOKEN],
    RoleAssignment: ["azurerm_role_assignment"],
    NewCredentialSet: [f"{REGISTRY}_credential_set"],
    NewCacheRule: [CACHE_RULE],
}
"""The azurerm resources, or their blocks, that the arguments of each class describe."""

BASES = (
    guide.RegistryOptions,
    guide.PrivateEndpointOptions,
    additions.LinkedNetwork,
    additions.PullToken,
    additions.CredentialSet,
)
"""Classes of arguments that others complete."""

RENAMED: dict[tuple[type[Arguments], str], str] = {
    (NewSubnet, "address_prefix"): "address_prefixes",
    (NewPrivateEndpoint, "private_service_connection_name"): "private_service_connection.name",
    (NewPrivateEndpoint, "private_dns_zone_group_name"): "private_dns_zone_group.name",
    (NewPrivateEndpoint, "private_ip_addresses"): "ip_configuration.private_ip_address",
    (NewPrivateEndpoint, "request_message"): "private_service_connection.request_message",
    (NewRegistry, "deletion_protection"): "",  # Terraform's own argument
    (NewCacheRule, "source"): "source_repo",
    (NewCacheRule, "target"): "target_repo",
    (NewPullToken, "repositories"): "",  # the actions of the scope map
    (NewPullToken, "expiry"): "_password.password1.expiry",
    (RoleAssignment, "role"): "role_definition_name",
    (NewCredentialSet, "username_secret_id"): "authentication_credentials.username_secret_id",
    (NewCredentialSet, "password_secret_id"): "authentication_credentials.password_secret_id",
    (NewCredentialSet, "key_vault_id"): "",  # the scope of a role assignment
    (CommonArguments, "image_mirror_source_policy"): "",  # a field of OpenShift's mirror sets
}
"""The azurerm attributes that do not have the argument's name."""

VALIDATED_ELSEWHERE = {
    f"{SUBNET}.name": [f"data.{SUBNET}.name"],
    f"{ZONE}.name": [f"{LINK}.private_dns_zone_name"],
}
"""Attributes that azurerm validates only in the data source or in the link."""

COMPLETE_ID = "an id must be complete: it begins with / and ends with a name"
AZURES_RULE = "Azure's own rule is stricter than azurerm's"
STRICTER: dict[tuple[type[Arguments], str], str] = {
    (CommonArguments, "tags"): AZURES_RULE,
    (NewSubnet, "name"): AZURES_RULE,
    (NewSubnet, "address_prefix"): AZURES_RULE,
    (Encryption, "key_vault_key_id"): "the key must be in a vault, and its URL must use https",
    (Identity, "identity_ids"): COMPLETE_ID,
    (Georeplication, "location"): "a region contains only letters, digits and spaces",
    (Georeplication, "tags"): AZURES_RULE,
    (NewRegistry, "location"): "a region contains only letters, digits and spaces",
    (NewRegistry, "tags"): AZURES_RULE,
    (NewPrivateDnsZone, "name"): "Azure resolves registries only in these zones",
    (FurtherVirtualNetworkLink, "virtual_network_id"): COMPLETE_ID,
    (NewPrivateEndpoint, "name"): AZURES_RULE,
    (NewPrivateEndpoint, "location"): "a region contains only letters, digits and spaces",
    (NewPrivateEndpoint, "private_ip_addresses"): "Azure assigns only IPv4 addresses",
    (NewPrivateEndpoint, "request_message"): "a message must be one line",
    (NewLock, "name"): AZURES_RULE,
    (NewAuditLogs, "log_analytics_workspace_id"): COMPLETE_ID,
    (NewAuditLogs, "name"): "a name must be one line",
    (RoleAssignment, "role"): "other roles are not for registries",
    (NewCredentialSet, "username_secret_id"): "a secret's URL, where azurerm takes a key's too",
    (NewCredentialSet, "password_secret_id"): "a secret's URL, where azurerm takes a key's too",
    (NewCacheRule, "credential_set_id"): COMPLETE_ID,
}
"""Arguments that refuse some values that azurerm accepts, with the reason."""


def classes() -> list[type[Arguments]]:
    """The classes of arguments that a user creates objects of."""
    return [
        each
        for module in (guide, additions)
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Arguments)
        and each.__module__ == module.__name__
        and each not in BASES
        and each is not guide.IpConfiguration
    ]


def attributes(cls: type[Arguments], name: str) -> list[str]:
    """The azurerm attributes that an argument sets."""
    attribute = RENAMED.get((cls, name), name)
    dot = "" if attribute.startswith("_") else "."  # another resource of the same prefix
    return [f"{resource}{dot}{attribute}" for resource in RESOURCES[cls] if attribute]


def validated_attributes(cls: type[Arguments], name: str) -> list[tuple[str, str]]:
    """The azurerm attributes that validate an argument's texts, and their versions of azurerm."""
    paths = [
        each for path in attributes(cls, name) for each in VALIDATED_ELSEWHERE.get(path, [path])
    ]
    candidates = [each for path in paths for each in (path, f"{path}[]")]
    return [
        (each, version)
        for version, verdicts in VERDICTS.items()
        for each in candidates
        if each in verdicts["accepts"]
    ]


def arguments_of(*kinds: type[Arguments]) -> list[tuple[type[Arguments], str]]:
    """Each argument of the given classes, or of all classes."""
    return [(cls, name) for cls in kinds or classes() for name in cls.model_fields]


def by_name(argument: tuple[type[Arguments], str]) -> str:
    """The name of an argument in a test's id."""
    return f"{argument[0].__name__}.{argument[1]}"


def stored_value(cls: type[Arguments], name: str, value: Any) -> Any:
    """The value that an object stores for an argument, or None if the argument refuses it."""
    wrapped = {"identity_ids": [value], "private_ip_addresses": {"registry": value}}.get(
        name, value
    )
    required = {key: each for key, each in REQUIRED.items() if key in cls.model_fields}
    try:
        created = cls.model_validate({**required, name: wrapped}, context=FROM_A_FILE)
    except ValueError:
        return None
    stored = getattr(created, name)
    return {
        "identity_ids": lambda: stored[0],
        "private_ip_addresses": lambda: stored["registry"],
    }.get(name, lambda: stored)()


REQUIRED: Json = {
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
    "source": "quay.io/strimzi/*",
    "target": "strimzi/*",
    "principal_id": "00000000-0000-0000-0000-000000000009",
    "role": "AcrPull",
    "login_server": "registry.redhat.io",
    "username_secret_id": "https://kv.vault.azure.net/secrets/user",
    "password_secret_id": "https://kv.vault.azure.net/secrets/password",
}
"""A valid value for each required argument."""


@pytest.mark.parametrize("argument", arguments_of(), ids=by_name)
def test_an_argument_has_azurerms_name(argument: tuple[type[Arguments], str]) -> None:
    """An argument has the name of azurerm's attribute, or of its block and attribute together."""
    version = schema.versions()[-1] if argument[1] in SINCE else schema.VERSION
    resources = schema.description(version)["resources"]
    for path in attributes(*argument):
        resource, *parts = path.split(".")
        block = resources[resource]
        for part in parts:
            assert part in block
            block = block[part].get("block", {})


VALIDATED = [argument for argument in arguments_of() if validated_attributes(*argument)]


@pytest.mark.parametrize("argument", VALIDATED, ids=by_name)
def test_an_argument_refuses_each_value_that_azurerm_refuses(
    argument: tuple[type[Arguments], str],
) -> None:
    """An argument refuses each value that azurerm refuses; only those in STRICTER refuse more."""
    refused_only_here = []
    for value in RECORDED["maps" if argument[1] == "tags" else "strings"]:
        if argument == (NewPrivateDnsZone, "name") and value == "":
            continue
        stored = stored_value(*argument, value)
        validated = validated_attributes(*argument)
        verdicts = [validation.accepts(each, value, version) for each, version in validated]
        if stored is not None:
            for attribute, version in validated:
                accepted = validation.accepts(attribute, stored, version)
                assert accepted, (attribute, version, value, stored)
        elif all(verdicts):
            refused_only_here.append(value)
    assert bool(refused_only_here) == (argument in STRICTER), refused_only_here


IDS = [argument for argument, reason in STRICTER.items() if reason == COMPLETE_ID]


@pytest.mark.parametrize("argument", IDS, ids=by_name)
def test_an_id_is_accepted_in_any_case(
    argument: tuple[type[Arguments], str],
) -> None:
    """The fixed segments of an id get Azure's spelling, and the names in it keep theirs."""
    valid_ids = [text for text in RECORDED["strings"] if stored_value(*argument, text) == text]
    valid_id = next(text for text in valid_ids if "größe" not in text)
    parts = valid_id.split("/")
    fixed = {*range(1, len(parts), 2), 6}
    for change in (str.lower, str.upper, str.title):
        id = "/".join(change(part) if i in fixed else part for i, part in enumerate(parts))
        id = id.replace("/rg/", "/rG/").replace(parts[-1], parts[-1].swapcase())
        expected = valid_id.replace("/rg/", "/rG/").replace(parts[-1], parts[-1].swapcase())
        assert stored_value(*argument, id) == expected


def objects_of(registry: Registry) -> dict[str, Arguments]:
    """The argument objects of a registry's settings, by the ids of their constructs."""
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
    for name, token in section.pull_tokens.items():
        id = "pull_token" if name == "aro-pull" else f"token_{name}"
        objects[id] = NewPullToken.model_construct(name=name, **dict(token))
    for name, assignment in section.role_assignments.items():
        objects[f"role_assignment_{name}"] = assignment
    for name, login in section.credential_sets.items():
        created = NewCredentialSet.model_construct(name=name, **dict(login))
        objects[f"credential_set_{name}"] = created
    for rule in section.cache_rules:
        id = f"cache_rule_{rule.target}"
        objects[id.replace("/", "--").replace("*", "")] = rule  # as cdktf writes it
    return objects


EVERY_OBJECT = [
    (stack, id, created)
    for stack, registry in EXAMPLES["every-option"].items()
    for id, created in objects_of(registry).items()
]
"""The argument objects of examples/every-option.yaml, with their stacks and construct ids."""

NOT_IN_A_FILE = {
    (CommonArguments, "resource_group_name"),  # in a file, keys of the registry itself
    (CommonArguments, "tags"),
    (CommonArguments, "image_mirror_source_policy"),
    (NewPrivateDnsZone, "name"),  # the environment determines it
    (NewPrivateEndpoint, "location"),  # the stack reads the network during the plan
    (NewLock, "name"),
    (NewAuditLogs, "name"),
}


def with_inner_objects(outer: Arguments) -> Iterator[Arguments]:
    """An object, and the objects in its fields."""
    yield outer
    for _, value in outer:
        values = value if isinstance(value, list) else [value]
        yield from (each for each in values if isinstance(each, Arguments))


@pytest.mark.parametrize(
    "argument",
    [each for each in arguments_of() if each not in NOT_IN_A_FILE and each[1] not in SINCE],
    ids=by_name,
)
def test_the_example_has_every_option(argument: tuple[type[Arguments], str]) -> None:
    """examples/every-option.yaml sets each argument to another value than its default.

    The arguments that the installed bindings lack are in its comments.
    """
    cls, name = argument
    values = [
        getattr(each, name)
        for _, _, created in EVERY_OBJECT
        for each in with_inner_objects(created)
        if isinstance(each, cls)
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
    "repositories": [
        f"repositories/{repository}/{what}/read"
        for repository in ("team/*", "base/ubi")
        for what in ("content", "metadata")
    ],
    "credential_set": (
        "${azurerm_container_registry_credential_set.acr_credential_set_redhat_37D218A1.id}"
    ),
}
"""The JSON of the values that azurerm takes in another form."""


ELSEWHERE = {
    "expiry": "token_password_{}",
    "repositories": "token_scope_map_{}",
    "key_vault_id": "credential_set_role_{}",
}
"""The construct ids of other resources that have an argument, by the name of what they are for."""


@pytest.mark.parametrize(
    ("stack", "id", "name", "value"),
    [
        pytest.param(stack, id, name, value, id=f"{stack}-{id}-{name}")
        for stack, id, created in EVERY_OBJECT
        for name, value in created
        if value != type(created).model_fields[name].default
    ],
)
def test_every_option_is_in_the_json(
    stack: str, id: str, name: str, value: Any, resources: dict[str, Json]
) -> None:
    """The JSON of the argument's resource contains its value under azurerm's name."""
    paths = {argument: path for (_, argument), path in RENAMED.items()}
    paths |= {"deletion_protection": "lifecycle", "private_ip_addresses": "ip_configuration"}
    paths |= {"expiry": "password1.expiry", "repositories": "actions", "key_vault_id": "scope"}
    paths["credential_set"] = "credential_set_id"
    place = ELSEWHERE[name].format(id.rpartition("_")[2]) if name in ELSEWHERE else id
    found: Any = resources[f"{stack}/{place}"]
    for part in paths.get(name, name).split("."):
        found = found.get(part)
    assert found == IN_JSON.get(name, _as_json(value))


def _as_json(value: Any) -> Any:
    if isinstance(value, Arguments):
        return {name: _as_json(each) for name, each in value if each is not None}
    return [_as_json(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def resources(synthesized: Callable[..., Json]) -> dict[str, Json]:
    """The attributes of each resource in the example, by its stack and its construct's id."""
    return {
        f"{stack}/{name.rpartition('_')[0].removeprefix('acr_')}": attributes
        for stack, registry in EXAMPLES["every-option"].items()
        for resources_of_type in synthesized(registry)["resource"].values()
        for name, attributes in resources_of_type.items()
    }


MISSPELT: dict[str, Any] = {"name": "my-acr", "loction": "eastus"}


@pytest.mark.parametrize(
    ("create", "problems"),
    [
        (
            lambda: NewRegistry(**MISSPELT),
            [
                "NewRegistry: name is 'my-acr': 5 to 50 letters and digits, no others",
                "NewRegistry: location is missing: the registry's Azure region; the endpoint is ",
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
            ["NewRegistry: tags.team is '': Azure takes it for Team, in upper or lower case; keep"],
        ),
        (
            lambda: NewPrivateEndpoint(private_ip_addresses={"east-us": "10.0.8.4"}),
            ["NewPrivateEndpoint: private_ip_addresses.east-us is 'east-us': an Azure region "],
        ),
        (
            lambda: NewPullToken(*["cluster1"]),
            ["NewPullToken: an argument is 'cluster1': give each by its name: repositories=…, "],
        ),
    ],
)
def test_all_wrong_arguments_are_reported_when_the_object_is_created(
    create: Any, problems: list[str]
) -> None:
    """The error contains each wrong argument with its value and the expected form."""
    with pytest.raises(ArgumentError) as caught:
        create()
    for line, problem in zip(str(caught.value).splitlines(), problems, strict=True):
        assert line.startswith(problem)


@pytest.mark.parametrize("argument", arguments_of(), ids=by_name)
def test_help_describes_every_argument(argument: tuple[type[Arguments], str]) -> None:
    """The docstring of a class contains the description of each argument."""
    cls, name = argument
    assert f"    {name}: {cls.model_fields[name].description}." in str(cls.__doc__)
    assert cls.model_fields[name].description
