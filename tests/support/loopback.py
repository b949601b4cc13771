"""A registry and name servers on loopback, at several addresses of both families, by TLS."""

from __future__ import annotations

import base64
import contextlib
import datetime
import ipaddress
import json
import socket
import ssl
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FQDN = "acr12345.azurecr.io"
DATA = "acr12345.eastus.data.azurecr.io"
LOOPBACK, SECOND, SIX = "127.0.0.1", "127.0.0.2", "::1"
USER, PASSWORD, TOKEN = "pull", "correct horse battery staple", "header.payload.signature"
LAYER = "sha256:" + "a" * 64
IMAGE = "sha256:" + "b" * 64
BLOB = "/layer?sig=signature"

A, CNAME, AAAA = 1, 5, 28
CODES = {"SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}


class Authority:
    """A certification authority of the test's own."""

    def __init__(self, folder: Path) -> None:
        """Create its key and its certificate in the folder."""
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test")])
        certificate = self._sign(self._name, self._key.public_key(), [], authority=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, *names: str, days: int = 1) -> ssl.SSLContext:
        """TLS of a server with a certificate for these names; with negative days, it is expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([])
        certificate = self._sign(subject, key.public_key(), [*names], days=days)
        file = self.folder / "server.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        names: list[str],
        *,
        authority: bool = False,
        days: int = 1,
    ) -> x509.Certificate:
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        own = self._key.public_key()
        builder = (
            x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number())
            .not_valid_before(end - datetime.timedelta(days=30))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(own), critical=False)
        )
        if authority:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            builder = builder.add_extension(hosts, critical=True)
        return builder.sign(self._key, hashes.SHA256())


Record = tuple[str, int, str]
"""The owner of a DNS record, its type, and its address or the name that it leads to."""


def wire(name: str) -> bytes:
    """A name as DNS writes it."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_answer(query: bytes, records: list[Record], code: int = 0, flags: int = 0x8180) -> bytes:
    """An answer to a query, with the records that the query asks for."""
    question = query[12:]
    (kind,) = struct.unpack("!H", question[-4:-2])
    body, count = b"", 0
    for owner, record, value in records:
        if record in (kind, CNAME):
            data = wire(value) if record == CNAME else ipaddress.ip_address(value).packed
            # The name of the question by a pointer, as real servers do.
            name = b"\xc0\x0c" if wire(owner) == question[:-4] else wire(owner)
            body += name + struct.pack("!HHIH", record, 1, 10, len(data)) + data
            count += 1
    return query[:2] + struct.pack("!5H", flags | code, 1, count, 0, 0) + question + body


def private_records(host: str, *addresses: str) -> list[Record]:
    """The records of a host as Azure answers them: an alias in the private zone, and addresses."""
    alias = host.replace(".azurecr.io", ".privatelink.azurecr.io")
    kinds = [(each, AAAA if ":" in each else A) for each in addresses]
    return [(host, CNAME, alias), *((alias, kind, each) for each, kind in kinds)]


class NameServer:
    """A DNS server on loopback, by UDP and TCP.

    ``answer`` returns the datagrams that answer a query by UDP, and ``answer_tcp`` the answer by
    TCP. By default both say what ``records`` has, or that there is no such name; for the types of
    records in ``errors``, they have that code.
    """

    def __init__(self) -> None:
        """Listen, on a port of the system's choice."""
        self.reset()
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._tcp = socket.create_server((LOOPBACK, 0))
        self.address = self._tcp.getsockname()
        self._udp.bind(self.address)
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def reset(self) -> None:
        """Make everything right again."""
        self.records = {host: private_records(host, LOOPBACK) for host in (FQDN, DATA)}
        self.errors: dict[int, int] = {}
        self.asked_by: set[str] = set()
        self.answer: Callable[[bytes], list[bytes]] = lambda query: [self.answer_tcp(query)]

    def answer_tcp(self, query: bytes) -> bytes:
        """The plain answer to a query."""
        (host,) = [host for host in self.records if wire(host) == query[12:-4]] or [""]
        code = self.errors.get(query[-3], 0 if host else CODES["NXDOMAIN"])
        return dns_answer(query, [] if code else self.records[host], code)

    def _serve_udp(self) -> None:
        while True:
            query, client = self._udp.recvfrom(512)
            self.asked_by.add("UDP")
            for datagram in self.answer(query):
                self._udp.sendto(datagram, client)

    def _serve_tcp(self) -> None:
        while True:
            client, _ = self._tcp.accept()
            with client:
                self.asked_by.add("TCP")
                (length,) = struct.unpack("!H", client.recv(2))
                answer = self.answer_tcp(client.recv(length))
                client.sendall(struct.pack("!H", len(answer)) + answer)


class Request:
    """A request to the registry, or to its data endpoint."""

    def __init__(self, text: str, address: str) -> None:
        """Read the request's first line and its headers, which came to this address."""
        self.address = address
        first, *headers = text.splitlines()
        self.path, _, self.query = first.split()[1].partition("?")
        self.headers = dict(line.split(": ", 1) for line in headers if line)
        self.host = self.headers["Host"].partition(":")[0]


def answer(status: int, body: object = None, **headers: str) -> list[bytes]:
    """An HTTP answer with a JSON body, or with a page; ``_`` in a header's name is ``-``."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers["Content_Length"] = str(len(content))
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return [f"HTTP/1.1 {status} Answer\r\n{''.join(lines)}\r\n".encode(), content]


def refusal() -> list[bytes]:
    """The answer of a registry that does not take connections from a client's address."""
    message = "client with IP '20.0.0.1' is not allowed access. Refer https://aka.ms/acr/firewall"
    return answer(403, {"errors": [{"code": "DENIED", "message": f"{message} to grant access."}]})


REALM = f"https://{FQDN}/oauth2/token"


def challenge(realm: str, status: int = 401) -> list[bytes]:
    """The answer that asks for a token of a realm."""
    login = f'Bearer realm="{realm}",service="{FQDN}"'
    return answer(status, {"errors": []}, Www_Authenticate=login)


Handler = Callable[[Request], Iterable[bytes]]
PULL, LIST = "repository:team/app:pull", "repository:team/app:metadata_read"


class Registry:
    """A registry that holds the image ``team/app:1.0``, and its data endpoint, by HTTPS.

    It is at three addresses, and takes requests without TLS, too. ``answers`` has a function for
    each host and path, which returns the parts of an answer. Without a ``context`` for TLS,
    connections are reset.
    """

    def __init__(self, authority: Authority) -> None:
        """Listen, on a port of the system's choice."""
        self._right = authority.context(FQDN, DATA)
        self.port = 0
        self.reset()
        for address in (LOOPBACK, SECOND, SIX):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            listening = socket.create_server((address, self.port), family=family)
            self.port = listening.getsockname()[1]
            threading.Thread(target=self._serve, args=[listening], daemon=True).start()

    def reset(self) -> None:
        """Make everything right again."""
        self.context: ssl.SSLContext | None = self._right
        self.requests: list[Request] = []
        self.scopes = {PULL, LIST}
        manifest = {"layers": [{"digest": LAYER}]}
        index = {"manifests": [{"digest": IMAGE}]}
        repository = f"{FQDN}/v2/team/app"
        self.answers: dict[str, Handler] = {
            f"{FQDN}/v2/": lambda _: challenge(REALM),
            f"{FQDN}/oauth2/token": self._token,
            f"{repository}/tags/list": self._login(LIST, lambda _: answer(200, {"tags": ["1.0"]})),
            f"{repository}/manifests/1.0": self._login(PULL, lambda _: answer(200, index)),
            f"{repository}/manifests/{IMAGE}": self._login(PULL, lambda _: answer(200, manifest)),
            f"{repository}/blobs/{LAYER}": self._login(
                PULL, lambda _: answer(307, Location=f"https://{DATA}:{self.port}{BLOB}")
            ),
            f"{DATA}/layer": lambda _: answer(200, "layer"),
        }

    def _token(self, request: Request) -> list[bytes]:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        query = urllib.parse.parse_qs(request.query)
        known = request.headers.get("Authorization") == f"Basic {login}"
        scopes = " ".join(query.get("scope", []))
        right = query["service"] == [FQDN] and scopes in ("", *self.scopes)
        return answer(200, {"access_token": TOKEN + scopes}) if known and right else answer(401)

    def _login(self, scope: str, handler: Handler) -> Handler:
        def handle(request: Request) -> Iterable[bytes]:
            known = request.headers.get("Authorization") == f"Bearer {TOKEN}{scope}"
            return handler(request) if known else answer(401)

        return handle

    def _serve(self, listening: socket.socket) -> None:
        while True:
            client, _ = listening.accept()
            threading.Thread(target=self._handle, args=[client], daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        address = client.getsockname()[0]
        with contextlib.suppress(OSError), client:
            begin = client.recv(1, socket.MSG_PEEK)
            if not self.context:  # as a firewall does that has read the host's name
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif begin == b"G":  # a request without TLS
                self._serve_client(client, address)
            elif begin:
                with self.context.wrap_socket(client, True) as stream:
                    self._serve_client(stream, address)

    def _serve_client(self, stream: socket.socket, address: str) -> None:
        text = b""
        while not text.endswith(b"\r\n\r\n"):
            if not (more := stream.recv(65536)):
                return
            text += more
        request = Request(text.decode(), address)
        self.requests.append(request)
        handler = self.answers.get(request.host + request.path)
        for part in handler(request) if handler else answer(404):
            stream.sendall(part)
