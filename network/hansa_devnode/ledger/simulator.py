"""Fabric's transaction simulator: a transaction proposal runs on a snapshot, its reads and writes are recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

ChaincodeInterest = Any  # peer.ChaincodeInterest of fabric_protos, which has no stubs
KeyModification = Any  # queryresult.KeyModification


@dataclass(frozen=True)
class KeyValue:
    """One result of a range query.

    Args:
        namespace: the chaincode whose state it is.
        key: the key.
        value: its committed value.
    """

    namespace: str
    key: str
    value: bytes


@dataclass(frozen=True)
class SimulationResult:
    """What a finished simulation leaves.

    Args:
        public: serialized `rwset.TxReadWriteSet` (with the hashes of private reads and writes), byte for byte as
            Fabric's peer serializes it: the `results` of the chaincode action.
        private: serialized `rwset.TxPvtReadWriteSet`, or None where nothing private was written. An endorser hands
            it to `Ledger.keep_private`, never to the client.
        interest: `peer.ChaincodeInterest` for the proposal response: which chaincodes, collections and key-level
            policies have to endorse, without system chaincodes.
    """

    public: bytes
    private: bytes | None
    interest: ChaincodeInterest


class RangeScan:
    """A lazy range query. What was taken from it, and no more, enters the read set (for the phantom check)."""

    def __iter__(self) -> Iterator[KeyValue]:
        """Iterate in the order of the keys' bytes."""
        ...

    def __next__(self) -> KeyValue:
        """Return the next result.

        Raises:
            StopIteration: at the end, which is recorded too.
        """
        ...

    def bookmark(self) -> str:
        """Close the scan and return the first key that was not taken, "" at the end of the range."""
        ...

    def close(self) -> None:
        """Take no further results; the ones taken stay in the read set."""
        ...


class Simulator:
    """One transaction's view of the ledger, for one organisation's peer.

    Reads see the state committed when the simulator was made and nothing of this transaction's own writes. Not for
    use from two threads at once; any thread may use it. Close it: an open one holds on to old pages of the store.
    Every method raises `SimulationError` with Fabric's text where Fabric refuses.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """Release the snapshot; a second call does nothing."""
        ...

    @property
    def height(self) -> int:
        """Number of blocks the snapshot contains."""
        ...

    def get_state(self, namespace: str, key: str) -> bytes | None:
        """Return the committed value, None where the key is absent."""
        ...

    def get_states(self, namespace: str, keys: Sequence[str]) -> list[bytes | None]:
        """Return the committed values in the order of the keys (GET_STATE_MULTIPLE)."""
        ...

    def get_state_metadata(self, namespace: str, key: str) -> dict[str, bytes]:
        """Return the key's metadata by name; "VALIDATION_PARAMETER" is its endorsement policy."""
        ...

    def put_state(self, namespace: str, key: str, value: bytes) -> None:
        """Record a write; an empty value is a delete, as in Fabric."""
        ...

    def delete_state(self, namespace: str, key: str) -> None:
        """Record a delete."""
        ...

    def set_state_metadata(self, namespace: str, key: str, metadata: Mapping[str, bytes]) -> None:
        """Record the key's whole metadata; empty removes it. Ignored at commit where the key is absent."""
        ...

    def scan(self, namespace: str, start: str, end: str) -> RangeScan:
        """Query keys from `start` (included) to `end` (excluded; "" means no end)."""
        ...

    def scan_page(self, namespace: str, start: str, end: str, page_size: int) -> RangeScan:
        """Query at most `page_size` keys (0: all). The transaction may not write, before or after."""
        ...

    def history(self, namespace: str, key: str) -> Iterator[KeyModification]:
        """Return the key's modifications, newest first, as `queryresult.KeyModification`. Not in the read set."""
        ...

    def get_private(self, namespace: str, collection: str, key: str) -> bytes | None:
        """Return a private value, None where the key is absent.

        Raises:
            SimulationError: also where this organisation does not hold the data that the public hash promises.
        """
        ...

    def get_privates(self, namespace: str, collection: str, keys: Sequence[str]) -> list[bytes | None]:
        """Return private values; unlike `get_private`, None where this organisation does not hold them (as Fabric)."""
        ...

    def get_private_hash(self, namespace: str, collection: str, key: str) -> bytes | None:
        """Return SHA-256 of a private value, on members and non-members alike."""
        ...

    def get_private_metadata(self, namespace: str, collection: str, key: str) -> dict[str, bytes]:
        """Return a private key's metadata by name."""
        ...

    def put_private(self, namespace: str, collection: str, key: str, value: bytes) -> None:
        """Record a private write; an empty value is a delete."""
        ...

    def delete_private(self, namespace: str, collection: str, key: str) -> None:
        """Record a private delete."""
        ...

    def purge_private(self, namespace: str, collection: str, key: str) -> None:
        """Record that the key and its history vanish from every organisation's private store."""
        ...

    def set_private_metadata(
        self, namespace: str, collection: str, key: str, metadata: Mapping[str, bytes]
    ) -> None:
        """Record a private key's whole metadata; empty removes it."""
        ...

    def scan_private(self, namespace: str, collection: str, start: str, end: str) -> Iterator[KeyValue]:
        """Query private keys this organisation holds. No phantom check, so the transaction may not write."""
        ...

    def result(self) -> SimulationResult:
        """Finish and return what the transaction read and wrote; may be called once."""
        ...
