"""What a rehearsal says of a change: when pulls fail, and what Terraform and Azure refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from helpers import GUIDE, SUBSCRIPTION, Json, in_order

from simulation.rehearsal import deploy_over
from simulation.stacks import SimulationError, Stack

PULLS_FAIL = "no name of the registry: pulls fail"
REGISTRY = GUIDE["container_registry"]
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg"
REGISTRIES = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries"
REGISTRY_ID = f"{REGISTRIES}/acr12345"
EXPIRY = "2030-01-01T00:00:00Z"
LOGIN = {
    "login_server": "quay.io",
    "username_secret_id": "https://vault1.vault.azure.net/secrets/user",
    "password_secret_id": "https://vault1.vault.azure.net/secrets/password",
}
Synthesized = Callable[..., Json]
Told = Callable[..., str]


def zone(group: str) -> Json:
    """The settings of a zone that exists in a resource group."""
    path = "providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    return {
        "private_dns_zone": {"id": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/{path}"}
    }


def with_registry(**settings: Any) -> Json:
    """The settings of the guide's registry with more."""
    return {"container_registry": {**REGISTRY, **settings}}


def with_token(name: str = "aro-pull", **settings: str) -> Json:
    """The settings of the guide's registry with a token."""
    return with_registry(pull_tokens={name: settings})


@pytest.fixture
def told(synthesized: Synthesized, capsys: pytest.CaptureFixture[str]) -> Told:
    """A function that rehearses a change of the guide's settings, and returns what it says of it.

    What Azure or Terraform refuse is at the end.
    """

    def told(before: Json, after: Json, *more: Stack, keys: tuple[str, str] = ("a", "a")) -> str:
        one, two = (
            Stack(key, json.loads(json.dumps(synthesized(**each)).replace("terraform.stack", key)))
            for key, each in zip(keys, (before, after), strict=True)
        )
        refused = ""
        with TemporaryDirectory() as folder:
            try:
                deploy_over(Path(folder).resolve(), [one, *more], [two, *more], "base")
            except SimulationError as error:
                refused = str(error)
        _, _, change = capsys.readouterr().out.partition("the working tree")
        return change + refused

    return told


def test_a_token_that_goes_takes_its_password_along(told: Told) -> None:
    """Its name, and the request after which the cluster does not pull with it any more."""
    change = told(with_token(), {})
    in_order(
        change,
        "-   azurerm_container_registry_token_password of aro-pull",
        "the password of tokens/aro-pull is deleted:",
        "token aro-pull: its password stops working: pulls with it fail",
    )
    assert "the same, all the time" not in change
    assert "the passwords" not in change


def test_a_token_with_another_name_gets_another_password(told: Told) -> None:
    """The old name is the one that ends, and the new one comes after it."""
    in_order(
        told(with_token("aro-one"), with_token("aro-two")),
        "-   azurerm_container_registry_token aro-one",
        "+   azurerm_container_registry_token aro-two",
        "token aro-one: its password stops working",
        "token aro-two: a new password: bring it to the cluster",
        "the passwords      token aro-two: works",
    )


def test_another_expiry_is_another_password(told: Told) -> None:
    """The token's name stays, and what the nodes have ends at once."""
    in_order(
        told(
            with_token(expiry=EXPIRY),
            with_token(expiry=EXPIRY.replace("2030", "2031")),
        ),
        "token aro-pull: its password stops working",
        "token aro-pull: a new password until 2031-01-01T00:00:00Z: bring it",
        "token aro-pull: works until 2031-01-01T00:00:00Z",
    )


def test_an_expiry_in_the_past_is_said_to_have_ended(told: Told) -> None:
    """Azure takes it, and every pull with it fails."""
    past = EXPIRY.replace("2030", "2020")
    with pytest.warns(UserWarning, match="has ended"):
        change = told({}, with_token(expiry=past))
    assert "token aro-pull: ended on 2020-01-01T00:00:00Z: pulls with it fail" in change
    assert "a new password" not in change


