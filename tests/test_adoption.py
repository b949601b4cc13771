"""What is told where Azure has what a deployment would create."""

from __future__ import annotations

from helpers import SUBSCRIPTION, settings_of

from constructs_lib import adoption

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/aro-mobb-rg/providers"
NETWORK = f"{GROUP}/Microsoft.Network"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/acr12345"
LOCK = f"{REGISTRY}/providers/Microsoft.Authorization/locks/acr-lock"


def error(id_: str) -> str:
    """Terraform's error for a resource that exists, as a terminal of some width shows it."""
    lines = ["Error: A resource with the ID", f'"{id_}" already', "exists - to be managed via …"]
    return "╷\n" + "".join(f"\x1b[31m│\x1b[0m {line}\n" for line in lines) + "╵\n"


def test_the_parts_that_exist_are_to_be_adopted() -> None:
    """In the order of the sections, with those that are adopted already, and the subscription."""
    errors = error(f"{NETWORK}/privateDnsZones/privatelink.azurecr.io") + error(REGISTRY)
    told = adoption.lines("acr", settings_of(), "registries.yaml", errors)
    assert "acr: Azure has 2 of the resources already, the state has not." in told
    assert told[-3:-1] == [
        f"    subscription_id: {SUBSCRIPTION}",
        "    adopt: [container_registry, private_dns_zone]",
    ]
    adopting = settings_of(adopt=["endpoint_subnet"], subscription_id=SUBSCRIPTION)
    told = adoption.lines("acr", adopting, "registries.yaml", error(REGISTRY.upper()))
    assert told[-2] == "    adopt: [endpoint_subnet, container_registry]"
    assert not any("subscription_id" in line for line in told)


def test_what_no_section_adopts_is_imported() -> None:
    """A lock, a token and the like; a registry of another name is none of the stack's."""
    told = adoption.lines("acr", settings_of(), "registries.yaml", error(LOCK))
    assert told[-1] == f"    {LOCK}"
    assert not any("adopt:" in line for line in told)


def test_other_errors_are_left_to_terraform() -> None:
    """Nothing is added to them."""
    assert adoption.lines("acr", settings_of(), "registries.yaml", "Error: quota") == []
