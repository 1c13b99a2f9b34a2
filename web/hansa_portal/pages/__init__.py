"""The pages, one noun a module."""

from __future__ import annotations

from hansa_portal.pages import (
    alerts,
    captures,
    changes,
    compliance,
    consortium,
    documents,
    goods,
    health,
    home,
    joining,
    ledger,
    listings,
    money,
    order_steps,
    ordering,
    orders,
    permits,
    products,
    rule_packs,
    search,
    shipments,
    signing_in,
)

BLUEPRINTS = (
    signing_in.blueprint,
    home.blueprint,
    products.blueprint,
    listings.blueprint,
    ordering.blueprint,
    orders.blueprint,
    order_steps.blueprint,
    shipments.blueprint,
    captures.blueprint,
    goods.blueprint,
    alerts.blueprint,
    money.blueprint,
    documents.blueprint,
    search.blueprint,
    ledger.blueprint,
    compliance.blueprint,
    rule_packs.blueprint,
    permits.blueprint,
    consortium.blueprint,
    changes.blueprint,
    joining.blueprint,
    health.blueprint,
)
"""Everything a portal serves."""
