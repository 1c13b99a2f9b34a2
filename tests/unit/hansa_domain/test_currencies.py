"""Who may issue a currency, what backs it, and frozen accounts."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from hansa_domain.frozen import MAX_FROZEN
from hansa_domain.operation import Caller
from tests.support.domain import World, consortium, mint, ulid

LATER = "2027-01-16T08:00:00.000Z"
ORDER = {"reference": "4 O 7/27", "document": "0d" * 32}
AUDIT = {
    "currency": "EUR",
    "amount": "100000",
    "as_of": "2027-01-15",
    "document": "ad" * 32,
    "auditor": "Audit & Sons",
}


def admin(name: str) -> Caller:
    return Caller(f"{name}MSP", "admin", admin=True)


def with_a_later_bank() -> World:
    """The carrier is a bank that joined a day after the consortium began."""
    world = consortium()
    member = {**world.record("member", "CarrierMSP"), "role": "bank", "joined_at": LATER}
    world.state["member", "CarrierMSP"] = json.dumps(member).encode()
    return world


def test_a_later_bank_issues_what_a_majority_approved() -> None:
    world = with_a_later_bank()
    money = {"currency": "TRY", "amount": "5", "owner": "RetailerMSP"}
    assert world.refused("CarrierMSP", "money:Mint", **money) == ("CURRENCY_NOT_APPROVED", "currency")
    for name in ("Producer", "Retailer", "Retailer"):
        world.do(admin(name), "currencies:Approve", currency="TRY", bank="CarrierMSP")
    world.do(admin("Regulator"), "currencies:Approve", currency="USD", bank="CarrierMSP")
    world.do(admin("Regulator"), "currencies:Approve", currency="TRY", bank="BankMSP")
    assert world.refused("CarrierMSP", "money:Mint", **money) == ("CURRENCY_NOT_APPROVED", "currency")
    result = world.do(admin("Regulator"), "currencies:Approve", currency="TRY", bank="CarrierMSP")
    approval = {
        "v": 1,
        "currency": "TRY",
        "bank": "CarrierMSP",
        "member": "RegulatorMSP",
        "approved_by": "admin",
        "approved_at": "2027-01-15T08:00:00.000Z",
    }
    assert result.writes == {("issuer-approval", "TRY", "CarrierMSP", "RegulatorMSP"): approval}
    assert result.event_types == ["currency.issuer_approved"]
    found = world.ask("BankMSP", "currencies:Approvals", currency="TRY")["approvals"]
    assert [(each["bank"], each["member"]) for each in found] == [
        ("BankMSP", "RegulatorMSP"),
        ("CarrierMSP", "ProducerMSP"),
        ("CarrierMSP", "RegulatorMSP"),
        ("CarrierMSP", "RetailerMSP"),
    ]
    assert world.do("CarrierMSP", "money:Mint", **money).event_types == ["currency.defined", "money.moved"]
    # What it issues it goes on issuing, whoever comes and goes.
    for key in [key for key in world.state if key[0] == "issuer-approval"]:
        del world.state[key]
    world.do("CarrierMSP", "money:Mint", **money)


def test_a_member_that_left_approves_no_more() -> None:
    world = with_a_later_bank()
    for name in ("Producer", "Retailer", "Regulator"):
        world.do(admin(name), "currencies:Approve", currency="TRY", bank="CarrierMSP")
    roster = ["BankMSP", "CarrierMSP", "ProducerMSP", "RetailerMSP"]
    world.state["roster",] = json.dumps({"v": 1, "members": roster}).encode()
    refused = world.refused("CarrierMSP", "money:Mint", currency="TRY", amount="5", owner="RetailerMSP")
    assert refused == ("CURRENCY_NOT_APPROVED", "currency")


@pytest.mark.parametrize(
    ("caller", "currency", "bank", "code", "field"),
    [
        (Caller("ProducerMSP", "user"), "TRY", "BankMSP", "NOT_PERMITTED", None),
        (admin("Producer"), "TRY", "RetailerMSP", "NOT_PERMITTED", "bank"),
        (admin("Producer"), "TRY", "ElseMSP", "MEMBER_NOT_FOUND", "bank"),
        (admin("Producer"), "ABC", "BankMSP", "CURRENCY_UNKNOWN", "currency"),
        (admin("Producer"), "EUR", "BankMSP", "CURRENCY_NOT_YOURS", "currency"),
        (admin("Else"), "TRY", "BankMSP", "NOT_A_MEMBER", None),
    ],
)
def test_approve_refusals(caller: Caller, currency: str, bank: str, code: str, field: str | None) -> None:
    world = consortium()
    mint(world, "5")
    refused = world.refused(caller, "currencies:Approve", currency=currency, bank=bank)
    assert refused == (code, field)


def test_the_issuer_attests_its_reserves() -> None:
    world = consortium()
    mint(world, "5")
    result = world.do("BankMSP", "currencies:Attest", **AUDIT, id=ulid("audit"))
    name = f"BankMSP.{ulid('audit')}"
    attested = {
        "v": 1,
        "id": name,
        "issuer": "BankMSP",
        "attested_at": "2027-01-15T08:00:00.000Z",
        **AUDIT,
    }
    assert result.writes == {("attestation", "EUR", name): attested}
    assert result.event_types == ["currency.reserves_attested"]
    listed = world.ask("RetailerMSP", "currencies:Attestations", currency="EUR")
    assert listed == {"attestations": [attested], "bookmark": ""}


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("RetailerMSP", {}, "CURRENCY_NOT_YOURS", "currency"),
        ("BankMSP", {"currency": "CNY"}, "CURRENCY_UNKNOWN", "currency"),
        ("BankMSP", {"as_of": "2027-01-16"}, "FIELD_INVALID", "as_of"),
        ("BankMSP", {"as_of": "2026-02-29"}, "FIELD_INVALID", "as_of"),
        ("BankMSP", {"as_of": "1.1.2027"}, "FIELD_INVALID", "as_of"),
        ("BankMSP", {"document": "ad"}, "FIELD_INVALID", "document"),
    ],
)
def test_attest_refusals(caller: str, changes: dict[str, Any], code: str, field: str) -> None:
    world = consortium()
    mint(world, "5")
    assert world.refused(caller, "currencies:Attest", **{**AUDIT, **changes}) == (code, field)


def test_nothing_is_paid_out_of_a_frozen_account() -> None:
    world = consortium()
    frozen, free = mint(world, "50", "RetailerMSP/till"), mint(world, "50")
    result = world.do(
        "BankMSP", "currencies:Freeze", account="RetailerMSP/till", reason="Seizure", court_order=ORDER
    )
    record = {
        "v": 1,
        "account": "RetailerMSP/till",
        "by": "BankMSP",
        "reason": "Seizure",
        "court_order": "4 O 7/27",
        "order_hash": "0d" * 32,
        "frozen_at": "2027-01-15T08:00:00.000Z",
    }
    assert result.writes == {
        ("freeze", "RetailerMSP/till"): record,
        ("frozen",): {"v": 1, "accounts": ["RetailerMSP/till"]},
    }
    assert result.event_types == ["account.frozen"]
    assert world.ask("RetailerMSP", "currencies:Frozen") == {"freezes": [record]}

    lock = {"currency": "EUR", "recipient": "ProducerMSP", "hash": sha256(b"").hexdigest()}
    spending: list[tuple[str, dict[str, Any]]] = [
        ("money:Transfer", {"outputs": [{"owner": "ProducerMSP", "amount": "50"}]}),
        ("money:Transfer", {"outputs": [{"owner": "RetailerMSP/till", "amount": "50"}]}),
        ("hashlocks:Lock", {**lock, "amount": "50", "expires_within": 60}),
    ]
    for name, fields in spending:
        refused = world.refused("RetailerMSP", name, notes=[frozen], **fields)
        assert refused == ("ACCOUNT_FROZEN", "notes")
    # Another account of the same member pays, and what comes in stays in.
    into = [{"owner": "RetailerMSP/till", "amount": "50"}]
    world.do("RetailerMSP", "money:Transfer", notes=[free], outputs=into)
    assert world.balance("RetailerMSP/till") == 100

    unfrozen = world.do("BankMSP", "currencies:Unfreeze", account="RetailerMSP/till", reason="Paid")
    assert unfrozen.writes == {("freeze", "RetailerMSP/till"): None, ("frozen",): {"v": 1, "accounts": []}}
    assert unfrozen.event_types == ["account.unfrozen"]
    world.do("RetailerMSP", "money:Transfer", notes=[frozen], outputs=into)


def test_who_may_freeze_and_unfreeze() -> None:
    world = consortium()
    fields = {"account": "RetailerMSP", "reason": "Doubt"}

    def refused(caller: str, verb: str, **more: Any) -> tuple[str, str | None]:
        return world.refused(caller, f"currencies:{verb}", **{**fields, **more})

    assert refused("ProducerMSP", "Freeze", court_order=ORDER) == ("NOT_PERMITTED", None)
    assert refused("BankMSP", "Freeze") == ("NOT_PERMITTED", "court_order")
    assert refused("RegulatorMSP", "Freeze", account="ElseMSP") == ("MEMBER_NOT_FOUND", "account")
    assert refused("RegulatorMSP", "Unfreeze") == ("ACCOUNT_NOT_FROZEN", "account")
    world.do("RegulatorMSP", "currencies:Freeze", **fields)
    assert refused("RegulatorMSP", "Freeze") == ("ACCOUNT_FROZEN", "account")
    assert refused("BankMSP", "Unfreeze") == ("NOT_PERMITTED", None)
    assert refused("RetailerMSP", "Unfreeze") == ("NOT_PERMITTED", None)
    world.do("RegulatorMSP", "currencies:Unfreeze", **fields)
    many = [f"CarrierMSP/{number}" for number in range(MAX_FROZEN)]
    world.state["frozen",] = json.dumps({"v": 1, "accounts": many}).encode()
    assert refused("RegulatorMSP", "Freeze") == ("TOO_MANY_FROZEN", "account")
