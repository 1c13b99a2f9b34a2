"""On which terms goods are offered, besides a unit's price: tiers, currencies, regions, samples."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Amount, CountryCode, CurrencyCode, Gln, Moment, Name, Quantity, Seconds
from hansa_domain.gs1 import gln13
from hansa_domain.images import Images
from hansa_domain.iso3166 import check_country
from hansa_domain.iso4217 import minor_units
from hansa_domain.times import check_moment

MAX_TIERS = 10
MAX_CURRENCIES = 10

IncotermCode = Literal["EXW", "FCA", "CPT", "CIP", "DAP", "DPU", "DDP", "FAS", "FOB", "CFR", "CIF"]
Countries = Annotated[list[CountryCode], msgspec.Meta(max_length=249)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What terms are made of."""


class Tier(_Part, frozen=True, kw_only=True):
    """From ``from_quantity`` units of a line on, each of them costs ``unit_price`` minor units."""

    from_quantity: Annotated[int, msgspec.Meta(ge=2, le=1_000_000_000)]
    unit_price: Amount


Tiers = Annotated[list[Tier], msgspec.Meta(max_length=MAX_TIERS)]


class Price(_Part, frozen=True, kw_only=True):
    """What a unit costs in one more currency, and from which quantities on it costs something else."""

    currency: CurrencyCode
    unit_price: Amount
    tiers: Tiers = msgspec.field(default_factory=list)


class Incoterm(_Part, frozen=True, kw_only=True):
    """A rule of Incoterms 2020 with its named place, such as ``DAP`` ``Hamburg``; a place, not an address."""

    code: IncotermCode
    place: Name


class Sample(_Part, frozen=True, kw_only=True):
    """What a buyer may order to try the goods.

    Args:
        quantity: the most units that one such order may have.
        unit_price: what each costs, minor units of the listing's currency; "0" is free.
        times: how many such orders each buyer may place.
    """

    quantity: Quantity
    unit_price: Amount = "0"
    times: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class ListingTerms(_Part, frozen=True, kw_only=True):
    """The terms of a listing; what is not said is absent.

    Args:
        tiers: prices in the listing's own currency from larger quantities on, in ascending order.
        prices: what a unit costs in further currencies.
        lead_time: seconds from acceptance until the seller can ship.
        incoterm: who bears transport, risk and duties; DDP says that the seller pays the duties.
        ships_from: GLN of the registered place the goods are at.
        allowed: the only countries of destination served; empty serves all.
        excluded: countries of destination that are not served.
        minimum: the least units of a line; None: one.
        multiple: a line's units are a multiple of this; None: of one.
        images: by hash.
        valid_from, valid_until: when it takes orders; the second is the first moment when it no longer does.
        sample: on what terms a buyer may try the goods.
        trial: seconds from delivery in which goods may go back without a restocking fee.
    """

    tiers: Tiers = msgspec.field(default_factory=list)
    prices: Annotated[list[Price], msgspec.Meta(max_length=MAX_CURRENCIES)] = msgspec.field(
        default_factory=list
    )
    lead_time: Seconds | None = None
    incoterm: Incoterm | None = None
    ships_from: Gln | None = None
    allowed: Countries = msgspec.field(default_factory=list)
    excluded: Countries = msgspec.field(default_factory=list)
    minimum: Quantity | None = None
    multiple: Quantity | None = None
    images: Images = msgspec.field(default_factory=list)
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    sample: Sample | None = None
    trial: Seconds | None = None

    @property
    def regional(self) -> bool:
        """Whether not every country of destination is served."""
        return bool(self.allowed or self.excluded)

    def serves(self, country: str) -> bool:
        """Whether goods may be ordered to that country of destination."""
        return country not in self.excluded and (not self.allowed or country in self.allowed)


def check_terms(terms: ListingTerms, unit_price: str | None, currency: str) -> None:
    """Refuses terms that contradict themselves or a standard.

    Raises:
        Refusal: LISTING_TERMS_INVALID, CURRENCY_UNKNOWN, COUNTRY_UNKNOWN, GLN_INVALID or FIELD_INVALID.
    """
    if unit_price is None and (terms.tiers or terms.prices):
        raise _invalid("Without a unit price there are no tiers and no other currencies.", "tiers")
    _check_tiers(terms.tiers, "terms.tiers")
    seen = {currency}
    for place, price in enumerate(terms.prices):
        where = f"terms.prices[{place}]"
        minor_units(price.currency, f"{where}.currency")
        if price.currency in seen:
            raise _invalid(f"There are two prices in {price.currency}.", f"prices[{place}].currency")
        seen.add(price.currency)
        _check_tiers(price.tiers, f"{where}.tiers")
    for name in ("allowed", "excluded"):
        for place, country in enumerate(getattr(terms, name)):
            check_country(country, f"terms.{name}[{place}]")
    if terms.ships_from is not None:
        gln13(terms.ships_from, "terms.ships_from")
    for name in ("valid_from", "valid_until"):
        moment = getattr(terms, name)
        if moment is not None:
            check_moment(moment, f"terms.{name}")
    if terms.valid_from and terms.valid_until and terms.valid_from >= terms.valid_until:
        raise _invalid("It ends before it begins.", "valid_until")
    if terms.minimum and terms.multiple and terms.minimum % terms.multiple:
        raise _invalid("The least quantity is a multiple of the step.", "minimum")


def _check_tiers(tiers: list[Tier], where: str) -> None:
    last = 1
    for place, tier in enumerate(tiers):
        if tier.from_quantity <= last:
            raise Refusal(
                Code.LISTING_TERMS_INVALID,
                "Each tier begins at a larger quantity than the one before.",
                f"{where}[{place}].from_quantity",
            )
        last = tier.from_quantity


def _invalid(sentence: str, where: str) -> Refusal:
    return Refusal(Code.LISTING_TERMS_INVALID, sentence, f"terms.{where}")
