#!/usr/bin/env python3
"""Prove that a container registry is reached by its private addresses, and only by them.

One file for Python 3.9 and later, without other packages, so that it runs where the network is: on
a host, or piped into a pod. docs/cluster.md shows how, and explains what is reported.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import ipaddress
import json
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
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Union
from urllib.parse import quote, urlencode, urljoin, urlsplit

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

OK, FAILED, NOT_TRIED = "ok", "failed", "not tried"
FQDN, IP, DATA_ENDPOINTS = "registry_fqdn", "registry_private_ip", "registry_data_endpoints"

# Stated here, because is_private of ipaddress differs between the versions of Python.
PRIVATE = [*map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))]
PRIVATE += [*map(ipaddress.ip_network, ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"))]
PRIVATE += [*map(ipaddress.ip_network, ("fc00::/7", "fe80::/10", "::1/128"))]

ACCEPT = (
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, */*"
)
LARGEST = 4 * 1024 * 1024
"""The most bytes that are read of an answer; the largest manifest that Azure takes has as many."""

# What to do, by what is wrong.
PUBLIC = """The name server does not see the private DNS zone. Link the zone privatelink.azurecr.io
to the network of this machine. A DNS server of your own must forward azurecr.io to 168.63.129.16,
from a network that is linked to the zone."""
OTHER_ADDRESS = """The private DNS zone has another address than the private endpoint. Another
endpoint to the registry overwrote the record, or a deleted one left it: let the DNS zone group
write it again. If the endpoint is new, take the addresses from Terraform's outputs again."""
NO_SUCH_NAME = """The private DNS zone has no record of this name: look at the private endpoint's
DNS zone group. If the name is another registry's, the zone hides it: add its record to the zone, or
set resolution_policy of the zone's link to NxDomainRedirect."""
NAME_SERVER = """The name server cannot be used from here. Check its address, that UDP and TCP to
its port are allowed, and that it forwards azurecr.io to 168.63.129.16."""
UNREACHABLE = """A security group, a route, or the network policies of the endpoint's subnet stop
the connection. Allow TCP from this network to the private endpoint; peer another network with the
endpoint's, and check its route tables and firewall."""
CUT = """Something between takes the connection and drops what follows: a firewall that filters by
host name (allow the registry's), a route on which answers take another way, or a security group."""
OTHER_NAME = """A proxy between answers with a certificate for another name. Exempt the registry and
its data endpoints from the proxy."""
UNTRUSTED = """A proxy between signs the connection anew, or this machine lacks the public
certification authorities. Exempt the registry from the proxy, or give --ca-file."""
EXPIRED = """Check the clock of this machine. If it is right, a proxy between has an old
certificate."""
FORBIDDEN = """The registry refuses this network. Approve the private endpoint's connection if it is
pending; otherwise this is not an allowed network: connect through the private endpoint."""
NOT_A_REGISTRY = """What answers is not the registry, or the registry is not healthy. Look for a
proxy between, and at the registry's health in Azure."""
LOGIN = """The user name or the password is wrong, the password has expired, or the token is
disabled. Generate a new password."""
IMAGE = "Check the names of the repository and of the tag, and that the user may pull from it."
TAGS = """Name a tag by --repository NAME:TAG. Listing tags takes metadata/read in the token's scope
map, which a token that only pulls does not have."""
LAYER = """Layers must come from a data endpoint of the registry, by its private address. Check that
the private endpoint and the private DNS zone have an address for each region's data endpoint."""
INSIDE = "This machine sees the private DNS zone. Run this check outside of the network."
OPEN = "The registry lets this machine log in. Set public_network_access_enabled to false."
NO_PROOF = """This proves nothing, because this machine did not reach the registry's public address.
Run this check where the internet is reachable without a proxy."""


class FaultError(Exception):
    """What a check found wrong, and what to do about it."""


class Outcome(NamedTuple):
    """How a check ended, and the value that it hands to the checks that need it."""

    result: str
    detail: str = ""
    advice: str = ""
    seconds: float = 0
    value: Any = None


