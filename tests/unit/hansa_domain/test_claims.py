"""Claims under a warranty: met, refused, judged; nothing is in escrow, and every verdict stays on record."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import Caller
from tests.support.domain import TERMS, World, advance, market, mint, order_fields, ulid
from tests.support.escrow import DOCUMENT, STATEMENT, private, statement_hash
from tests.support.signers import payment, rules, signed

AT = "2027-01-15T08:00:00.000Z"
NOBODY = f"RetailerMSP.{'0' * 26}"


def settled(**more: Any) -> tuple[World, str]:
    """A settled order over 1100 with a warranty of 1000 seconds; arbitrators have 300."""
    world, listing = market(unit_price=None)
    terms = {**TERMS, "decide_within": 300}
    fields = order_fields(listing, [mint(world, "1100")], terms=terms, **{"warranty": 1000, **more})
    order = str(world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])
    advance(world, order, "delivered")
    world.do("RetailerMSP", "orders:Confirm", order=order)
    return world, order


def claim_fields(order: str, **more: Any) -> dict[str, Any]:
    fields = {"order": order, "reason": "quality", "wanted": "payment", "amount": "300", "answer_within": 60}
    return {**fields, **more}


def claimed(wanted: str = "payment", **more: Any) -> tuple[World, str, dict[str, str]]:
    world, order = settled(**more)
    amount = {} if wanted == "replacement" else {"amount": "300"}
    fields = {"order": order, "reason": "quality", "wanted": wanted, "answer_within": 60, **amount}
    made = world.do("RetailerMSP", "claims:Open", **fields, statement=statement_hash())
    return world, order, {"claim": made.reply["claim"]["id"]}


def test_a_buyer_claims_while_the_warranty_runs() -> None:
    world, order = settled()
    evidence = {"statement": statement_hash(), "evidence": [DOCUMENT, DOCUMENT]}
    result = world.do("RetailerMSP", "claims:Open", **claim_fields(order, **evidence), id=ulid("c"))
    claim = f"RetailerMSP.{ulid('c')}"
    record = {
        "v": 1,
        "id": claim,
        "order": order,
        "status": "open",
        "buyer": "RetailerMSP",
        "seller": "ProducerMSP",
        "arbitrator": "BankMSP",
        "account": "RetailerMSP",
        "reason": "quality",
        "wanted": "payment",
        "currency": "EUR",
        "amount": "300",
        "statements": [{"by": "RetailerMSP", "statement": statement_hash(), "at": AT}],
        "evidence": [DOCUMENT],
        "opened_at": AT,
        "due": "2027-01-15T08:01:00.000Z",
        **dict.fromkeys(["owed", "remedy", "paid", "replacement", "document", "judged_at", "closed_at"]),
    }
    assert result.writes == {("claim", claim): record}
    assert result.event_types == ["claim.opened"]
    assert world.ask("BankMSP", "claims:Get", claim=claim) == {"claim": record}


def test_the_seller_pays_at_once() -> None:
    world, _, claim = claimed()
    before = world.balance("ProducerMSP")
    note = mint(world, "500", "ProducerMSP")
    result = world.do("ProducerMSP", "claims:Pay", **claim, amount="300", notes=[note])
    assert result.event_types == ["claim.met", "money.moved"]
    assert (result.events[0]["remedy"], result.events[0]["amount"]) == ("payment", "300")
    assert (world.balance("RetailerMSP"), world.balance("ProducerMSP")) == (300, before + 200)
    assert result.reply["claim"]["status"] == "met"
    assert world.refused("ProducerMSP", "claims:Refuse", **claim) == ("CLAIM_STATE", "claim")


def test_a_verdict_says_what_is_owed_and_payment_meets_it() -> None:
    world, _, claim = claimed()
    world.do("ProducerMSP", "claims:Refuse", **claim, statement="ab" * 32)
    escalated = world.do("RetailerMSP", "claims:Escalate", **claim)
    assert escalated.event_types == ["claim.escalated"]
    judged = world.do("BankMSP", "claims:Judge", **claim, amount="200", statement="cd" * 32)
    assert judged.event_types == ["claim.judged"]
    assert (judged.events[0]["upheld"], judged.events[0]["amount"]) == (True, "200")
    assert (judged.reply["claim"]["status"], judged.reply["claim"]["owed"]) == ("upheld", "200")
    note = mint(world, "200", "ProducerMSP")
    less = {**claim, "amount": "199", "notes": [note]}
    assert world.refused("ProducerMSP", "claims:Pay", **less) == ("CLAIM_AMOUNT", "amount")
    paid = world.do("ProducerMSP", "claims:Pay", **claim, amount="200", notes=[note])
    assert paid.reply["change"] is None
    assert [said["by"] for said in paid.reply["claim"]["statements"]] == [
        "RetailerMSP",
        "ProducerMSP",
        "BankMSP",
    ]


def test_a_claim_may_be_dismissed() -> None:
    world, _, claim = claimed()
    world.do("ProducerMSP", "claims:Refuse", **claim)
    world.do("RetailerMSP", "claims:Escalate", **claim)
    judged = world.do("BankMSP", "claims:Judge", **claim, amount="0")
    assert (judged.reply["claim"]["status"], judged.reply["claim"]["owed"]) == ("dismissed", None)


def test_silence_of_the_seller_brings_it_before_the_arbitrator_and_his_before_the_second() -> None:
    world, _, claim = claimed(second_arbitrator="RegulatorMSP")
    assert world.refused("RetailerMSP", "claims:Escalate", **claim) == ("CLAIM_STATE", "claim")
    world.pass_time(60)
    world.do("RetailerMSP", "claims:Escalate", **claim)
    assert world.refused("RegulatorMSP", "claims:Judge", **claim, amount="1") == ("NOT_PERMITTED", None)
    world.pass_time(300)
    assert world.refused("CarrierMSP", "claims:Lapse", **claim) == ("CLAIM_STATE", "claim")
    passed = world.do("RetailerMSP", "claims:Escalate", **claim)
    assert passed.reply["claim"]["arbitrator"] == "RegulatorMSP"
    world.pass_time(300)
    assert world.refused("RetailerMSP", "claims:Escalate", **claim) == ("CLAIM_STATE", "claim")
    lapsed = world.do("CarrierMSP", "claims:Lapse", **claim)
    assert lapsed.event_types == ["claim.closed"]
    assert lapsed.reply["claim"]["status"] == "lapsed"


def test_a_buyer_who_does_not_go_on_lets_it_lapse() -> None:
    world, _, claim = claimed()
    assert world.refused("CarrierMSP", "claims:Lapse", **claim) == ("CLAIM_STATE", "claim")
    world.do("ProducerMSP", "claims:Refuse", **claim)
    assert world.refused("CarrierMSP", "claims:Lapse", **claim) == ("CLAIM_STATE", "claim")
    world.pass_time(300)
    world.do("CarrierMSP", "claims:Lapse", **claim)


def test_goods_are_replaced_by_an_order_that_names_the_first() -> None:
    world, order, claim = claimed("replacement")
    listing = world.record("order", order)["lines"][0]["listing"]
    free = order_fields(listing, [], amount="0", freight="0", carrier=None, replaces=order)
    other = world.do("RetailerMSP", "orders:Place", **free).reply["order"]["id"]
    meet = {**claim, "replacement": other}
    assert world.refused("ProducerMSP", "claims:Replace", **meet) == ("CLAIM_REPLACEMENT", "replacement")
    world.do("ProducerMSP", "orders:Accept", order=other)
    met = world.do("ProducerMSP", "claims:Replace", **meet)
    assert met.event_types == ["claim.met"]
    assert met.reply["claim"]["replacement"] == other


def test_what_replaces_nothing_meets_no_claim() -> None:
    world, order, claim = claimed("replacement")
    listing = world.record("order", order)["lines"][0]["listing"]
    free = order_fields(listing, [], amount="0", freight="0", carrier=None)
    other = world.do("RetailerMSP", "orders:Place", **free).reply["order"]["id"]
    meet = {**claim, "replacement": other}
    assert world.refused("ProducerMSP", "claims:Replace", **meet) == ("CLAIM_REPLACEMENT", "replacement")
    again = {**free, "replaces": order}
    other = world.do("RetailerMSP", "orders:Place", **again).reply["order"]["id"]
    world.do("ProducerMSP", "orders:Cancel", order=other)
    meet["replacement"] = other
    assert world.refused("ProducerMSP", "claims:Replace", **meet) == ("CLAIM_REPLACEMENT", "replacement")
    foreign = {**free, "replaces": order}
    assert world.refused("BankMSP", "orders:Place", **foreign) == ("CLAIM_REPLACEMENT", "replaces")
    foreign["replaces"] = NOBODY
    assert world.refused("RetailerMSP", "orders:Place", **foreign) == ("ORDER_NOT_FOUND", "replaces")


def test_credit_is_given_where_credit_is_wanted() -> None:
    world, _, claim = claimed("credit")
    met = world.do("ProducerMSP", "claims:Credit", **claim, document=DOCUMENT)
    assert (met.events[0]["remedy"], met.events[0]["amount"], met.events[0]["document"]) == (
        "credit",
        "300",
        DOCUMENT,
    )
    world, _, claim = claimed("payment")
    fields = {**claim, "document": DOCUMENT}
    assert world.refused("ProducerMSP", "claims:Credit", **fields) == ("CLAIM_STATE", "claim")


def test_the_buyer_lets_it_go() -> None:
    world, _, claim = claimed()
    assert world.do("RetailerMSP", "claims:Withdraw", **claim).reply["claim"]["status"] == "withdrawn"
    assert world.refused("RetailerMSP", "claims:Withdraw", **claim) == ("CLAIM_STATE", "claim")


def test_the_warranty_runs_out() -> None:
    world, order = settled()
    world.pass_time(999)
    world.do("RetailerMSP", "claims:Open", **claim_fields(order))
    world.pass_time(1)
    assert world.refused("RetailerMSP", "claims:Open", **claim_fields(order)) == ("WARRANTY_OVER", "order")
    world, order = settled(warranty=None)
    assert world.refused("RetailerMSP", "claims:Open", **claim_fields(order)) == ("WARRANTY_OVER", "order")


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("ProducerMSP", {}, "NOT_PERMITTED", None),
        ("RetailerMSP", {"order": NOBODY}, "ORDER_NOT_FOUND", "order"),
        ("RetailerMSP", {"amount": "0"}, "CLAIM_AMOUNT", "amount"),
        ("RetailerMSP", {"amount": "1101"}, "CLAIM_AMOUNT", "amount"),
        ("RetailerMSP", {"amount": None}, "CLAIM_AMOUNT", "amount"),
        ("RetailerMSP", {"wanted": "replacement"}, "CLAIM_AMOUNT", "amount"),
        ("RetailerMSP", {"account": "ProducerMSP"}, "NOT_PERMITTED", "account"),
    ],
)
def test_claims_that_are_refused(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world, order = settled()
    assert world.refused(caller, "claims:Open", **{**claim_fields(order), **changes}) == (code, field)


@pytest.mark.parametrize(
    ("name", "by", "more"),
    [
        ("claims:Pay", "ProducerMSP", {"amount": "300", "notes": [f"ProducerMSP.{'0' * 26}.0"]}),
        ("claims:Replace", "ProducerMSP", {"replacement": NOBODY}),
        ("claims:Credit", "ProducerMSP", {"document": DOCUMENT}),
        ("claims:Refuse", "ProducerMSP", {}),
        ("claims:Escalate", "RetailerMSP", {}),
        ("claims:Judge", "BankMSP", {"amount": "1"}),
        ("claims:Withdraw", "RetailerMSP", {}),
    ],
)
def test_each_step_is_one_sides(name: str, by: str, more: dict[str, Any]) -> None:
    world, _, claim = claimed()
    for caller in {"RetailerMSP", "ProducerMSP", "BankMSP", "CarrierMSP"} - {by}:
        assert world.refused(caller, name, **claim, **more) == ("NOT_PERMITTED", None)
    missing = {"claim": NOBODY, **more}
    assert world.refused(by, name, **missing) == ("CLAIM_NOT_FOUND", "claim")


def test_judging_waits_for_its_turn_and_stays_within_the_order() -> None:
    world, _, claim = claimed()
    assert world.refused("BankMSP", "claims:Judge", **claim, amount="1") == ("CLAIM_STATE", "claim")
    world.do("ProducerMSP", "claims:Refuse", **claim)
    world.do("RetailerMSP", "claims:Escalate", **claim)
    assert world.refused("BankMSP", "claims:Judge", **claim, amount="1101") == ("CLAIM_AMOUNT", "amount")


def test_texts_go_to_those_concerned() -> None:
    world, _, claim = claimed()
    told = {**claim, "recipient": "ProducerMSP"}
    world.do("RetailerMSP", "claims:Disclose", **told, transient=private())
    text = world.ask("ProducerMSP", "disputes:Statement", statement=statement_hash())
    assert text == {"author": "RetailerMSP", "text": STATEMENT}
    refused = world.refused("ProducerMSP", "claims:Disclose", **told, transient=private())
    assert refused == ("COMMITMENT_MISMATCH", "private")
    told["recipient"] = "CarrierMSP"
    refused = world.refused("RetailerMSP", "claims:Disclose", **told, transient=private())
    assert refused == ("NOT_PERMITTED", "recipient")


def test_a_seller_pays_out_of_an_account_with_rules_as_its_signers_say() -> None:
    world, _, claim = claimed()
    admin, till = Caller("ProducerMSP", "admin", admin=True), "ProducerMSP/till"
    world.do(admin, "accounts:Open", account=till, kind="hot", rules=rules())
    note = mint(world, "500", till)
    agreed = payment(300, till, "RetailerMSP", operation="claims:Pay")
    pay = {**claim, "amount": "300", "notes": [note], "change": till}
    assert world.refused("ProducerMSP", "claims:Pay", **pay) == ("SIGNATURES_REQUIRED", "authority")
    world.do("ProducerMSP", "claims:Pay", **pay, authority=signed(agreed, 1, 2))
    assert (world.balance("RetailerMSP"), world.balance(till)) == (300, 200)


def test_a_cent_does_not_take_the_place_of_goods() -> None:
    world, _, claim = claimed("replacement")
    paid = {**claim, "amount": "1", "notes": [mint(world, "1", "ProducerMSP")]}
    assert world.refused("ProducerMSP", "claims:Pay", **paid) == ("CLAIM_STATE", "claim")


def test_one_order_of_other_goods_meets_one_claim() -> None:
    world, order, first = claimed("replacement")
    fields = {"order": order, "reason": "short", "wanted": "replacement", "answer_within": 60}
    second = {"claim": world.do("RetailerMSP", "claims:Open", **fields).reply["claim"]["id"]}
    listing = world.record("order", order)["lines"][0]["listing"]
    free = order_fields(listing, [], amount="0", freight="0", carrier=None, replaces=order)
    other = world.do("RetailerMSP", "orders:Place", **free).reply["order"]["id"]
    world.do("ProducerMSP", "orders:Accept", order=other)
    world.do("ProducerMSP", "claims:Replace", **first, replacement=other)
    again = {**second, "replacement": other}
    assert world.refused("ProducerMSP", "claims:Replace", **again) == ("CLAIM_REPLACEMENT", "replacement")
