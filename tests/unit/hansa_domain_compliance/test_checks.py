"""Checks beside trade: recorded with their failures, previewed, and made again when packs have changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.compliance import licensed, place, publish, rule
from tests.support.domain import GTIN, World, advance, market, mint, order_fields, placed

SANCTIONED = rule("sanctioned", countries=["DE"])
HARMLESS = rule("sanctioned", countries=["KP"])


def question(**more: Any) -> dict[str, Any]:
    return {
        "stage": "order",
        "seller": "ProducerMSP",
        "buyer": "RetailerMSP",
        "lines": [{"gtin": "9506000134352", "quantity": 4}],
        "amount": "1000",
        "currency": "EUR",
        **more,
    }


def test_a_check_records_a_failure_and_refuses_nothing() -> None:
    world, _ = market()
    publish(world, SANCTIONED, rule("region", only=["FR"]))
    result = world.do("RetailerMSP", "compliance:Check", question=question())
    record = result.reply["record"]
    assert (record["result"], record["occasion"]) == ("failed", "checked")
    assert [(each["rule"], each["refuses"]) for each in record["outcomes"]] == [
        ("sanctioned", True),
        ("region", True),
    ]
    name = f"RetailerMSP.{result.command_id}"
    assert result.writes == {("compliance", name, name): record}
    assert result.event_types == ["compliance.checked"]
    assert result.events[0]["flagged"] is None
    assert world.ask("BankMSP", "compliance:Get", subject=name, check=name) == {"record": record}
    missing = world.refusal("BankMSP", "compliance:Get", {"subject": name, "check": f"BankMSP.{'0' * 26}"})
    assert missing == ("CHECK_NOT_FOUND", "check")


def test_the_destination_may_be_elsewhere_than_the_buyer() -> None:
    world, _ = market()
    publish(world, rule("region", only=["FR"]))
    asked = question(destination="FR")
    result = world.do("RetailerMSP", "compliance:Check", question=asked)
    assert result.reply["record"]["result"] == "passed"


def test_a_preview_says_the_same_and_leaves_no_trace() -> None:
    world, _ = market()
    publish(world, SANCTIONED)
    found = world.ask("BankMSP", "compliance:Preview", question=question())["record"]
    recorded = world.do("RegulatorMSP", "compliance:Check", question=question()).reply["record"]
    for name in ("result", "packs", "facts", "outcomes"):
        assert found[name] == recorded[name]


def test_what_stands_on_the_ledger_is_checked_by_its_name() -> None:
    world, listing = market()
    order = place(world, listing)
    publish(world, SANCTIONED)
    by_name = [
        world.do("ProducerMSP", "compliance:Check", listing=listing).reply["record"],
        world.do("CarrierMSP", "compliance:Check", order=order).reply["record"],
    ]
    assert [(each["subject"], each["subject_kind"], each["result"]) for each in by_name] == [
        (listing, "listing", "passed"),
        (order, "order", "failed"),
    ]
    assert world.ask("BankMSP", "compliance:Records", subject=order) == {
        "records": by_name[1:],
        "held_back": False,
        "bookmark": "",
    }


@pytest.mark.parametrize(
    ("caller", "fields", "code", "field"),
    [
        ("BankMSP", {"question": question()}, "NOT_PERMITTED", None),
        ("RetailerMSP", {}, "COMPLIANCE_SUBJECT", "question"),
        ("RetailerMSP", {"question": question(buyer=None)}, "COMPLIANCE_SUBJECT", "question.buyer"),
        ("RetailerMSP", {"question": question(destination="ZZ")}, "COUNTRY_UNKNOWN", "question.destination"),
        ("RetailerMSP", {"question": question(currency="ABC")}, "CURRENCY_UNKNOWN", "question.currency"),
        ("RetailerMSP", {"question": question(seller="NobodyMSP")}, "MEMBER_NOT_FOUND", "seller"),
        (
            "RetailerMSP",
            {"question": question(lines=[{"gtin": "1", "quantity": 1}])},
            "GTIN_INVALID",
            "question.lines[0].gtin",
        ),
        (
            "RetailerMSP",
            {"question": question(lines=[{"gtin": "4006381333931", "quantity": 1}])},
            "PRODUCT_NOT_FOUND",
            "lines",
        ),
        ("RetailerMSP", {"order": f"RetailerMSP.{'0' * 26}"}, "ORDER_NOT_FOUND", "order"),
        ("RetailerMSP", {"listing": f"RetailerMSP.{'0' * 26}"}, "LISTING_NOT_FOUND", "listing"),
    ],
)
def test_check_refusals(caller: str, fields: dict[str, Any], code: str, field: str | None) -> None:
    world, _ = market()
    publish(world, SANCTIONED)
    assert world.refused(caller, "compliance:Check", **fields) == (code, field)


def test_without_a_pack_there_is_nothing_to_check_by() -> None:
    world, order = placed()
    assert world.refused("RetailerMSP", "compliance:Check", order=order) == ("NOTHING_IN_FORCE", None)
    assert world.refused("RetailerMSP", "compliance:Recheck", order=order) == ("NOTHING_IN_FORCE", None)
    preview = world.refusal("RetailerMSP", "compliance:Preview", {"question": question()})
    assert preview == ("NOTHING_IN_FORCE", None)


def held_back() -> tuple[World, str]:
    """An accepted order that a new pack holds back."""
    world, order = placed()
    advance(world, order, "accepted")
    publish(world, SANCTIONED)
    world.do("ProducerMSP", "compliance:Recheck", order=order)
    return world, order


def test_an_open_order_that_fails_a_new_pack_is_held_back() -> None:
    world, order = placed()
    publish(world, SANCTIONED)
    result = world.do("RetailerMSP", "compliance:Recheck", order=order)
    check = f"RetailerMSP.{result.command_id}"
    assert (result.reply["held_back"], result.reply["remedies"]) == (True, ["cancel", "wait-for-deadline"])
    assert set(result.writes) == {("compliance", order, check), ("compliance-flag", order)}
    assert result.writes["compliance-flag", order]["check"] == check
    assert result.events[0]["flagged"] is True
    assert world.ask("BankMSP", "compliance:Records", subject=order)["held_back"] is True


def test_remedies_follow_from_what_failed_and_where_the_order_stands() -> None:
    world, order = placed()
    advance(world, order, "shipped")
    publish(world, rule("licensed", party="buyer", licence="food"))
    again = world.do("RetailerMSP", "compliance:Recheck", order=order)
    assert again.reply["remedies"] == ["propose-return", "wait-for-deadline", "obtain-licence"]
    licensed(world, "RetailerMSP")
    result = world.do("RetailerMSP", "compliance:Recheck", order=order)
    assert (result.reply["held_back"], result.reply["remedies"]) == (False, [])


def test_a_later_check_lets_go_what_was_held_back() -> None:
    world, order = held_back()
    publish(world, HARMLESS, version=2)
    result = world.do("RegulatorMSP", "compliance:Recheck", order=order)
    assert result.reply["held_back"] is False
    assert result.writes["compliance-flag", order] is None
    assert result.events[0]["flagged"] is False
    again = world.do("RegulatorMSP", "compliance:Recheck", order=order)
    assert ("compliance-flag", order) not in again.writes
    assert again.events[0]["flagged"] is None


def test_a_repealed_pack_lets_go_too() -> None:
    world, order = held_back()
    publish(world, version=2)
    result = world.do("RetailerMSP", "compliance:Recheck", order=order)
    assert (result.reply["record"]["packs"], result.reply["held_back"]) == ([], False)


def test_the_buyer_may_cancel_an_accepted_order_that_is_held_back() -> None:
    world, order = placed()
    advance(world, order, "accepted")
    assert world.refused("RetailerMSP", "orders:Cancel", order=order) == ("ORDER_STATE", "order")
    world, order = held_back()
    assert world.do("RetailerMSP", "orders:Cancel", order=order).reply["order"]["status"] == "cancelled"
    assert world.balance("RetailerMSP") == 1500


@pytest.mark.parametrize(
    ("caller", "name", "code", "field"),
    [("BankMSP", "order", "NOT_PERMITTED", None), ("RetailerMSP", "", "COMPLIANCE_SUBJECT", "order")],
)
def test_recheck_refusals(caller: str, name: str, code: str, field: str | None) -> None:
    world, order = placed()
    publish(world, SANCTIONED)
    fields = {name: order} if name else {}
    assert world.refused(caller, "compliance:Recheck", **fields) == (code, field)


def test_what_has_ended_is_not_held_back() -> None:
    world, listing = market()
    order = place(world, listing)
    publish(world, SANCTIONED)
    world.do("RetailerMSP", "orders:Cancel", order=order)
    world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    refused = world.refused("RetailerMSP", "compliance:Recheck", order=order)
    assert refused == ("COMPLIANCE_SUBJECT", "order")
    refused = world.refused("ProducerMSP", "compliance:Recheck", listing=listing)
    assert refused == ("COMPLIANCE_SUBJECT", "listing")


def forbidden() -> tuple[World, str]:
    """A listing of goods that a new pack forbids, suspended by a check."""
    world, listing = market()
    publish(world, rule("prohibited", scope={"gtins": [GTIN]}))
    result = world.do("ProducerMSP", "compliance:Recheck", listing=listing)
    assert (result.reply["held_back"], result.reply["remedies"]) == (True, [])
    assert result.event_types == ["compliance.checked", "listing.suspended"]
    assert result.writes["compliance-flag", listing]["suspended"] is True
    assert world.record("listing", listing)["status"] == "suspended"
    return world, listing


def test_a_listing_that_fails_is_suspended_and_not_opened_by_its_seller() -> None:
    world, listing = forbidden()
    refused = world.refused("ProducerMSP", "listings:Resume", listing=listing)
    assert refused == ("COMPLIANCE_VIOLATED", "listing")
    again = world.do("ProducerMSP", "compliance:Recheck", listing=listing)
    assert again.event_types == ["compliance.checked"]
    publish(world, version=2)
    result = world.do("RegulatorMSP", "compliance:Recheck", listing=listing)
    assert result.event_types == ["compliance.checked", "listing.resumed"]
    assert world.record("listing", listing)["status"] == "open"
    assert world.record("compliance-flag", listing) is None


def test_a_listing_that_its_seller_suspended_stays_so() -> None:
    world, listing = market()
    world.do("ProducerMSP", "listings:Suspend", listing=listing)
    publish(world, rule("prohibited", scope={"gtins": [GTIN]}))
    world.do("ProducerMSP", "compliance:Recheck", listing=listing)
    publish(world, version=2)
    result = world.do("ProducerMSP", "compliance:Recheck", listing=listing)
    assert result.event_types == ["compliance.checked"]
    assert world.record("listing", listing)["status"] == "suspended"
    world.do("ProducerMSP", "listings:Resume", listing=listing)


def test_a_listing_is_checked_when_it_is_revised() -> None:
    world, listing = market()
    publish(world, rule("prohibited", scope={"gtins": [GTIN]}))
    revised = {"listing": listing, "version": 1, "unit_price": "300", "currency": "EUR"}
    refused = world.refused("ProducerMSP", "listings:Revise", **revised)
    assert refused == ("COMPLIANCE_VIOLATED", "eu/prohibited")
    publish(world, HARMLESS, version=2)
    result = world.do("ProducerMSP", "listings:Revise", **revised)
    assert result.events[-1]["occasion"] == "revised"


def test_the_declared_destination_counts() -> None:
    world, listing = market()
    publish(world, rule("region", only=["DE"]))
    fields = order_fields(listing, [mint(world, "1500")], destination="FR")
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("COMPLIANCE_VIOLATED", "eu/region")


def test_what_is_said_of_a_product_counts() -> None:
    world, _ = market()
    dangerous = {"un_number": "UN 1263", "shipping_name": "PAINT", "hazard_class": "3"}
    details = {"hs_code": "320820", "origin": "CN"}
    certificate = {"kind": "REACH", "number": "7", "issuer": "Lab", "valid_until": "2027-01-20"}
    rules = [
        rule("prohibited", scope={"dangerous": ["3"]}),
        rule("certificate", certificate="REACH", scope={"hs": ["3208"], "origins": ["CN"]}),
    ]
    publish(world, *rules)
    paint = {"gtin": "04006381333931", "name": "Paint"}
    world.do("ProducerMSP", "products:Register", **paint, details=details)
    offer = {"gtin": paint["gtin"], "unit_price": "250", "currency": "EUR", "quantity": 9}
    assert world.refused("ProducerMSP", "listings:Create", **offer) == (
        "COMPLIANCE_VIOLATED",
        "eu/certificate",
    )
    added = {"gtin": paint["gtin"], "certificate": {**certificate, "document": "cc" * 32}}
    world.do("ProducerMSP", "products:AddCertificate", **added)
    (line,) = world.do("ProducerMSP", "listings:Create", **offer).events[-1]["facts"]["lines"]
    assert (line["hs"], line["origin"], line["dangerous"]) == ("320820", "CN", [])
    assert line["certificates"][0]["kind"] == "REACH"
    world.do("ProducerMSP", "products:RevokeCertificate", gtin=paint["gtin"], kind="REACH", number="7")
    refused = world.refused("ProducerMSP", "listings:Create", **offer)
    assert refused == ("COMPLIANCE_VIOLATED", "eu/certificate")
    again = {**paint, "version": 1, "details": {**details, "dangerous_goods": dangerous}}
    world.do("ProducerMSP", "products:Revise", **again)
    refused = world.refused("ProducerMSP", "listings:Create", **offer)
    assert refused == ("COMPLIANCE_VIOLATED", "eu/prohibited")
