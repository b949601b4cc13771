"""What Azure does with the resources of one type; each module of `resources` states it."""

from collections.abc import Callable
from dataclasses import dataclass

from .refusals import AzureError
from .store import Cloud, Resource

Check = Callable[[Cloud, str, Resource], AzureError | None]
"""Takes the cloud, an id and what is written or deleted; returns Azure's error, or None."""


def computes_nothing(_: Cloud, __: str, ___: Resource) -> Resource:
    """Azure shows what it was given, and no more."""
    return {}


def nothing_follows(_: Cloud, __: str, ___: Resource) -> None:
    """A write changes no other resource."""


@dataclass(frozen=True)
class Behaviour:
    """What Azure checks, computes and keeps, and what follows a write."""

    create: tuple[Check, ...] = ()
    write: tuple[Check, ...] = ()  # of a create, after its own, and of an update
    delete: tuple[Check, ...] = ()
    kept: tuple[str, ...] = ()  # values that an update does not hold, and does not change
    compute: Callable[[Cloud, str, Resource], Resource] = computes_nothing
    after_write: Callable[[Cloud, str, Resource], None] = nothing_follows