def test_the_admin_user_goes(told: Told) -> None:
    """Its password is one that clusters have, too."""
    in_order(
        told(with_registry(admin_enabled=True), {}),
        "registries/acr12345 is changed:",
        "the admin user of acr12345: its password stops working",
    )


def test_another_zone_takes_the_records_away(told: Told) -> None:
    """Azurerm deletes the zone group, and the network has one link to a zone of this name."""
    in_order(
        told(zone("one"), zone("two")),
        "~   azurerm_private_endpoint acrPvtEndpoint: private_dns_zone_group",
        "privateDnsZoneGroups/ACR-ZoneGroup is deleted:",
        PULLS_FAIL,
        "the owner          links aro-rcarrata-vnet to the zone in two; until then, pulls fail",
        "acr12345.azurecr.io at 10.0.8.5",
        "no changes",
    )


def test_azure_refuses_a_second_link_to_a_zone_of_the_name(told: Told) -> None:
    """The stack's own link cannot come while that of the zone's owner is there."""
    change = told(zone("one"), {})
    assert "cannot be linked to multiple zones" in change
    assert "the owner " not in change


def test_the_registry_that_goes_is_named(told: Told) -> None:
    """By the name that it has, beside the one that comes; so is an endpoint."""
    unprotected = {"deletion_protection": False}
    change = told(
        unprotected,
        {
            **unprotected,
            **with_registry(name="acr99999"),
            "private_endpoint": {"name": "other"},
        },
    )
    warning = "TERRAFORM DESTROYS THE REGISTRY acr12345 WITH ALL ITS IMAGES, AND CREATES AN EMPTY"
    in_order(
        change,
        f"{warning} ONE, acr99999",
        "azurerm_container_registry acr12345, then acr99999: replaced for name",
        "terraform apply    2 added",
    )
    assert "azurerm_private_endpoint acrPvtEndpoint, then other: replaced for" in change


def test_what_terraform_refuses_is_not_announced_as_done(told: Told) -> None:
    """Protected, the registry stays."""
    change = told({}, with_registry(name="acr99999"))
    in_order(
        change,
        "TERRAFORM REFUSES TO DESTROY THE REGISTRY acr12345 WITH ALL ITS IMAGES",
        "refused: nothing has changed",
        "azurerm_container_registry acr12345, then acr99999: replaced for name",
        "Instance cannot be destroyed",
    )
    assert "DESTROYS" not in change


def test_what_azure_refuses_is_not_announced_as_done(told: Told) -> None:
    """What was done before it, if anything, is listed."""
    in_order(
        told({}, {"endpoint_subnet": {"address_prefix": "10.0.20.0/24"}}),
        "~   azurerm_subnet PrivateEndpoint-subnet: address_prefixes",
        "terraform apply    failed",
        "nothing has changed in Azure",
        "InUsePrefixCannotBeDeleted",
    )


def test_a_key_is_not_given_to_a_registry_later(told: Told) -> None:
    """Azure takes one at the creation only."""
    identities = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    identity = f"{identities}/Microsoft.ManagedIdentity/userAssignedIdentities/acr"
    change = told(
        {},
        with_registry(
            identity={"type": "UserAssigned", "identity_ids": [identity]},
            encryption={
                "key_vault_key_id": "https://kv.vault.azure.net/keys/acr",
                "identity_client_id": SUBSCRIPTION,
            },
        ),
    )
    assert "turned on only when a registry is created" in change


def test_another_endpoint_with_static_addresses_forbids_a_replica(
    told: Told, synthesized: Synthesized
) -> None:
    """It is in another stack, whose settings do not change."""
    theirs = Stack(
        "theirs",
        synthesized(
            location=None,
            virtual_network={"name": "their-vnet"},
            endpoint_subnet={"name": "theirs", "address_prefix": "10.9.8.0/27"},
            container_registry={"id": REGISTRY_ID},
            private_dns_zone=zone("their-rg")["private_dns_zone"],
            private_endpoint={
                "name": "theirs",
                "private_ip_addresses": {"registry": "10.9.8.20", "eastus": "10.9.8.21"},
            },
        ),
    )
    change = told({}, with_registry(georeplications=[{"location": "westus"}]), theirs)
    assert "a replica cannot be created while /subscriptions/" in change
    assert "privateEndpoints/theirs has static addresses" in change


