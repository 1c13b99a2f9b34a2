"""An order delivered in parts, by documents: answered, sent, received, invoiced and credited in part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import new_id, ubl
from hansa.documents.errors import DocumentError
from hansa.errors import RefusedError
from hansa.statements import period
from hansa_domain.deliveries.commands import DespatchDetailReply, FulfilmentReply, GetDeliveries, GetDespatch
from hansa_domain.operation import canonical
from tests.support.deliveries import TERMS_OF_DELIVERY
from tests.support.documents import COFFEE, PRODUCER, RETAILER, TEA, began
from tests.support.domain import TERMS
from tests.support.portal import Consortium

REF = ubl.OrderRef(id="PO-1")
DAY = "2027-01-15"


def act(trade: Consortium, who: str, name: str, **fields: Any) -> Any:
    """Any operation, in a block of its own."""
    submitter: Any = trade.sdk(who).submitter
    reply, _ = submitter.carry_out(name, canonical({"id": new_id(), **fields}), {})
    return json.loads(reply)


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = began(tmp_path)
    producer = trade.sdk("Producer")
    offers = {each.gtin: each.id for each in producer.listings.list().listings}
    terms = {**TERMS_OF_DELIVERY, "carriages": [{"carrier": "CarrierMSP", "freight": "100"}]}
    world = trade.ledger.world
    note = next(key[1] for key in world.state if key[0] == "note")
    placed = act(
        trade,
        "Retailer",
        "orders:Place",
        lines=[line(offers[COFFEE], 4), line(offers[TEA], 10)],
        amount="8100",
        freight="100",
        notes=[note],
        terms=TERMS,
        settlement="deliveries",
        deliveries=terms,
        reference="PO-1",
    )
    assert placed["order"]["reference"] == "PO-1"
    return trade


def line(listing: str, quantity: int) -> dict[str, Any]:
    take = [{"bucket": bucket, "quantity": 1} for bucket in range(quantity)]
    return {"listing": listing, "quantity": quantity, "take": take}


def answer(code: Any, *lines: ubl.Line) -> ubl.OrderResponse:
    return ubl.OrderResponse(
        id="R-1", issue_date=DAY, answer=code, order=REF, seller=PRODUCER, buyer=RETAILER, lines=lines
    )


def advice(coffee: int, name: str = "D-1", **more: Any) -> ubl.DespatchAdvice:
    return ubl.DespatchAdvice(
        id=name,
        issue_date=DAY,
        order=REF,
        supplier=PRODUCER,
        customer=RETAILER,
        lines=(ubl.DespatchLine(id="1", order_line="10", quantity=coffee, gtin=COFFEE),),
        **more,
    )


def receipt(despatch: str | None = "D-1", **counts: Any) -> ubl.ReceiptAdvice:
    return ubl.ReceiptAdvice(
        id="G-1",
        issue_date=DAY,
        order=REF,
        customer=RETAILER,
        supplier=PRODUCER,
        lines=(ubl.ReceiptLine(id="1", order_line="10", gtin=COFFEE, **counts),),
        despatch=despatch,
    )


def bill(kind: type[Any], name: str, units: int, **more: Any) -> Any:
    return kind(
        id=name,
        issue_date=DAY,
        currency="EUR",
        order=REF,
        supplier=PRODUCER,
        customer=RETAILER,
        lines=(ubl.Line(id="1", quantity=units, gtin=COFFEE, price=1250, amount=1250 * units),),
        payable=1250 * units + more.get("freight", 0) + more.get("tax", 0),
        **more,
    )


def send(trade: Consortium, who: str, document: ubl.Document) -> Any:
    done = trade.sdk(who).ubl.carry_out(ubl.write(document))
    assert all(each.reconciles for each in trade.ledger.queries.money.supply())
    return done.receipts[0].reply


def refused(trade: Consortium, who: str, document: ubl.Document) -> tuple[str, str | None]:
    with pytest.raises((DocumentError, RefusedError)) as error:
        trade.sdk(who).ubl.carry_out(ubl.write(document))
    return error.value.code, error.value.field


def test_a_part_is_answered_sent_received_and_billed(trade: Consortium) -> None:
    only_coffee = ubl.Line(id="10", quantity=4, gtin=COFFEE)
    taken = send(trade, "Producer", answer("CA", only_coffee))
    assert [each.open for each in taken.fulfilment.lines] == [4, 0]
    for _ in range(2):
        sent = send(trade, "Producer", advice(3, carrier=ubl.Party(msp_id="CarrierMSP")))
    assert (sent.despatch.carriage, [each.quantity for each in sent.despatch.lines]) == (0, [3])
    assert refused(trade, "Producer", advice(2, carrier=ubl.Party(msp_id="CarrierMSP"))) == (
        "COMMAND_ID_REUSED",
        "id",
    )
    act(trade, "Carrier", "despatches:Deliver", despatch=sent.despatch.id)
    report = send(trade, "Retailer", receipt(received=2, short=1, reason="CP"))
    assert (report.receipt.lines[0].accepted, report.receipt.lines[0].short) == (2, 1)
    despatch = {"despatch": "D-1", "freight": 100}
    issued = send(trade, "Producer", bill(ubl.Invoice, "I-1", 3, **despatch))
    assert (issued.invoice.number, issued.invoice.total) == ("I-1", 3850)
    credited = send(trade, "Producer", bill(ubl.CreditNote, "C-1", 1, invoice="I-1"))
    assert credited.invoice.total == 2600
    query = GetDespatch(despatch=sent.despatch.id)
    found = trade.sdk("Retailer").submitter.evaluate("despatches:Get", query, DespatchDetailReply)
    assert found.invoice is not None
    act(trade, "Retailer", "invoices:Pay", invoice=found.invoice.id)
    ended = GetDeliveries(order=sent.despatch.order)
    progress = trade.sdk("Retailer").submitter.evaluate("deliveries:Get", ended, FulfilmentReply).fulfilment
    assert progress.lines[0].paid == 2
    # What has left escrow in part is not counted twice, and every statement ends with what the notes come to.
    assert all(each.reconciles for each in trade.ledger.queries.money.supply())
    for account in ("RetailerMSP", "ProducerMSP", "CarrierMSP"):
        found = trade.ledger.queries.statements.statement(account, "EUR", *period(DAY))
        assert found.closing == int(trade.sdk("Bank").money.balance(account, "EUR").balances[0].amount)
        assert {each.kind for each in trade.ledger.queries.statements.matched(found)} <= {"order", "issue"}


def test_parts_are_refused_by_field(trade: Consortium) -> None:
    assert refused(trade, "Producer", answer("CA")) == (
        "DOCUMENT_FIELD_MISSING",
        "/OrderResponse/cac:OrderLine",
    )
    send(trade, "Producer", answer("AP"))
    rail = advice(3, carrier=ubl.Party(msp_id="BankMSP"))
    assert refused(trade, "Producer", rail) == (
        "DOCUMENT_ORDER_DIFFERS",
        "/DespatchAdvice/cac:Shipment/cac:Consignment/cac:CarrierParty",
    )
    send(trade, "Producer", advice(3))
    where = "/ReceiptAdvice/cac:DespatchDocumentReference"
    assert refused(trade, "Retailer", receipt(None, received=3)) == ("DOCUMENT_FIELD_MISSING", where)
    assert refused(trade, "Retailer", receipt("D-9", received=3)) == ("DOCUMENT_ORDER_DIFFERS", where)
    line_ = "/ReceiptAdvice/cac:ReceiptLine[1]"
    odd = receipt(received=2, short=1, reason="XX")
    assert refused(trade, "Retailer", odd) == (
        "DOCUMENT_FIELD_INVALID",
        f"{line_}/cbc:QuantityDiscrepancyCode",
    )
    more = receipt(received=1, rejected=2)
    assert refused(trade, "Retailer", more) == ("DOCUMENT_TOTALS_DIFFER", f"{line_}/cbc:ReceivedQuantity")
    taxed = bill(ubl.Invoice, "I-1", 3, despatch="D-1", tax=5)
    assert refused(trade, "Producer", taxed) == ("DOCUMENT_NOT_SUPPORTED", "/Invoice/cac:TaxTotal")
    dollars = msgspec.structs.replace(bill(ubl.Invoice, "I-1", 3, despatch="D-1"), currency="USD")
    assert refused(trade, "Producer", dollars) == (
        "DOCUMENT_ORDER_DIFFERS",
        "/Invoice/cbc:DocumentCurrencyCode",
    )
    lonely = bill(ubl.CreditNote, "C-1", 1)
    assert refused(trade, "Producer", lonely) == (
        "DOCUMENT_FIELD_MISSING",
        "/CreditNote/cac:BillingReference",
    )
    assert (
        refused(trade, "Retailer", bill(ubl.Invoice, "I-1", 3, despatch="D-1"))[0] == "DOCUMENT_PARTY_NOT_YOU"
    )
