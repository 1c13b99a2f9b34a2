"""The steps of an order: one button each, shown only to who may press it, and judged by the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.handover import goods_uri, sscc_digits
from hansa_portal.pages import orders
from hansa_portal.pages.answers import unknown
from hansa_portal.pages.ordering import disclose
from hansa_portal.viewer import allowed, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import OrderDetail

blueprint = Blueprint("order_steps", __name__, url_prefix="/orders")


@blueprint.post(
    "/<order_id>/<any(accept, deliver, confirm, cancel, default, accept_back_order, refuse_back_order):step>"
)
@signed_in
def take(order_id: str, step: str) -> ResponseReturnValue:
    """Carries out a step without further fields."""
    allowed(viewer().buys, _("Regulators do not trade."))
    found = orders.order(order_id)
    entry = Entry.sent()
    commands, parts = viewer().client.orders, viewer().client.deliveries
    verbs: dict[str, Callable[..., Any]] = {
        "accept": commands.accept,
        "deliver": commands.deliver,
        "confirm": commands.confirm,
        "cancel": commands.cancel,
        "default": commands.default,
        "accept_back_order": parts.accept_back_order,
        "refuse_back_order": parts.refuse_back_order,
    }
    done = {
        "accept": _("You accepted the order."),
        "deliver": _("Delivery is reported; the buyer inspects the goods."),
        "confirm": _("Receipt is confirmed; everybody is paid."),
        "cancel": _("The order is cancelled; the buyer has the money back."),
        "default": _("The terms took effect."),
        "accept_back_order": _("You wait for the rest until the promised time."),
        "refuse_back_order": _("You do not wait; the money for these units is yours again."),
    }
    command = lambda: verbs[step](order_id, command_id=entry.command_id)  # noqa: E731 - read where it is used
    return _answer(found, entry, carry_out(entry, command, {"order": GENERAL}, done[step]))


@blueprint.post(
    "/<order_id>/despatches/<despatch_id>/<any(deliver, receive, invoice, pay):step>", endpoint="part"
)
@signed_in
def take_part(order_id: str, despatch_id: str, step: str) -> ResponseReturnValue:
    """Carries out a step on one despatch of an order."""
    allowed(viewer().buys, _("Regulators do not trade."))
    found = orders.order(order_id)
    part = orders.despatch(found, despatch_id)
    entry = Entry.sent()
    client, given = viewer().client, entry.command_id
    issued = [each.invoice_id for each in part.invoices if each.status == "issued"]
    verbs: dict[str, Callable[[], Any]] = {
        "deliver": lambda: client.despatches.deliver(despatch_id, command_id=given),
        "receive": lambda: client.receipts.report(despatch_id, command_id=given),
        "invoice": lambda: client.invoices.issue(despatch_id, command_id=given),
        # A repetition finds the invoice paid; the ledger answers as it did the first time.
        "pay": lambda: client.invoices.pay((issued or [part.invoices[-1].invoice_id])[0], command_id=given),
    }
    done = {
        "deliver": _("Delivery is reported; the buyer inspects the goods."),
        "receive": _("The receipt is reported; the seller invoices."),
        "invoice": _("The invoice is issued."),
        "pay": _("This part is paid."),
    }
    if step == "pay" and not part.invoices:
        abort(404, _("There is no invoice for this despatch."))
    return _answer(found, entry, carry_out(entry, verbs[step], {"despatch": GENERAL}, done[step]))


@blueprint.post("/<order_id>/ship")
@signed_in
def ship(order_id: str) -> ResponseReturnValue:
    """Ships the goods: their identities one a line, and the logistic unit's SSCC."""
    allowed(viewer().buys, _("Regulators do not trade."))
    found = orders.order(order_id)
    entry = Entry.sent()
    epcs = [goods_uri(line.strip()) for line in entry["epcs"].splitlines() if line.strip()]
    sscc = sscc_digits(entry["sscc"])
    receipt = carry_out(
        entry,
        lambda: viewer().client.orders.ship(order_id, epcs=epcs, sscc=sscc, command_id=entry.command_id),
        {"order": GENERAL, "epcs": "epcs"},
        _("The goods are on their way."),
    )
    return _answer(found, entry, receipt)


@blueprint.post("/<order_id>/disclose")
@signed_in
def send_address(order_id: str) -> ResponseReturnValue:
    """The buyer tells the address again to those who may have missed it."""
    found = orders.order(order_id)
    if viewer().msp_id != found.order.buyer:
        abort(403, _("Only the buyer discloses the address."))
    entry = Entry.sent()
    address = carry_out(entry, lambda: viewer().client.orders.delivery_address(order_id), {"order": GENERAL})
    if address is not None and disclose(order_id, found.parties, address):
        return redirect(url_for("orders.show", order_id=order_id), 303)
    return orders.page(found, entry)


def _answer(found: OrderDetail, entry: Entry, receipt: object | None) -> ResponseReturnValue:
    if receipt is not None:
        return redirect(url_for("orders.show", order_id=found.order.order_id), 303)
    return unknown(entry) if entry.unknown is not None else orders.page(found, entry)
