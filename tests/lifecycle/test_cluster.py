"""The commands of docs/cluster.md, as they stand, from the deployment to the running pod.

Terraform is real. `oc`, `az` and the cluster are stand-ins, and `jq` is jq's own language.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deployment import REGISTRY, Deployment
from helpers import GUIDE, ROOT
from lifecycle import Prepared
from workflows import write_program

from constructs_lib.settings import load

PAGE = (ROOT / "docs" / "cluster.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
PROGRAMS = ROOT / "tests" / "support" / "programs"
STACK = "aro-private-acr"
APPLY = f"terraform -chdir=cdktf.out/stacks/{STACK} apply -auto-approve > /dev/null"
PULLS = "oc rollout status deployment/hello --namespace $NAMESPACE --timeout 5m"
ARO = {"arosvc.azurecr.io": {"auth": base64.b64encode(b"aro:aro").decode()}}
THEIRS = {"cloud.openshift.com": {"auth": "b2NtOm9jbQ==", "email": "a@example.com"}}


def block(text: str) -> str:
    """The page's only block of commands that contains a text."""
    (found,) = [each for each in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if text in each]
    return str(found)


START = block("mktemp")
PROJECT = block("secrets link")
MERGE = block("merged.json")
WAIT = block("condition=Updated")
NO_PROXY = block("oc patch proxy")
ALLOW = block("allowedRegistries")
IMPORT = block("az acr import")
MIRRORS = block("image_mirrors")
POD = block("create deployment")
ANOTHER = block("TOKEN=aro-pull-2027")
STRIMZI = {"source": "quay.io/strimzi/*", "target": "strimzi/*"}
NEW = "oc new-project $NAMESPACE"
COMMAND = " -- sleep infinity"
HELLO = "$registry/ubi9/python-312:latest"
CACHED = "quay.io/strimzi/operator:0.49.0"


class Cluster:
    """A cluster beside a deployment, and shells that run commands in both."""

    def __init__(self, deployment: Deployment) -> None:
        """Put the programs into a folder of the PATH, and a global pull secret into the cluster."""
        self.deployment = deployment
        self.file = deployment.folder / "cluster.json"
        self.log = deployment.folder / "arguments.log"
        secret = json.dumps({"auths": {**ARO, **THEIRS}})
        config = {"secrets": {"pull-secret": secret}, "default": [], "deployments": {}}
        settings: dict[str, Any] = {"mirrors": {}, "proxy": {}, "allowed": None}
        state = {
            **settings,
            "projects": {"openshift-config": config},
            "nodes": {"secret": secret, **settings},
            "updating": False,
            "operator": ARO,
        }
        self.file.write_text(json.dumps(state))
        programs = deployment.folder / "bin"
        for name, source in (("oc", "oc"), ("az", "az"), ("jq", "jq_program")):
            python = shlex.join([sys.executable, str(PROGRAMS / f"{source}.py")])
            log = f'echo "$@" >> {shlex.quote(str(self.log))}'
            write_program(programs, name, f'{log}\nexec {python} "$@"')
        self.environ = {
            **deployment.environ,
            "OC_STATE": str(self.file),
            "PATH": f"{programs}{os.pathsep}{deployment.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(deployment.folder),
        }

    def run(self, *commands: str, check: bool = True) -> str:
        """Run commands in one shell, which stops at the first that fails; return its errors."""
        script = "set -e\n" + "\n".join(commands)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.deployment.folder,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) == check, done.stdout + done.stderr
        return done.stderr

    def state(self) -> dict[str, Any]:
        """The state of the cluster."""
        state: dict[str, Any] = json.loads(self.file.read_text())
        return state

    def pull_secret(self) -> dict[str, Any]:
        """The entries of the global pull secret."""
        secret = self.state()["projects"]["openshift-config"]["secrets"]["pull-secret"]
        entries: dict[str, Any] = json.loads(secret)["auths"]
        return entries


