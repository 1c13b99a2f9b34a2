"""What may be asked about lots, and how much more than went in may come out of making a product."""

from __future__ import annotations

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ToleranceAgreed
from hansa_domain.fields import BasisPoints, Epc, Gtin
from hansa_domain.goods.lots import LotHolding, ProductTolerance
from hansa_domain.goods.records import key_part
from hansa_domain.gs1 import gtin14, normal_form
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Query,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.paging import scan_all
from hansa_domain.products.records import Product


class AgreeTolerance(Command["ToleranceReply"], frozen=True, kw_only=True):
    """``products:AgreeTolerance``, by the product's owner: the measuring tolerance of its mass balance.

    What comes out of a transformation may exceed what went in by so many hundredths of a percent.
    """

    gtin: Gtin
    basis_points: BasisPoints


class GetLot(Query["LotReply"], frozen=True, kw_only=True):
    """``lots:Get``: who has how much of a lot, as far as it was counted."""

    lot: Epc


class ToleranceReply(msgspec.Struct, frozen=True, kw_only=True):
    """The tolerance that holds now."""

    tolerance: ProductTolerance


class LotReply(msgspec.Struct, frozen=True, kw_only=True):
    """Holdings in order of member; ``lot`` in normal form."""

    lot: str
    holdings: list[LotHolding]


@operation("products:AgreeTolerance", AgreeTolerance, ToleranceReply)
def agree_tolerance(command: AgreeTolerance, context: Context) -> Steps:
    """Replaces the tolerance agreed before."""
    gtin = gtin14(command.gtin, "gtin")
    records = yield Fetch(keys=((Product.NOUN, gtin),))
    product = records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    if context.caller.msp_id != product.owner:
        raise Refusal(Code.NOT_PERMITTED, f"Only {product.owner}, who owns the product, may do this.")
    agreed = ProductTolerance(gtin=gtin, basis_points=command.basis_points, agreed_at=context.at)
    event = ToleranceAgreed(gtin=gtin, basis_points=command.basis_points, at=context.at)
    return Decision(
        reply=ToleranceReply(tolerance=agreed),
        writes={(ProductTolerance.NOUN, gtin): agreed},
        events=(event,),
    )


@operation("lots:Get", GetLot, LotReply)
def get_lot(command: GetLot, context: Context) -> Steps:
    """Every member's holding."""
    lot = normal_form(command.lot)
    found = yield from scan_all((LotHolding.NOUN, key_part(lot)))
    return Decision(reply=LotReply(lot=lot, holdings=[decode_record(v, LotHolding) for _, v in found]))
