"""Firm quotes: a price held with the money behind it, taken, rejected or let pass."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.guards import Guard
from hansa_domain.operation import Caller
from tests.support.domain import MEMBERS, World, consortium, mint, ulid
from tests.support.money_walk import fees

AT = "2027-01-15T08:00:00.000Z"
EXPIRES = "2027-01-15T08:01:00.000Z"
OFFER = {
    "taker": "RetailerMSP",
    "currency": "USD",
    "amount": "10800",
    "price_currency": "EUR",
    "price": "10000",
    "valid_for": 60,
}


def offered(**changes: Any) -> tuple[World, str]:
    """108.00 of the producer's 120.00 dollars for the retailer's 100.00 euros, for a minute."""
    world = consortium()
    note = mint(world, "12000", "ProducerMSP", "USD")
    reply = world.do("ProducerMSP", "exchanges:Offer", notes=[note], **{**OFFER, **changes}).reply
    return world, reply["exchange"]["id"]


def test_the_money_is_held_with_the_price() -> None:
    world = consortium()
    note = mint(world, "12000", "ProducerMSP", "USD")
    result = world.do("ProducerMSP", "exchanges:Offer", notes=[note], **OFFER, id=ulid(1))
    name = f"ProducerMSP.{ulid(1)}"
    change = {"id": f"{name}.0", "owner": "ProducerMSP", "currency": "USD", "amount": "1200"}
    record = {
        "v": 1,
        "id": name,
        "status": "open",
        "account": "ProducerMSP",
        "taker": "RetailerMSP",
        "currency": "USD",
        "amount": "10800",
        "price_currency": "EUR",
        "price": "10000",
        "expires_at": EXPIRES,
        "offered_at": AT,
        "fee": None,
        "closed_at": None,
    }
    assert result.writes == {
        ("note", note): None,
        ("owned", "ProducerMSP", "USD", note): None,
        ("note", change["id"]): {"v": 1, **change},
        ("owned", "ProducerMSP", "USD", change["id"]): {"v": 1, "note": change["id"], "amount": "1200"},
        ("exchange", name): record,
    }
    assert result.event_types == ["exchange.offered", "money.moved"]
    assert (result.events[1]["reason"], result.events[1]["created"]) == ("hold", [change])
    members = tuple(sorted(member["msp_id"] for member in MEMBERS))
    assert result.outcome.guards["exchange", name] == Guard(members, "ProducerMSP")
    assert result.reply == {"exchange": record, "change": change}
    assert world.ask("BankMSP", "exchanges:List") == {"exchanges": [record], "bookmark": ""}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount": "0"}, "AMOUNT_ZERO", "amount"),
        ({"price": "0"}, "AMOUNT_ZERO", "price"),
        ({"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ({"price_currency": "ABC"}, "CURRENCY_UNKNOWN", "price_currency"),
        ({"price_currency": "USD"}, "CURRENCY_MISMATCH", "price_currency"),
        ({"currency": "CNY"}, "CURRENCY_MISMATCH", "notes[0]"),
        ({"amount": "12001"}, "FUNDS_INSUFFICIENT", "notes"),
        ({"taker": "ElseMSP"}, "MEMBER_NOT_FOUND", "taker"),
        ({"taker": "ProducerMSP"}, "NOT_PERMITTED", "taker"),
        ({"change": "RetailerMSP"}, "NOT_PERMITTED", "change"),
        ({"valid_for": 0}, "FIELD_INVALID", "valid_for"),
    ],
)
def test_offer_refusals(changes: dict[str, Any], code: str, field: str) -> None:
    world = consortium()
    note = mint(world, "12000", "ProducerMSP", "USD")
    fields = {**OFFER, **changes, "notes": [note]}
    assert world.refused("ProducerMSP", "exchanges:Offer", **fields) == (code, field)
    if field == "amount":
        assert world.refused("BankMSP", "exchanges:Offer", **{**OFFER, "notes": [note]}) == (
            "NOTE_NOT_YOURS",
            "notes[0]",
        )


def test_both_sides_are_paid_in_one_transaction() -> None:
    world, quote = offered()
    fees(world)
    note = mint(world, "10050", "RetailerMSP/till", "EUR")
    world.pass_time(59)
    accepted = {"exchange": quote, "notes": [note], "change": "RetailerMSP/till", "max_fee": "10"}
    result = world.do("RetailerMSP", "exchanges:Accept", **accepted, id=ulid(2))
    name = f"RetailerMSP.{ulid(2)}"
    made = {
        f"{name}.0": ("ProducerMSP", "EUR", "10000"),
        f"{name}.1": ("RetailerMSP/till", "EUR", "40"),
        f"{name}.2": ("BankMSP/fees", "EUR", "10"),
        f"{name}.3": ("RetailerMSP/till", "USD", "10800"),
    }
    created = {
        key[1]: (value["owner"], value["currency"], value["amount"])
        for key, value in result.writes.items()
        if key[0] == "note" and value is not None
    }
    assert created == made
    assert result.writes["note", note] is None
    assert result.reply["exchange"]["status"] == "accepted"
    assert (result.reply["fee"], result.reply["bought"]["id"]) == ("10", f"{name}.3")
    assert result.reply["change"]["amount"] == "40"
    assert result.event_types == ["exchange.accepted", "money.moved", "money.moved"]
    assert ("exchange", quote) not in result.outcome.guards
    for caller, verb in (("RetailerMSP", "Accept"), ("RetailerMSP", "Reject"), ("BankMSP", "Expire")):
        more = {"notes": [mint(world, "20000")]} if verb == "Accept" else {}
        world.pass_time(60)
        refused = world.refused(caller, f"exchanges:{verb}", exchange=quote, **more)
        assert refused == ("EXCHANGE_STATE", "exchange")


def test_accept_refusals() -> None:
    world, quote = offered()
    note = mint(world, "10000")

    def refused(caller: str = "RetailerMSP", **more: Any) -> tuple[str, str | None]:
        fields = {"exchange": quote, "notes": [note], **more}
        return world.refused(caller, "exchanges:Accept", **fields)

    assert refused("CarrierMSP") == ("NOT_PERMITTED", None)
    assert refused(exchange=f"ProducerMSP.{ulid('gone')}") == ("EXCHANGE_NOT_FOUND", "exchange")
    assert refused(notes=[mint(world, "9999")]) == ("FUNDS_INSUFFICIENT", "notes")
    assert refused(notes=[mint(world, "9999", currency="USD")]) == ("CURRENCY_MISMATCH", "notes[0]")
    assert refused(change="CarrierMSP") == ("NOT_PERMITTED", "change")
    fees(world)
    assert refused() == ("FUNDS_INSUFFICIENT", "notes")
    assert refused(max_fee="9") == ("FEE_CHANGED", "max_fee")
    world.pass_time(60)
    assert refused() == ("EXCHANGE_EXPIRED", "exchange")


def test_a_frozen_account_does_not_exchange() -> None:
    world, quote = offered()
    accepted = {"exchange": quote, "notes": [mint(world, "10000")]}
    for account in ("ProducerMSP", "RetailerMSP"):
        world.do("RegulatorMSP", "currencies:Freeze", account=account, reason="Doubt")
        refused = world.refused("RetailerMSP", "exchanges:Accept", **accepted)
        assert refused[0] == "ACCOUNT_FROZEN"
        world.do("RegulatorMSP", "currencies:Unfreeze", account=account, reason="None")
    world.do("RetailerMSP", "exchanges:Accept", **accepted)


def test_nothing_is_sold_by_who_left() -> None:
    world, quote = offered()
    member = {**world.record("member", "ProducerMSP"), "left_at": AT}
    world.state["member", "ProducerMSP"] = str(member).replace("'", '"').replace("None", "null").encode()
    accepted = {"exchange": quote, "notes": [mint(world, "10000")]}
    refused = world.refused("RetailerMSP", "exchanges:Accept", **accepted)
    assert refused == ("MEMBER_NOT_FOUND", "exchange")


def test_it_goes_back_by_the_taker_s_word_or_after_its_time() -> None:
    world, quote = offered()
    assert world.refused("ProducerMSP", "exchanges:Reject", exchange=quote) == ("NOT_PERMITTED", None)
    early = world.refused("ProducerMSP", "exchanges:Expire", exchange=quote)
    assert early == ("EXCHANGE_NOT_EXPIRED", "exchange")
    result = world.do("RetailerMSP", "exchanges:Reject", exchange=quote)
    assert result.event_types == ["exchange.closed", "money.moved"]
    assert world.balance("ProducerMSP", "USD") == 12000
    assert world.record("exchange", quote)["status"] == "rejected"
    world, quote = offered(change="ProducerMSP/dealing")
    world.pass_time(60)
    result = world.do(Caller("CarrierMSP", "anybody"), "exchanges:Expire", exchange=quote)
    assert result.events[0]["outcome"] == "expired"
    assert world.balance("ProducerMSP/dealing", "USD") == 12000
    assert world.ask("BankMSP", "exchanges:Get", exchange=quote)["exchange"]["closed_at"] == EXPIRES
