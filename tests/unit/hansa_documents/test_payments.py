"""pain.001 carried out: every transfer once, batches as a whole, and a report of what became of each."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import iso20022
from hansa.documents.errors import DocumentError
from hansa.errors import OutcomeUnknownError
from hansa.iso20022 import pacs008, pain001
from hansa.iso20022_payments import MAX_PAYEES, Paid
from hansa.statements import Movement
from hansa_domain.events import MoneyMoved
from tests.support.portal import FAILURES, Consortium
from tests.support.schemas import check

NOW = datetime.datetime(2027, 1, 15, 9, tzinfo=datetime.UTC)
BASE = "/Document/CstmrCdtTrfInitn"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    for owner, amount in (("RetailerMSP", 100_000), ("RetailerMSP/till", 5_000)):
        trade.sdk("Bank").money.mint("EUR", amount, owner)
    return trade


def transfer(reference: str, amount: int, to: str = "ProducerMSP", **more: Any) -> pain001.Transfer:
    fields = {"currency": "EUR", "creditor": iso20022.Party(msp_id=to), **more}
    return pain001.Transfer(end_to_end_id=reference, amount=amount, **fields)


def batch(*transfers: pain001.Transfer, name: str = "B-1", account: str = "RetailerMSP") -> pain001.Batch:
    debtor = iso20022.Party(name="Retailer")
    return pain001.Batch(id=name, day="2027-01-15", debtor=debtor, account=account, transfers=transfers)


def message(*batches: pain001.Batch, name: str = "M-1") -> pain001.Initiation:
    return pain001.Initiation(
        id=name, created="2027-01-15T08:00:00Z", initiator=iso20022.Party(name="Retailer"), batches=batches
    )


def pay(trade: Consortium, asked: pain001.Initiation, who: str = "Retailer") -> Paid:
    return trade.sdk(who).iso20022.pay(pain001.write(asked), now=NOW)


def held(trade: Consortium, account: str, currency: str = "EUR") -> int:
    return int(trade.sdk("Bank").money.balance(account, currency).balances[0].amount)


ASKED = message(
    batch(transfer("INV-1", 1000), transfer("INV-2", 250, "CarrierMSP", account="CarrierMSP/freight")),
    batch(transfer("INV-3", 400), name="B-2", account="RetailerMSP/till"),
)


def test_everybody_is_paid_once(trade: Consortium) -> None:
    paid = pay(trade, ASKED)
    assert paid.error is None
    assert len(paid.receipts) == 2
    assert (held(trade, "ProducerMSP"), held(trade, "CarrierMSP/freight")) == (1400, 250)
    assert held(trade, "RetailerMSP/till") == 4600
    assert [each.status for each in paid.report.outcomes] == ["ACSC"] * 3
    check(paid.document, "pain.002.001.12", "pain.002.001.12")
    blocks = len(trade.ledger.blocks)
    again = pay(trade, ASKED)
    assert all(receipt.repeated for receipt in again.receipts)
    assert (len(trade.ledger.blocks), held(trade, "ProducerMSP")) == (blocks, 1400)


def test_words_and_names_stay_off_the_ledger(trade: Consortium) -> None:
    private = transfer(
        "INV-1",
        1000,
        remittance="For Mrs Person",
        creditor=iso20022.Party(msp_id="ProducerMSP", name="Mrs Person"),
    )
    pay(trade, message(batch(private)))
    seen = repr(trade.ledger.blocks) + repr(trade.ledger.world.state)
    assert "INV-1" in seen
    assert "Person" not in seen


@pytest.mark.parametrize(
    "other",
    [
        message(batch(transfer("INV-1", 1001))),
        message(batch(transfer("INV-1", 1000)), batch(transfer("INV-9", 5), name="B-9")),
        message(batch(transfer("INV-9", 1000))),
        message(batch(transfer("INV-1", 1000, account="ProducerMSP/till"))),
    ],
)
def test_other_payments_under_the_same_id_are_refused_as_a_whole(
    trade: Consortium, other: pain001.Initiation
) -> None:
    pay(trade, message(batch(transfer("INV-1", 1000))))
    blocks = len(trade.ledger.blocks)
    refused = pay(trade, other)
    assert refused.error is not None
    assert refused.error.code == "COMMAND_ID_REUSED"
    assert {each.status for each in refused.report.outcomes} == {"RJCT"}
    assert refused.report.outcomes[0].reason == "DU01"
    assert len(trade.ledger.blocks) == blocks


def test_what_is_beyond_one_transaction_goes_in_several(trade: Consortium) -> None:
    many = [transfer(f"INV-{n}", n + 1) for n in range(MAX_PAYEES + 5)]
    paid = pay(trade, message(batch(*many)))
    assert len(paid.receipts) == 2
    assert held(trade, "ProducerMSP") == sum(each.amount for each in many)


def test_a_refused_batch_stops_the_rest_and_may_be_sent_again(trade: Consortium) -> None:
    asked = message(
        batch(transfer("INV-1", 1000)),
        batch(transfer("INV-2", 6000), name="B-2", account="RetailerMSP/till"),
        batch(transfer("INV-3", 10), name="B-3"),
    )
    paid = pay(trade, asked)
    assert paid.error is not None
    assert paid.error.code == "FUNDS_INSUFFICIENT"
    assert [(each.status, each.reason) for each in paid.report.outcomes] == [
        ("ACSC", None),
        ("RJCT", "AM04"),
        ("RJCT", "NARR"),
    ]
    assert paid.report.status == "PART"
    trade.sdk("Bank").money.mint("EUR", 5_000, "RetailerMSP/till")
    again = pay(trade, asked)
    assert again.error is None
    assert [receipt.repeated for receipt in again.receipts] == [True, False, False]
    assert held(trade, "ProducerMSP") == 7010


def test_an_unknown_outcome_is_no_failure(trade: Consortium) -> None:
    FAILURES.functions.add("money:Transfer")
    with pytest.raises(OutcomeUnknownError):
        pay(trade, ASKED)
    assert pay(trade, ASKED).error is None
    assert held(trade, "ProducerMSP") == 1400


FIRST = f"{BASE}/PmtInf/CdtTrfTxInf"


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (
            message(batch(transfer("I", 1), account="ProducerMSP")),
            "DOCUMENT_PARTY_NOT_YOU",
            f"{BASE}/PmtInf/DbtrAcct",
        ),
        (message(batch(transfer("I", 1, "ElseMSP"))), "DOCUMENT_PARTY_UNKNOWN", f"{FIRST}/Cdtr"),
        (
            message(batch(transfer("I", 1, account="ElseMSP/x", creditor=iso20022.Party()))),
            "DOCUMENT_PARTY_UNKNOWN",
            f"{FIRST}/CdtrAcct",
        ),
        (
            message(batch(transfer("I", 1, account="CarrierMSP"))),
            "DOCUMENT_PARTY_UNKNOWN",
            f"{FIRST}/CdtrAcct",
        ),
        (
            message(batch(transfer("I", 1, creditor=iso20022.Party(name="X")))),
            "DOCUMENT_PARTY_UNKNOWN",
            f"{FIRST}/Cdtr",
        ),
        (
            message(msgspec.structs.replace(batch(transfer("I", 1)), day="2027-01-16")),
            "DOCUMENT_NOT_SUPPORTED",
            f"{BASE}/PmtInf/ReqdExctnDt",
        ),
    ],
)
def test_nothing_is_paid_where_one_payment_is_wrong(
    trade: Consortium, asked: pain001.Initiation, code: str, field: str
) -> None:
    blocks = len(trade.ledger.blocks)
    with pytest.raises(DocumentError) as error:
        pay(trade, asked)
    assert (error.value.code, error.value.field) == (code, field)
    assert len(trade.ledger.blocks) == blocks


def movements(trade: Consortium) -> list[Movement]:
    return [
        Movement(event, block.number, 0, number, block.transactions[0].transaction_id)
        for block in trade.ledger.blocks
        for number, event in enumerate(block.transactions[0].events)
        if isinstance(event, MoneyMoved)
    ]


def test_a_committed_transfer_is_told_as_pacs_008(trade: Consortium) -> None:
    pay(trade, ASKED)
    client = trade.sdk("Retailer").iso20022
    told = client.transfers(movements(trade)[2], "2027-01-15T09:00:00Z")
    assert [(each.end_to_end_id, each.amount, each.creditor_account) for each in told.transfers] == [
        ("INV-1", 1000, "ProducerMSP"),
        ("INV-2", 250, "CarrierMSP/freight"),
    ]
    raw = pacs008.write(told)
    assert pacs008.read(raw) == told
    check(raw, "pacs.008.001.08", "pacs.008.001.08")
    long = "a reference beyond what ISO 20022 has room for, 62 characters"
    trade.sdk("Retailer").money.transfer("ProducerMSP", "EUR", 5, reference=long)
    [one] = client.transfers(movements(trade)[-1], "2027-01-15T09:00:00Z").transfers
    assert (one.end_to_end_id, one.remittance) == ("NOTPROVIDED", long)
    with pytest.raises(DocumentError, match="NOT_AVAILABLE"):
        client.transfers(movements(trade)[0], "2027-01-15T09:00:00Z")
