"""Hot and cold: money comes after a delay in which any signer can stop it, and goes back at any time."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import Caller
from tests.support.domain import World, mint, ulid
from tests.support.signers import COLD, HOT, funded, name, notice, outputs, payment, refill, signed


def proposed(amount: int = 400, number: object = 1) -> tuple[World, str, str]:
    """The accounts, the cold one's note, and a refill that waits."""
    world, _, cold = funded()
    return world, cold, propose(world, amount, number)


def propose(world: World, amount: int, number: object) -> str:
    document = signed(refill(amount, number), 1, 2)
    return str(
        world.do("RetailerMSP", "accounts:ProposeRefill", account=HOT, **document).reply["refill"]["id"]
    )


def test_a_refill_waits_and_anybody_completes_it() -> None:
    world, cold, waiting = proposed()
    record = world.record("refill", waiting)
    assert (record["due"], record["status"], record["signed_by"]) == (
        "2027-01-15T08:01:00.000Z",
        "waiting",
        [name(1), name(2)],
    )
    assert world.balance(COLD) == 1000
    complete: dict[str, Any] = {"refill": waiting, "notes": [cold]}
    assert world.refused("CarrierMSP", "accounts:CompleteRefill", **complete) == ("DELAY_NOT_OVER", "refill")
    world.pass_time(60)
    done = world.do("CarrierMSP", "accounts:CompleteRefill", **complete)
    assert done.event_types == ["account.refill_completed", "money.moved"]
    assert done.events[1]["reason"] == "refill"
    assert [(note["owner"], note["amount"]) for note in done.reply["notes"]] == [(HOT, "400"), (COLD, "600")]
    assert world.record("refilled", HOT, "EUR")["amount"] == "400"
    assert world.ask("BankMSP", "accounts:GetRefill", refill=waiting)["refill"]["status"] == "completed"
    rest = done.reply["notes"][1]["id"]
    again = world.refused("CarrierMSP", "accounts:CompleteRefill", refill=waiting, notes=[rest])
    assert again == ("REFILL_STATE", "refill")


@pytest.mark.parametrize("by", ["signature", "certificate"])
def test_any_signer_stops_it(by: str) -> None:
    world, cold, waiting = proposed()
    fields: dict[str, Any] = {"refill": waiting}
    caller = Caller("CarrierMSP", "driver", key=name(3))
    if by == "signature":
        caller = Caller("CarrierMSP", "driver")
        fields["signature"] = notice("accounts:StopRefill", waiting, 3)
    stopped = world.do(caller, "accounts:StopRefill", **fields)
    assert stopped.event_types == ["account.refill_stopped"]
    assert stopped.reply["refill"]["stopped_by"] == name(3)
    world.pass_time(60)
    complete: dict[str, Any] = {"refill": waiting, "notes": [cold]}
    assert world.refused("RetailerMSP", "accounts:CompleteRefill", **complete) == ("REFILL_STATE", "refill")
    assert world.refused(caller, "accounts:StopRefill", **fields) == ("REFILL_STATE", "refill")
    # What was signed for it is used up.
    again = signed(refill(), 1, 2)
    assert world.refused("RetailerMSP", "accounts:ProposeRefill", account=HOT, **again) == (
        "INSTRUCTION_USED",
        "instruction.id",
    )


def test_nobody_else_stops_it() -> None:
    world, _, waiting = proposed()
    assert world.refused("RetailerMSP", "accounts:StopRefill", refill=waiting) == ("NOT_PERMITTED", None)
    wrong = notice("accounts:StopRefill", waiting, 4)
    assert world.refused("RetailerMSP", "accounts:StopRefill", refill=waiting, signature=wrong) == (
        "SIGNER_UNKNOWN",
        "signature.key",
    )
    gone = f"RetailerMSP.{ulid('gone')}"
    assert world.refused("RetailerMSP", "accounts:StopRefill", refill=gone) == ("REFILL_NOT_FOUND", "refill")


@pytest.mark.parametrize(
    ("document", "signers", "code", "field"),
    [
        (refill(501), (1, 2), "CAP_EXCEEDED", "instruction.amount"),
        (refill(0), (1, 2), "AMOUNT_ZERO", "instruction.amount"),
        (refill(), (1,), "SIGNATURES_INSUFFICIENT", "signatures"),
        (payment(400, COLD, HOT), (1, 2), "INSTRUCTION_MISMATCH", "instruction.operation"),
        ({**refill(), "account": HOT}, (1, 2), "INSTRUCTION_MISMATCH", "instruction.account"),
        (
            {**refill(), "outputs": outputs(("BankMSP", 400))},
            (1, 2),
            "INSTRUCTION_MISMATCH",
            "instruction.outputs",
        ),
    ],
)
def test_what_cannot_be_proposed(document: Any, signers: tuple[int, ...], code: str, field: str) -> None:
    world, _, _ = funded()
    fields: dict[str, Any] = {"account": HOT, **signed(document, *signers)}
    assert world.refused("RetailerMSP", "accounts:ProposeRefill", **fields) == (code, field)
    assert world.refused("BankMSP", "accounts:ProposeRefill", **fields) == ("NOT_PERMITTED", "account")


