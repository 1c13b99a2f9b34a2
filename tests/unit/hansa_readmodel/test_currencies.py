"""Approvals, attestations and frozen accounts in the read model."""

from __future__ import annotations

from pathlib import Path

from hansa import new_id
from hansa_domain.currencies import ApproveIssuer, AttestReserves
from hansa_domain.freezes import CourtOrder, FreezeAccount, UnfreezeAccount
from hansa_domain.operation import BY_ARGUMENT, Caller, Command
from tests.support.portal import Consortium, MemorySubmitter


def send(trade: Consortium, caller: Caller, command: Command[object]) -> None:  # type: ignore[type-var]
    operation = BY_ARGUMENT[type(command)]
    MemorySubmitter(trade.ledger, caller).submit(operation.name, command, operation.reply)


def test_what_stands_behind_money_and_what_is_frozen(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    queries = trade.ledger.queries.currencies
    bank = Caller("BankMSP", "treasurer")
    administrator = Caller("ProducerMSP", "admin", admin=True)
    send(trade, administrator, ApproveIssuer(id=new_id(), currency="EUR", bank="BankMSP"))
    send(trade, administrator, ApproveIssuer(id=new_id(), currency="EUR", bank="BankMSP"))
    assert queries.approvals("EUR", "BankMSP") == ["ProducerMSP"]
    trade.sdk("Bank").money.mint("EUR", 100, "RetailerMSP")
    for day in ("2026-12-31", "2027-01-14"):
        attested = AttestReserves(
            id=new_id(), currency="EUR", amount="100", as_of=day, document="ad" * 32, auditor="Audit & Sons"
        )
        send(trade, bank, attested)
    assert [row.as_of for row in queries.attestations("EUR")] == ["2027-01-14", "2026-12-31"]
    order = CourtOrder(reference="4 O 7/27", document="0d" * 32)
    frozen = FreezeAccount(id=new_id(), account="RetailerMSP/till", reason="Seizure", court_order=order)
    send(trade, bank, frozen)
    (row,) = queries.frozen()
    assert (row.account, row.by, row.court_order) == ("RetailerMSP/till", "BankMSP", "4 O 7/27")
    send(trade, bank, UnfreezeAccount(id=new_id(), account="RetailerMSP/till", reason="Paid"))
    assert queries.frozen() == []
    told = trade.ledger.queries.ledger.history("RetailerMSP/till")
    assert [step.type for step in told] == ["account.frozen", "account.unfrozen"]
