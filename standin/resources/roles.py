"""Role assignments, and the identities that get roles."""

from collections.abc import Iterator
from typing import Final

from .. import resource_ids
from ..behaviour import Behaviour
from ..refusals import Errors, Refusal
from ..store import Contents, Resource, children, of_type, same, uuid

TYPE: Final = "azurerm_role_assignment"
TENANT: Final = "00000000-0000-0000-0000-0000000000aa"


def principal(id_: str) -> Resource:
    """Returns the service principal that Azure creates for the identity of a resource."""
    return {"principal_id": uuid(id_), "tenant_id": TENANT}


def of_principal(cloud: Contents, principal_id: str) -> Iterator[tuple[str, str]]:
    """Returns the scope and the name of each role that a principal has."""
    for id_, assignment in of_type(cloud, TYPE):
        if same(assignment["principal_id"], principal_id):
            yield resource_ids.parent(id_), str(assignment.get("role_definition_name"))


def is_new(cloud: Contents, id_: str, assignment: Resource) -> Errors:
    """A principal has a role in a scope only once."""
    names = ("principal_id", "role_definition_id", "role_definition_name")
    for _, other in children(cloud, TYPE, resource_ids.parent(id_)):
        if all(other.get(name) == assignment.get(name) for name in names):
            yield Refusal.ROLE_IS_ASSIGNED.error("The role assignment already exists.")


def compute_assignment(_: Contents, id_: str, assignment: Resource) -> Resource:
    """Azure shows a role by its id in the scope's subscription; the provider reads its name."""
    computed = {"principal_type": assignment.get("principal_type", "ServicePrincipal")}
    if name := assignment.get("role_definition_name"):
        definitions = "/".join(id_.split("/")[:3]) + "/providers/Microsoft.Authorization"
        computed["role_definition_id"] = f"{definitions}/roleDefinitions/{uuid(name)}"
    return computed


def known(state: Resource, _: Resource, after: Resource) -> Resource:
    """Azurerm does not read this argument: an imported assignment has none."""
    name = "skip_service_principal_aad_check"
    value = state.get(name)
    return {**after, name: value if isinstance(value, bool) else None}


ASSIGNMENT_BEHAVIOUR: Final = Behaviour(create=(is_new,), compute=compute_assignment, known=known)
IDENTITY_BEHAVIOUR: Final = Behaviour(
    compute=lambda _, id_, __: {"client_id": uuid(id_, "client"), **principal(id_)}
)
