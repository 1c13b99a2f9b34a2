"""Documents of other industries: UBL and pain.001 taken in, UBL and statements given out."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa import statement_csv
from hansa.documents.errors import DocumentCode, DocumentError
from hansa.errors import HansaError, RefusedError
from hansa.ids import derived_id
from hansa.iso20022 import camt053
from hansa.iso20022_payments import Paid
from hansa.kept_salts import kept_salts
from hansa.statements import Statement, period
from hansa.ubl_exchange import KINDS, CarriedOut, Kind
from hansa_domain.fields import Owner
from hansa_domain.notes import organisation
from hansa_portal.carrying_out import carry_out, shown
from hansa_portal.entry import Entry
from hansa_portal.pages import orders
from hansa_portal.pages.answers import unknown, with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("documents", __name__)

MOST_SHOWN = 500
"""Entries of a statement that its page shows; files have all of them."""


@blueprint.get("/orders/<order_id>/ubl/<kind>")
@signed_in
def ubl(order_id: str, kind: str) -> ResponseReturnValue:
    """A document about an order, to be saved."""
    chosen: Kind | None = next((each for each in KINDS if each == kind), None)
    if chosen is None:
        abort(404)
    found = orders.order(order_id)
    try:
        raw = viewer().client.ubl.export(chosen, found.order.order_id)
    except DocumentError as error:
        abort(404, error.message)
    except HansaError:
        abort(503, _("Our peer does not answer. Try again in a moment."))
    return _saved(raw, f"{chosen}-{order_id.rpartition('.')[2]}.xml", "application/xml")


@blueprint.get("/documents/send")
@signed_in
def form() -> ResponseReturnValue:
    """The form."""
    allowed(viewer().buys, _("Regulators do not trade."))
    return render_template("send_document.html", entry=Entry())


@blueprint.post("/documents/send")
@signed_in
def send() -> ResponseReturnValue:
    """Does what a document says, once however often it is sent."""
    allowed(viewer().buys, _("Regulators do not trade."))
    entry = Entry.sent()
    document = _document(entry)
    if not entry.right:
        return with_problems("send_document.html", entry)
    done = carry_out(entry, lambda: _carry_out(document.encode("utf-8")))
    if done is None:
        if entry.unknown is not None:
            return unknown(entry, document=document)
        return with_problems("send_document.html", entry)
    for receipt in done.receipts[-1:]:
        shown(receipt)
    if isinstance(done, CarriedOut):
        return redirect(url_for("orders.show", order_id=done.order), 303)
    return render_template("paid.html", paid=done), 200 if done.error is None else 422


def _carry_out(raw: bytes) -> CarriedOut | Paid:
    client = viewer().client
    try:
        return client.iso20022.pay(raw)
    except DocumentError as error:
        # What is no pain.001 may be a document of UBL, whose reader then says what is wrong.
        if error.code != DocumentCode.KIND_UNKNOWN.value:
            raise _placed(error) from error
    try:
        return client.ubl.carry_out(raw, salts=kept_salts(portal().office.folder))
    except DocumentError as error:
        raise _placed(error) from error


def _placed(error: DocumentError) -> HansaError:
    """The same with the place in words: the form has no field of that name."""
    where = f" ({error.field})" if error.field else ""
    return HansaError(error.code, f"{error.message}{where}", error.hint)


def _document(entry: Entry) -> str:
    file = request.files.get("file")
    if file is None or not file.filename:
        return entry.required("document", _("Choose a file, or paste its content."))
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        entry.refuse("file", _("The file is not text in UTF-8."), DocumentCode.MALFORMED.value)
        return ""


@blueprint.get("/money/statement")
@signed_in
def statement() -> ResponseReturnValue:
    """What came and went on one of our accounts; as a page, as CSV, or as camt.053."""
    me, queries = viewer(), portal().queries
    today = portal().now()[:10]
    accounts = sorted({me.msp_id, *(balance.owner for balance in queries.money.balances(me.msp_id))})
    currencies = queries.money.currencies()
    entry = Entry(
        {
            "account": request.args.get("account") or me.msp_id,
            "currency": (request.args.get("currency") or (currencies[0] if currencies else "")).upper(),
            "from": request.args.get("from") or _month(today),
            "to": request.args.get("to") or today,
        }
    )
    # Accounts are public on the ledger, but a statement is a page for who they concern.
    allowed(
        me.role == "regulator" or organisation(entry["account"]) == me.msp_id, _("That is not our account.")
    )
    values: dict[str, Any] = {"entry": entry, "accounts": accounts, "currencies": currencies}
    if not _is_account(entry["account"]):
        entry.refuse("account", _("There is no such account."))
    if entry["currency"] not in currencies or not entry.right:
        page = render_template("statement.html", found=None, matched=[], **values)
        return page, 200 if entry.right else 422
    try:
        start, end = period(entry["from"], entry["to"])
    except RefusedError as error:
        entry.refused(error)
        return render_template("statement.html", found=None, matched=[], **values), 422
    found = queries.statements.statement(entry["account"], entry["currency"], start, end)
    wanted = request.args.get("as", "")
    if wanted in {"csv", "camt053"}:
        return _download(found, wanted)
    shown_now = msgspec.structs.replace(found, entries=found.entries[:MOST_SHOWN])
    values["left_out"] = len(found.entries) - len(shown_now.entries)
    matched = queries.statements.matched(shown_now)
    return render_template("statement.html", found=found, matched=matched, **values)


def _is_account(name: str) -> bool:
    try:
        msgspec.convert(name, Owner)
    except msgspec.ValidationError:
        return False
    return True


def _download(found: Statement, wanted: str) -> ResponseReturnValue:
    name = f"statement-{found.account.replace('/', '-')}-{found.currency}-{found.start[:10]}"
    if wanted == "csv":
        return _saved(statement_csv.write(found), f"{name}.csv", "text/csv; charset=utf-8")
    issuers = {row.currency: row.issuer for row in portal().queries.money.supply()}
    report = camt053.Report(
        id=derived_id("camt.053", found.account, found.currency, found.start, found.end),
        created=portal().now(),
        statement=found,
        servicer=issuers.get(found.currency),
    )
    return _saved(camt053.write(report), f"{name}.xml", "application/xml")


def _month(today: str) -> str:
    return datetime.date.fromisoformat(today).replace(day=1).isoformat()


def _saved(raw: bytes, name: str, kind: str) -> Response:
    response = Response(raw, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
