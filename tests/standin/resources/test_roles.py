"""Tests of role assignments, and of the identities that get roles."""

import pytest
from simulated import GROUP, REGISTRY, put, read, refused

from standin.refusals import Refusal
from standin.store import Contents

ROLES = "providers/Microsoft.Authorization/roleAssignments"


@pytest.mark.parametrize(
    ("scope", "role", "principal", "why"),
    [
        (REGISTRY, "AcrPull", "P", Refusal.ROLE_IS_ASSIGNED),
        (GROUP, "AcrPull", "P", None),
        (REGISTRY, "AcrPush", "P", None),
        (REGISTRY, "AcrPull", "Q", None),
    ],
)
def test_a_principal_gets_a_role_in_a_scope_once(
    azure: Contents, scope: str, role: str, principal: str, why: Refusal | None
) -> None:
    """Azure refuses the same assignment under another name."""
    first = {"role_definition_name": "AcrPull", "principal_id": "P"}
    put(azure, f"{REGISTRY}/{ROLES}/1", **first)
    second = {**first, "role_definition_name": role, "principal_id": principal}
    assert refused(azure, "create", f"{scope}/{ROLES}/2", **second) is why


def test_azure_shows_the_id_of_a_role(azure: Contents) -> None:
    """A role that is named by its id is shown with it."""
    put(azure, f"{REGISTRY}/{ROLES}/1", role_definition_name="AcrPull", principal_id="P")
    shown = read(azure, f"{REGISTRY}/{ROLES}/1")
    put(azure, f"{REGISTRY}/{ROLES}/2", role_definition_id="/id", principal_id="P")
    assert shown["role_definition_id"].startswith("/subscriptions/sub/providers/")
    assert shown["principal_type"] == "ServicePrincipal"
    assert read(azure, f"{REGISTRY}/{ROLES}/2")["role_definition_id"] == "/id"


def test_an_identity_has_a_principal(azure: Contents) -> None:
    """Two identities have two principals, and each has a client id beside it."""
    identities = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
    shown = []
    for name in ("a", "b"):
        put(azure, f"{identities}/{name}")
        identity = read(azure, f"{identities}/{name}")
        shown += [identity["principal_id"], identity["client_id"]]
    assert len(set(shown)) == 4
