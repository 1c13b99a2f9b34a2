"""Private sets of endorsed transactions that no block holds yet: Fabric's transient store."""

from pathlib import Path
from typing import Any

import lmdb

from hansa_devnode.ledger.errors import LedgerError
from hansa_devnode.ledger.store import open_environment
from hansa_fabric.rwsets import PrivateNamespace, PrivateSet

_MAP_SIZE = 1 << 36  # address space, not memory or disk
_BLOCKS_TO_KEEP = 1000  # blocks after which an endorsed transaction is taken as given up
_HEIGHT = 8


class KeptPrivateSets:
    """Keeps private sets by transaction id. Safe to use from any thread.

    Written without fsync: what is kept survives the end of the process, not a loss of power, after which a
    transaction that still commits counts as one whose private data this node misses.

    Args:
        path: folder of the store, made where absent.

    Raises:
        LedgerError: the folder holds no such store.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        _drop_after_reboot(path)
        try:
            self._environment = open_environment(path, _MAP_SIZE, max_dbs=1, sync=False)
            self._sets = self._environment.open_db(b"sets")
        except lmdb.Error as error:
            raise LedgerError(f"cannot open the endorsed private data in {path}: {error}") from error

    def close(self) -> None:
        """Close the store."""
        self._environment.close()

    def keep(self, tx_id: str, private: bytes, height: int) -> None:
        """Keep one endorser's private set of a transaction, together with what others kept of it.

        Args:
            tx_id: transaction id.
            private: serialized `rwset.TxPvtReadWriteSet`.
            height: the ledger's height, to give old ones up.
        """
        key = tx_id.encode()
        try:
            with self._environment.begin(write=True) as transaction:
                stored: bytes | None = transaction.get(key, db=self._sets)
                if stored is not None and stored[_HEIGHT:] != private:
                    private = _merge(stored[_HEIGHT:], private)
                transaction.put(key, height.to_bytes(_HEIGHT, "big") + private, db=self._sets)
        except lmdb.Error as error:
            raise LedgerError(f"cannot keep the private data of transaction {tx_id}: {error}") from error

    def find(self, tx_id: str) -> PrivateSet | None:
        """Return what was kept of a transaction."""
        with self._environment.begin() as transaction:
            stored: bytes | None = transaction.get(tx_id.encode(), db=self._sets)
        return None if stored is None else PrivateSet.parse(stored[_HEIGHT:])

    def forget(self, tx_ids: list[str], height: int) -> None:
        """Drop transactions that are in a block now, and those endorsed long ago.

        Args:
            tx_ids: the committed transactions.
            height: the ledger's height.
        """
        with self._environment.begin(write=True) as transaction:
            for tx_id in tx_ids:
                if tx_id:
                    transaction.delete(tx_id.encode(), db=self._sets)
            if height % _BLOCKS_TO_KEEP == 0:
                self._forget_old(transaction, height - _BLOCKS_TO_KEEP)

    def _forget_old(self, transaction: lmdb.Transaction, oldest: int) -> None:
        with transaction.cursor(db=self._sets) as cursor:
            found = cursor.first()
            while found:
                if int.from_bytes(cursor.value()[:_HEIGHT], "big") < oldest:
                    found = cursor.delete()
                else:
                    found = cursor.next()


def _drop_after_reboot(path: Path) -> None:
    # Without fsync, LMDB's pages may be torn after a crash of the machine (not after one of this process).
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    except OSError:
        return  # not Linux: nothing tells boots apart
    marker = path / "boot"
    if marker.exists() and marker.read_text() != boot:
        (path / "data.mdb").unlink(missing_ok=True)
    marker.write_text(boot)


def _merge(first: bytes, second: bytes) -> bytes:
    # Endorsers of one transaction agree on what they both wrote; each may lack collections of others.
    merged: dict[str, dict[str, Any]] = {}
    for stored in (first, second):
        for space in PrivateSet.parse(stored).namespaces:
            for collection in space.collections:
                merged.setdefault(space.name, {})[collection.name] = collection
    spaces = (PrivateNamespace(name, tuple(found.values())) for name, found in merged.items())
    return PrivateSet(tuple(spaces)).serialize()
