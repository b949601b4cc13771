"""verify.py, run as a user runs it: each fault fails its own check, with its own advice."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from helpers import ROOT, Json
from loopback import (
    BLOB,
    CNAME,
    DATA,
    FQDN,
    IMAGE,
    LAYER,
    LOOPBACK,
    PASSWORD,
    REALM,
    SERVFAIL,
    TOKEN,
    USER,
    Authority,
    NameServer,
    Registry,
    answer,
    challenge,
    dns_answer,
    private_records,
    wire,
)

PUBLIC_ADDRESS = "20.62.128.5"
REPOSITORY = f"{FQDN}/v2/team/app"
PULL = ["--username", USER, "--repository", "team/app:1.0"]


class Network:
    """A private registry and its name server, and the program that is run against them."""

    authority: Authority
    names: NameServer
    registry: Registry

    def __init__(self, folder: Path) -> None:
        """Make everything right, and run the program in this folder."""
        self.folder = folder
        self.names.reset()
        self.registry.reset()
        self.options = {
            "--fqdn": FQDN,
            "--ip": LOOPBACK,
            "--data-endpoint": f"{DATA}={LOOPBACK}",
            "--name-server": self.server,
            "--port": str(self.registry.port),
            "--ca-file": str(self.authority.file),
            "--timeout": "5",
        }
        self.kept: list[socket.socket] = []
        self.environ = {**os.environ, "REGISTRY_PASSWORD": PASSWORD}

    @property
    def server(self) -> str:
        """The name server, as an option has it."""
        return ":".join(map(str, self.names.address))

    def run(self, *arguments: str, **further: Any) -> subprocess.CompletedProcess[str]:
        """Run the program with the options and these arguments."""
        options = [text for option in self.options.items() for text in option]
        done = subprocess.run(
            [sys.executable, ROOT / "verify.py", *options, *arguments],
            **{"env": self.environ, "cwd": self.folder, **further},
            capture_output=True,
            text=True,
            timeout=60,  # far longer than the program may take: it must not hang
        )
        for secret in (PASSWORD, TOKEN, "signature"):
            assert secret not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def rows(self, *arguments: str, status: int) -> Json:
        """The rows of the table, by the names of the checks."""
        done = self.run("--json", *arguments)
        assert (done.returncode, done.stderr) == (status, ""), done.stdout + done.stderr
        return {row["name"]: row for row in json.loads(done.stdout)}


@pytest.fixture(scope="session", autouse=True)
def servers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Start the servers, which all tests share."""
    Network.authority = Authority(tmp_path_factory.mktemp("authority"))
    Network.names = NameServer()
    Network.registry = Registry(Network.authority)


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    """A network in which everything is right."""
    network = Network(tmp_path)
    yield network
    for each in network.kept:
        each.close()


def results(rows: Json) -> dict[str, str]:
    """The result of each check."""
    return {name: row["result"] for name, row in rows.items()}


def names_of(network: Network) -> dict[str, str]:
    """The checks, by a word for each."""
    return {
        "name": f"{FQDN} has {LOOPBACK} ({network.server})",
        "data": f"{DATA} has {LOOPBACK} ({network.server})",
        "tcp": f"TCP to {LOOPBACK}, port {network.options['--port']}",
        "tls": f"TLS for {FQDN}",
        "login": "GET /v2/ asks for a login",
        "token": "token",
        "tags": "tags of team/app",
        "layer": "layer",
    }


def test_everything_is_right(network: Network) -> None:
    """Every check is ok, in the order of the table, and only the registry gets credentials."""
    rows = network.rows(*PULL, status=0)
    assert results(rows) == dict.fromkeys(names_of(network).values(), "ok")
    assert all(row["seconds"] < 5 and not row["advice"] for row in rows.values())
    sent = [
        (each.host, each.headers.get("Authorization", "")) for each in network.registry.requests
    ]
    assert sent[-1] == (DATA, "")
    assert f"{network.registry.requests[-1].path}?{network.registry.requests[-1].query}" == BLOB
    assert {login.split()[0] for host, login in sent if host == FQDN and login} == {
        "Basic",
        "Bearer",
    }


