"""Tenders: who may ask, who may answer, and that answers never meet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import GTIN, World, mint, ulid
from tests.support.offers import NOBODY, offered, proposal, sellers, tendered

AT = "2027-01-15T08:00:00.000Z"


@pytest.fixture
def world() -> World:
    return sellers()


def test_opening_writes_the_tender_and_nothing_else(world: World) -> None:
    fields = {
        "lines": [{"gtin": "9506000134352", "quantity": 40}],
        "country": "DE",
        "wanted_within": 3600,
        "closes_within": 120,
        "invited": ["FarmMSP"],
    }
    result = world.do("RetailerMSP", "tenders:Open", id=ulid("t"), **fields)
    tender = {
        "v": 1,
        "id": f"RetailerMSP.{ulid('t')}",
        "buyer": "RetailerMSP",
        "status": "open",
        "lines": [{"gtin": GTIN, "quantity": 40}],
        "country": "DE",
        "wanted_by": "2027-01-15T09:00:00.000Z",
        "invited": ["FarmMSP"],
        "closes_at": "2027-01-15T08:02:00.000Z",
        "reference": None,
        "opened_at": AT,
        **dict.fromkeys(["closed_at", "offer", "order"]),
    }
    assert result.writes == {("tender", tender["id"]): tender}
    assert result.reply == {"tender": tender}
    shown = ("buyer", "lines", "country", "wanted_by", "invited", "closes_at", "reference")
    event = {
        "type": "tender.opened",
        "v": 1,
        "tender": tender["id"],
        **{name: tender[name] for name in shown},
    }
    assert result.events == [{**event, "at": AT}]
    assert world.ask("CarrierMSP", "tenders:Get", tender=tender["id"]) == {"tender": tender}


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("RegulatorMSP", {}, "NOT_PERMITTED", None),
        ("RetailerMSP", {"country": "XX"}, "COUNTRY_UNKNOWN", "country"),
        ("RetailerMSP", {"lines": []}, "FIELD_INVALID", "lines"),
        ("RetailerMSP", {"lines": [{"gtin": GTIN, "quantity": 1}] * 2}, "LINES_INVALID", "lines[1].gtin"),
        ("RetailerMSP", {"lines": [{"gtin": "123", "quantity": 1}]}, "GTIN_INVALID", "lines[0].gtin"),
        (
            "RetailerMSP",
            {"lines": [{"gtin": "09521321000018", "quantity": 1}]},
            "PRODUCT_NOT_FOUND",
            "lines[0].gtin",
        ),
        ("RetailerMSP", {"invited": ["FarmMSP", "FarmMSP"]}, "MEMBER_REPEATED", "invited[1]"),
        ("RetailerMSP", {"invited": ["RetailerMSP"]}, "LINES_INVALID", "invited[0]"),
        ("RetailerMSP", {"invited": ["ElseMSP"]}, "MEMBER_NOT_FOUND", "invited[0]"),
        ("RetailerMSP", {"closes_within": 0}, "FIELD_INVALID", "closes_within"),
    ],
)
def test_open_refusals(
    world: World, caller: str, changes: dict[str, Any], code: str, field: str | None
) -> None:
    fields: dict[str, Any] = {
        "lines": [{"gtin": GTIN, "quantity": 40}],
        "country": "DE",
        "wanted_within": 3600,
        "closes_within": 120,
        **changes,
    }
    assert world.refused(caller, "tenders:Open", **fields) == (code, field)


def test_answers_of_two_sellers_write_no_key_in_common(world: World) -> None:
    tender = tendered(world)
    fields = {"buyer": "RetailerMSP", "proposal": proposal(), "tender": tender}
    first = world.do("ProducerMSP", "offers:Propose", seller="ProducerMSP", **fields)
    second = world.do("FarmMSP", "offers:Propose", seller="FarmMSP", **fields)
    shared = set(first.outcome.writes) & set(second.outcome.writes)
    assert shared == set()
    assert ("tender", tender) not in first.writes
    found = world.ask("BankMSP", "offers:List", tender=tender)["offers"]
    assert {offer["seller"] for offer in found} == {"ProducerMSP", "FarmMSP"}
    of_farm = world.ask("BankMSP", "offers:List", tender=tender, party="FarmMSP", status="open")["offers"]
    assert [offer["seller"] for offer in of_farm] == ["FarmMSP"]


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("RetailerMSP", {}, "NOT_PERMITTED", "seller"),
        ("ProducerMSP", {"seller": "ProducerMSP"}, "NOT_PERMITTED", "tender"),
        ("FarmMSP", {"buyer": "BankMSP"}, "NOT_PERMITTED", "buyer"),
        ("FarmMSP", {"tender": NOBODY}, "TENDER_NOT_FOUND", "tender"),
        (
            "FarmMSP",
            {"proposal": proposal(lines=[{"gtin": GTIN, "quantity": 41}])},
            "LINES_INVALID",
            "proposal.lines[0]",
        ),
    ],
)
def test_who_may_answer(
    world: World, caller: str, changes: dict[str, Any], code: str, field: str | None
) -> None:
    tender = tendered(world, invited=["FarmMSP"])
    fields = {"buyer": "RetailerMSP", "seller": "FarmMSP", "proposal": proposal(), "tender": tender}
    assert world.refused(caller, "offers:Propose", **{**fields, **changes}) == (code, field)


def test_a_tender_takes_offers_until_it_closes(world: World) -> None:
    tender = tendered(world)
    fields = {"buyer": "RetailerMSP", "seller": "FarmMSP", "proposal": proposal(), "tender": tender}
    world.pass_time(119)
    offer = offered(world, "FarmMSP", tender=tender)
    world.pass_time(1)
    assert world.refused("FarmMSP", "offers:Propose", **fields) == ("TENDER_CLOSED", "tender")
    # What was offered in time may still be negotiated and win.
    world.do("FarmMSP", "offers:Counter", offer=offer, version=1, proposal=proposal(amount="8900"))
    note = mint(world, "8900")
    won = world.do("RetailerMSP", "tenders:Award", tender=tender, offer=offer, version=2, notes=[note])
    assert won.reply["tender"]["status"] == "awarded"


def test_the_award_ends_the_tender_and_makes_the_order(world: World) -> None:
    tender = tendered(world)
    won, lost = (offered(world, seller, tender=tender) for seller in ("FarmMSP", "ProducerMSP"))
    fields = {"tender": tender, "offer": won, "version": 1, "notes": [mint(world, "9000")]}
    assert world.refused("FarmMSP", "tenders:Award", **fields) == ("NOT_PERMITTED", None)
    other = tendered(world)
    refused = world.refused("RetailerMSP", "tenders:Award", **{**fields, "tender": other})
    assert refused == ("OFFER_NOT_FOUND", "offer")
    result = world.do("RetailerMSP", "tenders:Award", **fields)
    assert result.event_types == [
        "offer.accepted",
        "tender.awarded",
        "order.placed",
        "order.accepted",
        "money.moved",
    ]
    order = result.reply["order"]["id"]
    ended = world.record("tender", tender)
    assert (ended["status"], ended["offer"], ended["order"]) == ("awarded", won, order)
    again = {**fields, "offer": lost, "notes": [mint(world, "9000")]}
    assert world.refused("RetailerMSP", "tenders:Award", **again) == ("TENDER_STATE", "tender")
    assert world.refused("RetailerMSP", "tenders:Withdraw", tender=tender) == ("TENDER_STATE", "tender")
    refused = world.refused("ProducerMSP", "offers:Counter", offer=lost, version=1, proposal=proposal())
    assert refused == ("TENDER_STATE", "tender")


def test_withdrawing_is_the_buyers(world: World) -> None:
    tender = tendered(world)
    assert world.refused("FarmMSP", "tenders:Withdraw", tender=tender) == ("NOT_PERMITTED", None)
    result = world.do("RetailerMSP", "tenders:Withdraw", tender=tender)
    assert result.event_types == ["tender.withdrawn"]
    fields = {"buyer": "RetailerMSP", "seller": "FarmMSP", "proposal": proposal(), "tender": tender}
    assert world.refused("FarmMSP", "offers:Propose", **fields) == ("TENDER_STATE", "tender")
    assert world.refused("RetailerMSP", "tenders:Withdraw", tender=NOBODY) == ("TENDER_NOT_FOUND", "tender")


def test_tenders_are_listed_by_buyer_and_status(world: World) -> None:
    first, second = tendered(world), tendered(world)
    world.do("RetailerMSP", "tenders:Withdraw", tender=first)
    listed = world.ask("FarmMSP", "tenders:List", buyer="RetailerMSP", status="open")["tenders"]
    assert [tender["id"] for tender in listed] == [second]
    assert world.ask("FarmMSP", "tenders:List", buyer="BankMSP")["tenders"] == []
