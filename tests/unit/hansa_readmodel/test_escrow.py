"""What the read model tells of milestones, splits by consent and disputes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import new_id
from hansa_domain.disputes.commands import AddEvidence, AnswerDispute, DecideDispute, OpenDispute
from hansa_domain.milestones import ReportMilestone
from hansa_domain.operation import BY_ARGUMENT
from hansa_domain.orders.commands import ConfirmOrder, DefaultOrder, PlaceOrder
from hansa_domain.orders.division import Split
from hansa_domain.settlements import AcceptSettlement, ProposeSettlement, WithdrawSettlement
from hansa_readmodel.queries import OrderRow
from tests.support.domain import TERMS, order_fields
from tests.support.escrow import DOCUMENT, PLAN
from tests.support.portal import Consortium

GTIN = "09521321000018"


def send(client: Any, command: Any) -> Any:
    """Carries out any command of a member; its reply."""
    operation = BY_ARGUMENT[type(command)]
    return client.submitter.submit(operation.name, command, operation.reply).reply


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def ordered(trade: Consortium, **more: Any) -> str:
    """An accepted order over 1100, freight 100."""
    producer = trade.sdk("Producer")
    producer.products.register(GTIN, "Coffee")
    listing = producer.listings.create(GTIN, unit_price=250, currency="EUR", quantity=9, buckets=1)
    note = trade.sdk("Bank").money.mint("EUR", 1100, "RetailerMSP").reply.notes[0].id
    fields = order_fields(listing.reply.listing.id, [note], **more)
    command = msgspec.convert({"id": new_id(), **fields}, PlaceOrder)
    order = str(send(trade.sdk("Retailer"), command).order.id)
    producer.orders.accept(order)
    return order


def found(trade: Consortium, order: str) -> OrderRow:
    row = trade.ledger.queries.orders.find(order)
    assert row is not None
    return row


def test_milestones_are_seen_from_the_plan_to_the_last_cent(trade: Consortium) -> None:
    order, queries = ordered(trade, settlement="milestones", milestones=PLAN), trade.ledger.queries
    rows = queries.escrow.milestones(order)
    assert [(row.name, row.weight, row.status) for row in rows][:2] == [
        ("attested", 2000, "pending"),
        ("shipped", 3000, "pending"),
    ]
    assert [row.order_id for row in queries.escrow.to_attest("RegulatorMSP")] == [order]
    report = {"order": order, "milestone": "attested", "document": DOCUMENT}
    send(trade.sdk("Regulator"), ReportMilestone(id=new_id(), **report))
    assert queries.escrow.to_attest("RegulatorMSP") == []
    trade.sdk("Producer").orders.ship(order)
    first, second, third, *_ = queries.escrow.milestones(order)
    assert (first.status, first.reported_by, first.document, first.paid) == (
        "paid",
        "RegulatorMSP",
        DOCUMENT,
        220,
    )
    assert (second.cause, second.paid, third.status) == ("reported", 329, "pending")
    assert found(trade, order).released == 549
    send(trade.sdk("Retailer"), ConfirmOrder(id=new_id(), order=order))
    assert sum(row.paid for row in queries.escrow.milestones(order)) == 1100
    assert (found(trade, order).status, found(trade, order).released) == ("settled", 1100)


def test_splits_are_seen_with_who_has_still_to_agree(trade: Consortium) -> None:
    order, queries = ordered(trade), trade.ledger.queries
    producer, retailer = trade.sdk("Producer"), trade.sdk("Retailer")
    producer.orders.ship(order)
    terms = {"order": order, "valid_for": 60}
    for parts in ((100, 0), (200, 0), (50, 0)):
        share = Split(to_buyer=str(parts[0]), to_seller=str(parts[1]))
        send(retailer, ProposeSettlement(id=new_id(), **terms, split=share))
    latest, *before = queries.escrow.settlements(order)
    assert (latest.number, latest.to_buyer, latest.missing) == (3, 50, ["ProducerMSP"])
    assert {row.status for row in before} == {"replaced"}
    send(producer, AcceptSettlement(id=new_id(), order=order, number=3))
    latest = queries.escrow.settlements(order)[0]
    assert (latest.status, latest.missing, found(trade, order).released) == ("accepted", [], 50)
    whole = Split(to_buyer="1050", to_seller="0")
    send(retailer, ProposeSettlement(id=new_id(), **terms, split=whole, goods="seller"))
    assert queries.escrow.settlements(order)[0].missing == ["ProducerMSP", "CarrierMSP"]
    send(producer, WithdrawSettlement(id=new_id(), order=order, number=4))
    assert queries.escrow.settlements(order)[0].status == "withdrawn"


def test_a_dispute_is_seen_by_those_concerned(trade: Consortium) -> None:
    order = ordered(trade, second_arbitrator="RegulatorMSP", terms={**TERMS, "decide_within": 60})
    queries, world = trade.ledger.queries, trade.ledger.world
    trade.sdk("Producer").orders.ship(order)
    opening = {"order": order, "reason": "damaged", "statement": "aa" * 32, "evidence": [DOCUMENT]}
    send(trade.sdk("Retailer"), msgspec.convert({"id": new_id(), **opening}, OpenDispute))
    (row,) = queries.escrow.disputes(party="BankMSP", status="open")
    assert (row.order_id, row.opener, row.reason, row.currency) == (order, "RetailerMSP", "damaged", "EUR")
    assert (found(trade, order).dispute, found(trade, order).due) == ("RetailerMSP", row.due)
    answer = {"order": order, "statement": "bb" * 32, "evidence": [DOCUMENT, "cc" * 32]}
    send(trade.sdk("Producer"), msgspec.convert({"id": new_id(), **answer}, AnswerDispute))
    send(trade.sdk("Carrier"), AddEvidence(id=new_id(), order=order, evidence=["dd" * 32]))
    world.pass_time(60)
    send(trade.sdk("Carrier"), DefaultOrder(id=new_id(), order=order))
    (row,) = queries.escrow.disputes(order_id=order)
    assert row.arbitrator == "RegulatorMSP"
    assert [(each["by"], each["hash"][:2]) for each in row.evidence] == [
        ("RetailerMSP", "d0"),
        ("ProducerMSP", "cc"),
        ("CarrierMSP", "dd"),
    ]
    assert [each["by"] for each in row.statements] == ["RetailerMSP", "ProducerMSP"]
    verdict = {"split": Split(to_buyer="400", to_seller="600", to_carrier="100"), "statement": "ee" * 32}
    send(trade.sdk("Regulator"), DecideDispute(id=new_id(), order=order, goods="buyer", **verdict))
    (row,) = queries.escrow.disputes(status="decided")
    assert row.decision == {
        "buyer": "400",
        "seller": "597",
        "carrier": "100",
        "fee": "3",
        "arbitration": "0",
        "goods": "buyer",
    }
    assert row.statements[-1]["by"] == "RegulatorMSP"
    ended = found(trade, order)
    assert (ended.status, ended.cause, ended.dispute, ended.due) == ("settled", "decided", None, None)
    assert queries.escrow.disputes(party="BankMSP") == []
