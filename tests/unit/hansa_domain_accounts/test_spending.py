"""Money leaves an account by its rules only, whatever operation takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hansa_domain
from hansa_domain.operation import Caller
from tests.support.domain import World, market, mint, order_fields, ulid
from tests.support.signers import (
    COLD,
    HOT,
    funded,
    name,
    open_accounts,
    outputs,
    payment,
    rules,
    signed,
)

DAY = "2027-01-15"


def pay(note: str, amount: int, *draws: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A transfer to the producer out of the hot account's note of 1000."""
    return {
        "notes": [note],
        "outputs": outputs(("ProducerMSP", amount), (HOT, 1000 - amount)),
        "authority": {"draws": [{"slice": part, "amount": str(minor)} for part, minor in draws]},
        **more,
    }


def test_a_user_pays_alone_within_the_limits() -> None:
    world, note, _ = funded()
    result = world.do("RetailerMSP", "money:Transfer", **pay(note, 100, (0, 60), (3, 40)))
    drawn = {key: value["drawn"] for key, value in result.writes.items() if key[0] == "allowance"}
    assert drawn == {
        ("allowance", HOT, "EUR", DAY, "00"): "60",
        ("allowance", HOT, "EUR", DAY, "03"): "40",
    }
    assert result.event_types == ["money.moved", "account.paid"]
    paid = result.events[1]
    assert (paid["operation"], paid["amount"], paid["instruction"]) == ("money:Transfer", "100", None)
    left = world.ask("BankMSP", "accounts:Allowance", account=HOT, currency="EUR")
    assert (left["left"], left["per_payment"], left["day"]) == ("302", "100", DAY)
    # 402 in four slices: two of 101, two of 100.
    assert [part["left"] for part in left["slices"]] == ["41", "101", "100", "60"]
    world.pass_time(86_400)
    assert world.ask("BankMSP", "accounts:Allowance", account=HOT, currency="EUR")["left"] == "402"


@pytest.mark.parametrize(
    ("amount", "draws", "code", "field"),
    [
        (101, [(0, 101)], "SIGNATURES_REQUIRED", "authority"),
        (60, [(0, 59)], "AMOUNTS_DIFFER", "authority.draws"),
        (60, [], "AMOUNTS_DIFFER", "authority.draws"),
        (60, [(1, 30), (1, 30)], "FIELD_INVALID", "authority.draws"),
        (60, [(4, 60)], "ALLOWANCE_EXCEEDED", "authority.draws[0]"),
        (60, [(1, 10), (0, 50)], "ALLOWANCE_EXCEEDED", "authority.draws[1]"),
    ],
)
def test_what_a_user_cannot_pay_alone(
    amount: int, draws: list[tuple[int, int]], code: str, field: str
) -> None:
    world, note, _ = funded()
    other = mint(world, "1000", HOT)
    world.do("RetailerMSP", "money:Transfer", **pay(other, 100, (0, 100)))
    assert world.refused("RetailerMSP", "money:Transfer", **pay(note, amount, *draws)) == (code, field)


def test_nothing_is_paid_without_authority() -> None:
    world, hot, cold = funded()
    for note, owner, code in ((hot, HOT, "AUTHORITY_MISSING"), (cold, COLD, "SIGNATURES_REQUIRED")):
        to = outputs(("ProducerMSP", 1), (owner, 999))
        refused = world.refused("RetailerMSP", "money:Transfer", notes=[note], outputs=to)
        assert refused == (code, "authority")
        # Not to one's own main account either.
        to = outputs(("RetailerMSP", 1), (owner, 999))
        assert world.refused("RetailerMSP", "money:Transfer", notes=[note], outputs=to) == (code, "authority")
    yen = mint(world, "5", HOT, "JPY")
    to = outputs(("ProducerMSP", 5))
    assert world.refused("RetailerMSP", "money:Transfer", notes=[yen], outputs=to)[0] == "SIGNATURES_REQUIRED"


def test_splitting_and_joining_within_an_account_needs_none() -> None:
    world, _, cold = funded()
    to = outputs((COLD, 400), (COLD, 600))
    assert world.do("RetailerMSP", "money:Transfer", notes=[cold], outputs=to).event_types == ["money.moved"]
    extra = {"notes": [mint(world, "5")], "outputs": outputs(("ProducerMSP", 5)), "authority": {"draws": []}}
    assert world.refused("RetailerMSP", "money:Transfer", **extra) == ("ACCOUNT_NOT_FOUND", "authority")


