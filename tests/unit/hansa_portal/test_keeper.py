"""The keeper: calls what is due, once, and takes it calmly when somebody was faster."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hansa import new_id
from hansa_domain.claims.commands import EscalateClaim, RefuseClaim
from hansa_domain.offers.commands import AgreeOffer, CounterOffer
from hansa_domain.orders.order import Terms
from hansa_domain.tenders import WithdrawTender
from hansa_domain.times import rfc3339
from hansa_portal import keeper as keepers
from hansa_portal.keeper import Keeper
from tests.support.domain import TERMS
from tests.support.portal import FAILURES, Consortium, MemoryOffice
from tests.unit.hansa_readmodel import test_claims as claims
from tests.unit.hansa_readmodel import test_escrow as escrow
from tests.unit.hansa_readmodel import test_offers as offers
from tests.unit.hansa_readmodel.test_exchanges import do, minted

GTIN = "09521321000018"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    trade.sdk("Producer").products.register(GTIN, "Olive oil")
    return trade


def place(trade: Consortium) -> str:
    offer = trade.sdk("Producer").listings.create(GTIN, unit_price=100, currency="EUR", quantity=5)
    placed = trade.sdk("Retailer").orders.place(offer.reply.listing.id, 1, terms=Terms(**TERMS))
    return str(placed.reply.order.id)


def keeper(trade: Consortium, name: str, interval: float = 1) -> Keeper:
    office = MemoryOffice(trade.ledger, f"{name}MSP")
    return Keeper(office, trade.ledger.queries, interval, lambda: rfc3339(trade.ledger.world.now))


def status(trade: Consortium, order: str) -> str:
    found = trade.ledger.queries.orders.find(order)
    assert found is not None
    return found.status


def test_nothing_is_called_before_it_is_due(trade: Consortium) -> None:
    order = place(trade)
    assert keeper(trade, "Retailer").look() == 0
    assert status(trade, order) == "placed"


def test_what_is_due_is_called_and_signed_by_the_service(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    assert keeper(trade, "Retailer").look() == 1
    assert status(trade, order) == "refunded"
    last = trade.ledger.queries.ledger.history(order)[-1]
    assert (last.creator, last.signer) == ("RetailerMSP", "service")
    assert keeper(trade, "Retailer").look() == 0


def test_orders_of_others_are_left_to_them(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    assert keeper(trade, "Carrier").look() == 0
    assert status(trade, order) == "placed"


def test_being_second_is_no_alarm(trade: Consortium) -> None:
    place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    trade.ledger.following = False  # the second keeper has not seen what the first did
    with capture_logs() as said:
        assert keeper(trade, "Retailer").look() == 1
        assert keeper(trade, "Producer").look() == 0
    assert [entry["log_level"] for entry in said] == ["info", "info"]
    assert said[-1]["event"] == "somebody was faster"


def test_the_same_keeper_again_makes_no_second_effect(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    trade.ledger.following = False
    for _ in range(2):
        keeper(trade, "Retailer").look()
    trade.ledger.catch_up()
    refunds = [step for step in trade.ledger.queries.ledger.history(order) if step.type == "order.refunded"]
    assert len(refunds) == 1


def test_it_works_in_a_thread_until_it_is_told_to_stop(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    stopping = threading.Event()
    thread = keeper(trade, "Retailer", 0.01).start(stopping)
    deadline = time.monotonic() + 30
    while status(trade, order) == "placed" and time.monotonic() < deadline:
        time.sleep(0.01)
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()
    assert status(trade, order) == "refunded"


def quote(trade: Consortium) -> str:
    """A firm quote of the producer to the retailer, good for a minute."""
    amounts = {"currency": "USD", "amount": "108", "price_currency": "EUR", "price": "100"}
    note = minted(trade, "USD", 108, "ProducerMSP")
    return do(
        trade, "Producer", "exchanges:Offer", taker="RetailerMSP", **amounts, notes=[note], valid_for=60
    )


def cycle(trade: Consortium) -> str:
    """A netting cycle in which the producer owes 20 on balance, open for ten minutes."""
    made = []
    for debtor, creditor, amount in (("Producer", "Retailer", "90"), ("Retailer", "Producer", "70")):
        sides = {"debtor": f"{debtor}MSP", "creditor": f"{creditor}MSP"}
        made.append(do(trade, debtor, "obligations:Register", **sides, currency="EUR", amount=amount))
        do(trade, creditor, "obligations:Confirm", obligation=made[-1])
    return do(trade, "Retailer", "netting:Open", obligations=made, fund_within=600)


def cycles(trade: Consortium) -> dict[str, str]:
    return {row.cycle: row.status for row in trade.ledger.queries.netting.cycles("RetailerMSP")}


def kinds(trade: Consortium, subject: str) -> list[str]:
    return [step.type for step in trade.ledger.queries.ledger.history(subject)]


def test_a_quote_whose_time_is_over_gives_the_dealer_his_money_back(trade: Consortium) -> None:
    made = quote(trade)
    trade.ledger.world.pass_time(61)
    assert keeper(trade, "Retailer").look() == 0  # the first minute is the parties'
    trade.ledger.world.pass_time(60)
    assert keeper(trade, "Carrier").look() == 0
    assert keeper(trade, "Retailer").look() == 1
    (row,) = trade.ledger.queries.exchanges.quotes("ProducerMSP")
    assert (row.exchange, row.status) == (made, "expired")
    assert [each.amount for each in trade.sdk("Bank").money.balance("ProducerMSP").balances] == ["108"]
    assert keeper(trade, "Producer").look() == 0


def test_money_under_a_hash_goes_home(trade: Consortium) -> None:
    note = minted(trade, "EUR", 500, "RetailerMSP/fx")
    fields = {"recipient": "ProducerMSP/till", "amount": "500", "currency": "EUR", "hash": "ab" * 32}
    locked = do(
        trade,
        "Retailer",
        "hashlocks:Lock",
        notes=[note],
        **fields,
        expires_within=60,
        change="RetailerMSP/fx",
    )
    assert keeper(trade, "Producer").look() == 0
    trade.ledger.world.pass_time(121)
    assert keeper(trade, "Carrier").look() == 0
    assert keeper(trade, "Producer").look() == 1
    (row,) = trade.ledger.queries.hashlocks.list(party="RetailerMSP")
    assert (row.hashlock, row.status) == (locked, "refunded")
    assert trade.ledger.queries.hashlocks.due("9999-01-01T00:00:00.000Z") == []


def test_a_cycle_is_closed_once_all_paid_in_and_dissolved_where_they_did_not(trade: Consortium) -> None:
    funded, idle = cycle(trade), cycle(trade)
    note = minted(trade, "EUR", 20, "ProducerMSP/pot")
    do(trade, "Producer", "netting:Fund", cycle=funded, notes=[note], change="ProducerMSP/pot")
    assert keeper(trade, "Retailer").look() == 0
    trade.ledger.world.pass_time(61)
    assert keeper(trade, "Carrier").look() == 0
    assert keeper(trade, "Retailer").look() == 1
    assert cycles(trade) == {funded: "closed", idle: "open"}
    trade.ledger.world.pass_time(660)
    assert keeper(trade, "Producer").look() == 1
    assert cycles(trade) == {funded: "closed", idle: "dissolved"}


@pytest.mark.parametrize("account", ["ProducerMSP/pot", "ProducerMSP", "RetailerMSP"])
def test_a_cycle_with_a_frozen_account_is_dissolved_when_it_is_due(trade: Consortium, account: str) -> None:
    made = cycle(trade)
    note = minted(trade, "EUR", 20, "ProducerMSP/pot")
    do(trade, "Producer", "netting:Fund", cycle=made, notes=[note], change="ProducerMSP/pot")
    do(trade, "Regulator", "currencies:Freeze", account=account, reason="By order")
    trade.ledger.world.pass_time(61)
    with capture_logs() as said:
        assert keeper(trade, "Retailer").look() == 0
    assert said == []
    trade.ledger.world.pass_time(660)
    assert keeper(trade, "Retailer").look() == 1
    assert cycles(trade) == {made: "dissolved"}


def settled(trade: Consortium, **more: Any) -> str:
    """An order of the retailer's that was paid, under warranty."""
    made = escrow.ordered(trade, warranty=5_000_000, **more)
    trade.sdk("Producer").orders.ship(made)
    trade.sdk("Retailer").orders.confirm(made)
    return made


