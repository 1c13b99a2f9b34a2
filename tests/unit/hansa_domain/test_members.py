"""Members and the consortium's terms."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.operation import Caller
from tests.support.domain import INIT, MEMBERS, World, consortium

ADMIN = Caller("BankMSP", "admin", admin=True)


def member(**changes: Any) -> dict[str, Any]:
    return {**MEMBERS[3], **changes}


def test_init_writes_members_and_terms_and_says_so() -> None:
    world = World()
    gln = "4012345000009"
    members = [{**MEMBERS[0], "gln": gln}, *MEMBERS[1:]]
    result = world.do(ADMIN, "members:Init", **{**INIT, "members": members})
    at = "2027-01-15T08:00:00.000Z"
    terms = {
        "v": 1,
        "basis_points": 50,
        "fee_account": "BankMSP/consortium-fees",
        "arbitrator": "BankMSP",
        "initialized_at": at,
    }
    by_id = {
        entry["msp_id"]: {"v": 2, "gln": None, "joined_at": at, "left_at": None, **entry} for entry in members
    }
    assert result.writes == {
        ("consortium",): terms,
        ("roster",): {"v": 1, "members": sorted(by_id)},
        **{("member", msp_id): record for msp_id, record in by_id.items()},
    }
    assert result.reply == {"members": [by_id[msp_id] for msp_id in sorted(by_id)], "consortium": terms}
    assert result.event_types == ["consortium.initialized", *["member.joined"] * 5]
    assert world.ask("RetailerMSP", "members:List") == result.reply


def test_init_takes_another_arbitrator_than_the_bank() -> None:
    world = World()
    world.do(ADMIN, "members:Init", **INIT, arbitrator="RegulatorMSP")
    assert world.record("consortium")["arbitrator"] == "RegulatorMSP"


def test_init_is_refused_a_second_time() -> None:
    world = consortium()
    assert world.refused(ADMIN, "members:Init", **INIT) == ("CONSORTIUM_ALREADY_INITIALIZED", None)


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        (Caller("BankMSP", "clerk"), {}, "NOT_PERMITTED", None),
        (Caller("OtherMSP", "admin", admin=True), {}, "NOT_A_MEMBER", "members"),
        (ADMIN, {"members": [member(), member()]}, "MEMBER_REPEATED", "members[1].msp_id"),
        (ADMIN, {"members": [member(country="XX")]}, "COUNTRY_UNKNOWN", "members[0].country"),
        (ADMIN, {"members": [member(gln="4012345000008")]}, "GLN_INVALID", "members[0].gln"),
        (ADMIN, {"members": [member(role="broker")]}, "FIELD_INVALID", "members[0].role"),
        (ADMIN, {"members": []}, "FIELD_INVALID", "members"),
        (ADMIN, {"fee": {"basis_points": 5, "account": "ElseMSP"}}, "MEMBER_NOT_FOUND", "fee.account"),
        (ADMIN, {"fee": {"basis_points": 10001, "account": "BankMSP"}}, "FIELD_INVALID", "fee.basis_points"),
        (ADMIN, {"members": [member(role="carrier")]}, "ARBITRATOR_INVALID", "arbitrator"),
        (ADMIN, {"arbitrator": "ElseMSP"}, "MEMBER_NOT_FOUND", "arbitrator"),
    ],
)
def test_init_refusals(caller: Caller, changes: dict[str, Any], code: str, field: str | None) -> None:
    assert World().refused(caller, "members:Init", **{**INIT, **changes}) == (code, field)


def test_list_before_init_is_refused() -> None:
    assert World().refusal("BankMSP", "members:List", {}) == ("CONSORTIUM_NOT_INITIALIZED", None)


def test_commands_of_strangers_are_refused() -> None:
    fields = {"currency": "EUR", "amount": "1", "owner": "BankMSP"}
    assert consortium().refused("StrangerMSP", "money:Mint", **fields) == ("NOT_A_MEMBER", None)
