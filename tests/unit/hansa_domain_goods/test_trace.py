"""The trail of goods: back to the first event, forward to the last, and not a step beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.epcis import aggregation_event, association_event, object_event, transformation_event
from tests.support.goods import CARRIER, OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

BEAN = "urn:epc:id:sgtin:9521321.000001.{}"
CUP = "urn:epc:id:sgtin:9521321.000002.{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"
TRUCK = "urn:epc:id:grai:9521321.00007.1"


@pytest.fixture
def ledger() -> GoodsLedger:
    """Two products of the producer."""
    ledger = GoodsLedger()
    ledger.register()
    ledger.register(OTHER_GTIN)
    return ledger


def at(day: int) -> str:
    return f"2026-03-{day:02d}T09:00:00Z"


def made(day: int, *epcs: str) -> dict[str, Any]:
    return object_event(action="ADD", bizStep="commissioning", epcList=list(epcs), eventTime=at(day))


def packed(day: int, parent: str, *epcs: str, action: str = "ADD") -> dict[str, Any]:
    return aggregation_event(action=action, parentID=parent, childEPCs=list(epcs) or None, eventTime=at(day))


def seen(day: int, epc: str) -> dict[str, Any]:
    return object_event(epcList=[epc], bizStep="transporting", eventTime=at(day))


def trail(ledger: GoodsLedger, epc: str, **more: Any) -> list[tuple[int, str]]:
    """(day, relation) of each step."""
    return [(int(step["report"]["time"][8:10]), step["relation"]) for step in ledger.trace(epc, **more)]


def test_a_trail_goes_back_to_the_first_event_and_forward_to_the_last(ledger: GoodsLedger) -> None:
    roast = transformation_event(
        inputEPCList=[BEAN.format(1)], outputEPCList=[CUP.format(1), CUP.format(2)], eventTime=at(3)
    )
    events = [
        made(1, BEAN.format(1)),
        seen(2, BEAN.format(1)),
        roast,
        packed(4, PALLET, CUP.format(1)),
        seen(5, PALLET),
        packed(6, PALLET, CUP.format(1), action="DELETE"),
        seen(7, CUP.format(1)),
    ]
    assert {result["status"] for result in ledger.capture(PRODUCER, *events)} == {"accepted"}
    assert trail(ledger, CUP.format(1)) == [
        (1, "upstream"),
        (2, "upstream"),
        (3, "goods"),
        (4, "goods"),
        (5, "container"),
        (6, "goods"),
        (7, "goods"),
    ]
    assert trail(ledger, BEAN.format(1)) == [
        (1, "goods"),
        (2, "goods"),
        (3, "goods"),
        (4, "downstream"),
        (5, "container"),
        (6, "downstream"),
        (7, "downstream"),
    ]
    assert [day for day, _ in trail(ledger, CUP.format(2))] == [1, 2, 3], (
        "a sibling's later life is not its own"
    )
    assert [day for day, _ in trail(ledger, PALLET)] == [1, 2, 3, 4, 5, 6, 7], "and what was in it"


def test_a_container_counts_only_while_the_goods_are_inside(ledger: GoodsLedger) -> None:
    events = [
        made(1, BEAN.format(1), BEAN.format(2)),
        packed(2, PALLET, BEAN.format(2)),
        seen(3, PALLET),
        packed(4, PALLET, BEAN.format(1)),
        seen(5, PALLET),
        packed(6, PALLET, action="DELETE"),
        seen(7, PALLET),
    ]
    ledger.capture(PRODUCER, *events)
    assert trail(ledger, BEAN.format(1)) == [(1, "goods"), (4, "goods"), (5, "container"), (6, "container")]


def test_containers_within_containers(ledger: GoodsLedger) -> None:
    events = [
        made(1, BEAN.format(1)),
        association_event(parentID=TRUCK, childEPCs=[PALLET], eventTime=at(2)),
        packed(3, PALLET, BEAN.format(1)),
        seen(4, TRUCK),
        association_event(parentID=TRUCK, childEPCs=[PALLET], action="DELETE", eventTime=at(5)),
        seen(6, TRUCK),
    ]
    ledger.capture(PRODUCER, *events)
    assert [day for day, _ in trail(ledger, BEAN.format(1))] == [1, 3, 4, 5]


def test_a_transformation_told_in_parts_is_held_together_by_its_id(ledger: GoodsLedger) -> None:
    whole = "urn:epc:id:gdti:9521321.00001.7"
    first = transformation_event(
        inputEPCList=[BEAN.format(1)], outputEPCList=None, transformationID=whole, eventTime=at(2)
    )
    last = transformation_event(
        inputEPCList=None, outputEPCList=[CUP.format(1)], transformationID=whole, eventTime=at(3)
    )
    ledger.capture(PRODUCER, made(1, BEAN.format(1)), first, last)
    assert [day for day, _ in trail(ledger, CUP.format(1))] == [1, 2, 3]
    assert [day for day, _ in trail(ledger, BEAN.format(1))] == [1, 2, 3]


def test_cycles_end(ledger: GoodsLedger) -> None:
    loops = [
        transformation_event(inputEPCList=[BEAN.format(1)], outputEPCList=[CUP.format(1)], eventTime=at(2)),
        transformation_event(inputEPCList=[CUP.format(1)], outputEPCList=[BEAN.format(1)], eventTime=at(3)),
        packed(4, PALLET, TRUCK),
        packed(5, TRUCK, PALLET),
        packed(6, PALLET, BEAN.format(1)),
        packed(7, PALLET, PALLET),
    ]
    results = ledger.capture(PRODUCER, *loops)
    assert {result["status"] for result in results} == {"claim"}
    assert [day for day, _ in trail(ledger, BEAN.format(1))] == [2, 3, 6, 7]
    assert [day for day, _ in trail(ledger, TRUCK)] == [2, 3, 4, 5, 6, 7], "all that was ever in it"


def test_reports_of_several_members_stand_side_by_side(ledger: GoodsLedger) -> None:
    event = seen(2, BEAN.format(1))
    ledger.capture(PRODUCER, made(1, BEAN.format(1)), event)
    ledger.capture(CARRIER, event)
    steps = ledger.trace(BEAN.format(1))
    found = [(step["report"]["reporter"], step["report"]["status"]) for step in steps]
    assert found == [(PRODUCER, "accepted"), (CARRIER, "claim"), (PRODUCER, "accepted")]
    assert all(step["report"]["tx_id"] and step["report"]["captured_at"] for step in steps)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_join_to_the_whole_trail(ledger: GoodsLedger, limit: int) -> None:
    ledger.capture(PRODUCER, made(1, BEAN.format(1)), *(seen(day, BEAN.format(1)) for day in range(2, 9)))
    whole = ledger.trace(BEAN.format(1), limit=1000)
    assert len(whole) == 8
    assert ledger.trace(BEAN.format(1), limit=limit) == whole


def test_depth_cuts_the_trail_and_says_so(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(1, BEAN.format(1)), packed(2, PALLET, BEAN.format(1)), seen(3, PALLET))
    ask = {"epc": BEAN.format(1)}
    short = ledger.world.ask(REGULATOR, "goods:Trace", depth=0, **ask)
    assert ([step["depth"] for step in short["steps"]], short["truncated"]) == ([0, 0], True)
    whole = ledger.world.ask(REGULATOR, "goods:Trace", **ask)
    assert ([step["depth"] for step in whole["steps"]], whole["truncated"]) == ([0, 0, 1], False)
    assert whole["unit"]["custodian"] == PRODUCER


def test_a_trail_is_found_by_any_spelling(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(1, BEAN.format(1)))
    for spelling in (
        BEAN.format(1),
        "https://id.gs1.org/01/09521321000018/21/1",
        "https://shop.example/gtin/9521321000018/ser/1?x=1",
    ):
        assert trail(ledger, spelling) == [(1, "goods")]


def test_what_nobody_reported_has_no_trail(ledger: GoodsLedger) -> None:
    reply = ledger.world.ask(RETAILER, "goods:Trace", epc="urn:epc:id:sgtin:9521321.000001.404")
    assert (reply["steps"], reply["unit"], reply["bookmark"], reply["truncated"]) == ([], None, "", False)


def test_long_and_foreign_identifiers_are_found(ledger: GoodsLedger) -> None:
    foreign = "https://things.example.org/" + "a" * 1000
    ledger.capture(PRODUCER, seen(1, foreign))
    assert trail(ledger, foreign) == [(1, "goods")]
    assert max(len(part) for key in ledger.world.state for part in key) < 256
