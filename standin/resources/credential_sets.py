"""Credential sets: an identity of their own, with which a registry reads an upstream's login."""

import re
from typing import Final

from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, get, name_of, uuid
from . import roles

TYPE: Final = "azurerm_container_registry_credential_set"
READS_SECRETS: Final = ("Key Vault Secrets User", "Key Vault Secrets Officer")


def name_is_allowed(_: Contents, id_: str, __: Resource) -> Errors:
    """Azure checks the name, which azurerm takes as it is."""
    name = name_of(id_)
    if not re.fullmatch("[A-Za-z0-9-]{5,50}", name):
        yield Refusal.CREDENTIAL_SET_NAME.error(f"'{name}' is not 5 to 50 letters, digits and '-'.")


def compute(_: Contents, id_: str, credential_set: Resource) -> Resource:
    """Azure creates the set's identity."""
    own = roles.principal(id_)
    return {"identity": [{**each, **own} for each in credential_set.get("identity", [])]}


def may_read_secrets(cloud: Contents, id_: str) -> bool:
    """Whether the set is healthy: its identity may read the secrets in each of its vaults.

    A vault is known by its name only: in a secret's URL, and at the end of a role's scope. What a
    vault's owner grants without Terraform is `{"granted": True}` on the set. A set of which no
    secrets are known, since a rehearsal presupposes it, is healthy.
    """
    credential_set = get(cloud, id_)
    secrets = credential_set.get("authentication_credentials", [])
    urls = [url for each in secrets for url in each.values()]
    vaults = {str(url).split("/")[2].partition(".")[0].lower() for url in urls}
    granted = {
        scope.rpartition("/")[2].lower()
        for scope, role in roles.of_principal(cloud, uuid(id_))
        if role in READS_SECRETS
    }
    return bool(credential_set.get("granted") or (credential_set and vaults <= granted))


BEHAVIOUR: Final = Behaviour(create=(name_is_allowed,), kept=("granted",), compute=compute)
