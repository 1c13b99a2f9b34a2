"""Ranges, composite keys, pages and history: fetched in portions, closed when left early."""

from __future__ import annotations

import json

from hansa_shim import ChaincodeStub, Response, TransactionOverError, create_composite_key, success
from tests.support.all_operations import AllOperations
from tests.support.on_loop import on_loop
from tests.support.shim import Contract, FakePeer

SIMPLE = {("", f"k{number}"): b"v%d" % number for number in range(8)}
COMPOSITE = {("", create_composite_key("order", [buyer, n])): n.encode() for buyer in "ab" for n in "123"}


@on_loop
async def test_a_range_comes_whole_and_in_order_over_several_messages() -> None:
    async with FakePeer(AllOperations(), state=SIMPLE) as peer:
        answer = await peer.transact("range", "k1", "")
    assert json.loads(answer.payload) == [[f"k{n}", f"v{n}"] for n in range(1, 8)]
    assert peer.requested() == ["GET_STATE_BY_RANGE", "QUERY_STATE_NEXT", "QUERY_STATE_NEXT"]
    assert peer.open_iterators == 0


@on_loop
async def test_an_open_range_leaves_composite_keys_out() -> None:
    async with FakePeer(AllOperations(), state=SIMPLE | COMPOSITE) as peer:
        answer = await peer.transact("range", "", "k2")
    assert json.loads(answer.payload) == [["k0", "v0"], ["k1", "v1"]]


@on_loop
async def test_leaving_early_closes_the_query_at_the_peer() -> None:
    async with FakePeer(AllOperations(), state=SIMPLE) as peer:
        answer = await peer.transact("range_first", "k0", "", "2")
    assert json.loads(answer.payload) == [["k0", "v0"], ["k1", "v1"]]
    assert peer.requested()[:2] == ["GET_STATE_BY_RANGE", "QUERY_STATE_CLOSE"]
    assert peer.open_iterators == 0


@on_loop
async def test_a_closed_iterator_says_so() -> None:
    async def contract(stub: ChaincodeStub) -> Response:
        found = await stub.get_state_by_range("k0", "")
        await found.aclose()
        await found.aclose()
        try:
            await anext(found)
        except TransactionOverError as failure:
            return success(str(failure))
        return success("went on")

    async with FakePeer(Contract(contract), state=SIMPLE) as peer:
        answer = await peer.transact("x")
    assert answer.payload == b"this iterator has been closed"
    assert peer.requested() == ["GET_STATE_BY_RANGE", "QUERY_STATE_CLOSE"]


@on_loop
async def test_partial_composite_keys_find_what_begins_with_them() -> None:
    state = SIMPLE | COMPOSITE | {("", create_composite_key("orderly", ["a"])): b"x"}
    async with FakePeer(AllOperations(), state=state) as peer:
        every = await peer.transact("partial_composite", "order")
        one = await peer.transact("partial_composite", "order", "a", tx_id="one")
        none = await peer.transact("partial_composite", "order", "c", tx_id="none")
    assert [json.loads(key) for key, _ in json.loads(every.payload)] == [
        ["order", buyer, n] for buyer in "ab" for n in "123"
    ]
    assert [value for _, value in json.loads(one.payload)] == ["1", "2", "3"]
    assert json.loads(none.payload) == []


@on_loop
async def test_pages_follow_one_another_by_their_bookmarks() -> None:
    async with FakePeer(AllOperations(), state=SIMPLE) as peer:
        keys, bookmark, turn = [], "", 0
        while turn == 0 or bookmark:
            answer = await peer.transact("range_page", "k0", "", "3", bookmark, tx_id=f"t{turn}")
            page = json.loads(answer.payload)
            assert page["count"] == len(page["items"])
            keys += [key for key, _ in page["items"]]
            bookmark, turn = page["bookmark"], turn + 1
    assert keys == [f"k{n}" for n in range(8)]
    assert turn == 3


@on_loop
async def test_pages_of_composite_keys() -> None:
    async with FakePeer(AllOperations(), state=COMPOSITE) as peer:
        first = json.loads((await peer.transact("partial_composite_page", "4", "", "order")).payload)
        rest = await peer.transact("partial_composite_page", "4", first["bookmark"], "order", tx_id="rest")
    assert len(first["items"]) == 4
    assert [json.loads(key) for key, _ in json.loads(rest.payload)["items"]] == [
        ["order", "b", "2"],
        ["order", "b", "3"],
    ]


@on_loop
async def test_private_ranges_stay_in_their_collection() -> None:
    state = SIMPLE | {("secret", "k1"): b"hidden", ("secret", create_composite_key("n", ["1"])): b"note"}
    async with FakePeer(AllOperations(), state=state) as peer:
        simple = await peer.transact("prange", "secret", "", "")
        composite = await peer.transact("ppartial_composite", "secret", "n", tx_id="composite")
    assert json.loads(simple.payload) == [["k1", "hidden"]]
    assert json.loads(composite.payload) == [['["n","1"]', "note"]]


@on_loop
async def test_history_has_each_change() -> None:
    async with FakePeer(AllOperations()) as peer:
        changes = json.loads((await peer.transact("history", "k")).payload)
    assert [change[:3] for change in changes] == [
        ["t4", "4", False],
        ["t3", "3", False],
        ["t2", "2", False],
        ["t1", "1", False],
        ["t0", "0", True],
    ]
    assert peer.open_iterators == 0
