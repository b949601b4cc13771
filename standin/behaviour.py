"""What Azure does with the resources of one type; each module of `resources` states it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .refusals import AzureError
from .store import Cloud, Resource

Check = Callable[[Cloud, str, Resource], AzureError | None]
"""Takes the cloud, an id and what is written or deleted; returns Azure's error, or None."""

Requests = Callable[[str, str, Resource, Resource], Iterator[tuple[str, str, Resource]]]
"""Takes an operation of Terraform, an id, what there was and what is written; yields the same of
each request, in the order in which the provider sends them."""


def computes_nothing(_: Cloud, __: str, ___: Resource) -> Resource:
    """Azure shows what it was given, and no more."""
    return {}


def stores_everything(_: Cloud, __: str, ___: Resource, new: Resource | None) -> Resource | None:
    """Azure stores what it is given."""
    return new


def one_request(
    operation: str, id_: str, _: Resource, resource: Resource
) -> Iterator[tuple[str, str, Resource]]:
    """The provider sends one request for one operation."""
    yield operation, id_, resource


def nothing_follows(_: Cloud, __: str, ___: Resource) -> None:
    """A write changes no other resource."""


def shows_everything(_: Resource, __: Resource, after: Resource) -> Resource:
    """Azure shows each value at each read."""
    return after


@dataclass(frozen=True)
class Behaviour:
    """What Azure checks, stores and computes, what follows a write, and what azurerm requests.

    `store` takes what there was and what is written, which is None for a deletion. It returns what
    is there now, or None if nothing is left. `known` takes what the state has, and what Azure had
    and has; it returns what azurerm knows of it.
    """

    create: tuple[Check, ...] = ()
    write: tuple[Check, ...] = ()  # of a create, after its own, and of an update
    delete: tuple[Check, ...] = ()
    kept: tuple[str, ...] = ()  # values that an update does not hold, and does not change
    store: Callable[[Cloud, str, Resource, Resource | None], Resource | None] = stores_everything
    compute: Callable[[Cloud, str, Resource], Resource] = computes_nothing
    after_write: Callable[[Cloud, str, Resource], None] = nothing_follows
    requests: Requests = one_request
    known: Callable[[Resource, Resource, Resource], Resource] = shows_everything
