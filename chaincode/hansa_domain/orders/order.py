"""An order and what hangs on it: its escrow, its shipment, the delivery address, the index of its parties."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import LineView
from hansa_domain.fields import Bucket, Quantity, Seconds, Timestamp
from hansa_domain.operation import Context, Fetch, Record, Records
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.pricing.figures import LinePrice, Pricing
from hansa_domain.record_versions import Earlier, Forms
from hansa_domain.times import rfc3339

OrderStatus = Literal["placed", "accepted", "shipped", "delivered", "settled", "cancelled", "refunded"]

Settlement = Literal["whole", "deliveries", "milestones"]
"""How an order is carried out and paid: as a whole, delivery by delivery, or by milestones."""

OPEN: tuple[OrderStatus, ...] = ("placed", "accepted", "shipped", "delivered")
"""The states in which an order holds money and has a deadline."""

DECIDE_WITHIN = 14 * 24 * 3600
"""Seconds an arbitrator has where the terms name no other time."""


class Take(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So much from one bucket of a listing's stock."""

    bucket: Bucket
    quantity: Quantity


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an order; ``take`` says which buckets it came from, for the way back.

    Without ``listing`` the goods were agreed by an offer: no stock on the ledger is kept for them.
    ``price`` is what the line cost by the listing as it stood then; None: by agreement.
    """

    listing: str | None
    gtin: str
    quantity: int
    take: list[Take]
    price: LinePrice | None = None

    @property
    def view(self) -> LineView:
        """The line as events show it."""
        return LineView(listing=self.listing, gtin=self.gtin, quantity=self.quantity, price=self.price)


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long each step may take, in seconds, counted from the step before (rule 11).

    ``decide_within`` is how long an arbitrator has for a dispute, counted from when it came before him.
    """

    accept_within: Seconds
    ship_within: Seconds
    deliver_within: Seconds
    inspect_within: Seconds
    decide_within: Seconds = DECIDE_WITHIN


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """For whom money in escrow is meant: seller, carrier, consortium; minor units."""

    proceeds: str
    freight: str
    fee: str

    @property
    def total(self) -> int:
        """All of it."""
        return int(self.proceeds) + int(self.freight) + int(self.fee)


class Order(Record, frozen=True, kw_only=True):
    """An order; key ``("order", id)``.

    ``amount`` = ``proceeds`` (seller) + ``freight`` (carrier) + ``fee`` (consortium), minor units of
    ``currency``. ``due`` is when the present state may be defaulted, None once the order ended.
    ``refund_account`` takes change and refunds.

    Version 2 has ``offer``, the one it was made from, and lines that come from no listing.

    Version 3 has ``settlement``; ``released``, the minor units that have left escrow; ``left``, for whom the
    rest is meant, None while nothing has left or nothing is left (see ``shares``); ``dispute``, the member
    whose dispute is open; ``second_arbitrator``, who decides if the first is silent; ``fee_schedule``, by
    which its fees are counted, None where none was in force; ``deliveries``, the terms of an order that is
    delivered in parts; ``pricing``, how the amount came about where it is more than units times price;
    ``warranty``, the seconds from settlement in which the buyer may claim; ``replaces``,
    the order whose goods these take the place of.
    """

    NOUN: ClassVar[str] = "order"
    VERSION: ClassVar[int] = 3
    EARLIER: ClassVar[Forms]
    v: int = 3
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
    offer: str | None = None
    settlement: Settlement = "whole"
    released: str = "0"
    left: Shares | None = None
    dispute: str | None = None
    second_arbitrator: str | None = None
    fee_schedule: str | None = None
    deliveries: DeliveryTerms | None = None
    pricing: Pricing | None = None
    warranty: int | None = None
    replaces: str | None = None

    @property
    def held(self) -> int:
        """What is in escrow, in minor units; nothing once the order ended."""
        return int(self.amount) - int(self.released)

    @property
    def shares(self) -> Shares:
        """For whom what is in escrow is meant; together exactly ``held``."""
        if self.left is not None:
            return self.left
        if self.released != "0":
            return Shares(proceeds="0", freight="0", fee="0")
        return Shares(proceeds=self.proceeds, freight=self.freight, fee=self.fee)

    @property
    def parties(self) -> tuple[str, ...]:
        """Buyer, seller and, where there are some, carriers."""
        return (self.buyer, self.seller, *self.carriers)

    @property
    def carriers(self) -> tuple[str, ...]:
        """Who carries, each once."""
        if self.deliveries is not None:
            return tuple(self.deliveries.carriers)
        return () if self.carrier is None else (self.carrier,)


