"""Statements: every payment once, balances as the ledger's notes say, and what each payment was for."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa import statement_csv
from hansa.errors import RefusedError
from hansa.iso20022 import camt053
from hansa.payment_requests import PaymentRequests
from hansa.statements import Movement, Statement, entry_of, period, statement
from hansa_domain.events import MoneyMoved, NoteView
from tests.support.portal import Consortium
from tests.support.schemas import check

DAY = "2027-01-15"
GTIN = "09521321000018"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    return trade


def of(trade: Consortium, account: str, first: str = DAY, last: str | None = None) -> Statement:
    found = trade.ledger.queries.statements.statement(account, "EUR", *period(first, last))
    # The blocks say the same as the read model.
    assert trade.sdk("Regulator").money.statement("EUR", first, last, account=account) == found
    return found


def held(trade: Consortium, account: str) -> int:
    return int(trade.sdk("Bank").money.balance(account, "EUR").balances[0].amount)


def kinds(trade: Consortium, found: Statement) -> list[tuple[int, str | None, str | None]]:
    return [
        (each.part.amount if each.entry.amount > 0 else -each.part.amount, each.part.reference, each.kind)
        for each in trade.ledger.queries.statements.matched(found)
    ]


def test_a_day_of_an_account(trade: Consortium) -> None:
    retailer = trade.sdk("Retailer").money
    retailer.transfer("ProducerMSP", "EUR", 1250, reference="INV-1")
    retailer.transfer_all(
        [("CarrierMSP", 300), ("ProducerMSP/deposits", 200)], "EUR", references=["F-1", None]
    )
    retailer.transfer("RetailerMSP/till", "EUR", 500)
    trade.sdk("Producer").money.transfer("RetailerMSP", "EUR", 50, reference="BACK")
    found = of(trade, "RetailerMSP")
    assert (found.opening, found.closing) == (0, held(trade, "RetailerMSP"))
    assert kinds(trade, found) == [
        (100_000, None, "issue"),
        (-1250, "INV-1", None),
        (-300, "F-1", None),
        (-200, None, None),
        (-500, None, "own account"),
        (50, "BACK", None),
    ]
    assert [part.counterparty for entry in found.entries for part in entry.parts][1:4] == [
        "ProducerMSP",
        "CarrierMSP",
        "ProducerMSP/deposits",
    ]
    raw = camt053.write(camt053.Report(id="S-1", created=found.end, statement=found, servicer="BankMSP"))
    check(raw, "camt.053.001.08", "camt.053.001.08")
    assert camt053.read(raw).statement == found


def test_days_follow_each_other(trade: Consortium) -> None:
    retailer = trade.sdk("Retailer").money
    retailer.transfer("ProducerMSP", "EUR", 1000)
    first = of(trade, "RetailerMSP")
    trade.ledger.world.now += 86_400_000
    retailer.transfer("ProducerMSP", "EUR", 234)
    second = of(trade, "RetailerMSP", "2027-01-16")
    assert (second.opening, len(second.entries)) == (first.closing, 1)
    both = of(trade, "RetailerMSP", DAY, "2027-01-16")
    assert both.entries == (*first.entries, *second.entries)
    assert both.closing == held(trade, "RetailerMSP")
    nothing = of(trade, "RetailerMSP", "2027-01-14")
    assert (nothing.opening, nothing.closing, nothing.entries) == (0, 0, ())


def test_an_order_a_request_and_a_reference_explain_payments(trade: Consortium) -> None:
    retailer, producer = trade.sdk("Retailer"), trade.sdk("Producer")
    producer.products.register(GTIN, "Coffee")
    listing = producer.listings.create(GTIN, unit_price=100, currency="EUR", quantity=9).reply.listing.id
    order = retailer.orders.place(listing, 3, reference="PO-7").reply.order.id
    producer.orders.accept(order)
    producer.orders.ship(order)
    retailer.orders.confirm(order)
    carrier = trade.sdk("Carrier")
    requests = {
        who.caller.msp_id: PaymentRequests(who.submitter, who.purse, who.caller.msp_id)
        for who in (carrier, retailer)
    }
    asked = requests["CarrierMSP"].create("RetailerMSP", "EUR", 70, expires_within=60, reference="WAIT-1")
    requests["RetailerMSP"].pay(asked.reply.payment_request.id)
    retailer.money.transfer("ProducerMSP", "EUR", 5, reference="PO-7")
    retailer.money.transfer("CarrierMSP", "EUR", 6, reference="PO-7")
    paid = of(trade, "RetailerMSP")
    assert kinds(trade, paid)[1:] == [
        (-300, None, "order"),
        (-70, "WAIT-1", "payment request"),
        (-5, "PO-7", "order"),
        (-6, "PO-7", None),
    ]
    matched = trade.ledger.queries.statements.matched(paid)
    assert [(each.subject, each.by_reference) for each in matched if each.kind == "order"] == [
        (order, False),
        (order, True),
    ]
    got = of(trade, "ProducerMSP")
    assert got.closing == held(trade, "ProducerMSP")
    assert {each.kind for each in trade.ledger.queries.statements.matched(got)} == {"order"}


def test_a_table_holds_no_formula(trade: Consortium) -> None:
    trade.sdk("Retailer").money.transfer("ProducerMSP", "EUR", 5, reference="=1+1")
    raw = statement_csv.write(of(trade, "ProducerMSP"))
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [(row["amount"], row["reference"], row["counterparty"]) for row in rows] == [
        ("0.05", "'=1+1", "RetailerMSP")
    ]
    paid = statement_csv.write(of(trade, "RetailerMSP")).decode("utf-8-sig")
    assert "-0.05,EUR" in paid


@pytest.mark.parametrize(
    "days", [("2027-02-30", None), ("yesterday", None), ("2027-01-15", "2027-01-14"), ("9999-12-31", None)]
)
def test_a_period_is_of_days(days: tuple[str, str | None]) -> None:
    with pytest.raises(RefusedError, match="FIELD_INVALID"):
        period(*days)


owners = st.sampled_from(["AMSP", "AMSP/till", "BMSP", "CMSP"])
notes = st.lists(st.tuples(owners, st.integers(1, 10**17)), max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(notes, notes, st.integers(0, 3)), max_size=8))
def test_parts_come_to_entries_and_entries_to_balances(
    moves: list[tuple[list[tuple[str, int]], list[tuple[str, int]], int]],
) -> None:
    movements = []
    for number, (consumed, created, day) in enumerate(moves):
        event = MoneyMoved(
            reason="transfer",
            currency="EUR",
            consumed=[
                NoteView(id=f"i{n}", owner=o, currency="EUR", amount=str(a))
                for n, (o, a) in enumerate(consumed)
            ],
            created=[
                NoteView(id=f"x.{n}", owner=o, currency="EUR", amount=str(a))
                for n, (o, a) in enumerate(created)
            ],
            order=None,
            at=f"2027-01-1{day}T08:00:00.000Z",
        )
        movements.append(Movement(event, number, 0, 0, "t"))
        for account in ("AMSP", "AMSP/till", "BMSP"):
            entry = entry_of(movements[-1], account)
            if entry is not None:
                assert sum(part.amount for part in entry.parts) == abs(entry.amount)
    for account in ("AMSP", "BMSP"):
        whole = statement(movements, account, "EUR", *period("2027-01-10", "2027-01-13"))
        made = sum(int(n.amount) for m in movements for n in m.event.created if n.owner == account)
        spent = sum(int(n.amount) for m in movements for n in m.event.consumed if n.owner == account)
        assert whole.closing == made - spent
        later = statement(movements, account, "EUR", *period("2027-01-12", "2027-01-13"))
        assert later.closing == whole.closing
