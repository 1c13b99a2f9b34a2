"""An order by deliveries in a dispute: its parts wait, and end with it or go on with the time they had."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deliveries import (
    BUYER,
    CARRIER,
    RAIL,
    SELLER,
    SERIALS,
    accepted,
    balances,
    despatched,
    held,
    ordered,
    received,
    stock,
    units,
)
from tests.support.domain import TERMS, World, mint
from tests.support.escrow import split
from tests.unit.hansa_domain_deliveries.test_despatching import commissioned, holders

STRICT = {**TERMS, "decide_within": 500}


def under_way(**changes: Any) -> tuple[World, str, str]:
    """Ten and four ordered for 3010, six of the first under way with the carrier."""
    world, order = accepted(terms=STRICT, **changes)
    return world, order, despatched(world, order, (0, 6), carriage=0)


def decided(world: World, order: str, parts: dict[str, str], goods: str) -> Any:
    world.do(BUYER, "disputes:Open", order=order, reason="short")
    return world.do("BankMSP", "disputes:Decide", order=order, split=parts, goods=goods)


def test_nothing_of_its_parts_moves_meanwhile() -> None:
    world, order, despatch = under_way()
    world.do(CARRIER, "disputes:Open", order=order, reason="freight")
    world.pass_time(300)
    more = {"order": order, "lines": units((1, 1)), "carriage": 1}
    steps: list[tuple[str, str, dict[str, Any]]] = [
        (CARRIER, "despatches:Deliver", {"despatch": despatch}),
        (SELLER, "despatches:Despatch", more),
    ]
    for caller, name, fields in steps:
        assert world.refused(caller, name, **fields) == ("ORDER_DISPUTED", "order")
    assert world.refused("BankMSP", "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")


def test_parts_go_on_with_the_time_they_had() -> None:
    world, order, despatch = under_way()
    before = world.record("despatch", despatch)["due"]
    assert before == "2027-01-15T08:03:00.000Z"
    world.do(BUYER, "disputes:Open", order=order, reason="late")
    world.pass_time(500)
    lapsed = world.do("BankMSP", "orders:Default", order=order)
    assert lapsed.event_types == ["dispute.closed", "order.progressed"]
    assert world.record("despatch", despatch)["due"] == "2027-01-15T08:11:20.000Z"
    first = lapsed.reply["order"]["due"]
    assert (first, lapsed.events[0]["due"]) == ("2027-01-15T08:10:20.000Z", first)
    world.do(CARRIER, "despatches:Deliver", despatch=despatch)
    received(world, despatch, {"line": 0, "accepted": 6})
    assert world.record("despatch", despatch)["status"] == "received"


@pytest.mark.parametrize(
    ("goods", "left", "status"), [("buyer", (34, 40), "settled"), ("seller", (34, 40), "refunded")]
)
def test_a_decision_ends_every_part(goods: str, left: tuple[int, int], status: str) -> None:
    world, order, despatch = under_way()
    parts = {**split(1410, 1500, 100), "carrier": CARRIER}
    result = decided(world, order, parts, goods)
    assert result.event_types[:3] == ["dispute.closed", "order.divided", "despatch.settled"]
    assert held(world, order) == 0
    assert balances(world) == {
        BUYER: 1410,
        SELLER: 1493,
        CARRIER: 100,
        RAIL: 0,
        "BankMSP/consortium-fees": 7,
    }
    assert (stock(world, 0, order), stock(world, 1, order)) == left
    ended = world.record("fulfilment", order)
    assert (ended["waiting"], ended["open_due"]) == ([], None)
    assert sum(line["paid"] + line["refunded"] for line in ended["lines"]) == 14
    assert world.record("despatch", despatch)["status"] == status
    for caller, name in ((CARRIER, "despatches:Deliver"), (BUYER, "receipts:Report")):
        fields = {"despatch": despatch, **({"lines": []} if caller == BUYER else {})}
        assert world.refused(caller, name, **fields)[0] in ("DESPATCH_STATE", "FIELD_INVALID")
    again = {"order": order, "lines": [{"line": 1, "quantity": 1}]}
    assert world.refused(SELLER, "despatches:Despatch", **again) == ("ORDER_STATE", "order")


@pytest.mark.parametrize(("goods", "holder"), [("buyer", BUYER), ("seller", SELLER)])
def test_goods_under_way_are_whose_the_decision_says(goods: str, holder: str) -> None:
    world, order = accepted(terms=STRICT)
    commissioned(world, SERIALS[:2])
    despatched(world, order, (0, 2), carriage=0, epcs=SERIALS[:2])
    parts = {**split(2910, 0, 100), "carrier": CARRIER}
    result = decided(world, order, parts, goods)
    assert "custody.moved" in result.event_types
    assert holders(world, SERIALS[:2]) == [holder, holder]


def test_one_of_several_carriers_is_named() -> None:
    world, order, _ = under_way()
    world.do(BUYER, "disputes:Open", order=order, reason="other")
    verdict = {"order": order, "goods": "buyer", "split": split(2910, 0, 100)}
    assert world.refused("BankMSP", "disputes:Decide", **verdict) == ("SPLIT_INVALID", "split.to_carrier")
    verdict["split"] = {**split(2910, 0, 100), "carrier": "BankMSP"}
    assert world.refused("BankMSP", "disputes:Decide", **verdict) == ("SPLIT_INVALID", "split.carrier")


def test_carriers_agree_to_less_than_their_freight_and_nothing_is_split_in_part() -> None:
    world, order, _ = under_way()
    proposal = {"order": order, "valid_for": 60, "split": split(2000, 1010), "goods": "buyer"}
    proposed = world.do(BUYER, "settlements:Propose", **proposal)
    assert proposed.reply["settlement"]["needs"] == [BUYER, SELLER, CARRIER, RAIL]
    for caller in (SELLER, CARRIER, RAIL):
        done = world.do(caller, "settlements:Accept", order=order, number=1)
    assert done.reply["order"]["status"] == "settled"
    world, order, _ = under_way()
    part = {"order": order, "valid_for": 60, "split": split(10, 0)}
    assert world.refused(BUYER, "settlements:Propose", **part) == ("SPLIT_INVALID", "split")


def test_every_carrier_has_a_say_where_one_gets_all_of_the_freight() -> None:
    world, order, _ = under_way()
    despatched(world, order, (0, 4), carriage=1)
    parts = {"to_buyer": "2860", "to_seller": "0", "to_carrier": "150", "carrier": CARRIER}
    fields = {"order": order, "split": parts, "goods": "seller", "valid_for": 60}
    proposed = world.do(BUYER, "settlements:Propose", **fields)
    assert proposed.reply["settlement"]["needs"] == [BUYER, SELLER, CARRIER, RAIL]


def test_the_running_sums_have_the_split_that_ends_it() -> None:
    world, order, _ = under_way()
    ended = decided(world, order, split(1000, 1910, 100) | {"carrier": CARRIER}, "buyer")
    found = world.record("fulfilment", order)
    sums = [int(found[name]) for name in ("proceeds", "freight", "fee", "refunded")]
    assert sum(sums) == 3010
    assert sums[1:] == [100, balances(world)["BankMSP/consortium-fees"], 1000]
    assert (int(found["goods_ended"]), int(found["goods_paid"])) == (3010 - 150, sums[0] + sums[2])
    progressed = next(event for event in ended.events if event["type"] == "order.progressed")
    assert [progressed[name] for name in ("proceeds", "refunded")] == [found["proceeds"], "1000"]


def test_a_promise_not_yet_taken_waits_with_the_order() -> None:
    world, order = ordered(terms=STRICT)
    lines = [{"line": 0, "accepted": 6, "back_ordered": 4}]
    world.do(SELLER, "orders:AcceptPart", order=order, lines=lines, promise_within=60)
    world.do(BUYER, "disputes:Open", order=order, reason="late")
    world.pass_time(400)
    world.do(BUYER, "disputes:Withdraw", order=order)
    world.do(BUYER, "orders:AcceptBackOrder", order=order)
    assert world.record("fulfilment", order)["back_order"]["due"] == "2027-01-15T08:07:40.000Z"


def test_who_sold_the_proceeds_does_not_cancel_the_rest_alone() -> None:
    world, order, _ = under_way()
    offer = {"order": order, "financier": "BankMSP", "price": "2500", "expires_within": 60}
    world.do(SELLER, "receivables:Offer", **offer)
    note = mint(world, "2500", "BankMSP")
    world.do("BankMSP", "receivables:Assign", order=order, price="2500", notes=[note])
    assert world.refused(SELLER, "orders:CancelRest", order=order) == ("RECEIVABLE_STATE", "order")
    # The buyer does it by the terms that its buyer saw, for the fee that is now his.
    world.do(BUYER, "orders:CancelRest", order=order)
    assert world.balance("BankMSP") > 0
