"""What a rule or a licence is about: goods by their public facts, and the way they go."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hansa_domain.fields import CountryCode, Gtin, form
from hansa_domain.gs1 import gtin14
from hansa_domain.iso3166 import check_country

Slug = Annotated[
    str, form(r"[a-z0-9]+(-[a-z0-9]+)*", "a short name of a-z, 0-9 and single hyphens, at most 48", 48)
]
HsPrefix = Annotated[str, form(r"[0-9]{2,12}", "the first 2 to 12 digits of an HS code, without dots")]
DangerousClass = Annotated[
    str,
    form(r"any|[1-9](\.[1-6][A-S]?)?", "a UN class of dangerous goods such as 3, 6.1 or 1.4S, or any"),
]
Stage = Literal["listing", "order", "shipment"]
"""When something is checked."""
PartyRole = Literal["seller", "buyer", "carrier"]

Countries = Annotated[list[CountryCode], msgspec.Meta(max_length=250)]


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Goods and ways. A list that is empty says nothing; of one that is not, one entry must fit.

    ``gtins`` of any length; ``hs`` beginnings of HS codes; ``dangerous`` UN classes, a class with all of its
    divisions; ``origins`` countries of origin; ``departures`` and ``destinations`` where goods come from and
    go to. Countries are ISO 3166-1 alpha-2.
    """

    gtins: Annotated[list[Gtin], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=list)
    hs: Annotated[list[HsPrefix], msgspec.Meta(max_length=100)] = msgspec.field(default_factory=list)
    dangerous: Annotated[list[DangerousClass], msgspec.Meta(max_length=20)] = msgspec.field(
        default_factory=list
    )
    origins: Countries = msgspec.field(default_factory=list)
    departures: Countries = msgspec.field(default_factory=list)
    destinations: Countries = msgspec.field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether it names nothing, so that everything fits."""
        return not any(
            (self.gtins, self.hs, self.dangerous, self.origins, self.departures, self.destinations)
        )


EVERYTHING = Scope()
"""The scope that names nothing; it is left out of documents."""


def canonical_scope(scope: Scope, where: str) -> Scope:
    """The scope with every list sorted and each entry once, GTINs with 14 digits.

    Raises:
        Refusal: GTIN_INVALID or COUNTRY_UNKNOWN at the entry below ``where``.
    """
    if scope.empty:
        return EVERYTHING
    gtins = [gtin14(each, f"{where}.gtins[{place}]") for place, each in enumerate(scope.gtins)]
    return Scope(
        gtins=once_each(gtins),
        hs=once_each(scope.hs),
        dangerous=once_each(scope.dangerous),
        origins=countries(scope.origins, f"{where}.origins"),
        departures=countries(scope.departures, f"{where}.departures"),
        destinations=countries(scope.destinations, f"{where}.destinations"),
    )


def countries(codes: list[str], where: str) -> list[str]:
    """Country codes sorted, each once. Refuses COUNTRY_UNKNOWN at the entry below ``where``."""
    for place, code in enumerate(codes):
        check_country(code, f"{where}[{place}]")
    return once_each(codes)


def once_each(entries: list[str]) -> list[str]:
    """Entries in order, each once."""
    return sorted(dict.fromkeys(entries))


Match = Literal["yes", "no", "unknown", "later"]
"""Whether goods fit: ``unknown`` where a fact is missing, ``later`` where it comes with the order."""


def fits_hs(scope: Scope, code: str | None) -> Match:
    """Whether an HS code begins as the scope wants; one too coarse to tell is ``unknown``."""
    if not scope.hs:
        return "yes"
    if code is None:
        return "unknown"
    if any(code.startswith(prefix) for prefix in scope.hs):
        return "yes"
    return "unknown" if any(prefix.startswith(code) for prefix in scope.hs) else "no"


def fits_dangerous(scope: Scope, classes: list[str] | None) -> Match:
    """Whether dangerous goods are of a class named; a class covers its divisions."""
    if not scope.dangerous:
        return "yes"
    if classes is None:
        return "unknown"
    return _yes(any(_covers(wanted, each) for wanted in scope.dangerous for each in classes))


def _covers(wanted: str, found: str) -> bool:
    if wanted in ("any", found):
        return True
    # 1 covers 1.4 and 1.4S, 1.4 covers 1.4S; 6.1 does not cover 6.2.
    return found.startswith(wanted) and found[len(wanted)] in ".ABCDEFGHJKLMNOPQRS"


def fits_listed(wanted: list[str], found: str | None, absent: Match) -> Match:
    """Whether what was found is among what is wanted; ``absent`` where nothing was found."""
    if not wanted:
        return "yes"
    return absent if found is None else _yes(found in wanted)


def _yes(fits: bool) -> Match:
    return "yes" if fits else "no"


def all_fit(*tests: Match) -> Match:
    """All together: one no decides; else what is missing."""
    worst: tuple[Match, ...] = ("no", "later", "unknown")
    return next((each for each in worst if each in tests), "yes")
