"""What the read model tells of approvals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa import new_id
from hansa.errors import RefusedError
from hansa_domain.approvals import ApprovalRule, ApproveOrder, SetApprovalRules
from hansa_domain.operation import BY_ARGUMENT, Caller
from tests.support.portal import Consortium, MemoryClient

GTIN = "09521321000018"


def send(client: Any, command: Any) -> Any:
    """Carries out any command of a member; its reply."""
    operation = BY_ARGUMENT[type(command)]
    return client.submitter.submit(operation.name, command, operation.reply).reply


def test_an_order_placed_with_a_colleagues_approval(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    producer, queries = trade.sdk("Producer"), trade.ledger.queries
    producer.products.register(GTIN, "Coffee")
    listing = producer.listings.create(GTIN, unit_price=250, currency="EUR", quantity=9).reply.listing.id
    trade.sdk("Bank").money.mint("EUR", 5000, "RetailerMSP")
    retailer = MemoryClient(trade.ledger, Caller("RetailerMSP", "clerk"))
    admin = MemoryClient(trade.ledger, Caller("RetailerMSP", "head", admin=True))
    assert queries.approvals.rules("RetailerMSP") is None
    rules = [
        ApprovalRule(currency="EUR", limit="999"),
        ApprovalRule(currency="EUR", limit="5000", user="head"),
    ]
    send(admin, SetApprovalRules(id=new_id(), rules=rules))
    found = queries.approvals.rules("RetailerMSP")
    assert found is not None
    assert (found.rules, found.set_by) == (2, "head")
    command_id = new_id()
    order = f"RetailerMSP.{command_id}"
    with pytest.raises(RefusedError, match=order) as refused:
        retailer.orders.place(listing, 4, command_id=command_id)
    assert refused.value.code == "APPROVAL_NEEDED"
    word = ApproveOrder(id=new_id(), order=order, seller="ProducerMSP", currency="EUR", amount="1000")
    send(admin, word)
    (given,) = queries.approvals.list("RetailerMSP")
    assert (given.order_id, given.approver, given.amount, given.placed) == (order, "head", 1000, False)
    assert retailer.orders.place(listing, 4, command_id=command_id).reply.order.id == order
    (given,) = queries.approvals.list("RetailerMSP")
    assert given.placed
    assert queries.approvals.list("ProducerMSP") == []
