"""Firm quotes, facilities and netting in the read model, and that a currency's books close meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hansa import new_id
from hansa_domain.operation import Caller, canonical
from tests.support.portal import Consortium, MemorySubmitter


def do(trade: Consortium, caller: str, operation: str, **fields: Any) -> str:
    """Carries it out; the id that it gives to what it makes."""
    submitter = MemorySubmitter(trade.ledger, Caller(f"{caller}MSP", "admin", admin=True))
    command = new_id()
    submitter.carry_out(operation, canonical({"id": command, **fields}), {})
    return f"{caller}MSP.{command}"


def minted(trade: Consortium, currency: str, amount: int, owner: str) -> str:
    reply = trade.sdk("Bank").money.mint(currency, amount, owner).reply
    return str(reply.notes[0].id)


def supply(trade: Consortium) -> dict[str, int]:
    rows = trade.ledger.queries.money.supply()
    assert all(row.reconciles for row in rows)
    return {row.currency: row.in_escrow for row in rows}


def test_quotes_and_facilities(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    queries = trade.ledger.queries.exchanges
    held = {
        "taker": "RetailerMSP",
        "currency": "USD",
        "amount": "108",
        "price_currency": "EUR",
        "price": "100",
    }
    made = []
    for _ in range(2):
        note = minted(trade, "USD", 120, "ProducerMSP")
        made.append(do(trade, "Producer", "exchanges:Offer", notes=[note], **held, valid_for=60))
    euros = minted(trade, "EUR", 300, "RetailerMSP")
    assert supply(trade) == {"EUR": 0, "USD": 216}
    do(trade, "Retailer", "exchanges:Accept", exchange=made[0], notes=[euros])
    do(trade, "Retailer", "exchanges:Reject", exchange=made[1])
    assert supply(trade) == {"EUR": 0, "USD": 0}
    statuses = {row.exchange: (row.status, row.fee) for row in queries.quotes("RetailerMSP")}
    assert statuses == {made[0]: ("accepted", 0), made[1]: ("rejected", None)}
    assert [row.exchange for row in queries.quotes("ProducerMSP", status="accepted")] == [made[0]]
    assert queries.quotes("CarrierMSP") == []

    pair = {"base": "EUR", "quote": "USD"}
    for name in ("Producer", "Retailer", "Bank"):
        do(trade, name, "rates:Approve", **pair, oracle="BankMSP")
    do(trade, "Bank", "rates:Publish", **pair, base_amount="100", quote_amount="108", source="50" * 32)
    note = minted(trade, "USD", 1000, "ProducerMSP/fx")
    terms = {**pair, "currency": "USD", "amount": "1000", "spread": 0, "parts": 2, "change": "ProducerMSP/fx"}
    facility = do(trade, "Producer", "facilities:Open", notes=[note], **terms)
    assert supply(trade)["USD"] == 1000
    assert [(row.holder, row.amount) for row in queries.held("ProducerMSP")] == [
        (f"{facility}/0", 500),
        (f"{facility}/1", 500),
    ]
    euros = minted(trade, "EUR", 100, "RetailerMSP")
    give = {"facility": facility, "part": 1, "currency": "EUR", "amount": "100", "least": "108"}
    do(trade, "Retailer", "facilities:Exchange", **give, notes=[euros])
    assert supply(trade)["USD"] == 892
    do(trade, "Producer", "facilities:Revise", facility=facility, spread=9, max_age=60)
    (row,) = queries.facilities(takes="EUR", gives="USD")
    assert (row.facility, row.spread, row.opened_at <= row.changed_at) == (facility, 9, True)
    assert queries.facilities(takes="USD") == []
    do(trade, "Producer", "facilities:Close", facility=facility)
    assert supply(trade)["USD"] == 0
    assert queries.facilities() == []
    assert queries.held("ProducerMSP") == []
    told = [step.type for step in trade.ledger.queries.ledger.history(facility)]
    assert told.count("facility.used") == 1


def test_netting(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    queries = trade.ledger.queries.netting
    notes = [minted(trade, "EUR", 100, "ProducerMSP") for _ in range(3)]

    def owed(debtor: str, creditor: str, amount: str) -> str:
        sides = {"debtor": f"{debtor}MSP", "creditor": f"{creditor}MSP"}
        made = do(trade, debtor, "obligations:Register", **sides, currency="EUR", amount=amount)
        do(trade, creditor, "obligations:Confirm", obligation=made)
        return made

    made = [owed("Producer", "Retailer", "90"), owed("Retailer", "Producer", "70")]
    for end, status in (("Dissolve", "dissolved"), ("Close", "closed")):
        cycle = do(trade, "Retailer", "netting:Open", obligations=made, fund_within=60)
        do(trade, "Producer", "netting:Fund", cycle=cycle, notes=[notes.pop()])
        assert supply(trade) == {"EUR": 20}
        (held,) = trade.ledger.queries.exchanges.held("ProducerMSP")
        assert (held.kind, held.holder, held.amount) == ("netting", f"{cycle}/ProducerMSP", 20)
        do(trade, "Retailer", f"netting:{end}", cycle=cycle)
        assert supply(trade) == {"EUR": 0}
        assert queries.cycles("ProducerMSP", status=status)[0].cycle == cycle
        inside = {row.cycle for row in queries.obligations("RetailerMSP")}
        assert inside == ({cycle} if end == "Close" else {None})
    producer, retailer = queries.positions(cycle)
    assert (producer.owes, producer.receives, producer.funded_at is not None) == (20, 0, True)
    assert (retailer.owes, retailer.receives, retailer.funded_at) == (0, 20, None)
    assert [row.status for row in queries.obligations("ProducerMSP")] == ["netted", "netted"]
    paid = owed("Producer", "Retailer", "100")
    do(trade, "Producer", "obligations:Pay", obligation=paid, notes=[notes.pop()])
    assert [row.obligation for row in queries.obligations("ProducerMSP", status="paid")] == [paid]
    assert queries.cycles("CarrierMSP") == []
    assert "netting.closed" in {step.type for step in trade.ledger.queries.ledger.history(made[0])}
