"""Products: goods as GS1 identifies them."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import Entry
from hansa_portal.pages.answers import PAGE, cut, page_number, with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("products", __name__, url_prefix="/products")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """All products, or our own."""
    number = page_number()
    owner = viewer().msp_id if request.args.get("own") else None
    rows, more = cut(portal().queries.products.list(owner=owner, limit=PAGE + 1, offset=number * PAGE))
    return render_template("products.html", rows=rows, more=more, page=number, own=owner is not None)


@blueprint.get("/register")
@signed_in
def form() -> ResponseReturnValue:
    """The form."""
    allowed(viewer().sells, _("Producers and retailers register products."))
    return render_template("product_form.html", entry=Entry())


@blueprint.post("/register")
@signed_in
def register() -> ResponseReturnValue:
    """Registers a product."""
    allowed(viewer().sells, _("Producers and retailers register products."))
    entry = Entry.sent()
    gtin = entry.required("gtin", _("Give the GTIN under the barcode."))
    name = entry.required("name", _("Give the product a name."))
    if entry.right:
        receipt = carry_out(
            entry,
            lambda: viewer().client.products.register(
                gtin,
                name,
                brand=entry["brand"] or None,
                description=entry["description"] or None,
                command_id=entry.command_id,
            ),
            done=_("%(name)s is registered.", name=name),
        )
        if receipt is not None:
            return redirect(url_for("listings.form", gtin=receipt.reply.product.gtin), 303)
    return with_problems("product_form.html", entry)
