"""Rates of exchange: oracles a majority trusts, fresh quotes, jumps, and the median."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.operation import Caller
from hansa_domain.rates.ratio import Ratio, median
from hansa_domain.rates.records import MAX_AGE, WINDOW
from tests.support.domain import World, consortium
from tests.support.money_walk import admin, trust

AT = "2027-01-15T08:00:00.000Z"
PAIR = {"base": "EUR", "quote": "USD"}
SOURCE = "50" * 32


def publish(world: World, oracle: str, rate: int, **more: Any) -> Any:
    """So many US cents for 100.00 EUR."""
    fields = {**PAIR, "base_amount": "10000", "quote_amount": str(rate), "source": SOURCE, **more}
    return world.do(f"{oracle}MSP", "rates:Publish", **fields)


def refused(world: World, oracle: str, rate: int, **more: Any) -> tuple[str, str | None]:
    fields = {**PAIR, "base_amount": "10000", "quote_amount": str(rate), "source": SOURCE, **more}
    return world.refused(f"{oracle}MSP", "rates:Publish", **fields)


def test_an_oracle_is_who_a_majority_trusts() -> None:
    world = consortium()
    assert refused(world, "Bank", 10837) == ("RATE_NOT_FOUND", "base")
    for name in ("Producer", "Retailer", "Retailer"):
        result = world.do(admin(name), "rates:Approve", **PAIR, oracle="BankMSP")
        assert result.event_types == ["rate.oracle_trusted"]
    result = world.do(admin("Carrier"), "rates:Approve", **PAIR, oracle="BankMSP")
    approval = {**PAIR, "v": 1, "oracle": "BankMSP", "approved_by": "admin", "approved_at": AT}
    assert result.writes == {
        ("oracle-approval", "EUR", "USD", "BankMSP", "CarrierMSP"): {**approval, "member": "CarrierMSP"},
        ("rate-pair", "EUR", "USD"): {**PAIR, "v": 1, "oracles": ["BankMSP"]},
    }
    assert result.event_types == ["rate.oracle_trusted", "rate.oracles_changed"]
    assert (result.reply["needed"], len(result.reply["approved_by"])) == (3, 3)
    assert refused(world, "Retailer", 10837) == ("ORACLE_NOT_APPROVED", None)
    rate = {
        **PAIR,
        "v": 2,
        "oracle": "BankMSP",
        "base_amount": "10000",
        "quote_amount": "10837",
        "observed_at": AT,
        "published_at": AT,
        "source": SOURCE,
        "anchor_base": "10000",
        "anchor_quote": "10837",
        "anchored_at": AT,
        "earlier_base": None,
        "earlier_quote": None,
    }
    published = publish(world, "Bank", 10837)
    assert published.writes == {("rate", "EUR", "USD", "BankMSP"): rate}
    assert published.event_types == ["rate.published"]


def test_it_is_none_any_more_once_the_majority_is_lost() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank")
    publish(world, "Bank", 10837)
    result = world.do(admin("Producer"), "rates:Revoke", **PAIR, oracle="BankMSP")
    assert result.writes == {
        ("oracle-approval", "EUR", "USD", "BankMSP", "ProducerMSP"): None,
        ("rate-pair", "EUR", "USD"): {**PAIR, "v": 1, "oracles": []},
    }
    assert refused(world, "Bank", 10837) == ("RATE_NOT_FOUND", "base")
    again = world.refused(admin("Producer"), "rates:Revoke", **PAIR, oracle="BankMSP")
    assert again == ("ORACLE_NOT_APPROVED", "oracle")
    assert world.refusal("CarrierMSP", "rates:Get", PAIR) == ("RATE_NOT_FOUND", "base")


def test_a_member_that_left_has_no_word() -> None:
    world = consortium()
    for name in ("Regulator", "Retailer"):
        world.do(admin(name), "rates:Approve", **PAIR, oracle="BankMSP")
    roster = ["BankMSP", "CarrierMSP", "ProducerMSP", "RetailerMSP"]
    world.state["roster",] = json.dumps({"v": 1, "members": roster}).encode()
    reply = world.do(admin("Carrier"), "rates:Approve", **PAIR, oracle="BankMSP").reply
    assert (reply["approved_by"], reply["pair"]["oracles"]) == (["CarrierMSP", "RetailerMSP"], [])


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        (Caller("BankMSP", "user"), {}, "NOT_PERMITTED", None),
        (admin("Else"), {}, "NOT_A_MEMBER", None),
        (admin("Bank"), {"oracle": "ElseMSP"}, "MEMBER_NOT_FOUND", "oracle"),
        (admin("Bank"), {"quote": "EUR"}, "FIELD_INVALID", "quote"),
        (admin("Bank"), {"base": "ABC"}, "CURRENCY_UNKNOWN", "base"),
        (admin("Bank"), {"quote": "ABC"}, "CURRENCY_UNKNOWN", "quote"),
    ],
)
def test_approve_refusals(caller: Caller, changes: dict[str, str], code: str, field: str | None) -> None:
    fields = {**PAIR, "oracle": "BankMSP", **changes}
    assert consortium().refused(caller, "rates:Approve", **fields) == (code, field)
    if code == "NOT_PERMITTED":
        assert consortium().refused(caller, "rates:Revoke", **fields) == (code, field)


def test_a_pair_has_so_many_oracles() -> None:
    world = consortium()
    many = [f"M{number}MSP" for number in range(9)]
    world.state["rate-pair", "EUR", "USD"] = json.dumps({**PAIR, "v": 1, "oracles": many}).encode()
    for name in ("Bank", "Producer"):
        world.do(admin(name), "rates:Approve", **PAIR, oracle="BankMSP")
    full = world.refused(admin("Carrier"), "rates:Approve", **PAIR, oracle="BankMSP")
    assert full == ("TOO_MANY_ORACLES", "oracle")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"base_amount": "0"}, "AMOUNT_ZERO", "base_amount"),
        ({"quote_amount": "0"}, "AMOUNT_ZERO", "quote_amount"),
        ({"quote_amount": "1.08"}, "FIELD_INVALID", "quote_amount"),
        ({"source": "50"}, "FIELD_INVALID", "source"),
        ({"observed_at": "2027-01-15T08:00:00.001Z"}, "FIELD_INVALID", "observed_at"),
        ({"observed_at": "2026-02-30T08:00:00.000Z"}, "FIELD_INVALID", "observed_at"),
        ({"quote": "EUR"}, "FIELD_INVALID", "quote"),
    ],
)
def test_publish_refusals(changes: dict[str, str], code: str, field: str) -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank")
    assert refused(world, "Bank", 10837, **changes) == (code, field)


def test_no_quote_is_older_than_the_one_before() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank")
    publish(world, "Bank", 10837)
    late = refused(world, "Bank", 10837, observed_at="2027-01-15T07:59:59.999Z")
    assert late == ("FIELD_INVALID", "observed_at")


def test_the_rate_is_the_median_of_fresh_quotes() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank", "Carrier", "Regulator")
    publish(world, "Bank", 10800)
    publish(world, "Carrier", 10900)
    found = world.ask("RetailerMSP", "rates:Get", **PAIR)
    assert int(found["quote_amount"]) * 10000 == 10850 * int(found["base_amount"])
    world.pass_time(60)
    publish(world, "Regulator", 10700)
    found = world.ask("RetailerMSP", "rates:Get", **PAIR)
    assert (found["base_amount"], found["quote_amount"]) == ("10000", "10800")
    fresh = world.ask("RetailerMSP", "rates:Get", **PAIR, max_age=59)
    assert fresh["quote_amount"] == "10700"
    assert [rate["oracle"] for rate in fresh["stale"]] == ["BankMSP", "CarrierMSP"]
    world.pass_time(60)
    assert world.refusal("RetailerMSP", "rates:Get", {**PAIR, "max_age": 59}) == ("RATE_STALE", "max_age")
    world.pass_time(MAX_AGE)
    patient = {**PAIR, "max_age": 31_536_000}
    assert world.refusal("RetailerMSP", "rates:Get", patient) == ("RATE_STALE", "max_age")
    listed = world.ask("RetailerMSP", "rates:List")
    assert (len(listed["pairs"]), len(listed["rates"]), len(listed["approvals"])) == (1, 3, 9)


def test_a_jump_needs_a_second_oracle() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank", "Carrier")
    publish(world, "Bank", 10000)
    assert refused(world, "Bank", 11001) == ("RATE_JUMP", "quote_amount")
    assert refused(world, "Bank", 8999) == ("RATE_JUMP", "quote_amount")
    publish(world, "Bank", 11000)
    # A step at a time is a jump too, within the hour.
    world.pass_time(60)
    assert refused(world, "Bank", 11100) == ("RATE_JUMP", "quote_amount")
    publish(world, "Carrier", 12000)
    publish(world, "Bank", 11100)
    assert world.record("rate", "EUR", "USD", "BankMSP")["anchor_quote"] == "11100"
    world.pass_time(WINDOW + 1)
    publish(world, "Carrier", 12100)
    publish(world, "Bank", 12200)
    assert world.record("rate", "EUR", "USD", "BankMSP")["anchor_quote"] == "11100"


def test_two_steps_around_the_end_of_the_hour_are_one_jump() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank")
    publish(world, "Bank", 10000)
    world.pass_time(WINDOW)
    publish(world, "Bank", 11000)
    world.pass_time(1)
    assert refused(world, "Bank", 12100) == ("RATE_JUMP", "quote_amount")
    publish(world, "Bank", 11000)
    assert refused(world, "Bank", 12100) == ("RATE_JUMP", "quote_amount")
    world.pass_time(WINDOW)
    publish(world, "Bank", 12100)
    world.pass_time(WINDOW + 1)
    publish(world, "Bank", 13310)


def test_a_lone_oracle_starts_anew_after_a_day_of_silence() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank")
    publish(world, "Bank", 10000)
    world.pass_time(MAX_AGE)
    assert refused(world, "Bank", 20000) == ("RATE_JUMP", "quote_amount")
    world.pass_time(1)
    publish(world, "Bank", 20000)


def test_an_old_observation_does_not_end_the_guard_against_jumps() -> None:
    world = consortium()
    trust(world, "EUR", "USD", "Bank")
    publish(world, "Bank", 10000, observed_at="2027-01-14T08:00:00.500Z")
    world.pass_time(2)
    assert refused(world, "Bank", 20000) == ("RATE_JUMP", "quote_amount")


def test_ratios_are_exact_and_round_down_once() -> None:
    rate = Ratio(10_000, 10_837)
    assert rate.convert(10_000) == 10_837
    assert rate.convert(1) == 1
    assert rate.inverse.convert(10_837) == 10_000
    assert rate.convert(10_000, 50) == 10_837 * 9_950 // 10_000
    assert rate.convert(10_000, 10_000) == 0
    third = Ratio(3, 1)
    assert median([third]) == third
    assert median([Ratio(1, 3), third, Ratio(1, 1)]) == Ratio(1, 1)
    halfway = median([Ratio(3, 1), Ratio(7, 1)])
    assert halfway.quote * 21 == 5 * halfway.base
    assert Ratio(10, 11).near(Ratio(10, 10), 1000)
    assert not Ratio(100, 111).near(Ratio(10, 10), 1000)
    big = 10**18 - 1
    assert Ratio(1, big).convert(big) == big * big