def test_a_stack_with_another_key_is_told_where_its_state_is(told: Told) -> None:
    """Terraform would create what the old key's state has; Azure is not asked."""
    change = told({}, {}, keys=("old", "new"))
    in_order(
        change,
        "new would create acr12345",
        "old, whose key is gone from the settings",
        "Give the stack its key old again, or move its state before you deploy: from "
        "old.tfstate to new.tfstate",
    )
    assert "terraform" not in change.partition("new would create")[0]


ADDRESSES = {"private_ip_addresses": {"registry": "10.0.8.20", "eastus": "10.0.8.21"}}
PRINCIPAL = "00000000-0000-0000-0000-000000000009"


def with_replica(zone_redundancy_enabled: bool, **addresses: str) -> Json:
    """The settings of the guide's registry with a replica, and static addresses, if any."""
    replica = {"location": "westus", "zone_redundancy_enabled": zone_redundancy_enabled}
    endpoint = {"private_ip_addresses": addresses} if addresses else {}
    return {**with_registry(georeplications=[replica]), "private_endpoint": endpoint}


def with_link(name: str, network: str = "hub") -> Json:
    """The settings of the guide with a link to one more network."""
    networks = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network"
    network_id = f"{networks}/virtualNetworks/{network}"
    return {"virtual_network_links": {name: {"virtual_network_id": network_id}}}


def with_rule(source: str = "quay.io/a/*", target: str = "a/*", **settings: str) -> Json:
    """The settings of the guide's registry with a cache rule."""
    return with_registry(cache_rules=[{"source": source, "target": target, **settings}])


def with_role(key: str = "nodes", principal: str = PRINCIPAL) -> Json:
    """The settings of the guide's registry with the right to pull."""
    return with_registry(role_assignments={key: {"principal_id": principal, "role": "AcrPull"}})


def test_a_replica_with_other_zones_goes_and_comes_anew(told: Told) -> None:
    """Its data endpoint is away meanwhile, and comes back at another address, or at the same."""
    change = told(with_replica(zone_redundancy_enabled=False), with_replica(True))
    in_order(
        change,
        "acr12345.westus.data.azurecr.io at 10.0.8.5",
        "registries/acr12345 is changed:",
        "acr12345.eastus.data.azurecr.io at 10.0.8.4",
        "registries/acr12345 is changed:",
        "acr12345.westus.data.azurecr.io at 10.0.8.5",
    )
    assert "the same, all the time" not in change


def test_a_replica_with_other_zones_is_lost_beside_static_addresses(told: Told) -> None:
    """Azure deletes the old one, and refuses the new one."""
    addresses = {**ADDRESSES["private_ip_addresses"], "westus": "10.0.8.22"}
    in_order(
        told(with_replica(False, **addresses), with_replica(True, **addresses)),
        "terraform apply    failed",
        "registries/acr12345 is changed",
        "a replica cannot be created while",
        "The way out: take private_ip_addresses out",
    )


def test_a_cluster_in_another_network_finds_nothing(told: Told) -> None:
    """The endpoint moves, and the cluster does not."""
    in_order(
        told({}, {"virtual_network": {"name": "another-vnet"}}),
        "before it        in aro-rcarrata-vnet: acr12345.eastus.data.azurecr.io at 10.0.8.4",
        "in another-vnet: acr12345.azurecr.io nowhere: pulls fail",
        "during it        privateDnsZoneGroups/ACR-ZoneGroup is deleted:",
        "the cluster finds  in aro-rcarrata-vnet: acr12345.eastus.data.azurecr.io nowhere: pulls",
        "in another-vnet: acr12345.azurecr.io at 10.0.8.5",
    )


