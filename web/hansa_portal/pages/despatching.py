"""Despatching some of an order in parts: what goes now, who carries it, and what can be scanned of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hansa.errors import HansaError
from hansa.submission import Receipt
from hansa_domain.deliveries.commands import DespatchReply
from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.handover import goods_uri, sscc_digits
from hansa_portal.pages import orders
from hansa_portal.pages.answers import with_problems
from hansa_portal.viewer import allowed, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import CarriageRow, OrderDeliveries, OrderDetail

blueprint = Blueprint("despatching", __name__, url_prefix="/orders")


@blueprint.get("/<order_id>/despatch")
@signed_in
def form(order_id: str) -> ResponseReturnValue:
    """The form, filled in as if all that is open went with the first carriage that is left."""
    found, parts = ours(order_id)
    allowed(orders.despatchable(found), _("Nothing of this order may be despatched now."))
    left = _carriages(order_id, parts)
    values = {f"send-{line}": str(units) for line, units in orders.open_units(found).items()}
    values |= {"carriage": str(left[0].number) if left else "", "expected_unit": "days"}
    return render_template("despatch_form.html", entry=Entry(values), **_known(found, parts, left))


@blueprint.post("/<order_id>/despatch")
@signed_in
def send(order_id: str) -> ResponseReturnValue:
    """Despatches what the form says."""
    found, parts = ours(order_id)
    entry = Entry.sent()
    sentence = _("Give a whole number, 0 or more.")
    typed = {
        line.number: entry.whole(f"send-{line.number}", sentence, least=0)
        for line in parts.lines
        if entry[f"send-{line.number}"]
    }
    quantities = {line: units for line, units in typed.items() if units}
    if entry.right and not quantities:
        entry.refuse(f"send-{parts.lines[0].number}", _("Send at least one unit."))
    carriage = None
    if entry["carriage"]:
        carriage = entry.whole("carriage", _("Choose who carries it."), least=0)
    expected = entry.seconds("expected", _("Give a whole number, at most a year."))
    epcs = [goods_uri(line.strip()) for line in entry["epcs"].splitlines() if line.strip()]
    if entry.right:

        def despatch() -> Receipt[DespatchReply]:
            return viewer().client.despatches.send(
                order_id,
                quantities,
                carriage=carriage,
                epcs=epcs,
                sscc=sscc_digits(entry["sscc"]),
                expected_within=expected,
                command_id=entry.command_id,
            )

        sent = carry_out(entry, despatch, _fields(quantities), _("This part is on its way."))
        if sent is not None:
            number = f"despatch-{sent.reply.despatch.number}"
            return redirect(url_for("orders.show", order_id=order_id, _anchor=number), 303)
    return with_problems("despatch_form.html", entry, **_known(found, parts, _carriages(order_id, parts)))


def ours(order_id: str) -> tuple[OrderDetail, OrderDeliveries]:
    """An order in parts that we sell."""
    found = orders.order(order_id)
    allowed(viewer().msp_id == found.order.seller, _("Only the seller accepts and despatches."))
    if found.deliveries is None:
        abort(404, _("This order is not delivered in parts."))
    return found, found.deliveries


def _fields(quantities: dict[int, int]) -> dict[str, str]:
    """Path in the command to field of the form."""
    lines = {f"lines[{place}]": f"send-{line}" for place, line in enumerate(sorted(quantities))}
    return {**lines, "order": GENERAL, "epcs": "epcs", "expected_within": "expected"}


def _carriages(order_id: str, parts: OrderDeliveries) -> list[CarriageRow]:
    """The carriages that have not served a despatch; all of them where our peer does not say."""
    try:
        used = viewer().client.deliveries.get(order_id).fulfilment.carriages
    except HansaError:  # whatever is chosen, the ledger judges
        used = []
    return [each for each in parts.carriages if each.number not in used]


def _known(found: OrderDetail, parts: OrderDeliveries, left: list[CarriageRow]) -> dict[str, Any]:
    return {
        "order": found.order,
        "lines": parts.lines,
        "open_units": orders.open_units(found),
        "carriages": left,
    }
