"""An order and what hangs on it: its escrow, its shipment, the delivery address, the index of its parties."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from hansa_domain.events import LineView
from hansa_domain.fields import Bucket, Quantity, Seconds, Timestamp
from hansa_domain.operation import Record

OrderStatus = Literal["placed", "accepted", "shipped", "delivered", "settled", "cancelled", "refunded"]


class Take(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much from one bucket of a listing's stock."""

    bucket: Bucket
    quantity: Quantity


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order; ``take`` says which buckets it came from, for the way back."""

    listing: str
    gtin: str
    quantity: int
    take: list[Take]

    @property
    def view(self) -> LineView:
        """The line as events show it."""
        return LineView(listing=self.listing, gtin=self.gtin, quantity=self.quantity)


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long each step may take, in seconds, counted from the step before (rule 11)."""

    accept_within: Seconds
    ship_within: Seconds
    deliver_within: Seconds
    inspect_within: Seconds


class Order(Record, frozen=True, kw_only=True):
    """An order; key ``("order", id)``.

    ``amount`` = ``proceeds`` (seller) + ``freight`` (carrier) + ``fee`` (consortium), minor units of
    ``currency``. ``due`` is when the present state may be defaulted, None once the order ended.
    ``refund_account`` takes change and refunds.
    """

    NOUN: ClassVar[str] = "order"
    id: str
    status: OrderStatus
    buyer: str
    seller: str
    carrier: str | None
    arbitrator: str
    currency: str
    amount: str
    freight: str
    fee: str
    proceeds: str
    fee_account: str
    refund_account: str
    lines: list[Line]
    terms: Terms
    delivery_commitment: str | None
    reference: str | None
    due: Timestamp | None
    placed_at: Timestamp
    accepted_at: Timestamp | None = None
    shipped_at: Timestamp | None = None
    delivered_at: Timestamp | None = None
    closed_at: Timestamp | None = None
    closed_by: str | None = None
    cause: str | None = None

    @property
    def parties(self) -> tuple[str, ...]:
        """Buyer, seller and, where there is one, carrier."""
        return (self.buyer, self.seller, *((self.carrier,) if self.carrier is not None else ()))


class Escrow(Record, frozen=True, kw_only=True):
    """What an order holds until it ends; key ``("escrow", order)``. Absent where the amount is zero."""

    NOUN: ClassVar[str] = "escrow"
    order: str
    currency: str
    amount: str


class Shipment(Record, frozen=True, kw_only=True):
    """What was shipped for an order; key ``("shipment", order)``. Apart, since an order is read often."""

    NOUN: ClassVar[str] = "shipment"
    order: str
    sscc: str | None
    epcs: list[str]


class PartyOrder(Record, frozen=True, kw_only=True):
    """Index of orders by party; key ``("order-of", msp_id, order)``."""

    NOUN: ClassVar[str] = "order-of"
    order: str
