"""What an order would cost, before anybody commits to it: the way that placing goes, writing nothing."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Annotated

import msgspec

from hansa_domain.discounts import Discount, discount_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fees.schedule import FEES, order_fee, schedule_in_force
from hansa_domain.fields import Amount, CountryCode, CurrencyCode, EntityId, Quantity, Sha256Hex
from hansa_domain.listings.records import found_listing
from hansa_domain.members import Consortium
from hansa_domain.notes import MAX_MINOR
from hansa_domain.operation import (
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Records,
    Steps,
    canonical,
    decode_record,
    operation,
)
from hansa_domain.orders.commands import MAX_DISCOUNTS, MAX_LINES, DiscountIds
from hansa_domain.paging import scan_all
from hansa_domain.pricing.computation import Wanted, compute
from hansa_domain.pricing.figures import LinePrice, Pricing
from hansa_domain.pricing.reading import Priced, Request, priced


class QuoteLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many units of one listing."""

    listing: EntityId
    quantity: Quantity


class QuoteOrder(Query["QuoteReply"], frozen=True, kw_only=True):
    """``orders:Quote``: what an order of the caller's would cost now, down to the consortium's fee.

    Fields as in ``orders:Place``; ``discounts`` None: those that take off most are found. ``coupon`` is
    SHA-256 of its code.
    """

    lines: Annotated[list[QuoteLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    currency: CurrencyCode | None = None
    destination: CountryCode | None = None
    discounts: DiscountIds | None = None
    coupon: Sha256Hex | None = None
    sample: bool = False
    freight: Amount = "0"


class QuotedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as quoted; ``price`` None: by agreement, the order names the total. ``lead_time`` in seconds."""

    listing: str
    gtin: str
    quantity: int
    price: LinePrice | None
    lead_time: int | None


class QuoteReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the order would cost; all amounts in minor units of ``currency``.

    ``amount`` is what ``orders:Place`` takes: goods, taxes and freight; of it ``fee`` goes to the consortium
    and ``proceeds`` to the seller. With a line by agreement it is what the priced lines come to. ``pricing``
    as the order would have it; ``discounts`` are those to name. ``lead_time`` is the longest of the lines',
    seconds from acceptance. ``fee_schedule`` None: the consortium's own fee holds.
    """

    seller: str
    currency: str
    lines: list[QuotedLine]
    goods: str
    discount: str
    tax: str
    duty: str
    freight: str
    fee: str
    proceeds: str
    amount: str
    by_agreement: bool
    discounts: list[str]
    pricing: Pricing | None
    lead_time: int | None
    fee_schedule: str | None


@operation("orders:Quote", QuoteOrder, QuoteReply)
def quote(command: QuoteOrder, context: Context) -> Steps:
    """Prices, discounts, taxes, duties, freight and fee."""
    seen: set[str] = set()
    for place, line in enumerate(command.lines):
        if line.listing in seen:
            raise Refusal(Code.LINES_INVALID, f"{line.listing} is named twice.", f"lines[{place}].listing")
        seen.add(line.listing)
    request = Request(
        lines=[(line.listing, line.quantity) for line in command.lines],
        currency=command.currency,
        destination=command.destination,
        discounts=command.discounts or (),
        coupon=command.coupon,
        sample=command.sample,
    )
    records = yield Fetch(keys=(*request.keys, (Consortium.NOUN,), FEES))
    if command.discounts is None and not command.sample:
        chosen = yield from _best(request, records, context)
        request = replace(request, discounts=[discount.id for discount in chosen])
        kept: dict[Key, bytes | None] = {discount_key(each.id): canonical(each) for each in chosen}
        records = Records(values={**records.values, **kept})
    found: Priced = yield from priced(request, records, context)
    return Decision(reply=_reply(command, request, found, records, context))


def _best(request: Request, records: Records, context: Context) -> Generator[Fetch, Records, list[Discount]]:
    """The seller's discounts that take something off, those that take most first."""
    listings = [
        found_listing(records, name, f"lines[{at}].listing") for at, (name, _) in enumerate(request.lines)
    ]
    currency = request.currency or listings[0].currency
    wanted = [Wanted(each, quantity) for each, (_, quantity) in zip(listings, request.lines, strict=True)]
    offered = yield from scan_all((Discount.NOUN, listings[0].seller))
    discounts = [
        each
        for each in (decode_record(value, Discount) for _, value in offered)
        if each.status == "open" and each.concession.holds(context.caller.msp_id, context.at)
    ]
    taken = [compute(wanted, currency, discounts=[each.concession]).taken[0] for each in discounts]
    ranked = sorted(zip(taken, discounts, strict=True), key=lambda each: (-each[0], each[1].id))
    chosen: list[Discount] = []
    for _, discount in ranked:
        together = [each.concession for each in (*chosen, discount)]
        if len(chosen) < MAX_DISCOUNTS and compute(wanted, currency, discounts=together).taken[-1]:
            chosen.append(discount)
    return chosen


def _reply(
    command: QuoteOrder, request: Request, found: Priced, records: Records, context: Context
) -> QuoteReply:
    consortium = records.get(Consortium, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    freight = int(command.freight)
    amount = found.goods_and_tax + freight
    if amount > MAX_MINOR:
        raise Refusal(Code.AMOUNT_TOO_LARGE, f"The total of {amount} is beyond 18 digits.", "lines")
    schedule = schedule_in_force(records, context.at)
    fee, _ = order_fee(schedule, consortium, found.currency, amount)
    leads = [listing.terms.lead_time for listing in found.listings]
    sums = found.sums
    return QuoteReply(
        seller=found.listings[0].seller,
        currency=found.currency,
        lines=[
            QuotedLine(
                listing=listing.id,
                gtin=listing.gtin,
                quantity=line.quantity,
                price=price,
                lead_time=listing.terms.lead_time,
            )
            for listing, line, price in zip(found.listings, command.lines, sums.lines, strict=True)
        ],
        goods=str(sums.goods),
        discount=str(sums.discount),
        tax=str(sums.tax),
        duty=str(sums.duty),
        freight=command.freight,
        fee=str(fee),
        proceeds=str(amount - freight - fee),
        amount=str(amount),
        by_agreement=sums.by_agreement,
        discounts=list(request.discounts),
        pricing=found.pricing,
        lead_time=max((each for each in leads if each is not None), default=None),
        fee_schedule=None if schedule is None else schedule.id,
    )
