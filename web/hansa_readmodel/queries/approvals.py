"""Who approved which order inside a member's company."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from sqlalchemy import Engine, select

from hansa_readmodel import buying_tables as b
from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class ApprovalRow:
    """An approval, up to ``amount`` in minor units; ``placed``: the order was placed with it."""

    order_id: str
    member: str
    approver: str
    seller: str
    currency: str
    amount: int
    given_at: str
    placed: bool


@dataclass(frozen=True)
class ApprovalRulesRow:
    """How many rules a member has now, and who set them."""

    member: str
    rules: int
    set_by: str
    set_at: str


class ApprovalQueries:
    """``queries.approvals``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, member: str, *, limit: int = 100, offset: int = 0) -> builtins.list[ApprovalRow]:
        """A member's approvals (MSP id), the newest first."""
        c = b.approvals.c
        query = (
            select(b.approvals, t.orders.c.order_id.is_not(None).label("placed"))
            .outerjoin(t.orders, t.orders.c.order_id == c.order_id)
            .where(c.member == member)
            .order_by(c.given_at.desc(), c.order_id.desc())
            .limit(limit)
            .offset(offset)
        )
        with self._engine.connect() as connection:
            return all_of(ApprovalRow, connection, query)

    def rules(self, member: str) -> ApprovalRulesRow | None:
        """Whether a member ever set rules; what they are, ``approvals:Rules`` tells."""
        query = select(b.approval_rules).where(b.approval_rules.c.member == member)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else one_of(ApprovalRulesRow, row)
