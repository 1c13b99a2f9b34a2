"""Taking an offer: it becomes an order, paid into escrow, in the transaction that accepts it."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, OfferAccepted, TenderAwarded
from hansa_domain.members import Consortium, known_member, member_key
from hansa_domain.offers.commands import AcceptOffer, AwardTender, OfferAcceptedReply
from hansa_domain.offers.records import (
    Offer,
    OfferVersion,
    load_offer,
    require_open,
    require_valid,
    require_version,
    version_key,
)
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Steps, operation
from hansa_domain.orders.making import Purchase, make_order, purchase_keys, require_buyer
from hansa_domain.orders.order import Line
from hansa_domain.recalls.blocking import refuse_recalled
from hansa_domain.tenders import Tender, load_tender
from hansa_domain.tenders import require_open as require_open_tender


@operation("offers:Accept", AcceptOffer, OfferAcceptedReply)
def accept(command: AcceptOffer, context: Context) -> Steps:
    """The buyer takes what the seller offered or agreed to."""
    return (yield from _take(command, None, context))


@operation("tenders:Award", AwardTender, OfferAcceptedReply)
def award(command: AwardTender, context: Context) -> Steps:
    """As accepting the offer, which must be one of this tender."""
    return (yield from _take(command, command.tender, context))


def _take(command: AcceptOffer | AwardTender, tender_id: str | None, context: Context) -> Steps:
    offer = yield from load_offer(command.offer)
    _check_offer(command, offer, tender_id, context)
    key = version_key(offer.id, offer.version)
    present = (yield Fetch(keys=(key,))).get(OfferVersion, *key[1:], refuse=Code.LEDGER_INCONSISTENT)
    keys: tuple[Key, ...] = (
        *purchase_keys(context, context.reference(command), command.notes, present),
        member_key(offer.seller),
        *(((Tender.NOUN, offer.tender),) if offer.tender is not None else ()),
    )
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    consortium = require_buyer(records, context)
    _check_repeated(command, present, consortium)
    known_member(records, offer.seller, "offer")
    yield from refuse_recalled({line.gtin: "offer" for line in present.lines}, {}, "offer")
    made = yield from make_order(_purchase(command, context, offer, present), consortium, records, context)
    accepted = replace(
        offer, status="accepted", closed_at=context.at, closed_by=context.caller.msp_id, order=made.order.id
    )
    writes: dict[Key, Record | None] = {(Offer.NOUN, offer.id): accepted, **made.writes}
    events: list[Event] = [
        OfferAccepted(offer=offer.id, version=offer.version, order=made.order.id, at=context.at)
    ]
    tender: Tender | None = None
    if offer.tender is not None:
        tender = _awarded(load_tender(records, offer.tender), accepted, made.order.id, context)
        writes[Tender.NOUN, tender.id] = tender
        events.append(
            TenderAwarded(
                tender=tender.id, offer=offer.id, order=made.order.id, seller=offer.seller, at=context.at
            )
        )
    reply = OfferAcceptedReply(
        offer=accepted,
        order=made.order,
        change=made.change.view if made.change else None,
        tender=tender,
    )
    return Decision(
        reply=reply,
        writes=writes,
        events=(*events, *made.events),
        payees=((offer.seller, int(made.order.amount)),),
    )


def _check_offer(
    command: AcceptOffer | AwardTender, offer: Offer, tender_id: str | None, context: Context
) -> None:
    """The buyer's, of this tender, present, in time, and with the seller's consent."""
    if context.caller.msp_id != offer.buyer:
        raise Refusal(Code.NOT_PERMITTED, f"Only {offer.buyer} may accept this offer.")
    if tender_id is not None and offer.tender != tender_id:
        raise Refusal(Code.OFFER_NOT_FOUND, "The offer does not answer this tender.", "offer")
    require_open(offer, ("open", "agreed"), "accept")
    require_version(offer, command.version)
    if offer.status == "open" and offer.by != offer.seller:
        raise Refusal(
            Code.OFFER_STATE, f"{offer.seller} has not agreed to version {offer.version} yet.", "version"
        )
    require_valid(offer, context)


def _check_repeated(
    command: AcceptOffer | AwardTender, present: OfferVersion, consortium: Consortium
) -> None:
    """Refuses another settlement or other arbitrators than both sides saw: the seller has no further say."""
    if command.settlement not in ("whole", present.settlement):
        raise Refusal(
            Code.SETTLEMENT_UNSUPPORTED,
            f"The version says that the order is settled as {present.settlement!r}.",
            "settlement",
        )
    agreed = present.arbitrator or consortium.arbitrator
    if command.arbitrator not in (None, agreed):
        raise Refusal(
            Code.ARBITRATOR_INVALID, f"The version says that {agreed} decides a dispute.", "arbitrator"
        )
    if command.second_arbitrator not in (None, present.second_arbitrator):
        raise Refusal(
            Code.ARBITRATOR_INVALID,
            "The version names no such second arbitrator: counter it with one who does.",
            "second_arbitrator",
        )


def _purchase(
    command: AcceptOffer | AwardTender, context: Context, offer: Offer, present: OfferVersion
) -> Purchase:
    return Purchase(
        reference=context.reference(command),
        seller=offer.seller,
        currency=present.currency,
        lines=[Line(listing=None, gtin=line.gtin, quantity=line.quantity, take=[]) for line in present.lines],
        amount=present.amount,
        freight=present.freight,
        carrier=present.carrier,
        arbitrator=present.arbitrator,
        terms=present.terms,
        notes=command.notes,
        change=command.change,
        delivery_commitment=command.delivery_commitment,
        reference_text=command.reference,
        offer=offer.id,
        settlement=present.settlement,
        second_arbitrator=present.second_arbitrator,
        max_fee=command.max_fee,
        deliveries=present.deliveries,
        milestones=present.milestones,
        warranty=present.warranty,
    )


def _awarded(tender: Tender, offer: Offer, order: str, context: Context) -> Tender:
    require_open_tender(tender)
    return replace(tender, status="awarded", closed_at=context.at, offer=offer.id, order=order)
