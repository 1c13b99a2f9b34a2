"""Events of payment requests and mandates."""

from __future__ import annotations

from typing import Literal

from hansa_domain.events.base import Event

RequestEnd = Literal["paid", "declined", "withdrawn"]


class PaymentRequested(Event, frozen=True, kw_only=True, tag="payment_request.created"):
    """``payee`` (an account) asks ``payer`` (a member) for money."""

    payment_request: str
    payee: str
    payer: str
    currency: str
    amount: str
    reference: str | None
    expires_at: str
    at: str


class PaymentRequestClosed(Event, frozen=True, kw_only=True, tag="payment_request.closed"):
    """It was paid or declined by the payer, or withdrawn by the payee."""

    payment_request: str
    outcome: RequestEnd
    payee: str
    payer: str
    at: str


class MandateGranted(Event, frozen=True, kw_only=True, tag="mandate.granted"):
    """``payee`` may collect up to ``maximum`` out of the payer's account in each period, in seconds."""

    mandate: str
    payer: str
    payee: str
    currency: str
    maximum: str
    period: int
    expires_at: str
    reference: str | None
    at: str


class MandateCollected(Event, frozen=True, kw_only=True, tag="mandate.collected"):
    """The payee collected ``amount``; ``collected`` is what that comes to in this period."""

    mandate: str
    payer: str
    payee: str
    currency: str
    amount: str
    number: int
    collected: str
    at: str


class MandateRevoked(Event, frozen=True, kw_only=True, tag="mandate.revoked"):
    """Nothing is collected under it any more."""

    mandate: str
    by: str
    payer: str
    payee: str
    at: str
