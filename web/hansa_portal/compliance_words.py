"""Words of rules, checks, licences and papers, as people read them."""

from __future__ import annotations

from flask import Flask

from hansa_portal.words import _


def install(app: Flask) -> None:
    """Makes the filters known to templates."""
    for filter_ in (outcome_word, subject_word, occasion_word, party_word, paper_word, standing_word):
        app.add_template_filter(filter_)


def outcome_word(outcome: str) -> str:
    """A result, or what became of one rule."""
    words = {
        "passed": _("passed"),
        "failed": _("failed"),
        "unknown": _("not known"),
        "later": _("seen later"),
    }
    return words.get(outcome, outcome)


def subject_word(kind: str) -> str:
    """What was checked."""
    words = {"listing": _("Listing"), "order": _("Order"), "shipment": _("Shipment")}
    return words.get(kind, kind)


def occasion_word(occasion: str) -> str:
    """On which occasion."""
    words = {
        "created": _("when it was listed"),
        "revised": _("when it was revised"),
        "placed": _("when it was ordered"),
        "shipped": _("before it was shipped"),
        "checked": _("on demand"),
        "rechecked": _("again, while it was open"),
    }
    return words.get(occasion, occasion)


def party_word(role: str) -> str:
    """A party by its role."""
    words = {"seller": _("seller"), "buyer": _("buyer"), "carrier": _("carrier")}
    return words.get(role, role)


def paper_word(kind: str) -> str:
    """A kind of cross-border paper."""
    words = {
        "certificate-of-origin": _("certificate of origin"),
        "phytosanitary": _("phytosanitary certificate"),
        "commercial-invoice": _("commercial invoice"),
        "packing-list": _("packing list"),
        "bill-of-lading": _("bill of lading"),
        "cmr": _("CMR consignment note"),
        "air-waybill": _("air waybill"),
        "customs-declaration": _("customs declaration"),
    }
    return words.get(kind, kind)


def standing_word(standing: str) -> str:
    """How a licence or paper stands at a time."""
    words = {
        "valid": _("valid"),
        "revoked": _("revoked"),
        "expired": _("expired"),
        "to come": _("not yet valid"),
    }
    return words.get(standing, standing)
