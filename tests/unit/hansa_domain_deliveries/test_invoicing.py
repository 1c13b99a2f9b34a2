"""Order, receipt and invoice must agree before exactly that part of escrow moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deliveries import (
    BUYER,
    CARRIER,
    FEES,
    RAIL,
    SELLER,
    TERMS_OF_DELIVERY,
    accepted,
    balances,
    despatched,
    held,
    invoiced,
    received,
)
from tests.support.domain import World, mint
from tests.unit.hansa_domain_deliveries.test_despatching import AT

SHORT = {"line": 0, "accepted": 5, "short": 1, "reason": "CP"}
TEA = {"line": 1, "accepted": 4}


def came(**changes: Any) -> tuple[World, str, str]:
    """Six of line 0 and four of line 1 were despatched, one was missing; order and despatch."""
    world, order = accepted(**changes)
    despatch = despatched(world, order, (0, 6), (1, 4), carriage=0)
    received(world, despatch, SHORT, TEA)
    return world, order, despatch


def test_an_invoice_moves_nothing() -> None:
    world, order, despatch = came()
    lines = [{"line": 0, "quantity": 5, "amount": "1250"}, {"line": 1, "quantity": 4, "amount": "360"}]
    fields = {"despatch": despatch, "lines": lines, "freight": "100", "number": "R-7", "document": "d0" * 32}
    result = world.do(SELLER, "invoices:Issue", **fields)
    invoice = result.reply["invoice"]
    assert invoice == {
        "v": 1,
        "id": f"{SELLER}.{result.command_id}",
        "order": order,
        "status": "issued",
        **fields,
        "credited": [{"quantity": 0, "amount": "0"}] * 2,
        "freight_credited": "0",
        "issued_at": AT,
        "closed_at": None,
    }
    assert set(result.writes) == {("invoice", invoice["id"]), ("despatch", despatch)}
    assert result.event_types == ["invoice.issued"]
    assert result.events[0]["total"] == "1710"
    asked = world.ask(CARRIER, "invoices:Get", invoice=invoice["id"])
    assert asked == {"invoice": invoice, "differences": []}
    assert world.ask(BUYER, "despatches:Get", despatch=despatch)["invoice"] == invoice


@pytest.mark.parametrize("caller", [BUYER, SELLER, CARRIER, RAIL])
def test_any_party_has_a_matching_invoice_paid(caller: str) -> None:
    world, order, despatch = came()
    invoice = invoiced(world, despatch, (0, 5, 1250), (1, 4, 360), freight=100)
    result = world.do(caller, "invoices:Pay", invoice=invoice)
    assert result.event_types == ["despatch.settled", "order.progressed", "money.moved"]
    settled = {name: result.events[0][name] for name in ("cause", "proceeds", "freight", "fee", "refunded")}
    assert settled == {
        "cause": "matched",
        "proceeds": "1602",
        "freight": "100",
        "fee": "8",
        "refunded": "250",
    }
    assert balances(world) == {BUYER: 250, SELLER: 1602, CARRIER: 100, RAIL: 0, FEES: 8}
    assert held(world, order) == 1050
    assert world.record("order", order)["released"] == "1960"
    assert world.record("order", order)["left"] == {"proceeds": "995", "freight": "50", "fee": "5"}
    assert world.record("invoice", invoice)["status"] == "paid"
    assert world.record("despatch", despatch)["status"] == "settled"
    assert world.refused(BUYER, "invoices:Pay", invoice=invoice) == ("INVOICE_STATE", "invoice")
    assert world.ask(BUYER, "invoices:Get", invoice=invoice)["differences"] == []


def test_the_parts_add_up_to_the_orders_shares_exactly() -> None:
    # Neither the price of ten units nor the fee can be divided into these parts without a rest.
    changes = {"amount": "3485", "freight": "150"}
    world, order = accepted(**changes, deliveries={**TERMS_OF_DELIVERY, "weights": ["3333", "2"]})
    for number, (carriage, quantity) in enumerate(((0, 3), (1, 3), (None, 4))):
        lines = [(0, quantity)] if number else [(0, quantity), (1, 4)]
        despatch = despatched(world, order, *lines, carriage=carriage)
        received(world, despatch, *({"line": line, "accepted": units_} for line, units_ in lines))
        record = world.record("fulfilment", order)["lines"]
        first = world.record("despatch", despatch)["lines"][0]["first"]
        value = int(record[0]["value"])
        asked = [(0, quantity, value * (first + quantity) // 10 - value * first // 10)]
        if not number:
            asked.append((1, 4, 2))
        freight = int(world.record("despatch", despatch)["freight"])
        world.do(BUYER, "invoices:Pay", invoice=invoiced(world, despatch, *asked, freight=freight))
    found = world.record("order", order)
    assert (found["status"], found["due"], held(world, order)) == ("settled", None, 0)
    shares = (found["proceeds"], found["freight"], found["fee"])
    fulfilment = world.record("fulfilment", order)
    assert (fulfilment["proceeds"], fulfilment["freight"], fulfilment["fee"]) == shares
    assert fulfilment["refunded"] == "0"


@pytest.mark.parametrize(
    ("lines", "freight", "field"),
    [
        ([(0, 6, 1500), (1, 4, 360)], 100, "invoice.lines[0].quantity"),
        ([(0, 5, 1250), (1, 3, 270)], 100, "invoice.lines[1].quantity"),
        ([(0, 5, 1263), (1, 4, 360)], 100, "invoice.lines[0].amount"),
        ([(1, 4, 356), (0, 5, 1250)], 100, "invoice.lines[0].amount"),
        ([(0, 5, 1250)], 100, "invoice.lines"),
        ([(0, 5, 1250), (1, 4, 360)], 99, "invoice.freight"),
    ],
)
def test_a_mismatch_is_refused_by_field(lines: list[tuple[int, int, int]], freight: int, field: str) -> None:
    world, _, despatch = came()
    invoice = invoiced(world, despatch, *lines, freight=freight)
    assert world.refused(BUYER, "invoices:Pay", invoice=invoice) == ("INVOICE_MISMATCH", field)
    found = world.ask(BUYER, "invoices:Get", invoice=invoice)["differences"]
    assert f"invoice.{found[0]['field']}" == field


@pytest.mark.parametrize(("amount", "proceeds"), [(1262, 1244), (1250, 1244), (1238, 1232)])
def test_within_the_tolerance_never_more_than_the_orders_price_is_paid(amount: int, proceeds: int) -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 5))
    received(world, despatch, {"line": 0, "accepted": 5})
    world.do(SELLER, "invoices:Pay", invoice=invoiced(world, despatch, (0, 5, amount)))
    assert balances(world)[SELLER] == proceeds
    assert balances(world)[BUYER] == 1250 - min(amount, 1250)


def test_before_the_receipt_nothing_agrees() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 5))
    invoice = invoiced(world, despatch, (0, 5, 1250))
    assert world.refused(SELLER, "invoices:Pay", invoice=invoice) == ("INVOICE_MISMATCH", "invoice.despatch")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lines": [{"line": 2, "quantity": 1, "amount": "1"}]}, "PART_LINES_INVALID", "lines[0].line"),
        ({"lines": [{"line": 0, "quantity": 1, "amount": "1"}] * 2}, "PART_LINES_INVALID", "lines[1].line"),
        ({"lines": [{"line": 0, "quantity": 11, "amount": "1"}]}, "INVOICE_MISMATCH", "lines[0].quantity"),
        ({"freight": "101"}, "INVOICE_MISMATCH", "freight"),
        ({"despatch": f"{SELLER}.{'0' * 26}"}, "DESPATCH_NOT_FOUND", "despatch"),
    ],
)
def test_invoices_that_cannot_be(changes: dict[str, Any], code: str, field: str) -> None:
    world, _, despatch = came()
    fields = {"despatch": despatch, "lines": [{"line": 0, "quantity": 5, "amount": "1250"}], **changes}
    assert world.refused(SELLER, "invoices:Issue", **fields) == (code, field)


def test_who_invoices_and_who_has_it_paid() -> None:
    world, _, despatch = came()
    fields = {"despatch": despatch, "lines": [{"line": 0, "quantity": 5, "amount": "1250"}]}
    assert world.refused(BUYER, "invoices:Issue", **fields) == ("NOT_PERMITTED", None)
    invoice = invoiced(world, despatch, (0, 5, 1250), (1, 4, 360), freight=100)
    assert world.refused(SELLER, "invoices:Issue", **fields) == ("INVOICE_STATE", "despatch")
    assert world.refused(BUYER, "invoices:Credit", invoice=invoice) == ("NOT_PERMITTED", None)
    assert world.refused("BankMSP", "invoices:Pay", invoice=invoice) == ("NOT_PERMITTED", None)
    missing = f"{SELLER}.{'0' * 26}"
    for name in ("invoices:Credit", "invoices:Pay"):
        assert world.refused(SELLER, name, invoice=missing) == ("INVOICE_NOT_FOUND", "invoice")
    assert world.refusal(SELLER, "invoices:Get", {"invoice": missing}) == ("INVOICE_NOT_FOUND", "invoice")
    world.do(SELLER, "invoices:Pay", invoice=invoice)
    assert world.refused(SELLER, "invoices:Credit", invoice=invoice) == ("INVOICE_STATE", "invoice")
    assert world.refused(SELLER, "invoices:Issue", **fields) == ("DESPATCH_STATE", "despatch")


def test_a_credit_note_corrects_an_invoice() -> None:
    world, order, despatch = came()
    invoice = invoiced(world, despatch, (0, 6, 1500), (1, 4, 360), freight=100)
    lines = [{"line": 0, "quantity": 1, "amount": "250"}]
    result = world.do(SELLER, "invoices:Credit", invoice=invoice, lines=lines, document="cd" * 32)
    note = result.reply["credit_note"]
    assert (note["invoice"], note["lines"], note["freight"]) == (invoice, lines, "0")
    assert (result.events[0]["total"], result.events[0]["status"]) == ("1710", "issued")
    assert world.record("credit-note", note["id"]) == note
    world.do(BUYER, "invoices:Pay", invoice=invoice)
    assert held(world, order) == 1050


def test_an_invoice_credited_whole_makes_room_for_another() -> None:
    world, _, despatch = came()
    wrong = invoiced(world, despatch, (0, 6, 1500), (1, 4, 360), freight=90)
    world.do(SELLER, "invoices:Credit", invoice=wrong, freight="90")
    result = world.do(SELLER, "invoices:Credit", invoice=wrong)
    assert (result.reply["invoice"]["status"], result.events[0]["total"]) == ("credited", "0")
    assert world.refused(BUYER, "invoices:Pay", invoice=wrong) == ("INVOICE_STATE", "invoice")
    right = invoiced(world, despatch, (0, 5, 1250), (1, 4, 360), freight=100)
    world.do(BUYER, "invoices:Pay", invoice=right)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"lines": [{"line": 2, "quantity": 1, "amount": "1"}]}, "PART_LINES_INVALID", "lines[0].line"),
        ({"lines": [{"line": 0, "quantity": 1, "amount": "1"}] * 2}, "PART_LINES_INVALID", "lines[1].line"),
        ({"lines": [{"line": 0, "quantity": 7, "amount": "1"}]}, "INVOICE_MISMATCH", "lines[0].quantity"),
        ({"lines": [{"line": 0, "quantity": 1, "amount": "1501"}]}, "INVOICE_MISMATCH", "lines[0].amount"),
        ({"freight": "101"}, "INVOICE_MISMATCH", "freight"),
        ({"lines": [{"line": 0, "quantity": 0, "amount": "0"}]}, "AMOUNT_ZERO", "lines"),
    ],
)
def test_credits_that_cannot_be(fields: dict[str, Any], code: str, field: str) -> None:
    world, _, despatch = came()
    invoice = invoiced(world, despatch, (0, 6, 1500), (1, 4, 360), freight=100)
    assert world.refused(SELLER, "invoices:Credit", invoice=invoice, **fields) == (code, field)


def test_who_bought_what_an_order_owes_is_paid_part_by_part() -> None:
    world, order = accepted()
    offer = {"order": order, "financier": "BankMSP", "price": "2000", "expires_within": 60}
    world.do(SELLER, "receivables:Offer", **offer)
    bought = {"order": order, "price": "2000", "notes": [mint(world, "2000", "BankMSP")]}
    world.do("BankMSP", "receivables:Assign", **bought, account="BankMSP/factoring")
    despatch = despatched(world, order, (0, 5))
    received(world, despatch, {"line": 0, "accepted": 5})
    world.do(SELLER, "invoices:Pay", invoice=invoiced(world, despatch, (0, 5, 1250)))
    assert world.balance("BankMSP/factoring") == 1244
    assert balances(world)[SELLER] == 2000


def test_an_invoice_is_not_paid_out_of_an_order_that_an_arbitrator_ended() -> None:
    world, order, despatch = came()
    invoice = invoiced(world, despatch, (0, 5, 1250), (1, 4, 360), freight=100)
    world.do(BUYER, "disputes:Open", order=order, reason="quality")
    split = {"to_buyer": str(held(world, order)), "to_seller": "0"}
    world.do("BankMSP", "disputes:Decide", order=order, split=split, goods="buyer")
    assert world.refused(BUYER, "invoices:Pay", invoice=invoice) == ("DESPATCH_STATE", "despatch")
