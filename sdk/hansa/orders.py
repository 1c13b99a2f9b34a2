"""Orders: from placing to settlement."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import msgspec

from hansa.errors import HansaError, RefusedError
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.quotes import Asked, ask, at_the_quoted_price, is_order
from hansa.repetition import once, submit_once
from hansa.settling import AS_A_WHOLE, Settling
from hansa.signing import Signed
from hansa.stock import Shelf
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
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
from hansa_domain.orders.quote import QuoteLine, QuoteReply

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
        currency: str | None = None,
        destination: str | None = None,
        discounts: Sequence[str] | None = None,
        coupon: str | None = None,
        sample: bool = False,
        at_most: int | None = None,
        settling: Settling = AS_A_WHOLE,
        signed: Signed | None = None,
        command_id: str | None = None,
    ) -> Receipt[OrderPlacedReply]:
        """Orders goods; the price moves from the buyer's notes into escrow in the same transaction.

        Args:
            listing, quantity: the listing's id, and how many units of it.
            more: further lines, of listings of the same seller and currency.
            amount: total in minor units, freight included; None pays what the ledger quotes.
            freight: the carrier's part of it, minor units.
            carrier, arbitrator: MSP ids of who carries, and who decides a dispute; None: the consortium's.
            terms: deadlines in seconds.
            deliver_to: where the goods go; disclosed to seller, carrier and oneself as private data.
            reference, account: the buyer's own, public, so never a name; who pays, None: the main account.
            max_fee: the most the consortium's fee may be, minor units (see ``fees:Quote``); None: any.
            currency, destination, discounts, coupon, sample, at_most: see ``hansa.quotes.Asked``.
            settling: parts or milestones that it is paid by, who decides second, and the warranty.
            signed: what its signers signed, for ``orders:Place``, where it is beyond the account's limits.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            DisclosureError: the order is placed, a party's peer did not take the address.
            HansaError: see ``Submitter.submit``; refused among others for FUNDS_INSUFFICIENT.
        """
        asked = Asked(currency, destination, discounts, coupon, sample, at_most, amount)
        public = {"arbitrator": arbitrator, "change": account, "reference": reference}
        wanted = _wanted(
            command_id,
            (Item(listing, quantity), *more),
            asked,
            terms=terms,
            delivery_commitment=None if deliver_to is None else commitment(deliver_to),
            max_fee=None if max_fee is None else str(max_fee),
            **public,
            **settling.fields(carrier, freight),
        )
        placed = self._once(command_id, wanted, asked, signed)
        return placed if deliver_to is None else self._told(placed, deliver_to)

    def _told(self, receipt: Receipt[OrderPlacedReply], deliver_to: Delivery) -> Receipt[OrderPlacedReply]:
        self.tell_parties(receipt, deliver_to)
        return receipt

    def quote(
        self,
        listing: str,
        quantity: int,
        *,
        more: Sequence[Item] = (),
        freight: int = 0,
        currency: str | None = None,
        destination: str | None = None,
        discounts: Sequence[str] | None = None,
        coupon: str | None = None,
        sample: bool = False,
    ) -> QuoteReply:
        """What ``place`` would cost now: by line, with discounts, tax, duty, freight and fee.

        Raises:
            RefusedError: the ledger would not take such an order, and why.
        """
        lines = [
            QuoteLine(listing=each.listing, quantity=each.quantity)
            for each in (Item(listing, quantity), *more)
        ]
        asked = Asked(currency, destination, discounts, coupon, sample)
        return ask(self._submitter, lines, asked, freight)

    def _once(
        self, command_id: str | None, wanted: PlaceOrder, asked: Asked, signed: Signed | None
    ) -> Receipt[OrderPlacedReply]:
        return once(
            self._submitter,
            "orders:Place",
            command_id,
            OrderPlacedReply,
            lambda found: is_order(
                msgspec.json.decode(found.reply, type=OrderPlacedReply).order, wanted, asked
            ),
            lambda: self._place(wanted, asked, signed),
        )

    def _place(self, wanted: PlaceOrder, asked: Asked, signed: Signed | None) -> Receipt[OrderPlacedReply]:
        """Sends the order at the quoted price, with stock and notes chosen for it."""
        wanted, currency = at_the_quoted_price(self._submitter, wanted, asked)
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
            receipt = self._submitter.submit(
                "orders:Place", command, OrderPlacedReply, transient=asked.transient
            )
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


def _wanted(command_id: str | None, items: Sequence[Item], asked: Asked, **terms: Any) -> PlaceOrder:
    """The order before it is priced, and before stock and notes are chosen for it."""
    return PlaceOrder(
        id=command_id or new_id(),
        lines=[OrderLine(listing=each.listing, quantity=each.quantity, take=[]) for each in items],
        amount="0",
        notes=[],
        currency=asked.currency,
        destination=asked.destination,
        sample=asked.sample,
        **terms,
    )
