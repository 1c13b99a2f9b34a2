"""Hash time-locks: locked, claimed with the secret in time, or refunded after it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from hansa_domain.guards import Guard
from hansa_domain.operation import Caller
from tests.support.domain import MEMBERS, World, consortium, mint, ulid

SECRET = "ab" * 32
HASH = sha256(bytes.fromhex(SECRET)).hexdigest()
AT = "2027-01-15T08:00:00.000Z"
EXPIRES = "2027-01-15T08:01:00.000Z"
LOCK = {"amount": "60", "currency": "EUR", "recipient": "ProducerMSP", "hash": HASH, "expires_within": 60}


def locked(**changes: Any) -> tuple[World, str]:
    """60 of the retailer's 100 under the hash, for the producer, for a minute."""
    world = consortium()
    note = mint(world, "100")
    reply = world.do("RetailerMSP", "hashlocks:Lock", notes=[note], **{**LOCK, **changes}).reply
    return world, reply["hashlock"]["id"]


def test_money_is_locked_and_change_comes_back() -> None:
    world = consortium()
    note = mint(world, "100")
    result = world.do("RetailerMSP", "hashlocks:Lock", notes=[note], **LOCK, id=ulid(1))
    name = f"RetailerMSP.{ulid(1)}"
    change = {"id": f"{name}.0", "owner": "RetailerMSP", "currency": "EUR", "amount": "40"}
    record = {
        "v": 1,
        "id": name,
        "status": "locked",
        "payer": "RetailerMSP",
        "recipient": "ProducerMSP",
        "currency": "EUR",
        "amount": "60",
        "hash": HASH,
        "expires_at": EXPIRES,
        "locked_at": AT,
        "preimage": None,
        "closed_at": None,
    }
    assert result.writes == {
        ("note", note): None,
        ("owned", "RetailerMSP", "EUR", note): None,
        ("note", change["id"]): {"v": 1, **change},
        ("owned", "RetailerMSP", "EUR", change["id"]): {"v": 1, "note": change["id"], "amount": "40"},
        ("hashlock", name): record,
    }
    told, moved = result.events
    kept = {key: record[key] for key in ("payer", "recipient", "currency", "amount", "hash", "expires_at")}
    assert told == {"type": "hashlock.locked", "v": 1, "hashlock": name, **kept, "at": AT}
    assert (moved["type"], moved["reason"], moved["created"]) == ("money.moved", "lock", [change])
    assert result.reply == {"hashlock": record, "change": change}
    assert result.outcome.guards["hashlock", name] == Guard(
        tuple(sorted(member["msp_id"] for member in MEMBERS)), "RetailerMSP"
    )


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount": "0"}, "AMOUNT_ZERO", "amount"),
        ({"amount": "101"}, "FUNDS_INSUFFICIENT", "notes"),
        ({"currency": "CNY"}, "CURRENCY_MISMATCH", "notes[0]"),
        ({"currency": "ABC"}, "CURRENCY_UNKNOWN", "currency"),
        ({"recipient": "ElseMSP"}, "MEMBER_NOT_FOUND", "recipient"),
        ({"hash": HASH.upper()}, "FIELD_INVALID", "hash"),
        ({"hash": HASH[:-2]}, "FIELD_INVALID", "hash"),
        ({"expires_within": 0}, "FIELD_INVALID", "expires_within"),
        ({"change": "ProducerMSP"}, "NOT_PERMITTED", "change"),
        ({"notes": []}, "FIELD_INVALID", "notes"),
        ({"notes": [f"BankMSP.{ulid('gone')}.0"]}, "NOTE_NOT_FOUND", "notes[0]"),
    ],
)
def test_lock_refusals(changes: dict[str, Any], code: str, field: str) -> None:
    world = consortium()
    fields = {"notes": [mint(world, "100")], **LOCK, **changes}
    assert world.refused("RetailerMSP", "hashlocks:Lock", **fields) == (code, field)


def test_nobody_locks_another_s_money() -> None:
    world = consortium()
    fields = {"notes": [mint(world, "100")], **LOCK}
    assert world.refused("CarrierMSP", "hashlocks:Lock", **fields) == ("NOTE_NOT_YOURS", "notes[0]")