def test_a_refill_takes_the_cold_accounts_notes_only() -> None:
    world, cold, waiting = proposed()
    world.pass_time(60)
    main, hot, small = mint(world, "500"), mint(world, "500", HOT), mint(world, "5", COLD)
    yen = mint(world, "500", COLD, "JPY")
    for note, code in (
        (main, "NOTE_NOT_YOURS"),
        (hot, "NOTE_NOT_YOURS"),
        (yen, "CURRENCY_MISMATCH"),
        (f"BankMSP.{ulid('gone')}.0", "NOTE_NOT_FOUND"),
        (small, "FUNDS_INSUFFICIENT"),
    ):
        refused = world.refused("BankMSP", "accounts:CompleteRefill", refill=waiting, notes=[note])
        assert refused[0] == code
    assert world.refused("BankMSP", "accounts:CompleteRefill", refill=waiting, notes=[cold, cold])[0] == (
        "NOTE_REPEATED"
    )


def test_the_cap_counts_what_was_refilled_and_not_seen_to_leave() -> None:
    world, cold, first = proposed(400)
    second = propose(world, 300, 2)
    world.pass_time(60)
    done = world.do("BankMSP", "accounts:CompleteRefill", refill=first, notes=[cold])
    note, cold = (each["id"] for each in done.reply["notes"])
    complete: dict[str, Any] = {"refill": second, "notes": [cold]}
    assert world.refused("BankMSP", "accounts:CompleteRefill", **complete) == ("CAP_EXCEEDED", "refill")
    draws = {"draws": [{"slice": 0, "amount": "100"}]}
    to = outputs(("ProducerMSP", 100), (HOT, 300))
    world.do("RetailerMSP", "money:Transfer", notes=[note], outputs=to, authority=draws)
    more = mint(world, "1000", HOT)
    to = outputs(("ProducerMSP", 100), (HOT, 900))
    world.do(
        "RetailerMSP",
        "money:Transfer",
        notes=[more],
        outputs=to,
        authority=signed(payment(100, number="x"), 1, 2),
    )
    # Today's payments count from tomorrow on, so that a refill conflicts with none of them.
    assert world.refused("BankMSP", "accounts:CompleteRefill", **complete)[0] == "CAP_EXCEEDED"
    world.pass_time(86_400)
    world.do("BankMSP", "accounts:CompleteRefill", **complete)
    counted = world.record("refilled", HOT, "EUR")
    assert (counted["amount"], counted["counted_to"]) == ("500", "2027-01-16")


def test_what_is_swept_makes_room() -> None:
    world, cold, first = proposed(400)
    second = propose(world, 300, 2)
    world.pass_time(60)
    done = world.do("BankMSP", "accounts:CompleteRefill", refill=first, notes=[cold])
    note, cold = (each["id"] for each in done.reply["notes"])
    swept = world.do("RetailerMSP", "accounts:Sweep", account=HOT, notes=[note])
    assert swept.events[0]["reason"] == "sweep"
    assert swept.event_types == ["money.moved"]
    assert [(each["owner"], each["amount"]) for each in swept.reply["notes"]] == [(COLD, "400")]
    assert world.record("refilled", HOT, "EUR")["amount"] == "0"
    world.do("BankMSP", "accounts:CompleteRefill", refill=second, notes=[cold])


def test_who_sweeps_what() -> None:
    world, hot, cold = funded()
    assert world.refused("BankMSP", "accounts:Sweep", account=HOT, notes=[hot]) == (
        "NOT_PERMITTED",
        "account",
    )
    assert world.refused("RetailerMSP", "accounts:Sweep", account=HOT, notes=[cold])[0] == "NOTE_NOT_YOURS"
    refused = world.refused("RetailerMSP", "accounts:Sweep", account=COLD, notes=[cold])
    assert refused == ("ACCOUNT_RULES_INVALID", "account")
    assert world.do("RetailerMSP", "accounts:Sweep", account=HOT, notes=[hot]).writes.keys() == {
        ("note", hot),
        ("owned", HOT, "EUR", hot),
        *(key for key in world.state if key[0] in ("note", "owned") and key[-1].startswith("RetailerMSP")),
    }
