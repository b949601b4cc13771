"""verify.py in the network: each fault fails its own check, with its own advice."""

from __future__ import annotations

import email.utils
import re
import struct
import time
from collections.abc import Iterable
from itertools import chain, repeat
from types import SimpleNamespace

import pytest
from loopback import (
    AAAA,
    BLOB,
    CNAME,
    DATA,
    FQDN,
    IMAGE,
    LAYER,
    LOOPBACK,
    REALM,
    SIX,
    USER,
    A,
    NameServer,
    Request,
    answer,
    challenge,
    dns_answer,
    private_records,
    refusal,
    wire,
)
from network import (
    PUBLIC,
    PULL,
    REPOSITORY,
    TOKENS,
    V2,
    Fault,
    Make,
    Network,
    Which,
    answers,
    certificate,
    datagrams,
    drips,
    fails,
    has,
    lacks,
    listens,
    logged_in,
    redirects,
    refuses,
    resets,
    results,
    trusts_another,
    unused_port,
)

import verify

STORAGE = "account.blob.core.windows.net"
BLOBS, MANIFEST = f"{REPOSITORY}/blobs/{LAYER}", f"{REPOSITORY}/manifests/{IMAGE}"
TAGS = f"{REPOSITORY}/tags/list"
PAGE = answer(403, b"<html>Forbidden by your company</html>")


def names_of(network: Network) -> dict[str, str]:
    """The checks, by a word for each."""
    return {
        "name": f"{FQDN} has {LOOPBACK} ({network.server})",
        "data": f"{DATA} has {LOOPBACK} ({network.server})",
        "proxy": "no proxy between",
        "tcp": f"TCP to {LOOPBACK}, port {network.options['--port']}",
        "tls": f"TLS for {FQDN}",
        "login": "GET /v2/ asks for a login",
        "anonymous": "no pull without a login",
        "token": "token",
        "tags": "tags of team/app",
        "layer": "layer",
    }


def test_everything_is_right(network: Network) -> None:
    """Every check is ok, in the order of the table, and only the registry gets credentials."""
    rows = network.rows(*PULL, status=0)
    assert results(rows) == dict.fromkeys(names_of(network).values(), "ok")
    assert [row["detail"] + row["advice"] for row in rows.values()] == [""] * len(rows)
    sent = [
        (each.host, each.headers.get("Authorization", "")) for each in network.registry.requests
    ]
    assert sent[-1] == (DATA, "")
    assert f"{network.registry.requests[-1].path}?{network.registry.requests[-1].query}" == BLOB
    assert {login.split()[0] for host, login in sent if host == FQDN and login} == {
        "Basic",
        "Bearer",
    }


def data_endpoint_refuses(network: Network) -> None:
    """Nothing listens at the data endpoint's port."""
    redirects(f"https://{DATA}:{unused_port(network)}/")(network)


def both(*makes: Make) -> Make:
    """Several things are wrong."""
    return lambda network: [make(network) for make in makes]


def login_gets(parts: Iterable[bytes]) -> Make:
    """A login gets this answer to its request for a token."""
    return answers(TOKENS, parts, only=logged_in)


def image(content: object) -> Make:
    """The image has this manifest."""
    return answers(MANIFEST, answer(200, content), only=logged_in)


POINTS_FORWARDS = struct.pack("!5H", 0x8180, 1, 1, 0, 0)
ALIASES = [(FQDN, CNAME, DATA), (DATA, CNAME, FQDN)]
ENDLESS = chain([b"HTTP/1.1 200 OK\r\n\r\n"], repeat(b"[" * 9999))
NOT_A_REGISTRY = "No registry answers so"
UNREADABLE = "unreadable answer ({}): The name server cannot be used"
TO_STORAGE = redirects(f"https://{STORAGE}{BLOB}")
NOT_DATA = f"{STORAGE} has the layer, and is not a data endpoint"
WEST, OTHERS = "acr12345.westus.data.azurecr.io", "other.eastus.data.azurecr.io"
TO_WEST = redirects(f"https://{WEST}{BLOB}")