class Check:
    """A row of the table.

    ``work`` is called with the values of the checks that it needs, once all of these are ok, and
    returns a value of its own. ``advice`` is for the faults that ``work`` has no better advice for.
    """

    def __init__(self, name: str, work: Callable[..., Any], advice: str, *needs: Check) -> None:
        self.name, self.work, self.advice, self.needs = name, work, advice, needs
        self.outcome: Future[Outcome] = Future()

    def run(self, seconds: float) -> None:
        """Set the outcome, at most this time after the checks that it needs."""
        needed = [check.outcome.result() for check in self.needs]
        blocking = [each.name for each in self.needs if each.outcome.result().result != OK]
        if blocking:
            self.outcome.set_result(Outcome(NOT_TRIED, f'needs "{blocking[0]}"'))
            return
        start, box = time.monotonic(), queue.Queue[Outcome]()
        values = [outcome.value for outcome in needed]
        # In a thread that may be left behind: no time-out of a socket stops a server that drips.
        threading.Thread(target=lambda: box.put(self._try(values)), daemon=True).start()
        try:
            outcome = box.get(timeout=seconds)
        except queue.Empty:
            outcome = failed(f"no answer within {seconds:g} s", self.advice)
        self.outcome.set_result(outcome._replace(seconds=round(time.monotonic() - start, 3)))

    def _try(self, values: list[Any]) -> Outcome:
        try:
            return Outcome(OK, value=self.work(*values))
        except FaultError as fault:
            found, advice = fault.args
        except ssl.SSLCertVerificationError as error:
            found = error.verify_message
            advice = {9: EXPIRED, 10: EXPIRED, 62: OTHER_NAME}.get(error.verify_code, UNTRUSTED)
        except OSError as error:
            found, advice = error.strerror or "no answer", self.advice
        except Exception as error:  # a hostile answer; the text of the error may hold a password
            found, advice = f"an unreadable answer ({type(error).__name__})", self.advice
        return failed(found, advice)


def failed(found: str, advice: str) -> Outcome:
    """The outcome of a failed check, with texts of one line each."""
    return Outcome(FAILED, found[:300], " ".join(advice.split()))


class NameServer(NamedTuple):
    """A name server, with the name that the table shows."""

    name: str
    address: str
    port: int = 53


SYSTEM = NameServer("the system's resolver", "")


def look_up(server: NameServer, host: str) -> set[Address]:
    """The addresses of a host, IPv4 and IPv6; a host without any is a fault."""
    codes: list[int] = []
    found: set[str] = set()
    try:
        if server is SYSTEM:
            found = {str(each[4][0]) for each in socket.getaddrinfo(host, None)}
    except socket.gaierror as error:
        codes.append(2 if error.errno in (socket.EAI_AGAIN, socket.EAI_FAIL) else 3)
    for kind in () if server is SYSTEM else (1, 28):  # A and AAAA
        code, addresses = read(ask(server, host, kind), host, kind)
        codes.append(code)
        found |= addresses
    if set(codes) - {0, 3}:
        raise FaultError(f"error {max(codes)} from the name server", NAME_SERVER)
    if not found:
        raise FaultError("no such name" if 3 in codes else "no address", NO_SUCH_NAME)
    return set(map(ipaddress.ip_address, found))


