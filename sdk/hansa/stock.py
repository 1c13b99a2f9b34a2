"""Which buckets of stock an order takes from: chosen and reserved so that orders do not conflict."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hansa.errors import HansaError, OutcomeUnknownError, RefusedError, hint
from hansa.reservations import Part, Pool
from hansa.submission import Submitter
from hansa_domain.error_codes import Code
from hansa_domain.listings.commands import GetStock, StockReply
from hansa_domain.orders.order import Take

WAIT_SECONDS = 60.0


class Shelf:
    """The stock of listings, as far as this process may take from it.

    Args:
        submitter: for asking what there is.
        beside: another user's shelf, whose reservations count for this one too.
    """

    def __init__(self, submitter: Submitter, beside: Shelf | None = None) -> None:
        self._submitter = submitter
        self._pools: dict[str, Pool] = defaultdict(Pool) if beside is None else beside._pools
        self._lock: threading.Lock = threading.Lock() if beside is None else beside._lock

    @contextmanager
    def taking(self, listing: str, quantity: int) -> Iterator[list[Take]]:
        """Holds buckets with ``quantity`` units while an order for them is under way.

        Leaving without an error means the units are gone; with a refusal, that the buckets are as they were,
        unless the refusal is about them.

        Raises:
            RefusedError: the listing has not enough (STOCK_INSUFFICIENT).
        """
        with self._lock:
            pool = self._pools[listing]
        parts = pool.take(
            lambda free: _choose(free, quantity),
            lambda: self._load(listing),
            lambda total: _insufficient(listing, quantity, total),
            WAIT_SECONDS,
        )
        takes = _takes(parts, quantity)
        try:
            yield takes
        except BaseException as error:
            # Only the SDK's own errors say that nothing was written; an interrupt says nothing.
            unsure = not isinstance(error, HansaError) or isinstance(error, OutcomeUnknownError)
            if unsure or (isinstance(error, RefusedError) and error.code == Code.STOCK_INSUFFICIENT.value):
                pool.forget(parts)
            else:
                pool.give(parts, {part.id: part.amount for part in parts})
            raise
        taken = {f"{take.bucket:03d}": take.quantity for take in takes}
        pool.give(parts, {part.id: part.amount - taken[part.id] for part in parts})

    def _load(self, listing: str) -> dict[str, int]:
        reply = self._submitter.evaluate("listings:Stock", GetStock(listing=listing), StockReply)
        return {f"{stock.bucket:03d}": stock.quantity for stock in reply.buckets}


def _choose(free: Mapping[str, int], quantity: int) -> list[str] | None:
    """The fullest bucket, and more of them while it does not suffice; None where all together do not.

    The fullest first keeps buckets level, so that many orders in flight find one each.
    """
    chosen: list[str] = []
    total = 0
    for name, left in sorted(free.items(), key=lambda item: (-item[1], item[0])):
        chosen.append(name)
        total += left
        if total >= quantity:
            return chosen
    return None


def _takes(parts: list[Part], quantity: int) -> list[Take]:
    takes = []
    for part in parts:
        used = min(part.amount, quantity)
        quantity -= used
        takes.append(Take(bucket=int(part.id), quantity=used))
    return takes


def _insufficient(listing: str, quantity: int, total: int) -> RefusedError:
    code = Code.STOCK_INSUFFICIENT.value
    return RefusedError(
        code,
        f"Listing {listing} has {total} units left, and {quantity} are wanted.",
        hint(code),
        field="quantity",
    )
