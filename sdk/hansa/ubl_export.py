"""UBL documents made from the ledger, with what one's own organisation was told in private."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import msgspec

from hansa import ubl
from hansa.documents.errors import DocumentCode, DocumentError
from hansa.documents.parties import Directory
from hansa.errors import RefusedError
from hansa.listings import Listings
from hansa.members import Members
from hansa.offers import Offers
from hansa.orders import Orders
from hansa.products import Products
from hansa_domain.error_codes import Code
from hansa_domain.orders.commands import OrderDetailReply
from hansa_domain.orders.order import Order

Kind = Literal["order", "order-response", "despatch-advice", "receipt-advice", "invoice", "credit-note"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_SUFFIX: dict[str, str] = {
    "order-response": "RSP",
    "despatch-advice": "DSP",
    "receipt-advice": "RCP",
    "invoice": "INV",
    "credit-note": "CRN",
}


class Exporter:
    """Makes documents as one member may see them."""

    def __init__(
        self, members: Members, listings: Listings, products: Products, orders: Orders, offers: Offers
    ) -> None:
        self._members = members
        self._listings = listings
        self._products = products
        self._orders = orders
        self._offers = offers

    def document(self, kind: Kind, order: str) -> ubl.Document:
        """A document about an order, as it stands on the ledger.

        Raises:
            DocumentError: DOCUMENT_NOT_AVAILABLE, where the order has not come so far, or prices are unknown.
            RefusedError: ORDER_NOT_FOUND.
        """
        detail = self._orders.get(order)
        make: dict[str, Callable[[OrderDetailReply, Directory], ubl.Document]] = {
            "order": self._order,
            "order-response": self._response,
            "despatch-advice": self._despatch,
            "receipt-advice": self._receipt,
            "invoice": self._invoice,
            "credit-note": self._credit,
        }
        if kind not in make:
            raise DocumentError(
                DocumentCode.KIND_UNKNOWN, f"There is no {kind}; there are {', '.join(KINDS)}."
            )
        return make[kind](detail, Directory(self._members.list().members))

    def _order(self, detail: OrderDetailReply, directory: Directory) -> ubl.Order:
        order = detail.order
        return ubl.Order(
            id=order.reference or order.id.rpartition(".")[2],
            issue_date=_day(order.placed_at),
            currency=order.currency,
            buyer=_party(directory, order.buyer),
            seller=_party(directory, order.seller),
            lines=self._lines(order),
            total=int(order.amount),
            freight=int(order.freight),
            tax=_tax(order),
            carrier=None if order.carrier is None else _party(directory, order.carrier),
            deliver_to=self._address(order),
            order=order.id,
        )

    def _response(self, detail: OrderDetailReply, directory: Directory) -> ubl.OrderResponse:
        order = detail.order
        at = order.accepted_at
        if at is None and order.status == "cancelled" and order.closed_by == order.seller:
            at = order.closed_at
        if at is None:
            raise _not_yet("The seller has not answered this order.")
        return ubl.OrderResponse(
            id=_number(order, "order-response"),
            issue_date=_day(at),
            answer="RE" if order.accepted_at is None else "AP",
            order=_reference(order),
            seller=_party(directory, order.seller),
            buyer=_party(directory, order.buyer),
        )

    def _despatch(self, detail: OrderDetailReply, directory: Directory) -> ubl.DespatchAdvice:
        order, shipment = detail.order, detail.shipment
        if order.shipped_at is None or shipment is None:
            raise _not_yet("This order was not shipped as a whole.")
        lines = self._goods(order)
        # The ledger knows which goods went, not for which line: they stand with the first one.
        epcs = tuple(shipment.epcs)
        return ubl.DespatchAdvice(
            id=_number(order, "despatch-advice"),
            issue_date=_day(order.shipped_at),
            order=_reference(order),
            supplier=_party(directory, order.seller),
            customer=_party(directory, order.buyer),
            lines=tuple(
                ubl.DespatchLine(
                    id=line.id,
                    order_line=line.id,
                    quantity=line.quantity,
                    gtin=line.gtin,
                    listing=line.listing,
                    name=line.name,
                    epcs=epcs if line is lines[0] else (),
                )
                for line in lines
            ),
            carrier=None if order.carrier is None else _party(directory, order.carrier),
            sscc=shipment.sscc,
        )

    def _receipt(self, detail: OrderDetailReply, directory: Directory) -> ubl.ReceiptAdvice:
        order = detail.order
        if order.status != "settled" or order.cause != "confirmed" or order.closed_at is None:
            raise _not_yet("The buyer has not confirmed this order as a whole.")
        return ubl.ReceiptAdvice(
            id=_number(order, "receipt-advice"),
            issue_date=_day(order.closed_at),
            order=_reference(order),
            customer=_party(directory, order.buyer),
            supplier=_party(directory, order.seller),
            lines=tuple(
                ubl.ReceiptLine(
                    id=line.id,
                    order_line=line.id,
                    received=line.quantity,
                    gtin=line.gtin,
                    listing=line.listing,
                    name=line.name,
                )
                for line in self._goods(order)
            ),
            despatch=_number(order, "despatch-advice"),
        )

    def _invoice(self, detail: OrderDetailReply, directory: Directory) -> ubl.Invoice:
        order = detail.order
        if order.accepted_at is None:
            raise _not_yet("The seller has not accepted this order.")
        return ubl.Invoice(
            id=_number(order, "invoice"),
            issue_date=_day(order.shipped_at or order.accepted_at),
            currency=order.currency,
            order=_reference(order),
            supplier=_party(directory, order.seller),
            customer=_party(directory, order.buyer),
            lines=self._billed(order),
            payable=int(order.amount),
            freight=int(order.freight),
            tax=_tax(order),
        )

    def _credit(self, detail: OrderDetailReply, directory: Directory) -> ubl.CreditNote:
        order = detail.order
        back = order.status in {"refunded", "cancelled"} and order.accepted_at is not None
        if not back or order.closed_at is None:
            raise _not_yet("Nothing of this order was given back after it was accepted.")
        if order.cause == "returned":
            raise DocumentError(
                DocumentCode.NOT_SUPPORTED, "A return may keep a fee: see hansa returns show for its amounts."
            )
        return ubl.CreditNote(
            id=_number(order, "credit-note"),
            issue_date=_day(order.closed_at),
            currency=order.currency,
            order=_reference(order),
            supplier=_party(directory, order.seller),
            customer=_party(directory, order.buyer),
            lines=self._billed(order),
            payable=int(order.amount),
            freight=int(order.freight),
            tax=_tax(order),
            invoice=_number(order, "invoice"),
        )

    def _billed(self, order: Order) -> tuple[ubl.Line, ...]:
        lines = self._lines(order)
        if any(line.amount is None for line in lines):
            raise _not_yet("What each line costs was not disclosed to this organisation.")
        return lines

    def _goods(self, order: Order) -> list[ubl.Line]:
        return [
            ubl.Line(
                id=str(number),
                quantity=line.quantity,
                gtin=line.gtin,
                listing=line.listing,
                name=self._products.get(line.gtin).name,
            )
            for number, line in enumerate(order.lines, 1)
        ]

    def _lines(self, order: Order) -> tuple[ubl.Line, ...]:
        """The lines with their prices, where these are known and come to the order's amount."""
        lines = self._goods(order)
        goods = int(order.amount) - int(order.freight) - _tax(order)
        amounts = self._amounts(order)
        if len(lines) == 1:
            amounts = [goods]
        if amounts is None or sum(amounts) != goods:
            return tuple(lines)
        return tuple(_priced(line, each) for line, each in zip(lines, amounts, strict=True))

    def _amounts(self, order: Order) -> list[int] | None:
        """What each line costs, net of discounts, as far as this organisation may know."""
        net = [None if line.price is None else int(line.price.net) for line in order.lines]
        if None not in net:
            return [each for each in net if each is not None]
        prices = self._prices(order)
        if prices is None:
            return None
        return [price * line.quantity for price, line in zip(prices, order.lines, strict=True)]

    def _prices(self, order: Order) -> list[int] | None:
        """What a unit of each line costs, as far as this organisation may know."""
        if order.offer is not None:
            version = self._offers.get(order.offer).offer.version
            try:
                priced = self._offers.prices(order.offer, version)
            except RefusedError as error:
                if error.code != Code.PRICES_NOT_DISCLOSED.value:
                    raise
                return None
            return [int(line.unit_price) for line in priced.lines]
        found = [
            None if line.listing is None else self._listings.get(line.listing).unit_price
            for line in order.lines
        ]
        return None if None in found else [int(price) for price in found if price is not None]

    def _address(self, order: Order) -> ubl.Address | None:
        if order.delivery_commitment is None:
            return None
        try:
            told = self._orders.delivery_address(order.id)
        except RefusedError as error:
            if error.code != Code.DELIVERY_NOT_DISCLOSED.value:
                raise
            return None
        fields = {name: getattr(told, name) for name in ubl.Address.__struct_fields__}
        return ubl.Address(**{**fields, "street": tuple(told.street)})


def _priced(line: ubl.Line, amount: int) -> ubl.Line:
    each, rest = divmod(amount, line.quantity)
    price, base = (amount, line.quantity) if rest else (each, 1)
    return msgspec.structs.replace(line, price=price, base=base, amount=amount)


def _tax(order: Order) -> int:
    return 0 if order.pricing is None else int(order.pricing.tax)


def _party(directory: Directory, msp_id: str) -> ubl.Party:
    found = directory.get(msp_id)
    if found is None:
        return ubl.Party(msp_id=msp_id)
    return ubl.Party(gln=found.gln, msp_id=msp_id, name=found.name, country=found.country)


def _reference(order: Order) -> ubl.OrderRef:
    return ubl.OrderRef(id=order.reference or order.id.rpartition(".")[2], order=order.id)


def _number(order: Order, kind: str) -> str:
    """A document's id: the same each time it is made."""
    return f"{order.id.rpartition('.')[2]}-{_SUFFIX[kind]}"


def _day(at: str) -> str:
    return at[:10]


def _not_yet(message: str) -> DocumentError:
    return DocumentError(DocumentCode.NOT_AVAILABLE, message)
