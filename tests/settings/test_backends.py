"""The backend of Terraform's state, from the settings to the synthesized block."""

from __future__ import annotations

import json
import ntpath
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from cdktf import Testing
from helpers import GOOD, GUIDE, ROOT, SUBSCRIPTION, Json, problems, read
from hypothesis import given
from hypothesis import strategies as st
from project import git
from pydantic import ValidationError

from constructs_lib.arguments.base import FROM_A_FILE
from constructs_lib.arguments.problems import ArgumentError
from constructs_lib.settings import Settings
from constructs_lib.settings.backends import Backend, Local, wrong_states
from constructs_lib.stack import PrivateContainerRegistryStack

AZURERM = {
    "resource_group_name": "state-rg",
    "storage_account_name": "acmestate",
    "container_name": "tfstate",
}


def terraform_block(backend: object, **registry: Any) -> Json:
    """The ``terraform`` block of the stack's JSON, without the required providers."""
    settings = Settings.model_validate(
        {"backend": backend, "registries": {"acr": {**GUIDE, **registry}}}, context=FROM_A_FILE
    )
    app = Testing.app()
    PrivateContainerRegistryStack(app, "acr", settings.registries["acr"], settings.backend)
    app.synth()
    text = Path(app.outdir, "stacks", "acr", "cdk.tf.json").read_text()
    terraform: Json = json.loads(text)["terraform"]
    del terraform["required_providers"]
    return terraform


def test_the_cloud_block_contains_only_the_given_settings() -> None:
    """Terraform's own variables apply to the other settings, and no other backend is written."""
    assert terraform_block("cloud") == {"cloud": {"workspaces": {"name": "acr"}}}
    given = {"organization": "acme", "hostname": "tfe.acme.com:8443"}
    more = {"project": "Platform team", "workspace": "prod-{stack}"}
    workspaces = {"name": "prod-acr", "project": "Platform team"}
    block = terraform_block({"cloud": {**given, **more}})
    assert block == {"cloud": {**given, "workspaces": workspaces}}


def test_azurerm_uses_entra_id_by_default() -> None:
    """The login uses Entra ID by default, and each stack has a blob of its own."""
    assert terraform_block({"azurerm": AZURERM}) == {
        "backend": {"azurerm": {**AZURERM, "key": "acr.tfstate", "use_azuread_auth": True}}
    }
    given = {**AZURERM, "subscription_id": SUBSCRIPTION, "use_azuread_auth": False}
    key = {"key": "acr/{stack}/state"}
    block = terraform_block({"azurerm": {**given, **key}}, environment="usgovernment")
    expected = {**given, "key": "acr/acr/state", "environment": "usgovernment"}
    assert block == {"backend": {"azurerm": expected}}


@pytest.mark.parametrize("backend", [{}, "local", {"local": {}}])
def test_the_backend_is_local_by_default(backend: object) -> None:
    """The state is a file in the project's folder, by a path relative to the stack's folder."""
    path = terraform_block(backend)["backend"]["local"]["path"]
    assert path.startswith("../")
    assert path.endswith("/terraform.acr.tfstate")
    other = terraform_block({"local": {"path": "states/{stack}.tfstate"}})
    assert other["backend"]["local"]["path"].endswith("/states/acr.tfstate")


@pytest.mark.parametrize(
    "backend",
    [
        {"local": {"path": "/var/{stack}.tfstate"}},
        {"local": {"path": "~/{stack}.tfstate"}},
        {"local": {"path": "C:/{stack}.tfstate"}},
        {"local": {"path": "C:{stack}.tfstate"}},
        {"local": {"path": "../{stack}.tfstate"}},
        {"local": {"path": "states/../{stack}.tfstate"}},
        {"local": {"path": "states\\..\\..\\{stack}.tfstate"}},
        {"local": {"path": "states//{stack}.tfstate"}},
        {"local": {"path": "states./{stack}.tfstate"}},
        {"local": {"path": "states/{stack}"}},
        {"local": {"path": "states.tfstate/{stack}.json"}},
        {"local": {"path": "{stack}.TFSTATE"}},
        {"local": {"path": "{stack}.tfstate/"}},
        {"local": {"path": "{stack} a.tfstate"}},
        {"cloud": {"workspace": "${stack}"}},
        {"cloud": {"workspace": "{registry}"}},
        {"cloud": {"workspace": ""}},
        {"cloud": {"organization": "a/b"}},
        {"cloud": {"hostname": "https://app"}},
        {"cloud": {"project": "a.b"}},
        {"cloud": {"token": "secret"}},
        {"azurerm": {**AZURERM, "storage_account_name": "Acme-State"}},
        {"azurerm": {**AZURERM, "container_name": "tf--state"}},
        {"azurerm": {**AZURERM, "access_key": "secret"}},
        {"azurerm": {**AZURERM, "key": "../{stack}.tfstate"}},
        {"azurerm": {**AZURERM, "key": "a/./{stack}.tfstate"}},
        {"azurerm": {**AZURERM, "key": "a//{stack}.tfstate"}},
        {"azurerm": {**AZURERM, "key": "a\\{stack}.tfstate"}},
        {"azurerm": {**AZURERM, "key": "/{stack}.tfstate"}},
        {"azurerm": {**AZURERM, "key": "{stack}/"}},
        {"azurerm": {}},
        {"s3": {}},
    ],
)
def test_an_invalid_backend_is_refused(backend: Json) -> None:
    """Wrong values and unknown keys are refused, and no backend has a key for a secret."""
    with pytest.raises(ValidationError):
        Backend.model_validate(backend, context=FROM_A_FILE)


