"""Notes: minted, transferred, burned."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import consortium, mint, ulid

AT = "2027-01-15T08:00:00.000Z"


def view(note: str, owner: str, amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"id": note, "owner": owner, "currency": currency, "amount": amount}


def written(note: str, owner: str, amount: str, currency: str = "EUR") -> dict[tuple[str, ...], Any]:
    return {
        ("note", note): {"v": 1, **view(note, owner, amount, currency)},
        ("owned", owner, currency, note): {"v": 1, "note": note, "amount": amount},
    }


def test_the_first_mint_defines_the_currency() -> None:
    world = consortium()
    result = world.do("BankMSP", "money:Mint", currency="JPY", amount="5", owner="RetailerMSP", id=ulid(1))
    note = f"BankMSP.{ulid(1)}.0"
    assert result.writes == {
        ("currency", "JPY"): {"v": 1, "code": "JPY", "issuer": "BankMSP", "minor_units": 0, "defined_at": AT},
        **written(note, "RetailerMSP", "5", "JPY"),
    }
    moved = {
        "type": "money.moved",
        "v": 2,
        "reason": "mint",
        "currency": "JPY",
        "consumed": [],
        "created": [view(note, "RetailerMSP", "5", "JPY")],
        "order": None,
        "at": AT,
        "references": {},
        "document": None,
    }
    defined = {
        "type": "currency.defined",
        "v": 1,
        "currency": "JPY",
        "issuer": "BankMSP",
        "minor_units": 0,
        "at": AT,
    }
    assert result.events == [defined, moved]
    assert result.reply == {"notes": [view(note, "RetailerMSP", "5", "JPY")]}
    again = world.do("BankMSP", "money:Mint", currency="JPY", amount="5", owner="RetailerMSP")
    assert again.event_types == ["money.moved"]
    assert [entry["code"] for entry in world.ask("RetailerMSP", "money:Currencies")["currencies"]] == ["JPY"]


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("RetailerMSP", {}, "NOT_PERMITTED", None),
        ("BankMSP", {"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ("BankMSP", {"currency": "eur"}, "FIELD_INVALID", "currency"),
        ("BankMSP", {"amount": "0"}, "AMOUNT_ZERO", "amount"),
        ("BankMSP", {"owner": "ElseMSP/till"}, "MEMBER_NOT_FOUND", "owner"),
        ("BankMSP", {"owner": "RetailerMSP/Till"}, "FIELD_INVALID", "owner"),
        *(
            ("BankMSP", {"amount": bad}, "FIELD_INVALID", "amount")
            for bad in ("-1", "1.5", "01", "", "1e3", "1\n", "1" * 19, " 1", "\u0661", 1, None)
        ),
    ],
)
def test_mint_refusals(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    fields = {"currency": "EUR", "amount": "5", "owner": "RetailerMSP", **changes}
    assert consortium().refused(caller, "money:Mint", **fields) == (code, field)


def test_a_currency_keeps_its_issuer() -> None:
    world = consortium()
    mint(world, "5")
    record = world.state["member", "CarrierMSP"].replace(b'"carrier"', b'"bank"')
    world.state["member", "CarrierMSP"] = record
    refused = world.refused("CarrierMSP", "money:Mint", currency="EUR", amount="1", owner="CarrierMSP")
    assert refused == ("CURRENCY_NOT_YOURS", "currency")


def test_transfer_conserves_the_total() -> None:
    world = consortium()
    first, second = mint(world, "70"), mint(world, "50", "RetailerMSP/till")
    outputs = [{"owner": "ProducerMSP", "amount": "100"}, {"owner": "RetailerMSP", "amount": "20"}]
    result = world.do("RetailerMSP", "money:Transfer", notes=[first, second], outputs=outputs, id=ulid(2))
    made = [f"RetailerMSP.{ulid(2)}.{place}" for place in range(2)]
    assert result.writes == {
        ("note", first): None,
        ("owned", "RetailerMSP", "EUR", first): None,
        ("note", second): None,
        ("owned", "RetailerMSP/till", "EUR", second): None,
        **written(made[0], "ProducerMSP", "100"),
        **written(made[1], "RetailerMSP", "20"),
    }
    created = [view(made[0], "ProducerMSP", "100"), view(made[1], "RetailerMSP", "20")]
    assert result.events == [
        {
            "type": "money.moved",
            "v": 2,
            "reason": "transfer",
            "currency": "EUR",
            "consumed": [view(first, "RetailerMSP", "70"), view(second, "RetailerMSP/till", "50")],
            "created": created,
            "order": None,
            "at": AT,
            "references": {},
            "document": None,
        }
    ]
    assert result.reply == {"notes": created}


def test_a_payment_says_what_it_is_for_and_which_order_it_carries_out() -> None:
    world = consortium()
    document = "ab" * 32
    outputs = [
        {"owner": "ProducerMSP", "amount": "60", "reference": "INV-7"},
        {"owner": "RetailerMSP", "amount": "40"},
    ]
    fields = {"notes": [mint(world, "100")], "outputs": outputs, "document": document}
    paid = world.do("RetailerMSP", "money:Transfer", id=ulid("paid"), **fields)
    told = {f"RetailerMSP.{ulid('paid')}.0": "INV-7"}
    assert (paid.reply["references"], paid.reply["document"]) == (told, document)
    assert (paid.events[0]["references"], paid.events[0]["document"]) == (told, document)
    again = world.do("RetailerMSP", "money:Transfer", id=ulid("paid"), **fields)
    assert (again.reply, again.writes) == (paid.reply, {})
    other = {**fields, "document": "cd" * 32}
    refused = world.refused("RetailerMSP", "money:Transfer", id=ulid("paid"), **other)
    assert refused == ("COMMAND_ID_REUSED", "id")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reference": "x" * 65}, "outputs[0].reference"), ({"reference": ""}, "outputs[0].reference")],
)
def test_a_reference_is_short_and_not_blank(changes: dict[str, Any], field: str) -> None:
    world = consortium()
    outputs = [{"owner": "ProducerMSP", "amount": "100", **changes}]
    refused = world.refused("RetailerMSP", "money:Transfer", notes=[mint(world, "100")], outputs=outputs)
    assert refused == ("FIELD_INVALID", field)


def test_transfer_refusals() -> None:
    world = consortium()
    mine, theirs = mint(world, "70"), mint(world, "70", "ProducerMSP")
    yen = mint(world, "70", currency="JPY")
    gone = f"BankMSP.{ulid('gone')}.0"

    def refused(notes: list[str], *outputs: tuple[str, str]) -> tuple[str, str | None]:
        wanted = [{"owner": owner, "amount": amount} for owner, amount in outputs]
        return world.refused("RetailerMSP", "money:Transfer", notes=notes, outputs=wanted)

    to = ("ProducerMSP", "70")
    assert refused([gone], to) == ("NOTE_NOT_FOUND", "notes[0]")
    assert refused([theirs], to) == ("NOTE_NOT_YOURS", "notes[0]")
    assert refused([mine, mine], ("ProducerMSP", "140")) == ("NOTE_REPEATED", "notes[1]")
    assert refused([mine, yen], ("ProducerMSP", "140")) == ("CURRENCY_MISMATCH", "notes[1]")
    assert refused([mine], ("ProducerMSP", "69")) == ("AMOUNTS_DIFFER", "outputs")
    assert refused([mine], ("ProducerMSP", "71")) == ("AMOUNTS_DIFFER", "outputs")
    assert refused([mine], to, ("ProducerMSP", "0")) == ("AMOUNT_ZERO", "outputs[1].amount")
    assert refused([mine], ("ElseMSP", "70")) == ("MEMBER_NOT_FOUND", "outputs[0].owner")
    assert refused([], to) == ("FIELD_INVALID", "notes")
    assert refused([mine]) == ("FIELD_INVALID", "outputs")
    assert refused([mine], *[("ProducerMSP", "1")] * 65) == ("FIELD_INVALID", "outputs")
    assert refused([f"BankMSP.{ulid(n)}.0" for n in range(17)], to) == ("FIELD_INVALID", "notes")


def test_a_spent_note_is_not_found() -> None:
    world = consortium()
    note = mint(world, "70")
    fields: dict[str, Any] = {"notes": [note], "outputs": [{"owner": "ProducerMSP", "amount": "70"}]}
    world.do("RetailerMSP", "money:Transfer", **fields)
    assert world.refused("RetailerMSP", "money:Transfer", **fields) == ("NOTE_NOT_FOUND", "notes[0]")


def test_the_issuer_burns_its_own_notes() -> None:
    world = consortium()
    note = mint(world, "70", "BankMSP")
    result = world.do("BankMSP", "money:Burn", notes=[note])
    assert result.writes == {("note", note): None, ("owned", "BankMSP", "EUR", note): None}
    assert result.reply == {"currency": "EUR", "amount": "70"}
    assert [(event["type"], event["reason"]) for event in result.events] == [("money.moved", "burn")]


def test_burn_refusals() -> None:
    world = consortium()
    theirs = mint(world, "70")
    assert world.refused("RetailerMSP", "money:Burn", notes=[theirs]) == ("CURRENCY_NOT_YOURS", "currency")
    assert world.refused("BankMSP", "money:Burn", notes=[theirs]) == ("NOTE_NOT_YOURS", "notes[0]")
    del world.state["currency", "EUR"]
    assert world.refused("RetailerMSP", "money:Burn", notes=[theirs]) == ("LEDGER_INCONSISTENT", None)


def test_notes_and_balances_by_account() -> None:
    world = consortium()
    notes = [mint(world, amount) for amount in ("1", "2", "3")]
    mint(world, "9", "RetailerMSP/till")
    mint(world, "8", currency="CNY")
    first = world.ask("RetailerMSP", "money:Notes", owner="RetailerMSP", currency="EUR", limit=2)
    rest = world.ask(
        "RetailerMSP", "money:Notes", owner="RetailerMSP", currency="EUR", bookmark=first["bookmark"]
    )
    assert sorted(note["id"] for note in first["notes"] + rest["notes"]) == sorted(notes)
    assert rest["bookmark"] == ""
    assert world.ask("BankMSP", "money:Balance", owner="RetailerMSP") == {
        "owner": "RetailerMSP",
        "balances": [
            {"currency": "CNY", "amount": "8", "notes": 1},
            {"currency": "EUR", "amount": "6", "notes": 3},
        ],
    }
    assert world.balance("RetailerMSP/till") == 9
    assert world.balance("ProducerMSP") == 0


@pytest.mark.parametrize("name", ["money:Notes", "money:Balance"])
def test_questions_about_unknown_currencies_are_refused(name: str) -> None:
    refused = consortium().refusal("BankMSP", name, {"owner": "BankMSP", "currency": "ABC"})
    assert refused == ("CURRENCY_UNKNOWN", "currency")