def test_a_claim_that_nobody_went_on_with_lapses(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    order = settled(trade)
    refused, unanswered = (claims.claim_of(trade, order) for _ in range(2))
    escrow.send(trade.sdk("Producer"), RefuseClaim(id=new_id(), claim=refused))
    assert keeper(trade, "Producer").look() == 0
    trade.ledger.world.pass_time(3_000_000)
    assert keeper(trade, "Carrier").look() == 0
    assert keeper(trade, "Producer").look() == 1
    found = {row.claim: row.status for row in trade.ledger.queries.claims.list()}
    assert found == {refused: "lapsed", unanswered: "open"}  # which is the buyer's to take further


def test_what_the_ledger_refuses_rests_and_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepers, "AT_MOST", 1)
    trade = Consortium(tmp_path)
    order = settled(trade, second_arbitrator="RegulatorMSP")
    first = claims.claim_of(trade, order)  # the second arbitrator may still be asked
    escrow.send(trade.sdk("Producer"), RefuseClaim(id=new_id(), claim=first))
    escrow.send(trade.sdk("Retailer"), EscalateClaim(id=new_id(), claim=first))
    second = claims.claim_of(trade, order)
    escrow.send(trade.sdk("Producer"), RefuseClaim(id=new_id(), claim=second))
    quoted = quote(trade)
    trade.ledger.world.pass_time(3_000_000)
    producer = keeper(trade, "Producer")
    with capture_logs() as said:
        assert [producer.look() for _ in range(4)] == [1, 1, 0, 0]
    assert [(each["command"], each.get("code")) for each in said] == [
        ("exchanges:Expire", None),
        ("claims:Lapse", "CLAIM_STATE"),
        ("claims:Lapse", None),
    ]
    assert "exchange.closed" in kinds(trade, quoted)
    monkeypatch.setattr(producer, "_looks", keepers.REST)
    with capture_logs() as said:
        assert producer.look() == 0
    assert [each["code"] for each in said] == ["CLAIM_STATE"]