def synthesize(deployment: Deployment, **registry: Any) -> None:
    """Synthesize the page's stack."""
    settings = {"pull_tokens": {"aro-pull": {}}, "cache_rules": [STRIMZI], **registry}
    every = {**GUIDE["container_registry"], **settings}
    deployment.synthesize(stack=STACK, container_registry=every)


def apply_the_page(deployment: Deployment) -> None:
    """Apply the page's stack."""
    synthesize(deployment)
    deployment.apply(STACK)


@pytest.fixture
def cluster(deployment: Deployment, prepared: Prepared) -> Cluster:
    """A cluster beside the page's stack, which is deployed."""
    deployment.copy(prepared(apply_the_page))
    return Cluster(deployment)


def test_a_pod_runs_with_the_credentials_of_its_project(cluster: Cluster) -> None:
    """The secret is linked to the project's service account, and the global one stays."""
    cluster.run(START, PROJECT, IMPORT, POD)
    assert cluster.state()["projects"]["hello"]["default"] == ["acr-pull"]
    assert cluster.pull_secret() == {**ARO, **THEIRS}


def test_a_pod_does_not_run_without_credentials(cluster: Cluster) -> None:
    """A project without the secret can't pull, so that the other tests mean something."""
    errors = cluster.run(START, NEW, IMPORT, POD, check=False)
    assert "ImagePullBackOff: unauthorized" in errors


def test_a_pod_does_not_run_without_its_image(cluster: Cluster) -> None:
    """The page imports it."""
    errors = cluster.run(START, PROJECT, POD, check=False)
    assert "ImagePullBackOff: repository ubi9/python-312 is not found" in errors


@pytest.mark.parametrize("image", ["podman/hello", "ubi9/python-312"])
def test_a_pod_that_ends_does_not_prove_the_pull(cluster: Cluster, image: str) -> None:
    """The image that the page warns of, and the page's own one, each without a command."""
    name = "ubi9/python-312"
    commands = [each.replace(name, image).removesuffix(COMMAND) for each in POD.split("\n")]
    assert "\n".join(commands) != POD
    errors = cluster.run(START, PROJECT, IMPORT.replace(name, image), *commands, check=False)
    assert "CrashLoopBackOff" in errors


def test_a_pod_runs_with_the_global_pull_secret(cluster: Cluster) -> None:
    """The merge keeps every entry that was there, among them the one that ARO needs."""
    cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD)
    entries = cluster.pull_secret()
    assert {name: entries[name] for name in {**ARO, **THEIRS}} == {**ARO, **THEIRS}
    assert set(entries) == {*ARO, *THEIRS, "acr12345.azurecr.io"}


def test_a_global_pull_secret_that_is_replaced_loses_red_hats_entries(cluster: Cluster) -> None:
    """ARO's operator puts back its own entry, and no other."""
    replace = re.sub(r"'\.\[0\] \+ .*'", "'.[1]'", MERGE)
    assert replace != MERGE
    cluster.run(START, replace)
    assert set(cluster.pull_secret()) == {*ARO, "acr12345.azurecr.io"}


def test_an_old_login_to_the_registry_does_not_stay(cluster: Cluster) -> None:
    """Nodes would use its identity token, which has ended, and not the password."""
    state = cluster.state()
    old = {"acr12345.azurecr.io": {"auth": "b2xkOm9sZA==", "identitytoken": "of-a-person"}}
    secrets = state["projects"]["openshift-config"]["secrets"]
    secrets["pull-secret"] = json.dumps({"auths": {**ARO, **THEIRS, **old}})
    cluster.file.write_text(json.dumps(state))
    cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD)
    assert set(cluster.pull_secret()["acr12345.azurecr.io"]) == {"auth"}


@pytest.mark.parametrize(
    "wait",
    [
        "oc adm wait-for-stable-cluster",
        "oc wait mcp --all --for=condition=Updated --timeout=60m",
        "oc wait mcp --all --for=condition=Updating || oc wait mcp --all --for=condition=Updated",
    ],
)
def test_other_ways_to_wait_end_before_the_nodes_have_the_secret(
    cluster: Cluster, wait: str
) -> None:
    """They look at the cluster's operators, or at the pools before these have noticed anything."""
    errors = cluster.run(START, NEW, MERGE, wait, IMPORT, POD, check=False)
    assert "ImagePullBackOff: unauthorized" in errors


