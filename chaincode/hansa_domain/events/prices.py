"""Events of what changes prices: discounts, coupons, taxes."""

from __future__ import annotations

from hansa_domain.events.base import Event
from hansa_domain.pricing.concessions import Concession
from hansa_domain.taxes.rules import TaxRule


class DiscountCreated(Event, frozen=True, kw_only=True, tag="discount.created"):
    """A seller takes something off for whoever meets the conditions."""

    discount: str
    seller: str
    name: str
    concession: Concession
    at: str


class DiscountWithdrawn(Event, frozen=True, kw_only=True, tag="discount.withdrawn"):
    """No further order takes it."""

    discount: str
    seller: str
    at: str


class CouponIssued(Event, frozen=True, kw_only=True, tag="coupon.issued"):
    """A seller takes something off for who knows a code, so many times in all and for each buyer."""

    seller: str
    code_hash: str
    name: str
    concession: Concession
    uses: int
    per_buyer: int
    at: str


class CouponWithdrawn(Event, frozen=True, kw_only=True, tag="coupon.withdrawn"):
    """No further order takes it."""

    seller: str
    code_hash: str
    at: str


class TaxTablePublished(Event, frozen=True, kw_only=True, tag="taxes.published"):
    """A country's table has another version, which holds from ``valid_from`` on."""

    country: str
    version: int
    publisher: str
    source: str
    valid_from: str
    rules: list[TaxRule]
    at: str
