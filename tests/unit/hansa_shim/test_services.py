"""The service and the classic client over real connections: TLS, settings, shutdown."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.peer import chaincode_shim_pb2_grpc

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem
from hansa_shim import ChaincodeServer, ConfigurationError, Limits, TlsCredentials, connect, serve
from hansa_shim.client import client_tls
from hansa_shim.server import channel_options
from hansa_shim.tls import server_tls
from tests.support.all_operations import AllOperations
from tests.support.on_loop import on_loop
from tests.support.shim import FakePeer, Message


@dataclass(frozen=True)
class Keys:
    """PEM files of an authority, and of a certificate for both ends that it issued."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Keys:
        authority = CertificateAuthority.create("tlsca", "Test")
        key = ec.generate_private_key(ec.SECP256R1())
        profile = CertificateProfile("both", hosts=("127.0.0.1", "localhost"), server=True, client=True)
        files = {
            "ca.pem": authority.certificate,
            "cert.pem": authority.issue(profile, key.public_key()),
            "key.pem": key_pem(key),
        }
        for name, pem in files.items():
            (folder / name).write_bytes(pem)
        return cls(folder)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    @property
    def for_server(self) -> TlsCredentials:
        return TlsCredentials.from_files(self.path("key.pem"), self.path("cert.pem"), self.path("ca.pem"))

    def for_client(self, *, certificate: bool = True) -> grpc.ChannelCredentials:
        own = (self.read("key.pem"), self.read("cert.pem")) if certificate else (None, None)
        return grpc.ssl_channel_credentials(self.read("ca.pem"), *own)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.make(tmp_path_factory.mktemp("keys"))


class DialledPeer(FakePeer):
    """The fake peer at the other end of a connection instead of a session in the same loop."""

    @asynccontextmanager
    async def over(self, channel: grpc.aio.Channel) -> AsyncIterator[DialledPeer]:
        async with channel:
            call: Any = chaincode_shim_pb2_grpc.ChaincodeStub(channel).Connect(self._incoming())
            listening = asyncio.create_task(self._listen(call))
            registered = asyncio.create_task(self._registered.wait())
            await asyncio.wait({listening, registered}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                registered.cancel()
                listening.result()
            yield self
            self.hang_up()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, messages: AsyncIterator[Any]) -> None:
        async for message in messages:
            await self.take(message)


def dialled() -> DialledPeer:
    return DialledPeer(AllOperations(), read_batch=100, state={("", "k"): b"v"})


@on_loop
async def test_a_service_answers_two_peers_at_once() -> None:
    server = ChaincodeServer(AllOperations(), "127.0.0.1:0", "label:hash")
    address = await server.start()
    try:
        async with (
            dialled().over(grpc.aio.insecure_channel(address)) as one,
            dialled().over(grpc.aio.insecure_channel(address)) as two,
        ):
            endings = [
                peer.begin("gather", "k", "k", tx_id=f"t{n}") for n in range(50) for peer in (one, two)
            ]
            answers = await asyncio.wait_for(asyncio.gather(*endings), 30)
        assert [answer.payload for answer in answers] == [b'["v","v"]'] * 100
        assert one.broken_rules == two.broken_rules == []
    finally:
        await server.stop(0)


def test_tls_asks_the_peer_for_its_certificate(keys: Keys) -> None:
    @on_loop
    async def run() -> None:
        server = ChaincodeServer(AllOperations(), "127.0.0.1:0", "label:hash", keys.for_server)
        address = await server.start()
        try:
            async with dialled().over(grpc.aio.secure_channel(address, keys.for_client())) as peer:
                assert (await peer.transact("get", "k")).payload == b"v"
            for channel in (
                grpc.aio.secure_channel(address, keys.for_client(certificate=False)),
                grpc.aio.insecure_channel(address),
            ):
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    async with dialled().over(channel):
                        raise AssertionError("a stranger was let in")
                assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        finally:
            await server.stop(0)

    run()


@on_loop
async def test_a_protocol_breach_ends_the_call_with_its_reason() -> None:
    server = ChaincodeServer(AllOperations(), "127.0.0.1:0", "label:hash")
    address = await server.start()
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            call: Any = chaincode_shim_pb2_grpc.ChaincodeStub(channel).Connect()
            assert (await call.read()).type == Message.REGISTER
            await call.write(Message(type=Message.TRANSACTION, txid="t"))
            assert await call.code() == grpc.StatusCode.FAILED_PRECONDITION
            assert "instead of REGISTERED" in await call.details()
    finally:
        await server.stop(0)


@on_loop
async def test_stopping_waits_for_what_is_in_progress() -> None:
    server = ChaincodeServer(AllOperations(), "127.0.0.1:0", "label:hash")
    address = await server.start()
    async with dialled().over(grpc.aio.insecure_channel(address)) as peer:
        ending = peer.begin("sleep", "100")
        while not server.in_flight:
            await asyncio.sleep(0.001)
        await server.stop(30)
        assert (await asyncio.wait_for(ending, 30)).status == 200
    assert server.in_flight == 0


def test_an_address_that_cannot_be_had_is_named() -> None:
    @on_loop
    async def run() -> None:
        first = ChaincodeServer(AllOperations(), "127.0.0.1:0", "label:hash")
        address = await first.start()
        try:
            with pytest.raises(ConfigurationError, match=address):
                await ChaincodeServer(AllOperations(), address, "label:hash").start()
        finally:
            await first.stop(0)

    run()


def test_the_connection_bears_with_keepalives_and_fabrics_message_size() -> None:
    options = dict(channel_options(Limits()))
    assert options["grpc.http2.min_ping_interval_without_data_ms"] == 10_000
    assert options["grpc.http2.max_ping_strikes"] == 0
    assert options["grpc.max_receive_message_length"] >= 100 * 1024 * 1024
    assert options["grpc.max_send_message_length"] >= 100 * 1024 * 1024


