"""The tables of a country on the ledger, and how a price finds the rules in force."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Fetch, Key, Record, Records
from hansa_domain.taxes.rules import GENERAL, TaxRule, rule_for


class TaxPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """Since when a version of a table holds; until the next one does."""

    version: int
    valid_from: Timestamp


class TaxTable(Record, frozen=True, kw_only=True):
    """Who answers for a country's table, and its versions from the present one on.

    Key ``("tax-table", country)``.
    """

    NOUN: ClassVar[str] = "tax-table"
    country: str
    publisher: str
    latest: int
    periods: list[TaxPeriod]

    def in_force(self, at: Timestamp) -> int | None:
        """The number of the version that holds at that time; None before the first does."""
        begun = [period.version for period in self.periods if period.valid_from <= at]
        return begun[-1] if begun else None


class TaxVersion(Record, frozen=True, kw_only=True):
    """One version of a country's table; key ``("tax-version", country, "0001")``. Written once.

    ``source`` names the law or the official tariff; ``chapters`` those under which its rules are kept.
    """

    NOUN: ClassVar[str] = "tax-version"
    country: str
    version: int
    publisher: str
    source: str
    valid_from: Timestamp
    chapters: list[str]
    rules: int
    published_at: Timestamp


class TaxRules(Record, frozen=True, kw_only=True):
    """The rules of one HS chapter; key ``("tax-rules", country, "0001", "27")``. Written once.

    A chapter each, so that an order reads a few rules and not the whole tariff.
    """

    NOUN: ClassVar[str] = "tax-rules"
    rules: list[TaxRule]


def table_key(country: str) -> Key:
    """Where it stands who answers for a country's table."""
    return (TaxTable.NOUN, country)


def version_key(country: str, version: int) -> Key:
    """Where a version of a country's table stands."""
    return (TaxVersion.NOUN, country, f"{version:04d}")


def rules_key(country: str, version: int, chapter: str) -> Key:
    """Where a chapter's rules of that version stand."""
    return (TaxRules.NOUN, country, f"{version:04d}", chapter)


def table_name(country: str, version: int) -> str:
    """A version as orders name it: ``NL.3``."""
    return f"{country}.{version}"


def rules_of(
    country: str, version: int, goods: Sequence[tuple[str | None, str | None]]
) -> Generator[Fetch, Records, list[TaxRule | None]]:
    """For each pair of HS code and origin, the rule of that version, None where it has none."""
    chapters = sorted({GENERAL, *(hs_code[:2] for hs_code, _ in goods if hs_code is not None)})
    records = yield Fetch(keys=tuple(rules_key(country, version, chapter) for chapter in chapters))
    rules: dict[str, list[TaxRule]] = {}
    for chapter in chapters:
        found = records.find(TaxRules, *rules_key(country, version, chapter)[1:])
        rules[chapter] = [] if found is None else found.rules
    return [
        rule_for([*rules[GENERAL], *(rules[hs_code[:2]] if hs_code else [])], hs_code, origin)
        for hs_code, origin in goods
    ]


def found_table(records: Records, country: str) -> TaxTable:
    """The country's table, whose key was fetched. Refuses TAX_TABLE_NOT_FOUND."""
    return records.get(TaxTable, country, refuse=Code.TAX_TABLE_NOT_FOUND, where="country")
