"""Plans of Terraform, as ``terraform show -json`` writes them."""

from __future__ import annotations

from typing import Any

from helpers import Json

from constructs_lib.privacy.attributes import REGISTRY


def plan(*resources: Json, **more: Any) -> Json:
    """A plan of these changes of resources."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "configuration": {"root_module": {}},
        "resource_changes": list(resources),
        **more,
    }


def planned(*actions: str, type: str = REGISTRY, name: str = "acr", **change: Any) -> Json:
    """One resource of a plan, with the actions that Terraform plans for it."""
    return {
        "address": f"{type}.{name}",
        "mode": "managed",
        "type": type,
        "name": name,
        "change": {
            "actions": list(actions),
            "before": None,
            "after": None,
            "after_unknown": {},
            "before_sensitive": False,
            "after_sensitive": False,
            **change,
        },
    }
