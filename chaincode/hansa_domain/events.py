"""The registry of domain events. A type is never renamed or reused; each carries its own version ``v``.

They travel as ``{"v": 1, "events": [...]}`` in the one Fabric event ``hansa`` of a transaction. ``at`` is the
transaction's timestamp, RFC 3339.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MoneyReason = Literal["mint", "transfer", "burn", "escrow", "release", "refund"]
SettlementCause = Literal["confirmed", "not_inspected"]
RefundCause = Literal["not_accepted", "not_shipped", "not_delivered"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened, as the read model and other members' systems learn of it."""

    v: int = 1


# Parts that events share.


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A note as events and replies show it; ``amount`` in minor units."""

    id: str
    owner: str
    currency: str
    amount: str


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket of a listing's stock holds after the transaction."""

    bucket: int
    quantity: int


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order."""

    listing: str
    gtin: str
    quantity: int


# Members


class ConsortiumInitialized(Event, frozen=True, kw_only=True, tag="consortium.initialized"):
    """The consortium began, with its fee and default arbitrator."""

    basis_points: int
    fee_account: str
    arbitrator: str
    at: str


class MemberJoined(Event, frozen=True, kw_only=True, tag="member.joined"):
    """An organisation is a member from now on."""

    msp_id: str
    name: str
    role: str
    gln: str | None
    country: str
    at: str


class MemberLeft(Event, frozen=True, kw_only=True, tag="member.left"):
    """An organisation is a member no longer."""

    msp_id: str
    at: str


# Changes of the consortium


class ConfigUpdateProposed(Event, frozen=True, kw_only=True, tag="config_update.proposed"):
    """A change of the channel's configuration is asked for; ``digest`` is SHA-256 of what is to be signed.

    ``name`` and ``role`` are the newcomer's, where one is to join.
    """

    config_update: str
    kind: str
    organization: str | None
    name: str | None
    role: str | None
    summary: str
    proposer: str
    revision: int
    base_sequence: int
    digest: str
    at: str


class ConfigUpdateSigned(Event, frozen=True, kw_only=True, tag="config_update.signed"):
    """A member's administrator signed a revision."""

    config_update: str
    revision: int
    msp_id: str
    signer: str
    at: str


class ConfigUpdateRenewed(Event, frozen=True, kw_only=True, tag="config_update.renewed"):
    """It was computed anew; signatures of earlier revisions do not count."""

    config_update: str
    revision: int
    base_sequence: int
    digest: str
    at: str


class ConfigUpdateWithdrawn(Event, frozen=True, kw_only=True, tag="config_update.withdrawn"):
    """It is not wanted any longer."""

    config_update: str
    by: str
    at: str


class ConfigUpdateCarriedOut(Event, frozen=True, kw_only=True, tag="config_update.carried_out"):
    """It is in force since the block."""

    config_update: str
    config_block: int
    by: str
    at: str


# Goods on offer


class ProductRegistered(Event, frozen=True, kw_only=True, tag="product.registered"):
    """A product is identified on the ledger; ``gtin`` has 14 digits."""

    gtin: str
    owner: str
    name: str
    brand: str | None
    at: str


class ListingCreated(Event, frozen=True, kw_only=True, tag="listing.created"):
    """Goods are offered; ``unit_price`` None means by agreement."""

    listing: str
    seller: str
    gtin: str
    unit_price: str | None
    currency: str
    quantity: int
    at: str


class ListingWithdrawn(Event, frozen=True, kw_only=True, tag="listing.withdrawn"):
    """A listing takes no further orders."""

    listing: str
    seller: str
    at: str


class StockChanged(Event, frozen=True, kw_only=True, tag="stock.changed"):
    """These buckets of a listing hold these quantities now (absolute, not differences)."""

    listing: str
    buckets: list[StockView]
    at: str


# Money


class CurrencyDefined(Event, frozen=True, kw_only=True, tag="currency.defined"):
    """The first mint of a currency names its issuing bank for good."""

    currency: str
    issuer: str
    minor_units: int
    at: str


class MoneyMoved(Event, frozen=True, kw_only=True, tag="money.moved"):
    """Notes were consumed and created. Every change of notes shows here and nowhere else.

    Created less consumed is what was minted, minus what was burned, minus what went into escrow (``escrow``),
    plus what came out of it (``release``, ``refund``), and nothing for ``transfer``.
    """

    reason: MoneyReason
    currency: str
    consumed: list[NoteView]
    created: list[NoteView]
    order: str | None
    at: str


# Orders


class OrderPlaced(Event, frozen=True, kw_only=True, tag="order.placed"):
    """A buyer ordered and ``amount`` went into escrow. Amounts in minor units, ``due`` the next deadline."""

    order: str
    buyer: str
    seller: str
    carrier: str | None
    arbitrator: str
    currency: str
    amount: str
    freight: str
    fee: str
    proceeds: str
    lines: list[LineView]
    reference: str | None
    due: str
    at: str


class OrderAccepted(Event, frozen=True, kw_only=True, tag="order.accepted"):
    """The seller agreed to the order as placed."""

    order: str
    due: str
    at: str


class OrderShipped(Event, frozen=True, kw_only=True, tag="order.shipped"):
    """The seller handed the goods over for transport."""

    order: str
    sscc: str | None
    epcs: list[str]
    due: str
    at: str


class OrderDelivered(Event, frozen=True, kw_only=True, tag="order.delivered"):
    """The carrier (or the seller, where there is none) reported delivery; inspection begins."""

    order: str
    due: str
    at: str


class OrderSettled(Event, frozen=True, kw_only=True, tag="order.settled"):
    """Escrow was paid: ``proceeds`` to the seller, ``freight`` to the carrier, ``fee`` to the consortium."""

    order: str
    cause: SettlementCause
    by: str
    currency: str
    proceeds: str
    freight: str
    fee: str
    at: str


class OrderCancelled(Event, frozen=True, kw_only=True, tag="order.cancelled"):
    """A party withdrew in time; escrow went back to the buyer and the goods to stock."""

    order: str
    by: str
    at: str


class OrderRefunded(Event, frozen=True, kw_only=True, tag="order.refunded"):
    """A deadline passed and escrow went back to the buyer."""

    order: str
    cause: RefundCause
    by: str
    at: str


# Goods


class CustodyChange(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of goods passed from one holder to another; ``giver`` None: it was commissioned just now."""

    epc: str
    giver: str | None
    holder: str


class CustodyMoved(Event, frozen=True, kw_only=True, tag="custody.moved"):
    """Goods changed hands, or were commissioned; shown here only. ``order`` if one carries them."""

    order: str | None
    changes: list[CustodyChange]
    at: str


class CapturedEventView(msgspec.Struct, frozen=True, kw_only=True):
    """A captured EPCIS event: what a timeline shows of it; ``goods:Event`` has the whole.

    ``status`` is ``accepted`` or ``claim``; ``epcs`` in normal form; ``time`` is when it happened; ``orders``
    carry goods of it.
    """

    event_id: str
    hash: str
    kind: str
    status: str
    time: str
    action: str | None
    biz_step: str | None
    read_point: str | None
    error_declared: bool
    epcs: list[str]
    orders: list[str]


class GoodsCaptured(Event, frozen=True, kw_only=True, tag="goods.captured"):
    """A member reported EPCIS events; those refused or known already are not among them."""

    reporter: str
    events: list[CapturedEventView]
    at: str