class Fault(NamedTuple):
    """What is wrong in the network, the check that has to fail, and words of its row."""

    what: str
    make: Callable[[Network], object]
    check: str
    words: str


def has(*addresses: str, host: str = FQDN) -> Callable[[Network], object]:
    """The name server has these addresses for a host."""
    return lambda network: network.names.records.update({host: private_records(host, *addresses)})


def datagrams(answers: Callable[[bytes], list[bytes]]) -> Callable[[Network], None]:
    """The name server answers each query for the registry's name with these datagrams."""

    def make(network: Network) -> None:
        usual = network.names.answer
        network.names.answer = lambda query: (
            answers(query) if query[12:].startswith(wire(FQDN)) else usual(query)
        )

    return make


def answers(path: str, parts: Iterable[bytes]) -> Callable[[Network], object]:
    """The registry answers requests of a host and path with these parts."""
    return lambda network: network.registry.answers.update({path: lambda _: parts})


def certificate(*names: str, days: int = 1) -> Callable[[Network], None]:
    """The registry has a certificate for these names."""

    def make(network: Network) -> None:
        network.registry.context = network.authority.context(*names, days=days)

    return make


def trusts_another(network: Network) -> None:
    """The program trusts another authority than the registry's."""
    network.options["--ca-file"] = str(Authority(network.folder).file)


def listens(backlog: int, waiting: int) -> Callable[[Network], None]:
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


def refuses(network: Network) -> None:
    """Nothing listens at the registry's port."""
    network.options["--port"] = str(unused_port(network))


def data_endpoint_refuses(network: Network) -> None:
    """Nothing listens at the data endpoint's port."""
    redirects(f"https://{DATA}:{unused_port(network)}/")(network)


def unused_port(network: Network) -> int:
    """A port that is taken, and at which nobody listens."""
    taken = socket.socket()
    taken.bind((LOOPBACK, 0))
    network.kept.append(taken)
    port: int = taken.getsockname()[1]
    return port


def redirects(location: str) -> Callable[[Network], object]:
    """The registry sends clients elsewhere for a layer."""
    return answers(f"{REPOSITORY}/blobs/{LAYER}", answer(307, Location=location))


def redirects_to_public_host(network: Network) -> None:
    """The registry sends clients to a storage account of Azure for a layer."""
    host = "account.blob.core.windows.net"
    has(PUBLIC_ADDRESS, host=host)(network)
    redirects(f"https://{host}{BLOB}")(network)


def serves_layers_itself(network: Network) -> None:
    """The registry sends clients to itself for a layer."""
    redirects("/layer")(network)
    answers(f"{FQDN}/layer", answer(200))(network)


def drip() -> Iterator[bytes]:
    """Bytes that come for ever, one at a time."""
    while not threading.Event().wait(0.02):
        yield b"H"


LOOP = b"\xc0\x0c"
"""A name that is a pointer to itself, where the question has its name."""

