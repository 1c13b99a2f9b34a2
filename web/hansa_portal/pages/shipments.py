"""The carrier's pages: what to carry, and a form for handovers that fits a phone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa.goods import Captured
from hansa.ids import derived_id
from hansa.submission import Receipt
from hansa_domain.deliveries.commands import DespatchReply
from hansa_domain.gs1 import normal_form
from hansa_domain.orders.commands import OrderReply
from hansa_portal.carrying_out import carry_out, shown
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.handover import STEPS, Handover, goods_uri, object_event, place_uri
from hansa_portal.loads import Load, load
from hansa_portal.pages import orders
from hansa_portal.pages.answers import PAGE, cut, page_number, with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import UNDER_WAY, OrderDetail

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments")

CARRIED = (*UNDER_WAY, "delivered")
ENDED = ("received", "settled", "refunded")

_FIELDS = {"epcList": "typed", "readPoint": "place", "eventTime": "time", "sensorElementList": "temperature"}


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What we carry: under way or delivered, or else what has ended."""
    allowed(viewer().role == "carrier", _("Shipments are the carriers' page."))
    number, ended = page_number(), bool(request.args.get("ended"))
    rows, more = cut(
        portal().queries.shipments.list(
            viewer().msp_id,
            "carrier",
            ENDED if ended else CARRIED,
            newest_first=ended,
            limit=PAGE + 1,
            offset=number * PAGE,
        )
    )
    return render_template(
        "shipments.html", rows=rows, more=more, page=number, ended=ended, now=portal().now()
    )


@blueprint.get("/<order_id>")
@blueprint.get("/<order_id>/despatches/<despatch_id>")
@signed_in
def show(order_id: str, despatch_id: str = "") -> ResponseReturnValue:
    """One shipment: what, from whom, to whom, until when, and what to do next."""
    found = _ours(order_id, despatch_id)
    delivery, why_not = orders.delivery(found.detail)
    return render_template(
        "shipment.html",
        load=found,
        order=found.order,
        delivery=delivery,
        why_no_delivery=why_not,
        steps=_steps(),
        overdue=found.under_way and found.due is not None and found.due <= portal().now(),
    )


@blueprint.get("/<order_id>/handover")
@blueprint.get("/<order_id>/despatches/<despatch_id>/handover")
@signed_in
def form(order_id: str, despatch_id: str = "") -> ResponseReturnValue:
    """The form, with everything of the shipment ticked, the next step chosen, and the present time."""
    found = _carried(order_id, despatch_id)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    asked = request.args.get("step", "")
    step = asked if asked in STEPS else found.next_step
    entry = Entry({"time": now, "step": step}, {"goods": found.goods, "report_delivery": ["1"]})
    return render_template("handover.html", entry=entry, load=found, order=found.order, steps=_steps())


@blueprint.post("/<order_id>/handover")
@blueprint.post("/<order_id>/despatches/<despatch_id>/handover")
@signed_in
def report(order_id: str, despatch_id: str = "") -> ResponseReturnValue:
    """Reports the handover; when the goods were delivered, the delivery too."""
    found = _carried(order_id, despatch_id)
    entry = Entry.sent()
    document = _document(entry, found.detail)
    if entry.right:
        captured = carry_out(
            entry, lambda: viewer().client.goods.capture(document, command_id=entry.command_id)
        )
        if captured is not None and _noted(entry, captured) and _delivered(entry, found):
            return redirect(
                url_for("shipments.show", order_id=order_id, despatch_id=despatch_id or None), 303
            )
    return with_problems("handover.html", entry, load=found, order=found.order, steps=_steps())


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


def _delivered(entry: Entry, found: Load) -> bool:
    if entry["step"] != "delivered" or not found.under_way or not entry["report_delivery"]:
        return True
    command = derived_id(entry.command_id, "deliver")
    receipt = carry_out(
        entry,
        lambda: _deliver(found, command),
        {"order": GENERAL, "despatch": GENERAL},
        _("Delivery is reported; the buyer inspects the goods."),
    )
    return receipt is not None


def _deliver(found: Load, command: str) -> Receipt[OrderReply] | Receipt[DespatchReply]:
    client = viewer().client
    if found.part is None:
        return client.orders.deliver(found.order.order_id, command_id=command)
    return client.despatches.deliver(found.part.despatch.despatch_id, command_id=command)


def _ours(order_id: str, despatch_id: str) -> Load:
    """A shipment that the viewer carries, or carried; 404 for one that is not of an order of his."""
    detail, me = orders.order(order_id), viewer().msp_id
    if not despatch_id:
        allowed(me == detail.order.carrier, _("Shipments are shown to who carries them."))
        if detail.order.status in {"placed", "accepted", "cancelled"}:
            abort(404, _("This order has not been shipped."))
        return load(portal().queries, detail, None, me)
    part = orders.despatch(detail, despatch_id)
    allowed(me == part.despatch.carrier, _("Shipments are shown to who carries them."))
    return load(portal().queries, detail, part, me)


def _carried(order_id: str, despatch_id: str) -> Load:
    """A shipment of which handovers are still reported."""
    sentence = _("Handovers are reported by the carrier while the goods are on their way.")
    if not despatch_id:  # an order that has not left, or goes in parts, is no shipment yet
        allowed(viewer().msp_id == orders.order(order_id).order.carrier, sentence)
    found = _ours(order_id, despatch_id)
    allowed(found.status in CARRIED, sentence)
    return found


def _steps() -> dict[str, str]:
    return {
        "picked_up": _("Picked up"),
        "departed": _("Departed"),
        "passing": _("Passed on the way"),
        "arrived": _("Arrived"),
        "inspected": _("Inspected"),
        "delivered": _("Delivered"),
    }