def instructed(note: str, document: dict[str, Any], *signers: int, **more: Any) -> dict[str, Any]:
    """A transfer as the instruction has it, with the rest of 1000 back."""
    rest = 1000 - int(document["amount"])
    to = [*document["outputs"], {"owner": document["account"], "amount": str(rest)}]
    return {"notes": [note], "outputs": to, "authority": signed(document, *signers), **more}


def test_signers_let_more_out_once() -> None:
    world, hot, _ = funded()
    result = world.do("RetailerMSP", "money:Transfer", **instructed(hot, payment(), 1, 3))
    used = world.record("instruction", HOT, ulid(("instruction", 1)))
    assert used["signed_by"] == [name(1), name(3)]
    assert used["command"] == f"RetailerMSP.{result.command_id}"
    assert result.events[1]["signed_by"] == [name(1), name(3)]
    assert world.ask("BankMSP", "accounts:Allowance", account=HOT, currency="EUR")["left"] == "402"
    again = instructed(mint(world, "1000", HOT), payment(), 1, 3)
    assert world.refused("RetailerMSP", "money:Transfer", **again) == (
        "INSTRUCTION_USED",
        "authority.instruction.id",
    )


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"operation": "money:Burn"}, "operation"),
        ({"account": COLD}, "account"),
        ({"opened_at": "2027-01-15T08:00:00.001Z"}, "opened_at"),
        ({"amount": "299"}, "amount"),
        ({"currency": "JPY"}, "amount"),
        ({"outputs": [{"owner": "BankMSP", "amount": "300"}]}, "outputs"),
        ({"outputs": [{"owner": "ProducerMSP", "amount": "299"}]}, "outputs"),
    ],
)
def test_what_is_carried_out_is_what_was_signed(document: dict[str, Any], field: str) -> None:
    world, hot, _ = funded()
    fields = instructed(hot, payment(), 1, 2)
    fields["authority"] = signed(payment(**document), 1, 2)
    refused = world.refused("RetailerMSP", "money:Transfer", **fields)
    assert refused == ("INSTRUCTION_MISMATCH", f"authority.instruction.{field}")


def test_fewer_signers_let_nothing_out_and_draws_do_not_go_with_them() -> None:
    world, hot, cold = funded()
    assert world.refused("RetailerMSP", "money:Transfer", **instructed(hot, payment(), 2)) == (
        "SIGNATURES_INSUFFICIENT",
        "authority.signatures",
    )
    fields = instructed(cold, payment(account=COLD), 1, 2)
    fields["authority"]["draws"] = [{"slice": 0, "amount": "300"}]
    assert world.refused("RetailerMSP", "money:Transfer", **fields) == ("FIELD_INVALID", "authority.draws")


def test_a_cold_account_pays_others_with_signatures_but_refills_with_a_delay_only() -> None:
    world, _, cold = funded()
    direct = instructed(cold, payment(account=COLD, to=HOT), 1, 2)
    assert world.refused("RetailerMSP", "money:Transfer", **direct) == (
        "NOT_PERMITTED",
        "authority.instruction",
    )
    world.do("RetailerMSP", "money:Transfer", **instructed(cold, payment(account=COLD), 1, 2))
    assert (world.balance(COLD), world.balance("ProducerMSP")) == (700, 300)


def test_accounts_are_not_mixed() -> None:
    world, hot, cold = funded()
    both = {"notes": [hot, cold], "outputs": outputs(("ProducerMSP", 2000))}
    assert world.refused("RetailerMSP", "money:Transfer", **both) == ("ACCOUNTS_MIXED", "notes")
    fields = instructed(hot, payment(), 1, 2)
    fields["notes"].append(mint(world, "5"))
    fields["outputs"].append({"owner": "RetailerMSP", "amount": "5"})
    assert world.refused("RetailerMSP", "money:Transfer", **fields) == ("ACCOUNTS_MIXED", "notes")


def shop() -> tuple[World, str, str]:
    world, listing = market()
    open_accounts(world)
    return world, listing, mint(world, "1500", HOT)


