"""A chaincode as a program of its own, told by its environment how peers reach it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping

from hansa_shim.chaincode import Chaincode
from hansa_shim.client import client_tls, connect
from hansa_shim.errors import ConfigurationError
from hansa_shim.server import ChaincodeServer
from hansa_shim.tls import TlsCredentials, server_tls


async def serve(chaincode: Chaincode, environment: Mapping[str, str] | None = None) -> None:
    """Serves the chaincode as the environment says, until the task is cancelled.

    As a service: ``CHAINCODE_SERVER_ADDRESS``, ``CHAINCODE_ID`` and the variables of ``server_tls``.
    Without the first, to the peer that started it: ``CORE_PEER_ADDRESS``, ``CORE_CHAINCODE_ID_NAME`` and
    the variables of ``client_tls``.

    Raises:
        ConfigurationError: a variable is missing or contradicts another.
    """
    environment = os.environ if environment is None else environment
    chaincode_id = environment.get("CHAINCODE_ID") or environment.get("CORE_CHAINCODE_ID_NAME", "")
    if not chaincode_id:
        raise ConfigurationError("CHAINCODE_ID is the package id (label:hash) of the chaincode")
    if address := environment.get("CHAINCODE_SERVER_ADDRESS"):
        await ChaincodeServer(chaincode, address, chaincode_id, server_tls(environment)).serve()
    elif peer := environment.get("CORE_PEER_ADDRESS"):
        await connect(chaincode, peer, chaincode_id, client_tls(environment))
    else:
        raise ConfigurationError("CHAINCODE_SERVER_ADDRESS is the host:port where peers find the chaincode")


def run(chaincode: Chaincode, environment: Mapping[str, str] | None = None) -> None:
    """``serve`` as a whole program: SIGTERM and SIGINT end it after the transactions in progress."""
    asyncio.run(_until_signal(chaincode, environment))


def start(
    cc: Chaincode | type[Chaincode],
    cc_id: str | None = None,
    address: str | None = None,
    key: str | None = None,
    cert: str | None = None,
    client_ca_certs: str | None = None,
) -> None:
    """``start`` of the official shim: serves until the program ends.

    ``CHAINCODE_ID`` and ``CHAINCODE_SERVER_ADDRESS`` override id and address.

    Args:
        cc: the chaincode, or its class.
        cc_id: the package id.
        address: ``host:port`` to listen on.
        key: path of the TLS key; without it and ``cert`` the environment decides.
        cert: path of the TLS certificate.
        client_ca_certs: path of the CA that issues the peers' client certificates.
    """
    chaincode = cc() if isinstance(cc, type) else cc
    chaincode_id = os.environ.get("CHAINCODE_ID", cc_id)
    listen = os.environ.get("CHAINCODE_SERVER_ADDRESS", address)
    if not chaincode_id or not listen:
        raise ConfigurationError("a chaincode service needs its package id and an address to listen on")
    tls = (
        TlsCredentials.from_files(key, cert, client_ca_certs or "")
        if key and cert
        else server_tls(os.environ)
    )
    asyncio.run(_guarded(ChaincodeServer(chaincode, listen, chaincode_id, tls)))


async def _guarded(server: ChaincodeServer) -> None:
    stop_on_signals()
    with contextlib.suppress(asyncio.CancelledError):
        await server.serve()


async def _until_signal(chaincode: Chaincode, environment: Mapping[str, str] | None) -> None:
    stop_on_signals()
    with contextlib.suppress(asyncio.CancelledError):
        await serve(chaincode, environment)


def stop_on_signals() -> None:
    """From here on SIGTERM and SIGINT cancel the current task."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
