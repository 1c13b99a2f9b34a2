"""Disputes: the order's clock stands, the arbitrator's runs, and no side can stall the other for ever."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import Caller
from tests.support.domain import TERMS, World, advance, market, mint, order_fields, placed
from tests.support.escrow import (
    STATEMENT,
    balances,
    by_milestones,
    private,
    split,
    statement_hash,
)

AT = "2027-01-15T08:00:00.000Z"
DUE = "2027-01-15T08:05:00.000Z"


def under_way(status: str = "delivered", **more: Any) -> tuple[World, str]:
    """An order over 1100 whose arbitrator has 300 seconds; the buyer has nothing left."""
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")], terms={**TERMS, "decide_within": 300}, **more)
    order = str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])
    advance(world, order, status)
    return world, order


def disputed(status: str = "delivered", by: str = "RetailerMSP", **more: Any) -> tuple[World, str]:
    world, order = under_way(status, **more)
    world.do(by, "disputes:Open", order=order, reason="damaged", statement=statement_hash())
    return world, order


def test_opening_stops_the_clock_and_shuts_the_escrow() -> None:
    world, order = under_way()
    before = world.record("order", order)
    fields = {"order": order, "reason": "damaged", "statement": statement_hash(), "evidence": ["ab" * 32]}
    result = world.do("RetailerMSP", "disputes:Open", **fields)
    dispute = {
        "v": 1,
        "order": order,
        "opener": "RetailerMSP",
        "status": "open",
        "reason": "damaged",
        "arbitrator": "BankMSP",
        "statements": [{"by": "RetailerMSP", "statement": statement_hash(), "at": AT}],
        "evidence": [{"by": "RetailerMSP", "document": "ab" * 32, "at": AT}],
        "remaining": 240_000,
        "opened_at": AT,
        "due": DUE,
        **dict.fromkeys(["passed_on_at", "closed_at", "closed_by", "verdict"]),
    }
    stopped = {**before, "dispute": "RetailerMSP", "due": DUE}
    assert result.writes == {("dispute", order, "RetailerMSP"): dispute, ("order", order): stopped}
    assert result.events == [
        {
            "type": "dispute.opened",
            "v": 1,
            "order": order,
            "by": "RetailerMSP",
            "reason": "damaged",
            "arbitrator": "BankMSP",
            "statement": statement_hash(),
            "evidence": ["ab" * 32],
            "due": DUE,
            "at": AT,
        }
    ]
    world.pass_time(250)
    assert world.refused("BankMSP", "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")
    assert world.ask("RegulatorMSP", "disputes:Get", order=order) == {"disputes": [dispute]}


def decide(world: World, order: str, parts: dict[str, str], by: str = "BankMSP", **more: Any) -> Any:
    fields = {"order": order, "split": parts, "goods": "buyer", **more}
    return world.do(by, "disputes:Decide", **fields)


def test_the_arbitrator_splits_what_is_in_escrow() -> None:
    world, order = disputed()
    result = decide(world, order, split(400, 600, 100), statement="ee" * 32)
    assert result.event_types == ["dispute.closed", "order.divided", "money.moved"]
    assert result.events[0] | {"at": AT} == {
        "type": "dispute.closed",
        "v": 1,
        "order": order,
        "opener": "RetailerMSP",
        "end": "decided",
        "by": "BankMSP",
        "statement": "ee" * 32,
        "due": None,
        "at": AT,
    }
    divided = {key: result.events[1][key] for key in ("buyer", "seller", "carrier", "fee", "arbitration")}
    assert divided == {"buyer": "400", "seller": "597", "carrier": "100", "fee": "3", "arbitration": "0"}
    closed = world.record("order", order)
    assert (closed["status"], closed["cause"], closed["released"]) == ("settled", "decided", "1100")
    assert (closed["dispute"], closed["due"]) == (None, None)
    assert balances(world) == [400, 597, 100, 3]
    verdict = {"split": split(400, 600, 100), "goods": "buyer", "arbitration": "0", "statement": "ee" * 32}
    assert world.record("dispute", order, "RetailerMSP")["verdict"] == verdict


def test_the_arbitrators_fee_is_of_the_schedule_that_held() -> None:
    world, listing = market()
    rule = {"basis_points": 50, "bounds": []}
    rules = {"order": rule, "exchange": rule, "arbitration": {"basis_points": 1000, "bounds": []}}
    admins = [Caller(f"{name}MSP", "admin", admin=True) for name in ("Bank", "Producer", "Retailer")]
    published = world.do(admins[0], "fees:Publish", **rules, account="BankMSP/consortium-fees")
    schedule = published.reply["schedule"]["id"]
    for admin in admins[1:]:
        world.do(admin, "fees:Approve", schedule=schedule)
    fields = order_fields(listing, [mint(world, "1100")])
    order = str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])
    advance(world, order, "shipped")
    world.do("CarrierMSP", "disputes:Open", order=order, reason="freight")
    wrong = {"order": order, "goods": "seller", "split": split(1000, 0, 100)}
    assert world.refused("BankMSP", "disputes:Decide", **wrong) == ("SPLIT_INVALID", "split")
    decide(world, order, split(890, 0, 100), goods="seller")
    assert balances(world) == [890, 0, 100, 0]
    assert world.balance("BankMSP") == 110
    assert world.record("order", order)["status"] == "refunded"


@pytest.mark.parametrize(("goods", "holder"), [("buyer", "RetailerMSP"), ("seller", "ProducerMSP")])
def test_the_decision_says_whose_the_goods_are(goods: str, holder: str) -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")])
    order = str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])
    world.do("ProducerMSP", "orders:Accept", order=order)
    world.do("ProducerMSP", "orders:Ship", order=order, sscc="395060000000000016")
    world.do("RetailerMSP", "disputes:Open", order=order, reason="wrong_goods")
    result = decide(world, order, split(1100, 0), goods=goods)
    assert result.event_types == ["dispute.closed", "order.divided", "custody.moved", "money.moved"]
    unit = world.record("unit", "https://id.gs1.org/00/395060000000000016")
    assert (unit["custodian"], unit["order"]) == (holder, None)


def test_a_decision_before_shipping_puts_goods_back_to_stock() -> None:
    world, order = disputed("accepted")
    result = decide(world, order, split(1000, 100), goods="seller")
    assert result.event_types == ["dispute.closed", "order.divided", "stock.changed", "money.moved"]


def test_every_side_says_its_own_once() -> None:
    world, order = disputed()
    answer = {"order": order, "statement": "aa" * 32, "evidence": ["01" * 32, "01" * 32]}
    result = world.do("ProducerMSP", "disputes:Answer", **answer)
    assert result.event_types == ["dispute.answered"]
    assert len(result.reply["dispute"]["evidence"]) == 1
    for caller in ("ProducerMSP", "RetailerMSP"):
        assert world.refused(caller, "disputes:Answer", **answer) == ("DISPUTE_STATE", "order")
    assert world.refused("BankMSP", "disputes:Answer", **answer) == ("NOT_PERMITTED", None)
    added = world.do("RetailerMSP", "disputes:AddEvidence", order=order, evidence=["02" * 32])
    assert added.event_types == ["dispute.evidence"]
    evidence = {"order": order, "evidence": ["03" * 32]}
    assert world.refused("RegulatorMSP", "disputes:AddEvidence", **evidence) == ("NOT_PERMITTED", None)
    for batch in range(3):
        more = [f"{batch + 5:02x}{number:02x}" * 16 for number in range(16)]
        world.do("CarrierMSP", "disputes:AddEvidence", order=order, evidence=more)
    last = {"order": order, "evidence": [f"{number:04x}" * 16 for number in range(9000, 9016)]}
    world.do("CarrierMSP", "disputes:AddEvidence", **last)
    over = {"order": order, "evidence": ["ff" * 32]}
    assert world.refused("CarrierMSP", "disputes:AddEvidence", **over) == ("FIELD_INVALID", "evidence")


def test_who_withdraws_gives_the_order_the_time_it_had_and_opens_no_second() -> None:
    world, order = disputed()
    world.pass_time(100)
    assert world.refused("ProducerMSP", "disputes:Withdraw", order=order) == ("NOT_PERMITTED", None)
    result = world.do("RetailerMSP", "disputes:Withdraw", order=order)
    assert result.event_types == ["dispute.closed"]
    assert result.reply["order"]["due"] == "2027-01-15T08:05:40.000Z"
    assert (result.reply["dispute"]["status"], result.reply["order"]["dispute"]) == ("withdrawn", None)
    again = {"order": order, "reason": "late"}
    assert world.refused("RetailerMSP", "disputes:Open", **again) == ("DISPUTE_STATE", "order")
    assert world.refused("RetailerMSP", "disputes:Withdraw", order=order) == ("DISPUTE_STATE", "order")
    world.do("ProducerMSP", "disputes:Open", **again)
    assert world.refused("CarrierMSP", "disputes:Open", **again) == ("DISPUTE_STATE", "order")


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_the_buyer_confirms_and_concedes(status: str) -> None:
    world, order = disputed(status, by="CarrierMSP")
    result = world.do("RetailerMSP", "orders:Confirm", order=order)
    assert result.event_types == ["dispute.closed", "order.settled", "money.moved"]
    assert result.events[0]["end"] == "conceded"
    assert balances(world) == [0, 995, 100, 5]
    assert world.record("dispute", order, "CarrierMSP")["status"] == "conceded"


def test_the_seller_cancels_and_concedes() -> None:
    world, order = disputed("accepted")
    result = world.do("ProducerMSP", "orders:Cancel", order=order)
    assert result.event_types == ["dispute.closed", "order.cancelled", "stock.changed", "money.moved"]
    assert balances(world) == [1100, 0, 0, 0]


def test_a_silent_arbitrator_lets_the_order_go_on() -> None:
    world, order = disputed()
    world.pass_time(300)
    lapsed = world.do("RegulatorMSP", "orders:Default", order=order)
    assert lapsed.event_types == ["dispute.closed"]
    assert (lapsed.events[0]["end"], lapsed.events[0]["due"]) == ("lapsed", "2027-01-15T08:09:00.000Z")
    assert lapsed.reply["order"]["dispute"] is None
    refused = {"order": order, "goods": "buyer", "split": split(1100, 0)}
    assert world.refused("BankMSP", "disputes:Decide", **refused) == ("DISPUTE_STATE", "order")
    world.pass_time(240)
    world.do("RegulatorMSP", "orders:Default", order=order)
    assert balances(world) == [0, 995, 100, 5]


def test_the_second_arbitrator_decides_where_the_first_is_silent() -> None:
    world, order = disputed(second_arbitrator="RegulatorMSP")
    verdict = {"order": order, "goods": "buyer", "split": split(1000, 0, 100)}
    assert world.refused("RegulatorMSP", "disputes:Decide", **verdict) == ("NOT_PERMITTED", None)
    world.pass_time(300)
    passed = world.do("CarrierMSP", "orders:Default", order=order)
    assert passed.event_types == ["dispute.passed_on"]
    assert (passed.events[0]["silent"], passed.events[0]["arbitrator"]) == ("BankMSP", "RegulatorMSP")
    assert world.refused("BankMSP", "disputes:Decide", **verdict) == ("NOT_PERMITTED", None)
    world.do("RegulatorMSP", "disputes:Decide", **verdict)
    assert balances(world) == [1000, 0, 100, 0]


def test_two_silent_arbitrators_let_the_order_go_on() -> None:
    world, order = disputed("shipped", second_arbitrator="RegulatorMSP")
    for seconds, event in ((300, "dispute.passed_on"), (300, "dispute.closed"), (180, "order.refunded")):
        world.pass_time(seconds)
        assert world.do("BankMSP", "orders:Default", order=order).event_types[0] == event
    assert balances(world) == [1100, 0, 0, 0]


def test_a_deadline_that_had_passed_has_passed_when_the_dispute_is_over() -> None:
    world, order = under_way()
    world.pass_time(241)
    world.do("RetailerMSP", "disputes:Open", order=order, reason="quality")
    world.pass_time(300)
    world.do("BankMSP", "orders:Default", order=order)
    world.do("BankMSP", "orders:Default", order=order)
    assert world.record("order", order)["cause"] == "not_inspected"


def test_a_dispute_of_milestones_is_about_what_is_left() -> None:
    world, order = by_milestones()
    fields = {"order": order, "milestone": "attested", "document": "d0" * 32}
    world.do("RegulatorMSP", "milestones:Report", **fields)
    world.do("ProducerMSP", "disputes:Open", order=order, reason="other")
    report = {"order": order, "milestone": "shipped"}
    assert world.refused("RetailerMSP", "milestones:Report", **report) == ("ORDER_DISPUTED", "order")
    decide(world, order, split(480, 400), goods="seller")
    assert balances(world) == [480, 597, 20, 3]


@pytest.mark.parametrize("caller", ["RetailerMSP", "ProducerMSP", "CarrierMSP", "RegulatorMSP"])
def test_only_the_arbitrator_decides(caller: str) -> None:
    world, order = disputed()
    verdict = {"order": order, "goods": "buyer", "split": split(1000, 0, 100)}
    assert world.refused(caller, "disputes:Decide", **verdict) == ("NOT_PERMITTED", None)


@pytest.mark.parametrize("parts", [split(1101, 0), split(1099, 0), split(0, 0)])
def test_the_arbitrator_splits_all_of_it_and_no_more(parts: dict[str, str]) -> None:
    world, order = disputed()
    verdict = {"order": order, "goods": "buyer", "split": parts}
    assert world.refused("BankMSP", "disputes:Decide", **verdict) == ("SPLIT_INVALID", "split")


def test_without_a_carrier_nothing_is_the_carriers() -> None:
    world, order = under_way("accepted", carrier=None, freight="0", amount="1000")
    world.do("RetailerMSP", "disputes:Open", order=order, reason="late")
    verdict = {"order": order, "goods": "seller", "split": split(900, 0, 100)}
    assert world.refused("BankMSP", "disputes:Decide", **verdict) == ("SPLIT_INVALID", "split.to_carrier")


@pytest.mark.parametrize(
    ("status", "caller", "code"),
    [
        ("placed", "RetailerMSP", "ORDER_STATE"),
        ("accepted", "CarrierMSP", "ORDER_STATE"),
        ("delivered", "BankMSP", "NOT_PERMITTED"),
        ("delivered", "RegulatorMSP", "NOT_PERMITTED"),
    ],
)
def test_who_may_not_open_one(status: str, caller: str, code: str) -> None:
    world, order = under_way(status)
    assert world.refused(caller, "disputes:Open", order=order, reason="late")[0] == code


def test_nothing_is_disputed_after_the_end() -> None:
    world, order = placed()
    advance(world, order, "delivered")
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert world.refused("RetailerMSP", "disputes:Open", order=order, reason="late") == (
        "ORDER_STATE",
        "order",
    )


def test_texts_go_to_those_concerned_and_to_nobody_else() -> None:
    world, order = disputed()
    tell = {"order": order, "opener": "RetailerMSP"}
    for recipient in ("BankMSP", "ProducerMSP", "RegulatorMSP"):
        result = world.do(
            "RetailerMSP", "disputes:Disclose", **tell, recipient=recipient, transient=private()
        )
        assert result.writes == {}
        assert result.events == []
    told = world.ask("BankMSP", "disputes:Statement", statement=statement_hash())
    assert told == {"author": "RetailerMSP", "text": STATEMENT}
    assert STATEMENT["text"].encode() not in b"".join(world.state.values())
    asked = {"statement": statement_hash()}
    refused = world.refusal("CarrierMSP", "disputes:Statement", asked)
    assert refused == ("STATEMENT_NOT_DISCLOSED", "statement")


@pytest.mark.parametrize(
    ("caller", "changes", "statement", "code", "field"),
    [
        ("ProducerMSP", {}, STATEMENT, "COMMITMENT_MISMATCH", "private"),
        ("RetailerMSP", {}, {**STATEMENT, "text": "Other"}, "COMMITMENT_MISMATCH", "private"),
        ("RetailerMSP", {}, {**STATEMENT, "text": ""}, "FIELD_INVALID", "private.text"),
        ("RetailerMSP", {"opener": "ProducerMSP"}, STATEMENT, "DISPUTE_NOT_FOUND", "opener"),
        ("RetailerMSP", {"order": f"RetailerMSP.{'0' * 26}"}, STATEMENT, "ORDER_NOT_FOUND", "order"),
        ("RetailerMSP", {"recipient": "NobodyMSP"}, STATEMENT, "MEMBER_NOT_FOUND", "recipient"),
    ],
)
def test_disclosures_that_are_refused(
    caller: str, changes: dict[str, str], statement: dict[str, str], code: str, field: str
) -> None:
    world, order = disputed()
    fields = {"order": order, "opener": "RetailerMSP", "recipient": "BankMSP", **changes}
    refused = world.refused(caller, "disputes:Disclose", **fields, transient=private(statement))
    assert refused == (code, field)


def test_other_disclosures_that_are_refused() -> None:
    world, order = under_way("accepted", carrier=None, freight="0", amount="1000")
    world.do("RetailerMSP", "disputes:Open", order=order, reason="late", statement=statement_hash())
    tell = {"order": order, "opener": "RetailerMSP", "recipient": "CarrierMSP"}
    refused = world.refused("RetailerMSP", "disputes:Disclose", **tell, transient=private())
    assert refused == ("NOT_PERMITTED", "recipient")
    assert world.refused("RetailerMSP", "disputes:Disclose", **tell) == ("TRANSIENT_MISSING", "private")
    large = {"private": b'"' + b"x" * 70_000 + b'"'}
    refused = world.refused("RetailerMSP", "disputes:Disclose", **tell, transient=large)
    assert refused == ("DOCUMENT_TOO_LARGE", "private")


def test_the_arbitrator_tells_his_reasons() -> None:
    world, order = disputed()
    decide(world, order, split(1000, 0, 100), statement=statement_hash({**STATEMENT, "text": "So."}))
    tell = {"order": order, "opener": "RetailerMSP", "recipient": "RetailerMSP"}
    reasons = private({**STATEMENT, "text": "So."})
    world.do("BankMSP", "disputes:Disclose", **tell, transient=reasons)