def ask(server: NameServer, host: str, kind: int) -> bytes:
    """A name server's answer by UDP, or by TCP if it is too long for that."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in host.split("."))
    query = struct.pack("!6H", secrets.randbits(16), 0x0100, 1, 0, 0, 0)
    query += labels + struct.pack("!BHH", 0, kind, 1)
    place = socket.getaddrinfo(server.address, server.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(place[0], socket.SOCK_DGRAM) as udp:
        udp.connect(place[4])
        udp.settimeout(1)
        udp.send(query)
        answer = b""
        while answer[:2] != query[:2]:  # an answer to something else
            try:
                answer = udp.recv(65535)
            except socket.timeout:
                udp.send(query)  # a datagram may be lost
    if not answer[2] & 0x02:  # not truncated
        return answer
    with socket.create_connection((server.address, server.port)) as tcp:
        tcp.sendall(struct.pack("!H", len(query)) + query)
        stream = tcp.makefile("rb")
        return stream.read(struct.unpack("!H", stream.read(2))[0])


def read(answer: bytes, host: str, kind: int) -> tuple[int, set[str]]:
    """The code of an answer, and the addresses at the end of the host's chain of aliases."""
    _, flags, questions, records = struct.unpack_from("!4H", answer)
    aliases: dict[str, str] = {}
    addresses: dict[str, set[str]] = {}
    at = 12
    for _ in range(questions):
        at = read_name(answer, at)[1] + 4
    for _ in range(records):
        owner, at = read_name(answer, at)
        type_of_record, _, _, length = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if type_of_record == 5:  # CNAME
            aliases[owner] = read_name(answer, at)[0]
        elif type_of_record == kind:
            address = str(ipaddress.ip_address(answer[at : at + length]))
            addresses.setdefault(owner, set()).add(address)
        at += length
    while host in aliases:
        host = aliases.pop(host)  # each once: a loop of aliases ends
    return flags & 0x0F, addresses.get(host, set())


def read_name(answer: bytes, at: int) -> tuple[str, int]:
    """The name at an offset, and the offset after it. A pointer that leads forwards is refused."""
    labels, after, lowest = "", 0, at
    while length := answer[at]:
        if length >= 0xC0:
            after = after or at + 2
            at = struct.unpack_from("!H", answer, at)[0] & 0x3FFF
        else:
            labels += answer[at + 1 : at + 1 + length].decode("latin-1").lower() + "."
            at += 1 + length
        if (length >= 0xC0 and at >= lowest) or len(labels) > 255:
            raise ValueError
        lowest = min(at, lowest)
    return labels[:-1], after or at + 1


Place = tuple[str, Address, "int | None"]
"""A host name, an address that it has, and a port unless it is that of the options."""


