"""The read model's database: made, followed block by block, and made anew when it is of another version."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.engine import make_url

from hansa.ledger import LedgerBlock, LedgerTransaction
from hansa_readmodel import tables as t
from hansa_readmodel.fold import Place, UnknownEventError, apply_event


class ReadModelError(Exception):
    """The database cannot be used; the text says why and what to do."""


def open_database(url: str) -> Engine:
    """An engine for a read model at an SQLAlchemy URL; SQLite is set up to be read while it is written."""
    engine = create_engine(url)
    if make_url(url).get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # What a crash takes of the newest blocks, the projector reads again: the checkpoint goes with the rows.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


class ReadModel:
    """The read model of one ledger.

    Args:
        engine: the database.
        genesis_hash: of the ledger followed, hexadecimal.
    """

    def __init__(self, engine: Engine, genesis_hash: str) -> None:
        self._engine = engine
        self._genesis_hash = genesis_hash

    def prepare(self) -> int:
        """Makes the tables where they are missing or of another version, and tells the next block wanted.

        Raises:
            ReadModelError: the database follows another ledger.
        """
        with self._engine.begin() as connection:
            found = self._checkpoint(connection)
            if found is not None and found.genesis_hash != self._genesis_hash:
                raise ReadModelError(
                    "This read model follows another ledger: give another database, or delete this one."
                )
            if found is not None and found.schema_version == t.SCHEMA_VERSION:
                return int(found.next_block)
            t.metadata.drop_all(connection)
            t.metadata.create_all(connection)
            first = {
                "id": 1,
                "schema_version": t.SCHEMA_VERSION,
                "genesis_hash": self._genesis_hash,
                "next_block": 0,
                "last_at": "",
            }
            connection.execute(insert(t.checkpoint).values(**first))
            return 0

    def apply(self, block: LedgerBlock) -> None:
        """Folds one block in, with the checkpoint in the same SQL transaction.

        Raises:
            ReadModelError: it is not the next one, or has events this version does not know.
        """
        with self._engine.begin() as connection:
            found = self._checkpoint(connection)
            if found is None or found.next_block != block.number:
                raise ReadModelError(f"Block {block.number} is not the next one to be read.")
            for transaction in block.transactions:
                _apply_transaction(connection, block.number, transaction)
            last_at = max((x.at for x in block.transactions), default=found.last_at)
            connection.execute(update(t.checkpoint).values(next_block=block.number + 1, last_at=last_at))

    def _checkpoint(self, connection: Connection) -> Any:
        if not inspect(connection).has_table(t.checkpoint.name):
            return None
        return connection.execute(select(t.checkpoint)).one_or_none()


def _apply_transaction(connection: Connection, block: int, transaction: LedgerTransaction) -> None:
    connection.execute(
        insert(t.transactions).values(
            block=block,
            position=transaction.index,
            transaction_id=transaction.transaction_id[:64],
            validation_code=transaction.validation_code,
            creator=transaction.creator[:64],
            signer=transaction.signer[:200],
            chaincode=transaction.chaincode[:64],
            function=transaction.function[:64],
            at=transaction.at,
        )
    )
    for number, happened in enumerate(transaction.events):
        place = Place(block, transaction.index, number)
        try:
            apply_event(connection, happened, place)
        except UnknownEventError as error:
            raise ReadModelError(
                f"Block {block} has an event this version does not know ({error}): install a newer version."
            ) from error


def digest(engine: Engine) -> str:
    """SHA-256 over every row of every table, in order: equal for equal read models."""
    whole = hashlib.sha256()
    with engine.connect() as connection:
        for table in t.metadata.sorted_tables:
            whole.update(table.name.encode())
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            for row in rows:
                whole.update(json.dumps(list(row), sort_keys=True, default=str).encode() + b"\n")
    return whole.hexdigest()
