"""Pull tokens and cache rules: Terraform creates, keeps, replaces and destroys them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from deployment import LOCK, REGISTRY, Deployment
from helpers import GUIDE, ROOT, SUBSCRIPTION, Json
from lifecycle import Prepared
from ruamel.yaml import YAML
from simulated import read

from constructs_lib.review.findings import review
from constructs_lib.review.plans import of_plan
from standin.refusals import Refusal
from standin.resources import images

TOKEN = f"{REGISTRY}_token"
PASSWORD = f"{TOKEN}_password"
CACHE_RULE = f"{REGISTRY}_cache_rule"
ROLE = "azurerm_role_assignment"
STRIMZI = {"source": "quay.io/strimzi/*", "target": "strimzi/*"}
MCR = {"source": "mcr.microsoft.com/*", "target": "mcr/*"}
REPLACED = ["delete", "create"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
TOKEN_ONLY: Json = {"aro-pull": {}}


def synthesize(deployment: Deployment, **registry: Any) -> None:
    """Synthesize the guide's stack with more arguments of its registry."""
    deployment.synthesize(
        deletion_protection=False,
        container_registry={**GUIDE["container_registry"], **registry},
    )


def apply_with_a_token(deployment: Deployment) -> None:
    """Apply the guide's stack with a pull token."""
    synthesize(deployment, pull_tokens=TOKEN_ONLY)
    deployment.apply()


@pytest.fixture
def with_a_token(deployment: Deployment, prepared: Prepared) -> Deployment:
    """A deployment of a registry with a pull token."""
    deployment.copy(prepared(apply_with_a_token))
    return deployment


def login(deployment: Deployment) -> tuple[str, str]:
    """The user and the password in the only one of ``pull_secrets``, which has one host only."""
    ((token, config),) = deployment.outputs()["pull_secrets"].items()
    ((host, entry),) = json.loads(config)["auths"].items()
    assert host == deployment.outputs()["registry_fqdn"]
    user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
    assert user == token
    return user, password


def password(deployment: Deployment, name: str = "password1") -> str:
    """The value of a token's password in Azure."""
    value: str = deployment.one(PASSWORD)[name][0]["value"]
    return value


def test_a_token_and_its_secret_are_created(with_a_token: Deployment) -> None:
    """The token can only pull, its secret is a docker config, and nothing shows the secret."""
    assert with_a_token.one(TOKEN)["name"] == "aro-pull"
    assert with_a_token.one(TOKEN)["scope_map_id"].endswith("/scopeMaps/_repositories_pull")
    assert with_a_token.one(REGISTRY)["admin_enabled"] is False
    assert login(with_a_token) == ("aro-pull", password(with_a_token))
    plan = with_a_token.terraform("plan").stdout + with_a_token.terraform("output").stdout
    assert "pull_secrets = <sensitive>" in plan
    assert password(with_a_token) not in plan
    with_a_token.terraform("destroy", "-auto-approve")
    assert with_a_token.cloud.resources(TOKEN) == {}


PASSWORD_ADDRESS = f"{PASSWORD}.acr_pull_token_password_AAAA6ED9"
MENDED = f"make deploy ARGS=-replace={PASSWORD_ADDRESS}"


def test_a_first_password_that_is_gone_stops_the_plan(with_a_token: Deployment) -> None:
    """Azurerm would delete the second one, too; the command in the message mends it."""
    old = login(with_a_token)
    with_a_token.change(PASSWORD, password1=[], password2=[{"number": 77}])
    second = password(with_a_token, "password2")
    assert MENDED in with_a_token.refused("apply", "-auto-approve")
    assert password(with_a_token, "password2") == second
    with_a_token.terraform("apply", "-auto-approve", f"-replace={PASSWORD_ADDRESS}")
    assert with_a_token.changes() == {}
    assert with_a_token.one(PASSWORD)["password2"] == []
    assert login(with_a_token) == ("aro-pull", password(with_a_token)) != old


