"""What was checked against which rules, and with what result."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select

from hansa_readmodel import compliance_tables as b
from hansa_readmodel import tables as t
from hansa_readmodel.queries.orders import OPEN
from hansa_readmodel.queries.rows import all_of, has, one_of


@dataclass(frozen=True, kw_only=True)
class CheckFilter:
    """Which checks are looked for; what is None or empty narrows nothing.

    Args:
        party: MSP id of a party or of who had it checked.
        subject_kind: ``listing``, ``order`` or ``shipment``.
        pack: name of a pack by which it was checked.
        version: of that pack.
        rule: name of a rule that concerned it.
        result: ``passed`` or ``failed``.
        since: day or time, RFC 3339, from which on.
        until: the day that is the last one, or the time before which.
        country: of a party, of origin, departure or destination.
        words: id of a subject, an order or a check, or a part of it.
    """

    party: str | None = None
    subject_kind: str | None = None
    pack: str | None = None
    version: int | None = None
    rule: str | None = None
    result: str | None = None
    since: str | None = None
    until: str | None = None
    country: str | None = None
    words: str = ""


@dataclass(frozen=True)
class CheckRow:
    """A check with its facts and outcomes as the event has them, and where it stands on the ledger."""

    check_id: str
    subject_kind: str
    subject: str
    order_id: str | None
    occasion: str
    by: str
    result: str
    seller: str
    buyer: str | None
    carrier: str | None
    departure: str | None
    destination: str | None
    at: str
    packs: list[dict[str, Any]]
    facts: dict[str, Any]
    outcomes: list[dict[str, Any]]
    block: int
    position: int
    transaction_id: str

    @property
    def parties(self) -> tuple[str, ...]:
        """Seller and, where there are, buyer and everybody who carries."""
        return tuple(dict.fromkeys(party["member"] for party in self.facts["parties"]))

    @property
    def violations(self) -> list[dict[str, Any]]:
        """The outcomes that made it fail."""
        return [each for each in self.outcomes if each["refuses"]]


@dataclass(frozen=True)
class PackRow:
    """A version of a rule pack with its rules, and where it stands on the ledger."""

    pack: str
    version: int
    title: str
    document: str
    valid_from: str
    unknown: str
    digest: str
    published_by: str
    published_at: str
    rules: list[dict[str, Any]]
    block: int
    position: int
    transaction_id: str


@dataclass(frozen=True)
class FlagRow:
    """A listing or order that is held back, and by which check."""

    subject: str
    check_id: str
    at: str


class ComplianceQueries:
    """``queries.compliance``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self, wanted: CheckFilter | None = None, *, limit: int = 25, offset: int = 0
    ) -> builtins.list[CheckRow]:
        """Checks that fit, the newest first."""
        c = b.checks.c
        query = _checks().where(*_conditions(wanted or CheckFilter()))
        query = query.order_by(c.block.desc(), c.position.desc(), c.check_id).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return all_of(CheckRow, connection, query)

    def count(self, wanted: CheckFilter | None = None) -> dict[str, int]:
        """How many checks fit, by result."""
        c = b.checks.c
        query = select(c.result, func.count()).where(*_conditions(wanted or CheckFilter())).group_by(c.result)
        with self._engine.connect() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(query.order_by(c.result))}

    def find(self, check_id: str) -> CheckRow | None:
        """One check."""
        with self._engine.connect() as connection:
            row = connection.execute(_checks().where(b.checks.c.check_id == check_id)).one_or_none()
        return None if row is None else one_of(CheckRow, row)

    def history(self, subject: str, *, limit: int = 1000) -> builtins.list[CheckRow]:
        """Every check of a listing, an order or a shipment, of an order also of its shipments, in order."""
        c = b.checks.c
        query = _checks().where(or_(c.subject == subject, c.order_id == subject))
        query = query.order_by(c.block, c.position, c.check_id).limit(limit)
        with self._engine.connect() as connection:
            return all_of(CheckRow, connection, query)

    def held_back(self, subject: str) -> FlagRow | None:
        """The flag of a listing or order that its last check held back."""
        query = select(b.flags).where(b.flags.c.subject == subject)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else one_of(FlagRow, row)

    def flags(self, *, limit: int = 100) -> builtins.list[FlagRow]:
        """Open listings and orders that are held back, the latest first."""
        c, order, listing = b.flags.c, t.orders.c, t.listings.c
        query = (
            select(b.flags)
            .outerjoin(t.orders, order.order_id == c.subject)
            .outerjoin(t.listings, listing.listing == c.subject)
            .where(or_(order.status.in_(OPEN), listing.status != "withdrawn"))
            .order_by(c.at.desc(), c.subject)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return all_of(FlagRow, connection, query)

    def pack(self, pack: str, version: int) -> PackRow | None:
        """One version of a pack."""
        query = _packs().where(b.packs.c.pack == pack, b.packs.c.version == version)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else one_of(PackRow, row)

    def packs(self, pack: str | None = None) -> builtins.list[PackRow]:
        """Versions of one pack, or of all: by name, the newest version first."""
        query = _packs().order_by(b.packs.c.pack, b.packs.c.version.desc())
        if pack is not None:
            query = query.where(b.packs.c.pack == pack)
        with self._engine.connect() as connection:
            return all_of(PackRow, connection, query)


def _checks() -> Select[Any]:
    c, x = b.checks.c, t.transactions.c
    return select(b.checks, x.transaction_id).join(
        t.transactions, and_(x.block == c.block, x.position == c.position)
    )


def _packs() -> Select[Any]:
    c, x = b.packs.c, t.transactions.c
    return select(b.packs, x.transaction_id).join(
        t.transactions, and_(x.block == c.block, x.position == c.position)
    )


def _conditions(wanted: CheckFilter) -> builtins.list[ColumnElement[bool]]:
    c = b.checks.c
    found: builtins.list[ColumnElement[bool]] = []
    if wanted.party is not None:
        m = b.check_parties.c
        takes_part = select(m.check_id).where(m.member == wanted.party)
        found.append(or_(c.check_id.in_(takes_part), c.by == wanted.party))
    for column, value in ((c.subject_kind, wanted.subject_kind), (c.result, wanted.result)):
        if value is not None:
            found.append(column == value)
    if wanted.since is not None:
        found.append(c.at >= wanted.since)
    if wanted.until is not None:
        # A day is over when every time that begins with it is: "~" comes after all of them.
        found.append(c.at < (f"{wanted.until}~" if len(wanted.until) == 10 else wanted.until))
    if wanted.pack is not None:
        p = b.check_packs.c
        by_pack = select(p.check_id).where(p.pack == wanted.pack)
        found.append(
            c.check_id.in_(by_pack if wanted.version is None else by_pack.where(p.version == wanted.version))
        )
    if wanted.rule is not None:
        r = b.check_rules.c
        by_rule = select(r.check_id).where(r.rule == wanted.rule)
        found.append(c.check_id.in_(by_rule if wanted.pack is None else by_rule.where(r.pack == wanted.pack)))
    if wanted.country is not None:
        n = b.check_countries.c
        found.append(c.check_id.in_(select(n.check_id).where(n.country == wanted.country)))
    if wanted.words:
        found.append(_named(wanted.words))
    return found


def _named(words: str) -> ColumnElement[bool]:
    c = b.checks.c
    return or_(*(has(column, words) for column in (c.subject, c.order_id, c.check_id)))
