"""Events of products: what they are, what certifies them, and who answers for them."""

from __future__ import annotations

from hansa_domain.events.base import Event
from hansa_domain.products.details import Certificate, ProductDetails


class ProductRegistered(Event, frozen=True, kw_only=True, tag="product.registered"):
    """A product is identified on the ledger; ``gtin`` has 14 digits. Version 2 has ``details``."""

    v: int = 2
    gtin: str
    owner: str
    name: str
    brand: str | None
    at: str
    details: ProductDetails = ProductDetails()


class ProductRevised(Event, frozen=True, kw_only=True, tag="product.revised"):
    """Its owner says something else of it; ``version`` counts."""

    gtin: str
    owner: str
    version: int
    name: str
    brand: str | None
    details: ProductDetails
    at: str


class ProductCertified(Event, frozen=True, kw_only=True, tag="product.certified"):
    """A certificate was added or, ``revoked``, holds no longer."""

    gtin: str
    certificate: Certificate
    revoked: bool
    by: str
    at: str


class ProductOffered(Event, frozen=True, kw_only=True, tag="product.offered"):
    """Its owner lets ``taker`` take it over; None: nobody any longer."""

    gtin: str
    owner: str
    taker: str | None
    at: str


class ProductTransferred(Event, frozen=True, kw_only=True, tag="product.transferred"):
    """It has another owner, who answers for it from now on."""

    gtin: str
    giver: str
    owner: str
    at: str