class Answer(NamedTuple):
    """An answer by HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Registry:
    """The registry that the options describe: what is done with it, each check a method."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.fqdn: str = options.fqdn
        self.repository, _, self.tag = str(options.repository or "").partition(":")

    def resolves(self, server: NameServer, host: str, expected: Address) -> None:
        """The host has exactly this address, which is private."""
        found = look_up(server, host)
        if not are_private(found):
            raise FaultError(f"it has {shown(found)}", PUBLIC)
        if found != {expected}:
            raise FaultError(f"it has {shown(found)}", OTHER_ADDRESS)

    def connects(self) -> None:
        """The private address takes connections."""
        self._tcp(self.options.ip, self.options.port).close()

    def encrypts(self, *_: None) -> None:
        """The registry has a trusted certificate for its host name."""
        self._tls(self.fqdn, self.options.ip, self.options.port).close()

    def asks_for_login(self, *_: None) -> dict[str, str]:
        """The registry asks for a token of its own host, by the challenge that is returned."""
        answer = self._get("/v2/")
        if answer.status == 403:
            raise FaultError("it answers 403", FORBIDDEN)
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers["WWW-Authenticate"] or ""))
        realm = urlsplit(challenge.get("realm", ""))
        if answer.status != 401 or (realm.scheme, realm.hostname) != ("https", self.fqdn):
            found = f"it answers {answer.status}, and the login is at {realm.hostname or 'no host'}"
            raise FaultError(found, NOT_A_REGISTRY)
        return challenge

    def gives_token(self, challenge: dict[str, str]) -> str:
        """The registry gives a token for the password, as it does to ``docker pull``."""
        realm = urlsplit(challenge["realm"])
        query = {"service": challenge.get("service", self.fqdn)}
        if self.repository:
            query["scope"] = f"repository:{self.repository}:pull"
        login = base64.b64encode(f"{self.options.username}:{self.options.password}".encode())
        path = f"{realm.path}?{urlencode(query)}"
        place = (self.fqdn, self.options.ip, realm.port)
        answer = self._get(path, f"Basic {login.decode()}", place)
        if answer.status != 200:
            advice = FORBIDDEN if answer.status == 403 else LOGIN
            raise FaultError(f"it answers {answer.status}", advice)
        content = json.loads(answer.body)
        return f"Bearer {content.get('access_token') or content['token']}"

    def lists_tags(self, token: str) -> str:
        """The repository has a tag; the one to pull is returned."""
        answer = self._get(f"/v2/{self.repository}/tags/list", token)
        if answer.status in (401, 403) and self.tag:
            return self.tag  # which is enough for a pull, and a token that only pulls may no more
        if answer.status != 200:
            advice = TAGS if answer.status in (401, 403) else IMAGE
            raise FaultError(f"it answers {answer.status}", advice)
        tags = json.loads(answer.body)["tags"]
        if not tags:
            raise FaultError("it has no tag", IMAGE)
        return self.tag or ("latest" if "latest" in tags else tags[0])

    def pulls_layer(self, token: str, tag: str, *_: None) -> None:
        """A layer of the image comes from another host, whose addresses are private."""
        answer = self._get(f"/v2/{self.repository}/blobs/{self._layer(token, tag)}", token)
        url = urlsplit(urljoin(f"https://{self.fqdn}", answer.headers["Location"] or ""))
        host = url.hostname or ""
        if url.scheme != "https" or host == self.fqdn:  # which it is without a redirect
            found = f"it answers {answer.status}, and leads to {url.scheme}://{host}"
            raise FaultError(found, LAYER)
        addresses = set().union(*(look_up(each, host) for each in self.options.name_servers))
        if not are_private(addresses):
            raise FaultError(f"it comes from {host}, which has {shown(addresses)}", LAYER)
        path = url._replace(scheme="", netloc="", fragment="").geturl()
        # Without the token, which is for the registry only.
        answer = self._get(path, place=(host, first(addresses), url.port))
        if answer.status != 200:
            raise FaultError(f"{host} answers {answer.status}", LAYER)

    def _layer(self, token: str, reference: str) -> str:
        """The digest of an image's first layer; of an index, the first image counts."""
        for _ in range(3):
            path = f"/v2/{self.repository}/manifests/{quote(reference, ':')}"
            answer = self._get(path, token)
            if answer.status != 200:
                raise FaultError(f"the manifest answers {answer.status}", IMAGE)
            content = json.loads(answer.body)
            reference = quote((content.get("manifests") or content["layers"])[0]["digest"], ":")
            if not content.get("manifests"):
                return reference
        raise FaultError("an index of indexes", IMAGE)

    def resolves_publicly(self, server: NameServer) -> Address:
        """The host name has public addresses, of which one is returned, and no private one."""
        found = look_up(server, self.fqdn)
        if any(are_private({each}) for each in found):
            raise FaultError(f"it has {shown(found)}", INSIDE)
        return first(found)

    def refuses(self, ip: Address, *_: Address) -> None:
        """The registry's public address refuses this machine."""
        try:
            status = self._get("/v2/", place=(self.fqdn, ip, None)).status
        except ConnectionRefusedError:
            return
        if status != 403:
            raise FaultError(f"it answers {status}", OPEN if status in (200, 401) else NO_PROOF)

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
            return Answer(response.status, response.headers, response.read(LARGEST))
        finally:
            connection.close()

    def _tls(self, host: str, ip: Address, port: int) -> ssl.SSLSocket:
        context: ssl.SSLContext = self.options.context
        return context.wrap_socket(self._tcp(ip, port), server_hostname=host)

    def _tcp(self, ip: Address, port: int) -> socket.socket:
        return socket.create_connection((str(ip), port))


def are_private(addresses: set[Address]) -> bool:
    """Whether the internet has no route to any of the addresses."""
    plain = [getattr(address, "ipv4_mapped", None) or address for address in addresses]
    return all(any(address in network for network in PRIVATE) for address in plain)


def first(addresses: set[Address]) -> Address:
    """One of the addresses, always the same, and IPv4 if there is one."""
    return min(addresses, key=lambda address: (address.version, int(address)))


