"""Tests of registries and replicas."""

from typing import Any

import pytest
from simulated import (
    ENDPOINT,
    GROUP,
    REGISTRY,
    ip_configuration,
    put,
    read,
    refused,
    replicas,
)

from standin.cloud import requests
from standin.refusals import Refusal
from standin.store import Contents


def test_a_registrys_name_is_globally_unique(azure: Contents) -> None:
    """A name is in use even if the case, resource group and subscription differ."""
    elsewhere = REGISTRY.replace("sub", "other").replace("MyRegistry", "myregistry")
    azure["registered"]["other"] = ["Microsoft.ContainerRegistry"]
    put(azure, GROUP.replace("sub", "other"))
    assert refused(azure, "create", elsewhere, like=REGISTRY) is Refusal.REGISTRY_NAME_IN_USE


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("data_endpoint_enabled", True),
        ("export_policy_enabled", False),
        ("georeplications", replicas("westus2")),
        ("public_network_access_enabled", False),
        ("zone_redundancy_enabled", True),
    ],
)
def test_some_arguments_need_the_premium_sku(azure: Contents, argument: str, value: Any) -> None:
    """Azure refuses Premium's arguments for a Standard registry, and accepts it without them."""
    standard: dict[str, Any] = {"sku": "Standard", "public_network_access_enabled": True}
    assert refused(azure, "update", REGISTRY, **standard) is None
    assert (
        refused(azure, "update", REGISTRY, **{**standard, argument: value}) is Refusal.NEEDS_PREMIUM
    )


def test_only_a_private_registry_can_disable_export(azure: Contents) -> None:
    """Azure refuses to disable export while public network access is enabled."""
    export_off: dict[str, Any] = {"export_policy_enabled": False}
    assert refused(azure, "update", REGISTRY, **export_off) is None
    public: dict[str, Any] = {"public_network_access_enabled": True, **export_off}
    assert refused(azure, "update", REGISTRY, **public) is Refusal.EXPORT_WITHOUT_PRIVACY


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        ([], Refusal.KEY_WITHOUT_IDENTITY),
        ([{"type": "SystemAssigned"}], Refusal.KEY_WITHOUT_IDENTITY),
        ([{"type": "UserAssigned", "identity_ids": ["i"]}], None),
        ([{"type": "SystemAssigned, UserAssigned", "identity_ids": ["i"]}], None),
    ],
)
def test_encryption_needs_a_user_assigned_identity(
    azure: Contents, identity: list[Any], why: Refusal | None
) -> None:
    """A system-assigned identity is not enough: it does not exist before the registry does."""
    encryption = [{"key_vault_key_id": "k", "identity_client_id": "c"}]
    values: Any = {"encryption": encryption, "identity": identity, "like": REGISTRY}
    assert refused(azure, "create", f"{REGISTRY}2", **values) is why


KEY = {"key_vault_key_id": "k", "identity_client_id": "c"}
IDENTITY = [{"type": "UserAssigned", "identity_ids": ["i"]}]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ([], [KEY], Refusal.ENCRYPTION_OF_EXISTING),
        ([KEY], [], Refusal.ENCRYPTION_OF_EXISTING),
        ([KEY], [{**KEY, "key_vault_key_id": "another"}], None),
    ],
)
def test_encryption_is_turned_on_at_creation_only(
    azure: Contents, old: list[Any], new: list[Any], why: Refusal | None
) -> None:
    """Azure takes another key, and no key for a registry that has none."""
    put(azure, REGISTRY, encryption=old, identity=IDENTITY)
    assert refused(azure, "update", REGISTRY, encryption=new) is why


def test_a_registry_with_static_addresses_gets_no_replica(azure: Contents) -> None:
    """Also when the endpoint is another stack's; a replica that goes does not matter."""
    put(azure, REGISTRY, georeplications=replicas("westus"))
    more: Any = {"georeplications": replicas("westus", "centralus")}
    assert refused(azure, "update", REGISTRY, **more) is None
    put(azure, ENDPOINT, ip_configuration=ip_configuration(registry="10.0.8.20"))
    assert refused(azure, "update", REGISTRY, **more) is Refusal.REPLICA_BESIDE_STATIC_ADDRESSES
    assert refused(azure, "update", REGISTRY, georeplications=[]) is None


