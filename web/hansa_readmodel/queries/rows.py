"""Rows of the database as typed values."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select

T = TypeVar("T")


def one_of(kind: type[T], row: Row[*tuple[Any, ...]]) -> T:
    """A dataclass from a row with the same names."""
    return kind(**row._mapping)


def all_of(kind: type[T], connection: Connection, query: Select[Any]) -> list[T]:
    """Every row of a query as a dataclass with the same names."""
    return [one_of(kind, row) for row in connection.execute(query)]


def contains(text: str) -> str:
    """A LIKE pattern, escaped with a backslash, for rows that contain ``text``."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
