"""The LMDB environment under the ledger: named databases, read snapshots, one durable write at a time."""

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import lmdb

from hansa_devnode.ledger.errors import LedgerError
from hansa_devnode.ledger.keyspace import Database, KeySpace, Transaction

_Result = TypeVar("_Result")

# Address space, neither memory nor disk. So much of it, because the map can only grow while nobody reads.
INITIAL_MAP_SIZE = 1 << 38
_MODEST_MAP_SIZE = 1 << 30  # where the system grants less
_MAX_READERS = 8192  # simulations in flight; a slot takes 64 bytes
_LONGEST_READ = 60.0  # seconds, longer than any chaincode may take
_LONGEST_WAIT = 0.25  # seconds; a caller on an event loop keeps others from finishing meanwhile
_DATABASES = (
    "blocks",
    "block_hashes",
    "transactions",
    "facts",
    "state",
    "hashed",
    "private",
    "private_keys",
    "private_sets",
    "private_writes",
    "history",
)


class Databases:
    """Handles of the named databases; the attribute's name is the database's.

    Args:
        environment: the open LMDB environment.
    """

    def __init__(self, environment: lmdb.Environment) -> None:
        handles: dict[str, Database] = {
            name: environment.open_db(name.encode("ascii")) for name in _DATABASES
        }
        # number (8 bytes) -> serialized block; header hash -> number; tx id -> block, index, code; name ->
        # bytes
        self.blocks = handles["blocks"]
        self.block_hashes = handles["block_hashes"]
        self.transactions = handles["transactions"]
        self.facts = handles["facts"]
        # namespace, key -> versioned value
        self.state = KeySpace(handles["state"])
        # namespace, collection, key hash -> versioned value hash
        self.hashed = KeySpace(handles["hashed"])
        # MSP id, namespace, collection, key -> versioned value
        self.private = KeySpace(handles["private"])
        # MSP id, namespace, collection, key hash -> key
        self.private_keys = KeySpace(handles["private_keys"])
        # MSP id, block, index -> TxPvtReadWriteSet
        self.private_sets = KeySpace(handles["private_sets"])
        # hash of (MSP id, namespace, collection, key hash), block, index -> nothing: which sets a purge has
        # to rewrite
        self.private_writes = handles["private_writes"]
        # hash of (namespace, key), block, index -> nothing
        self.history = handles["history"]


class Snapshot:
    """A read transaction: everything read through it is of one moment.

    Args:
        store: the store it belongs to.
        transaction: the LMDB read transaction.
    """

    def __init__(self, store: "Store", transaction: Transaction) -> None:
        self._store = store
        self.transaction = transaction
        self.databases = store.databases
        self.closed = False

    def close(self) -> None:
        """Release the pages it holds; a second call does nothing."""
        if not self.closed:
            self.closed = True
            self.transaction.abort()
            self._store.release()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Store:
    """One LMDB environment, owned by one process. Safe to use from any thread.

    Args:
        path: folder, made where absent.
        map_size: first size of the memory map in bytes; it doubles as needed.

    Raises:
        LedgerError: another process has the folder open, or it is no store.
    """

    def __init__(self, path: Path, map_size: int = INITIAL_MAP_SIZE) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._owner = (path / "owner").open("a")
        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._owner.close()
            raise LedgerError(f"the ledger in {path} is in use by another process") from error
        try:
            self._environment = open_environment(
                path, map_size, max_dbs=len(_DATABASES), max_readers=_MAX_READERS, max_spare_txns=64
            )
            self.databases = Databases(self._environment)
        except lmdb.Error as error:
            self._owner.close()
            raise LedgerError(f"cannot open the ledger in {path}: {error}") from error
        self._writing = threading.Lock()
        self._readers = 0
        self._resizing = False
        self._gate = threading.Condition()

    def close(self) -> None:
        """Close the environment; every snapshot must be closed before."""
        self._environment.close()
        self._owner.close()

    def snapshot(self) -> Snapshot:
        """Begin to read.

        Raises:
            LedgerError: the map is being enlarged, which waits for simulations that do not end.
        """
        with self._gate:
            if not self._gate.wait_for(lambda: not self._resizing, _LONGEST_WAIT):
                raise LedgerError("the ledger is about to grow: try again")
            self._readers += 1
        try:
            return Snapshot(self, self._environment.begin())
        except lmdb.Error as error:
            self.release()
            raise LedgerError(f"cannot read the ledger: {error}") from error

    def release(self) -> None:
        """Tell that a snapshot ended (`Snapshot.close` calls it)."""
        with self._gate:
            self._readers -= 1
            self._gate.notify_all()

    def write(self, apply: Callable[[Transaction], _Result]) -> _Result:
        """Run `apply` in a write transaction and commit it with fsync.

        Args:
            apply: writes through the transaction it is given. Where the map proves too small, nothing of it
                stays, the map is enlarged, and it runs again.
        """
        with self._writing:
            while True:
                transaction = self._environment.begin(write=True)
                try:
                    result = apply(transaction)
                    transaction.commit()
                except lmdb.MapFullError:
                    self._enlarge(transaction)
                except BaseException:
                    transaction.abort()
                    raise
                else:
                    return result

    def _enlarge(self, transaction: Transaction) -> None:
        # LMDB moves the map, so nobody may be reading; simulations are short, and new ones wait at the gate.
        # The abort stands inside, too: py-lmdb lets it wait until no thread is in the middle of a read, which
        # under load might be never.
        with self._gate:
            self._resizing = True
            try:
                drained = self._gate.wait_for(lambda: self._readers == 0, _LONGEST_READ)
                transaction.abort()
                if not drained:
                    raise LedgerError("the ledger cannot grow: a simulation has been open for too long")
                self._environment.set_mapsize(self._environment.info()["map_size"] * 2)
            finally:
                self._resizing = False
                self._gate.notify_all()


def open_environment(path: Path, map_size: int, **options: Any) -> lmdb.Environment:
    """Open an LMDB environment, with a modest map where the system grants no large one.

    Args:
        path: its folder.
        map_size: bytes of address space to ask for.
        options: further arguments of `lmdb.open`.

    Raises:
        lmdb.Error: it cannot be opened.
    """
    try:
        return lmdb.open(str(path), map_size=map_size, **options)
    except lmdb.MemoryError:
        if map_size <= _MODEST_MAP_SIZE:
            raise
        return lmdb.open(str(path), map_size=_MODEST_MAP_SIZE, **options)
