"""The network in which verify.py is run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback import Authority, NameServer, Registry
from network import Network


@pytest.fixture(scope="session", autouse=True)
def servers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Start the servers, which all tests share."""
    Network.authority = Authority(tmp_path_factory.mktemp("authority"))
    Network.names = NameServer()
    Network.registry = Registry(Network.authority)
    Network.folder = tmp_path_factory.mktemp("folder")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """A network in which everything is right."""
    network = Network(monkeypatch)
    yield network
    network.close()
