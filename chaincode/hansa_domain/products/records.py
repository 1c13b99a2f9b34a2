"""A product on the ledger, and how operations find it."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.products.details import HeldCertificate, ProductDetails


class Product(Record, frozen=True, kw_only=True):
    """A trade item; key ``("product", gtin14)``. One GTIN has one owner.

    Version 2 has ``details``, ``certificates``, ``version`` (its earlier ones are kept, see ``history``), and
    ``offered_to``, who may take the product over.
    """

    NOUN: ClassVar[str] = "product"
    VERSION: ClassVar[int] = 2
    v: int = 2
    gtin: str
    owner: str
    name: str
    brand: str | None
    description: str | None
    registered_at: Timestamp
    details: ProductDetails = ProductDetails()
    certificates: list[HeldCertificate] = msgspec.field(default_factory=list)
    version: int = 1
    revised_at: Timestamp | None = None
    offered_to: str | None = None

    def certified(self, kind: str, at: Timestamp) -> bool:
        """Whether it has a certificate of that kind which holds at that time."""
        return any(each.certificate.kind == kind and each.holds(at) for each in self.certificates)


def product_key(gtin: str) -> Key:
    """Where a product stands, by its GTIN of 14 digits."""
    return (Product.NOUN, gtin)


def load_product(gtin: str) -> Generator[Fetch, Records, Product]:
    """The product, or PRODUCT_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=(product_key(gtin),))
    return records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")


def require_owner(product: Product, context: Context, act: str) -> None:
    """Refuses NOT_PERMITTED unless the caller owns the product; ``act`` completes "only X may ..."."""
    if product.owner != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {product.owner} may {act} this product.")
