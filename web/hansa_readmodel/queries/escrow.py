"""What happens to escrow: milestones, splits by consent, disputes."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, or_, select

from hansa_readmodel import escrow_tables as e
from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone of an order: what it is worth among all weights, and what it paid, minor units."""

    order_id: str
    place: int
    name: str
    event: str
    within: int
    otherwise: str
    weight: int
    inspector: str | None
    status: str
    cause: str | None
    reported_by: str | None
    document: str | None
    proceeds: int | None
    freight: int | None
    fee: int | None
    paid_at: str | None

    @property
    def paid(self) -> int:
        """What it paid in all, minor units."""
        return (self.proceeds or 0) + (self.freight or 0) + (self.fee or 0)


@dataclass(frozen=True)
class SettlementRow:
    """A split that was proposed; ``goods`` None: the order goes on after it. Minor units."""

    order_id: str
    number: int
    status: str
    by: str
    currency: str
    to_buyer: int
    to_seller: int
    to_carrier: int
    goods: str | None
    needs: list[str]
    agreed: list[str]
    proposed_at: str
    expires_at: str
    closed_at: str | None

    @property
    def missing(self) -> builtins.list[str]:
        """Who has not agreed yet, by MSP id."""
        return [each for each in self.needs if each not in self.agreed]


@dataclass(frozen=True)
class DisputeRow:
    """A dispute with its order; statements and evidence as ``{"by", "hash", "at"}``.

    ``decision`` has minor units as strings (buyer, seller, carrier, fee, arbitration), and ``goods``.
    """

    order_id: str
    opener: str
    status: str
    reason: str
    arbitrator: str
    due: str
    statements: list[dict[str, str]]
    evidence: list[dict[str, str]]
    decision: dict[str, str] | None
    opened_at: str
    closed_at: str | None
    closed_by: str | None
    buyer: str
    seller: str
    carrier: str | None
    currency: str
    amount: int
    released: int


class EscrowQueries:
    """``queries.escrow``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def milestones(self, order_id: str) -> list[MilestoneRow]:
        """The milestones of an order, in order; none where it is not paid by milestones."""
        c = e.milestones.c
        query = select(e.milestones).where(c.order_id == order_id).order_by(c.place)
        return self._all(MilestoneRow, query)

    def to_attest(self, inspector: str, *, limit: int = 100) -> list[MilestoneRow]:
        """Milestones of open orders that wait for this inspector (MSP id), and that none before holds up."""
        c, order = e.milestones.c, t.orders.c
        before = e.milestones.alias()
        waits = (
            select(before.c.place)
            .where(before.c.order_id == c.order_id, before.c.place < c.place, before.c.status == "pending")
            .exists()
        )
        query = (
            select(e.milestones)
            .join(t.orders, order.order_id == c.order_id)
            .where(c.inspector == inspector, c.status == "pending", ~waits)
            .where(order.status.in_(("accepted", "shipped", "delivered")))
            .order_by(order.due.nulls_last(), c.order_id, c.place)
            .limit(limit)
        )
        return self._all(MilestoneRow, query)

    def settlements(self, order_id: str) -> list[SettlementRow]:
        """Every split of an order that was proposed, the latest first."""
        c = e.settlements.c
        query = select(e.settlements).where(c.order_id == order_id).order_by(c.number.desc())
        return self._all(SettlementRow, query)

    def disputes(
        self,
        *,
        order_id: str | None = None,
        party: str | None = None,
        status: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[DisputeRow]:
        """Disputes, the newest first.

        Args:
            order_id: of one order only.
            party: MSP id of a party or of who decides; None, for a regulator: everybody's.
            status: ``open``, ``decided``, ``agreed``, ``conceded``, ``withdrawn`` or ``lapsed``.
        """
        c, order = e.disputes.c, t.orders.c
        query = (
            select(
                e.disputes,
                order.buyer,
                order.seller,
                order.carrier,
                order.currency,
                order.amount,
                order.released,
            )
            .join(t.orders, order.order_id == c.order_id)
            .order_by(c.opened_at.desc(), c.order_id.desc(), c.opener)
            .limit(limit)
            .offset(offset)
        )
        if order_id is not None:
            query = query.where(c.order_id == order_id)
        if party is not None:
            members = (order.buyer, order.seller, order.carrier, c.arbitrator)
            query = query.where(or_(*(member == party for member in members)))
        if status is not None:
            query = query.where(c.status == status)
        return self._all(DisputeRow, query)

    def _all(self, kind: type[Any], query: Select[Any]) -> list[Any]:
        with self._engine.connect() as connection:
            return all_of(kind, connection, query)
