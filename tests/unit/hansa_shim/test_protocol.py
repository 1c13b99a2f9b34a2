"""The stream's rules: registration, one writer, one outstanding request, every transaction answered."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from fabric_protos.peer import chaincode_pb2

from hansa_shim import ChaincodeStub, Limits, PeerError, ProtocolError, Response, error, success
from tests.support.all_operations import AllOperations
from tests.support.on_loop import on_loop
from tests.support.shim import Contract, FakePeer, Message, refusal


async def _wait_until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


@on_loop
async def test_registers_with_its_package_id_before_anything_else() -> None:
    async with FakePeer(AllOperations()) as peer:
        await peer.transact("get", "k")
    first = peer.received[0]
    assert first.type == Message.REGISTER
    assert chaincode_pb2.ChaincodeID.FromString(first.payload).name == "label:hash"


@on_loop
async def test_keepalive_is_returned() -> None:
    async with FakePeer(AllOperations()) as peer:
        await peer.transact("get", "k")
        peer.to_chaincode.put_nowait(Message(type=Message.KEEPALIVE))
        await _wait_until(lambda: peer.received[-1].type == Message.KEEPALIVE)


@on_loop
async def test_500_transactions_at_once_are_all_answered_each_with_its_own_value() -> None:
    async with FakePeer(AllOperations()) as peer:
        for number in range(500):
            peer.state["", f"k{number}"] = b"v%d" % number
        endings = [
            peer.begin("gather", f"k{n}", f"k{(n + 1) % 500}", "absent", tx_id=f"tx{n}") for n in range(500)
        ]
        answers = await asyncio.wait_for(asyncio.gather(*endings), 60)
    assert [answer.payload for answer in answers] == [
        b'["v%d","v%d",""]' % (n, (n + 1) % 500) for n in range(500)
    ]
    assert peer.broken_rules == []


@on_loop
async def test_the_same_transaction_id_on_two_channels_is_two_transactions() -> None:
    async with FakePeer(AllOperations()) as peer:
        peer.state["", "k"] = b"v"
        endings = [peer.begin("gather", "k", "k", channel=name) for name in ("one", "two")]
        answers = await asyncio.wait_for(asyncio.gather(*endings), 30)
    assert [answer.payload for answer in answers] == [b'["v","v"]'] * 2
    assert peer.broken_rules == []


@on_loop
async def test_a_peers_error_is_an_exception_in_the_contract() -> None:
    seen: list[Exception] = []

    async def contract(stub: ChaincodeStub) -> Response:
        try:
            await stub.get_state("k")
        except PeerError as failure:
            seen.append(failure)
        return success(await stub.get_state("other"))

    async with FakePeer(Contract(contract), state={("", "other"): b"v"}) as peer:
        answers = iter([refusal("GET_STATE failed: no ledger")])
        peer.answers[Message.GET_STATE] = lambda message: (peer.answers.clear(), next(answers)(message))[1]
        answer = await peer.transact("x")
    assert [str(failure) for failure in seen] == ["GET_STATE failed: no ledger"]
    assert answer.payload == b"v"


@on_loop
async def test_an_uncaught_peers_error_reaches_the_client_in_the_peers_words() -> None:
    async with FakePeer(AllOperations(), answers={Message.GET_STATE: refusal("no such thing")}) as peer:
        answer = await peer.transact("get", "k")
    assert (answer.status, answer.text) == (500, "no such thing")


def test_an_exception_is_an_answer_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @on_loop
    async def run() -> None:
        async with FakePeer(AllOperations()) as peer:
            answer = await peer.transact("fail", "broken")
            assert (answer.status, answer.text) == (500, "RuntimeError: broken")
            assert (await peer.transact("get", "k", tx_id="next")).status == 200

    with caplog.at_level(logging.ERROR, "hansa_shim"):
        run()
    assert "trade/tx failed" in caplog.text
    assert "RuntimeError: broken" in caplog.text


@pytest.mark.parametrize("returned", [None, b"bytes", {"status": 200}])
def test_what_is_no_response_is_refused(returned: object) -> None:
    @on_loop
    async def run() -> None:
        async def contract(_: ChaincodeStub) -> Any:
            return returned

        async with FakePeer(Contract(contract)) as peer:
            answer = await peer.transact("x")
        assert answer.status == 500
        assert f"returned {type(returned).__name__}" in answer.text

    run()


@pytest.mark.parametrize(
    "returned",
    [
        error("half a pair \ud800"),
        Response(status=200, message="half a pair \ud800"),
        Response(payload="text"),  # type: ignore[arg-type]
        Response(status=2**40),
        RuntimeError("half a pair \ud800"),
    ],
)
@on_loop
async def test_what_cannot_be_written_to_the_stream_is_answered_all_the_same(
    returned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an answer the peer would wait for its timeout, and the place in the session be lost."""
    # What is logged has half a pair too, which a test runner's worker cannot send to its master.
    monkeypatch.setattr(logging.getLogger("hansa_shim"), "disabled", True)

    async def contract(_: ChaincodeStub) -> Any:
        if isinstance(returned, Exception):
            raise returned
        return returned

    async with FakePeer(Contract(contract)) as peer:
        answer = await asyncio.wait_for(peer.transact("x"), 30)
        assert peer.session.in_flight == 0
    assert "half a pair ?" in answer.text or "cannot be sent" in answer.text


