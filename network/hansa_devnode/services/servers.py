"""gRPC servers over TLS, with the limits and keepalive that Fabric's nodes have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

# Fabric's default for messages in both directions.
MESSAGE_LIMIT = 100 * 1024 * 1024

_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    # Clients ping idle connections; without these two the server hangs up on them (GOAWAY too_many_pings).
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # A second node on the same port is a mistake to be told, not a way to share load.
    ("grpc.so_reuseport", 0),
)


class AddressInUseError(OSError):
    """The address cannot be listened on, most often because another process does."""


@dataclass(frozen=True, slots=True)
class ServerTls:
    """PEM of a server: certificate and key; with `client_roots`, clients must present a certificate.

    `client_roots` is asked for with every new connection, so that a new organisation's clients get in.
    """

    certificate: bytes
    key: bytes
    client_roots: Callable[[], bytes] | None = None

    @classmethod
    def read(cls, folder: Path, client_roots: Callable[[], bytes] | None = None) -> ServerTls:
        """From a node's `tls` folder, as Fabric's tools write it."""
        return cls((folder / "server.crt").read_bytes(), (folder / "server.key").read_bytes(), client_roots)

    def credentials(self) -> grpc.ServerCredentials:
        """gRPC's form of it."""
        pair = [(self.key, self.certificate)]
        roots = self.client_roots
        if roots is None:
            return grpc.ssl_server_credentials(pair)
        return grpc.dynamic_ssl_server_credentials(
            grpc.ssl_server_certificate_configuration(pair, roots()),
            lambda: grpc.ssl_server_certificate_configuration(pair, roots()),
            require_client_authentication=True,
        )


async def start_server(address: str, tls: ServerTls, register: Callable[[Any], None]) -> grpc.aio.Server:
    """Starts a server on an address (`host:port`) with the services that `register` adds to it.

    Raises AddressInUseError.
    """
    server = grpc.aio.server(options=_OPTIONS)
    register(server)
    try:
        server.add_secure_port(address, tls.credentials())
    except RuntimeError as error:
        raise AddressInUseError(f"cannot listen on {address}: {error}") from error
    await server.start()
    return server