def test_a_cluster_with_a_proxy_pulls_past_it(cluster: Cluster) -> None:
    """The registry and each data endpoint are added once to the hosts that are there."""
    state = cluster.state()
    state["proxy"] = {"httpsProxy": "http://proxy.example:3128", "noProxy": ".example.com"}
    cluster.file.write_text(json.dumps(state))
    errors = cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD, check=False)
    assert "the proxy cannot reach acr12345.eastus.data.azurecr.io" in errors
    cluster.run(START, NO_PROXY, WAIT, NO_PROXY, PULLS)
    hosts = [".example.com", "acr12345.azurecr.io", "acr12345.eastus.data.azurecr.io"]
    assert cluster.state()["proxy"]["noProxy"].split(",") == hosts


def test_a_cluster_that_lists_its_registries_takes_one_more(cluster: Cluster) -> None:
    """On a cluster without a list, the command fails, and makes none that would block all else."""
    assert "invalid" in cluster.run(START, ALLOW, check=False)
    cluster.file.write_text(json.dumps({**cluster.state(), "allowed": ["quay.io"]}))
    errors = cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD, check=False)
    assert "not among allowedRegistries" in errors
    cluster.run(START, ALLOW, WAIT, PULLS)
    assert cluster.state()["allowed"] == ["quay.io", "acr12345.azurecr.io"]


@pytest.mark.parametrize("broken", ["logged out", "no output"])
def test_a_merge_that_fails_changes_nothing(cluster: Cluster, broken: str) -> None:
    """If the cluster or Terraform gives nothing, the commands stop before they write."""
    if broken == "logged out":
        cluster.file.write_text(json.dumps({**cluster.state(), "logged_out": True}))
    start = START if broken == "logged out" else START.replace("json pull_secrets", "json missing")
    cluster.run(start.replace("\nregistry=", " || true\nregistry="), MERGE, check=False)
    assert cluster.pull_secret() == {**ARO, **THEIRS}


def test_images_are_copied_to_a_registry_in_another_region(cluster: Cluster) -> None:
    """By the command of docs/operations.md, from a registry that is closed as well."""
    cloud = cluster.deployment.cloud
    old = cluster.deployment.one(REGISTRY)
    new = cloud.add(
        REGISTRY,
        resource_group_name=old["resource_group_name"],
        name="new12345",
        location="westus",
        public_network_access_enabled=False,
    )
    (command,) = re.findall(r"`(az acr import [^`]*)`", OPERATIONS)
    names = {"OLD_ID": old["id"], "OLD": old["name"], "NEW": "new12345", "TAG": "latest"}
    for placeholder, value in {**names, "REPOSITORY": "ubi9/python-312"}.items():
        command = command.replace(placeholder, value)
    cluster.run(START, IMPORT, command)
    with cloud.edit() as contents:
        assert contents["resources"][new]["repositories"] == ["ubi9/python-312"]


def test_images_come_through_the_cache(cluster: Cluster) -> None:
    """Nodes ask the mirror for an image of quay.io, by tag and by digest."""
    pods = [POD.replace(HELLO, image) for image in (CACHED, f"quay.io/strimzi/a@sha256:{'0' * 64}")]
    assert POD not in pods
    cluster.run(START, NEW, MERGE, MIRRORS, WAIT, *pods)


def test_the_policy_keeps_nodes_from_the_source(cluster: Cluster) -> None:
    """Without credentials for the mirror, they pull from the source, unless they must not."""
    pod = POD.replace(HELLO, CACHED)
    cluster.file.write_text(json.dumps({**cluster.state(), "internet": True}))
    cluster.run(START, NEW, MIRRORS, WAIT, pod)
    synthesize(cluster.deployment, image_mirror_source_policy="NeverContactSource")
    errors = cluster.run(START, APPLY, MIRRORS, WAIT, PULLS, check=False)
    assert "and the source is never contacted" in errors


