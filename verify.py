#!/usr/bin/env python3
"""Prove that a container registry is reached by its private addresses, and only by them.

One file for Python 3.9 and later, without other packages, so that it runs where the network is: on
a host, or piped into a pod. docs/cluster.md shows how, and explains what is reported.
"""

from __future__ import annotations

import argparse
import base64
import email.utils
import http.client
import ipaddress
import json
import math
import os
import queue
import re
import secrets
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Union
from urllib.parse import quote, urlencode, urljoin, urlsplit

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

OK, FAILED, NOT_TRIED = "ok", "failed", "not tried"
RESOLV_CONF = Path("/etc/resolv.conf")

ACCEPT = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, */*"
)
LARGEST = 4 * 1024 * 1024  # bytes that are read of an answer: Azure takes no larger manifest

# What to do, by what is wrong. {domain} is that of the registry's cloud, such as azurecr.us.
PUBLIC = """The name server does not see the private DNS zone. Link the zone privatelink.{domain} to
this network, or let a DNS server in a linked network forward {domain} to 168.63.129.16."""
OTHER_ADDRESS = """Another endpoint to the registry overwrote the record, or a deleted one left it:
let the DNS zone group write it again. If the endpoint is new, take Terraform's outputs again."""
NO_SUCH_NAME = """The private DNS zone privatelink.{domain} has no record of this name: look at the
private endpoint's DNS zone group. If the name is another registry's, the zone hides it: add its
record to the zone, or set resolution_policy of the zone's link to NxDomainRedirect."""
NOT_DEPLOYED = "The name is mistyped, or the registry is not deployed."
NAME_SERVER = """The name server cannot be used from here. Check its address, that UDP and TCP to
its port are allowed, and in the registry's network that it forwards {domain} to 168.63.129.16."""
PROXY = """This check goes around the proxy, but podman and CRI-O do not. Name the login server and
each data endpoint in NO_PROXY of this machine, and in noProxy of the cluster (oc edit
proxy/cluster): {hosts}. An address in NO_PROXY does not count for a host name."""
UNREACHABLE = """Allow TCP from this network to the private endpoint: look at security groups,
routes, firewalls, peering, and the network policies of the endpoint's subnet."""
CUT = """A firewall that filters by host name (allow the registry's), a proxy, a security group, or
a route on which answers take another way takes the connection and drops what follows."""
UNTRUSTED = """A proxy between has a certificate for another name, or of its own, or this machine
lacks the public ones. Exempt the registry and its data endpoints from it, or give --ca-file."""
EXPIRED = "Check the clock of this machine. If it is right, a proxy between has an old certificate."
FORBIDDEN = "Approve the private endpoint's connection if it is pending, and connect through it."
NOT_A_REGISTRY = "No registry answers so. Exempt it and its data endpoints from a proxy between."
THROTTLED = "The registry throttles its clients, because there are too many requests. Try again."
UNHEALTHY = "The registry is not healthy. Try again; if it stays so, look at its health in Azure."
ANONYMOUS = "Everybody who reaches the registry may pull. Set anonymous_pull_enabled to false."
LOGIN = "The user name or the password is wrong, or it has expired, or the token is disabled."
IMAGE = "Check the names of the repository and of the tag, and that the user may pull from it."
NO_IMAGE = dict.fromkeys((401, 403, 404), IMAGE)
NO_LAYER = "Name an image that has layers, by --repository NAME:TAG."
TAGS = """Name a tag by --repository NAME:TAG. Listing tags takes metadata/read in the token's scope
map, which a token that only pulls does not have."""
LAYER = """Layers must come from a data endpoint of the registry, by its private address. Check that
the private endpoint and the private DNS zone have an address for each region's data endpoint."""
INSIDE = "This machine sees the private DNS zone. Run this check outside of the network."
OPEN = "The registry lets this machine log in. Set public_network_access_enabled to false."
NO_PROOF = """Only Azure's own refusal is a proof, status 403 with the code DENIED, from each public
address. What answers here may be a firewall or a proxy of this network. Run this check where the
internet is reachable directly, and by IPv6 if the name has such an address."""


class FaultError(Exception):
    """What a check found wrong, what to do about it, and the seconds to wait for another try."""


class Outcome(NamedTuple):
    """How a check ended, and the value that it hands to the checks that need it."""

    result: str
    detail: str = ""
    advice: str = ""
    pause: float = math.inf
    seconds: float = 0
    value: Any = None


class Check:
    """A row of the table: ``work`` gets the values of the checks that it needs, once these are ok.

    It returns a value or an outcome. ``advice`` is for an answer that does not come.
    """

    def __init__(self, name: str, work: Callable[..., Any], advice: str, *needs: Check) -> None:
        self.name, self.work, self.advice, self.needs = name, work, advice, needs
        self.outcome: Future[Outcome] = Future()

    def run(self, seconds: float) -> None:
        """Set the outcome, at most this time after the checks that it needs."""
        needed = outcomes(self.needs)
        blocking = [each.name for each, its in zip(self.needs, needed) if its.result != OK]
        if blocking:
            self.outcome.set_result(Outcome(NOT_TRIED, f'needs "{blocking[0]}"'))
            return
        start, pause = time.monotonic(), 0.0
        outcome = Outcome(FAILED, f"no answer within {seconds:g} s", self.advice)
        box: queue.Queue[Outcome] = queue.Queue()
        values = [each.value for each in needed]
        while (left := start + seconds - time.monotonic() - pause) > 0:
            time.sleep(pause)
            # In a thread that may be left behind: no time-out of a socket stops one that drips.
            threading.Thread(target=lambda: box.put(self._try(values)), daemon=True).start()
            try:
                outcome = box.get(timeout=left)
            except queue.Empty:
                break
            pause = outcome.pause
        self.outcome.set_result(outcome._replace(seconds=round(time.monotonic() - start, 3)))

    def _try(self, values: list[Any]) -> Outcome:
        try:
            value = self.work(*values)
        except FaultError as fault:
            return Outcome(FAILED, *fault.args)
        except ssl.SSLCertVerificationError as error:
            advice = EXPIRED if error.verify_code in (9, 10) else UNTRUSTED
            return Outcome(FAILED, error.verify_message, advice)
        except OSError as error:
            return Outcome(FAILED, error.strerror or "no answer", self.advice)
        except Exception as error:  # a hostile answer; the text of the error may hold a password
            advice = NAME_SERVER if self.advice == NAME_SERVER else NOT_A_REGISTRY
            return Outcome(FAILED, f"an unreadable answer ({type(error).__name__})", advice)
        return value if isinstance(value, Outcome) else Outcome(OK, value=value)


def outcomes(checks: Sequence[Check]) -> list[Outcome]:
    """How checks ended. The wait is in steps: a long one may not notice Ctrl-C at its beginning."""
    while wait([check.outcome for check in checks], 0.5).not_done:
        pass
    return [check.outcome.result() for check in checks]


class NameServer(NamedTuple):
    """A name server, with the name that the table shows."""

    name: str
    address: str
    port: int = 53
    tcp_only: bool = False


SYSTEM = NameServer("the system's resolver", "")
A, AAAA, NXDOMAIN = 1, 28, 3
ERRORS = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}


def look_up(server: NameServer, host: str, absent: str) -> tuple[set[Address], str]:
    """The addresses of a host, and why those of IPv6 are not known; none is a fault."""
    kinds = () if server is SYSTEM else (A, AAAA)
    answers = [ask(server, host, kind) for kind in kinds] or [ask_system(host)]
    codes = [code for code, _ in answers]
    errors = [ERRORS.get(code, f"error {code}") for code in codes if code not in (0, NXDOMAIN)]
    if errors and not answers[0][1]:  # with an address of IPv4, clients do without IPv6
        raise FaultError(f"{errors[0]} from the name server", NAME_SERVER)
    found = set().union(*(addresses for _, addresses in answers))
    if not found:
        raise FaultError("no such name" if NXDOMAIN in codes else "no address", absent)
    return found, f"{errors[0]} for its addresses of IPv6" if errors else ""


def ask_system(host: str) -> tuple[int, set[Address]]:
    """The code and the addresses of a host, as the system resolves it."""
    try:
        found = socket.getaddrinfo(host, None)
    except socket.gaierror as error:
        return (2 if error.errno in (socket.EAI_AGAIN, socket.EAI_FAIL) else NXDOMAIN), set()
    return 0, {ipaddress.ip_address(each[4][0]) for each in found}


def ask(server: NameServer, host: str, kind: int) -> tuple[int, set[Address]]:
    """The code and the addresses in a name server's answer, by UDP, or by TCP if it must be."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))
    query = struct.pack("!6H", secrets.randbits(16), 0x0100, 1, 0, 0, 0)
    query += labels + struct.pack("!BHH", 0, kind, 1)
    answer = b""
    if not server.tcp_only:
        place = socket.getaddrinfo(server.address, server.port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(place[0], socket.SOCK_DGRAM) as udp:
            udp.connect(place[4])
            udp.settimeout(1)
            udp.send(query)
            while answer[:2] != query[:2]:  # an answer to something else
                try:
                    answer = udp.recv(65535)
                except socket.timeout:
                    udp.send(query)  # a datagram may be lost
    if server.tcp_only or answer[2] & 0x02:  # truncated
        with socket.create_connection((server.address, server.port)) as tcp:
            tcp.sendall(struct.pack("!H", len(query)) + query)
            stream = tcp.makefile("rb")
            answer = stream.read(struct.unpack("!H", stream.read(2))[0])
    return read(answer, len(query), kind)


def read(answer: bytes, at: int, kind: int) -> tuple[int, set[Address]]:
    """The code of an answer, and its addresses; the resolver has followed the aliases."""
    _, flags, _, records = struct.unpack_from("!4H", answer)
    found: set[Address] = set()
    for _ in range(records):
        while 0 < answer[at] < 0xC0:  # the name: labels, and then the end or a pointer
            at += 1 + answer[at]
        at += 12 if answer[at] else 11
        type_of_record, _, _, length = struct.unpack_from("!HHIH", answer, at - 10)
        if type_of_record == kind:
            found.add(ipaddress.ip_address(answer[at : at + length]))
        at += length
    return flags & 0x0F, found


# Stated here, because is_private of ipaddress differs between the versions of Python.
PRIVATE = [*map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))]
PRIVATE += [*map(ipaddress.ip_network, ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"))]
PRIVATE += [*map(ipaddress.ip_network, ("fc00::/7", "fe80::/10", "::1/128"))]
EMBEDDING = [*map(ipaddress.ip_network, ("::ffff:0:0/96", "64:ff9b::/96"))]
"""Networks of IPv6 whose addresses lead to the address of IPv4 at their end."""


def is_private(address: Address) -> bool:
    """Whether the internet has no route to an address."""
    if any(address in network for network in EMBEDDING):
        address = ipaddress.ip_address(address.packed[-4:])
    return any(address in network for network in PRIVATE)


def embeds(address: Address, ip: Address) -> bool:
    """Whether an address is what DNS64 makes of an address of IPv4, under any prefix (RFC 6052)."""
    if (address.version, ip.version) != (6, 4) or address.packed[8]:
        return False
    rest = address.packed[:8] + address.packed[9:]  # the ninth byte is skipped
    starts = (4, 5, 6, 7, 8, 11)  # after a prefix of 32, 40, 48, 56, 64 or 96 bits
    return any(rest[at:] == ip.packed + bytes(11 - at) for at in starts)


def shown(addresses: set[Address]) -> str:
    """The addresses as a reader sees them."""
    return ", ".join(sorted(map(str, addresses)))


def uses_proxy(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether a client reaches a host through a proxy, by the rules of Go, as podman and CRI-O."""
    exempt = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    for entry in map(str.strip, exempt.lower().split(",")):
        name, _, only_port = entry.partition(":")
        matches = host == name or host.endswith("." + re.sub(r"^\*?\.", "", name))
        if entry == "*" or (matches and only_port in ("", str(port))):
            return False
    return bool(environ.get("HTTPS_PROXY") or environ.get("https_proxy"))


Place = tuple[str, Address, "int | None"]  # host, address, and port: None for the options' own


class Answer(NamedTuple):
    """An answer by HTTP, and the host and path that gave it."""

    what: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __str__(self) -> str:
        after = self.headers["Retry-After"]
        return f"{self.what} answers {self.status}" + (f", Retry-After: {after}" if after else "")

    @property
    def is_refusal(self) -> bool:
        """Whether Azure refuses this machine: proxies answer 403 as well, with other content."""
        try:
            errors = json.loads(self.body)["errors"] if self.status == 403 else []
            return any(error["code"] == "DENIED" for error in errors)
        except (ValueError, TypeError, KeyError):
            return False

    @property
    def pause(self) -> float:
        """The seconds to wait before another try, if it asks for one; at least 1."""
        after = self.headers["Retry-After"] or ""
        if date := email.utils.parsedate_tz(after):
            return max(email.utils.mktime_tz(date) - time.time(), 1)
        return max(float(after), 1) if re.fullmatch("[0-9]+", after) else math.inf

    def expect_ok(self, advice: Mapping[int, str], otherwise: str = "") -> Answer:
        """Itself, with the status 200; for another status there is advice."""
        if self.status != 200:
            raise FaultError(str(self), advice.get(self.status, otherwise or NOT_A_REGISTRY))
        return self

    @property
    def token(self) -> str:
        """The token in it, as a request has it."""
        content = json.loads(self.body)
        if not (token := content.get("access_token") or content["token"]):
            raise FaultError(f"{self.what} gives an empty token", NOT_A_REGISTRY)
        return f"Bearer {token}"


class Registry:
    """The registry that the options describe: what is done with it, each check a method."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.fqdn: str = options.fqdn
        self.repository, _, self.tag = str(options.repository or "").partition(":")
        login = base64.b64encode(f"{options.username}:{options.password}".encode())
        self.login = f"Basic {login.decode()}"

    def resolves(self, server: NameServer, host: str, expected: Address) -> Outcome:
        """The host has exactly this address, which is private."""
        found, unknown = look_up(server, host, NO_SUCH_NAME)
        embedding = {address for address in found if embeds(address, expected)}
        meant = {expected if address in embedding else address for address in found}
        if not all(map(is_private, meant)):
            raise FaultError(f"it has {shown(found)}", PUBLIC)
        if meant != {expected}:
            raise FaultError(f"it has {shown(found)}", OTHER_ADDRESS)
        by_dns64 = f"{shown(embedding)} is {expected} by DNS64" if embedding else ""
        return Outcome(OK, "; ".join(filter(None, (by_dns64, unknown))))

    def is_direct(self) -> None:
        """Clients reach the registry and its data endpoints without a proxy, as the checks do."""
        port, environ = self.options.port, self.options.environ
        if hosts := [host for host in self.options.hosts if uses_proxy(host, port, environ)]:
            raise FaultError(f"clients use the proxy of HTTPS_PROXY for {', '.join(hosts)}", PROXY)

    def connects(self) -> None:
        """The private address takes connections."""
        socket.create_connection((str(self.options.ip), self.options.port)).close()

    def encrypts(self, *_: None) -> None:
        """The registry has a trusted certificate for its host name."""
        self._tls(self.fqdn, self.options.ip, self.options.port).close()

    def asks_for_login(self, *_: None) -> dict[str, str]:
        """The registry asks for a token of its own host, by the challenge that is returned."""
        answer = self._get("/v2/")
        if answer.is_refusal:
            raise FaultError(str(answer), FORBIDDEN)
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers["WWW-Authenticate"] or ""))
        realm = urlsplit(challenge.get("realm", ""))
        if answer.status != 401 or (realm.scheme, realm.hostname) != ("https", self.fqdn):
            found = f"{answer}, and the login is at {realm.hostname or 'no host'}"
            raise FaultError(found, NOT_A_REGISTRY)
        return challenge

    def refuses_anonymous(self, challenge: dict[str, str]) -> None:
        """Without a login there is no token, or the registry does not take it for a pull."""
        name = self.repository or "any"  # anonymous pull is on for all repositories, or for none
        answer = self._token(challenge, f"repository:{name}:pull")
        if answer.status in (400, 401, 403, 404):
            return
        token = answer.expect_ok({}).token
        answer = self._get(f"/v2/{name}/manifests/{self.tag or 'latest'}", token)
        if answer.status not in (401, 403):
            raise FaultError(f"with a token for nobody, {answer}", ANONYMOUS)

    def gives_token(self, challenge: dict[str, str]) -> str:
        """The registry gives a token for the password, as it does to ``docker pull``."""
        scope = f"repository:{self.repository}:pull" if self.repository else ""
        answer = self._token(challenge, scope, self.login)
        forbidden = FORBIDDEN if answer.is_refusal else NOT_A_REGISTRY
        return answer.expect_ok({401: LOGIN, 403: forbidden}).token

    def lists_tags(self, challenge: dict[str, str], _: str) -> str:
        """The repository has a tag; the one to pull is returned."""
        # The token is another than for a pull, since not every user may have both.
        answer = self._token(challenge, f"repository:{self.repository}:metadata_read", self.login)
        if answer.status == 200:
            answer = self._get(f"/v2/{self.repository}/tags/list", answer.token)
        if self.tag and answer.status in (401, 403):
            return self.tag  # which is enough for a pull
        tags = json.loads(answer.expect_ok({401: TAGS, 403: TAGS, 404: IMAGE}).body)["tags"]
        if not tags:
            raise FaultError("it has no tag", IMAGE)
        return self.tag or ("latest" if "latest" in tags else tags[0])

    def pulls_layer(self, token: str, tag: str, *_: object) -> Outcome:
        """A layer of the image comes from a data endpoint, whose addresses are private."""
        digest, note = self._blob(token, tag)
        answer = self._get(f"/v2/{self.repository}/blobs/{digest}", token)
        if not 300 <= answer.status < 400:
            answer.expect_ok(NO_IMAGE)
        url = urlsplit(urljoin(f"https://{self.fqdn}", answer.headers["Location"] or ""))
        host = url.hostname or ""  # the registry itself, without a redirect
        name, domain = map(re.escape, self.fqdn.split(".", 1))
        is_usual = re.fullmatch(rf"{name}\.[a-z0-9-]+\.data\.{domain}", host)
        given = self.options.data_endpoints.get(host)
        if url.scheme != "https" or not (given or is_usual):
            found = f"{url.scheme}://{host} has the layer"
            raise FaultError(f"{found}, and is not a data endpoint of the registry", LAYER)
        servers = self.options.name_servers
        ips = {given} if given else set().union(*(look_up(s, host, LAYER)[0] for s in servers))
        if not all(map(is_private, ips)):
            raise FaultError(f"{host} has the layer, and has {shown(ips)}", LAYER)
        path = url._replace(scheme="", netloc="", fragment="").geturl()
        # Without the token, which is for the registry only.
        place = (host, min(ips, key=lambda ip: ip.version), url.port)
        answer = self._get(path, place=place).expect_ok({}, LAYER)
        if "text/html" in (answer.headers["Content-Type"] or ""):
            raise FaultError(f"{host} answers with a page, and not with the layer", NOT_A_REGISTRY)
        return Outcome(OK, note)

    def _blob(self, token: str, reference: str) -> tuple[str, str]:
        """The digest of an image's first layer, and a note; of an index, the first image counts."""
        for _ in range(3):
            path = f"/v2/{self.repository}/manifests/{quote(reference, ':')}"
            content = json.loads(self._get(path, token).expect_ok(NO_IMAGE).body)
            several = content.get("manifests") or content.get("layers")
            part = several[0] if several else content.get("config")
            if not part:
                raise FaultError("the image has no layer", NO_LAYER)
            reference = part["digest"]
            if not content.get("manifests"):
                note = "" if several else "the image has no layer: this is its configuration"
                return quote(reference, ":"), note
        raise FaultError("an index of indexes", NO_LAYER)

    def is_public(self, server: NameServer, host: str) -> Outcome:
        """The host has public addresses, which are returned, and no private one."""
        found, unknown = look_up(server, host, NOT_DEPLOYED)
        if any(map(is_private, found)):
            raise FaultError(f"it has {shown(found)}", INSIDE)
        return Outcome(FAILED if unknown else OK, unknown, NAME_SERVER * bool(unknown), value=found)

    def refuses(self, host: str, ip: Address) -> None:
        """The registry itself refuses this machine at a public address."""
        answer = self._get("/v2/", place=(host, ip, None))
        if not answer.is_refusal:
            asks = answer.status == 401 and self.fqdn in (answer.headers["WWW-Authenticate"] or "")
            raise FaultError(str(answer), OPEN if asks else NO_PROOF)

    def _token(self, challenge: dict[str, str], scope: str, login: str = "") -> Answer:
        """The answer to a request for a token, at the place that the registry names."""
        realm = urlsplit(challenge["realm"])
        query = [("service", challenge.get("service", self.fqdn)), ("scope", scope)]
        place = (self.fqdn, self.options.ip, realm.port)
        path = f"{realm.path}?{urlencode([(name, text) for name, text in query if text])}"
        return self._get(path, login, place)

    def _get(self, path: str, login: str = "", place: Place | None = None) -> Answer:
        """The beginning of the answer to a request, to the registry unless a place is given."""
        host, ip, port = place or (self.fqdn, self.options.ip, None)
        port = port or self.options.port
        connection = http.client.HTTPSConnection(host, port, context=self.options.context)
        connection.sock = self._tls(host, ip, port)
        try:
            headers = {"Accept": ACCEPT, **({"Authorization": login} if login else {})}
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            what = host + path.partition("?")[0]  # what follows may be a secret
            answer = Answer(what, response.status, response.headers, response.read(LARGEST))
        finally:
            connection.close()
        if answer.status == 429 or answer.status >= 500:
            advice = THROTTLED if answer.status == 429 else UNHEALTHY
            raise FaultError(str(answer), advice, answer.pause)
        return answer

    def _tls(self, host: str, ip: Address, port: int) -> ssl.SSLSocket:
        context: ssl.SSLContext = self.options.context
        return context.wrap_socket(socket.create_connection((str(ip), port)), server_hostname=host)


def checks_from_inside(registry: Registry) -> Iterator[Check]:
    """The rows of the table for a machine in the network."""
    options = registry.options
    data = []
    for host, ip in {registry.fqdn: options.ip, **options.data_endpoints}.items():
        for server in options.name_servers:
            work = partial(registry.resolves, server, host, ip)
            check = Check(f"{host} has {ip} ({server.name})", work, NAME_SERVER)
            data += [check] if host != registry.fqdn else []
            yield check
    yield Check("no proxy between", registry.is_direct, PROXY)
    tcp = Check(f"TCP to {options.ip}, port {options.port}", registry.connects, UNREACHABLE)
    tls = Check(f"TLS for {registry.fqdn}", registry.encrypts, CUT, tcp)
    login = Check("GET /v2/ asks for a login", registry.asks_for_login, CUT, tls)
    yield from (tcp, tls, login)
    yield Check("no pull without a login", registry.refuses_anonymous, CUT, login)
    if options.username:
        token = Check("token", registry.gives_token, CUT, login)
        yield token
    if options.repository:
        tags = Check(f"tags of {registry.repository}", registry.lists_tags, CUT, login, token)
        yield tags
        yield Check("layer", registry.pulls_layer, UNREACHABLE, token, tags, *data)


def checks_from_outside(registry: Registry) -> Iterator[Check]:
    """The rows of the table for a machine that the registry must refuse."""
    names: dict[str, list[Check]] = {host: [] for host in registry.options.hosts}
    for host, checks in names.items():
        for server in registry.options.name_servers:
            work = partial(registry.is_public, server, host)
            checks.append(Check(f"{host} has public addresses ({server.name})", work, NAME_SERVER))
        yield from checks
    yield Check("no proxy between", registry.is_direct, PROXY)
    for host, checks in names.items():
        found = set().union(*(each.value or () for each in outcomes(checks)))
        for ip in sorted(found, key=str):
            name = f"{host} refuses this machine at {ip}"
            yield Check(name, partial(registry.refuses, host, ip), NO_PROOF)


def rows(checks: list[Check], options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The rows of the table, once the checks have ended."""
    words = {"hosts": ", ".join(options.hosts), "domain": ".".join(options.fqdn.split(".")[-2:])}
    for check, outcome in zip(checks, outcomes(checks)):
        no_proof = options.from_outside and outcome.result == FAILED and outcome.advice != OPEN
        yield {
            "name": check.name,
            "result": outcome.result,
            "detail": outcome.detail[:300] + ": this proves nothing" * no_proof,
            "advice": " ".join(outcome.advice.format(**words).split()),
            "seconds": outcome.seconds,
        }


def table(rows: list[dict[str, Any]]) -> str:
    """The rows for people, without characters that a terminal would obey."""
    width = max(len(row["name"]) for row in rows)
    lines = []
    for row in rows:
        time_taken = "" if row["result"] == NOT_TRIED else f"{row['seconds']:6.2f} s"
        lines.append(f"{row['name']:{width}}  {row['result']:9}  {time_taken}".rstrip())
        lines += [f"    {text}" for text in (row["detail"], row["advice"]) if text]
    return "\n".join(re.sub(r"[^ -~]", "?", line) for line in lines)


def host_name(text: str) -> str:
    """A host name of several labels, in lower case."""
    text = text.lower()
    if len(text) > 253 or not re.fullmatch(r"([a-z0-9_-]{1,63}\.)+[a-z0-9-]{1,63}", text):
        raise ValueError
    return text


def data_endpoint(text: str) -> tuple[str, Address]:
    """The host name of a data endpoint, and its address."""
    host, _, address = text.partition("=")
    return host_name(host), ipaddress.ip_address(address)


def name_server(text: str) -> NameServer:
    """A name server, with the port 53 unless another is given."""
    parts = re.fullmatch(r"(?:\[(.+)\]|([^:]+))(?::(\d+))?|(.+)", text)
    six, four, given_port, six_alone = parts.groups() if parts else [""] * 4
    address = ipaddress.ip_address(six or four or six_alone)
    return NameServer(text, str(address), urlsplit(f"//:{given_port or 53}").port or 53)


def parser() -> argparse.ArgumentParser:
    """The options as such."""
    result = argparse.ArgumentParser(
        prog="verify.py",
        description="Prove that a container registry is reached by its private addresses only.",
        epilog="Status 0: all checks are ok. 1: a check failed. 2: the checks could not run.",
        allow_abbrev=False,  # --password is not short for --password-file
    )
    add = result.add_argument
    add("--fqdn", type=host_name, metavar="NAME", help="the registry's host name")
    add("--ip", type=ipaddress.ip_address, metavar="ADDRESS", help="its private address")
    host = "the host name and the private address of a data endpoint; repeatable"
    add("--data-endpoint", type=data_endpoint, action="append", metavar="HOST=ADDRESS", help=host)
    outputs = "what terraform output -json prints; - is standard input"
    add("--outputs", metavar="FILE", help=outputs)
    server = "ask this name server, not this machine's; IPv6 in brackets; repeatable"
    add("--name-server", type=name_server, action="append", metavar="ADDRESS[:PORT]", help=server)
    add("--port", type=int, default=443, help="the registry's port; 443")
    add("--ca-file", metavar="FILE", help="trust these certification authorities only (PEM)")
    add("--username", metavar="NAME", help="log in as this user or token")
    add("--password-file", metavar="FILE", help="its password; else the variable REGISTRY_PASSWORD")
    add("--repository", metavar="NAME[:TAG]", help="pull a layer of this image")
    add("--from-outside", action="store_true", help="prove that this machine is refused")
    add("--json", action="store_true", help="print JSON")
    add("--timeout", type=float, default=10, metavar="SECONDS", help="for each check; 10")
    return result


def complete(options: argparse.Namespace) -> Iterator[str]:
    """Add to the options what they refer to; what is wrong or missing is returned."""
    outputs: tuple[Any, Any, list[tuple[str, Address]]] = (None, None, [])
    if options.outputs == "-" and sys.argv[0] == "-":
        yield "--outputs - cannot work: standard input is the program itself. Use --fqdn and --ip."
    elif options.outputs:
        try:
            with sys.stdin if options.outputs == "-" else Path(options.outputs).open() as file:
                outputs = read_outputs(file.read())
        except OSError as error:
            yield f"--outputs cannot be read: {error.strerror}"
        except (ValueError, TypeError, AttributeError, RecursionError):
            yield "--outputs is not what terraform output -json prints of the three outputs"
    fqdn, ip, endpoints = outputs
    options.fqdn, options.ip = options.fqdn or fqdn, options.ip or ip
    options.data_endpoints = dict([*endpoints, *(options.data_endpoint or [])])
    options.hosts = [options.fqdn, *options.data_endpoints]
    pending = "it is null until the registry's owner approves the connection"
    if not options.fqdn:
        yield f"The host name is missing: give --fqdn, or the output registry_fqdn; {pending}."
    if not options.ip and not options.from_outside:
        yield f"The private address is missing: give --ip, or registry_private_ip; {pending}."
    try:
        options.context = ssl.create_default_context(cafile=options.ca_file)
        options.context.minimum_version = ssl.TLSVersion.TLSv1_2
    except OSError as error:
        yield f"--ca-file cannot be read: {error.strerror}"
    if not (0 < options.timeout <= 3600 and 0 < options.port < 65536):
        yield "--timeout takes seconds, up to an hour, and --port the number of a port."
    options.name_servers = [*dict.fromkeys(options.name_server or own_name_servers())]


def read_outputs(text: str) -> tuple[Any, Any, list[tuple[str, Address]]]:
    """The registry's name and address, and those of its data endpoints, where they have values."""
    outputs = json.loads(text)
    names = ("registry_fqdn", "registry_private_ip", "registry_data_endpoints")
    fqdn, ip, endpoints = ((outputs.get(name) or {}).get("value") for name in names)
    pairs = [data_endpoint(f"{host}={address}") for host, address in (endpoints or {}).items()]
    return fqdn and host_name(fqdn), ip and ipaddress.ip_address(ip), pairs


def complete_login(options: argparse.Namespace) -> Iterator[str]:
    """Add the password to the options; what is wrong or missing is returned."""
    options.password = options.environ.get("REGISTRY_PASSWORD")
    if options.password_file:
        try:
            options.password = Path(options.password_file).read_text("utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            yield f"--password-file cannot be read: {getattr(error, 'strerror', 'it is not text')}"
    image = r"[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_.-]{1,128})?"
    if not re.fullmatch(image, options.repository or "image"):
        yield "--repository is not the name of a repository, or NAME:TAG."
    if not options.username and (options.password_file or options.repository):
        yield "--password-file and --repository need --username."
    if options.username and not options.password:
        yield "--username needs a password, in --password-file or the variable REGISTRY_PASSWORD."
    if options.username and options.from_outside:
        yield "--username is not for --from-outside, where no password is sent."


def own_name_servers() -> list[NameServer]:
    """The name servers of this machine, or the system's resolver where no file names them."""
    text = RESOLV_CONF.read_text(errors="replace") if RESOLV_CONF.is_file() else ""
    lines = [[*line.split(), "", ""] for line in text.splitlines()]
    tcp_only = any(line[0] == "options" and "use-vc" in line for line in lines)
    found = dict.fromkeys(line[1] for line in lines if line[0] == "nameserver" and line[1])
    return [NameServer(address, address, tcp_only=tcp_only) for address in found] or [SYSTEM]


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run the checks, print the table, and return the exit status."""
    options, unknown = parser().parse_known_args(arguments)
    options.environ = environ
    # Without their values, one of which may be a password.
    names = [re.match("--[a-z-]+", each) for each in unknown]
    problems = [f"unknown option {name.group()}" if name else "unknown argument" for name in names]
    problems += [*complete(options), *complete_login(options)]
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 2
    checks_of = checks_from_outside if options.from_outside else checks_from_inside
    checks = []
    for check in checks_of(Registry(options)):  # which may wait for those before
        threading.Thread(target=check.run, args=[options.timeout], daemon=True).start()
        checks.append(check)
    found = list(rows(checks, options))
    try:
        print(json.dumps(found, indent=2) if options.json else table(found), flush=True)
    except BrokenPipeError:  # its reader has seen enough; Python would report it again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(any(row["result"] == FAILED for row in found))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
