"""Tests of what clients do with a registry's images: pulls, the cache, imports."""

from typing import Any

import pytest
from simulated import REGISTRY, add_lock, put, read

from standin.cloud import carry_out
from standin.refusals import AzureError, Refusal
from standin.resources.images import import_image, pull
from standin.store import Contents

RULE = f"{REGISTRY}/cacheRules/rule"
SET = f"{REGISTRY}/credentialSets/redhat"
VAULT = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/KV"
BYPASS = "network_rule_bypass_option"


def refusal(error: AzureError | None) -> Refusal | None:
    """Returns the row of the table that an error is of."""
    return error.refusal if error else None


@pytest.fixture
def cached(azure: Contents) -> Contents:
    """Returns a cloud with a cache rule and a credential set, which may not read its secrets."""
    url = "https://kv.vault.azure.net/secrets"
    secrets = {"username_secret_id": f"{url}/user", "password_secret_id": f"{url}/password"}
    put(
        azure,
        SET,
        login_server="registry.redhat.io",
        authentication_credentials=[secrets],
        identity=[{"type": "SystemAssigned"}],
    )
    put(azure, RULE, source_repo="quay.io/strimzi/*", target_repo="strimzi/*")
    return azure


def test_a_pull_through_the_cache_leaves_images_behind(cached: Contents) -> None:
    """They stay when the rule is deleted, and nothing covers other repositories."""
    assert refusal(pull(cached, REGISTRY, "team/app")) is Refusal.IMAGE_IS_MISSING
    assert pull(cached, REGISTRY, "strimzi/kafka") is None
    carry_out(cached, "delete", RULE, {})
    assert pull(cached, REGISTRY, "strimzi/kafka") is None
    assert refusal(pull(cached, REGISTRY, "strimzi/other")) is Refusal.IMAGE_IS_MISSING


def test_an_update_of_the_registry_keeps_its_images(cached: Contents) -> None:
    """Terraform's update says nothing of them."""
    assert pull(cached, REGISTRY, "strimzi/kafka") is None
    registry = dict(cached["resources"][REGISTRY])
    del registry["repositories"]
    carry_out(cached, "update", REGISTRY, registry)
    carry_out(cached, "delete", RULE, {})
    assert pull(cached, REGISTRY, "strimzi/kafka") is None


@pytest.mark.parametrize(
    ("registry", "why"),
    [
        ({BYPASS: "None"}, Refusal.CACHE_WITHOUT_TRUSTED_SERVICES),
        ({BYPASS: "None", "public_network_access_enabled": True}, None),
        ({BYPASS: "AzureServices"}, None),
    ],
)
def test_the_cache_is_filled_by_a_trusted_service(
    cached: Contents, registry: Any, why: Refusal | None
) -> None:
    """Azure takes the rule all the same: it is the first pull that fails."""
    put(cached, REGISTRY, **registry)
    assert refusal(pull(cached, REGISTRY, "strimzi/kafka")) is why


@pytest.mark.parametrize(
    ("role", "scope", "login_server", "why"),
    [
        ("Key Vault Secrets User", VAULT, "registry.redhat.io", None),
        (None, VAULT, "registry.redhat.io", Refusal.UNHEALTHY_CREDENTIALS),
        ("Key Vault Reader", VAULT, "registry.redhat.io", Refusal.UNHEALTHY_CREDENTIALS),
        (
            "Key Vault Secrets User",
            f"{VAULT}2",
            "registry.redhat.io",
            Refusal.UNHEALTHY_CREDENTIALS,
        ),
        ("Key Vault Secrets User", VAULT, "docker.io", Refusal.UNHEALTHY_CREDENTIALS),
    ],
)
def test_a_credential_set_reads_its_secrets_with_a_role(
    cached: Contents, role: str | None, scope: str, login_server: str, why: Refusal | None
) -> None:
    """Its identity needs a role on the vault, and the set is for one upstream."""
    put(cached, SET, login_server=login_server)
    put(cached, RULE, source_repo="registry.redhat.io/*", credential_set_id=SET)
    if role:
        put(
            cached,
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/role",
            role_definition_name=role,
            principal_id=read(cached, SET)["identity"][0]["principal_id"],
        )
    assert refusal(pull(cached, REGISTRY, "strimzi/kafka")) is why


def test_the_owner_of_a_vault_may_grant_what_terraform_does_not_see(cached: Contents) -> None:
    """A rehearsal says so of a vault that is not in the settings."""
    put(cached, RULE, source_repo="registry.redhat.io/*", credential_set_id=SET)
    put(cached, SET, granted=True)
    assert pull(cached, REGISTRY, "strimzi/kafka") is None


def test_a_presupposed_credential_set_is_healthy(cached: Contents) -> None:
    """A rehearsal knows nothing of it but its id."""
    put(cached, f"{SET}2")
    put(cached, RULE, source_repo="registry.redhat.io/*", credential_set_id=f"{SET}2")
    assert pull(cached, REGISTRY, "strimzi/kafka") is None


def test_an_own_rule_goes_before_a_wildcard(cached: Contents) -> None:
    """It may have another upstream, and another login."""
    put(
        cached,
        f"{RULE}2",
        source_repo="registry.redhat.io/kafka",
        target_repo="strimzi/kafka",
        credential_set_id=SET,
    )
    assert refusal(pull(cached, REGISTRY, "strimzi/kafka")) is Refusal.UNHEALTHY_CREDENTIALS
    assert pull(cached, REGISTRY, "strimzi/other") is None


def test_an_import_is_a_post_of_a_trusted_service(cached: Contents) -> None:
    """It is blocked by a ReadOnly lock, by a closed network, and by a cache rule."""
    assert import_image(cached, REGISTRY, "team/app") is None
    assert pull(cached, REGISTRY, "team/app") is None
    assert refusal(import_image(cached, REGISTRY, "strimzi/a")) is Refusal.IMPORT_INTO_CACHE
    put(cached, REGISTRY, **{BYPASS: "None"})
    why = refusal(import_image(cached, REGISTRY, "team/b"))
    assert why is Refusal.IMPORT_WITHOUT_TRUSTED_SERVICES
    add_lock(cached)
    assert refusal(import_image(cached, REGISTRY, "team/b")) is why
    add_lock(cached, "ReadOnly")
    assert refusal(import_image(cached, REGISTRY, "team/b")) is Refusal.LOCKED


def test_an_import_from_another_registry_asks_both(cached: Contents) -> None:
    """Its source is a repository without host, and it may be closed to trusted services, too."""
    other = f"{REGISTRY}2"
    put(cached, other, repositories=["team/app"])
    found = import_image(cached, REGISTRY, "team/app", other, "acr123452.azurecr.io/team/app")
    assert refusal(found) is Refusal.IMAGE_IS_MISSING
    assert import_image(cached, REGISTRY, "team/app", other, "team/app") is None
    assert pull(cached, REGISTRY, "team/app") is None
    put(cached, other, export_policy_enabled=False)
    why = refusal(import_image(cached, REGISTRY, "team/b", other, "team/app"))
    assert why is Refusal.EXPORT_IS_DISABLED
    put(cached, other, **{BYPASS: "None", "public_network_access_enabled": False})
    why = refusal(import_image(cached, REGISTRY, "team/b", other, "team/app"))
    assert why is Refusal.IMPORT_WITHOUT_TRUSTED_SERVICES
