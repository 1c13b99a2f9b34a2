"""A rule of a table: for which goods from where it holds, and what the country takes on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import BasisPoints, CountryCode, form
from hansa_domain.iso3166 import check_country
from hansa_domain.pricing.figures import TaxKind

MAX_RULES = 1000
GENERAL = "00"
"""Where rules for all goods stand; chapters of the Harmonized System begin with 01."""

HsPrefix = Annotated[
    str, form("|[0-9]{2,10}", "the first 2 to 10 digits of HS codes, or empty for all goods")
]


class TaxRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a country takes on goods whose HS code begins so.

    Args:
        hs_prefix: empty: all goods, those without an HS code too.
        origin: only goods of this country of origin; None: of any.
        kind: ``standard`` and ``reduced`` are charged by the seller; under ``reverse_charge`` the buyer
            accounts for the tax himself; ``zero`` and ``exempt`` goods bear none.
        vat: the tax in basis points of the net price.
        duty: in basis points of the net price.
        vat_on_duty: whether the tax is taken on the duty too.
    """

    hs_prefix: HsPrefix
    kind: TaxKind
    vat: BasisPoints = 0
    duty: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    origin: CountryCode | None = None
    vat_on_duty: bool = False

    @property
    def chapter(self) -> str:
        """The two digits under which it is kept."""
        return self.hs_prefix[:2] or GENERAL


Rules = Annotated[list[TaxRule], msgspec.Meta(min_length=1, max_length=MAX_RULES)]


def check_rules(rules: list[TaxRule]) -> None:
    """Refuses TAX_RULES_INVALID or COUNTRY_UNKNOWN for rules that contradict each other or themselves."""
    seen: set[tuple[str, str | None]] = set()
    for place, rule in enumerate(rules):
        where = f"rules[{place}]"
        if rule.origin is not None:
            check_country(rule.origin, f"{where}.origin")
        if rule.kind in ("zero", "exempt") and rule.vat:
            raise Refusal(Code.TAX_RULES_INVALID, f"Goods that are {rule.kind} bear no tax.", f"{where}.vat")
        if rule.hs_prefix.startswith(GENERAL):
            raise Refusal(Code.TAX_RULES_INVALID, "Chapters begin with 01.", f"{where}.hs_prefix")
        if (rule.hs_prefix, rule.origin) in seen:
            raise Refusal(Code.TAX_RULES_INVALID, "Two rules hold for the same goods.", f"{where}.hs_prefix")
        seen.add((rule.hs_prefix, rule.origin))


def rule_for(rules: Iterable[TaxRule], hs_code: str | None, origin: str | None) -> TaxRule | None:
    """The rule that holds: the longest beginning of the code wins, then one for this origin over any."""
    found = [
        rule for rule in rules if (hs_code or "").startswith(rule.hs_prefix) and rule.origin in (None, origin)
    ]
    return max(found, key=lambda rule: (len(rule.hs_prefix), rule.origin is not None), default=None)