def shown(addresses: set[Address]) -> str:
    """The addresses as a reader sees them."""
    return ", ".join(sorted(map(str, addresses)))


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
    tcp = Check(f"TCP to {options.ip}, port {options.port}", registry.connects, UNREACHABLE)
    tls = Check(f"TLS for {registry.fqdn}", registry.encrypts, CUT, tcp)
    login = Check("GET /v2/ asks for a login", registry.asks_for_login, NOT_A_REGISTRY, tls)
    yield from (tcp, tls, login)
    if options.username:
        token = Check("token", registry.gives_token, NOT_A_REGISTRY, login)
        yield token
    if options.repository:
        tags = Check(f"tags of {registry.repository}", registry.lists_tags, NOT_A_REGISTRY, token)
        yield tags
        yield Check("layer", registry.pulls_layer, UNREACHABLE, token, tags, *data)


def checks_from_outside(registry: Registry) -> Iterator[Check]:
    """The rows of the table for a machine that the registry must refuse."""
    names = []
    for server in registry.options.name_servers:
        work = partial(registry.resolves_publicly, server)
        name = f"{registry.fqdn} has public addresses ({server.name})"
        names.append(Check(name, work, NAME_SERVER))
    yield from names
    yield Check("GET /v2/ is refused", registry.refuses, NO_PROOF, *names)


def table(checks: list[Check]) -> str:
    """The rows for people, without characters that a terminal would obey."""
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        outcome = check.outcome.result()
        time_taken = "" if outcome.result == NOT_TRIED else f"{outcome.seconds:6.2f} s"
        lines.append(f"{check.name:{width}}  {outcome.result:9}  {time_taken}".rstrip())
        lines += [f"    {text}" for text in (outcome.detail, outcome.advice) if text]
    return "\n".join(re.sub(r"[^ -~]", "?", line) for line in lines)


def table_json(checks: list[Check]) -> str:
    """The rows for programs."""
    rows = [{"name": check.name, **check.outcome.result()._asdict()} for check in checks]
    return json.dumps([{key: row[key] for key in row if key != "value"} for row in rows], indent=2)


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


def port(text: str) -> int:
    """The number of a port."""
    if int(text) not in range(1, 65536):
        raise ValueError
    return int(text)


def name_server(text: str) -> NameServer:
    """A name server, with the port 53 unless another is given."""
    parts = re.fullmatch(r"(?:\[(.+)\]|([^:]+))(?::(\d+))?|(.+)", text)
    six, four, given_port, six_alone = parts.groups() if parts else [""] * 4
    address = ipaddress.ip_address(six or four or six_alone)
    return NameServer(text, str(address), port(given_port or "53"))


def seconds(text: str) -> float:
    """A time of up to an hour."""
    if not 0 < float(text) <= 3600:
        raise ValueError
    return float(text)


def repository(text: str) -> str:
    """The name of a repository, and perhaps a tag."""
    if not re.fullmatch(r"[a-z0-9]+([._/-]+[a-z0-9]+)*(:[A-Za-z0-9_.-]{1,128})?", text):
        raise ValueError
    return text


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
    outputs = f"what terraform output -json prints of {FQDN}, {IP} and {DATA_ENDPOINTS}"
    add("--outputs", metavar="FILE", help=f"{outputs}; - is standard input")
    server = "ask this name server, not this machine's; IPv6 in brackets; repeatable"
    add("--name-server", type=name_server, action="append", metavar="ADDRESS[:PORT]", help=server)
    add("--port", type=port, default=443, help="the registry's port; 443")
    add("--ca-file", metavar="FILE", help="trust these certification authorities only (PEM)")
    add("--username", metavar="NAME", help="log in as this user or token")
    add("--password-file", metavar="FILE", help="its password; else the variable REGISTRY_PASSWORD")
    add("--repository", type=repository, metavar="NAME[:TAG]", help="pull a layer of this image")
    add("--from-outside", action="store_true", help="prove that this machine is refused")
    add("--json", action="store_true", help="print JSON")
    add("--timeout", type=seconds, default=10, metavar="SECONDS", help="for each check; 10")
    return result


