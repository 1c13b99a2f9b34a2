"""Standing facilities: money in parts, exchanged at the oracles' rate less a spread."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import World, consortium, mint, ulid
from tests.support.money_walk import fees, quote_rate, trust

OPEN = {"base": "EUR", "quote": "USD", "currency": "USD", "amount": "10003", "spread": 50, "parts": 4}


def opened(world: World | None = None, **changes: Any) -> tuple[World, str]:
    """The producer gives 100.03 dollars in four parts; the bank and the regulator quote 1.08 for a euro."""
    world = world or consortium()
    trust(world, "EUR", "USD", "Bank", "Regulator")
    for oracle in ("Bank", "Regulator"):
        quote_rate(world, oracle, "EUR", "USD", "10800")
    fields = {**OPEN, **changes}
    note = mint(world, "20000", "ProducerMSP", str(fields["currency"]))
    reply = world.do("ProducerMSP", "facilities:Open", notes=[note], **fields).reply
    return world, reply["facility"]["id"]


def use(world: World, facility: str, amount: str = "1000", **more: Any) -> dict[str, Any]:
    """What the retailer says to give that many euro cents."""
    note = mint(world, "2000", "RetailerMSP", "EUR")
    fields = {"facility": facility, "part": 0, "currency": "EUR", "amount": amount, "least": "1"}
    return {**fields, "notes": [note], **more}


def parts(world: World, facility: str) -> list[str]:
    found = world.ask("BankMSP", "facilities:Get", facility=facility)["parts"]
    return [part["amount"] for part in found]


def test_a_facility_holds_its_money_in_parts() -> None:
    world = consortium()
    note = mint(world, "20000", "ProducerMSP", "USD")
    result = world.do("ProducerMSP", "facilities:Open", notes=[note], **OPEN, id=ulid(1))
    name = f"ProducerMSP.{ulid(1)}"
    amounts = ["2501", "2501", "2501", "2500"]
    for number, amount in enumerate(amounts):
        assert result.writes["facility-part", name, f"0{number}"] == {
            "v": 1,
            "facility": name,
            "part": number,
            "account": "ProducerMSP",
            "currency": "USD",
            "amount": amount,
        }
        assert result.outcome.guards["facility-part", name, f"0{number}"].owner == "ProducerMSP"
    assert result.event_types == ["facility.changed", "facility.funded", "money.moved"]
    assert result.reply["facility"]["takes"] == "EUR"
    assert result.reply["change"]["amount"] == "9997"
    assert world.ask("BankMSP", "facilities:List")["facilities"] == [result.reply["facility"]]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"base": "ABC"}, "CURRENCY_UNKNOWN", "base"),
        ({"quote": "ABC"}, "CURRENCY_UNKNOWN", "quote"),
        ({"quote": "EUR"}, "FIELD_INVALID", "quote"),
        ({"currency": "CNY"}, "CURRENCY_MISMATCH", "currency"),
        ({"currency": "EUR"}, "CURRENCY_MISMATCH", "notes[0]"),
        ({"amount": "3"}, "AMOUNT_ZERO", "amount"),
        ({"amount": "20001"}, "FUNDS_INSUFFICIENT", "notes"),
        ({"parts": 17}, "FIELD_INVALID", "parts"),
        ({"spread": 10_001}, "FIELD_INVALID", "spread"),
        ({"max_age": 86_401}, "FIELD_INVALID", "max_age"),
        ({"change": "BankMSP"}, "NOT_PERMITTED", "change"),
    ],
)
def test_open_refusals(changes: dict[str, Any], code: str, field: str) -> None:
    world = consortium()
    note = mint(world, "20000", "ProducerMSP", "USD")
    refused = world.refused("ProducerMSP", "facilities:Open", **{**OPEN, **changes, "notes": [note]})
    assert refused == (code, field)


def test_a_customer_gets_the_rate_less_the_spread() -> None:
    world, facility = opened()
    fees(world)
    asked = world.ask("RetailerMSP", "facilities:Quote", facility=facility, currency="EUR", amount="1000")
    # 10.00 EUR at 1.08, less half a percent: 10.746, rounded down.
    assert (asked["receives"], asked["receives_currency"], asked["fee"]) == ("1074", "USD", "1")
    assert (asked["fee_account"], asked["parts"]) == ("BankMSP/fees", [0, 1, 2, 3])
    assert [rate["oracle"] for rate in asked["rates"]] == ["BankMSP", "RegulatorMSP"]
    fields = use(world, facility, least="1074", max_fee="1", change="RetailerMSP/till")
    result = world.do("RetailerMSP", "facilities:Exchange", **fields, id=ulid(3))
    created = {
        (value["owner"], value["currency"]): value["amount"]
        for key, value in result.writes.items()
        if key[0] == "note" and value is not None
    }
    assert created == {
        ("ProducerMSP", "EUR"): "1000",
        ("RetailerMSP/till", "EUR"): "999",
        ("BankMSP/fees", "EUR"): "1",
        ("RetailerMSP/till", "USD"): "1074",
    }
    touched = [key for key in result.writes if key[0].startswith("facility")]
    assert touched == [("facility-part", facility, "00")]
    assert parts(world, facility) == ["1427", "2501", "2501", "2500"]
    assert result.event_types == ["facility.used", "facility.funded", "money.moved", "money.moved"]
    assert result.events[0]["oracles"] == ["BankMSP", "RegulatorMSP"]
    assert result.reply["fee"] == "1"


def test_the_other_way_round() -> None:
    world, facility = opened(currency="EUR", amount="8000", parts=1)
    note = mint(world, "2000", "RetailerMSP", "USD")
    fields = use(world, facility, currency="USD", amount="1080", least="995", notes=[note])
    result = world.do("RetailerMSP", "facilities:Exchange", **fields)
    assert (result.reply["bought"]["currency"], result.reply["bought"]["amount"]) == ("EUR", "995")


def test_exchange_refusals() -> None:
    world, facility = opened()

    def refused(caller: str = "RetailerMSP", **more: Any) -> tuple[str, str | None]:
        return world.refused(caller, "facilities:Exchange", **{**use(world, facility), **more})

    assert refused("ProducerMSP") == ("NOT_PERMITTED", "facility")
    assert refused(facility=f"ProducerMSP.{ulid('gone')}") == ("FACILITY_NOT_FOUND", "facility")
    assert refused(part=7) == ("FACILITY_NOT_FOUND", "part")
    assert refused(part=16) == ("FIELD_INVALID", "part")
    assert refused(currency="USD") == ("CURRENCY_MISMATCH", "currency")
    assert refused(amount="0") == ("AMOUNT_ZERO", "amount")
    assert refused(least="1075") == ("RATE_BELOW_LEAST", "least")
    assert refused(amount="3000", notes=[mint(world, "3000")]) == ("FACILITY_INSUFFICIENT", "part")
    assert refused(amount="2001") == ("FUNDS_INSUFFICIENT", "notes")
    assert refused(change="ProducerMSP") == ("NOT_PERMITTED", "change")
    assert refused("CarrierMSP") == ("NOTE_NOT_YOURS", "notes[0]")
    fees(world)
    assert refused(max_fee="0") == ("FEE_CHANGED", "max_fee")
    world.pass_time(60)
    assert refused(max_age=59) == ("RATE_STALE", "max_age")
    world.pass_time(3600)
    assert refused() == ("RATE_STALE", "max_age")
    late = {"facility": facility, "currency": "EUR", "amount": "1"}
    assert world.refusal("RetailerMSP", "facilities:Quote", late) == ("RATE_STALE", "max_age")


def test_nothing_is_given_for_too_little() -> None:
    world, facility = opened(spread=10_000)
    refused = world.refused("RetailerMSP", "facilities:Exchange", **use(world, facility, least="0"))
    assert refused == ("RATE_BELOW_LEAST", "least")


def test_the_parties_own_quotes_do_not_count() -> None:
    world, facility = opened()
    quote_rate(world, "Regulator", "EUR", "USD", "11000")
    fields = use(world, facility, notes=[mint(world, "1000", "RegulatorMSP")])
    result = world.do("RegulatorMSP", "facilities:Exchange", **fields)
    assert result.reply["quote_amount"] == "10800"
    assert result.events[0]["oracles"] == ["BankMSP"]
    fields = use(world, facility, notes=[mint(world, "1000", "BankMSP")])
    assert world.do("BankMSP", "facilities:Exchange", **fields).reply["quote_amount"] == "11000"


@pytest.mark.parametrize("account", ["ProducerMSP", "RetailerMSP"])
def test_a_frozen_account_does_not_exchange(account: str) -> None:
    world, facility = opened()
    world.do("RegulatorMSP", "currencies:Freeze", account=account, reason="Doubt")
    refused = world.refused("RetailerMSP", "facilities:Exchange", **use(world, facility))
    assert refused[0] == "ACCOUNT_FROZEN"
    # What is behind it comes home, and stays there.
    world.do("ProducerMSP", "facilities:Close", facility=facility)
    assert world.balance("ProducerMSP", "USD") == 20000


def test_the_dealer_tops_up_withdraws_revises_and_closes() -> None:
    world, facility = opened()
    note = mint(world, "500", "ProducerMSP", "USD")
    more = {"facility": facility, "part": 3, "currency": "USD"}
    result = world.do("ProducerMSP", "facilities:TopUp", **more, amount="400", notes=[note])
    assert (result.reply["change"]["amount"], parts(world, facility)[3]) == ("100", "2900")
    assert result.events[0]["parts"] == {"3": "2900"}
    result = world.do("ProducerMSP", "facilities:Withdraw", **more, amount="2900")
    assert (result.reply["notes"][0]["amount"], parts(world, facility)[3]) == ("2900", "0")
    world.do("ProducerMSP", "facilities:Revise", facility=facility, spread=0, max_age=60)
    asked = world.ask("RetailerMSP", "facilities:Quote", facility=facility, currency="EUR", amount="1000")
    assert (asked["receives"], asked["parts"]) == ("1080", [0, 1, 2])
    result = world.do("ProducerMSP", "facilities:Close", facility=facility)
    assert result.reply["notes"][0]["amount"] == str(2501 * 3)
    assert [key for key in world.state if key[0] == "facility-part"] == []
    assert world.balance("ProducerMSP", "USD") == 20000 + 500
    assert result.event_types == ["facility.changed", "facility.funded", "money.moved"]
    refused = world.refused("RetailerMSP", "facilities:Exchange", **use(world, facility))
    assert refused == ("FACILITY_STATE", "facility")
    assert world.refused("ProducerMSP", "facilities:Close", facility=facility) == (
        "FACILITY_STATE",
        "facility",
    )


def test_who_may_do_what_with_a_facility() -> None:
    world, facility = opened()
    note = mint(world, "500", "CarrierMSP", "USD")
    more = {"facility": facility, "part": 0, "currency": "USD", "amount": "100"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("TopUp", {**more, "notes": [note]}),
        ("Withdraw", more),
        ("Revise", {"facility": facility, "spread": 0, "max_age": 60}),
        ("Close", {"facility": facility}),
    ]
    for verb, fields in calls:
        assert world.refused("CarrierMSP", f"facilities:{verb}", **fields) == ("NOT_PERMITTED", None)

    def refused(verb: str, **changes: Any) -> tuple[str, str | None]:
        return world.refused("ProducerMSP", f"facilities:{verb}", **{**more, **changes})

    assert refused("Withdraw", amount="2502") == ("FACILITY_INSUFFICIENT", "part")
    assert refused("Withdraw", amount="0") == ("AMOUNT_ZERO", "amount")
    assert refused("Withdraw", currency="EUR") == ("CURRENCY_MISMATCH", "currency")
    assert refused("Withdraw", part=9) == ("FACILITY_NOT_FOUND", "part")
    big = mint(world, str(10**18 - 1), "ProducerMSP", "USD")
    assert refused("TopUp", amount=str(10**18 - 1), notes=[big]) == ("AMOUNT_TOO_LARGE", "amount")
    assert refused("TopUp", notes=[big], change="BankMSP") == ("NOT_PERMITTED", "change")


def test_guards_of_quotes_and_parts_are_renewed() -> None:
    world, facility = opened(parts=2)
    note = mint(world, "100", "ProducerMSP", "USD")
    held = {"taker": "RetailerMSP", "currency": "USD", "amount": "100", "price_currency": "EUR", "price": "9"}
    quote = world.do("ProducerMSP", "exchanges:Offer", notes=[note], **held, valid_for=60)
    exchange = quote.reply["exchange"]["id"]
    found = world.ask("BankMSP", "guards:List", kind="part")["ids"]
    assert found == [f"{facility}/00", f"{facility}/01"]
    assert world.ask("BankMSP", "guards:List", kind="exchange")["ids"] == [exchange]
    assert world.ask("BankMSP", "guards:List", kind="facility")["ids"] == [facility]
    renewed = world.do("BankMSP", "guards:Renew", parts=found, exchanges=[exchange], facilities=[facility])
    assert renewed.events[0]["held"] == [exchange, facility, *found]
    assert {key[0] for key in renewed.outcome.guards} == {"exchange", "facility", "facility-part"}
    assert world.refused("BankMSP", "guards:Renew", parts=["x/1"]) == ("FIELD_INVALID", "parts[0]")


def test_more_than_a_note_holds_is_withdrawn_before_it_closes() -> None:
    world = consortium()
    most = str(10**18 - 1)
    fields = {**OPEN, "currency": "USD", "amount": "2", "parts": 2}
    note = mint(world, "2", "ProducerMSP", "USD")
    facility = world.do("ProducerMSP", "facilities:Open", **fields, notes=[note]).reply["facility"]["id"]
    part = {"facility": facility, "currency": "USD", "amount": str(10**18 - 2)}
    for number in range(2):
        note = mint(world, most, "ProducerMSP", "USD")
        world.do("ProducerMSP", "facilities:TopUp", **part, part=number, notes=[note])
    refused = world.refused("ProducerMSP", "facilities:Close", facility=facility)
    assert refused == ("AMOUNT_TOO_LARGE", "facility")
    world.do("ProducerMSP", "facilities:Withdraw", **{**part, "amount": most}, part=0)
    world.do("ProducerMSP", "facilities:Close", facility=facility)
    assert world.balance("ProducerMSP", "USD") == 2 * 10**18
