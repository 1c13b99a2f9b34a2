"""Placing an order: a form, a look at what it comes to, and one order however often it is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hansa.errors import HansaError
from hansa.orders import DAY, DEFAULT_TERMS, DisclosureError, salt
from hansa.submission import Receipt
from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.order import Terms
from hansa_domain.orders.quote import QuoteReply
from hansa_portal.carrying_out import carry_out, shown
from hansa_portal.entry import GENERAL, UNITS, Entry
from hansa_portal.pages.answers import with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import ListingRow

blueprint = Blueprint("ordering", __name__, url_prefix="/listings")

_TERMS = ("accept_within", "ship_within", "deliver_within", "inspect_within")
_ADDRESS = ("name", "street", "postal_code", "city", "region", "country", "contact", "phone", "email")
_MINOR = re.compile(r"[0-9]{1,18}")
_FIELDS = {
    "lines[0].quantity": "quantity",
    "lines[0].listing": GENERAL,
    "notes": "amount",
    "terms": "unit",
    "coupon.part": "coupon",
    "sample": GENERAL,
}


@dataclass(frozen=True)
class _Wanted:
    """What the form says, as the ledger writes it; amounts in minor units."""

    quantity: int
    currency: str
    amount: int | None
    freight: int
    fee: int
    quote: QuoteReply | None
    destination: str | None
    coupon: str | None
    carrier: str | None
    terms: Terms
    delivery: Delivery | None
    reference: str | None

    @property
    def proceeds(self) -> int:
        return (self.amount or 0) - self.freight - self.fee


@blueprint.get("/<listing>/order")
@signed_in
def form(listing: str) -> ResponseReturnValue:
    """The form with sane terms."""
    found = _listing(listing)
    defaults = {name: str(getattr(DEFAULT_TERMS, name) // DAY) for name in _TERMS}
    member = viewer().member
    entry = Entry({**defaults, "unit": "days", "quantity": "1", "country": member.country, "salt": salt()})
    return render_template("order_form.html", entry=entry, listing=found, **_known(found))


@blueprint.post("/<listing>/order")
@signed_in
def place(listing: str) -> ResponseReturnValue:
    """First shows what the order comes to; places it when that was seen and confirmed."""
    found = _listing(listing)
    entry = Entry.sent()
    wanted = _read(entry, found)
    if entry.right and entry["step"] == "change":
        return render_template("order_form.html", entry=entry, listing=found, **_known(found))
    # Asked for anew, a quote is to be seen before anything is placed at it.
    if entry.right and (entry["step"] != "place" or wanted.quote is not None):
        return render_template("order_review.html", entry=entry, listing=found, wanted=wanted)
    if entry.right:
        order = carry_out(entry, lambda: _place(entry, found, wanted), _FIELDS)
        if order is not None:
            return redirect(url_for("orders.show", order_id=order), 303)
    return with_problems("order_form.html", entry, listing=found, **_known(found))


def _place(entry: Entry, listing: ListingRow, wanted: _Wanted) -> str:
    receipt: Receipt[Any]  # of an order placed, or of an offer that became one
    try:
        receipt = viewer().client.orders.place(
            listing.listing,
            wanted.quantity,
            amount=wanted.amount if listing.unit_price is None else None,
            at_most=wanted.amount,
            currency=None if wanted.currency == listing.currency else wanted.currency,
            destination=wanted.destination,
            coupon=wanted.coupon,
            freight=wanted.freight,
            carrier=wanted.carrier,
            terms=wanted.terms,
            deliver_to=wanted.delivery,
            reference=wanted.reference,
            command_id=entry.command_id,
        )
    except DisclosureError as error:
        receipt = error.receipt
        flash(_("The order stands, but not every party has the address yet: send it again below."), "notice")
    shown(receipt)
    if receipt.repeated:
        flash(_("This order was placed before; it was not placed again."), "notice")
    else:
        flash(_("The order is placed and the price is in escrow."), "done")
    return receipt.reply.order.id


def disclose(order: str, parties: tuple[str, ...], delivery: Delivery) -> bool:
    """Tells every party the address; says who could not be told. Whether all know it."""
    missing = []
    for party in parties:
        try:
            viewer().client.orders.disclose(order, delivery, party)
        except HansaError:
            missing.append(party)
    if missing:
        flash(_("These could not be told the address: %(names)s.", names=", ".join(missing)), "notice")
    return not missing


def _read(entry: Entry, listing: ListingRow) -> _Wanted:
    quantity = entry.whole("quantity", _("Give a whole number of units, at least 1."))
    # What was placed already is gone from the stock: a form sent twice must not fail for that.
    confirmed = entry["step"] == "place" and (_seen(entry) is not None or listing.unit_price is None)
    if quantity > listing.left and not confirmed:
        sentence = _("%(left)d units are left.", left=listing.left)
        entry.refuse("quantity", sentence, "STOCK_INSUFFICIENT", _("Order fewer."))
    currency = entry["currency"] or listing.currency
    freight = entry.amount("freight", currency) if entry["freight"] else 0
    carrier = entry["carrier"] or None
    if freight and carrier is None:
        entry.refuse("carrier", _("Freight needs a carrier who receives it."), "CARRIER_INVALID")
    quote = _quote(entry, listing, quantity, freight, currency)
    amount, fee = _amount(entry, listing, quote)
    return _Wanted(
        quantity=quantity,
        currency=currency,
        amount=amount,
        freight=freight,
        fee=fee,
        quote=quote,
        destination=entry["destination"].upper() or None,
        coupon=entry["coupon"] or None,
        carrier=carrier,
        terms=_terms(entry),
        delivery=_delivery(entry),
        reference=entry["reference"] or None,
    )


def _quote(
    entry: Entry, listing: ListingRow, quantity: int, freight: int, currency: str
) -> QuoteReply | None:
    """What the ledger says it costs; not asked again once that was seen and confirmed."""
    confirmed = entry["step"] == "place" and _seen(entry) is not None
    if not entry.right or listing.unit_price is None or confirmed:
        return None
    return carry_out(
        entry,
        lambda: viewer().client.orders.quote(
            listing.listing,
            quantity,
            freight=freight,
            currency=None if currency == listing.currency else currency,
            destination=entry["destination"].upper() or None,
            coupon=entry["coupon"] or None,
        ),
        _FIELDS,
    )


def _amount(entry: Entry, listing: ListingRow, quote: QuoteReply | None) -> tuple[int | None, int]:
    """The total and the fee in it: as quoted, as seen before, or as the buyer names it."""
    if quote is not None:
        return int(quote.amount), int(quote.fee)
    if listing.unit_price is not None:
        return _seen(entry), 0
    amount = entry.amount("amount", listing.currency)
    terms = viewer().consortium
    return amount, amount * (terms.basis_points if terms is not None else 0) // 10_000


def _seen(entry: Entry) -> int | None:
    """The total that the buyer was shown, minor units."""
    return int(entry["seen"]) if _MINOR.fullmatch(entry["seen"]) else None


def _terms(entry: Entry) -> Terms:
    unit = UNITS.get(entry["unit"])
    if unit is None:
        entry.refuse("unit", _("Choose days, hours, minutes or seconds."))
        unit = DAY
    most = 365 * DAY // unit
    sentence = _("Give a whole number, at most a year.")
    found = {name: entry.whole(name, sentence, most=most) * unit for name in _TERMS}
    return Terms(**found)


def _delivery(entry: Entry) -> Delivery | None:
    """The address, where any of it was typed; what the ledger would refuse is noted at its field."""
    typed = {name: entry[name] for name in (*_ADDRESS, "instructions") if entry[name]}
    if not set(typed) - {"country"}:
        return None
    for name, sentence in (
        ("name", _("Say who receives the goods.")),
        ("street", _("Give the street.")),
        ("city", _("Give the city.")),
        ("country", _("Give the country's two letters.")),
    ):
        if name not in typed:
            entry.refuse(name, sentence)
    document: dict[str, Any] = {**typed, "salt": entry["salt"] or salt()}
    document["street"] = [line.strip() for line in typed.get("street", "").splitlines() if line.strip()]
    document["country"] = typed.get("country", "").upper()
    try:
        return msgspec.convert(document, Delivery)
    except msgspec.ValidationError as error:
        field = str(error).partition("$.")[2].partition("`")[0].partition("[")[0]
        entry.refuse(field, _("This is not a valid value: at most 200 characters."))
        return None


def _listing(listing: str) -> ListingRow:
    allowed(viewer().buys, _("Regulators do not trade."))
    found = portal().queries.listings.find(listing)
    if found is None:
        abort(404, _("There is no such listing."))
    allowed(found.seller != viewer().msp_id, _("Nobody orders from himself."))
    return found


def _known(listing: ListingRow) -> dict[str, object]:
    members = portal().queries.members.present()
    prices = portal().queries.listings.prices(listing.listing)
    return {
        "carriers": [row for row in members if row.role == "carrier" and row.msp_id != viewer().msp_id],
        "currencies": list(dict.fromkeys([listing.currency, *(row.currency for row in prices)])),
    }
