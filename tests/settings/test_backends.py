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
from helpers import GUIDE, ROOT, Json
from hypothesis import given
from hypothesis import strategies as st
from project import git
from pydantic import ValidationError

from constructs_lib.arguments.base import FROM_A_FILE
from constructs_lib.arguments.problems import ArgumentError
from constructs_lib.settings import Settings, SettingsError, load
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


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("cloud", {"workspaces": {"name": "acr"}}),
        (
            {
                "cloud": {
                    "organization": "acme",
                    "hostname": "tfe.acme.com:8443",
                    "project": "Platform team",
                    "workspace": "prod-{stack}",
                }
            },
            {
                "organization": "acme",
                "hostname": "tfe.acme.com:8443",
                "workspaces": {"name": "prod-acr", "project": "Platform team"},
            },
        ),
    ],
)
def test_the_cloud_block_contains_only_the_given_settings(backend: object, expected: Json) -> None:
    """Terraform's own variables apply to the other settings, and no other backend is written."""
    assert terraform_block(backend) == {"cloud": expected}


def test_azurerm_uses_entra_id_by_default() -> None:
    """The login uses Entra ID by default, and each stack has a blob of its own."""
    assert terraform_block({"azurerm": AZURERM}) == {
        "backend": {"azurerm": {**AZURERM, "key": "acr.tfstate", "use_azuread_auth": True}}
    }
    more = {
        "key": "acr/{stack}/state",
        "subscription_id": "00000000-0000-0000-0000-000000000002",
        "use_azuread_auth": False,
    }
    assert terraform_block({"azurerm": {**AZURERM, **more}}, environment="usgovernment") == {
        "backend": {
            "azurerm": {
                **AZURERM,
                **more,
                "key": "acr/acr/state",
                "environment": "usgovernment",
            }
        }
    }


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


def read(tmp_path: Path, backend: str) -> Backend:
    """The backend that the reader loads from these lines above the shipped file's settings."""
    file = tmp_path / "registries.yaml"
    file.write_text(f"{backend}\n{(ROOT / 'registries.yaml').read_text()}")
    return load(str(file), {}).settings.backend


def problems(tmp_path: Path, backend: str) -> list[tuple[int, str]]:
    """The lines and the texts of the problems that the reader reports."""
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, backend)
    return [(problem.line, problem.text) for problem in caught.value.problems]


def test_a_problem_of_the_backend_has_its_line(tmp_path: Path) -> None:
    """The reader reports a problem of the backend with its line and its key."""
    ((line, text),) = problems(tmp_path, "backend:\n  cloud:\n    workspace: one.state")
    assert line == 3
    assert text.startswith("backend.cloud.workspace is 'one.state': ")
    ((line, text),) = problems(tmp_path, "backend:\n  local:\n    path: states/{stack}")
    assert line == 3
    assert "a name that ends with .tfstate" in text
    ((_, text),) = problems(tmp_path, "backend: s3")
    assert text.endswith("known here are local, cloud, azurerm")


def test_a_backend_with_nothing_under_it_is_that_backend(tmp_path: Path) -> None:
    """Such a backend has every default, and its required keys are missing."""
    assert read(tmp_path, "backend: {cloud: }") == read(tmp_path, "backend: cloud")
    assert read(tmp_path, "backend: {local: }") == Backend(local=Local())
    found = problems(tmp_path, "backend:\n  azurerm:")
    assert [(line, text.partition(": ")[0]) for line, text in found] == [
        (2, "backend.azurerm.resource_group_name is missing"),
        (2, "backend.azurerm.storage_account_name is missing"),
        (2, "backend.azurerm.container_name is missing"),
    ]
    ((_, text),) = problems(tmp_path, "backend: {cloud: , local: }")
    assert "one backend is expected" in text