FAULTS = [
    Fault("public address", has(PUBLIC_ADDRESS), "name", "168.63.129.16"),
    Fault("public address too", has(LOOPBACK, PUBLIC_ADDRESS), "name", "Link the zone"),
    Fault("public IPv6 address", has(LOOPBACK, "2603:1030::5"), "name", "Link the zone"),
    Fault("data at public address", has(PUBLIC_ADDRESS, host=DATA), "data", "Link the zone"),
    Fault("another private address", has("10.0.8.9"), "name", "overwrote the record"),
    Fault("a second private address", has(LOOPBACK, "10.0.8.9"), "name", "overwrote the record"),
    Fault("data at another address", has("10.0.8.9", host=DATA), "data", "overwrote the record"),
    Fault("no such name", lambda net: net.names.records.pop(FQDN), "name", "resolution_policy"),
    Fault("no such data", lambda net: net.names.records.pop(DATA), "data", "DNS zone group"),
    Fault("no address", has(), "name", "DNS zone group"),
    Fault("name server fails", datagrams(lambda q: [dns_answer(q, [], SERVFAIL)]), "name", "UDP"),
    Fault("name server silent", datagrams(lambda _: []), "name", "UDP and TCP"),
    Fault("only others' answers", datagrams(lambda q: [b"xx" + q[2:]] * 9), "name", "UDP and TCP"),
    Fault("no DNS", datagrams(lambda q: [q[:2] + b"\x81\x80"]), "name", "unreadable"),
    Fault(
        "name in circles",
        datagrams(lambda q: [q[:2] + struct.pack("!5H", 0x8180, 1, 0, 0, 0) + LOOP * 4]),
        "name",
        "unreadable answer (ValueError): The name server cannot be used",
    ),
    Fault(
        "aliases in circles",
        datagrams(lambda q: [dns_answer(q, [(FQDN, CNAME, DATA), (DATA, CNAME, FQDN)])]),
        "name",
        "DNS zone group",
    ),
    Fault("time-out", listens(0, 4), "tcp", "security group"),
    Fault("connection refused", refuses, "tcp", "route"),
    Fault("TLS is not answered", listens(8, 0), "tls", "firewall"),
    Fault("certificate of a proxy", certificate("proxy.example"), "tls", "another name"),
    Fault("unknown authority", trusts_another, "tls", "--ca-file"),
    Fault("expired certificate", certificate(FQDN, DATA, days=-1), "tls", "clock"),
    Fault("forbidden", answers(f"{FQDN}/v2/", answer(403)), "login", "pending"),
    Fault("no login", answers(f"{FQDN}/v2/", challenge(REALM, 200)), "login", "it answers 200"),
    Fault("no realm", answers(f"{FQDN}/v2/", answer(401)), "login", "proxy"),
    Fault(
        "realm elsewhere",
        answers(f"{FQDN}/v2/", challenge(f"https://other.example/{FQDN}")),
        "login",
        "proxy",
    ),
    Fault(
        "realm without TLS",
        answers(f"{FQDN}/v2/", challenge(f"http://{FQDN}/oauth2/token")),
        "login",
        "proxy",
    ),
    Fault("not HTTP", answers(f"{FQDN}/v2/", [b"SSH-2.0-OpenSSH\r\n"]), "login", "proxy"),
    Fault("bytes that drip", answers(f"{FQDN}/v2/", drip()), "login", "proxy"),
    Fault("wrong password", answers(f"{FQDN}/oauth2/token", answer(401)), "token", "password"),
    Fault("token forbidden", answers(f"{FQDN}/oauth2/token", answer(403)), "token", "pending"),
    Fault("token unreadable", answers(f"{FQDN}/oauth2/token", answer(200, [])), "token", "proxy"),
    Fault(
        "endless token",
        answers(f"{FQDN}/oauth2/token", chain([b"HTTP/1.1 200 OK\r\n\r\n"], repeat(b"[" * 9999))),
        "token",
        "unreadable answer",
    ),
    Fault("no repository", answers(f"{REPOSITORY}/tags/list", answer(404)), "tags", "repository"),
    Fault("no tag", answers(f"{REPOSITORY}/tags/list", answer(200, {"tags": []})), "tags", "tag"),
    Fault("no manifest", answers(f"{REPOSITORY}/manifests/1.0", answer(404)), "layer", "tag"),
    Fault(
        "index of itself",
        answers(f"{REPOSITORY}/manifests/{IMAGE}", answer(200, {"manifests": [{"digest": IMAGE}]})),
        "layer",
        "tag",
    ),
    Fault(
        "no redirect",
        answers(f"{REPOSITORY}/blobs/{LAYER}", answer(200)),
        "layer",
        "data endpoint",
    ),
    Fault("redirect without TLS", redirects(f"http://{DATA}/layer"), "layer", "data endpoint"),
    Fault("redirect to itself", serves_layers_itself, "layer", "data endpoint"),
    Fault("redirect to public host", redirects_to_public_host, "layer", "data endpoint"),
    Fault("data forbidden", answers(f"{DATA}/layer", answer(403)), "layer", "data endpoint"),
    Fault("data endpoint refuses", data_endpoint_refuses, "layer", "security group"),
]

