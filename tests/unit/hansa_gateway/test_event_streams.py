"""Event streams on both faces: content, progress, and how they end."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2

from hansa_gateway import (
    AsyncGateway,
    Checkpoint,
    CheckpointError,
    CheckpointMismatchError,
    ConfigurationError,
    Deadlines,
    EventStreamError,
    FileCheckpointer,
    Gateway,
    InMemoryCheckpointer,
)
from tests.support.fabric_identities import self_signed
from tests.support.gateway import CHANNEL, Failure, FakeGateway, event
from tests.support.on_loop import on_loop

SIGNER = self_signed()


def connect(server: FakeGateway) -> Gateway:
    return Gateway.connect(server.address, SIGNER, plaintext=True)


def test_chaincode_events_and_where_they_start() -> None:
    with FakeGateway(events=[event(3, "a", b"1"), event(4, "b", b"2")]) as server, connect(server) as gateway:
        network = gateway.network(CHANNEL)
        with network.chaincode_events("hansa", start_block=3, after_transaction_id="z") as events:
            first, second = next(events), next(events)
        assert (first.block_number, first.transaction_id, first.chaincode, first.name, first.payload) == (
            3,
            "a",
            "hansa",
            "hansa",
            b"1",
        )
        assert second.payload == b"2"
        with network.chaincode_events("hansa") as events:
            next(events)
        asked, later = server.requests("ChaincodeEvents")
        assert (asked.channel_id, asked.chaincode_id, asked.after_transaction_id) == (CHANNEL, "hansa", "z")
        assert asked.start_position == ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=3))
        assert later.start_position.WhichOneof("Type") == "next_commit"


def test_progress_survives_a_restart_and_only_on_its_own_ledger(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    with FakeGateway(events=[event(3, "a"), event(4, "b")]) as server, connect(server) as gateway:
        network = gateway.network(CHANNEL)
        with network.chaincode_events("hansa", start_block=0, checkpoint=FileCheckpointer(path)) as events:
            events.checkpoint(next(events))
        with network.chaincode_events("hansa", start_block=0, checkpoint=FileCheckpointer(path)) as events:
            next(events)
        first, second = server.requests("ChaincodeEvents")
        assert (first.start_position.specified.number, first.after_transaction_id) == (0, "")
        assert (second.start_position.specified.number, second.after_transaction_id) == (3, "a")
        # The genesis hash was asked for once.
        assert len(server.requests("Deliver")) == 1
    other = FakeGateway()
    other.blocks[0].data.data[0] = b"another genesis"
    other.blocks[0].header.data_hash = b"x" * 32
    with other as server, connect(server) as gateway:
        with pytest.raises(CheckpointMismatchError):
            gateway.network(CHANNEL).chaincode_events("hansa", checkpoint=FileCheckpointer(path))
        assert not server.requests("ChaincodeEvents")


def test_block_events_go_on_after_the_last_block_processed() -> None:
    with FakeGateway() as server, connect(server) as gateway:
        network = gateway.network(CHANNEL)
        checkpointer = InMemoryCheckpointer()
        with network.block_events(start_block=1, checkpoint=checkpointer) as blocks:
            for block in blocks:
                blocks.checkpoint(block)
                if block.number == 2:
                    break
        genesis = network.genesis_hash()
        assert checkpointer.load() == Checkpoint(genesis, 3)
        with network.filtered_block_events(stop_block=4, checkpoint=checkpointer) as filtered:
            found = list(filtered)
        assert [block.number for block in found] == [3, 4]
        assert found[0].channel == CHANNEL
        transaction = found[0].transactions[0]
        assert (transaction.validation_code_name, transaction.events) == (
            "MVCC_READ_CONFLICT",
            (("hansa", "hansa"),),
        )
        with network.block_and_private_data_events(checkpoint=Checkpoint(genesis, 4), stop_block=4) as whole:
            (only,) = list(whole)
        assert (only.block.number, list(only.private_data)) == (4, [0])


def test_a_known_genesis_hash_is_not_asked_for() -> None:
    with FakeGateway(events=[event(1, "a")]) as server, connect(server) as gateway:
        network = gateway.network(CHANNEL, genesis_hash=b"g" * 32)
        with network.chaincode_events("hansa", checkpoint=Checkpoint(b"g" * 32, 1)) as events:
            next(events)
        assert not server.requests("Deliver")


def test_a_peer_that_is_silent_about_its_genesis_block() -> None:
    deadlines = Deadlines(evaluate=0.1)
    with (
        FakeGateway(blocks=[]) as server,
        Gateway.connect(server.address, SIGNER, plaintext=True, deadlines=deadlines) as gateway,
        pytest.raises(EventStreamError) as caught,
    ):
        gateway.network(CHANNEL).genesis_hash()
    assert caught.value.status is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_stream_without_checkpoint_cannot_keep_one() -> None:
    with FakeGateway(events=[event(1, "a")]) as server, connect(server) as gateway:
        events = gateway.network(CHANNEL).chaincode_events("hansa")
        with pytest.raises(CheckpointError):
            events.checkpoint(next(events))


def test_a_stream_the_server_ends_is_an_error() -> None:
    unavailable = Failure(grpc.StatusCode.UNAVAILABLE, "peer is shutting down")
    failing = FakeGateway(events=[event(1, "a")], failures={"streams": unavailable})
    with failing as server, connect(server) as gateway:
        network = gateway.network(CHANNEL)
        events = network.chaincode_events("hansa")
        assert next(events).transaction_id == "a"
        with pytest.raises(EventStreamError, match="peer is shutting down") as caught:
            next(events)
        assert caught.value.status is grpc.StatusCode.UNAVAILABLE
        assert list(events) == []
        with pytest.raises(EventStreamError):
            list(network.block_events(start_block=4))
    with FakeGateway(ends_streams=True) as server, connect(server) as gateway:
        with pytest.raises(EventStreamError):
            next(gateway.network(CHANNEL).chaincode_events("hansa"))
        with pytest.raises(EventStreamError):
            next(gateway.network(CHANNEL).block_events())


def test_a_peer_that_refuses_to_deliver() -> None:
    with FakeGateway(deliver_status=common_pb2.FORBIDDEN) as server, connect(server) as gateway:
        with pytest.raises(EventStreamError, match="FORBIDDEN") as caught:
            next(gateway.network(CHANNEL).block_events())
        assert caught.value.status is grpc.StatusCode.PERMISSION_DENIED


def test_a_stream_can_be_closed_while_it_waits() -> None:
    with FakeGateway() as server, connect(server) as gateway:
        network = gateway.network(CHANNEL)
        for number, close_gateway in enumerate((False, True), start=1):
            events = network.chaincode_events("hansa")
            found: list[object] = []
            reader = threading.Thread(target=lambda events=events, found=found: found.append(list(events)))
            reader.start()
            while len(server.requests("ChaincodeEvents")) < number:
                assert reader.is_alive()
            gateway.close() if close_gateway else events.close()
            reader.join(20)
            assert found == [[]]


def test_block_numbers_that_cannot_be() -> None:
    with FakeGateway() as server, connect(server) as gateway, pytest.raises(ConfigurationError):
        gateway.network(CHANNEL).block_events(start_block=-1)


@on_loop
async def test_the_asyncio_face_streams_alike() -> None:
    with FakeGateway(events=[event(3, "a"), event(4, "b")]) as server:
        async with AsyncGateway.connect(server.address, SIGNER, plaintext=True) as gateway:
            network = gateway.network(CHANNEL)
            checkpointer = InMemoryCheckpointer()
            async with await network.chaincode_events("hansa", checkpoint=checkpointer) as events:
                async for found in events:
                    await events.checkpoint(found)
                    if found.transaction_id == "b":
                        break
            assert checkpointer.load() == Checkpoint(await network.genesis_hash(), 4, "b")
            async with await network.block_events(start_block=0, stop_block=3) as blocks:
                assert [block.number async for block in blocks] == [0, 1, 2, 3]
            async with await network.block_and_private_data_events(start_block=4, stop_block=4) as private:
                assert [block.block.number async for block in private] == [4]
            async with await network.filtered_block_events(start_block=4, stop_block=4) as filtered:
                assert [block.number async for block in filtered] == [4]
            server.deliver_status = common_pb2.NOT_FOUND
            refused = await network.block_events(start_block=0)
            with pytest.raises(EventStreamError, match="NOT_FOUND"):
                await anext(refused)


@on_loop
async def test_the_asyncio_face_tells_closing_from_cancelling() -> None:
    with FakeGateway() as server:
        gateway = AsyncGateway.connect(server.address, SIGNER, plaintext=True)
        network = gateway.network(CHANNEL)
        streams = [await network.chaincode_events("hansa") for _ in range(3)]

        async def read(number: int) -> list[object]:
            return [found async for found in streams[number]]

        readers = [asyncio.create_task(read(number)) for number in range(3)]
        while len(server.requests("ChaincodeEvents")) < 3:
            assert not any(reader.done() for reader in readers)
            await asyncio.sleep(0.01)
        streams[0].close()
        assert await readers[0] == []
        readers[1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await readers[1]
        await gateway.close()
        assert await readers[2] == []
