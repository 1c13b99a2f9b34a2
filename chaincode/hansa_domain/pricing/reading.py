"""The price of an order from what stands on the ledger: terms, discounts, coupon, samples, taxes.

``orders:Quote`` and ``orders:Place`` both come through here, so that an order costs what was quoted as
long as nothing of this changed in between.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from hansa_domain.coupons import Coupon, CouponPart, CouponUses, coupon_key, found_coupon, part_key, uses_key
from hansa_domain.discounts import Discount, discount_key, found_discount
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.listings.records import Listing, SamplesTaken, found_listing, listing_key, samples_key
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.pricing.computation import Rate, Sums, Wanted, compute
from hansa_domain.pricing.conditions import check_line
from hansa_domain.pricing.figures import DutyBy, Pricing
from hansa_domain.products.records import Product, product_key
from hansa_domain.taxes.records import TaxTable, rules_of, table_key, table_name
from hansa_domain.taxes.rules import TaxRule


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be priced.

    Args:
        lines: listing and units of each.
        currency: in which it is to be priced; None: that of the first listing.
        destination: country the goods go to; None: no taxes are counted.
        discounts: ids, in the order in which they are taken.
        coupon: SHA-256 of its code.
        part: the part of its uses from which an order takes one; None for a quote.
        sample: whether it is a sample order.
    """

    lines: Sequence[tuple[str, int]]
    currency: str | None = None
    destination: str | None = None
    discounts: Sequence[str] = ()
    coupon: str | None = None
    part: int | None = None
    sample: bool = False

    @property
    def keys(self) -> tuple[Key, ...]:
        """What is to be fetched before it can be priced."""
        return (
            *(listing_key(listing) for listing, _ in self.lines),
            *(discount_key(discount) for discount in self.discounts),
            *((table_key(self.destination),) if self.destination is not None else ()),
        )


@dataclass(frozen=True)
class Priced:
    """What it costs, and what an order of it writes besides the order."""

    listings: list[Listing]
    currency: str
    sums: Sums
    pricing: Pricing | None
    coupon: Coupon | None = None
    writes: dict[Key, Record | None] = field(default_factory=dict)

    @property
    def goods_and_tax(self) -> int:
        """The priced lines' net prices and taxes, in minor units."""
        return self.sums.goods + self.sums.tax


def priced(request: Request, records: Records, context: Context) -> Generator[Fetch, Records, Priced]:
    """The price of a request of the caller's; ``yield from`` it.

    Args:
        request: what is to be priced.
        records: hold what ``request.keys`` named.
        context: the transaction's; its caller is the buyer.

    Raises:
        Refusal: whatever a listing, discount, coupon or region does not allow.
    """
    listings = _listings(request, records, context)
    seller, currency = listings[0].seller, request.currency or listings[0].currency
    discounts = _discounts(request, records, context, seller)
    found = yield from _more(request, listings, context)
    coupon, used = _coupon(request, found, context, seller)
    samples = _samples(request, listings, found, context)
    rates, table = yield from _rates(request, listings, records, found, context)
    wanted = [
        Wanted(listing, quantity, rate)
        for listing, (_, quantity), rate in zip(listings, request.lines, rates, strict=True)
    ]
    concessions = [discount.concession for discount in discounts]
    sums = compute(
        wanted,
        currency,
        sample=request.sample,
        discounts=concessions,
        coupon=None if coupon is None else coupon.concession,
    )
    _check_taken(request, sums)
    return Priced(
        listings,
        currency,
        sums,
        _pricing(request, listings, currency, sums, table),
        coupon,
        {**used, **samples},
    )


def _listings(request: Request, records: Records, context: Context) -> list[Listing]:
    """The lines' listings: they take this order, are of one seller, and have a price in its currency."""
    listings: list[Listing] = []
    for place, (listing_id, quantity) in enumerate(request.lines):
        where = f"lines[{place}].listing"
        listing = found_listing(records, listing_id, where)
        check_line(listing, quantity, request.destination, request.sample, context.at, f"lines[{place}]")
        if listings and listing.seller != listings[0].seller:
            raise Refusal(Code.LINES_INVALID, "All lines of an order have one seller.", where)
        if request.currency is None and listings and listing.currency != listings[0].currency:
            raise Refusal(Code.CURRENCY_MISMATCH, "All lines of an order have one currency.", where)
        if request.currency is not None and request.currency not in listing.currencies:
            raise Refusal(
                Code.CURRENCY_NOT_OFFERED,
                f"The listing {listing.id} is offered in {', '.join(listing.currencies)}.",
                "currency",
            )
        if request.sample and request.currency not in (None, listing.currency):
            raise Refusal(Code.CURRENCY_NOT_OFFERED, f"Samples are priced in {listing.currency}.", "currency")
        listings.append(listing)
    return listings


def _discounts(request: Request, records: Records, context: Context, seller: str) -> list[Discount]:
    found: list[Discount] = []
    for place, name in enumerate(request.discounts):
        where = f"discounts[{place}]"
        discount = found_discount(records, name, where)
        if name in request.discounts[:place]:
            raise Refusal(Code.DISCOUNT_NOT_APPLICABLE, "A discount is taken once.", where)
        holds = discount.status == "open" and discount.concession.holds(context.caller.msp_id, context.at)
        if discount.seller != seller or not holds:
            raise Refusal(
                Code.DISCOUNT_NOT_APPLICABLE, f"The discount {name} does not hold for you now.", where
            )
        found.append(discount)
    return found


