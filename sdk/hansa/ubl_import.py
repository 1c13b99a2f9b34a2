"""UBL documents carried out on the ledger: each once, however often it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from hansa import ubl
from hansa.documents.errors import DocumentCode, DocumentError
from hansa.documents.parties import Directory
from hansa.errors import RefusedError
from hansa.ids import derived_id
from hansa.listings import Listings
from hansa.members import Members
from hansa.orders import DEFAULT_TERMS, Item, Orders, salt
from hansa.submission import Receipt, Submitter
from hansa.ubl.matching import places, require_whole
from hansa.ubl_deliveries import Deliveries
from hansa.ubl_offers import check_offer, choose, total_of
from hansa_domain.error_codes import Code
from hansa_domain.fields import EntityId
from hansa_domain.listings.records import Listing
from hansa_domain.orders.commands import Delivery, OrderPlacedReply
from hansa_domain.orders.order import Order, Terms

_LINES = "/Order/cac:OrderLine"
_ENTITY = msgspec.json.Decoder(EntityId)
Salts = Callable[[str], str]
"""A salt for a command id: the same for the same, and nobody else's guess."""


@dataclass(frozen=True)
class CarriedOut:
    """What a document did.

    Args:
        kind: such as ``Order``.
        document: its id.
        order: the ledger's id of the order that it is about.
        receipts: the transactions it took; none for an acknowledgement, which does nothing.
    """

    kind: str
    document: str
    order: str
    receipts: tuple[Receipt[Any], ...]


def command_of(msp_id: str, kind: str, document: str) -> str:
    """The id of the command that a document of a member becomes: the same each time it comes."""
    return derived_id("UBL", msp_id, kind, document)


