"""A network on loopback in which verify.py runs, and functions that make something wrong in it."""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from helpers import Json
from loopback import (
    CODES,
    DATA,
    FQDN,
    LAYER,
    LOOPBACK,
    PASSWORD,
    SECOND,
    SIX,
    TOKEN,
    USER,
    Authority,
    Handler,
    NameServer,
    Registry,
    Request,
    answer,
    private_records,
    wire,
)

import verify

PUBLIC, PUBLIC_SECOND, PUBLIC_SIX = "20.62.128.5", "20.62.128.6", "2603:1030::5"
V2 = f"{FQDN}/v2/"
TOKENS = f"{FQDN}/oauth2/token"
REPOSITORY = f"{FQDN}/v2/team/app"
PULL = ["--username", USER, "--repository", "team/app:1.0"]

OUTPUTS: Json = {
    "registry_fqdn": FQDN,
    "registry_private_ip": LOOPBACK,
    "registry_data_endpoints": {DATA: LOOPBACK},
}
PRINTED = {name: {"sensitive": False, "type": "x", "value": each} for name, each in OUTPUTS.items()}
SECRET = {"pull_secrets": {"sensitive": True, "value": PASSWORD}, "registry_id": {"value": "/x"}}
"""The outputs of a stack, as Terraform prints them, and others that it has."""


class Done(NamedTuple):
    """What a run has printed, and its status."""

    returncode: int
    stdout: str
    stderr: str


class Network:
    """A private registry and its name server, and the program that is run against them."""

    authority: Authority
    names: NameServer
    registry: Registry
    folder: Path

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make everything right, and run the program in this folder."""
        self.names.reset()
        self.registry.reset()
        self._monkeypatch = monkeypatch
        self.options = {
            "--fqdn": FQDN,
            "--ip": LOOPBACK,
            "--data-endpoint": f"{DATA}={LOOPBACK}",
            "--name-server": self.server,
            "--port": str(self.registry.port),
            "--ca-file": str(self.authority.file),
            "--timeout": "60",
        }
        self.environ = {"REGISTRY_PASSWORD": PASSWORD}
        self.routes: dict[str, str | OSError] = {
            PUBLIC: LOOPBACK,
            PUBLIC_SECOND: SECOND,
            PUBLIC_SIX: SIX,
        }
        self.resolv_conf = self.folder / "resolv.conf"
        self.kept: list[socket.socket] = []
        self.over = threading.Event()
        monkeypatch.chdir(self.folder)
        monkeypatch.setattr(verify, "RESOLV_CONF", self.resolv_conf)
        monkeypatch.setattr(socket, "getaddrinfo", self._routed(socket.getaddrinfo))

    def _routed(self, known: Callable[..., Any]) -> Callable[..., Any]:
        """Where the network leads: to an address of this machine for a host, or for port 53."""

        def getaddrinfo(host: str, port: int | None = None, *how: Any, **further: Any) -> Any:
            route = self.routes.get(host, host)
            if isinstance(route, OSError):
                raise route
            if port == 53:
                route, port = self.names.address
            return known(route, port, *how, **further)

        return getaddrinfo

    @property
    def server(self) -> str:
        """The name server, as an option has it."""
        return ":".join(map(str, self.names.address))

    @property
    def arguments(self) -> list[str]:
        """The options that describe the network."""
        return [text for option in self.options.items() for text in option]

    def run(self, *arguments: str) -> Done:
        """Run the program with the options and these arguments."""
        output, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(output), redirect_stderr(errors):
            try:
                status = verify.main([*self.arguments, *arguments], self.environ)
            except SystemExit as end:
                status = int(str(end.code))
        done = Done(status, output.getvalue(), errors.getvalue())
        for secret in (PASSWORD, TOKEN, "signature"):
            assert secret not in done.stdout + done.stderr
        return done

    def rows(self, *arguments: str, status: int) -> Json:
        """The rows of the table, by the names of the checks."""
        done = self.run("--json", *arguments)
        assert (done.returncode, done.stderr) == (status, ""), done.stdout + done.stderr
        return {row["name"]: row for row in json.loads(done.stdout)}

    def leave_out(self, *options: str) -> None:
        """Leave out some options."""
        for option in options:
            del self.options[option]

    def leave_out_tls(self) -> None:
        """Send requests as they are: most of the time of a run goes to TLS, which has its tests."""

        def connect(_: verify.Registry, host: str, ip: verify.Address, port: int) -> socket.socket:
            return socket.create_connection((str(ip), port))

        self._monkeypatch.setattr(verify.Registry, "_tls", connect)

    def hurry(self, name: str) -> None:
        """Let this check wait for its answer for a moment only: it will not come."""
        run = verify.Check.run

        def hurried(check: verify.Check, seconds: float) -> None:
            run(check, 0.2 if check.name == name else seconds)

        self._monkeypatch.setattr(verify.Check, "run", hurried)

    def says(self, text: str) -> None:
        """Put a text on the program's standard input."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    def close(self) -> None:
        """End what is still open."""
        self.over.set()
        for each in self.kept:
            each.close()
        for file in self.folder.iterdir():
            file.unlink()


