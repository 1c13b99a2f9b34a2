"""The read model's database: made, followed block by block, and made anew when it is of another version."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, ProgrammingError, SQLAlchemyError

from hansa.ledger import LedgerBlock, LedgerTransaction
from hansa_readmodel import tables as t
from hansa_readmodel.fold import Place, UnknownEventError, apply_event

_CONNECT_SECONDS = 10
_ONE_AT_A_TIME = 0x68616E7361
"""The advisory lock under which tables are made on PostgreSQL; any number that nothing else there uses."""


class ReadModelError(Exception):
    """The database cannot be used; the text says why and what to do."""


class NotNextError(ReadModelError):
    """The block is not the one that the read model wants next: another projector may have read it."""


def open_database(url: str) -> Engine:
    """An engine for a read model; SQLite is set up to be read while it is written.

    Args:
        url: an SQLAlchemy URL, ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``.

    Raises:
        ReadModelError: it is no URL of these two databases, or their driver is not installed.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    patience = {} if "connect_timeout" in parsed.query else {"connect_timeout": _CONNECT_SECONDS}
    try:
        # A server that was restarted has closed what is in the pool: a connection is tried before it is used.
        return create_engine(parsed, pool_pre_ping=True, connect_args=patience)
    except ModuleNotFoundError as error:
        raise ReadModelError(f"PostgreSQL needs {error.name}: pip install 'hansa[postgres]'") from error


def database_url(url: str) -> URL:
    """A read model's URL with its driver.

    Raises:
        ReadModelError: it is none, or of a database that the read model does not run on.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ReadModelError("The database's URL is none: sqlite:///FILE or postgresql://...") from error
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ReadModelError(
            f"The read model runs on SQLite and PostgreSQL (psycopg), not on {parsed.drivername}."
        )
    return parsed


def reach(engine: Engine) -> None:
    """Connects once, so that what cannot work is told at once.

    Raises:
        ReadModelError: the database does not let us in; the text says why.
    """
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise ReadModelError(f"The read model's database cannot be opened: {said(error)}") from error


def said(error: SQLAlchemyError) -> str:
    """What a database said, in one line."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


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
            ReadModelError: the database follows another ledger, holds tables of something else, is not in
                UTF-8, or does not let this user make tables.
        """
        try:
            return self._prepare()
        except ProgrammingError as error:
            raise ReadModelError(
                f"The read model's tables cannot be made: {said(error)}. Its user must own its schema."
            ) from error

    def _prepare(self) -> int:
        with self._engine.begin() as connection:
            _alone(connection)
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
            NotNextError: it is not the next one.
            ReadModelError: it has events this version does not know.
        """
        c = t.checkpoint.c
        read = {"next_block": block.number + 1}
        moments = [transaction.at for transaction in block.transactions]
        with self._engine.begin() as connection:
            # First, since it locks: of two projectors with one block, one waits here and then finds it read.
            changed = update(t.checkpoint).where(
                c.next_block == block.number,
                c.schema_version == t.SCHEMA_VERSION,
                c.genesis_hash == self._genesis_hash,
            )
            changed = changed.values(**read, **({"last_at": max(moments)} if moments else {}))
            if connection.execute(changed).rowcount == 0:
                raise NotNextError(f"Block {block.number} is not the next one to be read.")
            for transaction in block.transactions:
                _apply_transaction(connection, block.number, transaction)

    def _checkpoint(self, connection: Connection) -> Any:
        here = inspect(connection)
        if here.has_table(t.checkpoint.name):
            return connection.execute(select(t.checkpoint)).one_or_none()
        strange = sorted(set(here.get_table_names()) & set(t.metadata.tables))
        if strange:
            raise ReadModelError(
                f"This database has a table {strange[0]} that is not the read model's: give it its own."
            )
        return None


def _alone(connection: Connection) -> None:
    """Makes others that would make tables wait until this transaction is over."""
    if connection.dialect.name == "sqlite":
        # Python's driver would begin a transaction with the first row only, and leave tables half made.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise ReadModelError(f"The database is in {encoding}: make one with ENCODING 'UTF8'.")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})


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
