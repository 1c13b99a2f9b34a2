"""Cuts the stream of ordered envelopes into batches, as Fabric's orderer does: by count and by bytes."""

from __future__ import annotations

from typing import Any

from hansa_devnode.config import BatchConfig


class BlockCutter:
    """Collects envelopes; says when a batch is full. Time is the orderer's business, not the cutter's.

    A message larger than the preferred size stands in a batch of its own.
    """

    def __init__(self, batch: BatchConfig) -> None:
        self._batch = batch
        self._pending: list[Any] = []
        self._bytes = 0

    def resize(self, batch: BatchConfig) -> None:
        """Other sizes from the next envelope on; what waits goes on waiting."""
        self._batch = batch

    @property
    def pending(self) -> int:
        """How many envelopes wait for their batch."""
        return len(self._pending)

    def ordered(self, envelope: Any) -> list[list[Any]]:
        """Takes the next common.Envelope in order; returns the batches it completes: none, one or two."""
        size = message_size(envelope)
        batches: list[list[Any]] = []
        if size > self._batch.preferred_max_bytes:
            if self._pending:
                batches.append(self.cut())
            batches.append([envelope])
            return batches
        if self._bytes + size > self._batch.preferred_max_bytes:
            batches.append(self.cut())
        self._pending.append(envelope)
        self._bytes += size
        if len(self._pending) >= self._batch.max_message_count:
            batches.append(self.cut())
        return batches

    def cut(self) -> list[Any]:
        """The pending batch, which may be empty; a new one begins."""
        batch, self._pending, self._bytes = self._pending, [], 0
        return batch


def message_size(envelope: Any) -> int:
    """Bytes of payload and signature: the size by which Fabric's orderer measures a message."""
    return len(envelope.payload) + len(envelope.signature)
