"""Payment requests: made, and paid, declined or withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import canonical
from tests.support.domain import World, consortium, mint, ulid

ASKED = {"payer": "RetailerMSP", "currency": "EUR", "amount": "70", "expires_within": 60}


def asked(**changes: Any) -> tuple[World, str]:
    world = consortium()
    reply = world.do("CarrierMSP", "paymentRequests:Create", **{**ASKED, **changes}).reply
    return world, reply["payment_request"]["id"]


def test_a_request_is_made() -> None:
    world = consortium()
    made = world.do("CarrierMSP", "paymentRequests:Create", **ASKED, reference="R-1", id=ulid(1))
    name = f"CarrierMSP.{ulid(1)}"
    request = {
        "v": 1,
        "id": name,
        "status": "open",
        "payee": "CarrierMSP",
        "payer": "RetailerMSP",
        "currency": "EUR",
        "amount": "70",
        "reference": "R-1",
        "requested_at": "2027-01-15T08:00:00.000Z",
        "expires_at": "2027-01-15T08:01:00.000Z",
        "closed_at": None,
    }
    assert made.writes == {("payment-request", name): request}
    assert made.event_types == ["payment_request.created"]
    assert world.ask("BankMSP", "paymentRequests:List") == {"payment_requests": [request], "bookmark": ""}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount": "0"}, "AMOUNT_ZERO", "amount"),
        ({"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ({"payer": "ElseMSP"}, "MEMBER_NOT_FOUND", "payer"),
        ({"payer": "CarrierMSP"}, "NOT_PERMITTED", "payer"),
        ({"account": "BankMSP"}, "NOT_PERMITTED", "account"),
    ],
)
def test_create_refusals(changes: dict[str, Any], code: str, field: str) -> None:
    refused = consortium().refused("CarrierMSP", "paymentRequests:Create", **{**ASKED, **changes})
    assert refused == (code, field)


def test_the_payer_pays_exactly_what_was_asked_for() -> None:
    world, request = asked(account="CarrierMSP/freight")
    note = mint(world, "100", "RetailerMSP/till")
    paid = world.do(
        "RetailerMSP",
        "paymentRequests:Pay",
        payment_request=request,
        notes=[note],
        change="RetailerMSP/till",
    )
    assert paid.event_types == ["payment_request.closed", "money.moved"]
    assert (world.balance("CarrierMSP/freight"), world.balance("RetailerMSP/till")) == (70, 30)
    assert paid.reply["payment_request"]["status"] == "paid"
    assert ("note", note) in paid.writes
    for name in ("Pay", "Decline"):
        fields = {"notes": [mint(world, "70")]} if name == "Pay" else {}
        refused = world.refused("RetailerMSP", f"paymentRequests:{name}", payment_request=request, **fields)
        assert refused == ("PAYMENT_REQUEST_STATE", "payment_request")


def test_pay_refusals() -> None:
    world, request = asked()
    note = mint(world, "69")

    def refused(caller: str = "RetailerMSP", **changes: Any) -> tuple[str, str | None]:
        fields = {"payment_request": request, "notes": [note], **changes}
        return world.refused(caller, "paymentRequests:Pay", **fields)

    assert refused() == ("FUNDS_INSUFFICIENT", "notes")
    assert refused("ProducerMSP") == ("NOT_PERMITTED", None)
    gone = f"CarrierMSP.{ulid('gone')}"
    assert refused(payment_request=gone) == ("PAYMENT_REQUEST_NOT_FOUND", "payment_request")
    assert refused(change="CarrierMSP") == ("NOT_PERMITTED", "change")
    world.pass_time(60)
    assert refused() == ("PAYMENT_REQUEST_STATE", "payment_request")


def test_nobody_pays_who_has_left() -> None:
    world, request = asked()
    gone = {**world.record("member", "CarrierMSP"), "left_at": "2027-01-15T08:00:00.000Z"}
    world.state["member", "CarrierMSP"] = canonical(gone)
    fields = {"payment_request": request, "notes": [mint(world, "70")]}
    refused = world.refused("RetailerMSP", "paymentRequests:Pay", **fields)
    assert refused == ("MEMBER_NOT_FOUND", "payment_request")
    world.do("RetailerMSP", "paymentRequests:Decline", payment_request=request)


@pytest.mark.parametrize(
    ("name", "who", "other", "status"),
    [
        ("Decline", "RetailerMSP", "CarrierMSP", "declined"),
        ("Withdraw", "CarrierMSP", "RetailerMSP", "withdrawn"),
    ],
)
def test_it_ends_without_money(name: str, who: str, other: str, status: str) -> None:
    world, request = asked()
    refused = world.refused(other, f"paymentRequests:{name}", payment_request=request)
    assert refused == ("NOT_PERMITTED", None)
    ended = world.do(who, f"paymentRequests:{name}", payment_request=request)
    assert ended.event_types == ["payment_request.closed"]
    found = world.ask("BankMSP", "paymentRequests:Get", payment_request=request)["payment_request"]
    assert found["status"] == status
