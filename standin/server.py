"""Serves the provider to Terraform: as a process of its own, or in the process that asks for it."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

# The packages have no types (see pyproject.toml), so all their objects are Any.
import grpc
import tf.provider
import tf.runner
from tf.gen import tfplugin_pb2_grpc as rpc

from . import REGISTRIES
from .provider import Servicer

PARALLELISM: Final = 10
"""How many requests are answered at a time: as many as Terraform sends."""


@contextmanager
def served(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Serves a provider in this process, and returns the variable for Terraform to use it.

    Terraform starts no process then, and `terraform init` installs and locks no provider, so that
    no version is selected: `STANDIN_VERSION` is the one that the stack requires. `environ` is the
    environment that a provider process would have; it may change between commands.
    """
    servicers = _Servicers(environ)
    with ThreadPoolExecutor(PARALLELISM) as pool:
        server = grpc.server(pool)
        rpc.add_ProviderServicer_to_server(servicers, server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        provider = {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,  # Terraform does not end this process
            "Addr": {"Network": "tcp", "String": address},
        }
        names = [f"{registry}/hashicorp/azurerm" for registry in REGISTRIES]
        try:
            yield {"TF_REATTACH_PROVIDERS": json.dumps(dict.fromkeys(names, provider))}
        finally:
            ended = server.stop(grace=None)
            servicers.stop()
            ended.wait()


class _Servicers:
    """A servicer for each connection, since each provider of a configuration has one of its own.

    A connection begins with the question for the schemas. It may have the port of an earlier one,
    which has ended.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._by_peer: dict[str, Servicer] = {}

    def __getattr__(self, method: str) -> Callable[[Any, Any], Any]:
        def call(request: Any, context: Any) -> Any:
            if method == "GetProviderSchema" or context.peer() not in self._by_peer:
                self._by_peer[context.peer()] = Servicer(self._environ)
            servicer = self._by_peer[context.peer()]
            return getattr(servicer, method)(request, context)

        return call

    def stop(self) -> None:
        """Lets no servicer wait for the cloud any more."""
        for servicer in [*self._by_peer.values()]:
            servicer.stopped.set()


class _Shutdown(tf.runner._ShutdownInterceptor):
    """Ends the process on Shutdown only: after StopProvider, Terraform waits for the answers."""

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        """Passes a call on, and ends the process after the last one."""
        if details.method.endswith("/StopProvider"):
            return continuation(details)
        return super().intercept_service(continuation, details)


def main(version: str) -> None:
    """Serves Terraform's requests to a version of azurerm until Terraform ends the process."""
    os.environ["STANDIN_VERSION"] = version
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is Terraform's, as for every provider
    tf.provider.ProviderServicer = Servicer
    tf.runner._ShutdownInterceptor = _Shutdown
    tf.runner.run_provider(os.environ)