def test_a_network_of_the_same_name_is_told_by_its_group(told: Told) -> None:
    """Two networks of one name are two networks."""
    network = {"name": "aro-rcarrata-vnet", "resource_group_name": "network-rg"}
    change = told({}, {"virtual_network": network})
    assert "in aro-rcarrata-vnet of aro-mobb-rg: acr12345.azurecr.io nowhere" in change
    assert "in aro-rcarrata-vnet of network-rg: acr12345.azurecr.io at 10.0.8.5" in change


@pytest.mark.parametrize("after", [{}, with_link("hub", "other")])
def test_a_further_network_loses_the_registry(told: Told, after: Json) -> None:
    """Those that pull from there do so through the link."""
    in_order(
        told(with_link("hub"), after),
        "virtualNetworkLinks/hub is deleted:",
        "in aro-rcarrata-vnet: acr12345.azurecr.io at 10.0.8.5",
        "in hub: acr12345.azurecr.io nowhere: pulls fail",
    )


def test_networks_that_find_the_same_are_listed_once(told: Told) -> None:
    """The names and addresses of the first one are those of all."""
    change = told(with_link("hub"), with_link("hub"))
    in_order(change, "acr12345.azurecr.io at 10.0.8.5", "the same in hub", "the same, all the time")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (with_link("hub"), with_link("spoke"), "the network's other link goes first"),
        (with_role("nodes"), with_role("others"), "the assignment under the old key is deleted"),
        (
            with_rule("quay.io/a/*", "a/*"),
            with_rule("quay.io/a/*", "a/b/*"),
            "the rule overlaps with",
        ),
    ],
)
def test_what_azure_has_under_the_old_key_is_refused_under_the_new_one(
    told: Told, before: Json, after: Json, why: str
) -> None:
    """Terraform creates and deletes at the same time, and Azure deletes more slowly."""
    change = told(before, after)
    in_order(change, "terraform apply    failed", "is deleted", why)


def test_a_token_that_pulls_from_less_is_told(told: Told) -> None:
    """Its password works on, and not for the same images."""
    some = with_registry(pull_tokens={"aro-pull": {"repositories": ["team/*", "base/ubi"]}})
    other = with_registry(pull_tokens={"aro-pull": {"repositories": ["team/*"]}})
    assert "token aro-pull: pulls with it from every repository fail" in told(with_token(), some)
    assert "token aro-pull: pulls with it from base/ubi fail" in told(some, other)
    assert "the same, all the time" in told(other, some)


@pytest.mark.parametrize("after", [{}, with_role(principal=PRINCIPAL.replace("9", "8"))])
def test_a_role_that_is_taken_away_is_told(told: Told, after: Json) -> None:
    """Nodes with an identity pull by a role, and not by a password."""
    change = told(with_role(), after)
    assert f"{PRINCIPAL}: the role AcrPull is taken away: what needs it fails" in change
    assert "the same, all the time" not in change


def test_a_cache_rule_that_goes_is_told(told: Told) -> None:
    """What is cached stays, and nothing new comes."""
    in_order(
        told(with_rule(), {}),
        "cacheRules/cache-a is deleted:",
        "quay.io/a/*: no new image comes into a/*: no cache rule fetches it. Then nodes ask",
    )


def test_mirror_sets_that_change_have_to_be_applied(told: Told) -> None:
    """The nodes go on with those that they have, which lead to the old target."""
    apply = "image_mirrors is another output: apply it to the cluster"
    assert apply in told(with_rule(), with_rule(target="b/*"))
    assert apply not in told(with_rule(), with_rule())


def test_a_cache_rule_is_not_replaced_onto_its_images(told: Told) -> None:
    """The cluster has pulled through it, and what it pulled stays when the rule is deleted."""
    change = told(with_rule(), with_rule("quay.io/b/*"))
    in_order(
        change,
        "TargetRepositoryPrefixMatchesExistingRegistries",
        "The way out: give the cache rule another target",
    )
    assert "image_mirrors is another output" not in change
    assert "the cluster pulls" not in change


