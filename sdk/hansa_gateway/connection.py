"""How to reach a gateway: endpoint, TLS, limits, and how long each stage may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc

from hansa_fabric.errors import FabricDataError
from hansa_gateway.core.block_events import tls_certificate_hash
from hansa_gateway.errors import ConfigurationError

MAX_MESSAGE_BYTES = 100 * 1024 * 1024

CHANNEL_OPTIONS: tuple[tuple[str, Any], ...] = (
    # Fabric's own limit; a block with its private data does not fit gRPC's 4 MB.
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Peers answer pings closer than a minute with GOAWAY (peer.keepalive.minInterval), so stay well above it.
    ("grpc.keepalive_time_ms", 120_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # An event stream may be silent for hours: ping all the same, without a limit. No stream, no ping.
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.keepalive_permit_without_calls", 0),
    # A restarted peer is found again within seconds instead of gRPC's two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # Retries are the caller's: only he knows what may be done twice.
    ("grpc.enable_retries", 0),
    ("grpc.service_config_disable_resolution", 1),
)


@dataclass(frozen=True)
class Deadlines:
    """How long each stage may take, in seconds; None waits for ever.

    Args:
        evaluate: a query.
        endorse: execution by all endorsers.
        submit: until an orderer has taken the transaction.
        commit_status: until the transaction stands in a block.
    """

    evaluate: float | None = 5.0
    endorse: float | None = 15.0
    submit: float | None = 5.0
    commit_status: float | None = 60.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not value > 0:
                raise ConfigurationError(f"the deadline of {name} must be above 0 s, not {value}")


@dataclass(frozen=True)
class Endpoint:
    """A gateway's address and how to trust it.

    Args:
        address: ``host:port``.
        tls_root: PEM certificates of the authorities that may vouch for the server.
        client_certificate: PEM certificate to show, where the server asks for one.
        client_key: its private key, PEM, unencrypted.
        server_name: the name to expect in the server's certificate, where it is not the address's host.
        plaintext: no TLS at all; for a connection that does not leave the machine.

    Raises:
        ConfigurationError: neither or both of TLS root and plaintext, or half a client certificate.
    """

    address: str
    tls_root: bytes | None = None
    client_certificate: bytes | None = None
    client_key: bytes | None = None
    server_name: str | None = None
    plaintext: bool = False

    def __post_init__(self) -> None:
        if not self.address or "://" in self.address:
            raise ConfigurationError(f"a gateway's address is host:port, not {self.address!r}")
        if self.plaintext == (self.tls_root is not None):
            raise ConfigurationError("give either the TLS root to trust, or plaintext=True")
        if (self.client_certificate is None) != (self.client_key is None):
            raise ConfigurationError("a client certificate and its key come together")
        if self.plaintext and self.client_certificate is not None:
            raise ConfigurationError("without TLS there is nobody to show a client certificate to")

    @property
    def credentials(self) -> grpc.ChannelCredentials | None:
        """gRPC's channel credentials; None for plaintext."""
        if self.plaintext:
            return None
        return grpc.ssl_channel_credentials(self.tls_root, self.client_key, self.client_certificate)

    @property
    def channel_options(self) -> list[tuple[str, Any]]:
        """gRPC's channel arguments."""
        options = list(CHANNEL_OPTIONS)
        if self.server_name:
            options.append(("grpc.ssl_target_name_override", self.server_name))
        return options

    @property
    def tls_certificate_hash(self) -> bytes:
        """What block event requests carry to be bound to this connection; empty without client certificate.

        Raises:
            ConfigurationError: the client certificate is not one.
        """
        if self.client_certificate is None:
            return b""
        try:
            return tls_certificate_hash(self.client_certificate)
        except FabricDataError as error:
            raise ConfigurationError(f"the client's TLS certificate: {error}") from error
