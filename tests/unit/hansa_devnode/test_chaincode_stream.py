"""The peer's end of the chaincode protocol, against a chaincode that does as each test says."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2

from hansa_devnode.chaincode import ChaincodeError
from tests.support.devnode_peers import chaincode_config, peers
from tests.support.fake_chaincode import Message, Stream, fake_chaincode
from tests.support.on_loop import on_loop


def state_key(key: str) -> bytes:
    found: bytes = chaincode_shim_pb2.GetState(key=key).SerializeToString()
    return found


async def until_ended(stream: Stream) -> None:
    while await stream.receive() is not grpc.aio.EOF:
        pass


@on_loop
async def test_registration_offers_what_fabric_offers(tmp_path: Path) -> None:
    seen: list[Any] = []
    chaincode = chaincode_config()

    async def script(stream: Stream) -> None:
        seen.extend(await stream.register(chaincode.package_id))
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        await found.supports["AMSP"].wait_ready("all", 10)
        await asyncio.sleep(0.05)
    registered, ready = seen[:2]
    assert registered.type == Message.REGISTERED
    assert ready.type == Message.READY
    offered = chaincode_pb2.ChaincodeAdditionalParams.FromString(ready.payload)
    assert offered.use_write_batch and offered.max_size_write_batch == 1000
    assert offered.use_get_multiple_keys and offered.max_size_get_multiple_keys == 1000


@on_loop
async def test_a_chaincode_of_another_name_is_not_taken(tmp_path: Path) -> None:
    chaincode = chaincode_config()

    async def script(stream: Stream) -> None:
        await stream.register("other:1")

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        with pytest.raises(ChaincodeError) as refused:
            await found.supports["AMSP"].wait_ready("all", 1)
    assert str(refused.value) == (
        f"could not launch chaincode {chaincode.package_id}: chaincode registration failed:"
        " peer will not accept external chaincode connection other:1 (except in dev mode)"
    )


@on_loop
async def test_a_message_before_registration_ends_the_stream(tmp_path: Path) -> None:
    chaincode = chaincode_config()

    async def script(stream: Stream) -> None:
        await stream.send(Message.GET_STATE)
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        with pytest.raises(ChaincodeError, match=r"cannot handle message \(GET_STATE\) while in created"):
            await found.supports["AMSP"].wait_ready("all", 1)


@on_loop
async def test_an_absent_chaincode_is_reported_in_fabrics_words(tmp_path: Path) -> None:
    chaincode = chaincode_config()
    async with peers(tmp_path, [chaincode]) as found:
        with pytest.raises(ChaincodeError) as refused:
            await found.supports["AMSP"].wait_ready("all", 0.2)
    assert str(refused.value) == (
        f"could not launch chaincode {chaincode.package_id}: connection to {chaincode.package_id} failed:"
        f" error cannot create connection for {chaincode.package_id}: error creating grpc connection to"
        f" {chaincode.address}: failed to create new connection: context deadline exceeded"
    )


@on_loop
async def test_a_second_request_of_one_transaction_is_dropped(tmp_path: Path) -> None:
    """While a call to another chaincode is open, a further request is never answered."""
    chaincode, called = chaincode_config(), chaincode_config("called")
    answers: list[Any] = []

    async def caller(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        start = await stream.receive()
        target = chaincode_pb2.ChaincodeSpec(
            chaincode_id=chaincode_pb2.ChaincodeID(name="called"),
            input=chaincode_pb2.ChaincodeInput(args=[b"x"]),
        )
        await stream.send(Message.INVOKE_CHAINCODE, start, target.SerializeToString())
        await stream.send(Message.GET_STATE, start, state_key("dropped"))
        answers.append(await stream.receive())
        await stream.send(Message.GET_STATE, start, state_key("answered"))
        answers.append(await stream.receive())
        await stream.complete(start)
        await until_ended(stream)

    async def callee(stream: Stream) -> None:
        await stream.register(called.package_id)
        start = await stream.receive()
        # Long enough for the caller's second request to arrive: it is sent at once.
        await asyncio.sleep(0.1)
        await stream.complete(start, b"from called")
        await until_ended(stream)

    async with (
        fake_chaincode(chaincode, caller) as failures,
        fake_chaincode(called, callee),
        peers(tmp_path, [chaincode, called]) as found,
    ):
        answer = await found.ask("all", "go")
        assert answer.response.status == 200, answer.response.message
        assert not failures
    first, second = answers
    assert first.type == second.type == Message.RESPONSE
    inner = Message.FromString(first.payload)
    assert inner.type == Message.COMPLETED
    assert b"from called" in inner.payload
    assert second.payload == b""


@on_loop
async def test_a_request_after_the_end_finds_no_ledger(tmp_path: Path) -> None:
    chaincode = chaincode_config()
    answers: list[Any] = []
    late = asyncio.Event()

    async def script(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        start = await stream.receive()
        await stream.send(Message.KEEPALIVE)
        await stream.complete(start)
        await stream.send(Message.GET_STATE, start, state_key("k"))
        answers.append(await stream.receive())
        late.set()
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        answer = await found.ask("all", "go")
        assert answer.response.status == 200
        await asyncio.wait_for(late.wait(), 10)
    assert answers[0].type == Message.ERROR
    assert answers[0].payload.decode() == (
        f"GET_STATE failed: transaction ID: {answers[0].txid}: no ledger context"
    )


@on_loop
async def test_a_malformed_payload_is_an_answer(tmp_path: Path) -> None:
    chaincode = chaincode_config()
    answers: list[Any] = []

    async def script(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        start = await stream.receive()
        await stream.send(Message.GET_STATE, start, b"\xff\xff")
        answers.append(await stream.receive())
        await stream.complete(start)
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        assert (await found.ask("all", "go")).response.status == 200
    assert answers[0].type == Message.ERROR
    assert "GET_STATE failed: transaction ID: " in answers[0].payload.decode()
    assert "unmarshal failed" in answers[0].payload.decode()


@on_loop
async def test_a_silent_chaincode_times_out(tmp_path: Path) -> None:
    chaincode = chaincode_config()

    async def script(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode], timeout=0.2) as found:
        answer = await found.ask("all", "go")
    assert answer.response.status == 500
    assert answer.response.message.startswith("error in simulation: failed to execute transaction ")
    assert answer.response.message.endswith(": error sending: timeout expired while executing transaction")
    assert not answer.payload


@on_loop
async def test_a_lost_stream_fails_what_is_in_flight_and_comes_back(tmp_path: Path) -> None:
    chaincode = chaincode_config()

    async def dies(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        await stream.receive()

    async def lives(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        while (start := await stream.receive()) is not grpc.aio.EOF:
            await stream.complete(start, b"back")

    async with fake_chaincode(chaincode, dies, lives), peers(tmp_path, [chaincode], start=False) as found:
        found.supports["AMSP"].start()
        lost = await found.ask("all", "go")
        assert lost.response.message.endswith(": error sending: chaincode stream terminated")
        again = await found.ask("all", "go")
        assert again.response.payload == b"back"


@on_loop
async def test_a_message_no_peer_knows_ends_the_stream(tmp_path: Path) -> None:
    chaincode = chaincode_config()

    async def script(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        start = await stream.receive()
        await stream.send(Message.TRANSACTION, start)
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        answer = await found.ask("all", "go")
    assert answer.response.message.endswith(": error sending: chaincode stream terminated")


@on_loop
async def test_an_error_message_is_a_failed_simulation(tmp_path: Path) -> None:
    chaincode = chaincode_config()

    async def script(stream: Stream) -> None:
        await stream.register(chaincode.package_id)
        start = await stream.receive()
        await stream.send(Message.ERROR, start, b"out of order")
        await until_ended(stream)

    async with fake_chaincode(chaincode, script), peers(tmp_path, [chaincode]) as found:
        message = await found.refusal("go")
    assert message == "error in simulation: transaction returned with failure: out of order"
