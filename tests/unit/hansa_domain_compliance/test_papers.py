"""Papers of an order: their hashes, who answers for them, and how they are taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.compliance import LATER
from tests.support.domain import World, placed
from tests.support.signers import signer

AT = "2027-01-15T08:00:00.000Z"
DOCUMENT = "dd" * 32


def fields(of: str, **more: Any) -> dict[str, Any]:
    return {"kind": "phytosanitary", "order": of, "document": DOCUMENT, **more}


def registered() -> tuple[World, str, str]:
    world, order = placed()
    reply = world.do("ProducerMSP", "papers:Register", **fields(order)).reply
    return world, order, str(reply["paper"]["id"])


def test_a_paper_is_registered_by_hash_and_entered_among_the_orders() -> None:
    world, order = placed()
    given = fields(order, security="jose", signer=signer(1), valid_until=LATER)
    result = world.do("ProducerMSP", "papers:Register", **given)
    paper = result.reply["paper"]
    assert paper == {
        "v": 1,
        "id": f"ProducerMSP.{DOCUMENT}",
        **fields(order),
        "issuer": "ProducerMSP",
        "number": None,
        "security": "jose",
        "signer": signer(1),
        "valid_from": AT,
        "valid_until": LATER,
        "status": "valid",
        "registered_at": AT,
        "revoked_at": None,
        "reason": None,
    }
    assert result.writes == {
        ("paper", paper["id"]): paper,
        ("papers-of", order, "phytosanitary"): {"v": 1, "papers": [paper["id"]]},
    }
    (event,) = result.events
    assert (event["type"], event["signer"]) == ("paper.registered", signer(1)["key"])
    assert world.ask("CarrierMSP", "papers:Get", paper=paper["id"]) == {"paper": paper}
    assert world.ask("CarrierMSP", "papers:List", order=order, document=DOCUMENT)["papers"] == [paper]
    assert world.ask("CarrierMSP", "papers:List", document="ee" * 32)["papers"] == []
    assert world.ask("CarrierMSP", "papers:List", order=f"BankMSP.{'0' * 26}")["papers"] == []


@pytest.mark.parametrize("who", ["ProducerMSP", "RetailerMSP", "CarrierMSP", "RegulatorMSP"])
def test_parties_and_regulators_register_papers(who: str) -> None:
    world, order = placed()
    assert world.do(who, "papers:Register", **fields(order)).reply["paper"]["issuer"] == who


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("BankMSP", {}, "NOT_PERMITTED", "order"),
        ("ProducerMSP", {"order": f"RetailerMSP.{'0' * 26}"}, "ORDER_NOT_FOUND", "order"),
        ("ProducerMSP", {"kind": "passport"}, "FIELD_INVALID", "kind"),
        ("ProducerMSP", {"security": "jose"}, "FIELD_INVALID", "signer"),
        ("ProducerMSP", {"signer": signer(1)}, "FIELD_INVALID", "signer"),
        (
            "ProducerMSP",
            {"security": "jose", "signer": {**signer(1), "key": "0" * 64}},
            "SIGNER_KEY_INVALID",
            "signer.key",
        ),
        ("ProducerMSP", {"valid_until": AT}, "FIELD_INVALID", "valid_until"),
        ("ProducerMSP", {"valid_from": "2027-00-01T00:00:00.000Z"}, "FIELD_INVALID", "valid_from"),
        ("ProducerMSP", {"kind": "customs-declaration"}, "FIELD_INVALID", "number"),
        ("ProducerMSP", {"kind": "customs-declaration", "number": "27NL"}, "FIELD_INVALID", "number"),
    ],
)
def test_register_refusals(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world, order = placed()
    assert world.refused(caller, "papers:Register", **fields(order, **changes)) == (code, field)


def test_a_customs_declaration_is_named_by_its_mrn() -> None:
    world, order = placed()
    given = fields(order, kind="customs-declaration", number="27NL0001234567890A")
    assert world.do("ProducerMSP", "papers:Register", **given).reply["paper"]["number"] == given["number"]


def test_a_document_is_registered_once_by_each_member() -> None:
    world, order, _ = registered()
    again = world.refused("ProducerMSP", "papers:Register", **fields(order))
    assert again == ("PAPER_ALREADY_REGISTERED", "document")
    world.do("CarrierMSP", "papers:Register", **fields(order))
    assert len(world.record("papers-of", order, "phytosanitary")["papers"]) == 2


def test_so_many_papers_of_a_kind() -> None:
    world, order, _ = registered()
    for number in range(15):
        world.do("ProducerMSP", "papers:Register", **fields(order, document=f"{number:064x}"))
    more = fields(order, document="ff" * 32)
    assert world.refused("ProducerMSP", "papers:Register", **more) == ("TOO_MANY_PAPERS", "kind")
    world.do("ProducerMSP", "papers:Register", **{**more, "kind": "cmr"})
    # Nobody's papers keep another from registering the one that a shipment needs.
    world.do("CarrierMSP", "papers:Register", **more)


def test_a_paper_is_revoked_once_by_its_issuer() -> None:
    world, order, paper = registered()
    revoke = {"paper": paper, "reason": "Wrong lot."}
    assert world.refused("RegulatorMSP", "papers:Revoke", **revoke) == ("NOT_PERMITTED", "paper")
    result = world.do("ProducerMSP", "papers:Revoke", **revoke)
    assert result.reply["paper"]["status"] == "revoked"
    assert result.event_types == ["paper.revoked"]
    assert result.events[0]["order"] == order
    assert world.refused("ProducerMSP", "papers:Revoke", **revoke) == ("PAPER_STATE", "paper")
    unknown = f"ProducerMSP.{'0' * 64}"
    assert world.refused("ProducerMSP", "papers:Revoke", paper=unknown, reason="?") == (
        "PAPER_NOT_FOUND",
        "paper",
    )
    assert world.refusal("BankMSP", "papers:Get", {"paper": unknown}) == ("PAPER_NOT_FOUND", "paper")
