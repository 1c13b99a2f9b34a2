"""The fold: every event type has one, real events go through it, and the tables agree with the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from hansa.ledger import LedgerBlock, LedgerTransaction
from hansa_domain.events import Event, OrderAccepted
from hansa_domain.orders.order import Terms
from hansa_readmodel import tables as t
from hansa_readmodel.fold import known_types
from hansa_readmodel.queries import UNDER_WAY
from hansa_readmodel.store import ReadModel, ReadModelError, digest, open_database
from tests.support.databases import database_url
from tests.support.domain import TERMS
from tests.support.epcis import object_event
from tests.support.portal import GENESIS, Consortium

GTIN = "09521321000018"
SGTIN = "urn:epc:id:sgtin:9521321.000001.1001"
SSCC = "095213210000000018"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    found.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    return found


def order(trade: Consortium, **more: Any) -> str:
    """An order of two of ten, freight 5.00, with a reference."""
    producer = trade.sdk("Producer")
    if trade.ledger.queries.products.find(GTIN) is None:
        producer.products.register(GTIN, "Olive oil", brand="Oleum")
    made = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    receipt = trade.sdk("Retailer").orders.place(
        made.reply.listing.id, 2, freight=500, carrier="CarrierMSP", reference="PO-42", **more
    )
    return str(receipt.reply.order.id)


def commission(trade: Consortium) -> None:
    """The producer makes the one identified bottle."""
    trade.sdk("Producer").goods.capture(json.dumps(object_event(action="ADD", bizStep="commissioning")))


def test_every_event_of_the_registry_has_a_fold() -> None:
    assert known_types() == frozenset(Event.__subclasses__())


def test_an_event_of_a_later_version_stops_the_fold_and_leaves_the_block_out(tmp_path: Path) -> None:
    class FromTheFuture(OrderAccepted, frozen=True, kw_only=True, tag="order.teleported"):
        pass

    model = ReadModel(open_database(database_url(tmp_path / "a")), GENESIS)
    assert model.prepare() == 0
    event = FromTheFuture(order="x", due="", at="2027-01-15T08:00:00.000Z")
    transaction = LedgerTransaction("a", 0, "VALID", "M", event.at, "hansa", "orders:Teleport", (event,))
    with pytest.raises(ReadModelError, match=r"FromTheFuture.*newer version"):
        model.apply(LedgerBlock(0, "00", (transaction,)))
    assert model.prepare() == 0


def test_money_listings_and_orders_follow_a_trade_to_its_end(trade: Consortium) -> None:
    placed = order(trade)
    queries = trade.ledger.queries
    (offer,) = queries.listings.list()
    assert (offer.product, offer.seller_name, offer.left, offer.offered) == ("Olive oil", "Producer", 8, 10)
    (supply,) = queries.money.supply()
    assert (supply.minted, supply.in_notes, supply.in_escrow) == (100_000, 97_000, 3000)
    assert supply.reconciles

    producer, carrier = trade.sdk("Producer"), trade.sdk("Carrier")
    commission(trade)
    producer.orders.accept(placed)
    producer.orders.ship(placed, epcs=[SGTIN], sscc=SSCC)
    assert [row.order_id for row in queries.shipments.list("CarrierMSP", "carrier", UNDER_WAY)] == [placed]
    carrier.orders.deliver(placed)
    trade.sdk("Retailer").orders.confirm(placed)

    detail = queries.orders.detail(placed)
    assert detail is not None
    row = detail.order
    assert (row.status, row.due, row.cause) == ("settled", None, "confirmed")
    assert row.amount == row.proceeds + row.freight + row.fee == 3000
    assert [(line.product, line.quantity) for line in detail.lines] == [("Olive oil", 2)]
    assert detail.epcs == [SGTIN]
    assert [step.type for step in detail.steps if step.type.startswith("order.")] == [
        "order.placed",
        "order.accepted",
        "order.shipped",
        "order.delivered",
        "order.settled",
    ]
    assert {(step.creator, step.signer) for step in detail.steps} == {
        (f"{name}MSP", "user") for name in ("Producer", "Retailer", "Carrier")
    }
    assert queries.shipments.count("CarrierMSP", "carrier", (*UNDER_WAY, "delivered")) == 0
    (supply,) = queries.money.supply()
    assert (supply.in_notes, supply.in_escrow, supply.reconciles) == (100_000, 0, True)


def test_what_is_burned_is_counted_apart(trade: Consortium) -> None:
    bank = trade.sdk("Bank")
    bank.money.mint("EUR", 500, "BankMSP")
    bank.money.burn("EUR", 200)
    (supply,) = trade.ledger.queries.money.supply()
    assert (supply.minted, supply.burned, supply.in_notes) == (100_500, 200, 100_300)
    assert supply.reconciles


def test_sums_hold_beyond_64_bits(trade: Consortium) -> None:
    bank = trade.sdk("Bank")
    for _ in range(12):
        bank.money.mint("CNY", 10**18 - 1, "RetailerMSP")
    (balance,) = [x for x in trade.ledger.queries.money.balances("RetailerMSP") if x.currency == "CNY"]
    assert balance.amount == 12 * (10**18 - 1)
    assert all(supply.reconciles for supply in trade.ledger.queries.money.supply())


def test_accounts_of_others_with_a_like_name_are_not_counted(trade: Consortium) -> None:
    bank = trade.sdk("Bank")
    bank.money.mint("EUR", 7, "RetailerMSP/till")
    owners = [balance.owner for balance in trade.ledger.queries.money.balances("RetailerMSP")]
    assert owners == ["RetailerMSP", "RetailerMSP/till"]
    assert trade.ledger.queries.money.balances("Retailer") == []


@pytest.mark.parametrize("words", ["PO-42", "PO-4", GTIN, "9521321000018", SGTIN, SSCC])
def test_an_order_is_found_by_whatever_somebody_has_of_it(trade: Consortium, words: str) -> None:
    placed = order(trade)
    producer = trade.sdk("Producer")
    commission(trade)
    producer.orders.accept(placed)
    producer.orders.ship(placed, epcs=[SGTIN], sscc=SSCC)
    queries = trade.ledger.queries
    assert [row.order_id for row in queries.orders.list(words=words)] == [placed]
    assert [row.order_id for row in queries.orders.list(words=placed[-8:])] == [placed]
    assert ("order", placed) in [(hit.kind, hit.key) for hit in queries.search.find(words)]


@pytest.mark.parametrize("words", ["%", "_", "PO-43", "'; --", "\\"])
def test_what_is_not_there_is_not_found(trade: Consortium, words: str) -> None:
    order(trade)
    assert trade.ledger.queries.orders.list(words=words) == []
    assert trade.ledger.queries.search.find(words) == []
    assert trade.ledger.queries.search.find("  ") == []


def test_orders_come_in_pages_by_party_and_status(trade: Consortium) -> None:
    placed = [order(trade) for _ in range(3)]
    queries = trade.ledger.queries
    first = queries.orders.list(party="ProducerMSP", limit=2)
    rest = queries.orders.list(party="ProducerMSP", limit=2, offset=2)
    assert [row.order_id for row in (*first, *rest)] == placed[::-1]
    trade.sdk("Producer").orders.accept(placed[0])
    accepted = queries.orders.list(statuses=("accepted",))
    assert [row.order_id for row in accepted] == [placed[0]]
    assert queries.orders.count(party="ProducerMSP", role="seller", statuses=("placed",)) == 2
    assert queries.orders.list(party="ProducerMSP", role="buyer") == []
    assert len(queries.orders.list(party="BankMSP")) == 3  # the arbitrator of each


def test_an_order_is_due_when_its_deadline_has_come_and_not_after_its_end(trade: Consortium) -> None:
    placed = order(trade, terms=Terms(**TERMS))
    queries = trade.ledger.queries
    row = queries.orders.find(placed)
    assert row is not None
    assert row.due is not None
    assert queries.orders.due(row.placed_at) == []
    assert [each.order_id for each in queries.orders.due(row.due)] == [placed]
    assert queries.orders.due(row.due, party="RegulatorMSP") == []
    trade.ledger.world.pass_time(60)
    trade.sdk("Bank").orders.default(placed)
    assert queries.orders.due(row.due) == []
    ended = queries.orders.find(placed)
    assert ended is not None
    assert (ended.status, ended.cause) == ("refunded", "not_accepted")


def test_goods_are_traced_in_any_spelling_and_claims_are_marked(trade: Consortium) -> None:
    order(trade)
    commission(trade)
    unheard = object_event(epcList=["urn:epc:id:sgtin:9521321.000009.1"])
    trade.sdk("Carrier").goods.capture(json.dumps(unheard))
    goods = trade.ledger.queries.goods
    for spelling in (SGTIN, f"https://id.gs1.org/01/{GTIN}/21/1001"):
        (event,) = goods.events(epc=spelling)
        assert (event.reporter, event.status, event.biz_step) == ("ProducerMSP", "accepted", "commissioning")
        unit = goods.unit(spelling)
        assert unit is not None
        assert unit.holder == "ProducerMSP"
    (claim,) = goods.events(reporter="CarrierMSP")
    assert claim.status == "claim"
    assert goods.unit("urn:epc:id:sgtin:9521321.000009.1") is None
    assert [row.holder for row in goods.held_by("ProducerMSP")] == ["ProducerMSP"]
    hits = trade.ledger.queries.search.find(claim.event_id)
    assert [hit.kind for hit in hits] == ["event"]


def test_an_invalid_transaction_is_counted_and_changes_nothing(trade: Consortium) -> None:
    placed = order(trade)
    before = trade.ledger.queries.orders.find(placed)
    event = OrderAccepted(order=placed, due="2027-01-15T08:00:00.000Z", at="2027-01-15T08:00:00.000Z")
    trade.ledger.commit("ProducerMSP", "user", "orders:Accept", (event,), code="MVCC_READ_CONFLICT")
    queries = trade.ledger.queries
    assert queries.orders.find(placed) == before
    assert queries.ledger.by_validation_code()["MVCC_READ_CONFLICT"] == 1
    (refused,) = queries.ledger.transactions(code="MVCC_READ_CONFLICT")
    assert queries.ledger.transaction(refused.transaction_id) == refused


def test_a_block_out_of_turn_is_refused(trade: Consortium) -> None:
    with pytest.raises(ReadModelError, match="not the next one"):
        trade.ledger.model.apply(trade.ledger.blocks[0])


def test_another_ledger_is_refused_and_another_version_is_made_anew(trade: Consortium) -> None:
    order(trade)
    before = digest(trade.ledger.engine)
    with pytest.raises(ReadModelError, match="another ledger"):
        ReadModel(trade.ledger.engine, "11" * 32).prepare()
    with trade.ledger.engine.begin() as connection:
        connection.execute(update(t.checkpoint).values(schema_version=t.SCHEMA_VERSION - 1))
    assert trade.ledger.queries.ledger.checkpoint() is None
    assert ReadModel(trade.ledger.engine, GENESIS).prepare() == 0
    trade.ledger.catch_up()
    assert digest(trade.ledger.engine) == before


def test_rows_and_checkpoint_stand_or_fall_together(trade: Consortium) -> None:
    engine = trade.ledger.engine
    with engine.begin() as connection:
        # What the next mint will insert stands there already, so that its block fails half way.
        row = {"block": len(trade.ledger.blocks), "position": 0, "number": 0}
        connection.execute(insert(t.history).values(**row, type="x", body={}, at=""))
    with pytest.raises(Exception, match=r"(?i)unique"):
        trade.sdk("Bank").money.mint("EUR", 5, "CarrierMSP")
    checkpoint = trade.ledger.queries.ledger.checkpoint()
    assert checkpoint is not None
    assert checkpoint.next_block == len(trade.ledger.blocks) - 1
    with engine.connect() as connection:
        assert connection.execute(select(t.notes).where(t.notes.c.owner == "CarrierMSP")).all() == []


def test_waiting_for_a_block_ends_when_it_was_read_or_the_time_is_over(trade: Consortium) -> None:
    ledger = trade.ledger.queries.ledger
    assert ledger.wait_for(len(trade.ledger.blocks) - 1, 0)
    assert not ledger.wait_for(len(trade.ledger.blocks), 0)
