"""Which listing a line of a UBL order means, and whether it asks for what the listing does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hansa import ubl
from hansa.documents.errors import DocumentCode, DocumentError
from hansa_domain.listings.records import Listing


def choose(open_: Sequence[Listing], line: ubl.Line, currency: str, where: str) -> Listing:
    """The one listing that a line can mean: of its goods, and at its price where it has one."""
    found = [each for each in open_ if each.gtin == line.gtin and currency in each.currencies]
    if not found:
        raise DocumentError(
            DocumentCode.GOODS_UNKNOWN, f"The seller has no open listing of {line.gtin} in {currency}.", where
        )
    right = [each for each in found if _price_right(each, line, currency)]
    if len(found) > 1 and len(right) != 1:
        raise DocumentError(
            DocumentCode.GOODS_UNKNOWN,
            f"{len(found)} listings of the seller have {line.gtin}: name the one meant by its id.",
            where,
        )
    return right[0] if right else found[0]


def check_offer(offer: Listing, line: ubl.Line, seller: str, currency: str, where: str) -> None:
    """Refuses a listing of another seller, of other goods or currencies, or at another price."""
    if offer.seller != seller:
        raise DocumentError(DocumentCode.GOODS_UNKNOWN, f"The listing is {offer.seller}'s.", where)
    if line.gtin is not None and offer.gtin != line.gtin:
        raise DocumentError(DocumentCode.GOODS_UNKNOWN, f"The listing is of {offer.gtin}.", where)
    if currency not in offer.currencies:
        raise DocumentError(
            DocumentCode.PRICE_DIFFERS,
            f"The listing is in {', '.join(offer.currencies)}.",
            "/Order/cbc:DocumentCurrencyCode",
        )
    if not _price_right(offer, line, currency):
        raise DocumentError(
            DocumentCode.PRICE_DIFFERS,
            f"The listing asks for {offer.price_of(line.quantity, currency)} minor units of {currency} each.",
            re.sub("/cac:Item$", "/cac:Price/cbc:PriceAmount", where),
        )


def _price_right(offer: Listing, line: ubl.Line, currency: str) -> bool:
    unit = offer.price_of(line.quantity, currency)
    if unit is None:
        return True
    return (line.price is None or line.price == unit * line.base) and (
        line.amount is None or line.amount == unit * line.quantity
    )


def total_of(document: ubl.Order, offers: Sequence[Listing]) -> int | None:
    """The total that the document names; None where the listings' prices make it."""
    if document.total is not None:
        return document.total
    prices = [
        offer.price_of(line.quantity, document.currency)
        for offer, line in zip(offers, document.lines, strict=True)
    ]
    if None not in prices:
        return None
    amounts = [
        line.amount if price is None else price * line.quantity
        for price, line in zip(prices, document.lines, strict=True)
    ]
    if None in amounts:
        raise DocumentError(
            DocumentCode.FIELD_MISSING,
            "A listing has no price: name the total.",
            "/Order/cac:AnticipatedMonetaryTotal",
        )
    return sum(each for each in amounts if each is not None) + document.freight + document.tax
