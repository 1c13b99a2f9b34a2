"""Mandates, payment requests and batch payments by the SDK, seen in the read model."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa import RefusedError, new_id
from hansa.mandates import Mandates
from hansa.payment_requests import PaymentRequests
from tests.support.portal import Consortium


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    for amount in (100, 250):
        found.sdk("Bank").money.mint("EUR", amount, "RetailerMSP")
    return found


def test_a_payee_collects_with_notes_chosen_for_it(trade: Consortium) -> None:
    payer = Mandates(trade.sdk("Retailer").submitter, trade.sdk("Retailer").purse)
    payee = Mandates(trade.sdk("Producer").submitter, trade.sdk("Producer").purse)
    terms = {"period": 3600, "expires_within": 86_400, "reference": "S-7"}
    granted = payer.grant("ProducerMSP", "EUR", 320, **terms)  # type: ignore[arg-type]
    mandate = granted.reply.mandate.id
    command = new_id()
    receipts = [payee.collect(mandate, 300, command_id=command) for _ in range(2)]
    assert [receipt.repeated for receipt in receipts] == [False, True]
    assert len(receipts[0].reply.mandate.id) > 0
    for amount, code in ((21, "MANDATE_EXCEEDED"), (51, "FUNDS_INSUFFICIENT")):
        with pytest.raises(RefusedError) as refused:
            payee.collect(mandate, amount)
        assert refused.value.code == code
    queries = trade.ledger.queries
    (row,) = queries.requests.mandates("ProducerMSP")
    assert (row.status, row.maximum, row.number, row.collected) == ("active", 320, 0, 300)
    assert queries.requests.mandates("CarrierMSP") == []
    payer.revoke(mandate)
    (row,) = queries.requests.mandates("RetailerMSP")
    assert row.status == "revoked"
    (supply,) = queries.money.supply()
    assert supply.reconciles
    assert trade.sdk("Producer").money.transfer("CarrierMSP", "EUR", 300)


def test_a_request_is_paid_once(trade: Consortium) -> None:
    payer, payee = (
        PaymentRequests(trade.sdk(name).submitter, trade.sdk(name).purse, f"{name}MSP")
        for name in ("Retailer", "Carrier")
    )
    made = [payee.create("RetailerMSP", "EUR", 120, expires_within=60) for _ in range(3)]
    first, second, third = (receipt.reply.payment_request.id for receipt in made)
    command = new_id()
    assert [payer.pay(first, command_id=command).repeated for _ in range(2)] == [False, True]
    payer.decline(second)
    payee.withdraw(third)
    with pytest.raises(RefusedError) as refused:
        payer.pay(second)
    assert refused.value.code == "PAYMENT_REQUEST_STATE"
    rows = trade.ledger.queries.requests.payment_requests("CarrierMSP")
    assert {row.payment_request: row.status for row in rows} == {
        first: "paid",
        second: "declined",
        third: "withdrawn",
    }
    assert trade.ledger.queries.requests.payment_requests("RetailerMSP", status="open") == []
    assert trade.ledger.world.balance("CarrierMSP") == 120


def test_many_are_paid_in_one_transaction(trade: Consortium) -> None:
    money = trade.sdk("Retailer").money
    payees = [("CarrierMSP", 10), ("ProducerMSP/sales", 20), ("CarrierMSP", 30)]
    command = new_id()
    receipts = [money.transfer_all(payees, "EUR", command_id=command) for _ in range(2)]
    assert [receipt.repeated for receipt in receipts] == [False, True]
    assert [note.amount for note in receipts[0].reply.notes[:3]] == ["10", "20", "30"]
    assert trade.ledger.world.balance("CarrierMSP") == 40
    with pytest.raises(RefusedError) as refused:
        money.transfer_all(payees[:2], "EUR", command_id=command)
    assert refused.value.code == "COMMAND_ID_REUSED"
