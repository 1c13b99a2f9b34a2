"""What the buyer reports of a despatch: quantities that add up, reasons, and goods that do not stay."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import canonical
from tests.support.deliveries import (
    BUYER,
    CARRIER,
    FEES,
    OTHER,
    RAIL,
    SELLER,
    SERIALS,
    TERMS_OF_DELIVERY,
    accepted,
    balances,
    commissioned,
    despatched,
    invoiced,
    listed,
    order_in_parts,
    received,
    two_carriers,
)
from tests.support.domain import GTIN, World
from tests.unit.hansa_domain_deliveries.test_despatching import AT, SSCC, holders

CLEAN = {"line": 0, "accepted": 6}


def sent(**changes: Any) -> tuple[World, str, str]:
    """Six of ten under way; the order and the despatch."""
    world, order = accepted(**changes)
    return world, order, despatched(world, order, (0, 6), carriage=0)


def test_a_receipt_says_line_by_line_what_came() -> None:
    world, order, despatch = sent()
    line = {"line": 0, "accepted": 3, "short": 1, "damaged": 1, "rejected": 1, "reason": "AF"}
    result = received(world, despatch, line, document="d0" * 32)
    rest = dict.fromkeys(["over", "over_accepted", "damaged_kept", "returned"], 0)
    view = {**line, **rest}
    assert result.reply["receipt"] == {
        "v": 1,
        "despatch": despatch,
        "order": order,
        "lines": [{**view, "over_first": 6}],
        "not_taken": [],
        "deemed": False,
        "by": BUYER,
        "document": "d0" * 32,
        "reported_at": AT,
    }
    assert result.event_types == ["receipt.reported", "order.progressed"]
    assert result.events[0]["lines"] == [view]
    assert set(result.writes) == {
        ("order", order),
        ("fulfilment", order),
        ("despatch", despatch),
        ("receipt", despatch),
    }
    found = world.ask(CARRIER, "despatches:Get", despatch=despatch)
    assert (found["despatch"]["status"], found["despatch"]["due"]) == ("received", "2027-01-15T08:05:00.000Z")
    assert found["receipt"] == result.reply["receipt"]
    assert found["due"] == [{"line": 0, "quantity": 3, "amount": "750"}]
    assert found["freight_due"] == "100"


@pytest.mark.parametrize(
    ("lines", "code", "field"),
    [
        ([{"line": 0, "accepted": 5}], "RECEIPT_QUANTITY", "lines[0]"),
        ([{"line": 0, "accepted": 6, "short": 1}], "RECEIPT_QUANTITY", "lines[0]"),
        ([{"line": 1, "accepted": 6}], "PART_LINES_INVALID", "lines[0].line"),
        ([CLEAN, CLEAN], "PART_LINES_INVALID", "lines[1].line"),
        ([{"line": 0, "accepted": 5, "short": 1}], "FIELD_INVALID", "lines[0].reason"),
        ([{**CLEAN, "reason": "AF"}], "FIELD_INVALID", "lines[0].reason"),
        ([{**CLEAN, "over": 1, "reason": "XX"}], "FIELD_INVALID", "lines[0].reason"),
        ([{**CLEAN, "over": 1, "over_accepted": 2}], "RECEIPT_QUANTITY", "lines[0].over_accepted"),
        ([{**CLEAN, "over": 5, "over_accepted": 5}], "RECEIPT_QUANTITY", "lines[0].over_accepted"),
        (
            [{"line": 0, "accepted": 5, "damaged": 1, "damaged_kept": 2}],
            "RECEIPT_QUANTITY",
            "lines[0].damaged_kept",
        ),
    ],
)
def test_reports_that_cannot_be(lines: list[dict[str, Any]], code: str, field: str) -> None:
    world, _, despatch = sent()
    fields = {"despatch": despatch, "lines": lines}
    assert world.refused(BUYER, "receipts:Report", **fields) == (code, field)


def test_every_line_is_reported_by_the_buyer_and_once() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 6), (1, 1))
    fields = {"despatch": despatch, "lines": [CLEAN]}
    assert world.refused(BUYER, "receipts:Report", **fields) == ("RECEIPT_QUANTITY", "lines")
    fields["lines"] = [{"line": 1, "accepted": 1}, CLEAN]
    assert world.refused(SELLER, "receipts:Report", **fields) == ("NOT_PERMITTED", None)
    world.do(BUYER, "receipts:Report", **fields)
    # In the order of the despatch, whatever the report's.
    assert [line["line"] for line in world.record("receipt", despatch)["lines"]] == [0, 1]
    assert world.refused(BUYER, "receipts:Report", **fields) == ("DESPATCH_STATE", "despatch")


@pytest.mark.parametrize(
    ("term", "line", "field"),
    [
        ("damage_discount", {"accepted": 5, "damaged": 1, "damaged_kept": 1}, "lines[0].damaged_kept"),
        ("return_fee", {"accepted": 5, "returned": 1}, "lines[0].returned"),
    ],
)
def test_only_what_was_agreed_is_kept_or_sent_back(term: str, line: dict[str, int], field: str) -> None:
    world, _, despatch = sent(deliveries={**TERMS_OF_DELIVERY, term: None})
    fields = {"despatch": despatch, "lines": [{"line": 0, "reason": "AF", **line}]}
    assert world.refused(BUYER, "receipts:Report", **fields) == ("NOT_AGREED", field)


def test_over_delivery_is_paid_only_as_far_as_the_buyer_takes_it() -> None:
    world, order, despatch = sent()
    received(world, despatch, {**CLEAN, "over": 4, "over_accepted": 3, "reason": "AC"})
    line = world.record("fulfilment", order)["lines"][0]
    assert (line["open"], line["under_way"]) == (1, 9)
    invoice = invoiced(world, despatch, (0, 9, 2250), freight=100)
    world.do(BUYER, "invoices:Pay", invoice=invoice)
    line = world.record("fulfilment", order)["lines"][0]
    assert (line["open"], line["under_way"], line["paid"]) == (1, 0, 9)
    assert balances(world)[SELLER] + balances(world)[FEES] == 2250


def test_over_delivery_that_nobody_took_is_not_paid() -> None:
    world, order, despatch = sent()
    received(world, despatch, {**CLEAN, "over": 4, "reason": "AC"})
    invoice = invoiced(world, despatch, (0, 10, 2500), freight=100)
    refused = world.refused(SELLER, "invoices:Pay", invoice=invoice)
    assert refused == ("INVOICE_MISMATCH", "invoice.lines[0].quantity")
    assert world.record("fulfilment", order)["lines"][0]["open"] == 4


def test_damaged_goods_are_kept_at_the_agreed_discount_and_sound_ones_go_back_for_the_fee() -> None:
    world, order, despatch = sent()
    line = {"accepted": 2, "damaged": 2, "damaged_kept": 1, "rejected": 1, "returned": 1, "reason": "AF"}
    received(world, despatch, {"line": 0, **line})
    # Two at 250, one at 150, and a fifth of 250 for the one sent back.
    invoice = invoiced(world, despatch, (0, 3, 500 + 150 + 50), freight=100)
    world.do(BUYER, "invoices:Pay", invoice=invoice)
    assert balances(world) == {BUYER: 1500 - 700, SELLER: 697, CARRIER: 100, RAIL: 0, FEES: 3}
    found = world.record("fulfilment", order)["lines"][0]
    assert (found["paid"], found["refunded"]) == (3, 3)


def test_identified_goods_end_with_who_has_them() -> None:
    world, order = accepted()
    commissioned(world, SERIALS)
    despatch = despatched(world, order, (0, 6), epcs=SERIALS[:5], carriage=0, sscc=SSCC)
    line = {"line": 0, "accepted": 4, "rejected": 2, "reason": "AF"}
    fields = {"despatch": despatch, "lines": [line]}
    # Five are identified and four kept: one of them at least does not stay.
    refused = world.refused(BUYER, "receipts:Report", **fields)
    assert refused == ("RECEIPT_QUANTITY", "not_taken")
    refused = world.refused(BUYER, "receipts:Report", **fields, not_taken=SERIALS[:3])
    assert refused == ("RECEIPT_QUANTITY", "not_taken")
    refused = world.refused(BUYER, "receipts:Report", **fields, not_taken=SERIALS[5:6])
    assert refused == ("UNIT_NOT_FOUND", "not_taken[0]")
    refused = world.refused(BUYER, "receipts:Report", **fields, not_taken=[SERIALS[0]] * 2)
    assert refused == ("EPC_REPEATED", "not_taken[1]")
    received(world, despatch, line, not_taken=[SERIALS[0], SERIALS[3]])
    invoice = invoiced(world, despatch, (0, 4, 1000), freight=100)
    result = world.do(BUYER, "invoices:Pay", invoice=invoice)
    assert "custody.moved" in result.event_types
    assert holders(world, SERIALS[:5]) == [SELLER, BUYER, BUYER, SELLER, BUYER]
    pallet = world.ask(BUYER, "goods:Unit", epc=f"https://id.gs1.org/00/{SSCC}")["unit"]
    assert (pallet["owner"], sorted(pallet["contents"])) == (
        BUYER,
        [f"https://id.gs1.org/01/{GTIN}/21/{serial}" for serial in (1, 2, 4)],
    )
    back = world.ask(BUYER, "goods:Unit", epc=SERIALS[0])["unit"]
    assert (back["owner"], back["parent"], back["order"]) == (SELLER, None, None)
    # What came back may be despatched again.
    despatched(world, order, (0, 2), epcs=[SERIALS[0], SERIALS[3]])


def test_a_pallet_that_goes_back_goes_with_what_is_on_it() -> None:
    world, order = accepted()
    commissioned(world, SERIALS)
    despatch = despatched(world, order, (0, 2), epcs=SERIALS[:2], sscc=SSCC)
    line = {"line": 0, "accepted": 0, "rejected": 2, "reason": "AG"}
    received(world, despatch, line, not_taken=[f"https://id.gs1.org/00/{SSCC}"])
    world.pass_time(300)
    world.do("BankMSP", "orders:Default", order=order)
    world.do("BankMSP", "orders:Default", order=order)
    assert holders(world, SERIALS[:2]) == [SELLER, SELLER]
    assert world.record("despatch", despatch)["status"] == "refunded"


def test_goods_that_cost_nothing_and_are_kept_settle_the_order() -> None:
    gift = {**TERMS_OF_DELIVERY, "carriages": [], "weights": ["1", "1"]}
    world = two_carriers()
    listings = [listed(world, GTIN, None), listed(world, OTHER, None)]
    fields = order_in_parts(world, listings, [], amount="0", freight="0", deliveries=gift)
    order = str(world.do(BUYER, "orders:Place", **fields).reply["order"]["id"])
    world.do(SELLER, "orders:Accept", order=order)
    despatch = despatched(world, order, (0, 10), (1, 4))
    clean = [{"line": 0, "accepted": 10}, {"line": 1, "accepted": 4}]
    received(world, despatch, *clean)
    world.pass_time(300)
    world.do("BankMSP", "orders:Default", order=order)
    assert world.record("order", order)["status"] == "settled"


def test_a_part_that_is_paid_takes_no_goods_of_another_with_it() -> None:
    world, order = accepted()
    commissioned(world, SERIALS[:2])
    first = despatched(world, order, (0, 1), carriage=0, epcs=SERIALS[:1], sscc=SSCC)
    second = despatched(world, order, (0, 1), carriage=1, epcs=SERIALS[1:2])
    # Whoever held both may have packed the second part's unit onto the first part's pallet.
    (other,) = world.record("despatch", second)["units"]
    inside, pallet = sorted(world.record("despatch", first)["units"], key=lambda each: "/00/" in each)
    for epc, change in ((pallet, {"contents": [inside, other]}), (other, {"parent": pallet})):
        unit = world.record("unit", epc)
        world.state["unit", epc] = canonical({**unit, **change})
    received(world, first, {"line": 0, "accepted": 1})
    invoice = invoiced(world, first, (0, 1, 250), freight=100)
    world.do(SELLER, "invoices:Pay", invoice=invoice)
    assert world.record("despatch", second)["status"] == "despatched"
    assert holders(world, SERIALS[:2]) == [BUYER, RAIL]