def test_a_first_password_with_an_expiry_is_generated_anew(deployment: Deployment) -> None:
    """It has an expiry again, for which azurerm replaces it: seen with the real azurerm 4.55.0."""
    synthesize(deployment, pull_tokens={"cluster1": {"expiry": "2097-06-30T00:00:00Z"}})
    deployment.apply()
    old = login(deployment)
    deployment.change(PASSWORD, password1=[], password2=[{"number": 77}])
    assert deployment.changes() == {PASSWORD: REPLACED}
    deployment.apply()
    assert deployment.one(PASSWORD)["password2"] == []
    assert login(deployment) == ("cluster1", password(deployment)) != old


def test_a_token_without_any_password_gets_one(with_a_token: Deployment) -> None:
    """Azurerm creates the first one anew."""
    old = login(with_a_token)
    (id_,) = with_a_token.cloud.resources(PASSWORD)
    with with_a_token.cloud.edit() as contents:
        del contents["resources"][id_]
    assert with_a_token.changes() == {PASSWORD: ["create"]}
    plan = with_a_token.plan()
    report = review("a plan", of_plan("acr", plan), [], None)
    titles = [each.rule.title for each in report.stacks["acr"].weakens]
    assert "The cluster should keep the password that it has" in titles
    with_a_token.apply()
    assert login(with_a_token) == ("aro-pull", password(with_a_token)) != old


def test_an_imported_password_stops_the_plan(with_a_token: Deployment) -> None:
    """Its value is empty, and the plan would be empty as well; it may still be destroyed."""
    (id_,) = with_a_token.cloud.resources(PASSWORD)
    with_a_token.terraform("state", "rm", PASSWORD_ADDRESS)
    with_a_token.terraform("import", PASSWORD_ADDRESS, id_)
    assert MENDED in with_a_token.refused("plan")
    with_a_token.terraform("destroy", "-auto-approve")
    assert with_a_token.cloud.resources(PASSWORD) == {}


def test_a_token_comes_and_goes_beside_another(with_a_token: Deployment) -> None:
    """With a scope map of its own, and nothing of the other token changes."""
    old = login(with_a_token)
    team = {"team-2027": {"repositories": ["team/*", "base/ubi"]}}
    synthesize(with_a_token, pull_tokens={**TOKEN_ONLY, **team})
    added = {f"{REGISTRY}_scope_map": ["create"], TOKEN: ["create"], PASSWORD: ["create"]}
    assert with_a_token.changes() == added
    with_a_token.apply()
    (scope_map,) = with_a_token.cloud.resources(f"{REGISTRY}_scope_map").values()
    assert scope_map["actions"] == [
        f"repositories/{repository}/{what}/read"
        for repository in ("team/*", "base/ubi")
        for what in ("content", "metadata")
    ]
    both = with_a_token.outputs()["pull_secrets"]
    assert [*both] == ["aro-pull", "team-2027"]
    synthesize(with_a_token, pull_tokens=team)
    assert with_a_token.changes() == {TOKEN: ["delete"], PASSWORD: ["delete"]}
    with_a_token.apply()
    assert with_a_token.outputs()["pull_secrets"] == {"team-2027": both["team-2027"]}
    assert login(with_a_token) != old


def test_a_token_with_the_name_of_a_resource_is_one_of_its_own(deployment: Deployment) -> None:
    """Its id does not clash with the ids of the token that a registry had before."""
    synthesize(deployment, pull_tokens={**TOKEN_ONLY, "password": {}})
    deployment.apply()
    assert {*deployment.outputs()["pull_secrets"]} == {"aro-pull", "password"}


VAULT = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers/Microsoft.KeyVault"
LOGINS: Json = {
    name: {
        "login_server": host,
        "username_secret_id": "https://vault1.vault.azure.net/secrets/user",
        "password_secret_id": "https://vault1.vault.azure.net/secrets/password",
        **more,
    }
    for name, host, more in (
        ("redhat", "registry.redhat.io", {"key_vault_id": f"{VAULT}/vaults/vault1"}),
        ("docker-hub", "docker.io", {}),
    )
}