def test_the_secret_pays_the_recipient() -> None:
    world, lock = locked(recipient="ProducerMSP/sales")
    world.pass_time(59)
    result = world.do("ProducerMSP", "hashlocks:Claim", hashlock=lock, preimage=SECRET, id=ulid(2))
    note = f"ProducerMSP.{ulid(2)}.0"
    paid = {"id": note, "owner": "ProducerMSP/sales", "currency": "EUR", "amount": "60"}
    assert set(result.writes) == {
        ("note", note),
        ("owned", "ProducerMSP/sales", "EUR", note),
        ("hashlock", lock),
    }
    assert result.reply["notes"] == [paid]
    told, moved = result.events
    assert (told["type"], told["hashlock"], told["preimage"]) == ("hashlock.claimed", lock, SECRET)
    assert (moved["reason"], moved["consumed"], moved["created"]) == ("claim", [], [paid])
    found = world.ask("RetailerMSP", "hashlocks:Get", hashlock=lock)["hashlock"]
    assert (found["status"], found["preimage"]) == ("claimed", SECRET)
    assert ("hashlock", lock) not in result.outcome.guards
    for name, fields in (("Claim", {"preimage": SECRET}), ("Refund", {})):
        world.pass_time(60)
        refused = world.refused("ProducerMSP", f"hashlocks:{name}", hashlock=lock, **fields)
        assert refused == ("HASHLOCK_STATE", "hashlock")


def test_claim_refusals() -> None:
    world, lock = locked()

    def refused(caller: str, preimage: str, hashlock: str = lock) -> tuple[str, str | None]:
        return world.refused(caller, "hashlocks:Claim", hashlock=hashlock, preimage=preimage)

    assert refused("RetailerMSP", SECRET) == ("NOT_PERMITTED", None)
    assert refused("ProducerMSP", "ab" * 31) == ("PREIMAGE_WRONG", "preimage")
    assert refused("ProducerMSP", "ab" * 65) == ("FIELD_INVALID", "preimage")
    assert refused("ProducerMSP", "abc") == ("FIELD_INVALID", "preimage")
    assert refused("ProducerMSP", "") == ("FIELD_INVALID", "preimage")
    gone = f"RetailerMSP.{ulid('gone')}"
    assert refused("ProducerMSP", SECRET, gone) == ("HASHLOCK_NOT_FOUND", "hashlock")
    world.pass_time(60)
    assert refused("ProducerMSP", SECRET) == ("HASHLOCK_EXPIRED", "hashlock")


def test_after_its_time_anybody_sends_the_money_home() -> None:
    world, lock = locked(change="RetailerMSP/till")
    world.pass_time(59)
    refused = world.refused("RegulatorMSP", "hashlocks:Refund", hashlock=lock)
    assert refused == ("HASHLOCK_NOT_EXPIRED", "hashlock")
    world.pass_time(1)
    result = world.do("RegulatorMSP", "hashlocks:Refund", hashlock=lock)
    told, moved = result.events
    assert (told["type"], told["by"], told["payer"]) == (
        "hashlock.refunded",
        "RegulatorMSP",
        "RetailerMSP/till",
    )
    assert (moved["reason"], moved["created"]) == ("refund", result.reply["notes"])
    assert world.balance("RetailerMSP/till") == 100
    refused = world.refused("RetailerMSP", "hashlocks:Refund", hashlock=lock)
    assert refused == ("HASHLOCK_STATE", "hashlock")


def test_they_are_listed_and_their_guards_renewed() -> None:
    world, lock = locked()
    listed = world.ask("BankMSP", "hashlocks:List", limit=1)
    assert [found["id"] for found in listed["hashlocks"]] == [lock]
    assert world.ask("BankMSP", "guards:List", kind="hashlock")["ids"] == [lock]
    renewed = world.do(Caller("BankMSP", "user"), "guards:Renew", hashlocks=[lock])
    assert renewed.outcome.guards["hashlock", lock].owner == "RetailerMSP"
    assert renewed.events[0]["hashlocks"] == [lock]
    world.do("ProducerMSP", "hashlocks:Claim", hashlock=lock, preimage=SECRET)
    assert world.ask("BankMSP", "guards:List", kind="hashlock")["ids"] == []
    assert world.do("BankMSP", "guards:Renew", hashlocks=[lock]).reply["renewed"] == 0