FAULTS = [
    Fault("public address", has(PUBLIC), "name", "privatelink.azurecr.io"),
    Fault("public address too", has(LOOPBACK, PUBLIC), "name", "168.63.129.16"),
    Fault("public IPv6 address", has(LOOPBACK, "2603:1030::5"), "name", "Link the zone"),
    Fault("data at public address", has(PUBLIC, host=DATA), "data", "Link the zone"),
    Fault("DNS64 of a public one", has(LOOPBACK, f"64:ff9b::{PUBLIC}"), "name", "Link the zone"),
    Fault("another private address", has("10.0.8.9"), "name", "overwrote the record"),
    Fault("a second private address", has(LOOPBACK, "10.0.8.9"), "name", "overwrote the record"),
    Fault("DNS64 of another", has(LOOPBACK, "64:ff9b::10.0.8.9"), "name", "overwrote the record"),
    Fault("data at another address", has("10.0.8.9", host=DATA), "data", "overwrote the record"),
    Fault("no such name", lacks(FQDN), "name", "resolution_policy"),
    Fault("no such data", lacks(DATA), "data", "DNS zone group"),
    Fault("no address", has(), "name", "DNS zone group"),
    Fault("no DNS", datagrams(lambda q: [q[:2] + b"\x81\x80"]), "name", "unreadable"),
    Fault(
        "only the beginning of an answer",
        datagrams(lambda q: [dns_answer(q, private_records(FQDN, LOOPBACK))[:-1]]),
        "name",
        UNREADABLE.format("ValueError"),
    ),
    Fault(
        "more records than there are",
        datagrams(lambda q: [q[:2] + POINTS_FORWARDS + q[12:] + b"\xc0\xff"]),
        "name",
        UNREADABLE.format("error"),
    ),
    Fault("only aliases", datagrams(lambda q: [dns_answer(q, ALIASES)]), "name", "DNS zone group"),
    Fault("connection refused", refuses, "tcp", "routes"),
    Fault("connection reset", resets, "tls", "firewall"),
    Fault("certificate of a proxy", certificate("proxy.example"), "tls", "another name"),
    Fault("unknown authority", trusts_another, "tls", "--ca-file"),
    Fault("expired certificate", certificate(FQDN, DATA, days=-1), "tls", "clock"),
    Fault("forbidden", answers(V2, refusal()), "login", "pending"),
    Fault("page of a proxy", answers(V2, PAGE), "login", f"is at no host: {NOT_A_REGISTRY}"),
    Fault("no login", answers(V2, challenge(REALM, 200)), "login", "/v2/ answers 200"),
    Fault("no realm", answers(V2, answer(401)), "login", "proxy"),
    Fault("elsewhere", answers(V2, challenge(f"https://other.example/{FQDN}")), "login", "proxy"),
    Fault("no TLS", answers(V2, challenge(f"http://{FQDN}/oauth2/token")), "login", "proxy"),
    Fault("not HTTP", answers(V2, [b"SSH-2.0-OpenSSH\r\n"]), "login", "proxy"),
    Fault("no answer", answers(V2, []), "login", "firewall"),
    Fault("wrong password", answers(TOKENS, answer(401)), "token", "password is wrong"),
    Fault("token forbidden", login_gets(refusal()), "token", "pending"),
    Fault("page for a token", login_gets(PAGE), "token", NOT_A_REGISTRY),
    Fault("no place of tokens", answers(TOKENS, answer(404)), "token", NOT_A_REGISTRY),
    Fault("token unreadable", login_gets(answer(200, [])), "token", NOT_A_REGISTRY),
    Fault("empty token", login_gets(answer(200, {"token": ""})), "token", "gives an empty token: "),
    Fault(
        "empty tokens",
        login_gets(answer(200, {"access_token": "", "token": ""})),
        "token",
        f"gives an empty token: {NOT_A_REGISTRY}",
    ),
    Fault("portal", answers(V2, answer(200, b"<html>")), "login", "login is at no host"),
    Fault("endless token", login_gets(ENDLESS), "token", "unreadable answer"),
    Fault("no repository", answers(TAGS, answer(404)), "tags", "names of the repository"),
    Fault("no tag", answers(TAGS, answer(200, {"tags": None})), "tags", "tag"),
    Fault(
        "no repository, and no right to list",
        both(answers(TAGS, answer(401)), answers(f"{REPOSITORY}/manifests/1.0", answer(404))),
        "layer",
        "names of the repository",
    ),
    Fault("no right to pull", answers(BLOBS, answer(401)), "layer", "the user may pull"),
    Fault("index of itself", image({"manifests": [{"digest": IMAGE}]}), "layer", "index of"),
    Fault("image of nothing", image({"layers": []}), "layer", "no layer: Name an image"),
    Fault("index of nothing", image({"manifests": []}), "layer", "no layer: Name an image"),
    Fault("not a manifest", image([]), "layer", "No registry answers so"),
    Fault("no redirect", answers(BLOBS, answer(200)), "layer", f"https://{FQDN} has the layer"),
    Fault("redirect to nowhere", answers(BLOBS, answer(307)), "layer", "not a data endpoint"),
    Fault("redirect without TLS", redirects(f"http://{DATA}/layer"), "layer", "data endpoint"),
    Fault("redirect to itself", redirects("/layer"), "layer", "data endpoint"),
    Fault("storage, public", both(has(PUBLIC, host=STORAGE), TO_STORAGE), "layer", NOT_DATA),
    Fault("storage, private", both(has(LOOPBACK, host=STORAGE), TO_STORAGE), "layer", NOT_DATA),
    Fault("storage without an address", TO_STORAGE, "layer", NOT_DATA),
    Fault("another registry's", redirects(f"https://{OTHERS}{BLOB}"), "layer", f"{OTHERS} has the"),
    Fault("region without an address", TO_WEST, "layer", "no such name: Layers must come from a"),
    Fault(
        "region at a public address",
        both(has(PUBLIC, host=WEST), TO_WEST),
        "layer",
        f"{WEST} has the layer, and has {PUBLIC}",
    ),
    Fault(
        "page for a layer",
        answers(f"{DATA}/layer", answer(200, b"<html>", Content_Type="text/html; charset=utf-8")),
        "layer",
        f"answers with a page, and not with the layer: {NOT_A_REGISTRY}",
    ),
    Fault("data forbidden", answers(f"{DATA}/layer", refusal()), "layer", "data endpoint"),
    Fault("data endpoint refuses", data_endpoint_refuses, "layer", "security groups"),
]
SILENT_FAULTS = [
    Fault("name server silent", datagrams(lambda _: []), "name", "UDP and TCP"),
    Fault("only others' answers", datagrams(lambda q: [b"xx" + q[2:]] * 9), "name", "UDP and TCP"),
    Fault("TCP is not answered", listens(0, 4), "tcp", "security groups"),
    Fault("TLS is not answered", listens(8, 0), "tls", "firewall"),
    Fault("bytes that drip", drips, "login", "proxy"),
]

