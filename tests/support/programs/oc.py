"""A stand-in for `oc` and a cluster on ARO, whose state is in the JSON file that OC_STATE names.

It refuses what the API refuses. What the nodes do is in `nodes.py`.
"""

import argparse
import base64
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import nodes
from ruamel.yaml import YAML

STATE = Path(os.environ["OC_STATE"])
KEY = ".dockerconfigjson"
HOST = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
POLICIES = ("AllowContactingSource", "NeverContactSource")
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
    state["projects"][given.words[0]] = {"secrets": {}, "default": [], "deployments": {}}


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
    """Shows a secret, or the cluster's proxy, as JSON."""
    if given.output != "json":
        sys.exit("error: only JSON is here")
    if given.words == ["proxy/cluster"]:
        print(json.dumps({"kind": "Proxy", "spec": state["proxy"]}))
        return
    text = project(state, given.namespace)["secrets"][given.words[0].removeprefix("secret/")]
    print(json.dumps({"kind": "Secret", "data": {KEY: base64.b64encode(text.encode()).decode()}}))


def patch(state: State, given: argparse.Namespace) -> None:
    """Changes the cluster's proxy, or adds a registry to those that the cluster allows."""
    (name,) = given.words
    if name == "proxy/cluster" and given.type == "merge":
        state["proxy"] |= json.loads(Path(given.patch_file).read_text())["spec"]
        return
    (change,) = json.loads(given.patch)
    path = "/spec/registrySources/allowedRegistries/-"
    if (name, given.type) != ("image.config.openshift.io/cluster", "json"):
        sys.exit("error: this patch is not here")
    if (change["op"], change["path"]) != ("add", path) or state["allowed"] is None:
        sys.exit("The request is invalid: the server rejected our request due to an error")
    state["allowed"].append(change["value"])


def set_data(state: State, given: argparse.Namespace) -> None:
    """Replaces the docker config in a secret; ARO's operator puts its own entry back."""
    secrets = project(state, given.namespace)["secrets"]
    name = given.words[0].removeprefix("secret/")
    if name not in secrets:
        sys.exit("Error from server (NotFound)")
    config = json.loads(secret_from(given.from_file))
    if name == "pull-secret":
        config["auths"] |= state["operator"]
    secrets[name] = json.dumps(config)


def wait(state: State, given: argparse.Namespace) -> None:
    """Waits for all pools of nodes; without `--timeout`, for 30 seconds."""
    if given.words != ["mcp"] or not given.all:
        sys.exit("error: only all pools of nodes are here")
    nodes.wait(state, given.purpose.removeprefix("condition="), given.timeout or "30s")


def wait_for_stable_cluster(_: State, __: argparse.Namespace) -> None:
    """Waits for the cluster's operators, which are stable, and for no node."""


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
    """Whether an entry of a mirror set is valid: hosts with paths, no wildcards, and a policy."""
    names = [entry["source"], *entry["mirrors"]]
    policy = entry.get("mirrorSourcePolicy", POLICIES[0])
    is_known = set(entry) - {"mirrorSourcePolicy"} == {"source", "mirrors"} and policy in POLICIES
    return is_known and all(MIRROR.fullmatch(name) for name in names)


def create_deployment(state: State, given: argparse.Namespace) -> None:
    """Creates a deployment with one image, and with a command if there is one."""
    deployment = {"image": given.image, "command": given.command}
    project(state, given.namespace)["deployments"][given.words[0]] = deployment


def rollout_status(state: State, given: argparse.Namespace) -> None:
    """Waits for a deployment's pod, which a node pulls and runs."""
    found = project(state, given.namespace)
    deployment = found["deployments"][given.words[0].removeprefix("deployment/")]
    own = [found["secrets"][name] for name in found["default"]]
    nodes.run(state, deployment["image"], deployment["command"], own)


COMMANDS = {
    "new-project": new_project,
    "create secret generic": create_secret,
    "create deployment": create_deployment,
    "secrets link": link,
    "get": get,
    "patch": patch,
    "set data": set_data,
    "wait": wait,
    "adm wait-for-stable-cluster": wait_for_stable_cluster,
    "apply": apply,
    "rollout status": rollout_status,
}


def main() -> None:
    """Runs one command."""
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    words, of_pod = sys.argv[1:end], sys.argv[end + 1 :]
    line = " ".join(words)
    command = next((each for each in COMMANDS if f"{line} ".startswith(f"{each} ")), None)
    state = json.loads(STATE.read_text())
    if not command or state.get("logged_out"):
        sys.exit(f"error: {'You must be logged in' if command else f'unknown command {line}'}")
    parser = argparse.ArgumentParser()
    parser.add_argument("words", nargs="*")
    for option in ("filename", "from-file", "image", "namespace", "output", "patch", "patch-file"):
        parser.add_argument(f"--{option}")
    for option in ("timeout", "type"):
        parser.add_argument(f"--{option}")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--for", dest="purpose")
    parser.set_defaults(command=of_pod)
    COMMANDS[command](state, parser.parse_args(words[len(command.split()) :]))
    STATE.write_text(json.dumps(state))


main()
