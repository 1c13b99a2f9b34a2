"""Cutting what a member sends into commands that one transaction carries; for the SDK."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hansa_domain.errors import Refusal
from hansa_domain.goods.capture import MAX_COMMAND_BYTES, MAX_EVENTS, MAX_INDEX_ENTRIES
from hansa_domain.goods.epcis import EventSource, read_event

# Leaves room for the rest of the command, and for another way of escaping the texts.
MAX_BATCH_BYTES = MAX_COMMAND_BYTES // 2


def batches(sources: Iterable[EventSource]) -> Iterator[list[EventSource]]:
    """Groups events, in order, so that each group fits into one ``goods:Capture``.

    An event too large for any command stands alone; capturing it is refused.
    """
    batch: list[EventSource] = []
    entries = size = 0
    for source in sources:
        named, length = _named(source), len(msgspec.json.encode(source))
        full = len(batch) == MAX_EVENTS or entries + named > MAX_INDEX_ENTRIES
        if batch and (full or size + length > MAX_BATCH_BYTES):
            yield batch
            batch, entries, size = [], 0, 0
        batch.append(source)
        entries += named
        size += length
    if batch:
        yield batch


def _named(source: EventSource) -> int:
    try:
        return len(read_event(source.event, source.context).named)
    except Refusal:
        # The ledger refuses it with its reason; it takes no place in any index.
        return 0
