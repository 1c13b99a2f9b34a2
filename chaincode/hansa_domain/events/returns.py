"""Events of goods that go back."""

from __future__ import annotations

from hansa_domain.events.base import Event


class ReturnProposed(Event, frozen=True, kw_only=True, tag="return.proposed"):
    """The buyer would give the goods back and leave the seller this fee, in minor units."""

    order: str
    currency: str
    restocking_fee: str
    receive_within: int
    at: str


class ReturnAccepted(Event, frozen=True, kw_only=True, tag="return.accepted"):
    """The seller agreed; ``due`` is until when he must say that he has the goods, or that he has not."""

    order: str
    due: str
    at: str


class ReturnRefused(Event, frozen=True, kw_only=True, tag="return.refused"):
    """The seller did not agree, or got not what was agreed; the order goes on until ``due``."""

    order: str
    due: str
    at: str


class ReturnReceived(Event, frozen=True, kw_only=True, tag="return.received"):
    """The goods are back, or the seller was silent too long: the order is refunded but for the fee."""

    order: str
    by: str
    currency: str
    restocking_fee: str
    at: str


class ExchangeAsked(Event, frozen=True, kw_only=True, tag="return.exchange"):
    """What the buyer would give back is to be exchanged: he wants other goods, and not the money."""

    order: str
    at: str


class OrderReopened(Event, frozen=True, kw_only=True, tag="order.reopened"):
    """The goods of an exchange are back; the seller ships others until ``due``. Escrow stays as it is."""

    order: str
    by: str
    due: str
    at: str
