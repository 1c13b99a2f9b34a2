"""Orders: the list, and the page of one with its timeline."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from hansa.errors import HansaError, RefusedError
from hansa_domain.orders.commands import Delivery
from hansa_portal.due import actions
from hansa_portal.entry import Entry
from hansa_portal.pages.answers import PAGE, cut, page_number
from hansa_portal.timeline import timeline
from hansa_portal.viewer import portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import AlertFilter, DespatchDetail, OrderDetail, OrderRow

blueprint = Blueprint("orders", __name__, url_prefix="/orders")

STATUSES = ("placed", "accepted", "shipped", "delivered", "settled", "cancelled", "refunded")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Our orders; a regulator sees everybody's."""
    number, words = page_number(), request.args.get("q", "").strip()
    status = request.args.get("status", "")
    party = None if viewer().role == "regulator" else viewer().msp_id
    rows, more = cut(
        portal().queries.orders.list(
            party=party,
            statuses=(status,) if status in STATUSES else (),
            words=words,
            limit=PAGE + 1,
            offset=number * PAGE,
        )
    )
    return render_template(
        "orders.html", rows=rows, more=more, page=number, words=words, status=status, statuses=STATUSES
    )


@blueprint.get("/<order_id>")
@signed_in
def show(order_id: str) -> ResponseReturnValue:
    """One order."""
    return page(order(order_id), Entry())


def order(order_id: str) -> OrderDetail:
    """An order that concerns the viewer; 404 for any other, so that nothing is learnt by trying."""
    found = portal().queries.orders.detail(order_id)
    if found is None or not (
        viewer().sees(found.order) or viewer().msp_id in found.parties or _decides(order_id)
    ):
        abort(404, _("There is no such order among yours."))
    return found


def despatch(found: OrderDetail, despatch_id: str) -> DespatchDetail:
    """A despatch of an order; 404 where it has none of that id."""
    parts = () if found.deliveries is None else found.deliveries.despatches
    part = next((each for each in parts if each.despatch.despatch_id == despatch_id), None)
    if part is None:
        abort(404, _("There is no such despatch of this order."))
    return part


def open_units(found: OrderDetail) -> dict[int, int]:
    """Units that the seller may despatch now, by line; none where the order goes whole."""
    parts = found.deliveries
    if parts is None:
        return {}
    agreed = parts.terms.back_order == "agreed"
    return {line.number: line.open + (line.back if agreed else 0) for line in parts.lines}


def despatchable(found: OrderDetail) -> bool:
    """Whether some of an order in parts may be despatched now."""
    row = found.order
    return row.status in {"accepted", "shipped"} and row.dispute is None and any(open_units(found).values())


def _decides(order_id: str) -> bool:
    """Whether the viewer attests a milestone of an order, or has a dispute of it to decide."""
    me, escrow = viewer().msp_id, portal().queries.escrow
    inspects = any(each.inspector == me for each in escrow.milestones(order_id))
    return inspects or any(each.arbitrator == me for each in escrow.disputes(order_id=order_id))


def page(found: OrderDetail, entry: Entry) -> ResponseReturnValue:
    """The page of an order, with the problems of a step that was refused."""
    now = portal().now()
    me = viewer()
    in_parts = found.deliveries is not None
    back_order = None if found.deliveries is None else found.deliveries.terms.back_order
    values: dict[str, Any] = {
        "detail": found,
        "order": found.order,
        "entry": entry,
        "timeline": timeline(found),
        "actions": actions(found.order, me, now, in_parts=in_parts, back_order=back_order),
        "may_ship": me.msp_id == found.order.seller
        and found.order.status == "accepted"
        and found.order.dispute is None
        and not in_parts,
        "may_despatch": me.msp_id == found.order.seller and despatchable(found),
        "documents": documents(found.order, in_parts=in_parts),
        "overdue": found.order.due is not None and found.order.due <= now,
    }
    escrow = portal().queries.escrow
    order_id = found.order.order_id
    values["milestones"] = escrow.milestones(order_id)
    values["disputes"] = escrow.disputes(order_id=order_id)
    values["settlements"] = escrow.settlements(order_id)[:1]
    values["claims"] = portal().queries.claims.list(order_id=order_id)
    despatches = [] if found.deliveries is None else [each.despatch for each in found.deliveries.despatches]
    values["our_despatches"] = [
        each
        for each in despatches
        if each.carrier == me.msp_id and each.status in {"despatched", "delivered"}
    ]
    values["alerts"] = portal().queries.alerts.list(AlertFilter(order=order_id, closed=False), limit=PAGE)
    values["excursions"] = portal().queries.cold_chain.excursions(order=order_id, limit=PAGE)
    values["delivery"], values["why_no_delivery"] = delivery(found)
    checked = me.role == "regulator" or me.msp_id in found.parties
    compliance = portal().queries.compliance
    values["checks"] = compliance.history(found.order.order_id) if checked else []
    open_ = found.order.due is not None
    values["held_back"] = compliance.held_back(found.order.order_id) if checked and open_ else None
    return render_template("order.html", **values), 200 if entry.right else 422


def documents(found: OrderRow, *, in_parts: bool = False) -> list[str]:
    """Which documents about an order can be made, as far as its state tells; not of its parts."""
    since = {
        "order-response": ("accepted", "shipped", "delivered", "settled"),
        "despatch-advice": ("shipped", "delivered", "settled"),
        "receipt-advice": ("settled",) if found.cause == "confirmed" else (),
        "invoice": ("accepted", "shipped", "delivered", "settled"),
    }
    made = [kind for kind, statuses in since.items() if found.status in statuses]
    return ["order", *(kind for kind in made if not in_parts or kind == "order-response")]


def delivery(found: OrderDetail) -> tuple[Delivery | None, str]:
    """The address as disclosed to us, asked of our own peer now and kept nowhere; or why there is none."""
    if viewer().msp_id not in found.parties:
        return None, ""
    try:
        return viewer().client.orders.delivery_address(found.order.order_id), ""
    except RefusedError:
        return None, _("No address was disclosed to us.")
    except HansaError:
        return None, _("Our peer does not answer, and only it has the address.")
