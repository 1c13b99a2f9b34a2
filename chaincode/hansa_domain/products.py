"""Products: goods as GS1 identifies them, registered by the member that answers for them."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from hansa_domain.fields import Bookmark, Gtin, Name, PageLimit, Text, Timestamp
from hansa_domain.operation import Command, Query, Record


class Product(Record, frozen=True, kw_only=True):
    """A trade item; key ``("product", gtin14)``. One GTIN has one owner."""

    NOUN: ClassVar[str] = "product"
    gtin: str
    owner: str
    name: str
    brand: str | None
    description: str | None
    registered_at: Timestamp


class RegisterProduct(Command, frozen=True, kw_only=True):
    """``products:Register``, by a producer or retailer. Any GTIN length; the ledger keeps 14 digits."""

    gtin: Gtin
    name: Name
    brand: Name | None = None
    description: Text | None = None


class GetProduct(Query, frozen=True, kw_only=True):
    """``products:Get``."""

    gtin: Gtin


class ListProducts(Query, frozen=True, kw_only=True):
    """``products:List``, in order of GTIN."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ProductReply(msgspec.Struct, frozen=True, kw_only=True):
    """One product."""

    product: Product


class ProductsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of products; ``bookmark`` is empty on the last page."""

    products: list[Product]
    bookmark: str
