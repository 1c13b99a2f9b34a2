"""Questions about offers."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.offers.commands import (
    GetOffer,
    GetVersions,
    ListOffers,
    OfferReply,
    OffersReply,
    VersionsReply,
)
from hansa_domain.offers.negotiation import load_present
from hansa_domain.offers.records import Offer, OfferVersion, PartyOffer, TenderOffer, load_offer
from hansa_domain.operation import Context, Decision, Fetch, Scan, Steps, decode_record, operation


@operation("offers:Get", GetOffer, OfferReply)
def get(command: GetOffer, context: Context) -> Steps:
    """One offer with its present version."""
    offer = yield from load_offer(command.offer)
    present = yield from load_present(offer)
    return Decision(reply=OfferReply(offer=offer, present=present))


@operation("offers:Versions", GetVersions, VersionsReply)
def get_versions(command: GetVersions, context: Context) -> Steps:
    """How the negotiation went."""
    scan = Scan((OfferVersion.NOUN, command.offer), command.limit, command.bookmark)
    records = yield Fetch(keys=((Offer.NOUN, command.offer),), scans=(scan,))
    records.get(Offer, command.offer, refuse=Code.OFFER_NOT_FOUND, where="offer")
    page = records.pages[scan]
    versions = [decode_record(value, OfferVersion) for _, value in page.items]
    return Decision(reply=VersionsReply(versions=versions, bookmark=page.bookmark))


@operation("offers:List", ListOffers, OffersReply)
def list_offers(command: ListOffers, context: Context) -> Steps:
    """The offers of a party, or for a tender, by id."""
    party = command.party or context.caller.msp_id
    prefix = (PartyOffer.NOUN, party) if command.tender is None else (TenderOffer.NOUN, command.tender)
    scan = Scan(prefix, command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    ids = [key[2] for key, _ in page.items]
    records = yield Fetch(keys=tuple((Offer.NOUN, offer_id) for offer_id in ids))
    offers = [records.get(Offer, offer_id, refuse=Code.LEDGER_INCONSISTENT) for offer_id in ids]
    found = [
        offer
        for offer in offers
        if command.status in (None, offer.status)
        and (command.party is None or command.party in offer.parties)
    ]
    return Decision(reply=OffersReply(offers=found, bookmark=page.bookmark))