NEEDED_BY = {
    "name": [],
    "data": ["layer"],
    "tcp": ["tls", "login", "token", "tags", "layer"],
    "tls": ["login", "token", "tags", "layer"],
    "login": ["token", "tags", "layer"],
    "token": ["tags", "layer"],
    "tags": ["layer"],
    "layer": [],
}
"""The checks that are not tried when a check fails."""


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.what for fault in FAULTS])
def test_a_fault_fails_its_own_check_with_its_own_advice(fault: Fault, network: Network) -> None:
    """One check fails and says what to do, those that need it are not tried, the others are ok."""
    network.options["--timeout"] = "2"
    fault.make(network)
    rows = network.rows(*PULL, status=1)
    names = names_of(network)
    not_tried = dict.fromkeys(NEEDED_BY[fault.check], "not tried")
    expected = {**dict.fromkeys(names, "ok"), fault.check: "failed", **not_tried}
    assert results(rows) == {names[word]: result for word, result in expected.items()}
    failed = rows[names[fault.check]]
    assert fault.words in f"{failed['detail']}: {failed['advice']}"
    assert len(failed["advice"]) > 50
    assert all(not row["advice"] for row in rows.values() if row["result"] != "failed")


def truncated(network: Network) -> None:
    """The answers are too long for UDP, and whole by TCP."""
    network.names.answer = lambda query: [dns_answer(query, [], flags=0x8380)]


def others_first(network: Network) -> None:
    """Answers to somebody else come before the right one."""
    network.names.answer = lambda query: [b"xx" + query[2:], b"", network.names.answer_tcp(query)]


def loses_datagrams(network: Network) -> None:
    """The first datagram of each query is lost."""
    seen: list[bytes] = []

    def answer_again(query: bytes) -> list[bytes]:
        seen.append(query)
        return [network.names.answer_tcp(query)] * (seen.count(query) - 1)

    network.names.answer = answer_again


@pytest.mark.parametrize(
    "make",
    [
        truncated,
        others_first,
        loses_datagrams,
        answers(f"{REPOSITORY}/tags/list", answer(401)),  # a token that can only pull
        answers(f"{FQDN}/oauth2/token", answer(200, {"token": TOKEN})),
    ],
)
def test_what_is_no_fault(make: Callable[[Network], object], network: Network) -> None:
    """Networks that lose and registries that differ a little are right as well."""
    make(network)
    assert set(results(network.rows(*PULL, status=0)).values()) == {"ok"}


def test_the_tag_is_found_if_none_is_named(network: Network) -> None:
    """The first tag is pulled, or the tag latest; a token that cannot list them needs a name."""
    login = ["--username", USER, "--repository", "team/app"]
    assert network.rows(*login, status=0)["layer"]["result"] == "ok"
    assert network.registry.requests[-1].host == DATA
    answers(f"{REPOSITORY}/tags/list", answer(200, {"tags": ["1.0", "latest"]}))(network)
    assert "the manifest answers 404" in network.rows(*login, status=1)["layer"]["detail"]
    answers(f"{REPOSITORY}/tags/list", answer(403))(network)
    tags = network.rows(*login, status=1)[names_of(network)["tags"]]
    assert "--repository NAME:TAG" in tags["advice"]


def test_without_a_repository_the_password_is_tried(network: Network) -> None:
    """A user without an image is a login."""
    rows = network.rows("--username", USER, status=0)
    assert [*results(rows)][-1] == "token"
    assert network.registry.requests[-1].path == "/oauth2/token"


def test_each_name_server_is_asked_and_named(network: Network) -> None:
    """One of two name servers does not see the zone, and the other's check stays ok."""
    other = NameServer()
    other.records[FQDN] = private_records(FQDN, PUBLIC_ADDRESS)
    address = ":".join(map(str, other.address))
    failed = {f"{FQDN} has {LOOPBACK} ({address})": "failed"}
    rows = network.rows("--name-server", address, status=1)
    assert results(rows).items() >= failed.items()
    assert [*results(rows).values()].count("failed") == 1


MACHINE = f"""
import pathlib, socket

is_file, read_text = pathlib.Path.is_file, pathlib.Path.read_text
connect = socket.create_connection
moved = lambda path: pathlib.Path("resolv.conf" if str(path) == "/etc/resolv.conf" else path)
pathlib.Path.is_file = lambda path: is_file(moved(path))
pathlib.Path.read_text = lambda path, **how: read_text(moved(path), **how)
socket.create_connection = lambda address, *how: connect(
    ("{LOOPBACK}" if address[0] == "{PUBLIC_ADDRESS}" else address[0], address[1]), *how
)
"""
"""Another machine: with a resolv.conf of its own, and with a route to a public address."""


