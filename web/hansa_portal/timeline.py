"""An order's timeline: one step a transaction, in words, with who signed it and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hansa_portal.formats import goods, money, place, step_word
from hansa_portal.words import _
from hansa_readmodel.queries import OrderDetail, Step


@dataclass(frozen=True)
class Moment:
    """A step: what happened in one transaction. ``claim`` marks what only its reporter says."""

    title: str
    at: str
    creator: str
    signer: str
    transaction_id: str
    block: int
    details: list[str] = field(default_factory=list)
    claim: bool = False


def timeline(found: OrderDetail) -> list[Moment]:
    """The order's steps in order of the ledger."""
    moments: dict[tuple[int, int], Moment] = {}
    for step in found.steps:
        for title, details, claim in _told(step, found.order.order_id):
            at = (step.block, step.position)
            moment = moments.get(at)
            if moment is not None and not title:
                moment.details.extend(details)
                continue
            if moment is None or not moment.title:
                earlier = [] if moment is None else moment.details
                moments[at] = Moment(
                    title=title,
                    at=step.at,
                    creator=step.creator,
                    signer=step.signer,
                    transaction_id=step.transaction_id,
                    block=step.block,
                    details=[*details, *earlier],
                    claim=claim,
                )
            else:
                moment.details.extend((title, *details))
    return list(moments.values())


def _told(step: Step, order: str) -> list[tuple[str, list[str], bool]]:
    """(title, details, claim) for what a step says of the order; an empty title adds to its transaction."""
    body = step.body
    if step.type == "money.moved":
        return [("", _money(body), False)]
    if step.type == "custody.moved":
        count = len(body["changes"])
        return [("", [_("%(count)d identified goods changed hands", count=count)], False)]
    if step.type == "goods.captured":
        return [
            (_report(event), _report_details(event), event["status"] == "claim")
            for event in body["events"]
            if order in event["orders"]
        ]
    title = _titles().get(step.type)
    return [] if title is None else [(title, _details(step), False)]


def _titles() -> dict[str, str]:
    return {
        "order.placed": _("Order placed"),
        "order.accepted": _("Accepted by the seller"),
        "order.shipped": _("Shipped"),
        "order.delivered": _("Delivery reported"),
        "order.settled": _("Settled"),
        "order.cancelled": _("Cancelled"),
        "order.refunded": _("Refunded"),
        "order.reopened": _("The goods are back; others are to be shipped"),
        "order.divided": _("Ended by a split"),
        "escrow.released": _("A part of escrow went out by consent"),
        "milestone.paid": _("A milestone was reached"),
        "settlement.proposed": _("A split was proposed"),
        "settlement.withdrawn": _("The proposed split is off"),
        "dispute.opened": _("A dispute was opened"),
        "dispute.answered": _("An answer to the dispute"),
        "dispute.evidence": _("Documents for the arbitrator"),
        "dispute.passed_on": _("The second arbitrator decides"),
        "dispute.closed": _("The dispute is over"),
        "claim.opened": _("A claim under the warranty"),
        "claim.refused": _("The claim was refused"),
        "claim.escalated": _("The claim came before the arbitrator"),
        "claim.judged": _("The claim was judged"),
        "claim.met": _("The claim was met"),
        "claim.closed": _("The claim was closed"),
        "order.part_accepted": _("Accepted in part"),
        "order.back_order_answered": _("Back-order answered"),
        "order.part_dropped": _("Units will not be delivered"),
        "despatch.sent": _("Part despatched"),
        "despatch.delivered": _("Delivery of a part reported"),
        "receipt.reported": _("Receipt of a part reported"),
        "invoice.issued": _("Invoice issued"),
        "invoice.credited": _("Invoice credited"),
        "despatch.settled": _("Part settled"),
    }


def _details(step: Step) -> list[str]:
    body = step.body
    found: list[str] = []
    if step.type in ("order.shipped", "despatch.sent"):
        if body["sscc"]:
            found.append(_("SSCC %(sscc)s", sscc=body["sscc"]))
        found.extend(goods(epc) for epc in body["epcs"][:5])
        if len(body["epcs"]) > 5:
            found.append(_("and %(count)d more", count=len(body["epcs"]) - 5))
    reasons = {
        "confirmed": _("the buyer confirmed receipt"),
        "not_inspected": _("the inspection period passed in silence"),
        "not_accepted": _("the seller did not accept in time"),
        "not_shipped": _("the seller did not ship in time"),
        "not_delivered": _("the goods were not delivered in time"),
        "milestone_missed": _("a milestone was not reached in time"),
        "milestones": _("every milestone was reached"),
        "agreed": _("the parties agreed on it"),
        "decided": _("the arbitrator decided"),
        "reported": _("it was reported"),
        "conceded": _("the buyer let it go"),
        "silence": _("its time passed in silence"),
        "completed": _("every part of it ended"),
        "not_fulfilled": _("nothing of it was delivered"),
        "declined": _("the seller declined them"),
        "back_order_refused": _("the buyer did not wait for them"),
        "not_despatched": _("they were not despatched in time"),
        "cancelled": _("they were cancelled"),
        "matched": _("order, receipt and invoice agreed"),
        "self_billed": _("nobody invoiced it in time: the receipt counted"),
    }
    if body.get("cause"):
        found.append(reasons.get(body["cause"], body["cause"]))
    return found


def _money(body: dict[str, Any]) -> list[str]:
    currency = body["currency"]
    created = sum(int(note["amount"]) for note in body["created"])
    consumed = sum(int(note["amount"]) for note in body["consumed"])
    if body["reason"] == "escrow":
        return [_("%(amount)s went into escrow", amount=money(consumed - created, currency))]
    return [
        _("%(amount)s to %(owner)s", amount=money(note["amount"], currency), owner=note["owner"])
        for note in body["created"]
    ]


def _report(event: dict[str, Any]) -> str:
    return _("Goods: %(step)s", step=step_word(event["biz_step"]) or event["kind"])


def _report_details(event: dict[str, Any]) -> list[str]:
    found = []
    if event["read_point"]:
        found.append(_("at %(place)s", place=place(event["read_point"])))
    found.append(_("happened %(time)s", time=event["time"][:16].replace("T", " ") + " UTC"))
    found.append(", ".join(goods(epc) for epc in event["epcs"][:3]))
    return found
