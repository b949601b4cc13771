"""What Azure does with the resources of one type; each module of `resources` states it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .refusals import Errors
from .store import Contents, Resource

Check = Callable[[Contents, str, Resource], Errors]
"""Takes the cloud, an id and what is written or deleted."""

Requests = Callable[[str, str, Resource, Resource], Iterable[tuple[str, str, Resource]]]
"""Takes an operation of Terraform, an id, what there was and what is written; returns the same of
each request, in the order in which the provider sends them."""


@dataclass(frozen=True)
class Behaviour:
    """What Azure checks, stores and computes, what follows a write, and what azurerm requests.

    `store` takes what there was and what is written, which is None for a deletion. It returns what
    is there now, or None if nothing is left. `known` takes what the state has, and what Azure had
    and has; it returns what azurerm knows of it. By default, Azure stores and shows what it was
    given, and azurerm sends one request for one operation.
    """

    create: tuple[Check, ...] = ()
    write: tuple[Check, ...] = ()  # of a create, after its own, and of an update
    delete: tuple[Check, ...] = ()
    kept: tuple[str, ...] = ()  # values that an update does not hold, and does not change
    store: Callable[[Contents, str, Resource, Resource | None], Resource | None] = (
        lambda _, __, ___, new: new
    )
    compute: Callable[[Contents, str, Resource], Resource] = lambda *_: {}
    after_write: Callable[[Contents, str, Resource], None] = lambda *_: None
    requests: Requests = lambda operation, id_, _, new: [(operation, id_, new)]
    known: Callable[[Resource, Resource, Resource], Resource] = lambda _, __, after: after
