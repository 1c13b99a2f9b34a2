"""Receiving a part of an order: what came of each line, what that means in money, and the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hansa_domain.deliveries.commands import LineReport
from hansa_domain.deliveries.matching import Due
from hansa_domain.deliveries.receiving import RECEIVABLE
from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.formats import differences
from hansa_portal.handover import goods_uri
from hansa_portal.pages import orders
from hansa_portal.pages.answers import with_problems
from hansa_portal.viewer import allowed, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import DespatchDetail, DespatchLineRow, OrderDetail

blueprint = Blueprint("receiving", __name__, url_prefix="/orders")

_REPORTED = ("accepted", "damaged", "damaged_kept", "rejected", "returned", "over", "over_accepted")


@dataclass(frozen=True)
class Consequence:
    """What a receipt means in money, in minor units; ``seller`` bears the consortium's fee of it.

    ``back`` goes to the buyer when the part is settled: goods that are not paid, and freight nobody earned.
    """

    seller: int
    carrier: int
    back: int

    @classmethod
    def of(cls, due: Due, freight: int) -> Consequence:
        """That of what is due, of a despatch with so much freight."""
        goods = sum(line.amount for line in due.lines)
        return cls(goods, due.freight, due.price - goods + freight - due.freight)


@blueprint.get("/<order_id>/despatches/<despatch_id>/receipt")
@signed_in
def form(order_id: str, despatch_id: str) -> ResponseReturnValue:
    """The form, filled in as if everything came as it was sent."""
    found, part = _ours(order_id, despatch_id)
    allowed(part.despatch.status in RECEIVABLE, _("What came of this despatch has been reported."))
    allowed(found.order.dispute is None, _("While a dispute is open, nothing is received."))
    values = {f"accepted-{line.line}": str(line.quantity) for line in part.lines}
    zeros = {f"{name}-{line.line}": "0" for line in part.lines for name in _REPORTED[1:]}
    return _shown(Entry({**zeros, **values}), found, part)


@blueprint.post("/<order_id>/despatches/<despatch_id>/receipt")
@signed_in
def report(order_id: str, despatch_id: str) -> ResponseReturnValue:
    """First shows what the receipt means; reports it when that was seen and confirmed."""
    found, part = _ours(order_id, despatch_id)
    entry = Entry.sent()
    if entry["step"] == "change":
        return _shown(entry, found, part)
    reports = [_line(entry, line) for line in part.lines]
    receipts, given = viewer().client.receipts, entry.command_id
    if entry.right and entry["step"] != "report":
        due = carry_out(entry, lambda: receipts.expected(despatch_id, reports), _fields(part))
        if due is not None:
            means = Consequence.of(due, part.despatch.carriage_freight)
            values = {"entry": entry, "means": means, "reports": _told(reports, part)}
            return render_template("receipt_review.html", **values, **_known(found, part))
    elif entry.right:
        done = carry_out(
            entry,
            lambda: receipts.report(despatch_id, reports, not_taken=_not_taken(entry), command_id=given),
            _fields(part),
            _("The receipt is reported; the seller invoices."),
        )
        if done is not None:
            number = f"despatch-{part.despatch.number}"
            return redirect(url_for("orders.show", order_id=order_id, _anchor=number), 303)
    return with_problems("receipt_form.html", entry, **_known(found, part))


def _ours(order_id: str, despatch_id: str) -> tuple[OrderDetail, DespatchDetail]:
    """A despatch to us."""
    found = orders.order(order_id)
    allowed(viewer().msp_id == found.order.buyer, _("What came is reported by the buyer."))
    return found, orders.despatch(found, despatch_id)


def _line(entry: Entry, line: DespatchLineRow) -> LineReport:
    """What the form says of a line; what it does not name did not come."""
    sentence = _("Give a whole number, 0 or more.")
    place = line.line
    count = {
        name: entry.whole(f"{name}-{place}", sentence, least=0) if entry[f"{name}-{place}"] else 0
        for name in _REPORTED
    }
    came = sum(count[name] for name in ("accepted", "damaged", "rejected", "returned"))
    if came > line.quantity:
        message = _("%(sent)d were sent, %(came)d are reported.", sent=line.quantity, came=came)
        hint = _("What came beyond that has a field of its own.")
        entry.refuse(f"accepted-{place}", message, "RECEIPT_QUANTITY", hint)
    reason = entry[f"reason-{place}"]
    if reason and reason not in dict(differences()):
        entry.refuse(f"reason-{place}", _("Choose a reason."))
        reason = ""
    short = max(line.quantity - came, 0)
    return msgspec.convert({"line": place, "short": short, "reason": reason or None, **count}, LineReport)


def _not_taken(entry: Entry) -> list[str]:
    typed = [goods_uri(line.strip()) for line in entry["typed"].splitlines() if line.strip()]
    return list(dict.fromkeys([*entry.chosen.get("not_taken", []), *typed]))


def _fields(part: DespatchDetail) -> dict[str, str]:
    """Path in the command to field of the form; the whole of a line is its first field."""
    found = {"despatch": GENERAL, "not_taken": "typed"}
    for place, line in enumerate(part.lines):
        for name in (*_REPORTED, "reason"):
            found[f"lines[{place}].{name}"] = f"{name}-{line.line}"
        found[f"lines[{place}]"] = f"accepted-{line.line}"
    return found


def _told(reports: list[LineReport], part: DespatchDetail) -> list[tuple[str, list[tuple[int, str]], str]]:
    """Of each line the product, (units, what became of them), and the reason's code."""
    words = {
        "accepted": _("accepted"),
        "short": _("missing"),
        "damaged": _("damaged"),
        "damaged_kept": _("of these kept"),
        "rejected": _("rejected"),
        "returned": _("sent back"),
        "over": _("too many"),
        "over_accepted": _("of these kept"),
    }
    return [
        (
            line.product,
            [(getattr(each, name), word) for name, word in words.items() if getattr(each, name)],
            each.reason or "",
        )
        for each, line in zip(reports, part.lines, strict=True)
    ]


def _known(found: OrderDetail, part: DespatchDetail) -> dict[str, Any]:
    assert found.deliveries is not None  # it has a despatch
    return {
        "order": found.order,
        "part": part,
        "terms": found.deliveries.terms,
        "reasons": [("", _("none: all is as sent")), *differences()],
    }


def _shown(entry: Entry, found: OrderDetail, part: DespatchDetail) -> ResponseReturnValue:
    return render_template("receipt_form.html", entry=entry, **_known(found, part))
