"""Tokens, roles, logins and cache rules: what Azure refuses, in the file and in an app."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import SUBSCRIPTION, Json, refused, settings_of
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import ArgumentError, NewCacheRule, NewPullToken
from constructs_lib.arguments.additions import PullToken
from constructs_lib.azure import caches
from constructs_lib.checks.combinations import refusals
from constructs_lib.checks.pulls import CacheRules, refusals_of_the_last
from constructs_lib.settings import SettingsError, load

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/theirs"
SET = f"{REGISTRY}/credentialSets/hub"
OWN_SET = SET.replace("theirs", "ACR12345").replace("hub", "RedHat")
STRIMZI = {"source": "quay.io/strimzi/*", "target": "strimzi/*"}
HUB = {"source": "docker.io/library/nginx", "target": "nginx"}

HEAD = """\
registries:
  acr:
    resource_group_name: rg
    virtual_network:
      name: vnet
    endpoint_subnet:
      address_prefix: 10.0.8.0/23
"""


def refused_of(registry: Json, **settings: Any) -> list[str]:
    """What is refused of a registry, which exists if it has an id."""
    is_new = "id" not in registry
    settings |= {} if is_new else {"location": None}
    given = {"name": "acr12345", **registry} if is_new else registry
    return refused(container_registry=given, **settings)


def rules(*cache_rules: Json) -> Json:
    """A registry with cache rules."""
    return {"cache_rules": list(cache_rules)}


def quay(source: str, target: str, **more: str) -> Json:
    """A cache rule for a repository of quay.io."""
    return {"source": f"quay.io/{source}", "target": target, **more}


TOKENS: Json = {"pull_tokens": {"aro-pull": {}, "team-2027": {"repositories": ["team/*"]}}}
PRINCIPAL = "00000000-0000-0000-0000-00000000000a"
RED_HAT = {"source": "registry.redhat.io/*", "target": "redhat/*"}
REDHAT_SET, RULES = "acr.credential_sets.redhat", "acr.cache_rules"


def roles(*assigned: str) -> Json:
    """A registry with roles for one principal, whose id is in upper and lower case."""
    names = ("first", "second", "third")
    ids = (PRINCIPAL, PRINCIPAL, PRINCIPAL.upper())
    given = zip(names, ids, assigned, strict=False)
    return {"role_assignments": {name: {"principal_id": id, "role": r} for name, id, r in given}}


def sets(vault: str = "vault1", **hosts: str) -> Json:
    """A registry with credential sets, whose secrets are in vault1."""
    secrets = {
        f"{each}_secret_id": f"https://vault1.vault.azure.net/secrets/{each}"
        for each in ("username", "password")
    }
    key_vault_id = f"{GROUP}/Microsoft.KeyVault/vaults/{vault}"
    return {
        "credential_sets": {
            name: {"login_server": host, **secrets, "key_vault_id": key_vault_id}
            for name, host in hosts.items()
        }
    }


EVERYTHING: Json = {
    **TOKENS,
    **roles("AcrPull"),
    **sets(redhat="registry.redhat.io"),
    **rules(STRIMZI),
}


@pytest.mark.parametrize(
    "registry",
    [
        {**TOKENS, "lock": "CanNotDelete"},
        {**TOKENS, "admin_enabled": True},
        {"pull_tokens": {}, "lock": "ReadOnly"},
        {"id": REGISTRY, **TOKENS, **rules(STRIMZI), **roles("AcrPull", "AcrPush")},
        rules(STRIMZI, quay("strimzi", "strimzi", name="fixed")),
        rules(STRIMZI, quay("a/b", "strimzi/b")),
        rules(quay("a/b", "strimzi/b"), STRIMZI),
        rules({**STRIMZI, "name": "Quay1"}, quay("b", "b")),
        rules({**RED_HAT, "credential_set": "redhat"}) | sets(redhat="registry.redhat.io"),
        rules({**RED_HAT, "credential_set_id": SET}),
        rules({**RED_HAT, "credential_set_id": OWN_SET}),
        rules({"source": "registry.access.redhat.com/*", "target": "access/*"}),
        rules({"source": "us-docker.pkg.dev/a/*", "target": "a/*", "credential_set_id": SET}),
        sets(redhat="registry.redhat.io", github="ghcr.io"),
        rules(STRIMZI) | {"network_rule_bypass_option": "AzureServices"},
        {"network_rule_bypass_option": "None", **TOKENS, **roles("AcrPull")},
        rules(STRIMZI, quay("strimzi/*", "strimzi2/*")),
        rules({"source": "mcr.microsoft.com/*", "target": "*"}),
        rules({**HUB, "credential_set_id": SET}),
        {"lock": "ReadOnly", **rules(STRIMZI)},
    ],
)
def test_what_azure_takes_is_not_refused(registry: Json) -> None:
    """A token, a lock and rules go together, also in a registry that exists."""
    assert refused_of(registry, subscription_id=SUBSCRIPTION) == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"subscription_id": SUBSCRIPTION.replace("1", "2")},
            [f"acr.{each} > acr.id" for each in ("pull_tokens", "credential_sets", "cache_rules")],
        ),
        (
            {"private_endpoint": {"request_message": "please"}},
            [f"acr.{each} > private_endpoint.request_message" for each in EVERYTHING],
        ),
    ],
)
def test_who_pulls_from_a_registry_that_exists_is_said_by_its_owner(
    settings: Json, expected: list[str]
) -> None:
    """In another subscription, or by somebody who asks for the connection, nothing is created."""
    assert refused_of({"id": REGISTRY, **EVERYTHING}, **settings) == expected


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        ({**TOKENS, "lock": "ReadOnly"}, ["lock.lock_level > acr.pull_tokens"]),
        (
            {"pull_tokens": {"aro-pull": {}, "Aro-Pull": {}}},
            ["acr.pull_tokens.Aro-Pull > acr.pull_tokens.aro-pull"],
        ),
        (
            roles("AcrPull", "AcrPush", "AcrPull"),
            ["acr.role_assignments.third.principal_id > acr.role_assignments.first"],
        ),
        (
            {
                **roles("AcrPull", "Container Registry Data Importer and Data Reader"),
                "role_assignment_mode": "AbacRepositoryPermissions",
            },
            [
                "acr.role_assignment_mode",  # of a later azurerm
                "acr.role_assignments.first.role > acr.role_assignment_mode",
            ],
        ),
        (
            {**roles("AcrPull"), "role_assignment_mode": "LegacyRegistryPermissions"},
            ["acr.role_assignment_mode"],
        ),
        (
            sets("another", redhat="registry.redhat.io"),
            [
                f"{REDHAT_SET}.{secret}_secret_id > {REDHAT_SET}.key_vault_id"
                for secret in ("username", "password")
            ],
        ),
        (
            rules(STRIMZI) | {"network_rule_bypass_option": "None"},
            ["acr.network_rule_bypass_option > acr.cache_rules"],
        ),
        (
            rules({**RED_HAT, "credential_set": "redhat"}),
            [f"{RULES}.0.credential_set > acr.credential_sets"],
        ),
        (
            rules({**RED_HAT, "credential_set": "docker"}) | sets(docker="docker.io"),
            [f"{RULES}.0.credential_set > acr.credential_sets.docker.login_server"],
        ),
        (
            rules({**RED_HAT, "credential_set": "redhat", "credential_set_id": SET})
            | sets(redhat="registry.redhat.io"),
            [f"{RULES}.0.credential_set > {RULES}.0.credential_set_id"],
        ),
        (
            rules({**RED_HAT, "credential_set_id": OWN_SET}) | sets(redhat="registry.redhat.io"),
            [f"{RULES}.0.credential_set_id > {REDHAT_SET}"],
        ),
        (rules(RED_HAT), [f"{RULES}.0.credential_set > {RULES}.0.source"]),
        (rules({**STRIMZI, "target": "strimzi"}), [f"{RULES}.0.target > {RULES}.0.source"]),
        (rules(HUB), [f"{RULES}.0.credential_set > {RULES}.0.source"]),
        (
            rules(
                {"source": "mcr.microsoft.com/a", "target": "a", "credential_set_id": SET},
                {"source": "public.ecr.aws/b", "target": "b", "credential_set_id": SET},
            ),
            [f"{RULES}.{place}.credential_set_id > {RULES}.{place}.source" for place in (0, 1)],
        ),
        (rules(*(quay("a", f"a{number}") for number in range(1001))), [RULES]),
    ],
)
def test_what_azure_refuses_is_refused_with_both_keys(registry: Json, expected: list[str]) -> None:
    """Each refusal has the refused key and the other key, and no further key is refused."""
    assert refused_of(registry) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (STRIMZI, {**STRIMZI, "name": "other"}, "target"),
        (STRIMZI, quay("a/*", "strimzi/a/*"), "target"),
        (quay("a/*", "strimzi/a/*"), STRIMZI, "target"),
        (STRIMZI, quay("*", "*"), "target"),
        ({**STRIMZI, "name": "Quay1"}, quay("b", "b", name="quay1"), "name"),
        (quay("b", "b", name="quay1"), {**STRIMZI, "name": "Quay1"}, "name"),
        (quay("a", "a-b"), quay("b", "a/b"), "name"),
    ],
)
def test_the_second_of_two_rules_with_one_target_or_name_is_refused(
    first: Json, second: Json, expected: str
) -> None:
    """A wildcard in another one has its target, and a name may be made of the target."""
    assert refused_of(rules(first, second)) == [f"{RULES}.1.{expected} > {RULES}.0.target"]


SOURCES = ["quay.io/a", "quay.io/a/*", "docker.io/library/a", "mcr.microsoft.com/a"]
TARGETS = ["a", "a/*", "a/b", "a/b/*", "*", "a-b", "${var.target}"]


@given(
    st.lists(
        st.builds(
            NewCacheRule,
            source=st.sampled_from(SOURCES),
            target=st.sampled_from(TARGETS),
            name=st.sampled_from([None, "cache-a", "Cache-A"]),
            credential_set_id=st.sampled_from([None, SET]),
        ),
        max_size=8,
    ),
    st.sampled_from([None, "please"]),
)
def test_a_further_rule_is_refused_as_the_last_one_of_a_list(
    cache_rules: list[NewCacheRule], message: str | None
) -> None:
    """A construct, to which they are added one by one, says the same as the file."""
    registry = settings_of(private_endpoint={"request_message": message}).request()
    before, earlier = CacheRules(), refusals(registry)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caches, "MOST_RULES", 5)
        for place, rule in enumerate(cache_rules):
            request = replace(registry, cache_rules=cache_rules[: place + 1])
            problems = refusals(request)
            found = list(refusals_of_the_last(request, before))
            assert found == [each for each in problems if each not in earlier]
            before.add(rule)
            earlier = problems


@pytest.mark.parametrize(
    ("lines", "line", "text"),
    [
        (
            ["lock: ReadOnly", "pull_tokens: {aro-pull: {}}"],
            11,
            "container_registry.lock is 'ReadOnly': Azure generates no password for a token under "
            "it: take pull_tokens out, or lock with CanNotDelete "
            "(registries.acr.container_registry.pull_tokens is on line 12)",
        ),
        (["pull_token: true"], 11, "write pull_tokens: {aro-pull: {}}"),
        (["pull_token:"], 11, "take the key out"),
        (
            ["pull_token: {name: cluster1, expiry: 2099-06-30T00:00:00Z}"],
            11,
            'pull_tokens: {cluster1: {expiry: "2099-06-30T00:00:00Z"}}; read CHANGELOG.md before',
        ),
        (["pull_tokens: [aro-pull]"], 11, "a mapping of keys to values is expected"),
        (["pull_tokens: {pull: {}}"], 11, "pull is 'pull': 5 to 49 letters, digits and '-'"),
        (
            ["pull_tokens:", "  cluster1:", "    expiry: 2027-02-30T00:00:00Z"],
            13,
            "a time with its zone (RFC 3339)",
        ),
        (
            ["pull_tokens:", "  cluster1:", "    expiry: tomorrow"],
            13,
            "expiry is 'tomorrow': a time with its zone",
        ),
        (
            ["pull_tokens:", "  cluster1:", "    expires: 1"],
            13,
            "expires is 1: an unknown key; did you mean expiry?",
        ),
        (
            ["pull_tokens:", "  cluster1:", "    repositories: []"],
            13,
            "repositories is []: at least one is expected",
        ),
        (
            ["pull_tokens:", "  cluster1:", "    repositories:", "      - a*/b"],
            14,
            "is 'a*/b': a repository such as base/ubi, or all under a path such as team/*",
        ),
        (
            ["role_assignments:", "  a: {principal_id: me, role: AcrPull}"],
            12,
            "principal_id is 'me': a GUID",
        ),
        (
            ["role_assignments:", f"  a: {{principal_id: {PRINCIPAL}, role: Owner}}"],
            12,
            "role is 'Owner': 'AcrPull', 'AcrPush' or 'Container Registry Data Importer and Data",
        ),
        (
            ["credential_sets:", "  redhat:", "    login_server: mcr.microsoft.com"],
            13,
            "Azure logs in to dhi.io, docker.io, *.pkg.dev, registry.redhat.io, gcr.io",
        ),
        (
            [
                "credential_sets:",
                "  redhat:",
                "    password_secret_id: https://v.a/secrets/b/123456",
            ],
            13,
            "the URL of a vault's secret without a version, such as https://VAULT.vault.azure.net",
        ),
        (["image_mirror_source_policy: Never"], 11, "'NeverContactSource' or 'AllowContactingS"),
        (["cache_rules: {}"], 11, "a list is expected"),
        (["cache_rules:", "  - target: a"], 12, "source is missing: the repository of an upstream"),
        (
            ["cache_rules:", "  - target: ubi9/*", "    source: registry.redhat.io/ubi9/*"],
            12,
            "Azure caches from registry.redhat.io only with a login: name one of credential_sets",
        ),
        (
            ["cache_rules:", "  - target: a/*", "    source: other.AzureCR.io/a/*"],
            13,
            "another Azure registry is read by a user-assigned identity, for which azurerm 4.55.0",
        ),
        (
            ["cache_rules:", "  - source: registry.gitlab.com/a/*", "    target: a/*"],
            12,
            "Azure caches only from dhi.io, docker.io, *.pkg.dev, registry.redhat.io, gcr.io, ",
        ),
        (
            [
                "cache_rules:",
                "  - {source: quay.io/a/*, target: a/*}",
                "  - source: quay.io/b/*",
                "    target: a/b/*",
            ],
            14,
            "target is 'a/b/*': it overlaps a/*: Azure takes no wildcard in another one; choose "
            "another target (registries.acr.container_registry.cache_rules.0.target is on line 12)",
        ),
        (
            ["cache_rules:", "  - source: docker.io/library/nginx", "    target: nginx"],
            12,
            "credential_set is missing: Azure caches from Docker Hub only with a login",
        ),
    ],
)
def test_a_problem_has_its_line_and_a_remedy(
    tmp_path: Path, lines: list[str], line: int, text: str
) -> None:
    """The line is that of the wrong key, and the other key is named with its own."""
    file = tmp_path / "registries.yaml"
    settings = ["    location: eastus", "    container_registry:", "      name: acr12345"]
    file.write_text("\n".join([HEAD.rstrip(), *settings, *(f"      {each}" for each in lines)]))
    with pytest.raises(SettingsError) as caught:
        load(str(file), {})
    found = [problem for problem in caught.value.problems if text in problem.text]
    assert [problem.line for problem in found] == [line], caught.value


def test_a_token_with_nothing_under_it_has_every_default() -> None:
    """``aro-pull:`` is a token, as it is with ``{}``."""
    given = {"name": "acr12345", "pull_tokens": {"aro-pull": None}}
    section = settings_of(container_registry=given).container_registry
    assert section.pull_tokens == {"aro-pull": PullToken()}


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("time", ["2027-06-30T00:00:00Z", "2027-06-30T02:00:00.5+02:00"])
def test_a_time_needs_no_quotes(tmp_path: Path, time: str, quote: str) -> None:
    """YAML knows times, and azurerm wants their texts."""
    file = tmp_path / "registries.yaml"
    lines = ["location: eastus", "container_registry:", "  name: acr12345"]
    lines += ["  pull_tokens:", "    aro-pull:", f"      expiry: {quote}{time}{quote}"]
    file.write_text(HEAD + "\n".join(f"    {line}" for line in lines))
    (registry,) = load(str(file), {}).settings.registries.values()
    assert registry.container_registry.pull_tokens == {"aro-pull": PullToken(expiry=time)}


def test_two_stacks_do_not_create_one_token_or_one_rule(tmp_path: Path) -> None:
    """The second stack of a registry needs other names, and other targets."""
    file = tmp_path / "registries.yaml"
    secrets = "username_secret_id: https://v.a/secrets/u, password_secret_id: https://v.a/secrets/p"
    pulls = "      pull_tokens: {aro-pull: {}}\n"
    pulls += "      cache_rules:\n        - {source: quay.io/a, target: a}\n"
    pulls += f"      credential_sets:\n        docker: {{login_server: docker.io, {secrets}}}\n"
    first = f"    location: eastus\n    container_registry:\n      name: theirs\n{pulls}"
    second = HEAD.replace("registries:\n", "").replace("acr", "two").replace("rg", "two-rg")
    second = second.replace("vnet", "two-vnet")
    second += f"    container_registry:\n      id: {REGISTRY}\n{pulls}"
    file.write_text(HEAD + first + second)
    with pytest.raises(SettingsError) as caught:
        load(str(file), {})
    texts = [problem.text for problem in caught.value.problems]
    assert len(texts) == 3
    assert "a registry holds one token of a name; give this one another name" in texts[0]
    assert "a registry holds one cache rule for a target" in texts[1]
    assert "a registry holds one credential set of a name" in texts[2]


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (lambda: NewPullToken(name="pull"), "NewPullToken: name is 'pull': 5 to 49 letters"),
        (lambda: NewPullToken(expiry="2027-06-30"), "NewPullToken: expiry is '2027-06-30': a time"),
        (
            lambda: NewCacheRule(source="quay.io/a:1", target="a"),
            "NewCacheRule: source is 'quay.io/a:1': a repository, as quay.io/strimzi/operator, or",
        ),
        (
            lambda: NewCacheRule(source="quay.io/a", target="acr12345.azurecr.io/A"),
            "target is 'acr12345.azurecr.io/A': a repository, as strimzi/operator",
        ),
        (
            lambda: NewCacheRule(source="quay.io/a", target="a", name="a--b-c"),
            "NewCacheRule: name is 'a--b-c': 5 to 49 letters and digits, with single '-' between",
        ),
    ],
)
def test_an_object_is_checked_when_it_is_created(create: Any, message: str) -> None:
    """An app of one's own gets the same rules, with the argument and its value."""
    with pytest.raises(ArgumentError) as caught:
        create()
    assert message in str(caught.value)