@pytest.fixture
def machine(network: Network) -> Path:
    """The file ``/etc/resolv.conf`` of the machine that the program believes to run on."""
    (network.folder / "sitecustomize.py").write_text(MACHINE)
    network.environ["PYTHONPATH"] = str(network.folder)
    return network.folder / "resolv.conf"


def test_the_machines_own_name_servers_are_asked(network: Network, machine: Path) -> None:
    """Without an option, the name servers are those of resolv.conf."""
    del network.options["--name-server"]
    machine.write_text(
        "search example\n#nameserver 10.0.0.1\nnameserver 127.0.0.1\n nameserver ::1"
    )
    rows = network.rows("--timeout", "0.5", status=1)
    assert [*rows][:2] == [f"{FQDN} has {LOOPBACK} ({server})" for server in ("127.0.0.1", "::1")]


def test_the_systems_resolver_is_asked_where_no_name_server_is_known(
    network: Network, machine: Path
) -> None:
    """A machine without resolv.conf resolves by other means."""
    del network.options["--name-server"]
    machine.with_name("sitecustomize.py").write_text(
        MACHINE
        + "def resolve(host, *_):\n"
        + "    if 'data' in host: raise socket.gaierror(socket.EAI_NONAME, 'none')\n"
        + f"    return [(2, 1, 6, '', ('{LOOPBACK}', 0))]\n"
        + "known = socket.getaddrinfo\n"
        + "socket.getaddrinfo = lambda host, port=None, *how, **further: (\n"
        + "    resolve(host) if 'azurecr' in host else known(host, port, *how, **further))\n"
    )
    rows = network.rows(status=1)
    name, data = (f"{host} has {LOOPBACK} (the system's resolver)" for host in (FQDN, DATA))
    assert (rows[name]["result"], rows[data]["result"]) == ("ok", "failed")
    assert "DNS zone group" in rows[data]["advice"]


@pytest.mark.parametrize(
    ("server", "name"), [("[::1]:9", "[::1]:9"), ("::1", "::1"), ("[::1]", "[::1]")]
)
def test_a_name_server_may_have_an_ipv6_address(server: str, name: str, network: Network) -> None:
    """Brackets separate the address from the port."""
    network.options.update({"--name-server": server, "--timeout": "0.5"})
    assert f"{FQDN} has {LOOPBACK} ({name})" in network.rows(status=1)


OUTPUTS: Json = {
    "registry_fqdn": FQDN,
    "registry_private_ip": LOOPBACK,
    "registry_data_endpoints": {DATA: LOOPBACK},
}
PRINTED = {name: {"sensitive": False, "type": "x", "value": each} for name, each in OUTPUTS.items()}
SECRET = {"pull_secret": {"sensitive": True, "value": PASSWORD}, "registry_id": {"value": "/x"}}


def without_addresses(network: Network) -> None:
    """Leave out the options that outputs take the place of."""
    for option in ("--fqdn", "--ip", "--data-endpoint"):
        del network.options[option]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({**SECRET, **PRINTED}),
        json.dumps(OUTPUTS),
        "\n".join(map(json.dumps, OUTPUTS.values())),
        "".join(json.dumps({name: value}) for name, value in PRINTED.items()),
    ],
    ids=["all", "values", "each value", "each output"],
)
def test_the_addresses_come_from_terraforms_outputs(text: str, network: Network) -> None:
    """Outputs come from a file or from standard input, with or without their names."""
    names = names_of(network)
    without_addresses(network)
    (network.folder / "outputs.json").write_text(text)
    rows = network.rows("--outputs", "outputs.json", status=0)
    assert [*rows] == [names[word] for word in ("name", "data", "tcp", "tls", "login")]
    assert network.run("--outputs", "-", input=text).returncode == 0


