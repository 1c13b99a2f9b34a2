"""Moves of rules: packs published and asked, licences and papers that satisfy them."""

from __future__ import annotations

from typing import Any

from tests.support.compliance import rule
from tests.support.compliance_walk import QUESTION
from tests.support.whole_domain.draw import Draw
from tests.support.whole_domain.moves import Move, move, sent

PACK = "eu"


@move("compliance:Publish")
def publish(draw: Draw) -> Move:
    """The next version of one pack: mostly of rules that are seldom in the way of trade, and often none."""
    rules = draw.pick(
        (
            [],
            [rule("threshold", max_quantity=11, unknown="pass")],
            [rule("licensed", party="buyer", licence="food", scope={"destinations": ["DE"]})],
        )
    )
    version = (
        max((each.version for each in draw.view.all("compliance-pack") if each.pack == PACK), default=0) + 1
    )
    fields = {"pack": PACK, "version": version, "title": "Rules", "document": "5a" * 32, "rules": rules}
    return sent(draw, admin=True, by="RegulatorMSP", **fields)


@move("compliance:Check")
def check(draw: Draw) -> Move:
    return sent(draw, by=draw.pick(("RetailerMSP", "RegulatorMSP")), question=QUESTION)


@move("compliance:Recheck")
def recheck(draw: Draw) -> Move | None:
    listing = draw.recent([each for each in draw.view.all("listing") if each.status != "withdrawn"])
    return listing and sent(draw, by=draw.pick((listing.seller, "RegulatorMSP")), listing=listing.id)


@move("licences:Issue")
def issue(draw: Draw) -> Move:
    until = "2027-06-01T00:00:00.000Z"
    fields = {"kind": "food", "valid_until": until, "document": "1c" * 32}
    return sent(draw, by="RegulatorMSP", holder=draw.pick(("RetailerMSP", draw.anyone())), **fields)


@move("papers:Register")
def register(draw: Draw) -> Move | None:
    order = draw.recent(draw.view.all("order"))
    if order is None:
        return None
    fields: dict[str, Any] = {"kind": "cmr", "order": order.id}
    document = f"{draw.random.randrange(256):02x}" * 32
    return sent(draw, by=draw.pick((order.seller, "RegulatorMSP")), document=document, **fields)


@move("papers:Revoke")
def revoke(draw: Draw) -> Move | None:
    found = draw.recent(draw.view.all("paper"))
    return found and sent(draw, by=found.issuer, paper=found.id, reason="Wrong")


@move("guards:Renew")
def renew_guards(draw: Draw) -> Move | None:
    """By anybody, of a few records of each kind that holds money or is goods."""

    def some(noun: str, name: str) -> list[str]:
        return [getattr(each, name) for each in draw.view.all(noun)[-3:]]

    kinds = {"notes": some("note", "id"), "escrows": some("escrow", "order"), "units": some("unit", "epc")}
    named = {kind: found for kind, found in kinds.items() if found}
    return sent(draw, **named) if named else None
