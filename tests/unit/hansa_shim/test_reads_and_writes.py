"""State and private data: what is asked of the peer, in how many messages, and what is refused before."""

from __future__ import annotations

import hashlib
import json

import pytest

from hansa_shim import ChaincodeStub, Limits, Response, WriteBatchError, all_of, policy_bytes, success
from tests.support.all_operations import AllOperations
from tests.support.on_loop import on_loop
from tests.support.shim import Contract, FakePeer, Message, refusal

STEPS = [
    ["put", "a", "1"],
    ["put", "b", "2"],
    ["pput", "secret", "c", "3"],
    ["del", "d"],
    ["ppurge", "secret", "e"],
    ["set_policy", "a", "all", "peer", "BankMSP"],
    ["put", "a", "last"],
]
WRITTEN = [
    ("PUT_STATE", "", "a", b"last"),
    ("PUT_STATE", "", "b", b"2"),
    ("PUT_STATE", "secret", "c", b"3"),
    ("DEL_STATE", "", "d", b""),
    ("PURGE_PRIVATE_DATA", "secret", "e", b""),
    ("PUT_STATE_METADATA", "", "a", policy_bytes(all_of("BankMSP"))),
]


@pytest.mark.parametrize(
    ("offered", "messages"),
    [
        (100, ["WRITE_BATCH_STATE"]),
        (6, ["WRITE_BATCH_STATE"]),
        (4, ["WRITE_BATCH_STATE"] * 2),
        (1, ["WRITE_BATCH_STATE"] * 6),
        (0, [name for name, *_ in WRITTEN]),
    ],
)
def test_a_batch_leaves_in_messages_of_the_offered_size(offered: int, messages: list[str]) -> None:
    @on_loop
    async def run() -> None:
        async with FakePeer(AllOperations(), write_batch=offered) as peer:
            assert (await peer.transact("batch", json.dumps(STEPS))).status == 200
        assert peer.written == WRITTEN
        assert peer.requested() == messages

    run()


@on_loop
async def test_a_batch_not_finished_leaves_before_the_answer() -> None:
    async with FakePeer(AllOperations(), write_batch=1000) as peer:
        assert (await peer.transact("put_many", "k", "2500")).status == 200
    assert peer.requested() == ["WRITE_BATCH_STATE"] * 3
    assert [key for _, _, key, _ in peer.written] == [f"k{number:04}" for number in range(2500)]


@on_loop
async def test_a_batch_of_a_refused_transaction_is_not_sent() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        stub.start_write_batch()
        await stub.put_state("k", "v")
        stub.set_event("happened", "nothing")
        return Response(status=409, message="refused")

    async with FakePeer(Contract(contract), write_batch=10) as peer:
        answer = await peer.transact("x")
    assert (answer.status, answer.text) == (409, "refused")
    assert not answer.message.HasField("chaincode_event")
    assert peer.requested() == []


@on_loop
async def test_a_batch_is_cut_by_bytes_too() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        stub.start_write_batch()
        for number in range(10):
            await stub.put_state(f"k{number}", b"x" * 3000)
        return success()

    async with FakePeer(Contract(contract), write_batch=100, limits=Limits(message_bytes=14_096)) as peer:
        assert (await peer.transact("x")).status == 200
    assert peer.requested() == ["WRITE_BATCH_STATE"] * 4
    assert len(peer.written) == 10
    assert max(message.ByteSize() for message in peer.requests["tx"]) <= 14_096


@on_loop
async def test_a_failed_batch_fails_the_transaction_even_if_the_contract_hides_it() -> None:
    seen: list[str] = []

    async def contract(stub: ChaincodeStub) -> Response:
        stub.start_write_batch()
        await stub.put_state("k", "v")
        try:
            await stub.finish_write_batch()
        except WriteBatchError as failure:
            seen.append(str(failure))
        return success("all is well")

    answers = {Message.WRITE_BATCH_STATE: refusal("no collection")}
    async with FakePeer(Contract(contract), write_batch=10, answers=answers) as peer:
        answer = await peer.transact("x")
    assert seen == ["no collection"]
    assert (answer.status, answer.text) == (500, "a batch of writes failed: no collection")


@pytest.mark.parametrize(
    ("offered", "messages"),
    [
        (100, ["GET_STATE_MULTIPLE"]),
        (5, ["GET_STATE_MULTIPLE"]),
        (2, ["GET_STATE_MULTIPLE"] * 3),
        (0, ["GET_STATE"] * 5),
    ],
)
def test_several_keys_are_read_in_messages_of_the_offered_size(offered: int, messages: list[str]) -> None:
    @on_loop
    async def run() -> None:
        state = {("", "a"): b"1", ("", "c"): b"3", ("", "e"): b"5"}
        async with FakePeer(AllOperations(), read_batch=offered, state=state) as peer:
            answer = await peer.transact("multi_get", "a", "b", "c", "d", "e")
        assert answer.payload == b'["1","","3","","5"]'
        assert peer.requested() == messages

    run()


