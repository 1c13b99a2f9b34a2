"""Listings and orders as a check looks at them, and what may be done about an order that is held back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from hansa_domain.compliance.gathering import Subject
from hansa_domain.compliance.records import ComplianceRecord
from hansa_domain.compliance.scope import Stage
from hansa_domain.orders.order import Order

Remedy = Literal["cancel", "propose-return", "wait-for-deadline", "obtain-licence", "register-paper"]
"""What a party may do: see ``remedies``."""


def listing_subject(name: str, seller: str, gtin: str) -> Subject:
    """A listing: seller and goods; who buys, and where they go, is seen when they are ordered."""
    return Subject(kind="listing", id=name, seller=seller, lines=[(gtin, None)])


def order_subject(order: Order) -> Subject:
    """An order as placed."""
    lines = [(line.gtin, line.quantity) for line in order.lines]
    return _subject(order, "order", order.id, lines, order.carriers)


def shipment_subject(
    order: Order, shipped: str, lines: Sequence[tuple[str, int]], carrier: str | None
) -> Subject:
    """Goods of an order that leave: ``shipped`` names them, ``lines`` are GTINs and pieces."""
    return _subject(order, "shipment", shipped, lines, () if carrier is None else (carrier,))


def _subject(
    order: Order, kind: Stage, name: str, lines: Sequence[tuple[str, int]], carriers: Sequence[str]
) -> Subject:
    return Subject(
        kind=kind,
        id=name,
        seller=order.seller,
        buyer=order.buyer,
        carriers=carriers,
        lines=lines,
        amount=order.amount,
        currency=order.currency,
        order=order.id,
        destination=order.pricing.destination if order.pricing is not None else None,
    )


def remedies(record: ComplianceRecord, order: Order | None) -> list[Remedy]:
    """What parties may do about a check that failed.

    While it is not shipped, seller and buyer may cancel (``orders:Cancel``; of an order delivered in parts,
    ``orders:CancelRest`` what is not despatched); later they may agree on a return. Whatever nobody does,
    deadlines end it.
    """
    kinds = {each.kind for each in record.violations}
    found: list[Remedy] = []
    if order is not None:
        before = order.status in ("placed", "accepted") or order.settlement == "deliveries"
        found.append("cancel" if before else "propose-return")
        found.append("wait-for-deadline")
    if kinds & {"licensed", "threshold"}:
        found.append("obtain-licence")
    if "paper" in kinds:
        found.append("register-paper")
    return found