def test_logins_and_roles_are_created(deployment: Deployment) -> None:
    """The identity of a set gets its role, or is in an output for the vault's owner."""
    with deployment.cloud.edit() as contents:
        contents["resources"][f"{VAULT}/vaults/vault1"] = {"type": "vaults"}
    principal = "00000000-0000-0000-0000-000000000009"
    synthesize(
        deployment,
        role_assignments={
            "pull": {"principal_id": principal, "role": "AcrPull"},
            "push": {"principal_id": principal, "role": "AcrPush"},
        },
        credential_sets=LOGINS,
        cache_rules=[
            {"source": "registry.redhat.io/*", "target": "redhat/*", "credential_set": "redhat"},
            {"source": "docker.io/*", "target": "hub/*", "credential_set": "docker-hub"},
            STRIMZI,
        ],
    )
    deployment.apply()
    (registry,) = deployment.cloud.resources(REGISTRY)
    with deployment.cloud.edit() as contents:
        pulled = [
            images.pull(contents, registry, repository)
            for repository in ("redhat/ubi9/ubi", "strimzi/operator", "hub/library/nginx")
        ]
        assert [error and error.refusal for error in pulled] == [
            None,
            None,
            Refusal.UNHEALTHY_CREDENTIALS,
        ]
        (hub,) = [id_ for id_ in contents["resources"] if id_.endswith("/docker-hub")]
        principal_id = read(contents, hub)["identity"][0]["principal_id"]
    assert deployment.outputs()["credential_set_identities"] == {"docker-hub": principal_id}
    roles = deployment.cloud.resources("azurerm_role_assignment").values()
    assert sorted(each["role_definition_name"] for each in roles) == [
        "AcrPull",
        "AcrPush",
        "Key Vault Secrets User",
    ]
    deployment.terraform("destroy", "-auto-approve")
    assert deployment.cloud.resources("azurerm_role_assignment") == {}


def test_a_rule_takes_another_login_in_two_deployments(deployment: Deployment) -> None:
    """Azurerm replaces the rule if the id of the set is not known yet: seen with 4.55.0."""
    later = {f"redhat-{year}": LOGINS["redhat"] for year in (2027, 2028)}
    with deployment.cloud.edit() as contents:
        contents["resources"][f"{VAULT}/vaults/vault1"] = {"type": "vaults"}

    def plan(name: str, *others: str) -> Any:
        rule = {"source": "registry.redhat.io/*", "target": "redhat/*", "credential_set": name}
        sets = {each: {**LOGINS, **later}[each] for each in (name, *others)}
        synthesize(deployment, credential_sets=sets, cache_rules=[rule])
        return deployment.changes().get(CACHE_RULE)

    assert plan("redhat") == ["create"]
    deployment.apply()
    (registry,) = deployment.cloud.resources(REGISTRY)
    with deployment.cloud.edit() as contents:
        assert images.pull(contents, registry, "redhat/ubi9/ubi") is None
    assert plan("redhat", "redhat-2027") is None
    deployment.apply()
    assert plan("redhat-2027", "redhat") == ["update"]
    deployment.apply()
    assert plan("redhat-2028", "redhat-2027") == REPLACED
    refusal = Refusal.WILDCARD_HAS_IMAGES.code
    assert refusal in deployment.refused("apply", "-auto-approve")


def test_an_imported_role_of_a_login_has_to_be_replaced(deployment: Deployment) -> None:
    """Azurerm plans an update of the imported one, and cannot make it: seen with 4.55.0."""
    with deployment.cloud.edit() as contents:
        contents["resources"][f"{VAULT}/vaults/vault1"] = {"type": "vaults"}
    synthesize(deployment, credential_sets={"redhat": LOGINS["redhat"]})
    deployment.apply()
    (id_,), address = deployment.cloud.resources(ROLE), deployment.address(ROLE)
    deployment.terraform("state", "rm", address)
    deployment.terraform("import", address, id_)
    assert deployment.changes() == {ROLE: ["update"]}
    assert "doesn't support update" in deployment.refused("apply", "-auto-approve")
    deployment.terraform("apply", "-auto-approve", f"-replace={address}")
    assert deployment.changes() == {}


