"""Events of money given for money of another currency."""

from __future__ import annotations

from typing import Literal

from hansa_domain.events.base import Event

ExchangeEnd = Literal["rejected", "expired"]


class ExchangeOffered(Event, frozen=True, kw_only=True, tag="exchange.offered"):
    """A dealer holds ``amount`` for ``taker`` at ``price`` until it expires."""

    exchange: str
    account: str
    taker: str
    currency: str
    amount: str
    price_currency: str
    price: str
    expires_at: str
    at: str


class ExchangeAccepted(Event, frozen=True, kw_only=True, tag="exchange.accepted"):
    """Both sides were paid; ``account`` is the taker's, ``fee`` in minor units of the price's currency."""

    exchange: str
    account: str
    fee: str
    at: str


class ExchangeClosed(Event, frozen=True, kw_only=True, tag="exchange.closed"):
    """It was not taken: the dealer has his money back."""

    exchange: str
    outcome: ExchangeEnd
    account: str
    taker: str
    by: str
    at: str


class FacilityChanged(Event, frozen=True, kw_only=True, tag="facility.changed"):
    """A facility was opened, its terms were revised, or it was closed; it gives ``gives`` for ``takes``."""

    facility: str
    status: Literal["open", "closed"]
    account: str
    base: str
    quote: str
    gives: str
    takes: str
    spread: int
    max_age: int
    at: str


class FacilityFunded(Event, frozen=True, kw_only=True, tag="facility.funded"):
    """What parts of a facility hold now, minor units by number of part; a part that is gone holds nothing."""

    facility: str
    currency: str
    parts: dict[str, str]
    at: str


class FacilityUsed(Event, frozen=True, kw_only=True, tag="facility.used"):
    """A customer gave ``paid`` and got ``bought``, at a rate of ``quote_amount`` for ``base_amount``."""

    facility: str
    customer: str
    paid: str
    bought: str
    fee: str
    base_amount: str
    quote_amount: str
    oracles: list[str]
    at: str