NEEDED_BY = {
    "name": [],
    "data": ["layer"],
    "tcp": ["tls", "login", "anonymous", "token", "tags", "layer"],
    "tls": ["login", "anonymous", "token", "tags", "layer"],
    "login": ["anonymous", "token", "tags", "layer"],
    "token": ["tags", "layer"],
    "tags": ["layer"],
    "layer": [],
}
"""The checks that are not tried when a check fails."""


@pytest.mark.parametrize(
    "fault", [*FAULTS, *SILENT_FAULTS], ids=[fault.what for fault in [*FAULTS, *SILENT_FAULTS]]
)
def test_a_fault_fails_its_own_check_with_its_own_advice(fault: Fault, network: Network) -> None:
    """One check fails and says what to do, those that need it are not tried, the others are ok."""
    fault.make(network)
    names = names_of(network)
    if fault.check != "tls":
        network.leave_out_tls()
    if fault in SILENT_FAULTS:
        network.hurry(names[fault.check])
    rows = network.rows(*PULL, status=1)
    not_tried = dict.fromkeys(NEEDED_BY[fault.check], "not tried")
    expected = {**dict.fromkeys(names, "ok"), fault.check: "failed", **not_tried}
    assert results(rows) == {names[word]: expected[word] for word in names}
    failed = rows[names[fault.check]]
    assert fault.words in f"{failed['detail']}: {failed['advice']}"
    assert len(failed["advice"]) > 50
    assert all(not row["advice"] for row in rows.values() if row["result"] != "failed")


