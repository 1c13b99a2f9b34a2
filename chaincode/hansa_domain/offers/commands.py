"""What may be asked about offers, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.accounts.authority import Spending
from hansa_domain.events import NoteView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    Gtin,
    MspId,
    NoteId,
    Owner,
    PageLimit,
    Quantity,
    Reference,
    Seconds,
    Sha256Hex,
)
from hansa_domain.money import MAX_NOTES
from hansa_domain.offers.records import MAX_LINES, MAX_VERSIONS, Offer, OfferStatus, OfferVersion, PricedLines
from hansa_domain.operation import Command, Query
from hansa_domain.orders.agreement import settlement_of
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestones
from hansa_domain.orders.order import Order, Settlement, Terms
from hansa_domain.tenders import Tender

VersionNumber = Annotated[int, msgspec.Meta(ge=1, le=MAX_VERSIONS)]
Notes = Annotated[list[NoteId], msgspec.Meta(max_length=MAX_NOTES)]


class OfferLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods of one line; its price is private."""

    gtin: Gtin
    quantity: Quantity


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side's version: goods, public totals in minor units, deadlines in seconds.

    ``amount`` is the total, ``freight`` included; ``freight`` needs a ``carrier``. ``lead_time`` runs from
    the order to the goods' arrival, ``valid_for`` from now. ``lines_commitment`` is the salted hash of the
    priced lines, which ``offers:Disclose`` gives to the other side. ``deliveries`` are terms for an
    order that is delivered in parts, with a weight for each line; ``milestones`` what it is paid by instead.
    ``arbitrator`` decides a dispute, by default the consortium's; ``second_arbitrator`` where he is silent.
    ``warranty`` are the seconds from settlement in which the buyer may claim.
    """

    lines: Annotated[list[OfferLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    currency: CurrencyCode
    amount: Amount
    terms: Terms
    lead_time: Seconds
    valid_for: Seconds
    freight: Amount = "0"
    carrier: MspId | None = None
    lines_commitment: Sha256Hex | None = None
    deliveries: DeliveryTerms | None = None
    arbitrator: MspId | None = None
    second_arbitrator: MspId | None = None
    milestones: Milestones | None = None
    warranty: Seconds | None = None

    @property
    def settlement(self) -> Settlement:
        """How the order that it may become is settled."""
        return settlement_of(self.deliveries, self.milestones)


class ProposeOffer(Command["OfferReply"], frozen=True, kw_only=True):
    """``offers:Propose``, by the buyer or the seller: the first version of an offer.

    ``tender`` makes it an answer to one, by a seller, before the tender closes.
    """

    buyer: MspId
    seller: MspId
    proposal: Proposal
    tender: EntityId | None = None


class CounterOffer(Command["OfferReply"], frozen=True, kw_only=True):
    """``offers:Counter``, by buyer or seller: the next version, in answer to the present one, ``version``."""

    offer: EntityId
    version: VersionNumber
    proposal: Proposal


class AgreeOffer(Command["OfferReply"], frozen=True, kw_only=True):
    """``offers:Agree``, by the seller, to the buyer's present version; the buyer may then accept it.

    No money moves: that takes the buyer's own command. His time for it begins anew.
    """

    offer: EntityId
    version: VersionNumber


class AcceptOffer(Spending["OfferAcceptedReply"], frozen=True, kw_only=True):
    """``offers:Accept``, by the buyer: the seller's present version, or one he agreed to, becomes an order.

    ``notes`` pay into escrow in the same transaction; ``change`` takes change now and a refund later. An
    offer of a tender awards the tender. ``max_fee`` as in ``orders:Place``. How the order is settled and who
    decides a dispute is what the version says, since no word of the seller's follows: ``settlement`` (left
    out, or "whole": as the version says), ``arbitrator`` and ``second_arbitrator``, where they are named, are
    just these.
    """

    offer: EntityId
    version: VersionNumber
    notes: Notes
    arbitrator: MspId | None = None
    change: Owner | None = None
    delivery_commitment: Sha256Hex | None = None
    reference: Reference | None = None
    settlement: Settlement = "whole"
    second_arbitrator: MspId | None = None
    max_fee: Amount | None = None


class AwardTender(Spending["OfferAcceptedReply"], frozen=True, kw_only=True):
    """``tenders:Award``, by the buyer: one of the tender's offers becomes an order, and the tender ends.

    Fields as in ``offers:Accept``.
    """

    tender: EntityId
    offer: EntityId
    version: VersionNumber
    notes: Notes
    arbitrator: MspId | None = None
    change: Owner | None = None
    delivery_commitment: Sha256Hex | None = None
    reference: Reference | None = None
    settlement: Settlement = "whole"
    second_arbitrator: MspId | None = None
    max_fee: Amount | None = None


class RejectOffer(Command["OfferReply"], frozen=True, kw_only=True):
    """``offers:Reject``, by the side that did not make the present version: the negotiation ends."""

    offer: EntityId
    version: VersionNumber


class WithdrawOffer(Command["OfferReply"], frozen=True, kw_only=True):
    """``offers:Withdraw``, by the side that made the present version, while it was not taken."""

    offer: EntityId


class ExpireOffer(Command["OfferReply"], frozen=True, kw_only=True):
    """``offers:Expire``, by any member once the present version's time is over: the negotiation ends."""

    offer: EntityId


class DisclosePrices(Command["PricesDisclosedReply"], frozen=True, kw_only=True):
    """``offers:Disclose``, by who made the version, transient ``private`` = PricedLines: a side learns them.

    Endorsed by the recipient's peer alone; the same disclosure again has no further effect.
    """

    offer: EntityId
    version: VersionNumber
    recipient: MspId


class GetOffer(Query["OfferReply"], frozen=True, kw_only=True):
    """``offers:Get``: an offer with its present version."""

    offer: EntityId


class GetVersions(Query["VersionsReply"], frozen=True, kw_only=True):
    """``offers:Versions``: every version of an offer, the first one first."""

    offer: EntityId
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class GetPrices(Query["PricesReply"], frozen=True, kw_only=True):
    """``offers:Prices``: a version's priced lines from the caller's own collection; ask one's own peer."""

    offer: EntityId
    version: VersionNumber


class ListOffers(Query["OffersReply"], frozen=True, kw_only=True):
    """``offers:List``: the offers of one party (default: the caller), or those for one tender.

    ``status`` narrows each page, so a page may hold fewer than ``limit``.
    """

    party: MspId | None = None
    tender: EntityId | None = None
    status: OfferStatus | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class OfferReply(msgspec.Struct, frozen=True, kw_only=True):
    """The offer as it stands, and its present version."""

    offer: Offer
    present: OfferVersion


class OfferAcceptedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The offer as it ended, the order made of it, the change note, and the tender that it won, if any."""

    offer: Offer
    order: Order
    change: NoteView | None
    tender: Tender | None


class PricesDisclosedReply(msgspec.Struct, frozen=True, kw_only=True):
    """To whom a version's priced lines were disclosed; nothing of them."""

    offer: str
    version: int
    recipient: str


class VersionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of versions; ``bookmark`` is empty on the last page."""

    versions: list[OfferVersion]
    bookmark: str


class PricesReply(msgspec.Struct, frozen=True, kw_only=True):
    """The priced lines as disclosed to the caller's organisation."""

    offer: str
    version: int
    priced: PricedLines


class OffersReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of offers; ``bookmark`` is empty on the last page."""

    offers: list[Offer]
    bookmark: str
