"""Licences: issued by regulators, covering goods and time, taken back by who issued them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.compliance import LATER, REGULATOR, licensed
from tests.support.domain import consortium

AT = "2027-01-15T08:00:00.000Z"


def fields(**more: Any) -> dict[str, Any]:
    return {"holder": "RetailerMSP", "kind": "food", "valid_until": LATER, "document": "1c" * 32, **more}


def test_a_licence_is_issued_and_entered_among_its_holders() -> None:
    world = consortium()
    scope = {"hs": ["09", "04"], "destinations": ["DE"]}
    result = world.do("RegulatorMSP", "licences:Issue", **fields(scope=scope, number="NVWA 7/27"))
    licence = result.reply["licence"]
    assert licence == {
        "v": 1,
        "id": f"RegulatorMSP.{result.command_id}",
        "kind": "food",
        "holder": "RetailerMSP",
        "issuer": "RegulatorMSP",
        "scope": {"hs": ["04", "09"], "destinations": ["DE"]},
        "valid_from": AT,
        "valid_until": LATER,
        "document": "1c" * 32,
        "number": "NVWA 7/27",
        "status": "issued",
        "issued_at": AT,
        "revoked_at": None,
        "reason": None,
    }
    assert result.writes == {
        ("licence", licence["id"]): licence,
        ("licences-of", "RetailerMSP", "food"): {"v": 1, "licences": [licence["id"]]},
    }
    assert result.event_types == ["licence.issued"]
    assert world.ask("CarrierMSP", "licences:Get", licence=licence["id"]) == {"licence": licence}
    assert world.ask("CarrierMSP", "licences:List", holder="RetailerMSP", kind="food")["licences"] == [
        licence
    ]
    assert world.ask("CarrierMSP", "licences:List", holder="BankMSP")["licences"] == []
    assert world.ask("CarrierMSP", "licences:List", kind="arms")["licences"] == []


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("BankMSP", {}, "NOT_PERMITTED", None),
        ("RegulatorMSP", {"holder": "NobodyMSP"}, "MEMBER_NOT_FOUND", "holder"),
        ("RegulatorMSP", {"holder": "RegulatorMSP"}, "NOT_PERMITTED", "holder"),
        ("RegulatorMSP", {"valid_until": AT}, "FIELD_INVALID", "valid_until"),
        ("RegulatorMSP", {"valid_from": LATER}, "FIELD_INVALID", "valid_until"),
        ("RegulatorMSP", {"valid_until": "2027-13-01T00:00:00.000Z"}, "FIELD_INVALID", "valid_until"),
        ("RegulatorMSP", {"scope": {"origins": ["ZZ"]}}, "COUNTRY_UNKNOWN", "scope.origins[0]"),
        ("RegulatorMSP", {"kind": "Food!"}, "FIELD_INVALID", "kind"),
    ],
)
def test_issue_refusals(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    assert consortium().refused(caller, "licences:Issue", **fields(**changes)) == (code, field)


def test_a_licence_is_revoked_once_by_its_issuer() -> None:
    world = consortium()
    licence = licensed(world, "RetailerMSP")
    revoke = {"licence": licence, "reason": "Fraud."}
    assert world.refused("RetailerMSP", "licences:Revoke", **revoke) == ("NOT_PERMITTED", "licence")
    result = world.do("RegulatorMSP", "licences:Revoke", **revoke)
    assert (result.reply["licence"]["status"], result.reply["licence"]["reason"]) == ("revoked", "Fraud.")
    assert set(result.writes) == {("licence", licence)}
    assert result.events == [
        {"type": "licence.revoked", "v": 1, "licence": licence, "holder": "RetailerMSP", "by": "RegulatorMSP",
         "reason": "Fraud.", "at": AT}
    ]  # fmt: skip
    assert world.refused("RegulatorMSP", "licences:Revoke", **revoke) == ("LICENCE_STATE", "licence")
    other = {"licence": f"RegulatorMSP.{'0' * 26}", "reason": "?"}
    assert world.refused("RegulatorMSP", "licences:Revoke", **other) == ("LICENCE_NOT_FOUND", "licence")
    assert world.refusal("BankMSP", "licences:Get", {"licence": other["licence"]})[0] == "LICENCE_NOT_FOUND"


def test_any_regulator_revokes_what_a_member_issued_that_has_left() -> None:
    world = consortium()
    licence = licensed(world, "RetailerMSP")
    carrier, issuer = ("member", "CarrierMSP"), ("member", "RegulatorMSP")
    world.state[carrier] = world.state[carrier].replace(b'"role":"carrier"', b'"role":"regulator"')
    revoke = {"licence": licence, "reason": "Fraud."}
    assert world.refused("CarrierMSP", "licences:Revoke", **revoke) == ("NOT_PERMITTED", "licence")
    world.state[issuer] = world.state[issuer].replace(b'"left_at":null', f'"left_at":"{AT}"'.encode())
    assert world.do("CarrierMSP", "licences:Revoke", **revoke).reply["licence"]["status"] == "revoked"


def test_so_many_licences_of_a_kind_and_those_that_ended_do_not_count() -> None:
    world = consortium()
    soon = "2027-01-15T09:00:00.000Z"
    held = [licensed(world, "RetailerMSP", valid_until=soon) for _ in range(16)]
    assert world.refused(REGULATOR, "licences:Issue", **fields()) == ("TOO_MANY_LICENCES", "kind")
    licensed(world, "RetailerMSP", kind="arms")
    world.do(REGULATOR, "licences:Revoke", licence=held[0], reason="Fraud.")
    licensed(world, "RetailerMSP")
    assert held[0] not in world.record("licences-of", "RetailerMSP", "food")["licences"]
    world.pass_time(3600)
    licensed(world, "RetailerMSP")
    assert len(world.record("licences-of", "RetailerMSP", "food")["licences"]) == 2
