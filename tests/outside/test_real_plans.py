"""The real provider and the stand-in plan the same changes.

``make test-provider`` runs this file: it is how a maintainer sees that the stand-in is still right
after an update. No state and no login is needed, since the real provider only plans: the stand-in
has made the state, Terraform does not refresh it, and a stand-in for ``az`` gives a token.
"""

from __future__ import annotations

import base64
import json
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import versions
from deployment import Deployment
from helpers import SUBSCRIPTION, Json
from mirror import ENVIRON, VERSIONS
from workflows import path_with, write_program

from constructs_lib.arguments.problems import ArgumentError

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/vault1"
PRINCIPAL = "00000000-0000-0000-0000-00000000000a"
TOKEN = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "none"}, {"oid": "o", "tid": "t", "appid": "a", "scp": "openid"}, {})
)
ACCOUNT = {"id": SUBSCRIPTION, "tenantId": "t", "user": {"name": "me", "type": "user"}}
EXPIRY = "2999-01-01 00:00:00.000000"
ANSWERS: Json = {
    "version*": {"azure-cli": "2.70.0"},
    "account?list*": [ACCOUNT],
    "account?show*": ACCOUNT,
    "*": {"accessToken": TOKEN, "expiresOn": EXPIRY, "tokenType": "Bearer"},
}
ASKS_AZURE = {
    "4": ["ARM_PROVIDER_ENHANCED_VALIDATION"],
    "5": [
        "ARM_PROVIDER_ENHANCED_VALIDATION_LOCATIONS",
        "ARM_PROVIDER_ENHANCED_VALIDATION_RESOURCE_PROVIDERS",
    ],
}
"""The variables of each major version of azurerm that let it plan without asking Azure."""
AZ = 'case "$*" in\n{}esac\n'.format(
    "".join(f"{words}) echo '{json.dumps(answer)}' ;;\n" for words, answer in ANSWERS.items())
)
"""A command line of Azure with a token that no service takes."""

EMPTY: tuple[Any, ...] = (None, "", [], {})

RED_HAT = {
    "login_server": "registry.redhat.io",
    "username_secret_id": "https://vault1.vault.azure.net/secrets/user",
    "password_secret_id": "https://vault1.vault.azure.net/secrets/password",
}
GITHUB = {**RED_HAT, "login_server": "ghcr.io"}

