"""A stand-in for `az acr import`, on the cloud of the stand-in for azurerm."""

import argparse
import os
import re
import sys
from pathlib import Path

from standin.requests import transaction
from standin.resources import images
from standin.store import Contents, name_of, of_type

WITH_LOGIN = ("registry.redhat.io", "registry.connect.redhat.com")
"""Hosts from which nobody gets an image without a login."""


def registry_of(cloud: Contents, name: str) -> str:
    """Returns the id of the registry with a name."""
    (registry,) = [
        id_ for id_, _ in of_type(cloud, "azurerm_container_registry") if name_of(id_) == name
    ]
    return registry


def text_of(value: str | None) -> str:
    """Returns an option's value, which is in a file if it begins with `@`."""
    return Path(value[1:]).read_text() if value and value.startswith("@") else value or ""


def import_(cloud: Contents, given: argparse.Namespace) -> None:
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


parser = argparse.ArgumentParser()
parser.add_argument("words", nargs="+")
for option in ("image", "name", "password", "registry", "source", "username"):
    parser.add_argument(f"--{option}")
given = parser.parse_args()
if given.words != ["acr", "import"]:
    sys.exit("az: only acr import is here")
with transaction(Path(os.environ["STANDIN_CLOUD"])) as contents:
    import_(contents, given)
