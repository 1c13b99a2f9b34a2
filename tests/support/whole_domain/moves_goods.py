"""Moves of goods: reports, shipments, handovers, recalls."""

from __future__ import annotations

import json
from typing import Any

from tests.support.domain import GTIN
from tests.support.epcis import aggregation_event, object_event, transformation_event
from tests.support.whole_domain.draw import EPCS, GTINS, LOTS, SSCCS, Draw
from tests.support.whole_domain.moves import Move, move, sent

MADE = [f"urn:epc:id:sgtin:9521321.000002.{serial}" for serial in range(6)]


@move("goods:Capture")
def capture(draw: Draw) -> Move:
    """One report of any kind; ids of units mostly of those that are there."""
    draw.caller = draw.pick(("ProducerMSP", "ProducerMSP", draw.anyone()))
    ours = [unit for unit in draw.view.all("unit") if unit.custodian == draw.caller and unit.ended is None]
    known = draw.pick(ours).epc if ours and draw.chance(80) else draw.epc()
    makers = (_commissioned, _commissioned, _packed, _unpacked, _seen, _destroyed, _made, _lot, _lots_mixed)
    event = draw.pick(makers)(draw, known)
    event["eventTime"] = f"2026-03-02T09:{draw.random.randrange(60):02d}:00.{draw.seed % 1000:03d}Z"
    return sent(draw, events=[{"event": json.dumps(event), "context": ""}])


def _commissioned(draw: Draw, known: str) -> dict[str, Any]:
    epcs = draw.random.sample([*EPCS, *SSCCS], 3)
    return object_event(action="ADD", bizStep="commissioning", epcList=epcs)


def _packed(draw: Draw, known: str) -> dict[str, Any]:
    return aggregation_event(parentID=draw.pick(SSCCS), childEPCs=[known])


def _unpacked(draw: Draw, known: str) -> dict[str, Any]:
    return aggregation_event(parentID=draw.pick(SSCCS), childEPCs=None, action="DELETE")


def _seen(draw: Draw, known: str) -> dict[str, Any]:
    step = draw.pick(("arriving", "departing", "receiving", "accepting", "shipping"))
    return object_event(epcList=[known], bizStep=step)


def _destroyed(draw: Draw, known: str) -> dict[str, Any]:
    return object_event(action="DELETE", bizStep="destroying", epcList=[known])


def _made(draw: Draw, known: str) -> dict[str, Any]:
    return transformation_event(inputEPCList=[known], outputEPCList=[draw.pick(MADE)])


def _quantity(draw: Draw, lot: str) -> list[dict[str, Any]]:
    return [{"epcClass": lot, "quantity": draw.random.randint(1, 40), "uom": draw.pick(("KGM", "GRM"))}]


def _lot(draw: Draw, known: str) -> dict[str, Any]:
    quantity = _quantity(draw, draw.pick(LOTS))
    action = draw.pick(("ADD", "ADD", "DELETE"))
    return object_event(action=action, bizStep="commissioning", epcList=None, quantityList=quantity)


def _lots_mixed(draw: Draw, known: str) -> dict[str, Any]:
    event = transformation_event(
        inputEPCList=None,
        outputEPCList=None,
        inputQuantityList=_quantity(draw, draw.pick(LOTS)),
        outputQuantityList=_quantity(draw, draw.pick(LOTS)),
    )
    if draw.chance(50):
        event["transformationID"] = f"urn:uuid:2b0c9d3a-0e46-4a4f-9a3e-5d5b6e3f1a1{draw.random.randrange(3)}"
    return event


@move("orders:Ship")
def ship(draw: Draw) -> Move | None:
    """Units of the order's products that the seller holds, as often recalled ones as others."""
    order = draw.recent([each for each in draw.view.all("order") if each.status == "accepted"])
    if order is None:
        return None
    gtins = {line.gtin for line in order.lines}
    held = [
        unit.epc
        for unit in draw.view.all("unit")
        if unit.custodian == order.seller and unit.gtin in gtins and unit.ended is None
    ]
    epcs = draw.random.sample(held, min(len(held), draw.random.randrange(3)))
    return sent(draw, by=order.seller, order=order.id, epcs=epcs)


@move("handovers:Offer")
def hand_over(draw: Draw) -> Move | None:
    free = [unit for unit in draw.view.all("unit") if unit.order is None and unit.ended is None]
    unit = draw.recent([each for each in free if each.parent is None] or free)
    if unit is None:
        return None
    passes = draw.pick(("custody", "ownership", "both"))
    giver = unit.custodian if passes == "custody" else unit.owner
    return sent(draw, by=giver, taker=draw.anyone(), epcs=[unit.epc], passes=passes)


@move("recalls:Open")
def recall(draw: Draw) -> Move:
    what = draw.pick(
        ({"serials": [str(draw.random.randrange(12))]}, {"serials": ["1", "2", "3"]}, {"lots": ["L1"]})
    )
    by = draw.pick(("ProducerMSP", "RegulatorMSP"))
    return sent(draw, by=by, gtin=draw.pick((GTIN, GTINS[1])), reason="Doubt", **what)


@move("recalls:Close")
def close_recall(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("recall") if each.status == "open"])
    outcome = draw.pick(("completed", "unfounded", "unfounded"))
    return found and sent(draw, by=found.opener, recall=found.id, outcome=outcome)


@move("recalls:Acknowledge")
def acknowledge(draw: Draw) -> Move | None:
    found = draw.recent([each for each in draw.view.all("recall") if each.holders])
    if found is None:
        return None
    holder = draw.pick(found.holders)
    return sent(draw, by=holder.member, recall=found.id, secured=draw.random.randrange(3))


@move("delegations:Revoke")
def revoke_delegation(draw: Draw) -> Move | None:
    found = draw.recent(draw.view.all("delegation"))
    return found and sent(draw, by=found.grantor, reporter=found.reporter, subject=found.subject)


def _alert(draw: Draw, *states: str) -> Any:
    return draw.recent([each for each in draw.view.all("alert") if each.status in states])


@move("alerts:Acknowledge")
def look_into(draw: Draw) -> Move | None:
    found = _alert(draw, "open")
    return found and sent(draw, by=draw.pick((found.owner or "RegulatorMSP", "RegulatorMSP")), alert=found.id)


@move("alerts:Close")
def close_alert(draw: Draw) -> Move | None:
    found = _alert(draw, "open", "acknowledged")
    outcome = draw.pick(("explained", "confirmed"))
    return found and sent(draw, by="RegulatorMSP", alert=found.id, outcome=outcome, remark="Looked into")


@move("handovers:Accept")
def take_over(draw: Draw) -> Move | None:
    found = _handover(draw)
    return found and sent(draw, by=found.taker, handover=found.id)


@move("handovers:Decline")
def decline_handover(draw: Draw) -> Move | None:
    found = _handover(draw)
    return found and sent(draw, by=found.taker, handover=found.id)


def _handover(draw: Draw) -> Any:
    return draw.recent([each for each in draw.view.all("handover") if each.status == "offered"])


@move("coldChain:SetLimits")
def set_limits(draw: Draw) -> Move | None:
    """A limit or two for a product, or none any more."""
    product = draw.recent(draw.view.all("product"))
    cool = {"measures": "Temperature", "uom": "CEL", "maximum": draw.pick(("4", "8")), "allowed_seconds": 60}
    damp = {"measures": "RelativeHumidity", "uom": "P1", "minimum": "20", "maximum": "70"}
    limits = draw.pick(([], [cool], [cool, damp]))
    return product and sent(draw, by=product.owner, gtin=product.gtin, limits=limits)
