"""The price of an order, computed from its parts alone: the one function behind quotes and orders.

Everything is whole minor units. What a percentage takes off is rounded down, and taxes and duties are rounded
half a unit up, line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hansa_domain.listings.records import Listing
from hansa_domain.pricing.concessions import Concession
from hansa_domain.pricing.figures import LinePrice, TaxKind

BASIS = 10_000
"""Basis points in the whole."""

CHARGED: tuple[TaxKind, ...] = ("standard", "reduced")
"""The kinds of tax that the seller charges; in the others the buyer accounts for it, or nobody does."""


@dataclass(frozen=True)
class Rate:
    """What the destination takes on a line: basis points; ``on_duty``: the tax is on the duty too."""

    kind: TaxKind
    vat: int
    duty: int
    on_duty: bool = False


@dataclass(frozen=True)
class Wanted:
    """One line as asked for, and what the destination takes on it, if that is known."""

    listing: Listing
    quantity: int
    rate: Rate | None = None


@dataclass(frozen=True)
class Sums:
    """What lines cost; a line by agreement has no price. ``goods`` is the sum of what the lines cost net.

    ``taken`` says for each concession, in their order, how much it took off.
    """

    lines: list[LinePrice | None]
    goods: int
    discount: int
    tax: int
    duty: int
    taken: list[int]

    @property
    def by_agreement(self) -> bool:
        """Whether a line's price is for the order to name."""
        return any(line is None for line in self.lines)


def rounded(amount: int, basis_points: int) -> int:
    """So many basis points of an amount, half a minor unit up."""
    return (amount * basis_points + BASIS // 2) // BASIS


def compute(
    wanted: Sequence[Wanted],
    currency: str,
    *,
    sample: bool = False,
    discounts: Sequence[Concession] = (),
    coupon: Concession | None = None,
) -> Sums:
    """What these lines cost.

    Args:
        wanted: lines of one seller.
        currency: in which they are priced.
        sample: by the listings' terms for samples; discounts do not hold for these.
        discounts: in the order in which they are taken; a line gets the first that covers it, and only that.
        coupon: taken off what the discounts left.
    """
    units = [_unit(each, currency, sample) for each in wanted]
    gross = [None if unit is None else unit * each.quantity for unit, each in zip(units, wanted, strict=True)]
    net = list(gross)
    free = [not sample and each is not None for each in gross]
    taken = []
    for concession in discounts:
        covered = [
            place
            for place, each in enumerate(wanted)
            if free[place] and concession.covers(each.listing.id, each.quantity, currency)
        ]
        taken.append(_take_off(concession, covered, net))
        for place in covered:
            free[place] = False
    if coupon is not None:
        covered = [
            place
            for place, each in enumerate(wanted)
            if not sample
            and net[place] is not None
            and coupon.covers(each.listing.id, each.quantity, currency)
        ]
        taken.append(_take_off(coupon, covered, net))
    lines = [_line(*each) for each in zip(wanted, units, gross, net, strict=True)]
    priced = [line for line in lines if line is not None]
    return Sums(
        lines=lines,
        goods=sum(int(line.net) for line in priced),
        discount=sum(int(line.discount) for line in priced),
        tax=sum(int(line.tax) for line in priced),
        duty=sum(int(line.duty) for line in priced),
        taken=taken,
    )


def _unit(wanted: Wanted, currency: str, sample: bool) -> int | None:
    terms = wanted.listing.terms.sample
    if sample and terms is not None:
        return int(terms.unit_price)
    return wanted.listing.price_of(wanted.quantity, currency)


def _take_off(concession: Concession, covered: Sequence[int], net: list[int | None]) -> int:
    """Takes a concession off the lines it covers, in their order; how much that is."""
    total = 0
    for place in covered:
        price = net[place]
        assert price is not None  # a line by agreement is never covered
        if concession.basis_points is not None:
            off = price * concession.basis_points // BASIS
        else:
            off = min(price, int(concession.amount or "0") - total)
        net[place] = price - off
        total += off
    return total


def _line(wanted: Wanted, unit: int | None, gross: int | None, net: int | None) -> LinePrice | None:
    if unit is None or gross is None or net is None:
        return None
    rate = wanted.rate
    duty = 0 if rate is None else rounded(net, rate.duty)
    charged = rate is not None and rate.kind in CHARGED
    base = net + (duty if rate is not None and rate.on_duty else 0)
    tax = rounded(base, rate.vat) if rate is not None and charged else 0
    return LinePrice(
        version=wanted.listing.version,
        unit_price=str(unit),
        discount=str(gross - net),
        net=str(net),
        tax=str(tax),
        duty=str(duty),
        tax_kind=None if rate is None else rate.kind,
    )