def test_options_come_before_outputs(network: Network) -> None:
    """An option takes the place of an output, and a data endpoint is added to the others."""
    network.options["--data-endpoint"] = f"other.{DATA}={LOOPBACK}"
    text = json.dumps({**OUTPUTS, "registry_fqdn": "other.azurecr.io"})
    (network.folder / "outputs.json").write_text(text)
    rows = network.rows("--outputs", "outputs.json", status=1)
    assert rows[f"{DATA} has {LOOPBACK} ({network.server})"]["result"] == "ok"
    assert rows[f"other.{DATA} has {LOOPBACK} ({network.server})"]["result"] == "failed"
    assert f"TLS for {FQDN}" in rows


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        (["--password", PASSWORD], ["unknown option --password"]),
        ([f"--password={PASSWORD}"], ["unknown option --password"]),
        ([PASSWORD], ["unknown argument"]),
        ([f"-p{PASSWORD}"], ["unknown argument"]),
        (["--fqdn", "http://acr"], ["--fqdn"]),
        (["--ip", "10.0.8"], ["--ip"]),
        (["--data-endpoint", DATA], ["--data-endpoint"]),
        (["--name-server", "dns.example"], ["--name-server"]),
        (["--name-server", "[::1]:99999"], ["--name-server"]),
        (["--port", "0"], ["--port"]),
        (["--timeout", "nan"], ["--timeout"]),
        (["--timeout", "-1"], ["--timeout"]),
        (["--repository", "Team/App"], ["--repository"]),
        (
            ["--ca-file", "none", "--outputs", "none", "--password-file", "none"],
            ["--ca-file cannot", "--outputs cannot", "--password-file cannot", "need --username"],
        ),
        (["--repository", "app"], ["need --username"]),
        (["--username", USER, "--password-file", "empty"], ["needs a password"]),
        (["--username", USER, "--from-outside"], ["--from-outside"]),
        (["--outputs", "empty"], []),
        (["--outputs", "prose"], ["terraform output -json"]),
        (["--outputs", "null"], []),
    ],
)
def test_what_cannot_run_says_why(
    arguments: list[str], problems: list[str], network: Network
) -> None:
    """Status 2 and every problem, without values; nothing is asked of any server."""
    for name, text in {"empty": "", "prose": PASSWORD, "null": "null null null"}.items():
        (network.folder / name).write_text(text)
    if not problems:
        without_addresses(network)
        problems = ["give --fqdn", "give --ip", "until the registry's owner approves"]
    done = network.run(*arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert [each for each in problems if each not in done.stderr] == []
    assert network.registry.requests == []


def test_a_password_comes_from_a_file_or_from_the_environment(network: Network) -> None:
    """The file is read first, and the end of its line is no part of the password."""
    del network.environ["REGISTRY_PASSWORD"]
    assert "needs a password" in network.run(*PULL).stderr
    (network.folder / "password").write_text(f"{PASSWORD}\n")
    network.environ["REGISTRY_PASSWORD"] = f"not {PASSWORD}"
    assert network.run(*PULL, "--password-file", "password").returncode == 0
    assert network.rows(*PULL, status=1)["token"]["result"] == "failed"


def from_outside(network: Network) -> dict[str, str]:
    """Make the name public, and return the options of a machine outside of the network."""
    has(PUBLIC_ADDRESS)(network)
    answers(f"{FQDN}/v2/", answer(403))(network)
    without_addresses(network)
    network.options["--fqdn"] = FQDN
    return {"name": f"{FQDN} has public addresses ({network.server})", "v2": "GET /v2/ is refused"}


@pytest.mark.parametrize("make", [lambda _: None, refuses], ids=["forbidden", "refused"])
def test_from_outside_the_registry_refuses(
    make: Callable[[Network], None], network: Network, machine: Path
) -> None:
    """The name has public addresses, and the registry refuses the request or the connection."""
    names = from_outside(network)
    make(network)
    rows = network.rows("--from-outside", status=0)
    assert results(rows) == dict.fromkeys(names.values(), "ok")


@pytest.mark.parametrize(
    ("make", "results_of", "advice"),
    [
        (has("10.0.8.5"), ["failed", "not tried"], "outside of the network"),
        (has("::ffff:127.0.0.1"), ["failed", "not tried"], "outside of the network"),
        (has(PUBLIC_ADDRESS, LOOPBACK), ["failed", "not tried"], "outside of the network"),
        (answers(f"{FQDN}/v2/", answer(401)), ["ok", "failed"], "public_network_access_enabled"),
        (answers(f"{FQDN}/v2/", answer(404)), ["ok", "failed"], "proves nothing"),
        (certificate("proxy.example"), ["ok", "failed"], "another name"),
        (listens(0, 4), ["ok", "failed"], "proves nothing"),
    ],
)
def test_from_outside_each_fault_has_its_own_advice(
    make: Callable[[Network], object],
    results_of: list[str],
    advice: str,
    network: Network,
    machine: Path,
) -> None:
    """Only a refusal by the registry itself, at a public address, proves anything."""
    from_outside(network)
    make(network)
    rows = network.rows("--from-outside", "--timeout", "2", status=1)
    assert [*results(rows).values()] == results_of
    assert advice in next(row["advice"] for row in rows.values() if row["result"] == "failed")


def test_the_table_is_for_people(network: Network) -> None:
    """Each row has a name, a result and a time, what is wrong and what to do, and no escapes."""
    answers(f"{FQDN}/v2/", challenge("https://evil\x1b\x07.example/token"))(network)
    done = network.run(*PULL)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert re.fullmatch(rf"{re.escape(names_of(network)['tcp'])} +ok +\d+\.\d\d s", lines[2])
    assert re.fullmatch(r"GET /v2/ asks for a login +failed +\d+\.\d\d s", lines[4])
    assert lines[5] == "    it answers 401, and the login is at evil??.example"
    assert lines[6].startswith("    What answers is not the registry")
    assert re.fullmatch(r"token +not tried", lines[7])
    assert lines[8] == '    needs "GET /v2/ asks for a login"'


def test_the_program_needs_python_3_9_and_nothing_else() -> None:
    """The syntax, the modules, and the operator for types are those of Python 3.9."""
    tree = ast.parse((ROOT / "verify.py").read_text(), feature_version=(3, 9))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
        )
    }
    assert imported <= sys.stdlib_module_names - {"tomllib"}
    annotations = {
        id(part)
        for node in ast.walk(tree)
        for name in ("annotation", "returns")
        if (annotation := getattr(node, name, None))
        for part in ast.walk(annotation)
    }
    later = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.BitOr)
            and id(node) not in annotations
        )
        or (isinstance(node, ast.keyword) and node.arg in {"strict", "slots", "kw_only"})
    ]
    assert later == []


