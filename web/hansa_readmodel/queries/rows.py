"""Rows of the database as typed values."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_

T = TypeVar("T")


def one_of(kind: type[T], row: Row[*tuple[Any, ...]]) -> T:
    """A dataclass from a row with the same names."""
    return kind(**row._mapping)


def all_of(kind: type[T], connection: Connection, query: Select[Any]) -> list[T]:
    """Every row of a query as a dataclass with the same names."""
    return [one_of(kind, row) for row in connection.execute(query)]


def has(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column with ids or numbers contains ``text``, in large letters or small ones (A to Z)."""
    return column.icontains(text, autoescape=True)


def named(found_by: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    """Whether names contain ``words``, in whatever case; ``found_by`` as the fold makes it."""
    return found_by.contains(words.casefold(), autoescape=True)


def begins(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column begins with ``text``. Not by LIKE, which SQLite compares without regard to case."""
    return func.substr(column, 1, len(text), type_=column.type) == text


def below(account: ColumnElement[Any], msp_id: str) -> ColumnElement[bool]:
    """Whether an account is one that a member has beside its main account: ``MSP/name``."""
    # A range, for which the index serves; "0" follows "/".
    return and_(account > f"{msp_id}/", account < f"{msp_id}0")


def of_member(account: ColumnElement[Any], msp_id: str) -> ColumnElement[bool]:
    """Whether an account is a member's, the main one or another."""
    return or_(account == msp_id, below(account, msp_id))
