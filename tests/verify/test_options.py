"""The options of verify.py, and what they refer to: outputs, passwords, name servers."""

from __future__ import annotations

import json
import socket

import pytest
from loopback import DATA, FQDN, LOOPBACK, PASSWORD, USER
from network import OUTPUTS, PRINTED, PULL, SECRET, Network, results

ADDRESSES = ("--fqdn", "--ip", "--data-endpoint")
"""The options that outputs take the place of."""


def test_the_addresses_come_from_terraforms_outputs(network: Network) -> None:
    """Outputs come from a file or from standard input, and are all that there are, or some."""
    expected = results(network.rows(status=0))
    network.leave_out(*ADDRESSES)
    text = json.dumps({**SECRET, **PRINTED})
    (network.folder / "outputs.json").write_text(text)
    assert results(network.rows("--outputs", "outputs.json", status=0)) == expected
    network.says(json.dumps(PRINTED))
    assert results(network.rows("--outputs", "-", status=0)) == expected


def test_options_come_before_outputs(network: Network) -> None:
    """An option takes the place of an output, and a data endpoint is added to the others."""
    network.options["--data-endpoint"] = f"other.{DATA}={LOOPBACK}"
    text = json.dumps({**PRINTED, "registry_fqdn": {"value": "other.azurecr.io"}})
    (network.folder / "outputs.json").write_text(text)
    rows = network.rows("--outputs", "outputs.json", status=1)
    assert rows[f"{DATA} has {LOOPBACK} ({network.server})"]["result"] == "ok"
    assert rows[f"other.{DATA} has {LOOPBACK} ({network.server})"]["result"] == "failed"
    assert f"TLS for {FQDN}" in rows


NOT_OUTPUTS = "--outputs is not what terraform output -json prints"


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
        (["--timeout", "nan", "--repository", "Team/App"], ["--timeout", "--repository"]),
        (["--timeout", "-1"], ["--timeout"]),
        (
            ["--ca-file", "none", "--outputs", "none", "--password-file", "none"],
            ["--ca-file cannot", "--outputs cannot", "--password-file cannot", "need --username"],
        ),
        (["--repository", "app"], ["need --username"]),
        (["--username", USER, "--password-file", "empty"], ["needs a password"]),
        (["--username", USER, "--from-outside"], ["--from-outside"]),
        (["--outputs", "empty"], [NOT_OUTPUTS]),
        (["--outputs", "prose"], [NOT_OUTPUTS]),
        (["--outputs", "list"], [NOT_OUTPUTS]),
        (["--outputs", "wrong"], [NOT_OUTPUTS]),
        (["--outputs", "null"], []),
    ],
)
def test_what_cannot_run_says_why(
    arguments: list[str], problems: list[str], network: Network
) -> None:
    """Status 2 and every problem, without values; nothing is asked of any server."""
    files = {
        "empty": "",
        "prose": PASSWORD,
        "list": "[1]",
        "wrong": '{"registry_fqdn": {"value": 1}}',
    }
    nulls = json.dumps({**dict.fromkeys(OUTPUTS), "registry_private_ip": {"value": None}})
    for name, text in {**files, "null": nulls}.items():
        (network.folder / name).write_text(text)
    if not problems:
        network.leave_out(*ADDRESSES)
        problems = ["give --fqdn", "give --ip", "until the registry's owner approves"]
    done = network.run(*arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert [each for each in problems if each not in done.stderr] == []
    assert network.registry.requests == []


def test_a_password_comes_from_a_file_or_from_the_environment(network: Network) -> None:
    """The file is read first, and the end of its line is not a part of the password."""
    network.leave_out_tls()
    del network.environ["REGISTRY_PASSWORD"]
    assert "needs a password" in network.run(*PULL).stderr
    (network.folder / "password").write_text(f"{PASSWORD}\n")
    network.environ["REGISTRY_PASSWORD"] = f"not {PASSWORD}"
    assert network.run(*PULL, "--password-file", "password").returncode == 0
    assert network.rows(*PULL, status=1)["token"]["result"] == "failed"


def test_the_machines_own_name_servers_are_asked(network: Network) -> None:
    """Without an option, the name servers are those of resolv.conf."""
    network.leave_out("--name-server")
    text = "search example\n#nameserver 10.0.0.1\nnameserver 127.0.0.1\n nameserver ::1"
    network.resolv_conf.write_text(f"{text}\noptions edns0\n#options use-vc\n")
    rows = network.rows(status=0)
    assert [*rows][:2] == [f"{FQDN} has {LOOPBACK} ({server})" for server in ("127.0.0.1", "::1")]
    assert network.names.asked_by == {"UDP"}


@pytest.mark.parametrize("options", ["use-vc", "edns0\tuse-vc timeout:1"])
def test_the_machines_own_name_servers_are_asked_by_tcp(options: str, network: Network) -> None:
    """The option use-vc is for networks in which UDP does not come through."""
    network.leave_out("--name-server")
    network.resolv_conf.write_text(f"nameserver 127.0.0.1\noptions {options}\n")
    assert network.rows(status=0)[f"{FQDN} has {LOOPBACK} (127.0.0.1)"]["result"] == "ok"
    assert network.names.asked_by == {"TCP"}


def test_the_systems_resolver_is_asked_where_no_name_server_is_known(network: Network) -> None:
    """A machine without resolv.conf resolves by other means."""
    network.leave_out("--name-server")
    network.routes[FQDN] = LOOPBACK
    network.routes[DATA] = socket.gaierror(socket.EAI_NONAME, "none")
    rows = network.rows(status=1)
    name, data = (f"{host} has {LOOPBACK} (the system's resolver)" for host in (FQDN, DATA))
    assert (rows[name]["result"], rows[data]["result"]) == ("ok", "failed")
    assert "DNS zone group" in rows[data]["advice"]
    network.routes[DATA] = socket.gaierror(socket.EAI_AGAIN, "again")
    assert "SERVFAIL" in network.rows(status=1)[data]["detail"]


@pytest.mark.parametrize(
    ("server", "name"), [("[::1]:53", "[::1]:53"), ("::1", "::1"), ("[::1]", "[::1]")]
)
def test_a_name_server_may_have_an_ipv6_address(server: str, name: str, network: Network) -> None:
    """Brackets separate the address from the port."""
    network.options["--name-server"] = server
    assert network.rows(status=0)[f"{FQDN} has {LOOPBACK} ({name})"]["result"] == "ok"
