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

_MODULES = (
    "arguments.problems",
    "arguments.guide",
    "arguments.additions",
    "arguments.existing",
    "private_container_registry",
)
"""The modules of the public names; only the last one needs cdktf."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "fast_bindings":
        return importlib.import_module(f"{__name__}.{name}")
    modules = (importlib.import_module(f"{__name__}.{each}") for each in _MODULES)
    return next(getattr(module, name) for module in modules if hasattr(module, name))


def __dir__() -> list[str]:
    return __all__
