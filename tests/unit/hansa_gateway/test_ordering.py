"""An ordering node that is not there, says nothing, or says no."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2, ab_pb2_grpc

from hansa_fabric.blocks import Block, new_block, set_last_config
from hansa_gateway import BroadcastError, EventStreamError, GatewayClosedError, OrderingService
from tests.support.fabric_identities import self_signed

ENVELOPE = common_pb2.Envelope(payload=b"p", signature=b"s")


class FakeOrderer:
    """Answers each broadcast, and each seek by block number, from what it was given; keeps the requests."""

    def __init__(self, broadcast: list[Any] | None = None, blocks: list[Any] | None = None) -> None:
        self.answers = broadcast or []
        self.blocks = blocks or []
        self.seeks: list[Any] = []

    def Broadcast(self, requests: Iterator[Any], _: Any) -> Iterator[Any]:
        next(requests)
        yield from self.answers

    def Deliver(self, requests: Iterator[Any], _: Any) -> Iterator[Any]:
        payload = common_pb2.Payload.FromString(next(requests).payload)
        seek = ab_pb2.SeekInfo.FromString(payload.data)
        self.seeks.append(seek)
        if not self.blocks:
            yield ab_pb2.DeliverResponse(status=common_pb2.NOT_FOUND)
            return
        number = -1 if seek.start.HasField("newest") else seek.start.specified.number
        yield ab_pb2.DeliverResponse(block=self.blocks[number])
        yield ab_pb2.DeliverResponse(status=common_pb2.SUCCESS)


@contextmanager
def orderer(fake: FakeOrderer) -> Iterator[OrderingService]:
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    ab_pb2_grpc.add_AtomicBroadcastServicer_to_server(fake, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with OrderingService.connect(f"127.0.0.1:{port}", self_signed("AMSP"), plaintext=True) as connected:
            yield connected
    finally:
        server.stop(None)


def chain(height: int, last_config: int) -> list[Any]:
    found = [new_block(number, b"", [b"e"]) for number in range(height)]
    for block in found:
        set_last_config(block, min(last_config, block.header.number))
    return found


@pytest.mark.parametrize(("height", "last_config"), [(1, 0), (5, 4), (5, 2), (5, 0)])
def test_the_newest_block_names_the_configuration(height: int, last_config: int) -> None:
    fake = FakeOrderer(blocks=chain(height, last_config))
    with orderer(fake) as service:
        assert service.config_block("trade").hash == Block(fake.blocks[last_config]).hash
    assert len(fake.seeks) == (1 if last_config == height - 1 else 2)
    assert all(seek.behavior == ab_pb2.SeekInfo.FAIL_IF_NOT_READY for seek in fake.seeks)


def test_what_is_not_delivered_is_told() -> None:
    with orderer(FakeOrderer()) as service, pytest.raises(EventStreamError, match="NOT_FOUND") as caught:
        service.block("trade", 3)
    assert caught.value.status is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("status", "code", "unknown"),
    [
        (common_pb2.BAD_REQUEST, grpc.StatusCode.INVALID_ARGUMENT, False),
        (common_pb2.FORBIDDEN, grpc.StatusCode.PERMISSION_DENIED, False),
        (common_pb2.NOT_FOUND, grpc.StatusCode.NOT_FOUND, False),
        (common_pb2.SERVICE_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, True),
        (common_pb2.INTERNAL_SERVER_ERROR, grpc.StatusCode.UNKNOWN, True),
    ],
)
def test_a_refusal_says_whether_it_is_final(status: int, code: grpc.StatusCode, unknown: bool) -> None:
    answer = ab_pb2.BroadcastResponse(status=status, info="the reason")
    with (
        orderer(FakeOrderer([answer])) as service,
        pytest.raises(BroadcastError, match="the reason") as caught,
    ):
        service.broadcast(ENVELOPE)
    assert (caught.value.status, caught.value.outcome_unknown) == (code, unknown)


def test_an_envelope_that_is_taken() -> None:
    with orderer(FakeOrderer([ab_pb2.BroadcastResponse(status=common_pb2.SUCCESS)])) as service:
        service.broadcast(ENVELOPE)


def test_silence_is_an_unknown_outcome() -> None:
    with orderer(FakeOrderer()) as service, pytest.raises(BroadcastError, match="no answer") as caught:
        service.broadcast(ENVELOPE)
    assert caught.value.outcome_unknown


def test_nobody_there() -> None:
    service = OrderingService.connect("127.0.0.1:1", self_signed("AMSP"), plaintext=True)
    with pytest.raises(BroadcastError) as caught:
        service.broadcast(ENVELOPE, timeout=5)
    assert caught.value.outcome_unknown
    with pytest.raises(EventStreamError):
        service.config_block("trade", timeout=5)
    service.close()
    for call in (lambda: service.broadcast(ENVELOPE), lambda: service.config_block("trade")):
        with pytest.raises(GatewayClosedError):
            call()