@on_loop
async def test_an_inner_cancellation_is_an_answer() -> None:
    async def contract(_: ChaincodeStub) -> Response:
        waiting = asyncio.get_running_loop().create_future()
        waiting.cancel()
        await waiting
        return success()

    async with FakePeer(Contract(contract)) as peer:
        answer = await peer.transact("x")
    assert answer.status == 500
    assert "cancelled" in answer.text


@on_loop
async def test_the_answer_to_a_request_given_up_is_not_taken_for_the_next_ones() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        hasty = asyncio.create_task(stub.get_state("first"))
        await asyncio.sleep(0)
        hasty.cancel()
        return success(await stub.get_state("second"))

    async with FakePeer(Contract(contract), state={("", "first"): b"1", ("", "second"): b"2"}) as peer:
        answer = await peer.transact("x")
    assert answer.payload == b"2"
    assert peer.requested() == ["GET_STATE", "GET_STATE"]
    assert peer.broken_rules == []


@on_loop
async def test_the_end_of_the_stream_cancels_what_is_in_progress() -> None:
    cancelled: list[str] = []

    async def contract(stub: ChaincodeStub) -> Response:
        try:
            await stub.get_state("never answered")
        except asyncio.CancelledError:
            cancelled.append(stub.tx_id)
            raise
        return success()

    async with FakePeer(Contract(contract), answers={Message.GET_STATE: lambda _: None}) as peer:
        for tx_id in ("a", "b"):
            peer.begin("x", tx_id=tx_id)
        await _wait_until(lambda: len(peer.requests) == 2)
        peer.hang_up()
        await asyncio.wait_for(peer.serving, 30)
    assert sorted(cancelled) == ["a", "b"]


@on_loop
async def test_a_stub_kept_beyond_its_transaction_refuses_to_work() -> None:
    kept: list[ChaincodeStub] = []

    async def contract(stub: ChaincodeStub) -> Response:
        kept.append(stub)
        return success()

    async with FakePeer(Contract(contract)) as peer:
        await peer.transact("x")
        await _wait_until(lambda: peer.session.in_flight == 0)
        with pytest.raises(Exception, match="has been answered") as caught:
            await kept[0].get_state("k")
    assert getattr(caught.value, "code", "") == "TRANSACTION_OVER"


@on_loop
async def test_a_transaction_begun_again_gets_one_answer() -> None:
    runs: list[int] = []

    async def contract(stub: ChaincodeStub) -> Response:
        runs.append(len(runs))
        if len(runs) == 1:
            await asyncio.get_running_loop().create_future()
        return success("second run")

    async with FakePeer(Contract(contract)) as peer:
        peer.begin("x")
        await _wait_until(lambda: runs)
        answer = await peer.transact("x")
    assert answer.payload == b"second run"
    assert peer.broken_rules == []


