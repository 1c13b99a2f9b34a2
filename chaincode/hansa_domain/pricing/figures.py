"""The figures of a price as orders, events and quotes show them; amounts are strings of minor units."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.listings.terms import Incoterm

TaxKind = Literal["standard", "reduced", "zero", "exempt", "reverse_charge"]
DutyBy = Literal["seller", "buyer"]


class LinePrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a line of an order costs.

    Args:
        version: of the listing, by whose terms it is priced.
        unit_price: of the tier that the quantity reaches.
        discount: what discounts and the coupon take off units times price.
        net: what is left.
        tax: the destination's tax on it, part of the order's amount.
        duty: what customs there ask for it; shown, never part of the order's amount.
        tax_kind: as the destination's table says; None: it says nothing, or no destination was named.
    """

    version: int
    unit_price: str
    discount: str
    net: str
    tax: str
    duty: str
    tax_kind: TaxKind | None = None


class Pricing(msgspec.Struct, frozen=True, kw_only=True):
    """How an order's amount came about, where it is more than units times price.

    Args:
        goods: the lines' net prices together; with ``tax`` and the freight they are the amount.
        discount: what discounts and the coupon took off.
        tax: of all lines.
        duty: of all lines; borne by ``duty_by`` outside the order.
        duty_by: the seller under DDP, else the buyer; None where there is no duty.
        destination: ISO 3166-1 code of the country the goods go to.
        tax_table: country and version of the table that applied, such as ``NL.3``.
        discounts: ids of the discounts that were taken.
        coupon: SHA-256 of the coupon's code.
        sample: whether it is a sample order.
        trial: seconds from delivery in which the goods may go back without a restocking fee.
        incoterm: the delivery terms, where all lines have the same.
    """

    goods: str
    discount: str
    tax: str
    duty: str
    duty_by: DutyBy | None
    destination: str | None
    tax_table: str | None
    discounts: list[str]
    coupon: str | None
    sample: bool
    trial: int | None
    incoterm: Incoterm | None
