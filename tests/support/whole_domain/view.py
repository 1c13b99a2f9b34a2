"""The ledger as typed records, kept up with each transaction, for machines that draw from it and check it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from hansa_domain import catalogue
from hansa_domain.operation import Key, Record, decode_record


def record_kinds() -> dict[str, type[Record]]:
    """Every kind of record of the domain, by its noun."""
    assert catalogue.OPERATIONS, "the kinds are known once every noun's module is imported"
    return {
        kind.NOUN: kind
        for kind in _below(Record)
        if kind.__module__.startswith("hansa_domain.") and hasattr(kind, "NOUN")
    }


def _below(kind: type[Record]) -> Iterator[type[Record]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


class View:
    """Public state, decoded: records by noun and key."""

    def __init__(self) -> None:
        self.kinds = record_kinds()
        self.nouns: dict[str, dict[Key, Any]] = defaultdict(dict)

    def decode(self, key: Key, raw: bytes) -> Record:
        """The record under a key."""
        return decode_record(raw, self.kinds[key[0]])

    def keep(self, writes: Mapping[Key, bytes | None]) -> None:
        """Takes over what a transaction wrote."""
        for key, raw in writes.items():
            if raw is None:
                self.nouns[key[0]].pop(key, None)
            else:
                self.nouns[key[0]][key] = self.decode(key, raw)

    def get(self, *key: str) -> Any:
        """The record under a key, None where there is none."""
        return self.nouns[key[0]].get(key)

    def all(self, noun: str) -> list[Any]:
        """Every record of a noun, in the order in which their keys first came."""
        return list(self.nouns[noun].values())

    def about(self, identity: str) -> Iterator[Any]:
        """Every record whose key's second part is this."""
        for noun, records in self.nouns.items():
            if noun not in ("command", "owned"):
                yield from (record for key, record in records.items() if len(key) > 1 and key[1] == identity)
