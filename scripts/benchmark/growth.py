"""What a whole order costs when the ledger has a thousand orders, and when it has a hundred thousand.

The embedded engine's state is filled between two loads: every record of the first thousand orders is written
again under other ids, as often as it takes, while the network is down. Blocks and history stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich.console import Console

from benchmark.trade import Load, orders, parties_of
from hansa_cli.running import start
from hansa_devnode.ledger.store import Store
from hansa_network.network import Network

FEW, MANY = 1_000, 100_000
MEASURED = 100
IN_FLIGHT = 10

_ALPHABET = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(rb"(?<=MSP\.)([0-7])[0-9A-Z]{2}(?=[0-9A-HJKMNP-TV-Z]{23})")
"""The two characters of each id that tell copies of a record apart."""
_BATCH = 20_000


@dataclass(frozen=True)
class Grown:
    """A load on a ledger that has so many orders; ``cpu_ms`` of client and network for each."""

    orders: int
    keys: int
    count: int
    per_second: float
    p50_ms: float
    cpu_ms: float


def measure(target: Network, scale: float, console: Console) -> list[dict[str, object]]:
    """The same load at both sizes; ``scale`` is the part of the usual numbers."""
    few, many, count = (max(20, int(scale * number)) for number in (FEW, MANY, MEASURED))
    _load(target, few)  # the orders of which copies are made
    found = [_grown(few, _keys(target), _load(target, count))]
    target.down()
    _fill(target, many // few - 1)
    start(target)
    found.append(_grown(many, _keys(target), _load(target, count)))
    for one in found:
        console.print(f"{one.orders} orders on the ledger: {one.cpu_ms:.0f} ms of CPU for one more")
    return [asdict(one) for one in found]


def _load(target: Network, count: int) -> Load:
    parties = parties_of(target)
    try:
        return orders(parties, IN_FLIGHT, count)
    finally:
        parties.close()


def _grown(number: int, keys: int, load: Load) -> Grown:
    return Grown(number, keys, load.count, load.per_second, load.p50_ms, load.cpu_ms)


def _keys(target: Network) -> int:
    """How many keys the state has; the network is stopped for it and started again."""
    target.down()
    store = _store(target)
    try:
        with store.snapshot() as snapshot:
            found = sum(1 for _ in store.databases.state.scan(snapshot.transaction, b"", b"\xff"))
    finally:
        store.close()
    start(target)
    return found


def _fill(target: Network, copies: int) -> None:
    store = _store(target)
    try:
        with store.snapshot() as snapshot:
            records = list(store.databases.state.scan(snapshot.transaction, b"", b"\xff"))
        batch: list[tuple[bytes, bytes]] = []
        for pair in _copies(records, copies):
            batch.append(pair)
            if len(batch) == _BATCH:
                _write(store, batch)
                batch.clear()
        _write(store, batch)
    finally:
        store.close()


def _copies(records: list[tuple[bytes, bytes]], copies: int) -> Iterator[tuple[bytes, bytes]]:
    for copy in range(copies):
        high, low = divmod(copy, 32)
        mark = b"\\g<1>" + bytes((_ALPHABET[high], _ALPHABET[low]))
        for key, value in records:
            other, changed = _ID.subn(mark, key)
            if changed:
                yield other, _ID.sub(mark, value)


def _write(store: Store, batch: list[tuple[bytes, bytes]]) -> None:
    def put(transaction: object) -> None:
        for key, value in batch:
            store.databases.state.put(transaction, key, value)

    store.write(put)


def _store(target: Network) -> Store:
    """The ledger's store, which only one process may have open."""
    (folder,) = target.folder.root.rglob("channel/data.mdb")
    return Store(folder.parent)
