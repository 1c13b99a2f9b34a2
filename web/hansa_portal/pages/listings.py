"""Listings: goods on offer."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.pages.answers import PAGE, cut, page_number, unknown, with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import ListingRow

blueprint = Blueprint("listings", __name__, url_prefix="/listings")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What is on offer, or what we offer."""
    number, words = page_number(), request.args.get("q", "").strip()
    seller = viewer().msp_id if request.args.get("own") else None
    rows, more = cut(
        portal().queries.listings.list(
            seller=seller,
            status=None if seller else "open",
            words=words,
            limit=PAGE + 1,
            offset=number * PAGE,
        )
    )
    return render_template("listings.html", rows=rows, more=more, page=number, words=words, own=bool(seller))


@blueprint.get("/new")
@signed_in
def form() -> ResponseReturnValue:
    """The form; ``gtin`` may be filled in by the page that leads here."""
    allowed(viewer().sells, _("Producers and retailers offer goods."))
    return render_template(
        "listing_form.html", entry=Entry({"gtin": request.args.get("gtin", "")}), **_known()
    )


@blueprint.post("/new")
@signed_in
def create() -> ResponseReturnValue:
    """Offers goods."""
    allowed(viewer().sells, _("Producers and retailers offer goods."))
    entry = Entry.sent()
    gtin = entry.required("gtin", _("Choose a product, or give its GTIN."))
    currency = entry.required("currency", _("Give the currency, such as EUR.")).upper()
    price = entry.amount("unit_price", currency) if entry["unit_price"] and currency else None
    quantity = entry.whole("quantity", _("Give a whole number of units, at least 1."))
    if entry.right:
        receipt = carry_out(
            entry,
            lambda: viewer().client.listings.create(
                gtin, unit_price=price, currency=currency, quantity=quantity, command_id=entry.command_id
            ),
            done=_("The goods are on offer."),
        )
        if receipt is not None:
            return redirect(url_for("listings.show", listing=receipt.reply.listing.id), 303)
    return with_problems("listing_form.html", entry, **_known())


@blueprint.get("/<listing>")
@signed_in
def show(listing: str) -> ResponseReturnValue:
    """One listing."""
    return render_template("listing.html", entry=Entry(), **_shown(_listing(listing)))


@blueprint.post("/<listing>/withdraw")
@signed_in
def withdraw(listing: str) -> ResponseReturnValue:
    """Takes the offer back."""
    found = _listing(listing)
    allowed(found.seller == viewer().msp_id, _("Only its seller withdraws a listing."))
    entry = Entry.sent()
    done = carry_out(
        entry,
        lambda: viewer().client.listings.withdraw(listing, command_id=entry.command_id),
        {"listing": GENERAL},
        done=_("The listing is withdrawn; orders already placed go on."),
    )
    if done is not None:
        return redirect(url_for("listings.show", listing=listing), 303)
    if entry.unknown is not None:
        return unknown(entry)
    return with_problems("listing.html", entry, **_shown(found))


def _shown(listing: ListingRow) -> dict[str, object]:
    return {"listing": listing, "prices": portal().queries.listings.prices(listing.listing)}


def _listing(listing: str) -> ListingRow:
    found = portal().queries.listings.find(listing)
    if found is None:
        abort(404, _("There is no such listing."))
    return found


def _known() -> dict[str, object]:
    queries = portal().queries
    return {"products": queries.products.list(limit=500), "currencies": queries.money.currencies()}
