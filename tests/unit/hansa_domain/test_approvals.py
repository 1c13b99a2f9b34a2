"""Approval limits: who orders alone, who needs a colleague, and what that colleague's word is good for."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import Caller
from tests.support.domain import World, consortium, market, mint, order_fields, ulid
from tests.support.offers import offered, sellers

ADMIN = Caller("RetailerMSP", "admin", admin=True)
CLERK = Caller("RetailerMSP", "clerk")
HEAD = Caller("RetailerMSP", "head", attributes={"hansa.role": "head"})
RULES = [
    {"currency": "EUR", "limit": "1000"},
    {"currency": "EUR", "limit": "5000", "attribute": "hansa.role", "value": "head"},
    {"currency": "EUR", "limit": "9000", "user": "admin"},
    {"currency": "EUR", "limit": "99999", "user": "clerk", "attribute": "hansa.role", "value": "head"},
]
AT = "2027-01-15T08:00:00.000Z"
ORDER = f"RetailerMSP.{ulid('o')}"
NEEDED = ("APPROVAL_NEEDED", None)


@pytest.fixture
def trade() -> tuple[World, dict[str, Any]]:
    """A market, the retailer's rules, and an order over 1100."""
    world, listing = market()
    world.do(ADMIN, "approvals:SetRules", rules=RULES)
    return world, {"id": ulid("o"), **order_fields(listing, [mint(world, "1100")])}


def approve(**changes: Any) -> dict[str, Any]:
    return {"order": ORDER, "seller": "ProducerMSP", "currency": "EUR", "amount": "1100", **changes}


def test_rules_are_the_administrators_to_set() -> None:
    world = consortium()
    result = world.do(ADMIN, "approvals:SetRules", rules=RULES)
    full = [{"user": None, "attribute": None, "value": None, **rule} for rule in RULES]
    record = {"v": 1, "msp_id": "RetailerMSP", "rules": full, "set_by": "admin", "set_at": AT}
    assert result.writes == {("approval-rules", "RetailerMSP"): record}
    event = {"type": "approval.rules_set", "v": 1, "member": "RetailerMSP", "rules": 4, "by": "admin"}
    assert result.events == [{**event, "at": AT}]
    assert world.ask("CarrierMSP", "approvals:Rules", member="RetailerMSP")["rules"] == full
    assert world.refused(CLERK, "approvals:SetRules", rules=[]) == ("NOT_PERMITTED", None)
    bad = [{"currency": "EUR", "limit": "1", "attribute": "hansa.role"}]
    assert world.refused(ADMIN, "approvals:SetRules", rules=bad) == ("FIELD_INVALID", "rules[0].value")
    bad = [{"currency": "XYZ", "limit": "1"}]
    assert world.refused(ADMIN, "approvals:SetRules", rules=bad) == ("CURRENCY_UNKNOWN", "rules[0].currency")
    gone = world.do(ADMIN, "approvals:SetRules", rules=[])
    assert gone.writes == {("approval-rules", "RetailerMSP"): None}
    assert world.ask("RetailerMSP", "approvals:Rules") == {"member": "RetailerMSP", "rules": []}


def test_the_highest_rule_that_speaks_of_one_counts(trade: tuple[World, dict[str, Any]]) -> None:
    world, fields = trade
    assert world.refused(CLERK, "orders:Place", **fields) == NEEDED
    assert world.do(HEAD, "orders:Place", **fields).reply["order"]["id"] == ORDER


def test_within_his_limit_nobody_asks(trade: tuple[World, dict[str, Any]]) -> None:
    world, fields = trade
    listing = fields["lines"][0]["listing"]
    small = order_fields(listing, [mint(world, "600")], quantity=2)
    assert world.do(CLERK, "orders:Place", **small).reply["order"]["amount"] == "600"