@pytest.mark.parametrize(
    ("backend", "stacks", "keys"),
    [
        ({"local": {}}, ["a", "b"], []),
        ({"local": {"path": "one.tfstate"}}, ["a"], []),
        ({"local": {"path": "one.tfstate"}}, ["a", "b"], ["backend.local.path"]),
        ({"local": {"path": "cdktf.output/{stack}.tfstate"}}, ["a", "b"], []),
        ({"local": {"path": "CDKTF.out/{stack}.tfstate"}}, ["a", "b"], ["backend.local.path"]),
        ({"local": {"path": "{stack}/x.tfstate"}}, ["a", "node_modules"], ["backend.local.path"]),
        ({"local": {"path": "cdktf.{stack}/x.tfstate"}}, ["OUT"], ["backend.local.path"]),
        ({"azurerm": {**AZURERM, "key": "one"}}, ["a", "b"], ["backend.azurerm.key"]),
        ({"cloud": {"workspace": "w"}}, ["a", "b"], ["backend.cloud.workspace"]),
        ({"cloud": {}, "local": {}}, ["a"], ["backend"]),
        ({"cloud": {}}, ["a.b"], ["backend.cloud.workspace"]),
        ({"cloud": {"workspace": "x.{stack}"}}, ["a"], ["backend.cloud.workspace"]),
    ],
)
def test_two_stacks_must_not_share_a_state(
    backend: Json, stacks: list[str], keys: list[str]
) -> None:
    """A shared state, a second backend and a wrong name of a workspace are reported."""
    found = wrong_states(Backend.model_validate(backend, context=FROM_A_FILE), stacks)
    assert [".".join(problem.key) for problem in found] == keys


@given(
    template=st.lists(st.sampled_from(["{stack}", "a", "{stack}/", "a/", "../", "./", "..\\"])),
    stacks=st.sets(st.sampled_from(["a", "b", "a.a", "ab", "a.tfstate", "b-a"]), min_size=2),
)
def test_no_two_stacks_share_a_file(template: list[str], stacks: set[str]) -> None:
    """A path that is accepted leads to another file for each stack, on any file system."""
    try:
        backend = Backend(local=Local(path="".join([*template, ".tfstate"])))
    except ArgumentError:
        return
    if not list(wrong_states(backend, stacks)):
        paths = [str(backend.local and backend.local.path).replace("{stack}", s) for s in stacks]
        files = {ntpath.normcase(ntpath.normpath(path)) for path in paths}
        assert len(files) == len(stacks)
        assert not any(file.startswith("..\\") for file in files)


def test_a_state_that_make_clean_would_delete_is_refused() -> None:
    """Each folder of the recipe is refused, and the problem says which, and of which stacks."""
    (recipe,) = re.findall(r"^CLEANED := (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert {".venv", "cdktf.out", "benchmarks/node_modules"} <= set(recipe.split())
    for folder in recipe.split():
        backend = Backend(local=Local(path=f"{folder}/deep/{{stack}}.tfstate"))
        (problem,) = wrong_states(backend, ["a", "b"])
        assert problem.reason == (
            f"'make clean' deletes {folder}/, with the state of a, b; use another folder"
        )


def test_git_ignores_every_local_state(tmp_path: Path) -> None:
    """Git ignores the state, Terraform's backup and lock of it, and the state of a failed write."""
    git(tmp_path, "init", "--quiet")
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for path in (Local().path, "terraform.tfstate", "states/.{stack}.tfstate", "{stack}/.tfstate"):
        state = Path(Local(path=path).path.replace("{stack}", "acr"))
        lock = state.with_name(f".{state.name}.lock.info")
        for file in (str(state), f"{state}.backup", f"{state}.1700000000.backup", str(lock)):
            assert git(tmp_path, "check-ignore", file) == file
    assert git(tmp_path, "check-ignore", "errored.tfstate")


@pytest.mark.parametrize(
    ("backend", "line", "words"),
    [
        ("\n  cloud:\n    workspace: one.state", 3, ["backend.cloud.workspace is 'one.state': "]),
        ("\n  local:\n    path: states/{stack}", 3, ["a name that ends with .tfstate"]),
        ("s3", 1, ["known here are local, cloud, azurerm"]),
        ("{cloud: , local: }", 1, ["one backend is expected"]),
        ("\n  azurerm:", 2, [f"backend.azurerm.{name} is missing" for name in AZURERM]),
    ],
)
def test_a_problem_of_the_backend_has_its_line(
    tmp_path: Path, backend: str, line: int, words: list[str]
) -> None:
    """A backend with nothing under it lacks the keys that have no default."""
    found = problems(tmp_path, f"backend: {backend}\n{GOOD}")
    for problem, expected in zip(found, words, strict=True):
        assert problem.line == line
        assert expected in problem.text


@pytest.mark.parametrize("name", ["local", "cloud"])
def test_a_backend_with_nothing_under_it_has_every_default(tmp_path: Path, name: str) -> None:
    """Its name alone means the same."""
    for backend in (name, f"{{{name}: }}"):
        given = read(tmp_path, f"backend: {backend}\n{GOOD}").settings.backend
        assert given == Backend.model_validate({name: {}})
