"""What may be asked about products, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.fields import Bookmark, Gtin, MspId, Name, PageLimit, Reference, Text
from hansa_domain.operation import Command, Query
from hansa_domain.products.details import Certificate, ProductDetails
from hansa_domain.products.records import Product

Version = Annotated[int, msgspec.Meta(ge=1, le=9999)]


class RegisterProduct(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:Register``, by a producer or retailer. Any GTIN length; the ledger keeps 14 digits."""

    gtin: Gtin
    name: Name
    brand: Name | None = None
    description: Text | None = None
    details: ProductDetails = ProductDetails()


class ReviseProduct(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:Revise``, by the owner: what is said here takes the place of all that was said before.

    ``version`` is the one revised, so that nobody overwrites what he has not seen. Certificates stay.
    """

    gtin: Gtin
    version: Version
    name: Name
    brand: Name | None = None
    description: Text | None = None
    details: ProductDetails = ProductDetails()


class AddCertificate(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:AddCertificate``, by the owner: one more paper, named by its hash."""

    gtin: Gtin
    certificate: Certificate


class RevokeCertificate(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:RevokeCertificate``, by the product's owner or the member that issued it; it stays seen."""

    gtin: Gtin
    kind: Reference
    number: Reference


class OfferProduct(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:OfferTransfer``, by the owner: who may take the product over; nobody where none is named."""

    gtin: Gtin
    taker: MspId | None = None


class AcceptProduct(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:AcceptTransfer``, by who was offered the product: he answers for it from now on."""

    gtin: Gtin


class GetProduct(Query["ProductReply"], frozen=True, kw_only=True):
    """``products:Get``."""

    gtin: Gtin


class ListProductVersions(Query["ProductVersionsReply"], frozen=True, kw_only=True):
    """``products:Versions``: what was ever said of it, the oldest first, the present version last."""

    gtin: Gtin


class ListProducts(Query["ProductsReply"], frozen=True, kw_only=True):
    """``products:List``, in order of GTIN."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ProductReply(msgspec.Struct, frozen=True, kw_only=True):
    """One product."""

    product: Product


class ProductVersionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A product's versions."""

    versions: list[Product]


class ProductsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of products; ``bookmark`` is empty on the last page."""

    products: list[Product]
    bookmark: str
