"""Accounts with rules: opened, changed by their signers, recovered."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hansa_domain.operation import Caller
from tests.support.domain import consortium, ulid
from tests.support.signers import (
    ADMIN,
    COLD,
    HOT,
    HOT_RULES,
    OPENED,
    ORDER,
    UNTIL,
    accounts,
    name,
    notice,
    rules,
    signature,
    signed,
    signer,
    spki,
)


def test_an_administrator_opens_an_account() -> None:
    world = consortium()
    result = world.do(ADMIN, "accounts:Open", account=COLD, kind="cold", rules=rules(), slices=2)
    account = world.record("account", COLD)
    assert result.writes == {("account", COLD): account}
    assert account == {
        "v": 1,
        "owner": COLD,
        "kind": "cold",
        "rules": rules(),
        "slices": 2,
        "revision": 1,
        "opened_at": "2027-01-15T08:00:00.000Z",
        "changed_at": "2027-01-15T08:00:00.000Z",
    }
    (event,) = result.events
    assert (event["type"], event["cause"], event["account"]) == ("account.rules_set", "opened", COLD)
    assert [each["key"] for each in event["signers"]] == [name(1), name(2), name(3)]
    assert world.ask("BankMSP", "accounts:Get", account=COLD) == {"account": account}
    assert world.ask("BankMSP", "accounts:List", organization="BankMSP")["accounts"] == []
    assert world.ask("BankMSP", "accounts:List")["accounts"] == [account]


def other_key(public: Any) -> dict[str, Any]:
    return {**signer(1), "public_key": base64.b64encode(spki(public)).decode()}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"account": "BankMSP/vault"}, "NOT_PERMITTED", "account"),
        ({"account": "RetailerMSP"}, "FIELD_INVALID", "account"),
        ({"rules": rules(threshold=4)}, "ACCOUNT_RULES_INVALID", "rules.threshold"),
        ({"rules": rules(1, 2, 1)}, "SIGNER_REPEATED", "rules.signers[2].key"),
        ({"rules": rules(delay=0)}, "FIELD_INVALID", "rules.delay"),
        ({"rules": rules(**{**HOT_RULES, "caps": []})}, "ACCOUNT_RULES_INVALID", "rules.caps"),
        ({"rules": rules(**{**HOT_RULES, "cold": "BankMSP/vault"})}, "ACCOUNT_RULES_INVALID", "rules.cold"),
        ({"rules": rules(**{**HOT_RULES, "cold": "RetailerMSP/no"})}, "ACCOUNT_NOT_FOUND", "rules.cold"),
        ({"rules": rules(**{**HOT_RULES, "cold": HOT})}, "ACCOUNT_RULES_INVALID", "rules.cold"),
        ({"kind": "cold", "rules": rules(**HOT_RULES)}, "ACCOUNT_RULES_INVALID", "rules.limits"),
        (
            {"rules": rules(limits=[{"currency": "EUR", "per_payment": "3", "per_day": "2"}])},
            "ACCOUNT_RULES_INVALID",
            "rules.limits[0].per_payment",
        ),
        (
            {"rules": rules(limits=[{"currency": "EUR", "per_payment": "1", "per_day": "2"}] * 2)},
            "ACCOUNT_RULES_INVALID",
            "rules.limits[1].currency",
        ),
        (
            {"rules": rules(limits=[{"currency": "ABC", "per_payment": "1", "per_day": "2"}])},
            "CURRENCY_UNKNOWN",
            "rules.limits[0].currency",
        ),
        (
            {"rules": {**rules(), "signers": [{**signer(1), "key": name(2)}, signer(3)]}},
            "SIGNER_KEY_INVALID",
            "rules.signers[0].key",
        ),
        *(
            (
                {"rules": {**rules(threshold=1), "signers": [bad]}},
                "SIGNER_KEY_INVALID",
                "rules.signers[0].public_key",
            )
            for bad in (
                other_key(ec.derive_private_key(5, ec.SECP384R1()).public_key()),
                other_key(ed25519.Ed25519PrivateKey.from_private_bytes(b"7" * 32).public_key()),
                {**signer(1), "public_key": "AAAA"},
                {**signer(1), "public_key": "A"},
                {**signer(1), "public_key": signer(1)["public_key"].rstrip("=") + "AAAA"},
            )
        ),
    ],
)
def test_what_cannot_be_opened(changes: dict[str, Any], code: str, field: str | None) -> None:
    fields: dict[str, Any] = {"account": "RetailerMSP/new", "kind": "hot", "rules": rules(), **changes}
    assert accounts().refused(ADMIN, "accounts:Open", **fields) == (code, field)


def test_nobody_else_opens_it_and_nobody_twice() -> None:
    world = accounts()
    fields: dict[str, Any] = {"account": COLD, "kind": "cold", "rules": rules(threshold=1)}
    assert world.refused(ADMIN, "accounts:Open", **fields) == ("ACCOUNT_ALREADY_OPEN", "account")
    fields["account"] = "RetailerMSP/new"
    assert world.refused("RetailerMSP", "accounts:Open", **fields) == ("NOT_PERMITTED", None)


def change(**more: Any) -> dict[str, Any]:
    return {
        "v": 2,
        "account": HOT,
        "opened_at": OPENED,
        "id": ulid("change"),
        "operation": "accounts:ChangeRules",
        "revision": 1,
        "rules": rules(1, 2, 4, 5, threshold=3, **HOT_RULES),
        "valid_until": UNTIL,
        **more,
    }


def test_signers_change_the_rules() -> None:
    world = accounts()
    result = world.do("RetailerMSP", "accounts:ChangeRules", **signed(change(), 3, 1))
    account = world.record("account", HOT)
    assert (account["revision"], account["rules"]["threshold"], account["slices"]) == (2, 3, 4)
    used = world.record("instruction", HOT, ulid("change"))
    assert used["signed_by"] == [name(3), name(1)]
    assert set(result.writes) == {("account", HOT), ("instruction", HOT, ulid("change"))}
    assert [(event["cause"], event["instruction"]) for event in result.events] == [
        ("changed", ulid("change"))
    ]
    refused = world.refused("RetailerMSP", "accounts:ChangeRules", **signed(change(), 1, 2))
    assert refused == ("ACCOUNT_REVISION", "instruction.revision")


@pytest.mark.parametrize(
    ("changes", "signers", "code", "field"),
    [
        ({}, (1,), "SIGNATURES_INSUFFICIENT", "signatures"),
        ({}, (1, 1), "SIGNER_REPEATED", "signatures[1].key"),
        ({}, (1, 4), "SIGNER_UNKNOWN", "signatures[1].key"),
        ({"account": "BankMSP/vault"}, (1, 2), "NOT_PERMITTED", "instruction.account"),
        ({"account": "RetailerMSP/other"}, (1, 2), "ACCOUNT_NOT_FOUND", "instruction.account"),
        (
            {"valid_until": "2027-01-15T07:59:59.999Z"},
            (1, 2),
            "INSTRUCTION_EXPIRED",
            "instruction.valid_until",
        ),
        ({"valid_until": "2027-02-30T00:00:00.000Z"}, (1, 2), "FIELD_INVALID", "instruction.valid_until"),
        ({"rules": rules(1, threshold=2)}, (1, 2), "ACCOUNT_RULES_INVALID", "instruction.rules.threshold"),
    ],
)
def test_what_does_not_change_the_rules(
    changes: dict[str, Any], signers: tuple[int, ...], code: str, field: str
) -> None:
    refused = accounts().refused("RetailerMSP", "accounts:ChangeRules", **signed(change(**changes), *signers))
    assert refused == (code, field)


def forged(how: str) -> dict[str, str]:
    good = signature(1, change())
    raw = base64.b64decode(good["signature"])
    r, s = decode_dss_signature(raw)
    made = {
        "another document": base64.b64decode(signature(1, change(revision=2))["signature"]),
        "another's": base64.b64decode(signature(2, change())["signature"]),
        "the other s": encode_dss_signature(r, ORDER - s),
        "something after it": raw + b"\0",
        "no DER": b"signed",
    }[how]
    return {**good, "signature": base64.b64encode(made).decode()}


@pytest.mark.parametrize(
    "how", ["another document", "another's", "the other s", "something after it", "no DER"]
)
def test_a_signature_has_one_form_and_is_over_this(how: str) -> None:
    fields: dict[str, Any] = {"instruction": change(), "signatures": [signature(2, change()), forged(how)]}
    refused = accounts().refused("RetailerMSP", "accounts:ChangeRules", **fields)
    assert refused == ("SIGNATURE_INVALID", "signatures[1].signature")


def replacement(**more: Any) -> dict[str, Any]:
    return {
        "v": 2,
        "account": HOT,
        "opened_at": OPENED,
        "id": ulid("replacement"),
        "operation": "accounts:ReplaceSigner",
        "revision": 1,
        "old": name(3),
        "new": signer(4),
        "valid_until": UNTIL,
        **more,
    }


def test_a_key_is_rotated() -> None:
    world = accounts()
    result = world.do("RetailerMSP", "accounts:ReplaceSigner", **signed(replacement(), 1, 2))
    keys = [each["key"] for each in world.record("account", HOT)["rules"]["signers"]]
    assert keys == [name(1), name(2), name(4)]
    assert result.events[0]["cause"] == "signer-replaced"
    again = replacement(revision=2, id=ulid("again"), new=signer(5))
    assert world.refused("RetailerMSP", "accounts:ReplaceSigner", **signed(again, 1, 4)) == (
        "SIGNER_UNKNOWN",
        "instruction.old",
    )
    twice = {**again, "old": name(4), "new": signer(1)}
    assert world.refused("RetailerMSP", "accounts:ReplaceSigner", **signed(twice, 1, 4)) == (
        "SIGNER_REPEATED",
        "instruction.new.key",
    )
    used = {**replacement(), "revision": 2, "old": name(4)}
    assert world.refused("RetailerMSP", "accounts:ReplaceSigner", **signed(used, 1, 4)) == (
        "INSTRUCTION_USED",
        "instruction.id",
    )


def test_rules_change_only_with_the_owners_peer() -> None:
    world = accounts()
    result = world.do("RetailerMSP", "accounts:ChangeRules", **signed(change(), 1, 3))
    assert result.outcome.guards["account", HOT].owner == "RetailerMSP"
    listed = world.ask("BankMSP", "guards:List", kind="account")
    assert listed["ids"] == [HOT, COLD]
    renewed = world.do("BankMSP", "guards:Renew", accounts=[HOT])
    assert renewed.outcome.guards.keys() == {("account", HOT)}
    assert renewed.events[0]["accounts"] == [HOT]


RECOVERY: dict[str, Any] = {"account": HOT, "signers": [signer(6), signer(7)], "threshold": 1}


def test_an_account_is_recovered_after_the_delay() -> None:
    world = accounts()
    world.do("RetailerMSP", "accounts:ReplaceSigner", **signed(replacement(), 1, 2))
    proposed = world.do(ADMIN, "accounts:ProposeRecovery", **RECOVERY)
    recovery = proposed.reply["recovery"]["id"]
    assert proposed.event_types == ["account.recovery_proposed"]
    assert world.refused(ADMIN, "accounts:CompleteRecovery", recovery=recovery) == (
        "DELAY_NOT_OVER",
        "recovery",
    )
    world.pass_time(60)
    assert world.refused("RetailerMSP", "accounts:CompleteRecovery", recovery=recovery)[0] == "NOT_PERMITTED"
    done = world.do(ADMIN, "accounts:CompleteRecovery", recovery=recovery)
    assert done.event_types == ["account.recovery_completed", "account.rules_set"]
    account = world.record("account", HOT)
    assert [each["key"] for each in account["rules"]["signers"]] == [name(6), name(7)]
    assert (account["rules"]["threshold"], account["revision"]) == (1, 3)
    assert account["rules"]["limits"] == HOT_RULES["limits"]
    assert (
        world.ask("BankMSP", "accounts:GetRecovery", recovery=recovery)["recovery"]["status"] == "completed"
    )
    refused = world.refused(ADMIN, "accounts:CompleteRecovery", recovery=recovery)
    assert refused == ("RECOVERY_STATE", "recovery")


def test_any_signer_left_stops_a_recovery() -> None:
    world = accounts()
    recovery = world.do(ADMIN, "accounts:ProposeRecovery", **RECOVERY).reply["recovery"]["id"]
    wrong = notice("accounts:StopRefill", recovery, 2)
    refused = world.refused("BankMSP", "accounts:StopRecovery", recovery=recovery, signature=wrong)
    assert refused == ("SIGNATURE_INVALID", "signature.signature")
    stopped = world.do(
        "BankMSP",
        "accounts:StopRecovery",
        recovery=recovery,
        signature=notice("accounts:StopRecovery", recovery, 2),
    )
    assert stopped.reply["recovery"]["stopped_by"] == name(2)
    assert stopped.event_types == ["account.recovery_stopped"]
    world.pass_time(60)
    assert world.refused(ADMIN, "accounts:CompleteRecovery", recovery=recovery) == (
        "RECOVERY_STATE",
        "recovery",
    )


def test_what_is_wrong_with_a_recovery() -> None:
    world = accounts()
    refused = world.refused("RetailerMSP", "accounts:ProposeRecovery", **RECOVERY)
    assert refused == ("NOT_PERMITTED", None)
    beyond: dict[str, Any] = {**RECOVERY, "threshold": 3}
    assert world.refused(ADMIN, "accounts:ProposeRecovery", **beyond) == (
        "ACCOUNT_RULES_INVALID",
        "threshold",
    )
    gone = f"RetailerMSP.{ulid('gone')}"
    assert world.refused(ADMIN, "accounts:CompleteRecovery", recovery=gone)[0] == "RECOVERY_NOT_FOUND"
    recovery = world.do(ADMIN, "accounts:ProposeRecovery", **RECOVERY).reply["recovery"]["id"]
    user = Caller("CarrierMSP", "user", key=name(9))
    assert world.refused(user, "accounts:StopRecovery", recovery=recovery) == ("NOT_PERMITTED", None)
    # Signers who changed the rules meanwhile are there: the recovery is void.
    world.do("RetailerMSP", "accounts:ReplaceSigner", **signed(replacement(), 1, 2))
    world.pass_time(60)
    assert world.refused(ADMIN, "accounts:CompleteRecovery", recovery=recovery) == (
        "ACCOUNT_REVISION",
        "recovery",
    )