@pytest.mark.parametrize("code", ["SERVFAIL", "NOTIMP", "REFUSED"])
def test_an_error_for_ipv4_is_the_name_servers_fault(code: str, network: Network) -> None:
    """The error has its name, and the zone is not blamed."""
    fails(A, code)(network)
    failed = network.rows(status=1)[names_of(network)["name"]]
    assert failed["detail"] == f"{code} from the name server"
    assert failed["advice"].startswith("The name server cannot be used")


def truncated(network: Network) -> None:
    """The answers are too long for UDP, and whole by TCP."""
    network.names.answer = lambda query: [dns_answer(query, [], flags=0x8380)]


def others_first(network: Network) -> None:
    """Answers to somebody else come before the right one."""
    network.names.answer = lambda query: [b"xx" + query[2:], b"", network.names.answer_tcp(query)]


def loses_a_datagram(network: Network) -> None:
    """The first datagram of the question for the registry's address of IPv4 is lost."""
    seen: list[bytes] = []

    def answer_again(query: bytes) -> list[bytes]:
        seen.append(query)
        is_lost = query[12:-4] == wire(FQDN) and query[-3] == A and seen.count(query) == 1
        return [] if is_lost else [network.names.answer_tcp(query)]

    network.names.answer = answer_again


def may_only_pull(network: Network) -> None:
    """The token's scope map has content/read only."""
    network.registry.scopes = {"repository:team/app:pull"}


@pytest.mark.parametrize(
    ("make", "check", "detail"),
    [
        (truncated, "name", ""),
        (others_first, "name", ""),
        (loses_a_datagram, "name", ""),
        (has(LOOPBACK, f"64:ff9b::{LOOPBACK}"), "name", "is 127.0.0.1 by DNS64"),
        (has("64:ff9b:1:7f00:0:100::"), "name", "is 127.0.0.1 by DNS64"),
        (has(LOOPBACK, f"2001:db8:64::{LOOPBACK}", host=DATA), "data", "is 127.0.0.1 by DNS64"),
        (fails(AAAA, "SERVFAIL"), "name", "SERVFAIL for its addresses of IPv6"),
        (fails(AAAA, "NOTIMP"), "name", "NOTIMP for its addresses of IPv6"),
        (fails(AAAA, "REFUSED"), "data", "REFUSED for its addresses of IPv6"),
        (may_only_pull, "tags", ""),
        (answers(TAGS, answer(403)), "tags", ""),
        (
            image({"layers": [], "config": {"digest": LAYER}}),
            "layer",
            "the image has no layer: this is its configuration",
        ),
    ],
)
def test_what_is_no_fault(make: Make, check: str, detail: str, network: Network) -> None:
    """Networks that lose and registries that differ a little are right as well."""
    make(network)
    network.leave_out_tls()
    rows = network.rows(*PULL, status=0)
    assert set(results(rows).values()) == {"ok"}
    assert detail in rows[names_of(network)[check]]["detail"]
    assert bool(detail) == bool(rows[names_of(network)[check]]["detail"])


@pytest.mark.parametrize("name", ["acr12345.azurecr.us", "acr12345.azurecr.cn"])
def test_the_advice_names_the_zone_of_the_registrys_cloud(name: str, network: Network) -> None:
    """Azure in China and for the government of the United States have zones of their own."""
    network.options["--fqdn"] = name
    domain = name.partition(".")[2]
    advice = network.rows(status=1)[f"{name} has {LOOPBACK} ({network.server})"]["advice"]
    assert f"privatelink.{domain} " in advice
    has(PUBLIC, host=name)(network)
    advice = network.rows(status=1)[f"{name} has {LOOPBACK} ({network.server})"]["advice"]
    assert f"Link the zone privatelink.{domain} " in advice
    assert f"forward {domain} to" in advice


def test_the_tag_is_found_if_none_is_named(network: Network) -> None:
    """The first tag is pulled, or the tag latest; a user who cannot list them needs a name."""
    network.leave_out_tls()
    login = ["--username", USER, "--repository", "team/app"]
    assert network.rows(*login, status=0)["layer"]["result"] == "ok"
    assert DATA in {each.host for each in network.registry.requests}  # several are at a time
    may_only_pull(network)
    tags = network.rows(*login, status=1)[names_of(network)["tags"]]
    assert "--repository NAME:TAG" in tags["advice"]
    network.registry.reset()
    answers(TAGS, answer(200, {"tags": ["1.0", "latest"]}))(network)
    assert "manifests/latest answers 404" in network.rows(*login, status=1)["layer"]["detail"]


