"""Orders in parts come about on agreed terms; the seller takes some, promises some, declines some."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deliveries import (
    BUYER,
    FEES,
    RAIL,
    SELLER,
    TERMS_OF_DELIVERY,
    accepted,
    balances,
    despatched,
    held,
    listed,
    order_in_parts,
    ordered,
    stock,
    two_carriers,
    units,
)
from tests.support.domain import TERMS, World, mint
from tests.support.offers import proposal

AT = "2027-01-15T08:00:00.000Z"
SOME = [{"line": 0, "accepted": 6, "back_ordered": 3}]


def partly(lines: list[dict[str, int]] = SOME, **fields: Any) -> tuple[World, str]:
    """Six of ten accepted, three promised, one declined, and the tea not sold."""
    world, order = ordered()
    fields = {"promise_within": 600, **fields}
    world.do(SELLER, "orders:AcceptPart", order=order, lines=lines, **fields)
    return world, order


def states(world: World, order: str) -> list[list[int]]:
    """Of each line: open, back-ordered, under way, paid, refunded."""
    names = ("open", "back", "under_way", "paid", "refunded")
    return [[line[name] for name in names] for line in world.record("fulfilment", order)["lines"]]


def test_an_order_in_parts_has_values_for_its_lines_and_all_its_carriers_as_parties() -> None:
    world, order = ordered()
    record = world.record("fulfilment", order)
    lines = [{"value": "2500", "ordered": 10, "open": 10}, {"value": "360", "ordered": 4, "open": 4}]
    rest = dict.fromkeys(["back", "under_way", "paid", "refunded", "restocked"], 0)
    assert record == {
        "v": 1,
        "order": order,
        "lines": [{**line, **rest} for line in lines],
        **dict.fromkeys(["open_due", "back_order"]),
        **{name: [] for name in ("despatches", "waiting", "carriages")},
        **dict.fromkeys(["goods_ended", "goods_paid", "proceeds", "freight", "fee", "refunded"], "0"),
    }
    found = world.record("order", order)
    assert (found["settlement"], found["carrier"], found["freight"]) == ("deliveries", None, "150")
    for party in ("CarrierMSP", RAIL):
        assert world.record("order-of", party, order) is not None
    assert world.ask(RAIL, "deliveries:Get", order=order) == {"fulfilment": record, "despatches": []}


def test_what_was_agreed_is_told() -> None:
    world = two_carriers()
    listings = [listed(world), listed(world, price="90")]
    result = world.do(BUYER, "orders:Place", **order_in_parts(world, listings, [mint(world, "3010")]))
    assert result.event_types[:2] == ["order.placed", "deliveries.agreed"]
    event = result.events[1]
    assert event["values"] == ["2500", "360"]
    assert event["carriages"] == TERMS_OF_DELIVERY["carriages"]


@pytest.mark.parametrize(
    ("changes", "terms", "code", "field"),
    [
        ({"settlement": "whole"}, {}, "FIELD_INVALID", "deliveries"),
        ({"deliveries": None}, {}, "FIELD_INVALID", "deliveries"),
        ({"carrier": RAIL}, {}, "CARRIER_INVALID", "carrier"),
        ({"freight": "149", "amount": "3009"}, {}, "AMOUNTS_DIFFER", "deliveries.carriages"),
        ({}, {"weights": ["1"]}, "FIELD_INVALID", "deliveries.weights"),
        ({}, {"weights": ["0", "0"]}, "FIELD_INVALID", "deliveries.weights"),
        ({}, {"tolerance": 10_001}, "FIELD_INVALID", "deliveries.tolerance"),
        ({"arbitrator": RAIL}, {}, "ARBITRATOR_INVALID", "arbitrator"),
    ],
)
def test_terms_that_do_not_go_together(
    changes: dict[str, Any], terms: dict[str, Any], code: str, field: str
) -> None:
    world = two_carriers()
    listings = [listed(world), listed(world, price="90")]
    fields = order_in_parts(world, listings, [mint(world, "3010")])
    fields["deliveries"] = {**TERMS_OF_DELIVERY, **terms}
    assert world.refused(BUYER, "orders:Place", **{**fields, **changes}) == (code, field)


@pytest.mark.parametrize(
    ("carrier", "code"),
    [(SELLER, "CARRIER_INVALID"), ("BankMSP", "CARRIER_INVALID"), ("NobodyMSP", "MEMBER_NOT_FOUND")],
)
def test_each_carriage_has_a_carrier(carrier: str, code: str) -> None:
    world = two_carriers()
    listings = [listed(world), listed(world, price="90")]
    carriages = [{"carrier": RAIL, "freight": "100"}, {"carrier": carrier, "freight": "50"}]
    fields = order_in_parts(world, listings, [mint(world, "3010")])
    fields["deliveries"] = {**TERMS_OF_DELIVERY, "carriages": carriages}
    refused = world.refused(BUYER, "orders:Place", **fields)
    assert refused == (code, "deliveries.carriages[1].carrier")


def test_where_prices_are_not_public_weights_divide_the_price() -> None:
    world = two_carriers()
    listings = [listed(world, price=None), listed(world)]
    fields = order_in_parts(world, listings, [mint(world, "3010")])
    refused = world.refused(BUYER, "orders:Place", **fields)
    assert refused == ("FIELD_INVALID", "deliveries.weights")
    fields["deliveries"] = {**TERMS_OF_DELIVERY, "weights": ["2", "1"]}
    order = world.do(BUYER, "orders:Place", **fields).reply["order"]["id"]
    assert [line["value"] for line in world.record("fulfilment", order)["lines"]] == ["1906", "954"]


def test_an_offer_names_the_terms_that_both_agreed_to() -> None:
    world = two_carriers()
    terms = {**TERMS_OF_DELIVERY, "weights": ["1"]}
    wanted = proposal(amount="9000", freight="150", carrier=None, lines_commitment=None)
    parties = {"buyer": BUYER, "seller": SELLER}
    bad = {**wanted, "deliveries": {**terms, "weights": ["0"]}}
    refused = world.refused(SELLER, "offers:Propose", **parties, proposal=bad)
    assert refused == ("FIELD_INVALID", "proposal.deliveries.weights")
    bad = {**wanted, "deliveries": {**terms, "carriages": [{"carrier": BUYER, "freight": "150"}]}}
    refused = world.refused(SELLER, "offers:Propose", **parties, proposal=bad)
    assert refused == ("CARRIER_INVALID", "proposal.deliveries.carriages[0].carrier")
    made = world.do(SELLER, "offers:Propose", **parties, proposal={**wanted, "deliveries": terms})
    take = {"offer": made.reply["offer"]["id"], "version": 1, "notes": [mint(world, "9000")]}
    taken = world.do(BUYER, "offers:Accept", **take)
    order = taken.reply["order"]
    assert (order["settlement"], order["status"]) == ("deliveries", "accepted")
    fulfilment = world.record("fulfilment", order["id"])
    assert fulfilment["lines"][0]["value"] == "8850"
    assert fulfilment["open_due"] == order["due"]
    despatched(world, order["id"], (0, 1), carriage=1)


def test_a_buyer_cannot_choose_parts_that_the_offer_does_not_name() -> None:
    world = two_carriers()
    wanted = proposal(lines_commitment=None)
    made = world.do(SELLER, "offers:Propose", buyer=BUYER, seller=SELLER, proposal=wanted)
    take = {"offer": made.reply["offer"]["id"], "version": 1, "notes": [mint(world, "9000")]}
    refused = world.refused(BUYER, "offers:Accept", **take, settlement="deliveries")
    assert refused == ("SETTLEMENT_UNSUPPORTED", "settlement")


def test_accepting_as_a_whole_sets_the_time_to_despatch() -> None:
    world, order = ordered()
    result = world.do(SELLER, "orders:Accept", order=order)
    assert set(result.writes) == {("order", order), ("fulfilment", order)}
    assert result.event_types == ["order.accepted", "order.progressed"]
    due = "2027-01-15T08:02:00.000Z"
    assert (result.reply["order"]["due"], world.record("fulfilment", order)["open_due"]) == (due, due)


def test_what_is_declined_goes_back_at_once_to_the_buyer_and_to_stock() -> None:
    world, order = ordered()
    fields = {"order": order, "lines": SOME, "promise_within": 600}
    result = world.do(SELLER, "orders:AcceptPart", **fields)
    assert result.event_types == [
        "order.accepted",
        "order.part_accepted",
        "order.part_dropped",
        "order.progressed",
        "money.moved",
        "stock.changed",
        "stock.changed",
    ]
    dropped = result.events[2]
    assert (dropped["cause"], dropped["refunded"], dropped["kept"]) == ("declined", "610", "0")
    assert dropped["lines"] == [{"line": 0, "quantity": 1}, {"line": 1, "quantity": 4}]
    assert balances(world)[BUYER] == 250 + 360
    assert held(world, order) == 2400
    assert states(world, order) == [[6, 3, 0, 0, 1], [0, 0, 0, 0, 4]]
    assert (stock(world, 0, order), stock(world, 1, order)) == (31, 40)
    back = world.record("fulfilment", order)["back_order"]
    promised, answer = "2027-01-15T08:10:00.000Z", "2027-01-15T08:00:30.000Z"
    assert back == {"status": "proposed", "promised_at": promised, "due": answer}
    assert result.reply["order"]["due"] == answer
    # What is still in escrow is meant for seller, fee and carriers, as if all the rest is delivered.
    assert result.reply["order"]["left"] == {"proceeds": "2239", "freight": "150", "fee": "11"}


@pytest.mark.parametrize(
    ("lines", "promise", "code", "field"),
    [
        ([{"line": 2, "accepted": 1}], None, "PART_LINES_INVALID", "lines[0].line"),
        (
            [{"line": 0, "accepted": 1}, {"line": 0, "accepted": 1}],
            None,
            "PART_LINES_INVALID",
            "lines[1].line",
        ),
        ([{"line": 0, "accepted": 11}], None, "PART_LINES_INVALID", "lines[0].accepted"),
        (
            [{"line": 0, "accepted": 6, "back_ordered": 5}],
            60,
            "PART_LINES_INVALID",
            "lines[0].accepted",
        ),
        ([{"line": 0, "accepted": 0}], None, "PART_LINES_INVALID", "lines"),
        ([{"line": 0, "accepted": 6, "back_ordered": 1}], None, "FIELD_INVALID", "promise_within"),
        ([{"line": 0, "accepted": 6}], 60, "FIELD_INVALID", "promise_within"),
        ([{"line": 0, "accepted": 6, "back_ordered": 1}], 30, "FIELD_INVALID", "promise_within"),
    ],
)
def test_answers_that_cannot_be(
    lines: list[dict[str, int]], promise: int | None, code: str, field: str
) -> None:
    world, order = ordered()
    fields = {"order": order, "lines": lines, "promise_within": promise}
    assert world.refused(SELLER, "orders:AcceptPart", **fields) == (code, field)


def test_who_answers_and_when() -> None:
    world, order = ordered()
    fields = {"order": order, "lines": [{"line": 0, "accepted": 6}]}
    assert world.refused(BUYER, "orders:AcceptPart", **fields) == ("NOT_PERMITTED", None)
    for name in ("orders:AcceptBackOrder", "orders:RefuseBackOrder"):
        assert world.refused(BUYER, name, order=order) == ("BACK_ORDER_STATE", "order")
        assert world.refused(SELLER, name, order=order) == ("NOT_PERMITTED", None)
    world.do(SELLER, "orders:AcceptPart", **fields)
    assert world.refused(SELLER, "orders:AcceptPart", **fields) == ("ORDER_STATE", "order")


def test_the_buyer_waits_for_a_back_order() -> None:
    world, order = partly()
    refused = world.refused(SELLER, "despatches:Despatch", order=order, lines=units((0, 7)))
    assert refused == ("PART_LINES_INVALID", "lines[0].quantity")
    result = world.do(BUYER, "orders:AcceptBackOrder", order=order)
    assert result.event_types == ["order.back_order_answered", "order.progressed"]
    assert world.record("fulfilment", order)["back_order"]["status"] == "agreed"
    # The rest is due before the promise.
    assert result.reply["order"]["due"] == "2027-01-15T08:02:00.000Z"
    assert world.refused(BUYER, "orders:AcceptBackOrder", order=order) == ("BACK_ORDER_STATE", "order")
    despatched(world, order, (0, 9))
    assert states(world, order)[0] == [0, 0, 9, 0, 1]


def test_the_buyer_does_not_wait() -> None:
    world, order = partly()
    result = world.do(BUYER, "orders:RefuseBackOrder", order=order)
    assert result.events[0]["accepted"] is False
    assert balances(world)[BUYER] == 610 + 750
    assert states(world, order)[0] == [6, 0, 0, 0, 4]
    assert stock(world, 0, order) == 34


def test_cancelling_what_is_placed_costs_nothing() -> None:
    world, order = ordered()
    result = world.do(BUYER, "orders:Cancel", order=order)
    assert result.event_types[:3] == ["order.part_dropped", "order.progressed", "order.cancelled"]
    assert result.reply["order"]["status"] == "cancelled"
    assert result.reply["notes"][0]["amount"] == "3010"
    assert (balances(world)[BUYER], held(world, order)) == (3010, 0)
    assert (stock(world, 0, order), stock(world, 1, order)) == (40, 40)


def test_the_buyer_cancels_the_rest_for_the_agreed_fee() -> None:
    world, order = accepted()
    assert world.refused(BUYER, "orders:Cancel", order=order) == ("ORDER_STATE", "order")
    result = world.do(BUYER, "orders:CancelRest", order=order, lines=units((0, 4)))
    assert (result.events[0]["kept"], result.events[0]["refunded"]) == ("100", "900")
    assert balances(world) == {BUYER: 900, SELLER: 100, "CarrierMSP": 0, RAIL: 0, FEES: 0}
    result = world.do(BUYER, "orders:CancelRest", order=order)
    assert result.reply["order"]["status"] == "settled"
    assert result.reply["order"]["cause"] == "completed"
    # A tenth of 2860 stays with the seller, of which the consortium has its share; no freight was earned.
    assert balances(world) == {BUYER: 3010 - 286, SELLER: 285, "CarrierMSP": 0, RAIL: 0, FEES: 1}
    assert (held(world, order), stock(world, 0, order)) == (0, 40)


def test_the_seller_cancels_the_rest_for_nothing() -> None:
    world, order = accepted()
    result = world.do(SELLER, "orders:CancelRest", order=order)
    assert result.reply["order"]["status"] == "cancelled"
    assert balances(world)[BUYER] == 3010


def test_back_ordered_units_are_cancelled_for_nothing_and_first() -> None:
    world, order = partly()
    result = world.do(BUYER, "orders:CancelRest", order=order, lines=units((0, 4)))
    assert (result.events[0]["kept"], result.events[0]["refunded"]) == ("25", "975")
    assert states(world, order)[0] == [5, 0, 0, 0, 5]


def test_who_cancels_the_rest_and_what() -> None:
    world, order = ordered()
    assert world.refused(BUYER, "orders:CancelRest", order=order) == ("ORDER_STATE", "order")
    world.do(SELLER, "orders:Accept", order=order)
    assert world.refused(RAIL, "orders:CancelRest", order=order) == ("NOT_PERMITTED", None)
    for lines, field in (
        (units((0, 11)), "lines[0].quantity"),
        (units((2, 1)), "lines[0].line"),
        (units((1, 1), (1, 1)), "lines[1].line"),
    ):
        refused = world.refused(BUYER, "orders:CancelRest", order=order, lines=lines)
        assert refused == ("PART_LINES_INVALID", field)
    despatched(world, order, (0, 10), (1, 4))
    assert world.refused(BUYER, "orders:CancelRest", order=order) == ("ORDER_STATE", "order")


def test_steps_of_a_whole_order_and_of_one_in_parts_are_not_mixed() -> None:
    world, order = accepted()
    for caller, name in (
        (SELLER, "orders:Ship"),
        (SELLER, "orders:Deliver"),
        (BUYER, "orders:Confirm"),
    ):
        assert world.refused(caller, name, order=order) == ("ORDER_SETTLEMENT", "order")
    fields = {"order": order, "restocking_fee": "1", "receive_within": 60}
    assert world.refused(BUYER, "returns:Propose", **fields) == ("ORDER_SETTLEMENT", "order")
    listing = listed(world)
    one = {"lines": [{"listing": listing, "quantity": 1, "take": [{"bucket": 0, "quantity": 1}]}]}
    whole = {"amount": "250", "notes": [mint(world, "250")], "terms": TERMS}
    other = world.do(BUYER, "orders:Place", **one, **whole).reply["order"]["id"]
    refused = world.refused(SELLER, "despatches:Despatch", order=other, lines=units((0, 1)))
    assert refused == ("ORDER_SETTLEMENT", "order")
    assert world.refusal(BUYER, "deliveries:Get", {"order": other}) == ("ORDER_SETTLEMENT", "order")
    missing = f"{BUYER}.{'0' * 26}"
    assert world.refusal(BUYER, "deliveries:Get", {"order": missing}) == ("ORDER_NOT_FOUND", "order")
