"""Tables of taxes and duties: published, versioned, read."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import TaxTablePublished
from hansa_domain.fields import Bookmark, CountryCode, Moment, Name, PageLimit
from hansa_domain.iso3166 import check_country
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.paging import scan_all
from hansa_domain.taxes.records import (
    TaxPeriod,
    TaxRules,
    TaxTable,
    TaxVersion,
    found_table,
    rules_key,
    table_key,
    version_key,
)
from hansa_domain.taxes.rules import Rules, TaxRule, check_rules
from hansa_domain.times import check_moment

MAX_VERSIONS = 9999


class PublishTaxes(Command["TaxVersionReply"], frozen=True, kw_only=True):
    """``taxes:Publish``, by a regulator: the whole table of a country of destination, as a new version.

    The first regulator to publish a country's table answers for it from then on. ``valid_from`` defaults to
    now; it is never in the past, and later than the version before begins.
    """

    country: CountryCode
    source: Name
    rules: Rules
    valid_from: Moment | None = None


class GetTaxes(Query["TaxTableReply"], frozen=True, kw_only=True):
    """``taxes:Get``: a country's table with all its rules; by default the version in force now."""

    country: CountryCode
    version: Annotated[int, msgspec.Meta(ge=1, le=MAX_VERSIONS)] | None = None


class ListTaxes(Query["TaxTablesReply"], frozen=True, kw_only=True):
    """``taxes:List``: which countries have tables, who answers for them, and since when they hold."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class TaxVersionReply(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a table, without its rules."""

    table: TaxVersion


class TaxTableReply(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a table with its rules, chapter by chapter."""

    table: TaxVersion
    rules: list[TaxRule]


class TaxTablesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of countries; ``bookmark`` is empty on the last page."""

    tables: list[TaxTable]
    bookmark: str


@operation("taxes:Publish", PublishTaxes, TaxVersionReply, max_bytes=256 * 1024)
def publish(command: PublishTaxes, context: Context) -> Steps:
    """Another version holds from a time on; what was in force when can always be read."""
    check_country(command.country, "country")
    check_rules(command.rules)
    valid_from = command.valid_from or context.at
    check_moment(valid_from, "valid_from")
    records = yield Fetch(keys=(table_key(command.country), member_key(context.caller.msp_id)))
    require_role(records, context, ("regulator",), "publish taxes")
    before = records.find(TaxTable, command.country)
    _check_turn(before, valid_from, context)
    number = 1 if before is None else before.latest + 1
    chapters: dict[str, list[TaxRule]] = {}
    for rule in command.rules:
        chapters.setdefault(rule.chapter, []).append(rule)
    version = TaxVersion(
        country=command.country,
        version=number,
        publisher=context.caller.msp_id,
        source=command.source,
        valid_from=valid_from,
        chapters=sorted(chapters),
        rules=len(command.rules),
        published_at=context.at,
    )
    writes: dict[Key, Record | None] = {
        table_key(command.country): _table(before, version, context),
        version_key(command.country, number): version,
        **{rules_key(command.country, number, each): TaxRules(rules=chapters[each]) for each in chapters},
    }
    event = TaxTablePublished(
        country=version.country,
        version=number,
        publisher=version.publisher,
        source=version.source,
        valid_from=valid_from,
        rules=command.rules,
        at=context.at,
    )
    return Decision(reply=TaxVersionReply(table=version), writes=writes, events=(event,))


def _check_turn(before: TaxTable | None, valid_from: str, context: Context) -> None:
    if before is not None and before.publisher != context.caller.msp_id:
        raise Refusal(
            Code.TAX_TABLE_NOT_YOURS,
            f"{before.publisher} answers for the table of {before.country}.",
            "country",
        )
    if valid_from < context.at:
        raise Refusal(Code.TAX_TABLE_PERIOD, "No table holds for the past.", "valid_from")
    if before is not None and valid_from <= before.periods[-1].valid_from:
        raise Refusal(
            Code.TAX_TABLE_PERIOD,
            f"Version {before.latest} begins at {before.periods[-1].valid_from}; another one begins later.",
            "valid_from",
        )


def _table(before: TaxTable | None, version: TaxVersion, context: Context) -> TaxTable:
    """The table with one more version, and without those that others took the place of."""
    period = TaxPeriod(version=version.version, valid_from=version.valid_from)
    if before is None:
        return TaxTable(
            country=version.country, publisher=version.publisher, latest=version.version, periods=[period]
        )
    present = before.in_force(context.at)
    kept = [each for each in before.periods if present is None or each.version >= present]
    return msgspec.structs.replace(before, latest=version.version, periods=[*kept, period])


@operation("taxes:Get", GetTaxes, TaxTableReply)
def get(command: GetTaxes, context: Context) -> Steps:
    """A whole table."""
    table = found_table((yield Fetch(keys=(table_key(command.country),))), command.country)
    number = command.version or table.in_force(context.at) or table.latest
    key = version_key(command.country, number)
    records = yield Fetch(keys=(key,))
    version = records.get(TaxVersion, *key[1:], refuse=Code.TAX_TABLE_NOT_FOUND, where="version")
    found = yield from scan_all((TaxRules.NOUN, *key[1:]))
    rules = [rule for _, value in found for rule in decode_record(value, TaxRules).rules]
    return Decision(reply=TaxTableReply(table=version, rules=rules))


@operation("taxes:List", ListTaxes, TaxTablesReply)
def list_tables(command: ListTaxes, context: Context) -> Steps:
    """The countries that have tables, in order."""
    scan = Scan((TaxTable.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    tables = [decode_record(value, TaxTable) for _, value in page.items]
    return Decision(reply=TaxTablesReply(tables=tables, bookmark=page.bookmark))
