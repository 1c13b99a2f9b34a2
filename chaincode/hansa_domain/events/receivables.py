"""Events of receivables: proceeds of orders, sold before they are paid."""

from __future__ import annotations

from hansa_domain.events.base import Event


class ReceivableOffered(Event, frozen=True, kw_only=True, tag="receivable.offered"):
    """The seller offers a financier the proceeds of an order for ``price``."""

    order: str
    seller: str
    financier: str
    currency: str
    proceeds: str
    price: str
    expires_at: str
    at: str


class ReceivableWithdrawn(Event, frozen=True, kw_only=True, tag="receivable.withdrawn"):
    """The seller offers it no more."""

    order: str
    seller: str
    financier: str
    at: str


class ReceivableAssigned(Event, frozen=True, kw_only=True, tag="receivable.assigned"):
    """The financier paid the price: what the order owes the seller goes to ``assignee``, an account."""

    order: str
    seller: str
    financier: str
    assignee: str
    currency: str
    price: str
    at: str
