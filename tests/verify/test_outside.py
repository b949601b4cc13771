"""verify.py outside of the network: only the registry's own refusal at each address is a proof."""

from __future__ import annotations

import errno

import pytest
from loopback import (
    AAAA,
    DATA,
    FQDN,
    REALM,
    SECOND,
    SIX,
    A,
    NameServer,
    answer,
    challenge,
    private_records,
    refusal,
)
from network import (
    PUBLIC,
    PUBLIC_SECOND,
    PUBLIC_SIX,
    V2,
    Fault,
    Make,
    Network,
    answers,
    certificate,
    datagrams,
    drips,
    fails,
    has,
    lacks,
    listens,
    refuses,
    resets,
    results,
    trusts_another,
)

NOTHING = ": this proves nothing"


@pytest.fixture
def outside(network: Network) -> Network:
    """A machine outside of the network, which a registry with three addresses refuses."""
    has(PUBLIC, PUBLIC_SECOND, PUBLIC_SIX)(network)
    has(PUBLIC, PUBLIC_SIX, host=DATA)(network)
    for host in (FQDN, DATA):
        answers(f"{host}/v2/", refusal())(network)
    network.leave_out("--ip", "--data-endpoint")
    return network


def names_of(network: Network) -> dict[str, str]:
    """The checks, by a word for each."""
    return {
        "name": f"{FQDN} has public addresses ({network.server})",
        "proxy": "no proxy between",
        "first": f"{FQDN} refuses this machine at {PUBLIC}",
        "second": f"{FQDN} refuses this machine at {PUBLIC_SECOND}",
        "six": f"{FQDN} refuses this machine at {PUBLIC_SIX}",
    }


def test_the_registry_refuses_from_each_address(outside: Network) -> None:
    """All addresses of both families are tried by TLS, and nothing else is asked."""
    rows = outside.rows("--from-outside", status=0)
    assert results(rows) == dict.fromkeys(names_of(outside).values(), "ok")
    asked = outside.registry.requests
    assert {each.address for each in asked} == {"127.0.0.1", SECOND, SIX}
    assert {(each.host, each.path) for each in asked} == {(FQDN, "/v2/")}
    assert all("Authorization" not in each.headers for each in asked)


def test_data_endpoints_that_are_given_are_tried(outside: Network) -> None:
    """They must refuse as well; their private address is not asked for."""
    outside.options["--data-endpoint"] = f"{DATA}=10.0.8.4"
    rows = outside.rows("--from-outside", status=0)
    assert [name for name in rows if name.startswith(DATA)] == [
        f"{DATA} has public addresses ({outside.server})",
        f"{DATA} refuses this machine at {PUBLIC}",
        f"{DATA} refuses this machine at {PUBLIC_SIX}",
    ]
    answers(f"{DATA}/v2/", answer(404))(outside)
    rows = outside.rows("--from-outside", status=1)
    assert rows[f"{DATA} refuses this machine at {PUBLIC}"]["detail"].endswith(NOTHING)
    assert rows[f"{FQDN} refuses this machine at {PUBLIC}"]["result"] == "ok"


OPEN = challenge(REALM)


@pytest.mark.parametrize(
    ("address", "check"), [("127.0.0.1", "first"), (SECOND, "second"), (SIX, "six")]
)
def test_one_address_that_lets_in_is_an_open_registry(
    address: str, check: str, outside: Network
) -> None:
    """Of several addresses, each counts."""
    answers(V2, OPEN, only=lambda request: request.address == address)(outside)
    rows = outside.rows("--from-outside", status=1)
    names = names_of(outside)
    assert results(rows) == {**dict.fromkeys(names.values(), "ok"), names[check]: "failed"}
    assert "public_network_access_enabled" in rows[names[check]]["advice"]
    assert "nothing" not in rows[names[check]]["detail"]


def test_the_address_of_another_name_server_counts(outside: Network) -> None:
    """Name servers may differ, as in a network with a view of its own."""
    other = NameServer()
    other.records[FQDN] = private_records(FQDN, PUBLIC_SECOND)
    has(PUBLIC)(outside)
    answers(V2, OPEN, only=lambda request: request.address == SECOND)(outside)
    address = ":".join(map(str, other.address))
    rows = outside.rows("--from-outside", "--name-server", address, status=1)
    assert rows[f"{FQDN} has public addresses ({address})"]["result"] == "ok"
    assert rows[names_of(outside)["first"]]["result"] == "ok"
    assert "public_network_access" in rows[names_of(outside)["second"]]["advice"]


def unreachable(network: Network) -> None:
    """The machine has no route by IPv6."""
    network.routes[PUBLIC_SIX] = OSError(errno.ENETUNREACH, "Network is unreachable")


