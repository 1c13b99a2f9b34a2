"""Disputes and claims by the SDK: texts go to those concerned, notes are chosen, repetitions do no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa import RefusedError, Settling, new_id, statement
from hansa.claims import Claims
from hansa.disputes import Disputes, StatementDisclosureError
from hansa_domain.claims.commands import OpenClaim
from hansa_domain.orders.milestone_plan import Milestone
from tests.support.portal import Consortium
from tests.unit.hansa_readmodel.test_escrow import GTIN, send

MEMBERS = ("Retailer", "Producer", "Carrier", "Bank", "Regulator")


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    found.sdk("Bank").money.mint("EUR", 5_000, "RetailerMSP")
    found.sdk("Producer").products.register(GTIN, "Coffee")
    return found


def ordered(trade: Consortium, settling: Settling) -> str:
    """An order over 11.00 that the seller shipped."""
    producer = trade.sdk("Producer")
    listing = producer.listings.create(GTIN, unit_price=250, currency="EUR", quantity=9).reply.listing.id
    retailer = trade.sdk("Retailer")
    command = new_id()
    placed = [
        retailer.orders.place(
            listing, 4, freight=100, carrier="CarrierMSP", settling=settling, command_id=command
        )
        for _ in range(2)
    ]
    assert [each.repeated for each in placed] == [False, True]
    order = placed[0].reply.order.id
    producer.orders.accept(order)
    producer.orders.ship(order)
    return str(order)


def disputes(trade: Consortium, name: str) -> Disputes:
    member = trade.sdk(name)
    return Disputes(member.submitter, member.purse)


def test_a_dispute_with_its_texts_from_opening_to_decision(trade: Consortium) -> None:
    order = ordered(trade, Settling(second_arbitrator="RegulatorMSP"))
    buyer, seller, bank = (disputes(trade, name) for name in ("Retailer", "Producer", "Bank"))
    complaint, reasons = statement("Two cartons were wet."), statement("Half and half.")
    command = new_id()
    for _ in range(2):
        buyer.open(order, "damaged", said=complaint, evidence=["ab" * 32], command_id=command)
    answer = seller.answer(order, statement("They were dry when they left."))
    seller.add_evidence(order, ["cd" * 32])
    (dispute,) = bank.of(order)
    digests = [said.statement for said in dispute.statements]
    for name in MEMBERS:
        assert disputes(trade, name).text(digests[0]) == complaint.text
    assert disputes(trade, "Retailer").text(digests[1]).startswith("They were dry")
    assert len(answer.reply.dispute.evidence) == 1
    decided = bank.decide(order, to_buyer=500, to_seller=500, to_carrier=100, goods="buyer", said=reasons)
    assert decided.reply.order.status == "settled"
    verdict = decided.reply.dispute.verdict
    assert verdict is not None
    assert verdict.statement is not None
    assert buyer.text(verdict.statement) == reasons.text


def test_a_dispute_is_withdrawn(trade: Consortium) -> None:
    order = ordered(trade, Settling())
    carrier = disputes(trade, "Carrier")
    carrier.open(order, "freight")
    assert carrier.withdraw(order).reply.order.dispute is None


def test_who_did_not_get_the_text_is_named(trade: Consortium, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered(trade, Settling())
    buyer = disputes(trade, "Retailer")
    said = statement("Nothing came.")
    told = Disputes.disclose

    def but_the_carrier(self: Disputes, order: str, opener: str, said: object, recipient: str) -> object:
        if recipient == "CarrierMSP":
            raise RefusedError("NOT_PERMITTED", "No.", "Ask.")
        return told(self, order, opener, said, recipient)  # type: ignore[arg-type]

    monkeypatch.setattr(Disputes, "disclose", but_the_carrier)
    with pytest.raises(StatementDisclosureError) as failed:
        buyer.open(order, "not_delivered", said=said)
    assert failed.value.missing == ("CarrierMSP",)
    assert failed.value.receipt.reply.order.dispute == "RetailerMSP"


def test_an_order_by_milestones_and_a_claim_paid_with_notes_chosen_here(trade: Consortium) -> None:
    plan = [Milestone(name="All", event="delivered", within=60, otherwise="refund", basis_points=10_000)]
    order = ordered(trade, Settling(milestones=plan, warranty=600))
    trade.sdk("Carrier").orders.deliver(order)
    assert trade.sdk("Retailer").orders.get(order).order.status == "settled"
    claim = OpenClaim(
        id=new_id(), order=order, reason="quality", wanted="payment", amount="300", answer_within=60
    )
    opened = send(trade.sdk("Retailer"), claim).claim.id
    producer = trade.sdk("Producer")
    claims = Claims(producer.submitter, producer.purse, "ProducerMSP")
    command = new_id()
    receipts = [claims.pay(opened, 300, command_id=command) for _ in range(2)]
    assert [each.repeated for each in receipts] == [False, True]
    assert claims.get(opened).status == "met"
    assert [each.id for each in claims.list().claims] == [opened]
