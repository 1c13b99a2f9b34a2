"""What each line costs: told to one side at a time, checked against the version's public hash (rule 7)."""

from __future__ import annotations

import hashlib

from hansa_domain.argument import decode_document
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.offers.commands import DisclosePrices, GetPrices, PricesDisclosedReply, PricesReply
from hansa_domain.offers.records import (
    Offer,
    OfferVersion,
    PricedLines,
    PricedLinesRecord,
    version_key,
)
from hansa_domain.operation import (
    MAX_ARGUMENT_BYTES,
    Context,
    Decision,
    Fetch,
    PrivateKey,
    Steps,
    canonical,
    decode_record,
    operation,
)
from hansa_domain.orders.disclosure import TRANSIENT
from hansa_domain.tenders import goods_lines


def lines_commitment(priced: PricedLines) -> str:
    """The public commitment to priced lines: SHA-256, hex, over their canonical JSON, salt included.

    Fields that are null or absent are left out, so that both give the same hash.
    """
    return hashlib.sha256(canonical(priced)).hexdigest()


@operation("offers:Disclose", DisclosePrices, PricesDisclosedReply, private=True)
def disclose(command: DisclosePrices, context: Context) -> Steps:
    """Puts the priced lines into one side's own collection; no event tells of it."""
    raw = context.transient.get(TRANSIENT)
    if raw is None:
        raise Refusal(Code.TRANSIENT_MISSING, "The private document is missing in transient data.", TRANSIENT)
    if len(raw) > MAX_ARGUMENT_BYTES:
        raise Refusal(
            Code.DOCUMENT_TOO_LARGE, f"Priced lines have at most {MAX_ARGUMENT_BYTES} bytes.", TRANSIENT
        )
    priced: PricedLines = decode_document(raw, PricedLines, TRANSIENT)
    key = version_key(command.offer, command.version)
    records = yield Fetch(keys=((Offer.NOUN, command.offer), key))
    offer = records.get(Offer, command.offer, refuse=Code.OFFER_NOT_FOUND, where="offer")
    version = records.get(OfferVersion, *key[1:], refuse=Code.OFFER_NOT_FOUND, where="version")
    if context.caller.msp_id != version.by:
        raise Refusal(Code.NOT_PERMITTED, f"Only {version.by} may disclose the lines of this version.")
    if command.recipient not in offer.parties:
        raise Refusal(Code.NOT_PERMITTED, f"{command.recipient} is not a side of this offer.", "recipient")
    if lines_commitment(priced) != version.lines_commitment:
        raise Refusal(
            Code.COMMITMENT_MISMATCH, "The lines are not those that the version commits to.", TRANSIENT
        )
    _check_prices(priced, version)
    place = PrivateKey(command.recipient, (PricedLinesRecord.NOUN, *key[1:]))
    return Decision(
        reply=PricesDisclosedReply(offer=offer.id, version=version.version, recipient=command.recipient),
        private_writes={place: PricedLinesRecord(offer=offer.id, version=version.version, priced=priced)},
    )


def _check_prices(priced: PricedLines, version: OfferVersion) -> None:
    """The goods are the public ones, and prices and freight come to the public total."""
    if goods_lines(priced.lines, f"{TRANSIENT}.lines") != version.lines:
        raise Refusal(
            Code.LINES_INVALID, "The lines are not the goods of this version, in order.", f"{TRANSIENT}.lines"
        )
    total = sum(int(line.unit_price) * line.quantity for line in priced.lines) + int(version.freight)
    if total != int(version.amount):
        raise Refusal(
            Code.PRICE_MISMATCH,
            "Prices and freight do not come to the version's amount.",
            f"{TRANSIENT}.lines",
        )


@operation("offers:Prices", GetPrices, PricesReply)
def get_prices(command: GetPrices, context: Context) -> Steps:
    """The priced lines from the caller's own collection: nobody reads another organisation's."""
    key = version_key(command.offer, command.version)
    place = PrivateKey(context.caller.msp_id, (PricedLinesRecord.NOUN, *key[1:]))
    raw = (yield Fetch(private=(place,))).private[place]
    if raw is None:
        raise Refusal(
            Code.PRICES_NOT_DISCLOSED,
            f"No lines of this version were disclosed to {context.caller.msp_id}.",
            "offer",
        )
    record = decode_record(raw, PricedLinesRecord)
    return Decision(reply=PricesReply(offer=record.offer, version=record.version, priced=record.priced))
