"""Orders: from placing to settlement."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import msgspec

from hansa.errors import HansaError, RefusedError, hint
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once, submit_once
from hansa.signing import Signed
from hansa.stock import Shelf
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
from hansa_domain.listings.commands import GetListing, ListingReply
from hansa_domain.listings.records import Listing
from hansa_domain.offers.commands import OfferAcceptedReply
from hansa_domain.operation import canonical
from hansa_domain.orders.commands import (
    AcceptOrder,
    CancelOrder,
    ConfirmOrder,
    DefaultOrder,
    DeliverOrder,
    Delivery,
    DeliveryReply,
    DiscloseDelivery,
    DisclosedReply,
    GetDelivery,
    GetOrder,
    ListOrders,
    OrderClosedReply,
    OrderDetailReply,
    OrderLine,
    OrderPlacedReply,
    OrderReply,
    OrdersReply,
    PlaceOrder,
    ShipOrder,
)
from hansa_domain.orders.disclosure import TRANSIENT, commitment
from hansa_domain.orders.order import Order, OrderStatus, Terms

DAY = 86_400
DEFAULT_TERMS = Terms(
    accept_within=2 * DAY, ship_within=5 * DAY, deliver_within=30 * DAY, inspect_within=7 * DAY
)
"""What is agreed unless the buyer asks for other terms."""


@dataclass(frozen=True)
class Item:
    """So many units of one listing."""

    listing: str
    quantity: int


class DisclosureError(HansaError):
    """The order stands, but not every party got the delivery address.

    Args:
        receipt: the order as placed.
        missing: MSP ids of those who did not get it; ``orders.disclose`` gives it to them.
        cause: what the last one said.
    """

    def __init__(
        self,
        receipt: Receipt[OrderPlacedReply] | Receipt[OfferAcceptedReply],
        missing: Sequence[str],
        cause: HansaError,
    ) -> None:
        order = receipt.reply.order.id
        super().__init__(
            "DISCLOSURE_INCOMPLETE",
            f"Order {order} stands, but {', '.join(missing)} did not get the address: {cause.message}",
            "Disclose it again once their peers answer: client.orders.disclose(...)",
            transaction_id=receipt.transaction_id,
        )
        self.receipt = receipt
        self.missing = tuple(missing)


def salt() -> str:
    """A fresh salt for a Delivery: 32 random bytes in hexadecimal."""
    return secrets.token_hex(32)


class Orders:
    """``client.orders``."""

    def __init__(self, submitter: Submitter, purse: Purse, shelf: Shelf, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._shelf = shelf
        self._msp_id = msp_id
        self._listings: dict[str, Listing] = {}
        self._lock = threading.Lock()

    def place(
        self,
        listing: str,
        quantity: int,
        *,
        more: Sequence[Item] = (),
        amount: int | None = None,
        freight: int = 0,
        carrier: str | None = None,
        arbitrator: str | None = None,
        terms: Terms = DEFAULT_TERMS,
        deliver_to: Delivery | None = None,
        reference: str | None = None,
        account: str | None = None,
        max_fee: int | None = None,
        signed: Signed | None = None,
        command_id: str | None = None,
    ) -> Receipt[OrderPlacedReply]:
        """Orders goods; the price moves from the buyer's notes into escrow in the same transaction.

        Args:
            listing: the listing's id.
            quantity: units wanted.
            more: further lines, of listings of the same seller and currency.
            amount: total in minor units, freight included; None computes it from the listings' prices.
            freight: the carrier's part of it, minor units.
            carrier: MSP id of who carries.
            arbitrator: MSP id of who decides a dispute; None takes the consortium's.
            terms: deadlines in seconds.
            deliver_to: where the goods go; disclosed to seller, carrier and oneself as private data.
            reference: the buyer's own, up to 64 characters; it is public, so never a name.
            account: the account that pays; None takes the organisation's main account.
            max_fee: the most the consortium's fee may be, minor units (see ``fees:Quote``); None: any.
            signed: what its signers signed, for ``orders:Place``, where it is beyond the account's limits.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT, STOCK_INSUFFICIENT.
            DisclosureError: the order is placed, a party's peer did not take the address.
            HansaError: see ``Submitter.submit``.
        """
        items, offers = self._lines(listing, quantity, more)
        total = _total(items, offers, freight) if amount is None else amount
        wanted = PlaceOrder(
            id=command_id or new_id(),
            lines=[OrderLine(listing=each.listing, quantity=each.quantity, take=[]) for each in items],
            amount=str(total),
            notes=[],
            terms=terms,
            freight=str(freight),
            carrier=carrier,
            arbitrator=arbitrator,
            change=account,
            delivery_commitment=None if deliver_to is None else commitment(deliver_to),
            reference=reference,
            max_fee=None if max_fee is None else str(max_fee),
        )
        placed = self._once(command_id, wanted, offers[0].currency, signed)
        return placed if deliver_to is None else self._told(placed, deliver_to)

    def _told(self, receipt: Receipt[OrderPlacedReply], deliver_to: Delivery) -> Receipt[OrderPlacedReply]:
        self.tell_parties(receipt, deliver_to)
        return receipt

    def _lines(
        self, listing: str, quantity: int, more: Sequence[Item]
    ) -> tuple[tuple[Item, ...], list[Listing]]:
        items = (Item(listing, quantity), *more)
        return items, [self._listing(item.listing) for item in items]

    def _once(
        self, command_id: str | None, wanted: PlaceOrder, currency: str, signed: Signed | None
    ) -> Receipt[OrderPlacedReply]:
        return once(
            self._submitter,
            "orders:Place",
            command_id,
            OrderPlacedReply,
            lambda found: is_order(msgspec.json.decode(found.reply, type=OrderPlacedReply).order, wanted),
            lambda: self._place(wanted, currency, signed),
        )

    def _place(self, wanted: PlaceOrder, currency: str, signed: Signed | None) -> Receipt[OrderPlacedReply]:
        """Sends the order with stock and notes chosen for it."""
        with ExitStack() as holds:
            lines = [
                msgspec.structs.replace(
                    line, take=holds.enter_context(self._shelf.taking(line.listing, line.quantity))
                )
                for line in wanted.lines
            ]
            payer = wanted.change or self._msp_id
            payment = holds.enter_context(
                self._purse.paying(payer, currency, int(wanted.amount), signed=signed)
            )
            command = msgspec.structs.replace(
                wanted, lines=lines, notes=payment.notes, authority=payment.authority
            )
            receipt = self._submitter.submit("orders:Place", command, OrderPlacedReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def accept(self, order: str, *, command_id: str | None = None) -> Receipt[OrderReply]:
        """The seller agrees."""
        command = AcceptOrder(id=command_id or new_id(), order=order)
        return submit_once(self._submitter, "orders:Accept", command, OrderReply, command_id)

    def ship(
        self, order: str, *, epcs: Sequence[str] = (), sscc: str | None = None, command_id: str | None = None
    ) -> Receipt[OrderReply]:
        """The seller hands the goods to the carrier.

        Args:
            epcs: identities of what is shipped (EPC URIs or GS1 Digital Links); empty for goods without any.
            sscc: the logistic unit's SSCC, 18 digits.
        """
        command = ShipOrder(id=command_id or new_id(), order=order, epcs=list(epcs), sscc=sscc)
        return submit_once(self._submitter, "orders:Ship", command, OrderReply, command_id)

    def deliver(self, order: str, *, command_id: str | None = None) -> Receipt[OrderReply]:
        """The carrier reports delivery; the inspection period begins."""
        command = DeliverOrder(id=command_id or new_id(), order=order)
        return submit_once(self._submitter, "orders:Deliver", command, OrderReply, command_id)

    def confirm(self, order: str, *, command_id: str | None = None) -> Receipt[OrderClosedReply]:
        """The buyer took the goods; escrow pays seller, carrier and fee in the same transaction."""
        return self._close("orders:Confirm", ConfirmOrder(id=command_id or new_id(), order=order), command_id)

    def cancel(self, order: str, *, command_id: str | None = None) -> Receipt[OrderClosedReply]:
        """Buyer (while placed) or seller (until shipped) withdraws; the buyer gets the money back."""
        return self._close("orders:Cancel", CancelOrder(id=command_id or new_id(), order=order), command_id)

    def default(self, order: str, *, command_id: str | None = None) -> Receipt[OrderClosedReply]:
        """Calls the outcome of a deadline that has passed; any member may."""
        return self._close("orders:Default", DefaultOrder(id=command_id or new_id(), order=order), command_id)

    def disclose(self, order: str, deliver_to: Delivery, recipient: str) -> Receipt[DisclosedReply]:
        """Gives the delivery address to one party, into its own private collection.

        Args:
            recipient: MSP id of the party; only its peer endorses, and only its peer keeps the data.

        Raises:
            RefusedError: among others DELIVERY_COMMITMENT_MISMATCH, where it is not the address committed to.
            HansaError: see ``Submitter.submit``.
        """
        return self._submitter.submit(
            "orders:Disclose",
            DiscloseDelivery(id=new_id(), order=order, recipient=recipient),
            DisclosedReply,
            transient={TRANSIENT: canonical(deliver_to)},
            endorsing_organizations=[recipient],
        )

    def delivery_address(self, order: str) -> Delivery:
        """The address as disclosed to this organisation. Raises RefusedError where it was not."""
        query = GetDelivery(order=order)
        return self._submitter.evaluate("orders:DeliveryAddress", query, DeliveryReply).delivery

    def get(self, order: str) -> OrderDetailReply:
        """One order and, once shipped, its shipment. Raises RefusedError (ORDER_NOT_FOUND)."""
        return self._submitter.evaluate("orders:Get", GetOrder(order=order), OrderDetailReply)

    def list(
        self,
        *,
        party: str | None = None,
        status: OrderStatus | None = None,
        limit: int = 100,
        bookmark: str = "",
    ) -> OrdersReply:
        """A page of a party's orders (MSP id; None: one's own)."""
        query = ListOrders(party=party, status=status, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("orders:List", query, OrdersReply)

    def _close(
        self, function: str, command: ConfirmOrder | CancelOrder | DefaultOrder, given: str | None
    ) -> Receipt[OrderClosedReply]:
        before = self._purse.moment()
        receipt = submit_once(self._submitter, function, command, OrderClosedReply, given)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return receipt

    def tell_parties(
        self, receipt: Receipt[OrderPlacedReply] | Receipt[OfferAcceptedReply], deliver_to: Delivery
    ) -> None:
        """Gives the delivery address to every party of an order just made. Raises DisclosureError."""
        order: Order = receipt.reply.order
        if receipt.repeated and self._disclosed(order.id):
            return
        missing: list[str] = []
        cause: HansaError | None = None
        for party in order.parties:
            if party == self._msp_id:
                continue
            try:
                self.disclose(order.id, deliver_to, party)
            except HansaError as error:
                missing.append(party)
                cause = error
        # Oneself at last: one's own copy tells a repetition whether everybody else has it.
        if cause is None:
            try:
                self.disclose(order.id, deliver_to, self._msp_id)
            except HansaError as error:
                cause = error
        if cause is not None:
            raise DisclosureError(receipt, [*missing, self._msp_id], cause) from cause

    def _disclosed(self, order: str) -> bool:
        try:
            self.delivery_address(order)
        except RefusedError as error:
            if error.code == Code.DELIVERY_NOT_DISCLOSED.value:
                return False
            raise
        return True

    def _listing(self, listing: str) -> Listing:
        with self._lock:
            known = self._listings.get(listing)
        if known is None:
            query = GetListing(listing=listing)
            known = self._submitter.evaluate("listings:Get", query, ListingReply).listing
            with self._lock:
                # What is used of it (price, currency) never changes.
                self._listings[listing] = known
        return known


def _total(items: Sequence[Item], offers: Sequence[Listing], freight: int) -> int:
    total = freight
    for item, offer in zip(items, offers, strict=True):
        if offer.unit_price is None:
            code = Code.FIELD_INVALID.value
            raise RefusedError(
                code,
                f"Listing {offer.id} has no price: the order names the total.",
                hint(code),
                field="amount",
            )
        total += int(offer.unit_price) * item.quantity
    return total


def is_order(placed: Order, wanted: PlaceOrder) -> bool:
    """Whether an order is what was asked for, whichever notes and buckets were chosen for it."""
    return (
        [(line.listing, line.quantity) for line in placed.lines]
        == [(line.listing, line.quantity) for line in wanted.lines]
        and placed.amount == wanted.amount
        and placed.freight == wanted.freight
        and placed.carrier == wanted.carrier
        and wanted.arbitrator in (None, placed.arbitrator)
        and placed.terms == wanted.terms
        and placed.refund_account == (wanted.change or placed.buyer)
        and placed.delivery_commitment == wanted.delivery_commitment
        and placed.reference == wanted.reference
    )
