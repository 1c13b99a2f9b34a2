"""What a range query leaves in the read set: the reads themselves, or beyond 50 a Merkle digest of them.

The shape of the tree is part of Fabric's format: endorsers and committers must arrive at equal bytes.
"""

from hashlib import sha256

from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2

from hansa_fabric.rwsets import MerkleSummary, Read, Version

MAX_DEGREE = 50


class RangeDigest:
    """Collects the results of one range query in order.

    Args:
        max_degree: results (and hashes per level) up to this number are kept as they are; at least 2.

    Raises:
        ValueError: a lower degree.
    """

    def __init__(self, max_degree: int = MAX_DEGREE) -> None:
        if max_degree < 2:
            raise ValueError(f"maxDegree [{max_degree}] should not be less than 2 in the merkle tree")
        self._degree = max_degree
        self._pending: list[Read] = []
        # Level 1 hashes groups of reads, every further level groups of the hashes below; a level's list is
        # emptied when it overflows into the next.
        self._levels: list[list[bytes]] = [[]]

    def add(self, key: str, version: Version) -> None:
        """Take the next result."""
        self._pending.append(Read(key, version))
        if len(self._pending) > self._degree:
            self._close_group()

    def finish(self) -> tuple[tuple[Read, ...], MerkleSummary | None]:
        """Return all reads, or beyond the degree none and the digest; call it once."""
        if not self._hashing:
            return tuple(self._pending), None
        if self._pending:
            self._close_group()
        self._complete()
        return (), self.summary()

    def summary(self) -> MerkleSummary:
        """Return the digest as it stands."""
        return MerkleSummary(self._degree, len(self._levels), tuple(self._levels[-1]))

    @property
    def _hashing(self) -> bool:
        return len(self._levels) > 1 or bool(self._levels[0])

    def _close_group(self) -> None:
        reads = kv_rwset_pb2.QueryReads()
        for key, version in self._pending:
            read = reads.kv_reads.add(key=key)
            if version is not None:
                read.version.CopyFrom(
                    kv_rwset_pb2.Version(block_num=version.block, tx_num=version.transaction)
                )
        self._pending = []
        self._levels[0].append(sha256(reads.SerializeToString()).digest())
        level = 0
        while len(self._levels[level]) > self._degree:
            self._lift(level)
            level += 1

    def _lift(self, level: int) -> None:
        combined = sha256(b"".join(self._levels[level])).digest()
        self._levels[level] = []
        if level + 1 == len(self._levels):
            self._levels.append([])
        self._levels[level + 1].append(combined)

    def _complete(self) -> None:
        for level, hashes in enumerate(self._levels[:-1]):
            if len(hashes) == 1:
                # A lone hash moves up unchanged.
                self._levels[level] = []
                self._levels[level + 1].append(hashes[0])
            elif hashes:
                self._lift(level)
        if len(self._levels[-1]) > self._degree:
            self._lift(len(self._levels) - 1)
