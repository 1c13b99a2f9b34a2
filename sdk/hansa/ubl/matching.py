"""What a document says held against the order that it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hansa.documents.errors import DocumentCode, DocumentError
from hansa_domain.orders.order import Order


class Goods(Protocol):
    """A line of a document about an order."""

    @property
    def gtin(self) -> str | None: ...
    @property
    def listing(self) -> str | None: ...


def places(order: Order, lines: Sequence[tuple[Goods, str]], where: str) -> list[int]:
    """Which line of the order each line of a document means, by its place from 0.

    The ledger keeps no numbers of lines, so goods tell them apart: the listing, else the GTIN; where two
    lines of the order have the same goods, or the document names none, the number does, counted from 1.

    Args:
        order: the ledger's.
        lines: each with the number of the order's line that it gives.
        where: XPath of the document's lines.

    Raises:
        DocumentError: DOCUMENT_ORDER_DIFFERS.
    """
    return [_place(order, goods, number, f"{where}[{n}]") for n, (goods, number) in enumerate(lines, 1)]


def _place(order: Order, goods: Goods, number: str, where: str) -> int:
    fitting = [
        place
        for place, line in enumerate(order.lines)
        if (goods.listing is None or goods.listing == line.listing)
        and (goods.gtin is None or goods.gtin == line.gtin)
    ]
    if not fitting:
        raise DocumentError(DocumentCode.ORDER_DIFFERS, "The order has no such goods.", where)
    if len(fitting) == 1 and (goods.listing is not None or goods.gtin is not None):
        return fitting[0]
    numbered = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 6 else -1
    if numbered not in fitting:
        raise DocumentError(
            DocumentCode.ORDER_DIFFERS, f"The order's line {number} is not told from its others.", where
        )
    return numbered


def require_whole(order: Order, found: Sequence[int], units: Sequence[int], where: str, act: str) -> None:
    """Refuses DOCUMENT_ORDER_DIFFERS unless the document's lines come to exactly what was ordered.

    Args:
        found: as ``places`` gave it.
        units: of each line of the document.
        act: completes "the order is ...".
    """
    told = [0] * len(order.lines)
    for place, count in zip(found, units, strict=True):
        told[place] += count
    for line, count in zip(order.lines, told, strict=True):
        if count != line.quantity:
            raise DocumentError(
                DocumentCode.ORDER_DIFFERS,
                f"Of {line.gtin} {line.quantity} were ordered, and the document has {count}: "
                f"this order is {act} as a whole.",
                where,
            )
