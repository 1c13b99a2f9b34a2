"""Hash time-locks by the SDK, seen in the read model: notes chosen, change kept, money back in hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa import RefusedError, new_id
from hansa.hashlocks import Hashlocks, new_secret
from tests.support.portal import Consortium


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    found.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    return found


def hashlocks(trade: Consortium, name: str) -> Hashlocks:
    member = trade.sdk(name)
    return Hashlocks(member.submitter, member.purse, f"{name}MSP")


def test_a_lock_is_claimed_and_the_books_agree(trade: Consortium) -> None:
    secret, hash_ = new_secret()
    payer, recipient = hashlocks(trade, "Retailer"), hashlocks(trade, "Producer")
    command = new_id()
    receipts = [
        payer.lock("ProducerMSP", "EUR", 4_000, hash_=hash_, expires_within=60, command_id=command)
        for _ in range(2)
    ]
    assert [receipt.repeated for receipt in receipts] == [False, True]
    lock = receipts[0].reply.hashlock
    queries = trade.ledger.queries
    (supply,) = queries.money.supply()
    assert (supply.in_notes, supply.in_escrow, supply.reconciles) == (6_000, 4_000, True)
    (row,) = queries.hashlocks.list(party="ProducerMSP", status="locked", hash_=hash_)
    assert (row.hashlock, row.amount, row.preimage) == (lock.id, 4_000, None)
    assert queries.hashlocks.list(party="CarrierMSP") == []

    with pytest.raises(RefusedError) as refused:
        payer.lock("ProducerMSP", "EUR", 4_001, hash_=hash_, expires_within=60, command_id=command)
    assert refused.value.code == "COMMAND_ID_REUSED"

    recipient.claim(lock.id, secret)
    # Whoever locked money sees the secret there, and takes the other chain's money with it.
    assert payer.get(lock.id).preimage == secret
    (row,) = queries.hashlocks.list(status="claimed")
    assert (row.preimage, row.closed_at is not None) == (secret, True)
    assert trade.sdk("Producer").money.transfer("CarrierMSP", "EUR", 4_000)
    (supply,) = queries.money.supply()
    assert (supply.in_notes, supply.in_escrow, supply.reconciles) == (10_000, 0, True)


def test_what_nobody_claims_comes_back(trade: Consortium) -> None:
    payer = hashlocks(trade, "Retailer")
    lock = payer.lock("ProducerMSP", "EUR", 10_000, hash_=new_secret()[1], expires_within=60).reply.hashlock
    trade.ledger.world.pass_time(60)
    payer.refund(lock.id)
    (row,) = trade.ledger.queries.hashlocks.list()
    assert row.status == "refunded"
    assert trade.sdk("Retailer").money.balance(currency="EUR").balances[0].amount == "10000"
    steps = trade.ledger.queries.ledger.history(lock.id)
    assert [step.type for step in steps] == ["hashlock.locked", "hashlock.refunded"]
