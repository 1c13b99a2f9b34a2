"""How amounts, times, ids and words of the ledger are shown to people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from flask import Flask

from hansa.amounts import show_amount
from hansa_domain.gs1 import parse
from hansa_portal.handover import place_text
from hansa_portal.words import _


def install(app: Flask) -> None:
    """Makes the filters known to templates."""
    for filter_ in (
        money,
        utc,
        short,
        goods,
        status_word,
        step_word,
        place,
        member_name,
        member_pair,
        pair,
        moved,
        reason_word,
        document_word,
        kind_word,
        difference_word,
    ):
        app.add_template_filter(filter_)


def money(minor: int | str, currency: str) -> str:
    """``1,234.50 EUR``: main units, thousands apart."""
    number, _space, code = show_amount(minor, currency).partition(" ")
    whole, point, rest = number.partition(".")
    return f"{int(whole):,}{point}{rest}\N{NO-BREAK SPACE}{code}"


def pair(value: str) -> tuple[str, str]:
    """A choice whose value is its own word."""
    return value, value


def reason_word(reason: str) -> str:
    """Why money moved."""
    words = {
        "mint": _("issued"),
        "transfer": _("payment"),
        "burn": _("taken back"),
        "escrow": _("into escrow"),
        "release": _("out of escrow"),
        "refund": _("refund"),
    }
    return words.get(reason, reason)


def document_word(kind: str) -> str:
    """A document about an order, by its kind in ``hansa.ubl_exchange.KINDS``."""
    words = {
        "order": _("Order"),
        "order-response": _("Order response"),
        "despatch-advice": _("Despatch advice"),
        "receipt-advice": _("Receipt advice"),
        "invoice": _("Invoice"),
        "credit-note": _("Credit note"),
    }
    return words.get(kind, kind)


def utc(text: str | None) -> str:
    """``2 Mar 2026, 15:10 UTC``."""
    if not text:
        return ""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def short(identifier: str) -> str:
    """The last six characters of an id, which tell neighbours apart."""
    return identifier.rpartition(".")[2][-6:]


def goods(uri: str) -> str:
    """What an EPC says, in the words on the label; anything else as it is."""
    key = parse(uri)
    if key is None:
        return uri
    names = {"00": "SSCC", "01": "GTIN", "414": "GLN"}
    words = f"{names.get(key.ai, key.ai)} {key.value}"
    if key.qualifier is None:
        return words
    kinds = {"21": _("serial"), "10": _("lot"), "254": _("extension")}
    return f"{words}, {kinds.get(key.qualifier[0], key.qualifier[0])} {unquote(key.qualifier[1])}"


def place(uri: str | None) -> str:
    """Where something happened, in words."""
    return "" if not uri else place_text(uri) or goods(uri)


def status_word(status: str) -> str:
    """The status of an order, a listing, a change."""
    words = {
        "placed": _("placed"),
        "accepted": _("accepted"),
        "shipped": _("on its way"),
        "delivered": _("delivered"),
        "settled": _("settled"),
        "cancelled": _("cancelled"),
        "refunded": _("refunded"),
        "open": _("open"),
        "suspended": _("suspended"),
        "withdrawn": _("withdrawn"),
        "despatched": _("on its way"),
        "received": _("received"),
        "issued": _("issued"),
        "credited": _("credited"),
        "paid": _("paid"),
        "proposed": _("under way"),
        "carried_out": _("in force"),
    }
    return words.get(status, status)


def kind_word(kind: str) -> str:
    """What kind of change of the consortium."""
    words = {
        "add-organization": _("somebody joins"),
        "remove-organization": _("somebody leaves"),
        "rotate-certificates": _("other certificates"),
        "anchor-peers": _("other addresses"),
        "add-orderer": _("one more ordering node"),
        "replace-orderer": _("another ordering node"),
        "remove-orderer": _("one ordering node less"),
        "batch": _("size of blocks"),
        "policy": _("who must agree"),
    }
    return words.get(kind, kind)


def difference_word(reason: str) -> str:
    """Why what was received differs, by its code of UN/CEFACT's list 4221."""
    return dict(differences()).get(reason, reason)


def differences() -> list[tuple[str, str]]:
    """(code, words) of every reason for a difference, the usual ones first."""
    return [
        ("AF", _("delivered damaged")),
        ("CP", _("partial, considered complete")),
        ("AC", _("too many were sent")),
        ("AE", _("delivered, but not advised")),
        ("IS", _("a substitute for what was ordered")),
        ("CS", _("complete, with a substitute")),
        ("SS", _("the shipment was split")),
        ("AG", _("delivered too late")),
        ("IC", _("the item was cancelled")),
        ("ZZZ", _("agreed between the two of us")),
    ]


def step_word(step: str | None) -> str:
    """A business step of CBV."""
    return (step or "").replace("_", " ")


def member_name(msp_id: str | None, members: Any) -> str:
    """A member's name by its MSP id or account, as ``members`` (a mapping) has it."""
    if not msp_id:
        return ""
    organisation, slash, account = msp_id.partition("/")
    return f"{members.get(organisation, organisation)}{slash}{account}"


def member_pair(msp_id: str, members: Any) -> tuple[str, str]:
    """(MSP id, name) as a choice of a form shows it."""
    return msp_id, member_name(msp_id, members)


def moved(body: dict[str, Any]) -> int:
    """What a movement of money took out of accounts or put into them, in minor units."""
    created = sum(int(note["amount"]) for note in body["created"])
    consumed = sum(int(note["amount"]) for note in body["consumed"])
    return abs(created - consumed) or created
