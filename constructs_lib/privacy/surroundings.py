"""The rules on what is around a registry, as data: the state, records, roles, tokens, caches."""

from __future__ import annotations

import re
from typing import Any

from . import conditions as is_
from .attributes import (
    CACHE_RULE,
    CREDENTIAL_SET,
    IDENTITY,
    PASSWORD,
    RECORDS,
    ROLE,
    SCOPE_MAP,
    TOKEN,
    WEBHOOK,
    Attributes,
)
from .rule import Rule, rows

GRANT = (
    *("condition", "delegated_managed_identity_resource_id", "principal_id"),
    *("role_definition_id", "role_definition_name", "scope"),
)


def grant(role: Attributes) -> Any:
    """What a role assignment grants: to whom, what, on what, and on which condition."""
    return {name: role[name] for name in GRANT if role.get(name) is not None} or None


def _same_grant(before: Attributes | None, after: Attributes | None) -> bool:
    return is_.same(grant(before or {}), grant(after or {}))


def _record(record: Attributes) -> Any:
    names = ("name", "record", "records", "zone_name", "private_dns_zone_id")
    return {name: record[name] for name in names if record.get(name) is not None}


ZONES = r"azurecr|(^|/)(io|us|cn)\.?$|microsoftonline"
"""The zones in which a registry's names may be, or those of the logins to it."""


def _is_elsewhere(record: Attributes) -> bool:
    """The record is in a zone of other names."""
    zones = [record.get(name) for name in ("zone_name", "private_dns_zone_id")]
    return all(
        isinstance(zone, str) and not re.search(rf"{ZONES}|\$\{{(?!id of )", zone)
        for zone in zones
        if zone is not None
    )


PULLS = (
    "Whoever pulls should still be able to",
    "Put it back, unless nobody uses it any more: pulls with it fail.",
)

SURROUNDINGS: list[Rule] = [
    *rows(
        "Terraform's state should stay where it is",
        "Set it back, or move the state as docs/backends.md describes: without its state, "
        "Terraform creates everything anew, or fails because it exists. Log in to it by a role: "
        "whoever has an access key reads every secret in it.",
        is_.state_stays,
        {"terraform": "backend cloud"},
    ),
    *rows(
        "A provider's version should stay pinned",
        "State one version, as before: Terraform runs whatever is newest, which nobody has tried.",
        is_.holds(is_.versions_stay_pinned),
        {"terraform": "required_providers"},
    ),
    *rows(
        "No program should run for a provider",
        "Take it out, or look at what it runs: Terraform starts it with its own rights.",
        is_.nothing_new,
        {
            "provider.helm": "kubernetes.exec",
            "provider.kubernetes": "exec",
            "helm_release": "postrender",
        },
    ),
    *rows(
        "No other record should answer for the registry",
        "Take the record out: the endpoint's DNS zone group writes the registry's records.",
        is_.passes(_is_elsewhere),
        dict.fromkeys(RECORDS, "zone_name"),
        no_worse=lambda before, after: is_.same(_record(before or {}), _record(after or {})),
        shown=_record,
    ),
    *rows(
        "Nobody else should have a role on the registry",
        "Make sure who gets the role, and what it allows; then accept it with that as the reason.",
        is_.passes(lambda role: grant(role) is None),
        {ROLE: "role_definition_name"},
        no_worse=_same_grant,
        shown=grant,
    ),
    *rows(
        "A token should only pull",
        "Give it the scope map _repositories_pull: whoever has its password has its rights.",
        is_.holds(is_.only_pulls),
        {TOKEN: "scope_map_id"},
    ),
    *rows(
        "A scope map should only allow pulls",
        "Leave only actions on content/read and metadata/read, of the repositories that it had.",
        is_.holds(is_.only_reads),
        {SCOPE_MAP: "actions"},
    ),
    *rows(
        "A password should not be valid for longer",
        "Set expiry back, or create a new password and tell those who use it: an old one that "
        "somebody has copied stays valid with it.",
        is_.expires_no_later,
        {PASSWORD: "password1 password2"},
    ),
    *rows(
        "The cluster should keep the password that it has",
        "Let another token take over, or bring the new secret to the cluster at once (docs/"
        "cluster.md): azurerm deletes all passwords of the token, and pulls fail until then.",
        is_.unchanged,
        {PASSWORD: "password1"},
    ),
    *rows(
        "A cache rule should pull from where it pulled",
        "Set it back, or give the rule another target: Azure deletes the rule, and refuses the new "
        "one while the target has images. Make sure that the cluster's images may come from there: "
        "nobody sees it in a pull.",
        is_.unchanged,
        {
            CACHE_RULE: "name container_registry_id source_repo target_repo",
            CREDENTIAL_SET: "name container_registry_id login_server authentication_credentials "
            "identity",
        },
    ),
    *rows(
        "A cache rule should log in as it did",
        "Set it back, or deploy the new credential set before the rule names it: azurerm replaces "
        "a rule whose credential set is new, and Azure refuses it while the target has images.",
        is_.unchanged,
        {CACHE_RULE: "credential_set_id"},
    ),
    *rows(
        "No webhook should tell others what is pushed",
        "Take it out, unless its service may know of every push and deletion.",
        is_.unchanged,
        {
            WEBHOOK: "name resource_group_name location registry_name service_uri actions scope "
            "status custom_headers"
        },
    ),
    *rows(
        *PULLS,
        is_.unchanged,
        {
            TOKEN: "name resource_group_name container_registry_name enabled",
            PASSWORD: "container_registry_token_id",
            SCOPE_MAP: "name resource_group_name container_registry_name",
            IDENTITY: "name resource_group_name location isolation_scope",
        },
    ),
]
"""Rows of the list of rules."""