def test_a_replica_with_other_zones_is_deleted_and_created(azure: Contents) -> None:
    """Azure does not change its zones; the other replicas stay."""
    redundant = [{"location": "West US", "zone_redundancy_enabled": True}, *replicas("centralus")]
    put(azure, REGISTRY, georeplications=replicas("centralus", "westus"))
    new = {**azure["resources"][REGISTRY], "georeplications": redundant}
    first, last = requests(azure, "update", REGISTRY, new)
    assert first[2]["georeplications"] == replicas("centralus")
    assert last == ("update", REGISTRY, new)
    new["georeplications"] = [{"location": "westus", "tags": {"a": "b"}}, *replicas("northeurope")]
    assert requests(azure, "update", REGISTRY, new) == [("update", REGISTRY, new)]


def test_a_domain_name_label_is_part_of_the_login_server(azure: Contents) -> None:
    """The hosts of the registry and its data endpoints contain the domain name label."""
    azure["domain_name_label"] = "A1b2"
    assert read(azure, REGISTRY)["data_endpoint_host_names"] == []  # they are not enabled
    azure["resources"][REGISTRY]["data_endpoint_enabled"] = True
    registry = read(azure, REGISTRY)
    assert registry["login_server"] == "myregistry-a1b2.azurecr.io"
    assert registry["data_endpoint_host_names"] == ["myregistry-a1b2.eastus.data.azurecr.io"]


def test_the_government_cloud_has_its_own_suffix(azure: Contents) -> None:
    """The login server's suffix depends on the environment."""
    azure["environment"] = "usgovernment"
    assert read(azure, REGISTRY)["login_server"] == "myregistry.azurecr.us"


def test_the_admin_user_has_credentials_only_if_enabled(azure: Contents) -> None:
    """The user name and password are empty if the admin user is not enabled."""
    assert read(azure, REGISTRY)["admin_password"] == ""
    assert read(azure, REGISTRY)["admin_username"] == ""
    azure["resources"][REGISTRY]["admin_enabled"] = True
    assert read(azure, REGISTRY)["admin_password"]
    assert read(azure, REGISTRY)["admin_username"] == "MyRegistry"


def test_replicas_are_in_alphabetical_order(azure: Contents) -> None:
    """Azure sorts replicas and normalises their locations."""
    put(azure, REGISTRY, georeplications=replicas("West US 2", "centralus"))
    locations = [each["location"] for each in read(azure, REGISTRY)["georeplications"]]
    assert locations == ["centralus", "westus2"]


def test_a_replicas_regional_endpoint_is_off_by_default(azure: Contents) -> None:
    """The provider sends false if `regional_endpoint_enabled` is not set."""
    put(
        azure,
        REGISTRY,
        georeplications=[
            {"location": "centralus"},
            {"location": "westus", "regional_endpoint_enabled": True},
        ],
    )
    enabled = [
        each["regional_endpoint_enabled"] for each in read(azure, REGISTRY)["georeplications"]
    ]
    assert enabled == [False, True]


@pytest.mark.parametrize(
    ("identity_type", "has_its_own"),
    [("SystemAssigned", True), ("UserAssigned", False), ("SystemAssigned, UserAssigned", True)],
)
def test_a_registry_has_an_identity_of_its_own(
    azure: Contents, identity_type: str, has_its_own: bool
) -> None:
    """Azure creates it on request; beside identities of others alone, both ids are empty."""
    put(azure, REGISTRY, identity=[{"type": identity_type}])
    (identity,) = read(azure, REGISTRY)["identity"]
    assert [bool(identity[name]) for name in ("principal_id", "tenant_id")] == [has_its_own] * 2
