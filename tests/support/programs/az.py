"""A stand-in for `az acr token`: it changes the tokens in the cloud of the stand-in for azurerm."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from standin.cloud import carry_out, view
from standin.requests import transaction
from standin.store import Cloud, find, name_of, of_type

TYPE = "azurerm_container_registry_token"


def credentials(cloud: Cloud, token: str, names: list[str]) -> dict[str, Any]:
    """Returns a token's user and its passwords, with the values of these, shown only once."""
    shown = view(cloud, f"{token}/passwords/password") or {}
    passwords = [
        {"name": name, "value": each["value"] if name in names else None}
        for name in ("password1", "password2")
        for each in shown[name]
    ]
    return {"username": name_of(token), "passwords": passwords}


def change(cloud: Cloud, given: argparse.Namespace) -> dict[str, Any] | None:
    """Carries out a command and returns its output."""
    (registry,) = [
        id_
        for id_, _ in of_type(cloud, "azurerm_container_registry")
        if name_of(id_) == given.registry
    ]
    token = f"{registry}/tokens/{given.name}"
    id_ = f"{token}/passwords/password"
    old = cloud["resources"].get(id_, {"type": f"{TYPE}_password"})
    if given.verb == "create":
        scope_map = f"{registry}/scopeMaps/{given.scope_map}"
        carry_out(cloud, "create", token, {"type": TYPE, "scope_map_id": scope_map})
        carry_out(cloud, "create", id_, {**old, "password1": [{}], "password2": [{}]})
        return {"credentials": credentials(cloud, token, ["password1", "password2"])}
    if not find(cloud, token):
        sys.exit(f"ResourceNotFound: {token}")
    if given.verb == "delete" and not given.password:
        carry_out(cloud, "delete", id_, {})
        carry_out(cloud, "delete", token, {})
        return None
    carry_out(cloud, "update", id_, {**old, given.password: []})
    if given.verb == "delete":
        return None
    old = cloud["resources"][id_]
    carry_out(cloud, "update", id_, {**old, given.password: [{}]})
    return credentials(cloud, token, [given.password])


words = ["acr", "token"]
if sys.argv[1:3] != words:
    sys.exit("az: only acr token is here")
parser = argparse.ArgumentParser()
parser.add_argument("verbs", nargs="+")
parser.add_argument("--registry", required=True)
parser.add_argument("--name", required=True)
parser.add_argument("--scope-map")
parser.add_argument("--output", choices=["json"])
parser.add_argument("--yes", action="store_true")
parser.add_argument("--password1", dest="password", action="store_const", const="password1")
parser.add_argument("--password2", dest="password", action="store_const", const="password2")
given = parser.parse_args(sys.argv[3:])
given.verb = given.verbs[-1]
with transaction(Path(os.environ["STANDIN_CLOUD"])) as contents:
    output = change(contents, given)
if output:
    print(json.dumps(output))
