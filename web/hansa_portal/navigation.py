"""Where a member's user may go, by role."""

from __future__ import annotations

from flask import url_for

from hansa_portal.viewer import Viewer
from hansa_portal.words import _


def navigation(viewer: Viewer) -> tuple[tuple[str, str], ...]:
    """(address, name) of the pages in the head of every page."""
    regulator = viewer.role == "regulator"
    pages = [
        ("home.show", _("Today"), True),
        ("shipments.index", _("Shipments"), viewer.role == "carrier"),
        ("orders.index", _("Orders"), True),
        ("listings.index", _("Listings"), viewer.role != "carrier"),
        ("products.index", _("Products"), viewer.sells or regulator),
        ("captures.show", _("Report goods"), viewer.reports),
        ("alerts.index", _("Alerts"), viewer.reports or regulator),
        ("money.show", _("Money"), True),
        ("compliance.index", _("Compliance"), True),
        ("consortium.index", _("Consortium"), True),
        ("search.show", _("Search and trace") if regulator else _("Search"), True),
        ("ledger.show", _("Ledger"), regulator),
    ]
    return tuple((url_for(endpoint), name) for endpoint, name, wanted in pages if wanted)