def test_cache_rules_and_mirror_sets_are_created(deployment: Deployment) -> None:
    """The mirror sets lead from each source to its target, in OpenShift's own form."""
    fixed = {"source": "ghcr.io/a/b", "target": "b", "name": "fixed"}
    hub = {"source": "docker.io/nginx", "target": "hub/nginx"}
    hub["credential_set_id"] = (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers/"
        "Microsoft.ContainerRegistry/registries/acr12345/credentialSets/hub"
    )
    synthesize(deployment)
    deployment.apply()
    with deployment.cloud.edit() as contents:
        contents["resources"][hub["credential_set_id"]] = {"type": f"{REGISTRY}_credential_set"}
    synthesize(deployment, cache_rules=[STRIMZI, MCR, fixed, hub])
    deployment.apply()
    rules = deployment.cloud.resources(CACHE_RULE).values()
    assert {each["name"]: (each["source_repo"], each["target_repo"]) for each in rules} == {
        "cache-strimzi": ("quay.io/strimzi/*", "strimzi/*"),
        "cache-mcr": ("mcr.microsoft.com/*", "mcr/*"),
        "fixed": ("ghcr.io/a/b", "b"),
        "cache-hub-nginx": ("docker.io/library/nginx", "hub/nginx"),
    }
    mirrors = [
        {"source": "quay.io/strimzi", "mirrors": ["acr12345.azurecr.io/strimzi"]},
        {"source": "mcr.microsoft.com", "mirrors": ["acr12345.azurecr.io/mcr"]},
        {"source": "ghcr.io/a/b", "mirrors": ["acr12345.azurecr.io/b"]},
        {"source": "docker.io/library/nginx", "mirrors": ["acr12345.azurecr.io/hub/nginx"]},
    ]
    assert list(YAML(typ="safe").load_all(deployment.outputs()["image_mirrors"])) == [
        {
            "apiVersion": "config.openshift.io/v1",
            "kind": f"Image{kind}MirrorSet",
            "metadata": {"name": "acr12345"},
            "spec": {f"image{kind}Mirrors": mirrors},
        }
        for kind in ("Digest", "Tag")
    ]


def test_the_registry_as_a_whole_may_be_a_cache(deployment: Deployment) -> None:
    """A wildcard alone as the target mirrors to the registry's host, without a path."""
    synthesize(deployment, cache_rules=[{"source": "quay.io/*", "target": "*"}])
    deployment.apply()
    digests, _ = YAML(typ="safe").load_all(deployment.outputs()["image_mirrors"])
    assert digests["spec"]["imageDigestMirrors"] == [
        {"source": "quay.io", "mirrors": ["acr12345.azurecr.io"]}
    ]


@pytest.mark.parametrize("level", ["CanNotDelete", "ReadOnly"])
def test_rules_come_and_go_under_a_lock(deployment: Deployment, level: str) -> None:
    """Terraform takes its lock off for it, puts it back, and leaves the other rules alone."""
    synthesize(deployment, lock=level, cache_rules=[STRIMZI])
    deployment.apply()
    synthesize(deployment, lock=level, cache_rules=[MCR, STRIMZI])
    assert deployment.changes() == {CACHE_RULE: ["create"], LOCK: REPLACED}
    deployment.apply()
    synthesize(deployment, lock=level, cache_rules=[MCR])
    assert deployment.changes() == {CACHE_RULE: ["delete"], LOCK: REPLACED}
    deployment.apply()
    synthesize(deployment, lock=level, cache_rules=[{**MCR, "source": "mcr.microsoft.com/a/*"}])
    assert deployment.changes() == {CACHE_RULE: REPLACED, LOCK: REPLACED}
    deployment.apply()
    synthesize(deployment, lock=level, cache_rules=[STRIMZI])
    deployment.apply()
    assert [each["name"] for each in deployment.cloud.resources(CACHE_RULE).values()] == [
        "cache-strimzi"
    ]
    assert len(deployment.cloud.resources(LOCK)) == 1


