"""Delegations: who may report about goods on whose behalf."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import tables_goods as g
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class DelegationRow:
    """A delegation not revoked; it may be over by now (``until``)."""

    grantor: str
    reporter: str
    uri: str
    actions: list[str]
    until: str


class DelegationQueries:
    """``queries.delegations``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, *, party: str | None = None, limit: int = 100, offset: int = 0) -> list[DelegationRow]:
        """Delegations in order of grantor, those of one grantor or reporter where named."""
        c = g.delegations.c
        query = select(c.grantor, c.reporter, c.uri, c.actions, c.until)
        query = query.order_by(c.grantor, c.reporter, c.subject)
        if party is not None:
            query = query.where(or_(c.grantor == party, c.reporter == party))
        with self._engine.connect() as connection:
            return all_of(DelegationRow, connection, query.limit(limit).offset(offset))
