"""Role assignments, and the identities that get roles."""

from collections.abc import Iterator
from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import AzureError, Refusal
from ..store import Cloud, Resource, of_type, same, uuid

TYPE: Final = "azurerm_role_assignment"
TENANT: Final = "00000000-0000-0000-0000-0000000000aa"


def definition(id_: str, name: str) -> str:
    """Returns the id of a role's definition, as Azure shows it in the scope's subscription."""
    subscription = "/".join(id_.split("/")[:3])
    return f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{uuid(name)}"


def of_principal(cloud: Cloud, principal_id: str) -> Iterator[tuple[str, str]]:
    """Returns the scope and the name of each role that a principal has."""
    for id_, assignment in of_type(cloud, TYPE):
        if same(assignment["principal_id"], principal_id):
            yield resource_ids.parent(id_), str(assignment.get("role_definition_name"))


def is_new(cloud: Cloud, id_: str, assignment: Resource) -> AzureError | None:
    """A principal has a role in a scope only once."""
    for other_id, other in of_type(cloud, TYPE):
        is_same = all(
            other.get(name) == assignment.get(name)
            for name in ("principal_id", "role_definition_id", "role_definition_name")
        )
        if is_same and same(resource_ids.parent(other_id), resource_ids.parent(id_)):
            return Refusal.ROLE_IS_ASSIGNED.error("The role assignment already exists.")
    return None


def compute_assignment(_: Cloud, id_: str, assignment: Resource) -> Resource:
    """Azure shows a role by its id, and the provider reads its name."""
    name = assignment.get("role_definition_name")
    of_role = {"role_definition_id": definition(id_, name)} if name else {}
    return {"principal_type": assignment.get("principal_type", "ServicePrincipal"), **of_role}


def known(state: Resource, _: Resource, after: Resource) -> Resource:
    """Azurerm does not read this argument: an imported assignment has none."""
    name = "skip_service_principal_aad_check"
    value = state.get(name)
    return {**after, name: value if isinstance(value, bool) else None}


def compute_identity(_: Cloud, id_: str, __: Resource) -> Resource:
    """Azure creates a service principal for an identity."""
    client_id = uuid(id_, "client")
    return {"client_id": client_id, "principal_id": uuid(id_), "tenant_id": TENANT}


ASSIGNMENT_BEHAVIOUR: Final = Behaviour(create=(is_new,), compute=compute_assignment, known=known)
IDENTITY_BEHAVIOUR: Final = Behaviour(compute=compute_identity)
