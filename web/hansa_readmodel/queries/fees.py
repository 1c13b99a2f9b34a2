"""What things cost, and who agreed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from hansa_readmodel import money_tables as t
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class FeeScheduleRow:
    """A schedule; ``order``, ``arbitration`` and ``exchange`` have basis points and bounds by currency.

    ``version`` and ``in_force_from`` are None until a majority approved it; then it holds from then until a
    later version begins.
    """

    schedule: str
    version: int | None
    order: dict[str, Any]
    arbitration: dict[str, Any]
    exchange: dict[str, Any]
    account: str
    document: str | None
    effective_from: str
    published_by: str
    published_at: str
    in_force_from: str | None


class FeeQueries:
    """``queries.fees``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def schedules(self) -> list[FeeScheduleRow]:
        """Every schedule ever published, the latest first."""
        c = t.fee_schedules.c
        query = select(t.fee_schedules).order_by(c.published_at.desc(), c.schedule.desc())
        with self._engine.connect() as connection:
            return all_of(FeeScheduleRow, connection, query)

    def in_force(self, at: str) -> FeeScheduleRow | None:
        """The schedule that held at a time, RFC 3339 in UTC; None before the first."""
        c = t.fee_schedules.c
        query = (
            select(t.fee_schedules)
            .where(c.in_force_from <= at)
            .order_by(c.version.desc().nulls_last())
            .limit(1)
        )
        with self._engine.connect() as connection:
            found = all_of(FeeScheduleRow, connection, query)
        return found[0] if found else None

    def approvals(self, schedule: str) -> list[str]:
        """The members that approved a schedule, by MSP id; those that left since, too."""
        c = t.fee_approvals.c
        query = select(c.member).where(c.schedule == schedule).order_by(c.member)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())