def test_a_currency_without_a_rule_needs_approval() -> None:
    world, listing = market()
    world.do(ADMIN, "approvals:SetRules", rules=[{"currency": "CNY", "limit": "99999999"}])
    fields = order_fields(listing, [mint(world, "1100")])
    assert world.refused(HEAD, "orders:Place", **fields) == NEEDED


def test_rules_of_one_member_bind_no_other(trade: tuple[World, dict[str, Any]]) -> None:
    world, fields = trade
    others = order_fields(fields["lines"][0]["listing"], [mint(world, "1100", "BankMSP")])
    world.do("BankMSP", "orders:Place", **others, arbitrator="RegulatorMSP")


def test_a_colleagues_approval_lets_the_order_through(trade: tuple[World, dict[str, Any]]) -> None:
    world, fields = trade
    result = world.do(HEAD, "approvals:Approve", **approve())
    approval = {"v": 1, **approve(), "approver": "head", "given_at": AT}
    assert result.writes == {("approval", ORDER): approval}
    head = {"type": "approval.given", "v": 1, "member": "RetailerMSP", "approver": "head"}
    assert result.events == [{**head, **approve(), "at": AT}]
    assert world.ask("RetailerMSP", "approvals:Get", order=ORDER) == {"approval": approval}
    other = {**fields, "id": ulid("another")}
    assert world.refused(CLERK, "orders:Place", **other) == NEEDED
    assert world.do(CLERK, "orders:Place", **fields).reply["order"]["id"] == ORDER


@pytest.mark.parametrize(
    "changes", [{"amount": "1099"}, {"currency": "CNY", "amount": "0"}, {"seller": "CarrierMSP"}]
)
def test_an_approval_is_for_what_it_says(
    trade: tuple[World, dict[str, Any]], changes: dict[str, Any]
) -> None:
    world, fields = trade
    world.do(HEAD, "approvals:Approve", **approve(**changes))
    assert world.refused(CLERK, "orders:Place", **fields) == NEEDED


def test_nobody_approves_for_himself_nor_beyond_his_own_limit(trade: tuple[World, dict[str, Any]]) -> None:
    world, fields = trade
    assert world.refused(CLERK, "approvals:Approve", **approve()) == ("APPROVAL_NEEDED", "amount")
    world.do(HEAD, "approvals:Approve", **approve())
    # The limit is lowered before the order comes; his own word does not help him.
    world.do(ADMIN, "approvals:SetRules", rules=RULES[:1])
    assert world.refused(HEAD, "orders:Place", **fields) == NEEDED


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("ProducerMSP", {}, "NOT_PERMITTED", "order"),
        (HEAD, {"seller": "ElseMSP"}, "MEMBER_NOT_FOUND", "seller"),
        (HEAD, {"currency": "XYZ"}, "CURRENCY_UNKNOWN", "currency"),
        (HEAD, {"amount": "5001"}, "APPROVAL_NEEDED", "amount"),
    ],
)
def test_approve_refusals(
    trade: tuple[World, dict[str, Any]],
    caller: str | Caller,
    changes: dict[str, Any],
    code: str,
    field: str,
) -> None:
    world, _ = trade
    assert world.refused(caller, "approvals:Approve", **approve(**changes)) == (code, field)
    query = {"order": ORDER}
    assert world.refusal("RetailerMSP", "approvals:Get", query) == ("APPROVAL_NOT_FOUND", "order")


def test_taking_an_offer_needs_the_same_approval() -> None:
    world = sellers()
    world.do(ADMIN, "approvals:SetRules", rules=RULES)
    offer = offered(world)
    fields = {"id": ulid("o"), "offer": offer, "version": 1, "notes": [mint(world, "9000")]}
    assert world.refused(CLERK, "offers:Accept", **fields) == NEEDED
    world.do(ADMIN, "approvals:Approve", **approve(amount="9000"))
    assert world.do(CLERK, "offers:Accept", **fields).reply["order"]["id"] == ORDER
