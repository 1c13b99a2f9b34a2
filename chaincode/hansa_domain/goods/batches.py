"""Cutting what a member sends into commands that one transaction carries; for the SDK."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hansa_domain.errors import Refusal
from hansa_domain.goods.capture import MAX_EVENTS, MAX_INDEX_ENTRIES
from hansa_domain.goods.epcis import EventSource, read_event

# Half of what a command may hold: escaping a text inside JSON makes it longer.
MAX_BATCH_CHARACTERS = 700_000


def batches(sources: Iterable[EventSource]) -> Iterator[list[EventSource]]:
    """Groups events, in order, so that each group fits into one ``goods:Capture``.

    An event too large for any command stands alone; capturing it is refused.
    """
    batch: list[EventSource] = []
    entries = characters = 0
    for source in sources:
        named, length = _named(source), len(source.event) + len(source.context)
        full = len(batch) == MAX_EVENTS or entries + named > MAX_INDEX_ENTRIES
        if batch and (full or characters + length > MAX_BATCH_CHARACTERS):
            yield batch
            batch, entries, characters = [], 0, 0
        batch.append(source)
        entries += named
        characters += length
    if batch:
        yield batch


def _named(source: EventSource) -> int:
    try:
        return len(read_event(source.event, source.context).named)
    except Refusal:
        # The ledger refuses it with its reason; it takes no place in any index.
        return 0