def complete(options: argparse.Namespace) -> Iterator[str]:
    """Add to the options what they refer to; what is wrong or missing is returned."""
    outputs: dict[str, Any] = {}
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
    options.fqdn, options.ip = options.fqdn or outputs.get(FQDN), options.ip or outputs.get(IP)
    options.data_endpoints = {**outputs.get(DATA_ENDPOINTS, {})}
    options.data_endpoints.update(options.data_endpoint or {})
    pending = "it is null until the registry's owner approves the connection"
    if not options.fqdn:
        yield f"The host name is missing: give --fqdn, or the output {FQDN}; {pending}."
    if not options.ip and not options.from_outside:
        yield f"The private address is missing: give --ip, or the output {IP}; {pending}."
    try:
        options.context = ssl.create_default_context(cafile=options.ca_file)
        options.context.minimum_version = ssl.TLSVersion.TLSv1_2
    except OSError as error:
        yield f"--ca-file cannot be read: {error.strerror}"
    options.name_servers = [*dict.fromkeys(options.name_server or own_name_servers())]


def read_outputs(text: str) -> dict[str, Any]:
    """The three outputs, from an object of all outputs or from the value of each.

    Terraform prints a value without its name; its form tells which output it is.
    """
    values: dict[str, Any] = {}
    while text := text.strip():
        content, end = json.JSONDecoder().raw_decode(text)
        text = text[end:]
        if isinstance(content, str):
            content = {IP if re.fullmatch("[0-9.]+|.*:.*", content) else FQDN: content}
        elif content and all("." in key for key in content):
            content = {DATA_ENDPOINTS: content}
        for name in {FQDN, IP, DATA_ENDPOINTS} & set(content or {}):
            output = content[name]
            value = output["value"] if isinstance(output, dict) and "value" in output else output
            values.update({name: value} if value else {})
    endpoints = values.pop(DATA_ENDPOINTS, {}).items()
    types: dict[str, Callable[[str], Any]] = {FQDN: host_name, IP: ipaddress.ip_address}
    return {
        DATA_ENDPOINTS: dict(data_endpoint(f"{host}={address}") for host, address in endpoints),
        **{name: types[name](value) for name, value in values.items()},
    }


def complete_login(options: argparse.Namespace) -> Iterator[str]:
    """Add the password to the options; what is wrong or missing is returned."""
    options.password = os.environ.get("REGISTRY_PASSWORD")
    if options.password_file:
        try:
            options.password = Path(options.password_file).read_text("utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            yield f"--password-file cannot be read: {getattr(error, 'strerror', 'it is not text')}"
    if not options.username and (options.password_file or options.repository):
        yield "--password-file and --repository need --username."
    if options.username and not options.password:
        yield "--username needs a password, in --password-file or the variable REGISTRY_PASSWORD."
    if options.username and options.from_outside:
        yield "--username is not for --from-outside, where no password is sent."


def own_name_servers() -> list[NameServer]:
    """The name servers of this machine, or the system's resolver where no file names them."""
    file = Path("/etc/resolv.conf")
    text = file.read_text(errors="replace") if file.is_file() else ""
    found = dict.fromkeys(re.findall(r"^\s*nameserver\s+(\S+)", text, re.MULTILINE))
    return [NameServer(address, address) for address in found] or [SYSTEM]


def main() -> int:
    """Run the checks side by side, print the table, and return the exit status."""
    options, unknown = parser().parse_known_args()
    # Without their values, one of which may be a password.
    names = [re.match("--[a-z-]+", each) for each in unknown]
    problems = [f"unknown option {name.group()}" if name else "unknown argument" for name in names]
    problems += [*complete(options), *complete_login(options)]
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 2
    checks_of = checks_from_outside if options.from_outside else checks_from_inside
    checks = list(checks_of(Registry(options)))
    for check in checks:
        threading.Thread(target=check.run, args=[options.timeout], daemon=True).start()
    print(table_json(checks) if options.json else table(checks))
    return int(any(check.outcome.result().result == FAILED for check in checks))


if __name__ == "__main__":
    sys.exit(main())