@on_loop
async def test_no_keys_are_read_without_asking() -> None:
    async with FakePeer(AllOperations(), read_batch=10) as peer:
        assert (await peer.transact("multi_get")).payload == b"[]"
    assert peer.requested() == []


@on_loop
async def test_private_keys_are_never_read_in_one_message() -> None:
    async with FakePeer(AllOperations(), read_batch=10, state={("secret", "a"): b"1"}) as peer:
        assert (await peer.transact("pmulti_get", "secret", "a", "b")).payload == b'["1",""]'
    assert peer.requested() == ["GET_STATE", "GET_STATE"]


@on_loop
async def test_single_writes_go_out_as_themselves() -> None:
    async with FakePeer(AllOperations(), write_batch=100) as peer:
        for number, (function, *arguments) in enumerate(STEPS[:6]):
            assert (await peer.transact(function, *arguments, tx_id=f"t{number}")).status == 200
        assert (await peer.transact("pdel", "secret", "c", tx_id="pdel")).status == 200
    assert [name for name, *_ in peer.written] == [
        "PUT_STATE", "PUT_STATE", "PUT_STATE", "DEL_STATE", "PURGE_PRIVATE_DATA", "PUT_STATE_METADATA",
        "DEL_STATE",
    ]  # fmt: skip
    assert peer.written[-1] == ("DEL_STATE", "secret", "c", b"")


@on_loop
async def test_private_reads_name_their_collection() -> None:
    async with FakePeer(AllOperations(), state={("secret", "k"): b"v", ("", "k"): b"public"}) as peer:
        assert (await peer.transact("pget", "secret", "k")).payload == b"v"
        digest = await peer.transact("phash", "secret", "k", tx_id="hash")
    assert digest.payload.decode() == hashlib.sha256(b"v").hexdigest()


@on_loop
async def test_key_policies_are_read_from_the_metadata() -> None:
    async with FakePeer(AllOperations()) as peer:
        peer.metadata["", "k"] = {"OTHER": b"x", "VALIDATION_PARAMETER": policy_bytes("BankMSP")}
        peer.metadata["secret", "k"] = {"VALIDATION_PARAMETER": policy_bytes("CarrierMSP")}
        assert (await peer.transact("get_policy", "k")).payload == b'["BankMSP"]'
        assert (await peer.transact("pget_policy", "secret", "k", tx_id="2")).payload == b'["CarrierMSP"]'
        assert (await peer.transact("get_policy", "none", tx_id="3")).payload == b"[]"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (["put", "", "v"], "a key must not be empty"),
        (["put", "k", ""], "a value must not be empty"),
        (["get", ""], "a key must not be empty"),
        (["multi_get", "k", ""], "a key must not be empty"),
        (["del", ""], "a key must not be empty"),
        (["history", ""], "a key must not be empty"),
        (["pput", "", "k", "v"], "a collection's name must not be empty"),
        (["pput", "secret", "k", ""], "a value must not be empty"),
        (["pget", "", "k"], "a collection's name must not be empty"),
        (["pget", "secret", ""], "a key must not be empty"),
        (["phash", "", "k"], "a collection's name must not be empty"),
        (["ppurge", "", "k"], "a collection's name must not be empty"),
        (["prange", "", "a", "b"], "a collection's name must not be empty"),
        (["set_policy", "", "all", "peer", "A"], "a key must not be empty"),
        (["set_policy", "k", "all", "boss", "A"], "'boss' is no role"),
        (["range", "\x00a", ""], "must not begin with U+0000"),
        (["range_page", "a", "b", "0"], "between 1 and"),
        (["event", "", "x"], "an event's name must not be empty"),
        (["invoke", "", "", "x"], "a chaincode's name must not be empty"),
        (["transient"], "no signed proposal"),
    ],
)
def test_what_can_never_be_right_is_refused_without_asking_the_peer(call: list[str], reason: str) -> None:
    @on_loop
    async def run() -> None:
        async with FakePeer(AllOperations(), read_batch=10, write_batch=10) as peer:
            answer = await peer.transact(*call)
        assert answer.status == 500
        assert reason in answer.text
        assert peer.requested() == []

    run()


@on_loop
async def test_a_key_that_utf8_cannot_write_is_refused() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        return success(await stub.get_state("\ud800"))

    async with FakePeer(Contract(contract)) as peer:
        answer = await peer.transact("x")
    assert answer.status == 500
    assert "valid Unicode" in answer.text