def results(rows: Json) -> dict[str, str]:
    """The result of each check."""
    return {name: row["result"] for name, row in rows.items()}


Make = Callable[[Network], object]
Which = Callable[[Request], bool]


class Fault(NamedTuple):
    """What is wrong in the network, the check that has to fail, and words of its row."""

    what: str
    make: Make
    check: str
    words: str


def has(*addresses: str, host: str = FQDN) -> Make:
    """The name server has these addresses for a host."""
    return lambda network: network.names.records.update({host: private_records(host, *addresses)})


def lacks(host: str) -> Make:
    """The name server has no such name."""
    return lambda network: network.names.records.pop(host)


def fails(kind: int, code: str) -> Make:
    """The name server has the code of this name for a type of records."""
    return lambda network: network.names.errors.update({kind: CODES[code]})


def datagrams(answers: Callable[[bytes], list[bytes]]) -> Make:
    """The name server answers each query for the registry's name with these datagrams."""

    def make(network: Network) -> None:
        usual = network.names.answer
        network.names.answer = lambda query: (
            answers(query) if query[12:].startswith(wire(FQDN)) else usual(query)
        )

    return make


def answers(path: str, parts: Iterable[bytes], *, only: Which = lambda _: True) -> Make:
    """The registry answers requests of a host and path with these parts, or only some of them."""

    def make(network: Network) -> None:
        usual: Handler = network.registry.answers.get(path, lambda _: answer(404))
        network.registry.answers[path] = lambda each: parts if only(each) else usual(each)

    return make


def logged_in(request: Request) -> bool:
    """Whether a request has a login."""
    return "Authorization" in request.headers


def redirects(location: str) -> Make:
    """The registry sends clients elsewhere for a layer."""
    return answers(f"{REPOSITORY}/blobs/{LAYER}", answer(307, Location=location))


def certificate(*names: str, days: int = 1) -> Make:
    """The registry has a certificate for these names."""

    def make(network: Network) -> None:
        network.registry.context = network.authority.context(*names, days=days)

    return make


def trusts_another(network: Network) -> None:
    """The program trusts another authority than the registry's."""
    network.options["--ca-file"] = str(Authority(network.folder).file)


def listens(backlog: int, waiting: int) -> Make:
    """Connections go to a port where nobody accepts them, and so many wait already."""

    def make(network: Network) -> None:
        server = socket.create_server((LOOPBACK, 0), backlog=backlog)
        clients = [socket.socket() for _ in range(waiting)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        network.kept += [server, *clients]
        network.options["--port"] = str(server.getsockname()[1])

    return make


def unused_port(network: Network) -> int:
    """A port that is taken, and at which nobody listens."""
    taken = socket.socket()
    taken.bind((LOOPBACK, 0))
    network.kept.append(taken)
    port: int = taken.getsockname()[1]
    return port


def refuses(network: Network) -> None:
    """Nothing listens at the registry's port."""
    network.options["--port"] = str(unused_port(network))


def resets(network: Network) -> None:
    """A firewall resets each connection."""
    network.registry.context = None


def drips(network: Network) -> None:
    """The registry answers with bytes that come for ever, one at a time."""

    def drip() -> Iterator[bytes]:
        while not network.over.wait(0.02):
            yield b"H"

    network.registry.answers[V2] = lambda _: drip()
