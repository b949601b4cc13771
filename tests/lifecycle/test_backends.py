"""The backend of the state: how it is changed, and Terraform's errors without access to it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from deployment import GUIDE_RESOURCES, ZONE, Deployment
from helpers import ROOT
from loopback import Authority
from project import git

BACKENDS = (ROOT / "docs" / "backends.md").read_text()


def test_a_state_moves_to_another_backend(deployed: Deployment) -> None:
    """Terraform copies the state with the documented option, and the next plan is empty."""
    deployed.write_backend("acr", {"local": {"path": "elsewhere/{stack}.tfstate"}})
    assert "-migrate-state" in BACKENDS
    assert "Backend configuration changed" in deployed.refused("init")
    deployed.terraform("init", "-migrate-state", "-force-copy")
    assert Path("elsewhere/acr.tfstate").is_file()
    assert deployed.changes() == {}
    assert deployed.created() == sorted(GUIDE_RESOURCES)


def test_git_lists_no_file_of_terraforms_state(deployed: Deployment) -> None:
    """Git ignores the state and its backup, in the project's folder and in one below it."""
    deployed.write_backend("acr", {"local": {"path": "states/{stack}.tfstate"}})
    deployed.terraform("init", "-migrate-state", "-force-copy")
    deployed.change(ZONE, tags={"a": "b"})
    deployed.terraform("apply", "-refresh-only", "-auto-approve")
    git(deployed.folder, "init", "--quiet")

    def states() -> set[str]:
        files = git(deployed.folder, "ls-files", "--others", "--exclude-standard").splitlines()
        contents = {file: Path(file).read_bytes() for file in files if Path(file).is_file()}
        return {file for file, content in contents.items() if b'"terraform_version"' in content}

    expected = {"terraform.acr.tfstate", "states/acr.tfstate", "states/acr.tfstate.backup"}
    assert expected <= states()
    shutil.copy(ROOT / ".gitignore", deployed.folder)
    assert not states()


def test_a_missing_token_is_reported(deployment: Deployment, cloud: tuple[str, str]) -> None:
    """The documentation contains Terraform's error about a missing token of HCP Terraform."""
    host, certificate = cloud
    deployment.environ["SSL_CERT_FILE"] = certificate
    deployment.write_backend("acr", {"cloud": {"hostname": host, "organization": "acme"}})
    error = deployment.refused("init")
    assert "Required token could not be found" in error
    assert "Required token could not be found" in BACKENDS


def test_a_wrong_organization_is_named(deployment: Deployment, cloud: tuple[str, str]) -> None:
    """Terraform's error names the organization, which comes from Terraform's own variable."""
    host, certificate = cloud
    deployment.environ["SSL_CERT_FILE"] = certificate
    deployment.environ["TF_CLOUD_ORGANIZATION"] = "acme-with-a-typo"
    configuration = Path(deployment.environ["TF_CLI_CONFIG_FILE"]).read_text()
    own = deployment.folder / "own.tfrc"
    own.write_text(f'{configuration}\ncredentials "{host}" {{ token = "x" }}\n')
    deployment.environ["TF_CLI_CONFIG_FILE"] = str(own)
    deployment.write_backend("acr", {"cloud": {"hostname": host}})
    error = deployment.refused("init")
    assert 'organization "acme-with-a-typo" at host' in error
    assert "not found" in error
    assert "organization … not found" in BACKENDS


def test_a_missing_login_is_reported(deployment: Deployment) -> None:
    """The documentation contains the errors of older and newer Terraform about a missing login."""
    azurerm = {
        "resource_group_name": "state-rg",
        "storage_account_name": "acmestate",
        "container_name": "tfstate",
    }
    deployment.environ["PATH"] = ""  # hides az, which may be logged in
    deployment.write_backend("acr", {"azurerm": azurerm})
    error = deployment.refused("init")
    messages = ("unable to build authorizer", "Error building ARM Config")
    assert any(message in error for message in messages)
    assert all(message in BACKENDS for message in messages)


class _Handler(BaseHTTPRequestHandler):
    """The part of HCP Terraform's API that ``terraform init`` requests before it fails."""

    def do_GET(self) -> None:
        """Return the addresses of the API, and the status 404 for any organization."""
        known = {"/.well-known/terraform.json": {"tfe.v2": "/api/v2/", "tfe.v2.1": "/api/v2/"}}
        body = json.dumps(known.get(self.path, {"errors": [{"status": "404"}]})).encode()
        ping = self.path.endswith("/ping")
        self.send_response(204 if ping else 200 if self.path in known else 404)
        self.send_header("TFP-API-Version", "2.6")
        self.send_header("Content-Type", "application/json")
        if not ping:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not ping:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for a request."""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of a local server in the place of HCP Terraform, and its authority."""
    authority = Authority(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = authority.context("localhost").wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"localhost:{server.server_port}", str(authority.file)
    server.shutdown()
    thread.join()
    server.server_close()
