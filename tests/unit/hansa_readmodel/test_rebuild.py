"""Whatever was traded: what followed along equals what is built again, and money adds up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hansa.errors import RefusedError
from hansa_domain.orders.order import Terms
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import ReadModel, digest, open_database
from tests.support.databases import database_url
from tests.support.domain import TERMS
from tests.support.portal import GENESIS, Consortium

GTIN = "09521321000018"
STEPS = ("place", "accept", "ship", "deliver", "confirm", "cancel", "default", "mint", "pay", "burn")
step = st.tuples(st.sampled_from(STEPS), st.integers(0, 7))


def attempt(trade: Consortium, name: str, number: int, listing: str, orders: list[str]) -> None:
    """Takes one step, or has it refused."""
    sdk = {each: trade.sdk(each) for each in ("Producer", "Retailer", "Carrier", "Bank")}
    if name == "place":
        freight = number * 10
        receipt = sdk["Retailer"].orders.place(
            listing, 1 + number % 3, freight=freight, carrier="CarrierMSP", terms=Terms(**TERMS)
        )
        orders.append(receipt.reply.order.id)
    elif name == "mint":
        sdk["Bank"].money.mint("EUR", 1 + number, "BankMSP" if number % 2 else "RetailerMSP")
    elif name == "pay":
        sdk["Retailer"].money.transfer("CarrierMSP", "EUR", 1 + number)
    elif name == "burn":
        sdk["Bank"].money.burn("EUR", 1 + number)
    elif orders:
        order = orders[number % len(orders)]
        if name == "default":
            trade.ledger.world.pass_time(300)
        who = {"deliver": "Carrier", "confirm": "Retailer", "default": "Bank"}.get(name, "Producer")
        getattr(sdk[who].orders, name)(order)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(step, max_size=25))
def test_the_fold_equals_the_rebuild_and_money_adds_up(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trade = Consortium(Path(folder))
        trade.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
        producer = trade.sdk("Producer")
        producer.products.register(GTIN, "Olive oil")
        made = producer.listings.create(GTIN, unit_price=100, currency="EUR", quantity=9)
        orders: list[str] = []
        for name, number in steps:
            try:
                attempt(trade, name, number, made.reply.listing.id, orders)
            except RefusedError:
                continue
            finally:
                assert all(supply.reconciles for supply in trade.ledger.queries.money.supply())
        (offer,) = trade.ledger.queries.listings.list()
        assert offer.left == producer.listings.stock(offer.listing).total
        for name in ("Producer", "Retailer", "Carrier", "Bank"):
            ledger = {
                (found.currency, found.amount) for found in producer.money.balance(f"{name}MSP").balances
            }
            main = [row for row in trade.ledger.queries.money.balances(f"{name}MSP") if "/" not in row.owner]
            assert {(row.currency, str(row.amount)) for row in main} == ledger
        again = open_database(database_url(Path(folder) / "again"))
        model = ReadModel(again, GENESIS)
        assert model.prepare() == 0
        for block in trade.ledger.blocks:
            model.apply(block)
        assert digest(again) == digest(trade.ledger.engine)
        assert Queries(again).orders.list() == trade.ledger.queries.orders.list()
