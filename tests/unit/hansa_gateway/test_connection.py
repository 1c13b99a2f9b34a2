"""TLS, and what a connection may not be."""

from __future__ import annotations

import hashlib
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_fabric.identity import parse_certificate
from hansa_gateway import AsyncGateway, ConfigurationError, Endpoint, EvaluateError, Gateway
from hansa_gateway.connection import CHANNEL_OPTIONS
from tests.support.fabric_identities import self_signed
from tests.support.gateway import CHANNEL, FakeGateway
from tests.support.on_loop import on_loop

ROOT = CertificateAuthority.create("tls", "Producer")


def issued(**profile: Any) -> tuple[bytes, bytes]:
    key = new_key()
    return ROOT.issue(CertificateProfile(**profile), key.public_key()), key_pem(key)


def secured(*hosts: str) -> FakeGateway:
    certificate, key = issued(common_name="peer0", hosts=hosts, server=True)
    return FakeGateway(
        credentials=grpc.ssl_server_credentials(
            [(key, certificate)], root_certificates=ROOT.certificate, require_client_auth=True
        )
    )


def test_both_sides_show_certificates_and_block_requests_are_bound_to_them() -> None:
    certificate, key = issued(common_name="client", client=True)
    shown = {"tls_root": ROOT.certificate, "client_certificate": certificate, "client_key": key}
    with secured("127.0.0.1") as server, Gateway.connect(server.address, self_signed(), **shown) as gateway:  # type: ignore[arg-type]
        network = gateway.network(CHANNEL)
        assert network.contract("hansa").evaluate("f") == b"f"
        with network.block_events(start_block=0, stop_block=0) as blocks:
            assert [block.number for block in blocks] == [0]
        expected = hashlib.sha256(parse_certificate(certificate).public_bytes(Encoding.DER)).digest()
        assert server.requests("Deliver")[0].tls_cert_hash == expected


@on_loop
async def test_the_expected_name_can_differ_from_the_address() -> None:
    certificate, key = issued(common_name="client", client=True)
    with secured("peer0.producer.example") as server:
        async with AsyncGateway.connect(
            server.address,
            self_signed(),
            tls_root=ROOT.certificate,
            client_certificate=certificate,
            client_key=key,
            server_name="peer0.producer.example",
        ) as gateway:
            assert await gateway.network(CHANNEL).contract("hansa").evaluate("f") == b"f"


def test_a_server_nobody_vouches_for_gets_no_request() -> None:
    certificate, key = issued(common_name="client", client=True)
    other = CertificateAuthority.create("tls", "Stranger").certificate
    with (
        secured("127.0.0.1") as server,
        Gateway.connect(
            server.address, self_signed(), tls_root=other, client_certificate=certificate, client_key=key
        ) as gateway,
    ):
        with pytest.raises(EvaluateError) as caught:
            gateway.network(CHANNEL).contract("hansa").evaluate("f")
        assert caught.value.status is grpc.StatusCode.UNAVAILABLE
        assert not server.seen


@pytest.mark.parametrize(
    "arguments",
    [
        {"address": "peer0:7051"},
        {"address": "peer0:7051", "plaintext": True, "tls_root": b"x"},
        {"address": "grpcs://peer0:7051", "tls_root": b"x"},
        {"address": "", "plaintext": True},
        {"address": "peer0:7051", "tls_root": b"x", "client_certificate": b"x"},
        {"address": "peer0:7051", "plaintext": True, "client_certificate": b"x", "client_key": b"x"},
    ],
)
def test_connections_that_contradict_themselves(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Endpoint(**arguments)


def test_a_client_certificate_that_is_none() -> None:
    endpoint = Endpoint("peer0:7051", tls_root=b"x", client_certificate=b"x", client_key=b"x")
    with pytest.raises(ConfigurationError):
        _ = endpoint.tls_certificate_hash


def test_limits_are_fabrics() -> None:
    options = dict(CHANNEL_OPTIONS)
    assert options["grpc.max_receive_message_length"] == options["grpc.max_send_message_length"] == 100 << 20
    # Fabric's peers refuse pings closer than a minute.
    assert options["grpc.keepalive_time_ms"] >= 60_000


def test_large_answers_pass() -> None:
    with FakeGateway() as server, Gateway.connect(server.address, self_signed(), plaintext=True) as gateway:
        large = b"x" * (6 << 20)  # above gRPC's own limit of 4 MB
        assert gateway.network(CHANNEL).contract("hansa").evaluate("f", large) == b"f|" + large