def _more(request: Request, listings: list[Listing], context: Context) -> Generator[Fetch, Records, Records]:
    """What can be named only once the listings are known; nothing is fetched where nothing is needed."""
    buyer, seller, keys = context.caller.msp_id, listings[0].seller, list[Key]()
    if request.coupon is not None:
        keys += [coupon_key(seller, request.coupon), uses_key(seller, request.coupon, buyer)]
        if request.part is not None:
            keys.append(part_key(seller, request.coupon, request.part))
    if request.sample:
        keys += [samples_key(listing.id, buyer) for listing in listings]
    if request.destination is not None:
        keys += [product_key(listing.gtin) for listing in listings]
    if not keys:
        return Records()
    return (yield Fetch(keys=tuple(dict.fromkeys(keys))))


def _coupon(
    request: Request, records: Records, context: Context, seller: str
) -> tuple[Coupon | None, dict[Key, Record | None]]:
    """The coupon, and what taking it writes: its part and the buyer's own count."""
    if request.coupon is None:
        return None, {}
    buyer, code_hash = context.caller.msp_id, request.coupon
    coupon = found_coupon(records, seller, code_hash, "coupon")
    if coupon.status != "open" or not coupon.concession.holds(buyer, context.at):
        raise Refusal(Code.COUPON_NOT_APPLICABLE, "The coupon does not hold for you now.", "coupon")
    uses = records.find(CouponUses, seller, code_hash, buyer)
    used = 0 if uses is None else uses.used
    if used >= coupon.per_buyer:
        raise Refusal(Code.COUPON_USED_UP, f"You have used the coupon {used} times already.", "coupon")
    if request.part is None:
        return coupon, {}
    part = records.find(CouponPart, *part_key(seller, code_hash, request.part)[1:])
    if part is None or part.left == 0:
        raise Refusal(Code.COUPON_USED_UP, f"Part {request.part} of the coupon is used up.", "coupon.part")
    return coupon, {
        part_key(seller, code_hash, part.part): replace(part, left=part.left - 1),
        uses_key(seller, code_hash, buyer): CouponUses(buyer=buyer, used=used + 1),
    }


def _samples(
    request: Request, listings: list[Listing], records: Records, context: Context
) -> dict[Key, Record | None]:
    """The buyer's counts of sample orders with this one. Refuses SAMPLE_TAKEN beyond the seller's number."""
    writes: dict[Key, Record | None] = {}
    if not request.sample:
        return writes
    buyer = context.caller.msp_id
    for place, listing in enumerate(listings):
        before = records.find(SamplesTaken, listing.id, buyer)
        orders = 0 if before is None else before.orders
        if listing.terms.sample is None or orders >= listing.terms.sample.times:
            raise Refusal(
                Code.SAMPLE_TAKEN,
                f"You have had {orders} samples of the listing {listing.id}.",
                f"lines[{place}].listing",
            )
        writes[samples_key(listing.id, buyer)] = SamplesTaken(
            listing=listing.id, buyer=buyer, orders=orders + 1
        )
    return writes


def _rates(
    request: Request, listings: list[Listing], records: Records, found: Records, context: Context
) -> Generator[Fetch, Records, tuple[list[Rate | None], str | None]]:
    """What the destination takes on each line, by the version of its table that is in force."""
    country = request.destination
    table = None if country is None else records.find(TaxTable, country)
    version = None if table is None else table.in_force(context.at)
    if country is None or version is None:
        return [None] * len(listings), None
    products = [
        found.get(Product, listing.gtin, refuse=Code.LEDGER_INCONSISTENT).details for listing in listings
    ]
    rules = yield from rules_of(country, version, [(each.hs_code, each.origin) for each in products])
    return [_rate(rule) for rule in rules], table_name(country, version)


def _rate(rule: TaxRule | None) -> Rate | None:
    return None if rule is None else Rate(rule.kind, rule.vat, rule.duty, rule.vat_on_duty)


def _check_taken(request: Request, sums: Sums) -> None:
    """Refuses a discount or coupon that takes nothing off: nobody spends one for nothing."""
    for place, taken in enumerate(sums.taken):
        if taken == 0 and place < len(request.discounts):
            raise Refusal(
                Code.DISCOUNT_NOT_APPLICABLE,
                f"The discount {request.discounts[place]} takes nothing off these lines.",
                f"discounts[{place}]",
            )
        if taken == 0:
            raise Refusal(Code.COUPON_NOT_APPLICABLE, "The coupon takes nothing off these lines.", "coupon")


def _pricing(
    request: Request, listings: list[Listing], currency: str, sums: Sums, table: str | None
) -> Pricing | None:
    """How the amount came about; None where it is units times the price in the listings' own currency."""
    incoterms = [listing.terms.incoterm for listing in listings]
    incoterm = incoterms[0] if all(each == incoterms[0] for each in incoterms) else None
    trials = [listing.terms.trial for listing in listings if listing.terms.trial is not None]
    trial = min(trials) if len(trials) == len(listings) else None
    told = (request.destination, request.coupon, trial, *incoterms)
    plain = currency == listings[0].currency and not request.sample and not request.discounts
    if plain and all(each is None for each in told):
        return None
    duty_by: DutyBy | None = None
    if sums.duty:
        ddp = all(each is not None and each.code == "DDP" for each in incoterms)
        duty_by = "seller" if ddp else "buyer"
    return Pricing(
        goods=str(sums.goods),
        discount=str(sums.discount),
        tax=str(sums.tax),
        duty=str(sums.duty),
        duty_by=duty_by,
        destination=request.destination,
        tax_table=table,
        discounts=list(request.discounts),
        coupon=request.coupon,
        sample=request.sample,
        trial=trial,
        incoterm=incoterm,
    )