def test_mirrors_use_only_the_global_pull_secret(cluster: Cluster) -> None:
    """The credentials of a project are not for mirrors, as the page says."""
    pod = POD.replace(HELLO, CACHED)
    assert "the mirror refuses" in cluster.run(START, PROJECT, MIRRORS, WAIT, pod, check=False)


BOTH: dict[str, Any] = {"aro-pull": {}, "aro-pull-2027": {"repositories": ["ubi9/*"]}}


def test_another_token_takes_over_without_a_failed_pull(cluster: Cluster) -> None:
    """The nodes can pull after each step, and in the end only the new token is left."""
    cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD)
    old = cluster.pull_secret()["acr12345.azurecr.io"]
    synthesize(cluster.deployment, pull_tokens=BOTH)
    steps = [APPLY, ANOTHER, MERGE, WAIT]
    cluster.run(START, *[command for step in steps for command in (step, PULLS)])
    synthesize(cluster.deployment, pull_tokens={"aro-pull-2027": BOTH["aro-pull-2027"]})
    cluster.run(START, APPLY, PULLS)
    assert cluster.pull_secret()["acr12345.azurecr.io"] != old
    assert cluster.deployment.one("azurerm_container_registry_token")["name"] == "aro-pull-2027"
    plan = cluster.deployment.terraform("plan", "-detailed-exitcode", stack=STACK, check=False)
    assert plan.returncode == 0


@pytest.mark.parametrize("early", [[], [ANOTHER], [ANOTHER, MERGE]])
def test_the_old_token_is_removed_only_after_the_nodes_have_the_new_one(
    cluster: Cluster, early: list[str]
) -> None:
    """So that the other test means something: each step of the way is needed."""
    cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD)
    synthesize(cluster.deployment, pull_tokens=BOTH)
    cluster.run(START, APPLY, *early)
    synthesize(cluster.deployment, pull_tokens={"aro-pull-2027": BOTH["aro-pull-2027"]})
    assert "unauthorized" in cluster.run(START, APPLY, PULLS, check=False)


def test_another_expiry_makes_pulls_fail(cluster: Cluster) -> None:
    """Azurerm deletes the password that the nodes have, as the page says."""
    cluster.run(START, NEW, MERGE, WAIT, IMPORT, POD)
    synthesize(cluster.deployment, pull_tokens={"aro-pull": {"expiry": "2098-06-30T00:00:00Z"}})
    assert "unauthorized" in cluster.run(START, APPLY, PULLS, check=False)


def test_a_token_pulls_only_from_its_repositories(cluster: Cluster) -> None:
    """A scope map of its own leaves the others out."""
    only = {"aro-pull": {"repositories": ["team/*"]}}
    synthesize(cluster.deployment, pull_tokens=only)
    errors = cluster.run(START, APPLY, NEW, MERGE, WAIT, IMPORT, POD, check=False)
    assert "unauthorized" in errors


@pytest.mark.parametrize("shown", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_pages_settings_are_valid(shown: str, tmp_path: Path) -> None:
    """Each section of settings may stand in a file as it is."""
    file = tmp_path / "registries.yaml"
    guide = (ROOT / "registries.yaml").read_text()
    before, _, rest = guide.partition("    container_registry:\n")
    after = "".join(line for line in rest.splitlines(True) if not line.startswith("      "))
    file.write_text(before + shown + after)
    (registry,) = load(str(file), {}).settings.registries.values()
    assert registry.container_registry.pull_tokens


def test_no_secret_is_an_argument(cluster: Cluster) -> None:
    """Every user of a machine can list the arguments of all programs."""
    cluster.run(START, PROJECT, MERGE, WAIT)
    arguments = cluster.log.read_text()
    passwords = cluster.deployment.one("azurerm_container_registry_token_password")
    value = passwords["password1"][0]["value"]
    assert value not in arguments
    assert base64.b64encode(f"aro-pull:{value}".encode()).decode() not in arguments
    assert "--from-file" in arguments
