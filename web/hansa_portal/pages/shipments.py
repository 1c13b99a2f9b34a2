"""The carrier's pages: what to carry, and a form for handovers that fits a phone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hansa.goods import Captured
from hansa.ids import derived_id
from hansa_domain.gs1 import normal_form
from hansa_portal.carrying_out import carry_out, shown
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.handover import STEPS, Handover, goods_uri, object_event, place_uri
from hansa_portal.pages import orders
from hansa_portal.pages.answers import PAGE, cut, page_number, with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import OrderDetail

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments")

_FIELDS = {"epcList": "typed", "readPoint": "place", "eventTime": "time", "sensorElementList": "temperature"}


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What we carry."""
    allowed(viewer().role == "carrier", _("Shipments are the carriers' page."))
    number = page_number()
    rows, more = cut(portal().queries.orders.shipments(viewer().msp_id, limit=PAGE + 1, offset=number * PAGE))
    return render_template("shipments.html", rows=rows, more=more, page=number)


@blueprint.get("/<order_id>/handover")
@signed_in
def form(order_id: str) -> ResponseReturnValue:
    """The form, with everything of the shipment ticked and the present time."""
    found = _carried(order_id)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    entry = Entry({"time": now, "step": "picked_up"}, {"goods": _goods(found)})
    return render_template("handover.html", entry=entry, **_known(found))


@blueprint.post("/<order_id>/handover")
@signed_in
def report(order_id: str) -> ResponseReturnValue:
    """Reports the handover; when the goods were delivered, the delivery too."""
    found = _carried(order_id)
    entry = Entry.sent()
    document = _document(entry, found)
    if entry.right:
        captured = carry_out(
            entry, lambda: viewer().client.goods.capture(document, command_id=entry.command_id)
        )
        if captured is not None and _noted(entry, captured) and _delivered(entry, found):
            return redirect(url_for("orders.show", order_id=order_id), 303)
    return with_problems("handover.html", entry, **_known(found))


def _document(entry: Entry, found: OrderDetail) -> str:
    typed = [goods_uri(line.strip()) for line in entry["typed"].splitlines() if line.strip()]
    goods = list({normal_form(epc): epc for epc in (*entry.chosen.get("goods", []), *typed)}.values())
    if not goods:
        entry.refuse("typed", _("Tick or scan at least one."))
    if entry["step"] not in STEPS:
        entry.refuse("step", _("Choose what happened."))
        return ""
    buyer = portal().queries.members.find(found.order.buyer)
    return object_event(
        Handover(
            command_id=entry.command_id,
            step=entry["step"],
            goods=goods,
            time=entry.time("time", _("Give date and time.")),
            read_point=_place(entry),
            order=found.order.order_id,
            buyer_gln=None if buyer is None else buyer.gln,
            temperature=_temperature(entry),
        )
    )


def _place(entry: Entry) -> str | None:
    if not entry["place"]:
        return None
    try:
        return place_uri(entry["place"], portal().office.domain, datetime.now(UTC).year)
    except ValueError:
        sentence = _("The check digit of this GLN is wrong.")
        entry.refuse("place", sentence, "GLN_INVALID", _("Give the GLN of 13 digits, or the place's name."))
        return None


def _temperature(entry: Entry) -> Decimal | None:
    if not entry["temperature"]:
        return None
    try:
        value = Decimal(entry["temperature"].replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and Decimal("-273.15") <= value <= Decimal(1000)):
        entry.refuse("temperature", _("Give degrees Celsius, such as 4.5."))
        return None
    return value


def _noted(entry: Entry, captured: Captured) -> bool:
    """Whether the event was taken; says how it counts, or what is wrong with it."""
    for receipt in captured.receipts:
        shown(receipt)
    result = captured.results[0]
    if result.status == "refused":
        path = result.field or ""
        place = next((name for start, name in _FIELDS.items() if path.startswith(start)), GENERAL)
        entry.refuse(place, result.message or "", result.code or "")
        return False
    if result.status == "claim":
        reason = (result.reason or "").replace("_", " ")
        flash(_("Kept as your claim only: %(reason)s.", reason=reason), "notice")
    else:
        flash(_("The handover is on the ledger."), "done")
    return True


def _delivered(entry: Entry, found: OrderDetail) -> bool:
    if entry["step"] != "delivered" or found.order.status != "shipped" or not entry["report_delivery"]:
        return True
    command = derived_id(entry.command_id, "deliver")
    receipt = carry_out(
        entry,
        lambda: viewer().client.orders.deliver(found.order.order_id, command_id=command),
        {"order": GENERAL},
        _("Delivery is reported; the buyer inspects the goods."),
    )
    return receipt is not None


def _carried(order_id: str) -> OrderDetail:
    found = orders.order(order_id)
    may = viewer().msp_id == found.order.carrier and found.order.status in {"shipped", "delivered"}
    allowed(may, _("Handovers are reported by the carrier while the goods are on their way."))
    return found


def _goods(found: OrderDetail) -> list[str]:
    sscc = [] if found.order.sscc is None else [f"https://id.gs1.org/00/{found.order.sscc}"]
    return [*sscc, *found.epcs]


def _known(found: OrderDetail) -> dict[str, object]:
    steps = {
        "picked_up": _("Picked up"),
        "departed": _("Departed"),
        "passing": _("Passed on the way"),
        "arrived": _("Arrived"),
        "inspected": _("Inspected"),
        "delivered": _("Delivered"),
    }
    return {"detail": found, "order": found.order, "shipped": _goods(found), "steps": steps}
