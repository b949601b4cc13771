"""A stand-in for `oc` and a cluster on ARO, whose state is in the JSON file that OC_STATE names.

It refuses what the API refuses, and pulls an image only with credentials that Azure takes.
"""

import argparse
import base64
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from standin.cloud import view
from standin.requests import transaction
from standin.store import name_of, of_type

STATE = Path(os.environ["OC_STATE"])
ARO = "arosvc.azurecr.io"
KEY = ".dockerconfigjson"
HOST = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
MIRROR = re.compile(rf"{HOST}(/[a-z0-9._-]+)*")

State = dict[str, Any]


def secret_from(assignment: str) -> str:
    """Returns the docker config in a file, which only its owner may read."""
    key, _, name = assignment.partition("=")
    file = Path(name)
    if file.stat().st_mode & 0o077:
        sys.exit(f"error: others can read {file}")
    text = file.read_text()
    try:
        is_config = key == KEY and isinstance(json.loads(text)["auths"], dict)
    except (ValueError, KeyError, TypeError):
        is_config = False
    if not is_config:
        sys.exit(f'The Secret is invalid: data[{KEY}]: Invalid value: "<secret contents redacted>"')
    return text


def project(state: State, name: str) -> State:
    """Returns a project, which must exist."""
    if name not in state["projects"]:
        sys.exit(f'Error from server (NotFound): namespaces "{name}" not found')
    found: State = state["projects"][name]
    return found


def new_project(state: State, given: argparse.Namespace) -> None:
    """Creates a project with its default service account."""
    if given.words[0] in state["projects"]:
        sys.exit("Error from server (AlreadyExists)")
    state["projects"][given.words[0]] = {"secrets": {}, "default": [], "images": {}}


def create_secret(state: State, given: argparse.Namespace) -> None:
    """Creates a secret for pulls."""
    secrets = project(state, given.namespace)["secrets"]
    if given.words[0] in secrets:
        sys.exit("error: failed to create secret: it already exists")
    if given.type != "kubernetes.io/dockerconfigjson":
        sys.exit("error: a secret of this type is not for pulls")
    secrets[given.words[0]] = secret_from(given.from_file)


def link(state: State, given: argparse.Namespace) -> None:
    """Links a secret to a service account for pulls."""
    account, name = given.words
    found = project(state, given.namespace)
    if account != "default" or name not in found["secrets"] or given.purpose != "pull":
        sys.exit("Error from server (NotFound)")
    found["default"].append(name)


def get(state: State, given: argparse.Namespace) -> None:
    """Shows a secret as JSON."""
    text = project(state, given.namespace)["secrets"][given.words[0].removeprefix("secret/")]
    if given.output != "json":
        sys.exit("error: only JSON is here")
    print(json.dumps({"kind": "Secret", "data": {KEY: base64.b64encode(text.encode()).decode()}}))


def set_data(state: State, given: argparse.Namespace) -> None:
    """Replaces the docker config in a secret."""
    secrets = project(state, given.namespace)["secrets"]
    name = given.words[0].removeprefix("secret/")
    if name not in secrets:
        sys.exit("Error from server (NotFound)")
    secrets[name] = secret_from(given.from_file)


def wait_for_stable_cluster(state: State, _: argparse.Namespace) -> None:
    """Waits until the nodes have the global pull secret and the mirror sets."""
    secret = state["projects"]["openshift-config"]["secrets"]["pull-secret"]
    if ARO not in json.loads(secret)["auths"]:
        sys.exit(f"error: the cluster is degraded: ARO can't pull from {ARO}")
    state["nodes"] = {"secret": secret, "mirrors": state["mirrors"]}


def apply(state: State, given: argparse.Namespace) -> None:
    """Creates or changes mirror sets, which must be as their API describes them."""
    if given.filename != "-":
        sys.exit("error: only standard input is here")
    for document in YAML(typ="safe").load_all(sys.stdin):
        field = document["kind"].removesuffix("MirrorSet").replace("I", "i", 1) + "Mirrors"
        mirrors = document["spec"].pop(field)
        is_known = field in ("imageDigestMirrors", "imageTagMirrors")
        is_named = re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", document["metadata"]["name"])
        if document["apiVersion"] != "config.openshift.io/v1" or not is_known or not is_named:
            sys.exit(f"error: unable to recognize {document}")
        if document["spec"] or not all(map(is_mirror, mirrors)):
            sys.exit(f"error: {document['kind']} is invalid: {mirrors}")
        state["mirrors"][field] = mirrors


def is_mirror(entry: State) -> bool:
    """Whether an entry of a mirror set is valid: hosts with paths, and no wildcards."""
    names = [entry["source"], *entry["mirrors"]]
    return set(entry) == {"source", "mirrors"} and all(MIRROR.fullmatch(name) for name in names)


def create_deployment(state: State, given: argparse.Namespace) -> None:
    """Creates a deployment with one image."""
    project(state, given.namespace)["images"][given.words[0]] = given.image


def rollout_status(state: State, given: argparse.Namespace) -> None:
    """Waits for a deployment's pod, whose node pulls the image."""
    found = project(state, given.namespace)
    image = found["images"][given.words[0].removeprefix("deployment/")]
    own = [found["secrets"][name] for name in found["default"]]
    nodes = state["nodes"]
    kind = "imageDigestMirrors" if "@" in image else "imageTagMirrors"
    for entry in nodes["mirrors"].get(kind, []):
        if image.startswith(f"{entry['source']}/"):
            path = image.removeprefix(entry["source"])
            if may_pull(f"{entry['mirrors'][0]}{path}", [nodes["secret"]]):
                return
            sys.exit("error: ImagePullBackOff: the mirror refuses, and the source is out of reach")
    if not may_pull(image, [*own, nodes["secret"]]):
        sys.exit("error: ImagePullBackOff: unauthorized")


def may_pull(image: str, secrets: list[str]) -> bool:
    """Whether one of the secrets has a password of a token that Azure takes."""
    host = image.partition("/")[0]
    logins = [json.loads(secret)["auths"].get(host, {}).get("auth", "") for secret in secrets]
    with transaction(Path(os.environ["STANDIN_CLOUD"])) as cloud:
        valid = {
            f"{name_of(id_.removesuffix('/passwords/password'))}:{password['value']}"
            for id_, _ in of_type(cloud, "azurerm_container_registry_token_password")
            for name in ("password1", "password2")
            for password in (view(cloud, id_) or {})[name]
        }
    return any(base64.b64decode(login).decode() in valid for login in logins)


COMMANDS = {
    "new-project": new_project,
    "create secret generic": create_secret,
    "create deployment": create_deployment,
    "secrets link": link,
    "get": get,
    "set data": set_data,
    "adm wait-for-stable-cluster": wait_for_stable_cluster,
    "apply": apply,
    "rollout status": rollout_status,
}


def main() -> None:
    """Runs one command."""
    line = " ".join(sys.argv[1:])
    command = next((each for each in COMMANDS if f"{line} ".startswith(f"{each} ")), None)
    state = json.loads(STATE.read_text())
    if not command or state.get("logged_out"):
        sys.exit(f"error: {'You must be logged in' if command else f'unknown command {line}'}")
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    for option in ("namespace", "type", "from-file", "output", "filename", "image", "timeout"):
        parser.add_argument(f"--{option}")
    parser.add_argument("--for", dest="purpose")
    COMMANDS[command](state, parser.parse_args(sys.argv[1 + len(command.split()) :]))
    STATE.write_text(json.dumps(state))


main()
