"""One buyer, one seller, one note, one stock: nothing of it may make orders in flight conflict."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from hansa import RefusedError
from tests.support.network import Trade


def test_two_hundred_orders_a_hundred_in_flight_have_no_conflict(trade: Trade) -> None:
    before = {who: trade.balance(who) for who in ("ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")}
    first_block = trade.bank.ledger.height()
    # A currency of its own, so that there is one note to begin with.
    trade.bank.money.mint("CHF", 200 * 100, "RetailerMSP")
    trade.offer(1)
    listing = trade.producer.listings.create(
        "09521321999985", unit_price=100, currency="CHF", quantity=200
    ).reply.listing.id

    def life(number: int) -> str:
        order = trade.retailer.orders.place(listing, 1, carrier="CarrierMSP").reply.order.id
        trade.producer.orders.accept(order)
        trade.producer.orders.ship(order)
        trade.carrier.orders.deliver(order)
        return trade.retailer.orders.confirm(order).reply.order.status

    with ThreadPoolExecutor(100) as pool:
        assert Counter(pool.map(life, range(200))) == {"settled": 200}
    codes: Counter[str] = Counter()
    with trade.bank.ledger.blocks(first_block, trade.bank.ledger.height() - 1) as blocks:
        for block in blocks:
            codes.update(transaction.validation_code for transaction in block.transactions)
    assert set(codes) == {"VALID"}
    assert codes["VALID"] >= 1000
    held = sum(trade.balance(who, "CHF") for who in ("ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees"))
    assert held == 200 * 100
    assert trade.balance("RetailerMSP", "CHF") == 0
    assert {who: trade.balance(who) for who in before} == before
    assert trade.producer.listings.stock(listing).total == 0


def test_more_than_there_is_cannot_be_ordered(trade: Trade) -> None:
    listing = trade.offer(3)
    trade.bank.money.mint("EUR", 1000, "RetailerMSP")
    with pytest.raises(RefusedError) as refused:
        trade.retailer.orders.place(listing, 4)
    assert refused.value.code == "STOCK_INSUFFICIENT"
    assert trade.producer.listings.stock(listing).total == 3
    with pytest.raises(RefusedError) as refused:
        trade.retailer.money.transfer("ProducerMSP", "EUR", 10**15)
    assert refused.value.code == "FUNDS_INSUFFICIENT"
