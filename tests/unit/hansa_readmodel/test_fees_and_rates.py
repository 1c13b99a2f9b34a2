"""Schedules of fees, and rates of exchange, in the read model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hansa import new_id
from hansa_domain.operation import Caller, canonical
from tests.support.portal import Consortium, MemorySubmitter

NEVER = "2099-01-01T00:00:00.000Z"
RULE = {"basis_points": 20, "bounds": [{"currency": "EUR", "minimum": "1", "maximum": "9"}]}
RULES = {"order": RULE, "arbitration": RULE, "exchange": {"basis_points": 5}, "account": "BankMSP/fees"}


def do(trade: Consortium, name: str, operation: str, **fields: Any) -> str:
    """Carries it out for an administrator; the id of the schedule that it makes, where it makes one."""
    submitter = MemorySubmitter(trade.ledger, Caller(f"{name}MSP", "admin", admin=True))
    command = new_id()
    submitter.carry_out(operation, canonical({"id": command, **fields}), {})
    return f"{name}MSP.{command}"


def test_schedules_and_who_agreed(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    queries = trade.ledger.queries.fees
    assert queries.in_force(NEVER) is None
    schedules = []
    for more in ({}, {"effective_from": NEVER, "document": "d0" * 32}):
        schedules.append(do(trade, "Bank", "fees:Publish", **RULES, **more))
        for name in ("Producer", "Producer", "Retailer"):
            do(trade, name, "fees:Approve", schedule=schedules[-1])
        assert queries.approvals(schedules[-1]) == ["BankMSP", "ProducerMSP", "RetailerMSP"]
    later, first = queries.schedules()
    assert (later.schedule, later.version, later.in_force_from, later.document) == (
        schedules[1],
        2,
        NEVER,
        "d0" * 32,
    )
    assert first.order == {"basis_points": 20, "minimum": {"EUR": "1"}, "maximum": {"EUR": "9"}}
    assert (first.account, first.published_by, first.exchange["basis_points"]) == (
        "BankMSP/fees",
        "BankMSP",
        5,
    )
    assert first.in_force_from is not None
    held = queries.in_force(first.in_force_from)
    assert held == first
    assert queries.in_force(NEVER) == later
    told = trade.ledger.queries.ledger.history(schedules[0])
    assert [step.type for step in told] == ["fees.published"] + ["fees.approved"] * 4 + ["fees.in_force"]


def test_rates_with_their_history(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    queries = trade.ledger.queries.rates
    pair = {"base": "EUR", "quote": "USD"}
    for name in ("Producer", "Retailer", "Bank"):
        do(trade, name, "rates:Approve", **pair, oracle="BankMSP")
    assert [row.oracles for row in queries.pairs()] == [["BankMSP"]]
    for rate in ("10837", "10840"):
        do(trade, "Bank", "rates:Publish", **pair, base_amount="10000", quote_amount=rate, source="50" * 32)
    rows = queries.quotes("EUR", "USD")
    assert [(row.oracle, row.base_amount, row.quote_amount) for row in rows] == [
        ("BankMSP", 10000, 10840),
        ("BankMSP", 10000, 10837),
    ]
    assert queries.quotes("EUR", "USD", oracle="CarrierMSP") == []
    assert queries.quotes("USD", "EUR") == []
    do(trade, "Retailer", "rates:Revoke", **pair, oracle="BankMSP")
    assert queries.approvals("EUR", "USD", "BankMSP") == ["BankMSP", "ProducerMSP"]
    assert [row.oracles for row in queries.pairs()] == [[]]
    told = trade.ledger.queries.ledger.history("EUR/USD")
    assert [step.type for step in told].count("rate.published") == 2