def test_tokens_roles_and_logins_come_and_go_under_a_lock(deployment: Deployment) -> None:
    """Terraform takes its lock off for it, since Azure deletes nothing on a locked registry.

    They stay when the lock steps aside for another reason. It does not for another expiry, which
    replaces the password, and not the token.
    """
    with deployment.cloud.edit() as contents:
        contents["resources"][f"{VAULT}/vaults/vault1"] = {"type": "vaults"}
    principal = {"principal_id": "00000000-0000-0000-0000-000000000009", "role": "AcrPull"}
    token = {"repositories": ["team/*"], "expiry": "2097-06-30T00:00:00Z"}
    added: Json = {
        "role_assignments": {"pull": principal},
        "credential_sets": LOGINS,
        "pull_tokens": {"team-2027": token},
    }
    synthesize(deployment, lock="CanNotDelete", **added)
    deployment.apply()
    before = login(deployment)
    added["pull_tokens"] = {"team-2027": {**token, "expiry": "2098-06-30T00:00:00Z"}}
    synthesize(deployment, lock="CanNotDelete", **added)
    assert deployment.changes() == {PASSWORD: REPLACED}
    deployment.apply()
    assert login(deployment) == ("team-2027", password(deployment)) != before
    synthesize(deployment, lock="CanNotDelete", georeplications=[{"location": "westus"}], **added)
    assert deployment.changes() == {REGISTRY: ["update"], LOCK: REPLACED}
    synthesize(deployment, lock="CanNotDelete", pull_tokens={"team-2028": {}})
    deployment.apply()
    assert [each["name"] for each in deployment.cloud.resources(TOKEN).values()] == ["team-2028"]
    assert deployment.cloud.resources("azurerm_role_assignment") == {}
    assert len(deployment.cloud.resources(LOCK)) == 1


def test_a_token_of_the_earlier_version_moves_as_the_changelog_says(deployment: Deployment) -> None:
    """It had the ids of the default one, whatever its name; without the moves, it is replaced."""
    synthesize(deployment, pull_tokens=TOKEN_ONLY)
    file = deployment.folder / "cdktf.out" / "stacks" / "acr" / "cdk.tf.json"
    file.write_text(file.read_text().replace('"name": "aro-pull"', '"name": "cluster1"'))
    deployment.apply()
    secret = password(deployment)
    synthesize(deployment, pull_tokens={"cluster1": {}})
    assert deployment.changes() != {}
    for line in re.findall(r"^  terraform (state mv .*)$", CHANGELOG, re.MULTILINE):
        *words, new = line.split()
        deployment.terraform(*words, deployment.address(new.removesuffix(".NEW")))
    assert deployment.changes() == {}
    deployment.apply()
    assert login(deployment) == ("cluster1", secret)


@pytest.mark.parametrize("group", ["aro-mobb-rg", "theirs-rg"])
def test_a_registry_that_exists_gets_a_token_and_rules(deployment: Deployment, group: str) -> None:
    """Its resource group follows from its id, and its host name from the endpoint's records."""
    if group != "aro-mobb-rg":
        deployment.cloud.add("azurerm_resource_group", name=group, location="eastus")
    registry_id = deployment.cloud.add(
        REGISTRY, resource_group_name=group, name="theirs", location="eastus", sku="Premium"
    )
    settings: Json = {"id": registry_id, "pull_tokens": TOKEN_ONLY, "cache_rules": [STRIMZI]}
    deployment.synthesize(location=None, container_registry=settings)
    deployment.apply()
    assert login(deployment) == ("aro-pull", password(deployment))
    assert deployment.outputs()["registry_fqdn"] == "theirs.azurecr.io"
    assert "theirs.azurecr.io/strimzi" in deployment.outputs()["image_mirrors"]
    deployment.terraform("destroy", "-auto-approve")
    assert list(deployment.cloud.resources(REGISTRY)) == [registry_id]
    assert deployment.cloud.resources(CACHE_RULE) == {}
