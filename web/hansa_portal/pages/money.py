"""Money: what we hold, what moved, paying, and issuing."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import Entry
from hansa_portal.pages.answers import with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("money", __name__, url_prefix="/money")


@blueprint.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Balances, the latest movements, and for bank and regulator whether everything adds up."""
    return render_template("money.html", **_known())


@blueprint.get("/pay")
@signed_in
def pay_form() -> ResponseReturnValue:
    """The form."""
    allowed(viewer().buys, _("Regulators do not trade."))
    return render_template("pay.html", entry=Entry(), **_known())


@blueprint.post("/pay")
@signed_in
def pay() -> ResponseReturnValue:
    """Pays another account, once however often the form is sent."""
    allowed(viewer().buys, _("Regulators do not trade."))
    entry = Entry.sent()
    owner, currency, amount = _read(entry)
    if entry.right:
        receipt = carry_out(
            entry,
            lambda: viewer().client.money.transfer(owner, currency, amount, command_id=entry.command_id),
            {"outputs[0].owner": "owner", "outputs[0].amount": "amount", "notes": "amount"},
        )
        if receipt is not None:
            if receipt.repeated:
                flash(_("This payment was made before; it was not made again."), "notice")
            else:
                flash(_("The payment is made."), "done")
            return redirect(url_for("money.show"), 303)
    return with_problems("pay.html", entry, **_known())


@blueprint.get("/mint")
@signed_in
def mint_form() -> ResponseReturnValue:
    """The form."""
    allowed(viewer().role == "bank", _("Banks issue money."))
    return render_template("mint.html", entry=Entry(), **_known())


@blueprint.post("/mint")
@signed_in
def mint() -> ResponseReturnValue:
    """Issues money."""
    allowed(viewer().role == "bank", _("Banks issue money."))
    entry = Entry.sent()
    owner, currency, amount = _read(entry)
    if entry.right:
        receipt = carry_out(
            entry,
            lambda: viewer().client.money.mint(currency, amount, owner, command_id=entry.command_id),
            done=_("The money is issued."),
        )
        if receipt is not None:
            return redirect(url_for("money.show"), 303)
    return with_problems("mint.html", entry, **_known())


def _read(entry: Entry) -> tuple[str, str, int]:
    owner = entry.required("owner", _("Say whom."))
    if entry["account"]:
        owner = f"{owner}/{entry['account']}"
    currency = entry.required("currency", _("Give the currency, such as EUR.")).upper()
    amount = entry.amount("amount", currency) if currency else 0
    if entry.right and amount == 0:
        entry.refuse("amount", _("Give an amount above zero."), "AMOUNT_ZERO")
    return owner, currency, amount


def _known() -> dict[str, object]:
    queries, me = portal().queries, viewer()
    balances = queries.money.balances(me.msp_id)
    accounts = sorted({me.msp_id, *(balance.owner for balance in balances)})
    return {
        "balances": balances,
        "accounts": accounts,
        "movements": queries.money.movements(accounts),
        "supply": queries.money.supply() if me.role in {"bank", "regulator"} else [],
        "everybody": queries.members.present(),
        "currencies": queries.money.currencies(),
    }
