"""The nodes of the stand-in for a cluster: when a change reaches them, what they pull and run.

Time passes only while somebody waits for the nodes, so that no test depends on a machine's speed.
"""

import base64
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

from standin.cloud import view
from standin.requests import transaction
from standin.resources import images, scope_maps
from standin.resources.cache_rules import holds
from standin.resources.members import login_server_of, members
from standin.store import Contents, get, name_of, of_type

State = dict[str, Any]

NOTICED_AFTER: Final = 90
"""Seconds until a pool of nodes is `Updating`; until then, it is `Updated` as before."""
ROLLED_OUT_AFTER: Final = 1200
"""Seconds until each node of a pool has the change, one after the other."""
SERVERS: Final = {"strimzi/operator"}
"""Images that run until they are stopped; others print a text and end, or ask for a command."""


def wanted(state: State) -> State:
    """Returns what the Machine Config Operator writes to the nodes."""
    secret = state["projects"]["openshift-config"]["secrets"]["pull-secret"]
    return {"secret": secret, **{name: state[name] for name in ("mirrors", "proxy", "allowed")}}


def wait(state: State, condition: str, timeout: str) -> None:
    """Waits until the pools have a condition, as `oc wait mcp --all` does."""
    seconds = int(timeout[:-1]) * {"s": 1, "m": 60, "h": 3600}[timeout[-1]]
    if condition == "Updating":
        is_changed = wanted(state) != state["nodes"]
        state["updating"] |= is_changed and seconds >= NOTICED_AFTER
        is_met = state["updating"]
    else:
        if state["updating"] and seconds >= ROLLED_OUT_AFTER:
            state.update(nodes=wanted(state), updating=False)
        is_met = not state["updating"]
    if not is_met:
        sys.exit("error: timed out waiting for the condition on machineconfigpools/master")


def run(state: State, image: str, command: list[str], secrets: list[str]) -> None:
    """Pulls an image, through a mirror if there is one, and starts a pod with it."""
    nodes = state["nodes"]
    kind = "imageDigestMirrors" if "@" in image else "imageTagMirrors"
    for entry in nodes["mirrors"].get(kind, []):
        if image.startswith(f"{entry['source']}/"):
            image = f"{entry['mirrors'][0]}{image.removeprefix(entry['source'])}"
            if error := _pull_error(nodes, image, [nodes["secret"]]):
                never = entry.get("mirrorSourcePolicy") == "NeverContactSource"
                why = "never contacted" if never else "out of reach"
                error = f"the mirror refuses ({error}), and the source is {why}"
                error = None if state.get("internet") and not never else error
            break
    else:
        error = _pull_error(nodes, image, [*secrets, nodes["secret"]])
    if error:
        sys.exit(f"error: ImagePullBackOff: {error}")
    if _repository(image) not in SERVERS and command[:1] != ["sleep"]:
        sys.exit("error: CrashLoopBackOff: the container has ended")


def _pull_error(nodes: State, image: str, secrets: list[str]) -> str | None:
    """Returns why a node cannot pull an image, or None."""
    host = image.partition("/")[0]
    if nodes["allowed"] is not None and host not in nodes["allowed"]:
        return f"{host} is not among allowedRegistries"
    with transaction(Path(os.environ["STANDIN_CLOUD"])) as cloud:
        registries = [id_ for id_, _ in of_type(cloud, "azurerm_container_registry")]
        registry = next((id_ for id_ in registries if login_server_of(cloud, id_) == host), None)
        if not registry:
            return f"{host} is out of reach"
        for each in members(cloud, registry).values():
            if nodes["proxy"].get("httpsProxy") and not _is_exempt(each, nodes["proxy"]):
                return f"the proxy cannot reach {each}"
        repository = _repository(image)
        if not any(_is_login(cloud, host, secret, repository) for secret in secrets):
            return "unauthorized"
        error = images.pull(cloud, registry, repository)
    return error and error.message


def _is_exempt(host: str, proxy: State) -> bool:
    """Whether clients go to a host without the proxy: the host or a domain of it is listed."""
    exempt = proxy.get("noProxy", "").split(",")
    return any(host == each or host.endswith(f".{each.lstrip('.')}") for each in exempt if each)


def _is_login(cloud: Contents, host: str, secret: str, repository: str) -> bool:
    """Whether a docker config has a password that Azure takes, of a token for a repository.

    CRI-O and podman log in with an identity token, if there is one beside the password. Those that
    Azure gives end after three hours: here, each has ended.
    """
    entry = json.loads(secret)["auths"].get(host, {})
    valid = {
        f"{name_of(id_.removesuffix('/passwords/password'))}:{password['value']}"
        for id_, _ in of_type(cloud, "azurerm_container_registry_token_password")
        for token in [get(cloud, id_.removesuffix("/passwords/password"))]
        for pulled in scope_maps.pulled_with(cloud, token["scope_map_id"])
        if holds(pulled, repository)
        for name in ("password1", "password2")
        for password in (view(cloud, id_) or {})[name]
    }
    is_valid = base64.b64decode(entry.get("auth", "")).decode() in valid
    return is_valid and "identitytoken" not in entry


def _repository(image: str) -> str:
    """Returns an image's repository, without host, tag and digest."""
    return re.split("[:@]", image.partition("/")[2])[0]
