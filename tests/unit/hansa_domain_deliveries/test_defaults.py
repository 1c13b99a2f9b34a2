"""Every state of every part has an outcome that any member calls, whoever is silent."""

from __future__ import annotations

from tests.support.deliveries import (
    BUYER,
    CARRIER,
    FEES,
    RAIL,
    SELLER,
    SERIALS,
    accepted,
    balances,
    commissioned,
    despatched,
    held,
    invoiced,
    ordered,
    received,
    stock,
)
from tests.support.domain import World
from tests.unit.hansa_domain_deliveries.test_despatching import holders

ANYBODY = "RegulatorMSP"
WHOLE = {BUYER: 3010, SELLER: 0, CARRIER: 0, RAIL: 0, FEES: 0}


def default(world: World, order: str) -> list[str]:
    """Calls the one default that is due; the types of what it did."""
    result = world.do(ANYBODY, "orders:Default", order=order)
    assert result.reply["order"]["id"] == order
    return result.event_types


def too_early(world: World, order: str) -> bool:
    return world.refused(ANYBODY, "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")


def test_not_accepted() -> None:
    world, order = ordered()
    assert too_early(world, order)
    world.pass_time(60)
    assert default(world, order)[:3] == ["order.part_dropped", "order.progressed", "order.refunded"]
    assert (balances(world), held(world, order), stock(world, 0, order)) == (WHOLE, 0, 40)
    assert world.record("order", order)["cause"] == "not_fulfilled"
    assert world.refused(ANYBODY, "orders:Default", order=order) == ("ORDER_STATE", "order")


def test_back_order_not_answered() -> None:
    world, order = ordered()
    lines = [{"line": 0, "accepted": 6, "back_ordered": 4}, {"line": 1, "accepted": 4}]
    world.do(SELLER, "orders:AcceptPart", order=order, lines=lines, promise_within=600)
    world.pass_time(29)
    assert too_early(world, order)
    world.pass_time(1)
    assert default(world, order)[0] == "order.back_order_answered"
    assert balances(world)[BUYER] == 1000
    assert stock(world, 0, order) == 34
    # The rest goes on.
    despatched(world, order, (0, 6), (1, 4))


def test_not_despatched_in_time_and_the_promise_not_kept_either() -> None:
    world, order = ordered()
    lines = [{"line": 0, "accepted": 6, "back_ordered": 4}, {"line": 1, "accepted": 4}]
    world.do(SELLER, "orders:AcceptPart", order=order, lines=lines, promise_within=600)
    world.do(BUYER, "orders:AcceptBackOrder", order=order)
    world.pass_time(119)
    assert too_early(world, order)
    world.pass_time(1)
    default(world, order)
    assert balances(world)[BUYER] == 1500 + 360
    assert held(world, order) == 1150
    assert too_early(world, order)
    world.pass_time(480)
    # A late despatch counts until somebody calls the default.
    despatch = despatched(world, order, (0, 1), carriage=0)
    assert default(world, order)[0] == "order.part_dropped"
    assert balances(world)[BUYER] == 1860 + 750
    world.pass_time(180)
    assert default(world, order)[0] == "despatch.settled"
    assert world.record("despatch", despatch)["cause"] == "not_delivered"
    assert (balances(world), held(world, order)) == (WHOLE, 0)
    assert world.record("order", order)["status"] == "refunded"
    # What never left is back in stock; what left is the seller's, and not.
    assert stock(world, 0, order) == 39


def test_not_delivered() -> None:
    world, order = accepted()
    commissioned(world, SERIALS)
    despatched(world, order, (0, 10), epcs=SERIALS[:2], carriage=0)
    despatched(world, order, (1, 4), carriage=1)
    world.pass_time(180)
    assert default(world, order) == ["despatch.settled", "order.progressed", "money.moved", "custody.moved"]
    assert holders(world, SERIALS[:2]) == [SELLER, SELLER]
    assert balances(world) == {**WHOLE, BUYER: 2600}
    default(world, order)
    assert (balances(world), held(world, order)) == (WHOLE, 0)


def test_delivered_and_not_inspected_then_not_invoiced() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 10), (1, 4), carriage=0)
    world.do(CARRIER, "despatches:Deliver", despatch=despatch)
    world.pass_time(239)
    assert too_early(world, order)
    world.pass_time(1)
    assert default(world, order) == ["receipt.reported", "order.progressed"]
    receipt = world.record("receipt", despatch)
    assert (receipt["deemed"], receipt["by"]) == (True, ANYBODY)
    assert [line["accepted"] for line in receipt["lines"]] == [10, 4]
    world.pass_time(299)
    assert too_early(world, order)
    world.pass_time(1)
    types = default(world, order)
    assert types == ["despatch.settled", "order.progressed", "order.settled", "money.moved"]
    # The railway carried nothing: its freight is the buyer's again.
    assert balances(world) == {BUYER: 50, SELLER: 2845, CARRIER: 100, RAIL: 0, FEES: 15}
    assert (held(world, order), world.record("order", order)["status"]) == (0, "settled")


def test_after_a_silent_buyer_a_matching_invoice_is_paid() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 10), (1, 4), carriage=0)
    invoice = invoiced(world, despatch, (0, 10, 2500), (1, 4, 360), freight=100)
    world.do(CARRIER, "despatches:Deliver", despatch=despatch)
    world.pass_time(240)
    default(world, order)
    world.do(SELLER, "invoices:Pay", invoice=invoice)
    assert balances(world)[SELLER] == 2845


def test_an_invoice_that_does_not_match_does_not_hold_up_what_the_receipt_says() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 10), carriage=0)
    received(world, despatch, {"line": 0, "accepted": 7, "short": 3, "reason": "CP"})
    invoice = invoiced(world, despatch, (0, 10, 2500), freight=100)
    world.pass_time(120)
    default(world, order)  # the tea was never despatched
    world.pass_time(180)
    result = world.do(ANYBODY, "orders:Default", order=order)
    settled = result.events[0]
    assert (settled["cause"], settled["invoice"], settled["refunded"]) == ("self_billed", None, "800")
    assert balances(world) == {BUYER: 360 + 750 + 50, SELLER: 1741, CARRIER: 100, RAIL: 0, FEES: 9}
    assert held(world, order) == 0
    # The books are put right by a credit note, which moves no money.
    world.do(SELLER, "invoices:Credit", invoice=invoice)
    assert world.refused(SELLER, "invoices:Pay", invoice=invoice) == ("INVOICE_STATE", "invoice")


def test_nothing_arrived_so_nobody_is_paid() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 10), (1, 4), carriage=0)
    world.do(CARRIER, "despatches:Deliver", despatch=despatch)
    gone = {"accepted": 0, "reason": "CP"}
    received(world, despatch, {"line": 0, "short": 10, **gone}, {"line": 1, "short": 4, **gone})
    world.pass_time(300)
    default(world, order)
    assert (balances(world), held(world, order)) == (WHOLE, 0)
    found = world.record("order", order)
    assert (found["status"], world.record("despatch", despatch)["status"]) == ("refunded", "refunded")
