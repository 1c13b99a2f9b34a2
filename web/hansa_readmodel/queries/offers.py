"""Tenders and offers: who asks, who answers, and how the negotiation went."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, exists, func, or_, select

from hansa_readmodel import buying_tables as b
from hansa_readmodel.queries.ledger import Step, steps
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class TenderRow:
    """A tender; ``lines`` have ``gtin`` and ``quantity``, ``offers`` counts the answers."""

    tender: str
    buyer: str
    status: str
    country: str
    reference: str | None
    lines: list[dict[str, Any]]
    invited: list[str]
    wanted_by: str
    closes_at: str
    opened_at: str
    offer: str | None
    order_id: str | None
    offers: int


@dataclass(frozen=True)
class OfferRow:
    """An offer with what its present version asks for, in minor units of ``currency``."""

    offer: str
    tender: str | None
    buyer: str
    seller: str
    status: str
    version: int
    by: str
    currency: str
    amount: int
    due: str
    opened_at: str
    order_id: str | None


@dataclass(frozen=True)
class OfferVersionRow:
    """One version of an offer; prices of lines are private and not here.

    ``milestones``, what the order would be paid by, have ``name``, ``event``, ``within`` in seconds,
    ``otherwise``, ``weight`` and ``inspector``; None where it is not. ``warranty`` in seconds.
    """

    version: int
    by: str
    currency: str
    amount: int
    freight: int
    carrier: str | None
    lines: list[dict[str, Any]]
    lead_time: int
    milestones: list[dict[str, Any]] | None
    warranty: int | None
    due: str
    made_at: str


@dataclass(frozen=True)
class OfferDetail:
    """An offer, every version of it, the first one first, and everything that happened to it."""

    offer: OfferRow
    versions: list[OfferVersionRow]
    steps: list[Step]


class OfferQueries:
    """``queries.offers``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tenders(
        self,
        *,
        buyer: str | None = None,
        seller: str | None = None,
        status: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[TenderRow]:
        """Tenders, the newest first.

        Args:
            buyer: MSP id of who asks; None: everybody.
            seller: MSP id of who may answer: those open to all, and those that he was invited to.
            status: ``open``, ``withdrawn`` or ``awarded``.
        """
        c = b.tenders.c
        query = _tenders().order_by(c.opened_at.desc(), c.tender.desc())
        if buyer is not None:
            query = query.where(c.buyer == buyer)
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            found = all_of(TenderRow, connection, query)
        # Who was invited is a list in one column, which databases search in ways of their own.
        mine = [row for row in found if seller is None or not row.invited or seller in row.invited]
        return mine[offset : offset + limit]

    def tender(self, tender: str) -> TenderRow | None:
        """One tender."""
        with self._engine.connect() as connection:
            row = connection.execute(_tenders().where(b.tenders.c.tender == tender)).one_or_none()
        return None if row is None else one_of(TenderRow, row)

    def list(
        self,
        *,
        party: str | None = None,
        tender: str | None = None,
        status: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[OfferRow]:
        """Offers, the newest first.

        Args:
            party: MSP id of buyer or seller; None: everybody's.
            tender: only those that answer it.
            status: ``open``, ``agreed``, ``accepted``, ``rejected``, ``withdrawn`` or ``expired``.
        """
        c = b.offers.c
        query = select(b.offers).order_by(c.opened_at.desc(), c.offer.desc()).limit(limit).offset(offset)
        if party is not None:
            query = query.where(or_(c.buyer == party, c.seller == party))
        if tender is not None:
            query = query.where(c.tender == tender)
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(OfferRow, connection, query)

    def due(self, now: str, *, party: str | None = None, limit: int = 100) -> builtins.list[OfferRow]:
        """Offers whose time is over and that no counter can renew; the oldest first.

        They were agreed to and not accepted in time, or answer a tender that was awarded or withdrawn.

        Args:
            now: RFC 3339 with milliseconds, UTC.
            party: MSP id of buyer or seller; None: everybody's.
        """
        c = b.offers.c
        ended = exists().where(b.tenders.c.tender == c.tender, b.tenders.c.status != "open")
        query = select(b.offers).where(c.status.in_(("open", "agreed")), c.due <= now)
        query = query.where(or_(c.status == "agreed", ended))
        if party is not None:
            query = query.where(or_(c.buyer == party, c.seller == party))
        with self._engine.connect() as connection:
            return all_of(OfferRow, connection, query.order_by(c.due, c.offer).limit(limit))

    def detail(self, offer: str) -> OfferDetail | None:
        """One offer with its versions."""
        c = b.offer_versions.c
        columns = [column for column in c if column.name != "offer"]
        versions = select(*columns).where(c.offer == offer).order_by(c.version)
        with self._engine.connect() as connection:
            row = connection.execute(select(b.offers).where(b.offers.c.offer == offer)).one_or_none()
            if row is None:
                return None
            return OfferDetail(
                offer=one_of(OfferRow, row),
                versions=all_of(OfferVersionRow, connection, versions),
                steps=steps(connection, [offer]),
            )


def _tenders() -> Select[Any]:
    answers = (
        select(func.count())
        .select_from(b.offers)
        .where(b.offers.c.tender == b.tenders.c.tender)
        .scalar_subquery()
    )
    return select(b.tenders, answers.label("offers"))