def other_error(code: str) -> Make:
    """Something answers 403 with JSON that is not Azure's."""
    return answers(V2, answer(403, {"errors": [{"code": code}]}))


def has_a_proxy(network: Network) -> None:
    """Clients use a proxy."""
    network.environ["HTTPS_PROXY"] = "proxy.example:3128"


BASIC = answer(401, Www_Authenticate='Basic realm="portal"')
PAGE = answer(403, b"<html>Forbidden by your company: DENIED</html>")
NO_PROOF = [
    Fault("private address", has("10.0.8.5"), "name", "outside of the network"),
    Fault("mapped private address", has("::ffff:10.0.8.5"), "name", "outside of the network"),
    Fault("private by DNS64", has("64:ff9b::10.0.8.5"), "name", "outside of the network"),
    Fault("one private address", has(PUBLIC, "10.0.8.5"), "name", "outside of the network"),
    Fault("no such name", lacks(FQDN), "name", "mistyped, or the registry is not deployed"),
    Fault("no address", has(), "name", "mistyped, or the registry is not deployed"),
    Fault("connection refused", refuses, "first", "Run this check where"),
    Fault("no answer", answers(V2, []), "first", "Run this check where"),
    Fault("no route by IPv6", unreachable, "six", "by IPv6"),
    Fault("page of a proxy", answers(V2, PAGE), "first", "/v2/ answers 403"),
    Fault("another 403", answers(V2, answer(403)), "first", "DENIED"),
    Fault("no error in it", answers(V2, answer(403, {"errors": []})), "first", "403"),
    Fault("no list in it", answers(V2, answer(403, {"errors": 1})), "first", "403"),
    Fault("another error", other_error("UNAUTHORIZED"), "first", "DENIED"),
    Fault("not found", answers(V2, answer(404)), "first", "/v2/ answers 404"),
    Fault("elsewhere", answers(V2, answer(302)), "first", "/v2/ answers 302"),
    Fault("portal", answers(V2, answer(200, b"<html>")), "first", "/v2/ answers 200"),
    Fault("login of a portal", answers(V2, BASIC), "first", "Run this check where"),
    Fault("throttled", answers(V2, answer(429)), "first", "throttles"),
    Fault("unhealthy", answers(V2, answer(503)), "first", "not healthy"),
    Fault("not HTTP", answers(V2, [b"SSH-2.0-OpenSSH\r\n"]), "first", "unreadable"),
    Fault("AAAA fails", fails(AAAA, "SERVFAIL"), "name", "SERVFAIL for its addresses of IPv6"),
    Fault("AAAA is unknown", fails(AAAA, "NOTIMP"), "name", "NOTIMP for its addresses of IPv6"),
    Fault("AAAA is refused", fails(AAAA, "REFUSED"), "name", "REFUSED for its addresses of IPv6"),
    Fault("A is refused", fails(A, "REFUSED"), "name", "REFUSED from the name server"),
    Fault("proxy of the clients", has_a_proxy, "proxy", "NO_PROXY"),
]
BY_TLS = [
    Fault("connection reset", resets, "first", "Run this check where"),
    Fault("certificate of a proxy", certificate("proxy.example"), "first", "another name"),
    Fault("unknown authority", trusts_another, "first", "--ca-file"),
    Fault("expired certificate", certificate(FQDN, days=-1), "first", "clock"),
]
SILENT = [
    Fault("name server silent", datagrams(lambda _: []), "name", "UDP and TCP"),
    Fault("connection not answered", listens(0, 4), "first", "Run this check where"),
    Fault("bytes that drip", drips, "first", "Run this check where"),
]


CASES = [*NO_PROOF, *BY_TLS, *SILENT]


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_what_proves_nothing_says_so_and_why(case: Fault, outside: Network) -> None:
    """The status is 1, and each row that failed says that it proves nothing."""
    case.make(outside)
    names = names_of(outside)
    if case not in BY_TLS:
        outside.leave_out_tls()
    if case in SILENT:
        for word in ("name", "first", "second", "six"):
            outside.hurry(names[word])
    rows = outside.rows("--from-outside", status=1)
    failed = rows[names[case.check]]
    assert case.words in f"{failed['detail']}: {failed['advice']}"
    assert all(
        row["detail"].endswith(NOTHING) for row in rows.values() if row["result"] == "failed"
    )


def test_addresses_are_tried_where_those_of_ipv6_are_not_known(outside: Network) -> None:
    """An open registry is found, too, if a name server does not tell everything."""
    fails(AAAA, "REFUSED")(outside)
    answers(V2, OPEN)(outside)
    rows = outside.rows("--from-outside", status=1)
    assert "public_network_access" in rows[names_of(outside)["first"]]["advice"]
