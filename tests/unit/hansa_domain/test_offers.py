"""Offers: version answers version, nobody is bound without his own word, and prices stay private."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.operation import PrivateKey
from tests.support.domain import GTIN, TERMS, World, mint
from tests.support.offers import NOBODY, PRICED, offered, priced, proposal, sellers

AT = "2027-01-15T08:00:00.000Z"
DUE = "2027-01-15T08:01:00.000Z"


@pytest.fixture
def world() -> World:
    return sellers()


def accept(offer: str, *notes: str, version: int = 1, **more: Any) -> dict[str, Any]:
    return {"offer": offer, "version": version, "notes": list(notes), **more}


def test_a_proposal_writes_offer_version_and_index(world: World) -> None:
    fields = {"buyer": "RetailerMSP", "seller": "ProducerMSP", "proposal": proposal()}
    result = world.do("ProducerMSP", "offers:Propose", **fields)
    offer = result.reply["offer"]
    assert offer == {
        "v": 1,
        "id": f"ProducerMSP.{result.command_id}",
        "tender": None,
        "buyer": "RetailerMSP",
        "seller": "ProducerMSP",
        "status": "open",
        "version": 1,
        "by": "ProducerMSP",
        "due": DUE,
        "opened_at": AT,
        **dict.fromkeys(["closed_at", "closed_by", "order"]),
    }
    version = {"v": 3, "offer": offer["id"], "version": 1, "by": "ProducerMSP", **proposal(), "made_at": AT}
    version |= dict.fromkeys(["deliveries", "arbitrator", "second_arbitrator", "milestones", "warranty"])
    assert result.reply["present"] == version
    assert result.writes == {
        ("offer", offer["id"]): offer,
        ("offer-version", offer["id"], "001"): version,
        ("offer-of", "RetailerMSP", offer["id"]): {"v": 1, "offer": offer["id"]},
        ("offer-of", "ProducerMSP", offer["id"]): {"v": 1, "offer": offer["id"]},
    }
    shown = ("currency", "amount", "freight", "carrier", "lines", "lead_time", "milestones", "warranty")
    terms = {"version": 1, "by": "ProducerMSP", **{name: version[name] for name in shown}}
    head = {"type": "offer.proposed", "v": 2, "offer": offer["id"], "tender": None}
    parties = {"buyer": "RetailerMSP", "seller": "ProducerMSP"}
    assert result.events == [{**head, **parties, "terms": terms, "due": DUE, "at": AT}]


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("FarmMSP", {}, "NOT_PERMITTED", "seller"),
        ("ProducerMSP", {"buyer": "ProducerMSP"}, "LINES_INVALID", "seller"),
        ("ProducerMSP", {"buyer": "RegulatorMSP"}, "NOT_PERMITTED", "buyer"),
        ("ProducerMSP", {"buyer": "ElseMSP"}, "MEMBER_NOT_FOUND", "buyer"),
        ("RetailerMSP", {"seller": "CarrierMSP"}, "NOT_PERMITTED", "seller"),
        ("ProducerMSP", {"proposal": proposal(currency="XYZ")}, "CURRENCY_UNKNOWN", "proposal.currency"),
        ("ProducerMSP", {"proposal": proposal(carrier=None)}, "CARRIER_INVALID", "proposal.carrier"),
        ("ProducerMSP", {"proposal": proposal(carrier="BankMSP")}, "CARRIER_INVALID", "proposal.carrier"),
        ("ProducerMSP", {"proposal": proposal(amount="199")}, "SHARES_EXCEED_AMOUNT", "proposal.freight"),
        (
            "ProducerMSP",
            {"proposal": proposal(lines=[{"gtin": "09521321000018", "quantity": 1}])},
            "PRODUCT_NOT_FOUND",
            "proposal.lines[0].gtin",
        ),
        ("ProducerMSP", {"proposal": proposal(valid_for=0)}, "FIELD_INVALID", "proposal.valid_for"),
    ],
)
def test_propose_refusals(
    world: World, caller: str, changes: dict[str, Any], code: str, field: str | None
) -> None:
    fields = {"buyer": "RetailerMSP", "seller": "ProducerMSP", "proposal": proposal(), **changes}
    assert world.refused(caller, "offers:Propose", **fields) == (code, field)


def test_the_buyer_takes_the_sellers_version(world: World) -> None:
    offer, note = offered(world), mint(world, "10000")
    fields = accept(offer, note, change="RetailerMSP/till", reference="PO-9")
    result = world.do("RetailerMSP", "offers:Accept", **fields)
    order = result.reply["order"]
    assert (order["status"], order["offer"], order["reference"]) == ("accepted", offer, "PO-9")
    assert (order["amount"], order["freight"], order["fee"], order["proceeds"]) == (
        "9000",
        "200",
        "45",
        "8755",
    )
    assert (order["accepted_at"], order["due"]) == (AT, "2027-01-15T08:02:00.000Z")
    assert order["lines"] == [{"listing": None, "gtin": GTIN, "quantity": 40, "take": []}]
    assert result.reply["change"]["amount"] == "1000"
    assert result.reply["tender"] is None
    assert world.record("escrow", order["id"])["amount"] == "9000"
    assert world.record("offer", offer)["status"] == "accepted"
    assert world.record("offer", offer)["order"] == order["id"]
    events = ["offer.accepted", "order.placed", "order.accepted", "money.moved"]
    assert result.event_types == events
    world.do("ProducerMSP", "orders:Ship", order=order["id"])
    world.do("CarrierMSP", "orders:Deliver", order=order["id"])
    world.do("RetailerMSP", "orders:Confirm", order=order["id"])
    paid = [world.balance(owner) for owner in ("ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")]
    assert paid == [8755, 200, 45]


def test_an_order_from_an_offer_that_is_not_shipped_goes_back_whole(world: World) -> None:
    offer = offered(world)
    order = world.do("RetailerMSP", "offers:Accept", **accept(offer, mint(world, "9000"))).reply["order"]
    world.pass_time(TERMS["ship_within"])
    result = world.do("BankMSP", "orders:Default", order=order["id"])
    assert result.reply["order"]["status"] == "refunded"
    assert "stock.changed" not in result.event_types
    assert world.balance("RetailerMSP") == 9000


def test_counter_offers_until_the_seller_agrees_and_the_buyer_pays(world: World) -> None:
    offer = offered(world)
    lower = proposal(amount="8000", lines_commitment=None)
    result = world.do("RetailerMSP", "offers:Counter", offer=offer, version=1, proposal=lower)
    assert result.event_types == ["offer.countered"]
    assert set(result.writes) == {("offer", offer), ("offer-version", offer, "002")}
    note = mint(world, "8500")
    # The buyer's own version is not the seller's word, and the seller's earlier one is no longer there.
    refused = world.refused("RetailerMSP", "offers:Accept", **accept(offer, note, version=2))
    assert refused == ("OFFER_STATE", "version")
    refused = world.refused("RetailerMSP", "offers:Accept", **accept(offer, note))
    assert refused == ("OFFER_VERSION", "version")
    assert world.refused("RetailerMSP", "offers:Agree", offer=offer, version=2) == ("NOT_PERMITTED", None)
    world.pass_time(59)
    agreed = world.do("ProducerMSP", "offers:Agree", offer=offer, version=2)
    assert agreed.event_types == ["offer.agreed"]
    assert agreed.reply["offer"]["due"] == "2027-01-15T08:01:59.000Z"
    assert set(agreed.writes) == {("offer", offer)}
    for name in ("offers:Counter", "offers:Reject", "offers:Withdraw"):
        more = {} if name == "offers:Withdraw" else {"version": 2}
        more |= {"proposal": proposal()} if name == "offers:Counter" else {}
        caller = "ProducerMSP" if name == "offers:Reject" else "RetailerMSP"
        assert world.refused(caller, name, offer=offer, **more) == ("OFFER_STATE", "offer")
    order = world.do("RetailerMSP", "offers:Accept", **accept(offer, note, version=2)).reply["order"]
    assert order["amount"] == "8000"
    versions = world.ask("FarmMSP", "offers:Versions", offer=offer)["versions"]
    assert [(version["by"], version["amount"]) for version in versions] == [
        ("ProducerMSP", "9000"),
        ("RetailerMSP", "8000"),
    ]
    found = world.ask("RetailerMSP", "offers:Get", offer=offer)
    assert (found["offer"]["status"], found["present"]["amount"]) == ("accepted", "8000")


def test_a_seller_does_not_agree_to_himself(world: World) -> None:
    offer = offered(world)
    assert world.refused("ProducerMSP", "offers:Agree", offer=offer, version=1) == (
        "NOT_PERMITTED",
        "version",
    )


def test_recalled_goods_are_not_sold_by_an_offer_either(world: World) -> None:
    offer, note = offered(world), mint(world, "9000")
    gtin = proposal()["lines"][0]["gtin"]
    world.do("RegulatorMSP", "recalls:Open", gtin=gtin, reason="Glass.")
    refused = world.refused("RetailerMSP", "offers:Accept", **accept(offer, note))
    assert refused == ("GOODS_RECALLED", "offer")


def test_strangers_have_no_say(world: World) -> None:
    offer = offered(world)
    for name, more in (
        ("offers:Counter", {"version": 1, "proposal": proposal()}),
        ("offers:Agree", {"version": 1}),
        ("offers:Reject", {"version": 1}),
        ("offers:Withdraw", {}),
        ("offers:Accept", {"version": 1, "notes": []}),
    ):
        assert world.refused("FarmMSP", name, offer=offer, **more) == ("NOT_PERMITTED", None)
        assert world.refused("FarmMSP", name, offer=NOBODY, **more) == ("OFFER_NOT_FOUND", "offer")


def test_rejecting_is_the_other_sides_and_withdrawing_ones_own(world: World) -> None:
    offer = offered(world)
    assert world.refused("ProducerMSP", "offers:Reject", offer=offer, version=1) == (
        "NOT_PERMITTED",
        "version",
    )
    assert world.refused("RetailerMSP", "offers:Withdraw", offer=offer) == ("NOT_PERMITTED", None)
    rejected = world.do("RetailerMSP", "offers:Reject", offer=offer, version=1)
    assert rejected.reply["offer"]["status"] == "rejected"
    assert rejected.event_types == ["offer.rejected"]
    another = offered(world)
    withdrawn = world.do("ProducerMSP", "offers:Withdraw", offer=another)
    assert withdrawn.reply["offer"]["closed_by"] == "ProducerMSP"
    assert withdrawn.event_types == ["offer.withdrawn"]
    refused = world.refused("RetailerMSP", "offers:Accept", **accept(another, mint(world, "9000")))
    assert refused == ("OFFER_STATE", "offer")


def test_an_expired_version_is_not_taken_but_may_be_renewed(world: World) -> None:
    offer, note = offered(world), mint(world, "9000")
    assert world.refused("FarmMSP", "offers:Expire", offer=offer) == ("OFFER_NOT_EXPIRED", "offer")
    world.pass_time(60)
    refused = world.refused("RetailerMSP", "offers:Accept", **accept(offer, note))
    assert refused == ("OFFER_EXPIRED", "version")
    world.do("ProducerMSP", "offers:Counter", offer=offer, version=1, proposal=proposal())
    world.pass_time(60)
    expired = world.do("FarmMSP", "offers:Expire", offer=offer)
    assert expired.event_types == ["offer.expired"]
    refused = world.refused("ProducerMSP", "offers:Counter", offer=offer, version=2, proposal=proposal())
    assert refused == ("OFFER_STATE", "offer")


def test_the_buyer_pays_as_for_any_order(world: World) -> None:
    offer = offered(world)
    fields = accept(offer, mint(world, "8999"))
    assert world.refused("RetailerMSP", "offers:Accept", **fields) == ("FUNDS_INSUFFICIENT", "notes")
    fields = accept(offer, mint(world, "9000", "FarmMSP"))
    assert world.refused("RetailerMSP", "offers:Accept", **fields) == ("NOTE_NOT_YOURS", "notes[0]")
    fields = accept(offer, mint(world, "9000"), arbitrator="ProducerMSP")
    assert world.refused("RetailerMSP", "offers:Accept", **fields) == ("ARBITRATOR_INVALID", "arbitrator")


def test_an_offer_has_an_end(world: World) -> None:
    offer = offered(world)
    changed = {**world.record("offer", offer), "version": 999}
    world.state["offer", offer] = json.dumps(changed).encode()
    refused = world.refused("ProducerMSP", "offers:Counter", offer=offer, version=999, proposal=proposal())
    assert refused == ("OFFER_STATE", "offer")


def test_priced_lines_go_to_one_side_alone(world: World) -> None:
    offer = offered(world)
    fields = {"offer": offer, "version": 1, "recipient": "RetailerMSP"}
    result = world.do("ProducerMSP", "offers:Disclose", transient=priced(), **fields)
    assert result.outcome.writes == {}
    assert result.events == []
    place = PrivateKey("RetailerMSP", ("offer-lines", offer, "001"))
    assert set(result.outcome.private_writes) == {place}
    told = world.ask("RetailerMSP", "offers:Prices", offer=offer, version=1)
    assert told == {"offer": offer, "version": 1, "priced": PRICED}
    query = {"offer": offer, "version": 1}
    assert world.refusal("FarmMSP", "offers:Prices", query) == ("PRICES_NOT_DISCLOSED", "offer")


LINE = PRICED["lines"][0]


@pytest.mark.parametrize(
    ("changes", "transient", "code", "field"),
    [
        ({}, None, "TRANSIENT_MISSING", "private"),
        ({}, {"private": b" " * 65537}, "DOCUMENT_TOO_LARGE", "private"),
        ({"recipient": "FarmMSP"}, priced(), "NOT_PERMITTED", "recipient"),
        ({"offer": NOBODY}, priced(), "OFFER_NOT_FOUND", "offer"),
        ({"version": 2}, priced(), "OFFER_NOT_FOUND", "version"),
        ({}, priced(text="else"), "COMMITMENT_MISMATCH", "private"),
        ({}, priced(lines=[{**LINE, "unit_price": "-1"}]), "FIELD_INVALID", "private.lines[0].unit_price"),
    ],
)
def test_disclosure_refusals(
    world: World, changes: dict[str, Any], transient: dict[str, bytes] | None, code: str, field: str
) -> None:
    fields = {"offer": offered(world), "version": 1, "recipient": "RetailerMSP", **changes}
    assert world.refused("ProducerMSP", "offers:Disclose", transient=transient, **fields) == (code, field)
    mine = {**fields, "offer": offered(world), "version": 1}
    assert world.refused("RetailerMSP", "offers:Disclose", transient=priced(), **mine) == (
        "NOT_PERMITTED",
        None,
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"amount": "9001"}, "PRICE_MISMATCH"), ({"lines": [{"gtin": GTIN, "quantity": 39}]}, "LINES_INVALID")],
)
def test_private_lines_come_to_the_public_total(world: World, changes: dict[str, Any], code: str) -> None:
    offer = offered(world, proposal=proposal(**changes))
    fields = {"offer": offer, "version": 1, "recipient": "RetailerMSP"}
    refused = world.refused("ProducerMSP", "offers:Disclose", transient=priced(), **fields)
    assert refused == (code, "private.lines")


def test_who_decides_a_dispute_is_what_both_sides_saw(world: World) -> None:
    offer, note = offered(world), mint(world, "9000")
    for field in ("arbitrator", "second_arbitrator"):
        alone = accept(offer, note, **{field: "RegulatorMSP"})
        assert world.refused("RetailerMSP", "offers:Accept", **alone) == ("ARBITRATOR_INVALID", field)
    both = {"arbitrator": "RegulatorMSP", "second_arbitrator": "BankMSP"}
    countered = proposal(**both)
    world.do("RetailerMSP", "offers:Counter", offer=offer, version=1, proposal=countered)
    world.do("ProducerMSP", "offers:Agree", offer=offer, version=2)
    order = world.do("RetailerMSP", "offers:Accept", **accept(offer, note, version=2)).reply["order"]
    assert {name: order[name] for name in both} == both
