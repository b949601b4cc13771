"""A private container registry for a private Azure Red Hat OpenShift cluster.

Names are imported when they are first used: reading settings starts no Node, and quick start-up is
on before anything imports cdktf or the azurerm bindings.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .private_container_registry import MANAGED_BY_POLICY, Existing, PrivateContainerRegistry
    from .stack import PrivateContainerRegistryStack, synthesize

__all__ = [
    "MANAGED_BY_POLICY",
    "Existing",
    "PrivateContainerRegistry",
    "PrivateContainerRegistryStack",
    "synthesize",
]

_MODULES = {
    "MANAGED_BY_POLICY": ".private_container_registry",
    "Existing": ".private_container_registry",
    "PrivateContainerRegistry": ".private_container_registry",
    "PrivateContainerRegistryStack": ".stack",
    "synthesize": ".stack",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import fast_bindings

    fast_bindings.enable()
    return getattr(importlib.import_module(_MODULES[name], __name__), name)
