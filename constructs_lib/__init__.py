"""A private container registry for a private Azure Red Hat OpenShift cluster (CDKTF).

Importing this package changes nothing in the process and does not start Node: each name is imported
when it is first used. The construct, which needs cdktf, starts quickly if
``fast_bindings.enable()`` is called before that.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import fast_bindings
    from .arguments.additions import (
        FurtherVirtualNetworkLink,
        NewAuditLogs,
        NewCacheRule,
        NewCredentialSet,
        NewLock,
        NewPullToken,
    )
    from .arguments.existing import Existing
    from .arguments.guide import (
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
    from .arguments.problems import ArgumentError
    from .private_container_registry import PrivateContainerRegistry

__all__ = [
    "ArgumentError",
    "Encryption",
    "Existing",
    "FurtherVirtualNetworkLink",
    "Georeplication",
    "Identity",
    "NewAuditLogs",
    "NewCacheRule",
    "NewCredentialSet",
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


MODULES = {
    "ArgumentError": "arguments.problems",
    "Existing": "arguments.existing",
    "FurtherVirtualNetworkLink": "arguments.additions",
    "NewAuditLogs": "arguments.additions",
    "NewCacheRule": "arguments.additions",
    "NewCredentialSet": "arguments.additions",
    "NewLock": "arguments.additions",
    "NewPullToken": "arguments.additions",
    "PrivateContainerRegistry": "private_container_registry",
}
"""The module of each public name that is not in ``arguments.guide``."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "fast_bindings":
        return importlib.import_module(f"{__name__}.{name}")
    return getattr(
        importlib.import_module(f"{__name__}.{MODULES.get(name, 'arguments.guide')}"), name
    )


def __dir__() -> list[str]:
    return __all__
