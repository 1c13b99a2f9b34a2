"""Sold proceeds, by the SDK and in the read model."""

from __future__ import annotations

from pathlib import Path

from hansa import new_id
from hansa.receivables import Receivables
from hansa_domain.receivables import OfferReceivable, ReceivableReply
from tests.support.portal import Consortium

GTIN = "09521321000018"


def test_the_bank_buys_and_is_paid(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    bank, producer, retailer = (trade.sdk(name) for name in ("Bank", "Producer", "Retailer"))
    bank.money.mint("EUR", 10_000, "RetailerMSP")
    bank.money.mint("EUR", 10_000, "BankMSP/factoring")
    producer.products.register(GTIN, "Olive oil")
    listing = producer.listings.create(GTIN, unit_price=1000, currency="EUR", quantity=5).reply.listing.id
    order = retailer.orders.place(listing, 2).reply.order
    producer.orders.accept(order.id)
    offer = OfferReceivable(id=new_id(), order=order.id, financier="BankMSP", price="1900", expires_within=60)
    producer.submitter.submit("receivables:Offer", offer, ReceivableReply)
    queries = trade.ledger.queries.receivables
    (row,) = queries.list("BankMSP", status="offered")
    assert (row.order_id, row.price, row.proceeds) == (order.id, 1900, int(order.proceeds))
    buyer = Receivables(bank.submitter, bank.purse, "BankMSP")
    command = new_id()
    receipts = [buyer.assign(order.id, account="BankMSP/factoring", command_id=command) for _ in range(2)]
    assert [receipt.repeated for receipt in receipts] == [False, True]
    (row,) = queries.list("ProducerMSP")
    assert (row.status, row.assignee) == ("assigned", "BankMSP/factoring")
    assert queries.list("CarrierMSP") == []
    producer.orders.ship(order.id)
    producer.orders.deliver(order.id)
    retailer.orders.confirm(order.id)
    assert trade.ledger.world.balance("BankMSP/factoring") == 8100 + int(order.proceeds)
    (supply,) = trade.ledger.queries.money.supply()
    assert supply.reconciles
