"""An order in parts on its page: what each part is at, and the steps of its despatches."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa import new_id
from hansa.settling import Settling
from hansa_domain.compliance.publishing import PackReply, PublishPack
from hansa_domain.compliance.rules import Sanctioned
from hansa_domain.deliveries.commands import LineReport
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from hansa_domain.papers import PaperReply, RegisterPaper
from hansa_domain.times import milliseconds, rfc3339
from hansa_portal.keeper import Keeper
from hansa_readmodel.queries import UNDER_WAY
from tests.support.portal import Consortium, MemoryOffice

TERMS = DeliveryTerms(
    answer_within=60,
    invoice_within=60,
    carriages=[Carriage(carrier="CarrierMSP", freight="500")],
    damage_discount=3000,
)


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def ordered(trade: Consortium) -> str:
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    producer = trade.sdk("Producer")
    producer.products.register("09521321000018", "Olive oil")
    made = producer.listings.create("09521321000018", unit_price=1250, currency="EUR", quantity=10)
    order = trade.sdk("Retailer").orders.place(made.reply.listing.id, 6, settling=Settling(deliveries=TERMS))
    assert order.reply.order.settlement == "deliveries"
    return str(order.reply.order.id)


def test_who_carries_a_part_sees_the_orders_papers_and_checks(trade: Consortium) -> None:
    rules = [Sanctioned(id="nobody", title="Nobody from there.", countries=["KP"])]
    pack = PublishPack(id=new_id(), pack="eu", version=1, title="EU", document="5a" * 32, rules=rules)
    trade.sdk("Regulator", "admin").submitter.submit("compliance:Publish", pack, PackReply)
    order = ordered(trade)
    paper = RegisterPaper(id=new_id(), kind="cmr", order=order, document="dd" * 32)
    trade.sdk("Producer").submitter.submit("papers:Register", paper, PaperReply)
    carrier, bank = trade.browser("Carrier"), trade.browser("Bank")
    assert "dd" * 32 in carrier.get("/papers")
    assert "dd" * 32 not in bank.get("/papers")
    checked = f'href="/compliance/subject/{order}"'
    assert checked in carrier.get(f"/orders/{order}")
    assert checked not in bank.get(f"/orders/{order}")


def test_an_order_in_parts_goes_through_its_page(trade: Consortium) -> None:
    order = ordered(trade)
    page = f"/orders/{order}"
    producer, retailer, carrier = (trade.browser(name) for name in ("Producer", "Retailer", "Carrier"))
    producer.do(f"{page}/accept", {}, page=page)
    assert f"{page}/ship" not in producer.get(page)
    sent = trade.sdk("Producer").despatches.send(order, {0: 4}, carriage=0)
    here = f"{page}/despatches/{sent.reply.despatch.id}"
    assert f"{page}/confirm" not in retailer.get(page)
    assert f"{here}/deliver" not in retailer.get(page)
    carrier.do(f"{here}/deliver", {}, page=page)
    assert f"{here}/invoice" not in producer.get(page)
    retailer.do(f"{here}/receive", {}, page=page)
    invoiced = producer.do(f"{here}/invoice", {}, page=page)
    assert "55.00\N{NO-BREAK SPACE}EUR" in invoiced
    paid = carrier.do(f"{here}/pay", {}, page=page)
    assert "order, receipt and invoice agreed" in paid
    assert trade.sdk("Bank").money.balance("CarrierMSP").balances[0].amount == "500"
    looked = trade.browser("Regulator").get(page)
    assert "Despatch 1" in looked
    assert "/despatches/" not in looked


def test_the_read_model_tells_of_every_part(trade: Consortium) -> None:
    order = ordered(trade)
    producer, retailer, queries = trade.sdk("Producer"), trade.sdk("Retailer"), trade.ledger.queries
    producer.deliveries.accept_part(order, {0: 3}, back_ordered={0: 2}, promise_within=600)
    found = queries.deliveries.of(order)
    assert found is not None
    row = queries.orders.find(order)
    assert row is not None
    assert row.released == 1250
    assert (found.terms.back_order, found.terms.refunded) == ("proposed", 1250)
    assert [(each.carrier, each.freight) for each in found.carriages] == [("CarrierMSP", 500)]
    (line,) = found.lines
    assert (line.ordered, line.open, line.back, line.refunded) == (6, 3, 2, 1)
    retailer.deliveries.refuse_back_order(order)
    first = producer.despatches.send(order, {0: 2}, carriage=0, sscc="095213210000000018").reply.despatch.id
    (carried,) = queries.shipments.list("CarrierMSP", "carrier", UNDER_WAY)
    assert (carried.despatch_id, carried.number, carried.sscc) == (first, 1, "095213210000000018")
    assert [(line.quantity, line.product) for line in carried.lines] == [(2, "Olive oil")]
    assert [each.order_id for each in queries.orders.list(party="CarrierMSP", role="carrier")] == [order]
    assert [each.order_id for each in queries.orders.list(words="095213210000000018")] == [order]
    trade.sdk("Carrier").despatches.deliver(first)
    assert queries.shipments.count("CarrierMSP", "carrier", UNDER_WAY) == 0
    report = LineReport(line=0, accepted=1, damaged=1, damaged_kept=1, reason="AF")
    retailer.receipts.report(first, [report])
    wrong = producer.invoices.issue(first, freight=0, number="R-1").reply.invoice.id
    producer.invoices.credit(wrong)
    right = producer.invoices.issue(first, number="R-2").reply.invoice.id
    assert retailer.invoices.get(right).differences == []
    retailer.invoices.pay(right)
    assert [each.invoice_id for each in queries.deliveries.invoices(status="credited")] == [wrong]
    (paid,) = queries.deliveries.invoices(party="ProducerMSP", status="paid")
    assert (paid.invoice_id, paid.total, paid.number) == (right, 1250 + 875 + 500, "R-2")
    assert queries.deliveries.invoices(party="CarrierMSP") == []
    retailer.deliveries.cancel_rest(order)
    detail = queries.orders.detail(order)
    assert detail is not None
    assert (detail.order.status, detail.order.cause, detail.order.due) == ("settled", "completed", None)
    assert detail.parties == ("RetailerMSP", "ProducerMSP", "CarrierMSP")
    parts = detail.deliveries
    assert parts is not None
    (part,) = parts.despatches
    assert (part.despatch.status, part.despatch.cause, part.despatch.freight) == ("settled", "matched", 500)
    assert [(each.damaged, each.damaged_kept, each.reason) for each in part.lines] == [(1, 1, "AF")]
    assert [each.status for each in part.invoices] == ["credited", "paid"]
    terms = parts.terms
    assert terms.proceeds + terms.freight + terms.fee + terms.refunded == detail.order.amount
    assert queries.deliveries.of("RetailerMSP.nothing") is None


def test_parts_that_are_due_at_the_same_time_are_called_one_after_the_other(
    trade: Consortium,
) -> None:
    order = ordered(trade)
    producer, ledger = trade.sdk("Producer"), trade.ledger
    producer.orders.accept(order)
    for _ in range(2):
        producer.despatches.send(order, {0: 3})
        ledger.world.now -= 1000  # as if both were sent in the same moment
    row = ledger.queries.orders.find(order)
    assert row is not None
    assert row.due is not None
    ledger.world.now = milliseconds(row.due)
    office = MemoryOffice(ledger, "RetailerMSP")
    keeper = Keeper(office, ledger.queries, 1, lambda: rfc3339(ledger.world.now))
    assert [keeper.look() for _ in range(3)] == [1, 1, 0]
    ended = ledger.queries.orders.find(order)
    assert ended is not None
    assert ended.status == "refunded"
