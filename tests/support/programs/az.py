"""A stand-in for `az acr token` and `az acr import`, on the cloud of the stand-in for azurerm."""

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from standin.cloud import carry_out, view
from standin.requests import transaction
from standin.resources import images
from standin.store import Cloud, find, name_of, of_type

TYPE = "azurerm_container_registry_token"
WITH_LOGIN = ("registry.redhat.io", "registry.connect.redhat.com")
"""Hosts from which nobody gets an image without a login."""


def credentials(cloud: Cloud, token: str, names: list[str]) -> dict[str, Any]:
    """Returns a token's user and its passwords, with the values of these, shown only once."""
    shown = view(cloud, f"{token}/passwords/password") or {}
    passwords = [
        {"name": name, "value": each["value"] if name in names else None}
        for name in ("password1", "password2")
        for each in shown[name]
    ]
    return {"username": name_of(token), "passwords": passwords}


def registry_of(cloud: Cloud, name: str) -> str:
    """Returns the id of the registry with a name."""
    (registry,) = [
        id_ for id_, _ in of_type(cloud, "azurerm_container_registry") if name_of(id_) == name
    ]
    return registry


def token(cloud: Cloud, given: argparse.Namespace) -> dict[str, Any] | None:
    """Creates or deletes a token or its password, and returns what is shown."""
    registry = registry_of(cloud, given.registry)
    token = f"{registry}/tokens/{given.name}"
    id_ = f"{token}/passwords/password"
    old = cloud["resources"].get(id_, {"type": f"{TYPE}_password"})
    verb = given.words[-1]
    if verb == "create":
        scope_map = f"{registry}/scopeMaps/{given.scope_map}"
        carry_out(cloud, "create", token, {"type": TYPE, "scope_map_id": scope_map})
        carry_out(cloud, "create", id_, {**old, "password1": [{}], "password2": [{}]})
        return {"credentials": credentials(cloud, token, ["password1", "password2"])}
    if not find(cloud, token):
        sys.exit(f"ResourceNotFound: {token}")
    if verb == "delete" and not given.password_name:
        carry_out(cloud, "delete", id_, {})
        carry_out(cloud, "delete", token, {})
        return None
    carry_out(cloud, "update", id_, {**old, given.password_name: []})
    if verb == "delete":
        return None
    old = cloud["resources"][id_]
    carry_out(cloud, "update", id_, {**old, given.password_name: [{}]})
    return credentials(cloud, token, [given.password_name])


def text_of(value: str | None) -> str:
    """Returns an option's value, which is in a file if it begins with `@`."""
    return Path(value[1:]).read_text() if value and value.startswith("@") else value or ""


def import_(cloud: Cloud, given: argparse.Namespace) -> None:
    """Has Azure copy an image into a registry.

    With the id of its registry, a source is the name of a repository; else it begins with a host.
    """
    names = (given.source, given.image or given.source)
    source, target = (re.split("[:@]", name)[0] for name in names)
    host = "" if given.registry else source.partition("/")[0]
    if host in WITH_LOGIN and not (given.username and text_of(given.password)):
        sys.exit(f"Unauthorized: {host} needs a login")
    registry = registry_of(cloud, given.name)
    if error := images.import_image(cloud, registry, target, given.registry or "", source):
        sys.exit(str(error))


COMMANDS = {"token": token, "import": import_}
parser = argparse.ArgumentParser()
parser.add_argument("words", nargs="+")
for option in ("image", "name", "password", "registry", "scope-map", "source", "username"):
    parser.add_argument(f"--{option}")
parser.add_argument("--output", choices=["json"])
parser.add_argument("--yes", action="store_true")
for password in ("password1", "password2"):
    parser.add_argument(f"--{password}", dest="password_name", action="store_const", const=password)
given = parser.parse_args()
if given.words[0] != "acr" or given.words[1] not in COMMANDS:
    sys.exit("az: only acr token and acr import are here")
with transaction(Path(os.environ["STANDIN_CLOUD"])) as contents:
    output = COMMANDS[given.words[1]](contents, given)
if output:
    print(json.dumps(output))
