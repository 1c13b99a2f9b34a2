"""Fabric's transaction simulator: a proposal runs on a snapshot, its reads and writes are recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from hansa_devnode.ledger.access import CollectionAccess
from hansa_devnode.ledger.errors import SimulationError
from hansa_devnode.ledger.history import KeyModification, key_history
from hansa_devnode.ledger.interest import Interest
from hansa_devnode.ledger.range_scan import KeyValue, RangeScan
from hansa_devnode.ledger.state import StateReader
from hansa_devnode.ledger.store import Snapshot
from hansa_devnode.ledger.versions import VersionedValue, metadata_entries, show_version, version_of
from hansa_fabric.rwset_builder import RwsetBuilder
from hansa_fabric.rwsets import key_hash

ChaincodeInterest = Any  # peer.ChaincodeInterest of fabric_protos, which has no stubs


@dataclass(frozen=True)
class SimulationResult:
    """What a finished simulation leaves.

    Args:
        public: serialized `rwset.TxReadWriteSet` (with the hashes of private reads and writes), as Fabric's
            peer serializes it: the `results` of the chaincode action.
        private: serialized `rwset.TxPvtReadWriteSet`, or None where nothing private was written. An endorser
            hands it to `Ledger.keep_private`, never to the client.
        interest: `peer.ChaincodeInterest` for the proposal response: which chaincodes, collections and
            key-level policies have to endorse, without system chaincodes.
    """

    public: bytes
    private: bytes | None
    interest: ChaincodeInterest


class Simulator:
    """One transaction's view of the ledger, for one organisation's peer. `Ledger.simulator` makes it.

    Reads see the state committed when the simulator was made and nothing of this transaction's own writes.
    Not for use from two threads at once; any thread may use it. Close it: an open one holds on to old pages
    of the store. Every method raises `SimulationError` with Fabric's text where Fabric refuses.

    Args:
        snapshot: the state it sees; closed with the simulator.
        msp_id: the organisation whose private data is there.
        tx_id: transaction id, for error texts.
        access: checks uses of collections.
        height: number of blocks the snapshot contains.
    """

    def __init__(
        self, snapshot: Snapshot, msp_id: str, tx_id: str, access: CollectionAccess, height: int
    ) -> None:
        self._snapshot = snapshot
        self._state = StateReader(snapshot)
        self._msp_id = msp_id
        self._tx_id = tx_id
        self._access = access
        self._height = height
        self._sets = RwsetBuilder()
        self._namespaces: set[str] = set()
        self._scans: list[tuple[str, RangeScan]] = []
        self._interest = Interest()
        self._wrote = False
        self._queried_private = False
        self._queried_pages = False
        self._finished = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the snapshot; a second call does nothing."""
        self._snapshot.close()

    @property
    def height(self) -> int:
        """Number of blocks the snapshot contains."""
        return self._height

    # Public state

    def get_state(self, namespace: str, key: str) -> bytes | None:
        """Return the committed value, None where the key is absent."""
        found = self._read(namespace, key)
        return None if found is None else found.value

    def get_states(self, namespace: str, keys: Sequence[str]) -> list[bytes | None]:
        """Return the committed values in the order of the keys (GET_STATE_MULTIPLE)."""
        return [self.get_state(namespace, key) for key in keys]

    def get_state_metadata(self, namespace: str, key: str) -> dict[str, bytes]:
        """Return the key's metadata by name; "VALIDATION_PARAMETER" is its endorsement policy."""
        found = self._read(namespace, key)
        return {} if found is None else metadata_entries(found.metadata)

    def put_state(self, namespace: str, key: str, value: bytes) -> None:
        """Record a write; an empty value is a delete, as in Fabric."""
        self._check_write()
        self._namespaces.add(namespace)
        self._sets.write(namespace, key, value or None)
        self._touch(namespace, key)

    def delete_state(self, namespace: str, key: str) -> None:
        """Record a delete."""
        self.put_state(namespace, key, b"")

    def set_state_metadata(self, namespace: str, key: str, metadata: Mapping[str, bytes]) -> None:
        """Record the key's whole metadata; empty removes it. Ignored at commit where the key is absent."""
        self._check_write()
        self._namespaces.add(namespace)
        self._sets.metadata(namespace, key, metadata)
        self._touch(namespace, key)

    def scan(self, namespace: str, start: str, end: str) -> RangeScan:
        """Query keys from `start` (included) to `end` (excluded; "" means no end)."""
        return self._scan(namespace, start, end, 0)

    def scan_page(self, namespace: str, start: str, end: str, page_size: int) -> RangeScan:
        """Query at most `page_size` keys (0: all). The transaction may not write, before or after."""
        if self._wrote:
            raise self._unsupported("Paginated queries are supported only in a read-only transaction")
        self._queried_pages = True
        return self._scan(namespace, start, end, page_size)

    def query(self, namespace: str, query: str) -> RangeScan:
        """Refuse a rich query, as Fabric's peers on LevelDB do."""
        raise SimulationError("ExecuteQuery not supported for leveldb")

    def history(self, namespace: str, key: str) -> Iterator[KeyModification]:
        """Return `queryresult.KeyModification`s of a key, newest first. They are not in the read set."""
        self._check_open()
        return key_history(self._snapshot, namespace, key)

    # Private data

    def get_private(self, namespace: str, collection: str, key: str) -> bytes | None:
        """Return a private value, None where the key is absent.

        Raises:
            SimulationError: also where this organisation does not hold the data that the public hash
                promises.
        """
        self._check_read_private(namespace, collection)
        found = self._state.private(self._msp_id, namespace, collection, key)
        hashed = self._state.hashed(namespace, collection, key_hash(key))
        if version_of(found) != version_of(hashed):
            raise SimulationError(
                "private data matching public hash version is not available. "
                f"Public hash version = {show_version(version_of(hashed))}, "
                f"Private data version = {show_version(version_of(found))}"
            )
        self._record_private_read(namespace, collection, key, found)
        return None if found is None else found.value

    def get_privates(self, namespace: str, collection: str, keys: Sequence[str]) -> list[bytes | None]:
        """Return private values; unlike `get_private`, None where this organisation does not hold them."""
        self._check_read_private(namespace, collection)
        values: list[bytes | None] = []
        for key in keys:
            found = self._state.private(self._msp_id, namespace, collection, key)
            self._record_private_read(namespace, collection, key, found)
            values.append(None if found is None else found.value)
        return values

    def get_private_hash(self, namespace: str, collection: str, key: str) -> bytes | None:
        """Return SHA-256 of a private value, on members and non-members alike, whoever asks."""
        self._check_open()
        self._access.check_defined(namespace, collection)
        found = self._read_hash(namespace, collection, key)
        return None if found is None else found.value

    def get_private_metadata(self, namespace: str, collection: str, key: str) -> dict[str, bytes]:
        """Return a private key's metadata by name."""
        self._check_read_private(namespace, collection)
        found = self._read_hash(namespace, collection, key)
        return {} if found is None else metadata_entries(found.metadata)

    def put_private(self, namespace: str, collection: str, key: str, value: bytes) -> None:
        """Record a private write; an empty value is a delete."""
        self._check_write_private(namespace, collection)
        self._sets.private_write(namespace, collection, key, value or None)
        self._touch_private(namespace, collection, key)

    def delete_private(self, namespace: str, collection: str, key: str) -> None:
        """Record a private delete."""
        self.put_private(namespace, collection, key, b"")

    def purge_private(self, namespace: str, collection: str, key: str) -> None:
        """Record that the key and its history vanish from every organisation's private store."""
        self._check_write_private(namespace, collection)
        self._sets.private_purge(namespace, collection, key)
        self._touch_private(namespace, collection, key)

    def set_private_metadata(
        self, namespace: str, collection: str, key: str, metadata: Mapping[str, bytes]
    ) -> None:
        """Record a private key's whole metadata; empty removes it."""
        self._check_write_private(namespace, collection)
        self._sets.private_metadata(namespace, collection, key, metadata)
        self._touch_private(namespace, collection, key)

    def scan_private(self, namespace: str, collection: str, start: str, end: str) -> Iterator[KeyValue]:
        """Query private keys this organisation holds. No phantom check, so the transaction may not write."""
        if self._wrote:
            raise self._unsupported("Queries on pvt data is supported only in a read-only transaction")
        self._check_read_private(namespace, collection)
        self._queried_private = True
        found = self._state.scan_private(self._msp_id, namespace, collection, start, end)
        return (KeyValue(namespace, key, stored.value) for key, stored in found)

    # The end

    def result(self) -> SimulationResult:
        """Finish and return what the transaction read and wrote; may be called once."""
        self._check_open()
        if self._finished:
            raise SimulationError(
                "this function should only be called once on a transaction simulator instance"
            )
        self._finished = True
        seen: set[tuple[str, str, str, bool]] = set()
        for namespace, scan in self._scans:
            record = scan.record()
            identity = (namespace, record.start, record.end, record.exhausted)
            if identity not in seen:
                seen.add(identity)
                self._sets.range_query(namespace, record)
        public, private = self._sets.build()
        return SimulationResult(
            public=public.serialize(),
            private=None if private is None else private.serialize(),
            interest=self._interest.message(sorted(self._namespaces)),
        )

    def _read(self, namespace: str, key: str) -> VersionedValue | None:
        self._check_open()
        found = self._state.public(namespace, key)
        self._namespaces.add(namespace)
        self._sets.read(namespace, key, version_of(found))
        return found

    def _read_hash(self, namespace: str, collection: str, key: str) -> VersionedValue | None:
        found = self._state.hashed(namespace, collection, key_hash(key))
        self._namespaces.add(namespace)
        self._sets.hashed_read(namespace, collection, key, version_of(found))
        return found

    def _record_private_read(
        self, namespace: str, collection: str, key: str, found: VersionedValue | None
    ) -> None:
        self._namespaces.add(namespace)
        self._sets.hashed_read(namespace, collection, key, version_of(found))
        self._interest.read_private(namespace, collection)

    def _scan(self, namespace: str, start: str, end: str, limit: int) -> RangeScan:
        self._check_open()
        scan = RangeScan(namespace, start, end, self._state.scan(namespace, start, end), limit)
        self._namespaces.add(namespace)
        self._scans.append((namespace, scan))
        return scan

    def _touch(self, namespace: str, key: str) -> None:
        found = self._state.public(namespace, key)
        self._interest.write(namespace, "", key, {} if found is None else metadata_entries(found.metadata))

    def _touch_private(self, namespace: str, collection: str, key: str) -> None:
        self._namespaces.add(namespace)
        found = self._state.hashed(namespace, collection, key_hash(key))
        metadata = {} if found is None else metadata_entries(found.metadata)
        self._interest.write(namespace, collection, key, metadata)

    def _check_open(self) -> None:
        if self._snapshot.closed:
            raise SimulationError("this instance should not be used after calling Done()")

    def _check_read_private(self, namespace: str, collection: str) -> None:
        self._check_open()
        self._access.check_read(namespace, collection)

    def _check_write_private(self, namespace: str, collection: str) -> None:
        self._check_open()
        self._access.check_write(namespace, collection)
        self._check_write()

    def _check_write(self) -> None:
        self._check_open()
        if self._queried_private:
            raise self._unsupported(
                "Transaction has already performed queries on pvt data. Writes are not allowed"
            )
        if self._queried_pages:
            raise self._unsupported(
                "Transaction has already performed a paginated query. Writes are not allowed"
            )
        self._wrote = True

    def _unsupported(self, why: str) -> SimulationError:
        # "unsuppored" is how Fabric spells it, and clients match on texts.
        return SimulationError(f"txid [{self._tx_id}]: unsuppored transaction. {why}")
