"""A private container registry for a private Azure Red Hat OpenShift cluster (CDKTF).

Importing this package changes nothing in the process and does not start Node: the construct,
which needs cdktf, is imported when it is first used. It starts quickly, if
``fast_bindings.enable()`` is called before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

from . import fast_bindings
from .added_arguments import (
    FurtherVirtualNetworkLink,
    NewAuditLogs,
    NewCacheRule,
    NewLock,
    NewPullToken,
)
from .arguments import (
    Encryption,
    Georeplication,
    Identity,
    NewPrivateDnsZone,
    NewPrivateEndpoint,
    NewRegistry,
    NewSubnet,
    NewVirtualNetworkLink,
    PrivateDnsZone,
)
from .schema import ArgumentError

if TYPE_CHECKING:
    from .private_container_registry import PrivateContainerRegistry

__all__ = [
    "ArgumentError",
    "Encryption",
    "FurtherVirtualNetworkLink",
    "Georeplication",
    "Identity",
    "NewAuditLogs",
    "NewCacheRule",
    "NewLock",
    "NewPrivateDnsZone",
    "NewPrivateEndpoint",
    "NewPullToken",
    "NewRegistry",
    "NewSubnet",
    "NewVirtualNetworkLink",
    "PrivateContainerRegistry",
    "PrivateDnsZone",
    "fast_bindings",
]


def __getattr__(name: str) -> object:
    if name != "PrivateContainerRegistry":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .private_container_registry import PrivateContainerRegistry

    return PrivateContainerRegistry


def __dir__() -> list[str]:
    return __all__