CLUSTER = (ROOT / "docs" / "cluster.md").read_text()


@pytest.fixture
def shell(network: Network) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """A shell with Terraform's outputs, an ``oc`` that runs a pod's command, and the servers."""
    without_addresses(network)
    options = " ".join(text for option in network.options.items() for text in option)
    (network.folder / "state.json").write_text(json.dumps(OUTPUTS))
    programs = {
        "terraform": '[ "$3" = -raw ] && form=-r; jq ${form:--c} ".$4" state.json',
        "oc": 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
        "python3": f'exec {shlex.quote(sys.executable)} "$@" {options}',
    }
    for name, script in programs.items():
        file = network.folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
    shutil.copy(ROOT / "verify.py", network.folder)
    environ = {**network.environ, "PATH": f"{network.folder}:{os.environ['PATH']}"}
    run = partial(subprocess.run, cwd=network.folder, env=environ, capture_output=True, text=True)
    return lambda script: run(["sh", "-c", script])


@pytest.mark.parametrize("command", ["oc run verify", "outputs.json"], ids=["pod", "host"])
def test_the_documented_commands_run_the_program(
    command: str, network: Network, shell: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    """The commands of the documentation hand all addresses to the program, and it runs."""
    blocks = re.findall(r"```sh\n(.*?)```", CLUSTER, re.DOTALL)
    (shown,) = [each for each in blocks if command in each and "verify.py" in each]
    done = shell(shown)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("  ")[0] for line in done.stdout.splitlines()]
    names = names_of(network)
    assert rows == [names[word] for word in ("name", "data", "tcp", "tls", "login")]


def test_a_program_on_standard_input_cannot_read_outputs_there(
    shell: Callable[[str], subprocess.CompletedProcess[str]],
) -> None:
    """In a pod, the program says so."""
    done = shell("python3 - --outputs - < verify.py")
    assert done.returncode == 2
    assert "standard input is the program itself" in done.stderr
