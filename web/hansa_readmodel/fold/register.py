"""How an event finds what it does to the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Table, insert, update

from hansa_domain import events as domain
from hansa_domain.goods.records import key_part
from hansa_domain.gs1 import normal_form
from hansa_readmodel import tables as t

EventType = TypeVar("EventType", bound=domain.Event)


@dataclass(frozen=True)
class Place:
    """Where an event stands on the ledger: block, transaction in it, event in that."""

    block: int
    position: int
    number: int


class UnknownEventError(Exception):
    """An event of a type this version has no fold for; the text is its name."""


Apply = Callable[[Connection, Any, Place], tuple[str, ...]]
_FOLD: dict[type[domain.Event], Apply] = {}


def on(
    kind: type[EventType],
) -> Callable[
    [Callable[[Connection, EventType, Place], tuple[str, ...]]],
    Callable[[Connection, EventType, Place], tuple[str, ...]],
]:
    """Registers the function below as what an event of this type does; it answers what the event is about."""

    def register(
        apply: Callable[[Connection, EventType, Place], tuple[str, ...]],
    ) -> Callable[[Connection, EventType, Place], tuple[str, ...]]:
        _FOLD[kind] = apply
        return apply

    return register


def apply_event(connection: Connection, event: domain.Event, place: Place) -> None:
    """Applies one event and keeps it in the history under everything it is about.

    Raises:
        UnknownEventError: this version does not know the type; the ledger is ahead of the program.
    """
    fold = _FOLD.get(type(event))
    if fold is None:
        raise UnknownEventError(type(event).__name__)
    subjects = fold(connection, event, place)
    body = msgspec.to_builtins(event)
    where = {"block": place.block, "position": place.position, "number": place.number}
    connection.execute(insert(t.history).values(**where, type=body["type"], body=body, at=body["at"]))
    if subjects:
        rows = [{"subject": subject, **where} for subject in dict.fromkeys(subjects)]
        connection.execute(insert(t.subjects), rows)


def known_types() -> frozenset[type[domain.Event]]:
    """The event types that the fold handles."""
    return frozenset(_FOLD)


def subject_of(epc: str) -> str:
    """Under what goods are indexed: one spelling for all, and never too long for an index."""
    return key_part(normal_form(epc))


def found_by(*names: str | None) -> str:
    """What a search by name compares with, in small letters; see ``queries.rows.named``."""
    return "\n".join(name for name in names if name is not None).casefold()


def put(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Inserts a row or replaces the one with that key; the same on every database."""
    condition = [table.c[name] == value for name, value in key.items()]
    changed = connection.execute(update(table).where(*condition).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(table).values(**key, **values))
