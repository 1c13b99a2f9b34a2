"""Exchanging and netting out of an account with rules: within its limits, or as its signers say."""

from __future__ import annotations

from typing import Any

from tests.support.domain import World, mint
from tests.support.money_walk import fees, owed, quote_rate, trust
from tests.support.signers import COLD, HOT, funded, payment, signed

HELD = {
    "taker": "ProducerMSP",
    "currency": "EUR",
    "amount": "100",
    "price_currency": "USD",
    "price": "108",
    "valid_for": 60,
}


def draws(*parts: tuple[int, int]) -> dict[str, Any]:
    """So much out of these slices of the day's allowance."""
    return {"authority": {"draws": [{"slice": part, "amount": str(minor)} for part, minor in parts]}}


def allowance(world: World) -> str:
    left: str = world.ask("BankMSP", "accounts:Allowance", account=HOT, currency="EUR")["left"]
    return left


def test_a_quote_is_offered_within_the_limits_and_comes_back_to_the_account() -> None:
    world, note, _ = funded()
    held = {**HELD, "notes": [note], "change": HOT}

    def refused(**more: Any) -> tuple[str, str | None]:
        return world.refused("RetailerMSP", "exchanges:Offer", **{**held, **more})

    assert refused() == ("AUTHORITY_MISSING", "authority")
    assert refused(amount="101", **draws((0, 101))) == ("SIGNATURES_REQUIRED", "authority")
    assert refused(change="RetailerMSP", **draws((0, 100))) == ("NOT_PERMITTED", "change")
    made = world.do("RetailerMSP", "exchanges:Offer", **held, **draws((0, 60), (1, 40)))
    assert allowance(world) == "302"
    world.do("ProducerMSP", "exchanges:Reject", exchange=made.reply["exchange"]["id"])
    assert world.balance(HOT) == 1000


def test_price_and_fee_are_drawn_together() -> None:
    world, note, _ = funded()
    fees(world)
    dollars = mint(world, "90", "ProducerMSP", "USD")
    sold = {"taker": "RetailerMSP", "currency": "USD", "amount": "90", "price_currency": "EUR", "price": "80"}
    offer = world.do("ProducerMSP", "exchanges:Offer", notes=[dollars], **sold, valid_for=60)
    accept = {"exchange": offer.reply["exchange"]["id"], "notes": [note], "change": HOT}
    assert world.refused("RetailerMSP", "exchanges:Accept", **accept) == ("AUTHORITY_MISSING", "authority")
    # 0.1 percent of 0.80 euros is no cent yet.
    world.do("RetailerMSP", "exchanges:Accept", **accept, **draws((2, 80)))
    assert (allowance(world), world.balance(HOT), world.balance(HOT, "USD")) == ("322", 920, 90)


def test_signers_say_what_goes_into_a_facility() -> None:
    world, _, note = funded()
    trust(world, "EUR", "USD", "Bank", "Regulator")
    quote_rate(world, "Regulator", "EUR", "USD", "10800")
    terms = {"base": "EUR", "quote": "USD", "currency": "EUR", "amount": "300", "spread": 0, "parts": 1}
    opened = {**terms, "notes": [note], "change": COLD}
    assert world.refused("RetailerMSP", "facilities:Open", **opened) == ("SIGNATURES_REQUIRED", "authority")
    agreed = payment(300, COLD, "RetailerMSP", operation="facilities:Open")
    wrong = payment(300, COLD, "RetailerMSP", operation="money:Transfer")
    refused = world.refused("RetailerMSP", "facilities:Open", **opened, authority=signed(wrong, 1, 2))
    assert refused == ("INSTRUCTION_MISMATCH", "authority.instruction.operation")
    made = world.do("RetailerMSP", "facilities:Open", **opened, authority=signed(agreed, 1, 2))
    facility = made.reply["facility"]["id"]
    dollars = mint(world, "108", "ProducerMSP", "USD")
    use = {"facility": facility, "part": 0, "currency": "USD", "amount": "108", "least": "100"}
    world.do("ProducerMSP", "facilities:Exchange", **use, notes=[dollars])
    world.do("RetailerMSP", "facilities:Close", facility=facility)
    assert (world.balance(COLD), world.balance(COLD, "USD")) == (900, 108)


def test_what_is_owed_on_balance_is_drawn_and_comes_back() -> None:
    world, note, _ = funded()
    both = [owed(world, "Retailer", "Producer", "90"), owed(world, "Producer", "Retailer", "30")]
    cycle = world.do("ProducerMSP", "netting:Open", obligations=both, fund_within=60).reply["cycle"]["id"]
    fund = {"cycle": cycle, "notes": [note], "change": HOT}
    assert world.refused("RetailerMSP", "netting:Fund", **fund) == ("AUTHORITY_MISSING", "authority")
    world.do("RetailerMSP", "netting:Fund", **fund, **draws((0, 60)))
    world.do("RetailerMSP", "netting:Dissolve", cycle=cycle)
    assert world.balance(HOT) == 1000
    paid = {"obligation": both[0], "notes": [_only_note(world)], "change": HOT}
    assert world.refused("RetailerMSP", "obligations:Pay", **paid) == ("AUTHORITY_MISSING", "authority")
    world.do("RetailerMSP", "obligations:Pay", **paid, **draws((1, 90)))
    assert (world.balance(HOT), allowance(world)) == (910, "252")


def _only_note(world: World) -> str:
    notes = world.ask("BankMSP", "money:Notes", owner=HOT, currency="EUR")["notes"]
    return str(max(notes, key=lambda note: int(note["amount"]))["id"])


def test_a_cold_account_reaches_its_hot_one_by_no_lock() -> None:
    world, _, note = funded()
    terms = {"notes": [note], "amount": "300", "currency": "EUR", "hash": "50" * 32, "expires_within": 60}
    agreed = payment(300, COLD, HOT, operation="hashlocks:Lock")
    lock = {**terms, "recipient": HOT, "change": COLD, "authority": signed(agreed, 1, 2)}
    refused = world.refused("RetailerMSP", "hashlocks:Lock", **lock)
    assert refused == ("NOT_PERMITTED", "authority.instruction")


def test_a_cold_account_reaches_its_hot_one_by_no_facility() -> None:
    world, note, cold = funded()
    terms = {"base": "EUR", "quote": "USD", "currency": "EUR", "amount": "100", "spread": 0, "parts": 1}
    opened = world.do("RetailerMSP", "facilities:Open", **terms, notes=[note], change=HOT, **draws((0, 100)))
    more = {"facility": opened.reply["facility"]["id"], "part": 0, "currency": "EUR", "amount": "300"}

    def refused(to: str) -> tuple[str, str | None]:
        agreed = payment(300, COLD, to, operation="facilities:TopUp")
        fields = {**more, "notes": [cold], "change": COLD, "authority": signed(agreed, 1, 2)}
        return world.refused("RetailerMSP", "facilities:TopUp", **fields)

    # The money would come out of the facility into the account that opened it: that is whom it is for.
    assert refused("RetailerMSP") == ("INSTRUCTION_MISMATCH", "authority.instruction.outputs")
    assert refused(HOT) == ("NOT_PERMITTED", "authority.instruction")