def test_offers_that_no_counter_can_renew_are_ended(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    trade.sdk("Producer").products.register(GTIN, "Coffee")
    asked = offers.tender(trade)
    answer, renewable, agreed = offers.offer(trade, asked), offers.offer(trade), offers.offer(trade)
    producer, retailer = trade.sdk("Producer"), trade.sdk("Retailer")
    offers.send(retailer, WithdrawTender(id=new_id(), tender=asked))
    counter = CounterOffer(id=new_id(), offer=agreed, version=1, proposal=offers.proposal("800"))
    offers.send(retailer, counter)
    offers.send(producer, AgreeOffer(id=new_id(), offer=agreed, version=2))
    trade.ledger.world.pass_time(700)
    assert keeper(trade, "Carrier").look() == 0
    assert keeper(trade, "Producer").look() == 2
    found = {row.offer: row.status for row in trade.ledger.queries.offers.list()}
    assert found == {answer: "expired", renewable: "open", agreed: "expired"}


def test_the_same_call_after_an_unknown_outcome_is_the_same_command(trade: Consortium) -> None:
    made = quote(trade)
    trade.ledger.world.pass_time(121)
    trade.ledger.following = False
    FAILURES.functions.add("exchanges:Expire")
    with capture_logs() as said:
        assert keeper(trade, "Retailer").look() == 0
        assert keeper(trade, "Retailer").look() == 1
        assert keeper(trade, "Producer").look() == 0
    assert [each["log_level"] for each in said] == ["warning", "info", "info"]
    assert said[-1]["code"] == "EXCHANGE_STATE"
    trade.ledger.catch_up()
    assert kinds(trade, made).count("exchange.closed") == 1
