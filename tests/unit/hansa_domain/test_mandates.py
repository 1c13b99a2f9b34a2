"""Mandates: money collected within what the payer allowed, and nothing beyond."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import World, consortium, mint, ulid

TERMS = {
    "payee": "ProducerMSP/sales",
    "currency": "EUR",
    "maximum": "100",
    "period": 60,
    "expires_within": 600,
    "account": "RetailerMSP/subscriptions",
}


def granted() -> tuple[World, str]:
    world = consortium()
    return world, world.do("RetailerMSP", "mandates:Grant", **TERMS).reply["mandate"]["id"]


def own_note(world: World, amount: str = "70") -> str:
    return mint(world, amount, "RetailerMSP/subscriptions")


def test_a_mandate_is_written_and_moves_nothing() -> None:
    world = consortium()
    result = world.do("RetailerMSP", "mandates:Grant", **TERMS, reference="S-7", id=ulid(1))
    name = f"RetailerMSP.{ulid(1)}"
    mandate = {
        "v": 1,
        "id": name,
        "status": "active",
        "payer": "RetailerMSP/subscriptions",
        "payee": "ProducerMSP/sales",
        "currency": "EUR",
        "maximum": "100",
        "period": 60,
        "granted_at": "2027-01-15T08:00:00.000Z",
        "expires_at": "2027-01-15T08:10:00.000Z",
        "reference": "S-7",
        "number": 0,
        "collected": "0",
        "revoked_at": None,
    }
    assert result.writes == {("mandate", name): mandate}
    assert result.event_types == ["mandate.granted"]
    assert world.ask("BankMSP", "mandates:List") == {"mandates": [mandate], "bookmark": ""}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"maximum": "0"}, "AMOUNT_ZERO", "maximum"),
        ({"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ({"payee": "ElseMSP"}, "MEMBER_NOT_FOUND", "payee"),
        ({"payee": "RetailerMSP/x"}, "NOT_PERMITTED", "payee"),
        ({"account": "BankMSP"}, "NOT_PERMITTED", "account"),
        ({"period": 0}, "FIELD_INVALID", "period"),
    ],
)
def test_grant_refusals(changes: dict[str, Any], code: str, field: str) -> None:
    assert consortium().refused("RetailerMSP", "mandates:Grant", **{**TERMS, **changes}) == (code, field)


def test_the_payee_collects_and_change_stays_with_the_payer() -> None:
    world, mandate = granted()
    note = own_note(world)
    result = world.do("ProducerMSP", "mandates:Collect", mandate=mandate, amount="60", notes=[note])
    owners = {each["owner"]: each["amount"] for each in (result.reply["paid"], result.reply["change"])}
    assert owners == {"ProducerMSP/sales": "60", "RetailerMSP/subscriptions": "10"}
    assert (world.balance("ProducerMSP/sales"), world.balance("RetailerMSP/subscriptions")) == (60, 10)
    assert set(result.writes) == {
        ("note", note),
        ("owned", "RetailerMSP/subscriptions", "EUR", note),
        ("mandate", mandate),
        *(("note", each["id"]) for each in (result.reply["paid"], result.reply["change"])),
        *(
            ("owned", each["owner"], "EUR", each["id"])
            for each in (result.reply["paid"], result.reply["change"])
        ),
    }
    assert [event["type"] for event in result.events] == ["mandate.collected", "money.moved"]
    assert result.events[1]["reason"] == "mandate"
    # What the payer's peer says of his notes counts here as everywhere.
    assert {guard.owner for guard in result.outcome.guards.values()} == {"ProducerMSP", "RetailerMSP"}


def test_each_period_has_its_own_maximum() -> None:
    world, mandate = granted()

    def collect(amount: str) -> dict[str, Any]:
        return {"mandate": mandate, "amount": amount, "notes": [own_note(world, "100")]}

    world.do("ProducerMSP", "mandates:Collect", **collect("60"))
    refused = world.refused("ProducerMSP", "mandates:Collect", **collect("41"))
    assert refused == ("MANDATE_EXCEEDED", "amount")
    world.do("ProducerMSP", "mandates:Collect", **collect("40"))
    world.pass_time(60)
    assert world.do("ProducerMSP", "mandates:Collect", **collect("100")).reply["change"] is None
    # A transaction from before the period's turn opens no period again.
    world.pass_time(-1)
    refused = world.refused("ProducerMSP", "mandates:Collect", **collect("1"))
    assert refused == ("MANDATE_EXCEEDED", "amount")
    record = world.record("mandate", mandate)
    assert (record["number"], record["collected"]) == (1, "100")


def test_collect_refusals() -> None:
    world, mandate = granted()
    note, elsewhere = own_note(world), mint(world, "70")
    yen = mint(world, "70", "RetailerMSP/subscriptions", "JPY")
    carriers = mint(world, "70", "CarrierMSP")

    def refused(caller: str = "ProducerMSP", **changes: Any) -> tuple[str, str | None]:
        fields = {"mandate": mandate, "amount": "60", "notes": [note], **changes}
        return world.refused(caller, "mandates:Collect", **fields)

    assert refused("RetailerMSP") == ("NOT_PERMITTED", None)
    assert refused(mandate=f"RetailerMSP.{ulid('gone')}") == ("MANDATE_NOT_FOUND", "mandate")
    assert refused(amount="0") == ("AMOUNT_ZERO", "amount")
    assert refused(amount="71") == ("FUNDS_INSUFFICIENT", "notes")
    assert refused(notes=[elsewhere]) == ("NOTE_NOT_YOURS", "notes[0]")
    assert refused(notes=[carriers]) == ("NOTE_NOT_YOURS", "notes[0]")
    assert refused(notes=[yen]) == ("CURRENCY_MISMATCH", "notes[0]")
    world.do("RegulatorMSP", "currencies:Freeze", account="RetailerMSP/subscriptions", reason="Doubt")
    assert refused() == ("ACCOUNT_FROZEN", "notes")
    world.pass_time(600)
    assert refused() == ("MANDATE_STATE", "mandate")


@pytest.mark.parametrize("who", ["RetailerMSP", "ProducerMSP"])
def test_either_side_revokes_it(who: str) -> None:
    world, mandate = granted()
    assert world.refused("CarrierMSP", "mandates:Revoke", mandate=mandate) == ("NOT_PERMITTED", None)
    assert world.do(who, "mandates:Revoke", mandate=mandate).event_types == ["mandate.revoked"]
    assert world.refused(who, "mandates:Revoke", mandate=mandate) == ("MANDATE_STATE", "mandate")
    fields = {"mandate": mandate, "amount": "1", "notes": [own_note(world)]}
    assert world.refused("ProducerMSP", "mandates:Collect", **fields) == ("MANDATE_STATE", "mandate")
    assert world.ask("BankMSP", "mandates:Get", mandate=mandate)["mandate"]["status"] == "revoked"
