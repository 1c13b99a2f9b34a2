"""What the read model tells of claims."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hansa import new_id
from hansa_domain.claims.commands import (
    EscalateClaim,
    JudgeClaim,
    LapseClaim,
    OpenClaim,
    PayClaim,
    RefuseClaim,
    WithdrawClaim,
)
from hansa_domain.disputes.records import DisputeReason
from hansa_domain.operation import BY_ARGUMENT
from tests.support.portal import Consortium
from tests.unit.hansa_readmodel.test_escrow import ordered, send

REASON: DisputeReason = "quality"


def claim_of(trade: Consortium, order: str) -> str:
    fields = {"order": order, "reason": REASON, "answer_within": 60, "amount": "300"}
    opened = send(trade.sdk("Retailer"), OpenClaim(id=new_id(), wanted="payment", **fields))  # type: ignore[arg-type]
    return str(opened.claim.id)


def test_a_claim_is_seen_from_opening_to_payment(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    order, queries = ordered(trade, warranty=5_000_000), trade.ledger.queries
    producer, retailer, bank = (trade.sdk(name) for name in ("Producer", "Retailer", "Bank"))
    producer.orders.ship(order)
    retailer.orders.confirm(order)
    claim = claim_of(trade, order)
    (row,) = queries.claims.list(party="ProducerMSP", status="open")
    assert (row.claim, row.order_id, row.wanted, row.amount) == (claim, order, "payment", 300)
    assert queries.claims.list(party="BankMSP") == []
    send(producer, RefuseClaim(id=new_id(), claim=claim))
    send(retailer, EscalateClaim(id=new_id(), claim=claim))
    assert [found.claim for found in queries.claims.list(party="BankMSP")] == [claim]
    send(bank, JudgeClaim(id=new_id(), claim=claim, amount="200"))
    (row,) = queries.claims.list(order_id=order, status="upheld")
    assert (row.owed, row.paid, row.due) == (200, None, None)
    note = bank.money.mint("EUR", 200, "ProducerMSP").reply.notes[0].id
    send(producer, PayClaim(id=new_id(), claim=claim, amount="200", notes=[note]))
    (row,) = queries.claims.list()
    assert (row.status, row.paid, row.remedy, row.closed_at is None) == ("met", 200, "payment", False)


def test_claims_that_come_to_nothing(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    order, queries = ordered(trade, warranty=5_000_000), trade.ledger.queries
    trade.sdk("Producer").orders.ship(order)
    trade.sdk("Retailer").orders.confirm(order)
    dismissed, withdrawn, lapsed = (claim_of(trade, order) for _ in range(3))
    steps: list[tuple[str, Any]] = [
        ("Producer", RefuseClaim(id=new_id(), claim=dismissed)),
        ("Retailer", EscalateClaim(id=new_id(), claim=dismissed)),
        ("Bank", JudgeClaim(id=new_id(), claim=dismissed, amount="0")),
        ("Retailer", WithdrawClaim(id=new_id(), claim=withdrawn)),
        ("Producer", RefuseClaim(id=new_id(), claim=lapsed)),
    ]
    for member, command in steps:
        send(trade.sdk(member), command)
    trade.ledger.world.pass_time(3_000_000)
    send(trade.sdk("Carrier"), LapseClaim(id=new_id(), claim=lapsed))
    found = {row.claim: row.status for row in queries.claims.list()}
    assert found == {dismissed: "dismissed", withdrawn: "withdrawn", lapsed: "lapsed"}
    assert BY_ARGUMENT[LapseClaim].name == "claims:Lapse"
