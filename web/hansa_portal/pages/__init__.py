"""The pages, one noun a module."""

from __future__ import annotations

from hansa_portal.pages import (
    captures,
    goods,
    health,
    home,
    ledger,
    listings,
    money,
    order_steps,
    ordering,
    orders,
    products,
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
    money.blueprint,
    search.blueprint,
    ledger.blueprint,
    health.blueprint,
)
"""Everything a portal serves."""