@on_loop
async def test_more_transactions_than_the_limit_are_refused_clearly() -> None:
    release = asyncio.Event()

    async def contract(_: ChaincodeStub) -> Response:
        await release.wait()
        return success()

    async with FakePeer(Contract(contract), limits=Limits(transactions=2)) as peer:
        waiting = [peer.begin("x", tx_id=name) for name in ("a", "b")]
        refused = await peer.transact("x", tx_id="c")
        release.set()
        answers = await asyncio.wait_for(asyncio.gather(*waiting), 30)
        later = await peer.transact("x", tx_id="d")
    assert (refused.status, refused.text) == (503, "the chaincode has 2 transactions in progress")
    assert [answer.status for answer in (*answers, later)] == [200, 200, 200]


@on_loop
async def test_a_request_or_an_answer_too_large_for_the_peer_is_a_clear_error() -> None:
    async with FakePeer(AllOperations(), limits=Limits(message_bytes=1000)) as peer:
        put = await peer.transact("put_big", "k", "2000")
        big = await peer.transact("big", "2000", tx_id="big")
    assert put.status == 500
    assert put.text.startswith("PUT_STATE of 20")
    assert put.text.endswith("bytes exceeds the peer's 1000")
    assert peer.requested() == []
    assert big.status == 500
    assert "exceeds the peer's 1000" in big.text


@pytest.mark.parametrize("kind", [Message.REGISTERED, Message.READY, Message.COMPLETED])
def test_a_message_out_of_place_ends_the_stream(kind: int) -> None:
    @on_loop
    async def run() -> None:
        async with FakePeer(AllOperations()) as peer:
            await peer.transact("get", "k")
            peer.to_chaincode.put_nowait(Message(type=kind))
            with pytest.raises(ProtocolError, match="not allowed"):
                await asyncio.wait_for(peer.serving, 30)

    run()


@on_loop
async def test_a_refused_registration_ends_the_stream_with_the_peers_reason() -> None:
    class Refusing(FakePeer):
        def _register(self) -> None:
            self.to_chaincode.put_nowait(Message(type=Message.ERROR, payload=b"already registered"))

    async with Refusing(AllOperations()) as peer:
        with pytest.raises(ProtocolError, match="already registered"):
            await asyncio.wait_for(peer.serving, 30)


@on_loop
async def test_an_answer_nobody_asked_for_is_dropped() -> None:
    async with FakePeer(AllOperations()) as peer:
        peer.to_chaincode.put_nowait(Message(type=Message.RESPONSE, txid="unknown", channel_id="trade"))
        assert (await peer.transact("get", "k")).status == 200


@on_loop
async def test_arguments_that_cannot_be_read_are_an_answer() -> None:
    async with FakePeer(AllOperations()) as peer:
        malformed = await peer.transact(payload=b"\xff\xff\xff")
        nothing = await peer.transact(tx_id="none")
        binary = await peer.transact(b"get", b"\xff", tx_id="binary")
    assert [answer.status for answer in (malformed, nothing, binary)] == [500, 500, 500]
    assert "cannot be read" in malformed.text
    assert "no arguments" in nothing.text
    assert "UTF-8" in binary.text


@on_loop
async def test_init_is_answered_and_its_error_is_an_error_message() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        return success("done") if stub.args else error("no arguments")

    async with FakePeer(Contract(contract)) as peer:
        done = await peer.transact("x", kind=Message.INIT)
        failed = await peer.transact(kind=Message.INIT, tx_id="failed")
    assert done.payload == b"done"
    assert failed.message.type == Message.ERROR
    assert failed.message.payload == b"no arguments"


@on_loop
async def test_metadata_is_answered_by_the_chaincode_that_has_some() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        return success("invoked " + stub.function_and_parameters[0])

    name = "org.hyperledger.fabric:GetMetadata"
    async with FakePeer(AllOperations()) as peer:
        assert b'"contracts"' in (await peer.transact(name)).payload
    async with FakePeer(Contract(contract)) as peer:
        assert (await peer.transact(name)).payload == b"invoked " + name.encode()