@pytest.mark.parametrize(
    ("policy", "nodes"),
    [("AllowContactingSource", "nodes ask quay.io"), ("NeverContactSource", "nodes do not ask")],
)
def test_a_cache_that_is_not_filled_is_shown(told: Told, policy: str, nodes: str) -> None:
    """Azure takes the rule, and every pull through it fails, until the set may read its secrets."""
    login = {"credential_sets": {"quay-io": LOGIN}, "image_mirror_source_policy": policy}
    rule = {"source": "quay.io/a/*", "target": "a/*", "credential_set": "quay-io"}
    change = told({}, with_registry(cache_rules=[rule], **login))
    in_order(change, "the cluster pulls  not quay.io/a/*: UNAUTHORIZED: the credential set", nodes)


def test_a_login_that_loses_its_vault_is_told(told: Told) -> None:
    """What the cluster has pulled already is in the registry, and all else is not."""
    vaults = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults"
    rule = {"source": "quay.io/a/*", "target": "a/*", "credential_set": "quay-io"}
    before, after = (
        with_registry(credential_sets={"quay-io": {**LOGIN, **vault}}, cache_rules=[rule])
        for vault in ({"key_vault_id": f"{vaults}/vault1"}, {})
    )
    in_order(
        told(before, after),
        "no new image comes into a/*: UNAUTHORIZED",
        "the cluster pulls  not quay.io/a/*: UNAUTHORIZED",
    )


def test_a_credential_set_is_in_a_registry_that_exists(told: Told) -> None:
    """In a new one, Azure refuses the rule that names it; in the base's, somebody created it."""
    rule = {"source": "docker.io/library/nginx", "target": "nginx"}
    old, new = (
        {**rule, "credential_set_id": f"{REGISTRIES}/{name}/credentialSets/hub"}
        for name in ("acr12345", "acr99999")
    )
    assert "docker.io/library/nginx into nginx" in told({}, with_registry(cache_rules=[old]))
    unprotected = {"deletion_protection": False}
    renamed = with_registry(name="acr99999", cache_rules=[new])
    in_order(
        told(unprotected, {**unprotected, **renamed}),
        "terraform apply    failed",
        "credentialSets/hub' does not exist in the registry",
        "The way out: a key under credential_sets creates a set with the registry",
    )


def test_a_zone_of_azure_policy_does_not_replace_a_zone_group(told: Told) -> None:
    """Azure's policy looks whether there is one, and not for which zone."""
    in_order(
        told({}, {"private_dns_zone": {"managed_by_policy": True}}),
        "the cluster finds  no name of the registry: pulls fail",
        "the endpoint keeps its zone group ACR-ZoneGroup, so that Azure's built-in policy attaches",
    )


def test_azure_policy_does_not_see_a_connection_that_waits(told: Told) -> None:
    """The owner approves it, and the cluster finds nothing."""
    waiting = {
        "location": None,
        "container_registry": {"id": REGISTRY_ID},
        "private_endpoint": {"request_message": "please"},
        "private_dns_zone": {"managed_by_policy": True},
    }
    with pytest.warns(UserWarning, match="no DNS record may follow"):
        change = told(waiting, waiting)
    assert "no zone: Azure's built-in policy does not see a connection that waits" in change


def test_the_link_of_azure_policys_zone_is_not_forgotten(told: Told) -> None:
    """Azure Policy does not run here, and somebody has linked the network to its zone."""
    change = told({"private_dns_zone": {"managed_by_policy": True}}, {})
    assert "Azure refuses the network a second link to a zone of this name" in change


def test_another_cloud_is_said_to_have_nothing_of_the_base(told: Told) -> None:
    """Terraform takes what it does not find for deleted."""
    change = told({}, {"environment": "usgovernment", "location": "usgovvirginia"})
    in_order(change, "what the base has in public, finds nothing, and forgets it", "5 to add")