def test_an_order_is_a_payment_to_its_seller() -> None:
    world, listing, note = shop()
    fields = order_fields(listing, [note], change=HOT)
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("SIGNATURES_REQUIRED", "authority")
    wrong = payment(1100, to="BankMSP", operation="orders:Place")
    assert world.refused("RetailerMSP", "orders:Place", **fields, authority=signed(wrong, 1, 2)) == (
        "INSTRUCTION_MISMATCH",
        "authority.instruction.outputs",
    )
    right = payment(1100, operation="orders:Place")
    done = world.do("RetailerMSP", "orders:Place", **fields, authority=signed(right, 1, 2))
    assert done.event_types[-1] == "account.paid"
    assert world.balance(HOT) == 400


def test_what_an_order_gives_back_returns_to_the_account() -> None:
    world, listing, note = shop()
    right = signed(payment(1100, operation="orders:Place"), 1, 2)
    fields = order_fields(listing, [note], authority=right)
    world.do("RetailerMSP", "money:Transfer", notes=[note], outputs=outputs((HOT, 1100), (HOT, 400)))
    exact = world.ask("BankMSP", "money:Notes", owner=HOT, currency="EUR")["notes"]
    fields["notes"] = [each["id"] for each in exact if each["amount"] == "1100"]
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("NOT_PERMITTED", "change")


def test_a_hash_time_lock_is_a_payment_to_its_recipient() -> None:
    world, note, _ = funded()
    lock = {"notes": [note], "amount": "300", "currency": "EUR", "recipient": "ProducerMSP/locks"}
    lock |= {"hash": "ab" * 32, "expires_within": 60, "change": HOT}
    assert world.refused("RetailerMSP", "hashlocks:Lock", **lock)[0] == "SIGNATURES_REQUIRED"
    right = payment(300, to="ProducerMSP/locks", operation="hashlocks:Lock")
    world.do("RetailerMSP", "hashlocks:Lock", **lock, authority=signed(right, 2, 3))
    assert world.balance(HOT) == 700


def test_an_order_within_the_limits_needs_no_signature() -> None:
    world, listing, note = shop()
    world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    cheap = {"gtin": "09506000134352", "unit_price": "9", "currency": "EUR", "quantity": 9, "buckets": 1}
    listing = world.do("ProducerMSP", "listings:Create", **cheap).reply["listing"]["id"]
    fields = order_fields(listing, [note], quantity=2, change=HOT)
    fields |= {"amount": "18", "freight": "0", "authority": {"draws": [{"slice": 1, "amount": "18"}]}}
    assert world.do("RetailerMSP", "orders:Place", **fields).event_types[-1] == "account.paid"


def test_a_burn_is_a_payment_too() -> None:
    world, _, _ = funded()
    world.do("BankMSP", "money:Mint", currency="EUR", amount="7", owner="BankMSP/till")
    note = world.ask("BankMSP", "money:Notes", owner="BankMSP/till", currency="EUR")["notes"][0]["id"]
    admin = Caller("BankMSP", "admin", admin=True)
    world.do(admin, "accounts:Open", account="BankMSP/till", kind="hot", rules=rules())
    assert world.refused("BankMSP", "money:Burn", notes=[note]) == ("SIGNATURES_REQUIRED", "authority")
    document = payment(7, "BankMSP/till", "BankMSP", operation="money:Burn")
    world.do("BankMSP", "money:Burn", notes=[note], authority=signed(document, 1, 2))
    assert world.balance("BankMSP/till") == 0


def test_only_refill_and_sweep_let_money_out_by_rules_of_their_own() -> None:
    domain = Path(hansa_domain.__file__).parent
    by_own_rules = {path.name for path in domain.rglob("*.py") if "released=(" in path.read_text("utf-8")}
    assert by_own_rules == {"refills.py"}


def test_payments_on_different_slices_do_not_touch_each_other() -> None:
    world, first, _ = funded()
    second = mint(world, "1000", HOT)
    one = world.do("RetailerMSP", "money:Transfer", **pay(first, 60, (0, 60)))
    two = world.do("RetailerMSP", "money:Transfer", **pay(second, 60, (1, 60)))
    assert not set(one.writes) & set(two.writes)