REGISTRY: dict[str, list[Any]] = {
    "name": ["acr12345", "acr12345", "acr12345", "acr54321"],
    "admin_enabled": [None, True, False],
    "data_endpoint_enabled": [None, True, False],
    "export_policy_enabled": [None, True, False],
    "georeplications": [
        [],
        [{"location": "westus"}],
        [{"location": "West US", "regional_endpoint_enabled": False}],
        [{"location": "westus", "zone_redundancy_enabled": True}, {"location": "uksouth"}],
        [{"location": "uksouth", "tags": {"copy": "yes"}}, {"location": "westus"}],
    ],
    "identity": [
        None,
        {"type": "SystemAssigned"},
        {
            "type": "UserAssigned",
            "identity_ids": [f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"],
        },
    ],
    "zone_redundancy_enabled": [None, None, None, True, False],
    "tags": [{}, {"env": "prod"}],
    "lock": [None, "CanNotDelete"],
    "log_analytics_workspace_id": [
        None,
        *(f"{GROUP}/Microsoft.OperationalInsights/workspaces/{name}" for name in ("a", "b")),
    ],
    "pull_tokens": [
        {},
        {"cluster": {}},
        {"cluster": {"expiry": "2090-06-30T00:00:00Z"}},
        {"cluster": {"expiry": "2090-06-30T02:00:00+02:00"}},
        {"cluster": {}, "team-2090": {"repositories": ["team/*"]}},
    ],
    "role_assignments": [
        {},
        {"nodes": {"principal_id": PRINCIPAL, "role": "AcrPull"}},
        {"nodes": {"principal_id": PRINCIPAL, "role": "AcrPush"}},
    ],
    "cache_rules": [
        [],
        [{"source": "quay.io/strimzi/*", "target": "strimzi/*"}],
        [{"source": "quay.io/strimzi/*", "target": "strimzi/*", "name": "another"}],
        [{"source": "registry.redhat.io/*", "target": "redhat/*", "credential_set": "redhat"}],
    ],
    "credential_sets": [
        {"redhat": RED_HAT},
        {"redhat": {**RED_HAT, "key_vault_id": VAULT}},
        {"redhat": {**RED_HAT, "password_secret_id": RED_HAT["password_secret_id"] + "-2027"}},
        {"redhat": RED_HAT, "github": GITHUB},
        {"redhat": RED_HAT, "github": {**GITHUB, "login_server": "quay.io"}},
    ],
    "network_rule_bypass_option": [None, None, "None"],
}
ENDPOINT: dict[str, list[Any]] = {
    "name": ["acrPvtEndpoint", "acrPvtEndpoint", "another"],
    "private_service_connection_name": ["acrConnection", "acrConnection", "another"],
    "private_dns_zone_group_name": ["ACR-ZoneGroup", "ACR-ZoneGroup", "another"],
    "custom_network_interface_name": [None, None, "nic"],
    "private_ip_addresses": [{}, {}, {"registry": "10.0.8.10", "eastus": "10.0.8.11"}],
}
SETTINGS: dict[str, list[Any]] = {
    "location": ["eastus", "East US"],
    "tags": [{}, {"team": "platform"}, {"team": "other", "a": "b"}],
    "endpoint_subnet": [
        {"address_prefix": "10.0.8.0/23"},
        {"address_prefix": "10.0.8.0/24"},
        {"address_prefix": "10.0.8.0/23", "name": "another"},
    ],
    "private_dns_zone_virtual_network_link": [
        {},
        {"resolution_policy": "NxDomainRedirect"},
        {"resolution_policy": "Default"},
        {"name": "another"},
    ],
    "virtual_network_links": [[], ["hub"]],
}
SINCE_4_81: dict[str, list[Any]] = {
    "azuread_authentication_as_arm_policy_enabled": [None, True, False],
    "network_rule_bypass_for_tasks_enabled": [None, True, False],
    "role_assignment_mode": [None, "LegacyRegistryPermissions", "AbacRepositoryPermissions"],
}


def drawn(choices: dict[str, list[Any]], of: random.Random) -> Json:
    """Values that are drawn from the choices, without those that are None."""
    values = {name: of.choice(each) for name, each in choices.items()}
    return {name: value for name, value in values.items() if value is not None}


def another(settings: Json, of: random.Random) -> Json:
    """Settings in which one to three values are drawn anew."""
    changed: Json = json.loads(json.dumps(settings))
    groups = [(changed, SETTINGS), (changed["container_registry"], REGISTRY)]
    groups += [(changed["private_endpoint"], ENDPOINT), (changed["later"], SINCE_4_81)]
    for _ in range(of.randint(1, 3)):
        values, choices = of.choice(groups)
        name = of.choice([*choices])
        values.pop(name, None)
        values |= drawn({name: choices[name]}, of)
    return changed


def first(of: random.Random) -> Json:
    """Settings to begin with; ``later`` has arguments that only later versions have."""
    return {
        **drawn(SETTINGS, of),
        "container_registry": drawn(REGISTRY, of),
        "private_endpoint": drawn(ENDPOINT, of),
        "later": drawn(SINCE_4_81, of),
    }


class Planner:
    """A folder in which a provider plans, over a state that it has not made."""

    def __init__(self, folder: Path, environ: dict[str, str], schema_versions: dict[str, int]):
        self.folder, self.environ, self.schema_versions = folder, environ, schema_versions
        self.folder.mkdir()

    def terraform(self, *command: str) -> str:
        """Runs Terraform, which has to succeed, and returns what it prints."""
        done = subprocess.run(
            ["terraform", *command, "-no-color"],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def plan(self, stack: Json, state: Json) -> Json:
        """The changes of a plan for a stack over a state, by address."""
        Path(self.folder, "cdk.tf.json").write_text(json.dumps(stack))
        state = json.loads(json.dumps(state))
        for resource in state["resources"]:
            for instance in resource["instances"]:
                instance["schema_version"] = self.schema_versions.get(resource["type"], 0)
                for replica in instance["attributes"].get("georeplications", []):
                    replica["tags"] = replica["tags"] or {}
        Path(self.folder, "terraform.tfstate").write_text(json.dumps(state))
        self.terraform("plan", "-refresh=false", "-lock=false", "-out=plan")
        plan = json.loads(self.terraform("show", "-json", "plan"))
        return {
            each["address"]: {
                "actions": each["change"]["actions"],
                "replace_paths": sorted(map(str, each["change"].get("replace_paths", []))),
                "after": each["change"]["after"],
                "after_unknown": each["change"]["after_unknown"],
            }
            for each in plan["resource_changes"]
            if each["change"]["actions"] != ["no-op"]
        }


def without_data_sources(stack: Json, state: Json) -> Json:
    """The stack with what it read before as local values, so that nobody asks Azure."""
    read = {
        f"{each['type']}_{each['name']}": each["instances"][0]["attributes"]
        for each in state["resources"]
        if each["mode"] == "data"
    }
    text = json.dumps({name: each for name, each in stack.items() if name != "data"})
    for type_, of_type in stack.get("data", {}).items():
        for name in of_type:
            text = text.replace(f"data.{type_}.{name}.", f"local.{type_}_{name}.")
    result: Json = json.loads(text)
    result.setdefault("locals", {}).update(read)
    del result["terraform"]["backend"]
    for provider in result["provider"]["azurerm"]:
        provider["resource_providers_to_register"] = []
    return result


@pytest.fixture(scope="module", params=VERSIONS)
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The real provider of each version, and its version."""
    folder = tmp_path_factory.mktemp("real")
    write_program(folder / "bin", "az", AZ)
    environ = {
        **ENVIRON,
        "PATH": path_with(folder / "bin"),
        "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
        "ARM_USE_CLI": "true",
        **dict.fromkeys(ASKS_AZURE[request.param[0]], "false"),
    }
    planner = Planner(folder / "stack", environ, {})
    provider = {"required_providers": {"azurerm": {"source": "azurerm", "version": request.param}}}
    Path(planner.folder, "cdk.tf.json").write_text(json.dumps({"terraform": provider}))
    planner.terraform("init")
    (schemas,) = json.loads(planner.terraform("providers", "schema", "-json"))[
        "provider_schemas"
    ].values()
    planner.schema_versions = {
        type_: schema["version"] for type_, schema in schemas["resource_schemas"].items()
    }
    return planner, request.param


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two plans differ: each path with both values. azurerm's SDK takes empty for absent."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other}):
            yield from differences(one.get(name), other.get(name), f"{path}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}/{number}")
    elif one != other and not (one in EMPTY and other in EMPTY):
        yield f"{path}: the stand-in has {one!r}, and azurerm {other!r}"


def stack_of(deployment: Deployment, settings: Json, hub: str, version: str) -> Json:
    """The synthesized stack of settings, for this version of azurerm."""
    given = {name: value for name, value in settings.items() if name != "later"}
    links = {name: {"virtual_network_id": hub} for name in given.pop("virtual_network_links")}
    deployment.synthesize(deletion_protection=False, virtual_network_links=links, **given)
    file = deployment.folder / "cdktf.out" / "stacks" / "acr" / "cdk.tf.json"
    stack = versions.required(json.loads(file.read_text()), version)
    if version != "4.55.0":
        (registry,) = stack["resource"][versions.REGISTRY].values()
        registry |= settings["later"]
    file.write_text(json.dumps(stack))
    return stack


def allowed(
    draw: Callable[[], Json], deployment: Deployment, hub: str, version: str
) -> tuple[Json, Json]:
    """The first settings drawn that the construct does not refuse, with their stack."""
    while True:
        settings = draw()
        with suppress(ArgumentError):
            return settings, stack_of(deployment, settings, hub, version)


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEEDS", "3"))))
def test_changes_of_settings_are_planned_alike(
    seed: int, real: tuple[Planner, str], deployment: Deployment
) -> None:
    """Both replace for the same arguments, and know and do not know the same values."""
    planner, version = real
    of = random.Random(seed)
    hub = deployment.network("hub-rg", "hub", "10.9.0.0/16")
    with deployment.cloud.edit() as content:
        content["resources"][VAULT] = {"type": "vaults"}
    settings, _ = allowed(lambda: first(of), deployment, hub, version)
    deployment.terraform("apply", "-auto-approve")
    state = json.loads((deployment.folder / "terraform.acr.tfstate").read_text())
    served = Planner(deployment.folder / "served", deployment.environ, {})
    for _ in range(5):
        changed, stack = allowed(lambda: another(settings, of), deployment, hub, version)
        stack = without_data_sources(stack, state)
        planned, expected = served.plan(stack, state), planner.plan(stack, state)
        found = "\n".join(differences(planned, expected))
        assert not found, f"{settings}\n{changed}\n{found}"
