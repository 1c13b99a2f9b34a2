"""Negotiating: each version answers the one before, until a side takes it, gives up, or lets it expire."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    Event,
    GoodsLine,
    OfferAgreed,
    OfferCountered,
    OfferExpired,
    OfferProposed,
    OfferRejected,
    OfferWithdrawn,
)
from hansa_domain.fields import Role
from hansa_domain.iso4217 import minor_units
from hansa_domain.members import Consortium, known_member, member_key
from hansa_domain.offers.commands import (
    AgreeOffer,
    CounterOffer,
    ExpireOffer,
    OfferReply,
    Proposal,
    ProposeOffer,
    RejectOffer,
    WithdrawOffer,
)
from hansa_domain.offers.records import (
    MAX_VERSIONS,
    Offer,
    OfferStatus,
    OfferVersion,
    PartyOffer,
    TenderOffer,
    load_offer,
    other_party,
    require_open,
    require_valid,
    require_version,
    version_key,
)
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.orders.agreement import agreement_keys, check_agreement
from hansa_domain.orders.order import after
from hansa_domain.products.records import Product
from hansa_domain.tenders import Tender, check_products, goods_lines, load_tender
from hansa_domain.tenders import require_open as require_open_tender
from hansa_domain.times import milliseconds

_BUYERS: tuple[Role, ...] = ("producer", "retailer", "carrier", "bank")
_SELLERS: tuple[Role, ...] = ("producer", "retailer")


@operation("offers:Propose", ProposeOffer, OfferReply)
def propose(command: ProposeOffer, context: Context) -> Steps:
    """The first version, by either side; for a tender by a seller who was invited."""
    lines = goods_lines(command.proposal.lines, "proposal.lines")
    tender_keys: tuple[Key, ...] = () if command.tender is None else ((Tender.NOUN, command.tender),)
    traders = (command.buyer, command.seller)
    keys = (*_proposal_keys(command.proposal, lines), *map(member_key, traders), *tender_keys)
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    _check_traders(command, records, context)
    if command.tender is not None:
        _check_tender(command, load_tender(records, command.tender), lines, context)
    _check_proposal(command.proposal, lines, records, traders, context)
    offer = Offer(
        id=context.reference(command),
        tender=command.tender,
        buyer=command.buyer,
        seller=command.seller,
        status="open",
        version=1,
        by=context.caller.msp_id,
        due=after(context, command.proposal.valid_for),
        opened_at=context.at,
    )
    present = _version(offer, command.proposal, lines, context)
    index: dict[Key, Record | None] = {
        (PartyOffer.NOUN, party, offer.id): PartyOffer(offer=offer.id) for party in offer.parties
    }
    if offer.tender is not None:
        index[TenderOffer.NOUN, offer.tender, offer.id] = TenderOffer(offer=offer.id)
    event = OfferProposed(
        offer=offer.id,
        tender=offer.tender,
        buyer=offer.buyer,
        seller=offer.seller,
        terms=present.view,
        due=offer.due,
        at=context.at,
    )
    return _decision(offer, present, event, {version_key(offer.id, 1): present, **index})


def _check_traders(command: ProposeOffer, records: Records, context: Context) -> None:
    if context.caller.msp_id not in (command.buyer, command.seller):
        raise Refusal(Code.NOT_PERMITTED, "Only the buyer or the seller proposes an offer.", "seller")
    if command.buyer == command.seller:
        raise Refusal(Code.LINES_INVALID, "Nobody buys from himself.", "seller")
    for msp_id, roles, where in (
        (command.buyer, _BUYERS, "buyer"),
        (command.seller, _SELLERS, "seller"),
    ):
        if known_member(records, msp_id, where).role not in roles:
            raise Refusal(Code.NOT_PERMITTED, f"A {where} is a {' or '.join(roles)}.", where)


def _check_tender(
    command: ProposeOffer, tender: Tender, lines: Sequence[GoodsLine], context: Context
) -> None:
    """An answer comes from a seller who was asked, in time, and offers nothing but what is wanted."""
    if command.buyer != tender.buyer:
        raise Refusal(Code.NOT_PERMITTED, f"The buyer of this tender is {tender.buyer}.", "buyer")
    if context.caller.msp_id != command.seller:
        raise Refusal(Code.NOT_PERMITTED, "A tender is answered by sellers.", "seller")
    if tender.invited and command.seller not in tender.invited:
        raise Refusal(Code.NOT_PERMITTED, f"{command.seller} was not invited to this tender.", "tender")
    require_open_tender(tender)
    if context.now >= milliseconds(tender.closes_at):
        raise Refusal(Code.TENDER_CLOSED, f"The tender took offers until {tender.closes_at}.", "tender")
    _check_wanted(tender, lines)


def _check_wanted(tender: Tender, lines: Sequence[GoodsLine]) -> None:
    wanted = {line.gtin: line.quantity for line in tender.lines}
    for place, line in enumerate(lines):
        if line.quantity > wanted.get(line.gtin, 0):
            raise Refusal(
                Code.LINES_INVALID,
                f"The tender asks for {wanted.get(line.gtin, 0)} of {line.gtin}.",
                f"proposal.lines[{place}]",
            )


def _proposal_keys(proposal: Proposal, lines: Sequence[GoodsLine]) -> tuple[Key, ...]:
    return (*((Product.NOUN, line.gtin) for line in lines), *agreement_keys(proposal))


def _check_proposal(
    proposal: Proposal,
    lines: Sequence[GoodsLine],
    records: Records,
    traders: tuple[str, str],
    context: Context,
) -> None:
    """Refuses what could not become an order, as if it were taken now, but for the buyer's money."""
    minor_units(proposal.currency, "proposal.currency")
    check_products(records, lines, "proposal.lines")
    consortium = records.get(Consortium, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    check_agreement(proposal, traders, consortium, records, context.at, prefix="proposal.")
    if proposal.deliveries is not None and not any(int(each) for each in proposal.deliveries.weights or []):
        raise Refusal(Code.FIELD_INVALID, "Agree on a weight for each line.", "proposal.deliveries.weights")


def _version(offer: Offer, proposal: Proposal, lines: Sequence[GoodsLine], context: Context) -> OfferVersion:
    return OfferVersion(
        offer=offer.id,
        version=offer.version,
        by=context.caller.msp_id,
        currency=proposal.currency,
        amount=proposal.amount,
        freight=proposal.freight,
        carrier=proposal.carrier,
        deliveries=proposal.deliveries,
        lines=list(lines),
        terms=proposal.terms,
        lead_time=proposal.lead_time,
        valid_for=proposal.valid_for,
        lines_commitment=proposal.lines_commitment,
        arbitrator=proposal.arbitrator,
        second_arbitrator=proposal.second_arbitrator,
        milestones=proposal.milestones,
        warranty=proposal.warranty,
        made_at=context.at,
    )


@operation("offers:Counter", CounterOffer, OfferReply)
def counter(command: CounterOffer, context: Context) -> Steps:
    """The next version, also of one's own offer, and also after the one before expired."""
    lines = goods_lines(command.proposal.lines, "proposal.lines")
    keys = ((Offer.NOUN, command.offer), *_proposal_keys(command.proposal, lines))
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    offer = records.get(Offer, command.offer, refuse=Code.OFFER_NOT_FOUND, where="offer")
    other_party(offer, context)
    require_open(offer, ("open",), "counter")
    require_version(offer, command.version)
    if offer.version == MAX_VERSIONS:
        raise Refusal(Code.OFFER_STATE, f"An offer has at most {MAX_VERSIONS} versions.", "offer")
    if offer.tender is not None:
        tender_records = yield Fetch(keys=((Tender.NOUN, offer.tender),))
        tender = load_tender(tender_records, offer.tender)
        require_open_tender(tender)
        _check_wanted(tender, lines)
    _check_proposal(command.proposal, lines, records, offer.parties, context)
    countered = replace(
        offer,
        version=offer.version + 1,
        by=context.caller.msp_id,
        due=after(context, command.proposal.valid_for),
    )
    present = _version(countered, command.proposal, lines, context)
    event = OfferCountered(offer=offer.id, terms=present.view, due=countered.due, at=context.at)
    return _decision(countered, present, event, {version_key(offer.id, countered.version): present})


@operation("offers:Agree", AgreeOffer, OfferReply)
def agree(command: AgreeOffer, context: Context) -> Steps:
    """The seller consents to what the buyer proposed; whether it becomes an order is the buyer's to say."""
    offer = yield from load_offer(command.offer)
    if context.caller.msp_id != offer.seller:
        raise Refusal(Code.NOT_PERMITTED, f"Only {offer.seller} may agree to this offer.")
    require_open(offer, ("open",), "agree to")
    require_version(offer, command.version)
    if offer.by == offer.seller:
        raise Refusal(
            Code.NOT_PERMITTED, "Nobody agrees to his own version; the buyer accepts it.", "version"
        )
    require_valid(offer, context)
    present = yield from load_present(offer)
    agreed = replace(offer, status="agreed", due=after(context, present.valid_for))
    event = OfferAgreed(offer=offer.id, version=offer.version, due=agreed.due, at=context.at)
    return _decision(agreed, present, event, {})


@operation("offers:Reject", RejectOffer, OfferReply)
def reject(command: RejectOffer, context: Context) -> Steps:
    """No: and no further version."""
    offer = yield from load_offer(command.offer)
    if offer.by != other_party(offer, context):
        raise Refusal(Code.NOT_PERMITTED, "One's own version is withdrawn, not rejected.", "version")
    require_open(offer, ("open",), "reject")
    require_version(offer, command.version)
    event = OfferRejected(offer=offer.id, version=offer.version, by=context.caller.msp_id, at=context.at)
    return (yield from _ended(offer, "rejected", event, context))


@operation("offers:Withdraw", WithdrawOffer, OfferReply)
def withdraw(command: WithdrawOffer, context: Context) -> Steps:
    """Taken back before the other side took it."""
    offer = yield from load_offer(command.offer)
    if context.caller.msp_id != offer.by:
        raise Refusal(Code.NOT_PERMITTED, f"Only {offer.by} may withdraw the present version.")
    require_open(offer, ("open",), "withdraw")
    event = OfferWithdrawn(offer=offer.id, version=offer.version, by=context.caller.msp_id, at=context.at)
    return (yield from _ended(offer, "withdrawn", event, context))


@operation("offers:Expire", ExpireOffer, OfferReply)
def expire(command: ExpireOffer, context: Context) -> Steps:
    """Says of an offer whose time is over that it is; it could not be taken before that either."""
    offer = yield from load_offer(command.offer)
    require_open(offer, ("open", "agreed"), "expire")
    if context.now < milliseconds(offer.due):
        raise Refusal(Code.OFFER_NOT_EXPIRED, f"The offer is valid until {offer.due}.", "offer")
    event = OfferExpired(offer=offer.id, version=offer.version, at=context.at)
    return (yield from _ended(offer, "expired", event, context))


def load_present(offer: Offer) -> Generator[Fetch, Records, OfferVersion]:
    """The present version of an offer; ``yield from`` it."""
    key = version_key(offer.id, offer.version)
    records = yield Fetch(keys=(key,))
    return records.get(OfferVersion, *key[1:], refuse=Code.LEDGER_INCONSISTENT, where="offer")


def _ended(offer: Offer, status: OfferStatus, event: Event, context: Context) -> Steps:
    present = yield from load_present(offer)
    ended = replace(offer, status=status, closed_at=context.at, closed_by=context.caller.msp_id)
    return _decision(ended, present, event, {})


def _decision(
    offer: Offer, present: OfferVersion, event: Event, more: Mapping[Key, Record | None]
) -> Decision:
    return Decision(
        reply=OfferReply(offer=offer, present=present),
        writes={(Offer.NOUN, offer.id): offer, **more},
        events=(event,),
    )
