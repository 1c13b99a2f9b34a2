"""An offer, its versions, and where its priced lines are kept."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import GoodsLine, OfferTermsView
from hansa_domain.fields import Amount, Gtin, Quantity, Salt, Text, Timestamp
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.agreement import settlement_of
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestone
from hansa_domain.orders.order import Settlement, Terms
from hansa_domain.times import milliseconds

OfferStatus = Literal["open", "agreed", "accepted", "rejected", "withdrawn", "expired"]
MAX_LINES = 20
MAX_VERSIONS = 999


class Offer(Record, frozen=True, kw_only=True):
    """A negotiation between a buyer and a seller; key ``("offer", id)``. Nobody else ever writes it.

    ``version`` is the present one and ``by`` who made it; ``due`` is until when it may be taken. ``agreed``:
    the seller consents to the buyer's version, and the buyer may make it an order until ``due``.
    """

    NOUN: ClassVar[str] = "offer"
    id: str
    tender: str | None
    buyer: str
    seller: str
    status: OfferStatus
    version: int
    by: str
    due: Timestamp
    opened_at: Timestamp
    closed_at: Timestamp | None = None
    closed_by: str | None = None
    order: str | None = None

    @property
    def parties(self) -> tuple[str, str]:
        """Buyer and seller."""
        return (self.buyer, self.seller)


class OfferVersion(Record, frozen=True, kw_only=True):
    """What one side proposed; key ``("offer-version", offer, "001")``, written once.

    Public are goods and totals in minor units of ``currency``; ``amount`` includes ``freight``. The priced
    lines are private: ``lines_commitment`` is their salted hash. ``lead_time`` in seconds from the order.
    Version 2 has ``deliveries``, terms for an order delivered in parts, ``arbitrator``, who decides a dispute
    (None: the consortium's), and ``second_arbitrator``.

    Version 3 has ``milestones``, what the order is paid by, and ``warranty``, the seconds from settlement in
    which the buyer may claim.
    """

    NOUN: ClassVar[str] = "offer-version"
    VERSION: ClassVar[int] = 3
    v: int = 3
    offer: str
    version: int
    by: str
    currency: str
    amount: str
    freight: str
    carrier: str | None
    lines: list[GoodsLine]
    terms: Terms
    lead_time: int
    valid_for: int
    lines_commitment: str | None
    made_at: Timestamp
    deliveries: DeliveryTerms | None = None
    arbitrator: str | None = None
    second_arbitrator: str | None = None
    milestones: list[Milestone] | None = None
    warranty: int | None = None

    @property
    def settlement(self) -> Settlement:
        """How the order that it may become is settled."""
        return settlement_of(self.deliveries, self.milestones)

    @property
    def view(self) -> OfferTermsView:
        """The version as events show it."""
        return OfferTermsView(
            version=self.version,
            by=self.by,
            currency=self.currency,
            amount=self.amount,
            freight=self.freight,
            carrier=self.carrier,
            lines=self.lines,
            lead_time=self.lead_time,
            milestones=None if self.milestones is None else [each.view for each in self.milestones],
            warranty=self.warranty,
        )


class PartyOffer(Record, frozen=True, kw_only=True):
    """Index of offers by party; key ``("offer-of", msp_id, offer)``."""

    NOUN: ClassVar[str] = "offer-of"
    offer: str


class TenderOffer(Record, frozen=True, kw_only=True):
    """Index of offers by tender; key ``("offer-for", tender, offer)``: one key each, so no two conflict."""

    NOUN: ClassVar[str] = "offer-for"
    offer: str


class PricedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line with its price, in minor units of the version's currency."""

    gtin: Gtin
    quantity: Quantity
    unit_price: Amount


class PricedLines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The private document of a version: what each line costs, and words. Travels in transient data only.

    Absent and null are the same. ``salt`` keeps the public commitment from being guessed.
    """

    salt: Salt
    lines: Annotated[list[PricedLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    text: Text | None = None


class PricedLinesRecord(Record, frozen=True, kw_only=True):
    """Priced lines as disclosed; key ``("offer-lines", offer, "001")`` in the recipient's collection."""

    NOUN: ClassVar[str] = "offer-lines"
    offer: str
    version: int
    priced: PricedLines


def version_key(offer: str, version: int) -> Key:
    """Where a version of an offer stands."""
    return (OfferVersion.NOUN, offer, f"{version:03d}")


def load_offer(offer_id: str) -> Generator[Fetch, Records, Offer]:
    """The offer, or OFFER_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=((Offer.NOUN, offer_id),))
    return records.get(Offer, offer_id, refuse=Code.OFFER_NOT_FOUND, where="offer")


def require_version(offer: Offer, version: int) -> None:
    """Refuses OFFER_VERSION unless that is the present one: nobody takes what he has not seen."""
    if offer.version != version:
        raise Refusal(
            Code.OFFER_VERSION, f"Version {offer.version} by {offer.by} is the present one.", "version"
        )


def require_open(offer: Offer, allowed: tuple[OfferStatus, ...], act: str) -> None:
    """Refuses OFFER_STATE unless the offer is in one of these states; ``act`` completes "to ... it"."""
    if offer.status not in allowed:
        raise Refusal(
            Code.OFFER_STATE,
            f"The offer is {offer.status}; to {act} it, it must be {' or '.join(allowed)}.",
            "offer",
        )


def require_valid(offer: Offer, context: Context) -> None:
    """Refuses OFFER_EXPIRED from the present version's deadline on."""
    if context.now >= milliseconds(offer.due):
        raise Refusal(Code.OFFER_EXPIRED, f"Version {offer.version} was valid until {offer.due}.", "version")


def other_party(offer: Offer, context: Context) -> str:
    """The MSP id of the side that the caller is not; NOT_PERMITTED where he is neither."""
    if context.caller.msp_id not in offer.parties:
        raise Refusal(Code.NOT_PERMITTED, f"Only {' and '.join(offer.parties)} negotiate this offer.")
    return offer.seller if context.caller.msp_id == offer.buyer else offer.buyer
