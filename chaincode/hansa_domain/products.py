"""Products: goods as GS1 identifies them, registered by the member that answers for them."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ProductRegistered
from hansa_domain.fields import Bookmark, Gtin, Name, PageLimit, Text, Timestamp
from hansa_domain.gs1 import gtin14
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Query,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)


class Product(Record, frozen=True, kw_only=True):
    """A trade item; key ``("product", gtin14)``. One GTIN has one owner."""

    NOUN: ClassVar[str] = "product"
    gtin: str
    owner: str
    name: str
    brand: str | None
    description: str | None
    registered_at: Timestamp


class RegisterProduct(Command["ProductReply"], frozen=True, kw_only=True):
    """``products:Register``, by a producer or retailer. Any GTIN length; the ledger keeps 14 digits."""

    gtin: Gtin
    name: Name
    brand: Name | None = None
    description: Text | None = None


class GetProduct(Query["ProductReply"], frozen=True, kw_only=True):
    """``products:Get``."""

    gtin: Gtin


class ListProducts(Query["ProductsReply"], frozen=True, kw_only=True):
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


@operation("products:Register", RegisterProduct, ProductReply)
def register(command: RegisterProduct, context: Context) -> Steps:
    """The first to register a GTIN owns it."""
    gtin = gtin14(command.gtin, "gtin")
    records = yield Fetch(keys=((Product.NOUN, gtin), member_key(context.caller.msp_id)))
    require_role(records, context, ("producer", "retailer"), "register products")
    if records.find(Product, gtin) is not None:
        raise Refusal(Code.PRODUCT_ALREADY_REGISTERED, f"The GTIN {gtin} is registered already.", "gtin")
    product = Product(
        gtin=gtin,
        owner=context.caller.msp_id,
        name=command.name,
        brand=command.brand,
        description=command.description,
        registered_at=context.at,
    )
    event = ProductRegistered(
        gtin=gtin, owner=product.owner, name=product.name, brand=product.brand, at=context.at
    )
    return Decision(
        reply=ProductReply(product=product), writes={(Product.NOUN, gtin): product}, events=(event,)
    )


@operation("products:Get", GetProduct, ProductReply)
def get(command: GetProduct, context: Context) -> Steps:
    """One product by any form of its GTIN."""
    gtin = gtin14(command.gtin, "gtin")
    records = yield Fetch(keys=((Product.NOUN, gtin),))
    product = records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    return Decision(reply=ProductReply(product=product))


@operation("products:List", ListProducts, ProductsReply)
def list_products(command: ListProducts, context: Context) -> Steps:
    """Products in order of GTIN."""
    scan = Scan((Product.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    products = [decode_record(value, Product) for _, value in page.items]
    return Decision(reply=ProductsReply(products=products, bookmark=page.bookmark))
