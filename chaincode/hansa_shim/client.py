"""Chaincode that connects to its peer, as a peer starts it by itself (the classic way)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import grpc
import grpc.aio
from fabric_protos.peer import chaincode_shim_pb2_grpc

from hansa_shim.chaincode import Chaincode
from hansa_shim.errors import ConfigurationError
from hansa_shim.server import channel_options
from hansa_shim.session import Limits, Session
from hansa_shim.tls import flag, read_file


async def connect(
    chaincode: Chaincode,
    peer_address: str,
    chaincode_id: str,
    credentials: grpc.ChannelCredentials | None = None,
    *,
    limits: Limits | None = None,
) -> None:
    """Registers with the peer and serves it until it ends the stream.

    Args:
        chaincode: answers the transactions.
        peer_address: ``host:port`` of the peer's chaincode listener.
        chaincode_id: the package id (``label:hash``).
        credentials: TLS; without them the connection is plain text.
        limits: sizes and counts, by default Fabric's.

    Raises:
        grpc.aio.AioRpcError: the peer cannot be reached, or broke the stream off.
        ProtocolError: the peer sent what the protocol does not allow.
    """
    limits = limits or Limits()
    options = channel_options(limits)
    if credentials is None:
        channel = grpc.aio.insecure_channel(peer_address, options=options)
    else:
        channel = grpc.aio.secure_channel(peer_address, credentials, options=options)
    async with channel:
        stream: Any = chaincode_shim_pb2_grpc.ChaincodeSupportStub(channel).Register()
        await Session(chaincode, chaincode_id, limits).run(stream, stream.write)


def client_tls(environment: Mapping[str, str]) -> grpc.ChannelCredentials | None:
    """TLS as a peer tells the chaincode it starts.

    ``CORE_PEER_TLS_ENABLED``, ``CORE_PEER_TLS_ROOTCERT_FILE``, and either ``CORE_TLS_CLIENT_KEY_FILE`` and
    ``CORE_TLS_CLIENT_CERT_FILE`` (PEM) or ``CORE_TLS_CLIENT_KEY_PATH`` and ``CORE_TLS_CLIENT_CERT_PATH``
    (PEM in base64).

    Raises:
        ConfigurationError: a file is not named, or cannot be read.
    """
    if not flag(environment, "CORE_PEER_TLS_ENABLED", default=False):
        return None
    root = environment.get("CORE_PEER_TLS_ROOTCERT_FILE", "")
    if not root:
        raise ConfigurationError("with TLS on, CORE_PEER_TLS_ROOTCERT_FILE names the peer's root certificate")
    return grpc.ssl_channel_credentials(
        read_file(root), _client_pem(environment, "KEY"), _client_pem(environment, "CERT")
    )


def _client_pem(environment: Mapping[str, str], part: str) -> bytes:
    if path := environment.get(f"CORE_TLS_CLIENT_{part}_FILE"):
        return read_file(path)
    if path := environment.get(f"CORE_TLS_CLIENT_{part}_PATH"):
        try:
            return base64.b64decode(read_file(path), validate=False)
        except binascii.Error as failure:
            raise ConfigurationError(f"{path} does not hold base64") from failure
    raise ConfigurationError(f"with TLS on, CORE_TLS_CLIENT_{part}_FILE names the chaincode's PEM file")
