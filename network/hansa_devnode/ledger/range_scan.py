"""A range query in progress, and what it leaves in the read set."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from hansa_devnode.ledger.range_digest import RangeDigest
from hansa_devnode.ledger.versions import VersionedValue
from hansa_fabric.rwsets import RangeQuery


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


class RangeScan:
    """A lazy range query. What was taken from it, and no more, enters the read set (for the phantom check).

    Args:
        namespace: the chaincode whose state is read.
        start: first key asked for.
        end: key to stop before, "" for none.
        results: the committed keys in the range, in order.
        limit: most results to give, 0 for all.
    """

    def __init__(
        self,
        namespace: str,
        start: str,
        end: str,
        results: Iterator[tuple[str, VersionedValue]],
        limit: int = 0,
    ) -> None:
        self._namespace = namespace
        self._start = start
        self._end = end
        self._results: Iterator[tuple[str, VersionedValue]] = results
        self._limit = limit
        self._taken = 0
        self._last = ""
        self._exhausted = False
        self._digest = RangeDigest()

    def __iter__(self) -> Self:
        """Iterate in the order of the keys' bytes."""
        return self

    def __next__(self) -> KeyValue:
        """Return the next result.

        Raises:
            StopIteration: at the end, which is recorded too.
        """
        found = None if 0 < self._limit <= self._taken else next(self._results, None)
        if found is None:
            # Fabric records a full page as an exhausted range, too; such transactions cannot write anyway.
            self._exhausted = True
            raise StopIteration
        key, stored = found
        self._taken += 1
        self._last = key
        self._digest.add(key, stored.version)
        return KeyValue(self._namespace, key, stored.value)

    def bookmark(self) -> str:
        """Close the scan and return the first key that was not taken, "" at the end of the range."""
        found = next(self._results, None)
        self.close()
        return "" if found is None else found[0]

    def close(self) -> None:
        """Take no further results; the ones taken stay in the read set."""
        self._results = iter(())

    def record(self) -> RangeQuery:
        """Return what the read set tells of this query; call it once, at the end."""
        reads, summary = self._digest.finish()
        end = self._end if self._exhausted else self._last
        return RangeQuery(self._start, end, self._exhausted, reads, summary)
