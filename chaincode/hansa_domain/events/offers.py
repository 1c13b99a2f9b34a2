"""Events of tenders and of the offers that are negotiated, for a tender or alone."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event
from hansa_domain.events.milestones import MilestoneView


class GoodsLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one trade item; the GTIN has 14 digits."""

    gtin: str
    quantity: int


class OfferTermsView(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of an offer proposes. Amounts in minor units, ``amount`` with ``freight`` in it.

    ``milestones`` are what the order would be paid by, in this order; ``warranty`` are the seconds from
    settlement in which the buyer may claim.
    """

    version: int
    by: str
    currency: str
    amount: str
    freight: str
    carrier: str | None
    lines: list[GoodsLine]
    lead_time: int
    milestones: list[MilestoneView] | None = None
    warranty: int | None = None


class TenderOpened(Event, frozen=True, kw_only=True, tag="tender.opened"):
    """A buyer asks for offers until ``closes_at``; ``invited`` empty: from everybody."""

    tender: str
    buyer: str
    lines: list[GoodsLine]
    country: str
    wanted_by: str
    invited: list[str]
    closes_at: str
    reference: str | None
    at: str


class TenderWithdrawn(Event, frozen=True, kw_only=True, tag="tender.withdrawn"):
    """The buyer takes no offer of this tender."""

    tender: str
    at: str


class TenderAwarded(Event, frozen=True, kw_only=True, tag="tender.awarded"):
    """One offer won the tender and became an order."""

    tender: str
    offer: str
    order: str
    seller: str
    at: str


class OfferProposed(Event, frozen=True, kw_only=True, tag="offer.proposed"):
    """A buyer or a seller made the first version of an offer, valid until ``due``.

    Version 2 has milestones and warranty in its ``terms``.
    """

    v: int = 2
    offer: str
    tender: str | None
    buyer: str
    seller: str
    terms: OfferTermsView
    due: str
    at: str


class OfferCountered(Event, frozen=True, kw_only=True, tag="offer.countered"):
    """One side made the next version; the one before can no longer be taken.

    Version 2 has milestones and warranty in its ``terms``.
    """

    v: int = 2
    offer: str
    terms: OfferTermsView
    due: str
    at: str


class OfferAgreed(Event, frozen=True, kw_only=True, tag="offer.agreed"):
    """The seller consented to the buyer's version, which the buyer may make an order until ``due``."""

    offer: str
    version: int
    due: str
    at: str


class OfferAccepted(Event, frozen=True, kw_only=True, tag="offer.accepted"):
    """The buyer took the offer, and it became an order."""

    offer: str
    version: int
    order: str
    at: str


class OfferRejected(Event, frozen=True, kw_only=True, tag="offer.rejected"):
    """The other side does not want the offer."""

    offer: str
    version: int
    by: str
    at: str


class OfferWithdrawn(Event, frozen=True, kw_only=True, tag="offer.withdrawn"):
    """Whoever made the present version took it back."""

    offer: str
    version: int
    by: str
    at: str


class OfferExpired(Event, frozen=True, kw_only=True, tag="offer.expired"):
    """Nobody took the present version in time."""

    offer: str
    version: int
    at: str