class ListeningPeer:
    """A peer that chaincode dials, as in the classic way."""

    def __init__(self, peer: FakePeer) -> None:
        self.peer = peer

    async def Register(self, messages: AsyncIterator[Any], context: Any) -> None:
        async def forward() -> None:
            while (message := await self.peer.to_chaincode.get()) is not None:
                await context.write(message)

        sending = asyncio.create_task(forward())
        listening = asyncio.create_task(self._listen(messages))
        await sending
        listening.cancel()

    async def _listen(self, messages: AsyncIterator[Any]) -> None:
        async for message in messages:
            await self.peer.take(message)


@pytest.mark.parametrize("encoded", [False, True])
def test_the_classic_client_registers_with_its_peer(keys: Keys, tmp_path: Path, encoded: bool) -> None:
    environment = {"CORE_PEER_TLS_ENABLED": "true", "CORE_PEER_TLS_ROOTCERT_FILE": keys.path("ca.pem")}
    for part in ("key", "cert"):
        if encoded:
            path = tmp_path / part
            path.write_bytes(base64.b64encode(keys.read(f"{part}.pem")))
            environment[f"CORE_TLS_CLIENT_{part.upper()}_PATH"] = str(path)
        else:
            environment[f"CORE_TLS_CLIENT_{part.upper()}_FILE"] = keys.path(f"{part}.pem")

    @on_loop
    async def run() -> None:
        peer = dialled()
        server = grpc.aio.server()
        chaincode_shim_pb2_grpc.add_ChaincodeSupportServicer_to_server(ListeningPeer(peer), server)
        port = server.add_secure_port("127.0.0.1:0", keys.for_server.for_server())
        await server.start()
        settings = environment | {
            "CORE_PEER_ADDRESS": f"127.0.0.1:{port}",
            "CORE_CHAINCODE_ID_NAME": "label:hash",
        }
        serving = asyncio.create_task(serve(AllOperations(), environment | settings))
        try:
            await asyncio.wait_for(peer._registered.wait(), 30)
            assert (await peer.transact("get", "k")).payload == b"v"
            peer.hang_up()
            await asyncio.wait_for(serving, 30)
        finally:
            serving.cancel()
            await server.stop(0)

    run()


def test_an_absent_peer_is_an_error() -> None:
    @on_loop
    async def run() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            with pytest.raises(grpc.aio.AioRpcError):
                await connect(AllOperations(), f"127.0.0.1:{free.getsockname()[1]}", "label:hash")

    run()


SERVICE = {"CHAINCODE_ID": "a:b", "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:0"}


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "CHAINCODE_ID"),
        ({"CHAINCODE_ID": "a:b"}, "CHAINCODE_SERVER_ADDRESS"),
        (
            {
                "CHAINCODE_ID": "a:b",
                "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:0",
                "CHAINCODE_TLS_DISABLED": "no",
            },
            "CHAINCODE_TLS_DISABLED is true or false",
        ),
        (
            {
                "CHAINCODE_ID": "a:b",
                "CHAINCODE_SERVER_ADDRESS": "127.0.0.1:0",
                "CHAINCODE_TLS_DISABLED": "false",
            },
            "CHAINCODE_TLS_KEY",
        ),
        (
            {"CHAINCODE_ID": "a:b", "CORE_PEER_ADDRESS": "127.0.0.1:1", "CORE_PEER_TLS_ENABLED": "1"},
            "CORE_PEER_TLS_ROOTCERT_FILE",
        ),
    ],
)
def test_settings_that_are_missing_are_named(environment: dict[str, str], reason: str) -> None:
    @on_loop
    async def run() -> None:
        with pytest.raises(ConfigurationError, match=reason):
            await serve(AllOperations(), environment)

    run()


def test_files_that_are_missing_are_named(keys: Keys) -> None:
    settings = {
        "CHAINCODE_TLS_DISABLED": "false",
        "CHAINCODE_TLS_KEY": "/absent",
        "CHAINCODE_TLS_CERT": "/absent",
    }
    with pytest.raises(ConfigurationError, match="/absent"):
        server_tls(settings)
    client = {"CORE_PEER_TLS_ENABLED": "true", "CORE_PEER_TLS_ROOTCERT_FILE": keys.path("ca.pem")}
    with pytest.raises(ConfigurationError, match="CORE_TLS_CLIENT_KEY_FILE"):
        client_tls(client)
    assert b"PRIVATE" not in repr(keys.for_server).encode()


@pytest.fixture
def free_address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    yield address


def test_the_program_serves_and_ends_cleanly_on_sigterm(keys: Keys, free_address: str) -> None:
    environment = {
        **os.environ,
        "CHAINCODE_ID": "label:hash",
        "CHAINCODE_SERVER_ADDRESS": free_address,
        "CHAINCODE_TLS_DISABLED": "false",
        "CHAINCODE_TLS_KEY": keys.path("key.pem"),
        "CHAINCODE_TLS_CERT": keys.path("cert.pem"),
        "CHAINCODE_CLIENT_CA_CERT": keys.path("ca.pem"),
    }

    @on_loop
    async def run() -> None:
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.all_operations", env=environment,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            options = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 100)]
            channel = grpc.aio.secure_channel(free_address, keys.for_client(), options=options)
            async with asyncio.timeout(30):
                await channel.channel_ready()
            async with dialled().over(channel) as peer:
                answer = await peer.transact("multi_get", "k", "none")
                assert json.loads(answer.payload) == ["v", ""]
                program.send_signal(signal.SIGTERM)
                _, errors = await asyncio.wait_for(program.communicate(), 30)
            assert program.returncode == 0, errors
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()

    run()
