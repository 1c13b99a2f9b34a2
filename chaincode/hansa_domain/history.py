"""What a record said before it was revised: each earlier version stays readable beside the present one."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, TypeVar

import msgspec

from hansa_domain.operation import Fetch, Key, Record, Records, canonical, decode_record
from hansa_domain.paging import scan_all

R = TypeVar("R", bound=Record)


class Superseded(Record, frozen=True, kw_only=True):
    """A version that another took the place of; key ``("superseded", *key of the record, "0001")``.

    ``document`` is the record as it stood. Written once, by whoever revised it.
    """

    NOUN: ClassVar[str] = "superseded"
    document: msgspec.Raw


def superseded_key(key: Key, version: int) -> Key:
    """Where version ``version`` of the record under ``key`` stands, once there is a later one."""
    return (Superseded.NOUN, *key, f"{version:04d}")


def superseded(key: Key, version: int, record: Record) -> dict[Key, Record | None]:
    """The write that keeps a record as it stood before it is revised."""
    return {superseded_key(key, version): Superseded(document=msgspec.Raw(canonical(record)))}


def earlier_versions(kind: type[R], *parts: str) -> Generator[Fetch, Records, list[R]]:
    """The superseded versions of a record, the oldest first; for queries only."""
    found = yield from scan_all((Superseded.NOUN, kind.NOUN, *parts))
    documents = [bytes(decode_record(value, Superseded).document) for _, value in found]
    return [decode_record(document, kind) for document in documents]
