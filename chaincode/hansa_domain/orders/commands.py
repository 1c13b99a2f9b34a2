"""What may be asked about orders, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.accounts.authority import Spending
from hansa_domain.coupons import PartNumber
from hansa_domain.events import NoteView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CountryCode,
    CurrencyCode,
    EntityId,
    Epc,
    MspId,
    Name,
    NoteId,
    Owner,
    PageLimit,
    Quantity,
    Reference,
    Salt,
    Seconds,
    Sha256Hex,
    Sscc,
    Text,
)
from hansa_domain.money import MAX_NOTES
from hansa_domain.operation import Command, Query
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestones
from hansa_domain.orders.order import Order, OrderStatus, Settlement, Shipment, Take, Terms

MAX_LINES = 20
MAX_EPCS = 500
MAX_DISCOUNTS = 4

DiscountIds = Annotated[list[EntityId], msgspec.Meta(max_length=MAX_DISCOUNTS)]


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line as ordered: ``take`` adds up to ``quantity``, each bucket at most once."""

    listing: EntityId
    quantity: Quantity
    take: Annotated[list[Take], msgspec.Meta(min_length=1, max_length=256)]


class CouponUse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One use of a coupon: SHA-256 of its code, which travels in transient data, and the part it uses."""

    code_hash: Sha256Hex
    part: PartNumber


class PlaceOrder(Spending["OrderPlacedReply"], frozen=True, kw_only=True):
    """``orders:Place``: all lines of one seller and one currency; ``amount`` goes from notes into escrow.

    ``amount`` is the total, freight included; with priced listings it equals their sum plus freight.
    Amount "0" goes with no notes. ``change`` takes change now and a refund later; by default the buyer's
    main account. ``settlement`` is how it is carried out and paid; ``second_arbitrator`` decides a dispute
    that the first left undecided. ``max_fee``, minor units, is the most the consortium's fee may be; see
    ``fees:Quote``. ``milestones`` are what an order of that settlement is paid by; ``deliveries`` are the
    terms of settlement ``deliveries``, whose carriages take the place of ``carrier``.

    ``currency`` is one that every listing is offered in, by default their own; ``destination`` the country
    the goods go to, whose taxes are part of the amount; ``discounts`` the seller's that are taken, in this
    order; ``sample``: an order by the listings' terms for samples. ``orders:Quote`` says what comes of them.

    ``warranty`` are the seconds from settlement in which the buyer may claim; ``replaces`` is an earlier
    order of the two, whose goods these take the place of.
    """

    lines: Annotated[list[OrderLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    amount: Amount
    notes: Annotated[list[NoteId], msgspec.Meta(max_length=MAX_NOTES)]
    terms: Terms
    freight: Amount = "0"
    carrier: MspId | None = None
    arbitrator: MspId | None = None
    change: Owner | None = None
    delivery_commitment: Sha256Hex | None = None
    reference: Reference | None = None
    settlement: Settlement = "whole"
    second_arbitrator: MspId | None = None
    max_fee: Amount | None = None
    deliveries: DeliveryTerms | None = None
    milestones: Milestones | None = None
    currency: CurrencyCode | None = None
    destination: CountryCode | None = None
    discounts: DiscountIds = msgspec.field(default_factory=list)
    coupon: CouponUse | None = None
    sample: bool = False
    warranty: Seconds | None = None
    replaces: EntityId | None = None


class AcceptOrder(Command["OrderReply"], frozen=True, kw_only=True):
    """``orders:Accept``, by the seller."""

    order: EntityId


class ShipOrder(Command["OrderReply"], frozen=True, kw_only=True):
    """``orders:Ship``, by the seller. ``epcs`` are the goods' identities, ``sscc`` the logistic unit's."""

    order: EntityId
    epcs: Annotated[list[Epc], msgspec.Meta(max_length=MAX_EPCS)] = msgspec.field(default_factory=list)
    sscc: Sscc | None = None


class DeliverOrder(Command["OrderReply"], frozen=True, kw_only=True):
    """``orders:Deliver``, by the carrier, or by the seller where the order has none."""

    order: EntityId


class ConfirmOrder(Command["OrderClosedReply"], frozen=True, kw_only=True):
    """``orders:Confirm``, by the buyer, once shipped: escrow is paid out in the same transaction."""

    order: EntityId


class CancelOrder(Command["OrderClosedReply"], frozen=True, kw_only=True):
    """``orders:Cancel``: by the buyer while placed, by the seller while placed or accepted."""

    order: EntityId


class DefaultOrder(Command["OrderClosedReply"], frozen=True, kw_only=True):
    """``orders:Default``, by any member once the order's ``due`` has come: refund or settlement (rule 11)."""

    order: EntityId


class Delivery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The private document of a disclosure: where the goods go. Travels in transient data only.

    Absent and null are the same. ``salt`` keeps the public commitment from being guessed.
    """

    salt: Salt
    name: Name
    street: Annotated[list[Name], msgspec.Meta(min_length=1, max_length=5)]
    city: Name
    country: CountryCode
    postal_code: Name | None = None
    region: Name | None = None
    contact: Name | None = None
    phone: Name | None = None
    email: Name | None = None
    instructions: Text | None = None


class DiscloseDelivery(Command["DisclosedReply"], frozen=True, kw_only=True):
    """``orders:Disclose``, by the buyer, transient ``private`` = a Delivery: one party learns the address.

    Endorsed by the recipient's peer alone; the same disclosure again has no further effect.
    """

    order: EntityId
    recipient: MspId


class GetOrder(Query["OrderDetailReply"], frozen=True, kw_only=True):
    """``orders:Get``."""

    order: EntityId


class ListOrders(Query["OrdersReply"], frozen=True, kw_only=True):
    """``orders:List``: the orders of one party (default: the caller) by id; ``status`` narrows a page."""

    party: MspId | None = None
    status: OrderStatus | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class GetDelivery(Query["DeliveryReply"], frozen=True, kw_only=True):
    """``orders:DeliveryAddress``: from the caller's own collection; ask the caller's own peer."""

    order: EntityId


class OrderPlacedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The order as placed, with its shares (proceeds, freight, fee), and the change note, if any."""

    order: Order
    change: NoteView | None


class OrderReply(msgspec.Struct, frozen=True, kw_only=True):
    """The order as it stands after a step."""

    order: Order


class OrderClosedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The order as it ended, and the notes that paid it out or back."""

    order: Order
    notes: list[NoteView]


class OrderDetailReply(msgspec.Struct, frozen=True, kw_only=True):
    """The order and, once shipped, its shipment."""

    order: Order
    shipment: Shipment | None


class OrdersReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of orders; ``bookmark`` is empty on the last page."""

    orders: list[Order]
    bookmark: str


class DisclosedReply(msgspec.Struct, frozen=True, kw_only=True):
    """To whom an order's delivery address was disclosed; nothing of the address."""

    order: str
    recipient: str


class DeliveryReply(msgspec.Struct, frozen=True, kw_only=True):
    """The delivery address as disclosed to the caller's organisation."""

    order: str
    delivery: Delivery
