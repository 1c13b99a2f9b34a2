"""The ledger itself: how far it was read, its transactions, and what they did to whom."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, inspect, select, tuple_

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class Checkpoint:
    """How far the ledger was read: the next block wanted, and the time of the last transaction."""

    next_block: int
    last_at: str
    genesis_hash: str


@dataclass(frozen=True)
class Transaction:
    """A transaction of a block, valid or not; ``creator`` and ``signer``: organisation and user."""

    block: int
    position: int
    transaction_id: str
    validation_code: str
    creator: str
    signer: str
    chaincode: str
    function: str
    at: str


@dataclass(frozen=True)
class Step:
    """One domain event, with the transaction that carried it."""

    type: str
    body: dict[str, Any]
    at: str
    block: int
    position: int
    number: int
    transaction_id: str
    creator: str
    signer: str
    function: str


class LedgerQueries:
    """``queries.ledger``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def checkpoint(self) -> Checkpoint | None:
        """How far the ledger was read; None while the projector has not begun, or is to begin anew."""
        c = t.checkpoint.c
        with self._engine.connect() as connection:
            if not inspect(connection).has_table(t.checkpoint.name):
                return None
            query = select(c.next_block, c.last_at, c.genesis_hash).where(
                c.schema_version == t.SCHEMA_VERSION
            )
            row = connection.execute(query).one_or_none()
        return None if row is None else one_of(Checkpoint, row)

    def wait_for(self, block: int, seconds: float) -> bool:
        """Waits until a block was read, at most so long; whether it was."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.checkpoint()
            if found is not None and found.next_block > block:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)

    def transaction(self, transaction_id: str) -> Transaction | None:
        """A transaction by its id; of several copies in the chain, the first."""
        x = t.transactions
        query = select(x).where(x.c.transaction_id == transaction_id).order_by(x.c.block, x.c.position)
        with self._engine.connect() as connection:
            row = connection.execute(query.limit(1)).first()
        return None if row is None else one_of(Transaction, row)

    def transactions(self, *, code: str | None = None, limit: int = 50) -> list[Transaction]:
        """The latest transactions, with one validation code where named, the newest first."""
        x = t.transactions
        query = select(x).order_by(x.c.block.desc(), x.c.position.desc()).limit(limit)
        if code is not None:
            query = query.where(x.c.validation_code == code)
        with self._engine.connect() as connection:
            return all_of(Transaction, connection, query)

    def by_validation_code(self) -> dict[str, int]:
        """How many transactions got each validation code."""
        code = t.transactions.c.validation_code
        with self._engine.connect() as connection:
            rows = connection.execute(select(code, func.count()).group_by(code).order_by(code))
            return {row[0]: int(row[1]) for row in rows}

    def history(self, subject: str, *, limit: int = 1000) -> list[Step]:
        """What happened to an order, a listing, goods or an account, in order of time."""
        with self._engine.connect() as connection:
            return steps(connection, [subject], limit=limit)

    def latest(self, *, limit: int = 20) -> list[Step]:
        """What happened last, to anybody, the newest first."""
        with self._engine.connect() as connection:
            return steps(connection, None, newest_first=True, limit=limit)


def steps(
    connection: Connection,
    subjects: Sequence[str] | None,
    *,
    types: Sequence[str] = (),
    newest_first: bool = False,
    limit: int = 1000,
) -> list[Step]:
    """The events about any of these subjects (None: about anything), each once, with their transactions."""
    h, x, s = t.history.c, t.transactions.c, t.subjects.c
    query = select(
        h.type, h.body, h.at, h.block, h.position, h.number, x.transaction_id, x.creator, x.signer, x.function
    ).join_from(t.history, t.transactions, and_(h.block == x.block, h.position == x.position))
    if subjects is not None:
        about = select(s.block, s.position, s.number).where(s.subject.in_(subjects))
        query = query.where(tuple_(h.block, h.position, h.number).in_(about))
    if types:
        query = query.where(h.type.in_(types))
    order = (h.block, h.position, h.number)
    query = query.order_by(*(column.desc() for column in order) if newest_first else order).limit(limit)
    return all_of(Step, connection, query)