def test_without_a_repository_the_password_is_tried(network: Network) -> None:
    """A user without an image is a login."""
    rows = network.rows("--username", USER, status=0)
    assert [*results(rows)][-1] == "token"
    (request,) = [each for each in network.registry.requests if logged_in(each)]
    assert (request.path, request.query) == ("/oauth2/token", f"service={FQDN}")


def test_each_name_server_is_asked_and_named(network: Network) -> None:
    """One of two name servers does not see the zone, and the other's check stays ok."""
    other = NameServer()
    other.records[FQDN] = private_records(FQDN, PUBLIC)
    address = ":".join(map(str, other.address))
    failed = {f"{FQDN} has {LOOPBACK} ({address})": "failed"}
    rows = network.rows("--name-server", address, status=1)
    assert results(rows).items() >= failed.items()
    assert [*results(rows).values()].count("failed") == 1


def test_a_private_address_may_be_of_ipv6(network: Network) -> None:
    """DNS64 embeds no address of IPv6, and addresses of IPv4 are others."""
    network.options["--ip"] = SIX
    has(SIX)(network)
    assert network.rows(status=0)[f"TLS for {FQDN}"]["result"] == "ok"
    has(SIX, LOOPBACK)(network)
    rows = network.rows(status=1)
    assert rows[f"{FQDN} has {SIX} ({network.server})"]["result"] == "failed"


ANYBODY = answer(200, {"access_token": "anybody"})


def without_login(request: Request) -> bool:
    """Whether a request has no login."""
    return not logged_in(request)


@pytest.mark.parametrize(
    ("manifest", "result"), [(200, "failed"), (404, "failed"), (401, "ok"), (403, "ok")]
)
def test_a_pull_without_a_login_is_tried(manifest: int, result: str, network: Network) -> None:
    """It is a fault if a token is given to everybody, and the registry takes it."""
    answers(TOKENS, ANYBODY, only=without_login)(network)
    by_anybody = answers(
        f"{REPOSITORY}/manifests/1.0",
        answer(manifest, {}),
        only=lambda request: request.headers["Authorization"] == "Bearer anybody",
    )
    by_anybody(network)
    network.leave_out_tls()
    row = network.rows(*PULL, status=int(result == "failed"))["no pull without a login"]
    assert row["result"] == result
    assert ("anonymous_pull_enabled" in row["advice"]) == (result == "failed")


def test_a_pull_without_a_login_is_tried_without_a_repository(network: Network) -> None:
    """Anonymous pull is on for every repository, so that any name serves."""
    answers(TOKENS, ANYBODY)(network)
    row = network.rows(status=1)["no pull without a login"]
    assert "anonymous_pull_enabled" in row["advice"]