class Importer:
    """Carries out documents for one member.

    Args:
        submitter: tells what was carried out before.
        members: who is who.
        listings: what is on offer.
        orders: what the documents act on.
        msp_id: the member's.
    """

    def __init__(
        self, submitter: Submitter, members: Members, listings: Listings, orders: Orders, msp_id: str
    ) -> None:
        self._submitter = submitter
        self._members = members
        self._listings = listings
        self._orders = orders
        self._deliveries = Deliveries(submitter)
        self._msp_id = msp_id

    def carry_out(
        self, document: ubl.Document, *, salts: Salts | None, account: str | None, terms: Terms | None
    ) -> CarriedOut:
        """As ``Ubl.carry_out``, with the document read."""
        kind = type(document).__name__
        command_id = command_of(self._msp_id, kind, document.id)
        directory = Directory(self._members.list().members)
        if isinstance(document, ubl.Order):
            return self._place(document, command_id, directory, salts, account, terms)
        act: dict[type[Any], Callable[..., CarriedOut]] = {
            ubl.OrderResponse: self._answer,
            ubl.DespatchAdvice: self._ship,
            ubl.ReceiptAdvice: self._receive,
            ubl.Invoice: self._bill,
            ubl.CreditNote: self._bill,
        }
        return act[type(document)](document, command_id, directory)

    def _place(
        self,
        document: ubl.Order,
        command_id: str,
        directory: Directory,
        salts: Salts | None,
        account: str | None,
        terms: Terms | None,
    ) -> CarriedOut:
        buyer = directory.find(document.buyer, "/Order/cac:BuyerCustomerParty/cac:Party")
        self._require_self(buyer.msp_id, "/Order/cac:BuyerCustomerParty/cac:Party")
        seller = directory.find(document.seller, "/Order/cac:SellerSupplierParty/cac:Party").msp_id
        carrier = None
        if document.carrier is not None:
            carrier = directory.find(document.carrier, "/Order/cac:Delivery/cac:CarrierParty").msp_id
        before = self._placed_before(command_id)
        known = [] if before is None else [line.listing for line in before.lines]
        offers = self._offers(document, seller, known)
        items = [Item(offer.id, line.quantity) for offer, line in zip(offers, document.lines, strict=True)]
        receipt = self._orders.place(
            items[0].listing,
            items[0].quantity,
            more=items[1:],
            amount=total_of(document, offers),
            freight=document.freight,
            currency=document.currency,
            destination=None if document.deliver_to is None else document.deliver_to.country,
            carrier=carrier,
            terms=terms or DEFAULT_TERMS,
            deliver_to=self._delivery(document, command_id, before, salts),
            reference=document.id,
            account=account,
            command_id=command_id,
        )
        return CarriedOut("Order", document.id, receipt.reply.order.id, (receipt,))

    def _placed_before(self, command_id: str) -> Order | None:
        """The order that this document became before: what was chosen for it then is chosen again."""
        found = self._submitter.carried_out(command_id)
        if found is None or found.operation != "orders:Place":
            return None
        return msgspec.json.decode(found.reply, type=OrderPlacedReply).order

    def _delivery(
        self, document: ubl.Order, command_id: str, before: Order | None, salts: Salts | None
    ) -> Delivery | None:
        place = document.deliver_to
        if place is None:
            return None
        chosen = None
        if before is not None and before.delivery_commitment is not None:
            try:
                chosen = self._orders.delivery_address(before.id).salt
            except RefusedError as error:
                if error.code != Code.DELIVERY_NOT_DISCLOSED.value:
                    raise
        chosen = chosen or (salt() if salts is None else salts(command_id))
        fields = {name: getattr(place, name) for name in place.__struct_fields__}
        try:
            return msgspec.convert({**fields, "street": list(place.street), "salt": chosen}, Delivery)
        except msgspec.ValidationError as error:
            raise DocumentError(DocumentCode.FIELD_INVALID, str(error), "/Order/cac:Delivery") from error

    def _offers(self, document: ubl.Order, seller: str, known: Sequence[str | None]) -> list[Listing]:
        open_: list[Listing] | None = None
        offers: list[Listing] = []
        for number, line in enumerate(document.lines, 1):
            where = (
                f"{_LINES}[{number}]/cac:LineItem/cac:Item"
                if len(document.lines) > 1
                else (f"{_LINES}/cac:LineItem/cac:Item")
            )
            named = line.listing or (known[number - 1] if number <= len(known) else None)
            if named is not None:
                offer = self._named(named, where)
            elif line.gtin is None:
                raise DocumentError(
                    DocumentCode.GOODS_UNKNOWN, "The line names no GTIN and no listing.", where
                )
            else:
                open_ = self._open(seller) if open_ is None else open_
                offer = choose(open_, line, document.currency, where)
            check_offer(offer, line, seller, document.currency, where)
            offers.append(offer)
        return offers

    def _named(self, listing: str, where: str) -> Listing:
        if not _is_entity(listing):
            raise DocumentError(DocumentCode.GOODS_UNKNOWN, f"{listing} is no listing's id.", where)
        try:
            return self._listings.get(listing)
        except RefusedError as error:
            raise DocumentError(DocumentCode.GOODS_UNKNOWN, error.message, where) from error

    def _open(self, seller: str) -> list[Listing]:
        found: list[Listing] = []
        bookmark = ""
        while True:
            page = self._listings.list(seller=seller, limit=1000, bookmark=bookmark)
            found += [each for each in page.listings if each.status == "open"]
            bookmark = page.bookmark
            if not bookmark:
                return found

    def _answer(self, document: ubl.OrderResponse, command_id: str, directory: Directory) -> CarriedOut:
        seller = directory.find(document.seller, "/OrderResponse/cac:SellerSupplierParty/cac:Party")
        buyer = directory.find(document.buyer, "/OrderResponse/cac:BuyerCustomerParty/cac:Party")
        self._require_self(seller.msp_id, "/OrderResponse/cac:SellerSupplierParty/cac:Party")
        order = self._about(document.order, buyer.msp_id, seller.msp_id, "OrderResponse")
        where = "/OrderResponse/cac:OrderLine"
        if document.answer == "CA" and order.settlement == "deliveries":
            part = self._deliveries.accept(document, order, command_id)
            return CarriedOut("OrderResponse", document.id, order.id, (part,))
        if document.answer == "CA":
            raise DocumentError(
                DocumentCode.NOT_SUPPORTED,
                "An answer with conditions (CA) is not carried out: accept, reject, or make an offer.",
                "/OrderResponse/cbc:OrderResponseCode",
            )
        if document.answer == "AP" and document.lines:
            found = places(order, [(line, line.id) for line in document.lines], where)
            require_whole(order, found, [line.quantity for line in document.lines], where, "accepted")
        receipts: tuple[Receipt[Any], ...] = ()
        if document.answer == "AP":
            receipts = (self._orders.accept(order.id, command_id=command_id),)
        elif document.answer == "RE":
            receipts = (self._orders.cancel(order.id, command_id=command_id),)
        return CarriedOut("OrderResponse", document.id, order.id, receipts)

    def _ship(self, document: ubl.DespatchAdvice, command_id: str, directory: Directory) -> CarriedOut:
        base, where = "/DespatchAdvice", "/DespatchAdvice/cac:DespatchLine"
        seller = directory.find(document.supplier, f"{base}/cac:DespatchSupplierParty/cac:Party")
        buyer = directory.find(document.customer, f"{base}/cac:DeliveryCustomerParty/cac:Party")
        self._require_self(seller.msp_id, f"{base}/cac:DespatchSupplierParty/cac:Party")
        order = self._about(document.order, buyer.msp_id, seller.msp_id, "DespatchAdvice")
        path = f"{base}/cac:Shipment/cac:Consignment/cac:CarrierParty"
        carrier = None if document.carrier is None else directory.find(document.carrier, path).msp_id
        if order.settlement == "deliveries":
            part = self._deliveries.despatch(document, order, carrier, command_id)
            return CarriedOut("DespatchAdvice", document.id, order.id, (part,))
        if carrier not in (None, order.carrier):
            raise DocumentError(
                DocumentCode.ORDER_DIFFERS, f"The order names {order.carrier or 'no carrier'}.", path
            )
        found = places(order, [(line, line.order_line) for line in document.lines], where)
        require_whole(order, found, [line.quantity for line in document.lines], where, "shipped")
        receipt = self._orders.ship(
            order.id,
            epcs=[epc for line in document.lines for epc in line.epcs],
            sscc=document.sscc,
            command_id=command_id,
        )
        return CarriedOut("DespatchAdvice", document.id, order.id, (receipt,))

    def _receive(self, document: ubl.ReceiptAdvice, command_id: str, directory: Directory) -> CarriedOut:
        base, where = "/ReceiptAdvice", "/ReceiptAdvice/cac:ReceiptLine"
        buyer = directory.find(document.customer, f"{base}/cac:DeliveryCustomerParty/cac:Party")
        seller = directory.find(document.supplier, f"{base}/cac:DespatchSupplierParty/cac:Party")
        self._require_self(buyer.msp_id, f"{base}/cac:DeliveryCustomerParty/cac:Party")
        order = self._about(document.order, buyer.msp_id, seller.msp_id, "ReceiptAdvice")
        if order.settlement == "deliveries":
            report = self._deliveries.receive(document, order, _named(order.seller), command_id)
            return CarriedOut("ReceiptAdvice", document.id, order.id, (report,))
        found = places(order, [(line, line.order_line) for line in document.lines], where)
        if not document.clean:
            raise DocumentError(
                DocumentCode.NOT_SUPPORTED,
                "What is short, over or refused is settled by hand: agree on a return with the seller.",
                where,
            )
        require_whole(order, found, [line.received for line in document.lines], where, "confirmed")
        receipt = self._orders.confirm(order.id, command_id=command_id)
        return CarriedOut("ReceiptAdvice", document.id, order.id, (receipt,))

    def _bill(
        self, document: ubl.Invoice | ubl.CreditNote, command_id: str, directory: Directory
    ) -> CarriedOut:
        kind = type(document).__name__
        party = f"/{kind}/cac:AccountingSupplierParty/cac:Party"
        seller = directory.find(document.supplier, party)
        buyer = directory.find(document.customer, f"/{kind}/cac:AccountingCustomerParty/cac:Party")
        self._require_self(seller.msp_id, party)
        order = self._about(document.order, buyer.msp_id, seller.msp_id, kind)
        if order.settlement != "deliveries":
            raise DocumentError(
                DocumentCode.NOT_SUPPORTED, "This order is paid out of escrow without invoices.", f"/{kind}"
            )
        named = _named(order.seller)
        receipt: Receipt[Any]
        if isinstance(document, ubl.Invoice):
            receipt = self._deliveries.invoice(document, order, named, command_id)
        else:
            receipt = self._deliveries.credit(document, order, named, command_id)
        return CarriedOut(kind, document.id, order.id, (receipt,))

    def _require_self(self, msp_id: str, where: str) -> None:
        if msp_id != self._msp_id:
            raise DocumentError(
                DocumentCode.PARTY_NOT_YOU, f"The document is {msp_id}'s, and {self._msp_id} sends it.", where
            )

    def _about(self, reference: ubl.OrderRef, buyer: str, seller: str, kind: str) -> Order:
        """The order that a document is about, between these two."""
        where = f"/{kind}/cac:OrderReference"
        placed = f"{buyer}.{command_of(buyer, 'Order', reference.id)}"
        for each in (reference.order, reference.id, placed):
            if each is None or not _is_entity(each):
                continue
            try:
                found = self._orders.get(each).order
            except RefusedError as error:
                if error.code != Code.ORDER_NOT_FOUND.value:
                    raise
                continue
            if (found.buyer, found.seller) != (buyer, seller):
                raise DocumentError(
                    DocumentCode.ORDER_DIFFERS, f"That order is {found.buyer}'s with {found.seller}.", where
                )
            return found
        return self._by_reference(reference.id, buyer, seller, where)

    def _by_reference(self, reference: str, buyer: str, seller: str, where: str) -> Order:
        found: list[Order] = []
        bookmark = ""
        while True:
            page = self._orders.list(limit=1000, bookmark=bookmark)
            found += [
                each
                for each in page.orders
                if (each.reference, each.buyer, each.seller) == (reference, buyer, seller)
            ]
            bookmark = page.bookmark
            if not bookmark:
                break
        if len(found) != 1:
            many = f"{len(found)} orders have" if found else "No order has"
            raise DocumentError(
                DocumentCode.ORDER_DIFFERS, f"{many} the reference {reference} between these two.", where
            )
        return found[0]


def _named(msp_id: str) -> Callable[[str, str], str]:
    """What a member's document became on the ledger: its id there, unless the document names that itself."""

    def named(kind: str, document: str) -> str:
        return document if _is_entity(document) else f"{msp_id}.{command_of(msp_id, kind, document)}"

    return named


def _is_entity(text: str) -> bool:
    try:
        _ENTITY.decode(msgspec.json.encode(text))
    except msgspec.ValidationError:
        return False
    return True