def _from_version_2(old: Order) -> Order:
    """Until version 3 an order's escrow went out whole, when it ended."""
    return old if old.status in OPEN else replace(old, released=old.amount)


Order.EARLIER = {2: Earlier(Order, _from_version_2)}


class Escrow(Record, frozen=True, kw_only=True):
    """What an order holds until it ends; key ``("escrow", order)``. Absent where the amount is zero.

    Always the order's ``amount`` less what was ``released``: ``orders.escrow`` alone takes money out of it.
    """

    NOUN: ClassVar[str] = "escrow"
    order: str
    currency: str
    amount: str

    @property
    def guardian(self) -> str:
        """The buyer, whose money it was: an order's id begins with his MSP id."""
        return self.order.rpartition(".")[0]

    @property
    def holding(self) -> tuple[str, int]:
        """All of it."""
        return self.currency, int(self.amount)


class Shipment(Record, frozen=True, kw_only=True):
    """What was shipped for an order; key ``("shipment", order)``. Apart, since an order is read often.

    ``epcs`` as the seller named them, ``units`` all goods of the ledger that went with them, packed ones
    included, in normal form.
    """

    NOUN: ClassVar[str] = "shipment"
    order: str
    sscc: str | None
    epcs: list[str]
    units: list[str]


class PartyOrder(Record, frozen=True, kw_only=True):
    """Index of orders by party; key ``("order-of", msp_id, order)``."""

    NOUN: ClassVar[str] = "order-of"
    order: str


def load_order(order_id: str) -> Generator[Fetch, Records, Order]:
    """The order, or ORDER_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=((Order.NOUN, order_id),))
    return records.get(Order, order_id, refuse=Code.ORDER_NOT_FOUND, where="order")


def require_party(context: Context, party: str, act: str) -> None:
    """Refuses NOT_PERMITTED unless the caller is ``party``; ``act`` completes "only X may ..."."""
    if context.caller.msp_id != party:
        raise Refusal(Code.NOT_PERMITTED, f"Only {party} may {act} this order.")


def require_status(order: Order, allowed: tuple[OrderStatus, ...], act: str) -> None:
    """Refuses ORDER_STATE unless the order is in one of these states."""
    if order.status not in allowed:
        raise Refusal(
            Code.ORDER_STATE,
            f"The order is {order.status}; to {act} it, it must be {' or '.join(allowed)}.",
            "order",
        )


def require_settlement(order: Order, allowed: tuple[Settlement, ...], act: str) -> None:
    """Refuses ORDER_SETTLEMENT unless the order is settled in one of these ways."""
    if order.settlement not in allowed:
        raise Refusal(
            Code.ORDER_SETTLEMENT,
            f"The order is settled by {order.settlement}: there is another way to {act} it.",
            "order",
        )


def require_undisputed(order: Order, act: str) -> None:
    """Refuses ORDER_DISPUTED while a dispute of the order is open."""
    if order.dispute is not None:
        raise Refusal(
            Code.ORDER_DISPUTED, f"A dispute of {order.dispute} is open: nobody can {act} the order.", "order"
        )


def after(context: Context, seconds: int) -> Timestamp:
    """The deadline that many seconds from now."""
    return rfc3339(context.now + seconds * 1000)