STEPS = [("login", V2), ("anonymous", TOKENS), ("token", TOKENS), ("tags", TAGS)]
STEPS += [("layer", path) for path in (MANIFEST, BLOBS, f"{DATA}/layer")]


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(("check", "path"), STEPS)
def test_a_registry_that_is_busy_or_unhealthy_is_not_wrong(
    check: str, path: str, status: int, network: Network
) -> None:
    """The row says what was asked and what came, and that one has to try again."""
    only: dict[str, Which] = {"token": logged_in, "anonymous": without_login}
    parts = answer(status, Retry_After="3600")
    answers(path, parts, only=only.get(check, lambda _: True))(network)
    network.leave_out_tls()
    row = network.rows(*PULL, status=1)[names_of(network)[check]]
    assert row["detail"] == f"{path} answers {status}, Retry-After: 3600"
    assert "Try again" in row["advice"]
    assert ("throttles" if status == 429 else "not healthy") in row["advice"]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the program has waited for, without waiting."""
    found: list[float] = []

    def sleep(seconds: float) -> None:
        found.extend([seconds] if seconds else [])

    clock = SimpleNamespace(sleep=sleep, monotonic=time.monotonic, time=lambda: 1_000_000_000.0)
    monkeypatch.setattr(verify, "time", clock)
    return found


@pytest.mark.parametrize(
    ("after", "waited"),
    [
        ("7", [7]),
        ("0", [1]),
        (email.utils.formatdate(1_000_000_009, usegmt=True), [9]),
        (email.utils.formatdate(999_999_999, usegmt=True), [1]),
    ],
)
def test_the_program_tries_again_when_it_is_asked_to(
    after: str, waited: list[float], network: Network, pauses: list[float]
) -> None:
    """Retry-After has seconds or a date, and at least a second is waited for."""
    network.leave_out_tls()
    first = iter([True])
    parts = answer(429, Retry_After=after)
    answers(V2, parts, only=lambda _: next(first, False))(network)
    assert set(results(network.rows(status=0)).values()) == {"ok"}
    assert pauses == waited


@pytest.mark.parametrize("after", ["61", "99999999999999999999", "soon", "-1", ""])
def test_the_program_does_not_wait_past_its_time(
    after: str, network: Network, pauses: list[float]
) -> None:
    """Where the wait is longer than the check may take, or unclear, the check fails at once."""
    network.leave_out_tls()
    answers(V2, answer(503, Retry_After=after))(network)
    row = network.rows(status=1)["GET /v2/ asks for a login"]
    assert row["detail"] == f"{FQDN}/v2/ answers 503" + (f", Retry-After: {after}" if after else "")
    assert pauses == []


PROXY = "http://user:correct%20horse@proxy.example:3128"


EXEMPT = [
    *("*", "other.example, *", "other.example , azurecr.io,"),
    *("acr12345.azurecr.io", "ACR12345.AZURECR.IO"),
    *("azurecr.io", ".azurecr.io", "*.azurecr.io", "azurecr.io:443", "azurecr.io:"),
]
NOT_EXEMPT = [
    *("", ".", ":443", "acr12345", "10.0.0.0/8,127.0.0.1,127.0.0.0/8"),
    *("zurecr.io", "*azurecr.io", "azurecr.io:80", "other.example azurecr.io"),
    *(".acr12345.azurecr.io", "*.acr12345.azurecr.io"),
]


@pytest.mark.parametrize("exempt", [*EXEMPT, *NOT_EXEMPT])
def test_a_proxy_is_used_as_by_podman_and_cri_o(exempt: str) -> None:
    """NO_PROXY has hosts and domains, with or without a port; addresses do not exempt names."""
    for variables in (("HTTPS_PROXY", "NO_PROXY"), ("https_proxy", "no_proxy")):
        environ = dict(zip(variables, (PROXY, exempt), strict=True))
        assert verify.uses_proxy(FQDN, 443, environ) is (exempt in NOT_EXEMPT)
    assert not verify.uses_proxy(FQDN, 443, {"HTTP_PROXY": PROXY, "NO_PROXY": exempt})


def test_a_proxy_that_clients_use_is_a_fault(network: Network) -> None:
    """The advice names both settings, and every host that has to be there."""
    network.environ.update({"HTTPS_PROXY": PROXY, "NO_PROXY": FQDN})
    rows = network.rows(status=1)
    assert [*results(rows).values()].count("failed") == 1
    row = rows["no proxy between"]
    assert row["detail"] == f"clients use the proxy of HTTPS_PROXY for {DATA}"
    for word in ("NO_PROXY", "noProxy", f"{FQDN}, {DATA}"):
        assert word in row["advice"]
    assert "horse" not in str(rows)
    network.environ["NO_PROXY"] = f"{FQDN},{DATA}"
    assert network.rows(status=0)["no proxy between"]["result"] == "ok"


def test_the_table_is_for_people(network: Network) -> None:
    """Each row has a name, a result and a time, what is wrong and what to do, and no escapes."""
    answers(V2, challenge("https://evil\x1b\x07.example/token"))(network)
    done = network.run(*PULL)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert re.fullmatch(rf"{re.escape(names_of(network)['tcp'])} +ok +\d+\.\d\d s", lines[3])
    assert re.fullmatch(r"GET /v2/ asks for a login +failed +\d+\.\d\d s", lines[5])
    assert lines[6].endswith("/v2/ answers 401, and the login is at evil??.example")
    assert lines[7].startswith("    No registry answers so.")
    assert re.fullmatch(r"no pull without a login +not tried", lines[8])
    assert lines[9] == '    needs "GET /v2/ asks for a login"'
